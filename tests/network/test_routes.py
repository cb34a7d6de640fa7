"""The best route by each means, against networkx and by hand."""

from pathlib import Path

import networkx as nx
import pytest
from small import append, cells_of, edit

from corridors import network, tables
from corridors.errors import NameUnknown
from corridors.network import costs, routes
from corridors.network.constrained import Rule, best_path
from corridors.planning.validation import scorecard


def compared(folder: Path, origin: str = "HARBOUR", destination: str = "LANDING") -> routes.Comparison:
    net = network.build(tables.read(folder))
    return routes.compare(net, costs.price(net), origin, destination, "container_high")


def best(folder: Path, rule: Rule, origin: str = "HARBOUR", destination: str = "LANDING") -> tuple[str, ...] | None:
    net = network.build(tables.read(folder))
    path = best_path(net, costs.price(net), "container_high", origin, destination, rule)
    if path is None:
        return None
    return tuple(net.arcs[arc].id for arc in path)


def test_each_means_has_its_route(folder: Path) -> None:
    made = compared(folder)
    assert [route.means for route in made.routes] == ["sea", "rail"]
    sea, rail = made.routes
    assert sea.nodes == ("HARBOUR", "LANDING")
    assert rail.nodes == ("HARBOUR", "EASTGATE", "DRYPASS", "MIDTOWN", "LANDING")


def test_days_km_money_and_emissions_are_the_sums_of_the_legs(folder: Path) -> None:
    for route in compared(folder).routes:
        assert route.km == pytest.approx(sum(leg.km for leg in route.legs))
        assert route.days * 24 == pytest.approx(sum(sum(leg.hours.values()) for leg in route.legs))
        assert route.usd_per_t == pytest.approx(sum(leg.usd_per_t for leg in route.legs))
        assert route.kgco2e_per_t == pytest.approx(sum(leg.kgco2e_per_t for leg in route.legs))
        assert route.usd_per_feu == pytest.approx(route.usd_per_t * 9 * 2)


def test_legs_change_with_the_gauge_and_time_is_split(folder: Path) -> None:
    rail = compared(folder).routes[1]
    assert [(leg.origin, leg.destination) for leg in rail.legs] == [
        ("HARBOUR", "EASTGATE"),
        ("EASTGATE", "LANDING"),
    ]
    assert rail.legs[0].hours == {"handling": 24, "moving": pytest.approx(82)}
    assert rail.legs[1].hours["gauge"] == 16
    assert rail.legs[1].hours["border"] == 10 + 8


def test_goods_that_do_not_go_in_containers_have_no_price_per_container(folder: Path) -> None:
    net = network.build(tables.read(folder))
    made = routes.compare(net, costs.price(net), "HARBOUR", "LANDING", "grain")
    assert all(route.usd_per_feu is None for route in made.routes)


def test_a_means_without_a_route_says_why(folder: Path) -> None:
    net = network.build(tables.read(folder))
    made = routes.compare(net, costs.price(net), "HARBOUR", "LANDING", "general")
    assert made.unavailable == {"sea": "general does not go by deep_sea"}
    assert compared(folder, destination="STEPPE").unavailable["rail"].startswith("no way by rail")


@pytest.mark.parametrize("rule", [Rule(), Rule(modes=frozenset({"rail"})), Rule(avoid=frozenset({"DDD"}))])
def test_the_best_path_costs_what_networkx_finds(folder: Path, rule: Rule) -> None:
    net = network.build(tables.read(folder))
    made = costs.price(net)
    row = made.commodities.index("container_high")
    graph = nx.DiGraph()
    for number, arc in enumerate(net.arcs):
        kept = (not rule.modes or arc.mode in rule.modes) and not arc.countries & rule.avoid
        if made.allowed[row, number] and kept:
            cost = float(made.generalised()[row, number])
            if cost < graph.get_edge_data(arc.tail, arc.head, {"weight": float("inf")})["weight"]:
                graph.add_edge(arc.tail, arc.head, weight=cost)
    start = net.position[network.Vertex("HARBOUR", "origin")]
    end = net.position[network.Vertex("LANDING", "destination")]
    path = best_path(net, made, "container_high", "HARBOUR", "LANDING", rule)
    assert path is not None
    total = sum(made.generalised()[row, arc] for arc in path)
    assert total == pytest.approx(nx.shortest_path_length(graph, start, end, weight="weight"))


def test_a_place_that_must_be_passed_is_passed_even_at_a_detour(folder: Path) -> None:
    direct = best(folder, Rule())
    round_about = best(folder, Rule(via_nodes=frozenset({"DRYPASS"})))
    assert direct is not None
    assert round_about is not None
    assert "deep_sea:HARBOUR-LANDING" in direct
    assert any("DRYPASS" in step for step in round_about)


def test_a_mode_that_must_be_used_is_used(folder: Path) -> None:
    path = best(folder, Rule(via_modes=frozenset({"road"})))
    assert path is not None
    assert any(step.startswith("road:") for step in path)


def test_both_conditions_at_once_are_both_met(folder: Path) -> None:
    path = best(folder, Rule(via_modes=frozenset({"road"}), via_nodes=frozenset({"EASTGATE"})))
    assert path is not None
    assert any(step.startswith("road:") for step in path)
    assert any("EASTGATE" in step for step in path)


def test_no_way_is_none(folder: Path) -> None:
    assert best(folder, Rule(modes=frozenset({"road"}))) is None


def test_a_point_of_passage_is_no_end(folder: Path) -> None:
    edit(folder, "nodes", 5, kind="fix")
    with pytest.raises(NameUnknown, match="no freight can begin at 'MIDTOWN'"):
        best(folder, Rule(), origin="MIDTOWN")


def test_the_scorecard_measures_without_the_ends_and_leaves_nothing_out(folder: Path) -> None:
    row = cells_of("reference=odd kind=count value=7 unit=number low=7 high=7 covered=0")
    append(folder, "references", what="A count", note="The model does not count.", **row)
    card = scorecard(tables.read(folder)).set_index("reference")
    assert card.loc["far", "model"] == pytest.approx(4100 + 12 + 1350 + 4900)
    assert card.loc["far", "verdict"] == "pass"
    assert card.loc["slow", "model"] * 24 == pytest.approx(20500 / 28 + 24)
    assert card.loc["odd", "verdict"] == "not covered"
    assert len(card) == 3


def test_a_reference_that_the_model_misses_fails(folder: Path) -> None:
    edit(folder, "references", 2, low="1", high="2", value="1.5")
    assert scorecard(tables.read(folder)).set_index("reference").loc["far", "verdict"] == "fail"
    edit(folder, "references", 2, modes="road")
    card = scorecard(tables.read(folder)).set_index("reference")
    assert card.loc["far", "verdict"] == "fail"
    assert "finds no such way" in card.loc["far", "note"]
