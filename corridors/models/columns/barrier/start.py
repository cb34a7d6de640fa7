"""The way to good prices where many resources bind: along the central path, with columns generated on the way.

From far inside the prices of the dual problem come near the optimum in a few rounds, each a few steps of Newton's
method and one search (Goffin, Haurie & Vial 1992; Gondzio, Gonzalez-Brevis & Munari 2013). The end is left to the
simplex method, which from there has little to do: most demands keep to the one path that they mostly use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns.barrier import newton
from corridors.models.columns.barrier.newton import Inside
from corridors.models.columns.barrier.normal import Restricted
from corridors.models.columns.pool import Pool
from corridors.models.problem import FlowProblem

_AWAY = 1e4  # times the barrier: what choosing a column may cost a demand
_KEPT = 5  # columns of a demand
_CLOSE = 0.8  # of the capacity: from when on a resource takes part
_FIRST = 0.05  # of the objective: the barrier at the start; of the usual path: the prices
_TURNS = 5  # of Newton's method in a round
_NEAR = 0.1  # of the pairs: the squared decrement that is enough
_OF_GAP = 0.3  # the next barrier
_SLOWEST, _FASTEST = 0.5, 0.05  # how much smaller it becomes
_CENTRED = 10.0  # times the pairs: the squared decrement from which on the barrier may shrink
_ROUNDS = 14
_HIGHEST = 0.9  # of the price of a way out
_TIGHT = 0.1  # of the capacity: who has less left gets a row
_MOST = 0.9  # of a demand: with less on its widest column it gets a row
_CHEAP = 0.1  # relative: who is dearer than its demand's cheapest by more is left out


@dataclass(frozen=True, eq=False)
class Nearby:
    """Where the simplex method can go on.

    Attributes
    ----------
    base
        The column that each demand mostly uses, (D,); negative where it needs none.
    column
        Other columns worth having.
    resource
        The resources that bind, or nearly.
    price
        Of each resource, (R,).
    shared
        The demands that no column carries most of.
    """

    base: IntArray
    column: IntArray
    resource: IntArray
    price: FloatArray
    shared: IntArray


@dataclass(frozen=True, eq=False)
class _Choice:
    """Columns taking part: those of demands that have several, by demand, and the only ones of the others.

    In the restricted problem columns cost and use what they do beyond the first of their demand, and those first
    ones cost what is noted here.
    """

    several: IntArray
    only: IntArray
    restricted: Restricted
    cost: float


def approach(
    problem: FlowProblem,
    pool: Pool,
    resources: IntArray,
    dear: FloatArray,
    search: Callable[[FloatArray], float],
    goal: float,
    compiled: bool = False,
) -> Nearby:
    """Find good prices and columns.

    Parameters
    ----------
    problem, pool
        In good units, and its columns so far, at least one of each demand that needs any.
    resources
        Those that are overdrawn, or nearly, if all take their cheapest paths.
    dear
        What overdrawing each resource by one unit costs, (R,).
    search
        Finds columns at some prices, and gives the best bound so far.
    goal
        The relative gap to end at, about.
    compiled
        Whether the problem is large enough for compiled sums.
    """
    usual = float(np.median(pool.cost))
    price = np.zeros(problem.resource_count)
    price[resources] = np.minimum(_FIRST * usual, _HIGHEST * dear[resources])
    bound = search(price)
    weight = np.inf
    for turn in range(_ROUNDS):
        choice = _chosen(problem, pool, resources, dear, price, weight)
        pairs = choice.several.size + 2 * resources.size
        if turn == 0:
            weight = _FIRST * (bound if bound > 0 else 1.0) / pairs
        floor = weight / np.maximum(problem.capacity[resources], weight / dear[resources])
        start = np.clip(price[resources], floor, _HIGHEST * dear[resources])
        inside = newton.centre(choice.restricted, start, weight, _NEAR * pairs, _TURNS, compiled)
        price = np.zeros(problem.resource_count)
        price[resources] = inside.price
        bound = search(price)
        objective = max(inside.objective + choice.cost, 1e-9)
        off = abs(objective - bound) + weight * inside.off
        gap = max(off, weight * pairs) / objective
        more = _drawn(problem, pool, choice, inside) > _CLOSE * problem.capacity
        more[resources] = False
        if gap <= goal:
            break
        if more.any():
            resources = np.union1d(resources, np.flatnonzero(more))
        pairs = choice.several.size + 2 * resources.size
        aim = _OF_GAP * abs(objective - bound) / pairs
        if inside.off <= _CENTRED * pairs:
            weight = min(_SLOWEST * weight, max(_FASTEST * weight, aim))
    return _nearby(problem, pool, choice, inside, price)


def _chosen(
    problem: FlowProblem, pool: Pool, resources: IntArray, dear: FloatArray, price: FloatArray, weight: float
) -> _Choice:
    """Give the cheapest columns of each demand."""
    reduced = pool.priced_cost(price)
    order = np.lexsort((reduced, pool.demand))
    order = order[np.searchsorted(pool.demand[order], 0) :]
    owner = pool.demand[order]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    count = np.diff(np.append(first, owner.size))
    rank = np.arange(owner.size) - np.repeat(first, count)
    above = reduced[order] - np.repeat(reduced[order[first]], count)
    in_ = (rank < _KEPT) & (above * problem.amount[owner] <= _AWAY * weight)
    order, owner = order[in_], owner[in_]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    count = np.diff(np.append(first, owner.size))
    several = np.repeat(count > 1, count)
    only, chosen = order[~several], order[several]
    owner = pool.demand[chosen]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    base = np.concatenate((only, chosen[first]))
    use = sparse.csr_array(pool.use[:, resources])
    amount = problem.amount[pool.demand[base]]
    room = problem.capacity[resources] - use[base].T @ amount
    least = chosen[np.repeat(first, np.diff(np.append(first, chosen.size)))]
    more = sparse.csr_array(use[chosen] - use[least])
    more.eliminate_zeros()
    cost = pool.cost[chosen] - pool.cost[least]
    restricted = Restricted(cost, more, first, problem.amount[owner[first]], room, dear[resources])
    return _Choice(chosen, only, restricted, float(pool.cost[base] @ amount))


def _drawn(problem: FlowProblem, pool: Pool, choice: _Choice, inside: Inside) -> FloatArray:
    """Give what is used of every resource, (R,)."""
    columns = np.concatenate((choice.several, choice.only))
    flow = np.concatenate((inside.flow, problem.amount[pool.demand[choice.only]]))
    drawn: FloatArray = pool.use[columns].T @ flow
    return drawn


def _nearby(problem: FlowProblem, pool: Pool, choice: _Choice, inside: Inside, price: FloatArray) -> Nearby:
    base = np.full(problem.demand_count, -1)
    base[pool.demand[choice.only]] = choice.only
    widest = choice.several[np.argsort(inside.flow, kind="stable")]
    base[pool.demand[widest]] = widest
    resources = np.flatnonzero(price)
    tight = inside.slack < _TIGHT * problem.capacity[resources]
    reduced = pool.priced_cost(price)
    least = pool.least_cost(reduced)[pool.demand]
    worth = reduced <= least * (1 + _CHEAP)
    worth[base[base >= 0]] = False
    most = np.full(problem.demand_count, np.inf)
    most[pool.demand[widest]] = inside.flow[np.argsort(inside.flow, kind="stable")]
    shared = np.flatnonzero(most < _MOST * problem.amount)
    return Nearby(base, np.flatnonzero(worth & (pool.demand >= 0)), resources[tight], price, shared)
