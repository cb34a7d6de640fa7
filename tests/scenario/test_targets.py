"""The scenarios of forecasts and targets: they come to the figures that they name, and the guide tells what comes."""

import re
from pathlib import Path

import pandas as pd
import pytest

from corridors import scenario, tables
from corridors.planning import scenario_runs
from corridors.planning.counted import of_routes
from corridors.planning.counts import operator
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings
from corridors.scenario import Applied
from corridors.tables.dataset import Dataset

GUIDE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text(encoding="utf-8")
NAMES = ["world-bank-2030", "government-2030", "government-2025"]
RAIL_TRANSIT = ["cn_eu_land", "cn_ru_rail", "cn_titr_containers", "cn_ca_rail", "ru_ca_rail", "ru_ir_tm_rail"]
LINKS = (
    "^rail:DOSTYK-ALASHANKOU",
    "^rail:(?:ALTYNKOL|KHORGOS_GW)-HORGOS_CN",
    "^rail:BAKHTY-TACHENG",
    "(?:AKTAU|KURYK|TURKMENBASHI)-ALAT$",
)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return tables.read()


def grown(dataset: Dataset, name: str) -> pd.DataFrame:
    """Return the demand before and after a scenario, Mt, with the total and the cargo of each row."""
    after = scenario.apply(dataset, [name]).dataset["demand"].set_index("demand")["kt"]
    before = dataset["demand"].set_index("demand")
    return before.assign(after=after / 1e3, before=before["kt"] / 1e3)


def test_the_world_bank_s_freight_comes_to_11_mt_of_which_4_are_boxes(dataset: Dataset) -> None:
    rows = grown(dataset, "world-bank-2030")
    moved = rows[rows["after"] != rows["before"]]
    boxes = moved["commodity"].str.startswith("container")
    assert moved["before"].sum() == pytest.approx(0.452 + 3.403, abs=0.001)
    assert moved["after"].sum() == pytest.approx(11.0, abs=0.01)
    assert moved.loc[boxes, "after"].sum() == pytest.approx(4.0, abs=0.005)
    raw = moved.loc[moved["commodity"].isin(["crude_oil", "ores_metals", "grain"]), "after"].sum()
    assert raw == pytest.approx(5.7, abs=0.05)
    assert raw / moved["after"].sum() == pytest.approx(0.52, abs=0.005)
    europe = moved.loc[moved["total"] == "cn_eu_land", "after"].sum()
    assert europe / (1.3 * rows.loc[rows["total"] == "cn_eu_land", "before"].sum()) == pytest.approx(1 / 6, abs=0.01)


def test_the_government_s_transit_comes_to_67_mt(dataset: Dataset) -> None:
    rows = grown(dataset, "government-2030")
    moved = rows[rows["after"] != rows["before"]]
    past = dataset["totals"].set_index("total")["kt"]["cn_eu_rail_past_kz"] / 1e3
    assert set(moved["total"]) == set(RAIL_TRANSIT)
    assert moved["after"].sum() - past * 2.4453 == pytest.approx(67.0, abs=0.2)  # 27.4 is published, its parts are 27.3


def test_the_target_of_2025_is_a_part_of_what_the_package_has_of_that_year(dataset: Dataset) -> None:
    counted = dataset["total_years"].set_index(["total", "year"])["kt"] / 1e3
    rows = grown(dataset, "government-2025")
    moved = rows[rows["after"] != rows["before"]]
    factor = moved["after"] / moved["before"]
    assert factor.to_numpy() == pytest.approx(
        30 / (counted["rail_transit", 2025] + counted["road_transit", 2025]), abs=1e-4
    )
    assert set(moved["total"]) == {
        *RAIL_TRANSIT,
        *(f"road_transit_{one}" for one in ("cn_eu", "cn_ru", "cn_ca", "ru_ca")),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_target_calls_itself_one_and_every_source_has_its_citation(dataset: Dataset, name: str) -> None:
    found = scenario.read(scenario.find(dataset.path, name))
    assert re.match("A (forecast|target)", found.why.strip())
    cited = [key for text in found.sources for key in re.findall(r"\((\w+)\)$", text)]
    assert len(cited) >= 2
    assert set(cited) <= set(dataset["sources"]["source"])


def flows(applied: Applied, settings: PlanSettings, routes: pd.DataFrame, links: pd.DataFrame) -> list[float]:
    """Return the transit by rail, and what the crossings to China and the Caspian carry, Mt."""
    freight = pose(scenario_runs.built(applied, settings))
    counts = freight.network.dataset["observations"]
    transit = operator(freight, counts[counts["observation"] == "rail:transit:2024"]).modelled(
        *of_routes(freight, routes)
    )
    moved = links.groupby("link")["kt"].sum()
    return [float(transit[0]) / 1e3, *(moved[moved.index.str.contains(one)].sum() / 1e3 for one in LINKS)]


def told(choice: str) -> dict[str, list[str]]:
    """Return the cells of the guide's rows of one kind of shippers, by scenario."""
    rows = re.findall(rf"^\| `([\w-]+)` \| {choice} \| (.*) \|$", GUIDE, re.MULTILINE)
    return {name: cells.split(" | ") for name, cells in rows}


@pytest.mark.slow
@pytest.mark.parametrize(("choice", "names"), [("linear", NAMES), ("logit", NAMES[1:2])])  # a choice takes long
def test_the_guide_s_table_of_forecasts_and_targets_is_that_of_a_run(
    dataset: Dataset, choice: str, names: list[str]
) -> None:
    settings = PlanSettings(choice=choice)
    ready = scenario_runs.prepared(dataset, names)
    found = {}
    for case in scenario_runs.planned(ready, settings):
        assert case.plan is not None, case.why
        figures = flows(ready[case.name], settings, case.plan.routes, case.plan.flows)
        found[case.name] = [f"{one:.1f}" for one in figures]
    del found["base"]
    page = told(choice)
    assert len(page) == 5
    assert {name: page[name] for name in found} == found
    assert names != NAMES or set(page) == set(found)
