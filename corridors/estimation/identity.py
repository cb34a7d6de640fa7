"""All that an estimate depends on, by which two of them are told apart."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.result import EstimationOptions, EstimationResult
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset

COUNTED = ["observation", "value", "sd", "unit", "begin", "end", "use"]


def identity(
    dataset: Dataset, counts: pd.DataFrame, settings: PlanSettings, options: EstimationOptions
) -> dict[str, Any]:
    """Return what an estimate from some counts depends on, but for the program's version, as JSON."""
    told = counts[COUNTED].sort_values("observation", ignore_index=True).to_csv(index=False, lineterminator="\n")
    return {
        "data": dataset.digest,
        "counts": hashlib.sha256(told.encode()).hexdigest(),
        "year": settings.year,
        "running": settings.running,
        "nests": settings.nests,
        "free": list(options.free),
        "use": list(options.use),
        "without": sorted(options.left_out),
        "most_rounds": options.rounds,
        "tolerance": options.tolerance,
    }


def run_digest(result: EstimationResult) -> str:
    """Return the SHA-256 of all that an estimate depends on, the program's version with it."""
    told = identity(result.parameters.dataset, result.observations, result.settings, result.options)
    text = json.dumps(told | {"version": version("corridors")}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
