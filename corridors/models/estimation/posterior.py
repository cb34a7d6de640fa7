r"""How sure an estimate is, and on which observations it rests (Laplace's method).

With the prior's curvature :math:`1 / S` at the estimate and the scaled Jacobian :math:`B`
(`corridors.models.estimation.quadratic`),

.. math::

   B S^{1/2} = V \operatorname{diag}(\varsigma) \, U^\top, \qquad
   \operatorname{Cov} = (S^{-1} + B^\top B)^{-1}
   = S^{1/2} \Bigl( I - U \operatorname{diag} \frac{\varsigma^2}{1 + \varsigma^2} \, U^\top \Bigr) S^{1/2}

so that only as many directions :math:`U` are narrower than before as there are observations, each by the factor
:math:`(1 + \varsigma^2)^{-1/2}` in its standard deviation; all else is as the prior has it
(`corridors.models.estimation.low_rank`).

The leverage :math:`h_j` is how much of a change of observation :math:`j` the model's figure follows. Were it left out,
the figure beside it would be off by :math:`r_j / (1 - h_j)` standard deviations instead of :math:`r_j`, and those of a
group of observations by :math:`(I - H_{gg})^{-1} r_g` (exact for a linear model; Cook & Weisberg 1982).

=====================  ================  ======
symbol                 name              shape
=====================  ================  ======
:math:`S`              ``variance``      (Q,)
:math:`B`              ``scaled``        (M, Q)
:math:`U`              ``directions``    (Q, K)
:math:`\varsigma`      ``singular``      (K,)
:math:`V`              ``loadings``      (M, K)
:math:`r_j`            ``residual``      (M,)
:math:`h_j`            ``leverage``      (M,)
:math:`H`              ``hat``           (M, M)
=====================  ================  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from corridors.models import threads
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.estimation.gauss_newton import Estimate
from corridors.models.estimation.low_rank import LowRankNormal
from corridors.models.estimation.prior import Prior

_NOTHING = 1e-6  # a singular value: such a direction is as wide as before to 12 digits


@dataclass(frozen=True, eq=False)
class Posterior(LowRankNormal):
    """What is believed of Q coordinates after M observations; the mean is the estimate.

    Attributes
    ----------
    estimate
        What is most probable now, and from what.
    loadings
        How the directions show in the scaled observations, orthonormal, (M, K).
    """

    estimate: Estimate
    loadings: FloatArray

    @classmethod
    def of(cls, estimate: Estimate, prior: Prior) -> Posterior:
        """Return the posterior about an estimate."""
        variance = 1 / prior.curvature(estimate.q)
        scaled = estimate.scale[:, None] * estimate.jacobian
        with threads.one_thread("scipy.linalg"):
            loadings, singular, across = np.linalg.svd(scaled * np.sqrt(variance), full_matrices=False)
        kept = singular > _NOTHING
        return cls(
            prior=prior,
            mean=estimate.q,
            variance=variance,
            directions=across[kept].T,
            shrink=1 / np.sqrt(1 + singular[kept] ** 2),
            estimate=estimate,
            loadings=loadings[:, kept],
        )

    @cached_property
    def hat(self) -> FloatArray:
        """By how much each scaled figure follows each scaled observation, (M, M)."""
        found: FloatArray = (self.loadings * (1 - self.shrink**2)) @ self.loadings.T
        return found

    @property
    def leverage(self) -> FloatArray:
        """How much of a change of each observation the model follows, (M,), between 0 and 1."""
        return self.hat.diagonal()

    @cached_property
    def without(self) -> FloatArray:
        """The figures that the model would give beside each observation, were it left out, (M,), to first order."""
        residual = self.estimate.residual / (1 - self.leverage)
        return self.estimate.target + self.estimate.sd * residual

    def without_group(self, observations: IntArray) -> FloatArray:
        """Return the figures that the model would give beside n observations, were all left out, (n,), to first order.

        The others keep their weights.
        """
        weight = np.sqrt(self.estimate.weight[observations])
        kept = np.eye(observations.size) - self.hat[np.ix_(observations, observations)]
        residual = np.linalg.solve(kept, weight * self.estimate.residual[observations]) / weight
        return self.estimate.target[observations] + self.estimate.sd[observations] * residual
