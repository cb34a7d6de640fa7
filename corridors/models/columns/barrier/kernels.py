r"""The innermost sums of the interior point method, compiled by numba: for problems that take longer than loading them.

Importing this module takes most of a second, and the first call of each function on a machine several more, after
which what was compiled is kept on disk. So nothing here is imported unless `corridors.models.columns` takes a
problem for large. Arrays have the dtypes of `corridors.models.arrays` throughout.

==================================  ==================  ============
symbol                              name                shape
==================================  ==================  ============
:math:`c_p`                         ``cost``            (n,)
:math:`A_{rp}`                      ``columns.value``   (entries,)
:math:`d_k`                         ``amount``          (K,)
:math:`\mu_r`                       ``price``           (m,)
:math:`w`                           ``weight``          ()
:math:`s_k`                         ``below``           (K,)
:math:`c_p + A_p^\top\mu - s_k`     ``reduced_cost``    (n,)
:math:`\theta_p`                    ``theta``           (n,)
:math:`A_k`                         ``demand_row``      (m,)
==================================  ==================  ============
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from corridors.models.arrays import FloatArray, IntArray


class Columns(NamedTuple):
    """The columns of a restricted master.

    Entry e of the usages is `value` of `resource`, and column p has those from ``start[p]`` to ``start[p + 1]``, as
    demand k has the columns from ``first[k]`` to ``first[k + 1]``. Costs are of columns, amounts of demands.
    """

    start: IntArray
    resource: IntArray
    value: FloatArray
    first: IntArray
    cost: FloatArray
    amount: FloatArray


@njit(cache=True)
def flows(
    columns: Columns,
    price: FloatArray,
    weight: float,
    below: FloatArray,
    root_steps: int,
    root: float,
    reduced_cost: FloatArray,
    usage: FloatArray,
) -> tuple[float, float]:
    """Find the flows that are best for some prices and weight of the barrier, as reduced costs.

    Parameters
    ----------
    columns, price, weight, below
        As of `NormalEquations.point`; `below` is made better.
    root_steps, root
        At most so many steps of Newton's method for each demand, until it is right to so much, relative.
    reduced_cost
        Is set to what each column costs beyond its demand's price, (n,); a flow is the weight by this.
    usage
        Gets what all flows use added, (m,).

    Returns
    -------
    tuple
        What demands pay in all, and the sum of the logarithms of `reduced_cost`.
    """
    start, resource, value, first, cost, amount = columns
    paid, logarithms = 0.0, 0.0
    for k in range(first.size - 1):
        low, high = first[k], first[k + 1]
        least = np.inf
        for p in range(low, high):
            priced = cost[p]
            for e in range(start[p], start[p + 1]):
                priced += value[e] * price[resource[e]]
            reduced_cost[p] = priced
            least = min(least, priced)
        floor = weight / amount[k]
        under = max(below[k], floor)
        for _ in range(root_steps):
            total, square = 0.0, 0.0
            for p in range(low, high):
                inverse = 1 / (reduced_cost[p] - least + under)
                total += inverse
                square += inverse * inverse
            off = floor * total - 1
            if abs(off) < root:
                break
            under = max(under + off * total / square, floor)
        below[k] = under
        paid += amount[k] * (least - under)
        for p in range(low, high):
            reduced_cost[p] = reduced_cost[p] - least + under
            logarithms += np.log(reduced_cost[p])
            for e in range(start[p], start[p + 1]):
                usage[resource[e]] += value[e] * (weight / reduced_cost[p])
    return paid, logarithms


@njit(cache=True)
def normal(columns: Columns, theta: FloatArray, row: IntArray, matrix: FloatArray) -> None:
    """Add up the normal equations: ``A theta A'`` less what the row of each demand takes off.

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
    start, resource, value, first, _, _ = columns
    demand_row, listed = np.zeros(row.size), np.empty(row.size, dtype=np.int64)
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
                demand_row[one] += weighted
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
            part = demand_row[one] / total
            for j in range(i + 1):
                other = listed[j]
                matrix[max(one, other), min(one, other)] -= part * demand_row[other]
        for i in range(count):
            demand_row[listed[i]] = 0.0
            seen[listed[i]] = False
