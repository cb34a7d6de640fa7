"""The search for the best way under rules: where several ways cost the same, it is that of Dijkstra's algorithm."""

import heapq
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corridors import network, tables
from corridors.network import costs
from corridors.network.constrained import ConstrainedSearch, Rule
from corridors.network.network import Network, Vertex

RULES = [
    Rule(),
    Rule.parsed(modes="rail"),
    Rule.parsed(via_modes="road"),
    Rule.parsed(via_nodes="DRYPASS;STEPPE"),
    Rule.parsed(via_modes="road", via_nodes="EASTGATE", avoid="DDD"),
    Rule.parsed(via_modes="deep_sea", via_nodes="STEPPE"),
]


def textbook(net: Network, weight: NDArray[np.float64], rule: Rule, start: int, end: int) -> tuple[int, ...] | None:
    """Dijkstra's algorithm over a vertex and the conditions met; ties are broken by vertex, conditions and arc."""
    goal = (end, (1 if rule.via_modes else 0) | (2 if rule.via_nodes else 0))
    out: dict[int, list[int]] = {}
    for number, arc in enumerate(net.arcs):
        if (not rule.modes or arc.mode in rule.modes) and not arc.countries & rule.avoid:
            out.setdefault(arc.tail, []).append(number)
    best, came = {(start, 0): 0.0}, {}
    queue = [(0.0, (start, 0))]
    while queue:
        reached, state = heapq.heappop(queue)
        if state == goal:
            path = []
            while state != (start, 0):
                state, number = came[state]
                path.append(number)
            return tuple(path[::-1])
        if reached > best[state]:
            continue
        for number in out.get(state[0], ()):
            arc = net.arc(number)
            met = 1 if arc.kind == "move" and arc.mode in rule.via_modes else 0
            met |= 2 if net.place(arc.head) in rule.via_nodes else 0
            ahead, total = (arc.head, state[1] | met), reached + float(weight[number])
            if total < best.get(ahead, np.inf):
                best[ahead], came[ahead] = total, (state, number)
                heapq.heappush(queue, (total, ahead))
    return None


def ends(net: Network, origin: str, destination: str) -> tuple[int, int]:
    return net.position[Vertex(origin, "origin")], net.position[Vertex(destination, "destination")]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("most", [1, 2, 5])
def test_of_ways_that_cost_the_same_the_first_is_taken(folder: Path, rule: Rule, most: int) -> None:
    net = network.build(tables.read(folder), 2026)
    everything = np.ones(len(net.arcs), dtype=np.bool_)
    found = set()
    for seed in range(12):
        weight = np.random.default_rng(seed).integers(0, most, len(net.arcs)).astype(float)
        for pair in (("HARBOUR", "LANDING"), ("STEPPE", "HARBOUR")):
            search = ConstrainedSearch(net, everything, rule, *ends(net, *pair))
            path = search.best(weight)
            assert path == textbook(net, weight, rule, *ends(net, *pair))
            found.add(path)
    assert None in found or len(found) > 1


@pytest.mark.parametrize("rule", [Rule(), Rule.parsed(modes="rail", via_modes="rail"), Rule.parsed(avoid="RUS")])
def test_the_embedded_network_has_the_ways_of_the_textbook(rule: Rule) -> None:
    net = network.build(tables.read())
    made = costs.price(net)
    for commodity, objective in (("container_high", "generalised"), ("coal", "time"), ("coal", "emissions")):
        row = made.commodities.index(commodity)
        weight = np.where(made.allowed[row], made.objective(objective)[row], np.inf)
        start, end = ends(net, "BERLIN", "LIANYUNGANG")
        path = ConstrainedSearch(net, made.allowed[row], rule, start, end).best(weight)
        assert path == textbook(net, weight, rule, start, end)
        assert path is not None


def test_cells_without_a_name_ask_for_nothing() -> None:
    assert Rule.parsed() == Rule.parsed("", "", "", "") == Rule()
    assert Rule.parsed("rail;road", avoid="AAA") == Rule(frozenset({"rail", "road"}), avoid=frozenset({"AAA"}))
