"""Several plans beside one another: the figures that people compare first, a column for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from corridors.report.map_layers import KT_PER_MT
from corridors.report.tables import Cell, Listing
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.text.language import Language

FIGURES = (  # of a plan's summary: what it is called, its unit, what it is divided by, decimals
    ("kt_served", later("carried"), later("Mt a year"), KT_PER_MT, 1),
    ("kt_unserved", later("not carried"), later("Mt a year"), KT_PER_MT, 1),
    ("transit", later("transit"), later("Mt a year"), KT_PER_MT, 1),
    ("usd_freight", later("freight bill"), later("bn USD a year"), 1e9, 2),
    ("t_km", later("work"), later("bn tkm a year"), 1e9, 1),
    ("days_mean", later("mean time"), later("days"), 1.0, 1),
    ("t_co2e", later("emissions"), later("Mt CO2e a year"), 1e6, 2),
)


def plans(summaries: Sequence[Mapping[str, Any]], labels: Sequence[str], say: Language) -> Listing:
    """List the key figures of several plans."""
    flat = [{**one, **one["kt_by_trade"]} for one in summaries]
    listed = [
        [Cell(say(title)), Cell(say(unit)), *(_cell(one[name], size, digits, say) for one in flat)]
        for name, title, unit, size, digits in FIGURES
    ]
    return Listing("plans", say("The plans beside one another"), [say("figure"), say("unit"), *labels], listed)


def _cell(value: float | None, size: float, digits: int, say: Language) -> Cell:
    if value is None or math.isnan(value):
        return Cell("–")
    return Cell(say.number(value / size, digits), round(value / size, 9))
