"""The model beside published figures: one row a reference, with pass or fail, none left out.

A reference (a row of `references.csv`) is a published figure with the band in which the model's must lie. What
the model can measure is measured on the best route that the row describes; what it cannot carries its reason.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.errors import DataError
from corridors.frames import rows
from corridors.network.builder import build
from corridors.network.constrained import Rule, best_path
from corridors.network.costs import HOURS_PER_DAY, Costs, price
from corridors.network.network import Network

if TYPE_CHECKING:
    from collections.abc import Callable

    from corridors.tables.dataset import Dataset

COLUMNS = [
    "reference",
    "kind",
    "origin",
    "destination",
    "what",
    "value",
    "unit",
    "low",
    "high",
    "model",
    "deviation",
    "verdict",
    "note",
]
AT_THE_ENDS = frozenset({"load", "unload"})


def scorecard(dataset: Dataset) -> pd.DataFrame:
    """Return every published figure beside the model's; `verdict` is pass, fail or not covered.

    `deviation` is model / published - 1. Times (`days`) are from station to station or port to port, without loading
    and unloading at the two ends, or (`days_with_ends`) from terminal to terminal, with them. Prices (`usd_per_t`) are
    tariffs and charges from terminal to terminal, without the worth of time and carbon.
    """
    measured: dict[str, tuple[Network, Costs]] = {}
    scored = []
    for row in rows(dataset.ordered()["references"]):
        model, note = math.nan, row.note
        if row.covered:
            if row.running not in measured:
                network = build(dataset, running=row.running)
                measured[row.running] = (network, price(network))
            model = _measure(*measured[row.running], row)
        scored.append(_scored(row, model, note))
    return pd.DataFrame(scored, columns=COLUMNS)


def _scored(row: Any, model: float, note: str) -> list[Any]:
    if not row.covered:
        verdict = "not covered"
    elif math.isnan(model):
        verdict, note = "fail", "; ".join(filter(None, ["the model finds no such way", note]))
    else:
        verdict = "pass" if row.low <= model <= row.high else "fail"
    deviation = model / row.value - 1.0 if row.value else math.nan
    return [
        row.reference,
        row.kind,
        row.origin,
        row.destination,
        row.what,
        row.value,
        row.unit,
        row.low,
        row.high,
        model,
        deviation,
        verdict,
        note,
    ]


def _measure(network: Network, costs: Costs, row: Any) -> float:
    if row.measure not in MEASURES:
        raise DataError(
            f"references.csv, row '{row.reference}', column measure: '{row.measure}' is none of {', '.join(MEASURES)}"
        )
    return MEASURES[row.measure](network, costs, row)


def _path(network: Network, costs: Costs, row: Any) -> tuple[int, ...]:
    rule = Rule.parsed(modes=row.modes, via_nodes=row.via_nodes, avoid=row.avoid)
    return best_path(network, costs, row.commodity, row.origin, row.destination, rule) or ()


def _km(network: Network, costs: Costs, row: Any) -> float:
    path = _path(network, costs, row)
    return sum(network.arcs.km[list(path)].tolist()) if path else math.nan


def _days(network: Network, costs: Costs, row: Any) -> float:
    path = _path(network, costs, row)
    hours = sum(float(network.arcs.hours[arc]) for arc in path if network.arcs.kind[arc] not in AT_THE_ENDS)
    return hours / HOURS_PER_DAY if path else math.nan


def _days_with_ends(network: Network, costs: Costs, row: Any) -> float:
    path = _path(network, costs, row)
    return sum(network.arcs.hours[list(path)].tolist()) / HOURS_PER_DAY if path else math.nan


def _km_per_day(network: Network, costs: Costs, row: Any) -> float:
    days = _days(network, costs, row)
    return _km(network, costs, row) / days if days else math.nan


def _usd_per_t(network: Network, costs: Costs, row: Any) -> float:
    path = _path(network, costs, row)
    return float(costs.usd[costs.commodities.index(row.commodity), list(path)].sum()) if path else math.nan


def _corridor_km(network: Network, costs: Costs, row: Any) -> float:
    """Add up the length of the corridors of a mode (in `modes`), or of the one named in `via_nodes`."""
    corridors, members = network.dataset["corridors"], network.dataset["corridor_links"]
    km = network.dataset["links"].set_index("link")["km"]
    wanted = set(filter(None, row.via_nodes.split(";")))
    chosen = corridors[corridors["corridor"].isin(wanted) if wanted else corridors["mode"] == row.modes]["corridor"]
    return float(km[members[members["corridor"].isin(chosen)]["link"]].sum())


MEASURES: dict[str, Callable[[Network, Costs, Any], float]] = {
    "km": _km,
    "days": _days,
    "days_with_ends": _days_with_ends,
    "km_per_day": _km_per_day,
    "corridor_km": _corridor_km,
    "usd_per_t": _usd_per_t,
}
