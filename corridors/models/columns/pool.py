r"""The columns of column generation: paths of demands, with what each costs and takes of every resource.

A column without arcs leaves its demand unserved, at its penalty. A column that belongs to no demand is a cycle:
only a negative usage makes one pay, and a plan that needs it is no plan.

================  ===============  ======
symbol            name             shape
================  ===============  ======
:math:`c_p`       ``cost``         (P,)
:math:`A_{rp}`    ``use[p, r]``    (P, R)
:math:`\bar c_p`  ``priced_cost``  (P,)
:math:`\sigma_k`  ``least_cost``   (D,)
:math:`\mu_r`     ``price``        (R,)
:math:`k(p)`      ``demand``       (P,)
================  ===============  ======
"""

from __future__ import annotations

from copy import copy

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.columns import tolerances
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

NOBODY = -1  # the demand of a cycle
_SEED = 20240229  # of the random weights by which equal paths are known; any number does


class Pool:
    """The P columns of one problem, numbered in the order they came.

    Attributes
    ----------
    paths
        Their arcs and demands; `NOBODY` for a cycle.
    class_, cost
        Of each column, (P,).
    use
        What a tonne on it takes of each resource, (P, R).
    """

    def __init__(self, problem: FlowProblem) -> None:
        none = np.empty(0, dtype=np.int64)
        self._problem = problem
        self.paths = PathSet(none, np.zeros(1, dtype=np.int64), none)
        self.class_: IntArray = none
        self.cost: FloatArray = np.empty(0)
        self.use: UsageArray = sparse.csr_array((0, problem.resource_count))
        self._gives_back = bool(problem.usage.data.min(initial=0) < 0)
        self._known: set[int] = set()
        self._usage_by_arc: UsageArray = sparse.csr_array(problem.usage.T)
        self._weight = np.random.default_rng(_SEED).integers(0, 2**63, problem.arc_count + problem.demand_count + 1)

    @property
    def size(self) -> int:
        """P, the number of columns."""
        return self.paths.size

    @property
    def demand(self) -> IntArray:
        """The demand of each column, (P,)."""
        return self.paths.demand

    def moved(self, problem: FlowProblem, demand: IntArray | None = None) -> Pool:
        """Return the same columns for a changed problem; what a column may not do any more costs ``inf``.

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
        if demand is None:
            other._append(self.paths, self.class_)
            return other
        owned = self.demand >= 0
        number = np.where(owned, demand[self.demand], NOBODY)
        keep = owned & (number >= 0)
        kept = self.paths.select(keep)
        other._append(PathSet(kept.arc, kept.start, number[keep]), self.class_[keep])
        return other

    def _repriced(self, problem: FlowProblem) -> Pool:
        """Return the same columns at other costs; arrays are never changed, so both can have them."""
        other = copy(self)
        other._problem, other._known = problem, self._known.copy()
        other.cost = other._costs(self.paths, self.paths.steps(self.class_, problem.arc_count))
        return other

    def add(self, paths: PathSet) -> IntArray:
        """Add paths of demands; return the numbers of those that are new."""
        return self._append(paths, self._problem.class_[paths.demand])

    def add_paths(self, demand: IntArray, arc: IntArray, wanted: IntArray) -> IntArray:
        """Add the paths of some demands, given as steps, last arc first; return the numbers of the new columns."""
        chosen = np.zeros(self._problem.demand_count, dtype=bool)
        chosen[wanted] = True
        mine = chosen[demand]
        demand, arc = demand[mine][::-1], arc[mine][::-1]
        order = np.argsort(demand, kind="stable")
        owner, length = np.unique(demand[order], return_counts=True)
        return self.add(PathSet.of_lengths(owner, length, arc[order]))

    def add_unserved(self, demands: IntArray) -> IntArray:
        """Add the columns that leave demands unserved; return the numbers of the new ones."""
        start = np.zeros(demands.size + 1, dtype=np.int64)
        return self.add(PathSet(np.empty(0, dtype=np.int64), start, demands))

    def add_cycle(self, class_: int, arcs: tuple[int, ...]) -> IntArray:
        """Add a cycle of a class; return its number, or nothing if it is known."""
        return self._append(PathSet.of(np.array([NOBODY]), (np.array(arcs),)), np.array([class_]))

    def priced_cost(self, price: FloatArray) -> FloatArray:
        r"""Return what a tonne on each column pays at these prices, :math:`\bar c_p = c_p + \sum_r A_{rp} \mu_r`."""
        priced: FloatArray = self.cost + self.use @ price
        return priced

    def least_cost(self, priced_cost: FloatArray) -> FloatArray:
        r"""Return :math:`\sigma_k` over the columns known so far, (D,): the cheapest of each demand, or its penalty."""
        least = self._problem.penalty.copy()
        owned = self.demand >= 0
        np.minimum.at(least, self.demand[owned], priced_cost[owned])
        return least

    def least_improvement(self, cost: FloatArray) -> FloatArray:
        """Return by how much a column must be cheaper than these costs, (n,), to be better and not just rounded."""
        floor = 1.0 if self._gives_back else 0.0  # terms may cancel out then, and only their last digits stay
        return tolerances.TOLERANCES.improvement * (floor + np.abs(np.where(np.isfinite(cost), cost, 0)))

    def _append(self, paths: PathSet, class_: IntArray) -> IntArray:
        """Add the columns that are not known yet; return their numbers."""
        fresh = np.zeros(paths.size, dtype=bool)
        for i, key in enumerate(self._keys(paths, class_)):
            if key not in self._known:
                self._known.add(key)
                fresh[i] = True
        if not fresh.any():
            return np.empty(0, dtype=np.int64)
        if not fresh.all():
            paths, class_ = paths.select(fresh), class_[fresh]
        new = np.arange(self.size, self.size + paths.size)
        step = paths.steps(class_, self._problem.arc_count)
        self.use = sparse.csr_array(sparse.vstack((self.use, paths.use(step, self._usage_by_arc))))
        self.cost = np.concatenate((self.cost, self._costs(paths, step)))
        self.class_ = np.concatenate((self.class_, class_))
        self.paths = self.paths.followed_by(paths)
        return new

    def _keys(self, paths: PathSet, class_: IntArray) -> list[int]:
        """Return a number for each path that another path has by an accident of 2 to the 64 only."""
        sums = np.append(0, np.cumsum(self._weight[paths.arc]))  # wraps round, which is meant
        owned = paths.demand >= 0
        own = np.where(owned, self._problem.arc_count + paths.demand, self._weight.size - 1)
        kind = np.where(owned, 1, class_ + 1)  # a demand has one class, a cycle may be of any
        keys: list[int] = (sums[paths.start[1:]] - sums[paths.start[:-1]] + 3 * kind * self._weight[own]).tolist()
        return keys

    def _costs(self, paths: PathSet, step: IntArray) -> FloatArray:
        """Return what a tonne on each path costs, (P,), given its steps; the penalty where it has no arcs."""
        cost = paths.sums(self._problem.cost.ravel()[step])
        bare = (paths.length == 0) & (paths.demand >= 0)
        cost[bare] = self._problem.penalty[paths.demand[bare]]
        return cost
