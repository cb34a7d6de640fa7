r"""The best plan and the best lower bound so far, and the gap between them.

Prices :math:`\mu \ge 0` of the resources prove that no plan costs less than (Geoffrion 1974)

.. math::

   L(\mu) = \sum_k d_k \sigma_k - \sum_r b_r \mu_r,
   \qquad \sigma_k = \min\Bigl\{\min_{p \in P_k} \bar c_p,\ \text{pen}_k\Bigr\}.

====================  ===============  =======
symbol                name             shape
====================  ===============  =======
:math:`\mu_r`         ``price``        (R,)
:math:`\sigma_k`      ``least_cost``   (D,)
:math:`L(\mu)`        ``value``        ()
:math:`d_k`           ``amount``       (D,)
====================  ===============  =======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns import optimality
from corridors.models.columns.master_solution import MasterSolution
from corridors.models.columns.pool import Pool
from corridors.models.gap import ROUNDING, relative_gap
from corridors.models.problem import FlowProblem


@dataclass(frozen=True, eq=False)
class LowerBound:
    """What some prices prove.

    Attributes
    ----------
    value
        No plan costs less.
    price
        Of each resource, (R,).
    least_cost
        What a tonne of each demand pays at least at these prices, (D,).
    rounding
        How far the last digits of `value` can be wrong.
    """

    value: float
    price: FloatArray
    least_cost: FloatArray
    rounding: float

    @classmethod
    def none(cls, problem: FlowProblem) -> LowerBound:
        """Return the bound that is known of nothing."""
        return cls(-np.inf, np.zeros(problem.resource_count), np.zeros(problem.demand_count), 0.0)

    @classmethod
    def lagrangian(
        cls, problem: FlowProblem, demands: IntArray, price: FloatArray, least_cost: FloatArray
    ) -> LowerBound:
        """Add up the Lagrangian bound over the demands that need a path."""
        paid, rent = problem.amount[demands] * least_cost[demands], problem.capacity * price
        rounding = ROUNDING * float(np.abs(paid).sum() + rent.sum())
        return cls(float(paid.sum() - rent.sum()), price, least_cost, rounding)


class Bounds:
    """What is known of the optimum: a plan from above, and a bound from below.

    Attributes
    ----------
    incumbent
        The best plan so far, if any is known.
    objective
        What it costs.
    lower
        The best bound.
    """

    def __init__(self, problem: FlowProblem, pool: Pool) -> None:
        self._problem, self._pool = problem, pool
        self.incumbent: MasterSolution | None = None
        self.objective = np.inf
        self.lower = LowerBound.none(problem)

    @property
    def gap(self) -> float:
        """The proven gap, relative to the objective."""
        return relative_gap(self.objective, self.lower.value, self.lower.rounding)

    def keep_incumbent(self, solution: MasterSolution) -> None:
        """Keep a solution of the master if it is a plan, and none better is known."""
        if not solution.uses_overflow and solution.objective <= self.objective:
            self.incumbent, self.objective = solution, solution.objective

    def keep_bound(self, bound: LowerBound | None) -> None:
        """Keep a bound if it is the best."""
        if bound is not None and bound.value > self.lower.value:
            self.lower = bound

    def prove(self, gap: float) -> bool:
        """Tell whether the gap is proved, and no dear demand hides in it what cheaper ones lose."""
        if not self.gap <= gap or self.incumbent is None:
            return False
        return (
            optimality.widest(self._problem, self._pool, self.incumbent, self.lower.price, self.lower.least_cost) <= gap
        )
