"""Scenarios on the command line: planned, compared, listed, shown, and what two plan folders differ in."""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import ROOT, process, run, sentence
from ends import NUDGE, ends
from recompute import read, worst_overload
from small import append, cells_of

from corridors import scenario, tables
from corridors.planning import difference, plan_folder, planner, scenario_runs
from corridors.planning.freight import Freight
from corridors.planning.scenario_runs import Case
from corridors.planning.settings import PlanSettings

ROUNDED_MT = 0.06  # figures of the guide have one decimal
GUIDE = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
DOSTYK, ALTYNKOL = "^rail:DOSTYK-ALASHANKOU", "^rail:(ALTYNKOL|KHORGOS_GW)-HORGOS_CN"
GATES = "^(rail:|road:)(DOSTYK-ALASHANKOU|(ALTYNKOL|KHORGOS_GW)-HORGOS_CN|KHORGOS_GW-NUR_ZHOLY|BAKHTY-TACHENG)"
HOME, BAKU, BOXES = "DOSTYK|ALTYNKOL|KHORGOS_GW|BAKHTY", "(AKTAU|KURYK|TURKMENBASHI)-ALAT$", ("cn_eu_land", "cn_eu_sea")
CLOSED = "title = 'Closed'\n[[change]]\ntable = 'links'\nwhere = { link = 'rail:MIDTOWN-LANDING' }\nclose = true\n"


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    (tmp_path / "closed.toml").write_text(CLOSED, encoding="utf-8")
    return tmp_path / "closed.toml"


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_plan_under_a_scenario_says_so(folder: Path, closed: Path, tmp_path: Path) -> None:
    result = run("plan", "--data", folder, "--scenario", closed, "--out", tmp_path / "plan", "--quiet")
    assert result.exit_code == 0, result.output
    assert "scenario closed" in result.output
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "closed"
    assert [one["name"] for one in summary["scenarios"]] == ["closed"]
    assert "rail:MIDTOWN-LANDING" not in {row["link"] for row in read(tmp_path / "plan", "flows")}


def test_what_the_user_writes_goes_before_what_a_scenario_says(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "best.toml").write_text("running = 'best'\nyear = 2026\ncarbon_price = 5", encoding="utf-8")
    made = [
        json.loads(
            run(
                "plan", "--data", folder, "--scenario", tmp_path / "best.toml", "--format", "json", "--quiet", *more
            ).stdout
        )
        for more in ([], ["--running", "typical", "--year", "2024", "--carbon-price", "0"])
    ]
    assert [(one["running"], one["year"], one["carbon_price"]) for one in made] == [
        ("best", 2026, 5),
        ("typical", 2024, 0),
    ]


def test_run_writes_a_plan_for_the_base_and_each_scenario_and_the_comparison(
    folder: Path, closed: Path, tmp_path: Path
) -> None:
    told = process("run", closed, "--data", folder, "--out", tmp_path / "out")
    assert told.returncode == 0, told.stderr
    assert "closed: solving ..." in told.stderr
    for words in ("Scenarios", "Mt left", "Corridors", "closed, against base", "From where to where", "Written to"):
        assert words in told.stdout
    assert worst_overload(tmp_path / "out" / "closed") < 1e-6
    found = read(tmp_path / "out", "comparison")
    assert {row["scenario"] for row in found} == {"base", "closed"}
    left = {row["scenario"]: float(row["after"]) for row in found if row["measure"] == "kt_unserved"}
    assert left["closed"] > left["base"]


def test_a_run_plans_what_plan_plans(folder: Path, closed: Path, tmp_path: Path) -> None:
    run("run", closed, "--data", folder, "--out", tmp_path / "out", "--quiet")
    run("plan", "--data", folder, "--scenario", closed, "--out", tmp_path / "plan", "--quiet")
    for name in ("flows", "routes", "bottlenecks"):
        assert (tmp_path / "out" / "closed" / f"{name}.csv").read_bytes() == (
            tmp_path / "plan" / f"{name}.csv"
        ).read_bytes()


def test_a_run_refuses_before_any_work_what_it_may_not_replace(folder: Path, closed: Path, tmp_path: Path) -> None:
    arguments = ["run", closed, "--data", folder, "--out", tmp_path / "out", "--quiet"]
    assert run(*arguments).exit_code == 0
    said = sentence(run(*arguments, "--carbon-price", "9"))
    assert "holds another plan, which would be lost" in said
    assert "--force" in said
    assert run(*arguments, "--carbon-price", "9", "--force").exit_code == 0
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert "not a folder" in sentence(run(*arguments[:-2], tmp_path / "file", "--quiet"))


def test_a_scenario_that_cannot_be_planned_is_a_row_that_says_why(folder: Path, closed: Path, tmp_path: Path) -> None:
    (tmp_path / "early.toml").write_text("year = 1990", encoding="utf-8")
    arguments = ["run", tmp_path / "early.toml", closed, "--data", folder, "--quiet", "--format"]
    told = {row["scenario"]: row for row in json.loads(run(*arguments, "json").stdout)}
    assert told["early"]["status"] == "failed"
    assert "the earliest demand is of 2024" in told["early"]["why"]
    assert told["closed"]["status"] == "optimal"
    assert "early was not planned: " in run(*arguments, "text").output
    failed = [row for row in rows_of(run(*arguments, "csv").stdout) if row["section"] == "failed"]
    assert [row["scenario"] for row in failed] == ["early"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "dostyk-closd"], "did you mean dostyk-closed"),
        (["run", "no/such.toml"], "is not there"),
        (["run", "dostyk-closed", "dostyk-closed"], "asked for twice"),
        (["run"], "SCENARIO"),
        (["plan", "--scenario", "suez-closd", "--quiet"], "did you mean suez-closed"),
        (["scenarios", "show", "bakad"], "did you mean without-bakad"),
        (["diff", "no/such", "folder"], "is not a folder"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments: list[str], words: str) -> None:
    assert words in sentence(run(*arguments))


def test_a_data_package_without_scenarios_says_so(folder: Path) -> None:
    assert "no scenarios" in run("scenarios", "--data", folder).output
    assert "give the path of a .toml file" in sentence(run("run", "dostyk-closed", "--data", folder, "--quiet"))


def test_the_scenarios_are_listed_and_copied_with_the_data(tmp_path: Path) -> None:
    names = [one.name for one in scenario.listed(tables.embedded())]
    assert [row["name"] for row in json.loads(run("scenarios", "--format", "json").stdout)] == names
    assert [row["name"] for row in rows_of(run("scenarios", "--format", "csv").stdout)] == names
    assert run("data", "init", tmp_path / "mine").exit_code == 0
    assert run("scenarios", "--data", tmp_path / "mine").output == run("scenarios").output
    assert run("data", "check", tmp_path / "mine").exit_code == 0


def test_a_scenario_is_shown_with_why_and_how_many_rows_each_change_touches() -> None:
    text = run("scenarios", "show", "suez-closed").output
    for words in ("round the Cape", "searoute", "through is 'EGY'", "links 21"):
        assert words in text
    told = json.loads(run("scenarios", "show", "dostyk-moiynty-single-track", "--format", "json").stdout)
    assert (told["year"], told["changes"][0]["rows"]) == (2025, 4)
    assert rows_of(run("scenarios", "show", "ktz-tariff-20", "--format", "csv").stdout)[1]["altered"] == "tariffs 1"
    assert "No table is changed" in run("scenarios", "show", "best-case").output


@pytest.fixture
def two(folder: Path, closed: Path, tmp_path: Path) -> tuple[Path, Path]:
    run("run", closed, "--data", folder, "--out", tmp_path / "out", "--quiet")
    return tmp_path / "out" / "base", tmp_path / "out" / "closed"


@pytest.fixture
def made(folder: Path, closed: Path) -> tuple[object, ...]:
    """Return the options that name what the two plans were made from."""
    return "--data", folder, "--scenario", closed


def test_a_difference_adds_up(two: tuple[Path, Path]) -> None:
    base, other = (plan_folder.read(one) for one in two)
    found = difference.compare(base, other)
    left = found.shifts.loc[found.shifts["to_way"] == "not served", "kt"].sum()
    assert left == pytest.approx(other.summary["kt_unserved"] - base.summary["kt_unserved"])
    assert found.unserved["change"].sum() == pytest.approx(left)
    links = found.links.set_index("name")["change"]
    assert links["rail:MIDTOWN-LANDING"] == pytest.approx(
        -base.flows.groupby("link")["kt"].sum()["rail:MIDTOWN-LANDING"]
    )


def test_a_plan_does_not_differ_from_itself(two: tuple[Path, Path]) -> None:
    same = difference.compare(*(plan_folder.read(two[0]) for _ in range(2)))
    assert not same.totals["change"].any()
    assert [len(getattr(same, part)) for part in (*difference.RISES, "shifts")] == [0] * 7


def test_people_read_the_names_of_places_and_programs_their_ids(folder: Path, closed: Path, tmp_path: Path) -> None:
    row = cells_of(
        "link=rail:DRYPASS-LANDING from_node=DRYPASS to_node=LANDING mode=rail km=7000 country=CCC "
        "gauge_mm=1520 hours_fixed=0 capacity=inf both_ways=1 usd_per_t=0"
    )
    append(folder, "links", **row)
    run("run", closed, "--data", folder, "--out", tmp_path / "out", "--quiet")
    two = tmp_path / "out" / "base", tmp_path / "out" / "closed"
    made = "--data", folder, "--scenario", closed
    named = run("diff", *two, *made).output
    assert "rail by Drypass" in named
    assert "by DRYPASS" not in named
    assert "rail by DRYPASS" in run("diff", *two, *made, "--format", "csv").stdout


@pytest.mark.slow
def test_plans_of_the_embedded_data_are_told_in_its_names(tmp_path: Path) -> None:
    for name, more in (("base", []), ("closed", ["--scenario", "dostyk-closed"])):
        assert run("plan", "--out", tmp_path / name, "--quiet", *more).exit_code == 0
    text = run("diff", tmp_path / "base", tmp_path / "closed").output
    assert "rail by Dostyk" in text
    assert "DOSTYK" not in text.partition("Links")[0]


def test_diff_in_three_formats(two: tuple[Path, Path], made: tuple[object, ...]) -> None:
    text = run("diff", *two, *made)
    assert text.exit_code == 0, text.output
    for words in ("Totals", "From where to where", "not served", "Bottlenecks that changed"):
        assert words in text.output
    told = json.loads(run("diff", *two, *made, "--format", "json").stdout)
    assert set(told) == {"unlike", "totals", *difference.RISES, "shifts"}
    sections = {row["section"] for row in rows_of(run("diff", *two, *made, "--format", "csv").stdout)}
    assert {"totals", "links", "bottlenecks", "shifts"} <= sections


def test_a_closed_line_is_called_closed_and_not_as_full_as_before(
    two: tuple[Path, Path], made: tuple[object, ...]
) -> None:
    base, other = (plan_folder.read(one) for one in two)
    found = difference.compare(base, other).bottlenecks.query("name == 'rail:MIDTOWN-LANDING'")
    assert set(found["capacity_before"]) == {30.0}
    assert set(found["capacity_after"]) == {0.0}
    used = found.set_index("measure").loc["utilisation"]
    assert used["before"] == pytest.approx(
        base.bottlenecks.set_index("resource")["utilisation"]["rail:MIDTOWN-LANDING"]
    )
    assert used["after"] == 0
    text = run("diff", *two, *made).output.partition("Bottlenecks that changed")[2]
    line = next(one for one in text.splitlines() if "Midtown - Landing" in one and "(closed)" in one)
    assert f"{used['before']:.0%}" in line
    assert "same" not in line
    opened = run("diff", *reversed(two), *made).output.partition("Bottlenecks that changed")[2]
    line = next(one for one in opened.splitlines() if "(closed)" in one)
    assert line.index("(closed)") < line.index(f"{used['before']:.0%}")


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("flows.csv", None, "holds no flows.csv"),
        ("flows.csv", b"link,kt\nx,1\n", "found no column"),
        ("flows.csv", b"\xff\xfe\x00", "bytes that are not UTF-8"),
        ("routes.csv", b"", "not a table of a plan"),
        ("summary.json", b"{", "not JSON"),
        ("summary.json", b"[1]", "not JSON of a plan"),
        ("summary.json", b"{}", "found no sound status"),
        ("summary.json", b"3", "not JSON of a plan"),
    ],
)
def test_a_damaged_plan_folder_is_one_sentence(
    two: tuple[Path, Path], file: str, content: bytes | None, words: str
) -> None:
    (two[1] / file).unlink()
    if content is not None:
        (two[1] / file).write_bytes(content)
    assert words in sentence(run("diff", *two))


def test_a_letter_where_a_number_belongs_is_one_sentence(two: tuple[Path, Path]) -> None:
    path = two[1] / "corridors.csv"
    path.write_text(re.sub(r",\d[\d.]*,", ",much,", path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    assert "not a table of a plan" in sentence(run("diff", *two))


# what docs/scenarios.md says


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    data = tables.read()
    every = scenario_runs.prepared(data, [one.name for one in scenario.listed(data.path)])
    made = list(scenario_runs.planned(every, PlanSettings()))
    assert [case.why for case in made] == [""] * len(made)
    return {case.name: case for case in made}


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", GUIDE, re.S))
def test_every_example_of_the_guide_can_be_applied(text: str, tmp_path: Path) -> None:
    (tmp_path / "example.toml").write_text(text, encoding="utf-8")
    assert scenario.apply(tables.read(), [str(tmp_path / "example.toml")]).effects


def test_the_guide_names_every_key_and_action() -> None:
    from corridors.scenario import change

    for word in (*scenario.KEYS, *change.KEYS, *(name for names in change.DERIVED.values() for name in names)):
        assert f"`{word}`" in GUIDE, word


@pytest.mark.slow
def test_the_totals_in_the_guide_are_those_of_a_run(cases: dict[str, Case]) -> None:
    head = scenario_runs.headline(list(cases.values())).set_index("scenario")
    told = table("cost, bn USD")
    assert set(told) == set(cases)
    for name, cells in told.items():
        row = head.loc[name]
        assert cells == [
            row["base"],
            f"{row['year']:.0f}",
            f"{row['objective_value'] / 1e9:.3f}",
            f"{row['cost_change']:+.2%}",
            f"{row['kt_served'] / 1e3:.1f}",
            f"{row['kt_unserved'] / 1e3:.1f}",
            f"{row['t_km'] / 1e9:.1f}",
            f"{row['days_mean']:.2f}",
            f"{row['t_co2e'] / 1e6:.2f}",
        ], name


@pytest.mark.slow
def test_the_flows_in_the_guide_are_those_of_a_run(cases: dict[str, Case]) -> None:
    told = table("rail at Dostyk")
    assert set(told) == set(cases)
    for name, cells in told.items():
        plan = cases[name].plan
        assert plan is not None
        for cell, found in zip(cells, flows_of_interest(plan.flows, plan.routes), strict=True):
            low, high = ends_told(cell)
            assert low - ROUNDED_MT <= found <= high + ROUNDED_MT, (name, cell, found)


@pytest.mark.slow
def test_a_flow_in_the_guide_has_two_figures_where_plans_of_the_same_cost_differ() -> None:
    data, settings = tables.read(), PlanSettings()
    every = scenario_runs.prepared(data, [one.name for one in scenario.listed(data.path)])
    rows = table("rail at Dostyk")
    wide = [name for name, cells in rows.items() if any(" to " in cell for cell in cells)]
    assert len(wide) >= 2
    for name in dict.fromkeys([*list(rows)[::8], *wide]):  # twelve problems each
        cells = rows[name]
        freight = planner.formulate(scenario_runs.built(every[name], settings), settings)
        for cell, found in zip(cells, ends_of_interest(freight), strict=True):
            assert ends_told(cell) == pytest.approx(found, abs=ROUNDED_MT), (name, cell)


def table(heading: str) -> dict[str, list[str]]:
    """Return the table of the guide whose header row has these words: its cells by the first of each row."""
    lines = GUIDE.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("|") and heading in line)
    found = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        name, *cells = (cell.strip().strip("`") for cell in line.strip("|").split("|"))
        found[name] = cells
    return found


def ends_told(cell: str) -> tuple[float, float]:
    """Return the ends of a figure of the guide, which are one where it has one."""
    low, _, high = cell.partition(" to ")
    return float(low), float(high or low)


def ends_of_interest(freight: Freight) -> list[tuple[float, float]]:
    """Return the ends of what `flows_of_interest` returns, among all plans of the least cost."""
    arcs, problem = freight.network.arcs, freight.problem
    names = [name if move else "" for name, move in zip(arcs.id.tolist(), arcs.is_move.tolist(), strict=True)]
    places = freight.network.places
    inside = np.array([bool(re.search(HOME, place)) for place in places])
    home, deep = inside[arcs.tail] | inside[arcs.head], arcs.mode == "deep_sea"
    boxes = np.array([name.startswith(BOXES) for name in problem.demand_names])
    everything = np.ones(problem.demand_count, dtype=np.bool_)

    def crossing(pattern: str) -> tuple[float, float]:
        mine = np.array([bool(re.search(pattern, name)) for name in names])
        return ends(problem, everything, mine, lambda path: bool(mine[path].any()))

    gates = np.array([bool(re.search(GATES, name)) for name in names])
    at_sea = np.array([name != "" for name in names]) & deep
    return [
        crossing(DOSTYK),
        crossing(ALTYNKOL),
        ends(problem, boxes, gates, lambda path: bool(home[path].any() and not deep[path].any())),
        ends(problem, boxes, gates, lambda path: not (home[path].any() or deep[path].any()), nudge=-NUDGE),
        ends(problem, boxes, at_sea, lambda path: bool(deep[path].any())),
        crossing(BAKU),
    ]


def flows_of_interest(flows: pd.DataFrame, routes: pd.DataFrame) -> list[float]:
    """Return Mt by rail over both crossings, of China-Europe containers by way, and over the sea to Baku."""
    link = flows.groupby("link")["kt"].sum()
    crossing = [link[[one for one in link.index if re.search(pattern, one)]].sum() for pattern in (DOSTYK, ALTYNKOL)]
    boxes = routes[routes["demand"].str.startswith(BOXES)]
    sea = boxes["modes"].str.contains("deep_sea")
    home = ~sea & boxes["nodes"].str.contains(HOME)
    ways = [boxes.loc[rows, "kt"].sum() for rows in (home, ~home & ~sea, sea)]
    caspian = link[[one for one in link.index if re.search(BAKU, one)]].sum()
    return [kt / 1000 for kt in (*crossing, *ways, caspian)]
