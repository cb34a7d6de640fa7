"""Every rule about estimated parameters is named, with file, row, column and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
import small
from faults import faults

from corridors import tables
from corridors.tables.schema import fields

ADDED = {
    "posterior": """
        parameter    table    key                    column       kind   estimate prior_sd sd   total
        tariff:rail  tariffs  rail:container         usd_per_km   factor 0.05     0.2      0.15 .
        tariff:rail  tariffs  rail:container:BBB     usd_per_km   factor 0.05     0.2      0.15 .
        tau          choice   container|*            tau          factor -0.3     0.3      0.1  .
        fee          links    rail:EASTGATE-DRYPASS  usd_per_t    addend 2.5      10       4    .
        share:west   demand   transit:west           kt           share  0.1      0.2      0.12 transit
        share:east   demand   transit:east           kt           share  -0.3     0.6      0.36 transit
    """,
    "posterior_directions": """
        direction parameter   loading shrink
        1         tariff:rail 0.6     0.4
        1         share:west  -0.8    0.4
        2         tau         1       0.75
    """,
}


@pytest.fixture
def estimated(folder: Path) -> Path:
    """Return the small package with what an estimation leaves, and no provenance."""
    for name, text in ADDED.items():
        small.extend(folder, name, text)
    assert faults(folder) == []
    return folder


# One cell wrong: table, row, cells to write, and the column and words of the fault.
CELLS = [
    ("posterior", 2, {"table": "tarifs"}, "table", "did you mean tariffs"),
    ("posterior", 2, {"key": "rail:contaner"}, "key", "did you mean rail:container"),
    ("posterior", 2, {"column": "per"}, "column", "a column of numbers of tariffs.csv"),
    ("posterior", 2, {"kind": "product"}, "kind", "one of factor, addend, share"),
    ("posterior", 2, {"estimate": ""}, "estimate", "a number"),
    ("posterior", 2, {"estimate": "inf"}, "estimate", "a finite number"),
    ("posterior", 4, {"sd": "0"}, "sd", "at least 1e-12"),
    ("posterior", 4, {"prior_sd": "0", "sd": "0"}, "prior_sd", "at least 1e-12"),
    ("posterior", 4, {"sd": "0.4"}, "sd", "at most 0.3, the deviation before the counts"),
    ("posterior", 3, {"estimate": "0.06"}, "estimate", "0.05 as in row 2, of the same parameter"),
    ("posterior", 3, {"kind": "addend"}, "kind", "'factor' as in row 2"),
    ("posterior", 5, {"total": "transit"}, "total", "a blank cell for kind addend"),
    ("posterior", 6, {"total": ""}, "total", "the total of 'transit:west'"),
    ("posterior", 6, {"total": "transits"}, "total", "did you mean transit"),
    ("posterior", 6, {"key": "goods:import"}, "total", "the total of 'goods:import'"),
    ("posterior", 6, {"column": "reservation_usd_per_t"}, "column", "kt of demand for kind share"),
    ("posterior_directions", 2, {"parameter": "tarif:rail"}, "parameter", "did you mean tariff:rail"),
    ("posterior_directions", 4, {"loading": "1.5"}, "loading", "at most 1"),
    ("posterior_directions", 4, {"loading": "0.5"}, "loading", "length 1"),
    ("posterior_directions", 4, {"loading": "nan"}, "loading", "a number"),
    ("posterior_directions", 3, {"shrink": "0.5"}, "shrink", "0.4 as in row 2, of the same direction"),
    ("posterior_directions", 4, {"shrink": "1.01"}, "shrink", "at most 1"),
    ("posterior_directions", 4, {"direction": "1.5"}, "direction", "a whole number"),
    ("posterior_directions", 3, {"parameter": "tariff:rail"}, "parameter", "a second time"),
]


@pytest.mark.parametrize(("table", "row", "cells", "column", "words"), CELLS)
def test_a_wrong_cell_is_named(
    estimated: Path, table: str, row: int, cells: dict[str, str], column: str, words: str
) -> None:
    small.edit(estimated, table, row, **cells)
    found = [fault for fault in faults(estimated) if (fault.file, fault.column) == (f"{table}.csv", column)]
    assert found
    assert any(words in str(fault) for fault in found), found


def test_numbers_of_an_estimate_need_no_provenance(tmp_path: Path) -> None:
    folder = small.small_dataset(tmp_path / "small")
    small.extend(folder, "posterior", ADDED["posterior"])
    assert faults(folder) == []


@pytest.mark.parametrize(("low", "words"), [("", "low and high, as the number is estimated"), ("0.39", "")])
def test_an_estimated_number_has_a_band(tmp_path: Path, low: str, words: str) -> None:
    folder = small.small_dataset(tmp_path / "small")
    told = small.read_rows(folder, "provenance")
    at = next(n for n, row in enumerate(told, 2) if (row["table"], row["key"]) == ("tariffs", "rail:container"))
    small.edit(folder, "provenance", at, status="estimated", low=low)
    assert [words in str(fault) for fault in faults(folder)] == ([True] if words else [])


def test_the_embedded_package_has_the_tables() -> None:
    data = tables.read()
    for name in ADDED:
        assert list(data[name].columns) == list(fields(name))
