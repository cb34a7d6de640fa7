r"""Nested logit under hard capacities, with or without waiting, by Newton's method on the dual in resource prices.

The parts are modules, to be read in this order:

* `corridors.models.choice.layout` puts routes, ways and demands in arrays, `corridors.models.choice.closures` closes
  what a capacity of 0 closes;
* `corridors.models.choice.dual` evaluates the dual, `corridors.models.choice.curvature` its second derivative;
* `corridors.models.choice.newton` keeps the matrix at a point and tells Newton's step, which
  `corridors.models.choice.step` finds within its bounds, and `corridors.models.choice.search` how far to go;
* `corridors.models.choice.repair` makes a plan of the choice at the prices, and tells its gap.

`corridors.models.choice.certificate` is the proof, and shares nothing with these.

================  ==============  ======
symbol            name            shape
================  ==============  ======
:math:`\mu_r`     ``price``       (R,)
:math:`\nabla D`  ``slope``       (R,)
================  ==============  ======
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from corridors.errors import ProblemError, SolverError
from corridors.models import threads
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice import closures
from corridors.models.choice.checks import check
from corridors.models.choice.dual import Dual, Point
from corridors.models.choice.newton import Newton
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution, Curvature
from corridors.models.choice.repair import WIDE, Plan, nothing_moves, plan_at
from corridors.models.choice.search import Path, best_along
from corridors.models.problem import Termination

_STEPS = 1000  # with new matrices and old; it takes ten, and more where prices are nearly those of the linear plan
_PATIENCE = 40  # steps on which the dual does not rise; prices may still be on their way to where a flow ends
_NEAR, _ROOTS = 1e-2, 2.0  # of a capacity, and of the root of the gap: so far beyond it choice may be for a plan
_IDLE = 0.25  # of the gap: what is idle at its price makes a gap, and for the demands that pay least several times it
_LITTLE = 1e-8  # of all that may pass: the same
_LOADINGS = 4  # averaged, for a start with waiting
_MANY, _PERIOD = 100, 10  # steps after which they may be going to and fro, and over how many of them they get on
_LEFT = 0.1  # of the slope after a step with a matrix: with more left the same matrix does not serve again


def solve(
    problem: ChoiceProblem,
    *,
    start: FloatArray | ChoiceSolution | None = None,
    gap: float = 1e-6,
    time_limit: float | None = None,
) -> ChoiceSolution:
    """Solve a problem of choice to a relative gap between a plan within the capacities and the dual.

    Parameters
    ----------
    problem
        To be solved. Units do not matter. What is the same for all problems with the same routes, ways, usage and
        classes (the same objects) is made once and kept as long as the routes are.
    start
        An answer to a problem with the same resources, or its prices alone, (R,); by default nothing costs anything.
        An answer has its last curvature, too, which spares making the first one anew where little has changed.
    gap
        Relative gap to prove, of the whole and of the demands that pay least.
    time_limit
        Seconds.

    Returns
    -------
    ChoiceSolution
        The best plan found. Its termination is ``gap``, or else says why that was not reached. Certify it.

    Raises
    ------
    ProblemError
        If the problem is not one, or the listed routes cannot carry what must be served.
    SolverError
        If there is no outside option, and no plan was found in the time.
    KeyboardInterrupt
        If it is interrupted before there is a plan.
    """
    price, kept = _checked(problem, start, gap, time_limit)
    began = time.perf_counter()
    with threads.one_thread("numpy"):
        whole = Dual.of(problem)
        rounds = closures.closures(whole)
        dual = _with_closed(whole, rounds)
        _check_served(problem, dual)
        built = time.perf_counter()
        run = _Run(dual, gap, began + (np.inf if time_limit is None else time_limit))
        termination = run.to_the_end(price, kept)
        plan, point = run.best(termination)
        final = closures.closing_prices(whole, point, rounds)
    solved = time.perf_counter()
    return ChoiceSolution(
        route_flow=plan.route_flow,
        unserved=_unserved(problem, dual, plan),
        resource_price=final,
        iterations=run.steps,
        evaluations=run.evaluations,
        seconds={"build": built - began, "solve": solved - built, "read": time.perf_counter() - solved},
        termination=termination,
        curvature=kept if run.newton is None else run.newton.kept,
    )


def _checked(
    problem: ChoiceProblem, start: FloatArray | ChoiceSolution | None, gap: float, time_limit: float | None
) -> tuple[FloatArray | None, Curvature | None]:
    """Check what was given, and return the prices and the curvature to start from."""
    if not gap > 0 or (time_limit is not None and not time_limit >= 0):
        raise ProblemError(f"A gap above 0 and a time of 0 or more are needed; {gap} and {time_limit} were given.")
    price, kept = (start.resource_price, start.curvature) if isinstance(start, ChoiceSolution) else (start, None)
    check(problem, price)
    return price, kept


@dataclass
class _Run:
    """Newton's method on one dual, and the best that it found."""

    dual: Dual
    gap: float
    deadline: float
    steps: int = 0
    evaluations: int = 0
    still: int = 0
    found: tuple[Plan, Point] | None = None
    last: Point | None = None
    judged: Point | None = None
    newton: Newton | None = None

    @cached_property
    def highest(self) -> float:
        """A value that no plan exceeds: a dual above it proves that there is none."""
        return _dearest(self.dual)

    def to_the_end(self, price: FloatArray | None, kept: Curvature | None) -> Termination:
        """Start, and iterate until the gap is proved, the time is over, or it is interrupted."""
        try:
            point = self._start(price)
            newton = None if kept is None else Newton.of(self.dual, point, kept)
            return self._iterate(point, newton if newton and newton.has_all_that_move(point) else None)
        except KeyboardInterrupt:
            if self.found is None and (self.dual.mandatory.any() or self.last is None):
                raise
            return "interrupted"

    def best(self, termination: Termination) -> tuple[Plan, Point]:
        """Return the best plan that was found, and the point at which it was."""
        if self.found is not None:
            return self.found
        point = self.dual.at(np.zeros_like(self.dual.capacity)) if self.last is None else self.last
        plan = plan_at(self.dual, point) or nothing_moves(self.dual, point)
        if np.isfinite(plan.objective):
            return plan, point
        raise SolverError(
            f"No plan within the capacities was found that serves what must be ({termination} after {self.steps} "
            "steps). Give the demands that must be served a penalty, or list more routes for them."
        )

    def _iterate(self, point: Point, newton: Newton | None) -> Termination:
        passed = point
        for number in range(1, _STEPS + 1):
            self.last = point
            # a plan within the capacities, near the choice: if it meets the dual, that is the end
            if self._proved(point):
                return "gap"
            if time.perf_counter() >= self.deadline:
                return "time_limit"
            # steps that go to and fro across a fold of the dual: on in the direction in which they get on together
            if number % _PERIOD == 0:
                onward = self._onward(passed, point) if number > _MANY else None
                point, newton = (point, newton) if onward is None else (onward, None)
                passed = point
            # the last matrix once more, while that brings much
            if newton is not None and newton is self.newton:
                again, trials = best_along(newton.path(point), trials=1)
                self.evaluations += trials
                if again is not None:
                    newton = newton if self._serves(newton, point, again) else None
                    point = again
                    continue
                newton = None
            # Newton's step within its bounds, and as far along it as the dual rises
            earlier, before = newton is not None, self.evaluations
            newton = self.newton = newton or self._made(point)
            following = self._farther(newton.path(point))
            if following is None and not earlier:
                break
            whole = self.evaluations == before + 1
            newton = newton if whole and following is not None and self._serves(newton, point, following) else None
            point = following or point
        return "gap" if self._proved(point, near=False) else "stalled"

    def _onward(self, earlier: Point, point: Point) -> Point | None:
        """Return a higher point on the line through two of the way (Hooke & Jeeves 1961), None if there is none."""
        hard = np.zeros(point.price.size, dtype=bool)
        found, trials = best_along(Path(self.dual, point, point.price - earlier.price, hard))
        self.evaluations += trials
        return found if found is not None and found.value > point.value else None

    def _made(self, point: Point) -> Newton:
        self.steps += 1
        return Newton.at(self.dual, point)

    def _serves(self, newton: Newton, start: Point, end: Point) -> bool:
        """Tell whether a step left so little of the slope that the same matrix is worth another one."""
        move = end.price - start.price
        left = abs(float(end.slope @ move)) < _LEFT * abs(float(start.slope @ move))
        return left and newton.has_all_that_move(end)

    def _farther(self, path: Path) -> Point | None:
        """Return the best point along a step; None where rounding has kept the dual from rising for many steps."""
        point, trials = best_along(path)
        self.evaluations += trials
        if point is None:
            return None
        if point.value > self.highest:
            raise _cannot_serve(self.dual, point)
        self.still = 0 if point.value > path.start.value else self.still + 1
        return point if self.still < _PATIENCE else None

    def _proved(self, point: Point, *, near: bool = True) -> bool:
        """Make a plan where it may prove the gap, keep it if it is the best, and tell whether it will do.

        Not ``near`` is at the end: a plan is made whatever it may prove, and where none is within the capacities to
        the digit, one that is to the digits of the prices.
        """
        if near and (point is self.judged or not self._may_prove(point)):
            return False
        self.judged = point
        plan = plan_at(self.dual, point)
        if plan is None and not near:
            plan = plan_at(self.dual, point, WIDE)
        if plan is None or not np.isfinite(plan.objective):
            return False
        if self.found is None or plan.fault <= self.found[0].fault:
            self.found = plan, point
        return plan.fault <= self.gap

    def _may_prove(self, point: Point) -> bool:
        """Tell whether the choice is near the capacities, and leaves little idle that has a price: both are cheap."""
        near = min(_NEAR, _ROOTS * float(np.sqrt(self.gap))) * self.dual.size_of(point.route_flow)
        if self.dual.beyond(point.slope, near, _LITTLE).size:
            return False
        idle = np.where(point.give > 0, 0.0, np.maximum(-point.slope, 0.0))
        return float(idle @ point.price) <= _IDLE * self.gap * abs(point.value) or self.gap * _IDLE >= 1

    def _start(self, price: FloatArray | None) -> Point:
        """Return the point to start from: given prices, nothing, or what waiting costs after a few loadings."""
        dual = self.dual
        self.evaluations += 1
        if price is not None:
            return dual.at(np.where(dual.fills, np.maximum(price, 0.0), 0.0))
        point = dual.at(np.zeros_like(dual.capacity))
        if dual.delay is None:
            return point
        share = np.zeros_like(dual.capacity)
        for loading in range(1, _LOADINGS + 1):
            full = np.divide(point.use, dual.capacity, out=np.zeros_like(share), where=dual.capacity > 0)
            share += (np.minimum(full, 1.0) - share) / loading
            point = dual.at(np.where(dual.delay.waits, dual.delay.waiting(share), 0.0))
            self.evaluations += 1
        return point


def _unserved(problem: ChoiceProblem, dual: Dual, plan: Plan) -> FloatArray:
    """Return what a plan leaves of each demand, (D,): all of one without routes."""
    left: FloatArray = problem.flow.amount.copy()
    left[dual.layout.demand] = plan.left
    return left


def _with_closed(whole: Dual, rounds: tuple[IntArray, ...]) -> Dual:
    """Return the dual in which routes that can carry nothing cost infinitely much."""
    if not rounds:
        return whole
    return replace(whole, cost=np.where(closures.closed_routes(whole, rounds), np.inf, whole.cost))


def _check_served(problem: ChoiceProblem, dual: Dual) -> None:
    """Raise a `ProblemError` if a demand that must be served has no open route in the list."""
    flow = problem.flow
    has = np.zeros(flow.demand_count, dtype=bool)
    has[problem.routes.demand[np.isfinite(dual.cost)]] = True
    lacks = np.flatnonzero(np.isinf(flow.penalty) & (flow.amount > 0) & ~has)
    if lacks.size:
        more = f", and {lacks.size - 1} more" if lacks.size > 1 else ""
        name = flow.demand_names[lacks[0]] if flow.demand_names else str(lacks[0])
        raise ProblemError(
            f"Demand {name}{more} must be served, but no open route of it is listed: list one, or give it a penalty."
        )


def _dearest(dual: Dual) -> float:
    """Return a value that no plan exceeds: each demand by its dearest way, all resources full; entropy is below 0."""
    if not dual.cost.size:
        return np.inf
    cost = np.where(np.isfinite(dual.cost), dual.cost, 0.0)
    way = np.maximum.reduceat(cost, dual.layout.way_start)
    dearest = np.maximum.reduceat(way, dual.layout.chooser_start)
    dearest = np.maximum(dearest, np.where(dual.mandatory, 0.0, dual.penalty))
    delay = dual.delay
    waiting = 0.0 if delay is None else float(dual.capacity @ delay.integral(np.ones_like(dual.capacity)))
    return (float(dual.amount @ dearest) + waiting + dual.unlisted) * (1 + 1e-9)


def _cannot_serve(dual: Dual, point: Point) -> ProblemError:
    """Say that no plan exists: the dual is above all that any plan could be worth."""
    worst = int(np.argmax(point.price * dual.capacity))
    return ProblemError(
        "The listed routes cannot carry what must be served within the capacities "
        f"(most of it is lacking at resource {worst}): list more routes, or give the demands a penalty."
    )
