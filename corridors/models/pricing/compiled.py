"""Cheapest paths for every demand of a large problem: compiled, and each tree no further than its demands need.

The same as `corridors.models.pricing.trees`, where a tree is searched again only if its potentials no longer hold or
its demands know no path as cheap as its bound. But a tree ends where its demands are served or nothing beyond can serve
them, and all nodes beyond have that distance as their potential; so what a tree takes hardly grows with the network.
Wide trees are also grown towards their ends, by what the way there costs at least: at the arcs' own costs, to which
prices only add, and known about half the way.
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.pricing import kernels
from corridors.models.pricing.kernels import Ends, Grown, Guides, Roots, Star
from corridors.models.pricing.trees import ROUNDING, Priced, Pricing
from corridors.models.problem import FlowProblem

_ENDS, _WIDE = 4, 100  # a tree of so few demands, and of so many nodes, is grown towards its ends
_GARBAGE = 2  # times what trees take: what their storage may grow to before it is tidied up


class Forest(Pricing):
    """The trees of one problem whose arcs never pay: `can_take` tells.

    Parameters
    ----------
    problem, demands, like
        As of `corridors.models.pricing.trees.Pricing`.
    """

    def _prepare(self) -> None:
        problem, trees = self._problem, self._tree_class.size
        self._order, self._star = _star(problem.tail, problem.head, problem.node_count)
        member = np.argsort(self._tree, kind="stable")
        self._member, self._tree_of = self._demands[member], self._tree[member]
        first = np.searchsorted(self._tree_of, np.arange(trees + 1))
        self._roots = Roots(self._tree_class, self._tree_origin, first)
        self._place, self._length = np.zeros((2, trees), dtype=np.int64)
        none = np.empty(0, dtype=np.int64)
        self._grown = Grown(none, none, np.empty(0), np.zeros(trees))
        self._reach = np.zeros(self._member.size)
        self._unguided()

    def _copy(self) -> None:
        if self._guide_cost is not None and (self._problem.cost < self._guide_cost).any():
            self._priced = None
            self._unguided()
        self._place, self._length, self._reach = self._place.copy(), self._length.copy(), self._reach.copy()
        self._grown = self._grown._replace(radius=self._grown.radius.copy())

    def price(self, price: FloatArray, known: FloatArray, tolerance: float) -> Priced:
        """Find the cheapest paths, as `Pricing.price` says."""
        cost = self._by_tails(self.arc_costs(price).reshape(self._problem.cost.shape), self._order)
        aim = known[self._member]
        wanted = aim - tolerance * (self._floor + np.where(np.isfinite(aim), aim, 0))
        again = self._stale(cost, wanted)
        ends = Ends(self._problem.destination[self._member], aim * (1 + ROUNDING), wanted)
        demand, step, grown = kernels.search(self._star, cost, self._roots, again, ends, self._guides, self._reach)
        self._keep(again, grown)
        self._priced = cost
        if self._guide_cost is None:
            self._guide()
        distance = np.full(known.size, np.inf)
        distance[self._member] = self._reach
        return Priced(distance, self._member[demand], self._order[step])

    def _stale(self, cost: FloatArray, wanted: FloatArray) -> IntArray:
        """Give the trees that must be searched at these costs, of arcs by tails."""
        if self._priced is None:
            return np.arange(self._tree_class.size)
        stale = np.zeros(self._tree_class.size, dtype=np.int64)
        stale[self._tree_of[self._reach < wanted]] = 1
        class_, arc = np.nonzero(cost < self._priced)
        begin = np.searchsorted(class_, np.arange(cost.shape[0] + 1))
        cheaper = Star(self._star.start, self._star.head[arc], self._star.tail[arc])
        kernels.lowered(
            begin, cheaper, cost[class_, arc], self._roots, self._place, self._length, self._grown, self._guides,
            ROUNDING, stale,
        )  # fmt: skip
        return np.flatnonzero(stale)

    def _keep(self, trees: IntArray, new: Grown) -> None:
        """Note what trees have become."""
        length = np.diff(new.end, prepend=0)
        self._place[trees] = self._grown.node.size + new.end - length
        self._length[trees] = length
        self._grown.radius[trees] = new.radius
        node, cost = np.concatenate((self._grown.node, new.node)), np.concatenate((self._grown.cost, new.cost))
        if node.size > _GARBAGE * self._length.sum():
            begin = np.cumsum(self._length) - self._length
            kept = np.arange(self._length.sum()) + np.repeat(self._place - begin, self._length)
            node, cost, self._place = node[kept], cost[kept], begin
        self._grown = self._grown._replace(node=node, cost=cost)

    def _unguided(self) -> None:
        self._guide_cost: FloatArray | None = None
        none = np.empty(0, dtype=np.int64)
        way = np.full(self._member.size, -1)
        self._guides = Guides(way, np.zeros(1, dtype=np.int64), none, np.empty(0), np.empty(0))

    def _guide(self) -> None:
        """Find what it costs at least to where the demands of wide trees with few ends go, on about half the way."""
        problem, nodes = self._problem, self._problem.node_count
        self._guide_cost = problem.cost
        wide = (np.diff(self._roots.first) <= _ENDS) & (self._length >= _WIDE)
        few = np.flatnonzero(wide[self._tree_of])
        demand = self._member[few]
        ends, which = np.unique(problem.class_[demand] * nodes + problem.destination[demand], return_inverse=True)
        most = np.ones(ends.size, dtype=np.int64)
        np.maximum.at(most, which, self._length[self._tree_of[few]])
        by_end = np.argsort(which, kind="stable")
        first = np.searchsorted(which[by_end], np.arange(ends.size + 1))
        order, back = _star(problem.head, problem.tail, nodes)
        cost, origin = self._by_tails(problem.cost, order), problem.origin[demand[by_end]]
        found = kernels.around(back, cost, ends // nodes, ends % nodes, first, origin, most)
        way = np.full(self._member.size, -1)
        way[few] = which
        self._guides = Guides(way, *found)

    @staticmethod
    def _by_tails(cost: FloatArray, order: IntArray) -> FloatArray:
        return np.ascontiguousarray(cost[:, order])  # of one class numpy may make another layout: compiled twice


def _star(tail: IntArray, head: IntArray, nodes: int) -> tuple[IntArray, Star]:
    """Give arcs by their tails, and their numbers in that order."""
    order = np.argsort(tail, kind="stable")
    return order, Star(np.searchsorted(tail[order], np.arange(nodes + 1)), head[order], tail[order])


def can_take(problem: FlowProblem) -> bool:
    """Tell whether no arc of a problem can ever cost less than 0."""
    least = min(problem.cost.min(initial=0), problem.usage.data.min() if problem.usage.nnz else 0)
    return bool(least >= 0)
