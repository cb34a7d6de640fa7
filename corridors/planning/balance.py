"""The balance at the borders: both directions of each crossing side by side, as seen from the home country."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.frames import rows

if TYPE_CHECKING:
    from corridors.planning.planner import Plan

BY_DIRECTION = ("kt", "teu", "vehicles_day", "wait_hours")
OF_BOTH = ("capacity_day", "utilisation", "limit", "limit_crossings")
OUT, IN = "out", "in"
COLUMNS = (
    *("crossing", "mode", "home_node", "other_node", "other_country"),
    *(f"{name}_{way}" for name in BY_DIRECTION for way in (OUT, IN)),
    *OF_BOTH,
)
AIR = "air"


def balance(plan: Plan, *, air: bool = False) -> pd.DataFrame:
    """Return the crossings of the home country's frontier that are used, a row for both directions, the busiest first.

    Parameters
    ----------
    plan
        A plan, with `borders`.
    air
        Whether frontiers in the air are told, too.

    Returns
    -------
    DataFrame
        With the columns `COLUMNS`: `kt_out` leaves the home country, `kt_in` enters it, and so on; the limit is the
        fuller one of both directions. Without a home country every crossing is told, and `out` is the direction from
        the place whose id comes first.
    """
    table, home = plan.borders, plan.summary["home_country"]
    table = table[(table["kt"] > 0) & (air | (table["mode"] != AIR))]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows(table):
        if home and home not in (row.from_country, row.to_country):
            continue
        leaves = row.from_country == home if home else row.crossing == f"{row.from_node}-{row.to_node}"
        ends = ((row.from_node, row.from_country), (row.to_node, row.to_country))
        (here, _), (there, country) = ends if leaves else ends[::-1]
        one = found.setdefault(
            (row.crossing, row.mode),
            {"crossing": row.crossing, "mode": row.mode, "home_node": here, "other_node": there}
            | {"other_country": country, **_nothing()},
        )
        way = OUT if leaves else IN
        one |= {f"{name}_{way}": getattr(row, name) for name in BY_DIRECTION}
        if math.isnan(one["utilisation"]) or row.utilisation > one["utilisation"]:
            one |= {name: getattr(row, name) for name in OF_BOTH}
    listed = sorted(found.values(), key=lambda one: (-(one["kt_out"] + one["kt_in"]), one["crossing"], one["mode"]))
    return pd.DataFrame(listed, columns=list(COLUMNS))


def _nothing() -> dict[str, Any]:
    """Return the figures of a crossing that nothing crosses."""
    sums = {f"{name}_{way}": 0.0 for name in ("kt", "teu", "vehicles_day") for way in (OUT, IN)}
    gone = {f"wait_hours_{way}": math.nan for way in (OUT, IN)}
    return sums | gone | dict.fromkeys(OF_BOTH, math.nan) | {"limit": ""}
