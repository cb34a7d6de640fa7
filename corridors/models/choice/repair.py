r"""A plan within the capacities from what choice takes at some prices, and how far it is from the dual there.

Near the optimum the prices' own choice overdraws a resource by a little. What is too much stays: the flow of the routes
that take it is scaled down, and the outside option takes the rest. Prices make no difference to the sum

.. math::

   z - D(\mu) = \sum_k \bigl( \text{paid}_k - d_k S_k \bigr) + \sum_r \bigl( \Phi_r(y_r) + \Psi_r(\mu_r) - \mu_r y_r \bigr)

of which no term is negative (Gibbs for the demands, Fenchel for the resources).

===================  ==============  ======
symbol               name            shape
===================  ==============  ======
:math:`z`            ``objective``   ()
:math:`D(\mu)`       ``value``       ()
:math:`x_p`          ``route_flow``  (P,)
:math:`y_r`          ``use``         (R,)
:math:`A_{rp}`       ``takes``       (R, P)
===================  ==============  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.choice.dual import Dual, Point
from corridors.models.gap import PRICED, ROUNDING, relative_gap, widest_gap

_KEPT = 2.0**-42  # of what passes a resource: it may be overdrawn by that, which is rounding
_ROUNDS = 30  # of scaling: more than one only where some route gives back what another takes


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan within the capacities.

    Attributes
    ----------
    route_flow, left
        Tonnes on each route, (P,), and left of each chooser, (K,).
    objective
        What it is worth: money, waiting and entropy.
    gap
        Above the dual, relative to the objective, and by the cheapest demands where that is wider; ``inf`` where it
        leaves what must be served.
    """

    route_flow: FloatArray
    left: FloatArray
    objective: float
    gap: float


def plan_at(dual: Dual, point: Point) -> Plan | None:
    """Return the plan nearest to the choice at a point; None where no scaling keeps the capacities."""
    flow = _within(dual, point)
    return None if flow is None else _valued(dual, point, flow)


def _within(dual: Dual, point: Point) -> FloatArray | None:
    """Scale down what takes too much, until nothing is overdrawn."""
    layout, flow, use = dual.layout, point.route_flow, point.use
    gross = abs(layout.takes) @ flow if layout.gives.any() else use
    rounding = _KEPT * np.where(layout.gives, np.maximum(gross, dual.capacity), dual.capacity)
    for _ in range(_ROUNDS):
        over = np.flatnonzero(use > dual.capacity + rounding)
        if not over.size:
            return flow
        flow = flow.copy()
        for resource in over.tolist():
            begin, end = layout.takes.indptr[resource : resource + 2]
            taking = layout.takes.data[begin:end] > 0
            routes = layout.takes.indices[begin:end][taking]
            taken = float(layout.takes.data[begin:end][taking] @ flow[routes])
            beyond = float(use[resource] - dual.capacity[resource])
            flow[routes] *= max(0.0, 1 - beyond / taken) if taken > 0 else 1.0
        use = layout.takes @ flow
    return None


def _valued(dual: Dual, point: Point, flow: FloatArray) -> Plan:
    """Value a plan, and its distance from the dual by demand and by resource."""
    layout, amount = dual.layout, dual.amount
    way_flow = np.add.reduceat(flow, layout.way_start) if flow.size else flow
    served = np.add.reduceat(way_flow, layout.chooser_start) if flow.size else flow
    left = np.maximum(amount - served, 0.0)
    left = np.where(np.isinf(dual.penalty) & (left <= 2.0**-44 * amount), 0.0, left)
    money = _sums(layout.route_chooser, _paid(flow, dual.cost), amount.size) + _paid(left, dual.penalty)
    spread = _sums(layout.chooser, _entropy(way_flow, amount[layout.chooser]), amount.size) + _entropy(left, amount)
    within = _sums(layout.route_chooser, _entropy(flow, way_flow[layout.way]), amount.size)
    worth = money + spread / dual.way_scale + within / dual.route_scale
    toll = _sums(layout.route_chooser, flow * (layout.by_route @ point.price), amount.size)
    loss = worth + toll - amount * point.surplus
    gross = money + np.abs(spread) / dual.way_scale + np.abs(within) / dual.route_scale + toll
    use = layout.takes @ flow
    waiting = _waiting(dual, use)
    objective = float(worth.sum() + waiting.sum()) + dual.unlisted
    if not np.isfinite(objective):
        return Plan(flow, left, np.inf, np.inf)
    rounding = ROUNDING * float(gross.sum() + waiting.sum() + dual.capacity @ point.price + dual.unlisted)
    gap = relative_gap(objective, point.value, rounding)
    return Plan(flow, left, objective, max(abs(gap), _widest(dual, point, (money, loss, gross), use, waiting)))


def _widest(dual: Dual, point: Point, demands: tuple[FloatArray, ...], use: FloatArray, waiting: FloatArray) -> float:
    """Return the widest gap of the cheapest demands, with what a resource loses laid on those that take it."""
    layout = dual.layout
    money, loss, gross = demands
    held = point.wanted * point.price
    idle = waiting - _waiting(dual, point.wanted) + held - point.price * use
    idle = np.where(idle > PRICED * np.maximum(held, waiting), idle, 0.0)
    priced = np.flatnonzero(idle)
    loss = np.where(loss > PRICED * gross, loss, 0.0)
    takes = abs(layout.takes[priced])
    taken = takes @ point.route_flow
    each = np.divide(idle[priced], taken, out=np.zeros_like(taken), where=taken > 0)
    loss = loss + _sums(layout.route_chooser, (takes.T @ each) * point.route_flow, money.size)
    return widest_gap(money, loss, np.where(taken > 0, 0.0, idle[priced]))


def _waiting(dual: Dual, use: FloatArray) -> FloatArray:
    """Return what waiting is worth in the objective at each resource, (R,)."""
    if dual.delay is None:
        return np.zeros_like(use)
    share = np.divide(use, dual.capacity, out=np.zeros_like(use), where=dual.capacity > 0)
    worth: FloatArray = dual.capacity * dual.delay.integral(np.maximum(share, 0.0))
    return np.where(dual.delay.waits, worth, 0.0)


def _paid(flow: FloatArray, cost: FloatArray) -> FloatArray:
    return flow * np.where(flow > 0, cost, 0.0)


def _entropy(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return the part times the logarithm of its share in the whole, 0 where there is no part."""
    some = part > 0
    return part * (np.log(np.where(some, part, 1.0)) - np.log(np.where(some, whole, 1.0)))


def _sums(group: FloatArray, value: FloatArray, count: int) -> FloatArray:
    found = np.bincount(group, value, count)
    return found.astype(np.float64, copy=False)  # of nothing numpy makes integers
