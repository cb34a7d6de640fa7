"""Scenarios of another year, other running figures or a carbon price, and the base that each is compared with."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from commands import run, sentence
from scenarios import LATER, changed
from small import append, cells_of

from corridors import tables
from corridors.planning import difference, plan_folder, scenario_runs
from corridors.planning.settings import PlanSettings


@pytest.mark.parametrize(
    ("head", "base"),
    [
        ("", "base"),
        ("year = 2024", "base"),
        ("year = 2026", "base-2026"),
        ("running = 'typical'", "base"),
        ("running = 'best'", "base-best"),
        ("carbon_price = 50", "base-co2-50"),
        ("carbon_price = 0", "base"),
        ("year = 2026\nrunning = 'best'\ncarbon_price = 7.5", "base-2026-best-co2-7.5"),
    ],
)
def test_a_scenario_is_compared_with_a_base_of_its_own_terms(
    folder: Path, tmp_path: Path, head: str, base: str
) -> None:
    ready = scenario_runs.prepared(tables.read(folder), [str(changed(tmp_path, head))])
    assert list(ready) == ["base", *([base] if base != "base" else []), "changed"]
    cases = list(scenario_runs.planned(ready, PlanSettings()))
    assert [(case.name, case.base) for case in cases] == [
        *((name, name) for name in list(ready)[:-1]),
        ("changed", base),
    ]
    one, other = (next(case.plan for case in cases if case.name == name) for name in (base, "changed"))
    assert one is not None
    assert other is not None
    for term in difference.TERMS:
        assert one.summary[term] == other.summary[term]
    row = scenario_runs.headline(cases).set_index("scenario").loc["changed"]
    assert row["base"] == base
    assert row["cost_change"] == other.summary["objective_value"] / one.summary["objective_value"] - 1
    assert list(scenario_runs.differences(cases)) == ["changed"]
    assert scenario_runs.differences(cases)["changed"].unlike == ()
    totals = scenario_runs.differences(cases)["changed"].totals.set_index("measure")
    assert totals.loc["kt_demanded", "before"] == 10_800
    assert set(scenario_runs.comparison(cases).query("scenario == 'changed'")["base"]) == {base}


def test_a_scenario_without_a_change_is_its_terms_and_is_compared_with_the_usual_base(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "best.toml").write_text("running = 'best'\nyear = 2026", encoding="utf-8")
    ready = scenario_runs.prepared(tables.read(folder), [str(tmp_path / "best.toml")])
    cases = list(scenario_runs.planned(ready, PlanSettings()))
    assert [(case.name, case.base) for case in cases] == [("base", "base"), ("best", "base")]
    assert {one.what for one in scenario_runs.differences(cases)["best"].unlike} == {"year", "running"}


def test_what_the_command_line_sets_holds_for_all_and_needs_one_base(folder: Path, tmp_path: Path) -> None:
    terms = PlanSettings(year=2026, running="best", carbon_price=3.0)
    ready = scenario_runs.prepared(
        tables.read(folder), [str(changed(tmp_path, "year = 2030\ncarbon_price = 9"))], terms
    )
    assert list(ready) == ["base", "changed"]
    summaries = [case.plan.summary for case in scenario_runs.planned(ready, terms) if case.plan is not None]
    assert [[one[term] for term in ("year", "running", "carbon_price")] for one in summaries] == [[2026, "best", 3]] * 2


def test_what_opens_by_itself_is_no_merit_of_a_scenario(folder: Path, tmp_path: Path) -> None:
    """A faster line opens in 2026; a scenario of 2026 that changes next to nothing must not seem to save its worth."""
    row = cells_of(
        "link=rail:new from_node=MIDTOWN to_node=LANDING mode=rail country=CCC gauge_mm=1520 km=4900 "
        "speed_kmh=90 hours_fixed=0 capacity=inf usd_per_t=0 both_ways=1 year_open=2026"
    )
    append(folder, "links", **row)
    wanted = [str(changed(tmp_path, "year = 2026", by=1.001))]
    cases = list(scenario_runs.planned(scenario_runs.prepared(tables.read(folder), wanted), PlanSettings()))
    value = {case.name: case.plan.summary["objective_value"] for case in cases if case.plan is not None}
    assert value["changed"] < value["base"]  # against 2024 it seemed to save
    assert value["changed"] > value["base-2026"]
    assert scenario_runs.headline(cases).set_index("scenario").loc["changed", "cost_change"] > 0


def test_run_says_and_writes_which_base_each_row_is_compared_with(folder: Path, tmp_path: Path) -> None:
    wanted = [changed(tmp_path, "year = 2026", "future"), changed(tmp_path, "", "now")]
    told = run("run", *wanted, "--data", folder, "--out", tmp_path / "runs", "--quiet")
    assert told.exit_code == 0, told.output
    assert "future, against base-2026" in told.stdout
    assert "now, against base" in told.stdout
    assert {one.name for one in (tmp_path / "runs").iterdir()} == {
        "base",
        "base-2026",
        "future",
        "now",
        "comparison.csv",
    }
    assert plan_folder.read(tmp_path / "runs" / "base-2026").summary["year"] == 2026
    written = pd.read_csv(tmp_path / "runs" / "comparison.csv")
    assert dict(zip(written["scenario"], written["base"], strict=True)) == {
        "base": "base",
        "base-2026": "base-2026",
        "future": "base-2026",
        "now": "base",
    }
    rows = json.loads(run("run", *wanted, "--data", folder, "--format", "json", "--quiet").stdout)
    assert {row["scenario"]: row["base"] for row in rows}["future"] == "base-2026"


def test_a_scenario_that_is_called_as_a_base_is_one_sentence(folder: Path, tmp_path: Path) -> None:
    wanted = [changed(tmp_path, "year = 2026"), changed(tmp_path, "", "base-2026")]
    assert "'base-2026' is what a base is called" in sentence(run("run", *wanted, "--data", folder))


def test_a_notebook_compares_with_the_base_of_the_year(folder: Path, tmp_path: Path) -> None:
    import corridors as co

    wanted = [changed(tmp_path, "year = 2026", "future"), changed(tmp_path, "", "now")]
    found = co.run(folder, wanted, progress=False)
    assert list(found.plans) == ["base", "base-2026", "future", "now"]
    assert found.table["base"].tolist() == ["base", "base-2026", "base-2026", "base"]
    assert list(found.differences) == ["future", "now"]
    assert found.differences["future"].unlike == ()
    assert found.plans["future"].network.chosen == (str(wanted[0]),)
    assert found.plans["base-2026"].network.chosen == ()
    assert "base-2026" in found._repr_html_()


def test_plans_of_two_years_are_said_to_be_so(folder: Path, tmp_path: Path) -> None:
    for year in ("2024", "2026"):
        run("plan", "--data", folder, "--year", year, "--out", tmp_path / year, "--quiet")
    notice = "Not the same in both plans, and so a part of every change: year 2024 > 2026."
    assert notice in run("diff", tmp_path / "2024", tmp_path / "2026", "--data", folder).stdout
    assert "Not the same" not in run("diff", tmp_path / "2024", tmp_path / "2024", "--data", folder).stdout
    told = json.loads(run("diff", tmp_path / "2024", tmp_path / "2026", "--data", folder, "--format", "json").stdout)
    assert told["unlike"] == [{"what": "year", "before": 2024, "after": 2026}]


def test_the_order_of_scenarios_does_not_change_the_bases(folder: Path, tmp_path: Path) -> None:
    wanted = [str(changed(tmp_path, f"year = {year}", f"in-{year}")) for year in (2030, 2026)]
    made = [list(scenario_runs.prepared(tables.read(folder), order))[:3] for order in (wanted, wanted[::-1])]
    assert made == [["base", "base-2026", "base-2030"]] * 2


@pytest.mark.slow
def test_a_report_says_what_is_left_out_and_that_two_plans_are_of_two_years(folder: Path, tmp_path: Path) -> None:
    append(folder, "demand", demand="new", kt="500", year="2027", **LATER)
    for year in ("2024", "2026"):
        run("plan", "--data", folder, "--year", year, "--out", tmp_path / year, "--quiet")
    page = ("--data", folder, "-o", tmp_path / "x.html", "--quiet")
    assert run("report", tmp_path / "2026", "--against", tmp_path / "2024", *page).exit_code == 0
    chart = ("--against", tmp_path / "2024", "--data", folder, "-o", tmp_path / "x.svg")
    assert "year 2024 > 2026" in run("chart", tmp_path / "2026", "changes", *chart).stdout
    told = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert "year 2024 &gt; 2026" in told
    assert "1 demand of 2027 (500.0 kt) is left out: it is later than 2026." in told
