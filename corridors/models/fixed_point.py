r"""Points that a map leaves where they are, by Anderson's mixing.

To find :math:`x = g(x)` one may go to :math:`g(x)` again and again; that is slow where the map pulls weakly together
and fails where it pushes apart. Anderson (1965) goes to the combination of the last values whose residuals
:math:`f_i = g(x_i) - x_i` cancel best, in the form with differences of Walker & Ni (2011):

.. math::

   x_{i+1} = g(x_i) - \Delta G_i\, \gamma, \qquad \gamma \text{ minimising } \lVert f_i - \Delta F_i\, \gamma \rVert_2

On an affine map of n dimensions it ends after n + 1 steps, like GMRES, whether the map pulls together or not.

=====================  =============  ===========
symbol                 name           shape
=====================  =============  ===========
:math:`x_i`            ``points``     (n, m + 1)
:math:`g(x_i)`         ``values``     (n, m + 1)
:math:`\Delta F_i`     ``residuals``  (n, m)
:math:`\Delta G_i`     ``steps``      (n, m)
:math:`\gamma`         ``weights``    (m,)
=====================  =============  ===========
"""

from __future__ import annotations

from collections import deque

import numpy as np

from corridors.models.arrays import FloatArray

DEPTH = 8  # steps that are remembered
_SINGULAR = 1e-10  # of the largest singular value: residuals that are nearly combinations of others say nothing new


class Mixing:
    """Remembers where a map led, and says where to try next.

    Parameters
    ----------
    low, high
        The box in which points lie, (n,) each.
    depth
        How many steps are remembered.
    """

    def __init__(self, low: FloatArray, high: FloatArray, depth: int = DEPTH) -> None:
        self._low, self._high = low, high
        self._points: deque[FloatArray] = deque(maxlen=depth + 1)
        self._values: deque[FloatArray] = deque(maxlen=depth + 1)

    def next(self, point: FloatArray, value: FloatArray) -> FloatArray:
        """Return the point to try next, (n,), in the box.

        Parameters
        ----------
        point, value
            Where one was, and where the map leads from there, (n,) each.
        """
        self._points.append(point)
        self._values.append(value)
        mixed = value
        if len(self._points) > 1:
            points, values = np.array(self._points).T, np.array(self._values).T
            residuals, steps = np.diff(values - points, axis=1), np.diff(values, axis=1)
            weights = np.linalg.lstsq(residuals, value - point, rcond=_SINGULAR)[0]
            mixed = value - steps @ weights
        inside: FloatArray = np.clip(mixed, self._low, self._high)
        return inside
