"""The columns of column generation: paths of demands, with what each costs and takes of every resource.

A column without arcs leaves its demand unserved, at its penalty. A column that belongs to no demand is a circle:
only a negative usage makes one pay, and a plan that needs it is no plan.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.problem import FlowProblem

NOBODY = -1  # the demand of a circle
_SEED = 20240229  # of the random weights by which equal paths are known; any number does


class Pool:
    """The columns of one problem, numbered in the order they came.

    Attributes
    ----------
    demand, cost
        Of each of P columns, (P,).
    use
        What a tonne on it takes of each resource, (P, R).
    arc, start
        The arcs of all columns in one row; those of column p are ``arc[start[p]:start[p + 1]]``, in order.
    """

    def __init__(self, problem: FlowProblem) -> None:
        self._problem = problem
        self.demand: IntArray = np.empty(0, dtype=np.int64)
        self.class_: IntArray = np.empty(0, dtype=np.int64)
        self.cost: FloatArray = np.empty(0)
        self.use: UsageArray = sparse.csr_array((0, problem.resource_count))
        self.arc: IntArray = np.empty(0, dtype=np.int64)
        self.start: IntArray = np.zeros(1, dtype=np.int64)
        self._known: set[int] = set()
        self._by_arc: UsageArray = sparse.csr_array(problem.usage.T)
        self._weight = np.random.default_rng(_SEED).integers(0, 2**63, problem.arc_count + problem.demand_count + 1)

    @property
    def size(self) -> int:
        """P, the number of columns."""
        return int(self.demand.size)

    def arcs_of(self, column: int) -> IntArray:
        """Give the arcs of a column, in order."""
        return self.arc[self.start[column] : self.start[column + 1]]

    def moved(self, problem: FlowProblem, demand: IntArray | None = None) -> Pool:
        """Give the same columns for a changed problem; what a column may not do any more costs ``inf``.

        Parameters
        ----------
        problem
            With the same nodes, arcs, classes and resources.
        demand
            The number that each demand of this pool has there, negative for none; by default its own.
        """
        if demand is None and problem.usage is self._problem.usage:
            return self._repriced(problem)
        other = Pool(problem)
        mine = self.demand >= 0
        number = self.demand if demand is None else np.where(mine, demand[self.demand], NOBODY)
        keep = np.flatnonzero(mine & (number >= 0)) if demand is not None else np.arange(self.size)
        lengths = np.diff(self.start)
        arcs = self.arc if demand is None else self.arc[np.repeat(np.isin(np.arange(self.size), keep), lengths)]
        other._append(number[keep], self.class_[keep], arcs, lengths[keep])
        return other

    def _repriced(self, problem: FlowProblem) -> Pool:
        """Give the same columns at other costs; arrays are never changed, so both can have them."""
        other = Pool.__new__(Pool)
        other.__dict__.update(self.__dict__ | {"_problem": problem, "_known": self._known.copy()})
        path = np.repeat(np.arange(self.size), np.diff(self.start))
        place = self.class_[path] * problem.arc_count + self.arc
        cost = np.bincount(path, problem.cost.ravel()[place], self.size)
        other.cost = cost.astype(np.float64, copy=False)  # of nothing numpy makes integers
        bare = (np.diff(self.start) == 0) & (self.demand >= 0)
        other.cost[bare] = problem.penalty[self.demand[bare]]
        return other

    def add_paths(self, demand: IntArray, arc: IntArray, wanted: IntArray) -> IntArray:
        """Take in the paths of some demands, given as steps, last arc first; gives the numbers of the new columns."""
        chosen = np.zeros(self._problem.demand_count, dtype=bool)
        chosen[wanted] = True
        mine = chosen[demand]
        demand, arc = demand[mine][::-1], arc[mine][::-1]
        order = np.argsort(demand, kind="stable")
        demand, arc = demand[order], arc[order]
        owner, first, lengths = np.unique(demand, return_index=True, return_counts=True)
        del first
        return self._append(owner, self._problem.class_[owner], arc, lengths)

    def add_unserved(self, demands: IntArray) -> IntArray:
        """Take in the columns that leave demands unserved."""
        none = np.empty(0, dtype=np.int64)
        return self._append(demands, self._problem.class_[demands], none, np.zeros(demands.size, dtype=np.int64))

    def add_circle(self, class_: int, arcs: tuple[int, ...]) -> IntArray:
        """Take in a circle of a class."""
        return self._append(np.array([NOBODY]), np.array([class_]), np.array(arcs), np.array([len(arcs)]))

    def reduced(self, price: FloatArray) -> FloatArray:
        """Give what a tonne on each column pays at these prices, (P,)."""
        cost: FloatArray = self.cost + self.use @ price
        return cost

    def least(self, reduced: FloatArray) -> FloatArray:
        """Give what each demand pays at most: its cheapest column or its penalty, (D,)."""
        least = self._problem.penalty.copy()
        mine = self.demand >= 0
        np.minimum.at(least, self.demand[mine], reduced[mine])
        return least

    def _append(self, demand: IntArray, class_: IntArray, arc: IntArray, lengths: IntArray) -> IntArray:
        """Take in columns that are not known yet."""
        ends = np.cumsum(lengths)
        sums = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(self._weight[arc])))  # wraps, which is meant
        own = np.where(demand >= 0, self._problem.arc_count + demand, self._weight.size - 1)
        kind = np.where(demand >= 0, 1, class_ + 1)  # a demand has one class, a circle may be of any
        keys = (sums[ends] - sums[ends - lengths] + 3 * kind * self._weight[own]).tolist()
        fresh = np.zeros(demand.size, dtype=bool)
        for i, key in enumerate(keys):
            if key not in self._known:
                self._known.add(key)
                fresh[i] = True
        if not fresh.any():
            return np.empty(0, dtype=np.int64)
        if not fresh.all():
            arc = arc[np.repeat(fresh, lengths)]
            demand, class_, lengths = demand[fresh], class_[fresh], lengths[fresh]
        path = np.repeat(np.arange(demand.size), lengths)
        place = class_[path] * self._problem.arc_count + arc
        cost = np.bincount(path, self._problem.cost.ravel()[place], demand.size).astype(np.float64, copy=False)
        bare = (lengths == 0) & (demand >= 0)
        cost[bare] = self._problem.penalty[demand[bare]]
        onto = sparse.csr_array(
            (np.ones(arc.size), place, np.concatenate(([0], np.cumsum(lengths)))),
            shape=(demand.size, self._by_arc.shape[0]),
        )
        new = np.arange(self.size, self.size + demand.size)
        self.use = sparse.csr_array(sparse.vstack((self.use, onto @ self._by_arc)))
        self.demand = np.concatenate((self.demand, demand))
        self.class_ = np.concatenate((self.class_, class_))
        self.cost = np.concatenate((self.cost, cost))
        self.arc = np.concatenate((self.arc, arc))
        self.start = np.concatenate((self.start, self.start[-1] + np.cumsum(lengths)))
        return new
