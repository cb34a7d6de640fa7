"""What may be wrong between the rows of `posterior.csv`, and in the directions of `posterior_directions.csv`."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corridors.frames import indexed_rows
from corridors.tables.faults import BLANK, Fault, cell_fault, shown
from corridors.tables.schema import number_text

if TYPE_CHECKING:
    import pandas as pd

    from corridors.tables.schema import Tables

SHARE = "share"
SHARED = ("demand", "kt")  # table and column of a share
ALIKE = ("kind", "estimate", "prior_sd", "sd", "total")  # what every row of a parameter says
LENGTH_TOLERANCE = 0.05  # parts that are too small to matter are left out
ROUNDED = 1e-9  # by which a parameter may be less sure with the counts than without


def faults(tables: Tables, posterior: pd.DataFrame) -> Iterator[Fault]:
    """Yield what is wrong between the columns of a row, and between the rows of a parameter."""
    demand = tables.get("demand")
    total_of = {} if demand is None else dict(zip(demand["demand"], demand["total"], strict=True))
    first: dict[str, Any] = {}
    for row in indexed_rows(posterior):
        yield from _of_row(row, total_of)
        other = first.setdefault(row.parameter, row)
        for column in ALIKE:
            value, before = getattr(row, column), getattr(other, column)
            if value != before and value == value:
                expected = f"{shown(before)} as in row {other.Index}, of the same parameter"
                yield cell_fault("posterior", row, column, shown(value), expected, "correct one of them")


def _of_row(row: Any, total_of: dict[str, str]) -> Iterator[Fault]:
    """A share is one of its total's demand; other kinds have no total, and counts make nothing less sure."""
    if row.kind == SHARE:
        if (row.table, row.column) != SHARED:
            expected = f"kt of demand for kind {SHARE}"
            found = f"{shown(row.column)} of {shown(row.table)}"
            yield cell_fault("posterior", row, "column", found, expected, "correct the cell or kind")
        elif not row.total or total_of.get(row.key, row.total) != row.total:
            expected = f"the total of {shown(row.key)} in demand.csv"
            yield cell_fault("posterior", row, "total", shown(row.total), expected, "correct the cell")
    elif row.total:
        expected = f"{BLANK} for kind {row.kind}"
        yield cell_fault("posterior", row, "total", shown(row.total), expected, "remove it or correct kind")
    if row.sd > row.prior_sd * (1 + ROUNDED):
        expected = f"at most {number_text(row.prior_sd)}, the deviation before the counts"
        yield cell_fault("posterior", row, "sd", number_text(row.sd), expected, "correct sd or prior_sd")


def direction_faults(directions: pd.DataFrame) -> Iterator[Fault]:
    """Yield what is wrong between the rows of a direction: one shrink, and loadings of length 1."""
    for _, mine in directions.groupby("direction", sort=True):
        first, *others = list(indexed_rows(mine))
        for row in others:
            if row.shrink != first.shrink and not math.isnan(row.shrink):
                expected = f"{number_text(first.shrink)} as in row {first.Index}, of the same direction"
                found = number_text(row.shrink)
                yield cell_fault("posterior_directions", row, "shrink", found, expected, "correct one of them")
        length = math.sqrt(math.fsum(row.loading**2 for row in (first, *others)))
        if abs(length - 1) > LENGTH_TOLERANCE:
            found = f"loadings of direction {number_text(first.direction)} of length {length:.3g}"
            advice = "correct them, or add the rows that are missing"
            yield cell_fault("posterior_directions", first, "loading", found, "length 1", advice)
