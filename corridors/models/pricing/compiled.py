"""Cheapest paths for every demand of a large problem: compiled, and each tree no larger than its demands need.

As in `corridors.models.pricing.trees`, a tree is grown again only if its potentials no longer hold or its demands know
no path as cheap as its bound. But a tree ends where its demands are served or nothing beyond can serve them, and all
nodes beyond have that distance as their potential; so what a tree takes hardly grows with the network. Large trees of
few demands are also grown towards their targets, by lower bounds on the distance that is left (A*): the distances at
the arcs' own costs, to which prices only add, known about half the way.
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.pricing import kernels
from corridors.models.pricing.base import ROUNDING, Priced, Pricing
from corridors.models.pricing.kernels import (
    CheaperArcs,
    ForwardStar,
    Heuristic,
    Searches,
    SearchTrees,
    Sources,
    Targets,
)
from corridors.models.problem import FlowProblem

_FEW, _WIDE = 4, 100  # a tree of so few targets, and of so many nodes, is grown towards its targets
_GARBAGE = 2  # times what trees take: what their storage may grow to before it is tidied up


class CompiledPricer(Pricing):
    """The trees of one problem whose arcs never have a negative cost: `can_take` tells.

    Parameters
    ----------
    problem, demands
        As of `corridors.models.pricing.base.Pricing`.
    like
        The trees of another problem, which are shared if they fit.
    """

    def __init__(self, problem: FlowProblem, demands: IntArray, like: Pricing | None = None) -> None:
        kept = like if isinstance(like, CompiledPricer) and like.fits(problem, demands) else None
        super().__init__(problem, demands, kept)
        self._heuristic_cost: FloatArray | None = None  # of the arcs, when the heuristic was made
        if kept is not None:
            self._share(kept)
            return
        index = self._index
        self._order, self._star = _forward_star(problem.tail, problem.head, problem.node_count)
        by_tree = np.argsort(index.tree, kind="stable")
        self._demand, self._tree = demands[by_tree], index.tree[by_tree]  # of each target, by trees
        first = np.searchsorted(self._tree, np.arange(index.size + 1))
        self._sources = Sources(index.class_, index.origin, first)
        self._trees = _no_trees(index.size)
        self._reach = np.zeros(self._demand.size)
        self._heuristic = self._no_heuristic()

    def _share(self, kept: CompiledPricer) -> None:
        """Share what another problem's trees are, with copies of what changes in place."""
        self._order, self._star, self._sources = kept._order, kept._star, kept._sources
        self._demand, self._tree = kept._demand, kept._tree
        begin, size, radius = kept._trees.begin.copy(), kept._trees.size.copy(), kept._trees.radius.copy()
        self._trees = kept._trees._replace(begin=begin, size=size, radius=radius)
        self._reach = kept._reach.copy()
        self._heuristic, self._heuristic_cost = kept._heuristic, kept._heuristic_cost
        if self._heuristic_cost is not None and (self._problem.cost < self._heuristic_cost).any():
            self._last_cost, self._heuristic_cost = None, None
            self._heuristic = self._no_heuristic()

    def price(self, price: FloatArray, known: FloatArray, tolerance: float) -> Priced:
        """Find the cheapest paths, as `Pricing.price` says."""
        cost = self._by_tails(self.arc_costs(price).reshape(self._problem.cost.shape), self._order)
        limit = known[self._demand]
        targets = Targets(
            self._problem.destination[self._demand], limit * (1 + ROUNDING), self._wanted(limit, tolerance)
        )
        stale = self._stale(cost, targets.wanted)
        searches = Searches(self._sources, targets, self._heuristic)
        steps, grown = kernels.search(self._star, cost, searches, stale, self._reach)
        self._keep(stale, grown)
        self._last_cost = cost
        if self._heuristic_cost is None:
            self._heuristic, self._heuristic_cost = self._make_heuristic(), self._problem.cost
        distance = np.full(known.size, np.inf)
        distance[self._demand] = self._reach
        return Priced(distance, self._demand[steps.target], self._order[steps.arc])

    def _stale(self, cost: FloatArray, wanted: FloatArray) -> IntArray:
        """Return the trees that must be grown again at these costs, of arcs by tails, (C, A)."""
        if self._last_cost is None:
            return np.arange(self._index.size)
        stale = np.zeros(self._index.size, dtype=np.int64)
        stale[self._tree[self._reach < wanted]] = 1
        class_, arc = np.nonzero(cost < self._last_cost)
        start = np.searchsorted(class_, np.arange(cost.shape[0] + 1))
        tail, head = self._star.tail[arc], self._star.head[arc]
        cheaper = CheaperArcs(start, tail, head, cost[class_, arc], self._problem.node_count)
        kernels.mark_stale(cheaper, self._sources, self._trees, self._heuristic, stale)
        return np.flatnonzero(stale)

    def _keep(self, which: IntArray, new: SearchTrees) -> None:
        """Put trees that were grown again in the places of what they were."""
        trees = self._trees
        trees.begin[which] = trees.node.size + new.begin
        trees.size[which] = new.size
        trees.radius[which] = new.radius
        node, distance = np.concatenate((trees.node, new.node)), np.concatenate((trees.distance, new.distance))
        begin = trees.begin
        if node.size > _GARBAGE * trees.size.sum():
            begin = np.cumsum(trees.size) - trees.size
            kept = np.arange(trees.size.sum()) + np.repeat(trees.begin - begin, trees.size)
            node, distance = node[kept], distance[kept]
        self._trees = trees._replace(begin=begin, node=node, distance=distance)

    def _no_heuristic(self) -> Heuristic:
        """Return the heuristic that knows nothing."""
        return Heuristic(np.full(self._demand.size, -1), _no_trees(0))

    def _make_heuristic(self) -> Heuristic:
        """Find lower bounds on the distances to the targets of large trees of few targets, about half the way."""
        problem, nodes = self._problem, self._problem.node_count
        wide = (np.diff(self._sources.first) <= _FEW) & (self._trees.size >= _WIDE)
        some = np.flatnonzero(wide[self._tree])
        demand = self._demand[some]
        ends, which = np.unique(problem.class_[demand] * nodes + problem.destination[demand], return_inverse=True)
        most = np.ones(ends.size, dtype=np.int64)
        np.maximum.at(most, which, self._trees.size[self._tree[some]])
        by_end = np.argsort(which, kind="stable")
        first = np.searchsorted(which[by_end], np.arange(ends.size + 1))
        order, backward = _forward_star(problem.head, problem.tail, nodes)
        cost, origin = self._by_tails(problem.cost, order), problem.origin[demand[by_end]]
        tree = np.full(self._demand.size, -1)
        tree[some] = which
        sources = Sources(ends // nodes, ends % nodes, first)
        return Heuristic(tree, kernels.grow_around(backward, cost, sources, origin, most))

    @staticmethod
    def _by_tails(cost: FloatArray, order: IntArray) -> FloatArray:
        return np.ascontiguousarray(cost[:, order])  # of one class numpy may make another layout: compiled twice


def _forward_star(tail: IntArray, head: IntArray, nodes: int) -> tuple[IntArray, ForwardStar]:
    """Sort arcs by their tails; return their numbers in that order, too."""
    order = np.argsort(tail, kind="stable")
    return order, ForwardStar(np.searchsorted(tail[order], np.arange(nodes + 1)), head[order], tail[order])


def _no_trees(count: int) -> SearchTrees:
    """Return so many trees without nodes."""
    begin, size = np.zeros((2, count), dtype=np.int64)
    return SearchTrees(begin, size, np.empty(0, dtype=np.int64), np.empty(0), np.zeros(count))


def can_take(problem: FlowProblem) -> bool:
    """Tell whether no arc of a problem can ever cost less than 0."""
    least = min(problem.cost.min(initial=0), problem.usage.data.min() if problem.usage.nnz else 0)
    return bool(least >= 0)
