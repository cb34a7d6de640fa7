r"""An answer counted anew, and its violations of complementary slackness, term by term.

For prices :math:`\mu \ge 0`, with :math:`\bar c_p = c_p + \sum_r A_{rp} \mu_r` and
:math:`\sigma_k = \min\{\text{dist}_k(c + A^\top \mu), \text{pen}_k\}`, the cost :math:`z` of any flows :math:`x, u`
is above the bound :math:`L(\mu) = \sum_k d_k \sigma_k - b^\top \mu` by (Ahuja, Magnanti & Orlin 1993, section 17.3)

.. math::

   z - L(\mu) = \underbrace{\sum_k \Bigl( \sum_{p \in P_k} x_p (\bar c_p - \sigma_k) + u_k (\text{pen}_k - \sigma_k)
   \Bigr)}_{\text{tonnes that pay more than the least}}
   + \underbrace{\sum_r \mu_r (b_r - \textstyle\sum_p A_{rp} x_p)}_{\text{capacity paid for and not used}}
   + \underbrace{\sum_k \sigma_k \bigl( \textstyle\sum_p x_p + u_k - d_k \bigr)}_{\text{residuals}}

It holds for any flows, also for those that overdraw a resource or miss a demand a little. For a plan without residuals
no term is negative. Residuals are worth what their terms are: with :math:`o_r` overdrawn and :math:`m_k` missed,
:math:`L(\mu) \le z + \sum_r \mu_r o_r + \sum_k \sigma_k m_k`, and the cost is compared with the bound only after both
sums are added to it.

==========================  ==================  ======
symbol                      name                shape
==========================  ==================  ======
:math:`x_p`                 ``path_flow``       (P,)
:math:`u_k`                 ``unserved``        (D,)
:math:`\mu_r`               ``price``           (R,)
:math:`c_p`                 ``path_cost``       (P,)
:math:`\bar c_p`            ``priced``          (P,)
:math:`\sigma_k`            ``least``           (D,)
:math:`\text{pen}_k`        ``penalty``         (D,)
:math:`b_r`                 ``capacity``        (R,)
:math:`\sum_p A_{rp} x_p`   ``use``             (R,)
:math:`o_r`                 ``overdrawn``       (R,)
==========================  ==================  ======
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.bound import Relaxation
from corridors.models.gap import PRICED
from corridors.models.problem import FlowProblem, FlowSolution

FEASIBLE = 2.0**-40  # 9e-13 of an amount or a capacity: smaller residuals are the last digits of the sums
_LAST_DIGITS = 2.0**-50  # of all that may pass: what its rounding errors may overdraw a resource by


@dataclass(frozen=True, eq=False)
class Count:
    """What an answer carries, takes and costs.

    Attributes
    ----------
    path, arc
        The path of each step of all paths, and its arc.
    path_cost
        Of a tonne on each path, (P,).
    carried
        Tonnes on the paths of each demand, (D,).
    use
        Units taken of each resource, (R,).
    passing
        Units that would be taken of each resource if each path carried the whole amount of its demand and no usage
        were negative, (R,): rounding errors of the use are relative to these.
    objective
        Total cost.
    """

    path: IntArray
    arc: IntArray
    path_cost: FloatArray
    carried: FloatArray
    use: FloatArray
    passing: FloatArray
    objective: float


@dataclass(frozen=True, eq=False)
class Slackness:
    """By how much an answer violates complementary slackness at some prices; all at least 0, and 0 within rounding.

    Attributes
    ----------
    cost
        Of each demand, (D,).
    loss
        What each demand pays above the least that it could, with what its residual is worth, (D,).
    idle
        The price of the capacity of each resource that is paid for and not used, or overdrawn, (R,).
    worth
        Of all residuals that make the answer cheaper than a plan may be.
    rounding
        By how much the last digits of the sums can be wrong.
    """

    cost: FloatArray
    loss: FloatArray
    idle: FloatArray
    worth: float
    rounding: float


def count(problem: FlowProblem, solution: FlowSolution) -> Count:
    """Count what an answer carries, takes and costs."""
    path, arc = stretched(solution)
    class_ = problem.class_[solution.path_demand[path]]
    path_cost = _sums(path, problem.cost[class_, arc], len(solution.path_arcs))
    carried = _sums(solution.path_demand, solution.path_flow, problem.demand_count)
    size = problem.class_count * problem.arc_count
    flow = _sums(class_ * problem.arc_count + arc, solution.path_flow[path], size)
    use = problem.usage @ flow
    whole = _sums(class_ * problem.arc_count + arc, problem.amount[solution.path_demand[path]], size)
    usage = abs(problem.usage) if problem.usage.data.min(initial=0) < 0 else problem.usage
    passing = usage @ whole
    used, left = np.flatnonzero(solution.path_flow), np.flatnonzero(solution.unserved)
    costs = solution.path_flow[used] * path_cost[used]
    everything = np.concatenate((costs, solution.unserved[left] * problem.penalty[left]))
    objective = math.fsum(everything) if np.isfinite(everything).all() else math.inf
    return Count(path, arc, path_cost, carried, use, passing, objective)


def stretched(solution: FlowSolution) -> tuple[IntArray, IntArray]:
    """Return the path and the arc of each step of all paths, in order."""
    lengths = [len(arcs) for arcs in solution.path_arcs]
    arc = np.concatenate([np.empty(0, dtype=np.int64), *(arcs for arcs in solution.path_arcs if len(arcs))])
    return np.repeat(np.arange(len(lengths)), lengths), arc


def overdrawn(problem: FlowProblem, counted: Count) -> FloatArray:
    """Return what is taken of each resource beyond its capacity, (R,); 0 within the last digits of the sum."""
    over: FloatArray = counted.use - problem.capacity - _LAST_DIGITS * counted.passing
    return np.where(over > 0, counted.use - problem.capacity, 0.0)


def residuals(problem: FlowProblem, solution: FlowSolution, counted: Count) -> tuple[FloatArray, FloatArray]:
    """Return by how much each demand is exceeded, (D,), and each resource overdrawn, (R,), both relative."""
    beyond = counted.carried + solution.unserved - problem.amount
    scale = np.where(problem.capacity > 0, problem.capacity, counted.use)
    return relative(beyond, problem.amount), relative(overdrawn(problem, counted), scale)


def relative(value: FloatArray, scale: FloatArray) -> FloatArray:
    """Return values relative to their scales, infinite where there is no scale for what is not 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(value == 0, 0.0, value / scale)


def slackness(problem: FlowProblem, solution: FlowSolution, counted: Count, relaxed: Relaxation) -> Slackness:
    """Return by how much an answer of finite cost violates complementary slackness.

    Parameters
    ----------
    problem, solution, counted
        What was asked, the answer, and what it carries, takes and costs.
    relaxed
        The relaxation at the prices, with a finite bound.
    """
    owner, flow, left = solution.path_demand, np.abs(solution.path_flow), np.abs(solution.unserved)
    class_ = problem.class_[owner[counted.path]]
    priced = _sums(counted.path, relaxed.cost[class_, counted.arc], flow.size)
    priced, path_cost = np.where(flow > 0, priced, 0.0), np.where(flow > 0, counted.path_cost, 0.0)
    least, demands = relaxed.least, problem.demand_count
    penalty = np.where(left > 0, problem.penalty, 0.0)
    cost = _sums(owner, flow * path_cost, demands) + left * penalty
    paid = _sums(owner, flow * np.abs(priced), demands) + left * penalty
    loss = _sums(owner, flow * np.maximum(priced - least[owner], 0), demands)
    loss += left * np.maximum(penalty - least, 0)
    residual = counted.carried + solution.unserved - problem.amount
    loss += np.abs(least * residual)
    idle = relaxed.price * np.abs(problem.capacity - counted.use)
    held = relaxed.price * np.maximum(problem.capacity, counted.passing)
    worth = relaxed.price @ overdrawn(problem, counted) + np.maximum(least, 0) @ np.maximum(-residual, 0)
    return Slackness(
        cost=cost,
        loss=np.where(loss > PRICED * paid, loss, 0.0),
        idle=np.where(idle > PRICED * held, idle, 0.0),
        worth=float(worth),
        rounding=relaxed.rounding,
    )


def _sums(index: IntArray, weight: FloatArray, size: int) -> FloatArray:
    """Return the sums of weights by their index, (size,); numpy makes integers of nothing."""
    return np.bincount(index, weight, size).astype(np.float64, copy=False)
