"""What goes with every export: the plan that it shows, its proof, whom to name, and what each column is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.planning.freight import BOUND
from corridors.tables.licence import attribution, credits_of, licences

if TYPE_CHECKING:
    from corridors.export.layers import Layer
    from corridors.planning.planner import Plan
    from corridors.tables.dataset import Dataset

FIGURES = (
    "scenario",
    "year",
    "running",
    "objective",
    "unit",
    "carbon_price",
    "status",
    "objective_value",
    "bound_value",
    "gap",
    "kt_demanded",
    "kt_served",
    "kt_unserved",
    "data_digest",
)


def about(plan: Plan, dataset: Dataset) -> dict[str, Any]:
    """Return where an export comes from: the plan's terms, its proof, the data package and its licence."""
    told: dict[str, Any] = {"data": dataset.title or dataset.path.name}
    told |= {figure: _finite(plan.summary.get(figure)) for figure in FIGURES}
    bounds = plan.bottlenecks[plan.bottlenecks["resource"].str.startswith(BOUND)]
    told["bounds"] = bounds["where"].tolist()
    told["scenarios"] = plan.summary.get("scenarios", [])
    told["versions"] = plan.summary.get("versions", {})
    told["coordinates"] = "WGS 84 (EPSG:4326), longitude and latitude in degrees"
    told["credit"] = credits_of(dataset)
    told["licence"] = licences(dataset)
    told["attribution"] = attribution(dataset.path)
    return told


def _finite(figure: Any) -> Any:
    """Return None for what JSON has no number for: a plan that was stopped early may have no bound."""
    return None if isinstance(figure, float) and not math.isfinite(figure) else figure


def columns(layers: Sequence[Layer]) -> pd.DataFrame:
    """Return what each column of each layer is: layer, column, unit, description."""
    found = [(layer.name, *column) for layer in layers for column in layer.columns]
    return pd.DataFrame(found, columns=["layer", "column", "unit", "description"])
