r"""The sums of Newton's method for the barrier: over the columns of every demand, and over pairs of their entries.

The normal equations reduce, the rows of demands being disjoint, to a dense system over the resources (Castro 2000).
With :math:`\theta_p = w / (c_p + A_p^\top \mu - s_{k(p)})^2 = x_p / \text{its reduced cost}`, a row
:math:`A_k = \sum_{p \in P_k} \theta_p A_p` for each demand and a diagonal :math:`D` of the resources' own barriers:

.. math::

   \Bigl( \sum_p \theta_p A_p A_p^\top - \sum_k \frac{A_k A_k^\top}{\sum_{p \in P_k} \theta_p} + D \Bigr) \Delta\mu
   = \text{gradient}

Twice: with numpy, which every problem starts fast with, and compiled, for large ones.

==================================  ===================  =======
symbol                              name                 shape
==================================  ===================  =======
:math:`c_p`                         ``cost``             (n,)
:math:`A_{rp}`                      ``use[p, r]``        (n, m)
:math:`d_k`                         ``amount``           (K,)
:math:`b_r`                         ``slack_capacity``   (m,)
:math:`M_r`                         ``overflow_cost``    (m,)
:math:`\mu_r`                       ``price``            (m,)
:math:`w`                           ``weight``           ()
:math:`s_k`                         ``below``            (K,)
:math:`c_p + A_p^\top\mu - s_k`     ``reduced_cost``     (n,)
:math:`\theta_p`                    ``theta``            (n,)
:math:`D`                           ``diagonal``         (m,)
==================================  ===================  =======

``below`` is how far :math:`s_k` lies below the cheapest column of the demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.columns.barrier import options

type _Numbers = NDArray[np.signedinteger]


@dataclass(frozen=True, eq=False)
class RestrictedMaster:
    """A master problem: columns of demands over some resources, with overflow of each.

    Attributes
    ----------
    cost, use
        Of each of n columns, (n,) and (n, m), relative to a key column; columns of a demand stand together.
    first
        The first column of each of K demands, (K,).
    amount
        Of each demand, (K,), above 0.
    slack_capacity, overflow_cost
        Of each resource what the key columns leave, and what overdrawing it costs, (m,).
    """

    cost: FloatArray
    use: UsageArray
    first: IntArray
    amount: FloatArray
    slack_capacity: FloatArray
    overflow_cost: FloatArray

    @cached_property
    def owner(self) -> IntArray:
        """The demand of each column, (n,)."""
        return np.repeat(np.arange(self.first.size), np.diff(np.append(self.first, self.cost.size)))


@dataclass(frozen=True, eq=False)
class BarrierPoint:
    """The flows that are best for some prices and weight of the barrier.

    Attributes
    ----------
    below
        By how much each demand's price is below its cheapest column, (K,).
    reduced_cost
        What each column costs beyond its demand's price, (n,): its flow is the weight by this.
    usage
        What the flows use of each resource, (m,).
    paid, logarithms
        What demands pay in all, and the sum of the logarithms of `reduced_cost`.
    """

    below: FloatArray
    reduced_cost: FloatArray
    usage: FloatArray
    paid: float
    logarithms: float


class NormalEquations(Protocol):
    """The sums of one restricted master, which both ways of adding up can do."""

    def point(self, price: FloatArray, weight: float, below: FloatArray | None) -> BarrierPoint:
        """Return the best flows for prices, (m,), and a weight; `below` is that of prices nearby."""

    def solve(self, theta: FloatArray, diagonal: FloatArray, right: FloatArray) -> FloatArray | None:
        """Solve ``(A theta A' - sum of shares of demands + diagonal) x = right``; None if it cannot be.

        Parameters
        ----------
        theta
            The weights of columns, (n,).
        diagonal, right
            Of resources, (m,).
        """


class Plain:
    """With numpy; where every product of entries goes in the dense system is found once for all steps."""

    def __init__(self, problem: RestrictedMaster) -> None:
        self._problem = problem
        use, first = problem.use, problem.first
        self._size, self._first, self._value = use.shape[1], first, use.data
        row, left, right = _pairs(use.indptr)
        self._row, self._product = row, use.data[left] * use.data[right]
        self._cell = self._cells(use.indices[left], use.indices[right])
        ends = np.append(first, use.shape[0])
        demand = np.repeat(np.arange(first.size), np.diff(use.indptr[ends]))
        cell, self._row_entry = np.unique(demand * self._size + use.indices, return_inverse=True)
        self._column = np.repeat(np.arange(use.shape[0]), np.diff(use.indptr))
        self._row_entries = cell.size  # of the rows A_k of all demands
        starts = np.searchsorted(cell, np.arange(first.size + 1) * self._size)
        self._demand, self._left, self._right = _pairs(starts)
        resource = cell % self._size
        self._spot = self._cells(resource[self._left], resource[self._right])

    def _cells(self, one: _Numbers, other: _Numbers) -> IntArray:
        return np.minimum(one, other).astype(np.int64) * self._size + np.maximum(one, other)

    def point(self, price: FloatArray, weight: float, below: FloatArray | None) -> BarrierPoint:
        """Return the best flows, as `NormalEquations` says."""
        problem, first, owner = self._problem, self._first, self._problem.owner
        priced = problem.cost + problem.use @ price
        least = np.minimum.reduceat(priced, first) if first.size else np.empty(0)
        above = priced - least[owner]
        below = self._roots(above, weight / problem.amount, below)
        reduced_cost = above + below[owner]
        usage = problem.use.T @ (weight / reduced_cost)
        paid = float(problem.amount @ (least - below))
        return BarrierPoint(below, reduced_cost, usage, paid, float(np.log(reduced_cost).sum()))

    def _roots(self, above: FloatArray, least: FloatArray, guess: FloatArray | None) -> FloatArray:
        """Return by how much each demand's price is below its cheapest column, so that the flows are its amount.

        The root of a concave function, which Newton's method comes to from below without fail.
        """
        first, owner = self._first, self._problem.owner
        below = least if guess is None else guess
        for _ in range(options.BARRIER.root_steps if first.size else 0):
            inverse = 1 / (above + below[owner])
            total = np.add.reduceat(inverse, first)
            off = least * total - 1
            if np.abs(off).max() < options.BARRIER.root:
                break
            below = np.maximum(below + off * total / np.add.reduceat(inverse * inverse, first), least)
        return below

    def solve(self, theta: FloatArray, diagonal: FloatArray, right: FloatArray) -> FloatArray | None:
        """Solve the normal equations, as `NormalEquations` says."""
        cells = self._size * self._size
        matrix = np.bincount(self._cell, theta[self._row] * self._product, cells).astype(np.float64, copy=False)
        if self._row_entries:
            entry = np.bincount(self._row_entry, theta[self._column] * self._value, self._row_entries)
            inverse = 1 / np.add.reduceat(theta, self._first)
            matrix -= np.bincount(self._spot, entry[self._left] * entry[self._right] * inverse[self._demand], cells)
        matrix[:: self._size + 1] += diagonal
        square = matrix.reshape(self._size, self._size).T  # upper entries by rows are lower ones by columns
        return _solved(square, right)


class Compiled:
    """Compiled, and with a system over those resources only that flows couple: the others' barriers are steep."""

    def __init__(self, problem: RestrictedMaster) -> None:
        from corridors.models.columns.barrier import kernels  # which takes a while

        self._loops, self._problem = kernels, problem
        use, first = problem.use, np.append(problem.first, problem.cost.size)
        self._resource = use.indices.astype(np.int64)
        self._columns = kernels.Columns(
            use.indptr.astype(np.int64), self._resource, use.data, first, problem.cost, problem.amount
        )
        self._square = use.data * use.data
        self._column = np.repeat(np.arange(problem.cost.size), np.diff(use.indptr))

    def point(self, price: FloatArray, weight: float, below: FloatArray | None) -> BarrierPoint:
        """Return the best flows, as `NormalEquations` says."""
        problem = self._problem
        under = np.zeros(problem.amount.size) if below is None else below.copy()
        reduced_cost, usage = np.empty(problem.cost.size), np.zeros(price.size)
        rules = options.BARRIER
        paid, logarithms = self._loops.flows(
            self._columns, price, weight, under, rules.root_steps, rules.root, reduced_cost, usage
        )
        return BarrierPoint(under, reduced_cost, usage, paid, logarithms)

    def solve(self, theta: FloatArray, diagonal: FloatArray, right: FloatArray) -> FloatArray | None:
        """Solve the normal equations, as `NormalEquations` says, but for couplings too weak to matter."""
        own = np.bincount(self._resource, theta[self._column] * self._square, diagonal.size)
        coupled = np.flatnonzero(own > options.BARRIER.coupled * diagonal)
        row = np.full(diagonal.size, -1)
        row[coupled] = np.arange(coupled.size)
        matrix = np.zeros((coupled.size, coupled.size), order="F")
        self._loops.normal(self._columns, theta, row, matrix)
        matrix[np.arange(coupled.size), np.arange(coupled.size)] += diagonal[coupled]
        answer = right / (own + diagonal)
        if coupled.size:
            step = _solved(matrix, right[coupled])
            if step is None:
                return None
            answer[coupled] = step
        return answer


def _solved(square: FloatArray, right: FloatArray) -> FloatArray | None:
    """Solve a positive definite system given by its lower half, in Fortran's order."""
    lower, failed = lapack.dpotrf(square, lower=1, clean=0)
    if failed:
        square[np.arange(right.size), np.arange(right.size)] *= 1 + options.BARRIER.lift
        lower, failed = lapack.dpotrf(square, lower=1, clean=0)
    if failed:
        return None
    answer: FloatArray = lapack.dpotrs(lower, right, lower=1)[0]
    return answer


def _pairs(starts: _Numbers) -> tuple[IntArray, IntArray, IntArray]:
    """Return all pairs of entries, the first not after the second, of each row of a sparse matrix: row, entries."""
    lengths = np.diff(starts).astype(np.int64)
    row = np.repeat(np.arange(lengths.size), lengths)
    entry = np.arange(row.size)
    count = starts[1:].astype(np.int64)[row] - entry  # how many entries of the row are not before this one
    left = np.repeat(entry, count)
    right = np.arange(left.size) - np.repeat(np.cumsum(count) - count, count) + left
    return row[left], left, right
