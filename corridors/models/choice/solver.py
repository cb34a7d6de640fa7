r"""Nested logit under hard capacities, with or without waiting, by Newton's method on the dual in resource prices.

===================  ==============  ======
symbol               name            shape
===================  ==============  ======
:math:`\mu_r`        ``price``       (R,)
:math:`\nabla D`     ``slope``       (R,)
:math:`-\nabla^2 D`  ``curvature``   (F, F)
===================  ==============  ======
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from corridors.errors import ProblemError, SolverError
from corridors.models import threads
from corridors.models.arrays import FloatArray
from corridors.models.choice.curvature import curvature
from corridors.models.choice.dual import Dual, Point
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.repair import Plan, plan_at
from corridors.models.choice.search import Path, best_along
from corridors.models.choice.step import bounded_step
from corridors.models.problem import Termination

_ITERATIONS = 500
_NEAR = 1e-2  # of a capacity: from there on a plan is made of the choice
_LOADINGS = 4  # averaged, for a start with waiting


def solve(
    problem: ChoiceProblem, *, start: FloatArray | None = None, gap: float = 1e-6, time_limit: float | None = None
) -> ChoiceSolution:
    """Solve a problem of choice to a relative gap between a plan within the capacities and the dual.

    Parameters
    ----------
    problem
        To be solved. Units do not matter.
    start
        Prices of the resources to start from, (R,), as of an earlier answer.
    gap
        Relative gap to prove.
    time_limit
        Seconds.
    """
    if not gap > 0 or (time_limit is not None and not time_limit >= 0):
        raise ProblemError(f"A gap above 0 and a time of 0 or more are needed; {gap} and {time_limit} were given.")
    began = time.perf_counter()
    with threads.one_thread("numpy"):
        dual = Dual.of(problem)
        built = time.perf_counter()
        run = _Run(dual, gap, began + (np.inf if time_limit is None else time_limit))
        termination = run.iterate(_start(dual, start))
    solved = time.perf_counter()
    assert run.plan is not None
    unserved = problem.flow.amount.copy()
    unserved[dual.layout.demand] = run.plan.left
    return ChoiceSolution(
        route_flow=run.plan.route_flow,
        unserved=unserved,
        resource_price=run.price,
        iterations=run.iterations,
        evaluations=run.evaluations,
        seconds={"build": built - began, "solve": solved - built, "read": time.perf_counter() - solved},
        termination=termination,
    )


@dataclass
class _Run:
    dual: Dual
    gap: float
    deadline: float
    iterations: int = 0
    evaluations: int = 0
    plan: Plan | None = None
    price: FloatArray = None

    def iterate(self, point: Point) -> Termination:
        for self.iterations in range(_ITERATIONS):
            if self._proved(point):
                return "gap"
            if time.perf_counter() > self.deadline:
                return "time_limit"
            following = best_along(self._newton(point))
            if following is None:
                return "stalled"
            point = following
        return "stalled"

    def _proved(self, point: Point) -> bool:
        scale = np.where(self.dual.capacity > 0, self.dual.capacity, 1.0)
        if (point.slope > _NEAR * scale).any():
            return False
        plan = plan_at(self.dual, point)
        if plan is not None and (self.plan is None or plan.gap <= self.plan.gap):
            self.plan, self.price = plan, point.price
        return plan is not None and plan.gap <= self.gap

    def _newton(self, point: Point) -> Path:
        dual = self.dual
        soft = (point.give > 0) & (point.price > 0)
        active = np.flatnonzero((point.price > 0) | (point.slope > 0))
        room = np.where(soft, np.inf, point.price)[active]
        matrix = curvature(dual, point, active)
        step = np.zeros_like(point.price)
        step[active] = bounded_step(matrix, point.slope[active], room)
        return Path(dual, point, step, soft)


def _start(dual: Dual, price: FloatArray | None) -> Point:
    if price is not None:
        return dual.at(np.maximum(price, 0.0))
    point = dual.at(np.zeros_like(dual.capacity))
    if dual.delay is None:
        return point
    share = np.zeros_like(dual.capacity)
    for loading in range(1, _LOADINGS + 1):
        full = np.divide(point.use, dual.capacity, out=np.zeros_like(share), where=dual.capacity > 0)
        share += (np.minimum(full, 1.0) - share) / loading
        point = dual.at(np.where(dual.delay.waits, dual.delay.waiting(share), 0.0))
    return point
