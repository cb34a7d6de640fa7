r"""Routes that the list lacks: a necessary check over all routes, at the answer's prices.

If the cheapest of all paths at the prices, :math:`\text{dist}_k(c + A^\top \mu)`, is cheaper than the cheapest listed
route, the list lacks a route that the demand would take. At the same prices it takes at most the share

.. math::

   \max \Bigl\{ \frac{a}{Z_k + a},\;
     \max_{w \in k} \frac{(A + W)^{\rho}}{Z_k - W^{\rho} + (A + W)^{\rho}} \cdot \frac{A}{A + W} \Bigr\}, \quad
   A = e^{-\theta^2_k \text{dist}_k}, \; W = e^{-\theta^2_k I_w}, \; a = A^{\rho}, \; \rho = \theta^1_k / \theta^2_k

as a way of its own, or as one more route of a way. Where ways have groups, the same holds for it as a way of a new
group, one more way of a group, and one more route of a way of a group.

=======================  ==============  ======
symbol                   name            shape
=======================  ==============  ======
:math:`\text{dist}_k`    ``distance``    (D,)
:math:`v_p`              ``priced``      (P,)
:math:`S_k`              ``logsum``      (D,)
=======================  ==============  ======
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.choice.problem import ChoiceProblem

_CHEAPER = 1e-9  # relative: what is not cheaper by more is as good as listed


@dataclass(frozen=True)
class Missing:
    """A demand whose cheapest route at the prices is not listed.

    Attributes
    ----------
    demand
        Its number.
    cost
        Of a tonne on the cheapest route of all, at the prices.
    listed
        Of a tonne on the cheapest listed one, ``inf`` where none is.
    share
        The largest share of the demand that the route would take at these prices.
    """

    demand: int
    cost: float
    listed: float
    share: float


def missing_routes(
    problem: ChoiceProblem, distance: FloatArray, priced: FloatArray, logsum: FloatArray
) -> tuple[Missing, ...]:
    """Return the demands whose cheapest route is not listed, by more than rounding.

    Parameters
    ----------
    problem
        With the list.
    distance
        The cost of the cheapest of all paths of each demand at the prices, (D,).
    priced, logsum
        As of `corridors.models.choice.weighing.Weighing`.
    """
    flow, owner = problem.flow, problem.routes.demand
    listed = np.full(flow.demand_count, np.inf)
    np.minimum.at(listed, owner, priced)
    asked = (flow.amount > 0) & np.isfinite(distance)
    known = np.isfinite(listed)
    near = np.where(known, listed, 0.0)
    rounding = _CHEAPER * np.maximum(np.abs(np.where(asked, distance, 0.0)), np.abs(near))
    lacking = np.flatnonzero(asked & (~known | (distance < near - rounding)))
    return tuple(
        Missing(k, float(distance[k]), float(listed[k]), _share(problem, k, distance, priced, logsum))
        for k in lacking.tolist()
    )


def _share(problem: ChoiceProblem, demand: int, distance: FloatArray, priced: FloatArray, logsum: FloatArray) -> float:
    """Return the largest share that a new route of a demand would take: utilities are relative to its log-sum."""
    one, two = float(problem.way_scale[demand]), float(problem.route_scale[demand])
    middle = one if problem.group_scale is None else float(problem.group_scale[demand])
    base = min(float(logsum[demand]), float(distance[demand]))
    whole = math.exp(-one * (float(logsum[demand]) - base)) if math.isfinite(logsum[demand]) else 0.0
    far = float(distance[demand]) - base
    mine = np.flatnonzero(problem.routes.demand == demand)
    ways = {way: mine[problem.way[mine] == way] for way in np.unique(problem.way[mine]).tolist()}
    old = {way: float(np.logaddexp.reduce(-two * (priced[routes] - base))) for way, routes in ways.items()}
    grown = {way: float(np.logaddexp(known, -two * far)) for way, known in old.items()}
    groups: dict[int, list[int]] = {}
    for way in ways:
        groups.setdefault(way if problem.group is None else int(problem.group[way]), []).append(way)
    shares = [_part(whole, 0.0, -one * far)]
    for members in groups.values():
        known = {way: old[way] * middle / two for way in members}
        before = math.exp(float(np.logaddexp.reduce(list(known.values()))) * one / middle)
        # within the group: as a way of it, where that is more than a way, or as a route of each of its ways
        tries = [(known | {-1: -middle * far}, -1, 1.0)] if problem.group is not None else []
        tries += [(known | {way: grown[way] * middle / two}, way, math.exp(-two * far - grown[way])) for way in members]
        for utilities, way, share in tries:
            inside = float(np.logaddexp.reduce(list(utilities.values())))
            shares.append(_part(whole, before, inside * one / middle) * math.exp(utilities[way] - inside) * share)
    return max(shares)


def _part(whole: float, before: float, utility: float) -> float:
    """Return the share of an option of a utility that takes the place of a part of the whole, or of none."""
    now = math.exp(utility)
    return now / (max(whole - before, 0.0) + now)
