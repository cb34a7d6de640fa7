r"""Newton's step within its bounds: no price of a hard resource falls below 0.

.. math::

   \max_s \; g^\top s - \tfrac12 s^\top H s \quad \text{s.t.} \quad s \ge -\mu

by an active set: what would fall below 0 is fixed there, what would rise from there is freed. Projecting the step
afterwards is no substitute: it need not even go up (Bertsekas 1982). Soft resources have no bound, since they move in
their use.

=============  ============  ======
symbol         name          shape
=============  ============  ======
:math:`g`      ``slope``     (F,)
:math:`H`      ``matrix``    (F, F)
:math:`\mu`    ``room``      (F,)
:math:`s`      ``step``      (F,)
=============  ============  ======
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray

_RIDGES = (0.0, 1e-12, 1e-10, 1e-8, 1e-6, 1e-3, 1.0)  # of the diagonal, tried in turn
_FARTHEST = 1e150
_ROUNDS = 40  # of the active set; it takes two or three


def bounded_step(matrix: FloatArray, slope: FloatArray, room: FloatArray) -> FloatArray:
    """Return Newton's step on F resources.

    Parameters
    ----------
    matrix
        Symmetric and positive, (F, F).
    slope
        Of the dual, (F,).
    room
        By how much each price may fall, (F,); ``inf`` where it has no bound.
    """
    fixed = (room <= 0) & (slope <= 0)
    step = np.zeros_like(slope)
    for turn in range(_ROUNDS):
        step = np.where(fixed, -room, 0.0)
        free = np.flatnonzero(~fixed)
        pull = slope[free] - matrix[np.ix_(free, np.flatnonzero(fixed))] @ step[fixed]
        step[free] = _solved(matrix[np.ix_(free, free)], pull)
        low = ~fixed & (step < -room)
        rises = fixed & (slope - matrix @ step > 0) if turn < _ROUNDS // 4 else np.zeros_like(fixed)
        if not low.any() and not rises.any():
            break
        fixed = (fixed | low) & ~rises
    step = np.maximum(step, -room)
    return step if slope @ step > 0 else np.maximum(_finite(slope / matrix.diagonal()), -room)


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    """Solve for a positive matrix; where rounding made it indefinite, with a larger ridge."""
    from scipy.linalg import cho_factor, cho_solve  # a tenth of a second of start-up that only choice needs

    diagonal = np.diag(np.maximum(np.abs(matrix.diagonal()), np.finfo(np.float64).tiny))
    for ridge in _RIDGES:
        try:
            factor = cho_factor(matrix + ridge * diagonal, check_finite=False)
        except np.linalg.LinAlgError:
            continue
        return _finite(cho_solve(factor, right, check_finite=False))
    return _finite(right / diagonal.diagonal())


def _finite(step: FloatArray) -> FloatArray:
    """Return a step of which no part is infinite: nothing moves where a price wants to go farthest."""
    return np.clip(np.nan_to_num(step), -_FARTHEST, _FARTHEST)
