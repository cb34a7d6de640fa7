r"""The objective near a point, as a quadratic function of few observations: its minimum, however it is damped.

With the Jacobian scaled by the weights of residuals, :math:`B = \operatorname{diag}(\sqrt{\omega} / \sigma) \, \partial
m / \partial q`, and the prior's curvature :math:`C`, a step solves

.. math::

   \bigl( (1 + \kappa) C + B^\top B \bigr) p = - \nabla F, \qquad
   p = - \tfrac{1}{1 + \kappa} \Bigl( S - S B^\top \bigl( (1 + \kappa) I + B S B^\top \bigr)^{-1} B S \Bigr) \nabla F,
   \qquad S = C^{-1}

so that the system is of the size of the observations, of which there are few (Woodbury's identity).

==================  ==============  ======
symbol              name            shape
==================  ==============  ======
:math:`B`           ``scaled``      (M, Q)
:math:`S`           ``variance``    (Q,)
:math:`B S B^\top`  ``inner``       (M, M)
:math:`\nabla F`    ``gradient``    (Q,)
:math:`p`           ``step``        (Q,)
:math:`\kappa`      ``damping``     ()
==================  ==============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from corridors.models.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Quadratic:
    """What the objective is near a point.

    Attributes
    ----------
    jacobian
        Derivatives of the figures, with totals kept, (M, Q).
    scaled
        The same, each row over its standard deviation and with the root of its weight, (M, Q).
    misfits, priors
        The gradients of misfit and prior, (Q,).
    variance
        What the prior alone would say of each coordinate, (Q,).
    """

    jacobian: FloatArray
    scaled: FloatArray
    misfits: FloatArray
    priors: FloatArray
    variance: FloatArray

    @cached_property
    def gradient(self) -> FloatArray:
        """The gradient of the objective, (Q,)."""
        return self.misfits + self.priors

    @property
    def gradient_norm(self) -> float:
        """The gradient in prior standard deviations, relative to that of misfit or prior, which is larger."""
        whole = max(self._norm(self.misfits), self._norm(self.priors))
        return self._norm(self.gradient) / max(whole, np.finfo(np.float64).tiny)

    @cached_property
    def decrement(self) -> float:
        """By how much the whole step lowers the quadratic function."""
        return self.fall(self.step(0.0))

    def step(self, damping: float) -> FloatArray:
        """Return the minimum of the quadratic function with some damping, (Q,)."""
        steepest = self.variance * self.gradient
        matrix = self.inner + (1 + damping) * np.eye(self.scaled.shape[0])
        within = cho_solve(cho_factor(matrix), self.scaled @ steepest)
        return -(steepest - self.variance * (self.scaled.T @ within)) / (1 + damping)

    def fall(self, step: FloatArray) -> float:
        """Return by how much the quadratic function, not damped, falls along a step."""
        bend = self.scaled @ step
        return -float(self.gradient @ step + (bend @ bend + step @ (step / self.variance)) / 2)

    @cached_property
    def inner(self) -> FloatArray:
        """The products of the scaled rows in the prior's metric, (M, M)."""
        found: FloatArray = (self.scaled * self.variance) @ self.scaled.T
        return found

    def _norm(self, gradient: FloatArray) -> float:
        return float(np.sqrt(gradient @ (self.variance * gradient)))
