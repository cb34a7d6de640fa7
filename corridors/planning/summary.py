"""The figures an analyst reads first: served and left, by trade and by mode, and what it cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.network.costs import HOURS_PER_DAY, KG_PER_T
from corridors.planning.freight import T_PER_KT
from corridors.planning.years import base_of, by_year, left_out

if TYPE_CHECKING:
    import pandas as pd

    from corridors.planning.freight import Freight

TRADES = ("transit", "export", "import", "domestic", "elsewhere")

FULL = 1.0 - 1e-6  # of a capacity, as near as a certificate sees it kept: from here on no more fits
SAME = 0.005  # ends of a price interval nearer than this are shown as one figure


def tight(bottlenecks: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a plan's bottlenecks that are full and have a price, in their order."""
    low, high = bottlenecks["shadow_price_low"], bottlenecks["shadow_price_high"]
    return bottlenecks[(bottlenecks["utilisation"] >= FULL) & ((high > 0) | (high.isna() & ~(low <= 0)))]


def ends(low: float, high: float) -> tuple[float, ...]:
    """Return what to show of a price interval: its ends, or one figure where they hardly differ or one is unknown."""
    if math.isnan(low) or math.isnan(high):
        return tuple(end for end in (low, high) if not math.isnan(end))
    return (high,) if high - low <= SAME * max(high, 1.0) else (low, high)


def totals(freight: Freight, routes: pd.DataFrame, unserved: pd.DataFrame) -> dict[str, Any]:
    """Return the summary's totals; see `plan.datapackage.json` for what each means."""
    tonnes = routes["kt"] * T_PER_KT
    demanded = float(freight.demand["kt"].sum())
    left = float(unserved["kt"].sum())
    network = freight.network
    others = left_out(network.dataset["demand"], network.year, base_of(network.dataset, network.year))
    served = float(routes["kt"].sum())
    mean = float((tonnes * routes["hours"]).sum() / tonnes.sum()) if served else math.nan
    return {
        "kt_demanded": demanded,
        "kt_served": served,
        "kt_unserved": left,
        "demand_years": [
            {"year": year, "demands": len(kt), "kt": math.fsum(kt)} for year, kt in by_year(freight.demand).items()
        ],
        "kt_left_out": sum(one.kt for one in others),
        "demands_left_out": sum(one.demands for one in others),
        "left_out": [one._asdict() for one in others],
        "t_km": float((tonnes * routes["km"]).sum()),
        "usd_freight": float((tonnes * routes["usd_per_t"]).sum()),
        "hours_mean": None if math.isnan(mean) else mean,
        "days_mean": None if math.isnan(mean) else mean / HOURS_PER_DAY,
        "t_co2e": float((tonnes * routes["kgco2e_per_t"]).sum() / KG_PER_T),
        "home_country": freight.network.dataset.home_country,
        "kt_by_trade": _by_trade(freight, routes),
        "modes": _by_mode(freight, routes),
    }


def own_trade(begins: bool, ends: bool) -> str:
    """Return the trade of freight that begins or ends at home, "" of freight between other countries."""
    if begins and ends:
        return "domestic"
    if begins:
        return "export"
    return "import" if ends else ""


def trade(home: str, country: dict[str, str], origin: str, destination: str, nodes: list[str]) -> str:
    """Say what a route is to the home country: transit, export, import, domestic or elsewhere."""
    through = "transit" if any(country[node] == home for node in nodes) else "elsewhere"
    return own_trade(country[origin] == home, country[destination] == home) or through


def _by_trade(freight: Freight, routes: pd.DataFrame) -> dict[str, float]:
    dataset = freight.network.dataset
    country = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["country"], strict=True))
    kt = dict.fromkeys(TRADES, 0.0)
    for row in rows(routes):
        kt[trade(dataset.home_country, country, row.origin, row.destination, row.nodes.split(" > "))] += float(row.kt)
    return kt


def _by_mode(freight: Freight, routes: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return, for each mode, the work done and what moved mainly (by km) with it; at home: in the home country."""
    network = freight.network
    links, home = network.dataset["links"], network.dataset.home_country
    told = zip(links["mode"].tolist(), links["km"].tolist(), (links["country"] == home).tolist(), strict=True)
    known = dict(zip(links["link"].tolist(), told, strict=True))
    found: dict[str, dict[str, float]] = {}
    for row in rows(routes):
        run: dict[str, float] = {}
        for link in filter(None, row.links.split(";")):
            mode, km, at_home = known[link]
            run[mode] = run.get(mode, 0.0) + km
            if mode not in found:
                found[mode] = {"kt_mainly": 0.0, "mtkm": 0.0, "mtkm_at_home": 0.0}
            tally, work = found[mode], row.kt * km / T_PER_KT
            tally["mtkm"] += work
            if at_home:
                tally["mtkm_at_home"] += work
        if run:
            found[max(run, key=lambda one: (run[one], one))]["kt_mainly"] += float(row.kt)
    return dict(sorted(found.items(), key=lambda item: -item[1]["mtkm"]))
