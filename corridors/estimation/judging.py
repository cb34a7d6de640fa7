"""How near a prediction comes to what was counted: one judgement for counts left out and for those of other years."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.estimation.results import NO, YES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.arrays import BoolArray

NEAR = 0.15  # of the count: predictions within it are called near
SURE = 1.959964  # standard deviations to either side of an interval that holds 95 %


def judged(frame: pd.DataFrame) -> pd.DataFrame:
    """Return predictions with how far each is off, and whether it is near its count and the count in its interval.

    Parameters
    ----------
    frame
        With `value` and `sd` of each count, and `predicted` and `predicted_sd`, NaN where nothing was predicted.

    Returns
    -------
    pandas.DataFrame
        With `deviation` (predicted / value - 1, NaN of a count of 0), `z` = (predicted - value) / sqrt(sd^2 +
        predicted_sd^2), and `within_15` and `within_95`: yes, no, or blank where nothing was predicted.
    """
    value, sd, predicted, predicted_sd = (
        frame[name].to_numpy(dtype=np.float64) for name in ("value", "sd", "predicted", "predicted_sd")
    )
    known = ~np.isnan(predicted)
    z = (predicted - value) / np.hypot(sd, predicted_sd)
    return frame.assign(
        deviation=np.divide(predicted, value, out=np.full(len(frame), np.nan), where=value > 0) - 1.0,
        z=z,
        within_15=_words(np.abs(predicted - value) <= NEAR * value, known),
        within_95=_words(np.abs(z) <= SURE, known),
    )


def _words(told: BoolArray, known: BoolArray) -> list[str]:
    return [(YES if one else NO) if sure else "" for one, sure in zip(told.tolist(), known.tolist(), strict=True)]
