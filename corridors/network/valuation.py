"""The figures that arcs and resources have from the rows of the tables: the one place where they are computed.

Both the builder of a network and its revaluation with other figures (`corridors.network.revaluation`) ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corridors.network.yearly import capacities_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.models.arrays import FloatArray
    from corridors.tables.dataset import Dataset

BEST = "best"


class ArcFigures(NamedTuple):
    """What an arc has from its row, each (A,): km, h, USD/t, USD/TEU, kg CO2e/t."""

    km: FloatArray
    hours: FloatArray
    usd_per_t: FloatArray
    usd_per_teu: FloatArray
    kgco2e_per_t: FloatArray


def arc_figures(dataset: Dataset, running: str, table: NDArray[np.object_], row: NDArray[np.int64]) -> ArcFigures:
    """Return the figures of arcs by the table and the row behind each, (A,).

    Parameters
    ----------
    dataset
        With its rows in the order of their keys.
    running
        The set of running figures: the rows of `modes.csv`, and whether `hours_best` holds.
    table, row
        As in `Arcs`.
    """
    terminals, borders = dataset["terminals"], dataset["borders"]
    charges = [_or_zero(terminals[name]) for name in ("usd_per_t", "usd_per_teu", "kgco2e_per_t")]
    blocks = {
        "links": _of_links(dataset, running),
        "terminals": _block(len(terminals), _handling_hours(terminals, running), *charges),
        "borders": _block(len(borders), _handling_hours(borders, running), _or_zero(borders["usd_per_t"])),
    }
    starts = dict(zip(blocks, np.cumsum([0, *(block.shape[1] for block in blocks.values())]), strict=False))
    column = row.copy()
    for name, start in starts.items():
        column[table == name] += start
    return ArcFigures(*(figures[column] for figures in np.concatenate(list(blocks.values()), axis=1)))


def _of_links(dataset: Dataset, running: str) -> FloatArray:
    """Return the figures of every link, (5, links): its own speed at the mode's factor, or else the mode's speed."""
    links, modes = dataset["links"], dataset["modes"]
    named = zip(modes["mode"].tolist(), modes["running"].tolist(), strict=True)
    row = {mode: number for number, (mode, conditions) in enumerate(named) if conditions == running}
    mode = np.array([row.get(mode, 0) for mode in links["mode"].tolist()], dtype=np.int64)  # any, if it is not open
    factor, usual = (_floats(modes[name])[mode] for name in ("speed_factor", "speed_kmh"))
    own, km = _floats(links["speed_kmh"]), _floats(links["km"])
    hours = km / np.where(own > 0, own * factor, usual) + _floats(links["hours_fixed"])
    return np.stack([km, *_block(len(links), hours, _floats(links["usd_per_t"]))[1:]])


def _block(count: int, hours: FloatArray, *charges: FloatArray) -> FloatArray:
    """Return figures in the order of `ArcFigures`, (5, rows): no length, and 0 for the last ones not given."""
    figures = np.zeros((len(ArcFigures._fields), count))
    for place, one in enumerate((hours, *charges), start=1):
        figures[place] = one
    return figures


def _handling_hours(frame: pd.DataFrame, running: str) -> FloatArray:
    best, hours = _floats(frame["hours_best"]), _floats(frame["hours"])
    return np.where(np.isnan(best) | (running != BEST), hours, best)


def capacities(dataset: Dataset, year: int, rows: Sequence[tuple[str, tuple[int, ...]]]) -> FloatArray:
    """Return the capacity of each resource, (R,): that of its rows that are there in the year, added up.

    Parameters
    ----------
    dataset, year
        As in `arc_figures`, and the year of the network.
    rows
        For each resource the table and the rows that its capacity stands in.
    """
    found = np.zeros(len(rows))
    of_table: dict[str, list[int]] = {}
    for number, (table, _) in enumerate(rows):
        of_table.setdefault(table, []).append(number)
    for table, numbers in of_table.items():
        there = capacities_of(dataset, table, year)
        mine = [rows[number][1] for number in numbers]
        owner = np.repeat(np.arange(len(mine)), list(map(len, mine)))
        flat = np.fromiter(chain.from_iterable(mine), np.int64, owner.size)
        found[numbers] = np.bincount(owner, there[flat], minlength=len(mine))
    return found


def _floats(column: pd.Series) -> FloatArray:
    return column.to_numpy(dtype=np.float64)


def _or_zero(column: pd.Series) -> FloatArray:
    """Return a column with 0 where it is blank."""
    values = _floats(column)
    return np.where(np.isnan(values), 0.0, values)
