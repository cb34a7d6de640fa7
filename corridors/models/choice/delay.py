r"""What a unit of a resource costs by waiting, as its use grows.

.. math::

   t_r(w) = h_r \bigl( (1 - e_r)\, w^{q_r} + e_r\, w \bigr), \qquad w = y_r / b_r

The small linear part keeps the conjugate of the integral smooth where nothing goes. What all that use a resource wait is
worth :math:`\Phi_r(y) = b_r \int_0^{y / b_r} t_r` in the problem's objective, and ``integral`` is that for one unit of
capacity. Where use equals capacity the price may rise above the waiting, so that no use belongs to such a price alone.

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
        height = np.divide(price, self.coefficient, out=np.ones_like(price), where=self.waits)
        height = np.clip(height, 0.0, 1.0)
        steep, straight, power = 1 - self.linear_share, self.linear_share, self.power
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            alone = np.where(steep > 0, (height / steep) ** (1 / power), np.inf)
        found = np.minimum(np.minimum(height / straight, alone), 1.0)
        for _ in range(_STEPS):
            before = found
            beyond = steep * found**power + straight * found - height
            found = np.maximum(found - beyond / (steep * power * found ** (power - 1) + straight), 0.0)
            if (np.abs(before - found) <= 1e-16 * before).all():
                break
        return np.where(height >= 1, 1.0, np.minimum(found, 1.0))
