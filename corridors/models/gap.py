r"""What a relative gap is: one definition, for everything that is proved.

A cost :math:`z` and a bound :math:`L` that no plan is below are apart by

.. math::

   \text{gap} = \frac{z - L}{|z|}

relative to the cost itself, however small it is. Where the two differ by no more than the rounding error of the
sums that they are, the gap is 0: that is the only floor, and it goes with the figures of the problem.

A total says little of what is cheap beside something dear: where one demand pays 1e16, all others may be lost within
1e-6 of it. So the gap is asked of the cheapest demands, too, for any number of them, by `widest_gap`.
"""

from __future__ import annotations

import math

import numpy as np

from corridors.models.arrays import FloatArray

ROUNDING = 2.0**-49  # of the sum of absolute terms: what their last digits may add up to
_DUST = 2.0**-44  # of the dearest price: what the last digits of a solver leave of others
PRICED = 2.0**-40  # of what is paid at the prices: the same, with the last digits of prices that a solver made


def relative_gap(cost: float, bound: float, rounding: float = 0.0) -> float:
    """Return how far a cost may be above the optimum, relative to the cost; negative where it is below its bound.

    Parameters
    ----------
    cost, bound
        Of a plan, and of all plans.
    rounding
        By how much the two may differ and still be the same: the rounding error of their sums.

    Returns
    -------
    float
        0 for equal figures, also where both are 0, and ``inf`` where either is not finite or only the cost is 0.
    """
    apart = cost - bound
    if not math.isfinite(apart):
        return math.inf
    if abs(apart) <= rounding:
        return 0.0
    return apart / abs(cost) if cost else math.copysign(math.inf, apart)


def without_dust(price: FloatArray, capacity: FloatArray) -> FloatArray:
    """Return a solver's prices without those that are the last digits of others: 0 in their places.

    Parameters
    ----------
    price, capacity
        Of each resource, (R,), at least 0.
    """
    rent, dearest = price * capacity, price.max(initial=0)
    some = capacity[capacity > 0]
    usual = dearest * np.median(some) if some.size else 0.0  # what the dearest would bring, had it usual capacity
    dust = (price <= _DUST * dearest) & (rent <= _DUST * max(rent.max(initial=0), usual))
    return np.where(dust, 0.0, price)


def widest_gap(cost: FloatArray, loss: FloatArray, idle: FloatArray) -> float:
    r"""Return the widest relative gap among the demands that cost least, for any number of them.

    With demands in the order of what they cost, each with what it loses against the cheapest that it could have at the
    prices, and :math:`\ell_r` for what a resource is priced at and does not carry:

    .. math::

       \max_j \; \frac{\sum_{k \le j} \text{loss}_k + \sum_r \ell_r}{\sum_{k \le j} \text{cost}_k}

    All terms are at least 0 and add up to the gap of the whole (`corridors.models.certificate`), so the last ratio is
    the relative gap, and no other can be hidden behind a demand that costs more.

    Parameters
    ----------
    cost, loss
        Of each demand, (D,), at least 0.
    idle
        Of each resource, (R,), at least 0: it counts from the first demand on that costs anything.
    """
    unused = float(idle.sum())
    if not (unused > 0 or (loss > 0).any()):
        return 0.0
    order = np.argsort(cost, kind="stable")
    costs, losses = cost[order], loss[order]
    if not costs.size:
        return math.inf
    losses[min(int(np.searchsorted(costs, 0, side="right")), costs.size - 1)] += unused
    lost, paid = np.cumsum(losses), np.cumsum(costs)
    some = lost > 0
    with np.errstate(divide="ignore"):
        return float((lost[some] / paid[some]).max(initial=0))
