"""Scenarios: what their files may say, what they make of the tables, and how they say that something is wrong."""

import dataclasses
import hashlib
from pathlib import Path

import pytest
from small import add_demand, edit

from corridors import network, planning, scenario, tables
from corridors.errors import ScenarioError
from corridors.scenario.application import Applied
from corridors.tables.dataset import Dataset

EMBEDDED = scenario.listed(tables.embedded())


@pytest.fixture
def dataset(folder: Path) -> Dataset:
    return tables.read(folder)


def applied(dataset: Dataset, folder: Path, text: str, name: str = "case.toml") -> Applied:
    (folder / name).write_text(text, encoding="utf-8")
    return scenario.apply(dataset, [str(folder / name)])


def change(table: str, where: str, action: str) -> str:
    return f"[[change]]\ntable = '{table}'\nwhere = {where}\n{action}\n"


def refused(dataset: Dataset, folder: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        applied(dataset, folder, text)
    said = str(caught.value)
    assert "case.toml" in said
    assert "\n" not in said
    return said


def column(dataset: Dataset, table: str, name: str) -> dict[str, object]:
    frame = dataset[table]
    return dict(zip(frame.iloc[:, 0], frame[name], strict=True))


def test_without_a_scenario_the_data_are_the_base(dataset: Dataset) -> None:
    base = scenario.apply(dataset, ())
    assert (base.dataset.scenario, base.dataset.scenarios) == ("base", ())
    assert base.dataset.digest == dataset.digest


def test_a_closed_link_carries_nothing_both_ways_and_is_the_reason_for_what_is_left(
    dataset: Dataset, tmp_path: Path
) -> None:
    text = change("links", '{ link = ["rail:MIDTOWN-LANDING", "road:MIDTOWN-LANDING"] }', "close = true")
    made = planning.plan(network.build(applied(dataset, tmp_path, text).dataset))
    assert not set(made.flows["link"]) & {"rail:MIDTOWN-LANDING", "road:MIDTOWN-LANDING"}
    assert made.unserved.set_index("demand").loc["grain:export", "why"] == "Midtown - Landing (rail), closed"
    tight = made.bottlenecks.set_index("resource").loc["rail:MIDTOWN-LANDING"]
    assert (tight["capacity"], tight["used"]) == (0, 0)
    assert tight["shadow_price_low"] > 0


def test_a_closed_terminal_does_not_give_way_to_the_one_for_every_place(dataset: Dataset, tmp_path: Path) -> None:
    text = change("terminals", '{ terminal = "gauge:EASTGATE:container" }', "close = true")
    made = planning.plan(network.build(applied(dataset, tmp_path, text).dataset))
    assert "gauge:EASTGATE" not in set(made.handlings["terminal"])


def test_a_closed_corridor_closes_its_links_and_those_beside_them(dataset: Dataset, tmp_path: Path) -> None:
    made = applied(dataset, tmp_path, change("corridors", '{ corridor = "R1" }', "close = true"))
    closed = {link for link, capacity in column(made.dataset, "links", "capacity").items() if capacity == 0}
    assert "rail:DRYPASS-MIDTOWN:two" in closed
    assert all(link.startswith("rail:") for link in closed)
    assert made.effects[0][2].altered == {"links": 5}


def test_a_closed_place_closes_what_leads_there(dataset: Dataset, tmp_path: Path) -> None:
    made = applied(dataset, tmp_path, change("nodes", '{ country = "CCC" }', "close = true"))
    closed = {link for link, capacity in column(made.dataset, "links", "capacity").items() if capacity == 0}
    assert closed == {"rail:MIDTOWN-LANDING", "road:MIDTOWN-LANDING", "deep_sea:HARBOUR-LANDING"}
    assert column(made.dataset, "terminals", "capacity")["tranship:LANDING"] == 0


def test_a_closed_border_closes_every_link_of_its_mode_across(dataset: Dataset, tmp_path: Path) -> None:
    where = '{ country_a = "AAA", country_b = "BBB", mode = "road" }'
    made = applied(dataset, tmp_path, change("borders", where, "close = true"))
    closed = [link for link, capacity in column(made.dataset, "links", "capacity").items() if capacity == 0]
    assert closed == ["road:EASTGATE-DRYPASS"]


def test_a_link_without_a_limit_gets_a_unit_when_it_is_closed(folder: Path, tmp_path: Path) -> None:
    text = change("links", '{ mode = "deep_sea" }', "close = true")
    made = applied(tables.read(folder), tmp_path, text)
    assert column(made.dataset, "links", "capacity_unit")["deep_sea:HARBOUR-LANDING"] != ""
    assert planning.plan(network.build(made.dataset)).summary["status"] == "optimal"


def test_opening_brings_a_later_row_into_the_base_year(dataset: Dataset, tmp_path: Path) -> None:
    made = applied(dataset, tmp_path, change("links", '{ link = "rail:DRYPASS-MIDTOWN:two" }', "open = true"))
    links = {arc.id for arc in network.build(made.dataset).arcs}
    assert "rail:DRYPASS-MIDTOWN:two" in links


@pytest.mark.parametrize("year", [2024, 2030])
def test_an_opened_pool_counts_its_later_capacity_once(dataset: Dataset, tmp_path: Path, year: int) -> None:
    made = applied(dataset, tmp_path, change("pools", "{ year_open = 2026 }", "open = true"))
    limits = {one.resource: one.capacity for one in network.build(made.dataset, year).resources}
    assert limits["pool:pass"] == 14 + 36


def test_cells_are_set_scaled_and_made_blank(dataset: Dataset, tmp_path: Path) -> None:
    text = (
        change("links", '{ mode = "rail", country = "AAA" }', "set = { capacity = inf, speed_kmh = '' }")
        + change("links", '{ mode = ["rail", "road"], from_country = "BBB", to_country = "CCC" }', "scale = { km = 2 }")
        + change("demand", "{ year = 2024 }\nwhere_not = { avoid = 'DDD' }", "scale = { kt = 0.5 }")
    )
    made = applied(dataset, tmp_path, text).dataset
    assert column(made, "links", "capacity")["rail:HARBOUR-EASTGATE"] == float("inf")
    assert column(made, "links", "speed_kmh")["rail:HARBOUR-EASTGATE"] != column(made, "links", "speed_kmh")  # NaN
    assert column(made, "links", "km")["rail:MIDTOWN-LANDING"] == 9800
    assert column(made, "demand", "kt") == {
        "transit:west": 1500,
        "transit:east": 1000,
        "grain:export": 3000,
        "goods:import": 400,
    }


def test_rows_are_added_with_blanks_where_nothing_is_said(dataset: Dataset, tmp_path: Path) -> None:
    row = (
        '{ link = "road:DRYPASS-STEPPE", from_node = "DRYPASS", to_node = "STEPPE", mode = "road", country = "BBB", '
        "km = 1200, hours_fixed = 0, capacity = inf, usd_per_t = 0, both_ways = 1 }"
    )
    made = applied(dataset, tmp_path, f'[[change]]\ntable = "links"\nadd = [{row}]\n')
    assert "road:DRYPASS-STEPPE" in {arc.id for arc in network.build(made.dataset).arcs}
    assert made.effects[0][2].rows == 1


def test_shippers_avoid_a_country_without_losing_what_they_avoided(dataset: Dataset, tmp_path: Path) -> None:
    text = change(
        "demand", '{ destination_country = "CCC" }\nwhere_not = { origin_country = "DDD" }', 'add_avoid = ["EEE"]'
    )
    (tmp_path / "small" / "links.csv").write_text(
        (tmp_path / "small" / "links.csv").read_text(encoding="utf-8").replace("DDD", "DDD;EEE", 1), encoding="utf-8"
    )
    made = applied(tables.read(tmp_path / "small"), tmp_path, text).dataset
    assert column(made, "demand", "avoid") == {
        "transit:west": "EEE",
        "transit:east": "DDD",
        "grain:export": "EEE",
        "goods:import": "",
    }


def test_a_project_is_applied_with_all_its_steps_and_then_settled(dataset: Dataset, tmp_path: Path) -> None:
    text = "".join(change("projects", f"{{ project = '{name}' }}", "apply = true") for name in ("crane", "track"))
    made = applied(dataset, tmp_path, text).dataset
    assert column(made, "terminals", "capacity")["gauge:EASTGATE"] == 22
    assert "rail:DRYPASS-MIDTOWN:two" in {arc.id for arc in network.build(made).arcs}
    assert set(made["projects"]["project"]) == {"widening"}


def test_what_is_open_is_closed_when_its_project_is_undone(dataset: Dataset, tmp_path: Path) -> None:
    made = applied(dataset, tmp_path, change("projects", "{ project = 'track' }", "undo = true")).dataset
    later = planning.plan(network.build(made, 2030))
    assert "rail:DRYPASS-MIDTOWN:two" not in set(later.flows["link"])


def test_a_finished_addition_is_taken_away_again(folder: Path, tmp_path: Path) -> None:
    edit(folder, "projects", 2, year_finish="2024")
    made = applied(tables.read(folder), tmp_path, change("projects", "{ project = 'crane' }", "undo = true")).dataset
    assert column(made, "terminals", "capacity")["gauge:EASTGATE"] == 6


def test_projects_that_cannot_be_taken_or_taken_back_say_why(folder: Path, tmp_path: Path) -> None:
    edit(folder, "projects", 3, year_finish="2023")
    data = tables.read(folder)
    undo = change("projects", "{ project = 'widening' }", "undo = true")
    assert "says what capacity of rail:EASTGATE-DRYPASS became (=30), not what it was" in refused(data, tmp_path, undo)
    assert "finished by 2024" in refused(data, tmp_path, undo.replace("undo", "apply"))
    not_there = change("projects", "{ project = 'crane' }", "undo = true")
    assert "there is nothing to undo" in refused(data, tmp_path, not_there)
    twice = change("projects", "{ project = 'track' }", "apply = true") * 2
    assert "no row of projects has 'track'" in refused(data, tmp_path, twice)


def test_scenarios_are_applied_in_order_each_once_after_those_they_extend(dataset: Dataset, tmp_path: Path) -> None:
    half = change("demand", "{ demand = 'grain:export' }", "scale = { kt = 0.5 }")
    (tmp_path / "half.toml").write_text("year = 2026\n" + half, encoding="utf-8")
    (tmp_path / "dear.toml").write_text("carbon_price = 50\nextends = './half.toml'\n", encoding="utf-8")
    text = "extends = ['half.toml', 'dear.toml']\nrunning = 'best'\n" + half
    made = applied(dataset, tmp_path, text)
    assert column(made.dataset, "demand", "kt")["grain:export"] == 1500
    assert (made.year, made.running, made.carbon_price) == (2026, "best", 50)
    assert made.dataset.scenario == "case"
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert [name for name, _ in made.dataset.scenarios] == ["half", "dear", "case"]
    assert made.dataset.scenarios[-1] == ("case", digest)
    both = scenario.apply(dataset, [f"{tmp_path / 'half.toml'}", f"{tmp_path / 'case.toml'}"])
    assert both.dataset.scenario == "half+case"
    assert both.dataset.digest == made.dataset.digest


def test_a_plan_says_its_scenario_and_the_digest_of_the_changed_data(dataset: Dataset, tmp_path: Path) -> None:
    made = applied(dataset, tmp_path, change("demand", "'all'", "scale = { kt = 0.9 }")).dataset
    summary = planning.plan(network.build(made)).summary
    assert summary["scenario"] == "case"
    assert [one["name"] for one in summary["scenarios"]] == ["case"]
    assert summary["data_digest"] == made.digest != dataset.digest


def test_line_ends_do_not_change_a_digest(tmp_path: Path) -> None:
    for name, text in (("unix", "title = 'x'\nyear = 2024\n"), ("dos", "title = 'x'\r\nyear = 2024\r\n")):
        (tmp_path / f"{name}.toml").write_bytes(text.encode())
    assert scenario.read(tmp_path / "unix.toml").digest == scenario.read(tmp_path / "dos.toml").digest


LINK = '{ link = "rail:MIDTOWN-LANDING" }'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel = 'x'", "did you mean title"),
        ("year = 'soon'", "expected a calendar year"),
        ("year = true", "expected a calendar year"),
        ("running = 'fast'", "expected one of typical, best"),
        ("carbon_price = -1", "0 or more"),
        ("sources = 'one'", "a list of texts"),
        ("name = 'a/b'", "rename it"),
        ("name = 'base'", "rename it"),
        ("change = 3", "[[change]]"),
        ("change = [3]", "change 1: found '3'"),
        ("year = = 3", "not TOML"),
        ("extends = 'nowhere'", "there is no scenario 'nowhere'"),
        ("extends = 'nowhere.toml'", "is not there"),
        ("extends = 'case.toml'", "round in a circle, case > case"),
        ("[[change]]\nclose = true", "no table is named"),
        (change("lnks", LINK, "close = true"), "did you mean links"),
        (change("splits", "{ total = 'transit' }", "scale = { share = 2 }"), "change demand instead"),
        (change("links", LINK, "clse = true"), "did you mean close"),
        (change("links", LINK, ""), "found no action"),
        (change("links", LINK, "close = true\nopen = true"), "found close and open"),
        (change("links", LINK, "close = false"), "found close = false, expected true"),
        (change("modes", "{ mode = 'rail' }", "close = true"), "only for links, terminals"),
        (change("links", "{ lnk = 'x' }", "close = true"), "did you mean link"),
        (change("links", '{ link = "rail:MIDTOWN-LANDIN" }', "close = true"), "did you mean rail:MIDTOWN-LANDING"),
        (change("links", "{ mode = 'road', country = 'AAA' }", "close = true"), "has all of: mode is 'road'"),
        (change("links", "{ mode = 'tram' }", "close = true"), "it has deep_sea, rail, road"),
        (change("links", "{ km = 'far' }", "close = true"), "expected a number"),
        (change("links", "{ mode = 3 }", "close = true"), "expected text"),
        (change("links", "{ mode = [] }", "close = true"), "found an empty list"),
        (change("links", "{}", "close = true"), "no rows are picked"),
        (change("links", "3", "close = true"), "expected columns with values"),
        (change("links", LINK, "set = { capacty = 1 }"), "did you mean capacity"),
        (change("links", LINK, "set = { capacity = '1' }"), "without quotation marks"),
        (change("links", LINK, "set = { both_ways = true }"), "expected a number"),
        (change("links", LINK, "set = { km = inf }"), "expected a finite number"),
        (change("links", LINK, "set = { name_en = 1 }"), "expected text"),
        (change("links", LINK, "set = { link = 'x' }"), "close the row and add another"),
        (change("links", LINK, "set = 3"), "expected columns with values"),
        (change("links", LINK, "scale = { capacity = 'much' }"), "expected a factor"),
        (change("links", LINK, "scale = { capacity = -1 }"), "expected a factor"),
        (change("links", LINK, "scale = { mode = 2 }"), "holds text"),
        (change("links", "{ mode = 'deep_sea' }", "scale = { capacity = 2 }"), "found inf, expected a number"),
        (change("links", "{ mode = 'road' }", "scale = { speed_kmh = 2 }"), "found a blank cell"),
        (change("links", LINK, "open = true"), "open by 2024 already"),
        (change("links", LINK, "add = [{ link = 'x' }]"), "remove where"),
        ("[[change]]\ntable = 'links'\nadd = 3", "expected a list of rows"),
        ("[[change]]\ntable = 'links'\nadd = [{ link = 'x' }]", "row 1: found no from_node"),
        (
            "[[change]]\ntable = 'emissions'\nadd = [{ mode = 'rail', country = 'CCC', gco2e_per_tkm = 1 }]",
            "there already",
        ),
        (change("demand", "{ demand = 'grain:export' }", "add_avoid = ['BBB']"), "has its origin in BBB"),
        (change("demand", "{ demand = 'grain:export' }", "add_avoid = 'BBB'"), "a list of countries"),
        (
            change("links", LINK, "set = { country = 'XXX' }"),
            "after the last change links.csv, row 'rail:MIDTOWN-LANDING'",
        ),
        (change("demand", "'all'", "set = { kt = -3 }"), "expected at least 0"),
    ],
)
def test_a_mistake_is_one_sentence(dataset: Dataset, tmp_path: Path, text: str, words: str) -> None:
    assert words in refused(dataset, tmp_path, text)


def test_a_file_of_other_bytes_is_one_sentence(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_bytes("title = 'Закрыт'".encode("cp1251"))
    with pytest.raises(ScenarioError, match="UTF-8"):
        scenario.apply(dataset, [str(tmp_path / "case.toml")])


def test_a_circle_over_several_files_is_found(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("extends = 'two.toml'", encoding="utf-8")
    (tmp_path / "two.toml").write_text("extends = 'one.toml'", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"one > two > one"):
        scenario.apply(dataset, [str(tmp_path / "one.toml")])


def test_nothing_in_a_scenario_is_evaluated(dataset: Dataset, tmp_path: Path) -> None:
    text = change("links", "{ link = '__import__(\"os\")' }", "close = true")
    assert "no row of links" in refused(dataset, tmp_path, text)


def test_the_data_that_a_scenario_was_applied_to_stay_as_they_were(dataset: Dataset, tmp_path: Path) -> None:
    before = dataset.digest
    applied(dataset, tmp_path, change("links", "{ mode = 'rail' }", "close = true"))
    assert dataclasses.replace(dataset).digest == before


def test_a_demand_without_any_way_left_stays_behind_and_breaks_no_rule(folder: Path, tmp_path: Path) -> None:
    add_demand(folder, "far", "STEPPE-MIDTOWN", "general", kt=5, penalty=500)
    text = change("links", "{ link = 'road:STEPPE-MIDTOWN' }", "close = true")
    made = planning.plan(network.build(applied(tables.read(folder), tmp_path, text).dataset))
    assert "closed" in made.unserved.set_index("demand").loc["far", "why"]


@pytest.mark.parametrize("name", [one.name for one in EMBEDDED])
def test_every_embedded_scenario_applies_and_says_why(name: str) -> None:
    one = next(one for one in EMBEDDED if one.name == name)
    assert one.path.stem == name
    assert len(one.title) > 10
    assert len(one.why.split()) > 20
    assert one.sources
    made = scenario.apply(tables.read(), [name])
    assert made.effects or made.running
    assert made.dataset.scenario == name
