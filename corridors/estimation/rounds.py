"""Estimate in rounds: routes listed at the current estimate, Gauss-Newton over them, until neither changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.estimation.result import EstimationOptions, EstimationResult

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset


def estimate(
    dataset: Dataset,
    settings: PlanSettings,
    options: EstimationOptions,
    tell: Callable[[str], None],
    observations: pd.DataFrame | None = None,
) -> EstimationResult:
    """Estimate the free parameters of a data package from what was counted in a year.

    Parameters
    ----------
    dataset
        The data package, without scenarios.
    settings
        The model: choice logit, without waiting.
    options
        What is free and which observations count.
    tell
        Is told each round and its figures as a line.
    observations
        In the form of observations.csv; None takes those of the data package.
    """
    raise NotImplementedError
