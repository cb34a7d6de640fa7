"""The virtual network built from a small data package."""

from pathlib import Path

import numpy as np
import pytest
from small import edit

from corridors import network, tables
from corridors.errors import DataError
from corridors.network.network import Network, Vertex


def built(folder: Path, **how: object) -> Network:
    return network.build(tables.read(folder), **how)  # type: ignore[arg-type]


def arcs_of(net: Network, kind: str, place: str) -> list[network.Arc]:
    return [arc for arc in net.arcs if arc.kind == kind and net.place(arc.tail) == place]


def resource(net: Network, name: str) -> network.Resource:
    return next(one for one in net.resources if one.resource == name)


def test_a_link_both_ways_is_two_moves_that_share_one_resource(folder: Path) -> None:
    net = built(folder)
    moves = [number for number, arc in enumerate(net.arcs) if arc.id == "rail:HARBOUR-EASTGATE"]
    assert len(moves) == 2
    names = [one.resource for one in net.resources]
    assert list(net.resource_arcs[names.index("rail:HARBOUR-EASTGATE")]) == moves


def test_a_one_way_link_is_one_move(folder: Path) -> None:
    edit(folder, "links", 2, both_ways="0")
    net = built(folder)
    assert [net.place(arc.tail) for arc in net.arcs if arc.id == "rail:HARBOUR-EASTGATE"] == ["HARBOUR"]


def test_a_link_that_opens_later_is_there_from_its_year_on(folder: Path) -> None:
    assert not [arc for arc in built(folder).arcs if arc.id == "rail:DRYPASS-MIDTOWN:two"]
    assert len([arc for arc in built(folder, year=2026).arcs if arc.id == "rail:DRYPASS-MIDTOWN:two"]) == 2


def test_a_pool_adds_up_the_years_that_have_come(folder: Path) -> None:
    assert resource(built(folder), "pool:pass").capacity == 14
    assert resource(built(folder, year=2026), "pool:pass").capacity == 50


def test_links_that_share_a_pool_share_its_resource(folder: Path) -> None:
    net = built(folder, year=2026)
    names = [one.resource for one in net.resources]
    users = {net.arcs[arc].id for arc in net.resource_arcs[names.index("pool:pass")]}
    assert users == {"rail:DRYPASS-MIDTOWN", "rail:DRYPASS-MIDTOWN:two"}


def test_a_terminal_row_that_names_the_place_and_cargo_goes_before_the_others(folder: Path) -> None:
    arcs = arcs_of(built(folder), "gauge", "EASTGATE")
    by_row = {arc.id: arc.cargo for arc in arcs}
    assert by_row["gauge:EASTGATE:container"] == {"container"}
    assert by_row["gauge:EASTGATE"] == {"bulk", "general"}


def test_a_frontier_row_at_the_station_goes_before_the_countries_default(folder: Path) -> None:
    borders = {arc.id for arc in built(folder).arcs if arc.kind == "border"}
    assert "border:DRYPASS" in borders
    assert "border:AAA-BBB:road" in borders


def test_both_directions_over_a_frontier_meet_the_same_formalities(folder: Path) -> None:
    net = built(folder)
    formalities = [arc for arc in net.arcs if arc.id == "border:*-*:rail"]
    assert len(formalities) == 2
    assert formalities[0].hours == formalities[1].hours
    assert {formalities[0].tail, formalities[0].head} == {formalities[1].tail, formalities[1].head}


def test_before_any_mode_has_figures_what_to_do_is_said(folder: Path) -> None:
    dataset = tables.read(folder)
    with pytest.raises(DataError, match=r"^modes.csv has no rows yet: add running figures for each mode"):
        network.build(dataset.with_table("modes", dataset["modes"].iloc[:0]))


def test_best_running_is_faster_and_waits_less(folder: Path) -> None:
    typical, best = built(folder), built(folder, running="best")
    slow = next(arc for arc in typical.arcs if arc.id == "rail:HARBOUR-EASTGATE")
    fast = next(arc for arc in best.arcs if arc.id == "rail:HARBOUR-EASTGATE")
    assert slow.hours == pytest.approx(4100 / 50)
    assert fast.hours == pytest.approx(4100 / (50 * 1.4))
    assert arcs_of(best, "border", "DRYPASS")[0].hours == 5


def test_a_link_without_a_speed_of_its_own_takes_the_mode_s(folder: Path) -> None:
    arc = next(arc for arc in built(folder).arcs if arc.id == "deep_sea:HARBOUR-LANDING")
    assert arc.hours == pytest.approx(20500 / 28 + 24)


def test_an_arc_knows_every_country_that_it_touches(folder: Path) -> None:
    arc = next(arc for arc in built(folder).arcs if arc.id == "rail:MIDTOWN-LANDING")
    assert arc.countries == {"BBB", "CCC", "DDD"}


def test_no_freight_begins_at_a_point_of_passage(folder: Path) -> None:
    edit(folder, "nodes", 5, kind="fix")
    net = built(folder)
    assert Vertex("MIDTOWN", "origin") not in net.position
    assert Vertex("LANDING", "origin") in net.position


def test_the_graph_has_the_network_s_arcs(folder: Path) -> None:
    net = built(folder)
    graph = net.graph()
    assert graph.number_of_edges() == len(net.arcs)
    assert all(graph.edges[arc.tail, arc.head, number]["km"] == arc.km for number, arc in enumerate(net.arcs))


def test_every_arc_can_be_walked_back_where_nothing_is_one_way(folder: Path) -> None:
    net = built(folder)
    pairs = {(arc.tail, arc.head) for arc in net.arcs if arc.kind not in {"load", "unload"}}
    assert {(head, tail) for tail, head in pairs} == pairs


def test_unknown_running_figures_are_named(folder: Path) -> None:
    with pytest.raises(DataError, match=r"no running figures called 'fast'; it has best, typical"):
        built(folder, running="fast")


def test_a_mode_without_figures_is_named(folder: Path) -> None:
    dataset = tables.read(folder)
    modes = dataset["modes"]
    without = dataset.with_table("modes", modes[(modes["mode"] != "rail") | (modes["running"] != "best")])
    with pytest.raises(DataError, match="no 'best' row for mode 'rail'"):
        network.build(without, running="best")


def test_names_of_vertices_say_where_and_how(folder: Path) -> None:
    net = built(folder)
    assert "EASTGATE/rail1520" in {str(vertex) for vertex in net.vertices}
    assert np.all(net.arcs.tail != net.arcs.head)
