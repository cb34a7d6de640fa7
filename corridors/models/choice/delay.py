r"""What a unit of a resource costs by waiting, as its use grows.

.. math::

   t_r(w) = h_r \bigl( (1 - e_r)\, w^{q_r} + e_r\, w \bigr), \qquad w = y_r / b_r

The small linear part keeps the conjugate of the integral smooth where nothing goes. In the problem's objective a
resource has :math:`\Phi_r(y) = b_r \int_0^{y / b_r} t_r`, and ``integral`` is that for one unit of capacity. Where use
equals capacity the price may rise above the waiting, so that no use belongs to such a price alone.

===============  =================  ==========
symbol           name               shape
===============  =================  ==========
:math:`h_r`      ``coefficient``    (R,)
:math:`q_r`      ``power``          (R,)
:math:`e_r`      ``linear_share``   (R,)
:math:`w`        ``share``          (R,)
:math:`t_r(w)`   ``waiting``        (R,)
===============  =================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray

_SAME = 2.0**-50  # relative: shares that differ by no more
_STEPS = 100  # of Newton's method for the share at a price; it takes five or so


@dataclass(frozen=True, eq=False)
class Delay:
    """What waiting costs at each of R resources.

    Attributes
    ----------
    coefficient
        Cost of waiting of one unit of the resource at full use, in the problem's unit of cost, (R,); 0 where nobody
        waits.
    power
        How steeply it grows, (R,), at least 1.
    linear_share
        The share of it that grows straight with use, (R,), above 0 and at most 1.
    """

    coefficient: FloatArray
    power: FloatArray
    linear_share: FloatArray

    @property
    def waits(self) -> BoolArray:
        """Where anybody waits at all, (R,)."""
        return self.coefficient > 0

    def marginal(self) -> Self:
        """Return what one unit more costs all that wait, itself included: the derivative of use times delay."""
        steep = (1 - self.linear_share) * (self.power + 1)
        straight = 2 * self.linear_share
        return type(self)(self.coefficient * (steep + straight), self.power, straight / (steep + straight))

    def waiting(self, share: FloatArray) -> FloatArray:
        """Return what a unit costs by waiting at shares of the capacities used, (R,), at least 0."""
        steep, straight = 1 - self.linear_share, self.linear_share
        return self.coefficient * (steep * share**self.power + straight * share)

    def slope(self, share: FloatArray) -> FloatArray:
        """Return by how much `waiting` grows with the share, (R,)."""
        steep = (1 - self.linear_share) * self.power
        return self.coefficient * (steep * share ** (self.power - 1) + self.linear_share)

    def integral(self, share: FloatArray) -> FloatArray:
        """Return the integral of `waiting` from 0 to the share, (R,)."""
        steep, straight = (1 - self.linear_share) / (self.power + 1), self.linear_share / 2
        return self.coefficient * (steep * share ** (self.power + 1) + straight * share**2)

    def share(self, price: FloatArray) -> FloatArray:
        """Return the share of the capacities at which waiting costs a price, (R,): at most 1, and 1 where none waits.

        Either part alone would reach the price later, so the smaller of the two is a start from above; `waiting` is
        convex, and so Newton's method falls to the share without passing it.
        """
        found = np.ones_like(price)
        some = np.flatnonzero(self.waits & (price < self.coefficient))
        height = np.maximum(price[some] / self.coefficient[some], 0.0)
        power, straight = self.power[some], self.linear_share[some]
        steep = 1 - straight
        with np.errstate(divide="ignore", over="ignore"):
            alone = np.where(steep > 0, (height / np.where(steep > 0, steep, 1.0)) ** (1 / power), np.inf)
        share = np.minimum(np.minimum(height / straight, alone), 1.0)
        for _ in range(_STEPS):
            below = share ** (power - 1)
            beyond = (steep * below + straight) * share - height
            lower = share - np.maximum(beyond, 0.0) / (steep * power * below + straight)
            done = (share - lower <= _SAME * share).all()
            share = lower
            if done:
                break
        found[some] = share
        return found
