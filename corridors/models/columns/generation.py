r"""Column generation: a master over known columns and an oracle for better ones, in turn, until the gap is proved.

The prices of the master make a Lagrangian bound in each iteration, and the best of them closes the gap to the best
plan; nothing else ends it but the time, the user, or rounding (Dantzig & Wolfe 1960; Luebbecke & Desrosiers 2005).
`ColumnGeneration.iterate` is the method. Everything here is in the units of `corridors.models.scaling`.

==================  ===============  =======
symbol              name             shape
==================  ===============  =======
:math:`\mu_r`       ``price``        (R,)
:math:`\bar c_p`    ``priced_cost``  (P,)
:math:`b_r`         ``capacity``     (R,)
==================  ===============  =======
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray
from corridors.models.columns.bounds import Bounds, LowerBound
from corridors.models.columns.master import Master, overflow_cost
from corridors.models.columns.master_solution import MasterSolution
from corridors.models.columns.oracle import PricingOracle
from corridors.models.columns.start import FIRST_FACTOR
from corridors.models.problem import Termination
from corridors.models.termination import Monitor, TimeLimit

_FACTOR_GROWTH = 64.0  # of the cost of overflow, when it proves too low
_LARGEST_FACTOR = 1e12  # beyond it the solver cannot tell costs apart
_PURGE_AFTER = 2  # solves in which a column carried nothing
_PURGE_ABOVE = 2000  # columns in the master, from which on idle ones slow it down

type Ending = Termination | Literal["overflow"]


class ColumnGeneration:
    """One problem on its way to a proof.

    Parameters
    ----------
    oracle
        Finds better columns of the problem, and keeps them in its pool.
    master
        Solves the problem over some of the columns.
    bounds
        The best plan and the best bound so far.
    monitor
        Counts iterations, and knows the time.
    """

    def __init__(self, oracle: PricingOracle, master: Master, bounds: Bounds, monitor: Monitor) -> None:
        self.oracle, self.pool, self.problem = oracle, oracle.pool, oracle.problem
        self.master, self.bounds, self.monitor = master, bounds, monitor
        self._overflow_factor = FIRST_FACTOR
        self._purged_at = np.inf  # the objective when columns were last purged

    def solve_to_gap(self, gap: float) -> Ending:
        """Iterate until the relative gap is proved, or something else ends it; return what did.

        Raises
        ------
        SolverError
            If the linear solver fails.
        """
        while True:
            ending = self.iterate(gap)
            if ending is not None:
                return ending

    def iterate(self, gap: float) -> Ending | None:
        """Take one step towards a relative gap.

        Returns
        -------
        str
            ``gap`` when it is proved, ``time_limit``, ``stalled`` if no column improves and the gap is still open, or
            ``overflow`` if none does and resources are still overdrawn: then overflow must cost more, or there is no
            plan. None while there is more to do.
        """
        # Solve the restricted master.
        solution = self.solve_master()
        if solution is None:
            return "time_limit"
        # Keep the incumbent.
        self.bounds.keep_incumbent(solution)
        # Price out, and update the bound, unless the prices of an earlier iteration prove enough.
        if not self.bounds.prove(gap):
            self.bounds.keep_bound(self.oracle.price_out(solution.price))
        self.count_iteration()
        # Test the gap.
        if self.bounds.prove(gap) and not solution.uses_overflow:
            return "gap"
        # Purge columns that have long been idle.
        self.purge_columns()
        # Add the columns that improve; without any, the master is solved for good.
        if self.add_improving_columns(solution.price):
            return None
        return "overflow" if solution.uses_overflow else "stalled"

    def solve_to_optimality(self) -> MasterSolution:
        """Iterate until no column improves at all, and keep the last prices: their slopes are asked for.

        Raises
        ------
        TimeLimit
            If the time is over before.
        """
        solution, bound = self._exhaust(keep=True)
        while solution.uses_overflow:
            self.raise_overflow_cost()
            solution, bound = self._exhaust(keep=True)
        if bound is not None:
            self.bounds.lower = bound
        return solution

    def resolve_at_capacity(self, resource: int, capacity: float) -> tuple[MasterSolution, FloatArray] | None:
        """Solve with another capacity of a resource, which stays; bounds are those of the problem as it is.

        Returns
        -------
        tuple
            The optimum, and its prices of the resources, (R,); None if there is no plan then.

        Raises
        ------
        TimeLimit
            If the time is over before.
        """
        self.master.set_capacity(resource, capacity)
        solution, bound = self._exhaust(keep=False)
        if solution.uses_overflow:
            return None
        return solution, solution.price if bound is None else bound.price

    def _exhaust(self, *, keep: bool) -> tuple[MasterSolution, LowerBound | None]:
        """Iterate until no column improves; return the last solution and bound, kept for the gap if `keep`."""
        bound: LowerBound | None = None
        while True:
            solution = self.solve_master()
            if solution is None:
                raise TimeLimit
            found = self.oracle.price_out(solution.price)
            bound = bound if found is None else found
            if keep:
                self.bounds.keep_incumbent(solution)
                self.bounds.keep_bound(found)
            self.count_iteration()
            if not self.add_improving_columns(solution.price):
                return solution, bound

    def solve_master(self) -> MasterSolution | None:
        """Solve the restricted master; None if the time is over before."""
        seconds = self.monitor.seconds_left
        return self.master.solve(seconds) if seconds >= 0 else None

    def count_iteration(self) -> None:
        """Tell the monitor of an iteration."""
        bounds, rows = self.bounds, self.master.row.size
        self.monitor.count(bounds.objective, bounds.lower.value, bounds.gap, self.pool.size, rows)

    def add_improving_columns(self, price: FloatArray) -> int:
        """Add the columns to the master that are better than its own at some prices; return how many."""
        return self.master.add_improving_columns(self.pool.priced_cost(price))

    def purge_columns(self) -> int:
        """Take columns out of the master that have long been idle, if they are many; return how many.

        They stay in the pool, and come back if prices make them cheap. As they leave only while the plan becomes
        cheaper, this comes to an end.
        """
        size = self.master.column.size
        if size < _PURGE_ABOVE or not self.bounds.objective < self._purged_at:
            return 0
        idle = self.master.idle_columns(_PURGE_AFTER)
        if idle.size < size // 3:
            return 0
        self._purged_at = self.bounds.objective
        usable = np.isfinite(self.pool.cost)
        usable[idle] = False
        basis = self.master.basis()
        self.master = self._new_master()
        self.master.resume(basis, usable)
        return int(idle.size)

    def raise_overflow_cost(self) -> None:
        """Raise the cost of overflow, and start the master again with all columns.

        Raises
        ------
        SolverError
            If it is as high as it can be.
        """
        self._overflow_factor *= _FACTOR_GROWTH
        if self._overflow_factor > _LARGEST_FACTOR:
            raise SolverError("The master of column generation overdraws resources at any price.")
        self.master = self._new_master()
        others = np.isfinite(self.pool.cost)
        others[self.master.key[self.master.key >= 0]] = False
        self.master.add_columns(np.flatnonzero(others))

    def _new_master(self) -> Master:
        """Return a master with the same key columns and nothing else."""
        cost = overflow_cost(self.problem, self.pool, self._overflow_factor)
        return Master(self.problem, self.pool, self.master.key, cost)
