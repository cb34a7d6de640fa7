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

# On planar, grid and freight networks the simplex method is up to three times faster without presolve, and
# goes on from where it ended. `parallel` instead of `threads`: HiGHS will not run a model that asks for
# another number of threads than an earlier one in the same process did.
_OPTIONS: dict[str, Any] = {"presolve": "off", "parallel": "off"}

_RESTARTS: tuple[dict[str, Any], ...] = ({}, {"simplex_strategy": 4}, {"presolve": "on"}, {"solver": "ipm"})

_FAILED = (highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kUnknown)

_STEP = 2.0**-14  # of the right-hand side: the first step aside that a one-sided price is measured with
_SHRINK = 2.0**-4
_STEPS = 4


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
    return Outcome("optimal", values, np.maximum(prices, 0), iterations, seconds)


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


def price_intervals(
    program: pulp.LpProblem, rows: Sequence[pulp.LpConstraint], prices: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give what a little more of each ``<=`` row saves, and what a little less costs, for each unit.

    The optimum as a function of a right-hand side is convex and made of straight pieces; its slopes to either
    side are two prices, and any solver's price lies between (Gal 1986). Each is read off by moving the
    right-hand side a little, solving again from the last basis, and making sure by the change of the optimum
    that this was on one straight piece; if not, by a smaller step.

    Parameters
    ----------
    program
        As `solve` left it, optimal.
    rows, prices
        The rows asked about, and their prices as solved.

    Returns
    -------
    tuple
        The low and the high prices: ``low <= price <= high``. High is ``inf`` where one fewer unit leaves no
        solution, and NaN where there is no unit to lose.

    Raises
    ------
    SolverError
        If solving again fails.
    """
    solver = _solver_of(program)
    optimum = float(solver.getInfo().objective_function_value)
    activity = list(solver.getSolution().row_value)
    basis = solver.getBasis()
    low, high = np.zeros(len(rows)), np.zeros(len(rows))
    for i, row in enumerate(rows):
        limit = float(-row.constant)
        if limit - activity[row.id] > max(limit, 1) * _STEP:
            continue
        low[i] = min(prices[i], _slope(solver, row.id, limit, 1, optimum))
        high[i] = max(prices[i], _slope(solver, row.id, limit, -1, optimum)) if limit > 0 else np.nan
        solver.changeRowBounds(row.id, -highspy.kHighsInf, limit)
        solver.setBasis(basis)
    return low, high


def _slope(solver: Any, row: int, limit: float, side: Literal[1, -1], optimum: float) -> float:
    """Measure the price of a row just beside its limit."""
    step = max(limit, 1.0) * _STEP if side > 0 else limit * _STEP
    price = np.inf
    for _ in range(_STEPS):
        solver.changeRowBounds(row, -highspy.kHighsInf, limit + side * step)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible and side < 0:
            price = np.inf
        elif status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"The solver lost the optimum beside a limit; it reports: {status.name}.")
        else:
            price = max(0.0, -float(solver.getSolution().row_dual[row]))
            change = side * (optimum - float(solver.getInfo().objective_function_value))
            if abs(change - price * step) <= 1e-6 * price * step + 1e-13 * abs(optimum):
                break
        step *= _SHRINK
    return price


def _solver_of(program: pulp.LpProblem) -> Any:
    if program.solverModel is None:
        raise SolverError("The program was not solved, so it has no solver to go on with.")
    return program.solverModel
