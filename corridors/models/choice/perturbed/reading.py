r"""From shares of segments to flows on routes that are demands' own, overdraw nothing and leave the rest.

==========================  ================  ======
symbol                      name              shape
==========================  ================  ======
:math:`x_p`                 ``flow``          (P,)
:math:`A_{rp}`              ``use``           (P, R)
:math:`b_r`                 ``capacity``      (R,)
==========================  ================  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.choice.perturbed.decomposition import routes_of
from corridors.models.choice.perturbed.interior import Point
from corridors.models.choice.perturbed.setting import Setting
from corridors.models.choice.perturbed.subnetworks import Contracted
from corridors.models.paths import PathSet

_WHOLE = 8.0  # times dust: what is left by what was kept free of capacities, and not by anybody's choice
_DIGITS = 2.0**-48  # of an amount: what the last digits of sums may leave of it
_SPREADINGS = 20  # of what is lacking; one or two do
_TIGHT = 2.0**-44  # of a capacity: what is nearer to it has no room
_CIRCLING = 1e-6  # of all that passes a resource: what may be lacking of it by rounding


@dataclass(frozen=True, eq=False)
class Flows:
    """Routes, tonnes a year on each, (P,), and left of each demand, (D,)."""

    routes: PathSet
    flow: FloatArray
    unserved: FloatArray


def read(setting: Setting, problem: Contracted | None, point: Point | None, dust: float) -> Flows:
    """Read flows on routes out of shares.

    Parameters
    ----------
    setting, problem, point
        What was solved, and how; None where nothing can go anywhere.
    dust
        What share of a demand no route is made for.
    """
    amount = setting.problem.amount
    routes, flow = PathSet.of(np.empty(0, dtype=np.int64), []), np.empty(0)
    if problem is not None and point is not None:
        found = routes_of(problem.chains, np.where(point.share > dust, point.share, 0.0), dust)
        arc = setting.order[problem.arc[found.arc]]
        routes = PathSet.of_lengths(setting.demand[found.trip], found.length, arc)
        flow = found.share * setting.amount[found.trip]
    flow = _scaled(routes.demand, flow, amount, _WHOLE * dust, np.isinf(setting.problem.penalty))
    flow = _kept(setting, routes, flow)
    flow = _spread(setting, routes, flow)
    flow = _scaled(routes.demand, flow, amount, 0.0, np.isinf(setting.problem.penalty))
    routes, flow = _with_stayers(setting, routes, flow)
    unserved = np.maximum(amount - np.bincount(routes.demand, flow, amount.size), 0.0)
    return Flows(routes, flow, np.where(unserved <= _DIGITS * amount, 0.0, unserved))


def _scaled(demand: IntArray, flow: FloatArray, amount: FloatArray, dust: float, must: BoolArray) -> FloatArray:
    """Return flows, (P,), that carry all of what must be served and of what all but dust is served of."""
    carried = np.bincount(demand, flow, amount.size)
    whole = (must | (carried >= amount * (1 - dust))) & (carried > 0)
    factor = np.ones(amount.size)
    factor[whole] = amount[whole] / carried[whole]
    scaled: FloatArray = flow * factor[demand]
    return scaled


def _kept(setting: Setting, routes: PathSet, flow: FloatArray) -> FloatArray:
    """Return flows, (P,), lowered where they overdraw a resource of which no route gives any back."""
    problem = setting.problem
    use, taken, gives = _used(setting, routes, flow)
    over = (taken > problem.capacity) & ~gives
    if not over.any():
        return flow
    part = np.ones(taken.size)
    part[over] = problem.capacity[over] / taken[over] * (1 - 2.0**-52)
    entry = np.repeat(np.arange(flow.size), np.diff(use.indptr))
    least = np.ones(flow.size)
    np.minimum.at(least, entry, part[use.indices])
    return flow * least


def _spread(setting: Setting, routes: PathSet, flow: FloatArray) -> FloatArray:
    """Return flows, (P,), with what is lacking of demands that must be served on those of their routes that have room.

    What lacks is what overdrew a capacity by rounding. A demand that has no route with room is left as it is.
    """
    problem = setting.problem
    must = np.isinf(problem.penalty)
    for _ in range(_SPREADINGS):
        lacking = np.maximum(problem.amount - np.bincount(routes.demand, flow, problem.amount.size), 0.0)
        lacking[~must | (lacking <= _DIGITS * problem.amount)] = 0.0
        use, taken, _ = _used(setting, routes, flow)
        full = taken >= problem.capacity * (1 - _TIGHT)
        beside = np.where((abs(use) @ full.astype(np.float64) == 0) & (lacking[routes.demand] > 0), flow, 0.0)
        held = np.bincount(routes.demand, beside, problem.amount.size)
        if not (held > 0).any():
            return flow
        factor = np.divide(lacking, held, out=np.zeros(held.size), where=held > 0)
        flow = _kept(setting, routes, flow + beside * factor[routes.demand])
    return flow


def goes_round(setting: Setting, flows: Flows) -> bool:
    """Tell whether a resource that some routes give back is overdrawn: what gave it back went round in a circle."""
    capacity = setting.problem.capacity
    use, taken, gives = _used(setting, flows.routes, flows.flow)
    passing = abs(use).T @ flows.flow
    return bool((gives & (taken - capacity > _CIRCLING * passing)).any())


def _used(setting: Setting, routes: PathSet, flow: FloatArray) -> tuple[UsageArray, FloatArray, BoolArray]:
    """Return what routes take of resources, (P, R), what flows take, and which of them an arc may give, (R,)."""
    problem = setting.problem
    step = routes.steps(problem.class_[routes.demand], problem.arc_count)
    use = routes.use(step, sparse.csr_array(problem.usage.T))
    negative = np.flatnonzero(problem.usage.data < 0)
    row = np.searchsorted(problem.usage.indptr, negative, side="right") - 1
    return use, use.T @ flow, np.bincount(row, minlength=problem.resource_count) > 0


def _with_stayers(setting: Setting, routes: PathSet, flow: FloatArray) -> tuple[PathSet, FloatArray]:
    """Return routes and flows with the empty paths of demands from a node to itself, by demands."""
    problem = setting.problem
    here = np.flatnonzero((problem.origin == problem.destination) & (problem.amount > 0))
    if not here.size:
        return routes, flow
    empty = PathSet.of(here, [np.empty(0, dtype=np.int64)] * here.size)
    both, flows = routes.followed_by(empty), np.concatenate((flow, problem.amount[here]))
    order = np.argsort(both.demand, kind="stable")
    arcs = [both.arcs_of(path) for path in order]
    return PathSet.of(both.demand[order], arcs), flows[order]
