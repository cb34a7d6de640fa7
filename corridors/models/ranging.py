r"""One-sided shadow prices: what a little more of a resource saves, and what a little less costs.

A price is a slope, in money for each unit: a whole unit more may save less than it says, as the next bottleneck may be
near, and a whole unit less may cost more.

The least cost as a function of one capacity is convex and piecewise linear; its slopes to either side are two prices,
and the price of any optimum lies between them (Gal 1986):

.. math::

   \mu_r^{\text{low}} = \frac{z(b) - z(b + h e_r)}{h} \;\le\; \mu_r \;\le\;
   \frac{z(b - h e_r) - z(b)}{h} = \mu_r^{\text{high}}

for a step h so small that z is straight along it, which is so where the change of the least cost is price times step;
if not, a smaller step is tried. The optimum that was found at the changed capacity proves the price, and
`corridors.models.price_ends` checks it.

======================  ===============  ======
symbol                  name             shape
======================  ===============  ======
:math:`b_r`             ``capacity``     (R,)
:math:`\mu_r`           ``price``        (R,)
:math:`z(b)`            ``objective``    ()
:math:`h`               ``step``         ()
:math:`A_{rp}`          ``use[p, r]``    (P, R)
:math:`x_p`             ``flow``         (P,)
======================  ===============  ======
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from corridors.errors import ProblemError
from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.problem import FlowProblem, FlowSolution, PriceEnd

_FIRST_STEP = 2.0**-14  # of the capacity
_SMALLER = 2.0**-4  # of the step before
_STEPS = 4  # at most so many are tried
_FULL = 2.0**-14  # of the capacity: a resource with less to spare counts as full
_SPARE = 1e-9  # of the capacity: more to spare than this is no rounding
_STRAIGHT = 1e-6  # of price times step: what the change of the least cost may differ from it by
_LAST_DIGITS = 1e-13  # of the least cost: what rounding may make of its change
_SAME = 1e-9  # relative: prices that differ by less are equal


@dataclass(frozen=True, eq=False)
class Optimum:
    """An optimum at a changed capacity.

    Attributes
    ----------
    objective
        Its cost.
    price
        Of each resource, (R,).
    solution
        Returns it as flows on paths.
    """

    objective: float
    price: FloatArray
    solution: Callable[[], FlowSolution]


class Reoptimiser(Protocol):
    """A method at its optimum, which can go on from there when one capacity changes.

    Attributes
    ----------
    problem
        Whose optimum it is, in the units that the method works in.
    objective, price, use
        Its cost, and of each resource its price and the units taken, (R,).
    """

    problem: FlowProblem
    objective: float
    price: FloatArray
    use: FloatArray

    def resolve_at_capacity(self, resource: int, capacity: float) -> Optimum | None:
        """Solve with another capacity of a resource; return None where no plan exists then."""

    def restore_capacity(self, resource: int) -> None:
        """Set the capacity of a resource back to what it is in the problem."""


@dataclass(frozen=True, eq=False)
class PriceIntervals:
    """One-sided prices, with what proves them.

    Attributes
    ----------
    low, high
        What a little more of each resource saves and what a little less costs, for each unit, (R,);
        ``low <= price <= high``. NaN for resources that were not asked about, and where no step is so small that the
        least cost is straight along it. High is also NaN where no plan exists with any less, or where there is nothing
        to lose. A resource without a price has a low price of 0, and if it is not full a high one of 0.
    ends
        The optima that prove all prices but those of 0.
    """

    low: FloatArray
    high: FloatArray
    ends: tuple[PriceEnd, ...] = ()

    @classmethod
    def unknown(cls, problem: FlowProblem) -> PriceIntervals:
        """Return intervals of which no end is known."""
        low, high = np.full((2, problem.resource_count), np.nan)
        return cls(low, high)


def requested(problem: FlowProblem, resources: Sequence[int] | IntArray | None) -> list[int]:
    """Return the numbers of resources whose one-sided prices somebody asks for.

    Raises
    ------
    ProblemError
        If a resource does not exist.
    """
    asked = [] if resources is None else [int(r) for r in resources]
    if not all(0 <= r < problem.resource_count for r in asked):
        raise ProblemError(f"Prices are asked of resources {asked}, but there are {problem.resource_count}.")
    return asked


def worth_ranging(use: UsageArray, flow: FloatArray, price: FloatArray, capacity: FloatArray, count: int) -> list[int]:
    """Choose the resources whose one-sided prices say most, at most ``count`` of each of three kinds.

    * Those with the highest rent, price times capacity.
    * Those that have a price and no capacity: any price above some point is right for them, so the price says nothing,
      but what a first unit would save is a question of its own.
    * Those that are full and have no price, as `full_without_price` chooses them.

    Parameters
    ----------
    use, flow, price, capacity, count
        As of `full_without_price`.
    """
    rent = np.where(price > 0, price, 0) * capacity
    highest = np.argsort(-rent, kind="stable")[:count]
    closed = np.flatnonzero((price > 0) & (capacity <= 0))[:count]
    free = full_without_price(use, flow, price, capacity, count)
    return [*highest[rent[highest] > 0].tolist(), *closed.tolist(), *free]


def full_without_price(
    use: UsageArray, flow: FloatArray, price: FloatArray, capacity: FloatArray, count: int
) -> list[int]:
    """Choose resources that are full and have no price: a little less of them may still cost something.

    Of two resources that bind equally on the same path, one bears the price of both, and which one is chance. So those
    come first whose users pay most for other resources.

    Parameters
    ----------
    use
        Units that a tonne on each path takes of each resource, (P, R).
    flow
        Tonnes a year on each path, (P,).
    price, capacity
        Of each resource, (R,).
    count
        How many are chosen at most.
    """
    full = (price <= 0) & (capacity > 0) & (use.T @ flow >= capacity * (1 - _FULL))
    paid = use.T @ (flow * (use @ price))
    order = np.argsort(-paid, kind="stable")
    return [int(r) for r in order[full[order]][:count]]


def price_intervals(method: Reoptimiser, resources: Iterable[int]) -> PriceIntervals:
    """Measure the one-sided prices of some resources.

    Parameters
    ----------
    method
        At its optimum, where it is again afterwards.
    resources
        Those asked about.
    """
    found = PriceIntervals.unknown(method.problem)
    ends: list[PriceEnd] = []
    for r in resources:
        price, capacity = method.price[r], method.problem.capacity[r]
        if price <= 0:
            found.low[r] = 0
            if capacity > 0 and method.use[r] < capacity * (1 - _SPARE):
                found.high[r] = 0
                continue
        if price > 0:
            found.low[r] = _measure(method, r, 1, ends)
        if capacity > 0:
            found.high[r] = _measure(method, r, -1, ends)
        method.restore_capacity(r)
    return PriceIntervals(found.low, found.high, tuple(ends))


def _measure(method: Reoptimiser, resource: int, side: Literal[1, -1], ends: list[PriceEnd]) -> float:
    """Measure the price of a resource to one side of its capacity and note what proves it; NaN if nothing does."""
    limit, own = float(method.problem.capacity[resource]), float(method.price[resource])
    step = (limit if limit > 0 else _typical_capacity(method.problem)) * _FIRST_STEP
    for _ in range(_STEPS):
        capacity = limit + side * step
        optimum = method.resolve_at_capacity(resource, capacity)
        if optimum is not None:
            slope = float(optimum.price[resource])
            change = side * (method.objective - optimum.objective)
            straight = abs(change - slope * step) <= _STRAIGHT * slope * step + _LAST_DIGITS * abs(method.objective)
            # the last digits of two solves may set an end on the wrong side of the price that lies at it
            end = min(own, slope) if side > 0 else max(own, slope)
            if straight and abs(end - slope) <= _SAME * max(slope, own):
                ends.append(PriceEnd(resource, capacity, optimum.solution()))
                return end
        step *= _SMALLER
    return np.nan


def _typical_capacity(problem: FlowProblem) -> float:
    """Return the median capacity above 0: a step from 0 must be seen beside the amounts that it is to move."""
    some = problem.capacity[problem.capacity > 0]
    return float(np.median(some)) if some.size else float(problem.amount.max(initial=1.0))
