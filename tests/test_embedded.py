"""The embedded data package: sound, complete, sourced, and a proven plan comes out of it."""

import csv
import json
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pulp
import pytest
from recompute import read, unbalanced_total, worst_imbalance, worst_link_difference, worst_overload

from corridors import network, planning, tables
from corridors.exchange import programs
from corridors.models import methods
from corridors.models.certificate import certify
from corridors.models.shortest import trees
from corridors.network import costs, routes
from corridors.network.network import Network
from corridors.planning.counted import beside
from corridors.planning.freight import pose, with_minimum_share
from corridors.planning.planner import Plan
from corridors.planning.unserved import reasons
from corridors.planning.validation import scorecard
from corridors.tables import validation
from corridors.tables.dataset import Dataset

FACTS = Path(__file__).parents[2] / "shared" / "facts"
DATA = tables.embedded()


def needs_facts(name: str) -> list[dict[str, str]]:
    if not (FACTS / name).is_file():
        pytest.skip(f"the collection of facts is not here ({name})")
    with (FACTS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return tables.read()


@pytest.fixture(scope="module")
def net(dataset: Dataset) -> Network:
    return network.build(dataset)


@pytest.fixture(scope="module")
def made(net: Network) -> Plan:
    return planning.plan(net)


@pytest.fixture(scope="module")
def written(made: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("embedded") / "plan"
    made.write(folder)
    return folder


def test_the_package_has_no_fault() -> None:
    assert [str(fault) for fault in validation.check(DATA)] == []


def test_it_has_six_rail_six_road_and_72_air_corridors(dataset: Dataset) -> None:
    assert Counter(dataset["corridors"]["mode"]) == {"rail": 6, "road": 6, "air": 72}
    assert set(dataset["corridor_links"]["corridor"]) == set(dataset["corridors"]["corridor"])


def test_every_place_that_is_not_a_point_in_the_air_has_three_names_and_kazakh_ones_are_cyrillic(
    dataset: Dataset,
) -> None:
    nodes = dataset["nodes"]
    for row in nodes.itertuples():
        assert row.name_en
        assert row.name_ru, row.node
        assert row.name_kk, row.node
        if "fix" not in row.kind and "gate" not in row.kind and "crossing" not in row.kind:
            assert any("Ѐ" <= letter <= "ӿ" for letter in row.name_kk), row.name_kk


def test_every_number_has_its_source_and_every_uncertain_one_its_band() -> None:
    dictionary = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    told = {(row["table"], row["key"], row["column"]): row for row in read(DATA, "provenance")}
    wanted = set()
    for resource in dictionary["resources"]:
        if resource["name"] in {"provenance", "sources"}:
            continue
        numeric = [
            field["name"]
            for field in resource["schema"]["fields"]
            if field["type"] != "string" and field.get("provenance", True)
        ]
        for row in read(DATA, resource["name"]):
            key = "|".join(row.get(column, "") for column in resource["schema"]["primaryKey"]).removesuffix("|")
            wanted |= {(resource["name"], key, column) for column in numeric if row.get(column, "") != ""}
    assert len(wanted) > 5000
    assert wanted == set(told)
    sources = {row["source"] for row in read(DATA, "sources")}
    for key, row in told.items():
        assert row["source"] in sources, key
        if row["status"] in {"assumed", "recalled", "calibrated", "estimated"}:
            assert row["low"] != "", key
            assert row["high"] != "", key


def test_no_assumed_capacity_or_length_passes_for_an_observed_one() -> None:
    told = {(row["table"], row["key"], row["column"]): row["status"] for row in read(DATA, "provenance")}
    links = {row["link"]: row for row in read(DATA, "links")}
    checked = 0
    for row in needs_facts("rail_links.csv"):
        link = f"rail:{row['from']}-{row['to']}"
        for column, figure, status, seen in (
            ("km", row["km"], row["status"], row["seen"]),
            ("capacity", row["capacity_pairs_day"], row["capacity_status"], "yes"),
        ):
            if link in links and figure and (status != "observed" or seen == "no"):
                taken = float(links[link][column]) == float(figure)  # another figure has another source
                assert not taken or told["links", link, column] != "observed", (link, column)
                checked += taken
    assert checked > 10


def test_the_base_network_is_that_of_2024_and_later_years_open_more(dataset: Dataset, net: Network) -> None:
    here = {arc.id for arc in net.arcs}
    later = {arc.id for arc in network.build(dataset, year=2028).arcs}
    opened = {"rail:MOIYNTY-KYZYLZHAR", "rail:KAZYBEK_BEK-ZHETYGEN", "rail:BAKHTY-AYAGOZ"}
    assert not opened & here
    assert opened <= later
    assert here < later


def test_the_second_track_from_dostyk_opens_on_30_september_2025_and_counts_from_that_day(dataset: Dataset) -> None:
    def pairs(year: int) -> float:
        return next(
            one.capacity for one in network.build(dataset, year=year).resources if one.resource == "rail:DOSTYK-AKTOGAY"
        )

    before, opening, after = map(pairs, (2024, 2025, 2026))
    open_days = (date(2026, 1, 1) - date(2025, 9, 30)).days
    assert opening == pytest.approx(before + (after - before) * open_days / 365)


def test_aktau_takes_more_containers_once_its_hub_is_open(dataset: Dataset) -> None:
    def boxes(year: int) -> float:
        return next(
            one.capacity
            for one in network.build(dataset, year=year).resources
            if one.resource == "pool:AKTAU_CONTAINERS"
        )

    assert boxes(2024) < boxes(2028)


def test_lorries_pass_almaty_by_its_streets_or_by_the_ring(dataset: Dataset) -> None:
    links = dataset["links"]
    streets = links[
        links["from_node"].isin(["ALMATY_WEST", "ALMATY"]) & links["to_node"].isin(["ALMATY", "ALMATY_EAST"])
    ]
    assert {name.split(":")[-1] for name in streets["link"]} >= {"ryskulov", "raiymbek", "tole_bi"}
    ring = links[links["link"] == "road:ALMATY_WEST-ALMATY_EAST:bakad"].iloc[0]
    assert ring["km"] == 66
    assert ring["usd_per_t"] > 0
    assert (streets["capacity"] < float("inf")).all()


def test_an_oil_pipeline_carries_crude_only_and_a_gas_pipeline_gas(dataset: Dataset) -> None:
    goods = dataset["commodities"]
    for mode, commodity in (("oil_pipeline", "crude_oil"), ("gas_pipeline", "gas")):
        assert [row.commodity for row in goods.itertuples() if mode in row.modes.split(";")] == [commodity]


def test_the_plan_is_proven_and_lists_all_84_corridors(made: Plan, written: Path) -> None:
    summary = json.loads((written / "summary.json").read_text(encoding="utf-8"))
    assert summary["gap"] <= 1e-6
    assert summary["status"] == "optimal"
    assert len(read(written, "corridors")) == 84
    assert (made.corridors["kt"] == 0).any()


def test_the_plan_s_files_alone_balance_and_keep_every_capacity(written: Path) -> None:
    assert worst_imbalance(written) < 1e-6
    assert worst_link_difference(written) < 1e-6
    assert worst_overload(written) < 1e-6
    assert unbalanced_total(written) < 1e-6


def test_shippers_who_avoid_a_country_do_not_cross_it(made: Plan, dataset: Dataset) -> None:
    country = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["country"], strict=True))
    wary = made.routes[made.routes["avoid"] != ""]
    assert len(wary) > 10
    for row in wary.itertuples():
        assert not {country[node] for node in row.nodes.split(" > ")} & set(row.avoid.split(";"))


def counted(dataset: Dataset) -> dict[str, float]:
    return dict(zip(dataset["observations"]["observation"], dataset["observations"]["value"], strict=True))


def test_the_railway_carries_what_was_counted_over_the_distance_that_was_counted(made: Plan, dataset: Dataset) -> None:
    """Freight within 2 or 3 % by kind, work and mean haul within a tenth: what the package was built to meet."""
    home = dataset["links"][(dataset["links"]["mode"] == "rail") & (dataset["links"]["country"] == "KAZ")]
    km = dict(zip(home["link"], home["km"], strict=True))
    country = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["country"], strict=True))
    kinds = {(True, True): "domestic", (True, False): "export", (False, True): "import", (False, False): "transit"}
    kt, work = Counter[str](), 0.0
    for row in made.routes.itertuples():
        length = sum(km.get(link, 0.0) for link in row.links.split(";"))
        if length:
            kt[kinds[country[row.origin] == "KAZ", country[row.destination] == "KAZ"]] += row.kt
            work += row.kt * length
    count = counted(dataset)
    for kind in kinds.values():
        # The gateway at Horgos is full: whose boxes reach it by rail, China's for Almaty or for Bishkek, is a tie.
        part = 0.03 if kind in {"import", "transit"} else 0.02
        assert kt[kind] == pytest.approx(count[f"rail:{kind}:2024"], rel=part), kind
    both = sum(count[f"rail:{kind}:2024"] for kind in ("import", "transit"))
    assert kt["import"] + kt["transit"] == pytest.approx(both, rel=0.02)
    carried = count["rail:all:2024"]
    assert sum(kt.values()) == pytest.approx(carried, rel=0.02)
    assert work / 1e3 == pytest.approx(count["rail:turnover:2024"], rel=0.1)
    haul = count["rail:turnover:tariff:2024"] / carried
    assert work / sum(kt.values()) == pytest.approx(1e3 * haul, rel=0.1)


def test_pipelines_to_china_and_over_russia_carry_what_was_counted(made: Plan, net: Network) -> None:
    """Each has one way, so that a plan can miss the count by its demand only."""
    found = beside(made, net).set_index("observation")
    for name in ("oil:china:2024", "cpc:2024", "oil:kenkiyak:2024"):
        assert found.loc[name, "deviation"] == pytest.approx(0, abs=0.01), name


@pytest.fixture(scope="module")
def planned(dataset: Dataset) -> dict[int, tuple[Plan, Network]]:
    networks = {year: network.build(dataset, year=year) for year in (2019, 2022, 2023, 2025)}
    return {year: (planning.plan(net), net) for year, net in networks.items()}


def test_years_since_2019_are_planned_without_a_demand_lost(planned: dict[int, tuple[Plan, Network]]) -> None:
    for year, (plan, _) in planned.items():
        assert plan.summary["kt_unserved"] == pytest.approx(0, abs=1e-3), year
        assert plan.summary["gap"] <= 1e-6


def test_the_ring_the_streets_the_toll_sections_and_the_ferries_carry_lorries(
    planned: dict[int, tuple[Plan, Network]],
) -> None:
    plan, net = planned[2025]
    moved = plan.flows.groupby("link")["kt"].sum()
    assert moved["road:ALMATY_WEST-ALMATY_EAST:bakad"] > 0
    assert moved[[link for link in moved.index if link.startswith("road:ALMATY_WEST-ALMATY:")]].sum() > 0
    found = beside(plan, net)
    lorries = found[found["observation"].str.match("toll:.*:2025|ferry:.*:lorries:2025")]
    assert len(lorries) > 10
    assert lorries.loc[~(lorries["model"] > 0), "observation"].tolist() == []


def test_a_minimum_share_through_aktau_is_kept_and_has_its_price(net: Network, made: Plan) -> None:
    freight = pose(net)
    free = methods.solve(freight.problem)
    counted = with_minimum_share(freight, "AKTAU", 0.0).problem  # its last row is less what changes its mode there
    changes = -free.resource_use(counted)[-1]
    asked = with_minimum_share(freight, "AKTAU", 1.1 * changes / (1000 * made.summary["kt_served"]))
    solution = methods.solve(asked.problem)
    proof = certify(asked.problem, solution)
    assert proof.holds
    assert proof.primal_objective > made.summary["objective_value"]
    assert solution.resource_use(asked.problem)[-1] <= 1e-3
    assert solution.resource_price[-1] > 0


def test_with_half_the_capacity_what_is_named_as_full_stands_in_every_way_that_shippers_would_pay_for(
    net: Network,
) -> None:
    freight = pose(net)
    halved = replace(freight.problem, capacity=freight.problem.capacity / 2, penalty=freight.problem.penalty / 2)
    freight = replace(freight, problem=halved)
    solution = methods.solve(halved)
    assert certify(halved, solution).holds
    told = reasons(freight, solution)
    full = told[told["reason"] == "capacity_full"]
    assert len(full) > 5
    assert full["why"].str.contains("together, full").any()
    number = {one.resource: place for place, one in enumerate(freight.resources)}
    demand = {name: place for place, name in enumerate(freight.demand["demand"])}
    for row in full.head(10).itertuples():
        one = demand[row.demand]
        class_ = int(halved.class_[one])
        named = [number[name] for name in row.reason_values.partition("|")[0].removeprefix("full=").split(";")]
        cost = halved.cost[class_].copy()
        cost[halved.usage_of(class_)[named].sum(axis=0) > 0] = np.inf
        distance, _ = trees(halved, class_, cost, halved.origin[[one]])
        assert distance[0, halved.destination[one]] >= halved.penalty[one] * (1 - 1e-9), row.demand


def days(dataset: Dataset, running: str) -> dict[str, routes.Route]:
    net = network.build(dataset, running=running)
    made = routes.compare(net, costs.price(net), "BERLIN", "LIANYUNGANG", dataset.default_commodity)
    return {route.means: route for route in made.routes}


def test_berlin_lianyungang_at_its_best_takes_11_days_by_rail_and_20_by_sea_over_twice_the_distance(
    dataset: Dataset,
) -> None:
    best = days(dataset, "best")
    assert best["rail"].days == pytest.approx(11, abs=0.5)
    assert best["sea"].days == pytest.approx(20, abs=1)
    assert 0.45 <= best["rail"].km / best["sea"].km <= 0.55
    assert "DOSTYK" in best["rail"].nodes


def test_berlin_lianyungang_today_lies_in_the_bands_of_practice(dataset: Dataset) -> None:
    typical = days(dataset, "typical")
    assert set(typical) == {"sea", "rail", "middle_corridor", "rail_avoiding_kz", "road", "air"}
    assert 11 < typical["rail"].days < 17
    assert 30 < typical["sea"].days < 45
    assert typical["air"].days < typical["road"].days < typical["sea"].days
    assert "DOSTYK" not in typical["rail_avoiding_kz"].nodes


def test_the_scorecard_holds_every_published_figure_and_most_pass(dataset: Dataset) -> None:
    card = scorecard(dataset)
    covered = card[card["verdict"] != "not covered"]
    for kind in ("distance", "time"):
        verdicts = covered[covered["kind"] == kind]["verdict"]
        assert (verdicts == "pass").mean() >= 0.8
    assert (card[card["verdict"] != "pass"]["note"] != "").all()


def test_no_published_figure_is_left_out(dataset: Dataset) -> None:
    published = Counter(round(float(row["value"]), 6) for row in needs_facts("check.csv"))
    held = Counter(round(float(value), 6) for value in dataset["references"]["value"])
    # road speed with delays is held as km a day, as the model measures it
    missing = published - held
    assert sum(missing.values()) <= 1, missing
    assert len(dataset["references"]) == sum(published.values())


@pytest.mark.slow
def test_another_solver_finds_the_same_optimum_on_the_exported_problem(
    net: Network, made: Plan, tmp_path: Path
) -> None:
    problem = pose(net).problem
    in_kt = replace(problem, amount=problem.amount / 1e3, capacity=problem.capacity / 1e3)  # CBC sees 1e-6 of a unit
    programs.write(in_kt, tmp_path / "problem.mps")
    words = [pulp.COIN_CMD().path, "problem.mps", "-solve", "-solution", "solution.txt"]  # CBC reads the file itself
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    with (tmp_path / "solution.txt").open(encoding="utf-8") as lines:
        status, _, objective = next(lines).partition(" - objective value ")
    assert status == "Optimal"
    assert 1e3 * float(objective) == pytest.approx(made.summary["objective_value"], rel=1e-6)


def test_the_readme_s_comparison_is_what_the_model_says(dataset: Dataset) -> None:
    typical, best = days(dataset, "typical"), days(dataset, "best")
    expected = [
        f"| {typical[one].days:.1f} | {typical[one].km:,.0f} | {typical[one].usd_per_feu:,.0f} "
        f"| {typical[one].kgco2e_per_t:,.0f} | {best[one].days:.1f} | {best[one].km:,.0f} |"
        for one in ("sea", "rail", "middle_corridor", "rail_avoiding_kz", "road", "air")
    ]
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| ") and "days" not in line]
    assert [line[line.index(" | ") + 1 :] for line in table] == expected


def test_the_page_of_sources_counts_right() -> None:
    told = Counter((row["table"], row["status"]) for row in read(DATA, "provenance"))
    page = (DATA / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    statuses = sorted({status for _, status in told})
    assert f"| table | {' | '.join(statuses)} | all |" in page
    for table in {table for table, _ in told}:
        counts = [told[table, status] for status in statuses]
        figures = " | ".join(f"{one:,}" for one in [*counts, sum(counts)])
        assert f"| {table} | {figures} |" in page
    assert f"`sources.csv`: the {len(read(DATA, 'sources'))} citations" in "\n".join(page)
