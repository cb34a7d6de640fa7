"""One-sided prices: at what rate a little more of a resource saves, and at what rate a little less costs.

A price is a slope, in money for each unit: a whole unit more may save less than it says, as the next bottleneck may be
near, and a whole unit less may cost more.

The optimum as a function of a capacity is convex and made of straight pieces; its slopes to either side are two
prices, and any optimum's price lies between (Gal 1986). Each is read off by moving the capacity a little, going on
with column generation from where it stands, and making sure by the change of the optimum that this was on one
straight piece; if not, by a smaller step. What was found there is the proof, which `corridors.models.price_ends`
checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from corridors.models.arrays import FloatArray, UsageArray
from corridors.models.columns.generation import Run
from corridors.models.columns.master import Answer
from corridors.models.problem import FlowProblem
from corridors.models.termination import Dearer

_STEP = 2.0**-14  # of the capacity: the first step aside
_SHRINK = 2.0**-4
_STEPS = 4
_SPARE = 1e-9  # of the capacity: room that is no rounding
_SAME = 1e-9  # relative: prices that differ by less are one


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


@dataclass(frozen=True, eq=False)
class Beside:
    """An optimum beside the capacity of a resource: columns with their flows, and prices, (R,)."""

    resource: int
    capacity: float
    answer: Answer
    price: FloatArray


def one_sided(run: Run, resources: Sequence[int]) -> tuple[FloatArray, FloatArray, list[Beside]]:
    """Give the low and the high prices of some resources, (R,) each, NaN for the others, and what proves them.

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
        NaN where any less leaves no plan, or there is nothing to lose. Both are NaN where no step is so small that the
        optimum is straight along it. What has no price has a low one of 0, and what has room to spare a high one of 0,
        without more proof.
    """
    low, high = np.full((2, run.problem.resource_count), np.nan)
    proofs: list[Beside] = []
    optimum, use, price = run.settle()
    for r in resources:
        limit = float(run.problem.capacity[r])
        if price[r] <= 0:
            low[r] = 0
        if price[r] <= 0 and limit > 0 and use[r] < limit * (1 - _SPARE):
            high[r] = 0
            continue
        if price[r] > 0:
            low[r] = _end(run, r, 1, optimum, proofs)
        if limit > 0:
            high[r] = _end(run, r, -1, optimum, proofs)
        run.master.limit(r, limit)
    return low, high, proofs


def usual_capacity(problem: FlowProblem) -> float:
    """Return a capacity of the usual size: a step is to be seen beside the amounts that it is to move."""
    some = problem.capacity[problem.capacity > 0]
    return float(np.median(some)) if some.size else float(problem.amount.max(initial=1.0))


def _end(run: Run, resource: int, side: Literal[1, -1], optimum: float, proofs: list[Beside]) -> float:
    """Measure the price of a resource just beside its capacity, and keep what proves it; NaN if nothing does."""
    limit = float(run.problem.capacity[resource])
    step = (limit if limit > 0 else usual_capacity(run.problem)) * _STEP
    for _ in range(_STEPS):
        capacity = limit + side * step
        try:
            answer, price = run.beside(resource, capacity)
        except Dearer:
            step *= _SHRINK
            continue
        change, slope = side * (optimum - answer.objective), float(price[resource])
        if abs(change - slope * step) <= 1e-6 * slope * step + 1e-13 * abs(optimum):
            own = float(run.price[resource])
            # the last digits of two solves may set an end on the wrong side of the price that lies at it
            end = min(own, slope) if side > 0 else max(own, slope)
            if abs(end - slope) <= _SAME * max(slope, own):
                proofs.append(Beside(resource, capacity, answer, price))
                return end
        step *= _SHRINK
    return np.nan
