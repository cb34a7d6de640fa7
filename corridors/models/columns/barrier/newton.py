r"""Prices from well inside: the barrier of the restricted master's dual, in the prices of resources alone.

The flows of each demand that are best for some prices and some weight of the barrier follow in closed form but for
one root, so only the prices are left, and Newton's method needs a dense system over the few resources that bind: the
Schur complement of the rows of demands, which are disjoint (Castro 2000). Any prices are a start, also after columns
were added, which is what methods that carry flows along find hard (Goffin & Vial 2002):

.. math::

   \max \; \sum_k d_k s_k - b^\top \mu
   + w \left( \sum_p \log (c_p + A_p^\top \mu - s_{k(p)})
   + \sum_r \log \mu_r + \sum_r \log (\text{dear}_r - \mu_r) \right)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.columns.barrier import normal
from corridors.models.columns.barrier.normal import Restricted, Sums

_HALVINGS = 12  # shorter and shorter steps that are tried
_SHORTER = 3.0
_ARMIJO = 1e-4  # of the foreseen gain, that a step must bring
_NEAR = 0.9  # of the way to the boundary


@dataclass(frozen=True, eq=False)
class Inside:
    """A point inside.

    Attributes
    ----------
    flow
        Of each column, (n,).
    price, slack
        Of each resource, (m,).
    objective
        Of the flows, ways out included.
    off
        The squared Newton decrement of the last step: 0 at the centre.
    """

    flow: FloatArray
    price: FloatArray
    slack: FloatArray
    objective: float
    off: float


def centre(
    problem: Restricted, price: FloatArray, weight: float, near: float, turns: int, compiled: bool = False
) -> Inside:
    """Come near the analytic centre for a weight of the barrier.

    Parameters
    ----------
    problem
        With at least one resource.
    price
        To start at, (m,), above 0 and below `dear`.
    weight
        Of the barrier: the complementarity of each pair, in money.
    near
        The squared Newton decrement to stop at.
    turns
        How many steps to take at most.
    compiled
        Whether the compiled sums are worth loading.
    """
    sums = normal.Compiled(problem) if compiled else normal.Plain(problem)
    at = _Point(problem, sums, price, weight, None)
    off = 0.0
    for _ in range(turns):
        step = at.direction()
        if step is None:
            break
        gain = float(at.gradient @ step)
        off = gain / weight
        at = _moved(at, step, gain)
        if off <= near:
            break
    objective = float(problem.cost @ at.flow + problem.dear @ at.out)
    return Inside(at.flow, at.price, at.slack, objective, off)


class _Point:
    """Prices, and the flows and slacks that are best for them at one weight of the barrier."""

    def __init__(
        self, problem: Restricted, sums: Sums, price: FloatArray, weight: float, below: FloatArray | None
    ) -> None:
        self.problem, self.sums, self.price, self.weight = problem, sums, price, weight
        self.best = best = sums.best(price, weight, below)
        self.flow = weight / best.free
        self.slack, self.margin = weight / price, problem.dear - price
        self.out = weight / self.margin
        self.gradient: FloatArray = best.drawn - problem.room + self.slack - self.out
        logs = best.logs + np.log(price).sum() + np.log(self.margin).sum()
        self.value = float(best.pays - problem.room @ price + weight * logs)

    def direction(self) -> FloatArray | None:
        """Give Newton's step of the prices."""
        diagonal = self.slack / self.price + self.out / self.margin
        return self.sums.solve(self.flow / self.best.free, diagonal, self.gradient)


def _moved(at: _Point, step: FloatArray, gain: float) -> _Point:
    """Go along a step as far as it pays."""
    far = min(1.0, _NEAR * _room(at.price, step), _NEAR * _room(at.margin, -step))
    for _ in range(_HALVINGS):
        to = _Point(at.problem, at.sums, at.price + far * step, at.weight, at.best.below)
        if to.value >= at.value + _ARMIJO * far * gain:
            return to
        far /= _SHORTER
    return at


def _room(value: FloatArray, change: FloatArray) -> float:
    """Give how many times a change can be made until a value is 0."""
    worst = float((change / value).min(initial=0))
    return -1 / worst if worst < 0 else np.inf
