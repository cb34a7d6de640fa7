r"""Paths of demands as flat arrays: what an answer sends its flow on, and what column generation chooses among.

===============  ================  ==========
symbol           name              shape
===============  ================  ==========
:math:`a \in p`  ``arc``           (S,)
:math:`k(p)`     ``demand``        (P,)
:math:`A_{ra}`   ``usage_by_arc``  (C * A, R)
:math:`A_{rp}`   ``use``           (P, R)
===============  ================  ==========
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray


@dataclass(frozen=True, eq=False)
class PathSet:
    """P paths with S steps in all; a step is one arc of one path.

    Attributes
    ----------
    arc
        The arcs of all paths in one row, (S,); those of path p are ``arc[start[p]:start[p + 1]]``, in order.
    start
        Where the steps of each path begin, and S at the end, (P + 1,).
    demand
        The demand that each path serves, (P,).
    """

    arc: IntArray
    start: IntArray
    demand: IntArray

    @classmethod
    def of(cls, demand: IntArray, arcs: Sequence[IntArray]) -> PathSet:
        """Join paths that are given one by one: the demand of each, (P,), and its arcs in order."""
        length = np.fromiter((len(one) for one in arcs), np.int64, len(arcs))
        return cls.of_lengths(demand, length, np.concatenate([np.empty(0, dtype=np.int64), *arcs]))

    @classmethod
    def of_lengths(cls, demand: IntArray, length: IntArray, arc: IntArray) -> PathSet:
        """Cut a row of arcs, (S,), into paths: the demand and the number of steps of each, (P,)."""
        return cls(arc.astype(np.int64, copy=False), _starts(length), demand)

    @property
    def size(self) -> int:
        """P, the number of paths."""
        return int(self.start.size) - 1

    @property
    def length(self) -> IntArray:
        """The number of steps of each path, (P,)."""
        return np.diff(self.start)

    @property
    def path(self) -> IntArray:
        """The path that each step belongs to, (S,)."""
        return np.repeat(np.arange(self.size), self.length)

    def arcs_of(self, path: int) -> IntArray:
        """Return the arcs of one path, in order."""
        return self.arc[self.start[path] : self.start[path + 1]]

    def steps(self, class_: IntArray, arc_count: int) -> IntArray:
        """Return where each step stands in the columns of `FlowProblem.usage`: ``class * A + arc``, (S,).

        Parameters
        ----------
        class_
            Of each path, (P,).
        arc_count
            A.
        """
        place: IntArray = np.repeat(class_, self.length) * arc_count + self.arc
        return place

    def use(self, step: IntArray, usage_by_arc: UsageArray) -> UsageArray:
        """Return what a tonne on each path takes of each resource, (P, R).

        Parameters
        ----------
        step
            As `steps` returns them, (S,).
        usage_by_arc
            `FlowProblem.usage` transposed, (C * A, R).
        """
        passes: UsageArray = sparse.csr_array(
            (np.ones(step.size), step, self.start), shape=(self.size, usage_by_arc.shape[0])
        )
        return sparse.csr_array(passes @ usage_by_arc)

    def sums(self, value: FloatArray) -> FloatArray:
        """Add up a value of each step, (S,), along each path, (P,)."""
        found = np.bincount(self.path, value, self.size)
        return found.astype(np.float64, copy=False)  # of nothing numpy makes integers

    def select(self, wanted: BoolArray) -> PathSet:
        """Return some of the paths, told by a mask, (P,)."""
        length = self.length
        arc = self.arc[np.repeat(wanted, length)]
        return PathSet(arc, _starts(length[wanted]), self.demand[wanted])

    def followed_by(self, other: PathSet) -> PathSet:
        """Return these paths with others after them."""
        return PathSet(
            np.concatenate((self.arc, other.arc)),
            np.concatenate((self.start, self.start[-1] + other.start[1:])),
            np.concatenate((self.demand, other.demand)),
        )


def _starts(length: IntArray) -> IntArray:
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(length)))
