"""Perturbed utility over all routes, under hard capacities: the way in, which loads no compiled code by itself."""

from __future__ import annotations

import time
from importlib.util import find_spec

import numpy as np

from corridors.errors import ProblemError, extra_missing
from corridors.models.arrays import FloatArray
from corridors.models.choice.perturbed.solution import PerturbedSolution
from corridors.models.problem import FlowProblem
from corridors.models.threads import one_thread


def solve(
    problem: FlowProblem,
    scale: FloatArray,
    *,
    start: PerturbedSolution | None = None,
    gap: float = 1e-6,
    time_limit: float | None = None,
) -> PerturbedSolution:
    """Find the flows of shippers who spread over all routes, under hard capacities.

    Parameters
    ----------
    problem
        The network and the demands.
    scale
        How little each demand spreads, tau, (D,), above 0.
    start
        An earlier answer on the same network: its routes, flows and prices are where it begins.
    gap
        Relative gap to prove, above 0.
    time_limit
        Seconds; after them the best that is known.

    Returns
    -------
    PerturbedSolution
        Certify it (`corridors.models.choice.perturbed.certificate.certify`).

    Raises
    ------
    ProblemError
        If the scales or the earlier answer do not fit the problem, or the gap or the time is not a number above 0.
    SolverError
        If what must be served cannot be, or only by going round in a circle.
    ExtraMissing
        If numba is not installed.
    KeyboardInterrupt
        If it is interrupted before anything flows.
    """
    if scale.shape != (problem.demand_count,) or not (np.isfinite(scale) & (scale > 0)).all():
        raise ProblemError(f"A finite tau above 0 is needed for each of the {problem.demand_count} demands.")
    if not gap > 0 or (time_limit is not None and not time_limit >= 0):
        raise ProblemError(f"A gap above 0 and a time of 0 or more are needed; {gap} and {time_limit} were given.")
    if start is not None and not _fits(problem, start):
        raise ProblemError("The earlier answer to start from is not one on this network with these demands.")
    deadline = time.perf_counter() + (np.inf if time_limit is None else time_limit)
    if find_spec("numba") is None:
        raise extra_missing("a choice over the whole network", "fast", "use --choice logit")
    from corridors.models.choice.perturbed.rounds import Rounds  # loads numba, most of a second

    with one_thread("scipy"):
        return Rounds(problem, scale, gap, deadline).solve(start)


def _fits(problem: FlowProblem, start: PerturbedSolution) -> bool:
    """Tell whether an answer has the numbers of demands, resources and arcs that a problem has."""
    sizes = start.unserved.size == problem.demand_count and start.resource_price.size == problem.resource_count
    arcs = start.routes.arc.max(initial=-1) < problem.arc_count
    return bool(sizes and arcs and start.routes.demand.max(initial=-1) < problem.demand_count)
