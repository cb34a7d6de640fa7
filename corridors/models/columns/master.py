r"""The restricted master problem of column generation, kept small and hot in HiGHS (Huangfu & Hall 2018).

Of each demand one column, its key column, is implicit: it carries what the others leave (Dantzig & Van Slyke 1967,
generalised upper bounds). So a demand with one column has neither variable nor row, and one with two has a bounded
variable; only where three or more share a demand may a row be needed, and it enters when they would take more than
there is. Resources have rows once they are overdrawn, each with an overflow variable at a high cost, so that the master
always has a solution. With ``0`` for the key column:

.. math::

   \begin{aligned}
   \min \quad & \sum_p (c_p - c_0)\, x_p + \sum_r M_r\, e_r \\
   \text{s.t.} \quad & \sum_p (A_{rp} - A_{r0})\, x_p - e_r \le b_r - \sum_k A_{r0}\, d_k
   & & \text{resources overdrawn so far, at the price } \mu_r \\
   & \sum_{p \in P_k} x_p \le d_k & & \text{demands overdrawn so far} \\
   & 0 \le x_p \le d_k, \; e \ge 0
   \end{aligned}

==================================  ====================  ============
symbol                              name                  shape
==================================  ====================  ============
:math:`x_p`                         ``flow``              (P,)
column :math:`0` of each :math:`k`  ``key``               (D,)
:math:`c_p - c_0, A_{rp} - A_{r0}`  ``_relative_to_key``  (P,), (P, R)
:math:`M_r`                         ``overflow_cost``     (R,)
:math:`\sum_r e_r`                  ``values[~real]``     ()
:math:`b_r`                         ``capacity``          (R,)
:math:`b_r - \sum_k A_{r0} d_k`     ``slack_capacity``    (R,)
:math:`\mu_r`                       ``price``             (R,)
==================================  ====================  ============
"""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
from scipy import sparse

from corridors.errors import SolverError
from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.columns import tolerances
from corridors.models.columns.master_solution import Basis, MasterSolution
from corridors.models.columns.pool import Pool
from corridors.models.gap import without_dust
from corridors.models.highs import new_solver
from corridors.models.problem import FlowProblem
from corridors.models.termination import NoOptimum

_OPTIONS: dict[str, Any] = {
    "presolve": "off",
    "parallel": "off",
    "primal_feasibility_tolerance": tolerances.TOLERANCES.feasibility,
    "dual_feasibility_tolerance": tolerances.TOLERANCES.feasibility,
}
_DUAL, _PRIMAL = 1, 4  # of HiGHS's simplex strategies
_RESTARTS = (("simplex", _DUAL), ("simplex", _PRIMAL), ("ipm", _DUAL))  # from nothing, where going on failed
_ENDS = tuple(getattr(highspy.HighsModelStatus, f"k{name}") for name in ("Optimal", "TimeLimit", "IterationLimit"))
_BASIC = int(highspy.HighsBasisStatus.kBasic)
_OVERFLOW = -1  # the column number of an overflow variable


def overflow_cost(problem: FlowProblem, pool: Pool, factor: float) -> FloatArray:
    """Return what overdrawing each resource by one unit costs, (R,): more than any price of it is thought to be.

    That is the cost of the dearest column, times a factor, for the least that a tonne takes of the resource anywhere.
    """
    penalties = problem.penalty[np.isfinite(problem.penalty)]
    paths = pool.cost[np.isfinite(pool.cost)]
    dearest = max(1.0, float(penalties.max(initial=0)), float(paths.max(initial=0)))
    least = np.full(problem.resource_count, np.inf)
    rows = np.repeat(np.arange(problem.resource_count), np.diff(problem.usage.indptr))
    np.minimum.at(least, rows, np.abs(problem.usage.data))
    return factor * dearest / np.where(np.isfinite(least), least, 1.0)


class Master:
    """The master problem over some columns of a pool.

    Parameters
    ----------
    problem, pool
        Whose columns are chosen from.
    key
        The key column of each demand, (D,); negative for demands without columns.
    overflow_cost
        What overdrawing each resource by one unit costs, (R,).
    """

    def __init__(self, problem: FlowProblem, pool: Pool, key: IntArray, overflow_cost: FloatArray) -> None:
        self._problem, self._pool, self.key, self._overflow_cost = problem, pool, key, overflow_cost
        self._solver = new_solver()
        for name, value in _OPTIONS.items():
            self._solver.setOptionValue(name, value)
        self.capacity = problem.capacity.copy()
        self.column: IntArray = np.empty(0, dtype=np.int64)
        self.row: IntArray = np.empty(0, dtype=np.int64)
        self._row_of_resource = np.full(problem.resource_count, -1)
        self._row_of_demand = np.full(problem.demand_count, -1)
        self._keyed = np.flatnonzero(key >= 0)
        self._key_use: FloatArray = pool.use[key[self._keyed]].T @ problem.amount[self._keyed]
        self._idle: IntArray = np.empty(0, dtype=np.int64)  # for how many solves each column has carried nothing
        self._strategy = _DUAL

    def add_improving_columns(self, priced_cost: FloatArray) -> int:
        """Add the columns of the pool that are cheaper, at some prices, than those of their demand in the master.

        Parameters
        ----------
        priced_cost
            Of each column of the pool, (P,).

        Returns
        -------
        int
            How many were added.
        """
        pool = self._pool
        inside = np.zeros(pool.size, dtype=bool)
        inside[self.column[self.column >= 0]] = True
        inside[self.key[self.key >= 0]] = True
        own = inside & (pool.demand >= 0)
        least = np.full(self._problem.demand_count + 1, np.inf)
        least[-1] = 0  # a cycle improves if it costs less than nothing
        np.minimum.at(least, pool.demand[own], priced_cost[own])
        to_beat = least[pool.demand]
        new = np.flatnonzero(~inside & (priced_cost < to_beat - pool.least_improvement(to_beat)))
        self.add_columns(new)
        return int(new.size)

    def add_columns(self, columns: IntArray, dual: bool = False) -> None:
        """Add columns, and say whether the dual simplex method goes on from them."""
        if not columns.size:
            return
        cost, use = self._relative_to_key(columns)
        demand = self._pool.demand[columns]
        owned = np.flatnonzero(demand >= 0)
        upper = np.full(columns.size, highspy.kHighsInf)
        upper[owned] = self._problem.amount[demand[owned]]
        entries = use.tocoo()
        row = self._row_of_resource[entries.col]
        limited = (row >= 0) & (entries.data != 0)
        bounded = owned[self._row_of_demand[demand[owned]] >= 0]
        value = np.concatenate((entries.data[limited], np.ones(bounded.size)))
        place = (
            np.concatenate((entries.row[limited], bounded)),
            np.concatenate((row[limited], self._row_of_demand[demand[bounded]])),
        )
        matrix = sparse.csr_array((value, place), shape=(columns.size, self.row.size))
        _checked(self._solver.addCols(columns.size, cost, np.zeros(columns.size), upper, *_packed(matrix)))
        self.column = np.concatenate((self.column, columns))
        self._strategy = _DUAL if dual else _PRIMAL

    def add_resource_rows(self, resources: IntArray) -> None:
        """Add the rows of resources, each with its overflow variable."""
        if not resources.size:
            return
        count = resources.size
        place = np.flatnonzero(self.column >= 0)
        rows = sparse.csr_array((count, self.column.size))
        if place.size:
            _, use = self._relative_to_key(self.column[place])
            entries = sparse.csr_array(use[:, resources].T).tocoo()
            some = entries.data != 0
            rows = sparse.csr_array(
                (entries.data[some], (entries.row[some], place[entries.col[some]])), shape=rows.shape
            )
        lower = np.full(count, -highspy.kHighsInf)
        slack_capacity = self.capacity[resources] - self._key_use[resources]
        _checked(self._solver.addRows(count, lower, slack_capacity, *_packed(rows)))
        self._row_of_resource[resources] = self.row.size + np.arange(count)
        self.row = np.concatenate((self.row, resources))
        own = (np.arange(count), self._row_of_resource[resources])
        overflow: UsageArray = sparse.csr_array((-np.ones(count), own), shape=(count, self.row.size))
        cost, upper = self._overflow_cost[resources], np.full(count, highspy.kHighsInf)
        _checked(self._solver.addCols(count, cost, np.zeros(count), upper, *_packed(overflow)))
        self.column = np.concatenate((self.column, np.full(count, _OVERFLOW)))
        self._strategy = _DUAL

    def add_demand_rows(self, demands: IntArray) -> None:
        """Add the rows of demands, their generalised upper bounds."""
        if not demands.size:
            return
        place = np.flatnonzero(self.column >= 0)
        number = np.full(self._problem.demand_count + 1, -1)
        number[demands] = np.arange(demands.size)
        row = number[self._pool.demand[self.column[place]]]
        own = row >= 0
        rows = sparse.csr_array(
            (np.ones(int(own.sum())), (row[own], place[own])), shape=(demands.size, self.column.size)
        )
        lower = np.full(demands.size, -highspy.kHighsInf)
        _checked(self._solver.addRows(demands.size, lower, self._problem.amount[demands], *_packed(rows)))
        self._row_of_demand[demands] = self.row.size + np.arange(demands.size)
        self.row = np.concatenate((self.row, -1 - demands))
        self._strategy = _DUAL

    def set_capacity(self, resource: int, capacity: float) -> None:
        """Change the capacity of a resource."""
        self.capacity[resource] = capacity
        row = int(self._row_of_resource[resource])
        if row >= 0:
            slack_capacity = capacity - self._key_use[resource]
            _checked(self._solver.changeRowBounds(row, -highspy.kHighsInf, slack_capacity))
        self._strategy = _DUAL

    def solve(self, seconds: float = np.inf) -> MasterSolution | None:
        """Find the optimum over the columns, adding the rows that it overdraws until it overdraws none.

        Parameters
        ----------
        seconds
            When to give up; then there is no solution.

        Raises
        ------
        SolverError
            If the solver fails.
        """
        excess = 1 + tolerances.TOLERANCES.row_excess
        while True:
            found = self._run(seconds)
            if found is None:
                return None
            solution, taken = self._read(*found)
            use = self._pool.use[solution.column].T @ solution.flow
            demands = np.flatnonzero((taken > self._problem.amount * excess) & (self._row_of_demand < 0))
            resources = np.flatnonzero((use > self.capacity * excess) & (self._row_of_resource < 0))
            if not (demands.size or resources.size):
                return solution
            self.add_demand_rows(demands)
            self.add_resource_rows(resources)

    def _run(self, seconds: float) -> tuple[FloatArray, FloatArray] | None:
        """Run the solver; return the values of its columns and the prices of its rows, None if the time is over."""
        if not self.column.size:
            return np.empty(0), np.zeros(self.row.size)
        if np.isfinite(seconds):
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(seconds, 1e-3))
        self._solver.setOptionValue("simplex_strategy", self._strategy)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status not in (*_ENDS, highspy.HighsModelStatus.kModelEmpty):
            status = self._restarted()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise NoOptimum(f"The solver stopped without an optimum of the master; it reports: {status.name}.")
        solution = self._solver.getSolution()
        return np.array(solution.col_value), -np.array(solution.row_dual)

    def _restarted(self) -> Any:
        """Forget the basis and solve by one algorithm after the other until one ends; return the status."""
        status = highspy.HighsModelStatus.kSolveError
        for algorithm, strategy in _RESTARTS:
            self._solver.clearSolver()
            self._solver.setOptionValue("solver", algorithm)
            self._solver.setOptionValue("simplex_strategy", strategy)
            self._solver.run()
            status = self._solver.getModelStatus()
            if status in _ENDS:
                break
        self._solver.setOptionValue("solver", "choose")
        return status

    def _read(self, values: FloatArray, prices: FloatArray) -> tuple[MasterSolution, FloatArray]:
        """Return what the solver's values mean, and what the explicit columns of each demand take of it, (D,)."""
        problem, pool = self._problem, self._pool
        real = self.column >= 0
        self._idle = np.concatenate((self._idle, np.zeros(self.column.size - self._idle.size, dtype=np.int64)))
        self._idle = np.where((values > 0) | ~real, 0, self._idle + 1)
        columns, flow = self.column[real], np.maximum(values[real], 0)
        demand = pool.demand[columns]
        owned = demand >= 0
        taken = np.bincount(demand[owned], flow[owned], problem.demand_count)
        left = np.maximum(problem.amount[self._keyed] - taken[self._keyed], 0)
        column, flow = np.concatenate((columns, self.key[self._keyed])), np.concatenate((flow, left))
        column, flow = column[flow > 0], flow[flow > 0]
        price = np.zeros(problem.resource_count)
        limits = self.row >= 0
        price[self.row[limits]] = np.maximum(prices[limits], 0)
        price = without_dust(price, self.capacity)
        solution = MasterSolution(column, flow, price, float(pool.cost[column] @ flow), float(values[~real].sum()))
        return solution, taken

    def idle_columns(self, solves: int) -> IntArray:
        """Return the explicit columns that have carried nothing for so many solves, and are not basic either."""
        idle = np.flatnonzero(self._idle >= solves)
        basic = np.array([int(status) for status in self._solver.getBasis().col_status], dtype=np.int64) == _BASIC
        return self.column[idle[~basic[idle]]] if basic.size else self.column[idle]

    def basis(self) -> Basis:
        """Return where the master stands."""
        basis = self._solver.getBasis()
        column_status = np.array([int(status) for status in basis.col_status], dtype=np.int64)
        row_status = np.array([int(status) for status in basis.row_status], dtype=np.int64)
        return Basis(self.key, self.column, column_status, self.row, row_status)

    def resume(self, basis: Basis, usable: BoolArray) -> None:
        """Take over the rows and columns of an earlier master that are still of use, and start where it stopped.

        Parameters
        ----------
        basis
            Of a master of the same demands and resources.
        usable
            Which columns of the pool may be used, (P,).
        """
        self.add_resource_rows(basis.row[basis.row >= 0])
        self.add_demand_rows(-1 - basis.row[basis.row < 0])
        real = basis.column >= 0
        columns, status = basis.column[real], basis.column_status[real]
        useful = usable[columns] & (self.key[self._pool.demand[columns]] != columns)
        self.add_columns(columns[useful])
        row_status = dict(zip(basis.row.tolist(), basis.row_status.tolist(), strict=True))
        start = highspy.HighsBasis()
        overflow = basis.column_status[~real].tolist()
        start.col_status = [highspy.HighsBasisStatus(int(s)) for s in overflow + status[useful].tolist()]
        start.row_status = [highspy.HighsBasisStatus(row_status[row]) for row in self.row.tolist()]
        start.alien = True
        start.valid = True
        _checked(self._solver.setBasis(start))
        self._strategy = _DUAL

    def _relative_to_key(self, columns: IntArray) -> tuple[FloatArray, UsageArray]:
        """Return what columns cost and use beyond the key columns of their demands; all of it for cycles."""
        pool = self._pool
        cost, use = pool.cost[columns], pool.use[columns]
        demand = pool.demand[columns]
        key = self.key[demand]
        owned = demand >= 0
        if owned.all():
            return cost - pool.cost[key], sparse.csr_array(use - pool.use[key])
        keep = sparse.diags_array(owned.astype(np.float64))
        return cost - np.where(owned, pool.cost[key], 0), sparse.csr_array(use - keep @ pool.use[key])


def _packed(matrix: UsageArray) -> tuple[int, IntArray, IntArray, FloatArray]:
    """Return the rows of a matrix as HiGHS takes them."""
    matrix.sort_indices()
    return matrix.nnz, matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data


def _checked(status: Any) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError("The solver refused a change of the master problem.")
