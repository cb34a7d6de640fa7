r"""The cheapest path of every demand through every arc, at any costs: one tree from each end finds them all.

With :math:`\text{dist}` at the costs of a draw or of prices, the path through arc :math:`a = (i, j)` is that from the
origin to :math:`i`, the arc, and that from :math:`j` to the destination (Abraham, Delling, Goldberg & Werneck 2013 find
alternatives through vertices so). Whatever it costs by itself is added up along
the trees, and so is its key, so that only paths that are new and near enough are written out.

======================  ====================  ==========
symbol                  name                  shape
======================  ====================  ==========
:math:`c_a`             ``cost``              (C, A)
:math:`\text{dist}`     ``distance``          (T, N)
======================  ====================  ==========
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray, KeyArray
from corridors.models.choice.route_set import Found, mixed, paired
from corridors.models.choice.searching import Searches, Trees, is_simple
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem


class _Joints(NamedTuple):
    """Pairs of tree paths that an arc joins, (P,): row and node of the one before it, the arc, and of the one after."""

    row: IntArray
    node: IntArray
    arc: IntArray
    next_row: IntArray
    next_node: IntArray

    def take(self, which: IntArray | BoolArray) -> _Joints:
        return _Joints(*(one[which] for one in self))


class Through:
    """Finds paths through every arc of one problem.

    Parameters
    ----------
    problem
        Whose demands are served.
    limit
        What a path may cost by itself, (D,).
    identity
        Of each arc, (A,): `Marks.identity`.
    """

    def __init__(self, problem: FlowProblem, limit: FloatArray, identity: IntArray) -> None:
        self._problem, self._limit = problem, limit
        self._before, self._after = Searches(problem), Searches(problem, back=True)
        self._hash = mixed(identity)
        self._met = np.empty(0, dtype=np.uint64)  # ascending
        self._demands = {c: np.flatnonzero(problem.class_ == c) for c in np.unique(problem.class_).tolist()}

    def find(self, cost: FloatArray) -> list[Found]:
        """Return the paths through every arc at costs, (C, A), that are cheap enough and no search has found before."""
        return [self._of_class(class_, cost[class_]) for class_ in self._demands]

    def _new(self, pairs: KeyArray) -> IntArray:
        """Return which pairs of a demand and a key, (P,), no search has met before, each once; and note them."""
        pair, first = np.unique(pairs, return_index=True)
        place = np.searchsorted(self._met, pair)
        new = np.append(self._met, 0)[place] != pair if self._met.size else np.ones(pair.size, dtype=bool)
        self._met = np.insert(self._met, place[new], pair[new])
        found: IntArray = first[new]
        return found

    def _of_class(self, class_: int, cost: FloatArray) -> Found:
        problem, own = self._problem, self._problem.cost[class_]
        trees, back = (one.grow(class_, cost, one.roots[class_]) for one in (self._before, self._after))
        price = np.where(np.isfinite(own), own, 0.0)
        steps = np.ones(problem.arc_count, dtype=np.int64)
        paid, key, length = trees.along(price, self._hash, steps)
        left, rest, more = back.along(price, self._hash, steps)
        demand = self._demands[class_]
        row, next_row = self._before.tree[demand], self._after.tree[demand]
        arc = np.flatnonzero(np.isfinite(cost) & np.isfinite(own))
        tail, head = problem.tail[arc], problem.head[arc]
        total = paid[row][:, tail] + price[arc] + left[next_row][:, head]
        near = (total <= self._limit[demand, None]) & (tail != head)
        near &= np.isfinite(trees.distance[row][:, tail]) & np.isfinite(back.distance[next_row][:, head])
        near &= (trees.before[row][:, tail] != head) & (back.before[next_row][:, head] != tail)  # there and back
        which, number = np.nonzero(near)
        joints = _Joints(row[which], tail[number], arc[number], next_row[which], head[number])
        keys = key[joints.row, joints.node] + self._hash[joints.arc] + rest[joints.next_row, joints.next_node]
        first = self._new(paired(demand[which], keys))
        joints = joints.take(first)
        sizes = length[joints.row, joints.node], more[joints.next_row, joints.next_node]
        routes = _written(trees, back, joints, sizes, demand[which[first]])
        simple = is_simple(routes, problem)
        return Found(routes.select(simple), total[near][first][simple], keys[first][simple])


def _written(trees: Trees, back: Trees, joints: _Joints, sizes: tuple[IntArray, IntArray], demand: IntArray) -> PathSet:
    """Write out the paths that arcs join, step by step for all at once; `sizes` are their steps before and after."""
    before, after = sizes
    start = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(before + 1 + after)))
    arc = np.empty(start[-1], dtype=np.int64)
    middle = start[:-1] + before
    arc[middle] = joints.arc
    trees.write(arc, middle - 1, joints.row, joints.node, -1)
    back.write(arc, middle + 1, joints.next_row, joints.next_node, 1)
    return PathSet(arc, start, demand)
