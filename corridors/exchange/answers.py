"""An instance solved and proved: what a method answers is worth what the certificate finds of it."""

from __future__ import annotations

import importlib
import math
import time
from dataclasses import dataclass, replace

import numpy as np

from corridors.models.bound import relax
from corridors.models.certificate import Certificate, certify
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
        served can be. ``feasible``: a sound plan, whose gap is wider. ``unproven``: nothing holds.
    objective, bound, gap
        Cost of the plan and what no plan can be below, in the instance's unit of cost, and the relative gap,
        all by the certificate; None where there is no such figure, and no cost of an answer that is not sound.
    seconds
        Wall-clock time of the method.
    iterations
        Of the method, in its own count.
    reasons
        Why it is not optimal, a sentence each.
    stopped
        Whether the user interrupted the method.
    """

    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    iterations: int
    reasons: tuple[str, ...]
    stopped: bool


def answer(problem: FlowProblem, method: str = METHODS[0]) -> Answer:
    """Solve an instance by a method and prove the answer.

    Raises
    ------
    SolverError
        If the solver gives no answer.
    """
    importlib.import_module(f"corridors.models.{method}")  # or its first use would pay for loading a solver
    begun = time.perf_counter()
    solution = solve(problem, method)
    seconds = time.perf_counter() - begun
    certificate = certify(problem, solution, TOLERANCE)
    status = "optimal" if certificate.holds else _lesser(problem, solution, method)
    figures = (certificate.primal_objective, certificate.bound, certificate.gap)
    if status == "infeasible":
        figures = (math.nan,) * 3
    elif status == "unproven":
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
    )


def _lesser(problem: FlowProblem, solution: FlowSolution, method: str) -> str:
    """Say what an answer is that is not proved optimal."""
    if solution.status == "infeasible":
        return "infeasible" if must_leave(problem, method) else "unproven"
    plan: Certificate = certify(problem, solution, math.inf)  # sound but for amounts, whatever its gap
    worst = max(plan.worst_demand_residual, plan.worst_capacity_residual, plan.worst_negative)
    return "feasible" if plan.holds and worst <= TOLERANCE else "unproven"


def must_leave(problem: FlowProblem, method: str) -> bool:
    """Prove that some of what must be served cannot be, whatever the solver said.

    The least that must be left is itself a flow problem, without costs and at a price of 1 for every unit of
    such demand; a bound above zero, which holds for any prices, is the proof (Farkas 1902).
    """
    left = replace(
        problem,
        cost=np.where(np.isfinite(problem.cost), 0.0, np.inf),
        penalty=np.where(np.isinf(problem.penalty), 1.0, 0.0),
    )
    solution = solve(left, method)
    relaxed = relax(left, np.maximum(solution.resource_price, 0))
    return relaxed.value > relaxed.rounding
