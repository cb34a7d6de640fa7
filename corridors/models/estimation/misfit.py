r"""How far figures may be from counts: losses of residuals that one bad count does not rule.

With :math:`r = (m - v) / \sigma`,

.. math::

   \begin{aligned}
   \text{Student's } t: \quad & \rho(r) = \frac{\nu + 1}{2} \ln \Bigl( 1 + \frac{r^2}{\nu + 1} \Bigr), \qquad
     \omega(r) = \frac{\rho'(r)}{r} = \frac{\nu + 1}{\nu + 1 + r^2} \\
   \text{Huber}: \quad & \rho(r) = \tfrac12 r^2 \text{ up to } |r| = k, \quad k |r| - \tfrac12 k^2 \text{ beyond}
   \end{aligned}

Student's :math:`t` with four degrees of freedom is the usual choice for counts of mixed quality (Lange, Little & Taylor
1989); here it is scaled so that near 0 it is the normal loss of that standard deviation. Its influence falls again
beyond :math:`\sqrt{\nu + 1}` standard deviations, Huber's (1964) stays; with weights :math:`\omega` either is a sum of
squares, reweighted in each step.

==================  ===============  ======
symbol              name             shape
==================  ===============  ======
:math:`r`           ``residual``     (M,)
:math:`\rho(r)`     ``value``        (M,)
:math:`\omega(r)`   ``weight``       (M,)
:math:`\nu`         ``freedom``      ()
:math:`k`           ``limit``        ()
==================  ===============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from corridors.errors import ProblemError
from corridors.models.arrays import FloatArray


class Loss(Protocol):
    """What standardised residuals, (M,), cost, each by itself."""

    def value(self, residual: FloatArray) -> FloatArray:
        """Return the loss of each, (M,), at least 0, and 0 at 0."""
        ...

    def weight(self, residual: FloatArray) -> FloatArray:
        """Return the slope over the residual, (M,), between 0 and 1, and 1 at 0."""
        ...


@dataclass(frozen=True)
class StudentT:
    """The loss of Student's t, with some degrees of freedom above 0."""

    freedom: float = 4.0

    def __post_init__(self) -> None:
        """Refuse what is no number of degrees of freedom."""
        _check_positive("number of degrees of freedom", self.freedom)

    def value(self, residual: FloatArray) -> FloatArray:
        """Return the loss of each residual, (M,)."""
        found: FloatArray = (self.freedom + 1) / 2 * np.log1p(residual**2 / (self.freedom + 1))
        return found

    def weight(self, residual: FloatArray) -> FloatArray:
        """Return the slope over the residual, (M,)."""
        found: FloatArray = (self.freedom + 1) / (self.freedom + 1 + residual**2)
        return found


@dataclass(frozen=True)
class Huber:
    """Huber's loss, straight beyond a limit in standard deviations; ``inf`` makes it the normal one."""

    limit: float = 1.345

    def __post_init__(self) -> None:
        """Refuse what is no limit."""
        _check_positive("limit", self.limit)

    def value(self, residual: FloatArray) -> FloatArray:
        """Return the loss of each residual, (M,)."""
        near = np.minimum(np.abs(residual), self.limit)
        return near * (np.abs(residual) - near / 2)

    def weight(self, residual: FloatArray) -> FloatArray:
        """Return the slope over the residual, (M,)."""
        size = np.abs(residual)
        return np.divide(self.limit, size, out=np.ones_like(size), where=size > self.limit)


def _check_positive(name: str, value: float) -> None:
    if not value > 0:
        raise ProblemError(f"The {name} of a loss is {value}; it is to be above 0.")
