"""A data package as a whole: what is missing, misnamed or in the way of a plan is named, and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import small
from faults import faults, only, quick
from hypothesis import given
from hypothesis import strategies as st

from corridors import tables
from corridors.tables import schema, validation
from corridors.tables.validation import check, load


def test_a_sound_package_has_no_fault(folder: Path) -> None:
    assert check(folder) == []


def test_the_embedded_package_has_no_fault() -> None:
    assert [str(fault) for fault in check(tables.embedded())] == []


def test_what_a_plan_still_needs_is_named_in_an_order_that_can_be_followed(folder: Path, tmp_path: Path) -> None:
    assert validation.unfilled(load(folder).frames) == []
    tables.empty().write(tmp_path / "new")
    order = validation.unfilled(load(tmp_path / "new").frames)
    filled = {"pools", "loads", "totals"}  # that a row may leave out
    for name in order:
        for _, sources in schema.references(name):
            assert {table for table, _ in sources} <= {*filled, name}
        filled.add(name)
        small.write_table(tmp_path / "new", name, small.read_rows(folder, name))


def test_all_faults_come_at_once_sorted_by_file_and_row(folder: Path) -> None:
    small.edit(folder, "links", 9, km="-1")
    small.edit(folder, "links", 3, km="x", speed_kmh="boat")
    small.edit(folder, "demand", 2, kt="")
    found = [(fault.file, fault.row, fault.column) for fault in faults(folder)]
    assert found[:4] == [
        ("demand.csv", 2, "kt"),
        ("links.csv", 3, "km"),
        ("links.csv", 3, "speed_kmh"),
        ("links.csv", 9, "km"),
    ]
    assert found == sorted(found)


@pytest.mark.parametrize("name", ["Links.csv", "links.xlsx", "link.csv", "links.CSV"])
def test_a_misnamed_table_is_recognised(folder: Path, name: str) -> None:
    (folder / "links.csv").rename(folder / name)
    fault = next(fault for fault in faults(folder) if fault.file == "links.csv")
    assert fault.found == "no such file"
    assert f"rename '{name}'" in fault.advice


def test_a_misspelt_optional_table_is_not_ignored(folder: Path) -> None:
    (folder / "tariffs.csv").rename(folder / "tarifs.csv")
    assert "rename 'tarifs.csv'" in only(folder).advice


def test_optional_tables_may_be_missing(folder: Path) -> None:
    for name, table in schema.dictionary().items():
        if table.get("optional") and name != "pools":
            (folder / f"{name}.csv").unlink(missing_ok=True)
    small.edit(folder, "demand", 2, total="")
    small.edit(folder, "demand", 3, total="")
    assert check(folder) == []


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "borders.csv").unlink()
    assert next(fault for fault in faults(folder) if fault.found == "no such file").file == "borders.csv"


def test_a_folder_in_place_of_a_table_is_named(folder: Path) -> None:
    (folder / "links.csv").unlink()
    (folder / "links.csv").mkdir()
    assert faults(folder)[0].found == "a folder, not an ordinary file"


def test_a_folder_that_is_none_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").touch()
    assert only(folder / "links.csv").found == "a file"
    assert only(tmp_path / "nowhere").found == "No such file or directory"
    assert only(tmp_path / "empty").found == "an empty folder"
    assert only(tmp_path / "other").found == "a folder with 1 other files"


def test_a_strangers_dictionary_weakens_nothing_and_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text("node\nX\n", encoding="utf-8")
    fields = [{"name": "node", "type": "any"}]
    paths = ["../elsewhere.csv", "https://example.invalid/nodes.csv"]
    resources = [{"name": "nodes", "path": path, "schema": {"fields": fields}} for path in paths]
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}), encoding="utf-8")
    assert check(folder) == []
    assert len(load(folder).frames["nodes"]) == 6
    small.edit(folder, "nodes", 2, lat="north")
    assert only(folder).column == "lat"


@pytest.mark.parametrize(
    ("package", "column"),
    [
        ("{", None),
        ("[]", None),
        ("[" * 100_000, None),
        ('{"base_year": "2024"}', "base_year"),
        ('{"base_year": true}', "base_year"),
        ('{"base_year": 2024.5}', "base_year"),
        ('{"home_country": "ZZZ"}', "home_country"),
        ('{"home_country": ["AAA"]}', "home_country"),
        ('{"default_commodity": "timber"}', "default_commodity"),
        ('{"title": 5}', "title"),
    ],
)
def test_a_wrong_datapackage_json_is_named(folder: Path, package: str, column: str | None) -> None:
    (folder / "datapackage.json").write_text(package, encoding="utf-8")
    fault = only(folder)
    assert (fault.file, fault.column) == ("datapackage.json", column)


def test_a_datapackage_json_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "datapackage.json").write_bytes('{"title": "Коридоры"}'.encode("cp1251"))
    assert "cp1251" in str(only(folder))


def test_a_place_with_a_line_break_breaks_no_sentence(folder: Path) -> None:
    first = small.read_rows(folder, "corridor_links")[0]["link"]
    links = [row["link"] for row in small.read_rows(folder, "links")]
    small.edit(folder, "links", links.index(first) + 2, from_node="A\nB", to_node="C\nD")
    found = [str(fault) for fault in faults(folder)]
    assert any("\\x0a" in one for one in found)
    assert not any("\n" in one for one in found)


@quick
@given(
    table=st.sampled_from(["nodes", "links", "terminals", "demand", "pools", "projects", "provenance"]),
    data=st.data(),
    cell=st.text(max_size=12) | st.sampled_from(["inf", "-inf", "nan", "1e400", "*", ";", "|", "0", "1e-320"]),
)
def test_no_cell_makes_the_check_fail(tmp_path: Path, table: str, data: st.DataObject, cell: str) -> None:
    folder = small.small_dataset(tmp_path / "package")
    column = data.draw(st.sampled_from(sorted(schema.fields(table))))
    encoded = cell.encode("utf-8", errors="replace").decode()
    small.edit(folder, table, 2, **{column: encoded})
    for fault in faults(folder):
        assert fault.file
        assert "\n" not in str(fault)
