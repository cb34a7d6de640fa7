"""Cheapest paths for every demand at given prices, searched only where they can have changed.

One tree for each class and origin, by Dijkstra (1959) in `scipy.sparse.csgraph`. A tree's distances are
potentials that no arc can lower, and they stay a lower bound while this holds (Bellman 1958), so after a change
of prices or a closure only those trees are searched again that an arc which became cheaper would lower, or that
serve a demand whose known paths are dearer than its bound. Arcs of negative cost, which a negative usage of a
resource makes, are searched by Bellman and Ford's method, and a circle that pays is handed back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.problem import FlowProblem

ROUNDING = 1e-11  # relative: what the last digits of a sum may make of a cost
_APART, _TOGETHER = 3, 32  # searches of a class: at most so many more than one, and of so many trees
_ENTRIES_AT_ONCE = 1 << 22  # of trees by nodes: keeps large instances in memory


@dataclass(frozen=True, eq=False)
class Priced:
    """What a search found.

    Attributes
    ----------
    distance
        A lower bound on the cost of any path of each demand at these prices, (D,); exact where a path is given.
        ``inf`` where there is no path, and for demands that nobody asked about.
    demand, arc
        The paths found, last arc first: demand and arc of every step. A demand is left out where no path is
        cheaper than those known.
    circle
        The arcs of a circle that pays, with its class in front; empty if there is none.
    """

    distance: FloatArray
    demand: IntArray
    arc: IntArray
    circle: tuple[int, ...] = ()


class Pricing:
    """What is common to all ways to find the cheapest paths of one problem.

    Parameters
    ----------
    problem
        Whose arcs may be used.
    demands
        The demands that need a path.
    like
        The same of a problem with the same nodes, arcs and demands, whose trees may still be good.
    """

    def __init__(self, problem: FlowProblem, demands: IntArray, like: Pricing | None = None) -> None:
        self._problem, self._demands = problem, demands
        self._cost: FloatArray = problem.cost.ravel()
        self._usage: UsageArray
        self._priced: FloatArray | None = None
        self._floor = 1.0 if problem.usage.data.min(initial=0) < 0 else 0.0  # where terms cancel out, digits are lost
        if like is not None and type(like) is type(self) and like.fits(problem, demands):
            self.__dict__.update(like.__dict__ | {"_problem": problem, "_cost": self._cost, "_floor": self._floor})
            self._copy()
            if problem.usage is not like._problem.usage:
                self._usage = sparse.csr_array(problem.usage.T)
            return
        self._usage = sparse.csr_array(problem.usage.T)
        self._open = np.isfinite(problem.cost)
        nodes = problem.node_count
        key = problem.class_[demands] * nodes + problem.origin[demands]
        trees, self._tree = np.unique(key, return_inverse=True)
        self._tree_class, self._tree_origin = trees // nodes, trees % nodes
        self._prepare()

    def _prepare(self) -> None:
        """Set up what depends on nodes, arcs and demands alone."""
        raise NotImplementedError

    def _copy(self) -> None:
        """Make an own copy of what changes, all else being shared with another problem's trees."""
        raise NotImplementedError

    def price(self, price: FloatArray, known: FloatArray, tolerance: float) -> Priced:
        """Find the cheapest paths.

        Parameters
        ----------
        price
            Of each resource, (R,), at least 0.
        known
            What each demand pays at most at these prices, (D,): its cheapest known path or its penalty.
        tolerance
            Relative to `known`: paths that are not cheaper by more are not looked for.
        """
        raise NotImplementedError

    def potentials(self, class_: int, origins: IntArray) -> FloatArray | None:
        """Give what all nodes cost at least from some origins, (O, N), at the last prices; None if that is not kept."""
        return None

    def arc_costs(self, price: FloatArray) -> FloatArray:
        """Give what a tonne of each class pays on each arc at these prices, (C * A,)."""
        cost: FloatArray = self._cost + self._usage @ price
        return cost

    def fits(self, problem: FlowProblem, demands: IntArray) -> bool:
        """Tell whether the trees are of this problem's shape: no arc is open that was closed."""
        mine = self._problem
        same = all(
            getattr(problem, name) is getattr(mine, name) or np.array_equal(getattr(problem, name), getattr(mine, name))
            for name in ("node_count", "tail", "head", "origin", "destination", "class_")
        )
        return (
            same
            and problem.cost.shape == mine.cost.shape
            and np.array_equal(demands, self._demands)
            and bool((self._open | ~np.isfinite(problem.cost)).all())
        )


class Pricer(Pricing):
    """The trees of any problem, by scipy."""

    def _prepare(self) -> None:
        problem = self._problem
        self._potential: FloatArray
        nodes, arcs = problem.node_count, problem.arc_count
        pair = problem.tail * nodes + problem.head
        self._order = np.argsort(pair, kind="stable")
        self._pairs, self._first = np.unique(pair[self._order], return_index=True)
        self._parallel = self._pairs.size < arcs
        self._parallels = np.diff(np.append(self._first, arcs))
        self._pair_of = np.repeat(np.arange(self._pairs.size), self._parallels)
        trees = self._tree_class.size
        self._potential = np.zeros((trees, nodes)) if trees * nodes <= _ENTRIES_AT_ONCE else np.empty((0, 0))
        self._classes = np.unique(self._tree_class)
        self._graphs = [self._structure(int(c)) for c in self._classes]

    def _copy(self) -> None:
        self._potential = self._potential.copy()

    def potentials(self, class_: int, origins: IntArray) -> FloatArray | None:
        """Give the trees of some origins, as `Pricing.potentials` says."""
        if not self._potential.size or self._priced is None:
            return None
        key = self._tree_class * self._problem.node_count + self._tree_origin
        wanted = class_ * self._problem.node_count + origins
        row = np.minimum(np.searchsorted(key, wanted), key.size - 1)
        return self._potential[row] if (key[row] == wanted).all() else None

    def _structure(self, class_: int) -> tuple[IntArray, UsageArray]:
        """Give the pairs of nodes that a class can go between, and the graph of them, without costs."""
        nodes = self._problem.node_count
        open_ = self._open[class_, self._order]
        pairs = np.flatnonzero(np.logical_or.reduceat(open_, self._first) if open_.size else open_)
        tails, heads = self._pairs[pairs] // nodes, self._pairs[pairs] % nodes
        starts = np.searchsorted(tails, np.arange(nodes + 1)).astype(np.int32)
        return pairs, sparse.csr_array((np.zeros(pairs.size), heads.astype(np.int32), starts), shape=(nodes, nodes))

    def price(self, price: FloatArray, known: FloatArray, tolerance: float) -> Priced:
        """Find the cheapest paths, as `Pricing.price` says."""
        cost = self.arc_costs(price)
        again = self._stale(cost, known, tolerance)
        distance = np.full(known.size, np.inf)
        if self._potential.size:
            distance[self._demands] = self._potential[self._tree, self._problem.destination[self._demands]]
        paths: list[tuple[IntArray, IntArray]] = []
        step = max(1, _ENTRIES_AT_ONCE // self._problem.node_count)
        for begin in range(0, again.size, step):
            circle = self._search(cost, again[begin : begin + step], known, distance, paths)
            if circle:
                self._priced = None
                none = np.empty(0, dtype=np.int64)
                return Priced(np.full(known.size, -np.inf), none, none, circle)
        if self._potential.size:
            self._priced = cost
        demand = np.concatenate([np.empty(0, dtype=np.int64), *(path[0] for path in paths)])
        arc = np.concatenate([np.empty(0, dtype=np.int64), *(path[1] for path in paths)])
        return Priced(distance, demand, arc)

    def _stale(self, cost: FloatArray, known: FloatArray, tolerance: float) -> IntArray:
        """Give the trees that must be searched at these costs."""
        if self._priced is None or not self._potential.size:
            return np.arange(self._tree_class.size)
        bound = self._potential[self._tree, self._problem.destination[self._demands]]
        aim = known[self._demands]
        short = bound < aim - tolerance * (self._floor + np.where(np.isfinite(aim), aim, 0))
        stale = np.zeros(self._tree_class.size, dtype=bool)
        stale[self._tree[short]] = True
        arcs = self._problem.arc_count
        cheaper = np.flatnonzero(cost < self._priced)
        starts = np.searchsorted(cheaper, self._classes * arcs)
        ends = np.searchsorted(cheaper, (self._classes + 1) * arcs)
        for class_, start, end in zip(self._classes.tolist(), starts.tolist(), ends.tolist(), strict=True):
            rows = np.flatnonzero((self._tree_class == class_) & ~stale)
            if start == end or not rows.size:
                continue
            arc = cheaper[start:end] - class_ * arcs
            tail = self._potential[np.ix_(rows, self._problem.tail[arc])]
            head = self._potential[np.ix_(rows, self._problem.head[arc])]
            lower = tail + cost[class_ * arcs + arc] < head * (1 - ROUNDING)
            stale[rows[lower.any(axis=1)]] = True
        return np.flatnonzero(stale)

    def _search(
        self,
        cost: FloatArray,
        trees: IntArray,
        known: FloatArray,
        distance: FloatArray,
        paths: list[tuple[IntArray, IntArray]],
    ) -> tuple[int, ...]:
        """Search some trees: note distances and paths. Gives a circle that pays, if there is one."""
        problem, arcs = self._problem, self._problem.arc_count
        mine = np.flatnonzero(np.isin(self._tree, trees))
        demands, row = self._demands[mine], np.searchsorted(trees, self._tree[mine])
        previous = np.empty((trees.size, problem.node_count), dtype=np.int32)
        reached = np.empty((trees.size, problem.node_count))
        far = np.zeros(trees.size)
        np.maximum.at(far, row, known[demands] * (1 + ROUNDING))
        for number, class_ in enumerate(self._classes.tolist()):
            rows = np.flatnonzero(self._tree_class[trees] == class_)
            if not rows.size:
                continue
            pairs, graph = self._graphs[number]
            own = cost[class_ * arcs : (class_ + 1) * arcs]
            graph.data = self._between(own, pairs)
            if graph.data.min(initial=0) < 0:
                found = _bellman_ford(graph, self._tree_origin[trees[rows]])
                if isinstance(found, list):
                    tail, head = np.array(found, dtype=np.int64).T
                    return (class_, *self._arcs(cost, np.full(tail.size, class_), tail, head).tolist())
                reached[rows], previous[rows] = found
                continue
            rows = rows[np.argsort(far[rows], kind="stable")]  # the ones that need not go far apart from the others
            for some in np.array_split(rows, 1 + min(_APART, rows.size // _TOGETHER)):
                origins, limit = self._tree_origin[trees[some]], float(far[some[-1]])
                found = csgraph.dijkstra(graph, indices=origins, limit=limit, return_predecessors=True)
                reached[some], previous[some] = np.minimum(found[0], limit), found[1]
        ends = problem.destination[demands]
        distance[demands] = reached[row, ends]
        if self._potential.size:
            self._potential[trees] = reached
        found_one = (previous[row, ends] >= 0) & np.isfinite(reached[row, ends])
        paths += self._walk(cost, demands[found_one], row[found_one], previous)
        return ()

    def _between(self, cost: FloatArray, pairs: IntArray) -> FloatArray:
        """Give the least cost between each of a class's pairs of nodes, of costs of all arcs."""
        ordered = cost[self._order]
        least: FloatArray = np.minimum.reduceat(ordered, self._first) if self._parallel else ordered
        return least[pairs]

    def _arcs(self, cost: FloatArray, class_: IntArray, tail: IntArray, head: IntArray) -> IntArray:
        """Give the cheapest arcs of classes from tails to heads, at costs of all classes and arcs."""
        place = self._first[np.searchsorted(self._pairs, tail * self._problem.node_count + head)]
        arc: IntArray = self._order[place]
        if not self._parallel:
            return arc
        begin, more = class_ * self._problem.arc_count, np.arange(place.size)
        for other in range(1, int(self._parallels.max())):
            more = more[self._parallels[self._pair_of[place[more]]] > other]
            rival = self._order[place[more] + other]
            cheaper = cost[begin[more] + rival] < cost[begin[more] + arc[more]]
            arc[more[cheaper]] = rival[cheaper]
        return arc

    def _walk(
        self, cost: FloatArray, demands: IntArray, row: IntArray, previous: NDArray[np.int32]
    ) -> list[tuple[IntArray, IntArray]]:
        """Go back from the destinations of demands to their origins, all at once."""
        problem = self._problem
        owners, tails, heads = [], [], []
        here, origin = problem.destination[demands], problem.origin[demands]
        while demands.size:
            before = previous[row, here].astype(np.int64)
            owners.append(demands)
            tails.append(before)
            heads.append(here)
            on = before != origin
            demands, row, here, origin = demands[on], row[on], before[on], origin[on]
        if not owners:
            return []
        owner = np.concatenate(owners)
        return [(owner, self._arcs(cost, problem.class_[owner], np.concatenate(tails), np.concatenate(heads)))]


def _bellman_ford(graph: UsageArray, origins: IntArray) -> tuple[FloatArray, IntArray] | list[tuple[int, int]]:
    """Search with negative costs: distances and previous nodes, or the steps of a circle that pays."""
    nodes = graph.shape[0]
    tail = np.repeat(np.arange(nodes), np.diff(graph.indptr))
    head, cost = graph.indices, graph.data
    distance = np.full((origins.size, nodes), np.inf)
    previous = np.full((origins.size, nodes), -9999, dtype=np.int64)
    for i, origin in enumerate(origins.tolist()):
        distance[i, origin] = 0
        for _ in range(nodes + 1):
            through = distance[i, tail] + cost
            lower = np.flatnonzero(through < distance[i, head])  # by rounding, too: a proof makes no allowance
            if not lower.size:
                break
            order = lower[np.lexsort((through[lower], head[lower]))]
            order = order[np.unique(head[order], return_index=True)[1]]
            distance[i, head[order]] = through[order]
            previous[i, head[order]] = tail[order]
            circle = _circle(previous[i])
            if circle:
                return circle
    return distance, previous


def _circle(previous: IntArray) -> list[tuple[int, int]]:
    """Find a circle among previous nodes, as steps from tail to head."""
    there = previous
    for _ in range(int(previous.size).bit_length()):
        there = np.where(there >= 0, there[np.maximum(there, 0)], there)
    on = np.flatnonzero(there >= 0)
    if not on.size:
        return []
    start = int(there[on[0]])
    steps = [(int(previous[start]), start)]
    while steps[-1][0] != start:
        node = steps[-1][0]
        steps.append((int(previous[node]), node))
    return steps[::-1]
