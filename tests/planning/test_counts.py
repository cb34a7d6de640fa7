"""What was counted beside the model: the operator against a plain loop over arcs, and every kind and unit by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import network, planning, tables
from corridors.errors import DataError
from corridors.frames import rows
from corridors.models.paths import PathSet
from corridors.network.arcs import Arc
from corridors.network.network import Network
from corridors.planning import choosing, counted, counts
from corridors.planning.freight import Freight, pose
from corridors.tables import observed
from corridors.tables.dataset import Dataset

PLACES = ("P0", "P1", "P2", "P3", "P4", "P5")
COUNTRIES = ("AAA", "BBB", "CCC")
MODES = ("rail", "road", "deep_sea")
UNITS = ("kt", "kteu", "mtkm", "train_pairs_day", "lorries_day", "lorries", "kt_year")
WHOLE = {"begin": "2024-01-01", "end": "2024-12-31"}


# ---- random networks


@cache
def base(folder: Path) -> Dataset:
    return tables.read(small.small_dataset(folder / "base"))


def random_dataset(dataset: Dataset, seed: int) -> Dataset:
    """Return a data package of random links and demands between six places of three countries."""
    random = np.random.default_rng(seed)
    nodes = pd.DataFrame({"node": PLACES, "country": random.choice(COUNTRIES, 6), "lat": 0.0, "lon": 0.0})
    pairs = [random.choice(6, 2, replace=False) for _ in range(10)]
    mode = random.choice(MODES, 10)
    country = dict(zip(nodes["node"], nodes["country"], strict=True))
    links = pd.DataFrame(
        {
            "link": [f"L{number}" for number in range(10)],
            "from_node": [PLACES[one] for one, _ in pairs],
            "to_node": [PLACES[other] for _, other in pairs],
            "mode": mode,
            "country": [country[PLACES[one]] for one, _ in pairs],
            "gauge_mm": np.where(mode == "rail", 1520.0, math.nan),
            "km": random.integers(1, 900, 10).astype(float),
            "hours_fixed": 0.0,
            "capacity": math.inf,
            "usd_per_t": 0.0,
            "both_ways": random.integers(0, 2, 10).astype(float),
        }
    )
    # every place has a way in and out, so that any demand can be posed
    ring = links.head(6).assign(
        link=[f"R{number}" for number in range(6)],
        from_node=PLACES,
        to_node=[*PLACES[1:], PLACES[0]],
        mode="road",
        gauge_mm=math.nan,
        both_ways=1.0,
    )
    ends = [random.choice(6, 2, replace=False) for _ in range(7)]
    demand = pd.DataFrame(
        {
            "demand": [f"D{number}" for number in range(7)],
            "origin": [PLACES[one] for one, _ in ends],
            "destination": [PLACES[other] for _, other in ends],
            "commodity": random.choice(["container_high", "grain", "general"], 7),
            "kt": random.integers(1, 50, 7).astype(float),
            "reservation_usd_per_t": 100.0,
            "year": 2024.0,
            "total": random.choice(["transit", ""], 7),
        }
    )
    members = pd.DataFrame({"corridor": ["R1", "R1", "H1"], "seq": [1.0, 2.0, 1.0], "link": ["L0", "L1", "L2"]})
    made = dataset
    for name, frame in (("nodes", nodes), ("links", pd.concat([links, ring])), ("demand", demand)):
        made = made.with_table(name, complete(name, frame))
    for name in ("shapes", "references", "provenance", "borders"):
        made = made.with_table(name, dataset[name].head(0))
    here = dataset["terminals"]
    made = made.with_table("terminals", here[here["node"] == "*"])
    return replace(made.with_table("corridor_links", members), home_country=str(random.choice([*COUNTRIES, ""])))


def complete(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with all the columns of a table, blank where it has none."""
    return frame.reindex(columns=list(tables.fields(name)))


@st.composite
def observation(draw: st.DrawFn, home: str) -> dict[str, Any]:
    kind = draw(st.sampled_from([one for one in observed.KINDS if one != observed.WAIT]))  # which is no sum of tonnes
    links = st.lists(st.sampled_from([f"L{number}" for number in range(10)] + ["R0", "R3"]), min_size=1, max_size=3)
    places = st.lists(st.sampled_from(PLACES), min_size=1, max_size=2, unique=True)
    where = {
        "link": links | st.just(["load:rail"]),
        "crossing": links | places,
        "corridor": st.sampled_from([["R1"], ["H1"], ["R1", "H1"]]),
        "port": places,
        "commodity": places | st.just([]),
        "market": st.sampled_from([[], ["transit"]]),
    }
    side = st.sampled_from([*PLACES, *COUNTRIES, "*"])
    nations = st.sampled_from(["", "*", "AAA", "AAA;CCC", "!BBB", "!AAA;!CCC"])
    trades = ["", "transit", "export;import", "domestic", "elsewhere;transit"]
    at_places = kind in ("link", "crossing", "port")
    worked = kind in ("corridor", "mode", "market", "commodity")
    begin = date(2024, 1, 1) + timedelta(draw(st.integers(0, 360)))
    end = begin + timedelta(draw(st.integers(0, 500)))
    chosen = [draw(side) for _ in range(2)]
    return {
        "kind": kind,
        "where": ";".join(dict.fromkeys(draw(where.get(kind, st.just([]))))),
        "origin_countries": draw(nations),
        "destination_countries": draw(nations),
        "trade": draw(st.sampled_from(trades)) if home else "",
        "direction": ">".join(chosen) if at_places and draw(st.booleans()) else "",
        "mode": draw(st.sampled_from(["", "rail", "road;deep_sea"])),
        "commodities": draw(st.sampled_from(["", "grain", "grain;container_high"])),
        "unit": draw(st.sampled_from([one for one in UNITS if worked or one != "mtkm"])),
        "begin": f"{begin}",
        "end": f"{end}",
    }


def of_rows(told: list[dict[str, Any]]) -> pd.DataFrame:
    """Return observations as a table has them."""
    usual = dict.fromkeys(tables.fields("observations"), "") | {"value": 1.0, "sd": 1.0, "use": "fit"}
    names = [{"observation": f"o{number}", "name_en": "count"} for number in range(len(told))]
    return pd.DataFrame([usual | name | one for name, one in zip(names, told, strict=True)], columns=list(usual))


def random_paths(freight: Freight, seed: int) -> PathSet:
    """Return walks of one to nine arcs from the origins of demands, wherever they lead, some twice over an arc."""
    random = np.random.default_rng(seed)
    problem = freight.problem
    owner, found = [], []
    for demand in random.integers(0, problem.demand_count, 12).tolist():
        vertex, arcs = int(problem.origin[demand]), []
        for _ in range(int(random.integers(1, 10))):
            out = np.flatnonzero(problem.tail == vertex)
            if not out.size:
                break
            arcs.append(int(random.choice(out)))
            vertex = int(problem.head[arcs[-1]])
        owner.append(demand)
        found.append(np.array(arcs, dtype=np.int64))
    return PathSet.of(np.array(owner, dtype=np.int64), found)


def by_loop(freight: Freight, row: Any, demand: Any, path: list[Arc]) -> float:
    """Return what a tonne a year on a path adds to an observation, step by step, as the dictionary says it."""
    net = freight.network
    country = dict(zip(net.dataset["nodes"]["node"], net.dataset["nodes"]["country"], strict=True))
    home = net.dataset.home_country
    where, modes = [one for one in row.where.split(";") if one], [one for one in row.mode.split(";") if one]

    def of(cell: str, value: str) -> bool:
        names = [one for one in cell.split(";") if one not in ("", "*")]
        if names and names[0].startswith("!"):
            return f"!{value}" not in names
        return not names or value in names

    ends = [(net.place(arc.tail), net.place(arc.head)) for arc in path]
    begins, comes = country[demand.origin] == home, country[demand.destination] == home
    passes = any(country[place] == home for pair in ends for place in pair)
    trade = "domestic" if begins and comes else "export" if begins else "import" if comes else ""
    trade = trade or ("transit" if passes else "elsewhere")
    if not (
        of(row.origin_countries, country[demand.origin])
        and of(row.destination_countries, country[demand.destination])
        and of(row.commodities, demand.commodity)
        and (not row.trade or trade in row.trade.split(";"))
        and (row.kind != "commodity" or not where or demand.origin in where)
        and (row.kind != "market" or not where or demand.total in where)
    ):
        return 0.0
    links = {one.link: one for one in rows(net.dataset["links"])}
    passed, work = 0.0, 0.0
    for arc, (tail, head) in zip(path, ends, strict=True):
        if modes and arc.mode not in modes:
            continue
        if row.direction:
            start, end = row.direction.split(">")
            if not (start in ("*", tail, country[tail]) and end in ("*", head, country[head])):
                continue
        move = arc.kind == "move"
        if row.kind in ("link", "crossing"):
            over = move and country[tail] != country[head] and (tail in where or head in where)
            passed += arc.id in where or over
        elif row.kind == "port":
            passed += move * ((tail in where) + (head in where))
        elif row.kind == "corridor":
            for name in where if move else []:
                lines = [one.link for one in rows(net.dataset["corridor_links"]) if one.corridor == name]
                whole = sum(links[line].km for line in lines)
                for line in lines:
                    one = links[line]
                    if {one.from_node, one.to_node} == {tail, head} and one.mode == links[arc.id].mode:
                        passed += one.km / whole
                        work += one.km
        elif move and row.kind == "pair":
            over = country[tail] != country[head] and (not home or home in (country[tail], country[head]))
            if not modes or (over and trade != "domestic"):
                passed = 1
        elif move:
            passed = 1 if not home or home in (country[tail], country[head]) else passed
            work += arc.km if not home or arc.country == home else 0.0
    return (work if row.unit == "mtkm" else passed) * in_unit(row, demand.commodity)


def in_unit(row: Any, commodity: str) -> float:
    """Return how much of the unit a tonne a year is over the period."""
    first, last = date.fromisoformat(row.begin), date.fromisoformat(row.end)
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    years = sum(1 / (366 if one.year % 4 == 0 else 365) for one in days)
    if row.unit == "kteu":
        return years / 9000 if commodity == "container_high" else 0.0
    load = {"train_pairs_day": 1_000_000 if commodity == "container_high" else 1_558_000, "kt_year": 1000}
    if row.unit in load:
        return 1 / load[row.unit]
    if row.unit.startswith("lorries"):
        return (len(days) if row.unit == "lorries" else 1) / 5475
    return years / (1e6 if row.unit == "mtkm" else 1e3)


@settings(max_examples=20, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_the_operator_is_what_a_plain_loop_over_steps_counts(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int
) -> None:
    dataset = random_dataset(base(tmp_path_factory.getbasetemp()), seed)
    freight = pose(network.build(dataset))
    told = of_rows(data.draw(st.lists(observation(dataset.home_country), min_size=1, max_size=6)))
    paths = random_paths(freight, seed)
    found = counts.operator(freight, told).matrix(paths).toarray()
    asked = list(rows(freight.demand))
    expected = [
        [
            by_loop(freight, row, asked[demand], [freight.network.arc(int(arc)) for arc in paths.arcs_of(number)])
            for number, demand in enumerate(paths.demand.tolist())
        ]
        for row in rows(told)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)
    tonnes = np.random.default_rng(seed).uniform(0, 1e6, paths.size)
    np.testing.assert_allclose(counts.operator(freight, told).modelled(paths, tonnes), found @ tonnes, rtol=1e-9)


# ---- by hand, on the small data package


@pytest.fixture
def net(folder: Path) -> Network:
    """Return the network of the small package, with boxes in transit and grain by sea, and what was counted."""
    for row in (2, 3):
        small.edit(folder, "demand", row, reservation_usd_per_t="4000")
    small.edit(folder, "links", 11, usd_per_t="3000")
    small.add_demand(folder, "grain:sea", "HARBOUR-LANDING", "grain", 300, 9000, avoid="BBB")
    return network.build(tables.read(small.observed(folder)))


def model_of(net: Network, made: planning.Plan) -> dict[str, float]:
    table = counted.beside(made, net)
    return dict(zip(table["observation"], table["model"], strict=True))


def test_every_kind_counts_what_the_plan_s_own_tables_say(net: Network) -> None:
    made = planning.plan(net)
    model = model_of(net, made)
    flows, lifted = made.flows, made.handlings

    def moved(link: str, start: str = "") -> float:
        mine = flows[(flows["link"] == link) & (flows["from_node"].isin([start] if start else flows["from_node"]))]
        return float(mine["kt"].sum())

    gate = moved("rail:EASTGATE-DRYPASS") + moved("road:EASTGATE-DRYPASS")
    assert gate > 0
    assert model["gate"] == model["gate:place"] == pytest.approx(gate)
    west = moved("rail:EASTGATE-DRYPASS", "EASTGATE")
    assert model["gate:west"] == pytest.approx(west)
    assert model["gate:trains"] == pytest.approx(west * 1000 / 1_000_000)  # boxes alone: a rate needs no days
    boxes = lifted[(lifted["terminal"] == "gauge:EASTGATE:container")]["kt"].sum()
    assert model["gauge"] == pytest.approx(boxes / 9)
    line = made.corridors.set_index("corridor").loc["R1"]
    assert model["main"] == pytest.approx(line["kt"])
    assert model["main:work"] == pytest.approx(line["mtkm"])
    assert model["rail:work"] == pytest.approx(made.summary["modes"]["rail"]["mtkm_at_home"])
    assert model["port"] == pytest.approx(flows[flows["mode"] == "deep_sea"]["kt"].sum())
    assert model["boxes"] == pytest.approx(made.summary["kt_by_trade"]["transit"] / 9)
    assert model["grain"] == pytest.approx(6000)
    assert model["lorries"] == pytest.approx(800_000 / 5475 * 91)  # goods for Steppe, in 91 days
    assert model["rail:half"] == pytest.approx(model["rail"] * 182 / 366)
    assert model["a-c"] == pytest.approx(made.routes[made.routes["origin"] == "HARBOUR"]["kt"].sum())
    assert math.isnan(model.pop("before"))
    assert min(model.values()) > 0


def test_a_plan_of_shippers_who_choose_is_counted_from_its_routes(net: Network) -> None:
    wanted = planning.PlanSettings(2024, "typical", choice="logit")
    made = planning.plan_with(net, wanted)
    chosen = choosing.choose(planning.formulate(net, wanted), wanted, lambda _: None)
    own = net.dataset["observations"].sort_values("observation", ignore_index=True)
    own = own[own["begin"].str.startswith("2024")]
    of_flow = counts.operator(chosen.freight, own).modelled(chosen.problem.routes, chosen.solution.route_flow)
    model = model_of(net, made)
    assert [model[one] for one in own["observation"]] == pytest.approx(of_flow.tolist(), rel=1e-5)
    assert len(made.routes) > len(planning.plan(net).routes)


def test_the_table_says_how_far_off_and_which_are_of_other_years(net: Network) -> None:
    table = counted.beside(planning.plan(net), net).set_index("observation")
    half = table.loc["rail:half"]
    assert half["deviation"] == pytest.approx(half["model"] / 3400 - 1)
    assert half["sds"] == pytest.approx((half["model"] - 3400) / 1000)
    for row in table.itertuples():
        expected = "other_year" if row.Index == "before" else "pass" if abs(row.sds) <= 2 else "fail"
        assert row.verdict == expected
    near = counted.nearness(table.reset_index())
    fit = table[(table["use"] == "fit") & (table["unit"] == "kt")]
    mine = near[(near["use"] == "fit") & (near["unit"] == "kt")].iloc[0]
    assert mine["observations"] == len(fit)
    assert mine["within"] == (fit["verdict"] == "pass").sum()
    assert mine["off"] == pytest.approx((fit["model"] - fit["value"]).abs().sum() / fit["value"].sum())
    assert near["observations"].sum() == len(table) - 1


def test_a_plan_of_another_year_is_held_against_the_counts_of_that_year(net: Network) -> None:
    later = network.build(net.dataset, 2026)
    table = counted.beside(planning.plan(later), later)
    assert set(table["verdict"]) == {"other_year"}
    assert table["model"].isna().all()
    assert counted.nearness(table).empty


def one_row(net: Network, **cells: str) -> Callable[[], Any]:
    freight = pose(net)
    paths, tonnes = counted.of_routes(freight, planning.plan(net).routes)
    told = of_rows([WHOLE | {"kind": "mode", "mode": "rail", "unit": "kt"} | cells])
    return lambda: counts.operator(freight, told).modelled(paths, tonnes)


def test_what_has_no_load_in_the_unit_is_refused_where_it_passes(net: Network) -> None:
    loads = net.dataset["loads"]
    kept = loads[(loads["capacity_unit"] != "lorries_day")]
    given_ = pd.DataFrame({"capacity_unit": ["lorries_day"], "commodity": ["general"], "t_per_unit_year": [5475.0]})
    bare = replace(net, dataset=net.dataset.with_table("loads", pd.concat([kept, given_])))
    roads = {"kind": "link", "where": "road:STEPPE-MIDTOWN", "unit": "lorries_day", "mode": ""}
    bare_freight = replace(pose(net), network=bare)
    paths, tonnes = counted.of_routes(bare_freight, planning.plan(net).routes)
    assert counts.operator(bare_freight, of_rows([WHOLE | roads])).modelled(paths, tonnes)[0] > 0
    trains = roads | {"where": "rail:MIDTOWN-LANDING", "unit": "lorries_day"}
    with pytest.raises(DataError, match=r"row 'o0', column unit: found lorries_day, in which .* has no load"):
        counts.operator(bare_freight, of_rows([WHOLE | trains])).modelled(paths, tonnes)


def test_a_trade_needs_a_home_country(net: Network) -> None:
    homeless = replace(net, dataset=replace(net.dataset, home_country=""))
    with pytest.raises(DataError, match="names no home country: add home_country"):
        one_row(homeless, trade="export")()
    assert one_row(homeless)()[0] > 0  # all is at home where there is no home


def test_routes_of_other_data_are_refused(net: Network) -> None:
    routes = planning.plan(net).routes
    for changed in (routes.assign(demand="nobody"), routes.assign(steps="load:rail")):
        with pytest.raises(DataError, match="is no way on this network"):
            counted.of_routes(pose(net), changed)


def test_vehicles_are_those_of_every_line_whatever_a_class_of_lines_carries(tmp_path: Path) -> None:
    dataset = random_dataset(base(tmp_path), 3)
    loads = dataset["loads"]
    classed = pd.concat([loads, loads.assign(load_class="hill", t_per_unit_year=1.0)], ignore_index=True)
    told = of_rows([{"kind": "mode", "mode": "rail;road", "unit": "train_pairs_day", **WHOLE}])
    found = []
    for one in (dataset, dataset.with_table("loads", classed)):
        freight = pose(network.build(one))
        found.append(counts.operator(freight, told).per_tonne)
    np.testing.assert_array_equal(*found)
