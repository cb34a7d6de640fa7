r"""The proof that an answer without a list of routes is optimal, over all routes there are.

It takes the problem, the scales and the answer alone. That the answer is a plan (paths, balances, capacities, signs)
is checked as that of every plan (`corridors.models.certificate`). For its cost :math:`f` and the flows :math:`x` of
demands on arcs, counted anew, no plan costs less than the tangent plane at :math:`x`, with capacities at their prices:

.. math::

   f(y) \;\ge\; f(x) + \sum_k m_k^\top (y_k - x_k) \;\ge\; f(x) - \sum_k m_k^\top x_k
     + \sum_k d_k \min\{\text{dist}_k(m_k + A^\top \mu),\; m_{k0}\} - b^\top \mu,
   \qquad m_{ka} = c_{ka} \Bigl( 1 + \frac{\ln(1 + x_{ka} / d_k)}{\tau_k} \Bigr)

for every plan :math:`y` and any prices :math:`\mu \ge 0`, as :math:`f` is convex. So the bound is over all routes,
listed or not. The distances are scipy's, of each demand at its own marginal costs.

=========================  ==================  ==========
symbol                     name                shape
=========================  ==================  ==========
:math:`x_{ka}`             ``tonnes``          (K,)
:math:`m_{ka}`             ``marginal``        (K,)
:math:`\tau_k`             ``scale``           (D,)
:math:`\mu_r`              ``price``           (R,)
:math:`b_r`                ``capacity``        (R,)
:math:`u_k`                ``unserved``        (D,)
=========================  ==================  ==========
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from corridors.models import certificate as plans
from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.perturbed.solution import PerturbedSolution
from corridors.models.gap import ROUNDING, relative_gap, widest_gap
from corridors.models.problem import FlowProblem, FlowSolution


@dataclass(frozen=True)
class PerturbedCertificate:
    """What was found about an answer.

    Attributes
    ----------
    primal_objective
        What the answer costs, its perturbation with it, counted anew.
    bound
        No plan on any routes costs less.
    gap
        By how much the cost is above the bound, relative to it.
    widest_gap
        The same for the demands that cost least, for the number of them for which it is widest
        (`corridors.models.gap.widest_gap`).
    worst_demand_residual, worst_capacity_residual
        As of `corridors.models.certificate.Certificate`.
    holds
        Whether the answer is proved optimal within the tolerance.
    reasons
        If it is not: why, a sentence each.
    """

    primal_objective: float
    bound: float
    gap: float
    widest_gap: float
    worst_demand_residual: float
    worst_capacity_residual: float
    holds: bool
    reasons: tuple[str, ...]


def certify(
    problem: FlowProblem, scale: FloatArray, solution: PerturbedSolution, tolerance: float = 1e-6
) -> PerturbedCertificate:
    """Check an answer, and prove it optimal over all routes or say why it is not.

    Parameters
    ----------
    problem, scale, solution
        What was asked, with a tau for each demand, (D,), and what was answered.
    tolerance
        The relative gap that is allowed.

    Returns
    -------
    PerturbedCertificate
        Whether it holds or not.
    """
    reasons = _unreadable(problem, scale, solution)
    if reasons:
        return PerturbedCertificate(*(math.nan,) * 6, holds=False, reasons=tuple(reasons))
    flow = solution.as_flow(problem)
    plan = plans.certify(problem, flow, tolerance, allowed_gap=math.inf)
    missed, over = plan.worst_demand_residual, plan.worst_capacity_residual
    if not plan.holds:
        return PerturbedCertificate(*(math.nan,) * 4, missed, over, holds=False, reasons=plan.reasons)
    return _proved(problem, scale, flow, tolerance, (missed, over))


def _unreadable(problem: FlowProblem, scale: FloatArray, solution: PerturbedSolution) -> list[str]:
    """Say which arrays do not fit the problem, as far as an answer could not be made of them."""
    if scale.shape != (problem.demand_count,) or not ((scale > 0) & np.isfinite(scale)).all():
        return [f"A finite scale above 0 was expected for each of the {problem.demand_count} demands."]
    routes = solution.routes
    if solution.unserved.shape != (problem.demand_count,):
        return [f"The answer leaves amounts of {solution.unserved.size} demands; there are {problem.demand_count}."]
    if routes.start.ndim != 1 or not routes.start.size or routes.start[0] != 0 or routes.start[-1] != routes.arc.size:
        return ["The answer's routes do not begin and end where their arcs do."]
    if (np.diff(routes.start) < 0).any() or routes.demand.shape != (routes.size,):
        return ["The answer's routes do not follow each other."]
    return []


def _proved(
    problem: FlowProblem, scale: FloatArray, flow: FlowSolution, tolerance: float, residuals: tuple[float, float]
) -> PerturbedCertificate:
    """Compute the gap of a plan, and judge it."""
    price = np.maximum(flow.resource_price, 0)
    charged = problem.cost + (problem.usage.T @ price).reshape(problem.cost.shape)
    steps = _by_demand(flow)
    cost, loss = np.zeros(problem.demand_count), np.zeros(problem.demand_count)
    for k in np.flatnonzero(problem.amount > 0).tolist():
        cost[k], loss[k] = _of_demand(problem, float(scale[k]), charged, _Answer(k, *steps[k], float(flow.unserved[k])))
    idle = np.maximum(price * (problem.capacity - flow.resource_use(problem)), 0.0)
    objective, lost = math.fsum(cost), math.fsum(loss) + math.fsum(idle)
    bound = objective - lost
    rounding = ROUNDING * (objective + float(price @ problem.capacity))
    gap = relative_gap(objective, bound, rounding)
    widest = max(gap, widest_gap(cost, np.maximum(loss, 0), idle))
    reasons = []
    if not math.isfinite(bound):
        reasons.append("At the answer's prices going round in a circle pays, so they prove nothing.")
    elif not gap <= tolerance:
        reasons.append(
            f"The answer costs {objective:.10g} but the bound is {bound:.10g}: "
            f"the relative gap is {gap:.2g}, where {tolerance:.0e} is allowed."
        )
    return PerturbedCertificate(objective, bound, gap, widest, *residuals, holds=not reasons, reasons=tuple(reasons))


@dataclass(frozen=True, eq=False)
class _Answer:
    """What is answered for one demand: tonnes on its arcs, each once, and left."""

    demand: int
    arc: IntArray
    tonnes: FloatArray
    left: float


def _by_demand(flow: FlowSolution) -> list[tuple[IntArray, FloatArray]]:
    """Return the arcs of each demand, each once, and its tonnes on them."""
    arcs: list[dict[int, float]] = [{} for _ in range(flow.unserved.size)]
    for demand, tonnes, path in zip(flow.path_demand.tolist(), flow.path_flow.tolist(), flow.path_arcs, strict=True):
        for arc in path.tolist():
            arcs[demand][arc] = arcs[demand].get(arc, 0.0) + tonnes
    return [(np.array(list(one), dtype=np.int64), np.array(list(one.values()))) for one in arcs]


def _of_demand(problem: FlowProblem, tau: float, charged: FloatArray, answer: _Answer) -> tuple[float, float]:
    """Return what a demand costs, and what it pays at the margin above the least that it could."""
    k, class_ = answer.demand, int(problem.class_[answer.demand])
    amount, penalty = float(problem.amount[k]), float(problem.penalty[k])
    own, tonnes = problem.cost[class_, answer.arc], np.maximum(answer.tonnes, 0.0)
    marginal = charged[class_].copy()
    marginal[answer.arc] += own * np.log1p(tonnes / amount) / tau
    cost = float((own * (tonnes + _spread(tonnes, amount) / tau)).sum())
    paid = float((marginal[answer.arc] * tonnes).sum())
    stay = math.inf
    if math.isfinite(penalty):
        left = max(answer.left, 0.0)
        stay = penalty * (1 + math.log1p(left / amount) / tau)
        cost += penalty * (left + float(_spread(np.array(left), amount)) / tau)
        paid += stay * left
    if problem.origin[k] == problem.destination[k]:
        return cost, paid
    origin = problem.origin[[k]]
    least = min(stay, float(shortest.distances(problem, class_, marginal, origin)[0, problem.destination[k]]))
    return cost, paid - amount * least


def _spread(tonnes: FloatArray, amount: float) -> FloatArray:
    r"""Return :math:`(d + x) \ln((d + x) / d) - x`, which is :math:`d\,G(x / d)`."""
    spread: FloatArray = (amount + tonnes) * np.log1p(tonnes / amount) - tonnes
    return spread
