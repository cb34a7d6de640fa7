"""Observations left out in turn, and what the rest of them foretell: the test that counts cannot pass by being fitted.

What is left out is a group (`corridors.estimation.observing`): all that is counted in one place, or of one kind of
freight. A prediction is the figure of the estimate without the group; how far it may lie off is told by the posterior
and by the count's own deviation together.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from corridors.errors import DataError
from corridors.estimation import observing
from corridors.estimation.judging import judged
from corridors.estimation.result import INPUT
from corridors.estimation.rounds import estimate
from corridors.suggest import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.result import EstimationOptions, EstimationResult
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset

COLUMNS = ("group", "observation", "value", "sd", "unit")


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
        posterior alone), and what `judging.judged` says of them.

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
    fewer = replace(options, left_out=options.left_out | set(known[group]))
    found = estimate(dataset, settings, fewer, lambda _: None, observations)
    return predicted(found, known[group])


def predicted(found: EstimationResult, names: tuple[str, ...]) -> pd.DataFrame:
    """Return what an estimate says of some observations that it did not use."""
    table = found.observations[found.observations["observation"].isin(names)].reset_index(drop=True)
    told = table[list(COLUMNS)].assign(predicted=table["model"], predicted_sd=table["model_sd"])
    return judged(told)
