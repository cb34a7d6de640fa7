"""Which body counts which mode of freight, by hand: carriers what they move at home, customs at the frontier."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from corridors import network, planning, tables
from corridors.network.network import Network
from corridors.planning import counted, counts
from corridors.planning.freight import pose

PLACES = {"P0": "AAA", "P1": "BBB", "P2": "BBB", "P3": "CCC", "P4": "BBB"}
# rail from abroad to P1 at home, road from there over P2 to P3 abroad, and back home to P4
LINKS = [
    ("rail:P0-P1", "P0", "P1", "rail", "BBB", 100),
    ("road:P1-P2", "P1", "P2", "road", "BBB", 200),
    ("road:P2-P3", "P2", "P3", "road", "CCC", 300),
    ("road:P3-P4", "P3", "P4", "road", "BBB", 400),
]
DEMAND = [("in", "P0", "P2", 10), ("through", "P0", "P3", 20), ("out", "P1", "P3", 40), ("home", "P1", "P4", 80)]
TRADE = {"trade": "export;import;transit"}
WITHIN = {"origin_countries": "BBB", "destination_countries": "BBB"}


def frame(name: str, columns: tuple[str, ...], lines: list[tuple[object, ...]], **usual: object) -> pd.DataFrame:
    found = pd.DataFrame([dict(zip(columns, line, strict=True)) for line in lines]).assign(**usual)
    return found.reindex(columns=list(tables.fields(name)))


@pytest.fixture
def net(folder: Path) -> Network:
    """Return the network of the places above, whose home country is BBB."""
    data = tables.read(folder)
    links = frame("links", ("link", "from_node", "to_node", "mode", "country", "km"), LINKS, hours_fixed=0.0)
    links = links.assign(capacity=math.inf, usd_per_t=0.0, both_ways=1.0, gauge_mm=[1520.0, *3 * [math.nan]])
    columns = ("demand", "origin", "destination", "kt")
    demand = frame("demand", columns, DEMAND, commodity="general", reservation_usd_per_t=1e6, year=2024.0, total="")
    everywhere = data["terminals"][data["terminals"]["node"] == "*"]
    change = everywhere[everywhere["terminal"] == "load:road"].assign(terminal="tranship:P1", kind="tranship")
    change = change.assign(node="P1", from_mode="rail", to_mode="road", both_ways=1.0)
    data = data.with_table("nodes", frame("nodes", ("node", "country"), [*PLACES.items()], lat=0.0, lon=0.0))
    data = data.with_table("links", links).with_table("demand", demand)
    data = data.with_table("terminals", pd.concat([everywhere, change], ignore_index=True))
    for name in ("shapes", "references", "provenance", "borders", "corridor_links"):
        data = data.with_table(name, data[name].head(0))
    return network.build(replace(data, home_country="BBB"))


@pytest.fixture
def count(net: Network) -> Callable[..., float]:
    """Return what the plan's figure is of a row with these cells."""
    freight = pose(net)
    routes = planning.plan(net).routes
    assert routes["kt"].sum() == pytest.approx(sum(row[3] for row in DEMAND))
    paths, tonnes = counted.of_routes(freight, routes)
    usual = dict.fromkeys(tables.fields("observations"), "") | {"value": 1.0, "sd": 1.0, "use": "fit", "unit": "kt"}
    usual |= {"observation": "o", "begin": "2024-01-01", "end": "2024-12-31"}

    def of(kind: str, mode: str, **cells: str) -> float:
        told = pd.DataFrame([usual | {"kind": kind, "mode": mode} | cells])
        return float(counts.operator(freight, told).modelled(paths, tonnes)[0])

    return of


def test_a_carrier_counts_all_that_it_moves_at_home_each_tonne_once(count: Callable[..., float]) -> None:
    assert count("mode", "road", **TRADE) == pytest.approx(10 + 20 + 40)  # what came by rail is moved by lorries, too
    assert count("mode", "rail", **TRADE) == pytest.approx(10 + 20)
    assert count("mode", "road", trade="domestic") == pytest.approx(80)  # on three arcs, two of them abroad
    assert count("market", "road") == count("commodity", "road", commodities="general") == pytest.approx(150)


def test_customs_count_the_mode_at_the_home_frontier(count: Callable[..., float]) -> None:
    assert count("pair", "road", **TRADE) == pytest.approx(20 + 40)
    assert count("pair", "rail", **TRADE) == pytest.approx(10 + 20)
    assert count("pair", "road", origin_countries="AAA", destination_countries="BBB") == 0
    assert count("pair", "rail", origin_countries="AAA", destination_countries="BBB") == pytest.approx(10)


def test_transit_that_comes_by_one_mode_and_leaves_by_another_crosses_by_either(count: Callable[..., float]) -> None:
    for mode in ("rail", "road", "rail;road"):
        assert count("pair", mode, trade="transit") == pytest.approx(20)


def test_what_stays_at_home_crosses_no_frontier_though_its_way_leads_abroad(count: Callable[..., float]) -> None:
    assert count("pair", "road", **WITHIN) == 0
    assert count("pair", "", **WITHIN) == pytest.approx(80)


def test_work_is_done_on_the_lines_under_the_home_tariff(count: Callable[..., float]) -> None:
    assert count("mode", "road", unit="mtkm", **TRADE) == pytest.approx((10 + 20 + 40) * 200 / 1000)
    assert count("mode", "road", unit="mtkm", trade="domestic") == pytest.approx(80 * (200 + 400) / 1000)
