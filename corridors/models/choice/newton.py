r"""Newton's system: the curvature at one point, and the step that it gives from there or from a point close by.

The same matrix serves again, as a chord, while each step with it leaves little of the slope (Shamanskii 1967): that
costs an evaluation of the dual, where a new matrix costs as much as two or three, and brings an order of convergence
more.

===================  ============  ======
symbol               name          shape
===================  ============  ======
:math:`\nabla D`     ``slope``     (R,)
:math:`-\nabla^2 D`  ``matrix``    (F, F)
===================  ============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.choice.curvature import curvature, uncoupled
from corridors.models.choice.dual import Dual, Point
from corridors.models.choice.problem import Curvature
from corridors.models.choice.search import Path
from corridors.models.choice.step import bounded_step

_FALL = 0.5  # of the waiting at full use: so far the price of a full resource may fall in a step
_LARGE = 200  # resources: their matrix takes as much as a plan of 40,000 routes


@dataclass(frozen=True, eq=False)
class Newton:
    """The matrix at a point, on the resources that have a price there or want one.

    Attributes
    ----------
    dual
        Of which it is the curvature.
    active
        The F resources of the matrix.
    alone
        Soft resources that are stepped each by itself, (R,).
    matrix
        Minus the second derivative, (F, F).
    """

    dual: Dual
    active: IntArray
    alone: BoolArray
    matrix: FloatArray

    @classmethod
    def at(cls, dual: Dual, point: Point) -> Self:
        """Make the matrix at a point."""
        soft = _soft(point)
        alone = uncoupled(dual, point, soft) if soft.any() else soft
        active = np.flatnonzero(_moves(point) & ~alone)
        return cls(dual, active, alone, curvature(dual, point, active))

    @classmethod
    def of(cls, dual: Dual, point: Point, kept: Curvature) -> Self:
        """Take the matrix of an earlier answer for that at a point; soft resources without a part in it stand alone."""
        alone = _soft(point)
        alone[kept.resources] = False
        return cls(dual, kept.resources, alone, kept.matrix)

    @property
    def kept(self) -> Curvature | None:
        """The matrix for a later start; None where it is too large to be kept with each of many answers."""
        return Curvature(self.active, self.matrix) if self.active.size <= _LARGE else None

    def path(self, point: Point) -> Path:
        """Return the step from a point, within the bounds of prices."""
        soft, delay = _soft(point), self.dual.delay
        room = np.where(soft, np.inf, point.price)
        if delay is not None:
            full = ~soft & (point.price > 0) & delay.waits
            room = np.where(full, np.minimum(room, point.price - _FALL * delay.coefficient), room)
        step = np.zeros_like(point.price)
        alone = self.alone & soft
        step[alone] = point.slope[alone] / point.give[alone]
        step[self.active] = bounded_step(self.matrix, point.slope[self.active], room[self.active])
        return Path(self.dual, point, step, soft)

    def has_all_that_move(self, point: Point) -> bool:
        """Tell whether all resources that have a price at a point, or want one, are in the matrix or soft and alone."""
        others = _moves(point)
        others[self.active] = False
        return not (others & ~(self.alone & _soft(point))).any()


def _soft(point: Point) -> BoolArray:
    soft: BoolArray = (point.give > 0) & (point.price > 0)
    return soft


def _moves(point: Point) -> BoolArray:
    moves: BoolArray = (point.price > 0) | (point.slope > 0)
    return moves
