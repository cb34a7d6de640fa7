"""Whether what must be served can be, by column generation over the least that must stay unserved."""

from __future__ import annotations

import numpy as np

from corridors.models.columns import tolerances
from corridors.models.columns.bounds import Bounds
from corridors.models.columns.generation import ColumnGeneration
from corridors.models.columns.oracle import PricingOracle, demands_to_route
from corridors.models.columns.pool import Pool
from corridors.models.columns.start import initialise
from corridors.models.feasibility import must_leave
from corridors.models.pricing.trees import Pricer
from corridors.models.problem import FlowProblem
from corridors.models.termination import Monitor, TimeLimit


def can_serve_mandatory(problem: FlowProblem, deadline: float) -> bool:
    """Tell whether a plan exists that serves all that must be served.

    Parameters
    ----------
    problem
        In the units of `corridors.models.scaling`.
    deadline
        By `time.perf_counter`.

    Raises
    ------
    TimeLimit
        If the time is over before.
    """
    return not must_leave(problem, lambda least: _lower_bound(least, deadline))


def _lower_bound(problem: FlowProblem, deadline: float) -> float:
    """Return a lower bound on the least cost of a problem without mandatory demands, less what rounding may add."""
    gap = tolerances.TOLERANCES.unserved_gap
    pool = Pool(problem)
    bounds, monitor = Bounds(problem, pool), Monitor(deadline)
    oracle = PricingOracle(problem, pool, Pricer(problem, demands_to_route(problem)))
    master = initialise(oracle, bounds, monitor, gap)
    if master is None:
        return np.inf
    generation = ColumnGeneration(oracle, master, bounds, monitor)
    while (ending := generation.solve_to_gap(gap)) == "overflow":
        generation.raise_overflow_cost()
    if ending == "time_limit":
        raise TimeLimit
    return bounds.lower.value - bounds.lower.rounding  # a bound is true wherever it was found, also where this stalled
