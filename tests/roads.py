"""Road networks that the tests of traffic assignment share: small ones made by hand, and random ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from scipy import optimize

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.assignment.problem import AssignmentProblem, LinkCosts


def links(*rows: tuple[float, float, float, float, float]) -> LinkCosts:
    """Return the costs of links, each given as fixed cost, free time, steepness, capacity and power."""
    return LinkCosts(*np.array(rows, dtype=float).T)


def roads(
    arcs: list[tuple[int, int]],
    costs: LinkCosts,
    trips: list[tuple[int, int, float]],
    closed: list[int] | None = None,
) -> AssignmentProblem:
    """Return a network of as many nodes as its links and trips name."""
    ends, wanted = np.array(arcs).reshape(-1, 2), np.array(trips, dtype=float).reshape(-1, 3)
    nodes = int(max(ends.max(initial=0), wanted[:, :2].max(initial=0))) + 1
    return AssignmentProblem(
        node_count=nodes,
        tail=ends[:, 0],
        head=ends[:, 1],
        costs=costs,
        origin=wanted[:, 0].astype(int),
        destination=wanted[:, 1].astype(int),
        amount=wanted[:, 2],
        closed=np.isin(np.arange(nodes), closed or []),
    )


def straight(free: float, slope: float) -> tuple[float, float, float, float, float]:
    """Return a link that costs so much empty, and so much more with each trip on it."""
    return (free, 1e-9, 1e9 * slope, 1.0, 1.0)


def braess(bridge: bool) -> AssignmentProblem:
    """Return the network of Braess (1968): six trips, who all lose by the bridge between their two ways."""
    arcs, rows = [(0, 1), (2, 3), (0, 2), (1, 3)], [straight(0, 10), straight(0, 10), straight(50, 1), straight(50, 1)]
    if bridge:
        arcs, rows = [*arcs, (1, 2)], [*rows, straight(10, 1)]
    return roads(arcs, links(*rows), [(0, 3, 6)])


def two_ways(*rows: tuple[float, float, float, float, float], amount: float = 10.0) -> AssignmentProblem:
    """Return parallel links between two nodes, and the trips between them."""
    return roads([(0, 1)] * len(rows), links(*rows), [(0, 1, amount)])


@st.composite
def random_roads(draw: st.DrawFn, constant: bool = False, most_nodes: int = 7) -> AssignmentProblem:
    """Draw a network with circles, loops, parallel and free links, closed nodes, and trips that can be made.

    Times are constant throughout, or grow with the powers that files have, and with others.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    nodes, demands = int(random.integers(2, most_nodes + 1)), int(random.integers(1, 6))
    ring = random.permutation(nodes)
    around = [*pairwise(ring), (ring[-1], ring[0])]
    extra = random.integers(0, nodes, (int(random.integers(0, 2 * nodes)), 2)).tolist()
    arcs = [(int(i), int(j)) for i, j in (*around, *extra)]
    count = len(arcs)
    power = random.choice([0.0, 1.0, 1.0, 2.5, 4.0, 4.0, 6.0], count)
    costs = LinkCosts(
        fixed=random.choice([0.0, 0.0, 1.0, 2.5], count),
        free_time=random.choice([0.0, 1.0, 2.0, 5.0], count),
        steepness=np.zeros(count) if constant else random.choice([0.0, 0.15, 1.0], count),
        capacity=random.choice([2.0, 5.0, 10.0], count),
        power=power,
    )
    ends = random.integers(0, nodes, (demands, 2)).tolist()
    trips = [(int(i), int(j), float(random.integers(0, 12))) for i, j in ends]
    problem = roads(arcs, costs, trips)
    closed = random.random(problem.node_count) < 0.2
    narrower = replace(problem, closed=closed)
    return narrower if np.isfinite([*nx_distances(narrower, costs.free)]).all() else problem


@st.composite
def random_classes(draw: st.DrawFn, most_nodes: int = 7) -> AssignmentProblem:
    """Draw a network as `random_roads` does, whose trips are of up to three classes that pay differently on links."""
    problem = draw(random_roads(most_nodes=most_nodes))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    classes = int(random.integers(1, 4))
    return replace(
        problem,
        class_=random.integers(0, classes, problem.amount.size),
        class_fixed=random.choice([0.0, 0.0, 0.5, 2.0, 10.0], (classes, problem.tail.size)),
    )


def nx_distances(problem: AssignmentProblem, cost: FloatArray) -> list[float]:
    """Return the cheapest path of each demand by networkx, which does not pass a closed node; ``inf`` for none."""
    found = []
    for origin, destination in zip(problem.origin.tolist(), problem.destination.tolist(), strict=True):
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(problem.node_count))
        for a, (i, j) in enumerate(zip(problem.tail.tolist(), problem.head.tolist(), strict=True)):
            if problem.passable[i] or i == origin:
                graph.add_edge(i, j, weight=float(cost[a]))
        try:
            found.append(nx.dijkstra_path_length(graph, origin, destination))
        except nx.NetworkXNoPath:
            found.append(np.inf)
    return found


def _paths(problem: AssignmentProblem) -> tuple[FloatArray, IntArray]:
    """Return the simple paths of all demands with trips: which links each uses, (P, A), and of which demand it is."""
    rows, owners = [], []
    for k in np.flatnonzero(problem.moving).tolist():
        graph = nx.MultiDiGraph()
        graph.add_nodes_from(range(problem.node_count))
        for a, (i, j) in enumerate(zip(problem.tail.tolist(), problem.head.tolist(), strict=True)):
            if problem.passable[i] or i == problem.origin[k]:
                graph.add_edge(i, j, key=a)
        for path in nx.all_simple_edge_paths(graph, int(problem.origin[k]), int(problem.destination[k])):
            row = np.zeros(problem.tail.size)
            row[[key for _, _, key in path]] = 1
            rows.append(row)
            owners.append(k)
    return np.array(rows).reshape(-1, problem.tail.size), np.array(owners, dtype=np.int64)


def by_paths(problem: AssignmentProblem, *, optimum: bool = False, hard: bool = False) -> float:
    """Return the least that Beckmann's programme has, over simple paths, by scipy's SLSQP."""
    uses, owner = _paths(problem)
    if not owner.size:
        return 0.0
    costs = problem.costs
    demands = np.unique(owner)
    sums = (owner == demands[:, np.newaxis]).astype(float)
    amount = problem.amount[demands]
    scale = max(1.0, float(amount.max()))
    limited = np.isfinite(costs.capacity) & hard
    room, use = costs.capacity[limited] / scale, uses[:, limited]
    start = (amount / sums.sum(axis=1)) @ sums / scale
    if hard:
        start = optimize.linprog(np.ones(owner.size), A_ub=use.T, b_ub=room, A_eq=sums, b_eq=amount / scale).x

    beside = np.zeros(owner.size)
    if problem.class_fixed is not None:
        beside = (uses * problem.class_fixed[problem.class_of[owner]]).sum(axis=1)

    def value(share: FloatArray) -> float:
        flow = np.maximum(share, 0) @ uses * scale
        terms = flow * costs.at(flow) if optimum else costs.integral(flow)
        return float(terms.sum() + np.maximum(share, 0) @ beside * scale)

    def slope(share: FloatArray) -> FloatArray:
        flow = np.maximum(share, 0) @ uses * scale
        return (uses @ (costs.marginal(flow) if optimum else costs.at(flow)) + beside) * scale

    within = {"type": "ineq", "fun": lambda share: room - share @ use, "jac": lambda share: -use.T}
    served = {"type": "eq", "fun": lambda share: sums @ share - amount / scale, "jac": lambda share: sums}
    best, share = np.inf, start
    for _ in range(50):  # SLSQP may end early: a step of Frank and Wolfe's method tells, and leads on
        unit = max(value(share), 1e-9)
        made = optimize.minimize(
            lambda x, unit=unit: value(x) / unit,
            share,
            jac=lambda x, unit=unit: slope(x) / unit,
            bounds=[(0, None)] * start.size,
            constraints=[served, within] if hard else served,
            method="SLSQP",
            options={"maxiter": 1000, "ftol": 1e-15},
        )
        found = np.maximum(made.x, 0)
        kept = np.abs(sums @ found - amount / scale).max() < 1e-9 and not (hard and (room - found @ use < -1e-9).any())
        if kept and value(found) < value(share):
            share = found
        limits = {"A_ub": use.T, "b_ub": room} if hard and limited.any() else {}
        vertex = optimize.linprog(slope(share), A_eq=sums, b_eq=amount / scale, **limits).x
        best = value(share)
        if slope(share) @ (share - vertex) <= 1e-9 * max(best, 1e-9):
            break
        step = optimize.minimize_scalar(lambda t, one=share, to=vertex: value(one + t * (to - one)), bounds=(0, 1))
        share = share + step.x * (vertex - share)
    return best


def fits(problem: AssignmentProblem) -> bool:
    """Tell whether all trips fit into the capacities of links, by scipy's linear solver over all simple paths."""
    uses, owner = _paths(problem)
    if not owner.size:
        return True
    demands = np.unique(owner)
    sums = (owner == demands[:, np.newaxis]).astype(float)
    limited = np.isfinite(problem.costs.capacity)
    made = optimize.linprog(
        np.zeros(owner.size),
        A_ub=uses.T[limited],
        b_ub=problem.costs.capacity[limited],
        A_eq=sums,
        b_eq=problem.amount[demands],
    )
    return bool(made.status == 0)
