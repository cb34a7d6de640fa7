r"""The restricted master problem of column generation, kept small and hot in HiGHS (Huangfu & Hall 2018).

Of each demand one column, its base, is implicit: it carries what the others leave. So a demand with one column has
neither variable nor row, and one with two has a bounded variable; only where three or more share a demand may a
row be needed, and it enters when they would take more than there is (Dantzig & Van Slyke 1967, generalised upper
bounds). Resources have rows once they are overdrawn, with a very dear way out, so that the master always has a
solution. With ``0`` for the base, and the amounts of the bases on the right-hand side:

.. math::

   \begin{aligned}
   \min \quad & \sum_p (c_p - c_0)\, x_p + \sum_r \text{dear}_r\, e_r \\
   \text{s.t.} \quad & \sum_p (A_{rp} - A_{r0})\, x_p - e_r \le b_r - \sum_k A_{r0}\, d_k
   & & \text{resources overdrawn so far, at the price } \mu_r \\
   & \sum_{p \in P_k} x_p \le d_k & & \text{demands overdrawn so far} \\
   & 0 \le x_p \le d_k, \; e \ge 0
   \end{aligned}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from scipy import sparse

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.columns.pool import Pool
from corridors.models.gap import without_dust
from corridors.models.highs import new_solver
from corridors.models.problem import FlowProblem
from corridors.models.termination import NoOptimum

_OPTIONS: dict[str, Any] = {
    "presolve": "off",
    "parallel": "off",
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}
_DUAL, _PRIMAL = 1, 4  # of HiGHS's simplex strategies
_RESTARTS = (("simplex", _DUAL), ("simplex", _PRIMAL), ("ipm", _DUAL))  # from nothing, where going on failed
_ENDS = tuple(getattr(highspy.HighsModelStatus, f"k{name}") for name in ("Optimal", "TimeLimit", "IterationLimit"))
_OVERDRAWN = 2.0**-44  # relative: what a row may be overdrawn by before it enters, the last digits of the sums
_BASIC = int(highspy.HighsBasisStatus.kBasic)
_WAY_OUT = -1  # the column number of a way out


@dataclass(frozen=True, eq=False)
class Basis:
    """Where a master stopped, in numbers of the pool, the resources and the demands.

    Attributes
    ----------
    base
        The implicit column of each demand, (D,); negative for demands without columns.
    column, column_status
        The explicit columns, and the solver's status of each.
    row, row_status
        The rows: resource ``r`` as ``r``, demand ``k`` as ``-1 - k``, with the solver's status of each.
    """

    base: IntArray
    column: IntArray
    column_status: IntArray
    row: IntArray
    row_status: IntArray


@dataclass(frozen=True, eq=False)
class Answer:
    """An optimum of the master.

    Attributes
    ----------
    column, flow
        The columns that carry something, bases among them, with their tonnes a year.
    price
        Of each resource, (R,), at least 0.
    objective
        What the columns cost, without ways out.
    overdrawn
        What the ways out carry in all; a plan has 0.
    """

    column: IntArray
    flow: FloatArray
    price: FloatArray
    objective: float
    overdrawn: float


class Master:
    """The master problem over some columns of a pool.

    Parameters
    ----------
    problem, pool
        Whose columns are chosen from.
    base
        The implicit column of each demand, (D,).
    dear
        What overdrawing each resource by one unit costs, (R,).
    """

    def __init__(self, problem: FlowProblem, pool: Pool, base: IntArray, dear: FloatArray) -> None:
        self._problem, self._pool, self.base, self._dear = problem, pool, base, dear
        self._solver = new_solver()
        for name, value in _OPTIONS.items():
            self._solver.setOptionValue(name, value)
        self.capacity = problem.capacity.copy()
        self.column: IntArray = np.empty(0, dtype=np.int64)
        self.row: IntArray = np.empty(0, dtype=np.int64)
        self._row_of = np.full(problem.resource_count, -1)
        self._share_of = np.full(problem.demand_count, -1)
        self._based = np.flatnonzero(base >= 0)
        bases = base[self._based]
        self._base_use: FloatArray = pool.use[bases].T @ problem.amount[self._based]
        self._base_cost = float(pool.cost[bases] @ problem.amount[self._based])
        self._idle: IntArray = np.empty(0, dtype=np.int64)  # for how many answers each column has carried nothing
        self.iterations = 0
        self._strategy = _DUAL

    def add_columns(self, columns: IntArray, dual: bool = False) -> None:
        """Make columns explicit, and say whether the dual simplex method goes on from them."""
        if not columns.size:
            return
        cost, use = self._against_base(columns)
        demand = self._pool.demand[columns]
        owned = np.flatnonzero(demand >= 0)
        most = np.full(columns.size, highspy.kHighsInf)
        most[owned] = self._problem.amount[demand[owned]]
        entries = use.tocoo()
        row = self._row_of[entries.col]
        in_ = (row >= 0) & (entries.data != 0)
        shared = owned[self._share_of[demand[owned]] >= 0]
        matrix = sparse.csr_array(
            (
                np.concatenate((entries.data[in_], np.ones(shared.size))),
                (
                    np.concatenate((entries.row[in_], shared)),
                    np.concatenate((row[in_], self._share_of[demand[shared]])),
                ),
            ),
            shape=(columns.size, self.row.size),
        )
        _checked(self._solver.addCols(columns.size, cost, np.zeros(columns.size), most, *_packed(matrix)))
        self.column = np.concatenate((self.column, columns))
        self._strategy = _DUAL if dual else _PRIMAL

    def add_resources(self, resources: IntArray) -> None:
        """Give resources their rows, each with a way out."""
        if not resources.size:
            return
        place = np.flatnonzero(self.column >= 0)
        rows = sparse.csr_array((resources.size, self.column.size))
        if place.size:
            _, use = self._against_base(self.column[place])
            entries = sparse.csr_array(use[:, resources].T).tocoo()
            in_ = entries.data != 0
            where = (entries.row[in_], place[entries.col[in_]])
            rows = sparse.csr_array((entries.data[in_], where), shape=rows.shape)
        room = self.capacity[resources] - self._base_use[resources]
        below = np.full(resources.size, -highspy.kHighsInf)
        _checked(self._solver.addRows(resources.size, below, room, *_packed(rows)))
        self._row_of[resources] = self.row.size + np.arange(resources.size)
        self.row = np.concatenate((self.row, resources))
        count = resources.size
        outs = sparse.csr_array(
            (-np.ones(count), (np.arange(count), self._row_of[resources])), shape=(count, self.row.size)
        )
        most = np.full(count, highspy.kHighsInf)
        _checked(self._solver.addCols(count, self._dear[resources], np.zeros(count), most, *_packed(outs)))
        self.column = np.concatenate((self.column, np.full(count, _WAY_OUT)))
        self._strategy = _DUAL

    def add_shares(self, demands: IntArray) -> None:
        """Give demands their rows."""
        if not demands.size:
            return
        place = np.flatnonzero(self.column >= 0)
        number = np.full(self._problem.demand_count + 1, -1)
        number[demands] = np.arange(demands.size)
        owner = number[self._pool.demand[self.column[place]]]
        in_ = owner >= 0
        rows = sparse.csr_array(
            (np.ones(int(in_.sum())), (owner[in_], place[in_])), shape=(demands.size, self.column.size)
        )
        below = np.full(demands.size, -highspy.kHighsInf)
        _checked(self._solver.addRows(demands.size, below, self._problem.amount[demands], *_packed(rows)))
        self._share_of[demands] = self.row.size + np.arange(demands.size)
        self.row = np.concatenate((self.row, -1 - demands))
        self._strategy = _DUAL

    def limit(self, resource: int, capacity: float) -> None:
        """Change the capacity of a resource."""
        self.capacity[resource] = capacity
        row = int(self._row_of[resource])
        if row >= 0:
            room = capacity - self._base_use[resource]
            _checked(self._solver.changeRowBounds(row, -highspy.kHighsInf, room))
        self._strategy = _DUAL

    def solve(self, seconds: float = np.inf) -> Answer | None:
        """Find the optimum over the explicit columns, with all rows that it takes.

        Parameters
        ----------
        seconds
            When to give up; then there is no answer.

        Raises
        ------
        SolverError
            If the solver fails.
        """
        while True:
            values, prices = self._run(seconds)
            if values is None:
                return None
            answer, shares = self._read(values, prices)
            use = self._pool.use[answer.column].T @ answer.flow
            over = use > self.capacity * (1 + _OVERDRAWN)
            resources = np.flatnonzero(over & (self._row_of < 0))
            if not (shares.size or resources.size):
                return answer
            self.add_shares(shares)
            self.add_resources(resources)

    def _run(self, seconds: float) -> tuple[FloatArray | None, FloatArray]:
        if not self.column.size:
            return np.empty(0), np.zeros(self.row.size)
        if np.isfinite(seconds):
            self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(seconds, 1e-3))
        self._solver.setOptionValue("simplex_strategy", self._strategy)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None, np.zeros(self.row.size)
        if status not in (*_ENDS, highspy.HighsModelStatus.kModelEmpty):
            status = self._restarted()
        if status == highspy.HighsModelStatus.kTimeLimit:
            return None, np.zeros(self.row.size)
        if status != highspy.HighsModelStatus.kOptimal:
            raise NoOptimum(f"The solver stopped without an optimum of the master; it reports: {status.name}.")
        self.iterations += int(self._solver.getInfo().simplex_iteration_count)
        solution = self._solver.getSolution()
        return np.array(solution.col_value), -np.array(solution.row_dual)

    def _restarted(self) -> Any:
        """Forget the basis and solve by one algorithm after the other, until one ends; gives the status."""
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

    def _read(self, values: FloatArray, prices: FloatArray) -> tuple[Answer, IntArray]:
        """Give what the solver's values mean, and the demands that they overdraw."""
        problem, pool = self._problem, self._pool
        real = self.column >= 0
        self._idle = np.concatenate((self._idle, np.zeros(self.column.size - self._idle.size, dtype=np.int64)))
        self._idle = np.where((values > 0) | ~real, 0, self._idle + 1)
        columns, flow = self.column[real], np.maximum(values[real], 0)
        owner = pool.demand[columns]
        owned = owner >= 0
        taken = np.bincount(owner[owned], flow[owned], problem.demand_count)
        over = taken > problem.amount * (1 + _OVERDRAWN)
        shares = np.flatnonzero(over & (self._share_of < 0))
        rest = problem.amount[self._based] - taken[self._based]
        column, flow = np.concatenate((columns, self.base[self._based])), np.concatenate((flow, np.maximum(rest, 0)))
        used = flow > 0
        price = np.zeros(problem.resource_count)
        limits = self.row >= 0
        price[self.row[limits]] = np.maximum(prices[limits], 0)
        price = without_dust(price, self.capacity)
        column, flow = column[used], flow[used]
        return Answer(column, flow, price, float(pool.cost[column] @ flow), float(values[~real].sum())), shares

    def idle(self, answers: int) -> IntArray:
        """Give the explicit columns that have carried nothing for so many answers, and are not basic either."""
        idle = np.flatnonzero(self._idle >= answers)
        basic = np.array([int(status) for status in self._solver.getBasis().col_status], dtype=np.int64) == _BASIC
        return self.column[idle[~basic[idle]]] if basic.size else self.column[idle]

    def basis(self) -> Basis:
        """Give where the master stands."""
        basis = self._solver.getBasis()
        column_status = np.array([int(status) for status in basis.col_status], dtype=np.int64)
        row_status = np.array([int(status) for status in basis.row_status], dtype=np.int64)
        return Basis(self.base, self.column, column_status, self.row, row_status)

    def resume(self, basis: Basis, alive: FloatArray) -> None:
        """Take the rows and columns of an earlier master that are still of use, and start where it stopped.

        Parameters
        ----------
        basis
            Of a master of the same demands and resources.
        alive
            Which columns of the pool may be used, (P,).
        """
        resources = basis.row[basis.row >= 0]
        shares = -1 - basis.row[basis.row < 0]
        self.add_resources(resources)
        self.add_shares(shares)
        real = basis.column >= 0
        columns, status = basis.column[real], basis.column_status[real]
        useful = alive[columns] & (self.base[self._pool.demand[columns]] != columns)
        self.add_columns(columns[useful])
        row_status = dict(zip(basis.row.tolist(), basis.row_status.tolist(), strict=True))
        start = highspy.HighsBasis()
        outs = basis.column_status[~real].tolist()
        start.col_status = [highspy.HighsBasisStatus(int(s)) for s in outs + status[useful].tolist()]
        start.row_status = [highspy.HighsBasisStatus(row_status[row]) for row in self.row.tolist()]
        start.alien = True
        start.valid = True
        _checked(self._solver.setBasis(start))
        self._strategy = _DUAL

    def _against_base(self, columns: IntArray) -> tuple[FloatArray, UsageArray]:
        """Give what columns cost and use beyond the bases of their demands."""
        pool = self._pool
        cost, use = pool.cost[columns], pool.use[columns]
        owner = pool.demand[columns]
        base = self.base[owner]
        owned = owner >= 0
        if owned.all():
            return cost - pool.cost[base], sparse.csr_array(use - pool.use[base])
        keep = sparse.diags_array(owned.astype(np.float64))
        return cost - np.where(owned, pool.cost[base], 0), sparse.csr_array(use - keep @ pool.use[base])


def _packed(matrix: UsageArray) -> tuple[int, IntArray, IntArray, FloatArray]:
    """Give the rows of a matrix as HiGHS takes them."""
    matrix.sort_indices()
    return matrix.nnz, matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32), matrix.data


def _checked(status: Any) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError("The solver refused a change of the master problem.")
