"""Complementary slackness of a run's plan, by columns: whether the gap is closed for the cheapest demands, too.

The certificate counts the same anew from paths (`corridors.models.slackness`), and shares none of this arithmetic.
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.columns.master import Answer
from corridors.models.columns.pool import Pool
from corridors.models.gap import PRICED, widest_gap
from corridors.models.problem import FlowProblem


def widest(problem: FlowProblem, pool: Pool, plan: Answer, price: FloatArray, least: FloatArray) -> float:
    """Return the widest relative gap of the demands that cost least, for any number of them.

    Parameters
    ----------
    problem, pool, plan
        What is solved, its columns, and those that the plan takes.
    price, least
        Of each resource, (R,), and what a tonne of each demand pays at least at these prices, (D,).
    """
    own = pool.demand[plan.column] >= 0
    column, flow = plan.column[own], plan.flow[own]
    owner, use, size = pool.demand[column], pool.use[column], problem.demand_count
    reduced = pool.cost[column] + use @ price
    cost = np.bincount(owner, flow * pool.cost[column], size)
    paid = np.bincount(owner, flow * np.abs(reduced), size)
    loss = np.bincount(owner, flow * np.maximum(reduced - least[owner], 0), size)
    used = use.T @ flow
    idle = price * np.abs(problem.capacity - used)
    held = price * np.maximum(problem.capacity, used)
    return widest_gap(cost, np.where(loss > PRICED * paid, loss, 0), np.where(idle > PRICED * held, idle, 0))
