r"""A normal distribution of many coordinates that is narrower than its prior in few directions.

With the variances :math:`S` of the prior, orthonormal directions :math:`U` and a factor on the standard deviation along
each, the covariance is

.. math::

   \operatorname{Cov} = S^{1/2} \bigl( I - U \operatorname{diag}(1 - \text{shrink}^2) \, U^\top \bigr) S^{1/2}

and a draw is

.. math::

   q = \hat q + S^{1/2} \bigl( z + U \bigl( (\text{shrink} - 1) \odot U^\top z \bigr) \bigr), \qquad z \sim N(0, I)

What all coordinates of a total of shares have in common says nothing, and is taken out: the variance of the logarithm
of a share's factor is less by :math:`1 / n_t`. The distribution is normal in the shares; as a small share may be known
no better than several times itself, it is drawn log-normally, with the same mean and the same relative standard
deviation: its move :math:`\delta` becomes :math:`\delta \sqrt{\ln(1 + \sigma^2)} / \sigma - \ln(1 + \sigma^2) / 2`.

=====================  ================  ======
symbol                 name              shape
=====================  ================  ======
:math:`\hat q`         ``mean``          (Q,)
:math:`S`              ``variance``      (Q,)
:math:`U`              ``directions``    (Q, K)
:math:`\text{shrink}`  ``shrink``        (K,)
:math:`1 / n_t`        ``common``        (T,)
:math:`\sigma`         ``sd``            (Q,)
:math:`\delta`         ``moved``         (n, Q)
=====================  ================  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.estimation.prior import Prior

_CERTAIN = 1e-12  # of the variance with what is common: less than that is none


@dataclass(frozen=True, eq=False)
class LowRankNormal:
    """What is believed of Q coordinates, K directions of which are narrower than the prior has them.

    Attributes
    ----------
    prior
        What was believed before.
    mean
        The most probable point, (Q,).
    variance
        What the prior alone would say of each coordinate there, (Q,): S, in which a share still has what all of a total
        have in common.
    directions, shrink
        Orthonormal directions, (Q, K), from the narrowest on, and the factor on the standard deviation along each,
        (K,).
    """

    prior: Prior
    mean: FloatArray
    variance: FloatArray
    directions: FloatArray
    shrink: FloatArray

    @cached_property
    def sd(self) -> FloatArray:
        """Standard deviation of each coordinate, of a share that of its factor's logarithm to first order, (Q,)."""
        narrowed = self.variance * (self.directions**2 @ (1 - self.shrink**2))
        return np.sqrt(np.maximum(self.prior.variance(self.mean) - narrowed, 0.0))

    @cached_property
    def prior_sd(self) -> FloatArray:
        """The same by the prior alone, at the estimate, (Q,)."""
        return np.sqrt(self.prior.variance(self.mean))

    @cached_property
    def identified(self) -> FloatArray:
        """By how much each coordinate is narrower than before, (Q,): 1 - (sd / prior_sd)^2, 0 if it was certain."""
        open_ = self.prior_sd**2 > _CERTAIN * self.variance
        ratio = np.divide(self.sd, self.prior_sd, out=np.ones_like(self.sd), where=open_)
        return 1 - ratio**2

    def covariance(self, coordinates: IntArray) -> FloatArray:
        """Return the covariance of n coordinates, (n, n)."""
        root = np.sqrt(self.variance[coordinates])
        across = root[:, None] * self.directions[coordinates]
        group = self.prior.share_group[coordinates]
        together = (group[:, None] == group) & self.prior.is_share[coordinates]
        common = np.where(together, self.prior.of_total(self.prior.common)[coordinates], 0.0)
        found: FloatArray = np.diag(root**2) - (across * (1 - self.shrink**2)) @ across.T - common
        return found

    def correlations(self, coordinates: IntArray) -> FloatArray:
        """Return the correlations of n coordinates, (n, n); 0 with one that is certain."""
        covariance = self.covariance(coordinates)
        sd = np.sqrt(np.maximum(covariance.diagonal(), 0.0))
        scale = sd[:, None] * sd
        found = np.divide(covariance, scale, out=np.zeros_like(scale), where=scale > 0)
        found[np.diag_indices_from(found)] = 1.0
        bounded: FloatArray = np.clip(found, -1.0, 1.0)
        return bounded

    def correlation(self, first: int, second: int) -> float:
        """Return the correlation of two coordinates."""
        return float(self.correlations(np.array([first, second]))[0, 1])

    def sd_of(self, jacobian: FloatArray) -> FloatArray:
        """Return the standard deviations of n figures, (n,), to first order, by their derivatives, (n, Q)."""
        along = self.prior.tangent(jacobian, self.mean) * np.sqrt(self.variance)
        narrowed = (along @ self.directions) ** 2 @ (1 - self.shrink**2)
        return np.sqrt(np.maximum((along**2).sum(axis=1) - narrowed, 0.0))

    def covariance_of(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """Return the covariances of n figures with m others, (n, m), to first order, by derivatives (n, Q), (m, Q)."""
        one, other = (self.prior.tangent(part, self.mean) * np.sqrt(self.variance) for part in (first, second))
        narrowed = (one @ self.directions * (1 - self.shrink**2)) @ (other @ self.directions).T
        found: FloatArray = one @ other.T - narrowed
        return found

    def sample(self, rng: np.random.Generator, count: int) -> FloatArray:
        """Return draws of the coordinates, (count, Q), those of shares as logarithms of their factors."""
        return self.drawn(rng.standard_normal((count, self.prior.size)))

    def drawn(self, z: FloatArray) -> FloatArray:
        """Return the points that standard normal draws, (n, Q), stand for, (n, Q)."""
        along = (z @ self.directions) * (self.shrink - 1)
        moved = np.sqrt(self.variance) * (z + along @ self.directions.T)
        share = self.prior.is_share
        if not share.any():
            return self.mean + moved
        moved = moved - self._common(moved)
        # log-normal, with the relative standard deviation and the mean that the normal would have
        wide = self.sd**2
        spread = np.sqrt(np.divide(np.log1p(wide), wide, out=np.ones_like(wide), where=wide > 0))
        moved = np.where(share, spread * moved - np.log1p(wide) / 2, moved)
        return self.prior.centred(self.mean + moved)

    def _common(self, moved: FloatArray) -> FloatArray:
        """Return what all coordinates of a total have in common in moves, (n, Q)."""
        weight = np.where(self.prior.is_share, self.prior.shares(self.mean), 0.0)
        return self.prior.of_total(self.prior.by_total(weight * moved))
