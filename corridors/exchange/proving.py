"""An instance solved, and its answer judged by the certificate alone."""

from __future__ import annotations

import importlib
import math
import time
from dataclasses import dataclass, field

from corridors.models.certificate import Certificate, certify
from corridors.models.infeasibility import Infeasibility, plainly_infeasible, why_infeasible
from corridors.models.methods import METHODS, solve
from corridors.models.problem import FlowProblem, FlowSolution

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Answer:
    """What is known of an instance.

    Attributes
    ----------
    status
        ``optimal``: proved within a relative gap of 1e-6. ``infeasible``: proved that not all that must be
        served can be. ``feasible``: a sound plan, whose gap is wider. ``unproven``: not even that.
    objective, bound, gap
        Cost of the plan and lower bound on that of any, in the instance's unit of cost, and the relative gap, all by
        the certificate; None where there is no such figure, and for the cost of an answer that is not sound.
    seconds
        Wall-clock time of the method.
    iterations
        Of the method, in its own count.
    reasons
        Why it is not optimal, a sentence each.
    stopped
        Whether the user interrupted the method.
    why
        The proof that it is infeasible, where it is.
    solution
        The flows and prices that the figures above belong to; None where it is infeasible.
    """

    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    iterations: int
    reasons: tuple[str, ...]
    stopped: bool
    why: Infeasibility | None = field(default=None, repr=False)
    solution: FlowSolution | None = field(default=None, repr=False)


def answer(problem: FlowProblem, method: str = METHODS[0]) -> Answer:
    """Solve an instance by a method and prove the answer.

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    importlib.import_module(f"corridors.models.{method}")  # so that the seconds are without loading a solver
    begun = time.perf_counter()
    if plainly_infeasible(problem) and (why := why_infeasible(problem, method)) is not None:
        return _infeasible(why, begun)
    solution = solve(problem, method)
    seconds = time.perf_counter() - begun
    certificate = certify(problem, solution, TOLERANCE)
    claimed = not certificate.holds and solution.status == "infeasible"
    if claimed and (why := why_infeasible(problem, method)) is not None:
        return _infeasible(why, begun, int(solution.iterations))
    status = "optimal" if certificate.holds else _lesser(problem, solution)
    figures = (certificate.primal_objective, certificate.bound, certificate.gap)
    if status == "unproven":
        figures = (math.nan, certificate.bound, math.nan)
    objective, bound, gap = (float(one) if math.isfinite(one) else None for one in figures)
    return Answer(
        status=status,
        objective=objective,
        bound=bound,
        gap=gap,
        seconds=seconds,
        iterations=int(solution.iterations),
        reasons=certificate.reasons,
        stopped=solution.termination == "interrupted",
        solution=solution,
    )


def _infeasible(why: Infeasibility, begun: float, iterations: int = 0) -> Answer:
    """Return the answer that not all that must be served can be."""
    seconds = time.perf_counter() - begun
    reasons = ("No plan can serve all that must be served.",)
    return Answer("infeasible", None, None, None, seconds, iterations, reasons, stopped=False, why=why)


def _lesser(problem: FlowProblem, solution: FlowSolution) -> str:
    """Return the status of an answer that is not proved optimal."""
    if solution.status == "infeasible":
        return "unproven"
    plan: Certificate = certify(problem, solution, math.inf)  # sound but for amounts, whatever its gap
    worst = max(plan.worst_demand_residual, plan.worst_capacity_residual, plan.worst_negative)
    return "feasible" if plan.holds and worst <= TOLERANCE else "unproven"
