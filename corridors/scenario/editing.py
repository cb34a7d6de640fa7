"""Cells set, multiplied and added to, and rows added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.scenario.change import Change, Effect
from corridors.scenario.settling import CAPACITY, settled
from corridors.tables.schema import fields, is_needed, is_numeric, key_columns, keys, number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset


def set_rows(dataset: Dataset, change: Change, rows: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Write values into columns of the picked rows; "" makes a cell blank."""
    frame = dataset[change.table]
    for column, value in change.value.items():
        frame.loc[rows, column] = _cell(change.table, column, value)
    if CAPACITY in change.value:
        dataset = settled(dataset, change.table, rows)
    return _with(dataset, change, frame, int(rows.sum()))


def scale_rows(dataset: Dataset, change: Change, rows: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Multiply columns of the picked rows."""
    frame = dataset[change.table]
    for column, factor in change.value.items():
        values = frame.loc[rows, column]
        without = values[~np.isfinite(values)]
        if len(without):
            row = keys(change.table, frame.loc[without.index[:1]])[0]
            found = number_text(float(without.iloc[0])) or "a blank cell"
            change.fail(
                f"column {column} of '{row}': found {found}, expected a number to multiply; "
                f"leave such rows out with where_not = {{{column} = {found if found == 'inf' else '""'}}}"
            )
        with np.errstate(over="ignore"):
            scaled = values * factor
        if len(large := scaled[~np.isfinite(scaled)]):
            row = keys(change.table, frame.loc[large.index[:1]])[0]
            change.fail(f"column {column} of '{row}': found a multiple too large for any number; lower the factor")
        frame.loc[rows, column] = scaled
    if CAPACITY in change.value:
        dataset = settled(dataset, change.table, rows)
    return _with(dataset, change, frame, int(rows.sum()))


def add_rows(dataset: Dataset, change: Change, _: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Add rows; columns that are not given are blank."""
    table = change.table
    for number, row in enumerate(change.value, start=1):
        for column, meta in fields(table).items():
            in_key = column in key_columns(table) and is_needed(meta)
            needed = in_key or meta.get("constraints", {}).get("required")
            if needed and row.get(column, "") == "":
                unlimited = ", or inf for no limit" if meta.get("infinite") else ""
                change.fail(f"row {number}: found no {column}, expected {meta['description']}; add it{unlimited}")
    new = [{column: _cell(table, column, row.get(column, "")) for column in fields(table)} for row in change.value]
    frame = pd.concat([dataset[table], pd.DataFrame(new, columns=list(fields(table)))], ignore_index=True)
    names = pd.Series(keys(table, frame))
    twice = names[names.duplicated()]
    if len(twice):
        change.fail(f"found a row '{twice.iloc[0]}', which is there already; change that row, or give another name")
    return _with(dataset, change, frame, len(new))


def add_avoid(dataset: Dataset, change: Change, rows: NDArray[np.bool_]) -> tuple[Dataset, Effect]:
    """Add countries to those that the shippers of the picked freight avoid."""
    frame, nodes = dataset["demand"], dataset["nodes"]
    country = dict(zip(nodes["node"], nodes["country"], strict=True))
    before = frame["avoid"].tolist()
    avoids = list(before)
    for row in np.flatnonzero(rows).tolist():
        for end in ("origin", "destination"):
            if (there := country.get(frame[end].iloc[row], "")) in change.value:
                change.fail(
                    f"'{frame['demand'].iloc[row]}' has its {end} in {there}, which it cannot "
                    f"avoid; leave such rows out with where_not = {{{end}_country = ...}}"
                )
        known = before[row].split(";") if before[row] else []
        avoids[row] = ";".join(sorted({*known, *change.value})) if {*change.value} - {*known} else before[row]
    frame["avoid"] = avoids
    altered = sum(one != other for one, other in zip(before, avoids, strict=True))
    return dataset.with_table("demand", frame), Effect(int(rows.sum()), {"demand": altered})


def _cell(table: str, column: str, value: Any) -> Any:
    return np.nan if value == "" and is_numeric(fields(table)[column]) else value


def _with(dataset: Dataset, change: Change, frame: pd.DataFrame, count: int) -> tuple[Dataset, Effect]:
    return dataset.with_table(change.table, frame), Effect(count, {change.table: count})
