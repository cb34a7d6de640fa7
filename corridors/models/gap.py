r"""The relative gap: one definition, for everything that is proved.

Between the cost :math:`z` of a plan and a bound :math:`L` on the cost of every plan the gap is

.. math::

   \text{gap} = \frac{z - L}{|z|}

relative to the cost itself, however small it is. Where the two differ by no more than the rounding error of their sums,
the gap is 0. That is the only floor, and it scales with the figures of the problem.

The gap of the total says little about cheap demands beside a dear one: where one demand pays 1e16, all others may be
wrong within 1e-6 of it. So `widest_gap` computes the gap of the cheapest demands, too, for any number of them.

======================  ==============  ======
symbol                  name            shape
======================  ==============  ======
:math:`z`               ``cost``        ()
:math:`L`               ``bound``       ()
======================  ==============  ======
"""

from __future__ import annotations

import math

import numpy as np

from corridors.models.arrays import FloatArray

ROUNDING = 2.0**-49  # of the sum of absolute terms: what their last digits may add up to
_DUST = 2.0**-44  # of the highest price: what the last digits of a solver leave of others
PRICED = 2.0**-40  # of what is paid at the prices: the same, with the last digits of prices that a solver made


def relative_gap(cost: float, bound: float, rounding: float = 0.0) -> float:
    """Return by how much a cost is at most above the least cost, relative to it; negative if it is below its bound.

    Parameters
    ----------
    cost, bound
        Of a plan, and on every plan.
    rounding
        The rounding error of their sums: figures that differ by no more are equal.

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
    """Return a solver's prices with 0 in place of those that are rounding errors of others.

    Parameters
    ----------
    price, capacity
        Of each resource, (R,), at least 0.
    """
    rent, highest = price * capacity, price.max(initial=0)
    some = capacity[capacity > 0]
    typical = highest * np.median(some) if some.size else 0.0  # the rent of the highest price at the median capacity
    dust = (price <= _DUST * highest) & (rent <= _DUST * max(rent.max(initial=0), typical))
    return np.where(dust, 0.0, price)


def widest_gap(cost: FloatArray, loss: FloatArray, idle: FloatArray) -> float:
    r"""Return the widest relative gap of the demands that cost least, over any number of them.

    With demands in the order of their cost, :math:`\text{loss}_k` for what a demand pays above the least that it could
    at the prices, and :math:`\ell_r` for the price of the capacity of a resource that is paid for and not used:

    .. math::

       \max_j \; \frac{\sum_{k \le j} \text{loss}_k + \sum_r \ell_r}{\sum_{k \le j} \text{cost}_k}

    All terms are at least 0 and add up to the gap of the whole (`corridors.models.certificate`). So the last ratio is
    the relative gap of the whole, and no gap of cheap demands is hidden behind one that costs more.

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
