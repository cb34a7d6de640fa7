"""The one place where the arc formulation meets a solver: HiGHS (Huangfu & Hall 2018), through PuLP.

The status is read before anything else is. Prices come out as people expect them: the money that one more
unit on the right-hand side of a ``<=`` row saves, at least 0.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
import pulp

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray
from corridors.models.gap import without_dust
from corridors.models.highs import greet

# On planar, grid and freight networks the simplex method is up to three times faster without presolve, and
# goes on from where it ended. `parallel` instead of `threads`: HiGHS will not run a model that asks for
# another number of threads than an earlier one in the same process did.
_OPTIONS: dict[str, Any] = {"presolve": "off", "parallel": "off"}

_RESTARTS: tuple[dict[str, Any], ...] = ({}, {"simplex_strategy": 4}, {"presolve": "on"}, {"solver": "ipm"})

_FAILED = (highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kUnknown)

_STEP = 2.0**-14  # of the right-hand side: the first step aside that a one-sided price is measured with
_SHRINK = 2.0**-4
_STEPS = 4
_SPARE = 1e-9  # of the limit: room that is no rounding
_SAME = 1e-9  # relative: prices that differ by less are one


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver found: ``values`` of the variables and ``prices`` of the rows, in the order asked."""

    status: Literal["optimal", "infeasible"]
    values: FloatArray
    prices: FloatArray
    iterations: int
    seconds: float


def solve(program: pulp.LpProblem, variables: Sequence[pulp.LpVariable], rows: Sequence[pulp.LpConstraint]) -> Outcome:
    """Minimise a linear program.

    Parameters
    ----------
    program
        To be minimised. It keeps the solver's model, from which `price_intervals` goes on.
    variables
        Whose values are wanted.
    rows
        The ``<=`` rows whose prices are wanted.

    Raises
    ------
    SolverError
        If the solver neither finds an optimum nor proves that there is none.
    """
    if not variables:  # a program without any is no program to HiGHS
        return Outcome("optimal", np.empty(0), np.zeros(len(rows)), 0, 0.0)
    greet()  # PuLP makes the solver
    start = time.perf_counter()
    found = _run(program)
    seconds = time.perf_counter() - start
    iterations = int(_solver_of(program).getInfo().simplex_iteration_count)
    if found.status == pulp.LpSolveStatus.Infeasible:
        return Outcome("infeasible", np.zeros(len(variables)), np.zeros(len(rows)), iterations, seconds)
    if found.status != pulp.LpSolveStatus.Optimal:
        raise SolverError(
            f"The solver stopped without an optimum; it reports: {found.status_str}. If its figures are far apart, "
            "lower the largest penalties: one that is above the cost of any way has the same effect."
        )
    values = np.array([variable.varValue for variable in variables], dtype=np.float64)
    prices = -np.array([row.pi for row in rows], dtype=np.float64)
    if not (np.isfinite(values).all() and np.isfinite(prices).all()):
        raise SolverError("The solver reports an optimum, but gives values that are not finite numbers.")
    limits = np.array([-row.constant for row in rows], dtype=np.float64)
    return Outcome("optimal", values, without_dust(np.maximum(prices, 0), limits), iterations, seconds)


def _run(program: pulp.LpProblem) -> Any:
    """Run the solver, by one algorithm after the other until one comes to an end."""
    found = None
    for changed in _RESTARTS:
        try:
            found = program.solve(pulp.HiGHS(msg=False, **(_OPTIONS | changed)))
        except pulp.PulpError as error:
            raise SolverError(f"The solver could not be run: {error}.") from error
        if _solver_of(program).getModelStatus() not in _FAILED:
            break
    return found


@dataclass(frozen=True, eq=False)
class Beside:
    """What a solver found with another right-hand side of one of the rows asked about."""

    row: int
    limit: float
    outcome: Outcome


def price_intervals(
    program: pulp.LpProblem,
    variables: Sequence[pulp.LpVariable],
    rows: Sequence[pulp.LpConstraint],
    wanted: Sequence[int],
    prices: FloatArray,
    usual: float,
) -> tuple[FloatArray, FloatArray, list[Beside]]:
    """Give what a little more of some ``<=`` rows saves, and what a little less costs, for each unit.

    The optimum as a function of a right-hand side is convex and made of straight pieces; its slopes to either
    side are two prices, and any solver's price lies between (Gal 1986). Each is read off by moving the
    right-hand side a little, solving again from the last basis, and making sure by the change of the optimum
    that this was on one straight piece; if not, by a smaller step.

    Parameters
    ----------
    program
        As `solve` left it, optimal.
    variables, rows, prices
        Whose values are wanted beside, the ``<=`` rows, and their prices as solved.
    wanted
        The rows asked about, by their places in `rows`.
    usual
        A right-hand side of the usual size, which the first step from one of 0 is a share of.

    Returns
    -------
    tuple
        The low and the high prices, for each of those asked about, and what was found beside: ``low <= price <= high``.
        High is NaN where one fewer unit leaves no solution, or there is no unit to lose; both where no step was small
        enough.

    Raises
    ------
    SolverError
        If solving again fails.
    """
    solver = _solver_of(program)
    activity, basis = list(solver.getSolution().row_value), solver.getBasis()
    measure = _Measure(solver, variables, rows, usual)
    low, high = np.full((2, len(wanted)), np.nan)
    for n, i in enumerate(wanted):
        row, limit = rows[i], float(-rows[i].constant)
        if prices[i] <= 0:
            low[n] = 0
        if prices[i] <= 0 and limit > 0 and activity[row.id] < limit * (1 - _SPARE):
            high[n] = 0
            continue
        if prices[i] > 0:
            low[n] = np.minimum(prices[i], measure.end(i, limit, 1, prices[i]))
        if limit > 0:
            high[n] = np.maximum(prices[i], measure.end(i, limit, -1, prices[i]))
        solver.changeRowBounds(row.id, -highspy.kHighsInf, limit)
        solver.setBasis(basis)
    return low, high, measure.found


class _Measure:
    """Reads prices off beside the limits of rows."""

    def __init__(
        self, solver: Any, variables: Sequence[pulp.LpVariable], rows: Sequence[pulp.LpConstraint], usual: float
    ) -> None:
        self._solver, self._rows = solver, rows
        self._column = np.array([variable.id for variable in variables], dtype=np.int64)
        self._row = np.array([row.id for row in rows], dtype=np.int64)
        self._optimum = float(solver.getInfo().objective_function_value)
        self._limits = np.array([-row.constant for row in rows], dtype=np.float64)
        self._usual = usual
        self.found: list[Beside] = []

    def end(self, place: int, limit: float, side: Literal[1, -1], own: float) -> float:
        """Measure the price of a row just beside its limit, and keep what proves it; NaN if nothing does."""
        step = (limit if limit > 0 else self._usual) * _STEP
        for _ in range(_STEPS):
            outcome = self._beside(place, limit + side * step)
            if outcome is not None:
                slope = float(outcome.prices[place])
                change = side * (self._optimum - float(self._solver.getInfo().objective_function_value))
                straight = abs(change - slope * step) <= 1e-6 * slope * step + 1e-13 * abs(self._optimum)
                if straight and side * (own - slope) >= -_SAME * max(own, slope):
                    self.found.append(Beside(place, limit + side * step, outcome))
                    return slope
            step *= _SHRINK
        return np.nan

    def _beside(self, place: int, limit: float) -> Outcome | None:
        """Solve with another limit of a row; gives None if there is no solution then."""
        self._solver.changeRowBounds(self._rows[place].id, -highspy.kHighsInf, limit)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"The solver lost the optimum beside a limit; it reports: {status.name}.")
        solution = self._solver.getSolution()
        values, prices = np.array(solution.col_value)[self._column], -np.array(solution.row_dual)[self._row]
        return Outcome("optimal", values, without_dust(np.maximum(prices, 0), self._limits), 0, 0.0)


def _solver_of(program: pulp.LpProblem) -> Any:
    if program.solverModel is None:
        raise SolverError("The program was not solved, so it has no solver to go on with.")
    return program.solverModel
