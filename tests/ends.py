"""Between which ends freight over some arcs lies among all plans that cost the least."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from corridors.models import columns

if TYPE_CHECKING:
    from corridors.models.arrays import BoolArray, IntArray
    from corridors.models.problem import FlowProblem

NUDGE = 1e-3  # USD/t: too little to change what is cheapest, but among what costs alike
GAP = 1e-10  # to which each is solved: far less than what the nudge does to the cost


def ends(
    problem: FlowProblem, demands: BoolArray, arcs: BoolArray, counts: Callable[[IntArray], bool], nudge: float = NUDGE
) -> tuple[float, float]:
    """Return the least and the most of some freight that goes some way, Mt.

    Parameters
    ----------
    problem
        That is solved twice, with some arcs a little dearer and a little cheaper for this freight alone.
    demands
        Which freight, (D,).
    arcs
        Which, (A,): each path that goes this way has one of them and no other path has any; or the other way round.
    counts
        Whether the arcs of a path are this way.
    nudge
        USD/t; below 0 where it is the other paths that have these arcs.
    """
    own, classes = _in_classes_of_their_own(problem, demands)
    found = []
    for more in (nudge, -nudge):
        cost = own.cost.copy()
        cost[classes] = np.where(arcs, np.maximum(cost[classes] + more, 0.0), cost[classes])
        answer = columns.solve(replace(own, cost=cost), gap=GAP)
        paths = zip(answer.path_demand, answer.path_flow, answer.path_arcs, strict=True)
        found.append(sum(flow for demand, flow, path in paths if demands[demand] and counts(path)) / 1e6)
    return found[0], found[1]


def _in_classes_of_their_own(problem: FlowProblem, demands: BoolArray) -> tuple[FlowProblem, IntArray]:
    """Return the problem with copies of the classes of some demands, for these alone, and the numbers of the copies."""
    count, arcs = problem.cost.shape
    old, copy = np.unique(problem.class_[demands], return_inverse=True)
    class_ = problem.class_.copy()
    class_[demands] = count + copy
    usage = sparse.csc_array(problem.usage)
    same = np.concatenate([np.arange(one * arcs, (one + 1) * arcs) for one in old.tolist()])
    copied = replace(
        problem,
        cost=np.vstack([problem.cost, problem.cost[old]]),
        class_=class_,
        usage=sparse.csr_array(sparse.hstack([usage, usage[:, same]])),
        class_names=(),
    )
    return copied, count + np.arange(old.size)
