r"""The centre of what prices may be: the barrier of the restricted master's dual, in the prices of resources alone.

The flows of each demand that are best for some prices and some weight of the barrier follow in closed form but for
one root, so only the prices are left, and Newton's method needs a dense system over the few resources that bind: the
Schur complement of the rows of demands, which are disjoint (Castro 2000). Any prices are a start, also after columns
were added, which is what methods that carry flows along find hard (Goffin & Vial 2002):

.. math::

   \max \; \sum_k d_k s_k - b^\top \mu
   + w \left( \sum_p \log (c_p + A_p^\top \mu - s_{k(p)})
   + \sum_r \log \mu_r + \sum_r \log (M_r - \mu_r) \right)

The best flows are :math:`x_p = w / (c_p + A_p^\top \mu - s_{k(p)})`, what is left of a resource is :math:`w / \mu_r`,
and its overflow :math:`w / (M_r - \mu_r)`. The gradient in the prices is :math:`A x - b + w / \mu - w / (M - \mu)`.

==================================  ===================  ======
symbol                              name                 shape
==================================  ===================  ======
:math:`\mu_r`                       ``price``            (m,)
:math:`w`                           ``weight``           ()
:math:`b_r`                         ``slack_capacity``   (m,)
:math:`x_p`                         ``flow``             (n,)
:math:`w / \mu_r`                   ``slack``            (m,)
:math:`M_r - \mu_r`                 ``margin``           (m,)
:math:`w / (M_r - \mu_r)`           ``overflow``         (m,)
==================================  ===================  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.columns.barrier import normal, options
from corridors.models.columns.barrier.normal import NormalEquations, RestrictedMaster


@dataclass(frozen=True, eq=False)
class CentralPoint:
    """A point near the centre.

    Attributes
    ----------
    flow
        Of each column, (n,).
    price, slack
        Of each resource, (m,): its price, and what is left of it.
    objective
        Of the flows, overflow included.
    decrement
        The squared Newton decrement of the last step: 0 at the centre.
    """

    flow: FloatArray
    price: FloatArray
    slack: FloatArray
    objective: float
    decrement: float


def centre(
    problem: RestrictedMaster, price: FloatArray, weight: float, near: float, compiled: bool = False
) -> CentralPoint:
    """Come near the analytic centre for a weight of the barrier, by Newton's method.

    Parameters
    ----------
    problem
        With at least one resource.
    price
        To start at, (m,), above 0 and below the overflow cost.
    weight
        Of the barrier: the complementarity of each pair, in money.
    near
        The squared Newton decrement to stop at.
    compiled
        Whether the compiled sums are worth loading.
    """
    equations = normal.Compiled(problem) if compiled else normal.Plain(problem)
    at = _Iterate(problem, equations, price, weight, None)
    decrement = 0.0
    for _ in range(options.BARRIER.steps):
        step = at.direction()
        if step is None:
            break
        gain = float(at.gradient @ step)
        decrement = gain / weight
        at = _line_search(at, step, gain)
        if decrement <= near:
            break
    objective = float(problem.cost @ at.flow + problem.overflow_cost @ at.overflow)
    return CentralPoint(at.flow, at.price, at.slack, objective, decrement)


class _Iterate:
    """Prices, and the flows and slacks that are best for them at one weight of the barrier."""

    def __init__(
        self,
        problem: RestrictedMaster,
        equations: NormalEquations,
        price: FloatArray,
        weight: float,
        below: FloatArray | None,
    ) -> None:
        self.problem, self.equations, self.price, self.weight = problem, equations, price, weight
        self.point = equations.point(price, weight, below)
        self.flow = weight / self.point.reduced_cost
        self.slack, self.margin = weight / price, problem.overflow_cost - price
        self.overflow = weight / self.margin
        self.gradient: FloatArray = self.point.usage - problem.slack_capacity + self.slack - self.overflow
        logarithms = self.point.logarithms + np.log(price).sum() + np.log(self.margin).sum()
        self.value = float(self.point.paid - problem.slack_capacity @ price + weight * logarithms)

    def direction(self) -> FloatArray | None:
        """Return Newton's step of the prices; None if its system cannot be solved."""
        diagonal = self.slack / self.price + self.overflow / self.margin
        return self.equations.solve(self.flow / self.point.reduced_cost, diagonal, self.gradient)


def _line_search(at: _Iterate, step: FloatArray, gain: float) -> _Iterate:
    """Go along a step, well short of the boundary, and less far until it brings enough of its gain (Armijo 1966)."""
    rules = options.BARRIER
    most = min(_steps_to_zero(at.price, step), _steps_to_zero(at.margin, -step))
    length = min(1.0, rules.step_to_boundary * most)
    for _ in range(rules.halvings):
        to = _Iterate(at.problem, at.equations, at.price + length * step, at.weight, at.point.below)
        if to.value >= at.value + rules.armijo * length * gain:
            return to
        length /= rules.shorter
    return at


def _steps_to_zero(value: FloatArray, change: FloatArray) -> float:
    """Return how many times a change can be made until a value is 0."""
    worst = float((change / value).min(initial=0))
    return -1 / worst if worst < 0 else np.inf
