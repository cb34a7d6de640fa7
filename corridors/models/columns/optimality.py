r"""Complementary slackness of a plan, by columns: whether the gap is closed for the cheapest demands, too.

The certificate counts the same anew from paths (`corridors.models.slackness`), and shares none of this arithmetic.

==================  ===============  ======
symbol              name             shape
==================  ===============  ======
:math:`x_p`         ``flow``         (P,)
:math:`\bar c_p`    ``priced``       (P,)
:math:`\sigma_k`    ``least_cost``   (D,)
:math:`\mu_r`       ``price``        (R,)
==================  ===============  ======
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.columns.master_solution import MasterSolution
from corridors.models.columns.pool import Pool
from corridors.models.gap import PRICED, widest_gap
from corridors.models.problem import FlowProblem


def widest(problem: FlowProblem, pool: Pool, plan: MasterSolution, price: FloatArray, least_cost: FloatArray) -> float:
    """Return the widest relative gap of the demands that cost least, for any number of them.

    Parameters
    ----------
    problem, pool, plan
        What is solved, its columns, and those that the plan takes.
    price, least_cost
        Of each resource, (R,), and what a tonne of each demand pays at least at these prices, (D,).
    """
    column, flow = plan.carried(pool, problem.amount)
    demand, use, size = pool.demand[column], pool.use[column], problem.demand_count
    priced = pool.cost[column] + use @ price
    cost = np.bincount(demand, flow * pool.cost[column], size)
    paid = np.bincount(demand, flow * np.abs(priced), size)
    loss = np.bincount(demand, flow * np.maximum(priced - least_cost[demand], 0), size)
    used = use.T @ flow
    idle = price * np.abs(problem.capacity - used)
    held = price * np.maximum(problem.capacity, used)
    return widest_gap(cost, np.where(loss > PRICED * paid, loss, 0), np.where(idle > PRICED * held, idle, 0))
