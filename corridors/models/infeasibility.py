r"""Why not all that must be served can be, proved.

A demand may have no path at all, which a search tells. Otherwise something is too small: the prices :math:`\mu_r` of
the problem of the least unserved (`corridors.models.feasibility`) are the proof (Farkas 1902). Every tonne of demand
:math:`k` takes at least :math:`\text{dist}_k(A^\top \mu)` of the priced resources, so not all can be served if

.. math::

   \sum_k d_k\, \text{dist}_k(A^\top \mu) > b^\top \mu,

the metric inequality (Iri 1971; Onaga & Kakusho 1971). For one origin or one destination it comes down to an overfull
cut (`corridors.models.cuts`). Such a cut is looked for among the sets of nodes that the prices order by distance,
because a cut says more to people than weights do.

The solver only proposes the prices: both sides of either inequality are counted again from the problem alone.

=============================  ===============  ==========
symbol                         name             shape
=============================  ===============  ==========
:math:`\mu_r`                  ``weight``       (R,)
:math:`A_{rj}`                 ``usage_of``     (R, A)
:math:`b_r`                    ``capacity``     (R,)
:math:`d_k`                    ``amount``       (D,)
:math:`\text{dist}_k`          ``distance``     (N,)
=============================  ===============  ==========
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import relax
from corridors.models.cuts import ROUNDING, Cut, CutFinder
from corridors.models.feasibility import least_unserved, mandatory
from corridors.models.methods import METHODS, solve
from corridors.models.problem import FlowProblem
from corridors.models.slackness import FEASIBLE

__all__ = ["Infeasibility", "plainly_infeasible", "why_infeasible"]

_ENTRIES_AT_ONCE = 1 << 22  # of origins by nodes


@dataclass(frozen=True, eq=False)
class Infeasibility:
    """The proof that not all that must be served can be.

    Attributes
    ----------
    no_way
        The demands between whose ends no path leads, whatever the capacities.
    cut
        What is too small for the others, if anything is.
    """

    no_way: IntArray
    cut: Cut | None


def why_infeasible(problem: FlowProblem, method: str = METHODS[0]) -> Infeasibility | None:
    """Prove that some of what must be served cannot be; return None where no proof is found.

    Parameters
    ----------
    problem
        Demands with an infinite penalty must be served; others may stay unserved and do not count.
    method
        Solves the problem of the least unserved.

    Raises
    ------
    SolverError
        If the solver gives no answer.
    KeyboardInterrupt
        If the user interrupted the method before it had the proof.
    """
    must = mandatory(problem)
    no_way = _without_path(problem, np.flatnonzero(must))
    must[no_way] = False
    least = least_unserved(problem, must)
    cut = _overfull(least, method) if must.any() and problem.resource_count else None
    return Infeasibility(no_way, cut) if no_way.size or cut is not None else None


def plainly_infeasible(problem: FlowProblem) -> bool:
    """Tell without a solver whether more must start from or end at a single node than can."""
    cuts = CutFinder(least_unserved(problem, mandatory(problem)))
    return cuts.best(cuts.single_nodes()) is not None


def _without_path(problem: FlowProblem, demands: IntArray) -> IntArray:
    """Return those of the demands whose destination cannot be reached."""
    found = [np.empty(0, dtype=np.int64)]
    step = max(1, _ENTRIES_AT_ONCE // problem.node_count)
    for class_ in np.unique(problem.class_[demands]).tolist():
        mine = demands[problem.class_[demands] == class_]
        origins, row = np.unique(problem.origin[mine], return_inverse=True)
        for begin in range(0, origins.size, step):
            some = np.flatnonzero((row >= begin) & (row < begin + step))
            free = np.zeros(problem.arc_count)
            distance = shortest.distances(problem, class_, free, origins[begin : begin + step])
            reached = np.isfinite(distance[row[some] - begin, problem.destination[mine[some]]])
            found.append(mine[some[~reached]])
    return np.sort(np.concatenate(found))


def _overfull(least: FlowProblem, method: str) -> Cut | None:
    """Return what is too small: around one node, or else what the prices of the least unserved prove."""
    cuts = CutFinder(least)
    best = cuts.best(cuts.single_nodes())
    if best is not None:
        return cuts.cut(best)
    solution = solve(least, method)
    weight = np.maximum(solution.resource_price, 0)
    excess = relax(least, weight).value
    if not FEASIBLE * float(least.amount.sum()) < excess < np.inf:  # less may be missed by the last digits of a plan
        if solution.termination == "interrupted":
            raise KeyboardInterrupt
        return None
    most_unserved = np.argsort(-solution.unserved, kind="stable")
    best = cuts.best(cuts.level_sets(weight, most_unserved[solution.unserved[most_unserved] > 0]))
    if best is not None:
        component = cuts.best(cuts.components(best))
        return cuts.cut(best if component is None else component)
    largest = float(weight.max())
    capacity = float(least.capacity @ weight)
    return Cut(weight / largest, capacity / largest, (excess + capacity) / largest, _weighed(least, weight))


def _weighed(least: FlowProblem, weight: FloatArray) -> IntArray:
    """Return the demands whose every path takes some of a resource that has a weight."""
    found = [np.empty(0, dtype=np.int64)]
    for class_ in np.unique(least.class_[least.amount > 0]).tolist():
        mine = np.flatnonzero((least.class_ == class_) & (least.amount > 0))
        origins, row = np.unique(least.origin[mine], return_inverse=True)
        cost = least.usage_of(class_).T @ weight
        for number, origin in enumerate(origins.tolist()):
            some = mine[row == number]
            distance = shortest.distances(least, class_, cost, np.array([origin]))[0]
            found.append(some[distance[least.destination[some]] > ROUNDING * weight.max()])
    return np.sort(np.concatenate(found))
