"""The rules across tables about loads by class of line and about other years, a `check_*` function each.

They are as those of `corridors.tables.rules`, which applies them after its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd

from corridors.frames import indexed_rows
from corridors.suggest import did_you_mean
from corridors.tables.faults import BLANK, Fault, cell_fault, quoted, shown
from corridors.tables.loads import Loads, Measure
from corridors.tables.schema import keys, number_text

type Frame = pd.DataFrame

ROUNDED = 0.01  # by which tonnes a year may differ from what the runs carry, as figures of both are rounded


def check_opened(links: Frame, terminals: Frame, pools: Frame) -> Iterator[Fault]:
    """The day on which a row opened lies in its year."""
    for name, frame in (("links", links), ("terminals", terminals), ("pools", pools)):
        for row in indexed_rows(frame) if any(frame["opened"].tolist()) else ():
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", row.opened) and float(row.opened[:4]) != row.year_open:
                found = f"{row.opened} where year_open is {number_text(row.year_open) or BLANK}"
                yield cell_fault(name, row, "opened", found, "a day of year_open", "correct one of them")


def check_load_classes(
    links: Frame, terminals: Frame, pools: Frame, loads: Frame, commodities: Frame
) -> Iterator[Fault]:
    """A class of loads has figures in the unit of the limit that names it; a shared limit has one class."""
    known, named = Loads(loads, commodities), set(loads["load_class"].tolist()) - {""}
    for name, frame in (("links", links), ("terminals", terminals), ("pools", pools)):
        for row in indexed_rows(frame) if named else ():
            if row.load_class not in named or not row.capacity_unit:
                continue
            if not known.has(Measure(row.capacity_unit, row.load_class)):
                expected = f"a class with a row in {row.capacity_unit}"
                advice = "add the row to loads.csv, or leave the cell blank for the loads of every line"
                yield cell_fault(name, row, "load_class", shown(row.load_class), expected, advice)
    first: dict[str, str] = {}
    for row in indexed_rows(pools):
        if row.load_class != first.setdefault(row.pool, row.load_class):
            expected = f"the class of the first row of {row.pool}"
            yield cell_fault("pools", row, "load_class", shown(row.load_class), expected, "use one class")


def check_runs(loads: Frame) -> Iterator[Fault]:
    """Tonnes a year are the runs of a unit, times the net tonnes of a loaded one, times the share that is loaded.

    The runs of a unit count both ways (a pair of trains a day is two runs, 730 a year), as a capacity is taken by what
    goes either way, and an empty train back takes as much of the line as a loaded one.
    """
    for row in indexed_rows(loads):
        if math.isnan(row.t_per_unit):
            continue
        if math.isnan(row.runs_per_unit_year):
            expected = "the runs a year of a unit, as t_per_unit is given"
            yield cell_fault("loads", row, "runs_per_unit_year", BLANK, expected, "fill it in, such as 730 or 365")
            continue
        empty = 0.0 if math.isnan(row.empty_share) else row.empty_share
        tonnes = row.runs_per_unit_year * row.t_per_unit * (1 - empty)
        if abs(row.t_per_unit_year - tonnes) > ROUNDED * tonnes:
            runs = f"{number_text(row.runs_per_unit_year)} runs x {number_text(row.t_per_unit)} t"
            expected = f"{tonnes:.6g}, which is {runs} x {1 - empty:.6g} loaded"
            found, advice = number_text(row.t_per_unit_year), "correct the one that is wrong"
            yield cell_fault("loads", row, "t_per_unit_year", found, expected, advice)


def check_other_capacities(
    capacities: Frame, links: Frame, terminals: Frame, pools: Frame, base_year: int
) -> Iterator[Fault]:
    """A capacity of another year is about a row that is there and has a unit; that of the base year is the row's."""
    frames: Mapping[str, Frame] = {"links": links, "terminals": terminals, "pools": pools}
    units = {
        name: dict(zip(keys(name, frame), frame["capacity_unit"].tolist(), strict=True))
        for name, frame in (frames.items() if len(capacities) else ())
    }
    for row in indexed_rows(capacities):
        if row.table not in units:
            advice = f"correct the cell{did_you_mean(row.table, units)}"
            yield cell_fault("capacities", row, "table", shown(row.table), f"one of {', '.join(units)}", advice)
            continue
        of_table = units[row.table]
        if row.key not in of_table:
            expected = f"the key of a row of {row.table}.csv"
            advice = f"correct the cell{did_you_mean(row.key, of_table)}"
            yield cell_fault("capacities", row, "key", shown(row.key), expected, advice)
        elif np.isfinite(row.capacity) and not of_table[row.key]:
            found = f"{number_text(row.capacity)} for {quoted(row.key)}, which has no unit"
            expected, advice = "a limit whose row says its unit", f"fill in capacity_unit in {row.table}.csv"
            yield cell_fault("capacities", row, "capacity", found, expected, advice)
        if row.year == base_year:
            expected, advice = "another year than the base year", f"write the figure into {row.table}.csv"
            yield cell_fault("capacities", row, "year", number_text(row.year), expected, advice)


def check_total_years(total_years: Frame, totals: Frame, base_year: int) -> Iterator[Fault]:
    """A total of another year can be held to that of the base year, which is in its own table."""
    base = dict(zip(totals["total"].tolist(), totals["kt"].tolist(), strict=True))
    dated = {(row.total, row.year): row.kt for row in indexed_rows(totals)}  # may stand for the base year, too
    for row in indexed_rows(total_years):
        if row.year == base_year:
            expected = "another year than the base year"
            yield cell_fault("total_years", row, "year", number_text(row.year), expected, "write it into totals.csv")
        elif row.kt != dated.get((row.total, row.year), row.kt):
            expected = f"{number_text(dated[row.total, row.year])}, as totals.csv has of {number_text(row.year)}"
            yield cell_fault("total_years", row, "kt", number_text(row.kt), expected, "correct one of them")
        elif row.kt > 0 and base.get(row.total) == 0:
            found = f"{number_text(row.kt)} of {quoted(row.total)}, which is 0 in totals.csv"
            expected = "0, as no demand is split from it"
            yield cell_fault(
                "total_years", row, "kt", found, expected, "correct one of them, or add rows to demand.csv"
            )


CHECKS: tuple[Callable[..., Iterator[Fault]], ...] = (
    check_opened,
    check_load_classes,
    check_runs,
    check_other_capacities,
    check_total_years,
)
