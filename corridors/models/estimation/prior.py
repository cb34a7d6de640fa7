r"""What is believed of parameters before anything is counted: normal coordinates, and shares of totals.

A coordinate of its own is normal about 0, so that a factor :math:`e^q` on a figure is log-normal. The shares of a total
:math:`t` have a coordinate a row, and are

.. math::

   s_i = \frac{s^0_i e^{q_i}}{\sum_{j \in t} s^0_j e^{q_j}}

so that they always add up to 1. They are held to the shares :math:`s^0` of before by the Kullback-Leibler divergence
(Kullback & Leibler 1951), with the strength :math:`n_t` of as many counts:

.. math::

   \Pi(q) = \frac12 \sum_i \frac{q_i^2}{\sigma_i^2} + \sum_t n_t \sum_{i \in t} s_i \ln \frac{s_i}{s^0_i}

The divergence is convex in the shares, where its curvature is :math:`n_t / s_i`; in :math:`q` that is :math:`n_t s_i`,
which is also Fisher's information of :math:`n_t` counts. A step in it is Newton's step in the shares. Adding a number
to all coordinates of a total changes nothing: they are given so that :math:`\sum_{j \in t} s^0_j e^{q_j} = 1`, and
:math:`e^{q_i}` is the factor on a share.

=====================  ===============  ======
symbol                 name             shape
=====================  ===============  ======
:math:`\sigma_i`       ``sd``           (Q,)
:math:`t(i)`           ``share_group``  (Q,)
:math:`s^0_i`          ``share0``       (Q,)
:math:`n_t`            ``strength``     (T,)
:math:`s_i`            ``shares``       (Q,)
:math:`\Pi(q)`         ``value``        ()
=====================  ===============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray

NORMAL = -1  # the total of a coordinate that is no share
_SUM = 1e-9  # shares of a total add up to 1 within it


@dataclass(frozen=True, eq=False)
class Prior:
    """What is believed of Q coordinates.

    Attributes
    ----------
    sd
        Standard deviation of each normal coordinate, (Q,), above 0; that of a share is not looked at.
    share_group
        The total of each share, numbered from 0, (Q,); -1 for a normal coordinate.
    share0
        The share of its total that each row had before, (Q,), above 0; that of a normal coordinate is not looked at.
    strength
        How many counts the shares of each total are worth, (T,), above 0.

    Raises
    ------
    ProblemError
        If the arrays do not fit, a figure is not above 0, or the shares of a total do not add up to 1.
    """

    sd: FloatArray
    share_group: IntArray
    share0: FloatArray
    strength: FloatArray

    def __post_init__(self) -> None:
        """Refuse what is no prior."""
        size, totals = self.sd.size, self.strength.size
        if any(one.shape != (size,) for one in (self.sd, self.share_group, self.share0)):
            raise ProblemError(
                f"The prior has {size} standard deviations, but {self.share_group.size} totals of shares "
                f"and {self.share0.size} shares."
            )
        if size and not (self.share_group.min() >= NORMAL and self.share_group.max() < totals):
            raise ProblemError(f"A share is of a total that does not exist: they are numbered from 0 to {totals - 1}.")
        _check_positive("standard deviation", self.sd, ~self.is_share)
        _check_positive("share", self.share0, self.is_share)
        _check_positive("strength", self.strength, np.ones(totals, dtype=bool))
        whole = self.by_total(self.share0)
        wrong = np.flatnonzero(np.abs(whole - 1) > _SUM)
        if wrong.size:
            raise ProblemError(f"The shares of total {wrong[0]} add up to {whole[wrong[0]]:.10g}; 1 was expected.")

    @classmethod
    def normal(cls, sd: FloatArray) -> Self:
        """Return a prior of normal coordinates alone, by their standard deviations, (Q,)."""
        return cls(sd, np.full(sd.size, NORMAL), np.ones(sd.size), np.empty(0))

    @property
    def size(self) -> int:
        """Q, the number of coordinates."""
        return int(self.sd.size)

    @cached_property
    def is_share(self) -> BoolArray:
        """Which coordinates are shares, (Q,)."""
        found: BoolArray = self.share_group != NORMAL
        return found

    @cached_property
    def sums(self) -> UsageArray:
        """The matrix that adds up what shares have by their totals, (T, Q)."""
        mine = np.flatnonzero(self.is_share)
        place = self.share_group[mine], mine
        return sparse.csr_array((np.ones(mine.size), place), shape=(self.strength.size, self.size))

    def by_total(self, values: FloatArray) -> FloatArray:
        """Return the sums of values of shares, (Q,) or (n, Q), by total, (T,) or (n, T)."""
        found: FloatArray = (self.sums @ values.T).T
        return found

    def of_total(self, values: FloatArray) -> FloatArray:
        """Return figures of totals, (T,) or (n, T), at each of their shares, (Q,) or (n, Q), and 0 elsewhere."""
        found: FloatArray = (self.sums.T @ values.T).T
        return found

    def centred(self, q: FloatArray) -> FloatArray:
        """Return the same points, (Q,) or (n, Q), with coordinates of shares that are logarithms of their factors."""
        if not self.strength.size:
            return q
        mine = np.flatnonzero(self.is_share)
        highest = np.full((self.strength.size, *q.shape[:-1]), -np.inf)
        np.maximum.at(highest, self.share_group[mine], q.T[mine])
        below = q - self.of_total(np.where(np.isfinite(highest), highest, 0.0).T)
        whole = self.by_total(self.share0 * np.exp(np.where(self.is_share, below, 0.0)))
        return below - self.of_total(np.log(np.where(whole > 0, whole, 1.0)))

    def shares(self, q: FloatArray) -> FloatArray:
        """Return the share of each row in its total, (Q,); 1 for a normal coordinate."""
        return np.where(self.is_share, self.share0 * np.exp(np.where(self.is_share, self.centred(q), 0.0)), 1.0)

    def value(self, q: FloatArray) -> float:
        """Return minus the logarithm of the prior's density at a point, but for a constant."""
        normal = np.where(self.is_share, 0.0, q) / np.where(self.is_share, 1.0, self.sd)
        return float(normal @ normal / 2 + self.divergence(q) @ self.strength)

    def divergence(self, q: FloatArray) -> FloatArray:
        """Return the Kullback-Leibler divergence of the shares of each total from those of before, (T,)."""
        return self.by_total(self.shares(q) * self.centred(q))

    def gradient(self, q: FloatArray) -> FloatArray:
        """Return the gradient of the value, (Q,)."""
        factor, share = self.centred(q), self.shares(q)
        apart = factor - self.of_total(self.by_total(share * factor))
        strength = self.of_total(self.strength)
        normal = q / np.where(self.is_share, 1.0, self.sd) ** 2
        return np.where(self.is_share, strength * share * apart, normal)

    def curvature(self, q: FloatArray) -> FloatArray:
        """Return the curvature of the value by each coordinate, (Q,), above 0: of shares that in the shares."""
        strength = self.of_total(self.strength)
        normal = 1 / np.where(self.is_share, 1.0, self.sd) ** 2
        return np.where(self.is_share, np.maximum(strength * self.shares(q), np.finfo(np.float64).tiny), normal)

    def variance(self, q: FloatArray) -> FloatArray:
        """Return the variance of each coordinate, (Q,), of shares that of their factor's logarithm, to first order."""
        return np.maximum(1 / self.curvature(q) - self.of_total(self.common), 0.0)

    @cached_property
    def common(self) -> FloatArray:
        """The variance that the coordinates of a total have in common in `curvature`, which says nothing, (T,)."""
        return 1 / self.strength

    def tangent(self, jacobian: FloatArray, q: FloatArray) -> FloatArray:
        """Return derivatives by coordinates, (M, Q), with the totals kept: those of shares add up to 0 in each total.

        What is given may be derivatives of figures by rows that do not keep their totals.
        """
        if not self.strength.size:
            return jacobian
        return jacobian - np.where(self.is_share, self.shares(q), 0.0) * self.of_total(self.by_total(jacobian))


def _check_positive(name: str, values: FloatArray, wanted: BoolArray) -> None:
    wrong = np.flatnonzero(wanted & ~((values > 0) & np.isfinite(values)))
    if wrong.size:
        raise ProblemError(f"The {name} {wrong[0]} of the prior is {values[wrong[0]]}; it is to be above 0.")
