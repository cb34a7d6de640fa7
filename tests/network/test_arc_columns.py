"""Arcs in columns: what one arc is, what is behind it, and what it takes."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from corridors import network, tables
from corridors.network.arcs import KINDS, Arc, ArcLists, Sets
from corridors.network.network import Network
from corridors.tables.schema import keys

KEYS = {"links": "link", "terminals": "terminal", "pools": "pool"}


@pytest.fixture(scope="module")
def net() -> Network:
    return network.build(tables.read(), 2030)


def test_one_arc_has_the_entry_of_every_column(net: Network) -> None:
    listed = list(net.arcs)
    assert len(listed) == len(net.arcs) == len(net.arcs.tail)
    assert {arc.kind for arc in listed} == set(KINDS)
    for number in range(0, len(listed), 97):
        assert net.arc(number) == net.arcs[number] == listed[number]
    assert [field.name for field in fields(net.arcs)] == list(Arc._fields)
    assert type(listed[0].km) is float
    assert type(net.arc(0).tail) is int


def test_columns_cannot_be_written_to(net: Network) -> None:
    for column in (net.arcs.km, net.arcs.id, net.arcs.cargo.code):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = column[1]


def test_an_arc_leads_to_its_row(net: Network) -> None:
    for arc in net.arcs:
        row = net.dataset[arc.table].iloc[arc.row] if arc.row % 13 == 0 else None
        if row is None:
            continue
        if arc.table == "borders":
            assert arc.id == f"border:{row['country_a']}-{row['country_b']}:{row['mode']}"
        else:
            assert arc.id == row[KEYS[arc.table]]
        assert arc.hours == (row["hours"] if arc.table != "links" else arc.hours)
        assert arc.km == (row["km"] if arc.table == "links" else 0)


def freight_s(net: Network, table: str, row: int) -> float:
    """Return what a row takes of freight in the year: its last figure until then, less passengers."""
    one = net.dataset[table].iloc[row]
    if one["year_open"] > net.year:
        return 0.0
    given = net.dataset["capacities"]
    own = given[(given["table"] == table) & (given["key"] == keys(table, net.dataset[table].iloc[[row]])[0])]
    figures = {net.dataset.base_year: one["capacity"], **dict(zip(own["year"], own["capacity"], strict=True))}
    figure = figures[max(year for year in figures if year <= net.year)]
    return float(max(figure - np.nan_to_num(one.get("passenger", 0.0)), 0.0))


def test_a_resource_has_the_capacity_and_the_name_of_its_rows(net: Network) -> None:
    for one in net.resources:
        rows = net.dataset[one.table].iloc[list(one.rows)]
        assert one.capacity == pytest.approx(sum(freight_s(net, one.table, row) for row in one.rows))
        key = rows[KEYS[one.table]].iat[0]
        assert one.resource == {"pools": f"pool:{key}"}.get(one.table, f"{key}@{one.place}" if one.place else key)
    assert {one.table for one in net.resources} == set(KEYS)
    assert len({one.resource for one in net.resources}) == len(net.resources)


def test_what_takes_a_resource_is_of_its_row(net: Network) -> None:
    for one, arcs in zip(net.resources, net.resource_arcs, strict=True):
        assert (np.diff(arcs) > 0).all()
        if one.table != "pools":
            assert {(net.arc(arc).table, net.arc(arc).row) for arc in arcs} == {(one.table, one.rows[0])}
        if one.place:
            assert set(net.places[net.arcs.tail[arcs]]) == {one.place}


def test_resources_by_arc_and_arcs_by_resource_say_the_same(net: Network) -> None:
    pairs = set(zip(net.resource_arcs.owner.tolist(), net.resource_arcs.arc.tolist(), strict=True))
    assert {(resource, arc) for arc, taken in net.resources_of.items() for resource in taken} == pairs
    assert {(resource, arc) for resource, arcs in enumerate(net.resource_arcs) for arc in arcs.tolist()} == pairs


def test_sets_say_who_has_a_name_in_common() -> None:
    sets = Sets(np.array([0, 1, 0, 2]), (frozenset("ab"), frozenset(), frozenset("c")))
    assert sets.meeting({"a", "c"}).tolist() == [True, False, True, True]
    assert sets.meeting({"z"}).tolist() == [False] * 4
    assert sets.meeting(()).tolist() == [False] * 4


def test_there_is_no_list_beyond_the_last() -> None:
    lists = ArcLists(np.array([4, 7, 9]), np.array([0, 2, 2, 3]))
    assert [one.tolist() for one in lists] == [[4, 7], [], [9]]
    assert lists.owner.tolist() == [0, 0, 2]
    for number in (3, -1):
        with pytest.raises(IndexError):
            lists[number]


def test_a_network_of_no_links_is_empty(folder: Path) -> None:
    dataset = tables.read(folder)
    net = network.build(dataset.with_table("links", dataset["links"].iloc[:0]))
    assert (len(net.arcs), net.vertices, net.resources, len(net.resource_arcs)) == (0, (), (), 0)
