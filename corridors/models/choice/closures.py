r"""Routes that can carry nothing, because they take of a resource of which there is nothing.

A logit gives every open route some flow at any finite price, so a capacity of 0 would need an infinite one. Such routes
are closed beforehand instead. At the end the resource gets the least price at which closed routes are hopeless:

.. math::

   \mu_r = \max_{p : A_{rp} > 0} \frac{S_k - v_p + H / \theta^1_k}{A_{rp}}, \qquad e^{-H} \approx 10^{-20}

which costs nothing, as there is nothing to pay it for. Where some route gives back, the capacity of 0 is a share to be
kept and no closure; it becomes one where all routes that give back are closed.

==============  ===========  ==========
symbol          name         shape
==============  ===========  ==========
:math:`A_{rp}`  ``takes``    (R, P)
:math:`v_p`     ``priced``   (P,)
:math:`S_k`     ``surplus``  (K,)
:math:`\mu_r`   ``price``    (R,)
==============  ===========  ==========
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.choice.dual import Dual, Point

_HOPELESS = 46.0  # its exponential is 1e20


def closures(dual: Dual) -> tuple[IntArray, ...]:
    """Return the resources that close routes, round by round: a later round closes what an earlier one made closed."""
    takes = dual.layout.takes
    open_ = np.isfinite(dual.cost) & (dual.amount > 0)[dual.layout.route_chooser]
    empty = dual.capacity == 0
    rounds: list[IntArray] = []
    while empty.any():
        closing = np.flatnonzero(empty & ~_any(dual, open_, negative=True) & _any(dual, open_, negative=False))
        if not closing.size:
            break
        rounds.append(closing)
        rows = takes[closing]
        open_ = open_.copy()
        open_[rows.indices[rows.data > 0]] = False
        empty[closing] = False
    return tuple(rounds)


def closed_routes(dual: Dual, rounds: tuple[IntArray, ...]) -> BoolArray:
    """Tell which routes the rounds of closures close, (P,)."""
    closed = np.zeros(dual.cost.size, dtype=bool)
    for resources in rounds:
        rows = dual.layout.takes[resources]
        closed[rows.indices[rows.data > 0]] = True
    return closed


def closing_prices(dual: Dual, point: Point, rounds: tuple[IntArray, ...]) -> FloatArray:
    """Return prices that are a point's, (R,), and high enough where there is nothing.

    Parameters
    ----------
    dual
        With the cost of closed routes as it is, not infinite.
    point
        Found with closed routes closed.
    rounds
        As of `closures`; the last one is priced first, since routes that an earlier one closed may give back of it.
    """
    layout, price = dual.layout, point.price.copy()
    hopeless = point.surplus + _HOPELESS / dual.way_scale
    for resources in reversed(rounds):
        rows = layout.takes[resources]
        rows.sum_duplicates()
        priced = dual.cost + layout.by_route @ price
        owner = np.repeat(resources, np.diff(rows.indptr))
        with np.errstate(invalid="ignore"):
            lacks = (hopeless[layout.route_chooser] - priced)[rows.indices] / rows.data
        some = (rows.data > 0) & np.isfinite(lacks)
        known = price.copy()
        np.maximum.at(price, owner[some], known[owner[some]] + lacks[some])
    return price


def _any(dual: Dual, open_: BoolArray, *, negative: bool) -> BoolArray:
    """Tell of which resources an open route gives back, or takes, (R,)."""
    takes = dual.layout.takes
    sign = takes.data < 0 if negative else takes.data > 0
    owner = np.repeat(np.arange(takes.shape[0]), np.diff(takes.indptr))
    found = np.zeros(takes.shape[0], dtype=bool)
    found[owner[sign & open_[takes.indices]]] = True
    return found
