"""Prices from well inside: the barrier of the restricted master's dual, in the prices of resources alone.

The flows of each demand that are best for some prices and some weight of the barrier follow in closed form but for
one root, so only the prices are left, and Newton's method needs a dense system over the few resources that bind: the
Schur complement of the rows of demands, which are disjoint (Castro 2000). Any prices are a start, also after columns
were added, which is what methods that carry flows along find hard (Goffin & Vial 2002)::

    max   sum_k d_k s_k - b'mu + w ( sum_p log(c_p + A_p mu - s_k) + sum_r log mu_r + sum_r log(dear_r - mu_r) )
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

from corridors.models.arrays import FloatArray, IntArray, UsageArray

type _Numbers = NDArray[np.signedinteger]

_ROOTS = 12  # steps to find a root
_ROOT = 1e-9  # relative
_HALVINGS = 12  # shorter and shorter steps that are tried
_SHORTER = 3.0
_ARMIJO = 1e-4  # of the foreseen gain, that a step must bring
_NEAR = 0.9  # of the way to the boundary
_LIFT = 1e-8  # relative: what makes a singular system regular


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


def centre(problem: Restricted, price: FloatArray, weight: float, near: float, turns: int) -> Inside:
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
    """
    schur = _Schur(problem)
    at = _Point(problem, price, weight, None)
    off = 0.0
    for _ in range(turns):
        step = at.direction(schur)
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

    def __init__(self, problem: Restricted, price: FloatArray, weight: float, below: FloatArray | None) -> None:
        self.problem, self.price, self.weight = problem, price, weight
        first, owner = problem.first, problem.owner
        reduced = problem.cost + problem.use @ price
        least = np.minimum.reduceat(reduced, first) if first.size else np.empty(0)
        above = reduced - least[owner]
        self.below = self._roots(above, weight / problem.amount, below)
        self.free = above + self.below[owner]
        self.flow = weight / self.free
        self.slack, self.margin = weight / price, problem.dear - price
        self.out = weight / self.margin
        self.gradient: FloatArray = problem.use.T @ self.flow - problem.room + self.slack - self.out
        logs = np.log(self.free).sum() + np.log(price).sum() + np.log(self.margin).sum()
        self.value = float(problem.amount @ (least - self.below) - problem.room @ price + weight * logs)

    def _roots(self, above: FloatArray, least: FloatArray, guess: FloatArray | None) -> FloatArray:
        """Give by how much each demand's price is below its cheapest column, so that the flows are its amount.

        The root of a concave function, which Newton's method comes to from below without fail.
        """
        first, owner = self.problem.first, self.problem.owner
        below = least if guess is None else guess
        for _ in range(_ROOTS if first.size else 0):
            inverse = 1 / (above + below[owner])
            total = np.add.reduceat(inverse, first)
            off = least * total - 1
            if np.abs(off).max() < _ROOT:
                break
            below = np.maximum(below + off * total / np.add.reduceat(inverse * inverse, first), least)
        return below

    def direction(self, schur: _Schur) -> FloatArray | None:
        """Give Newton's step of the prices."""
        theta = self.flow / self.free
        factor = schur.factor(theta, self.slack / self.price + self.out / self.margin)
        if factor is None:
            return None
        step: FloatArray = lapack.dpotrs(factor, self.gradient, lower=1)[0]
        return step


def _moved(at: _Point, step: FloatArray, gain: float) -> _Point:
    """Go along a step as far as it pays."""
    far = min(1.0, _NEAR * _room(at.price, step), _NEAR * _room(at.margin, -step))
    for _ in range(_HALVINGS):
        to = _Point(at.problem, at.price + far * step, at.weight, at.below)
        if to.value >= at.value + _ARMIJO * far * gain:
            return to
        far /= _SHORTER
    return at


def _room(value: FloatArray, change: FloatArray) -> float:
    """Give how many times a change can be made until a value is 0."""
    worst = float((change / value).min(initial=0))
    return -1 / worst if worst < 0 else np.inf


class _Schur:
    """Where every product of entries goes in the dense system, found once for all steps."""

    def __init__(self, problem: Restricted) -> None:
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

    def factor(self, theta: FloatArray, diagonal: FloatArray) -> FloatArray | None:
        """Factorise ``A theta A' - sum of shares of demands + diagonal``; None if it cannot be.

        Parameters
        ----------
        theta
            The weights of columns, (n,).
        diagonal
            What is added for resources, (m,).
        """
        cells = self._size * self._size
        matrix = np.bincount(self._cell, theta[self._row] * self._product, cells).astype(np.float64, copy=False)
        if self._shares:
            share = np.bincount(self._share, theta[self._column] * self._value, self._shares)
            inverse = 1 / np.add.reduceat(theta, self._first)
            matrix -= np.bincount(self._spot, share[self._left] * share[self._right] * inverse[self._demand], cells)
        matrix[:: self._size + 1] += diagonal
        square = matrix.reshape(self._size, self._size).T  # upper entries by rows are lower ones by columns
        lower, failed = lapack.dpotrf(square, lower=1, clean=0)
        if failed:
            matrix[:: self._size + 1] *= 1 + _LIFT
            lower, failed = lapack.dpotrf(square, lower=1, clean=0)
        return None if failed else lower


def _pairs(starts: _Numbers) -> tuple[IntArray, IntArray, IntArray]:
    """Give all pairs of entries, the first not after the second, of each row of a sparse matrix: row, entries."""
    lengths = np.diff(starts).astype(np.int64)
    row = np.repeat(np.arange(lengths.size), lengths)
    entry = np.arange(row.size)
    count = starts[1:].astype(np.int64)[row] - entry  # how many entries of the row are not before this one
    left = np.repeat(entry, count)
    right = np.arange(left.size) - np.repeat(np.cumsum(count) - count, count) + left
    return row[left], left, right
