"""The arcs of a path by its steps, as routes.csv has them: rows of links.csv, terminals.csv and borders.csv."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.planning.freight import Freight

type Walk = Callable[[int, Sequence[str]], NDArray[np.int64] | None]


def walks(freight: Freight) -> Walk:
    """Return a function that gives the arcs of a demand's path by its steps, or None where they lead nowhere."""
    problem, arcs = freight.problem, freight.network.arcs
    beyond: dict[tuple[int, str], list[int]] = {}
    for number, leaving in enumerate(zip(arcs.tail.tolist(), arcs.id.tolist(), strict=True)):
        beyond.setdefault(leaving, []).append(number)

    def walk(demand: int, steps: Sequence[str]) -> NDArray[np.int64] | None:
        # all vertices that the steps so far can lead to, each with the arc that leads there: one row of the data may
        # stand for several arcs out of a vertex, such as loading onto either gauge
        open_ = np.isfinite(problem.cost[problem.class_[demand]])
        reached: list[dict[int, int]] = [{int(problem.origin[demand]): -1}]
        for step in steps:
            after: dict[int, int] = {}
            for vertex in reached[-1]:
                for number in beyond.get((vertex, step), ()):
                    if open_[number]:
                        after.setdefault(int(arcs.head[number]), number)
            reached.append(after)
        vertex, path = int(problem.destination[demand]), []
        for after in reversed(reached[1:]):
            if vertex not in after:
                return None
            path.append(after[vertex])
            vertex = int(arcs.tail[after[vertex]])
        return np.array(path[::-1], dtype=np.int64)

    return walk
