"""The capacities of one year: of a row that figure which holds then, for the days that it is there, less passengers.

1. A row's own figure is that of the base year, and `capacities.csv` has those of others. Each holds from its year on
   until the next year with a figure; before the first of all, the first holds, as the nearest that is known.
2. What passenger traffic takes of it comes first, and freight has the rest, never less than nothing.
3. Of a row that was opened within the year counts the share of the year's days that are left, that day among them.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from corridors.network.handling import is_open
from corridors.tables.schema import keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.arrays import FloatArray
    from corridors.tables.dataset import Dataset

OWN = -1  # the row's own figure, where no row of capacities.csv holds


def capacities_of(dataset: Dataset, table: str, year: int) -> FloatArray:
    """Return what each row of links, terminals or pools takes of freight in a year, in its unit, (rows,).

    A row that is not there yet takes nothing; a limit of inf stays one on whatever day it opened.
    """
    frame = dataset[table]
    whole = frame["capacity"].to_numpy(dtype=np.float64)
    held = holding(dataset, table, year)
    if (of_years := held != OWN).any():
        whole = np.where(of_years, dataset["capacities"]["capacity"].to_numpy(dtype=np.float64)[held], whole)
    if "passenger" in frame:
        taken = np.nan_to_num(frame["passenger"].to_numpy(dtype=np.float64))
        whole = np.maximum(whole - taken, 0.0)
    there = is_open(frame["year_open"].to_numpy(dtype=np.float64), year)
    return np.where(there, whole * shares(frame["opened"].tolist(), year), 0.0)


def holding(dataset: Dataset, table: str, year: int) -> NDArray[np.int64]:
    """Return which row of `capacities.csv` holds in a year for each row of a table, (rows,); `OWN` where none does."""
    given = dataset["capacities"]
    found = np.full(len(dataset[table]), OWN)
    if not (given["table"] == table).any():
        return found
    figures: dict[str, dict[int, int]] = {}  # by key, and then by year
    columns = (given[name].tolist() for name in ("table", "key", "year"))
    for row, (name, key, of) in enumerate(zip(*columns, strict=True)):
        if name == table:
            figures.setdefault(key, {dataset.base_year: OWN})[int(of)] = row
    for row, key in enumerate(keys(table, dataset[table])):
        years = figures.get(key)
        if years is not None:
            begun = [one for one in years if one <= year]
            found[row] = years[max(begun) if begun else min(years)]
    return found


def capacity_keys(dataset: Dataset, table: str, year: int) -> list[tuple[str, str]]:
    """Return the table and the key under which the capacity of each row stands that holds in a year, (rows,)."""
    own, held = keys(table, dataset[table]), holding(dataset, table, year)
    given = keys("capacities", dataset["capacities"])
    return [
        (table, key) if row == OWN else ("capacities", given[row]) for key, row in zip(own, held.tolist(), strict=True)
    ]


def shares(opened: list[str], year: int) -> FloatArray:
    """Return the share of a year for which what opened on a day is there, (rows,); 1 where no day is given."""
    found = np.ones(len(opened))
    for row, day in [(row, day) for row, day in enumerate(opened) if day]:
        if int(day[:4]) == year:
            found[row] = share(date.fromisoformat(day))
    return found


def share(opened: date) -> float:
    """Return the share of its year's days that are left on the morning of a day: 93/365 on 30 September 2025."""
    end = date(opened.year, 12, 31)
    return ((end - opened).days + 1) / end.timetuple().tm_yday
