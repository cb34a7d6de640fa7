"""Observations left out in turn, and what the rest of them foretell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.result import EstimationOptions
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset


def groups(dataset: Dataset, settings: PlanSettings, options: EstimationOptions) -> dict[str, tuple[str, ...]]:
    """Return the observations that are left out together, by the name of each group, for those that are used."""
    raise NotImplementedError


def leave_out(
    dataset: Dataset,
    settings: PlanSettings,
    options: EstimationOptions,
    group: str,
    observations: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what an estimate without a group of observations says of them.

    Returns
    -------
    pandas.DataFrame
        A row an observation: `group`, `observation`, `value`, `sd`, `unit`, `predicted`, `predicted_sd` (of the
        posterior alone), `deviation` (predicted / value - 1) and `z` = (predicted - value) / sqrt(sd^2 +
        predicted_sd^2).
    """
    raise NotImplementedError
