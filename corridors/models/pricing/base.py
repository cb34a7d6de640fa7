r"""What pricing answers: the cheapest path of every demand at given prices of the resources.

.. math::

   \text{dist}_k(c + A^\top \mu) = \min_{p \in P_k} \; \sum_{a \in p} \Bigl( c_a + \sum_r A_{ra} \mu_r \Bigr)

Demands of one class from one origin share a tree of shortest paths.

======================================  ==================  ==========
symbol                                  name                shape
======================================  ==================  ==========
:math:`\mu_r`                           ``price``           (R,)
:math:`c + A^\top \mu`                  ``arc_costs``       (C * A,)
:math:`\text{dist}_k(c + A^\top \mu)`   ``distance``        (D,)
======================================  ==================  ==========
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.problem import FlowProblem

ROUNDING = 1e-11  # relative: what the last digits of a sum may make of a cost
_SHAPE = ("node_count", "tail", "head", "origin", "destination", "class_")


@dataclass(frozen=True, eq=False)
class Priced:
    """What a search found.

    Attributes
    ----------
    distance
        A lower bound on the cost of any path of each demand at these prices, (D,); exact where a path is given.
        ``inf`` where there is no path, and for demands that nobody asked about.
    demand, arc
        The paths found, last arc first: demand and arc of every step. A demand is left out where no path is
        cheaper than those known.
    cycle
        The arcs of a cycle of negative cost, with its class in front; empty if there is none.
    """

    distance: FloatArray
    demand: IntArray
    arc: IntArray
    cycle: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class TreeIndex:
    """The T trees of a problem: one for each class and origin of its demands.

    Attributes
    ----------
    demands, tree
        The K demands that need a path, and the tree of each, (K,).
    class_, origin
        Of each tree, (T,), ascending.
    open
        Which arcs each class may use, (C, A).
    """

    demands: IntArray
    tree: IntArray
    class_: IntArray
    origin: IntArray
    open: NDArray[np.bool_]

    @classmethod
    def of(cls, problem: FlowProblem, demands: IntArray) -> TreeIndex:
        """Number the trees of a problem by class and origin."""
        nodes = problem.node_count
        trees, tree = np.unique(problem.class_[demands] * nodes + problem.origin[demands], return_inverse=True)
        return cls(demands, tree, trees // nodes, trees % nodes, np.isfinite(problem.cost))

    @property
    def size(self) -> int:
        """T, the number of trees."""
        return int(self.class_.size)


class Pricing(ABC):
    """What all ways to find the cheapest paths of one problem have in common.

    Parameters
    ----------
    problem
        Whose arcs may be used.
    demands
        The demands that need a path.
    kept
        The same of a problem that `fits`: its trees are shared, and hold until a price or a cost changes.
    """

    def __init__(self, problem: FlowProblem, demands: IntArray, kept: Pricing | None) -> None:
        self._problem = problem
        self._cost: FloatArray = problem.cost.ravel()
        self._floor = 1.0 if problem.usage.data.min(initial=0) < 0 else 0.0  # where terms cancel out, digits are lost
        shared = kept._usage if kept is not None and kept._problem.usage is problem.usage else None
        self._usage: UsageArray = sparse.csr_array(problem.usage.T) if shared is None else shared
        self._index: TreeIndex = TreeIndex.of(problem, demands) if kept is None else kept._index
        self._last_cost: FloatArray | None = None if kept is None else kept._last_cost  # at which the trees were grown

    @abstractmethod
    def price(self, price: FloatArray, known: FloatArray, tolerance: float) -> Priced:
        """Find the cheapest paths.

        Parameters
        ----------
        price
            Of each resource, (R,), at least 0.
        known
            What each demand pays at most at these prices, (D,): its cheapest known path or its penalty.
        tolerance
            Relative to `known`: paths that are not cheaper by more are not looked for.
        """

    def potentials(self, class_: int, origins: IntArray) -> FloatArray | None:
        """Return lower bounds on all nodes' distances from origins at the last prices, (O, N); None if not kept."""
        return None

    def arc_costs(self, price: FloatArray) -> FloatArray:
        """Return what a tonne of each class pays on each arc at these prices, (C * A,)."""
        cost: FloatArray = self._cost + self._usage @ price
        return cost

    def fits(self, problem: FlowProblem, demands: IntArray) -> bool:
        """Tell whether a problem can share the trees: it has the same shape, and opens no arc that was closed."""
        mine = self._problem
        same = all(
            getattr(problem, name) is getattr(mine, name) or np.array_equal(getattr(problem, name), getattr(mine, name))
            for name in _SHAPE
        )
        return (
            same
            and problem.cost.shape == mine.cost.shape
            and np.array_equal(demands, self._index.demands)
            and bool((self._index.open | ~np.isfinite(problem.cost)).all())
        )

    def _wanted(self, known: FloatArray, tolerance: float) -> FloatArray:
        """Return the costs below which paths are worth finding, where demands know paths of some costs."""
        wanted: FloatArray = known - tolerance * (self._floor + np.where(np.isfinite(known), known, 0))
        return wanted
