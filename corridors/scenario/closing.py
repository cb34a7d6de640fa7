"""Rows closed, and opened again.

A closed link, terminal or pool stays in its table with a capacity of nothing, in its own unit. Taken out, a terminal
would give way to the row for every place, a corridor would lack a link, and freight with no other way would make
the data faulty instead of staying behind. So it is left in, full at once: it shows among the bottlenecks with
what its first unit of capacity would save, and as the reason why freight was left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import ScenarioError
from corridors.frames import rows
from corridors.scenario.change import Change, Effect
from corridors.scenario.settling import settled
from corridors.tables.loads import EVERY, EVERY_LINE, Loads, Measure
from corridors.tables.schema import keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset


def close_rows(dataset: Dataset, change: Change, picked: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Close the picked rows, in every year and both ways.

    A link, terminal or pool is closed itself; a border with every link of its mode across it; a corridor with its
    links and those beside them; a place with every link and terminal there.
    """
    masks_of = {"borders": _across, "corridors": _along, "nodes": _at}.get(change.table, _themselves)
    altered = {}
    for table, mask in masks_of(dataset, change.table, picked).items():
        if mask.any():
            dataset = closed(dataset, table, mask)
            altered[table] = int(mask.sum())
    if not altered:
        change.fail(f"nothing can be closed where {change.picks()}, as no link leads there; remove the change")
    return dataset, Effect(int(picked.sum()), altered)


def closed(dataset: Dataset, table: str, mask: NDArray[np.bool_]) -> Dataset:
    """Return the dataset with rows of links, terminals or pools that carry nothing in any year."""
    frame = dataset[table]
    unlimited = mask & ~np.isfinite(frame["capacity"].to_numpy(dtype=np.float64))
    frame.loc[mask, "capacity"] = 0.0
    loads = dataset["loads"]
    known = loads.loc[(loads["commodity"] == EVERY) & (loads["load_class"] == EVERY_LINE), "capacity_unit"]
    lacking = unlimited & ~_for_all(dataset, frame)
    if lacking.any():  # a limit needs a unit in which every commodity has a load: that of most rows, or else any
        usual = [*frame.loc[frame["capacity_unit"].isin(known), "capacity_unit"].mode(), *sorted(known)]
        if not usual:
            raise ScenarioError(
                f"{table}.csv: '{keys(table, frame.loc[lacking])[0]}' has no limit that can be taken away, and "
                f"loads.csv no unit for every commodity; add a row with commodity {EVERY} to it"
            )
        frame.loc[lacking, "capacity_unit"] = usual[0]
    return settled(dataset, table, mask).with_table(table, frame)


def _for_all(dataset: Dataset, frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which rows have a unit in which every commodity has a load, (rows,)."""
    loads = Loads(dataset["loads"], dataset["commodities"])
    measures = map(Measure, frame["capacity_unit"].tolist(), frame["load_class"].tolist())
    return np.array([loads.for_all(measure) for measure in measures], dtype=np.bool_)


def _themselves(_: Dataset, table: str, picked: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Return the picked rows themselves, of links, terminals or pools."""
    return {table: picked}


def _across(dataset: Dataset, _: str, picked: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Return the links across the picked borders."""
    links, country = dataset["links"], _countries(dataset)
    borders = {(row.country_a, row.country_b, row.mode) for row in rows(dataset["borders"][picked])}
    crossed = []
    for link in rows(links):
        one, other = country.get(link.from_node, ""), country.get(link.to_node, "")
        names = {(one, other), (other, one), (EVERY, EVERY)}
        crossed.append(one != other and any((*name, link.mode) in borders for name in names))
    return {"links": np.array(crossed, dtype=np.bool_)}


def _along(dataset: Dataset, _: str, picked: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Return the links of the picked corridors, and links of the same mode between the same places."""
    steps = dataset["corridor_links"]
    names = steps.loc[steps["corridor"].isin(dataset["corridors"].loc[picked, "corridor"]), "link"]
    links = dataset["links"]
    pairs = list(_pairs(links))
    own = {pair for pair, mine in zip(pairs, links["link"].isin(names), strict=True) if mine}
    return {"links": np.array([pair in own for pair in pairs], dtype=np.bool_)}


def _at(dataset: Dataset, _: str, picked: NDArray[np.bool_]) -> dict[str, NDArray[np.bool_]]:
    """Return the links that begin or end at the picked places, and the terminals there."""
    places = set(dataset["nodes"].loc[picked, "node"])
    links, terminals = dataset["links"], dataset["terminals"]
    touched = links["from_node"].isin(places) | links["to_node"].isin(places)
    return {"links": touched.to_numpy(dtype=np.bool_), "terminals": terminals["node"].isin(places).to_numpy(np.bool_)}


def _pairs(links: pd.DataFrame) -> Iterable[tuple[str, frozenset[str]]]:
    return ((row.mode, frozenset((row.from_node, row.to_node))) for row in rows(links))


def _countries(dataset: Dataset) -> dict[str, str]:
    nodes = dataset["nodes"]
    return dict(zip(nodes["node"], nodes["country"], strict=True))


def open_rows(dataset: Dataset, change: Change, picked: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Open the picked rows in every year; those that a date does not keep shut stay as they are."""
    frame = dataset[change.table]
    shut = picked & (frame["year_open"] > dataset.base_year).to_numpy(dtype=np.bool_)
    if not shut.any():
        was_closed = bool((frame.loc[picked, "capacity"] == 0).any())
        change.fail(
            f"every row where {change.picks()} is open by {dataset.base_year} already; "
            + ("leave out the change that closed it" if was_closed else "remove the change")
        )
    return opened(dataset, change.table, shut), Effect(int(picked.sum()), {change.table: int(shut.sum())})


def opened(dataset: Dataset, table: str, mask: NDArray[np.bool_]) -> Dataset:
    """Return the dataset with rows of links, terminals or pools that are there in every year from the base year on.

    The date is part of a pool's key, so its later capacity moves to a row that is there all of the base year.
    """
    frame = dataset[table]
    if table != "pools":
        frame.loc[mask, "year_open"] = np.nan
        frame.loc[mask, "opened"] = ""
        return dataset.with_table(table, frame)
    written = mask.copy()
    for row in np.flatnonzero(mask).tolist():
        mine = frame["pool"] == frame["pool"].iloc[row]
        here = mine & (frame["year_open"] <= dataset.base_year - (frame["opened"] != ""))
        if here.any():
            at = frame.loc[here, "year_open"].idxmax()
            frame.loc[at, "capacity"] += frame["capacity"].iloc[row]
            written[at : at + 1] = True
        else:  # a row that was opened within the base year is in the way of one of that year
            year = dataset.base_year - (mine & (frame["year_open"] == dataset.base_year)).any()
            new = frame.iloc[[row]].assign(year_open=float(year), opened="")
            frame.loc[len(frame)] = new.iloc[0]
        frame.loc[row, "capacity"] = 0.0
    return settled(dataset, table, written).with_table(table, frame)
