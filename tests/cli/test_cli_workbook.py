"""A workbook is made, checked, planned, verified and turned into a folder by the same commands as a folder."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import small
import workbooks
from commands import run, sentence

from corridors import tables

SUMS = ("flows", "routes", "corridors", "bottlenecks", "unserved", "handlings", "usage")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    small.small_dataset(tmp_path / "DATA")
    return tmp_path


def test_a_workbook_gives_the_plan_of_the_folder_that_it_was_made_of(place: Path) -> None:
    assert run("data", "init", "-o", "my.xlsx", "--data", "DATA").exit_code == 0
    assert "my.xlsx: sound; " in run("data", "check", "my.xlsx").stdout
    assert run("plan", "--data", "DATA", "--quiet", "--out", "of-folder").exit_code == 0
    assert run("plan", "--data", "my.xlsx", "--quiet", "--out", "of-workbook").exit_code == 0
    for name in SUMS:
        assert (place / "of-workbook" / f"{name}.csv").read_bytes() == (
            place / "of-folder" / f"{name}.csv"
        ).read_bytes()
    assert "Proven" in run("verify", "of-workbook", "--data", "my.xlsx").stdout


def test_a_workbook_becomes_a_folder_with_the_same_digest(place: Path) -> None:
    run("data", "init", "-o", "my.xlsx", "--data", "DATA")
    assert run("data", "init", "again", "--data", "my.xlsx").exit_code == 0
    assert tables.read("again").digest == tables.read("my.xlsx").digest


def test_a_copy_of_a_folder_brings_its_scenarios(place: Path) -> None:
    (place / "DATA" / "scenarios").mkdir()
    (place / "DATA" / "scenarios" / "slow.toml").write_text('name = "slow"\n', encoding="utf-8")
    assert run("data", "init", "copy", "--data", "DATA").exit_code == 0
    assert (place / "copy" / "scenarios" / "slow.toml").is_file()


def test_an_empty_workbook_knows_what_it_is_about(place: Path) -> None:
    about = ["--empty", "--title", "Copper", "--home-country", "ZMB", "--base-year", "2023"]
    assert run("data", "init", "-o", "new.xlsx", *about).exit_code == 0
    read = tables.read("new.xlsx")
    assert (read.title, read.home_country, read.base_year) == ("Copper", "ZMB", 2023)
    assert all(frame.empty for frame in read.tables.values())
    assert "not yet enough for a plan" in run("data", "check", "new.xlsx").stdout


def test_the_workbook_offers_lists_notes_names_and_where_numbers_come_from(place: Path) -> None:
    run("data", "init", "-o", "my.xlsx", "--data", "DATA", "--lang", "ru")
    book = openpyxl.load_workbook("my.xlsx")
    page = book["links"]
    header = [cell.value for cell in page[1]]
    assert header[:5] == ["link", "from_node", "from_node: name", "to_node", "to_node: name"]
    at = header.index("km")
    assert header[at : at + 6] == ["km", *(f"km: {what}" for what in ("status", "low", "high", "source", "note"))]
    assert page.column_dimensions[page.cell(1, at + 2).column_letter].outlineLevel == 1
    assert "[км]\nдлина вдоль пути" in page.cell(1, at + 1).comment.text
    assert page.freeze_panes == "B2"
    lists = {str(one.sqref).split(":")[0]: one.formula1 for one in page.data_validations.dataValidation}
    assert "nodes!" in lists["B2"]
    assert "observed" in lists[page.cell(2, at + 2).coordinate]
    assert page["C2"].value.startswith("=IFERROR(INDEX(nodes!")
    assert openpyxl.load_workbook("my.xlsx", data_only=True)["links"]["C2"].value == "Harbour"


def test_check_names_sheet_and_cell(place: Path) -> None:
    book = workbooks.plain(place / "DATA")
    cell = workbooks.cell(book, "links", "km", 3)
    cell.value = "far"
    book.save("bad.xlsx")
    result = run("data", "check", "bad.xlsx")
    assert result.exit_code == 2
    assert result.stdout.startswith(f"sheet links, cell {cell.coordinate} (km): found 'far', expected a number (km)")
    said = sentence(run("plan", "--data", "bad.xlsx", "--quiet"))
    assert f"bad.xlsx: sheet links, cell {cell.coordinate} (km)" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-o", "my.csv"], "does not end in .xlsx"),
        (["there", "-o", "my.xlsx"], "give a new folder, DIR, or a workbook, -o FILE.xlsx"),
        ([], "give a new folder, DIR, or a workbook, -o FILE.xlsx"),
        (["-o", "there.xlsx"], "exists already"),
        (["new", "--empty", "--data", "DATA"], "contradict one another"),
    ],
)
def test_init_refuses_what_it_cannot_write(place: Path, words: list[str], said: str) -> None:
    (place / "there.xlsx").write_text("mine", encoding="utf-8")
    assert said in sentence(run("data", "init", *words))
    assert (place / "there.xlsx").read_text(encoding="utf-8") == "mine"
