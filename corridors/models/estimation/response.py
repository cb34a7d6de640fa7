r"""How figures of an answer of choice respond to what the problem says, prices of full resources included.

With choice :math:`x(v, \ldots)` at values :math:`v = c + A^\top \mu` of the routes, the prices of the full resources
:math:`F` keep :math:`A_F x = b_F`. So for a figure :math:`m = w^\top x` (the implicit function theorem; Tobin & Friesz
1988 for equilibria, Yang & Chen 2009 for estimation by them)

.. math::

   \begin{aligned}
   \mathrm{d} m &= \tilde w^\top \, \mathrm{d} x |_\mu - \lambda^\top \, \mathrm{d} b_F, \qquad
   \tilde w = w + A_F^\top \lambda, \\
   H \lambda &= A_F \frac{\partial x}{\partial v} w, \qquad H = - A_F \frac{\partial x}{\partial v} A_F^\top
   \end{aligned}

where :math:`\mathrm{d} x |_\mu` is choice alone, at prices that stay (`corridors.models.estimation.tree`): one backward
solve a figure, however many parameters there are.

An answer that is proved to a gap of :math:`g` has flows that are right to about :math:`\sqrt{g}`, which is too little
for differences. So a few Newton steps of the prices within their bounds come first, which make full resources full to
nearly all digits, and tell which they are. Two cases have no derivative, and get one of those from either side:

* a resource that is full without a price counts as not full;
* where full resources cannot all be told apart (two in a row of one capacity; all that a demand can do takes the
  resource), :math:`H` is singular, and :math:`\lambda` is the shortest that solves it in the sense of least squares: a
  derivative by one of their capacities is then shared among them, all others are as they should be.

Routes that are closed, or take of a resource of which there is nothing, carry nothing and do not respond.

================  ==============  ======
symbol            name            shape
================  ==============  ======
:math:`w`         ``weights``     (M, P)
:math:`F`         ``active``      (F,)
:math:`A_F`       ``takes``       (F, P)
:math:`b_r`       ``capacity``    (R,)
:math:`H`         ``matrix``      (F, F)
:math:`H^+`       ``inverse``     (F, F)
:math:`\lambda`   ``multiplier``  (F, n)
================  ==============  ======
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from corridors.errors import ProblemError
from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.choice import closures
from corridors.models.choice.dual import Dual
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.step import bounded_step
from corridors.models.estimation.tree import Choice, Level, Slopes, levels_of

_BLOCK = 16  # figures at a time: their weights on 40,000 routes stay within 5 MB, about what caches hold
_UNFELT = 1e-9  # of the exponents of choice, by a price: what is less is none
_SINGULAR = 1e-12  # of a matrix whose diagonal before it cancels is 1; rounding takes 2^-52 of that for each term
_STEPS = 6  # of Newton's method: the error is squared in each
_EXACT = 1e-13  # of what passes a resource: more digits than that it has not


@dataclass(frozen=True, eq=False)
class Adjoint:
    """Total derivatives of M figures, prices of full resources reacting.

    Attributes
    ----------
    cost
        By what a tonne costs on each route, (M, P).
    penalty, amount
        By the reservation price and the amount of each demand, (M, D).
    ln_way_scale, ln_route_scale, ln_group_scale
        By the logarithms of the scales of choice of each demand, (M, D); that of groups is 0 where there are none.
    capacity
        By the capacity of each resource, (M, R); 0 where it is not full.
    """

    cost: FloatArray
    penalty: FloatArray
    amount: FloatArray
    ln_way_scale: FloatArray
    ln_route_scale: FloatArray
    ln_group_scale: FloatArray
    capacity: FloatArray


@dataclass(frozen=True, eq=False)
class Response:
    """How figures respond at an answer to a problem of choice.

    Attributes
    ----------
    problem
        What was solved.
    demand
        Which demand of the problem each of the K choosers is, (K,).
    price
        Of each resource, (R,): those of the answer, with the last digits.
    choice
        The choice at these prices.
    active
        The resources that stay full, (F,).
    takes
        What a tonne on each route takes of them, (F, P).
    inverse
        The (pseudo-)inverse of the matrix of their prices, (F, F).
    """

    problem: ChoiceProblem
    demand: IntArray
    price: FloatArray
    choice: Choice
    active: IntArray
    takes: UsageArray
    inverse: FloatArray

    @classmethod
    def of(cls, problem: ChoiceProblem, solution: ChoiceSolution) -> Response:
        """Return the response at an answer.

        Raises
        ------
        ProblemError
            If freight waits somewhere: waits are not differentiated here.
        """
        if problem.delay is not None and problem.delay.waits.any():
            raise ProblemError(
                "The response of an answer with waiting is not known here: solve the problem without delays first."
            )
        prices = _Prices.of(problem)
        price, choice, active = prices.exact(solution.resource_price)
        takes = prices.dual.layout.takes[active]
        inverse = _inverse(_matrix(choice, takes), _gross(prices.dual, choice, takes))
        return cls(problem, prices.dual.layout.demand, price, choice, active, takes, inverse)

    @property
    def route_flow(self) -> FloatArray:
        """What choice sends on each route, (P,): the answer's own flows, with the last digits."""
        return self.choice.route_flow

    def adjoint(self, weights: UsageArray) -> Adjoint:
        """Return the derivatives of M figures that are linear in the flows of routes: ``weights @ route_flow``.

        Parameters
        ----------
        weights
            What a tonne on each route adds to each figure, (M, P).
        """
        flow = self.problem.flow
        blocks = [self._block(part) for part in _blocks(weights)]
        found = [slopes for slopes, _ in blocks]
        capacity = np.zeros((weights.shape[0], flow.resource_count))
        capacity[:, self.active] = -_stacked([multiplier for _, multiplier in blocks], self.active.size)
        scales = [self._by_demand([one.ln_scale[level] for one in found]) for level in range(len(self.choice.levels))]
        return Adjoint(
            cost=_stacked([one.cost for one in found], weights.shape[1]),
            penalty=self._by_demand([one.penalty for one in found]),
            amount=self._by_demand([one.amount for one in found]),
            ln_way_scale=scales[-1],
            ln_route_scale=scales[0],
            ln_group_scale=scales[1] if len(scales) > 2 else np.zeros_like(scales[0]),
            capacity=capacity,
        )

    def _block(self, weights: FloatArray) -> tuple[Slopes, FloatArray]:
        """Return the derivatives of n figures with weights (P, n), and the multipliers of full resources, (F, n)."""
        alone = self.choice.slopes(weights)
        if not self.active.size:
            return alone, np.zeros((0, weights.shape[1]))
        # what the figures make the full resources use as values rise, and which prices undo it
        multiplier = self.inverse @ (self.takes @ alone.cost)
        return alone.plus(self.of_takes, multiplier), multiplier

    @cached_property
    def of_takes(self) -> Slopes:
        """The derivatives of what the full resources use, at prices that stay; slopes are linear in weights."""
        return self.choice.slopes(np.ascontiguousarray(self.takes.toarray().T))

    def _by_demand(self, parts: list[FloatArray]) -> FloatArray:
        """Put derivatives by the figures of choosers, blocks of (K, n), in the order of the demands, (M, D)."""
        mine = _stacked(parts, self.demand.size)
        found = np.zeros((mine.shape[0], self.problem.flow.demand_count))
        found[:, self.demand] = mine
        return found


@dataclass(frozen=True, eq=False)
class _Prices:
    """The prices of one problem's resources: how they are made exact.

    Attributes
    ----------
    dual
        Of the problem.
    levels
        Of its choice.
    cost, penalty
        Of routes, (P,), ``inf`` where nothing can go, and of outside options, (K,).
    open_
        The resources that may have a price, (R,): they can be full, and do not close what takes of them.
    """

    dual: Dual
    levels: tuple[Level, ...]
    cost: FloatArray
    penalty: FloatArray
    open_: BoolArray

    @classmethod
    def of(cls, problem: ChoiceProblem) -> _Prices:
        dual = Dual.of(problem)
        rounds = closures.closures(dual)
        cost = np.where(closures.closed_routes(dual, rounds), np.inf, dual.cost)
        open_ = dual.fills.copy()
        for resources in rounds:
            open_[resources] = False
        return cls(dual, levels_of(problem), cost, problem.flow.penalty[dual.layout.demand], open_)

    def exact(self, price: FloatArray) -> tuple[FloatArray, Choice, IntArray]:
        """Return prices with their last digits, the choice there, and the resources that have one, (F,)."""
        price = np.where(self.open_, np.maximum(price, 0.0), 0.0)
        choice, wrong = self._at(price)
        for _ in range(_STEPS):
            if wrong <= _EXACT:
                break
            moved = self._stepped(price, choice)
            following, then = self._at(moved)
            if not then < wrong:
                break
            price, choice, wrong = moved, following, then
        after, some = self._stepped(price, choice), np.flatnonzero(self.open_)
        takes = self.dual.layout.takes[some]
        felt = after[some] * _sharpest(self.dual, takes)
        return price, choice, some[(felt > _UNFELT) & (_gross(self.dual, choice, takes) > 0)]

    def _at(self, price: FloatArray) -> tuple[Choice, float]:
        """Return the choice at prices, and by how much resources are overdrawn, or idle at a price, at the worst."""
        dual = self.dual
        choice = Choice.at(self.levels, self.cost + dual.layout.by_route @ price, self.penalty, dual.amount)
        excess, size = self._excess(choice), dual.size_of(choice.route_flow)
        wrong = np.where(price > 0, np.abs(excess), np.maximum(excess, 0.0))
        return choice, float(np.divide(wrong, size, out=np.zeros_like(size), where=size > 0).max(initial=0.0))

    def _excess(self, choice: Choice) -> FloatArray:
        """Return by how much choice overdraws each resource that may have a price, (R,)."""
        return np.where(self.open_, self.dual.takes @ choice.route_flow - self.dual.capacity, 0.0)

    def _stepped(self, price: FloatArray, choice: Choice) -> FloatArray:
        """Return prices after a Newton step within their bounds, (R,)."""
        excess = self._excess(choice)
        some = np.flatnonzero((price > 0) | (excess > 0))
        takes = self.dual.layout.takes[some]
        matrix = _matrix(choice, takes)
        ridge = _SINGULAR * _gross(self.dual, choice, takes) + np.finfo(np.float64).tiny
        matrix[np.diag_indices_from(matrix)] += ridge
        moved = price.copy()
        moved[some] += bounded_step(matrix, excess[some], price[some])
        return moved


def _sharpest(dual: Dual, takes: UsageArray) -> FloatArray:
    """Return by how much the exponents of choice change at most with the price of each of F resources, (F,)."""
    felt = np.abs(takes.data) * dual.scale_by_route[takes.indices]
    found = np.zeros(takes.shape[0])
    np.maximum.at(found, np.repeat(np.arange(takes.shape[0]), np.diff(takes.indptr)), felt)
    return found


def _matrix(choice: Choice, takes: UsageArray) -> FloatArray:
    """Return by how much the use of each of F resources falls with the price of each, (F, F)."""
    columns = [takes @ choice.cost_slope(part) for part in _blocks(takes)]
    matrix = -np.hstack([*columns, np.zeros((takes.shape[0], 0))])
    found: FloatArray = (matrix + matrix.T) / 2
    return found


def _gross(dual: Dual, choice: Choice, takes: UsageArray) -> FloatArray:
    """Return the diagonal of that matrix before anything cancels in it, (F,)."""
    found: FloatArray = takes.power(2) @ (dual.scale_by_route * choice.route_flow)
    return found


def _inverse(matrix: FloatArray, gross: FloatArray) -> FloatArray:
    """Return the pseudo-inverse of a symmetric matrix, scaled by its diagonal before this cancels, (F, F)."""
    if not gross.size:
        return matrix
    root = 1 / np.sqrt(gross)
    value, vector = np.linalg.eigh(matrix * root[:, None] * root)
    kept = value > _SINGULAR
    half = root[:, None] * vector[:, kept] / np.sqrt(value[kept])
    inverse: FloatArray = half @ half.T
    return inverse


def _blocks(rows: UsageArray) -> Iterator[FloatArray]:
    """Yield rows of a sparse matrix, (m, P), a few at a time and dense, as columns, (P, n)."""
    for first in range(0, rows.shape[0], _BLOCK):
        yield np.ascontiguousarray(rows[first : first + _BLOCK].toarray().T)


def _stacked(parts: list[FloatArray], count: int) -> FloatArray:
    """Return blocks of columns, (count, n) each, as rows, (M, count)."""
    found: FloatArray = np.hstack([np.zeros((count, 0)), *parts]).T
    return found
