"""Ways: what a person would call the way, worked out from the tables, as marks of arcs and in words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from small import Row, small_dataset, small_tables

from corridors import network, tables
from corridors.models.choice.generation import RouteSettings, generate
from corridors.models.choice.route_set import NO_MARK, RouteSet
from corridors.network import ways
from corridors.network.network import Network
from corridors.planning import freight


@pytest.fixture(scope="module")
def embedded() -> Network:
    return network.build(tables.read(None))


@pytest.fixture(scope="module")
def listed(embedded: Network) -> RouteSet:
    return generate(freight.pose(embedded).problem, ways.marks(embedded), settings=RouteSettings(draws=1))


def test_routes_are_one_way_where_their_words_are_the_same(embedded: Network, listed: RouteSet) -> None:
    for nests in ("frontiers", "chain"):
        kept = listed.under(ways.marks(embedded, nests))
        words = ways.names(embedded, kept.routes, nests)
        named = set(zip(kept.routes.demand.tolist(), words, strict=True))
        assert len(named) == len(set(zip(kept.way.tolist(), words, strict=True))) == kept.way.max() + 1


def test_ways_of_the_same_chain_of_modes_are_one_group(embedded: Network, listed: RouteSet) -> None:
    kept = listed.under(ways.marks(embedded, grouped=True))
    assert kept.group is not None
    demand, chains = kept.routes.demand.tolist(), ways.names(embedded, kept.routes, "chain")
    named = set(zip(demand, chains, strict=True))
    groups = kept.group[kept.way].tolist()
    assert len(named) == len(set(zip(demand, chains, groups, strict=True))) == kept.group.max() + 1 < kept.way.max() + 1
    for nests in ("chain", "none"):
        assert listed.under(ways.marks(embedded, nests, grouped=True)).group is None


def test_without_nests_every_route_is_its_own_way(embedded: Network, listed: RouteSet) -> None:
    assert np.array_equal(listed.under(ways.marks(embedded, "none")).way, np.arange(listed.size))


def test_a_way_names_modes_frontiers_and_ports_in_their_order(embedded: Network, listed: RouteSet) -> None:
    country = dict(zip(embedded.dataset["nodes"]["node"], embedded.dataset["nodes"]["country"], strict=True))
    for route, words in list(enumerate(ways.names(embedded, listed.routes)))[::17]:
        arcs = [embedded.arc(int(arc)) for arc in listed.routes.arcs_of(route)]
        chain, _, passed = words.partition(" via ")
        modes = [arc.mode for arc in arcs if arc.kind == "move"]
        assert chain.split(" > ") == [one for n, one in enumerate(modes) if n == 0 or one != modes[n - 1]]
        named = passed.split(", ") if passed else []
        assert all(country[place] == embedded.dataset.home_country for place in named)
        for arc in arcs:
            ends = [embedded.place(arc.tail), embedded.place(arc.head)]
            home = [place for place in ends if country[place] == embedded.dataset.home_country]
            if arc.kind == "move" and len(home) == 1 and arc.mode != "air":
                assert home[0] in named


def test_airspace_gates_are_not_named(embedded: Network, listed: RouteSet) -> None:
    kinds = dict(zip(embedded.dataset["nodes"]["node"], embedded.dataset["nodes"]["kind"], strict=True))
    for words in ways.names(embedded, listed.routes):
        places = words.partition(" via ")[2]
        assert not any("fix" in kinds[place].split(";") for place in places.split(", ") if place)


def of_country(folder: Path, home: str, changes: dict[str, list[Row]] | None = None) -> Network:
    """Return the small network as a country sees it."""
    small_dataset(folder, changes)
    about = folder / "datapackage.json"
    about.write_text(json.dumps(json.loads(about.read_text()) | ({"home_country": home} if home else {})))
    return network.build(tables.read(folder))


def test_the_order_of_rows_decides_no_mark(tmp_path: Path) -> None:
    turned = {name: rows[::-1] for name, rows in small_tables().items()}
    one, other = of_country(tmp_path / "one", "AAA"), of_country(tmp_path / "other", "AAA", turned)
    first, second = ways.marks(one), ways.marks(other)
    assert one.arc_names == other.arc_names
    assert np.array_equal(first.rows, second.rows)
    assert np.array_equal(first.identity, second.identity)


@pytest.mark.parametrize(("home", "ports"), [("AAA", {"HARBOUR"}), ("BBB", set()), ("CCC", {"LANDING"})])
def test_frontiers_and_ports_of_the_home_country_are_marked_and_no_others(
    tmp_path: Path, home: str, ports: set[str]
) -> None:
    net = of_country(tmp_path / "small", home)
    passed = ways.marks(net).rows[1] >= 0
    country = dict(zip(net.dataset["nodes"]["node"], net.dataset["nodes"]["country"], strict=True))
    found = set()
    for number, arc in enumerate(net.arcs):
        here, there = country[net.place(arc.tail)], country[net.place(arc.head)]
        modes = {net.vertices[arc.tail].mode, net.vertices[arc.head].mode}
        frontier = arc.kind == "move" and (here == home) != (there == home)
        port = arc.kind in ("load", "unload", "tranship") and here == home and "deep_sea" in modes
        assert passed[number] == (frontier or port), arc
        found |= {net.place(arc.tail)} if port else set()
    assert found == ports
    assert passed.any()


def test_without_a_home_country_ways_are_chains_of_modes(tmp_path: Path) -> None:
    assert (ways.marks(of_country(tmp_path / "small", "")).rows[1] == NO_MARK).all()


def test_the_same_arc_has_the_same_identity_in_another_year(embedded: Network) -> None:
    later = network.build(embedded.dataset, year=embedded.year + 20)
    mine, other = ways.marks(embedded), ways.marks(later)
    shared = np.intersect1d(mine.identity, other.identity).size
    assert np.unique(mine.identity).size == len(embedded.arcs)
    assert shared >= 0.95 * len(embedded.arcs)
