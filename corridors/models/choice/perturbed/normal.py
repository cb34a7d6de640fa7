"""The innermost algebra of the interior point method, a block for each demand: compiled."""

from __future__ import annotations

import numpy as np
from numba import njit

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.perturbed.segments import Blocks, Uses


@njit(cache=True)
def factor(
    first: IntArray,
    first_junction: IntArray,
    tail: IntArray,
    head: IntArray,
    theta: FloatArray,
    uses: Uses,
    schur: FloatArray,
) -> Blocks:
    """Factor the blocks of the demands, and add their Schur complements to a matrix of the resources, (R, R)."""
    trips = first.size - 1
    start = np.zeros(trips + 1, np.int64)
    for k in range(trips):
        start[k + 1] = start[k] + (first_junction[k + 1] - first_junction[k]) ** 2
    value = np.zeros(start[-1])
    for k in range(trips):
        m, r0 = first_junction[k + 1] - first_junction[k], uses.first[k]
        r = uses.first[k + 1] - r0
        block = value[start[k] : start[k + 1]].reshape(m, m)
        rows = np.zeros((r, m))
        own = np.zeros((r, r))
        for s in range(first[k], first[k + 1]):
            i, j, t = tail[s], head[s], theta[s]
            if i >= 0:
                block[i, i] += t
            if j >= 0:
                block[j, j] += t
            if i >= 0 and j >= 0:
                block[i, j] -= t
                block[j, i] -= t
            for e in range(uses.start[s], uses.start[s + 1]):
                a, te = uses.local[e], t * uses.value[e]
                if i >= 0:
                    rows[a, i] += te
                if j >= 0:
                    rows[a, j] -= te
                for f in range(uses.start[s], e + 1):
                    own[a, uses.local[f]] += te * uses.value[f]
                    if f != e:
                        own[uses.local[f], a] += te * uses.value[f]
        _cholesky(block)
        for a in range(r):
            _forward(block, rows[a])
        for a in range(r):
            ra = uses.of_demand[r0 + a]
            for b in range(r):
                total = own[a, b]
                for i in range(m):
                    total -= rows[a, i] * rows[b, i]
                schur[ra, uses.of_demand[r0 + b]] += total
    return Blocks(start, value)


@njit(cache=True)
def solve(first_junction: IntArray, blocks: Blocks, value: FloatArray) -> FloatArray:
    """Solve the blocks' systems for a right-hand side, (J,)."""
    found = value.copy()
    for k in range(first_junction.size - 1):
        low, m = first_junction[k], first_junction[k + 1] - first_junction[k]
        block = blocks.value[blocks.start[k] : blocks.start[k + 1]].reshape(m, m)
        x = found[low : low + m]
        _forward(block, x)
        for i in range(m - 1, -1, -1):
            total = x[i]
            for j in range(i + 1, m):
                total -= block[j, i] * x[j]
            x[i] = total / block[i, i]
    return found


@njit(cache=True)
def _cholesky(block: FloatArray) -> None:
    """Factor a matrix in place, in its lower triangle; a row that is nothing but rounding is taken out."""
    m = block.shape[0]
    for j in range(m):
        raw = block[j, j]
        for i in range(j):
            block[j, j] -= block[j, i] * block[j, i]
        if block[j, j] <= 1e-14 * raw or raw <= 0.0:
            block[j, j] = 1e64
        pivot = np.sqrt(block[j, j])
        block[j, j] = pivot
        for i in range(j + 1, m):
            total = block[i, j]
            for h in range(j):
                total -= block[i, h] * block[j, h]
            block[i, j] = total / pivot


@njit(cache=True)
def _forward(block: FloatArray, x: FloatArray) -> None:
    for i in range(x.size):
        total = x[i]
        for j in range(i):
            total -= block[i, j] * x[j]
        x[i] = total / block[i, i]
