"""Observations left out in turn, and what the rest of them foretell: the test that counts cannot pass by being fitted.

What is left out is a group (`corridors.estimation.observing`): all that is counted in one place, or of one kind of
freight. A prediction is the figure of the estimate without the group; how far it may lie off is told by the posterior
and by the count's own deviation together.

The estimate from all counts is made once, for its routes and its point. Each group then has an estimate of its own:

1. Gauss-Newton over those routes, without the group, once from the estimate from all counts and once from the data,
   which know nothing of the group. The more probable of both ends is taken: nearly always they are one, but there can
   be several optima, and a search that began where the group had its part might keep something of it.
2. Routes are listed at that point, beside those that are known, and Gauss-Newton goes on over them, until it gains next
   to nothing (`rounds.STANDS`): the estimate stands, as one from all counts does.
3. The data package at the point is posed anew, and its answer over these routes is certified: its figures are those of
   the prediction. No package is written of it, and none proved as it would be read.

The first step away from the estimate from all counts is what deletion formulas say of it (Cook 1977), linear algebra
with the derivatives there; the following ones are what such formulas leave out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import DataError
from corridors.estimation import observing
from corridors.estimation.judging import judged
from corridors.estimation.model import Model
from corridors.estimation.result import INPUT
from corridors.estimation.results import NO, YES
from corridors.estimation.rounds import STANDS, begin
from corridors.models.choice.certificate import require
from corridors.models.choice.route_set import RouteSet
from corridors.models.estimation import gauss_newton
from corridors.models.estimation.posterior import Posterior
from corridors.network.revaluation import revalued
from corridors.planning import choosing
from corridors.planning.freight import pose
from corridors.planning.shippers import shippers
from corridors.suggest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from corridors.estimation.result import EstimationOptions
    from corridors.estimation.rounds import Rounds
    from corridors.models.arrays import FloatArray
    from corridors.models.estimation.gauss_newton import Estimate
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset

COLUMNS = ("group", "observation", "value", "sd", "unit")
_STEPS = 30  # of Gauss-Newton over one list of routes
_CRAWL = 0.005  # of the objective: a tenth of what an estimate that stands may lack


def groups(
    dataset: Dataset, settings: PlanSettings, options: EstimationOptions, observations: pd.DataFrame | None = None
) -> dict[str, tuple[str, ...]]:
    """Return the observations that are left out together, by the name of each group, for those that are used.

    A group of inputs alone is none, unless nothing else is used: the demand was made of them, and so it foretells them.

    Raises
    ------
    DataError
        If none is used.
    """
    year = dataset.base_year if settings.year is None else settings.year
    table = observing.of_year(dataset, year, options.use, options.left_out, observations)
    table = table[table["used"]]
    counts = {str(name): mine for name, mine in table.groupby("group", sort=True)}
    tests = {name for name, mine in counts.items() if (mine["use"] != INPUT).any()} or set(counts)
    return {name: tuple(mine["observation"]) for name, mine in counts.items() if name in tests}


@dataclass(frozen=True, eq=False)
class Whole:
    """The estimate from all counts, from which those without a group go on.

    Attributes
    ----------
    rounds
        The estimation, with all that it was made of.
    model
        Over all routes that were listed.
    q
        The estimate, (Q,).
    observations
        The counts; None are those of the data package.
    """

    rounds: Rounds
    model: Model
    q: FloatArray
    observations: pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class Left:
    """An estimate without some observations.

    Attributes
    ----------
    estimate
        Over the routes of its own point, certified.
    observations
        Every observation of the year, those left out among them; as of `EstimationResult` without figures before.
    stands
        Whether Gauss-Newton over the routes of the estimate gained next to nothing.
    gap
        Of the certificate, relative.
    """

    estimate: Estimate
    observations: pd.DataFrame
    stands: bool
    gap: float


def whole(
    dataset: Dataset, settings: PlanSettings, options: EstimationOptions, observations: pd.DataFrame | None = None
) -> Whole:
    """Estimate from all counts; arguments and errors are those of `rounds.estimate`."""
    begun = begin(dataset, settings, options, lambda _: None, observations)
    start = np.zeros(len(begun.common.parameters))
    q = begun.to_the_end(start)
    model = begun.model if begun.model is not None else begun.listed(q, None)
    return Whole(begun, model, q, observations)


def without(made: Whole, names: Collection[str]) -> Left:
    """Estimate without some observations, from the estimate from all counts and from the data.

    Raises
    ------
    DataError
        If nothing is left.
    SolverError, CertificateError
        If the answer is not proved.
    """
    options = made.rounds.options
    fewer = replace(options, left_out=options.left_out | set(names))
    net, dataset = made.rounds.net, made.rounds.common.parameters.dataset
    told = observing.of_year(dataset, net.year, fewer.use, fewer.left_out, made.observations)
    common = made.rounds.common.with_observations(told)
    begun = replace(made.rounds, common=common, options=fewer, known=made.model.listed.routes)
    ends = [_optimum(begun, made.model, start) for start in (made.q, np.zeros_like(made.q))]
    found, model = min(ends, key=lambda end: end[0].objective)
    stands = False
    for _ in range(max(options.rounds, 1)):
        model = begun.listed(found.q, model.last)
        found, _ = _optimum(begun, model, found.q)
        stands = found.began - found.objective <= STANDS
        if stands:
            break
    return _proved(begun, model, found.q, names, stands=stands)


def _optimum(begun: Rounds, model: Model, q: FloatArray) -> tuple[Estimate, Model]:
    """Return where Gauss-Newton comes to from a point over a model's routes, and the model with its last answer."""
    mine = Model(begun.common, model.listed, model.problem, model.last)
    target, sd = begun.observed
    prior, tolerance = begun.common.parameters.prior, begun.options.tolerance
    found = gauss_newton.estimate(mine, target, sd, prior, q, tolerance=tolerance, iterations=_STEPS, crawl=_CRAWL)
    return found, mine


def _proved(begun: Rounds, model: Model, q: FloatArray, names: Collection[str], *, stands: bool) -> Left:
    """Return the estimate at a point, the data package posed anew there and certified over the routes of a model."""
    common = begun.common
    who = shippers(pose(revalued(begun.net, common.parameters.at(q))), begun.settings)
    routes = RouteSet.of(who.freight.problem, who.marks, model.listed.routes, who.cheapest)
    settled = choosing.settle(who, routes, model.last)
    chosen = choosing.proved(who, settled.listed, settled.solution, written=False)
    require(chosen.certificate)
    last = Model(common, settled.listed, who.problem(settled.listed, settled.hours), settled.solution)
    estimate, figures = begun.optimised(last, q, 0), last.at(q)
    begun.require_same(chosen, figures)
    mine = np.flatnonzero(common.observations["observation"].isin(list(names)).to_numpy())
    model_sd = np.full(len(common.observations), np.nan)
    model_sd[mine] = Posterior.of(estimate, common.parameters.prior).sd_of(figures.jacobian_of(mine))
    told = common.observations.assign(model=figures.all_values, model_sd=model_sd)
    return Left(estimate, told, stands, chosen.certificate.gap)


def leave_out(
    dataset: Dataset,
    settings: PlanSettings,
    options: EstimationOptions,
    group: str,
    observations: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what an estimate without a group of observations says of them.

    Parameters
    ----------
    dataset, settings, options, observations
        As of `estimate`.
    group
        One of `groups`.

    Returns
    -------
    pandas.DataFrame
        A row an observation: `group`, `observation`, `value`, `sd`, `unit`, `predicted`, `predicted_sd` (of the
        posterior alone), what `judging.judged` says of them, and `stands`: whether the estimate does, yes or no.

    Raises
    ------
    DataError
        If there is no such group, or nothing is left.
    SolverError, CertificateError
        As of `estimate`.
    """
    known = groups(dataset, settings, options, observations)
    if group not in known:
        raise DataError(
            f"leave_out: found {group!r}, expected a group of counts that are used{did_you_mean(group, known)}"
        )
    return foretold(whole(dataset, settings, options, observations), known[group])


def foretold(made: Whole, names: tuple[str, ...]) -> pd.DataFrame:
    """Return what an estimate without some observations says of them, in the form of `leave_out`."""
    left = without(made, names)
    table = left.observations[left.observations["observation"].isin(names)].reset_index(drop=True)
    told = table[list(COLUMNS)].assign(predicted=table["model"], predicted_sd=table["model_sd"])
    return judged(told).assign(stands=YES if left.stands else NO)
