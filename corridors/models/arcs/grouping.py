"""Demands gathered by origin and class, and the arcs that each group can use.

All demands of a class from one origin can share one flow, which keeps the arc formulation small. And a group needs few
arcs: those on a path from its origin to one of its destinations, and of these only the ones whose cheapest path costs
no more than leaving the tonne unserved. Prices of resources only add to a cost, so the arcs left out carry nothing in
an optimum, and prices found without them are right with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

_ROUNDING = 1e-9  # keeps an arc whose path costs the same as leaving the tonne, but for the last digits


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
    most = problem.penalty if prices_only_add else np.full(problem.demand_count, np.inf)
    groups = []
    for class_ in np.unique(problem.class_[moving]).tolist():
        origins = np.unique(problem.origin[moving][problem.class_[moving] == class_])
        from_origin = shortest.distances(problem, class_, problem.cost[class_], origins)
        for origin, distance in zip(origins.tolist(), from_origin, strict=True):
            demands = moving[key == class_ * problem.node_count + origin]
            groups.append(Group(origin, class_, demands, _useful_arcs(problem, demands, most[demands], distance)))
    return tuple(groups)


def _useful_arcs(problem: FlowProblem, demands: IntArray, limit: FloatArray, distance: FloatArray) -> IntArray:
    """Return the arcs that demands of one class and origin can use.

    An arc (i, j) is of use to a demand if the cheapest path through it costs no more than its limit,
    ``distance[i] + cost + to_go[j] <= limit``. One search finds the arcs for all the demands: ending at a destination
    costs a fee, by which its limit is below the highest.

    Parameters
    ----------
    problem, demands
        Whose arcs and demands.
    limit
        What a path of each demand may cost, (K,).
    distance
        Of each node from the origin, (N,).
    """
    class_, origin = int(problem.class_[demands[0]]), int(problem.origin[demands[0]])
    most = float(limit.max())
    fee = most - limit if np.isfinite(most) else None
    to_go = shortest.cost_to_go(problem, class_, problem.destination[demands], fee)
    through = distance[problem.tail] + problem.cost[class_] + to_go[problem.head]
    useful = np.isfinite(through) & (through <= most * (1 + _ROUNDING))
    return np.flatnonzero(useful & (problem.head != origin) & (problem.tail != problem.head))
