r"""The most probable parameters, given counts and a prior: Gauss-Newton with a trust region.

.. math::

   \min_q \; F(q) = \sum_j \rho(r_j) + \Pi(q), \qquad r_j = \frac{m_j(q) - v_j}{\sigma_j}

(`corridors.models.estimation.misfit` has the loss, `corridors.models.estimation.prior` the prior). A step goes to
the minimum of a quadratic function (`corridors.models.estimation.quadratic`). Its damping :math:`\kappa` is 0 as long
as steps do what it says, and grows where they do not (Levenberg 1944, Marquardt 1963, Moré 1978): that keeps the step
near the point in the metric of the prior. A step of shares is taken in the shares, where the prior is convex, and a
share never leaves (0, 1). With the weights :math:`\omega` of the residuals the quadratic function is nowhere below the
loss, so that on a linear model every step goes down (Holland & Welsch 1977).

A loss that lets far counts go would let go of all where the search begins, since no figure is near its count there. So
the losses are wide at first, :math:`s^2 \rho(r / s)` with :math:`s` the root mean square of the residuals, and narrower
by a factor in each step until :math:`s = 1` (graduated non-convexity; Blake & Zisserman 1987).

Converged means that a whole step would lower :math:`F` by no more than the tolerance (relative to :math:`F`, where that
is above 1). That says the same whatever the units of parameters are: with :math:`10^{-8}` the estimate is within about
:math:`10^{-4}` posterior standard deviations.

==================  ==============  ======
symbol              name            shape
==================  ==============  ======
:math:`m_j`         ``figures``     (M,)
:math:`v_j`         ``target``      (M,)
:math:`\sigma_j`    ``sd``          (M,)
:math:`r_j`         ``residual``    (M,)
:math:`\omega`      ``weight``      (M,)
:math:`s`           ``spread``      ()
:math:`\kappa`      ``damping``     ()
:math:`F`           ``objective``   ()
==================  ==============  ======
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from corridors.errors import ProblemError, SolverError
from corridors.models import threads
from corridors.models.arrays import FloatArray
from corridors.models.estimation.misfit import Loss, StudentT
from corridors.models.estimation.prior import Prior
from corridors.models.estimation.quadratic import Quadratic

type Ending = Literal["converged", "iterations", "stalled"]

_FARTHEST = 4.0  # prior standard deviations that a normal coordinate moves in a step
_GAIN, _POOR, _GOOD = 1e-4, 0.25, 0.75  # of the fall that the quadratic model foretold
_CLOSER = 4.0  # from one step to the next, so much nearer is where a count is taken for a bad one
_TINY = 1e-2  # of what ends the search: steps that are foretold to lower the objective by less are not tried
_FIRST, _CHANGE = 0.1, 5.0  # the first damping, and the factor between them
_TOGETHER = 3  # steps whose fall is looked at where a search may end before it has converged


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
    began
        The objective where the search began.
    iterations, evaluations
        Steps taken, and points at which the model was asked.
    termination
        ``converged``, ``iterations`` (there were no more) or ``stalled`` (no step lowers the objective, or a few do so
        by too little: where figures are as exact as the model gives them, a small decrement says that this is the end).
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
    began: float
    iterations: int
    evaluations: int
    termination: Ending

    @property
    def scale(self) -> FloatArray:
        """What a difference from each observation counts: the root of its weight over its standard deviation, (M,)."""
        found: FloatArray = np.sqrt(self.weight) / self.sd
        return found


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
    crawl: float = 0.0,
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
    crawl
        What three steps together are to lower the objective by: less, and the search has stalled. At a kink of the
        figures, as where a resource becomes full, steps are foretold more than they bring.
    watch
        Is told of each step.

    Raises
    ------
    ProblemError
        If the arrays do not fit, or hold what is no number.
    SolverError
        If the model has no figures where the search begins, or no finite derivatives where it has figures.
    """
    begin = np.zeros(prior.size) if start is None else start
    _check(target, sd, prior, begin, tolerance, iterations)
    search = _Search(model, target, sd, prior, StudentT() if loss is None else loss)
    with threads.one_thread("scipy.linalg"):
        point = search.at(prior.centred(begin))
        if point is None:
            raise SolverError("The model has no finite figures where the estimation is to begin.")
        return search.to_the_end(point, tolerance, iterations, crawl, watch)


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
class _Search:
    """The objective of one estimation, and the steps on it."""

    model: Model
    target: FloatArray
    sd: FloatArray
    prior: Prior
    loss: Loss
    spread: float = 1.0
    evaluations: int = 0
    began: float = np.nan
    last: tuple[Modelled, FloatArray] | None = None

    def to_the_end(
        self,
        point: _Point,
        tolerance: float,
        iterations: int,
        crawl: float,
        watch: Callable[[Iteration], None] | None,
    ) -> Estimate:
        """Step from a point until a whole step is worth nothing, none lowers the objective, or there are no more."""
        self.began, passed = point.objective, list[float]()
        # far counts pull fully at first, as in a sum of squares, and are judged when the figures are near
        point = self.weighed(point, max(1.0, float(np.sqrt((point.residual**2).sum() / max(point.residual.size, 1)))))
        damping, steps = 0.0, 0
        while True:
            local = self.local(point)
            if watch is not None:
                watch(Iteration(steps, point.objective, local.decrement, damping))
            least = tolerance * max(1.0, point.objective)
            done = local.decrement <= least
            if steps >= iterations or (done and self.spread == 1):
                return self.estimate(point, steps, "converged" if done and self.spread == 1 else "iterations")
            following, damping = (None, 0.0) if done else self.step(point, local, damping, _TINY * least)
            if self.spread == 1:
                passed.append(point.objective)
                crawls = len(passed) > _TOGETHER and passed[-1 - _TOGETHER] - point.objective <= crawl
                if following is None or crawls:
                    return self.estimate(following or point, steps + (following is not None), "stalled")
            point, steps = following or point, steps + (following is not None)
            if self.spread > 1:
                point, damping = self.weighed(point, max(1.0, self.spread / _CLOSER)), 0.0

    def at(self, q: FloatArray) -> _Point | None:
        """Return a point; None where the model has no finite figures."""
        self.evaluations += 1
        modelled = self.model.at(q)
        figures = np.asarray(modelled.value, dtype=np.float64)
        if figures.shape != self.target.shape:
            raise ProblemError(f"The model gives {figures.size} figures beside {self.target.size} observations.")
        residual = (figures - self.target) / self.sd
        point = self.weighed(_Point(q, modelled, figures, residual, np.nan, self.prior.value(q)), self.spread)
        return point if np.isfinite(point.objective) else None

    def weighed(self, point: _Point, spread: float) -> _Point:
        """Return a point with its misfit by losses that are so much wider."""
        self.spread = spread
        return replace(point, misfit=spread**2 * float(self.loss.value(point.residual / spread).sum()))

    def local(self, point: _Point) -> Quadratic:
        """Return the objective near a point."""
        jacobian = self._jacobian(point)
        weight = self.loss.weight(point.residual / self.spread)
        return Quadratic(
            jacobian=jacobian,
            scaled=(np.sqrt(weight) / self.sd)[:, None] * jacobian,
            misfits=jacobian.T @ (weight * point.residual / self.sd),
            priors=self.prior.gradient(point.q),
            variance=1 / self.prior.curvature(point.q),
        )

    def _jacobian(self, point: _Point) -> FloatArray:
        """Return the derivatives at a point with totals kept, (M, Q): the model is asked for them once."""
        if self.last is None or self.last[0] is not point.modelled:
            jacobian = np.asarray(point.modelled.jacobian(), dtype=np.float64)
            expected = self.target.size, self.prior.size
            if jacobian.shape != expected:
                raise ProblemError(f"The model's Jacobian has the shape {jacobian.shape}; {expected} was expected.")
            if not np.isfinite(jacobian).all():
                raise SolverError("The model's Jacobian holds a value that is not a finite number.")
            self.last = point.modelled, self.prior.tangent(jacobian, point.q)
        return self.last[1]

    def step(self, point: _Point, local: Quadratic, damping: float, least: float) -> tuple[_Point | None, float]:
        """Return the first point at which the objective falls as foretold, as damping grows, and the next damping.

        No point is returned where a step that is foretold to lower the objective by so little does not.
        """
        while True:
            step, whole = self._bounded(local.step(damping))
            foretold = local.fall(step)
            if not foretold > least:
                return None, damping
            trial = self._tried(self._moved(point.q, step))
            gain = -np.inf if trial is None else (point.objective - trial.objective) / foretold
            if trial is not None and gain > _GAIN:
                if gain < _POOR:
                    return trial, max(_CHANGE * damping, _FIRST)
                easier = 0.0 if damping <= _FIRST else damping / _CHANGE
                return trial, easier if gain > _GOOD and whole else damping
            damping = max(_CHANGE * damping, _FIRST)

    def estimate(self, point: _Point, steps: int, ending: Ending) -> Estimate:
        """Return the estimate at a point."""
        point = self.weighed(point, 1.0)
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
            gradient_norm=local.gradient_norm,
            decrement=local.decrement,
            began=self.began,
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
