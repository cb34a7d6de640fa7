r"""The first master of column generation: from nothing, from near the prices, or from an earlier run.

==================  ===============  =======
symbol              name             shape
==================  ===============  =======
:math:`\bar c_p`    ``priced_cost``  (P,)
:math:`\mu_r`       ``price``        (R,)
:math:`d_k`         ``amount``       (D,)
==================  ===============  =======
"""

from __future__ import annotations

import numpy as np

from corridors.models import threads
from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.columns.barrier import options
from corridors.models.columns.bounds import Bounds
from corridors.models.columns.master import Master, overflow_cost
from corridors.models.columns.master_solution import Basis
from corridors.models.columns.oracle import PricingOracle
from corridors.models.columns.pool import Pool
from corridors.models.problem import FlowProblem
from corridors.models.termination import Monitor

FIRST_FACTOR = 4.0  # times the dearest column: what overflow costs at first


def initialise(oracle: PricingOracle, bounds: Bounds, monitor: Monitor, gap: float) -> Master | None:
    """Start from nothing: with the cheapest path of every demand, or by the barrier where many resources bind.

    Parameters
    ----------
    oracle, bounds
        Of the problem, with an empty pool. What is found on the way is kept in them.
    monitor
        Ends the barrier when the time is over.
    gap
        The relative gap that is wanted in the end.

    Returns
    -------
    Master
        None if a demand that must be served has no path.
    """
    problem, pool = oracle.problem, oracle.pool
    bounds.keep_bound(oracle.price_out(np.zeros(problem.resource_count)))
    if oracle.some_cannot_go():
        return None
    key = key_columns(problem, pool, pool.cost)
    use = pool.use[key[oracle.demands]].T @ oracle.amount[oracle.demands]
    overdrawn = np.flatnonzero(use > problem.capacity)
    crossing = (pool.use[:, overdrawn].sum(axis=1) > 0) & (pool.demand >= 0)
    competing = np.unique(pool.demand[crossing])
    pool.add_unserved(competing[~oracle.mandatory[competing]])
    if overdrawn.size >= options.BARRIER.from_overdrawn and problem.usage.data.min() >= 0:
        binding = np.flatnonzero(use > options.BARRIER.nearly_full * problem.capacity)
        return initialise_by_barrier(oracle, bounds, monitor, binding, gap)
    master = Master(problem, pool, key, overflow_cost(problem, pool, FIRST_FACTOR))
    master.add_resource_rows(overdrawn)
    master.add_improving_columns(pool.cost)
    return master


def initialise_by_barrier(
    oracle: PricingOracle, bounds: Bounds, monitor: Monitor, resources: IntArray, gap: float
) -> Master:
    """Start where the barrier leads: with its prices' columns, and rows for what is tight.

    Parameters
    ----------
    oracle, bounds, monitor, gap
        As of `initialise`, with a path of every demand in the pool.
    resources
        Those that are overdrawn, or nearly, if all demands take their cheapest paths.
    """
    from corridors.models.columns.barrier.start import approach  # heavy linear algebra, not for small problems

    def price_out(price: FloatArray) -> float | None:
        if monitor.seconds_left < 0:
            return None
        bounds.keep_bound(oracle.price_out(price))
        return bounds.lower.value

    problem, pool = oracle.problem, oracle.pool
    cost = overflow_cost(problem, pool, FIRST_FACTOR)
    with threads.one_thread("scipy"):  # its own copy, loaded just now
        crossover = approach(oracle, resources, cost, price_out, gap)
    if crossover is None:
        return Master(problem, pool, key_columns(problem, pool, pool.cost), cost)
    master = Master(problem, pool, crossover.key, overflow_cost(problem, pool, FIRST_FACTOR))
    master.add_resource_rows(crossover.resource)
    master.add_demand_rows(crossover.contested)
    master.add_columns(crossover.column, dual=True)
    return master


def warm_start(
    oracle: PricingOracle, bounds: Bounds, price: FloatArray, closed: BoolArray, basis: Basis | None
) -> Master | None:
    """Start from earlier columns and prices.

    Parameters
    ----------
    oracle, bounds
        Of the problem, with the columns of an earlier run in the pool.
    price
        Of an earlier optimum, (R,).
    closed
        Which resources have newly no capacity, (R,): paths round them are searched first.
    basis
        Where the master of an earlier run of the same demands stopped.

    Returns
    -------
    Master
        None if a demand that must be served has no path.
    """
    problem, pool = oracle.problem, oracle.pool
    price = np.where(closed, np.maximum(price, overflow_cost(problem, pool, FIRST_FACTOR)), price)
    bound = oracle.price_out(price)
    if bound is None and oracle.some_cannot_go():  # a cycle pays at these prices, and hid the paths
        bound = oracle.price_out(np.zeros(problem.resource_count))
    bounds.keep_bound(bound)
    if oracle.some_cannot_go():
        return None
    priced_cost = pool.priced_cost(price)
    key = key_columns(problem, pool, priced_cost)
    if basis is not None:
        kept = np.flatnonzero((basis.key >= 0) & (key >= 0))
        kept = kept[np.isfinite(pool.cost[basis.key[kept]])]
        key[kept] = basis.key[kept]
    master = Master(problem, pool, key, overflow_cost(problem, pool, FIRST_FACTOR))
    if basis is not None:
        master.resume(basis, np.isfinite(pool.cost))
    master.add_improving_columns(priced_cost)
    return master


def key_columns(problem: FlowProblem, pool: Pool, priced_cost: FloatArray) -> IntArray:
    """Return the cheapest column of each demand, (D,), the earlier one of two; negative where a demand has none."""
    key = np.full(problem.demand_count, -1)
    order = np.lexsort((-np.arange(pool.size), -priced_cost))
    order = order[np.isfinite(priced_cost[order]) & (pool.demand[order] >= 0)]
    key[pool.demand[order]] = order  # the last one written stays
    return key
