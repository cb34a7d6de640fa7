r"""A plan within the capacities from what choice takes at some prices, and how far it is from the dual there.

Near the optimum the prices' own choice overdraws a resource by a little. The flow of the routes that take too much is
scaled down, and what was too much goes by what the demand has beside, or else stays. The plan's value is above the dual
by

.. math::

   z - D(\mu) = \sum_k \bigl( \text{paid}_k - d_k S_k \bigr)
     + \sum_r \bigl( \Phi_r(y_r) + \Psi_r(\mu_r) - \mu_r y_r \bigr)

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

from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.choice.dual import Dual, Point
from corridors.models.gap import PRICED, ROUNDING, relative_gap, widest_gap

KEPT = 2.0**-42  # of what passes a resource: it may be overdrawn by that, which is rounding
WIDE = 2.0**-32  # the same where a choice is so sharp that the last digit of a price moves more than that
_APART = 0.5  # of the root of the gap: so far a share may be from the choice at the prices
_NOTHING = 1e-100  # of all that may pass
_HARDLY = 2.0**-44  # of an amount
_LAST_DIGITS = 2.0**-51  # of all that may pass
_FULL = 0.02  # of a capacity: a resource with less than that to spare takes nothing more
_ROOM, _MOST = 0.002, 0.5  # of a demand: with less beside, nothing is moved there; and of that, no more is added
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
    apart
        By how much a share of a demand is apart from the choice at the prices.
    """

    route_flow: FloatArray
    left: FloatArray
    objective: float
    gap: float
    apart: float = 0.0

    @property
    def fault(self) -> float:
        """The gap, or the square of what shares are apart if that is more: a gap lets them be apart by its root."""
        return max(self.gap, (self.apart / _APART) ** 2)


def plan_at(dual: Dual, point: Point, kept: float = KEPT) -> Plan | None:
    """Return the plan nearest to the choice at a point; None where no scaling keeps the capacities, but for a part."""
    found = _within(dual, point, kept)
    return None if found is None else _valued(dual, point, *found)


def nothing_moves(dual: Dual, point: Point) -> Plan:
    """Return the plan that leaves all: within any capacities, and infinitely dear where something must be served."""
    return _valued(dual, point, np.zeros_like(point.route_flow), np.zeros_like(point.use))


def _within(dual: Dual, point: Point, kept: float) -> tuple[FloatArray, FloatArray] | None:
    """Bring the choice within the capacities: what is too much goes by what a demand has beside, or else stays.

    Returns the flows, (P,), and what they use, (R,).
    """
    rounding = kept * dual.size_of(point.route_flow)
    if not _over(dual, point.use, rounding).size:
        return point.route_flow, point.use
    spread = _spread(dual, point)
    if spread is not None:
        use = dual.takes @ spread
        if not _over(dual, use, rounding).size:
            return spread, use
    may_stay = ~dual.mandatory[dual.layout.route_chooser]
    flow, use = point.route_flow, point.use
    for _ in range(_ROUNDS):
        flow = _scaled_down(dual, flow, _over(dual, use, rounding), may_stay)
        use = dual.takes @ flow
        if not _over(dual, use, rounding).size:
            return flow, use
    return None


def _over(dual: Dual, use: FloatArray, rounding: FloatArray) -> IntArray:
    """Return the resources that are overdrawn by more than rounding, of a capacity and of all that may pass."""
    return dual.beyond(use - dual.capacity, rounding, _LAST_DIGITS)


def _spread(dual: Dual, point: Point) -> FloatArray | None:
    """Spread what is too much over what a demand has beside, in proportion; None where it has nothing beside.

    At the prices all that a demand does is worth the same at the margin, so that this costs little: staying alone would
    cost much where hardly anything stays.
    """
    layout, flow = dual.layout, point.route_flow
    full = np.flatnonzero(point.use > dual.capacity - _FULL * dual.size_of(flow))
    rows = layout.takes[full]
    beside = flow.copy()
    beside[rows.indices[rows.data > 0]] = 0.0
    room = layout.by_chooser(beside) + np.where(dual.mandatory, 0.0, point.left)
    may_move = (room > _ROOM * dual.amount)[layout.route_chooser]
    scaled = _scaled_down(dual, flow, np.flatnonzero(point.use > dual.capacity), may_move)
    freed = layout.by_chooser(flow - scaled)
    if not (freed <= _MOST * np.maximum(room, 0.0)).all():
        return None
    more = np.divide(freed, room, out=np.zeros_like(room), where=freed > 0)
    return scaled + beside * more[layout.route_chooser]


def _scaled_down(dual: Dual, flow: FloatArray, over: IntArray, may_move: BoolArray) -> FloatArray:
    """Return the flow with that on routes that take too much scaled down, resource by resource."""
    takes, flow = dual.layout.takes, flow.copy()
    for resource in over.tolist():
        begin, end = takes.indptr[resource : resource + 2]
        routes, units = takes.indices[begin:end], takes.data[begin:end]
        taking = (units > 0) & may_move[routes]
        taken = float(units[taking] @ flow[routes[taking]])
        beyond = float(units @ flow[routes] - dual.capacity[resource])
        if beyond > 0 and taken > 0:
            flow[routes[taking]] *= max(0.0, 1 - beyond / taken)
    return flow


def _valued(dual: Dual, point: Point, flow: FloatArray, use: FloatArray) -> Plan:
    """Value a plan, and its distance from the dual by demand and by resource."""
    layout, amount = dual.layout, dual.amount
    if not flow.size:
        return Plan(flow, flow, dual.unlisted, 0.0)
    way_flow = np.add.reduceat(flow, layout.way_start)
    served = np.add.reduceat(way_flow, layout.chooser_start)
    left = np.maximum(amount - served, 0.0)
    left = np.where(np.isinf(dual.penalty) & (left <= _HARDLY * amount), 0.0, left)
    money = layout.by_chooser(_paid(flow, dual.cost)) + _paid(left, dual.penalty)
    worth = gross = money
    for term in _spread_worth(dual, flow, way_flow, left):
        worth, gross = worth + term, gross + np.abs(term)
    toll = layout.by_chooser(flow * point.toll)
    loss = worth + toll - amount * point.surplus
    taste = amount / dual.way_scale
    gross = gross + np.abs(toll) + taste
    waiting = _waiting(dual, use)
    objective = float(worth.sum() + waiting.sum()) + dual.unlisted
    if not np.isfinite(objective):
        return Plan(flow, left, np.inf, np.inf, np.inf)
    apart = 0.0
    if flow is not point.route_flow:
        each = np.maximum(amount, np.finfo(np.float64).tiny)
        moved = np.abs(flow - point.route_flow) / each[layout.route_chooser]
        apart = float(max(moved.max(), (np.abs(left - point.left) / each).max()))
    # where hardly anything stays, its last digits are those of the amount, as it is what is not served of that
    hardly = (left > 0) & (left <= _HARDLY * amount)
    digits = amount[hardly] @ (dual.penalty[hardly] - np.log(2.0**-52) / dual.way_scale[hardly])
    rounding = ROUNDING * float(gross.sum() + waiting.sum() + digits + dual.capacity @ point.price + dual.unlisted)
    gap = relative_gap(objective, point.value, rounding)
    widest = _widest(dual, point, (money + taste, loss, gross), use, waiting)
    return Plan(flow, left, objective, max(abs(gap), widest), apart)


def _spread_worth(dual: Dual, flow: FloatArray, way_flow: FloatArray, left: FloatArray) -> list[FloatArray]:
    """Return the entropy terms of the choosers by level, the uppermost first, (K,) each."""
    layout, amount, groups = dual.layout, dual.amount, dual.layout.groups
    within = layout.by_chooser(_entropy(flow, way_flow[layout.way])) / dual.route_scale
    top, chooser, start = way_flow, layout.chooser, layout.chooser_start
    terms = [within]
    if groups is not None and dual.group_scale is not None:
        top, chooser, start = np.add.reduceat(way_flow, groups.start), groups.chooser, groups.chooser_start
        between = np.add.reduceat(_entropy(way_flow, top[groups.group]), layout.chooser_start)
        terms = [between / dual.group_scale, within]
    spread = np.add.reduceat(_entropy(top, amount[chooser]), start) + _entropy(left, amount)
    return [spread / dual.way_scale, *terms]


def _widest(dual: Dual, point: Point, demands: tuple[FloatArray, ...], use: FloatArray, waiting: FloatArray) -> float:
    """Return the widest gap of the cheapest demands, with what a resource loses laid on those that take it."""
    layout = dual.layout
    figure, loss, gross = demands
    held = point.wanted * point.price
    idle = waiting - _waiting(dual, point.wanted) + held - point.price * use
    idle = np.where(idle > PRICED * np.maximum(held, waiting), idle, 0.0)
    priced = np.flatnonzero(idle)
    loss = np.where(loss > PRICED * gross, loss, 0.0)
    takes = abs(dual.rows(priced))
    taken = takes @ point.route_flow
    some = taken > _NOTHING * dual.most_passing[priced]
    each = np.divide(idle[priced], taken, out=np.zeros_like(taken), where=some)
    loss = loss + layout.by_chooser((takes.T @ each) * point.route_flow)
    return widest_gap(figure, loss, np.where(some, 0.0, idle[priced]))


def _waiting(dual: Dual, use: FloatArray) -> FloatArray:
    """Return what waiting is worth in the objective at each resource, (R,)."""
    if dual.delay is None:
        return np.zeros_like(use)
    share: FloatArray = np.divide(use, dual.capacity, out=np.zeros_like(use), where=dual.capacity > 0)
    worth: FloatArray = dual.capacity * dual.delay.integral(np.maximum(share, 0.0))
    return worth


def _paid(flow: FloatArray, cost: FloatArray) -> FloatArray:
    return flow * np.where(flow > 0, cost, 0.0)


def _entropy(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return the part times the logarithm of its share in the whole, 0 where there is no part."""
    tiny = np.finfo(np.float64).tiny
    share = np.divide(part, whole, out=np.ones_like(part), where=part > 0)
    found: FloatArray = part * np.log(np.maximum(share, tiny))
    return found
