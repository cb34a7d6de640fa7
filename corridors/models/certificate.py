"""The proof that an answer is optimal, from the problem and the answer alone.

The method that found the answer is not trusted. An answer is accepted when

* its paths are paths, demands are met and capacities kept up to rounding, and no flow, unserved amount or price is
  negative;
* its cost equals a bound that no plan can beat (`corridors.models.bound`): by weak duality it is then optimal. What
  residuals are worth at the prices is added to the cost first (`corridors.models.slackness`), so that a residual of one
  tonne in a thousand million is not hidden by its size, and a cost below its bound is refused;
* the same holds for the demands that cost least, for any number of them (`corridors.models.gap`), so that no error of a
  cheap demand is hidden by a dear one;
* each one-sided price that it has is finite, at least 0, on its side of the price, and proved
  (`corridors.models.price_ends`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corridors.errors import CertificateError
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import Guess, Relaxation, relax
from corridors.models.gap import relative_gap, widest_gap
from corridors.models.price_ends import called, unproved_ends, wrong_ends
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.models.slackness import FEASIBLE, Count, count, relative, residuals, slackness, stretched

_UNKNOWN = (math.nan,) * 7


@dataclass(frozen=True)
class Certificate:
    """What was found about an answer.

    Attributes
    ----------
    primal_objective
        Yearly cost of the answer, counted anew.
    bound
        No plan costs less.
    gap
        By how much the cost, with what residuals are worth, is above the bound, relative to it
        (`corridors.models.gap.relative_gap`): at least 0.
    widest_gap
        The same for the demands that cost least, for the number of them for which it is widest.
    worst_demand_residual
        Tonnes by which a demand is missed or exceeded, relative to its amount.
    worst_capacity_residual
        Units by which a resource is overdrawn, relative to its capacity, or to its use where it has none.
    worst_negative
        How far a flow, an unserved amount or a price is below 0: tonnes relative to the amount of the demand, prices
        relative to the highest. The bound takes negative prices as 0.
    holds
        Whether the answer is proved optimal within the tolerance.
    reasons
        If it is not: why, a sentence each.
    unproved
        The resources whose low prices, and those whose high prices, are not proved; see `leave_out`.
    """

    primal_objective: float
    bound: float
    gap: float
    widest_gap: float
    worst_demand_residual: float
    worst_capacity_residual: float
    worst_negative: float
    holds: bool
    reasons: tuple[str, ...]
    unproved: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())


def certify(
    problem: FlowProblem,
    solution: FlowSolution,
    tolerance: float = 1e-6,
    *,
    allowed_gap: float | None = None,
    guess: Guess | None = None,
) -> Certificate:
    """Check an answer, and prove it optimal or say why it is not.

    Parameters
    ----------
    problem, solution
        What was asked, and what was answered.
    tolerance
        The relative gap that is allowed, of the whole and of the cheapest demands, and by how much a demand may be
        exceeded. Nothing may be missed, overdrawn or below 0 by more than rounding, `FEASIBLE`.
    allowed_gap
        Another relative gap to allow: a plan that was stopped early is proved to be within some gap, not to be optimal.
    guess
        Potentials for the bound, as `corridors.models.bound.relax` has them: they spare searches.

    Returns
    -------
    Certificate
        Whether it holds or not; `require` raises an error if it does not.
    """
    reasons = unreadable(problem, solution)
    if reasons:
        return Certificate(*_UNKNOWN, holds=False, reasons=tuple(reasons))
    return _judged(problem, solution, tolerance, tolerance if allowed_gap is None else allowed_gap, guess)


def _judged(
    problem: FlowProblem, solution: FlowSolution, tolerance: float, allowed_gap: float, guess: Guess | None
) -> Certificate:
    """Judge an answer that can be counted."""
    reasons = broken_paths(problem, solution)
    if solution.status == "infeasible":
        reasons.insert(0, "The method found that no plan can serve all that must be served.")
    counted = count(problem, solution)
    missed, over = residuals(problem, solution, counted)
    reasons += too_far(-missed, FEASIBLE, "Demand", problem.demand_names, "misses its amount by")
    reasons += too_far(missed, max(tolerance, FEASIBLE), "Demand", problem.demand_names, "misses its amount by")
    reasons += too_far(over, FEASIBLE, "Resource", problem.resource_names, "is overdrawn by")
    worst_negative, negative = negative_amounts(problem, solution)
    reasons += negative
    reasons += wrong_ends(problem, solution)
    relaxed = relax(problem, np.maximum(solution.resource_price, 0), guess, keep=bool(solution.ends))
    gap, widest, open_ = _gaps(problem, solution, counted, relaxed, allowed_gap)
    reasons += open_
    unproved: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
    if not reasons:
        unproved = unproved_ends(problem, solution, counted, relaxed, _paths_are_sound)
        reasons += _unproved(problem, unproved)
    return Certificate(
        primal_objective=counted.objective,
        bound=relaxed.value,
        gap=gap,
        widest_gap=widest,
        worst_demand_residual=float(np.abs(missed).max(initial=0)),
        worst_capacity_residual=float(over.max(initial=0)),
        worst_negative=worst_negative,
        holds=not reasons,
        reasons=tuple(reasons),
        unproved=unproved,
    )


def leave_out(solution: FlowSolution, certificate: Certificate) -> FlowSolution:
    """Return an answer with NaN in place of the one-sided prices that its certificate found unproved."""
    low, high = solution.price_low.copy(), solution.price_high.copy()
    for ends, resources in ((low, certificate.unproved[0]), (high, certificate.unproved[1])):
        ends[list(resources)] = np.nan
    return replace(solution, price_low=low, price_high=high)


def require(certificate: Certificate) -> Certificate:
    """Return a certificate if it holds.

    Raises
    ------
    CertificateError
        If it does not, with its reasons.
    """
    if not certificate.holds:
        raise CertificateError("The answer is not proved optimal. " + " ".join(certificate.reasons))
    return certificate


def unreadable(problem: FlowProblem, solution: FlowSolution) -> list[str]:
    """Say which arrays of the answer do not fit the problem, or hold what is not a finite number."""
    reasons = []
    paths = len(solution.path_arcs)
    for name, array, size in (
        ("path_demand", solution.path_demand, paths),
        ("path_flow", solution.path_flow, paths),
        ("unserved", solution.unserved, problem.demand_count),
        ("resource_price", solution.resource_price, problem.resource_count),
    ):
        if array.shape != (size,):
            reasons.append(f"The answer's {name} has the shape {array.shape}, but ({size},) was expected.")
        elif not np.isfinite(array).all():
            reasons.append(f"The answer's {name} holds a value that is not a finite number.")
    if not reasons and not _within(solution.path_demand, problem.demand_count):
        reasons.append("A path serves a demand that does not exist.")
    if not reasons and not _within(stretched(solution)[1], problem.arc_count):
        reasons.append("A path runs over an arc that does not exist.")
    return reasons


def _within(numbers: IntArray, count: int) -> bool:
    if not len(numbers):
        return True
    return numbers.dtype.kind in "iu" and int(numbers.min()) >= 0 and int(numbers.max()) < count


def broken_paths(problem: FlowProblem, solution: FlowSolution) -> list[str]:
    """Say which paths are broken: at their ends, at their joints, by closed arcs or by cycles."""
    path, arc = stretched(solution)
    origin, destination = problem.origin[solution.path_demand], problem.destination[solution.path_demand]
    first = np.flatnonzero(np.diff(path, prepend=-1))
    last = np.flatnonzero(np.diff(path, append=len(solution.path_arcs)))
    inner = np.diff(path) == 0
    visits = np.concatenate((path, np.arange(len(solution.path_arcs)))) * problem.node_count
    visit, times = np.unique(visits + np.concatenate((problem.head[arc], origin)), return_counts=True)
    reasons = []
    for paths, fault in (
        (np.setdiff1d(np.flatnonzero(origin != destination), path), "has no arcs"),
        (
            path[1:][inner & (problem.tail[arc[1:]] != problem.head[arc[:-1]])],
            "has an arc that does not start where the one before it ends",
        ),
        (
            path[first][problem.tail[arc[first]] != origin[path[first]]],
            "does not start at the origin of its demand",
        ),
        (
            path[last][problem.head[arc[last]] != destination[path[last]]],
            "does not end at the destination of its demand",
        ),
        (
            path[np.isinf(problem.cost[problem.class_[solution.path_demand[path]], arc])],
            "runs over an arc that is closed to its class",
        ),
        (visit[times > 1] // problem.node_count, "comes to a node twice"),
    ):
        if paths.size:
            demand = called(problem.demand_names, int(solution.path_demand[paths[0]]))
            others = np.unique(paths).size - 1
            reasons.append(f"Path {paths[0]}, of demand {demand}, {fault}{f'; so do {others} more' if others else ''}.")
    return reasons


def _paths_are_sound(problem: FlowProblem, answers: Sequence[FlowSolution]) -> bool:
    """Tell whether the arrays of answers fit the problem, and all their paths are paths."""
    if any(unreadable(problem, answer) for answer in answers):
        return False
    none = np.empty(0, dtype=np.int64)
    whole = replace(
        answers[0],
        path_demand=np.concatenate([none, *(answer.path_demand for answer in answers)]),
        path_arcs=tuple(arcs for answer in answers for arcs in answer.path_arcs),
    )
    return not broken_paths(problem, whole)


def _unproved(problem: FlowProblem, ends: tuple[tuple[int, ...], tuple[int, ...]]) -> list[str]:
    """Say which ends of prices are not proved."""
    reasons = []
    for what, resources in zip(("low", "high"), ends, strict=True):
        if resources:
            others = f"; {len(resources) - 1} more are not" if len(resources) > 1 else ""
            name = called(problem.resource_names, resources[0])
            reasons.append(f"The {what} price of resource {name} is not proved by an optimum beside it{others}.")
    return reasons


def negative_amounts(problem: FlowProblem, solution: FlowSolution) -> tuple[float, list[str]]:
    """Return how far anything is below 0, and say what is too far."""
    price = solution.resource_price
    worst, reasons = 0.0, []
    for below, scale, noun, names, what in (
        (-solution.path_flow, problem.amount[solution.path_demand], "Path", (), "carries less than nothing by"),
        (-solution.unserved, problem.amount, "Demand", problem.demand_names, "is served beyond its amount by"),
        (-price, np.abs(price).max(initial=0), "Resource", problem.resource_names, "has a price below zero by"),
    ):
        far = relative(np.maximum(below, 0), np.broadcast_to(scale, below.shape))
        worst = max(worst, float(far.max(initial=0)))
        reasons += too_far(far, FEASIBLE, noun, names, what)
    return worst, reasons


def too_far(amounts: FloatArray, tolerance: float, noun: str, names: tuple[str, ...], what: str) -> list[str]:
    """Say which of the relative amounts is the worst beyond a tolerance, if any is, and how many more are beyond it.

    The parameters after the tolerance are words: of what the amounts are, their names, and what an amount beyond does.
    """
    wrong = np.flatnonzero(amounts > tolerance)
    if not wrong.size:
        return []
    worst = int(wrong[amounts[wrong].argmax()])
    others = f"; {wrong.size - 1} more do" if wrong.size > 1 else ""
    return [f"{noun} {called(names, worst)} {what} {amounts[worst]:.2g}, relatively{others}."]


def _gaps(
    problem: FlowProblem, solution: FlowSolution, counted: Count, relaxed: Relaxation, allowed: float
) -> tuple[float, float, list[str]]:
    """Return the gap, the widest gap of the cheapest demands, and the reasons why they prove too little."""
    cost, bound = counted.objective, relaxed.value
    if bound == math.inf:
        return math.inf, math.inf, ["A demand that must be served cannot be reached by any path, so no plan exists."]
    if bound == -math.inf:
        return math.inf, math.inf, ["At the answer's prices going round in a circle pays, so they prove nothing."]
    if cost == math.inf:
        reason = "The answer costs infinitely much: it leaves what must be served, or goes where it must not."
        return math.inf, math.inf, [reason]
    slack = slackness(problem, solution, counted, relaxed)
    gap = relative_gap(cost + slack.worth, bound, slack.rounding)
    widest = max(gap, widest_gap(slack.cost, slack.loss, slack.idle))
    costs = f"The answer costs {cost:.10g} but the bound is {bound:.10g}"
    if cost < bound - FEASIBLE * abs(cost) - slack.rounding:
        return gap, widest, [f"{costs}: no plan costs less, so it overdraws what it must not, or leaves what it must."]
    if not gap <= allowed:
        return gap, widest, [f"{costs}: the relative gap is {gap:.2g}, where {allowed:.0e} is allowed."]
    if not widest <= allowed:
        fault = "the cheapest demands lose more than may be, beside dearer ones"
        reason = f"{costs}, and {fault}: their relative gap is {widest:.2g}, where {allowed:.0e} is allowed."
        return gap, widest, [reason]
    return gap, widest, []
