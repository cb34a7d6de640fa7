"""The arcs of a path by its steps, as routes.csv has them: rows of links.csv, terminals.csv and borders.csv."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from corridors.models.arrays import IntArray

if TYPE_CHECKING:
    from corridors.planning.freight import Freight

type Walk = Callable[[int, Sequence[str]], IntArray | None]


def walks(freight: Freight) -> Walk:
    """Return a function that gives the arcs of a demand's path by its steps, or None where they lead nowhere."""
    problem, arcs = freight.problem, freight.network.arcs
    beyond: dict[tuple[int, str], list[int]] = {}
    for number, leaving in enumerate(zip(arcs.tail.tolist(), arcs.id.tolist(), strict=True)):
        beyond.setdefault(leaving, []).append(number)

    closed = ~np.isfinite(problem.cost)
    heads = arcs.head.tolist()

    def walk(demand: int, steps: Sequence[str]) -> IntArray | None:
        # one row of the data may stand for several arcs out of a vertex, such as loading onto either gauge: of all that
        # the steps can mean the first that leads to the destination, by search in depth; what leads nowhere is known
        shut, destination = closed[problem.class_[demand]], int(problem.destination[demand])
        nowhere: set[tuple[int, int]] = set()
        vertices, path = [int(problem.origin[demand])], [-1]
        while vertices:
            place, vertex = len(vertices) - 1, vertices[-1]
            if place == len(steps):
                if vertex == destination:
                    return np.array(path[1:], dtype=np.int64)
                after = None
            else:
                after = next(
                    (
                        number
                        for number in beyond.get((vertex, steps[place]), ())
                        if (place + 1, heads[number]) not in nowhere and not shut[number]
                    ),
                    None,
                )
            if after is None:
                nowhere.add((place, vertex))
                vertices.pop()
                path.pop()
            else:
                vertices.append(heads[after])
                path.append(after)
        return None

    return walk
