"""`corridors data references` beside what was counted: apart by use, in every form, and as before where nothing was."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest
import small
from commands import run, sentence

from corridors import network, planning, tables
from corridors.planning import counted

REFERENCES = ("data", "references", "--quiet", "--data")


@pytest.fixture
def data(folder: Path) -> Path:
    """Return a small data package with what was counted."""
    return small.observed(folder)


def test_counts_stand_after_the_references_those_to_test_with_apart(data: Path) -> None:
    done = run(*REFERENCES, data)
    assert done.exit_code == 0, done.output
    published, fit, test = (done.stdout.index(one) for one in ("Published figures", "Counts to fit", "Counts kept"))
    assert published < fit < test
    assert "beside the plan of 2024 (linear)" in done.stdout
    assert fit < done.stdout.index("rail:half") < test < done.stdout.index("Grain of Midtown")
    table = counted.nearness(counted.beside(*planned(data)))
    for use in ("fit", "test"):
        mine = table[table["use"] == use]
        within = f"{use}: {mine['within'].sum()} of {mine['observations'].sum()} within two standard deviations"
        assert within in done.stdout
    assert "1 count of another year is not compared." in done.stdout
    assert done.stderr == ""


def test_what_the_demand_was_made_from_stands_apart_and_is_no_hit_but_may_be_missed(data: Path) -> None:
    before = counted.nearness(counted.beside(*planned(data)))
    for row in (9, 17):  # rail, of which rail:half is a part, and a count of another year
        small.edit(data, "observations", row, use="input")
    model = float(counted.beside(*planned(data)).set_index("observation")["model"]["rail"])
    for value, verdict, missed in ((model, "input", 0), (model * 2, "fail", 1)):
        small.edit(data, "observations", 9, value=f"{value}", sd=f"{model / 4}")
        done = run(*REFERENCES, data, "--table", "observations")
        assert done.exit_code == 0, done.output
        last = done.stdout.index("Counts that the demand was made from")
        assert done.stdout.index("Counts kept") < last < done.stdout.index("Rail at home")
        told = f"input: 1, of which the demand was made; to meet one is no hit, {missed} are missed"
        assert told in " ".join(done.stdout[last:].split())
        table = counted.beside(*planned(data))
        found = table.set_index("observation")["verdict"]
        assert (found["rail"], found["before"]) == (verdict, "other_year")
        near = counted.nearness(table)
        assert near["observations"].sum() == before["observations"].sum() - 1
        assert set(near["use"]) == {"fit", "test"}


def planned(folder: Path) -> tuple[planning.Plan, network.Network]:
    net = network.build(tables.read(folder))
    return planning.plan(net), net


def test_progress_goes_to_standard_error(data: Path) -> None:
    done = run("data", "references", "--data", data)
    assert "solving ..." in done.stderr
    assert "..." not in done.stdout


def test_json_has_both_tables_csv_the_one_that_is_asked_for(data: Path) -> None:
    expected = counted.beside(*planned(data))
    both = json.loads(run(*REFERENCES, data, "--format", "json").stdout)
    assert [row["reference"] for row in both["references"]] == ["far", "slow"]
    assert [row["observation"] for row in both["observations"]] == expected["observation"].tolist()
    alone = json.loads(run(*REFERENCES, data, "--format", "json", "--table", "observations").stdout)
    assert alone == both["observations"]
    written = run(*REFERENCES, data, "--format", "csv", "--table", "observations").stdout
    lines = list(csv.DictReader(io.StringIO(written)))
    assert [float(row["model"]) for row in lines if row["model"]] == pytest.approx(expected["model"].dropna().tolist())
    assert [row["verdict"] for row in lines] == expected["verdict"].tolist()
    usual = run(*REFERENCES, data, "--format", "csv")
    assert usual.stdout.startswith("reference,kind,")
    assert usual.stderr == ""  # nothing was planned for it


def test_a_workbook_has_a_sheet_of_counts_and_one_of_how_near(data: Path, tmp_path: Path) -> None:
    assert run(*REFERENCES, data, "-o", tmp_path / "references.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "references.xlsx")
    assert {"references", "observations", "nearness"} <= set(book.sheetnames)
    assert book["observations"].max_row > 16


def test_shippers_who_choose_are_held_against_the_counts(data: Path) -> None:
    small.edit(data, "demand", 2, reservation_usd_per_t="4000")
    small.edit(data, "links", 11, usd_per_t="200")
    shown = {}
    for how in ((), ("--choice", "logit", "--tau", "2")):
        done = run(*REFERENCES, data, "--table", "observations", "--format", "json", *how)
        assert done.exit_code == 0, done.output
        shown[how] = {row["observation"]: row["model"] for row in json.loads(done.stdout)}
    linear, chosen = shown.values()
    assert linear["gate"] != pytest.approx(chosen["gate"], rel=0.01)
    text = run(*REFERENCES, data, "--choice", "logit").stdout
    assert "beside the plan of 2024 (logit)" in text


def test_another_year_is_held_against_the_counts_of_that_year(data: Path) -> None:
    done = run(*REFERENCES, data, "--table", "observations", "--year", "2025")
    assert "16 counts of other years are not compared." in done.stdout
    assert "beside the plan" not in done.stdout


def test_without_counts_all_is_as_it_was(folder: Path) -> None:
    assert isinstance(json.loads(run(*REFERENCES, folder, "--format", "json").stdout), list)
    text = run(*REFERENCES, folder)
    assert "Counts" not in text.stdout
    assert text.stderr == ""
    assert "found no such table, or no row in it" in sentence(run(*REFERENCES, folder, "--table", "observations"))


@pytest.mark.parametrize(("code", "word"), [("ru", "Подсчёты для оценки"), ("kk", "бағалауға арналған")])
def test_counts_are_told_in_every_language(data: Path, code: str, word: str) -> None:
    done = run(*REFERENCES, data, "--lang", code)
    assert word in done.stdout
    assert "within" not in done.stdout
