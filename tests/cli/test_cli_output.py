"""Every command that prints a table writes it as a file, too: whole or not at all, in the format its name says."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import small as small_
from commands import ROOT, run, sentence
from networks import PLANAR, put
from printing import TABLES, plans

BOM = b"\xef\xbb\xbf"
FORMULA = "=cmd|'/c calc'!A1"


@pytest.mark.parametrize("name", TABLES)
def test_every_command_writes_what_it_prints_in_every_format(name: str, place: Path) -> None:
    command, sheets = TABLES[name]
    if name in ("diff", "verify"):
        plans(place)
    for form, suffix in (("csv", ".csv"), ("json", ".json"), ("text", ".txt")):
        printed = run(*command, "--format", form)
        assert printed.exit_code == 0, printed.output
        done = run(*command, "-o", f"made{suffix}")
        assert done.exit_code == 0, done.output
        assert done.stdout == f"Written to made{suffix}\n"
        written = (place / f"made{suffix}").read_bytes()
        assert written.startswith(BOM) == (form == "csv")
        if name not in {"plan", "solve", "assign"}:  # these tell seconds, which differ
            assert written.removeprefix(BOM).decode() == printed.stdout
    rows = list(csv.reader(io.StringIO((place / "made.csv").read_text(encoding="utf-8-sig"))))
    assert len({len(row) for row in rows}) == 1
    json.loads((place / "made.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert run(*command, "-o", "made.xlsx").exit_code == 0
    made = openpyxl.load_workbook(place / "made.xlsx")
    assert made.sheetnames == [*sheets, "Sources"]
    assert all(page.freeze_panes == "B2" for page in made if page.title not in ("Cover", "Charts", "Sources"))
    assert str(made["Sources"]["B2"].value).startswith("corridors " + " ".join(command[:1]))


def test_the_suffix_says_the_format_unless_the_user_does(place: Path) -> None:
    compare = ["compare", "harbour", "landing", "--data", "DATA"]
    assert run(*compare, "-o", "a.CSV").exit_code == 0
    assert (place / "a.CSV").read_bytes().startswith(BOM + b"means,leg")
    assert run(*compare, "-o", "routes.data", "--format", "json").exit_code == 0
    assert json.loads((place / "routes.data").read_text(encoding="utf-8"))["routes"]
    assert "ends in none of .txt, .csv, .json, .xlsx" in sentence(run(*compare, "-o", "routes.doc"))
    assert not (place / "routes.doc").exists()


def test_a_file_that_is_there_is_replaced_only_if_asked_for_and_refused_before_any_work(place: Path) -> None:
    (place / "plan.xlsx").write_text("mine", encoding="utf-8")
    command = ["plan", "--data", "no-such-folder", "--quiet", "-o", "plan.xlsx"]
    assert "plan.xlsx exists already; choose another file, or replace it with --force" in sentence(run(*command))
    assert (place / "plan.xlsx").read_text(encoding="utf-8") == "mine"
    assert run("plan", "--data", "DATA", "--quiet", "-o", "plan.xlsx", "--force").exit_code == 0
    assert openpyxl.load_workbook(place / "plan.xlsx").sheetnames


def test_what_is_no_ordinary_file_is_never_replaced(place: Path) -> None:
    (place / "a.csv").mkdir()
    (place / "b.csv").symlink_to("target.csv")
    for name in ("a.csv", "b.csv"):
        assert "is not an ordinary file" in sentence(run("data", "tables", "-o", name, "--force"))
    os.mkfifo(place / "c.csv")
    assert "is not an ordinary file" in sentence(run("data", "tables", "-o", "c.csv", "--force"))


def test_a_folder_that_cannot_be_written_is_one_sentence_and_nothing_is_left(place: Path) -> None:
    (place / "file").write_text("x", encoding="utf-8")
    assert "cannot write file/a.csv" in sentence(run("data", "tables", "-o", "file/a.csv"))
    assert run("data", "tables", "-o", "deep/er/a.csv").exit_code == 0
    assert [path.name for path in (place / "deep" / "er").iterdir()] == ["a.csv"]


def test_a_failing_command_writes_nothing(place: Path) -> None:
    sentence(run("plan", "--data", "DATA", "--year", "1990", "--quiet", "-o", "plan.xlsx"))
    assert not (place / "plan.xlsx").exists()
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == []


def test_a_plan_is_a_folder_and_a_workbook_in_one_go(place: Path) -> None:
    result = run("plan", "--data", "DATA", "--quiet", "--out", "folder", "-o", "plan.xlsx")
    assert result.exit_code == 0, result.output
    assert {"flows.csv", "summary.json"} <= {path.name for path in (place / "folder").iterdir()}
    flows = pd.read_excel(place / "plan.xlsx", sheet_name="flows")
    assert flows["freight (kt a year)"].tolist() == pytest.approx(pd.read_csv(place / "folder" / "flows.csv")["kt"])
    assert not (place / "folder" / "corridors.csv").read_bytes().startswith(BOM)


def test_csv_of_a_plan_is_its_corridors(place: Path) -> None:
    run("plan", "--data", "DATA", "--quiet", "--out", "folder", "-o", "plan.csv")
    assert (place / "plan.csv").read_bytes() == BOM + (place / "folder" / "corridors.csv").read_bytes()


def test_a_cell_that_looks_like_a_formula_runs_nowhere(place: Path) -> None:
    for form in ("xlsx", "csv"):
        assert run("data", "show", "projects", "--data", "DATA", "-o", f"projects.{form}").exit_code == 0
    page = openpyxl.load_workbook(place / "projects.xlsx")["projects"]
    change = next(cell.column for cell in page[1] if cell.value == "change")
    found = [page.cell(row, change) for row in (2, 3, 4)]
    assert [(cell.value, cell.data_type) for cell in found] == [("+8", "s"), ("=30", "s"), ("open", "s")]
    assert "'=30" in (place / "projects.csv").read_text(encoding="utf-8-sig")


def test_a_file_named_like_a_formula_runs_nowhere(place: Path) -> None:
    file = Path(FORMULA)
    file.parent.mkdir()
    put(file, PLANAR)
    for form in ("xlsx", "csv"):
        assert run("solve", FORMULA, "--quiet", "-o", f"made.{form}").exit_code == 0
    made = openpyxl.load_workbook(place / "made.xlsx")
    assert (made["answers"]["A2"].value, made["answers"]["A2"].data_type) == (FORMULA, "s")
    types = {cell.data_type for page in made for row in page.iter_rows() for cell in row}
    assert types <= {"s", "n"}
    assert f"'{FORMULA}" in (place / "made.csv").read_text(encoding="utf-8-sig")


def test_a_workbook_says_the_command_that_made_it(place: Path) -> None:
    small_.small_dataset(place / "with blank")
    typed = ["data", "show", "nodes", "--where", "country=AAA", "--where", "node=HARBOUR", "--data", "with blank"]
    assert run(*typed, "-o", "a.xlsx").exit_code == 0
    said = openpyxl.load_workbook(place / "a.xlsx")["Sources"]["B2"].value
    assert shlex.split(said) == ["corridors", *typed, "--output", "a.xlsx"]
    assert run(*shlex.split(said)[1:], "--force").exit_code == 0


def test_a_table_written_for_excel_is_read_as_a_data_package(place: Path) -> None:
    small_.edit(place / "DATA", "nodes", 2, name_kk="Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі")
    before = json.loads(run("data", "show", "nodes", "--data", "DATA", "--format", "json").stdout)
    for table in ("nodes", "links"):
        assert run("data", "show", table, "--data", "DATA", "-o", f"DATA/{table}.csv", "--force").exit_code == 0
    assert (place / "DATA" / "nodes.csv").read_bytes().startswith(BOM)
    assert run("data", "check", "DATA").exit_code == 0
    assert json.loads(run("data", "show", "nodes", "--data", "DATA", "--format", "json").stdout) == before


def test_excel_goes_to_a_file_or_a_pipe_and_not_to_a_terminal(place: Path) -> None:
    command = [sys.executable, "-m", "corridors", "compare", "harbour", "landing", "--data", "DATA", "--format", "xlsx"]
    piped = subprocess.run(command, capture_output=True, check=True)
    assert openpyxl.load_workbook(io.BytesIO(piped.stdout)).sheetnames[0] == "routes"
    master, terminal = os.openpty()
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False)
    os.close(terminal)
    os.close(master)
    assert done.returncode == 2
    assert "write it with -o FILE.xlsx" in done.stderr


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
def test_a_closed_pipe_ends_quietly(form: str) -> None:
    table = "provenance" if form == "xlsx" else "links"  # more than a pipe holds
    command = f"{sys.executable} -m corridors data show {table} --format {form} | head -c 100 > /dev/null"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ""


def test_a_plan_that_stopped_early_is_written_with_its_gap(folder: Path, tmp_path: Path) -> None:
    result = run("plan", "--data", folder, "--time-limit", "0.000001", "-o", tmp_path / "plan.xlsx", "--quiet")
    assert result.exit_code == 0, result.output
    page = openpyxl.load_workbook(tmp_path / "plan.xlsx")["Sources"]
    told = {row[0]: row[1] for row in page.iter_rows(values_only=True)}
    assert told["certificate: status"] == "feasible"
    assert told["certificate: relative gap"] > 0


def test_nothing_for_excel_is_imported_where_nothing_for_excel_is_asked() -> None:
    code = (
        "import sys\nfrom corridors.cli import main\n"
        "try: main(['compare', 'berlin', 'lianyungang'])\nexcept SystemExit: pass\n"
        "print([name for name in ('xlsxwriter', 'openpyxl', 'SALib', 'distributed') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
