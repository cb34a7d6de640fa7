r"""Capacities that no flow exceeds: prices of links by the method of multipliers, around Algorithm B.

With hard limits the equilibrium is the least of Beckmann's sum over flows within them (Larsson & Patriksson 1995, who
solve it so): a link that is full has a price :math:`\mu_a`, which trips pay beside its cost. The flows at some prices
and a stiffness :math:`s_a` are an assignment with the costs

.. math::

   c_a(v_a) + \max\{0,\ \mu_a + s_a (v_a - b_a)\}

and what a link costs above :math:`c_a` there is its next price (Hestenes 1969; Rockafellar 1973). Limits are taken a
little narrower than they are, by less than the gap, so that the flows that are found keep to them.

==================  ===================  ======
symbol              name                 shape
==================  ===================  ======
:math:`\mu_a`       ``links.toll``       (A,)
:math:`s_a`         ``links.stiff``      (A,)
:math:`b_a`         ``links.limit``      (A,)
:math:`v_a`         ``links.flow``       (A,)
==================  ===================  ======
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.assignment import engine
from corridors.models.assignment.engine import Progress, Setup
from corridors.models.assignment.problem import AssignmentProblem
from corridors.models.problem import Termination

if TYPE_CHECKING:
    from types import ModuleType

_NARROWER = 0.1  # of the gap: by how much limits are narrower, relatively
_STIFFEST = 1e6  # times the first stiffness
_STIFFER = 4.0  # times as stiff, where an assignment mended too little
_MENDED = 0.25  # of what was above limits before: more than that is too little
_FIRST, _FINER = 1e-3, 0.2  # the gap of the first assignment, and how much finer each of the next is
_MOST, _STALLED = 200, 3  # assignments, and how many of them may end in rounding


def within_limits(
    kernels: ModuleType,
    problem: AssignmentProblem,
    made: Setup,
    gap: float,
    deadline: float,
    tell: Callable[[Progress], None] | None,
) -> tuple[int, Termination, FloatArray]:
    """Assign trips within the limits of links, from the first bushes on.

    Returns
    -------
    tuple
        How often bushes were renewed, why it ended, and the price of each link as the problem numbers them, (A,).
        ``stalled`` means that no such prices were found, as where the trips do not fit; the last may prove it.
    """
    links, iterations, worst, finer = made.on.links, 0, np.inf, _FIRST
    margin = _NARROWER * gap
    _limit(problem, made, margin)
    stiffest = links.stiff * _STIFFEST
    termination: Termination = "stalled"
    stalled, most = 0, problem.most(made.principle)
    for _ in range(_MOST):
        count, ended = engine.run(kernels, made, finer, deadline, tell)
        iterations += count
        over, idle = _price(made)
        if over <= margin and idle <= 0.5 * gap and finer <= _NARROWER * gap and ended == "gap":
            termination = "gap"
            break
        if ended in ("time_limit", "interrupted"):
            termination = ended
            break
        stalled += ended == "stalled"
        if stalled >= _STALLED or (over > margin and _bound(kernels, problem, made) > most):
            break
        if over > max(_MENDED * worst, margin):
            links.stiff[:] = np.minimum(links.stiff * _STIFFER, stiffest)
        worst, finer = over, max(finer * _FINER, _NARROWER * gap)
        kernels.reload(made.on)
    price = np.zeros(problem.tail.size)
    price[made.order] = links.toll
    return iterations, termination, price


def _price(made: Setup) -> tuple[float, float]:
    """Set the price of each link to what it costs above its own cost.

    Returns by how much limits are exceeded at most, relatively, and what is paid for what nobody uses of them, relative
    to all that is paid.
    """
    links = made.on.links
    limited = links.stiff > 0
    left = np.where(limited, links.limit - links.flow, 0.0)
    links.toll[:] = np.maximum(0.0, links.toll - links.stiff * left)
    over = float(np.where(limited, -left / links.limit, -np.inf).max(initial=-np.inf))
    paid = made.paid()
    return over, float(links.toll @ np.maximum(left, 0.0)) / paid if paid else 0.0


def _bound(kernels: ModuleType, problem: AssignmentProblem, made: Setup) -> float:
    """Return what no flows within the limits have less of, by the prices (Lagrange)."""
    links, flow = made.on.links, np.empty(problem.tail.size)
    kernels.reload(made.on)
    flow[made.order] = links.flow
    limit, some = links.limit.copy(), links.stiff > 0
    links.limit[some] = links.flow[some]  # a link then costs its price above its cost
    kernels.reload(made.on)
    cheapest: float = kernels.cheapest(made.on, True)
    paid, rent = made.paid(), float(links.toll[some] @ (links.flow - limit)[some])
    links.limit[:] = limit
    kernels.reload(made.on)
    return problem.minimised(flow, made.principle) + float(made.on.classes.paid[0]) + rent - (paid - cheapest)


def _limit(problem: AssignmentProblem, made: Setup, margin: float) -> None:
    """Set the limits of links, and how stiff they are at first: a tenth too much costs as much as a mean trip."""
    links, capacity = made.on.links, problem.costs.capacity[made.order]
    limited = np.isfinite(capacity)
    trips = max(float(made.on.demands.amount.sum()), 1e-300)
    mean = made.paid() / trips or 1.0
    links.limit[:] = np.where(limited, np.maximum(capacity * (1 - margin), 1e-12 * trips), np.inf)
    links.stiff[:] = np.where(limited, 10 * mean / links.limit, 0.0)
