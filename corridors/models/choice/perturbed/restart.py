r"""Where the interior point method begins: near where it left an earlier problem, but inside.

The potentials come from the last search, so that reduced costs are right also of arcs that have just joined; what is
too near to the boundary is moved away from it (Gondzio 1998).

===============  ==================  ======
symbol           name                shape
===============  ==================  ======
:math:`z`        ``share``           (S,)
:math:`y`        ``reduced``         (S,)
:math:`s`        ``slack``           (M,)
:math:`\mu`      ``price``           (M,)
:math:`\pi`      ``to_go``           (J,)
===============  ==================  ======
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.choice.perturbed.interior import Point
from corridors.models.choice.perturbed.setting import Setting
from corridors.models.choice.perturbed.subnetworks import Contracted, Subnetworks

_APART = 1e-3  # the share that an arc begins with at least
_LOOSE = 0.1  # of a capacity: the slack that a resource begins with at least
_ABOVE = 3.0  # times the sum of products to come to: what it begins with


def begin(
    setting: Setting, problem: Contracted, nets: Subnetworks, price: FloatArray, level: tuple[float, float]
) -> Point:
    """Return a point to begin at.

    Parameters
    ----------
    setting, problem, nets
        What is to be solved, with shares and costs of the last search.
    price
        Of all resources, (R,), in money.
    level
        The unit of money, and the sum of products to come to.
    """
    restricted, chains, trip = problem.restricted, problem.chains, problem.trip
    money, left = level
    moves = ~problem.stays
    share = nets.stay[trip]
    share[moves] = nets.share[chains.arc[chains.start[:-1][moves]]]
    scale = setting.amount / money
    come = np.zeros(restricted.enters.size + 1)
    come[restricted.head[moves]] = nets.head[chains.arc[chains.start[1:][moves] - 1]] * scale[trip[moves]]
    come[chains.first_junction[:-1]] = 0
    to_go = np.repeat(nets.least * scale, np.diff(chains.first_junction)) - come[:-1]
    mean = _ABOVE * left / max(1, share.size + problem.rows.size)
    price = price[problem.rows] * problem.unit / money
    free = restricted.capacity - restricted.use_by_row @ share
    slack = np.maximum(free, np.minimum(_LOOSE, mean / np.maximum(price, 1e-300)))
    price = np.maximum(price, mean / slack)
    charge = restricted.use @ price
    reduced = restricted.cost + restricted.weight * np.log1p(share) + charge - restricted.along(to_go)
    share = np.maximum(share, np.minimum(_APART, mean / np.maximum(reduced, 1e-300)))
    return Point(share, np.maximum(reduced, mean / share), slack, price, to_go)


def prices(problem: Contracted, point: Point, resources: int, level: tuple[float, float]) -> FloatArray:
    """Return the prices of all resources, (R,), in money, without those that a point inside leaves where none is due.

    Parameters
    ----------
    problem, point
        What was solved, and how far.
    resources
        R.
    level
        The unit of money, and the part of it that is dust, as the prices of all resources together.
    """
    money, dust = level
    none = (point.price < point.slack) & (point.price * point.price.size < dust)
    price = np.zeros(resources)
    price[problem.rows] = np.where(none, 0.0, point.price) * money / problem.unit
    return price
