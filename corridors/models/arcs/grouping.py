"""Demands gathered by origin and class, and the arcs that are of any use to them.

All demands of a class from one origin can share one flow, which is what keeps the arc formulation small. And
a group needs few arcs: those that lie on a way from its origin to one of its destinations, and of these only
the ones whose cheapest way is not dearer than leaving the tonne unserved. Prices of resources only add to a
cost, so the arcs left out carry nothing in an optimum, and prices found without them are right with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

_ROUNDING = 1e-9  # keeps an arc whose way costs the same as leaving the tonne, but for the last digits


@dataclass(frozen=True, eq=False)
class Group:
    """The demands of a class from one origin.

    Attributes
    ----------
    origin, class_
        What they have in common.
    demands
        Their numbers, ascending; those of zero amount, and those from a node to itself, are in no group.
    arcs
        The arcs that may carry them, ascending.
    """

    origin: int
    class_: int
    demands: IntArray
    arcs: IntArray


def groups_of(problem: FlowProblem) -> tuple[Group, ...]:
    """Gather the demands of a problem, in the order of class and origin."""
    moving = np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))
    key = problem.class_[moving] * problem.node_count + problem.origin[moving]
    prices_only_add = problem.usage.nnz == 0 or bool(problem.usage.data.min() >= 0)
    groups = []
    for class_ in np.unique(problem.class_[moving]).tolist():
        origins = np.unique(problem.origin[moving][problem.class_[moving] == class_])
        from_origin = shortest.distances(problem, class_, problem.cost[class_], origins)
        for origin, distance in zip(origins.tolist(), from_origin, strict=True):
            demands = moving[key == class_ * problem.node_count + origin]
            limit = problem.penalty[demands] if prices_only_add else np.full(demands.size, np.inf)
            arcs = _useful_arcs(problem, class_, origin, distance, problem.destination[demands], limit)
            groups.append(Group(origin, class_, demands, arcs))
    return tuple(groups)


def _useful_arcs(
    problem: FlowProblem,
    class_: int,
    origin: int,
    distance: FloatArray,
    destinations: IntArray,
    limit: FloatArray,
) -> IntArray:
    """Give the arcs on a way to a destination that costs no more than its limit."""
    most = float(limit.max())
    fee = most - limit if np.isfinite(most) else None
    to_go = shortest.cost_to_go(problem, class_, destinations, fee)
    through = distance[problem.tail] + problem.cost[class_] + to_go[problem.head]
    useful = np.isfinite(through) & (through <= most * (1 + _ROUNDING))
    return np.flatnonzero(useful & (problem.head != origin) & (problem.tail != problem.head))
