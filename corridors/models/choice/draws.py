r"""Costs of arcs that chance has changed, each arc alike in every problem that has it.

.. math::

   \tilde c_{ca} = c_{ca}\, e^{\sigma z_a + \sigma' z'_{m(a)}}, \qquad z_a, z'_m \sim N(0, 1)

with the arc's own chance and one that all arcs of its mode :math:`m(a)` share.

===========================  ============  ==========
symbol                       name          shape
===========================  ============  ==========
:math:`c_{ca}`               ``cost``      (C, A)
:math:`\sigma, \sigma'`      ``spread``    (2,)
:math:`z_a`                  ``_normal``   (A,)
===========================  ============  ==========
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.route_set import NO_MARK, Marks, mixed

_BITS = 2.0**-53


def drawn(cost: FloatArray, marks: Marks, draw: int, spread: tuple[float, float]) -> FloatArray:
    """Return costs, (C, A), that one draw has changed: each arc's by one factor for all classes.

    The factor depends on what the arc is and on the number of the draw alone (a hash in place of a generator), so that
    an arc more, or another order, changes nothing for the others. `spread` is the standard deviation of its logarithm:
    by the arc, and by its first mark.
    """
    logarithm = spread[0] * _normal(marks.identity, 2 * draw)
    for mode in marks.rows[:1]:
        logarithm += np.where(mode == NO_MARK, 0.0, spread[1] * _normal(mode, 2 * draw + 1))
    return cost * np.exp(logarithm)


def _normal(identity: IntArray, draw: int) -> FloatArray:
    """Return a standard normal number for each identity, (A,) (Box & Muller 1958)."""
    seed = mixed(mixed(identity) + mixed(np.array([draw])))
    one, other = (((mixed(seed + np.uint64(k)) >> np.uint64(11)).astype(np.float64) + 0.5) * _BITS for k in (1, 2))
    found: FloatArray = np.sqrt(-2.0 * np.log(one)) * np.cos(2.0 * np.pi * other)
    return found
