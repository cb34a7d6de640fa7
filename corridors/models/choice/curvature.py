r"""How the slope of the dual changes with prices: the matrix of Newton's method, on the resources that matter.

With :math:`T_w = \sum_{p \in w} x_p A_p` and :math:`T_k = \sum_{p \in k} x_p A_p` for what the flow of a way and of a
demand takes,

.. math::

   -\nabla^2 D = \sum_k \Bigl[ \theta^2_k \sum_{p \in k} x_p A_p A_p^\top
     - (\theta^2_k - \theta^1_k) \sum_{w \in k} \frac{T_w T_w^\top}{X_w} - \theta^1_k \frac{T_k T_k^\top}{d_k} \Bigr]
     + \operatorname{diag}(y_r'(\mu_r))

Where ways have groups, :math:`\theta^g_k` stands for :math:`\theta^1_k` in the second term, and one more is subtracted:
:math:`(\theta^g_k - \theta^1_k) \sum_{g \in k} T_g T_g^\top / X_g`, with :math:`T_g` for what a group takes.

A way of one route needs no more than :math:`\theta^1_k x_p A_p A_p^\top` (:math:`\theta^g_k` among several of a group),
and a group of one way no term of its own. Where flows are saturated (all that a demand can do takes the resource) the
terms cancel, and what is left is rounding of the first: so a ridge is added that is relative to the diagonal before it
cancels.

==========================  ================  ======
symbol                      name              shape
==========================  ================  ======
:math:`x_p`                 ``route_flow``    (P,)
:math:`X_w`                 ``way_flow``      (W,)
:math:`A_{rp}`              ``takes``         (F, P)
:math:`T_w`                 ``taken_by_way``  (F, W)
:math:`X_g`                 ``top_flow``      (G,)
:math:`T_g`                 ``by_group``      (F, G)
:math:`T_k`                 ``taken``         (F, K)
:math:`y_r'(\mu_r)`         ``give``          (R,)
:math:`-\nabla^2 D`         ``matrix``        (F, F)
==========================  ================  ======
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.choice.dual import Dual, Point

_NOTHING = 1e-140  # tonnes on a way; the square of what is less has no digits
_WEAK = 0.1  # of what they give, all together: Newton's error falls by about that in each step
_UNFELT = 1e-10  # of the largest part in a diagonal: the root of it is what is lost of any entry, at most
_RIDGE = 2.0**-34  # of the diagonal before it cancels: rounding takes 2^-52 of it for each term


def curvature(dual: Dual, point: Point, resources: IntArray) -> FloatArray:
    """Return minus the second derivative of the dual in the prices of F resources, with a ridge, (F, F).

    Parameters
    ----------
    dual, point
        The dual, evaluated at a point.
    resources
        Their numbers, (F,).
    """
    layout = dual.layout
    of_way, of_route = dual.scale_by_way
    takes = _felt(dual.rows(resources), dual.sharpness * point.route_flow)
    flowing = _scaled(takes, point.route_flow)
    single = layout.single
    matrix = (_scaled(flowing, dual.sharpness) @ takes.T).toarray()
    raw = matrix.diagonal().copy()
    taken_by_way = _gathered(flowing, layout.way, layout.way_start.size)
    matrix -= _nested(taken_by_way, np.where(single, 0.0, of_route - of_way), point.way_flow)
    if layout.groups is None:
        taken = _gathered(taken_by_way, layout.chooser, dual.amount.size)
    else:
        of_top, of_group = dual.scale_by_group
        by_group = _gathered(taken_by_way, layout.groups.group, of_top.size)
        matrix -= _nested(by_group, of_group - of_top, point.top_flow)
        taken = _gathered(by_group, layout.groups.chooser, dual.amount.size)
    whole = np.divide(dual.way_scale, dual.amount, out=np.zeros_like(dual.amount), where=dual.amount > 0)
    matrix -= _square(taken, whole)
    scale = np.maximum(raw, _RIDGE * raw.max(initial=0.0)) + np.finfo(np.float64).tiny
    matrix[np.diag_indices_from(matrix)] += point.give[resources] + _RIDGE * scale
    return matrix


def uncoupled(dual: Dual, point: Point, soft: BoolArray) -> BoolArray:
    """Tell which soft resources take so little part in the curvature that each can be stepped by itself, (R,).

    A price that rises makes use fall by at most the diagonal before it cancels, and wanted use rise by ``give``. Where
    the ratio of the two is small, so is all that the others do to it; the ratios add up along a route, so that only so
    many are told as have a small sum.
    """
    found = np.zeros_like(soft)
    some = np.flatnonzero(soft)
    ratio = (dual.layout.squares @ (dual.sharpness * point.route_flow))[some] / point.give[some]
    order = np.argsort(ratio, kind="stable")
    found[some[order[np.cumsum(ratio[order]) < _WEAK]]] = True
    return found


def _nested(taken: UsageArray, sharper: FloatArray, flow: FloatArray) -> FloatArray | float:
    """Return the term of nests: of what each takes, (F, n), where its members are chosen so much sharper, (n,)."""
    weight = np.divide(sharper, flow, out=np.zeros_like(sharper), where=flow > _NOTHING)
    several = np.flatnonzero(weight)
    return _square(taken[:, several], weight[several]) if several.size else 0.0


def _felt(rows: UsageArray, weight: FloatArray) -> UsageArray:
    """Return the rows without the entries on columns of so little weight that they are not felt beside the largest."""
    part = rows.data**2 * weight[rows.indices]
    filled = np.flatnonzero(np.diff(rows.indptr))
    if not filled.size:
        return rows
    largest = np.zeros(rows.shape[0])
    largest[filled] = np.maximum.reduceat(part, rows.indptr[filled])
    kept = part >= _UNFELT * np.repeat(largest, np.diff(rows.indptr))
    start = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(kept)))[rows.indptr]
    return sparse.csr_array((rows.data[kept], rows.indices[kept], start), shape=rows.shape)


def _scaled(rows: UsageArray, by_column: FloatArray) -> UsageArray:
    """Return a matrix with its columns multiplied."""
    return sparse.csr_array((rows.data * by_column[rows.indices], rows.indices, rows.indptr), shape=rows.shape)


def _gathered(rows: UsageArray, group: IntArray, count: int) -> UsageArray:
    """Return the sums of columns by their groups, which never fall from one column to the next."""
    column, row = group[rows.indices], np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    first = np.flatnonzero((np.diff(column, prepend=-1) != 0) | (np.diff(row, prepend=-1) != 0))
    total = np.add.reduceat(rows.data, first) if first.size else rows.data
    start = np.searchsorted(first, rows.indptr)
    return sparse.csr_array((total, column[first], start), shape=(rows.shape[0], count))


def _square(rows: UsageArray, weight: FloatArray) -> FloatArray:
    """Return the weighted sum of the outer products of columns with themselves, where the weight is not 0."""
    square: FloatArray = (_scaled(rows, weight) @ rows.T).toarray()
    return square
