"""Samples under scenarios, a carbon price and other objectives: each is the problem that planning anew would solve."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from uncertain import DEMAND, LOADING, SPEED, package

from corridors import network, planning, scenario, sweep, tables
from corridors import uncertainty as runs
from corridors.errors import DataError, ScenarioError
from corridors.models.certificate import certify
from corridors.network.costs import UNITS
from corridors.planning.settings import PlanSettings
from corridors.text.choices import OBJECTIVES
from corridors.uncertainty import parameters
from corridors.uncertainty import results as uncertainty_results

BANDS = {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55"), DEMAND: ("assumed", "5000", "8000")}
HALF = """
[[change]]
table = "demand"
where = { demand = "grain:export" }
scale = { kt = 0.5 }

[[change]]
table = "links"
where = { link = "rail:HARBOUR-EASTGATE" }
set = { speed_kmh = 75 }
"""
CLOSED = """
[[change]]
table = "links"
where = { link = "rail:MIDTOWN-LANDING" }
close = true
"""
TASKS = [{"design": runs.SAMPLE, "number": number} for number in range(3)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("settings") / "small", BANDS)


def file(place: Path, text: str, name: str = "changed") -> str:
    path = place / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def shared_of(folder: Path, *scenarios: str, plan: PlanSettings | None = None, **more: object) -> runs.Shared:
    asked = {"samples": 4, "ranking": "none", **more}
    made = runs.settings_for(
        tables.read(folder),
        plan or PlanSettings(),
        data=str(folder),
        scenarios=scenarios,
        **asked,  # type: ignore[arg-type]
    )
    return runs.prepare(made)


def value_of(shared: runs.Shared, row: dict[str, object]) -> dict[str, float]:
    return dict(zip([one.name for one in shared.outputs.list], row["headlines"], strict=True))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("text", "plan"),
    [
        (CLOSED, PlanSettings()),
        (HALF, PlanSettings(2026, "best")),
        ("carbon_price = 60\nyear = 2026", PlanSettings()),
        ("carbon_price = 60", PlanSettings(carbon_price=0)),
        ("", PlanSettings(objective="cost", carbon_price=90)),
        (CLOSED, PlanSettings(objective="time")),
        ("", PlanSettings(objective="emissions")),
        ("", PlanSettings(minimum_share=(("MIDTOWN", 0.01),))),
    ],
)
def test_a_sample_is_planned_as_its_tables_are_with_these_settings(
    folder: Path, tmp_path: Path, text: str, plan: PlanSettings
) -> None:
    scenarios = [file(tmp_path, text)] if text else []
    shared = shared_of(folder, *scenarios, plan=plan)
    usual = shared_of(folder)
    applied = scenario.apply(tables.read(folder), scenarios)
    own = plan.under(applied)
    assert own.year is not None
    assert own.running is not None
    for task in TASKS:
        drawn = shared.distribution.changed(shared.dataset, shared.distribution.sample(shared.point(task)))
        anew = planning.plan_with(network.build(drawn, own.year, own.running), own).summary
        row = runs.solve(shared, task)
        value = value_of(shared, row)
        assert (value == value_of(usual, runs.solve(usual, task))) == (plan.carbon_price == 0)  # said against the file
        assert 0 <= row["gap"] <= 1e-6
        assert value["cost"] == pytest.approx(anew["objective_value"], rel=3e-6)
        assert value["served"] + value["unserved"] == pytest.approx(anew["kt_demanded"])
        freight = shared.problem(task)
        assert (freight.objective, freight.carbon_price) == (own.objective, own.carbon_price)


def test_the_certificate_of_a_sample_is_that_of_its_problem(folder: Path, tmp_path: Path) -> None:
    from corridors.models import columns

    shared = shared_of(folder, file(tmp_path, CLOSED), plan=PlanSettings(carbon_price=40))
    freight = shared.problem(TASKS[1])
    cold = certify(freight.problem, columns.solve(freight.problem), tolerance=1e-6)
    assert cold.holds
    assert value_of(shared, runs.solve(shared, TASKS[1]))["cost"] == pytest.approx(cold.primal_objective, rel=2e-6)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_cost_and_shadow_prices_are_told_in_the_unit_of_the_objective(folder: Path, objective: str) -> None:
    shared = shared_of(folder, plan=PlanSettings(objective=objective))
    unit = {one.name: one.unit for one in shared.outputs.list}
    assert unit["cost"] == UNITS[objective]
    assert unit["freight bill"] == "USD"
    prices = [one for name, one in unit.items() if name.startswith("shadow price: ")]
    assert prices
    assert all(one.startswith(f"{UNITS[objective]}/") for one in prices)


def test_a_band_goes_with_the_figure_that_a_scenario_changes(folder: Path, tmp_path: Path) -> None:
    data = tables.read(folder)
    changed = scenario.apply(data, [file(tmp_path, HALF)]).dataset
    before = parameters.uncertain(data, 2024, "typical").set_index(["table", "key"])
    after = parameters.uncertain(changed, 2024, "typical", data).set_index(["table", "key"])
    assert set(before.index) == set(after.index)
    ends = ["value", "low", "high"]
    for place, factor in ((DEMAND[:2], 0.5), (SPEED[:2], 1.5), (LOADING[:2], 1.0)):
        assert after.loc[place, ends].tolist() == pytest.approx([one * factor for one in before.loc[place, ends]])


def test_figures_from_or_to_nothing_and_rows_that_a_scenario_adds_have_no_band(folder: Path, tmp_path: Path) -> None:
    text = """
[[change]]
table = "terminals"
where = { terminal = "load:rail" }
set = { usd_per_t = 0 }

[[change]]
table = "links"
where = { link = "road:EASTGATE-DRYPASS" }
set = { usd_per_t = 7 }

[[change]]
table = "links"

[[change.add]]
link = "deep_sea:two"
from_node = "HARBOUR"
to_node = "LANDING"
mode = "deep_sea"
country = "INT"
km = 20500
hours_fixed = 5
capacity = inf
usd_per_t = 9
both_ways = 1
"""
    data = tables.read(folder)
    changed = scenario.apply(data, [file(tmp_path, text)]).dataset
    after = parameters.uncertain(changed, 2024, "typical", data)
    assert set(after["key"]) == {SPEED[1], DEMAND[1]}


def test_a_band_of_zero_width_is_no_factor(folder: Path) -> None:
    assert parameters._factor(0.0, 5.0) != parameters._factor(0.0, 5.0)  # NaN: no band
    assert parameters._factor(math.inf, math.inf) == parameters._factor(math.nan, math.nan) == 1.0


def test_the_identity_of_a_run_names_what_departs_from_the_usual_and_no_more(folder: Path, tmp_path: Path) -> None:
    plain = shared_of(folder).settings.identity()
    assert set(plain) == {
        "data",
        "samples",
        "seed",
        "year",
        "running",
        "together",
        "inside",
        "method",
        "size",
        "pairs",
    }
    priced = shared_of(folder, plan=PlanSettings(carbon_price=50, objective="cost")).settings.identity()
    assert {name: one for name, one in priced.items() if name not in plain} == {"carbon_price": 50, "objective": "cost"}
    asked = shared_of(folder, file(tmp_path, "carbon_price = 50")).settings.identity()
    assert asked == plain | {"carbon_price": 50}  # the very same problem, so its rows may be used
    closed = shared_of(folder, file(tmp_path, CLOSED)).settings.identity()
    assert closed["data"] != plain["data"]
    assert closed | {"data": plain["data"]} == plain


def test_processes_apply_the_scenario_too(folder: Path, tmp_path: Path) -> None:
    shared = shared_of(folder, file(tmp_path, HALF), plan=PlanSettings(carbon_price=30))
    found = []
    for workers in (1, 2):
        with sweep.run(runs.sweep_of(shared.settings), workers=workers) as rows:
            found.append(uncertainty_results.read(shared, rows))
    assert found[0].failed == 0
    assert found[0].intervals.equals(found[1].intervals)
    assert not found[0].intervals.equals(results_of(folder).intervals)


def results_of(folder: Path) -> uncertainty_results.UncertaintyResults:
    shared = shared_of(folder)
    with sweep.run(runs.sweep_of(shared.settings)) as rows:
        return uncertainty_results.read(shared, rows)


def test_a_scenario_that_changed_since_the_run_began_is_refused(folder: Path, tmp_path: Path) -> None:
    shared = shared_of(folder, file(tmp_path, HALF))
    file(tmp_path, HALF.replace("75", "76"))
    runs.prepare.cache_clear()
    with pytest.raises(DataError, match="not those that the run began with"):
        runs.prepare(shared.settings)
    with pytest.raises(ScenarioError, match="no scenario"):
        shared_of(folder, "nowhere")


def test_what_a_sample_cannot_keep_to_is_refused(folder: Path) -> None:
    shared = shared_of(folder)
    for plan in (replace(shared.settings.plan, time_limit=3.0), replace(shared.settings.plan, method="arcs")):
        with pytest.raises(DataError, match="leave out method and time_limit"):
            runs.prepare(replace(shared.settings, plan=plan))


def test_medians_stay_those_of_the_changed_figures(folder: Path, tmp_path: Path) -> None:
    shared = shared_of(folder, file(tmp_path, HALF))
    at = dict(zip(shared.distribution.parameters["key"], shared.distribution.at(np.zeros(3)), strict=True))
    assert at[SPEED[1]] == pytest.approx(75)
    assert at[DEMAND[1]] == pytest.approx(3000)
