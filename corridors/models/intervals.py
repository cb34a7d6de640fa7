"""One-sided prices: at what rate a little more of a resource saves, and at what rate a little less costs.

A price is a slope, in money for each unit: a whole unit more may save less than it says, as the next bottleneck may be
near, and a whole unit less may cost more.

The optimum as a function of a capacity is convex and made of straight pieces; its slopes to either side are two
prices, and any optimum's price lies between (Gal 1986). Each is read off by moving the capacity a little, going on
with column generation from where it stands, and making sure by the change of the optimum that this was on one
straight piece; if not, by a smaller step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from corridors.models.arrays import FloatArray, UsageArray
from corridors.models.generation import Run
from corridors.models.signals import Dearer

_STEP = 2.0**-14  # of the capacity: the first step aside
_SHRINK = 2.0**-4
_STEPS = 4


def worth_most(run: Run, count: int) -> list[int]:
    """Give the resources with the highest price times capacity, at most so many, none that is free.

    And so many of those with a price that have no capacity at all: any price from some point on proves a plan then, so
    the price alone says nothing, but what a first unit would save is a question of its own. And so many that are full
    without a price, as `full_and_free` has them.
    """
    worth = run.price * run.problem.capacity
    order = np.argsort(-worth, kind="stable")[:count]
    none = np.flatnonzero((run.price > 0) & (run.problem.capacity <= 0))[:count]
    free: list[int] = []
    if run.plan is not None:
        use = run.pool.use[run.plan.column]
        free = full_and_free(use, run.plan.flow, run.price, run.problem.capacity, count)
    return [*(int(r) for r in order if worth[r] > 0), *none.tolist(), *free]


def full_and_free(use: UsageArray, flow: FloatArray, price: FloatArray, capacity: FloatArray, count: int) -> list[int]:
    """Give resources that are full and have no price, at most so many: a little less of them may cost all the same.

    Of two equally tight ones on the same way one bears the price of both, and which one is chance. So those come first
    whose users pay most for others.

    Parameters
    ----------
    use
        What a tonne on each path takes of each resource, (paths, R).
    flow
        Tonnes on each path, (paths,).
    price, capacity
        Of each resource, (R,).
    count
        How many at most.
    """
    full = (price <= 0) & (capacity > 0) & (use.T @ flow >= capacity * (1 - _STEP))
    paid = use.T @ (flow * (use @ price))
    order = np.argsort(-paid, kind="stable")
    return [int(r) for r in order[full[order]][:count]]


def one_sided(run: Run, resources: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Give the low and the high prices of some resources, (R,) each, NaN for the others.

    Parameters
    ----------
    run
        At its optimum. Its plan, bound and prices stay as they are.
    resources
        Those asked about.

    Returns
    -------
    tuple
        ``low <= price <= high``: what a little more is worth, and what a little less costs, for each unit. High is
        ``inf`` where any less leaves no plan, and NaN where there is nothing to lose.
    """
    low, high = np.full((2, run.problem.resource_count), np.nan)
    optimum, use, price = run.settle()
    for r in resources:
        limit = float(run.problem.capacity[r])
        if limit - use[r] > max(limit, 1) * _STEP:
            low[r] = high[r] = 0
            continue
        low[r] = min(price[r], _slope(run, r, 1, optimum)) if price[r] > 0 else 0
        high[r] = max(price[r], _slope(run, r, -1, optimum)) if limit > 0 else np.nan
        run.master.limit(r, limit)
    return low, high


def _usual(run: Run) -> float:
    """Give a capacity of the usual size: a step is to be seen beside the amounts that it is to move."""
    some = run.problem.capacity[(run.problem.capacity > 0) & np.isfinite(run.problem.capacity)]
    return float(np.median(some)) if some.size else float(run.problem.amount.max(initial=1.0))


def _slope(run: Run, resource: int, side: Literal[1, -1], optimum: float) -> float:
    """Measure the price of a resource just beside its capacity."""
    limit = float(run.problem.capacity[resource])
    step = max(limit if limit > 0 else _usual(run), 1.0) * _STEP if side > 0 else limit * _STEP
    price = np.inf
    for _ in range(_STEPS):
        try:
            objective, price = run.beside(resource, limit + side * step)
        except Dearer:
            price = np.inf
        else:
            change = side * (optimum - objective)
            if abs(change - price * step) <= 1e-6 * price * step + 1e-13 * abs(optimum):
                break
        step *= _SHRINK
    return price
