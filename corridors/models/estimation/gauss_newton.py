r"""The most probable parameters, given counts and a prior: Gauss-Newton with a trust region.

.. math::

   \min_q \; F(q) = \sum_j \rho(r_j) + \Pi(q), \qquad r_j = \frac{m_j(q) - v_j}{\sigma_j}

(`corridors.models.estimation.misfit` has the loss, `corridors.models.estimation.prior` the prior). With the Jacobian
scaled, :math:`B = \operatorname{diag}(\sqrt{\omega} / \sigma) \, \partial m / \partial q`, and the prior's curvature
:math:`C`, a step solves

.. math::

   \bigl( (1 + \kappa) C + B^\top B \bigr) p = - \nabla F, \qquad
   p = - \tfrac{1}{1 + \kappa} \Bigl( S - S B^\top \bigl( (1 + \kappa) I + B S B^\top \bigr)^{-1} B S \Bigr) \nabla F,
   \qquad S = C^{-1}

so that the system is of the size of the observations, of which there are few (Woodbury's identity). The damping
:math:`\kappa` is 0 as long as steps do what the quadratic model says, and grows where they do not (Levenberg 1944,
Marquardt 1963, Moré 1978): it keeps the step near the point in the metric of the prior. A step of shares is taken in
the shares, where the prior is convex, and a share never leaves (0, 1). With the weights :math:`\omega` of the residuals
the quadratic model is nowhere below the loss, so that on a linear model every step goes down (Holland & Welsch 1977).

A loss that lets far counts go would let go of all where the search begins, since no figure is near its count there. So
the losses are wide at first, :math:`s^2 \rho(r / s)` with :math:`s` the root mean square of the residuals, and narrower
by a factor in each step until :math:`s = 1` (graduated non-convexity; Blake & Zisserman 1987).

Converged means that a whole step would lower :math:`F` by no more than the tolerance (relative to :math:`F`, where that
is above 1). That says the same whatever the units of parameters are: with :math:`10^{-8}` the estimate is within about
:math:`10^{-4}` posterior standard deviations.

===========================  =================  ======
symbol                       name               shape
===========================  =================  ======
:math:`m_j`                  ``figures``        (M,)
:math:`v_j`                  ``target``         (M,)
:math:`\sigma_j`             ``sd``             (M,)
:math:`r_j`                  ``residual``       (M,)
:math:`B`                    ``scaled``         (M, Q)
:math:`S`                    ``variance``       (Q,)
:math:`\nabla F`             ``gradient``       (Q,)
:math:`p`                    ``step``           (Q,)
:math:`\kappa`               ``damping``        ()
:math:`F`                    ``objective``      ()
===========================  =================  ======
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from corridors.errors import ProblemError, SolverError
from corridors.models.arrays import FloatArray
from corridors.models.estimation.misfit import Loss, StudentT
from corridors.models.estimation.prior import Prior

type Ending = Literal["converged", "iterations", "stalled"]

_FARTHEST = 4.0  # prior standard deviations that a normal coordinate moves in a step
_GAIN, _POOR, _GOOD = 1e-4, 0.25, 0.75  # of the fall that the quadratic model foretold
_CLOSER = 4.0  # from one step to the next, so much nearer is where a count is taken for a bad one
_FIRST, _LAST, _CHANGE = 0.1, 1e10, 5.0  # dampings, and the factor between them


class Modelled(Protocol):
    """The figures of a model at a point."""

    @property
    def value(self) -> FloatArray:
        """The figures beside the observations, (M,)."""
        ...

    def jacobian(self) -> FloatArray:
        """Return their derivatives by the coordinates, (M, Q)."""
        ...


class Model(Protocol):
    """What makes figures of parameters."""

    def at(self, q: FloatArray) -> Modelled:
        """Return the figures at a point, (Q,).

        A `SolverError` or `ProblemError` says that there are none; the point is then not taken.
        """
        ...


@dataclass(frozen=True, eq=False)
class Estimate:
    """The most probable parameters.

    Attributes
    ----------
    q
        The coordinates, (Q,), those of shares as logarithms of the factors on them.
    value, target, sd
        What the model says beside each observation, what was observed, and its standard deviation, (M,).
    residual, weight
        Differences in standard deviations, and how much each observation counts, between 0 and 1, (M,).
    jacobian
        Derivatives of the values by the coordinates, with totals kept, (M, Q).
    objective, misfit, prior_value
        What was minimised, and its parts.
    gradient_norm
        Of the objective, in prior standard deviations, relative to that of misfit or prior alone, which is larger.
    decrement
        By how much a whole step more would lower the objective.
    iterations, evaluations
        Steps taken, and points at which the model was asked.
    termination
        ``converged``, ``iterations`` (there were no more) or ``stalled`` (no step lowers the objective: where figures
        are as exact as the model gives them, a small decrement says that this is the end).
    """

    q: FloatArray
    value: FloatArray
    target: FloatArray
    sd: FloatArray
    residual: FloatArray
    weight: FloatArray
    jacobian: FloatArray
    objective: float
    misfit: float
    prior_value: float
    gradient_norm: float
    decrement: float
    iterations: int
    evaluations: int
    termination: Ending


@dataclass(frozen=True)
class Iteration:
    """Where the search stands: steps so far, the objective, what a whole step would lower it by, and the damping."""

    iterations: int
    objective: float
    decrement: float
    damping: float


def estimate(
    model: Model,
    target: FloatArray,
    sd: FloatArray,
    prior: Prior,
    start: FloatArray | None = None,
    *,
    loss: Loss | None = None,
    tolerance: float = 1e-8,
    iterations: int = 50,
    watch: Callable[[Iteration], None] | None = None,
) -> Estimate:
    """Return the parameters that are most probable, given observations and a prior.

    Parameters
    ----------
    model
        Makes figures of parameters. It is asked at points close by, one after the other, so that it may start from the
        last answer.
    target, sd
        The observations and their standard deviations, (M,).
    prior
        Of Q parameters.
    start
        Where to begin, (Q,); by default at the prior.
    loss
        Of standardised residuals; by default Student's t with four degrees of freedom.
    tolerance
        The decrement at which the search ends, relative to the objective or 1, which is larger.
    iterations
        Steps, at most.
    watch
        Is told of each step.

    Raises
    ------
    ProblemError
        If the arrays do not fit, or hold what is no number.
    SolverError
        If the model has no figures where the search begins.
    """
    begin = np.zeros(prior.size) if start is None else start
    _check(target, sd, prior, begin, tolerance, iterations)
    search = _Search(model, target, sd, prior, StudentT() if loss is None else loss)
    point = search.at(prior.centred(begin))
    if point is None:
        raise SolverError("The model has no finite figures where the estimation is to begin.")
    return search.to_the_end(point, tolerance, iterations, watch)


@dataclass(eq=False)
class _Point:
    """A point, what the model says there, and what that is worth."""

    q: FloatArray
    modelled: Modelled
    figures: FloatArray
    residual: FloatArray
    misfit: float
    prior_value: float

    @property
    def objective(self) -> float:
        return self.misfit + self.prior_value


@dataclass(eq=False)
class _Local:
    """The objective near a point: its gradient, and the quadratic model of it."""

    gradient: FloatArray
    norm: float
    variance: FloatArray
    scaled: FloatArray
    jacobian: FloatArray

    @cached_property
    def inner(self) -> FloatArray:
        """The Gram matrix of the scaled Jacobian in the prior's metric, (M, M)."""
        found: FloatArray = (self.scaled * self.variance) @ self.scaled.T
        return found

    def step(self, damping: float) -> FloatArray:
        """Return the minimum of the damped quadratic model, (Q,)."""
        from scipy.linalg import cho_factor, cho_solve  # a tenth of a second of start-up

        steepest = self.variance * self.gradient
        matrix = self.inner + (1 + damping) * np.eye(self.scaled.shape[0])
        within = cho_solve(cho_factor(matrix), self.scaled @ steepest)
        return -(steepest - self.variance * (self.scaled.T @ within)) / (1 + damping)

    def fall(self, step: FloatArray) -> float:
        """Return by how much the quadratic model falls along a step."""
        bend = self.scaled @ step
        return -float(self.gradient @ step + (bend @ bend + step @ (step / self.variance)) / 2)


@dataclass(eq=False)
class _Search:
    """The objective of one estimation, and the steps on it."""

    model: Model
    target: FloatArray
    sd: FloatArray
    prior: Prior
    loss: Loss
    spread: float = 1.0
    evaluations: int = 0
    last: tuple[_Point, _Local] | None = None

    def to_the_end(
        self, point: _Point, tolerance: float, iterations: int, watch: Callable[[Iteration], None] | None
    ) -> Estimate:
        """Step from a point until a whole step is worth nothing, none lowers the objective, or there are no more."""
        # far counts pull fully at first, as in a sum of squares, and are judged when the figures are near
        self.spread = max(1.0, float(np.sqrt(np.mean(point.residual**2))) if point.residual.size else 1.0)
        point = self.weighed(point)
        damping, steps = 0.0, 0
        while True:
            decrement = self.decrement(point)
            if watch is not None:
                watch(Iteration(steps, point.objective, decrement, damping))
            done = decrement <= tolerance * max(1.0, abs(point.objective))
            if steps >= iterations or (done and self.spread == 1):
                break
            following = None
            if not done:
                following, damping = self.step(point, damping)
                steps += 1
            if following is None and self.spread == 1:
                return self.estimate(point, decrement, steps - 1, "stalled")
            point = following or point
            if self.spread > 1:
                self.spread, damping = max(1.0, self.spread / _CLOSER), 0.0
                point = self.weighed(point)
        return self.estimate(point, decrement, steps, "converged" if done and self.spread == 1 else "iterations")

    def at(self, q: FloatArray) -> _Point | None:
        """Return a point; None where the model has no finite figures."""
        self.evaluations += 1
        modelled = self.model.at(q)
        figures = np.asarray(modelled.value, dtype=np.float64)
        if figures.shape != self.target.shape:
            raise ProblemError(f"The model gives {figures.size} figures beside {self.target.size} observations.")
        residual = (figures - self.target) / self.sd
        point = self.weighed(_Point(q, modelled, figures, residual, np.nan, self.prior.value(q)))
        return point if np.isfinite(point.objective) else None

    def weighed(self, point: _Point) -> _Point:
        """Return a point with its misfit."""
        misfit = self.spread**2 * self.loss.value(point.residual / self.spread).sum()
        return replace(point, misfit=float(misfit))

    def local(self, point: _Point) -> _Local:
        """Return the objective near a point."""
        if self.last is not None and self.last[0] is point:
            return self.last[1]
        jacobian = np.asarray(point.modelled.jacobian(), dtype=np.float64)
        if jacobian.shape != (self.target.size, self.prior.size):
            raise ProblemError(
                f"The model's Jacobian has the shape {jacobian.shape}; "
                f"{(self.target.size, self.prior.size)} was expected."
            )
        jacobian = self.prior.tangent(jacobian, point.q)
        relative = point.residual / self.spread
        weight = self.loss.weight(relative)
        misfits = jacobian.T @ (weight * point.residual / self.sd)
        priors = self.prior.gradient(point.q)
        variance = 1 / self.prior.curvature(point.q)
        parts = max(_norm(misfits, variance), _norm(priors, variance), np.finfo(np.float64).tiny)
        gradient = misfits + priors
        scaled = (np.sqrt(weight) / self.sd)[:, None] * jacobian
        found = _Local(gradient, _norm(gradient, variance) / parts, variance, scaled, jacobian)
        self.last = point, found
        return found

    def decrement(self, point: _Point) -> float:
        """Return by how much the quadratic model falls in a whole step."""
        local = self.local(point)
        return local.fall(local.step(0.0))

    def step(self, point: _Point, damping: float) -> tuple[_Point | None, float]:
        """Return the first point at which the objective falls as foretold, as damping grows, and the next damping."""
        local = self.local(point)
        while damping <= _LAST:
            step, whole = self._bounded(local.step(damping))
            trial = self._tried(self._moved(point.q, step))
            gain = -np.inf if trial is None else (point.objective - trial.objective) / local.fall(step)
            if trial is not None and gain > _GAIN:
                if gain < _POOR:
                    return trial, max(_CHANGE * damping, _FIRST)
                easier = 0.0 if damping <= _FIRST else damping / _CHANGE
                return trial, easier if gain > _GOOD and whole else damping
            damping = max(_CHANGE * damping, _FIRST)
        return None, damping

    def estimate(self, point: _Point, decrement: float, steps: int, ending: Ending) -> Estimate:
        """Return the estimate at a point."""
        local = self.local(point)
        return Estimate(
            q=point.q,
            value=point.figures,
            target=self.target,
            sd=self.sd,
            residual=point.residual,
            weight=self.loss.weight(point.residual),
            jacobian=local.jacobian,
            objective=point.objective,
            misfit=point.misfit,
            prior_value=point.prior_value,
            gradient_norm=local.norm,
            decrement=decrement,
            iterations=steps,
            evaluations=self.evaluations,
            termination=ending,
        )

    def _tried(self, q: FloatArray) -> _Point | None:
        try:
            return self.at(q)
        except (SolverError, ProblemError):
            return None

    def _bounded(self, step: FloatArray) -> tuple[FloatArray, bool]:
        """Return a step that takes no normal coordinate too far, and whether it is the whole one."""
        far = np.abs(step[~self.prior.is_share]) / self.prior.sd[~self.prior.is_share]
        part = min(1.0, _FARTHEST / max(far.max(initial=0.0), np.finfo(np.float64).tiny))
        return part * step, part == 1.0

    def _moved(self, q: FloatArray, step: FloatArray) -> FloatArray:
        """Return where a step leads, (Q,): shares that grow much grow by it, not by its exponential."""
        far = np.where(self.prior.is_share & (step > 1), 1 + np.log(np.maximum(step, 1.0)), step)
        return self.prior.centred(q + far)


def _norm(gradient: FloatArray, variance: FloatArray) -> float:
    return float(np.sqrt(gradient @ (variance * gradient)))


def _check(
    target: FloatArray, sd: FloatArray, prior: Prior, start: FloatArray, tolerance: float, iterations: int
) -> None:
    """Raise a `ProblemError` if what is given makes no estimation."""
    if target.ndim != 1 or sd.shape != target.shape:
        raise ProblemError(f"There are {target.size} observations, but {sd.size} standard deviations of them.")
    if start.shape != (prior.size,):
        raise ProblemError(f"The start has {start.size} coordinates, the prior {prior.size}.")
    if not (np.isfinite(target).all() and np.isfinite(start).all()):
        raise ProblemError("An observation, or a coordinate of the start, is not a finite number.")
    wrong = np.flatnonzero(~((sd > 0) & np.isfinite(sd)))
    if wrong.size:
        raise ProblemError(f"The standard deviation of observation {wrong[0]} is {sd[wrong[0]]}; it is to be above 0.")
    if not tolerance > 0 or iterations < 0:
        raise ProblemError(
            f"A tolerance above 0 and 0 steps or more are needed; {tolerance} and {iterations} were given."
        )
