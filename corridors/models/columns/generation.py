"""Column generation: a master over known paths and a search for better ones, turn by turn, until proved.

The master's prices make a Lagrangian bound (Geoffrion 1974) at each turn, and the best of them closes the gap to the
best plan; nothing else ends a run but the clock or the user (Dantzig & Wolfe 1960; Luebbecke & Desrosiers 2005).
Everything here is in the units of `corridors.models.scaling`.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from corridors.errors import SolverError
from corridors.models import threads
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns import optimality
from corridors.models.columns.master import Answer, Basis, Master
from corridors.models.columns.pool import Pool
from corridors.models.feasibility import must_leave
from corridors.models.gap import ROUNDING, relative_gap
from corridors.models.pricing.trees import Priced, Pricing
from corridors.models.problem import FlowProblem
from corridors.models.termination import Dearer, Infeasible, OutOfTime, Progress, Stalled

_SLACKS = (0.0, 1e-10, 1e-9, 1e-8, 1e-7)  # off prices at which a circle that is known costs nothing but rounding
_IMPROVES = 1e-11  # relative: by how much a path must be cheaper than those known
_OVERDRAWN = 2e-9  # what ways out may carry in a plan: twice the solver's tolerance
_DEAR = 4.0  # times the dearest path: what a way out costs at first
_DEARER = 64.0
_DEAREST = 1e12
_MANY = 25  # overdrawn resources, from which on good prices are looked for first
_CLOSE = 0.8  # of the capacity: what takes part in that
_NEAR = 1e-3  # the relative gap where the simplex method takes over
_IDLE, _CROWD = 2, 2000  # answers without carrying anything, after which columns leave; how many are too many

type BoolArray = NDArray[np.bool_]


class Run:
    """One problem on its way to a proof.

    Parameters
    ----------
    problem
        In good units.
    demands
        Those that need a path: with an amount, and not where they already are.
    pool, pricer
        What is known so far.
    deadline
        By `time.perf_counter`.
    progress
        Is told of every turn.
    compiled
        Whether to use compiled loops.
    """

    def __init__(
        self,
        problem: FlowProblem,
        demands: IntArray,
        pool: Pool,
        pricer: Pricing,
        deadline: float = np.inf,
        progress: Callable[[Progress], None] | None = None,
        compiled: bool = False,
    ) -> None:
        self.compiled = compiled
        self.problem, self.demands, self.pool, self.pricer = problem, demands, pool, pricer
        self.bound, self.price = -np.inf, np.zeros(problem.resource_count)
        self.rounding, self._least = 0.0, np.zeros(problem.demand_count)  # of the bound, and what it is made of
        self._last = self.bound, self.price, self._least, self.rounding  # of the last search
        self.plan: Answer | None = None
        self.objective = np.inf
        self.iterations = 0
        self.master: Master
        self._began, self._deadline, self._progress = time.perf_counter(), deadline, progress
        self._dear = _DEAR
        self._left_at = np.inf  # the objective when idle columns left last
        self._must = np.isinf(problem.penalty)
        self._gives = np.zeros(problem.resource_count, dtype=bool)  # resources that some arc gives back
        self._gives[
            np.repeat(np.arange(problem.resource_count), np.diff(problem.usage.indptr))[problem.usage.data < 0]
        ] = True
        self._amount = np.zeros(problem.demand_count)
        self._amount[demands] = problem.amount[demands]

    @property
    def gap(self) -> float:
        """The proven gap, relative to the objective."""
        return relative_gap(self.objective, self.bound, self.rounding)

    def proved(self, gap: float) -> bool:
        """Tell whether the plan is proved to a relative gap, and no dearer demand hides what cheaper ones lose."""
        if not self.gap <= gap or self.plan is None:
            return False
        return optimality.widest(self.problem, self.pool, self.plan, self.price, self._least) <= gap

    def begin(self, gap: float) -> None:
        """Start from nothing: with every demand's cheapest path, or where many resources bind, at good prices.

        Parameters
        ----------
        gap
            The relative gap that is wanted in the end.

        Raises
        ------
        Infeasible
            If a demand that must be served has no path.
        """
        free = np.zeros(self.problem.resource_count)
        self.search(free)
        least = self.pool.least_cost(self.pool.cost)
        if (np.isinf(least) & (self._amount > 0)).any():
            raise Infeasible
        base = self.bases(self.pool.cost)
        use = self.pool.use[base[self.demands]].T @ self._amount[self.demands]
        over = use > self.problem.capacity
        crossing = self.pool.use[:, np.flatnonzero(over)].sum(axis=1) > 0
        stuck = self.pool.demand[np.flatnonzero(crossing & (self.pool.demand >= 0))]
        self.pool.add_unserved(np.unique(stuck[~self._must[stuck]]))
        if np.count_nonzero(over) >= _MANY and self.problem.usage.data.min() >= 0:
            self._begin_near(np.flatnonzero(use > _CLOSE * self.problem.capacity), gap)
        else:
            self.start_master(base)
            self.master.add_resources(np.flatnonzero(over))
            self.add_missing(self.pool.cost)

    def _begin_near(self, resources: IntArray, gap: float) -> None:
        """Start the master at good prices."""
        from corridors.models.columns.barrier.start import approach  # heavy linear algebra, not for small problems

        def search(price: FloatArray) -> float:
            if time.perf_counter() > self._deadline:
                raise OutOfTime
            self.search(price)
            return self.bound

        with threads.one_thread("scipy"):  # its own copy, loaded just now
            goal = max(gap, _NEAR)
            near = approach(self.problem, self.pool, resources, self._way_out(), search, goal, self.compiled)
        self.start_master(near.base)
        self.master.add_resources(near.resource)
        self.master.add_shares(near.shared)
        self.master.add_columns(near.column, dual=True)

    def bases(self, reduced: FloatArray) -> IntArray:
        """Give the cheapest column of each demand, (D,)."""
        base = np.full(self.problem.demand_count, -1)
        order = np.lexsort((-np.arange(self.pool.size), -reduced))
        order = order[np.isfinite(reduced[order]) & (self.pool.demand[order] >= 0)]
        base[self.pool.demand[order]] = order
        return base

    def start_master(self, base: IntArray, basis: Basis | None = None, idle: IntArray | None = None) -> None:
        """Set up the master, from scratch or from where an earlier one stopped, but without idle columns."""
        self.master = Master(self.problem, self.pool, base, self._way_out())
        if basis is not None:
            alive = np.isfinite(self.pool.cost)
            if idle is not None:
                alive[idle] = False
            self.master.resume(basis, alive)

    def leave_idle(self) -> int:
        """Let columns leave the master that have long been idle, if they are many; gives how many left.

        They stay in the pool, and come back if prices make them cheap. As they leave only while the plan becomes
        cheaper, this comes to an end.
        """
        size = self.master.column.size
        if size < _CROWD or not self.objective < self._left_at:
            return 0
        idle = self.master.idle(_IDLE)
        if idle.size < size // 3:
            return 0
        self._left_at = self.objective
        self.start_master(self.master.base, self.master.basis(), idle)
        return int(idle.size)

    def _way_out(self) -> FloatArray:
        """Give the price beyond which no resource is thought to be worth having, (R,)."""
        penalties = self.problem.penalty[np.isfinite(self.problem.penalty)]
        paths = self.pool.cost[np.isfinite(self.pool.cost)]
        dearest = max(1.0, float(penalties.max(initial=0)), float(paths.max(initial=0)))
        least = np.full(self.problem.resource_count, np.inf)
        rows = np.repeat(np.arange(self.problem.resource_count), np.diff(self.problem.usage.indptr))
        np.minimum.at(least, rows, np.abs(self.problem.usage.data))
        return self._dear * dearest / np.where(np.isfinite(least), least, 1.0)

    def add_missing(self, reduced: FloatArray) -> int:
        """Make columns explicit that are cheaper than the explicit ones of their demand; gives how many."""
        pool, master = self.pool, self.master
        explicit = np.zeros(pool.size, dtype=bool)
        explicit[master.column[master.column >= 0]] = True
        explicit[master.base[master.base >= 0]] = True
        owned = pool.demand >= 0
        least = np.full(self.problem.demand_count + 1, np.inf)
        least[-1] = 0  # a circle improves if it costs less than nothing
        np.minimum.at(least, pool.demand[explicit & owned], reduced[explicit & owned])
        aim = least[pool.demand]
        new = np.flatnonzero(~explicit & (reduced < aim - self._worth(aim)))
        master.add_columns(new)
        return int(new.size)

    def search(self, price: FloatArray) -> None:
        """Look for better paths at some prices, and see what they prove."""
        for slack in _SLACKS:
            price = np.where(self._gives, price * (1 - slack), price)
            known = self.pool.least_cost(self.pool.priced_cost(price))
            priced = self.pricer.price(price, known, _IMPROVES)
            if not priced.circle:
                break
            if self.pool.add_cycle(priced.circle[0], priced.circle[1:]).size:
                return
        if priced.circle:
            return
        least = np.minimum(priced.distance, known)
        pay, rent = self._amount[self.demands] * least[self.demands], self.problem.capacity * price
        bound, rounding = float(pay.sum() - rent.sum()), ROUNDING * float(np.abs(pay).sum() + rent.sum())
        if bound > self.bound:
            self.bound, self.price, self._least, self.rounding = bound, price, least, rounding
        self._last = bound, price, least, rounding
        self._take(priced, known, price)

    def _take(self, priced: Priced, known: FloatArray, price: FloatArray) -> None:
        better = priced.distance < known - self._worth(known)
        self.pool.add_paths(priced.demand, priced.arc, np.flatnonzero(better))
        stays = np.full(self.problem.demand_count, np.inf)  # the cheapest column if it is not the penalty
        reduced = self.pool.priced_cost(price)
        owned = self.pool.demand >= 0
        np.minimum.at(stays, self.pool.demand[owned], reduced[owned])
        leave = (stays > self.problem.penalty * (1 + _IMPROVES)) & (self._amount > 0) & ~self._must
        self.pool.add_unserved(np.flatnonzero(leave))

    def _worth(self, aim: FloatArray) -> FloatArray:
        """Give by how much a path must be cheaper than these costs to be worth having."""
        floor = 1.0 if self._gives.any() else 0.0  # what is given back may cancel out, and leave the last digits
        return _IMPROVES * (floor + np.abs(np.where(np.isfinite(aim), aim, 0)))

    def begin_at(self, price: FloatArray, closed: BoolArray, basis: Basis | None) -> None:
        """Start from earlier columns and prices.

        Parameters
        ----------
        price
            Of an earlier optimum, (R,).
        closed
            Which resources are newly without capacity, (R,): ways round them are looked for first.
        basis
            Where the master of an earlier run of the same demands stopped.

        Raises
        ------
        Infeasible
            If a demand that must be served has no path.
        """
        price = np.where(closed, np.maximum(price, self._way_out()), price)
        self.search(price)
        reduced = self.pool.priced_cost(price)
        if (np.isinf(self.pool.least_cost(reduced)) & (self._amount > 0)).any():
            raise Infeasible
        base = self.bases(reduced)
        if basis is not None:
            kept = np.flatnonzero((basis.base >= 0) & (base >= 0))
            kept = kept[np.isfinite(self.pool.cost[basis.base[kept]])]
            base[kept] = basis.base[kept]
        self.start_master(base, basis)
        self.add_missing(reduced)

    def improve(self, gap: float) -> None:
        """Take turns until the gap is proved.

        Raises
        ------
        Infeasible
            If what must be served cannot be.
        OutOfTime
            When the time is over.
        Dearer
            If no column is better, but ways out are still used.
        Stalled
            If no column is better, and the gap is still wider.
        """
        while True:
            answer = self.turn(gap)
            if self.proved(gap) and not self._outs(answer):
                return
            self.leave_idle()
            if not self.add_missing(self.pool.priced_cost(answer.price)):
                if self._outs(answer):
                    raise Dearer
                if not self.proved(gap):
                    raise Stalled
                return

    def turn(self, enough: float = -1.0) -> Answer:
        """Solve the master and search at its prices, unless earlier prices prove a small enough gap already."""
        if time.perf_counter() > self._deadline:
            raise OutOfTime
        answer = self.master.solve(self._deadline - time.perf_counter())
        if answer is None:
            raise OutOfTime
        if not self._outs(answer) and answer.objective <= self.objective:
            self.plan, self.objective = answer, answer.objective
        if not self.proved(enough):
            self.search(answer.price)
        self.iterations += 1
        if self._progress is not None:
            columns, rows, seconds = self.pool.size, self.master.row.size, time.perf_counter() - self._began
            self._progress(Progress(self.iterations, self.objective, self.bound, self.gap, columns, rows, seconds))
        return answer

    def make_dearer(self) -> None:
        """Raise the price of the ways out, and start the master again with all columns."""
        self._dear *= _DEARER
        if self._dear > _DEAREST:
            raise SolverError("The master of column generation overdraws resources at any price.")
        self.start_master(self.master.base)
        self.master.add_columns(np.flatnonzero(np.isfinite(self.pool.cost) & ~self._is_base()))

    def must_be_possible(self, lower_bound: Callable[[FlowProblem, float], float]) -> None:
        """Make sure that what must be served can be, or raise `Infeasible`.

        The function given returns a lower bound on the least cost of a problem, by a deadline.
        """
        if must_leave(self.problem, lambda least: lower_bound(least, self._deadline)):
            raise Infeasible

    def settle(self) -> tuple[float, FloatArray, FloatArray]:
        """Go on until no path is better at all; gives the objective, what is used of each resource, and prices."""
        answer = self._settled()
        if self.plan is None or answer.objective <= self.objective:
            self.plan, self.objective = answer, answer.objective
        self.bound, self.price, self._least, self.rounding = self._last
        return answer.objective, self.pool.use[answer.column].T @ answer.flow, self.price

    def beside(self, resource: int, capacity: float) -> tuple[Answer, FloatArray]:
        """Give the optimum and its prices, (R,), if the capacity of a resource were another one.

        Raises
        ------
        Dearer
            If there is no plan then.
        """
        kept = self.plan, self.objective, self.bound, self.price, self._least, self.rounding
        self.master.limit(resource, capacity)
        try:
            answer = self._settled()
            price = self._last[1]
        finally:
            self.plan, self.objective, self.bound, self.price, self._least, self.rounding = kept
        return answer, price

    def _settled(self) -> Answer:
        while True:
            answer = self.turn()
            if not self.add_missing(self.pool.priced_cost(answer.price)):
                break
        if self._outs(answer):
            raise Dearer
        return answer

    def has_plan(self) -> bool:
        """Tell whether there is a plan to give: one was found, or everything may be left."""
        return self.plan is not None or not (self._must & (self._amount > 0)).any()

    def best_plan(self) -> tuple[IntArray, FloatArray]:
        """Give the columns of the best plan so far, and what each carries.

        Raises
        ------
        SolverError
            If none is known.
        """
        if self.plan is not None:
            return self.plan.column, self.plan.flow
        if not self.has_plan():
            raise SolverError("No plan that serves what must be served was found in the time; allow more of it.")
        self.objective = float(self.problem.penalty[self.demands] @ self._amount[self.demands])
        self.pool.add_unserved(self.demands)
        bare = (self.pool.paths.length == 0) & (self.pool.demand >= 0)
        columns = np.flatnonzero(bare & (self._amount[self.pool.demand] > 0))
        return columns, self._amount[self.pool.demand[columns]]

    def _is_base(self) -> BoolArray:
        found = np.zeros(self.pool.size, dtype=bool)
        found[self.master.base[self.master.base >= 0]] = True
        return found

    def _outs(self, answer: Answer) -> bool:
        return answer.overdrawn > _OVERDRAWN
