"""Which rows of a table a change means: those whose columns hold the values asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.scenario.change import DERIVED, Change, Condition, Value
from corridors.suggest import did_you_mean
from corridors.tables.faults import shown
from corridors.tables.schema import fields, is_numeric

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset

FEW = 12


def picked(dataset: Dataset, change: Change) -> NDArray[np.bool_]:
    """Return for each row whether a change means it, (rows,).

    Text is equal or it is not; where a column holds a list, one of its values may be equal; "" in a column of
    numbers stands for a blank cell.

    Raises
    ------
    ScenarioError
        If no row is meant, with the nearest values that there are.
    """
    frame = dataset[change.table]
    rows = np.ones(len(frame), dtype=np.bool_)
    if change.action == "add":
        return ~rows
    for column, values in change.where.items():
        rows &= _holds(dataset, change, frame, column, values)
    for column, values in change.where_not.items():
        rows &= ~_holds(dataset, change, frame, column, values)
    if not rows.any():
        _nothing(dataset, change, frame)
    return rows


def _holds(
    dataset: Dataset, change: Change, frame: pd.DataFrame, column: str, values: tuple[Value, ...]
) -> NDArray[np.bool_]:
    """Return for each row whether a column holds one of the values, (rows,)."""
    cells = _cells(dataset, change.table, frame, column)
    meta = fields(change.table).get(column, {})
    if is_numeric(meta):
        wanted = [value for value in values if value != ""]
        found = cells.isin(wanted).to_numpy(dtype=np.bool_)
        return found | cells.isna().to_numpy(dtype=np.bool_) if "" in values else found
    one_of = set(values)
    if meta.get("list"):
        return np.array([cell in one_of or bool(one_of & {*cell.split(";")}) for cell in cells], dtype=np.bool_)
    return cells.isin(one_of).to_numpy(dtype=np.bool_)


def _cells(dataset: Dataset, table: str, frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column, or the country of the place that another column names ("" for every place)."""
    derived = DERIVED.get(table, {})
    if column not in derived:
        return frame[column]
    nodes = dataset["nodes"]
    country = dict(zip(nodes["node"], nodes["country"], strict=True))
    return frame[derived[column]].map(lambda place: country.get(place, ""))


def _nothing(dataset: Dataset, change: Change, frame: pd.DataFrame) -> None:
    """Raise an error that says why no row was picked."""
    conditions: Condition = change.where
    for column, values in conditions.items():
        cells = _cells(dataset, change.table, frame, column)
        if _holds(dataset, change, frame, column, values).any():
            continue
        known = sorted({part for cell in cells.astype(str) for part in (cell, *cell.split(";"))} - {"", "nan"})
        near = next((hint for value in values if (hint := did_you_mean(str(value), known))), "")
        if not near and 0 < len(known) <= FEW:
            near = f"; it has {', '.join(known)}"
        found = ", ".join(shown(value) for value in values)
        change.fail(f"no row of {change.table} has {found} in column {column}, expected a value that is there{near}")
    change.fail(f"no row of {change.table} has all of: {change.picks()}; remove or correct a condition")
