"""What the parameters of one year say of others, beside what was counted there: back-cast and forecast.

The parameters that were estimated from the counts of one year are laid on the data of another: its network and its
capacities, its freight by its totals, in which the estimated shares act as factors on the rows. That year is planned
and proved as any other, and the model's figures stand beside its counts, which had no part in the estimate.

How far a figure may be off has three parts, independent of each other and normal to first order (the delta method:
a few draws would tell little of the tails, and many would be as many plans a year):

1. what the counts leave open of the parameters: the derivatives of that year's figures by them, and the posterior;
2. what is not known of totals and capacities, of that year and of the estimate's (`corridors.estimation.year_errors`);
3. the count's own error.

The interval of 95 % holds all three, so that a count is in it in 19 of 20 years if the model is right. What changed
between the years and is not in the data (quarantines, rates, subsidies) is in none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.estimation import observing, rounds
from corridors.estimation.judging import SURE, judged
from corridors.estimation.result import INPUT, USES
from corridors.estimation.results import NO, YES
from corridors.estimation.year_errors import Errors, sd_of_year

if TYPE_CHECKING:
    from corridors.estimation.model import Figures
    from corridors.estimation.result import EstimationResult
    from corridors.models.arrays import FloatArray
    from corridors.tables.dataset import Dataset

COLUMNS = (
    *("year", "observation", "name_en", "kind", "use", "seen", "value", "sd", "unit", "predicted"),
    *("parameters_sd", "year_sd", "predicted_sd", "low", "high", "deviation", "z", "within_15", "within_95"),
)
SUMMARY = ("year", "seen", "counts", "within_15", "within_95")


def check(dataset: Dataset, years: Sequence[int], observations: pd.DataFrame | None = None) -> None:
    """Refuse years without a count, before anything is estimated.

    Raises
    ------
    DataError
        If a year has none.
    """
    for year in years:
        observing.of_year(dataset, year, USES, observations=observations)


def foretold(
    result: EstimationResult,
    years: Sequence[int],
    tell: Callable[[int], None],
    observations: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what an estimate says of years, beside their counts.

    Parameters
    ----------
    result
        The estimate.
    years
        Any; the estimate's own year is not planned anew.
    tell
        Is told each year before it is planned.
    observations
        In the form of observations.csv; None takes those of the data package.

    Returns
    -------
    pandas.DataFrame
        A row a count, by year and name (`years` of estimate.datapackage.json).

    Raises
    ------
    DataError
        If a year has no counts, or no freight.
    SolverError, CertificateError
        If a year's plan is not proved.
    """
    found, base = [], scaled_errors(result)
    for year in sorted(set(years)):
        tell(year)
        figures = result.figures if year == result.settings.year else planned(result, year, observations)
        found.append(_beside(result, base, year, figures))
    return pd.concat(found, ignore_index=True)


def planned(result: EstimationResult, year: int, observations: pd.DataFrame | None = None) -> Figures:
    """Return the figures beside all counts of another year, by its proved plan with the estimated parameters."""
    settings, options = replace(result.settings, year=year), replace(result.options, use=USES, left_out=frozenset())
    dataset = result.parameters.dataset
    begun = rounds.begin(dataset, settings, options, lambda _: None, observations, result.parameters)
    return begun.written(result.estimate.q).figures


def scaled_errors(result: EstimationResult) -> Errors:
    """Return what the figures rest on beside the counts of the estimate, these scaled as the estimate weighs them."""
    found = Errors.of(result.figures)
    return replace(found, slopes=result.estimate.scale[:, None] * found.slopes[result.figures.model.common.used])


def answer(result: EstimationResult, figures: Figures) -> FloatArray:
    """Return by how much N figures move with the M scaled ones of the estimate's year, as parameters answer, (N, M).

    Parameters meet the same counts: they undo what else would move the figures beside them, as far as they can.
    """
    made = result.estimate
    jacobian = figures.jacobian_of(np.arange(len(figures.all_values)))
    return result.posterior.covariance_of(jacobian, made.scale[:, None] * made.jacobian)


def _beside(result: EstimationResult, base: Errors, year: int, figures: Figures) -> pd.DataFrame:
    """Return the counts of a year beside figures, with their intervals."""
    told = figures.model.common.observations
    fitted = told["observation"].isin(result.used["observation"]).to_numpy() & (year == result.settings.year)
    seen = fitted | (told["use"] == INPUT).to_numpy()
    parameters_sd = result.posterior.sd_of(figures.jacobian_of(np.arange(len(told))))
    year_sd = sd_of_year(Errors.of(figures), base, answer(result, figures))
    frame = told.assign(
        year=year,
        seen=np.where(seen, YES, NO).tolist(),
        predicted=figures.all_values,
        parameters_sd=parameters_sd,
        year_sd=year_sd,
        predicted_sd=np.hypot(parameters_sd, year_sd),
    )
    reach = SURE * np.hypot(frame["predicted_sd"], frame["sd"])
    frame = frame.assign(low=np.maximum(frame["predicted"] - reach, 0.0), high=frame["predicted"] + reach)
    return judged(frame)[list(COLUMNS)]


def summed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how many counts of each year are near and in their interval, those never seen apart from the others."""
    found = [
        (year, seen, len(mine), *(int((mine[name] == YES).sum()) for name in ("within_15", "within_95")))
        for (year, seen), mine in frame.groupby(["year", "seen"], sort=True)
    ]
    return pd.DataFrame(found, columns=list(SUMMARY))
