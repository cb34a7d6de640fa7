"""Figures of several years: what a plan of one of them takes, what it leaves out, and that it says so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from commands import run, sentence
from scenarios import LATER, changed
from small import append, edit

from corridors import network, planning, tables
from corridors.planning import plan_folder
from corridors.planning.freight import pose
from corridors.planning.years import LeftOut, left_out, of_year
from corridors.text.language import language
from corridors.text.reasons import of_other_years
from corridors.uncertainty import parameters

GRAIN = {"origin": "MIDTOWN", "destination": "LANDING", "commodity": "grain", "reservation_usd_per_t": "250"}


def demand(*rows: tuple[str, str, str, int, float]) -> pd.DataFrame:
    """Return rows of demand.csv: origin, destination, avoid, year, kt."""
    frame = pd.DataFrame(rows, columns=["origin", "destination", "avoid", "year", "kt"])
    return frame.assign(commodity="grain", year=frame["year"].astype(float))


def test_each_demand_has_the_rows_of_the_year_or_else_of_the_latest_before_it() -> None:
    frame = demand(
        ("A", "B", "", 2022, 1),
        ("A", "B", "", 2024, 2),
        ("A", "B", "", 2024, 3),
        ("A", "B", "", 2026, 4),
        ("B", "A", "", 2023, 5),
        ("A", "B", "X;Y", 2025, 6),
        ("A", "B", "Y;X", 2026, 7),
    )
    planned = {year: frame["kt"][of_year(frame, year)].tolist() for year in range(2021, 2028)}
    assert planned == {
        2021: [],
        2022: [1],
        2023: [1, 5],
        2024: [2, 3, 5],
        2025: [2, 3, 5, 6],
        2026: [4, 5, 7],
        2027: [4, 5, 7],
    }


def test_what_is_planned_and_what_is_left_out_are_all_rows_once() -> None:
    chance = np.random.default_rng(7)
    frame = demand(
        *(("A", "BCD"[chance.integers(3)], "", int(chance.integers(2020, 2030)), float(kt)) for kt in range(1, 60))
    )
    for year in range(2019, 2031):
        rest = left_out(frame, year)
        assert sum(one.kt for one in rest) + frame["kt"][of_year(frame, year)].sum() == frame["kt"].sum()
        assert sum(one.demands for one in rest) + of_year(frame, year).sum() == len(frame)
        assert all((one.why == "later") == (one.year > year) for one in rest)


def test_one_later_row_takes_nothing_from_the_others(folder: Path) -> None:
    append(folder, "demand", demand="new", kt="500", year="2025", **LATER)
    dataset = tables.read(folder)
    made = {year: planning.plan(network.build(dataset, year)).summary for year in (2024, 2025, 2026)}
    assert [one["kt_demanded"] for one in made.values()] == [10_800, 11_300, 11_300]
    assert made[2024]["left_out"] == [{"year": 2025, "why": "later", "demands": 1, "kt": 500.0}]
    assert (made[2024]["kt_left_out"], made[2024]["demands_left_out"]) == (500.0, 1)
    assert made[2025]["left_out"] == []
    assert made[2025]["demand_years"] == [
        {"year": 2024, "demands": 4, "kt": 10_800.0},
        {"year": 2025, "demands": 1, "kt": 500.0},
    ]


def test_a_later_figure_of_a_demand_takes_the_place_of_the_earlier_one_and_0_kt_ends_it(folder: Path) -> None:
    append(folder, "demand", demand="grain:2025", kt="7000", year="2025", **GRAIN)
    append(folder, "demand", demand="grain:2027", kt="0", year="2027", **GRAIN)
    dataset = tables.read(folder)
    asked = {year: pose(network.build(dataset, year)).problem.amount.sum() / 1000 for year in (2024, 2026, 2028)}
    assert asked == {2024: 10_800, 2026: 11_800, 2028: 4_800}
    assert left_out(dataset["demand"], 2026) == [
        LeftOut(2024, "replaced", 1, 6000.0),
        LeftOut(2027, "later", 1, 0.0),
    ]


def test_a_plan_and_a_check_name_on_the_terminal_what_they_leave_out(folder: Path, tmp_path: Path) -> None:
    append(folder, "demand", demand="new", kt="500", year="2025", **LATER)
    append(folder, "demand", demand="grain:old", kt="5000", year="2020", **GRAIN)
    later = "1 demand of 2025 (500.0 kt) is left out: it is later than 2024."
    old = "1 demand of 2020 (5,000.0 kt) is replaced by a figure nearer to 2024."
    checked = run("data", "check", folder)
    assert checked.exit_code == 0
    told = run("plan", "--data", folder, "--quiet", "--out", tmp_path / "plan")
    for one in (checked, told):
        assert later in one.stdout
        assert old in one.stdout
    summary = plan_folder.read(tmp_path / "plan").summary
    assert summary["kt_left_out"] == 5500
    after = run("plan", "--data", folder, "--quiet", "--year", "2025").stdout
    assert "left out" not in after
    assert "Mt by the year of its figure: 2024: 10.8, 2025: 0.5." in after
    made = json.loads(run("plan", "--data", folder, "--quiet", "--format", "json").stdout)
    assert made["left_out"][1] == {"year": 2025, "why": "later", "demands": 1, "kt": 500.0}
    scenarios = run("run", "--data", folder, "--quiet", changed(tmp_path)).stdout
    assert f"base, changed: {later}" in scenarios


def test_nothing_is_said_where_all_demand_is_of_one_year(folder: Path) -> None:
    for year in (2024, 2030):
        summary = planning.plan(network.build(tables.read(folder), year)).summary
        assert (summary["kt_left_out"], summary["left_out"]) == (0, [])
        assert list(of_other_years(summary, language("en"))) == []
    assert len(run("data", "check", folder).stdout.splitlines()) == 1


def test_a_year_before_every_demand_is_one_sentence(folder: Path) -> None:
    assert "the earliest demand is of 2024" in sentence(run("plan", "--data", folder, "--year", "2023"))


def test_what_is_uncertain_of_the_demand_is_what_the_year_takes(folder: Path) -> None:
    append(folder, "demand", demand="grain:2026", kt="7000", year="2026", **GRAIN)
    told = pd.DataFrame({"key": ["grain:export", "goods:import", "grain:2026"]})
    told = told.assign(table="demand", column="kt", status="assumed", low=1.0, high=1e5, source="", note="")
    data = tables.read(folder).with_table("provenance", told)
    for year, names in ((2024, {"grain:export", "goods:import"}), (2026, {"grain:2026", "goods:import"})):
        found = parameters.uncertain(data, year, "typical")
        assert set(found["key"][found["table"] == "demand"]) == names


def test_a_pool_holds_nothing_before_its_first_capacity(folder: Path) -> None:
    edit(folder, "pools", 2, year_open="2025")
    dataset = tables.read(folder)
    limits = [
        {one.resource: one.capacity for one in network.build(dataset, year).resources}["pool:pass"]
        for year in (2024, 2025, 2026)
    ]
    assert limits == [0, 14, 50]


def test_a_package_without_dated_rows_has_uncertain_figures(folder: Path) -> None:
    dataset = tables.read(folder)
    bare = dataset.with_table("pools", dataset["pools"].iloc[:0])
    assert len(parameters.uncertain(bare, 2024, "typical")) == len(parameters.uncertain(dataset, 2024, "typical"))
