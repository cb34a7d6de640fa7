r"""The interior point method for the problem over some subnetworks: Mehrotra's (1992), with convex costs.

With shares :math:`z` of segments, potentials :math:`\pi` of junctions, slacks :math:`s` and prices :math:`\mu` of
resources, and reduced costs :math:`y`, a solution is where

.. math::

   C + W \ln(1 + z) - B^\top \pi + E^\top \mu = y, \quad B z = e, \quad E z + s = b, \quad
   z_i y_i = s_r \mu_r = 0, \quad z, y, s, \mu \ge 0

and the method follows the points where the products are all :math:`\sigma > 0`, for smaller and smaller ones. A
Newton step eliminates, by demands, shares and potentials, and leaves one system in the prices.

=========================================  ================  ======
symbol                                     name              shape
=========================================  ================  ======
:math:`C`                                  ``cost``          (S,)
:math:`W`                                  ``weight``        (S,)
:math:`E`                                  ``use``           (S, M)
:math:`b`                                  ``capacity``      (M,)
:math:`e`                                  ``enters``        (J,)
:math:`z`                                  ``share``         (S,)
:math:`y`                                  ``reduced``       (S,)
:math:`s`                                  ``slack``         (M,)
:math:`\mu`                                ``price``         (M,)
:math:`\pi`                                ``potential``     (J,)
:math:`\Theta = (W / (1 + z) + y / z)^-1`  ``theta``         (S,)
:math:`B v`                                ``leaving``       (J,)
:math:`B^\top \pi`                         ``along``         (S,)
=========================================  ================  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from scipy import sparse
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.choice.perturbed.segments import Blocks, Chains, Uses

_REGULAR = 1e-14  # of curvature: what keeps segments that cost nothing from being a matrix of infinities
_BACK, _AT_MOST = 0.9, 1 - 1e-8  # of the way to the boundary, that a step goes at least and at most
_CENTRE = 0.3  # of the mean product: what a careful step aims at
_STUCK = 1e-8  # a step of so little of its length goes nowhere
_STABLE = 1e-13  # of the diagonal of the prices' system: where rounding makes it indefinite


@dataclass(frozen=True, eq=False)
class Restricted:
    """The problem over S segments with M resources and J junctions, the destinations left out.

    Attributes
    ----------
    chains
        The segments.
    cost, weight
        Of a demand's whole amount on each, and of its perturbation, (S,).
    use, use_by_row
        What a demand's whole amount takes of resources on each, (S, M), and the same by resources.
    uses
        The same for compiled loops.
    capacity
        Of resources, (M,).
    tail, head
        The junctions of segments, counted over all demands, J for any destination, (S,).
    enters
        What enters at each junction, (J,): 1 at the origins.
    """

    chains: Chains
    cost: FloatArray
    weight: FloatArray
    use: UsageArray
    use_by_row: UsageArray
    uses: Uses
    capacity: FloatArray
    tail: IntArray
    head: IntArray
    enters: FloatArray

    @classmethod
    def of(cls, chains: Chains, cost: FloatArray, weight: FloatArray, use: UsageArray, capacity: FloatArray) -> Self:
        """Pose the problem, with numbers for its junctions and for the resources of each demand."""
        demands, resources, junctions = chains.first.size - 1, use.shape[1], int(chains.first_junction[-1])
        trip = np.repeat(np.arange(demands), np.diff(chains.first))
        base = chains.first_junction[trip]
        enters = np.zeros(junctions)
        enters[chains.first_junction[:-1]] = 1
        of_entry, resource = np.repeat(trip, np.diff(use.indptr)), use.indices.astype(np.int64)
        pair, where = np.unique(of_entry * resources + resource, return_inverse=True)
        first = np.searchsorted(pair, np.arange(demands + 1) * resources)
        return cls(
            chains=chains,
            cost=cost,
            weight=weight,
            use=use,
            use_by_row=sparse.csr_array(use.T),
            uses=Uses(
                start=use.indptr.astype(np.int64),
                resource=resource,
                value=use.data,
                local=where - first[of_entry],
                first=first,
                of_demand=pair % max(resources, 1),
            ),
            capacity=capacity,
            tail=np.where(chains.tail >= 0, base + chains.tail, junctions),
            head=np.where(chains.head >= 0, base + chains.head, junctions),
            enters=enters,
        )

    def leaving(self, value: FloatArray) -> FloatArray:
        """Return what leaves each junction, less what comes, of values of segments."""
        size = self.enters.size
        net: FloatArray = np.bincount(self.tail, value, size + 1) - np.bincount(self.head, value, size + 1)
        return net[:size]

    def along(self, potential: FloatArray) -> FloatArray:
        """Return by how much a potential falls along each segment."""
        full = np.append(potential, 0.0)
        fall: FloatArray = full[self.tail] - full[self.head]
        return fall

    def objective(self, share: FloatArray) -> float:
        """Return what shares cost, their perturbation with it."""
        return float(self.cost @ share + self.weight @ ((1 + share) * np.log1p(share) - share))

    def curved(self, share: FloatArray) -> float:
        """Return what shares cost less what they pay at the margin, prices left out: at most 0."""
        return float(self.weight @ (np.log1p(share) - share))


class Point(NamedTuple):
    """Where the method is: all above 0 but the potentials."""

    share: FloatArray
    reduced: FloatArray
    slack: FloatArray
    price: FloatArray
    potential: FloatArray

    def moved(self, step: Point, length: float) -> Point:
        """Return the point some way along a step."""
        return Point(*(a + length * b for a, b in zip(self, step, strict=True)))

    def room(self, step: Point, most: float) -> float:
        """Return how far a step goes before anything is 0, at most so far."""
        for here, change in zip(self[:4], step[:4], strict=True):
            down = change < 0
            most = min(most, float((here[down] / -change[down]).min(initial=most)))
        return most

    @property
    def is_finite(self) -> bool:
        """Whether all of it are numbers."""
        return all(bool(np.isfinite(part).all()) for part in self)

    @property
    def products(self) -> float:
        """The sum of shares by reduced costs and slacks by prices."""
        return float(self.share @ self.reduced + self.slack @ self.price)

    @property
    def mean(self) -> float:
        """The mean of these products."""
        return self.products / max(1, self.share.size + self.slack.size)


class Residuals(NamedTuple):
    """What is missing: of reduced costs, (S,), of balances, (J,), and of rooms of resources, (M,)."""

    dual: FloatArray
    balance: FloatArray
    room: FloatArray


def residuals(problem: Restricted, at: Point) -> Residuals:
    """Return the residuals of the equations."""
    marginal = problem.cost + problem.weight * np.log1p(at.share) + problem.use @ at.price
    return Residuals(
        dual=marginal - problem.along(at.potential) - at.reduced,
        balance=problem.enters - problem.leaving(at.share),
        room=problem.capacity - problem.use_by_row @ at.share - at.slack,
    )


def missed(problem: Restricted, at: Point) -> float:
    """Return what the residuals are worth."""
    missing = residuals(problem, at)
    balance = np.abs(missing.balance) @ np.abs(at.potential)
    return float(np.abs(missing.dual) @ at.share + balance + np.abs(missing.room) @ at.price)


def advance(problem: Restricted, at: Point, *, careful: bool = False) -> Point | None:
    """Take one step, predicted and corrected (Mehrotra 1992); return None where rounding lets none be found.

    A careful step goes towards the centre, and only so far that it leads nearer: corrections can go round in a circle.
    """
    try:
        system = _System(problem, at)
    except LinAlgError:
        return None
    mean, nothing = at.mean, (np.zeros_like(at.share), np.zeros_like(at.slack))
    if careful:
        return _nearer(problem, at, system.step(nothing[0] + _CENTRE * mean, nothing[1] + _CENTRE * mean))
    predicted = system.step(*nothing)
    length = at.room(predicted, 1.0)
    centre = mean * (max(at.moved(predicted, length).mean, 0.0) / mean) ** 3
    step = system.step(centre - predicted.share * predicted.reduced, centre - predicted.slack * predicted.price)
    length = min(1.0, min(max(_BACK, 1 - mean), _AT_MOST) * at.room(step, 2.0))
    return at.moved(step, length) if length > _STUCK and step.is_finite else None


def _nearer(problem: Restricted, at: Point, step: Point) -> Point | None:
    """Return the point as far along a step as it leads nearer, by halves; None if it never does."""
    length, far = min(1.0, _BACK * at.room(step, 2.0)), at.products + missed(problem, at)
    while length > _STUCK and step.is_finite:
        moved = at.moved(step, length)
        if moved.products + missed(problem, moved) < far:
            return moved
        length *= 0.5
    return None


class _System:
    """Newton's equations at a point, factored."""

    def __init__(self, problem: Restricted, at: Point) -> None:
        from corridors.models.choice.perturbed import normal  # loads numba, most of a second

        self._problem, self._at, self._missing = problem, at, residuals(problem, at)
        self._theta = 1 / (problem.weight / (1 + at.share) + at.reduced / at.share + _REGULAR)
        self._solve = normal.solve
        chains, size = problem.chains, at.slack.size
        schur = np.zeros((size, size))
        self._blocks: Blocks = normal.factor(
            chains.first, chains.first_junction, chains.tail, chains.head, self._theta, problem.uses, schur
        )
        diagonal = np.arange(size)
        schur[diagonal, diagonal] += at.slack / at.price
        schur[diagonal, diagonal] *= 1 + _STABLE
        self._factor = cho_factor(schur, lower=True, check_finite=False) if size else None

    def step(self, products: FloatArray, rents: FloatArray) -> Point:
        """Return the step to where shares by reduced costs, (S,), and slacks by prices, (M,), have some values."""
        problem, at, theta, missing = self._problem, self._at, self._theta, self._missing
        reduced = missing.dual + at.reduced - products / at.share
        potential = self._solved(missing.balance + problem.leaving(theta * reduced))
        price, charge = np.zeros(at.price.size), np.zeros(at.share.size)
        if self._factor is not None:
            lacking = missing.room + at.slack - rents / at.price + problem.use_by_row @ (theta * reduced)
            wanted = problem.use_by_row @ (theta * problem.along(potential)) - lacking
            price[:] = cho_solve(self._factor, wanted, check_finite=False)
            charge[:] = problem.use @ price
            potential = potential + self._solved(problem.leaving(theta * charge))
        share = theta * (problem.along(potential) - charge - reduced)
        return Point(
            share=share,
            reduced=products / at.share - at.reduced * (1 + share / at.share),
            slack=rents / at.price - at.slack * (1 + price / at.price),
            price=price,
            potential=potential,
        )

    def _solved(self, value: FloatArray) -> FloatArray:
        solved: FloatArray = self._solve(self._problem.chains.first_junction, self._blocks, value)
        return solved
