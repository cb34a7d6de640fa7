"""Problems of choice that the tests share: small ones made by hand, and random ones with all their routes listed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import networkx as nx
import numpy as np
from scipy import optimize, sparse

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.delay import Delay
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

_NO_SHARE = 1e-13


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


def grouped(problem: ChoiceProblem, nesting: float, seed: int = 0) -> ChoiceProblem:
    """Put ways of a demand that stand together into random groups of one to three, chosen within so much sharper.

    Where routes would be chosen among less sharply than that, they are as sharply.
    """
    random = np.random.default_rng(seed)
    first = np.flatnonzero(np.diff(problem.way, prepend=-1))
    owner = problem.routes.demand[first]
    begins = (np.diff(owner, prepend=-1) != 0) | (random.random(owner.size) < 0.5)
    within = nesting * problem.way_scale
    return replace(
        problem,
        route_scale=np.maximum(problem.route_scale, within),
        group=np.cumsum(begins) - 1,
        group_scale=within,
    )


def groups_of(problem: ChoiceProblem) -> tuple[IntArray, FloatArray]:
    """Return the group of each way, and the scale within: each way its own where there are none."""
    if problem.group is None or problem.group_scale is None:
        return np.arange(problem.way.max(initial=-1) + 1), problem.way_scale
    return problem.group, problem.group_scale


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


def value(problem: ChoiceProblem, route_flow: FloatArray, unserved: FloatArray) -> float:
    """Return what flows are worth, in plain loops: money, entropy and waiting."""
    flow, total = problem.flow, 0.0
    group, within = groups_of(problem)
    by_way: dict[int, float] = {}
    by_group: dict[int, float] = {}
    for path in range(problem.routes.size):
        way = int(problem.way[path])
        by_way[way] = by_way.get(way, 0.0) + float(route_flow[path])
        by_group[int(group[way])] = by_group.get(int(group[way]), 0.0) + float(route_flow[path])
    use = [0.0] * flow.resource_count
    for path in range(problem.routes.size):
        k, x = int(problem.routes.demand[path]), float(route_flow[path])
        if x <= 0:
            continue
        total += x * math.log(x / by_way[int(problem.way[path])]) / float(problem.route_scale[k])
        for arc in problem.routes.arcs_of(path).tolist():
            total += x * float(flow.cost[flow.class_[k], arc])
            column = flow.usage[:, [int(flow.class_[k]) * flow.arc_count + arc]].toarray()[:, 0]
            for resource, units in enumerate(column.tolist()):
                use[resource] += units * x
    owner = {int(w): int(k) for w, k in zip(problem.way, problem.routes.demand, strict=True)}
    for way, x in by_way.items():
        if x > 0:
            total += x * math.log(x / by_group[int(group[way])]) / float(within[owner[way]])
    demand_of = {int(group[way]): k for way, k in owner.items()}
    for number, x in by_group.items():
        if x > 0:
            k = demand_of[number]
            total += x * math.log(x / float(flow.amount[k])) / float(problem.way_scale[k])
    for k, left in enumerate(unserved.tolist()):
        if left > 0:
            total += left * float(flow.penalty[k])
            total += left * math.log(left / float(flow.amount[k])) / float(problem.way_scale[k])
    if problem.delay is not None:
        for resource, taken in enumerate(use):
            if problem.delay.coefficient[resource] > 0 and taken > 0:
                total += waiting_worth(problem, resource, taken)
    return total


def waiting_worth(problem: ChoiceProblem, resource: int, taken: float) -> float:
    """Return the integral of what waiting costs at a resource up to what is taken of it."""
    delay, capacity = problem.delay, float(problem.flow.capacity[resource])
    assert delay is not None
    height, power, straight = (float(a[resource]) for a in (delay.coefficient, delay.power, delay.linear_share))
    share = taken / capacity
    return capacity * height * ((1 - straight) * share ** (power + 1) / (power + 1) + straight * share**2 / 2)


def plain_dual(problem: ChoiceProblem, price: FloatArray) -> float:
    """Return the dual at some prices, in plain loops, with the waiting's conjugate searched for by scipy."""
    flow, total = problem.flow, 0.0
    group, within = groups_of(problem)
    utility: dict[int, dict[int, dict[int, list[float]]]] = {k: {} for k in range(flow.demand_count)}
    for path in range(problem.routes.size):
        k = int(problem.routes.demand[path])
        cost = 0.0
        for arc in problem.routes.arcs_of(path).tolist():
            column = flow.usage[:, [int(flow.class_[k]) * flow.arc_count + arc]].toarray()[:, 0]
            cost += float(flow.cost[flow.class_[k], arc]) + float(column @ price)
        way = int(problem.way[path])
        utility[k].setdefault(int(group[way]), {}).setdefault(way, []).append(cost)
    for k, groups in utility.items():
        if flow.amount[k] > 0:
            one, middle, two = float(problem.way_scale[k]), float(within[k]), float(problem.route_scale[k])
            inclusive = []
            for ways in groups.values():
                of_ways = [-sum_log([-two * cost for cost in costs]) / two for costs in ways.values()]
                inclusive.append(-sum_log([-middle * cost for cost in of_ways]) / middle)
            stays = [-one * float(flow.penalty[k])] if np.isfinite(flow.penalty[k]) else []
            total += float(flow.amount[k]) * -sum_log([-one * cost for cost in inclusive] + stays) / one
    for resource in range(flow.resource_count):
        total -= conjugate(problem, resource, float(price[resource]))
    return total


def sum_log(exponents: list[float]) -> float:
    """Return the logarithm of the sum of exponentials."""
    highest = max(exponents)
    return highest + math.log(math.fsum(math.exp(one - highest) for one in exponents))


def conjugate(problem: ChoiceProblem, resource: int, price: float) -> float:
    """Return the most that a price earns at a resource above what waiting is worth there."""
    capacity = float(problem.flow.capacity[resource])
    if problem.delay is None or problem.delay.coefficient[resource] == 0 or capacity == 0:
        return price * capacity
    waits = optimize.minimize_scalar(
        lambda use: waiting_worth(problem, resource, use) - price * use,
        bounds=(0, capacity),
        method="bounded",
        options={"xatol": 1e-12 * capacity},
    )
    full = price * capacity - waiting_worth(problem, resource, capacity)
    return max(float(-waits.fun), full, 0.0)


def least_value(problem: ChoiceProblem) -> float:
    """Return the least value by scipy's SLSQP on the flows themselves; no part of it knows of prices or logits."""
    primal = _Primal(problem)
    if not primal.scale.size:
        return 0.0
    limits = [{"type": "eq", "fun": lambda z: primal.whole @ z - 1, "jac": lambda z: primal.whole}]
    if primal.takes.size:
        limits.append({"type": "ineq", "fun": lambda z: 1 - primal.takes @ z, "jac": lambda z: -primal.takes})
    shares = np.concatenate((np.full(primal.owner.size, 1e-3), np.ones(primal.asked.size)))
    for _ in range(4):  # it stops early at a bound, and goes on from there
        found = optimize.minimize(
            primal.value_and_slope,
            shares,
            jac=True,
            method="SLSQP",
            bounds=[(_NO_SHARE, None)] * shares.size,
            constraints=limits,
            options={"maxiter": 1000, "ftol": 1e-15},
        )
        shares = np.maximum(found.x, 1e-7)
    return float(found.fun) * primal.figure


class _Primal:
    """The programme in the shares of routes and of what stays, of the demands that ask for anything."""

    def __init__(self, problem: ChoiceProblem) -> None:
        flow, routes = problem.flow, problem.routes
        self.problem = problem
        self.asked = np.flatnonzero(flow.amount > 0)
        mine = np.flatnonzero(flow.amount[routes.demand] > 0)
        step = routes.steps(flow.class_[routes.demand], flow.arc_count)
        self.use = routes.use(step, sparse.csr_array(flow.usage.T)).toarray()[mine]
        self.cost = np.concatenate((routes.sums(flow.cost.ravel()[step])[mine], flow.penalty[self.asked]))
        self.owner = routes.demand[mine]
        demand = np.concatenate((self.owner, self.asked))
        self.scale = flow.amount[demand]
        self.whole = (demand == self.asked[:, None]).astype(float)
        self.takes = np.hstack((self.use.T, np.zeros((flow.resource_count, self.asked.size)))) * self.scale
        self.takes /= flow.capacity[:, None]
        ways, self.way = np.unique(problem.way[mine], return_inverse=True)
        self.sums = (self.way == np.arange(ways.size)[:, None]).astype(float)
        group, self.within = groups_of(problem)
        groups, self.group = np.unique(group[ways], return_inverse=True)
        self.together = (self.group == np.arange(groups.size)[:, None]).astype(float)
        self.way_owner = np.zeros(ways.size, dtype=int)
        self.way_owner[self.way] = self.owner
        self.group_owner = np.zeros(groups.size, dtype=int)
        self.group_owner[self.group] = self.way_owner
        self.figure = max(1.0, float(flow.amount[self.asked] @ np.maximum(flow.penalty[self.asked], 1.0)))

    def value_and_slope(self, shares: FloatArray) -> tuple[float, FloatArray]:
        """Return the value of shares and its slope, relative to the figure."""
        one, two, amount = self.problem.way_scale, self.problem.route_scale, self.problem.flow.amount
        own, middle = self.group_owner, self.within[self.way_owner]
        z = np.maximum(shares, _NO_SHARE) * self.scale
        x, u = z[: self.owner.size], z[self.owner.size :]
        total = self.sums @ x
        whole = self.together @ total
        log_group, log_way = np.log(whole / amount[own]) / one[own], np.log(total / whole[self.group]) / middle
        log_route, log_left = (
            np.log(x / total[self.way]) / two[self.owner],
            np.log(u / amount[self.asked]) / one[self.asked],
        )
        result = float(self.cost @ z + whole @ log_group + total @ log_way + x @ log_route + u @ log_left)
        slope_route = (log_group[self.group] + log_way)[self.way] + 1 / one[self.owner] + log_route
        slope = self.cost + np.concatenate((slope_route, log_left + 1 / one[self.asked]))
        if self.problem.delay is not None:
            taken = self.use.T @ x
            for resource in np.flatnonzero(self.problem.delay.coefficient > 0).tolist():
                result += waiting_worth(self.problem, resource, float(taken[resource]))
                waiting = self.problem.delay.waiting(taken / self.problem.flow.capacity)[resource]
                slope[: x.size] += self.use[:, resource] * waiting
        return result / self.figure, slope * self.scale / self.figure
