"""The arcs of a path by its steps, as routes.csv has them: rows of links.csv, terminals.csv and borders.csv."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from corridors.models.arrays import BoolArray, IntArray

if TYPE_CHECKING:
    from corridors.models.paths import PathSet
    from corridors.planning.freight import Freight

type Walk = Callable[[int, Sequence[str]], IntArray | None]


def walks(freight: Freight) -> Walk:
    """Return a function that gives the arcs of a demand's path by its steps, or None where they lead nowhere."""
    problem, arcs = freight.problem, freight.network.arcs
    beyond: dict[tuple[int, str], list[int]] = {}
    for number, leaving in enumerate(zip(arcs.tail.tolist(), arcs.id.tolist(), strict=True)):
        beyond.setdefault(leaving, []).append(number)

    closed: dict[int, list[bool]] = {}  # of each class that is asked for
    heads = arcs.head.tolist()

    def walk(demand: int, steps: Sequence[str]) -> IntArray | None:
        # one row of the data may stand for several arcs out of a vertex, such as loading onto either gauge: of all that
        # the steps can mean the first that leads to the destination, by search in depth; what leads nowhere is known
        class_, destination = int(problem.class_[demand]), int(problem.destination[demand])
        if class_ not in closed:
            closed[class_] = (~np.isfinite(problem.cost[class_])).tolist()
        shut = closed[class_]
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


def read_alike(freight: Freight, routes: PathSet) -> BoolArray:
    """Tell of which routes it is plain that a walk by their steps takes their own arcs, (P,); others may do so, too.

    Each of their arcs is the first open one of its name out of its vertex, so that no search is needed.
    """
    problem, arcs = freight.problem, freight.network.arcs
    _, number = np.unique(arcs.id, return_inverse=True)
    leaving = arcs.tail.astype(np.int64) * len(arcs) + number
    first = np.zeros(problem.cost.shape, dtype=np.bool_)
    for class_, cost in enumerate(problem.cost):
        open_ = np.flatnonzero(np.isfinite(cost))
        first[class_, open_[np.unique(leaving[open_], return_index=True)[1]]] = True
    alike = np.ones(routes.size, dtype=np.bool_)
    steps = routes.steps(problem.class_[routes.demand], problem.arc_count)
    alike[routes.path[~first.ravel()[steps]]] = False
    return alike
