r"""Trees of cheapest paths at any costs of arcs, and the cheapest path through every arc.

A tree from the origin of a demand to every node and a tree from every node to its destination have together the
cheapest path through each arc :math:`a = (i, j)`:

.. math::

   \text{dist}(o, i) + c_a + \text{dist}(j, d)

======================  ==============  ==========
symbol                  name            shape
======================  ==============  ==========
:math:`c_a`             ``cost``        (A,)
:math:`\text{dist}`     ``distance``    (T, N)
======================  ==============  ==========
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.paths import PathSet
from corridors.models.pricing.base import TreeIndex
from corridors.models.pricing.trees import ArcPairs, ClassGraph
from corridors.models.problem import FlowProblem

_FAR = 1e300  # what no path costs: an arc of infinite cost is closed


@dataclass(frozen=True, eq=False)
class Trees:
    """T trees of cheapest paths over N nodes.

    Attributes
    ----------
    distance
        Of each node from the root, ``inf`` where there is no path, (T, N).
    before, arc
        The node before each on its path and the arc from there, (T, N); -1 at the root and where there is no path.
    """

    distance: FloatArray
    before: IntArray
    arc: IntArray

    def write(self, arcs: IntArray, at: IntArray, row: IntArray, node: IntArray, step: int) -> None:
        """Write the paths to nodes of trees into a row of arcs, last arcs first: each from a place on, by steps."""
        while row.size:
            last = self.arc[row, node]
            on = last >= 0
            row, node, at = row[on], node[on], at[on]
            arcs[at] = last[on]
            node, at = self.before[row, node], at + step

    def steps(self, row: IntArray, node: IntArray) -> IntArray:
        """Return how many arcs the paths to nodes of trees have, (P,)."""
        count, which = np.zeros(row.size, dtype=np.int64), np.arange(row.size)
        while which.size:
            on = self.arc[row, node] >= 0
            which, row, node = which[on], row[on], node[on]
            count[which] += 1
            node = self.before[row, node]
        return count

    def along(self, *values: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the sums of values of arcs, (A,), along the path to each node, (T, N), 0 where there is none."""
        nodes = self.arc.shape[1]
        known = self.arc >= 0
        ahead = np.where(known, self.before + nodes * np.arange(self.arc.shape[0])[:, None], -1).ravel()
        there = np.where(ahead >= 0, ahead, np.arange(ahead.size))
        sums = [np.where(known, value[self.arc], value.dtype.type(0)).ravel() for value in values]
        while (there != there[there]).any():  # each round goes twice as far back
            sums = [one + one[there] for one in sums]
            there = there[there]
        return [one.reshape(self.arc.shape) for one in sums]


class Searches:
    """Searches on the arcs of a problem, forwards or, all arcs turned round, backwards.

    Attributes
    ----------
    roots
        The nodes of each class from which its demands begin, or backwards at which they end, ascending.
    tree
        Which of the roots of its class is that of each demand, (D,).
    """

    def __init__(self, problem: FlowProblem, *, back: bool = False) -> None:
        if back:
            problem = replace(
                problem,
                tail=problem.head,
                head=problem.tail,
                origin=problem.destination,
                destination=problem.origin,
            )
        index = TreeIndex.of(problem, np.arange(problem.demand_count))
        self._pairs = ArcPairs.of(problem)
        classes = np.unique(index.class_)
        self._graphs = {c: ClassGraph.of(self._pairs, index, c) for c in classes.tolist()}
        first = np.searchsorted(index.class_, np.arange(problem.class_count))
        self.tree = index.tree - first[problem.class_]
        self.roots = np.split(index.origin, first[1:])

    def grow(self, class_: int, cost: FloatArray, roots: IntArray) -> Trees:
        """Grow the trees of a class from some roots (Dijkstra 1959) at costs of arcs, (A,), ``inf`` where closed."""
        graph = self._graphs[class_]
        graph.matrix.data = self._pairs.least(cost)[graph.pairs]
        distance, before = csgraph.dijkstra(graph.matrix, indices=roots, limit=_FAR, return_predecessors=True)
        row, node = np.nonzero(before >= 0)
        arc, none = np.full(before.shape, -1), np.zeros(row.size, dtype=np.int64)
        arc[row, node] = self._pairs.cheapest(cost, none, before[row, node].astype(np.int64), node)
        return Trees(distance, np.where(before >= 0, before, -1).astype(np.int64), arc)


def is_simple(routes: PathSet, problem: FlowProblem) -> BoolArray:
    """Tell which paths pass no node twice, (P,); the empty path does not."""
    path = np.concatenate((routes.path, np.flatnonzero(routes.length)))
    node = np.concatenate((problem.tail[routes.arc], problem.destination[routes.demand[routes.length > 0]]))
    passed = np.sort(path * problem.node_count + node)
    simple = np.ones(routes.size, dtype=bool)
    simple[passed[1:][passed[1:] == passed[:-1]] // problem.node_count] = False
    return simple
