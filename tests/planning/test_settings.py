"""Settings of a plan: what is not said is left to scenarios, and what departs from the usual is named."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
from small import small_dataset

from corridors import network, planning, scenario, stress, tables
from corridors.errors import DataError
from corridors.planning import scenario_runs
from corridors.planning.settings import USUAL, PlanOptions, PlanSettings

ALL = "year = 2026\nrunning = 'best'\ncarbon_price = 80\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_dataset(tmp_path_factory.mktemp("settings") / "small")


@pytest.fixture
def asking(tmp_path: Path) -> str:
    (tmp_path / "asking.toml").write_text(ALL, encoding="utf-8")
    return str(tmp_path / "asking.toml")


def test_the_keyword_arguments_of_a_plan_are_the_fields_that_its_network_leaves_open() -> None:
    fields = [field.name for field in dataclasses.fields(PlanSettings)]
    assert fields[:2] == ["year", "running"]
    assert fields[2:] == list(PlanOptions.__annotations__)


def test_what_is_not_said_is_what_the_scenario_says_or_else_the_usual(folder: Path, asking: str) -> None:
    data = tables.read(folder)
    plain, asked = scenario.apply(data, ()), scenario.apply(data, [asking])
    assert USUAL.under(plain) == PlanSettings(2024, "typical", carbon_price=0.0)
    assert USUAL.under(asked) == PlanSettings(2026, "best", carbon_price=80)
    said = PlanSettings(2025, "typical", carbon_price=0)
    assert said.under(asked) == said


def test_settings_that_were_settled_stay_what_they_are(folder: Path, asking: str) -> None:
    data = tables.read(folder)
    settled = USUAL.under(scenario.apply(data, [asking]))
    assert settled.under(scenario.apply(data, ())) == settled


def test_a_summary_tells_with_what_its_plan_was_made(folder: Path) -> None:
    options: PlanOptions = {
        "objective": "cost",
        "carbon_price": 5,
        "co2_budget": 2e6,
        "minimum_share": {"MIDTOWN": 0.01},
    }
    net = network.build(tables.read(folder), 2026, "best")
    made = planning.plan(net, **options)
    told = PlanSettings.of(made.summary)
    assert told == PlanSettings(2026, "best").having(**options)
    again = planning.plan_with(net, told)
    assert again.summary["objective_value"] == made.summary["objective_value"]


def test_departures_name_what_the_problem_is_made_of_and_nothing_usual() -> None:
    assert USUAL.departures() == {}
    assert PlanSettings(2030, "best", carbon_price=0.0, intervals=3).departures() == {}
    some = USUAL.having(objective="time", carbon_price=5.0, co2_budget=0.0, minimum_share={"MIDTOWN": 0.1})
    assert some.departures() == {
        "objective": "time",
        "carbon_price": 5.0,
        "co2_budget": 0.0,
        "minimum_share": [["MIDTOWN", 0.1]],
    }


def test_how_shippers_choose_is_a_departure_and_told_by_the_summary() -> None:
    some = USUAL.having(choice="logit", assign="optimum", tau=7.0, nests="chain")
    assert some.chooses
    assert not USUAL.chooses
    assert some.departures() == {"choice": "logit", "assign": "optimum", "tau": 7.0, "nests": "chain"}


@pytest.mark.parametrize(
    "options",
    [
        {"choice": "foo"},
        {"choice": "logit", "assign": "foo"},
        {"choice": "logit", "nests": "foo"},
        {"choice": "logit", "tau": 0.0},
        {"choice": "logit", "tau": math.nan},
        {"choice": "logit", "tau": True},
        {"tau": 5.0},
        {"assign": "equilibrium"},
        {"nests": "none"},
        {"choice": "network", "nests": "none"},
        {"choice": "logit", "objective": "emissions"},
        {"choice": "logit", "method": "arcs"},
        {"choice": "logit", "time_limit": 5.0},
    ],
    ids=str,
)
def test_a_choice_that_is_none_is_refused_at_once(options: PlanOptions) -> None:
    with pytest.raises(DataError) as error:
        USUAL.having(**options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["carbon_price", "co2_budget", "time_limit"])
def test_what_no_plan_could_be_made_with_is_refused_at_once(name: str, value: float) -> None:
    with pytest.raises(DataError, match=f"^{name}: found {value}, expected .*, a finite number of 0 or more$"):
        PlanSettings(**{name: value})  # type: ignore[arg-type]


def test_closures_and_samples_refuse_what_would_be_ignored(folder: Path) -> None:
    for settings in (PlanSettings(method="arcs"), PlanSettings(time_limit=5)):
        with pytest.raises(DataError, match="leave out method and time_limit"):
            scenario_runs.undisturbed(tables.read(folder), (), settings)
    with pytest.raises(DataError, match="closures are compared by generalised cost, and this plan is of least time"):
        stress.StressSettings(plan=PlanSettings(objective="time"))


def test_closures_keep_the_bounds_of_the_plan_that_they_are_held_against(folder: Path) -> None:
    free = stress.prepare(stress.StressSettings(str(folder)))
    emitted = planning.plan(free.freight.network).summary["t_co2e"]
    bounded = stress.StressSettings(str(folder), plan=PlanSettings(co2_budget=emitted / 2), kinds=("link",))
    ranking, base = stress.stress(bounded)
    assert base.figures.usd > free.figures.usd
    assert (ranking["gap"] <= 1e-6).all()
    assert stress.identity(base, []).keys() - stress.identity(free, []).keys() == {"co2_budget"}
    closed = ranking[ranking["extra_usd"] > 0].iloc[0]
    row = stress.solve(base, {"kind": "link", "closed": closed["closed"]})
    assert base.figures.usd + row["extra_usd"] >= free.figures.usd
