"""Estimate in rounds: routes listed at the current estimate, Gauss-Newton over them, until neither changes.

1. The data package at the estimate is posed, its routes are listed and closed as for any plan with choice, and those of
   the rounds before stand beside them.
2. Gauss-Newton goes to the most probable parameters over them, from the estimate and the prices before.
3. If that gains next to nothing, the estimate stands. Else its routes are listed, and again.

Which routes are listed follows costs by steps, as a route is listed or not, so the objective has small steps, too. What
is meant is the objective at a point over the point's own routes: where rounds do not come to stand, the best point of
them all is taken, and the result says so.

The end is a proof: the data package with the estimates in it is planned as any other, certified, and its figures beside
the counts are to be those that the estimate has.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corridors import network
from corridors.errors import DataError, SolverError
from corridors.estimation import observing
from corridors.estimation.model import Common, Model
from corridors.estimation.parameters import parameters
from corridors.estimation.result import NEAR_SDS, EstimationOptions, EstimationResult
from corridors.models.estimation import gauss_newton
from corridors.models.estimation.posterior import Posterior
from corridors.network.revaluation import revalued
from corridors.planning import choosing
from corridors.planning.counts import operator
from corridors.planning.freight import pose
from corridors.planning.optimum import optimum
from corridors.planning.settings import LOGIT
from corridors.planning.shippers import shippers
from corridors.text.choices import ASSIGNMENTS, TYPICAL

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from corridors.estimation.model import Figures
    from corridors.estimation.parameters import Parameters
    from corridors.models.arrays import FloatArray
    from corridors.models.choice.problem import ChoiceSolution
    from corridors.models.estimation.gauss_newton import Estimate
    from corridors.models.paths import PathSet
    from corridors.models.problem import FlowSolution
    from corridors.network.network import Network
    from corridors.planning.choosing import Settled
    from corridors.planning.chosen import Chosen
    from corridors.planning.settings import PlanSettings
    from corridors.planning.shippers import Shippers
    from corridors.tables.dataset import Dataset

SAME = 1e-4  # relative, or of a standard deviation: so near the proved plan's figures are to be
_STEPS = 15  # of Gauss-Newton in a round: what more would bring, they bring over the next round's routes
STANDS = 0.05  # of the objective: what is nearer to the best is within a third of a posterior standard deviation


@dataclass(frozen=True)
class Round:
    """How far an estimation is.

    Attributes
    ----------
    listed, steps
        How often routes were listed, and Gauss-Newton's steps so far.
    objective
        What is minimised, as it is.
    within
        Share of the counts that the model meets within `NEAR_SDS` standard deviations.
    to_gain
        By how much a step more over these routes would lower the objective.
    """

    listed: int
    steps: int
    objective: float
    within: float
    to_gain: float


@dataclass(frozen=True, eq=False)
class Written:
    """The data package with the estimates in it, and what it says.

    Attributes
    ----------
    dataset, chosen
        The tables and their proved plan.
    figures
        Beside every observation of the year, over the routes that the plan's shippers choose among.
    estimate
        The same point as the end of an estimation: its residuals, derivatives and what a step more would gain.
    """

    dataset: Dataset
    chosen: Chosen
    figures: Figures
    estimate: Estimate


@dataclass(eq=False)
class Rounds:
    """An estimation under way.

    Attributes
    ----------
    net
        The network at q = 0, revalued for other points.
    common
        What all rounds share.
    settings, options
        With what it is made.
    tell
        Is told each round.
    known
        The routes of the rounds before: a way that was worth listing anywhere is never again out of sight, or its costs
        could fall to where it takes freight without any count being missed by it.
    model
        The model over the routes that were listed last.
    """

    net: Network
    common: Common
    settings: PlanSettings
    options: EstimationOptions
    tell: Callable[[Round], None]
    rounds: int = 0
    steps: int = 0
    stands: bool = False
    linear: FlowSolution | None = None
    before: FloatArray | None = None
    known: PathSet | None = None
    model: Model | None = None

    @property
    def observed(self) -> tuple[FloatArray, FloatArray]:
        """The counts and their standard deviations, (M,)."""
        mine = self.common.observations.iloc[self.common.used]
        target, sd = (mine[name].to_numpy(dtype=np.float64) for name in ("value", "weight_sd"))
        return target, sd

    def to_the_end(self, q: FloatArray) -> FloatArray:
        """Go from a point until routes and estimate stand, or there are no more rounds; return the best point."""
        best, least = q, np.inf
        model = self.listed(q, None)
        self.before = model.at(np.zeros_like(q)).all_values
        while True:
            here = self.optimised(model, q, 0)
            self._say(here)
            gained, found = least - here.objective, None
            if gained > 0:
                best, least = q, here.objective
            if self.rounds < self.options.rounds:
                found = self.optimised(model, q, _STEPS)
                self.steps += found.iterations
                self.stands = here.objective - found.objective <= STANDS
            if found is None or self.stands:
                return best
            self.rounds += 1
            q = found.q
            model = self.listed(q, model.last)

    def optimised(self, model: Model, q: FloatArray, steps: int) -> Estimate:
        """Return the most probable parameters over the routes of a model, from a point, in so many steps at most."""
        target, sd = self.observed
        tolerance, prior = self.options.tolerance, self.common.parameters.prior
        return gauss_newton.estimate(model, target, sd, prior, q, tolerance=tolerance, iterations=steps)

    def _say(self, found: Estimate) -> None:
        within = float(np.mean(np.abs(found.residual) <= NEAR_SDS))
        self.tell(Round(self.rounds + 1, self.steps, found.objective, within, found.decrement))

    def listed(self, q: FloatArray, last: ChoiceSolution | None) -> Model:
        """Return the model over the routes of the data package at a point, from the answers before."""
        net = revalued(self.net, self.common.parameters.at(q))
        who = shippers(pose(net), self.settings)
        self.linear = optimum(who.freight.problem, self.linear)
        settled, model = self._settled(who, self.linear, last, self.known)
        self.known, self.model = settled.listed.routes, model
        return model

    def written(self, q: FloatArray) -> Written:
        """Return the data package at a point with its plan, made and proved as any other.

        Raises
        ------
        SolverError, CertificateError
            If it is not proved, or its figures are not those of the model.
        """
        dataset = self.common.parameters.at(q)
        who = shippers(pose(network.build(dataset, self.net.year, self.net.running)), self.settings)
        linear = optimum(who.freight.problem)
        settled, model = self._settled(who, linear, None, None)
        chosen = replace(choosing.written(who, settled), linear=linear)
        found = self.optimised(model, q, 0)
        figures = model.at(q)
        self.require_same(chosen, figures)
        return Written(dataset, chosen, figures, found)

    def require_same(self, chosen: Chosen, figures: Figures) -> None:
        """Raise a `SolverError` where figures of a plan of a point are not those of the model there."""
        counting = operator(chosen.freight, self.common.observations)
        planned = counting.modelled(chosen.problem.routes, chosen.solution.route_flow)
        sd = self.common.observations["sd"].to_numpy(dtype=np.float64)
        apart = np.abs(planned - figures.all_values) / np.maximum(figures.all_values, sd)
        if apart.max(initial=0.0) > SAME:
            name = self.common.observations["observation"].iat[int(np.argmax(apart))]
            raise SolverError(
                f"the plan of the estimated data gives a figure beside '{name}' that is {apart.max():.2g} of it off "
                f"the estimate's, and at most {SAME:g} was expected: free fewer parameters"
            )

    def _settled(
        self, who: Shippers, linear: FlowSolution, last: ChoiceSolution | None, known: PathSet | None
    ) -> tuple[Settled, Model]:
        """List and close routes as every plan with choice does, those known beside, and return answer and model."""
        routes = choosing.listed_routes(who).joined(linear.paths)
        routes = choosing.once(who, routes if known is None else routes.joined(known))
        settled = choosing.settle(who, routes, last)
        problem = who.problem(settled.listed, settled.hours)
        return settled, Model(self.common, settled.listed, problem, settled.solution)


def estimate(
    dataset: Dataset,
    settings: PlanSettings,
    options: EstimationOptions,
    tell: Callable[[Round], None],
    observations: pd.DataFrame | None = None,
    start: FloatArray | None = None,
) -> EstimationResult:
    """Estimate the free parameters of a data package from what was counted in a year.

    Parameters
    ----------
    dataset
        The data package, without scenarios.
    settings
        The model: choice logit, without waiting, a carbon price or bounds.
    options
        What is free and which observations count.
    tell
        Is told how far it is, at the end of each round.
    observations
        In the form of observations.csv; None takes those of the data package.
    start
        Where to begin, (Q,); None begins at the data.

    Raises
    ------
    DataError
        If the settings are of another model, or the data have nothing to estimate or nothing to estimate from.
    SolverError, CertificateError
        If what is estimated is not proved.
    """
    began = time.process_time()
    begun = begin(dataset, settings, options, tell, observations)
    q = np.zeros(len(begun.common.parameters)) if start is None else start
    last = begun.written(begun.to_the_end(q))
    prior, told = begun.common.parameters.prior, begun.common.observations
    posterior = Posterior.of(last.estimate, prior)
    before = np.zeros(len(told)) if begun.before is None else begun.before
    return EstimationResult(
        parameters=begun.common.parameters,
        prior=prior,
        estimate=last.estimate,
        posterior=posterior,
        used=told.iloc[begun.common.used].reset_index(drop=True),
        observations=_beside(begun, before, last.figures, posterior),
        before=before[begun.common.used],
        dataset=last.dataset,
        chosen=last.chosen,
        figures=last.figures,
        gap=last.chosen.certificate.gap,
        settings=begun.settings,
        options=options,
        stands=begun.stands,
        rounds=begun.rounds,
        steps=begun.steps,
        seconds=time.process_time() - began,
    )


def begin(
    dataset: Dataset,
    settings: PlanSettings,
    options: EstimationOptions,
    tell: Callable[[Round], None],
    observations: pd.DataFrame | None = None,
    free: Parameters | None = None,
) -> Rounds:
    """Return an estimation that is ready for its first round; see `estimate`.

    `free` are parameters that are known already, of another year: None takes those of this one.
    """
    settings = _settled(dataset, settings)
    net = network.build(dataset, settings.year, settings.running or TYPICAL)
    if free is None:
        free = parameters(dataset, net.year, net.running, options.free)
    told = observing.of_year(dataset, net.year, options.use, options.left_out, observations)
    who = shippers(pose(net), settings)
    common = Common(who, free, told, np.flatnonzero(told["used"].to_numpy()))
    return Rounds(net, common, settings, options, tell)


def _settled(dataset: Dataset, settings: PlanSettings) -> PlanSettings:
    """Return settings with year and running figures, and refuse what is not estimated."""
    if settings.choice not in LOGIT:
        raise DataError(f"choice: found {settings.choice}, expected {LOGIT[0]}, on which estimates rest")
    usual = ASSIGNMENTS[0]
    if settings.assign != usual:
        raise DataError(f"assign: found {settings.assign}, expected {usual}: waiting is not estimated")
    if settings.tau is not None:
        raise DataError(f"tau: found {settings.tau:g}, expected none, as it is of the data: leave tau out")
    if settings.carbon_price or settings.co2_budget is not None or settings.minimum_share:
        raise DataError("a carbon price or a bound is no figure of the year that was counted: leave it out")
    if dataset.unchanged is not None:
        raise DataError("a scenario is no data package that was counted: estimate first, and apply it afterwards")
    if (dataset["choice"]["elasticity"] < 0).any():
        raise DataError(
            "choice.csv: the demand's own elasticity is not estimated, as counts are of what was carried: leave the "
            "column elasticity blank, so that the reservation prices of demand.csv hold"
        )
    year = dataset.base_year if settings.year is None else settings.year
    return replace(settings, year=year, running=settings.running or TYPICAL, carbon_price=0.0)


def _beside(begun: Rounds, before: FloatArray, figures: Figures, posterior: Posterior) -> pd.DataFrame:
    """Return every observation of the year beside the figures at the prior and at the estimate."""
    told = begun.common.observations
    value, sd = (told[name].to_numpy(dtype=np.float64) for name in ("value", "sd"))
    after = figures.all_values
    return told.assign(
        before=before,
        model=after,
        model_sd=posterior.sd_of(figures.jacobian_of(np.arange(len(told)))),
        sds_before=(before - value) / sd,
        sds=(after - value) / sd,
    )
