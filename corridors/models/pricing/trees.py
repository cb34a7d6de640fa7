"""Cheapest paths for every demand at given prices, by trees that are grown again only where they can have changed.

Each tree is grown by Dijkstra's (1959) method in `scipy.sparse.csgraph`. Its distances are potentials that no arc can
lower, and they stay lower bounds while this holds (Bellman 1958). So after a change of prices or a closure a tree is
stale, and grown again, only if an arc that became cheaper would lower a potential, or if a demand knows no path as
cheap as its potential. Arcs of negative cost, which a negative usage of a resource makes, are searched by Bellman and
Ford's method, and a cycle of negative cost is handed back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.pricing.base import ROUNDING, Priced, Pricing, TreeIndex
from corridors.models.pricing.negative import bellman_ford
from corridors.models.problem import FlowProblem

_APART, _TOGETHER = 3, 32  # searches of a class: at most so many more than one, and of so many trees
_ENTRIES_AT_ONCE = 1 << 22  # of trees by nodes: keeps large instances in memory


@dataclass(frozen=True, eq=False)
class ArcPairs:
    """The arcs of a problem by the pairs of nodes that they join, Q pairs in all.

    Attributes
    ----------
    order
        The arcs in the order of their pairs, (A,).
    pair, first, count
        Of each pair: tail times N plus head, its first arc in that order, and how many arcs join it, (Q,).
    of_arc
        The pair of each arc in that order, (A,).
    nodes, arcs
        N and A.
    """

    order: IntArray
    pair: IntArray
    first: IntArray
    count: IntArray
    of_arc: IntArray
    nodes: int
    arcs: int

    @classmethod
    def of(cls, problem: FlowProblem) -> ArcPairs:
        """Sort the arcs of a problem."""
        nodes, arcs = problem.node_count, problem.arc_count
        pair = problem.tail * nodes + problem.head
        order = np.argsort(pair, kind="stable")
        pairs, first = np.unique(pair[order], return_index=True)
        count = np.diff(np.append(first, arcs))
        return cls(order, pairs, first, count, np.repeat(np.arange(pairs.size), count), nodes, arcs)

    @property
    def parallel(self) -> bool:
        """Whether some arcs join the same pair."""
        return self.pair.size < self.arcs

    def least(self, cost: FloatArray) -> FloatArray:
        """Return the least cost of each pair, (Q,), of costs of all arcs, (A,)."""
        ordered = cost[self.order]
        least: FloatArray = np.minimum.reduceat(ordered, self.first) if self.parallel else ordered
        return least

    def cheapest(self, cost: FloatArray, class_: IntArray, tail: IntArray, head: IntArray) -> IntArray:
        """Return the cheapest arcs of classes from tails to heads, at costs of all classes and arcs, (C * A,)."""
        place = self.first[np.searchsorted(self.pair, tail * self.nodes + head)]
        arc: IntArray = self.order[place]
        if not self.parallel:
            return arc
        begin, more = class_ * self.arcs, np.arange(place.size)
        for other in range(1, int(self.count.max())):
            more = more[self.count[self.of_arc[place[more]]] > other]
            rival = self.order[place[more] + other]
            cheaper = cost[begin[more] + rival] < cost[begin[more] + arc[more]]
            arc[more[cheaper]] = rival[cheaper]
        return arc


@dataclass(frozen=True, eq=False)
class ClassGraph:
    """The graph of one class: the pairs of nodes that it can go between, and their sparse matrix, (N, N).

    The costs in the matrix are those of the last search, and are set before each.
    """

    class_: int
    pairs: IntArray
    matrix: UsageArray

    @classmethod
    def of(cls, arcs: ArcPairs, index: TreeIndex, class_: int) -> ClassGraph:
        """Build the graph of a class, without costs."""
        open_ = index.open[class_, arcs.order]
        pairs = np.flatnonzero(np.logical_or.reduceat(open_, arcs.first) if open_.size else open_)
        tails, heads = arcs.pair[pairs] // arcs.nodes, arcs.pair[pairs] % arcs.nodes
        starts = np.searchsorted(tails, np.arange(arcs.nodes + 1)).astype(np.int32)
        entries = np.zeros(pairs.size), heads.astype(np.int32), starts
        return cls(class_, pairs, sparse.csr_array(entries, shape=(arcs.nodes, arcs.nodes)))


@dataclass(frozen=True, eq=False)
class _Grown:
    """Some trees: the distance of each node, and the node before it, negative for none, (trees, N)."""

    distance: FloatArray
    previous: NDArray[np.int32]

    @classmethod
    def empty(cls, trees: int, nodes: int) -> _Grown:
        return cls(np.empty((trees, nodes)), np.empty((trees, nodes), dtype=np.int32))


class Pricer(Pricing):
    """The trees of any problem, by scipy.

    Parameters
    ----------
    problem, demands
        As of `corridors.models.pricing.base.Pricing`.
    like
        The trees of another problem, which are shared if they fit.
    """

    def __init__(self, problem: FlowProblem, demands: IntArray, like: Pricing | None = None) -> None:
        kept = like if isinstance(like, Pricer) and like.fits(problem, demands) else None
        super().__init__(problem, demands, kept)
        self._arcs: ArcPairs
        self._graphs: list[ClassGraph]
        self._potential: FloatArray  # of all nodes in each tree, (T, N); empty if that is too much to keep
        if kept is not None:
            self._arcs, self._graphs, self._potential = kept._arcs, kept._graphs, kept._potential.copy()
            return
        self._arcs = ArcPairs.of(problem)
        self._graphs = [ClassGraph.of(self._arcs, self._index, int(c)) for c in np.unique(self._index.class_)]
        keep = self._index.size * problem.node_count <= _ENTRIES_AT_ONCE
        self._potential = np.zeros((self._index.size, problem.node_count)) if keep else np.empty((0, 0))

    def potentials(self, class_: int, origins: IntArray) -> FloatArray | None:
        """Return the trees of some origins, as `Pricing.potentials` says."""
        if not self._potential.size or self._last_cost is None:
            return None
        key = self._index.class_ * self._problem.node_count + self._index.origin
        wanted = class_ * self._problem.node_count + origins
        row = np.minimum(np.searchsorted(key, wanted), key.size - 1)
        return self._potential[row] if (key[row] == wanted).all() else None

    def price(self, price: FloatArray, known: FloatArray, tolerance: float) -> Priced:
        """Find the cheapest paths, as `Pricing.price` says."""
        cost = self.arc_costs(price)
        stale = self._stale(cost, self._wanted(known[self._index.demands], tolerance))
        distance = np.full(known.size, np.inf)
        if self._potential.size:
            distance[self._index.demands] = self._kept_distance()
        none = np.empty(0, dtype=np.int64)
        owners, arcs = [none], [none]
        step = max(1, _ENTRIES_AT_ONCE // self._problem.node_count)
        for begin in range(0, stale.size, step):
            trees = stale[begin : begin + step]
            mine = np.flatnonzero(np.isin(self._index.tree, trees))
            demands, row = self._index.demands[mine], np.searchsorted(trees, self._index.tree[mine])
            limit = np.zeros(trees.size)  # how far each tree must be grown
            np.maximum.at(limit, row, known[demands] * (1 + ROUNDING))
            grown = self._grow(cost, trees, limit)
            if isinstance(grown, tuple):
                self._last_cost = None
                return Priced(np.full(known.size, -np.inf), none, none, grown)
            if self._potential.size:
                self._potential[trees] = grown.distance
            ends = self._problem.destination[demands]
            distance[demands] = grown.distance[row, ends]
            found = (grown.previous[row, ends] >= 0) & np.isfinite(distance[demands])
            owner, arc = self._trace(cost, demands[found], row[found], grown.previous)
            owners.append(owner)
            arcs.append(arc)
        if self._potential.size:
            self._last_cost = cost
        return Priced(distance, np.concatenate(owners), np.concatenate(arcs))

    def _kept_distance(self) -> FloatArray:
        """Return the potential of the destination of each demand, (K,)."""
        distance: FloatArray = self._potential[self._index.tree, self._problem.destination[self._index.demands]]
        return distance

    def _stale(self, cost: FloatArray, wanted: FloatArray) -> IntArray:
        """Return the trees that must be grown again at these costs, (C * A,).

        Those are the trees of demands whose potential is below what a path may cost to be wanted, (K,), and those with
        a potential that an arc which became cheaper can lower.
        """
        index, arcs = self._index, self._problem.arc_count
        if self._last_cost is None or not self._potential.size:
            return np.arange(index.size)
        stale = np.zeros(index.size, dtype=bool)
        stale[index.tree[self._kept_distance() < wanted]] = True
        cheaper = np.flatnonzero(cost < self._last_cost)
        classes = np.array([graph.class_ for graph in self._graphs], dtype=np.int64)
        starts = np.searchsorted(cheaper, classes * arcs)
        ends = np.searchsorted(cheaper, (classes + 1) * arcs)
        for class_, start, end in zip(classes.tolist(), starts.tolist(), ends.tolist(), strict=True):
            rows = np.flatnonzero((index.class_ == class_) & ~stale)
            if start == end or not rows.size:
                continue
            arc = cheaper[start:end] - class_ * arcs
            tail = self._potential[np.ix_(rows, self._problem.tail[arc])]
            head = self._potential[np.ix_(rows, self._problem.head[arc])]
            lower = tail + cost[class_ * arcs + arc] < head * (1 - ROUNDING)
            stale[rows[lower.any(axis=1)]] = True
        return np.flatnonzero(stale)

    def _grow(self, cost: FloatArray, trees: IntArray, limit: FloatArray) -> _Grown | tuple[int, ...]:
        """Grow some trees at costs, (C * A,), each as far as its limit; or return a cycle of negative cost."""
        arcs, origin = self._problem.arc_count, self._index.origin[trees]
        grown = _Grown.empty(trees.size, self._problem.node_count)
        for graph in self._graphs:
            rows = np.flatnonzero(self._index.class_[trees] == graph.class_)
            if not rows.size:
                continue
            own = cost[graph.class_ * arcs : (graph.class_ + 1) * arcs]
            graph.matrix.data = self._arcs.least(own)[graph.pairs]
            if graph.matrix.data.min(initial=0) >= 0:
                _dijkstra(graph.matrix, origin, limit, rows, grown)
                continue
            found = bellman_ford(graph.matrix, origin[rows])
            if isinstance(found, list):
                tail, head = np.array(found, dtype=np.int64).T
                cycle = self._arcs.cheapest(cost, np.full(tail.size, graph.class_), tail, head)
                return (graph.class_, *cycle.tolist())
            grown.distance[rows], grown.previous[rows] = found
        return grown

    def _trace(
        self, cost: FloatArray, demands: IntArray, row: IntArray, previous: NDArray[np.int32]
    ) -> tuple[IntArray, IntArray]:
        """Go back from the destinations of demands to their origins, all at once: demand and arc of every step.

        Parameters
        ----------
        cost
            Of all classes and arcs, (C * A,).
        demands, row
            Whose paths, and the tree of each among those grown.
        previous
            The node before each on the path to it, (trees, N).
        """
        problem = self._problem
        none = np.empty(0, dtype=np.int64)
        owners, tails, heads = [none], [none], [none]
        here, origin = problem.destination[demands], problem.origin[demands]
        while demands.size:
            before = previous[row, here].astype(np.int64)
            owners.append(demands)
            tails.append(before)
            heads.append(here)
            on = before != origin
            demands, row, here, origin = demands[on], row[on], before[on], origin[on]
        owner, tail, head = np.concatenate(owners), np.concatenate(tails), np.concatenate(heads)
        return owner, self._arcs.cheapest(cost, problem.class_[owner], tail, head) if owner.size else none


def _dijkstra(graph: UsageArray, origin: IntArray, limit: FloatArray, rows: IntArray, grown: _Grown) -> None:
    """Grow the trees of some rows, in batches of similar limits; nodes beyond its limit have that as distance."""
    rows = rows[np.argsort(limit[rows], kind="stable")]
    for some in np.array_split(rows, 1 + min(_APART, rows.size // _TOGETHER)):
        most = float(limit[some[-1]])
        found = csgraph.dijkstra(graph, indices=origin[some], limit=most, return_predecessors=True)
        grown.distance[some], grown.previous[some] = np.minimum(found[0], most), found[1]
