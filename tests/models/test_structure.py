"""The dictionary of the data is a Frictionless one: what Frictionless finds wrong by it, our own rules find, too."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import small
from frictionless import Package, Resource, Schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors import tables
from corridors.tables import schema
from corridors.tables.validation import check

type Place = tuple[str, int | None]  # file, row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small.small_dataset(tmp_path / "package")


def judged(folder: Path) -> set[Place]:
    """Return file and row of each fault that Frictionless finds by the dictionary: types, constraints, keys."""
    resources = []
    for name, table in schema.dictionary().items():
        rows = small.read_rows(folder, name)
        data = [list(schema.fields(name)), *([row.get(column, "") for column in schema.fields(name)] for row in rows)]
        resources.append(Resource(name=name, data=data, schema=Schema.from_descriptor(dict(table["schema"]))))
    found = set()
    for task in Package(resources=resources).validate(limit_errors=10_000).tasks:
        found |= {(f"{task.name}.csv", error.to_descriptor().get("rowNumber")) for error in task.errors}
    return found


def ours(folder: Path) -> set[Place]:
    return {(fault.file, fault.row) for fault in check(folder)}


def test_sound_packages_have_no_fault_for_frictionless(folder: Path, tmp_path: Path) -> None:
    assert judged(folder) == set()
    shutil.copytree(tables.embedded(), tmp_path / "whole")
    assert judged(tmp_path / "whole") == set()


@pytest.mark.parametrize(
    ("table", "row", "cells"),
    [
        ("links", 2, {"from_node": "NOWHERE"}),
        ("links", 2, {"km": "far"}),
        ("links", 2, {"km": "-5"}),
        ("links", 2, {"km": ""}),
        ("links", 2, {"gauge_mm": "1.5"}),
        ("nodes", 2, {"country": "aaa"}),
        ("nodes", 2, {"node": "EASTGATE"}),
        ("terminals", 2, {"kind": "lift"}),
        ("modes", 3, {"running": "typical"}),
    ],
)
def test_frictionless_and_our_rules_name_the_same_rows(
    folder: Path, table: str, row: int, cells: dict[str, str]
) -> None:
    small.edit(folder, table, row, **cells)
    assert (f"{table}.csv", row if "node" not in cells else 3) in judged(folder) & ours(folder)


CELLS = st.sampled_from(
    [
        *("", "-1", "0", "1", "1.5", "2024", "2024.0", "1e3", "1e999", "inf", "-inf", "nan", "typical", "rail"),
        *("true", "TRUE", "2024-05-01", "HARBOUR", "grain:export", "a|b", "*"),
    ]
)


def tables_with_rows() -> Iterator[str]:
    return (name for name, rows in small.small_tables().items() if len(rows))


@pytest.mark.slow
@given(st.data())
@settings(deadline=None, max_examples=30, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_cell_is_wrong_for_frictionless_and_right_for_us(tmp_path: Path, data: st.DataObject) -> None:
    folder = (
        small.small_dataset(tmp_path / "package", None) if not (tmp_path / "package").exists() else tmp_path / "package"
    )
    table = data.draw(st.sampled_from(sorted(tables_with_rows())))
    rows = small.read_rows(folder, table)
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.sampled_from(sorted(schema.fields(table))))
    before = (folder / f"{table}.csv").read_bytes()
    small.edit(folder, table, row + 2, **{column: data.draw(CELLS)})
    try:
        assert judged(folder) <= ours(folder)
    finally:
        (folder / f"{table}.csv").write_bytes(before)
