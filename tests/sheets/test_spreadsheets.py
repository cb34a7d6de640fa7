"""What Excel saves is read, or refused in a sentence that says what to do."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pandas as pd
import pytest
import small
from commands import run, sentence
from networks import GMNS, gmns, same

from corridors import tables
from corridors.errors import DataError
from corridors.exchange import open_problem
from corridors.planning import difference, plan_folder

BOM = b"\xef\xbb\xbf"
DATA = tables.embedded()


def as_excel(folder: Path, mark: str = ",") -> None:
    """Save every CSV file as Excel does: UTF-8 with a mark, CRLF; other separators, then, with decimal commas."""
    for path in folder.glob("*.csv"):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        if mark != ",":
            frame = frame.replace(r"^(-?\d+)\.(\d+)$", r"\1,\2", regex=True)
        path.write_bytes(BOM + frame.to_csv(index=False, sep=mark, lineterminator="\r\n").encode())


def test_a_data_package_saved_by_excel_is_the_same(folder: Path) -> None:
    small.edit(folder, "nodes", 2, name_kk="Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі", name_ru="Ёлки")
    before = tables.read(folder)
    as_excel(folder)
    after = tables.read(folder)
    assert after.digest == before.digest
    assert after["nodes"].equals(before["nodes"])


def test_the_words_of_a_package_saved_by_notepad_are_read(folder: Path) -> None:
    package = folder / "datapackage.json"
    package.write_bytes(BOM + package.read_bytes())
    assert tables.read(folder).base_year == 2024


def test_a_data_package_with_semicolons_is_one_sentence_that_says_what_to_do(folder: Path) -> None:
    as_excel(folder, ";")
    said = sentence(run("plan", "--data", folder, "--quiet"))
    assert (
        "row 1: found columns separated by semicolons, expected commas; save it as CSV UTF-8 (comma delimited)" in said
    )


def test_a_gmns_folder_saved_by_excel_is_the_same(tmp_path: Path) -> None:
    for name in ("plain", "excel"):
        (tmp_path / name).mkdir()
        gmns(tmp_path / name)
    as_excel(tmp_path / "excel")
    assert same(open_problem(tmp_path / "plain"), open_problem(tmp_path / "excel"))


@pytest.mark.parametrize("table", [name for name in GMNS if name != "config.csv"])
def test_a_gmns_table_with_semicolons_is_one_sentence_that_says_what_to_do(tmp_path: Path, table: str) -> None:
    gmns(tmp_path)
    path = tmp_path / table
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";").replace(".", ","), encoding="utf-8-sig")
    with pytest.raises(
        DataError, match=rf"{table}, line 1: found columns separated by semicolons.*save it as CSV UTF-8"
    ):
        open_problem(tmp_path)


def test_a_plan_folder_saved_by_excel_is_the_same_plan(folder: Path, tmp_path: Path) -> None:
    assert run("plan", "--data", folder, "--out", tmp_path / "plan", "--quiet").exit_code == 0
    shutil.copytree(tmp_path / "plan", tmp_path / "excel")
    as_excel(tmp_path / "excel")
    summary = tmp_path / "excel" / "summary.json"
    summary.write_bytes(BOM + summary.read_bytes())
    found = difference.compare(*(plan_folder.read(tmp_path / name) for name in ("plan", "excel")))
    assert not found.table()["change"].any()


def test_the_demand_is_made_of_tables_saved_by_excel(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("demand_script", DATA / "demand.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name in ("datapackage.json", "totals.csv", "splits.csv", "provenance.csv"):
        (tmp_path / name).write_bytes(BOM + (DATA / name).read_bytes())
    assert script.make(tmp_path) == script.make(DATA)
