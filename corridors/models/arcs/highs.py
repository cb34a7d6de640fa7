"""The one place where the arc formulation meets a solver: HiGHS (Huangfu & Hall 2018), through PuLP.

The status is read before anything else is. Prices have the usual sign: the money that one more unit on the right-hand
side of a ``<=`` row saves, at least 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import highspy
import numpy as np
import pulp

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.gap import without_dust
from corridors.models.highs import greet

# On planar, grid and freight networks the simplex method is up to three times faster without presolve, and
# goes on from its last basis. `parallel` instead of `threads`: HiGHS will not run a model that asks for
# another number of threads than an earlier one in the same process did.
_OPTIONS: dict[str, Any] = {"presolve": "off", "parallel": "off"}

_RESTARTS: tuple[dict[str, Any], ...] = ({}, {"simplex_strategy": 4}, {"presolve": "on"}, {"solver": "ipm"})

_FAILED = (highspy.HighsModelStatus.kSolveError, highspy.HighsModelStatus.kUnknown)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver found.

    Attributes
    ----------
    status
        Whether there is an optimum or no solution.
    values, prices
        Of the variables and of the ``<=`` rows asked about, in their order; 0 if infeasible.
    objective
        Cost of the optimum.
    iterations
        Of the simplex method.
    """

    status: Literal["optimal", "infeasible"]
    values: FloatArray
    prices: FloatArray
    objective: float
    iterations: int


def solve(program: pulp.LpProblem, variables: Sequence[pulp.LpVariable], rows: Sequence[pulp.LpConstraint]) -> Outcome:
    """Minimise a linear program.

    Parameters
    ----------
    program
        To be minimised. It keeps the solver's model, from which `WarmSolver` goes on.
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
        return Outcome("optimal", np.empty(0), np.zeros(len(rows)), 0.0, 0)
    greet()  # PuLP makes the solver
    found = _run(program)
    info = _solver_of(program).getInfo()
    iterations = int(info.simplex_iteration_count)
    if found.status == pulp.LpSolveStatus.Infeasible:
        return Outcome("infeasible", np.zeros(len(variables)), np.zeros(len(rows)), np.inf, iterations)
    if found.status != pulp.LpSolveStatus.Optimal:
        raise SolverError(
            f"The solver stopped without an optimum; it reports: {found.status_str}. If its figures are far apart, "
            "lower the largest penalties: one that is above the cost of any way has the same effect."
        )
    values = np.array([variable.varValue for variable in variables], dtype=np.float64)
    prices = -np.array([row.pi for row in rows], dtype=np.float64)
    if not (np.isfinite(values).all() and np.isfinite(prices).all()):
        raise SolverError("The solver reports an optimum, but gives values that are not finite numbers.")
    prices = without_dust(np.maximum(prices, 0), right_hand_sides(rows))
    return Outcome("optimal", values, prices, float(info.objective_function_value), iterations)


def right_hand_sides(rows: Sequence[pulp.LpConstraint]) -> FloatArray:
    """Return the right-hand sides of ``<=`` rows, which PuLP keeps on the left."""
    return np.array([-row.constant for row in rows], dtype=np.float64)


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


class WarmSolver:
    """The solver at the optimum of a program, which goes on from its basis when one right-hand side changes.

    Parameters
    ----------
    program
        As `solve` left it, optimal.
    variables, rows
        As of `solve`.

    Raises
    ------
    SolverError
        If the program was not solved.
    """

    def __init__(
        self, program: pulp.LpProblem, variables: Sequence[pulp.LpVariable], rows: Sequence[pulp.LpConstraint]
    ) -> None:
        self._solver = _solver_of(program)
        self._column: IntArray = np.array([variable.id for variable in variables], dtype=np.int64)
        self._row: IntArray = np.array([row.id for row in rows], dtype=np.int64)
        self._limits = right_hand_sides(rows)
        self._basis = self._solver.getBasis()

    def activity(self) -> FloatArray:
        """Return the left-hand sides of the rows."""
        return np.array(self._solver.getSolution().row_value, dtype=np.float64)[self._row]

    def resolve(self, place: int, limit: float) -> Outcome | None:
        """Solve with another right-hand side of the row at a place in the rows; return None if infeasible.

        Raises
        ------
        SolverError
            If the solver fails.
        """
        self._solver.changeRowBounds(int(self._row[place]), -highspy.kHighsInf, limit)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"The solver lost the optimum beside a limit; it reports: {status.name}.")
        solution = self._solver.getSolution()
        values, prices = np.array(solution.col_value)[self._column], -np.array(solution.row_dual)[self._row]
        objective = float(self._solver.getInfo().objective_function_value)
        return Outcome("optimal", values, without_dust(np.maximum(prices, 0), self._limits), objective, 0)

    def restore(self, place: int) -> None:
        """Set the right-hand side of a row and the basis back to what they were at first."""
        self._solver.changeRowBounds(int(self._row[place]), -highspy.kHighsInf, float(self._limits[place]))
        self._solver.setBasis(self._basis)


def _solver_of(program: pulp.LpProblem) -> Any:
    if program.solverModel is None:
        raise SolverError("The program was not solved, so it has no solver to go on with.")
    return program.solverModel
