r"""Ways with needless changes: they do all that a cheaper way does, and more beside.

Of a demand's two ways the dearer has needless changes if the cheaper one's sequences of marks are parts of its own: the
same marks in the same order, with others between them. A truck that fetches a box from the train for a stretch of the
line, or a train that leaves the country and returns on its way to the frontier, is a way like that. There are hundreds
of thousands, whose small shares would add up for ever; it is assumed that nobody ships so. A way that passes no mark of
a row (no frontier of the home country) says nothing about those that do, apart from the first row (modes).

==================================  ===========  ==========
symbol                              name         shape
==================================  ===========  ==========
:math:`c_w = \min_{p \in w} c_p`    ``least``    (W,)
==================================  ===========  ==========
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corridors.models.arrays import BoolArray, FloatArray, IntArray, KeyArray
from corridors.models.choice.route_set import collapsed, paired, taken
from corridors.models.paths import PathSet

_NOTHING, _NO_MATCH = -2, -3  # no marks: what fills up a sequence, and what is never met


class _Sequence(NamedTuple):
    """One row's sequence of each way: its marks as small numbers, filled up, (W, n), and how many there are, (W,)."""

    mark: NDArray[np.int32]
    length: IntArray


def needless(routes: PathSet, way: KeyArray, rows: IntArray, costs: Sequence[FloatArray]) -> BoolArray:
    """Tell which routes are of ways with needless changes, (P,).

    Parameters
    ----------
    routes, way
        The routes, and what tells the ways of one demand apart, (P,).
    rows
        The marks of arcs, (L, A).
    costs
        What each route costs by itself, (P,), and at prices: the cheaper way must be no dearer at any.
    """
    _, first, number = np.unique(paired(routes.demand, way), return_index=True, return_inverse=True)
    least = [_least(number, first.size, cost) for cost in costs]
    sequences = [_sequence(taken(routes, first), row) for row in rows]
    dear, cheap = _pairs(routes.demand[first], least[0])
    within = np.ones(dear.size, dtype=bool)
    for cost in least[1:]:
        within &= cost[cheap] <= cost[dear]
    for n, (_, length) in enumerate(sequences):
        within &= (length[cheap] <= length[dear]) & ((n == 0) | ((length[cheap] > 0) == (length[dear] > 0)))
    dear, cheap = dear[within], cheap[within]
    for sequence in sequences:
        part = _is_part(sequence, cheap, dear)
        dear, cheap = dear[part], cheap[part]
    found = np.zeros(first.size, dtype=bool)
    found[dear] = True
    return found[number]


def _least(number: IntArray, count: int, cost: FloatArray) -> FloatArray:
    """Return the least cost of each of so many ways, by the way of each route."""
    least = np.full(count, np.inf)
    np.minimum.at(least, number, cost)
    return least


def _sequence(routes: PathSet, row: IntArray) -> _Sequence:
    mark, start = collapsed(routes, row)
    length = np.diff(start)
    filled = np.full((routes.size, int(length.max(initial=0)) + 1), _NOTHING, dtype=np.int32)
    owner = np.repeat(np.arange(routes.size), length)
    filled[owner, np.arange(mark.size) - start[owner]] = np.unique(mark, return_inverse=True)[1]
    return _Sequence(filled, length)


def _pairs(demand: IntArray, cost: FloatArray) -> tuple[IntArray, IntArray]:
    """Return every pair of ways of one demand, the dearer first."""
    order = np.lexsort((cost, demand))
    first = np.searchsorted(demand[order], demand[order])
    cheaper = np.arange(order.size) - first  # how many there are of each
    dear = np.repeat(np.arange(order.size), cheaper)
    cheap = np.arange(dear.size) - np.repeat(np.cumsum(cheaper) - cheaper, cheaper) + first[dear]
    return order[dear], order[cheap]


def _is_part(sequence: _Sequence, cheap: IntArray, dear: IntArray) -> BoolArray:
    """Tell of which pairs the first one's sequence is a part of the second one's."""
    width = sequence.mark.shape[1]
    marks, met = sequence.mark.ravel(), cheap * width  # where in the first one's the next mark to be met is
    passed = np.where(sequence.mark == _NOTHING, _NO_MATCH, sequence.mark)
    for n in range(int(sequence.length[dear].max(initial=0))):
        met += marks[met] == passed[:, n][dear]
    whole: BoolArray = met - cheap * width == sequence.length[cheap]
    return whole
