"""Every rule about loads by line and other years is named, with file, row, column and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
import small
from faults import faults

from corridors import tables

ADDED = {
    "loads": """
        capacity_unit   commodity t_per_unit_year load_class runs_per_unit_year t_per_unit empty_share
        train_pairs_day *         1000000         border     .                  .          .
        lorries_day     general   3650            .          365                20         0.5
    """,
    "capacities": """
        table key                   year capacity
        links rail:EASTGATE-DRYPASS 2022 9
    """,
    "total_years": """
        total   year kt
        transit 2022 3000
    """,
}


@pytest.fixture
def dated(folder: Path) -> Path:
    """Return the small package with figures of other years and classes, and no provenance."""
    (folder / "provenance.csv").unlink()
    (folder / "sources.csv").unlink()
    for name, text in ADDED.items():
        small.extend(folder, name, text)
    assert faults(folder) == []
    return folder


# One cell wrong: table, row, cells to write, and the column and words of the fault.
CELLS = [
    ("links", 5, {"opened": "2025-09-30"}, "opened", "2025-09-30 where year_open is 2026"),
    ("links", 2, {"opened": "2025-09-30"}, "opened", "where year_open is a blank cell"),
    ("links", 5, {"opened": "2026-02-30"}, "opened", "there is no such day"),
    ("links", 5, {"opened": "30.09.2026"}, "opened", "a day such as 2025-09-30"),
    ("terminals", 2, {"opened": "2024-01-01"}, "opened", "a day of year_open"),
    ("pools", 2, {"opened": "2023-12-31"}, "opened", "where year_open is 2024"),
    ("links", 2, {"load_class": "bordr"}, "load_class", "did you mean border"),
    ("links", 7, {"load_class": "border"}, "load_class", "a class with a row in lorries_day"),
    ("pools", 3, {"load_class": "border"}, "load_class", "the class of the first row of pass"),
    ("links", 2, {"passenger": "-1"}, "passenger", "at least 0"),
    ("links", 2, {"passenger": "few"}, "passenger", "a number (capacity_unit)"),
    ("loads", 6, {"load_class": "*"}, "load_class", "blank for every line"),
    ("loads", 6, {"commodity": "container_high", "load_class": ""}, "load_class", "a second time"),
    ("loads", 7, {"t_per_unit_year": "7300"}, "t_per_unit_year", "3650, which is 365 runs x 20 t x 0.5 loaded"),
    ("loads", 7, {"runs_per_unit_year": ""}, "runs_per_unit_year", "as t_per_unit is given"),
    ("loads", 7, {"empty_share": "1.5"}, "empty_share", "at most 1"),
    ("capacities", 2, {"key": "rail:EASTGATE-DRYPAS"}, "key", "did you mean rail:EASTGATE-DRYPASS"),
    ("capacities", 2, {"table": "nodes"}, "table", "one of links, terminals, pools"),
    ("capacities", 2, {"year": "2024"}, "year", "another year than the base year"),
    ("capacities", 2, {"key": "deep_sea:HARBOUR-LANDING"}, "capacity", "a limit whose row says its unit"),
    ("capacities", 2, {"capacity": ""}, "capacity", "write inf for no limit"),
    ("total_years", 2, {"total": "transits"}, "total", "did you mean transit"),
    ("total_years", 2, {"year": "2024"}, "year", "another year than the base year"),
]


@pytest.mark.parametrize(("table", "row", "cells", "column", "words"), CELLS)
def test_a_wrong_cell_is_named(
    dated: Path, table: str, row: int, cells: dict[str, str], column: str, words: str
) -> None:
    small.edit(dated, table, row, **cells)
    named = [f for f in faults(dated) if (f.file, f.row, f.column) == (f"{table}.csv", row, column)]
    assert len(named) == 1, "\n".join(map(str, faults(dated)))
    assert words in str(named[0])
    assert "\n" not in str(named[0])


def test_a_total_of_nothing_in_the_base_year_cannot_be_carried_over(dated: Path) -> None:
    small.edit(dated, "totals", 2, kt="0")
    (fault,) = faults(dated)
    assert (fault.file, fault.row, fault.column) == ("total_years.csv", 2, "kt")


def test_a_total_whose_figure_is_of_another_year_has_it_once(dated: Path) -> None:
    small.edit(dated, "totals", 2, year="2022")
    (fault,) = faults(dated)
    assert (fault.file, fault.row, fault.column) == ("total_years.csv", 2, "kt")
    assert "expected 4000, as totals.csv has of 2022" in str(fault)
    small.edit(dated, "total_years", 2, kt="4000")
    assert faults(dated) == []


def test_figures_of_other_years_and_passengers_need_a_source(folder: Path) -> None:
    small.edit(folder, "links", 2, passenger="3")
    for name in ("capacities", "total_years"):
        small.extend(folder, name, ADDED[name])
    found = {(one.file, one.column) for one in faults(folder) if "without provenance" in one.found}
    assert found == {("links.csv", "passenger"), ("capacities.csv", "capacity"), ("total_years.csv", "kt")}
    table = small.read_rows(folder, "provenance")
    cells = {"status": "assumed", "low": "0", "high": "9999", "source": "invented"}
    keys = [
        ("links", "rail:HARBOUR-EASTGATE", "passenger"),
        ("capacities", "links|rail:EASTGATE-DRYPASS|2022", "capacity"),
        ("total_years", "transit|2022", "kt"),
    ]
    table += [{"table": one, "key": key, "column": column, **cells} for one, key, column in keys]
    small.write_table(folder, "provenance", table)
    assert faults(folder) == []


def test_what_is_written_of_it_reads_back_the_same(dated: Path, tmp_path: Path) -> None:
    dataset = tables.read(dated)
    dataset.write(tmp_path / "copy")
    again = tables.read(tmp_path / "copy")
    assert all(again[name].equals(dataset[name]) for name in tables.dictionary())
