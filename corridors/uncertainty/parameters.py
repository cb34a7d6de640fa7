"""The uncertain parameters: which numbers of a data package are uncertain, and which of them err together.

A plan's answer depends on the columns of `DRAWN`. A row of the demand is a share of a control total: what is published
is the total, what is judged mostly the share. So both are drawn, and the rows of a total are made to add up to it.
Parameters of a group have one source of error: who measured rail speeds abroad too high did so for all of them. A group
is what an analyst can go and measure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.frames import rows
from corridors.network.handling import is_open
from corridors.network.yearly import OWN, holding
from corridors.planning.summary import own_trade
from corridors.planning.years import base_of, of_year
from corridors.tables.schema import keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset

EXACT = math.nan, math.nan, ""  # low, high and status of what has no band
CORRELATION = 0.5  # between two parameters of a group
_SAME = 1e-9  # a band narrower than that is rounding
COLUMNS = ["table", "key", "column", "row", "value", "low", "high", "status", "group"]
DRAWN = {
    "links": ("km", "speed_kmh", "hours_fixed", "capacity", "usd_per_t", "passenger"),
    "terminals": ("hours", "hours_best", "usd_per_t", "usd_per_teu", "kgco2e_per_t", "capacity"),
    "borders": ("hours", "hours_best", "usd_per_t"),
    "modes": ("speed_kmh", "speed_factor", "usd_per_tkm", "gco2e_per_tkm"),
    "tariffs": ("usd_per_km",),
    "emissions": ("gco2e_per_tkm",),
    "commodities": ("usd_per_t_day", "t_per_teu"),
    "loads": ("t_per_unit_year",),
    "pools": ("capacity",),
    "totals": ("kt",),
    "demand": ("kt", "reservation_usd_per_t"),
    "capacities": ("capacity",),
    "total_years": ("kt",),
}
_LIMITED = "links", "terminals", "pools"  # tables of which capacities.csv has figures of other years
BEHAVIOUR = {  # what only plans with choice or with congestion read
    "choice": ("tau", "nesting", "way_nesting"),
    "delays": ("hours", "hours_per_hour", "power"),
}


def uncertain(
    dataset: Dataset, year: int, running: str, original: Dataset | None = None, behaviour: Iterable[str] = ()
) -> pd.DataFrame:
    """Return the uncertain parameters that a plan of this year, under these running figures, rests on, one a row.

    What is 0, inf or exact in `provenance.csv` (no low and no high) stays what it is.

    Parameters
    ----------
    dataset
        What is planned.
    original
        What `provenance.csv` was written for, where scenarios have changed that into `dataset`. A band is relative to
        its value: where a scenario changes a figure, low and high change by the same factor.
    behaviour
        Which tables of `BEHAVIOUR` the plan reads, too; the linear plan reads none.
    """
    bands = _bands(dataset)
    found = []
    read = DRAWN | {table: BEHAVIOUR[table] for table in sorted(behaviour)}
    for table, column in ((table, column) for table, columns in read.items() for column in columns):
        frame = dataset[table]
        groups = _GROUPS[table](dataset, frame, column)
        key, values = keys(table, frame), frame[column].tolist()
        before = {} if original is None else _values(original, table, column)
        for row in np.flatnonzero(is_read(dataset, table, column, year, running)).tolist():
            value = values[row]
            low, high, status = bands.get((table, key[row], column), EXACT)
            if (table, column) == ("demand", "kt"):
                low, high = _of_share(bands, dataset, row, low, high)
            factor = _factor(before.get(key[row], value), value)
            low, high = low * factor, high * factor
            if 0 < value < math.inf and (low < value * (1 - _SAME) or high > value * (1 + _SAME)):
                found.append((table, key[row], column, row, value, low, high, status, groups[row]))
    return pd.DataFrame(found, columns=COLUMNS)


def _bands(dataset: Dataset) -> Mapping[tuple[str, str, str], tuple[float, float, str]]:
    """Return low, high and status by table, key and column."""
    told = dataset["provenance"]
    places = zip(*(told[column].tolist() for column in ("table", "key", "column")), strict=True)
    bands = zip(*(told[column].tolist() for column in ("low", "high", "status")), strict=True)
    return dict(zip(places, bands, strict=True))


def _values(dataset: Dataset, table: str, column: str) -> dict[str, float]:
    return dict(zip(keys(table, dataset[table]), dataset[table][column].tolist(), strict=True))


def _factor(before: float, value: float) -> float:
    """Return by what a scenario multiplied a figure; NaN, which leaves no band, where no factor leads from 0 or inf."""
    if before == value or math.isnan(value):
        return 1.0
    return value / before if 0 < before < math.inf else math.nan


def _of_share(
    bands: Mapping[tuple[str, str, str], tuple[float, float, str]], dataset: Dataset, row: int, low: float, high: float
) -> tuple[float, float]:
    """Return the band of a row of the demand within its total: what is left of its band without that of the total."""
    total = str(dataset["demand"]["total"].iat[row])
    least, most, _ = bands.get(("totals", total, "kt"), EXACT)
    whole = dataset["totals"].set_index("total")["kt"].get(total, math.nan)
    return (low * whole / least if least > 0 else low), (high * whole / most if math.isfinite(most) else high)


def is_read(dataset: Dataset, table: str, column: str, year: int, running: str) -> NDArray[np.bool_]:
    """Return which rows of a column a plan of this year, under these running figures, reads, shape (rows,)."""
    frame = dataset[table]
    used = np.ones(len(frame), dtype=np.bool_)
    if "year_open" in frame:
        used &= np.array([is_open(opens, year) for opens in frame["year_open"].tolist()], dtype=np.bool_)
    if table in ("demand", "totals", "total_years"):
        demand = dataset["demand"]
        current = of_year(demand, year, base_of(dataset, year))
    if table == "demand":
        used &= current
    if table == "totals":
        used &= frame["total"].isin(demand["total"][current]).to_numpy() & ~_of_other_year(dataset, frame, year)
    if table == "total_years":
        used &= frame["total"].isin(demand["total"][current]).to_numpy() & (frame["year"] == year).to_numpy()
    if table == "capacities":
        used &= _held(dataset, year)
    elif column == "capacity":
        used &= holding(dataset, table, year) == OWN
    if table == "modes":
        used &= (frame["running"] == running).to_numpy() & _mode_used(dataset, column)
    if "hours_best" in frame and column in ("hours", "hours_best"):
        best = frame["hours_best"].notna().to_numpy() & (running == "best")
        used &= best if column == "hours_best" else ~best
    return used


def _of_other_year(dataset: Dataset, totals: pd.DataFrame, year: int) -> NDArray[np.bool_]:
    """Return of which totals another figure holds in the year than that of the base year, (totals,)."""
    others = dataset["total_years"]
    return totals["total"].isin(others["total"][others["year"] == year]).to_numpy(dtype=np.bool_)


def _held(dataset: Dataset, year: int) -> NDArray[np.bool_]:
    """Return which rows of `capacities.csv` hold in the year for rows that are there, (rows,)."""
    held = np.zeros(len(dataset["capacities"]), dtype=np.bool_)
    for table in _LIMITED:
        there = is_open(dataset[table]["year_open"].to_numpy(dtype=np.float64), year)
        rows_ = holding(dataset, table, year)[there]
        held[rows_[rows_ != OWN]] = True
    return held


def _mode_used(dataset: Dataset, column: str) -> NDArray[np.bool_]:
    """Return which rows of modes.csv hold: the figures of links, tariffs and countries go before them."""
    modes, links = dataset["modes"]["mode"], dataset["links"]
    if column in ("speed_kmh", "speed_factor"):
        own = links["speed_kmh"] > 0
        return modes.isin(links["mode"][own if column == "speed_factor" else ~own]).to_numpy(dtype=np.bool_)
    if column == "usd_per_tkm":
        needed = {mode for mode in modes if _without_tariff(dataset, mode)}
        return modes.isin(needed).to_numpy(dtype=np.bool_)
    return np.ones(len(modes), dtype=np.bool_)


def _without_tariff(dataset: Dataset, mode: str) -> bool:
    """Tell whether some cargo that may go by a mode has no tariff there that holds in every country."""
    goods, tariffs = dataset["commodities"], dataset["tariffs"]
    cargos = {cargo for cargo, modes in zip(goods["cargo"], goods["modes"], strict=True) if mode in modes.split(";")}
    anywhere = (tariffs["mode"] == mode) & (tariffs["country"] == "") & (tariffs["commodity"] == "")
    general = set(tariffs["cargo"][anywhere])
    return "*" not in general and bool(cargos - general)


def _home_and_elsewhere(dataset: Dataset) -> set[str]:
    """Return the modes that run both at home and elsewhere."""
    links, home = dataset["links"], dataset.home_country
    return set(links["mode"][links["country"] == home]) & set(links["mode"][links["country"] != home])


def _by_place(dataset: Dataset, modes: Iterable[str], countries: Iterable[str]) -> list[str]:
    """Return mode and whether at home, for the modes that run both there and elsewhere."""
    home = dataset.home_country
    both = _home_and_elsewhere(dataset)
    return [
        mode if mode not in both else f"{mode}, {home if country == home else 'elsewhere'}"
        for mode, country in zip(modes, countries, strict=True)
    ]


def _links(dataset: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    if column in ("km", "hours_fixed"):
        return [{"km": "lengths of lines", "hours_fixed": "waits on lines"}[column]] * len(frame)
    if column == "speed_kmh":
        return [f"speed: {one}" for one in _by_place(dataset, frame["mode"], frame["country"])]
    what = {
        "capacity": "capacity of lines",
        "usd_per_t": "tolls and tariffs of lines",
        "passenger": "passenger traffic on lines",
    }[column]
    return [f"{what}: {mode}" for mode in frame["mode"]]


def _terminals(_: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    what = {"hours": "hours", "hours_best": "hours", "kgco2e_per_t": "emissions", "capacity": "capacity"}
    if what.get(column) in ("emissions", "capacity"):
        return [f"{what[column]} of terminals"] * len(frame)
    measured = what.get(column, "charges")
    named = []
    for kind, start, end in zip(frame["kind"], frame["from_mode"], frame["to_mode"], strict=True):
        where = "loading and unloading" if kind in ("load", "unload") else f"{kind} {end or start}"
        named.append(f"{measured} of {where}")
    return named


def _borders(_: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    return [f"{'charges' if column == 'usd_per_t' else 'hours'} of border {mode}" for mode in frame["mode"]]


def _modes(dataset: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    if column == "speed_factor":
        both = _home_and_elsewhere(dataset)
        return [f"speed: {mode}{', everywhere' if mode in both else ''}" for mode in frame["mode"]]
    what = {"speed_kmh": "speed", "usd_per_tkm": "tariff", "gco2e_per_tkm": "emissions of running"}[column]
    return [f"{what}: {mode}" for mode in frame["mode"]]


def _tariffs(dataset: Dataset, frame: pd.DataFrame, _: str) -> list[str]:
    placed = _by_place(dataset, frame["mode"], frame["country"])
    named = []
    columns = (frame[name] for name in ("country", "mode", "cargo", "commodity"))
    for place, country, mode, cargo, commodity in zip(placed, *columns, strict=True):
        where = place if country else mode
        named.append(f"tariff: {where}" if cargo == "*" else f"tariff: {where}, {commodity or cargo}")
    return named


def _emissions(_: Dataset, frame: pd.DataFrame, __: str) -> list[str]:
    return [f"emissions of running: {mode}" for mode in frame["mode"]]


def _commodities(_: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    what = {"usd_per_t_day": "value of time", "t_per_teu": "load of a container"}[column]
    return [f"{what}: {cargo}" for cargo in frame["cargo"]]


def _loads(_: Dataset, frame: pd.DataFrame, __: str) -> list[str]:
    return [f"load of one of {unit}" for unit in frame["capacity_unit"]]


def _pools(_: Dataset, frame: pd.DataFrame, __: str) -> list[str]:
    return [f"capacity of ports and yards: {unit}" for unit in frame["capacity_unit"]]


def _capacities(dataset: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    """Name a capacity of another year as that of the base year, since who measures one measures both."""
    named = {
        (table, key): group
        for table in _LIMITED
        for key, group in zip(keys(table, dataset[table]), _GROUPS[table](dataset, dataset[table], column), strict=True)
    }
    return [named[place] for place in zip(frame["table"].tolist(), frame["key"].tolist(), strict=True)]


def _choice(_: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    what = {"tau": "sharpness of choice", "nesting": "nesting of routes", "way_nesting": "nesting of ways"}[column]
    return [f"{what}: {'all cargo' if cargo == '*' else cargo}" for cargo in frame["cargo"]]


def _delays(_: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    return ["steepness of waits" if column == "power" else "waits at full use"] * len(frame)


def _kinds(dataset: Dataset) -> list[str]:
    """Return the cargo group of each row of the demand."""
    goods = dataset["commodities"]
    cargo = dict(zip(goods["commodity"], goods["cargo"], strict=True))
    return [cargo[commodity] for commodity in dataset["demand"]["commodity"]]


def _demand(dataset: Dataset, frame: pd.DataFrame, column: str) -> list[str]:
    what = {"reservation_usd_per_t": "price of not carrying", "kt": "places of demand"}[column]
    known = set(dataset["totals"]["total"])
    return [
        f"{what}: {kind}" if column != "kt" or total in known else f"demand: {kind}"
        for kind, total in zip(_kinds(dataset), frame["total"], strict=True)
    ]


def _totals(dataset: Dataset, frame: pd.DataFrame, _: str) -> list[str]:
    """Name each total by the cargo and the trade of its largest row."""
    demand = dataset["demand"].assign(kind=_kinds(dataset)).sort_values("kt", kind="stable")
    country = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["country"], strict=True))
    named = {
        row.total: f"demand: {row.kind}, {_trade(dataset.home_country, country, ends)}"
        for row, ends in ((row, (row.origin, row.destination)) for row in rows(demand))
    }
    return [named.get(total, "") for total in frame["total"]]


def _trade(home: str, country: Mapping[str, str], ends: tuple[str, str]) -> str:
    return own_trade(*(country[end] == home for end in ends)) or "between others"


_GROUPS: dict[str, Callable[[Dataset, pd.DataFrame, str], list[str]]] = {
    "links": _links,
    "terminals": _terminals,
    "borders": _borders,
    "modes": _modes,
    "tariffs": _tariffs,
    "emissions": _emissions,
    "commodities": _commodities,
    "loads": _loads,
    "pools": _pools,
    "choice": _choice,
    "delays": _delays,
    "totals": _totals,
    "demand": _demand,
    "capacities": _capacities,
    "total_years": _totals,
}
