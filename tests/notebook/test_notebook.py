"""The package as a notebook uses it: light to import, frames of one's own, the commands' rules, errors that help."""

import doctest
import functools
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from heavy import HEAVY
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from small import edit, observed, read_rows, write_table

import corridors as co
from corridors import errors, network, notebook, planning, tables
from corridors.cli import main

MODULES = [
    notebook,
    *(importlib.import_module(f"corridors.notebook.{one.name}") for one in pkgutil.iter_modules(notebook.__path__)),
]
FRAMES = planning.TABLES
MORE_GRAIN = """title = "Twice the grain"
why = "A test."
carbon_price = 80
year = 2026
running = "best"
[[change]]
table = "demand"
where = { commodity = "grain" }
scale = { kt = 2 }
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """Return a scenario that asks for a year, running figures and a carbon price."""
    path = tmp_path / "more-grain.toml"
    path.write_text(MORE_GRAIN, encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_examples_in_docstrings_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("load", "plan"):  # many begin with the same words: each is done once
        monkeypatch.setattr(notebook, name, functools.cache(getattr(notebook, name)))
    found = [doctest.testmod(module, optionflags=doctest.ELLIPSIS) for module in MODULES]
    assert sum(one.failed for one in found) == 0
    assert sum(one.attempted for one in found) > 20


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, corridors\nprint(dir(corridors), [one for one in {HEAVY!r} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    assert "compare" in done.stdout


def test_every_exported_name_is_there_and_hides_no_module() -> None:
    modules = {one.name for one in pkgutil.iter_modules(co.__path__)}
    for name in co.__all__:
        assert getattr(co, name).__doc__
        assert name not in modules
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        _ = co.lode


def test_a_network_takes_what_its_scenario_asks_for_unless_the_caller_says_otherwise(
    folder: Path, scenario: Path
) -> None:
    asked = co.load(folder, scenarios=scenario)
    assert (asked.year, asked.running, asked.carbon_price) == (2026, "best", 80)
    said = co.load(folder, scenarios=[scenario], year=2024, running="typical")
    assert (said.year, said.running, said.carbon_price) == (2024, "typical", 80)
    plain = co.load(folder)
    assert (plain.year, plain.running, plain.carbon_price) == (2024, "typical", 0)


def test_a_plan_takes_its_carbon_price_from_the_scenario_as_the_command_line_does(
    folder: Path, scenario: Path, tmp_path: Path
) -> None:
    ours = co.plan(co.load(folder, scenarios=scenario))
    out = str(tmp_path / "out")
    main(["plan", "--data", str(folder), "--scenario", str(scenario), "--out", out, "--quiet"], standalone_mode=False)
    theirs = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    same = [key for key in theirs if key not in ("seconds", "sha256")]
    assert {key: ours.summary[key] for key in same} == {key: theirs[key] for key in same}
    assert ours.summary["carbon_price"] == 80
    assert co.plan(co.load(folder, scenarios=scenario), carbon_price=0).summary["carbon_price"] == 0


def test_a_network_built_by_hand_can_be_planned_too(folder: Path) -> None:
    by_hand = co.plan(network.build(tables.read(folder)))
    assert by_hand.summary["objective_value"] == co.plan(co.load(folder)).summary["objective_value"]


@pytest.mark.parametrize("name", FRAMES)
def test_changing_a_frame_of_a_plan_changes_no_plan(folder: Path, name: str) -> None:
    plan = co.plan(co.load(folder))
    before = getattr(plan, name).to_csv()
    mine = getattr(plan, name)
    for column in mine.columns:
        mine[column] = None
    mine.index.name = "mine"
    assert getattr(plan, name).to_csv() == before
    plan.summary["kt_by_trade"]["transit"] = -1
    assert plan.summary["kt_by_trade"]["transit"] >= 0


def test_the_certificate_is_that_of_the_plan(folder: Path) -> None:
    plan = co.plan(co.load(folder))
    facts = plan.certificate
    assert facts["status"] == "optimal"
    assert facts["bound_value"] == pytest.approx(facts["objective_value"], rel=1e-6)
    assert 0 <= facts["gap"] <= 1e-6
    assert max(facts["demand_residual"], facts["capacity_residual"]) <= 1e-6


def test_a_plan_written_and_read_back_is_the_same_on_the_same_network(
    folder: Path, scenario: Path, tmp_path: Path
) -> None:
    plan = co.plan(co.load(folder, scenarios=scenario))
    plan.write(tmp_path / "plan")
    again = co.read(tmp_path / "plan", folder, scenario)
    assert again.summary == plan.summary
    assert again.network.dataset.digest == plan.network.dataset.digest
    assert co.plan(again.network).summary["objective_value"] == plan.summary["objective_value"]
    with pytest.raises(errors.OutputError):
        plan.write(tmp_path / "plan")
    plan.write(tmp_path / "plan", force=True)
    with pytest.raises(errors.ScenarioError, match="scenario 'more-grain', which does not come"):
        co.read(tmp_path / "plan", folder)


def test_places_may_be_named_as_people_name_them_and_a_wrong_name_says_what_was_meant(folder: Path) -> None:
    net = co.load(folder)
    ways = co.compare(net, "haven", "LANDING")
    assert (ways.found.origin, ways.found.destination) == ("HARBOUR", "LANDING")
    assert set(ways.table["means"]) == {"sea", "rail"}
    assert ways.legs.groupby("means")["km"].sum().to_dict() == pytest.approx(
        ways.table.set_index("means")["km"].to_dict()
    )
    with pytest.raises(errors.NameUnknown, match="did you mean Landing"):
        co.compare(net, "haven", "Lanfing")
    with pytest.raises(errors.NameUnknown, match="did you mean grain"):
        co.compare(net, "haven", "landing", "grains")


def test_goods_without_containers_have_a_price_a_tonne_alone(folder: Path) -> None:
    by = co.compare(co.load(folder), "midtown", "landing", "grain").table.set_index("means")
    assert by.loc["rail", "usd_per_t"] > 0
    assert by["usd_per_feu"].isna().all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"objective": "costs"}, "did you mean cost"),
        ({"carbon_price": -1}, "carbon_price: found -1, expected USD per tonne of CO2e, a finite number of 0 or more"),
        ({"co2_budget": float("nan")}, "co2_budget: found nan"),
        ({"minimum_share": {"Midtwn": 0.1}}, "did you mean Midtown"),
    ],
)
def test_what_cannot_be_planned_is_said_in_a_sentence(folder: Path, options: dict, words: str) -> None:
    with pytest.raises(errors.CorridorsError, match=words):
        co.plan(co.load(folder), **options)


def test_a_wrong_scenario_chart_or_format_says_what_was_meant(folder: Path, scenario: Path, tmp_path: Path) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "more-grain.toml").write_text(MORE_GRAIN, encoding="utf-8")
    assert co.scenarios(folder).to_dict("records") == [
        {"name": "more-grain", "title": "Twice the grain", "why": "A test."}
    ]
    with pytest.raises(errors.ScenarioError, match="did you mean more-grain"):
        co.load(folder, scenarios="mor-grain")
    with pytest.raises(errors.ScenarioError, match="found 5 among the scenarios"):
        co.load(folder, scenarios=5)
    with pytest.raises(errors.DataError, match="is not a folder"):
        co.scenarios(tmp_path / "nowhere")
    plan = co.plan(co.load(folder))
    with pytest.raises(errors.NameUnknown, match="did you mean bottlenecks"):
        plan.chart("botlenecks")
    with pytest.raises(errors.NameUnknown, match="did you mean xlsx"):
        plan.export(tmp_path / "plan.xlx")


def test_scenarios_run_beside_the_base_and_tell_what_moved(folder: Path, scenario: Path) -> None:
    found = co.run(co.load(folder), [scenario])
    base = "base-2026-best-co2-80"
    assert found.table["scenario"].tolist() == ["base", base, "more-grain"]
    assert found.table["base"].tolist() == ["base", base, base]
    assert list(found.plans) == ["base", base, "more-grain"]
    alone = co.plan(co.load(folder, scenarios=scenario))
    assert found.plans["more-grain"].summary["objective_value"] == alone.summary["objective_value"]
    totals = found.differences["more-grain"].totals.set_index("measure")
    assert totals.loc["kt_demanded", "change"] == 6000
    assert "more-grain" in found.differences["more-grain"]._repr_html_()


def test_the_year_that_a_network_was_loaded_for_holds_for_all_scenarios_run_on_it(folder: Path, scenario: Path) -> None:
    assert co.run(co.load(folder), [scenario]).table["year"].tolist() == [2024, 2026, 2026]
    assert co.run(co.load(folder, year=2025), [scenario]).table["year"].tolist() == [2025] * 3
    with pytest.raises(errors.DataError, match="load it without"):
        co.run(co.load(folder, scenarios=scenario), [scenario])


def test_a_difference_goes_from_the_other_plan_to_this_one(folder: Path, scenario: Path) -> None:
    base, more = co.plan(co.load(folder)), co.plan(co.load(folder, scenarios=scenario))
    there, back = (one.set_index("measure")["change"] for one in (more.against(base).totals, base.against(more).totals))
    assert there["kt_demanded"] == 6000
    assert back["kt_demanded"] == -6000


def test_closures_are_planned_with_what_the_plan_was_planned_with(folder: Path, scenario: Path, tmp_path: Path) -> None:
    plan = co.plan(co.load(folder, scenarios=scenario))
    worst = plan.worst_closures(["link"], progress=False)
    assert worst["extra_usd"].is_monotonic_decreasing
    shut = tmp_path / "shut.toml"
    change = f'[[change]]\ntable = "links"\nwhere = {{ link = "{worst.iloc[0]["closed"]}" }}\nclose = true\n'
    shut.write_text(change, encoding="utf-8")
    closed = co.plan(co.load(folder, scenarios=[scenario, shut]))
    cost = closed.summary["objective_value"] - plan.summary["objective_value"]
    assert worst.iloc[0]["extra_usd"] == pytest.approx(cost, rel=1e-6)


def test_closures_of_what_no_folder_holds_are_refused(folder: Path) -> None:
    data = tables.read(folder)
    demand = data["demand"]
    demand["kt"] *= 2
    changed = co.plan(co.load(data.with_table("demand", demand)))
    with pytest.raises(errors.DataError, match="changed in memory"):
        changed.worst_closures()
    with pytest.raises(errors.DataError, match="least time"):
        co.plan(co.load(folder), objective="time").worst_closures()


def test_the_scorecard_has_a_row_for_every_reference(folder: Path) -> None:
    assert co.load(folder).scorecard()["reference"].tolist() == ["far", "slow"]


def test_a_plan_is_held_against_what_was_counted(folder: Path) -> None:
    counts = co.plan(co.load(observed(folder))).counts().set_index("observation")
    assert counts.loc["grain", ["model", "verdict"]].tolist() == [pytest.approx(6000), "pass"]
    assert counts.loc["before", "verdict"] == "other_year"


def test_nothing_in_the_data_becomes_html(folder: Path) -> None:
    wicked = '<img src=x onerror="alert(1)">'
    edit(folder, "nodes", 2, name_en=wicked)
    edit(folder, "means", 2, name_en=wicked)
    edit(folder, "corridors", 2, name_en=wicked)
    rows = read_rows(folder, "links")
    rows[4] |= {"capacity": "3", "name_en": wicked}
    write_table(folder, "links", rows)
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "small", "title": wicked, "base_year": 2024}), encoding="utf-8"
    )
    net = co.load(folder)
    plan = co.plan(net)
    assert wicked in plan.bottlenecks["where"].tolist()
    shown = [net, plan, co.compare(net, "eastgate", "landing"), co.run(net), plan.against(plan)]
    told = [one._repr_html_() for one in shown]
    assert all("<img" not in one and "<script" not in one for one in told)
    assert sum("&lt;img" in one for one in told) >= 3


def test_what_is_shown_in_a_line_is_a_line(folder: Path) -> None:
    net = co.load(folder)
    plan = co.plan(net)
    for one in (net, plan, co.compare(net, "harbour", "landing"), co.run(net), plan.against(plan)):
        assert "\n" not in repr(one)
        assert len(repr(one)) < 200


def test_a_plan_draws_every_chart_that_it_names_in_every_language() -> None:
    plan = co.plan(co.load())
    for name in plan.charts:
        drawn = plan.chart(name, language="ru", against=plan if name == "changes" else None)
        assert drawn.config["locale"]["number"]["decimal"] == ","
    with pytest.raises(errors.DataError, match="changes"):
        plan.chart("changes")
    assert plan.map(home=True).to_dict()["title"] == plan.charts["home-map"]


def test_a_plan_is_exported_by_the_ending_of_the_path_whole_or_not_at_all(folder: Path, tmp_path: Path) -> None:
    plan = co.plan(co.load(folder))
    for name, form in (("plan.xlsx", None), ("plan.geojson", None), ("gmns", "gmns")):
        plan.export(tmp_path / name, form)
        assert (tmp_path / name).exists()
        with pytest.raises(errors.OutputError):
            plan.export(tmp_path / name, form)
    plan.export(tmp_path / "plan.xlsx", force=True)
    assert (tmp_path / "plan.xlsx").read_bytes()[:2] == b"PK"


def test_a_report_is_one_page_and_tells_of_another_plan(folder: Path, scenario: Path, tmp_path: Path) -> None:
    plan = co.plan(co.load(folder, scenarios=scenario))
    plan.report(tmp_path / "page.html", language="en", against=co.plan(co.load(folder)))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>")
    with pytest.raises(errors.OutputError):
        plan.report(tmp_path / "page.html")


def in_a_notebook(*cells: str) -> list[list[dict]]:
    """Execute cells in a kernel of this Python; give the outputs of each."""
    made = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(made, timeout=120).execute()
    return [cell.outputs for cell in made.cells]


IMPATIENT = "import corridors as co\nfrom corridors.notebook import progress\nprogress.PATIENCE = 0\n"


def test_progress_in_a_notebook_leaves_one_line_and_none_where_it_is_off(folder: Path) -> None:
    first, second, third = in_a_notebook(
        f"{IMPATIENT}net = co.load({str(folder)!r})\nplan = co.plan(net)",
        "co.plan(net, progress=False)",
        "plan.worst_closures(['country'])",
    )
    assert [one["output_type"] for one in first] == ["display_data"]
    assert first[0]["data"]["text/plain"].startswith("took ")
    assert [one["output_type"] for one in second] == ["execute_result"]
    assert "<table>" in second[0]["data"]["text/html"]
    assert [one["output_type"] for one in third] == ["display_data", "execute_result"]


def test_a_script_hears_little_and_nothing_where_progress_is_off(folder: Path) -> None:
    code = f"{IMPATIENT}net = co.load({str(folder)!r})\nco.plan(net)\nprint('planned')\nco.plan(net, progress=False)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "planned\n"
    assert done.stderr.splitlines() == ["posing the problem ..."]


def test_a_comparison_draws_its_days_leg_by_leg(folder: Path) -> None:
    found = co.compare(co.load(folder), "haven", "LANDING")
    drawn = found.timeline("ru").to_dict()
    ends = [row["end"] for rows in drawn["datasets"].values() for row in rows if "text" in row]
    assert sorted(ends) == pytest.approx(sorted(found.table["days"]), abs=1e-3)
