"""The builder at large: many regions side by side, each as it is by itself."""

import pandas as pd
import pytest

from corridors import network, tables
from corridors.network.arcs import Arc
from corridors.network.costs import price
from corridors.network.network import Network
from corridors.tables.dataset import Dataset

NAMED = {
    "nodes": ("node",),
    "links": ("link", "from_node", "to_node", "pool"),
    "terminals": ("terminal", "node", "pool"),
    "pools": ("pool",),
}


def beside(dataset: Dataset, mark: str) -> Dataset:
    """Add a copy of the network in which everything but the countries has a mark at the end of its name."""
    for table, columns in NAMED.items():
        frame = dataset[table]
        copy = frame[frame["node"] != "*"].copy() if table == "terminals" else frame.copy()
        for column in columns:
            copy[column] = [name and name + mark for name in copy[column].tolist()]
        dataset = dataset.with_table(table, pd.concat([frame, copy], ignore_index=True))
    given = dataset["capacities"]
    named = [key.partition("|") for key in given["key"].tolist()]
    copy = given.assign(key=[name + mark + bar + rest for name, bar, rest in named])
    return dataset.with_table("capacities", pd.concat([given, copy], ignore_index=True))


def told(net: Network, mark: str, arcs: list[int]) -> dict[tuple[object, ...], Arc]:
    """Return arcs by what they join and the row behind them, without a mark."""
    found = {}
    for number in arcs:
        arc = net.arc(number)
        ends = [str(net.vertices[end]).replace(mark, "") for end in (arc.tail, arc.head)]
        name = arc.id.replace(mark, "")
        found[*ends, arc.kind, name] = arc._replace(tail=0, head=0, row=0, id=name)
    assert len(found) == len(arcs)
    return found


@pytest.mark.parametrize("running", ["typical", "best"])
def test_two_regions_side_by_side_are_each_as_it_is_alone(running: str) -> None:
    mark = "~far"
    alone = network.build(tables.read(), 2028, running)
    both = network.build(beside(tables.read(), mark), 2028, running)
    assert len(both.arcs) == 2 * len(alone.arcs)
    assert len(both.vertices) == 2 * len(alone.vertices)
    assert len(both.resources) == 2 * len(alone.resources)
    far = [mark in place for place in both.places[both.arcs.tail]]
    whole = told(alone, mark, list(range(len(alone.arcs))))
    assert told(both, mark, [number for number, one in enumerate(far) if one]) == whole
    assert told(both, mark, [number for number, one in enumerate(far) if not one]) == whole
    limits = {one.resource: (one.unit, one.capacity) for one in alone.resources}
    marked = {one.resource.replace(mark, ""): (one.unit, one.capacity) for one in both.resources if mark in str(one)}
    assert marked == limits
    assert price(both).usd.sum() == pytest.approx(2 * price(alone).usd.sum())
