"""What corridors carry: mean loads and work over their links, with the lines beside them."""

from pathlib import Path

import numpy as np
import pytest

from corridors import network, tables
from corridors.frames import rows
from corridors.network.corridor_flows import corridor_flows


def test_the_mean_load_is_the_work_by_the_length_of_the_links_with_what_lies_beside_them() -> None:
    net = network.build(tables.read(None))
    lines = corridor_flows(net)
    flow = np.random.default_rng(1).uniform(0, 100, len(net.arcs))
    links = {row.link: row for row in rows(net.dataset["links"])}
    moving: dict[tuple[str, frozenset[str]], float] = {}
    for number, arc in enumerate(net.arcs):
        if arc.kind == "move":
            pair = links[arc.id].mode, frozenset((net.place(arc.tail), net.place(arc.head)))
            moving[pair] = moving.get(pair, 0.0) + float(flow[number])
    work = dict.fromkeys(lines.names, 0.0)
    length = dict.fromkeys(lines.names, 0.0)
    for row in rows(net.dataset["corridor_links"]):
        link = links[row.link]
        work[row.corridor] += link.km * moving.get((link.mode, frozenset((link.from_node, link.to_node))), 0.0)
        length[row.corridor] += link.km
    assert len(lines.names) > 50
    assert lines.work(flow) == pytest.approx(list(work.values()))
    assert lines.length() == pytest.approx(list(length.values()))
    assert lines.mean_load(flow) == pytest.approx(np.array([*work.values()]) / np.array([*length.values()]))
    assert lines.largest(flow).max() <= flow.max()


def test_other_lengths_weigh_the_links_anew(folder: Path) -> None:
    net = network.build(tables.read(folder))
    lines = corridor_flows(net)
    flow, km = np.ones(len(net.arcs)), net.dataset["links"]["km"].to_numpy(dtype=np.float64)
    assert lines.work(flow).sum() > 0
    assert lines.work(flow, 2 * km) == pytest.approx(2 * lines.work(flow))
    assert lines.mean_load(flow, 2 * km) == pytest.approx(lines.mean_load(flow))
    assert (lines.mean_load(flow, 0 * km) == 0).all()
