"""Problems of choice that the tests share: small ones made by hand, and random ones with all their routes listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import networkx as nx
import numpy as np
from scipy import sparse

from corridors.models.arrays import IntArray
from corridors.models.choice.delay import Delay
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem


def simple_routes(problem: FlowProblem, demand: int) -> Iterator[IntArray]:
    """Return every route of a demand that comes to no node twice, over open arcs, found by networkx."""
    origin, destination = int(problem.origin[demand]), int(problem.destination[demand])
    if origin == destination:
        yield np.empty(0, dtype=np.int64)
        return
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.add_nodes_from(range(problem.node_count))
    for arc in np.flatnonzero(np.isfinite(problem.cost[problem.class_[demand]])).tolist():
        graph.add_edge(int(problem.tail[arc]), int(problem.head[arc]), arc)
    for edges in nx.all_simple_edge_paths(graph, origin, destination):
        yield np.array([arc for _, _, arc in edges], dtype=np.int64)


def with_all_routes(
    problem: FlowProblem, *, tau: float = 5.0, nesting: float = 3.0, seed: int = 0, most: int = 60
) -> ChoiceProblem:
    """List all simple routes of a problem of few nodes, at most so many a demand, in random ways of one to three.

    Scales are tau, and nesting times that, over the cost of the demand's cheapest route.
    """
    random = np.random.default_rng(seed)
    owner: list[int] = []
    arcs: list[IntArray] = []
    way: list[int] = []
    scale = np.ones(problem.demand_count)
    for demand in range(problem.demand_count):
        routes = [route for _, route in zip(range(most), simple_routes(problem, demand), strict=False)]
        costs = [float(problem.cost[problem.class_[demand]][route].sum()) for route in routes]
        scale[demand] = tau / max(min(costs, default=1.0), 1.0)
        breaks = random.random(len(routes)) < 0.6
        for number, route in enumerate(routes):
            begins = number == 0 or bool(breaks[number])
            way.append((way[-1] if way else -1) + begins)
            owner.append(demand)
            arcs.append(route)
    paths = PathSet.of(np.array(owner, dtype=np.int64), arcs)
    return ChoiceProblem(problem, paths, np.array(way, dtype=np.int64), scale, nesting * scale)


def with_delays(problem: ChoiceProblem, seed: int = 0, *, strength: float = 1.0) -> ChoiceProblem:
    """Let freight wait at about two in three of the resources that nothing gives back."""
    random = np.random.default_rng(seed)
    flow = problem.flow
    count = flow.resource_count
    gives = np.zeros(count, dtype=bool)
    gives[flow.usage.nonzero()[0][flow.usage.data < 0]] = True
    waits = (random.random(count) < 0.7) & ~gives
    delay = Delay(
        coefficient=np.where(waits, strength * random.uniform(0.1, 5, count), 0.0),
        power=random.choice([1.0, 2.0, 4.0, 9.5], count),
        linear_share=random.choice([0.02, 0.3, 1.0], count),
    )
    return replace(problem, delay=delay)


def random_network(seed: int, *, must_serve: bool = False, gives: bool = False) -> FlowProblem:
    """Return a small random network: classes, closed arcs, shared resources, and demands of every kind."""
    random = np.random.default_rng(seed)
    nodes, classes = int(random.integers(2, 6)), int(random.integers(1, 3))
    arcs, demands = nodes + int(random.integers(nodes, 3 * nodes + 1)), int(random.integers(1, 7))
    tail, head = random.integers(0, nodes, (2, arcs))
    tail[:nodes], head[:nodes] = np.arange(nodes), np.roll(np.arange(nodes), -1)  # a ring, so that all can be reached
    origin = random.integers(0, nodes, demands)
    resources = int(random.integers(0, 6))
    shape = (classes, arcs)
    usage = random.choice([0.0, 0.25, 1.0, 3.0], (resources, classes * arcs), p=[0.6, 0.1, 0.2, 0.1])
    capacity = random.integers(0, 12, resources).astype(float)
    if gives and resources:
        part = random.random(arcs) < 0.4
        whole = part | (random.random(arcs) < 0.5)
        usage[-1] = np.tile(random.choice([0.1, 0.3]) * whole - 1.0 * part, classes)
        capacity[-1] = 0.0
    return FlowProblem(
        node_count=nodes,
        tail=tail,
        head=head,
        cost=np.where((random.random(shape) < 0.1) & (np.arange(arcs) >= nodes), np.inf, random.integers(0, 10, shape)),
        origin=origin,
        destination=(origin + random.integers(0 if random.random() < 0.3 else 1, nodes, demands)) % nodes,
        class_=random.integers(0, classes, demands),
        amount=random.integers(0, 10, demands).astype(float),
        penalty=np.where((random.random(demands) < 0.2) & must_serve, np.inf, random.integers(0, 40, demands)),
        capacity=capacity,
        usage=sparse.csr_array(usage),
    )
