r"""Whether all that must be served can be, proved, and what is in the way where it cannot.

A demand may have no way at all, which a search tells. Otherwise something is too small: the least that must be left
unserved is itself a flow problem, without costs and at a price of 1 for each unit left, and the prices of its
resources are the proof (Farkas 1902). With a weight :math:`\mu_r \ge 0` on each resource, every unit of demand
:math:`k` takes at least :math:`\text{dist}_k(A^\top \mu)` of what there is, so that nothing can be served in full if

.. math::

   \sum_k d_k\, \text{dist}_k(A^\top \mu) > b^\top \mu,

the metric inequality (Iri 1971; Onaga & Kakusho 1971). Of one origin or one destination it comes down to an overfull
cut: a set of nodes whose links out carry less than must leave it (Ford & Fulkerson 1956). Such a set is looked for
among those that the weights themselves order by distance, because a cut says more to people than weights do.

The solver only proposes the weights: both sides of either inequality are counted again here, from the problem alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import relax
from corridors.models.methods import METHODS, solve
from corridors.models.problem import FlowProblem
from corridors.models.slackness import FEASIBLE

__all__ = ["Cut", "Infeasibility", "plainly_infeasible", "why_infeasible"]

_ROUNDING = 1e-9  # relative: distances at weights that a solver made, which differ by less, are one
_ENDS, _LEVELS = 24, 16  # origins and destinations, and distances from each, among which cuts are looked for
_SINGLE = 500  # origins and destinations, the largest, around which a cut is looked for first
_ENTRIES_AT_ONCE = 1 << 22  # of origins by nodes

type BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Cut:
    """Resources that are too small together: at weights, demands need more of them than there is.

    Attributes
    ----------
    weight
        Of a unit of each resource, (R,), at least 0: what a unit of it lets pass of a cut; the largest is 1 otherwise.
    capacity, demand
        What there is of all of them and what is needed at least, both at these weights; the second is larger.
    demands
        The demands that need some of it.
    inside
        The nodes of a set that all these demands must leave, (N,); then `demand` is their sum, and the resources
        are those of the arcs that lead out of it. None where only weights prove it.
    """

    weight: FloatArray
    capacity: float
    demand: float
    demands: IntArray
    inside: NDArray[np.bool_] | None = None

    @property
    def resources(self) -> IntArray:
        """The resources that count."""
        return np.flatnonzero(self.weight > 0)


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
    """Prove that some of what must be served cannot be, or give None where no proof is found.

    Parameters
    ----------
    problem
        Demands with an infinite penalty must be served; others may be left and do not count.
    method
        Solves the problem of the least that must be left.

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    must = _must(problem)
    no_way = _without_way(problem, np.flatnonzero(must))
    must[no_way] = False
    left = _least_left(problem, must)
    cut = _overfull(left, method) if (left.amount > 0).any() and problem.resource_count else None
    return Infeasibility(no_way, cut) if no_way.size or cut is not None else None


def plainly_infeasible(problem: FlowProblem) -> bool:
    """Tell at a glance, without a solver, whether more must begin or end at a single node than can."""
    cuts = _Cuts(_least_left(problem, _must(problem)))
    return cuts.best(cuts.single()) is not None


def _must(problem: FlowProblem) -> BoolArray:
    """Tell which demands must be served and go anywhere, (D,)."""
    must: BoolArray = np.isinf(problem.penalty) & (problem.amount > 0) & (problem.origin != problem.destination)
    return must


def _least_left(problem: FlowProblem, demands: BoolArray) -> FlowProblem:
    """Pose the problem of the least that must be left of some demands, (D,)."""
    return replace(
        problem,
        cost=np.where(np.isfinite(problem.cost), 0.0, np.inf),
        amount=np.where(demands, problem.amount, 0.0),
        penalty=np.ones(problem.demand_count),
    )


def _without_way(problem: FlowProblem, demands: IntArray) -> IntArray:
    """Give those of the demands whose destination cannot be reached."""
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


def _overfull(left: FlowProblem, method: str) -> Cut | None:
    """Give what is too small: around one node, or else what the prices of the least that must be left prove."""
    cuts = _Cuts(left)
    best = cuts.best(cuts.single())
    if best is not None:
        return cuts.cut(best)
    solution = solve(left, method)
    weight = np.maximum(solution.resource_price, 0)
    excess = relax(left, weight).value
    if not FEASIBLE * float(left.amount.sum()) < excess < np.inf:  # less may be missed by the last digits of a plan
        if solution.termination == "interrupted":
            raise KeyboardInterrupt  # which the method answered with the best that it had
        return None
    served_less = np.argsort(-solution.unserved, kind="stable")
    best = cuts.best(_levels(left, weight, served_less[solution.unserved[served_less] > 0]))
    if best is not None:
        part = cuts.best(_parts(left, best))
        return cuts.cut(best if part is None else part)
    most = float(weight.max())
    capacity = float(left.capacity @ weight)
    return Cut(weight / most, capacity / most, (excess + capacity) / most, _weighed(left, weight))


def _weighed(left: FlowProblem, weight: FloatArray) -> IntArray:
    """Give the demands whose every path takes something that has a weight."""
    found = [np.empty(0, dtype=np.int64)]
    for class_ in np.unique(left.class_[left.amount > 0]).tolist():
        mine = np.flatnonzero((left.class_ == class_) & (left.amount > 0))
        origins, row = np.unique(left.origin[mine], return_inverse=True)
        cost = left.usage_of(class_).T @ weight
        for number, origin in enumerate(origins.tolist()):
            some = mine[row == number]
            distance = shortest.distances(left, class_, cost, np.array([origin]))[0]
            found.append(some[distance[left.destination[some]] > _ROUNDING * weight.max()])
    return np.sort(np.concatenate(found))


def _levels(left: FlowProblem, weight: FloatArray, demands: IntArray) -> Iterator[BoolArray]:
    """Give the sets of nodes within a distance of an origin, or beyond one of a destination, at the weights."""
    turned = replace(left, tail=left.head, head=left.tail)
    for problem, ends, around in ((left, left.origin, True), (turned, left.destination, False)):
        pairs = dict.fromkeys(zip(left.class_[demands].tolist(), ends[demands].tolist(), strict=True))
        for class_, node in list(pairs)[:_ENDS]:
            cost = left.usage_of(class_).T @ weight
            if not (cost >= 0).all():
                return
            distance = shortest.distances(problem, class_, cost, np.array([node]))[0]
            near = np.unique(np.round(distance[distance < 1 - _ROUNDING], 9))
            for level in near[np.linspace(0, near.size - 1, min(near.size, _LEVELS)).astype(int)].tolist():
                within = distance <= level + _ROUNDING
                yield within if around else ~within
            alone = np.arange(left.node_count) == node
            yield alone if around else ~alone


def _parts(left: FlowProblem, inside: BoolArray) -> Iterator[BoolArray]:
    """Give the connected parts of either side of a cut, each as a side of its own."""
    for side in (inside, ~inside):
        within = side[left.tail] & side[left.head]
        ends = left.tail[within], left.head[within]
        graph = sparse.coo_array((np.ones(ends[0].size), ends), shape=(left.node_count,) * 2)
        part = csgraph.connected_components(graph, directed=False)[1]
        crossing = inside[left.origin] & ~inside[left.destination] & (left.amount > 0)
        ends_of = left.origin if side is inside else left.destination
        for number in np.unique(part[ends_of[crossing]])[:_ENDS].tolist():
            yield (part == number) if side is inside else (part != number)


class _Cuts:
    """Counts what must cross out of a set of nodes, and what can."""

    def __init__(self, left: FlowProblem) -> None:
        self._left = left
        usage = sparse.csc_array(left.usage)
        below = np.unique(usage.indices[usage.data < 0])  # what gives some back elsewhere bounds no crossing
        sound = ~np.isin(usage.indices, below) & (usage.data > 0)
        per_unit = np.full(usage.indices.size, np.inf)
        per_unit[sound] = left.capacity[usage.indices[sound]] / usage.data[sound]
        column = np.repeat(np.arange(usage.shape[1]), np.diff(usage.indptr))
        order = np.lexsort((per_unit, column))
        order = order[np.isfinite(per_unit[order])]
        columns, first = np.unique(column[order], return_index=True)
        # of each class and arc: the resource that lets least pass, and what a unit takes of it
        self._resource = np.full(usage.shape[1], -1, dtype=np.int64)
        self._resource[columns] = usage.indices[order[first]]
        self._taken = np.ones(usage.shape[1])
        self._taken[columns] = usage.data[order[first]]
        self._most = np.full(usage.shape[1], np.inf)
        self._most[columns] = per_unit[order[first]]

    def single(self) -> Iterator[BoolArray]:
        """Give the origins by themselves, and all nodes but a destination, about which more is asked than can be."""
        left = self._left
        going = left.amount > 0
        node = np.arange(left.node_count)
        most = self._most.reshape(left.cost.shape)
        classes = np.unique(left.class_[going])
        passes = np.where(np.isfinite(left.cost[classes]), most[classes], 0).max(axis=0, initial=0)
        passes[left.tail == left.head] = 0
        for ends, sides, around in ((left.origin, left.tail, True), (left.destination, left.head, False)):
            asked = np.bincount(ends[going], left.amount[going], node.size)
            can = np.bincount(sides, passes, node.size)
            short = np.flatnonzero(asked > can)
            yield from ((node == one) == around for one in short[np.argsort(can[short], kind="stable")][:_SINGLE])

    def best(self, sets: Iterator[BoolArray]) -> BoolArray | None:
        """Give the overfull set with the fewest resources, and of those the most overfull; None if none is."""
        found = None
        least = (np.inf, 0.0)
        for inside in sets:
            cut = self.cut(inside)
            if cut is not None and (rank := (cut.resources.size, cut.capacity - cut.demand)) < least:
                found, least = inside, rank
        return found

    def cut(self, inside: BoolArray) -> Cut | None:
        """Count both sides of the cut out of a set of nodes; None unless more must cross than can."""
        left = self._left
        demands = np.flatnonzero(inside[left.origin] & ~inside[left.destination] & (left.amount > 0))
        demand = float(left.amount[demands].sum())
        out = inside[left.tail] & ~inside[left.head]
        columns = np.concatenate([
            np.empty(0, dtype=np.int64),
            *(class_ * left.arc_count + np.flatnonzero(out & np.isfinite(left.cost[class_]))
              for class_ in np.unique(left.class_[demands]).tolist()),
        ])  # fmt: skip
        resource = self._resource[columns]
        if (resource < 0).any():  # an arc without a limit
            return None
        weight = np.zeros(left.resource_count)
        np.maximum.at(weight, resource, 1 / self._taken[columns])
        capacity = float(left.capacity @ weight)
        if not demand - capacity > FEASIBLE * demand:
            return None
        return Cut(weight, capacity, demand, demands, inside)
