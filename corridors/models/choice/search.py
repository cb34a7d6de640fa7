r"""How far to go along Newton's step.

The dual is concave, so that for a move :math:`\Delta` from one price to another its slope at the far end tells whether
it rose: :math:`D(\mu + \Delta) \ge D(\mu) + \nabla D(\mu + \Delta)^\top \Delta`. That holds to the last digits, where
the values themselves no longer differ.

Hard resources move in their price. Soft ones move in their use, and take the price that belongs to it: their price
grows with a power of their use, and a step in prices would overshoot where little goes.

==================  ============  ======
symbol              name          shape
==================  ============  ======
:math:`\mu`         ``price``     (R,)
:math:`\nabla D`    ``slope``     (R,)
:math:`\Delta`      ``move``      (R,)
==================  ============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray
from corridors.models.choice.dual import Dual, Point

_TRIALS = 40
_LEVEL = 0.4  # of the slope at the start: a smaller one, up or down, is near enough to the top
_RISE = 1e-4  # of what the slope promises: enough
_TOO_FAR, _SAME = 1e12, 1e-12  # steps; of a step
_FARTHEST = 4.0  # times as far, when the slope hardly fell


@dataclass(frozen=True, eq=False)
class Path:
    """The prices along a step.

    Attributes
    ----------
    dual, start, step
        From where, and where to, in prices, (R,).
    soft
        The resources that move in their use, (R,).
    """

    dual: Dual
    start: Point
    step: FloatArray
    soft: BoolArray

    def at(self, length: float) -> Point:
        """Evaluate the dual at so many steps."""
        price = np.maximum(self.start.price + length * self.step, 0.0)
        if self.soft.any():
            price = np.where(self.soft, self._by_use(min(length, 1.0)), price)
        return self.dual.at(price)

    def sensible_length(self) -> float:
        """Return how much of the step to try first: one that no route's toll changes more by than can matter."""
        change = float(np.abs(self.dual.toll(self.step)).max(initial=0.0))
        return min(1.0, self.dual.reach / change) if change > 0 else 1.0

    def rises_beyond(self, point: Point) -> bool:
        """Tell whether the hard resources' part of the step still promises much at a point: soft ones go no farther."""
        hard = np.where(self.soft, 0.0, self.step)
        return float(point.slope @ hard) > _LEVEL * float(self.start.slope @ hard)

    def _by_use(self, length: float) -> FloatArray:
        delay, capacity, start = self.dual.delay, self.dual.capacity, self.start
        if delay is None:
            return start.price
        use = np.maximum(start.wanted + length * start.give * self.step, 0.1 * start.wanted)
        share = np.divide(use, capacity, out=np.zeros_like(use), where=capacity > 0)
        within = np.minimum(share, 1.0)
        return delay.waiting(within) + (share - within) * delay.slope(np.ones_like(share))


def best_along(path: Path, trials: int = _TRIALS) -> tuple[Point | None, int]:
    """Return a point that is higher than the start and near the top, None where rounding leaves none, and the trials.

    A step too short is lengthened, one too long is cut by what values and slopes at its ends tell of the top.
    """
    start, low, high = path.start, _End(0.0, path.start.value, float(path.start.slope @ path.step)), None
    first, length, best = low.slope, path.sensible_length(), None
    for trial in range(1, trials + 1):
        point = path.at(length)
        move = point.price - start.price
        slope, promised = float(point.slope @ move) / length, float(start.slope @ move) / length
        rose = slope >= 0 or point.value >= start.value + _RISE * length * promised
        if rose and (best is None or point.value >= best.value):
            best = point
        if rose and abs(slope) <= _LEVEL * abs(promised):
            return point, trial
        end = _End(length, point.value, slope)
        if slope > 0:
            if high is None and not path.rises_beyond(point):
                return point, trial
            low = end
        else:
            high = end
        if length >= _TOO_FAR or (high is not None and high.length - low.length <= _SAME * high.length):
            return best, trial
        length = _farther(low, first) if high is None else _between(trial, low, high)
    return best, trials


class _End(NamedTuple):
    """A length, and the value and the slope of the dual there."""

    length: float
    value: float
    slope: float


def _farther(low: _End, promised: float) -> float:
    """Return the length to try next beyond one at which the dual still rises."""
    fallen = promised / max(promised - low.slope, 1e-300)
    return low.length * min(_FARTHEST, max(1.5, fallen))


def _between(trial: int, low: _End, high: _End) -> float:
    """Return the length to try next: between where the secant of the slopes is 0 and where the two tangents meet.

    The first is right for a round top, the second for a bent one, as where a choice is nearly all or nothing. One in
    three halves the rest, whatever rounding left of the values.
    """
    apart, fall = high.length - low.length, low.slope - high.slope
    secant, tangents = low.slope / fall, (high.value - low.value - high.slope * apart) / (fall * apart)
    share = (secant + tangents) / 2 if trial % 3 else 0.5
    return low.length + min(max(share, 0.05), 0.95) * apart
