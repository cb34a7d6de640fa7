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

from corridors.models.arrays import FloatArray, IntArray
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
    """The searches from one end of all demands of a problem: from the origins, or back from the destinations.

    Attributes
    ----------
    tree
        The tree of each demand, (D,), counted within its class.
    rows
        The trees of each class.
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
        self._index = TreeIndex.of(problem, np.arange(problem.demand_count))
        self._pairs = ArcPairs.of(problem)
        classes = np.unique(self._index.class_)
        self._graphs = {c: ClassGraph.of(self._pairs, self._index, c) for c in classes.tolist()}
        first = np.searchsorted(self._index.class_, np.arange(problem.class_count))
        self.tree = self._index.tree - first[problem.class_]
        self._origin = np.split(self._index.origin, first[1:])

    def grow(self, class_: int, cost: FloatArray, some: IntArray | slice = slice(None), limit: float = _FAR) -> Trees:
        """Grow trees of a class (Dijkstra 1959).

        Parameters
        ----------
        class_, some
            The class, and which of its trees, counted within it.
        cost
            Of each arc, (A,), at least 0, ``inf`` where it is closed.
        limit
            How far.
        """
        graph = self._graphs[class_]
        graph.matrix.data = self._pairs.least(cost)[graph.pairs]
        distance, before = csgraph.dijkstra(
            graph.matrix, indices=self._origin[class_][some], limit=limit, return_predecessors=True
        )
        found = before >= 0
        row, node = np.nonzero(found)
        arc, none = np.full(before.shape, -1), np.zeros(row.size, dtype=np.int64)
        arc[row, node] = self._pairs.cheapest(cost, none, before[row, node].astype(np.int64), node)
        return Trees(distance, np.where(found, before, -1).astype(np.int64), arc)
