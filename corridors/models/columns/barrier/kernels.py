"""The innermost sums of the interior point method, compiled by numba: for problems that take longer than loading them.

Importing this module takes most of a second, and the first call of each function on a machine several more, after
which what was compiled is kept on disk. So nothing here is imported unless `corridors.models.columns` takes a
problem for large. Arrays have the dtypes of `corridors.models.arrays` throughout.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from corridors.models.arrays import FloatArray, IntArray


class Columns(NamedTuple):
    """What columns use, by columns, (n + 1,), and where each demand's columns begin, (K + 1,)."""

    start: IntArray
    resource: IntArray
    value: FloatArray
    first: IntArray


@njit(cache=True)
def flows(
    columns: Columns, cost: FloatArray, amount: FloatArray, price: FloatArray, weight: float, below: FloatArray,
    roots: int, near: float, free: FloatArray, use: FloatArray,
) -> tuple[float, float]:  # fmt: skip
    """Give the flows that are best for some prices and weight of the barrier, as slacks of their reduced costs.

    Parameters
    ----------
    columns, cost, amount, price, weight
        Costs are of columns, (n,), amounts of demands, (K,), prices of resources, (m,), and the weight of the barrier.
    below
        How far each demand's price is below its cheapest column, (K,): is made better.
    roots, near
        How often at most, and until it is right up to how much, relative.
    free
        Is set to what each column costs beyond its demand's price, (n,); a flow is the weight by this.
    use
        Gets what all flows use added, (m,).

    Returns
    -------
    tuple
        What demands pay in all, and the sum of the logarithms of `free`.
    """
    start, resource, value, first = columns
    pays, logs = 0.0, 0.0
    for k in range(first.size - 1):
        low, high = first[k], first[k + 1]
        least = np.inf
        for p in range(low, high):
            reduced = cost[p]
            for e in range(start[p], start[p + 1]):
                reduced += value[e] * price[resource[e]]
            free[p] = reduced
            least = min(least, reduced)
        floor = weight / amount[k]
        under = max(below[k], floor)
        for _ in range(roots):
            total, square = 0.0, 0.0
            for p in range(low, high):
                inverse = 1 / (free[p] - least + under)
                total += inverse
                square += inverse * inverse
            off = floor * total - 1
            if abs(off) < near:
                break
            under = max(under + off * total / square, floor)
        below[k] = under
        pays += amount[k] * (least - under)
        for p in range(low, high):
            free[p] = free[p] - least + under
            logs += np.log(free[p])
            for e in range(start[p], start[p + 1]):
                use[resource[e]] += value[e] * (weight / free[p])
    return pays, logs


@njit(cache=True)
def normal(columns: Columns, theta: FloatArray, row: IntArray, matrix: FloatArray) -> None:
    """Add up the normal equations: ``A theta A'`` less the share of each demand's row.

    Parameters
    ----------
    columns
        As in `flows`.
    theta
        The weights of columns, (n,).
    row
        Which row each resource has in the matrix, negative for none, (m,).
    matrix
        Gets them added to its lower half, (size, size), in Fortran's order.
    """
    start, resource, value, first = columns
    share, listed = np.zeros(row.size), np.empty(row.size, dtype=np.int64)
    seen = np.zeros(row.size, dtype=np.bool_)
    for k in range(first.size - 1):
        total, count = 0.0, 0
        for p in range(first[k], first[k + 1]):
            total += theta[p]
            for e in range(start[p], start[p + 1]):
                one = row[resource[e]]
                if one < 0:
                    continue
                weighted = theta[p] * value[e]
                share[one] += weighted
                if not seen[one]:
                    seen[one] = True
                    listed[count] = one
                    count += 1
                for f in range(start[p], e + 1):
                    other = row[resource[f]]
                    if other >= 0:
                        matrix[max(one, other), min(one, other)] += weighted * value[f]
        for i in range(count):
            one = listed[i]
            part = share[one] / total
            for j in range(i + 1):
                other = listed[j]
                matrix[max(one, other), min(one, other)] -= part * share[other]
        for i in range(count):
            share[listed[i]] = 0.0
            seen[listed[i]] = False
