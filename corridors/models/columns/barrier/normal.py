"""The sums of Newton's method inside: over the columns of every demand, and over pairs of their entries.

The normal equations reduce, the rows of demands being disjoint, to a dense system over the resources (Castro 2000).
Twice: with numpy, which every problem starts fast with, and compiled, for large ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from corridors.models.arrays import FloatArray, IntArray, UsageArray

type _Numbers = NDArray[np.signedinteger]

_ROOTS = 12  # steps to find a root
_ROOT = 1e-9  # relative
_LIFT = 1e-8  # relative: what makes a singular system regular
_COUPLED = 0.3  # a resource whose own barrier outweighs its flows by more than this stands alone


@dataclass(frozen=True, eq=False)
class Restricted:
    """A master problem: columns of demands over some resources, with a way out for each.

    Attributes
    ----------
    cost, use
        Of each of n columns, (n,) and (n, m); columns of a demand stand together.
    first
        The first column of each of K demands, (K,).
    amount
        Of each demand, (K,), above 0.
    room, dear
        Of each resource what there is, and what overdrawing it costs, (m,).
    """

    cost: FloatArray
    use: UsageArray
    first: IntArray
    amount: FloatArray
    room: FloatArray
    dear: FloatArray

    @cached_property
    def owner(self) -> IntArray:
        """The demand of each column, (n,)."""
        return np.repeat(np.arange(self.first.size), np.diff(np.append(self.first, self.cost.size)))


@dataclass(frozen=True, eq=False)
class Best:
    """The flows that are best for some prices and weight of the barrier.

    Attributes
    ----------
    below
        By how much each demand's price is below its cheapest column, (K,).
    free
        What each column costs beyond its demand's price, (n,): its flow is the weight by this.
    drawn
        What the flows use of each resource, (m,).
    pays, logs
        What demands pay in all, and the sum of the logarithms of `free`.
    """

    below: FloatArray
    free: FloatArray
    drawn: FloatArray
    pays: float
    logs: float


class Sums(Protocol):
    """What both ways can do for one problem."""

    def best(self, price: FloatArray, weight: float, below: FloatArray | None) -> Best:
        """Give the best flows for prices, (m,), and a weight; `below` is that of prices nearby."""

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

    def __init__(self, problem: Restricted) -> None:
        self._problem = problem
        use, first = problem.use, problem.first
        self._size, self._first, self._value = use.shape[1], first, use.data
        row, left, right = _pairs(use.indptr)
        self._row, self._product = row, use.data[left] * use.data[right]
        self._cell = self._cells(use.indices[left], use.indices[right])
        ends = np.append(first, use.shape[0])
        demand = np.repeat(np.arange(first.size), np.diff(use.indptr[ends]))
        entry, self._share = np.unique(demand * self._size + use.indices, return_inverse=True)
        self._column = np.repeat(np.arange(use.shape[0]), np.diff(use.indptr))
        self._shares = entry.size
        starts = np.searchsorted(entry, np.arange(first.size + 1) * self._size)
        self._demand, self._left, self._right = _pairs(starts)
        resource = entry % self._size
        self._spot = self._cells(resource[self._left], resource[self._right])

    def _cells(self, one: _Numbers, other: _Numbers) -> IntArray:
        return np.minimum(one, other).astype(np.int64) * self._size + np.maximum(one, other)

    def best(self, price: FloatArray, weight: float, below: FloatArray | None) -> Best:
        """Give the best flows, as `Sums` says."""
        problem, first, owner = self._problem, self._first, self._problem.owner
        reduced = problem.cost + problem.use @ price
        least = np.minimum.reduceat(reduced, first) if first.size else np.empty(0)
        above = reduced - least[owner]
        below = self._roots(above, weight / problem.amount, below)
        free = above + below[owner]
        drawn = problem.use.T @ (weight / free)
        return Best(below, free, drawn, float(problem.amount @ (least - below)), float(np.log(free).sum()))

    def _roots(self, above: FloatArray, least: FloatArray, guess: FloatArray | None) -> FloatArray:
        """Give by how much each demand's price is below its cheapest column, so that the flows are its amount.

        The root of a concave function, which Newton's method comes to from below without fail.
        """
        first, owner = self._first, self._problem.owner
        below = least if guess is None else guess
        for _ in range(_ROOTS if first.size else 0):
            inverse = 1 / (above + below[owner])
            total = np.add.reduceat(inverse, first)
            off = least * total - 1
            if np.abs(off).max() < _ROOT:
                break
            below = np.maximum(below + off * total / np.add.reduceat(inverse * inverse, first), least)
        return below

    def solve(self, theta: FloatArray, diagonal: FloatArray, right: FloatArray) -> FloatArray | None:
        """Solve the normal equations, as `Sums` says."""
        cells = self._size * self._size
        matrix = np.bincount(self._cell, theta[self._row] * self._product, cells).astype(np.float64, copy=False)
        if self._shares:
            share = np.bincount(self._share, theta[self._column] * self._value, self._shares)
            inverse = 1 / np.add.reduceat(theta, self._first)
            matrix -= np.bincount(self._spot, share[self._left] * share[self._right] * inverse[self._demand], cells)
        matrix[:: self._size + 1] += diagonal
        square = matrix.reshape(self._size, self._size).T  # upper entries by rows are lower ones by columns
        return _solved(square, right)


class Compiled:
    """Compiled, and with only those resources together that the flows couple: the others' barriers are steep."""

    def __init__(self, problem: Restricted) -> None:
        from corridors.models.columns.barrier import kernels  # which takes a while

        self._loops, self._problem = kernels, problem
        use, first = problem.use, np.append(problem.first, problem.cost.size)
        self._resource = use.indices.astype(np.int64)
        self._columns = kernels.Columns(use.indptr.astype(np.int64), self._resource, use.data, first)
        self._square = use.data * use.data
        self._column = np.repeat(np.arange(problem.cost.size), np.diff(use.indptr))

    def best(self, price: FloatArray, weight: float, below: FloatArray | None) -> Best:
        """Give the best flows, as `Sums` says."""
        problem = self._problem
        under = np.zeros(problem.amount.size) if below is None else below.copy()
        free, drawn = np.empty(problem.cost.size), np.zeros(price.size)
        pays, logs = self._loops.flows(
            self._columns, problem.cost, problem.amount, price, weight, under, _ROOTS, _ROOT, free, drawn
        )
        return Best(under, free, drawn, pays, logs)

    def solve(self, theta: FloatArray, diagonal: FloatArray, right: FloatArray) -> FloatArray | None:
        """Solve the normal equations, as `Sums` says, but for couplings too weak to matter."""
        own = np.bincount(self._resource, theta[self._column] * self._square, diagonal.size)
        together = np.flatnonzero(own > _COUPLED * diagonal)
        row = np.full(diagonal.size, -1)
        row[together] = np.arange(together.size)
        matrix = np.zeros((together.size, together.size), order="F")
        self._loops.normal(self._columns, theta, row, matrix)
        matrix[np.arange(together.size), np.arange(together.size)] += diagonal[together]
        answer = right / (own + diagonal)
        if together.size:
            step = _solved(matrix, right[together])
            if step is None:
                return None
            answer[together] = step
        return answer


def _solved(square: FloatArray, right: FloatArray) -> FloatArray | None:
    """Solve a positive definite system given by its lower half, in Fortran's order."""
    lower, failed = lapack.dpotrf(square, lower=1, clean=0)
    if failed:
        square[np.arange(right.size), np.arange(right.size)] *= 1 + _LIFT
        lower, failed = lapack.dpotrf(square, lower=1, clean=0)
    if failed:
        return None
    answer: FloatArray = lapack.dpotrs(lower, right, lower=1)[0]
    return answer


def _pairs(starts: _Numbers) -> tuple[IntArray, IntArray, IntArray]:
    """Give all pairs of entries, the first not after the second, of each row of a sparse matrix: row, entries."""
    lengths = np.diff(starts).astype(np.int64)
    row = np.repeat(np.arange(lengths.size), lengths)
    entry = np.arange(row.size)
    count = starts[1:].astype(np.int64)[row] - entry  # how many entries of the row are not before this one
    left = np.repeat(entry, count)
    right = np.arange(left.size) - np.repeat(np.cumsum(count) - count, count) + left
    return row[left], left, right
