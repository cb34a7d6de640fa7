r"""What a unit of a resource costs by waiting, as its use grows.

.. math::

   t_r(w) = h_r \bigl( (1 - e_r)\, w^{q_r} + e_r\, w \bigr), \qquad w = y_r / b_r

The small linear part keeps the conjugate of the integral smooth where nothing goes.

===============  =================  ==========
symbol           name               shape
===============  =================  ==========
:math:`h_r`      ``coefficient``    (R,)
:math:`q_r`      ``power``          (R,)
:math:`e_r`      ``linear_share``   (R,)
===============  =================  ==========
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from corridors.models.arrays import FloatArray


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

    def marginal(self) -> Self:
        """Return what one unit more costs all that wait, itself included: the derivative of use times delay."""
        steep = (1 - self.linear_share) * (self.power + 1)
        straight = 2 * self.linear_share
        return type(self)(self.coefficient * (steep + straight), self.power, straight / (steep + straight))
