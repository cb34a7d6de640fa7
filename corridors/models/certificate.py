"""The proof that an answer is right, from the problem and the answer alone.

Whatever found the answer is not asked. An answer is accepted when its paths are paths, its demands and
resources add up, no flow, remainder or price is negative, and its cost equals a bound that no plan can beat
(`corridors.models.bound`). By weak duality nothing else is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from corridors.errors import CertificateError
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import Guess, lagrangian_bound
from corridors.models.problem import FlowProblem, FlowSolution

_UNKNOWN = (math.nan,) * 6


@dataclass(frozen=True)
class Certificate:
    """What was found about an answer.

    Attributes
    ----------
    primal_objective
        Yearly cost of the answer, counted anew.
    bound
        No plan costs less than this.
    gap
        ``(primal_objective - bound) / max(1, |primal_objective|)``.
    worst_demand_residual
        Tonnes by which a demand is missed, relative to ``max(1, amount)``.
    worst_capacity_residual
        Units by which a resource is overdrawn, relative to ``max(1, capacity)``.
    worst_negative
        How far a flow, a remainder or a price is below zero: tonnes relative to ``max(1, amount)``, prices
        relative to ``max(1, the highest price)``. The bound takes negative prices as zero.
    holds
        Whether the answer is proved optimal within the tolerance.
    reasons
        If it is not: why, a sentence each.
    """

    primal_objective: float
    bound: float
    gap: float
    worst_demand_residual: float
    worst_capacity_residual: float
    worst_negative: float
    holds: bool
    reasons: tuple[str, ...]


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
        Relative: of the gap, of demands, of capacities and of signs.
    allowed_gap
        The relative gap that is allowed, if it is another: a plan stopped before its time is proved to be within
        some gap, and nobody says that it is optimal.
    guess
        Potentials for the bound, which are checked: they spare many proofs of similar problems their searches.

    Returns
    -------
    Certificate
        However wrong the answer is; `require` makes an error of it.
    """
    reasons = _unreadable(problem, solution)
    if reasons:
        return Certificate(*_UNKNOWN, holds=False, reasons=tuple(reasons))
    if solution.status == "infeasible":
        reasons.append("The method found that no plan can serve all that must be served.")
    reasons += _broken_paths(problem, solution)
    carried, use, primal = _totals(problem, solution)
    missed = np.abs(carried + solution.unserved - problem.amount) / np.maximum(1, problem.amount)
    over = np.maximum(use - problem.capacity, 0) / np.maximum(1, problem.capacity)
    reasons += _too_far(missed, tolerance, "Demand", problem.demand_names, "misses its amount by")
    reasons += _too_far(over, tolerance, "Resource", problem.resource_names, "is overdrawn by")
    worst_negative, negative = _negative(problem, solution, tolerance)
    reasons += negative
    bound = lagrangian_bound(problem, np.maximum(solution.resource_price, 0), guess)
    gap = (primal - bound) / max(1.0, abs(primal)) if math.isfinite(primal) else math.inf
    reasons += _open_gap(primal, bound, gap, tolerance, tolerance if allowed_gap is None else allowed_gap)
    return Certificate(
        primal_objective=primal,
        bound=bound,
        gap=gap,
        worst_demand_residual=float(missed.max(initial=0)),
        worst_capacity_residual=float(over.max(initial=0)),
        worst_negative=worst_negative,
        holds=not reasons,
        reasons=tuple(reasons),
    )


def require(certificate: Certificate) -> Certificate:
    """Give a certificate back if it holds.

    Raises
    ------
    CertificateError
        If it does not, with its reasons.
    """
    if not certificate.holds:
        raise CertificateError("The answer is not proved optimal. " + " ".join(certificate.reasons))
    return certificate


def _unreadable(problem: FlowProblem, solution: FlowSolution) -> list[str]:
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
    if not reasons and not all(_within(arcs, problem.arc_count) for arcs in solution.path_arcs):
        reasons.append("A path runs over an arc that does not exist.")
    return reasons


def _within(numbers: IntArray, count: int) -> bool:
    if not len(numbers):
        return True
    return numbers.dtype.kind in "iu" and int(numbers.min()) >= 0 and int(numbers.max()) < count


def _broken_paths(problem: FlowProblem, solution: FlowSolution) -> list[str]:
    """Say what keeps paths from being paths: their ends, their joints, closed arcs, circles."""
    path, arc = _stretched(solution)
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
            demand = _called(problem.demand_names, int(solution.path_demand[paths[0]]))
            others = np.unique(paths).size - 1
            reasons.append(f"Path {paths[0]}, of demand {demand}, {fault}{f'; so do {others} more' if others else ''}.")
    return reasons


def _stretched(solution: FlowSolution) -> tuple[IntArray, IntArray]:
    """Give the arcs of all paths in one row, and the path that each belongs to."""
    lengths = [len(arcs) for arcs in solution.path_arcs]
    arc = np.concatenate([np.empty(0, dtype=np.int64), *(arcs for arcs in solution.path_arcs if len(arcs))])
    return np.repeat(np.arange(len(lengths)), lengths), arc


def _totals(problem: FlowProblem, solution: FlowSolution) -> tuple[FloatArray, FloatArray, float]:
    """Count what each demand is carried, (D,), what is used of each resource, (R,), and what it all costs."""
    path, arc = _stretched(solution)
    carried = np.zeros(problem.demand_count)
    np.add.at(carried, solution.path_demand, solution.path_flow)
    flow = np.zeros(problem.class_count * problem.arc_count)
    class_ = problem.class_[solution.path_demand[path]]
    np.add.at(flow, class_ * problem.arc_count + arc, solution.path_flow[path])
    used, left = np.flatnonzero(flow), np.flatnonzero(solution.unserved)
    costs = flow[used] * problem.cost.ravel()[used]
    penalties = solution.unserved[left] * problem.penalty[left]
    everything = np.concatenate((costs, penalties))
    primal = math.fsum(everything) if np.isfinite(everything).all() else math.inf
    return carried, problem.usage @ flow, primal


def _negative(problem: FlowProblem, solution: FlowSolution, tolerance: float) -> tuple[float, list[str]]:
    """Measure how far anything is below zero, and say what is too far."""
    amount = np.maximum(1, problem.amount)
    dearest = max(1.0, float(np.abs(solution.resource_price).max(initial=0)))
    worst, reasons = 0.0, []
    for below, noun, names, what in (
        (-solution.path_flow / amount[solution.path_demand], "Path", (), "carries less than nothing by"),
        (-solution.unserved / amount, "Demand", problem.demand_names, "is served beyond its amount by"),
        (-solution.resource_price / dearest, "Resource", problem.resource_names, "has a price below zero by"),
    ):
        worst = max(worst, float(below.max(initial=0)))
        reasons += _too_far(below, tolerance, noun, names, what)
    return worst, reasons


def _too_far(amounts: FloatArray, tolerance: float, noun: str, names: tuple[str, ...], what: str) -> list[str]:
    wrong = np.flatnonzero(amounts > tolerance)
    if not wrong.size:
        return []
    worst = int(wrong[amounts[wrong].argmax()])
    others = f"; {wrong.size - 1} more do" if wrong.size > 1 else ""
    return [f"{noun} {_called(names, worst)} {what} {amounts[worst]:.2g}, relatively{others}."]


def _open_gap(primal: float, bound: float, gap: float, tolerance: float, allowed: float) -> list[str]:
    if bound == math.inf:
        return ["A demand that must be served cannot be reached by any path, so no plan exists."]
    if bound == -math.inf:
        return ["At the answer's prices going round in a circle pays, so they prove nothing."]
    if primal == math.inf:
        return ["The answer costs infinitely much: it leaves what must be served, or goes where it must not."]
    if not -tolerance <= gap <= allowed:
        return [
            f"The answer costs {primal:.10g} but the bound is {bound:.10g}: "
            f"the relative gap is {gap:.2g}, where {allowed:.0e} is allowed."
        ]
    return []


def _called(names: tuple[str, ...], number: int) -> str:
    return f"{number} ({names[number]})" if names else str(number)
