r"""The dual in resource prices: one smooth concave function, with its slopes, at any prices.

At prices :math:`\mu \ge 0` each demand chooses by itself, and the log-sums of its routes and ways are the least it can
do (Ben-Akiva & Lerman 1985, chapter 10, for nested log-sums; Fisk 1980 for the entropy programme):

.. math::

   \begin{aligned}
   D(\mu) &= \sum_k d_k S_k - \sum_r \Psi_r(\mu_r), \qquad
   I_w = -\frac{1}{\theta^2_k} \ln \sum_{p \in w} e^{-\theta^2_k (c_p + \sum_r A_{rp} \mu_r)}, \\
   S_k &= -\frac{1}{\theta^1_k} \ln \Bigl( \sum_{w \in k} e^{-\theta^1_k I_w} + e^{-\theta^1_k \text{pen}_k} \Bigr),
   \qquad \Psi_r(\mu) = \max_{0 \le y \le b_r} \; \mu y - \Phi_r(y)
   \end{aligned}

No plan is worth less than :math:`D(\mu)`. Its slope is :math:`\partial D / \partial \mu_r = \sum_p A_{rp} x_p - y_r`:
what choice takes at the prices less the use :math:`y_r` to which the price belongs, which is :math:`b_r` where nobody
waits.

Where ways have groups, there is one more log-sum between the two, :math:`J_g = -\frac{1}{\theta^g_k} \ln \sum_{w \in g}
e^{-\theta^g_k I_w}`, and the groups stand in :math:`S_k` for the ways.

==================  ==============  ======
symbol              name            shape
==================  ==============  ======
:math:`\mu_r`       ``price``       (R,)
:math:`D(\mu)`      ``value``       ()
:math:`x_p`         ``route_flow``  (P,)
:math:`X_w`         ``way_flow``    (W,)
:math:`X_g`         ``top_flow``    (G,)
:math:`u_k`         ``left``        (K,)
:math:`y_r`         ``wanted``      (R,)
:math:`c_p`         ``cost``        (P,)
:math:`I_w`         ``inclusive``   (W,)
:math:`J_g`         ``inclusive``   (G,)
:math:`S_k`         ``surplus``     (K,)
:math:`d_k`         ``amount``      (K,)
:math:`A_{rp}`      ``takes``       (R, P)
:math:`b_r`         ``capacity``    (R,)
==================  ==============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.choice.delay import Delay
from corridors.models.choice.layout import Layout, layout_of
from corridors.models.choice.problem import ChoiceProblem

_FEW = 8  # in so many resources one with a price: the others are left out
_SLICES = 4  # of some resources, kept
_SHORT = 1 - 1e-9  # of a capacity: what takes less at most never fills it
_CERTAIN = 50.0  # its exponential is 1e21


@dataclass(frozen=True, eq=False)
class Point:
    """What choice does at some prices.

    Attributes
    ----------
    price
        Of each resource, (R,).
    toll
        What a tonne on each route pays for resources, (P,).
    value
        Of the dual.
    route_flow, way_flow, top_flow, left
        Tonnes on each route, (P,), on each way, (W,), on each group, (G,), or without groups again on each way, (W,),
        and left of each chooser, (K,).
    surplus
        The log-sum of each chooser, in units of cost a tonne, (K,).
    use
        Units taken of each resource that can be full, (R,).
    wanted
        The use to which the price belongs, (R,).
    give
        By how much that use grows with the price, (R,); 0 where the capacity is hard.
    """

    price: FloatArray
    toll: FloatArray
    value: float
    route_flow: FloatArray
    way_flow: FloatArray
    top_flow: FloatArray
    left: FloatArray
    surplus: FloatArray
    use: FloatArray
    wanted: FloatArray
    give: FloatArray

    @cached_property
    def slope(self) -> FloatArray:
        """The slope of the dual, (R,): what is taken beyond what is wanted."""
        return self.use - self.wanted


@dataclass(frozen=True, eq=False)
class Dual:
    """The dual of one problem: its figures in the order of its layout.

    Attributes
    ----------
    layout
        Of the routes.
    cost
        Of a tonne on each route, (P,); ``inf`` where a route is closed.
    amount, penalty, way_scale, route_scale
        Of each chooser, (K,).
    group_scale
        Of each chooser, (K,), None where ways have no groups.
    capacity
        Of each resource, (R,).
    delay
        What waiting costs, or None.
    unlisted
        What the demands without a route cost, which are left.
    """

    layout: Layout
    cost: FloatArray
    amount: FloatArray
    penalty: FloatArray
    way_scale: FloatArray
    route_scale: FloatArray
    capacity: FloatArray
    delay: Delay | None
    unlisted: float
    group_scale: FloatArray | None = None

    @classmethod
    def of(cls, problem: ChoiceProblem) -> Dual:
        """Put a problem's figures in the order of its routes."""
        flow, layout = problem.flow, layout_of(problem)
        mine = layout.demand
        other = flow.amount > 0
        other[mine] = False
        return cls(
            layout=layout,
            cost=layout.cost_of(flow),
            amount=flow.amount[mine],
            penalty=np.where(flow.amount > 0, flow.penalty, 0.0)[mine],  # nothing stays of nothing
            way_scale=problem.way_scale[mine],
            route_scale=problem.route_scale[mine],
            capacity=flow.capacity,
            delay=problem.delay if problem.delay is not None and problem.delay.waits.any() else None,
            unlisted=float(flow.amount[other] @ flow.penalty[other]),
            group_scale=None if problem.group_scale is None else problem.group_scale[mine],
        )

    @cached_property
    def fills(self) -> BoolArray:
        """The resources that can be full, or where one waits, (R,): no other ever has a price."""
        most = self.layout.most @ self.amount
        found: BoolArray = most > _SHORT * self.capacity
        return found if self.delay is None else found | self.delay.waits

    @cached_property
    def takes(self) -> UsageArray:
        """What a tonne on each route takes of each resource that can be full, (R, P)."""
        return self.layout.takes_of(self.fills)

    @cached_property
    def mandatory(self) -> BoolArray:
        """The choosers without an outside option, (K,)."""
        return np.isinf(self.penalty)

    def size_of(self, flow: FloatArray) -> FloatArray:
        """Return to what the use of each resource compares, (R,): capacity, or all taken and given if that is more."""
        gives = self.layout.gives
        if not gives.any():
            return self.capacity
        return np.where(gives, np.maximum(abs(self.layout.takes) @ flow, self.capacity), self.capacity)

    def beyond(self, excess: FloatArray, limit: FloatArray, part: float) -> IntArray:
        """Return the resources of which an excess is above a limit, (R,), and above a part of all that may pass."""
        over = np.flatnonzero(excess > limit)
        sure = excess[over] > part * self.most_passing[over]
        return over[sure] if sure.all() else over[excess[over] > part * self._passing(over)]

    @cached_property
    def most_passing(self) -> FloatArray:
        """At least what would be taken and given of each resource if each route carried all of its demand, (R,)."""
        found: FloatArray = self.layout.gross * self.amount.max(initial=0.0)
        return found

    def _passing(self, resources: IntArray) -> FloatArray:
        """Return that to the digit, for some resources, (F,)."""
        found: FloatArray = abs(self.layout.takes[resources]) @ self.amount[self.layout.route_chooser]
        return found

    def rows(self, resources: IntArray) -> UsageArray:
        """Return what a tonne on each route takes of some resources, (F, P): the same are asked for again and again."""
        key = resources.tobytes()
        if key not in self._sliced:
            if len(self._sliced) >= _SLICES:
                self._sliced.clear()
            self._sliced[key] = self.layout.takes[resources]
        return self._sliced[key]

    @cached_property
    def _sliced(self) -> dict[bytes, UsageArray]:
        return {}

    @cached_property
    def reach(self) -> float:
        """A change of a route's toll that turns any choice around: all differences in cost, and more to be certain."""
        if not self.cost.size:
            return 0.0
        cost = self.cost[np.isfinite(self.cost)].max(initial=0.0)
        stay = self.penalty[~self.mandatory].max(initial=0.0)
        return float(max(cost, stay) + (_CERTAIN / self.way_scale).max())

    @cached_property
    def scale_by_route(self) -> FloatArray:
        """The route scale of each route, (P,)."""
        return self.route_scale[self.layout.route_chooser]

    @cached_property
    def sharpness(self) -> FloatArray:
        """How sharply the flow of each route falls with its own toll, (P,): that of its way where it is all of it."""
        of_way, of_route = self.scale_by_way
        return np.where(self.layout.single, of_way, of_route)[self.layout.way]

    @cached_property
    def scale_by_way(self) -> tuple[FloatArray, FloatArray]:
        """At which scale each way is chosen beside others and its routes are, (W,): alone in its group, as this is."""
        groups, of_route = self.layout.groups, self.route_scale[self.layout.chooser]
        if groups is None:
            return self.way_scale[self.layout.chooser], of_route
        return self.scale_by_group[1][groups.group], of_route

    @cached_property
    def scale_by_group(self) -> tuple[FloatArray, FloatArray]:
        """At which scale each group is chosen beside others and its ways are, (G,): the same where it has one."""
        groups = self.layout.groups
        if groups is None or self.group_scale is None:
            return np.empty(0), np.empty(0)
        of_group = self.way_scale[groups.chooser]
        return of_group, np.where(groups.single, of_group, self.group_scale[groups.chooser])

    def at(self, price: FloatArray) -> Point:
        """Evaluate the dual, its slope, and the choice behind them."""
        layout, groups = self.layout, self.layout.groups
        if not layout.way.size:
            return self._without_routes(price)
        toll = self.toll(price)
        priced = self.cost + toll
        # the log-sums of routes by way, and of ways by group
        of_way, of_route = self.scale_by_way
        top = routes = _nested(priced, self.scale_by_route, of_route, layout.way, layout.way_start)
        ways, of_top, chooser, start = None, of_way, layout.chooser, layout.chooser_start
        if groups is not None:
            of_top, of_group = self.scale_by_group
            top = ways = _nested(routes.inclusive, of_way, of_group, groups.group, groups.start)
            chooser, start = groups.chooser, groups.chooser_start
        # that of these and the outside option by demand
        best = np.minimum.reduceat(top.inclusive, start)
        best = np.minimum(best, self.penalty)
        weight = np.exp(of_top * (best[chooser] - top.inclusive))
        stay = np.exp(self.way_scale * (best - self.penalty))
        in_all = np.add.reduceat(weight, start) + stay
        surplus = best - np.log(in_all) / self.way_scale
        # the flows, from the demands down
        top_flow = (self.amount / in_all)[chooser] * weight
        way_flow = top_flow if ways is None or groups is None else ways.spread(top_flow, groups.group)
        route_flow = routes.spread(way_flow, layout.way)
        use = self.takes @ route_flow
        worth, wanted, give = self._conjugate(price)
        value = float(self.amount @ surplus - worth) + self.unlisted
        left = self.amount * stay / in_all
        return Point(price, toll, value, route_flow, way_flow, top_flow, left, surplus, use, wanted, give)

    def _without_routes(self, price: FloatArray) -> Point:
        none = np.empty(0)
        worth, wanted, give = self._conjugate(price)
        flows = none, none, none, none, none  # and the surplus
        return Point(price, none, self.unlisted - worth, *flows, np.zeros_like(price), wanted, give)

    def toll(self, price: FloatArray) -> FloatArray:
        """Return what a tonne on each route pays for resources, (P,): by those that have a price, if these are few."""
        priced = np.flatnonzero(price)
        if priced.size * _FEW > price.size:
            return self.layout.by_route @ price
        found: FloatArray = price[priced] @ self.rows(priced)
        return found

    def _conjugate(self, price: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Return the sum of the conjugates, their slopes (the use wanted) and by how much these grow."""
        capacity, delay = self.capacity, self.delay
        if delay is None:
            return float(capacity @ price), capacity, np.zeros_like(capacity)
        share = delay.share(price)
        waiting = np.where(delay.waits, delay.integral(share), 0.0)
        soft = delay.waits & (price < delay.coefficient)
        give = np.divide(capacity, delay.slope(share), out=np.zeros_like(capacity), where=soft)
        return float(capacity @ (share * price - waiting)), capacity * share, give


class _Nested(NamedTuple):
    """Members of nests: their weights, (n,), the sums and the log-sums of these by nest, (m,)."""

    weight: FloatArray
    total: FloatArray
    inclusive: FloatArray

    def spread(self, flow: FloatArray, nest: IntArray) -> FloatArray:
        """Return the flow of each member, (n,), from that of each nest, (m,)."""
        share = np.divide(flow, self.total, out=np.zeros_like(flow), where=self.total > 0)
        return share[nest] * self.weight


def _nested(price: FloatArray, scale: FloatArray, of_nest: FloatArray, nest: IntArray, start: IntArray) -> _Nested:
    """Return the log-sums of members, (n,), by nest, (m,): that of one whose members are all closed is infinite."""
    cheapest = np.minimum.reduceat(price, start)
    cheapest = np.where(np.isfinite(cheapest), cheapest, 0.0)
    weight = np.exp(scale * (cheapest[nest] - price))
    total = np.add.reduceat(weight, start)
    with np.errstate(divide="ignore"):
        return _Nested(weight, total, cheapest - np.log(total) / of_nest)
