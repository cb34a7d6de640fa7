r"""Costs of arcs that chance has changed, each arc alike in every problem that has it.

.. math::

   \tilde c_{ca} = c_{ca}\, e^{\sigma z_a}, \qquad z_a \sim N(0, 1)

===================  ============  ==========
symbol               name          shape
===================  ============  ==========
:math:`c_{ca}`       ``cost``      (C, A)
:math:`\sigma`       ``spread``    ()
:math:`z_a`          ``normal``    (A,)
===================  ============  ==========
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.route_set import mixed

_BITS = 2.0**-53


def drawn(cost: FloatArray, identity: IntArray, draw: int, spread: float) -> FloatArray:
    """Return costs, (C, A), that one draw has changed: each arc's by one factor for all classes.

    The factor depends on the arc's identity and the number of the draw alone (a hash in place of a generator), so that
    an arc more, or another order, changes nothing for the others.
    """
    normal = _normal(identity, draw)
    return cost * np.exp(spread * normal)


def _normal(identity: IntArray, draw: int) -> FloatArray:
    """Return a standard normal number for each identity, (A,) (Box & Muller 1958)."""
    seed = mixed(mixed(identity) + mixed(np.array([draw])))
    one, other = (((mixed(seed + np.uint64(k)) >> np.uint64(11)).astype(np.float64) + 0.5) * _BITS for k in (1, 2))
    found: FloatArray = np.sqrt(-2.0 * np.log(one)) * np.cos(2.0 * np.pi * other)
    return found
