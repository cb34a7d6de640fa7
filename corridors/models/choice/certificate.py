r"""The proof of an answer of choice, from the problem and the answer alone.

The method that found the answer is not trusted, and none of its arithmetic is shared. An answer is accepted when

* the list is a list: routes are paths over the network, each once, ways lie within one demand, scales are in their
  order;
* demands are met and capacities kept up to rounding, and no flow, remainder or price is negative;
* its value equals the dual at its prices, both counted anew (`corridors.models.choice.weighing`): no answer over the
  listed routes is worth less;
* the same holds for the demands that pay least, for any number of them, so that no error of a cheap demand is hidden by
  a dear one;
* no share is far from what choice makes it at the prices. A gap of :math:`g` in money allows a demand's shares to be
  apart by about :math:`\sqrt{2 g \tau}`, which is more than a gap sounds like, so that they are looked at too.

The proof is over the listed routes. `ChoiceCertificate.missing` adds what is necessary over all routes.

============================  ==============  ======
symbol                        name            shape
============================  ==============  ======
:math:`\sum_p |A_{rp}| x_p`   ``gross``       (R,)
:math:`b_r`                   ``capacity``    (R,)
============================  ==============  ======
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from corridors.errors import CertificateError
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import relax
from corridors.models.certificate import broken_paths, negative_amounts, too_far, unreadable
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.unlisted import Missing, missing_routes
from corridors.models.choice.weighing import Weighing, weigh
from corridors.models.price_ends import called
from corridors.models.problem import FlowSolution
from corridors.models.slackness import FEASIBLE, Count, count, overdrawn, relative

_NAN = (math.nan,) * 8


@dataclass(frozen=True)
class ChoiceCertificate:
    """What was found about an answer of choice.

    Attributes
    ----------
    primal_objective
        Value of the answer, counted anew: money, waiting and entropy. It may be negative.
    bound
        No answer over the listed routes is worth less.
    gap
        By how much the value, with what residuals are worth, is above the bound, relative to the value.
    widest_gap
        The same for the demands that pay least, relative to what these pay, ``1 / way_scale`` a tonne included, for the
        number of them for which it is widest.
    worst_demand_residual, worst_capacity_residual, worst_negative
        As of `corridors.models.certificate.Certificate`; a resource that some give back is overdrawn relative to all
        that is taken and given, where that is more than its capacity.
    worst_share
        By how much a share of a demand is apart from its choice at the prices.
    holds
        Whether the answer is proved within the tolerance, over the listed routes.
    reasons
        If it is not: why, a sentence each.
    missing
        The demands whose cheapest route at the prices is not listed.
    """

    primal_objective: float
    bound: float
    gap: float
    widest_gap: float
    worst_demand_residual: float
    worst_capacity_residual: float
    worst_negative: float
    worst_share: float
    holds: bool
    reasons: tuple[str, ...]
    missing: tuple[Missing, ...] = ()


def certify(
    problem: ChoiceProblem, solution: ChoiceSolution, tolerance: float = 1e-6, *, allowed_gap: float | None = None
) -> ChoiceCertificate:
    """Check an answer, and prove it over the listed routes or say why it is not.

    Parameters
    ----------
    problem, solution
        What was asked, and what was answered.
    tolerance
        The relative gap that is allowed, of the whole and of the cheapest demands. Shares may be apart from choice by
        its square root, and nothing missed or overdrawn by more than rounding.
    allowed_gap
        Another gap to allow: an answer that was stopped early is proved to be within some gap, not to be the optimum.
    """
    reasons = _unreadable(problem, solution)
    if reasons:
        return ChoiceCertificate(*_NAN, holds=False, reasons=tuple(reasons))
    return _judged(problem, solution, tolerance if allowed_gap is None else allowed_gap)


def require(certificate: ChoiceCertificate) -> ChoiceCertificate:
    """Return a certificate if it holds.

    Raises
    ------
    CertificateError
        If it does not, with its reasons.
    """
    if not certificate.holds:
        raise CertificateError("The answer is not proved. " + " ".join(certificate.reasons))
    return certificate


def _unreadable(problem: ChoiceProblem, solution: ChoiceSolution) -> list[str]:
    """Say what of the problem's lists or the answer's arrays cannot be read."""
    routes, demands, resources = problem.routes.size, problem.flow.demand_count, problem.flow.resource_count
    sizes = [
        ("list of demands", problem.routes.demand, routes),
        ("list of ways", problem.way, routes),
        ("way_scale", problem.way_scale, demands),
        ("route_scale", problem.route_scale, demands),
        ("answer's route_flow", solution.route_flow, routes),
        ("answer's unserved", solution.unserved, demands),
    ]
    if problem.group is not None and problem.group_scale is not None:
        ways = int(np.unique(problem.way).size)
        sizes += [("list of groups", problem.group, ways), ("group_scale", problem.group_scale, demands)]
    elif problem.group is not None or problem.group_scale is not None:
        return ["Groups of ways and the scales within these belong together: one is there without the other."]
    if problem.delay is not None:
        sizes += [(name, getattr(problem.delay, name), resources) for name in ("coefficient", "power", "linear_share")]
    reasons = []
    for name, array, size in sizes:
        if array.shape != (size,):
            reasons.append(f"The {name} has the shape {array.shape}, but ({size},) was expected.")
        elif not np.isfinite(array).all():
            reasons.append(f"The {name} holds a value that is not a finite number.")
    if reasons:
        return reasons
    return unreadable(problem.flow, solution.as_flow(problem, "choice")) or _disordered(problem)


def _disordered(problem: ChoiceProblem) -> list[str]:
    """Say what is wrong with the list of routes, the scales or the delays."""
    way, owner = problem.way, problem.routes.demand
    begins = np.diff(way, prepend=-1)
    reasons = []
    if (begins < 0).any() or (begins > 1).any():
        reasons.append("Ways are not numbered from 0 without gaps in the order of the routes.")
    elif ((begins[1:] == 0) & (owner[1:] != owner[:-1])).any():
        at = int(np.flatnonzero((begins[1:] == 0) & (owner[1:] != owner[:-1]))[0]) + 1
        reasons.append(f"Way {way[at]} has routes of two demands.")
    elif problem.group is not None:
        reasons += _disordered_groups(problem.group, owner[begins == 1])
    seen: dict[tuple[int, bytes], int] = {}
    for path in range(problem.routes.size):
        first = seen.setdefault((int(owner[path]), problem.routes.arcs_of(path).tobytes()), path)
        if first != path:
            reasons.append(f"Route {path} is route {first} once more.")
            break
    wrong = np.flatnonzero(~((problem.way_scale > 0) & (problem.route_scale >= problem.way_scale)))
    if wrong.size:
        reasons.append(
            f"Demand {called(problem.flow.demand_names, int(wrong[0]))} chooses among ways at the scale "
            f"{problem.way_scale[wrong[0]]:g} and among their routes at {problem.route_scale[wrong[0]]:g}; "
            "the first is above 0 and the second at least as large."
        )
    elif problem.group_scale is not None:
        outside = (problem.group_scale < problem.way_scale) | (problem.group_scale > problem.route_scale)
        if outside.any():
            at = int(np.flatnonzero(outside)[0])
            reasons.append(
                f"Demand {called(problem.flow.demand_names, at)} chooses within groups at the scale "
                f"{problem.group_scale[at]:g}, which is not between that among these, {problem.way_scale[at]:g}, and "
                f"that among routes, {problem.route_scale[at]:g}."
            )
    return reasons + _wrong_delay(problem)


def _disordered_groups(group: IntArray, owner: IntArray) -> list[str]:
    """Say what is wrong with the groups of ways of some owners, (W,)."""
    before = np.concatenate((np.full(min(group.size, 1), -1), group[:-1]))
    if not np.isin(group - before, (0, 1)).all():
        return ["Groups are not numbered from 0 without gaps in the order of the ways."]
    for number in np.unique(group).tolist():
        if np.unique(owner[group == number]).size > 1:
            return [f"Group {number} has ways of two demands."]
    return []


def _wrong_delay(problem: ChoiceProblem) -> list[str]:
    delay = problem.delay
    if delay is None:
        return []
    wrong = (delay.coefficient < 0) | (delay.power < 1) | (delay.linear_share <= 0) | (delay.linear_share > 1)
    usage = problem.flow.usage
    gives = np.zeros(problem.flow.resource_count, dtype=bool)
    gives[usage.nonzero()[0][usage.data < 0]] = True
    wrong |= (delay.coefficient > 0) & gives
    if not wrong.any():
        return []
    name = called(problem.flow.resource_names, int(np.flatnonzero(wrong)[0]))
    return [f"The delay of resource {name} does not grow with a use that is never below 0."]


def _judged(problem: ChoiceProblem, solution: ChoiceSolution, allowed: float) -> ChoiceCertificate:
    """Judge an answer that can be counted."""
    flow, answer = problem.flow, solution.as_flow(problem, "choice")
    counted = count(flow, answer)
    reasons = _broken(problem, answer, counted)
    missed = relative(counted.carried + solution.unserved - flow.amount, flow.amount)
    over = _overdrawn(problem, answer, counted)
    reasons += too_far(np.abs(missed), FEASIBLE, "Demand", flow.demand_names, "misses its amount by")
    reasons += too_far(over, FEASIBLE, "Resource", flow.resource_names, "is overdrawn by")
    worst_negative, negative = negative_amounts(flow, answer)
    reasons += negative
    price = np.maximum(solution.resource_price, 0)
    relaxed = relax(replace(flow, penalty=np.full(flow.demand_count, np.inf)), price)
    found, apart = None, math.nan
    missing: tuple[Missing, ...] = ()
    if not math.isfinite(counted.objective):
        reasons.append("The answer costs infinitely much: it leaves what must be served, or goes where it must not.")
    else:
        found = weigh(problem, solution, counted, relaxed)
        apart = float(found.share_apart.max(initial=0))
        reasons += _gaps(found, allowed)
        reasons += too_far(
            found.share_apart, math.sqrt(allowed), "Demand", flow.demand_names, "has a share apart from its choice by"
        )
        missing = missing_routes(problem, relaxed.least, found.priced, found.logsum)
    return ChoiceCertificate(
        primal_objective=math.inf if found is None else found.objective,
        bound=math.nan if found is None else found.bound,
        gap=math.inf if found is None else found.gap,
        widest_gap=math.inf if found is None else found.widest_gap,
        worst_demand_residual=float(np.abs(missed).max(initial=0)),
        worst_capacity_residual=float(over.max(initial=0)),
        worst_negative=worst_negative,
        worst_share=apart,
        holds=not reasons,
        reasons=tuple(reasons),
        missing=missing,
    )


def _broken(problem: ChoiceProblem, answer: FlowSolution, counted: Count) -> list[str]:
    """Say which routes are none; a route that is closed may be listed as long as nothing goes there."""
    open_ = np.isfinite(counted.path_cost) | (answer.path_flow != 0)
    kept = np.flatnonzero(open_)
    some = replace(
        answer,
        path_demand=answer.path_demand[kept],
        path_flow=answer.path_flow[kept],
        path_arcs=tuple(answer.path_arcs[path] for path in kept.tolist()),
    )
    return broken_paths(problem.flow, some)


def _overdrawn(problem: ChoiceProblem, answer: FlowSolution, counted: Count) -> FloatArray:
    """Return by how much each resource is overdrawn, relatively, (R,)."""
    flow = problem.flow
    gross = abs(flow.usage) @ np.abs(answer.arc_flow(flow)).ravel()
    scale = np.maximum(flow.capacity, np.where(gross > counted.use, gross, 0.0))
    scale = np.where(scale > 0, scale, np.abs(counted.use))
    return relative(overdrawn(flow, counted), scale)


def _gaps(found: Weighing, allowed: float) -> list[str]:
    """Say why value and bound prove too little."""
    value, bound = found.objective, found.bound
    worths = f"The answer is worth {value:.10g} but the bound is {bound:.10g}"
    if value + found.worth < bound - FEASIBLE * abs(value) - found.rounding:
        return [f"{worths}: no answer is worth less, so it overdraws what it must not, or leaves what it must."]
    if not abs(found.gap) <= allowed:
        return [f"{worths}: the relative gap is {found.gap:.2g}, where {allowed:.0e} is allowed."]
    if not found.widest_gap <= allowed:
        fault = "the cheapest demands lose more than may be, beside dearer ones"
        wide = f"their relative gap is {found.widest_gap:.2g}, where {allowed:.0e} is allowed."
        return [f"{worths}, and {fault}: {wide}"]
    return []
