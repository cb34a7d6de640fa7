"""Problems that grow: planar meshes of any size, and the embedded network many times over as one problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

SEED = 20260101

LONGEST_AMOUNT = 100  # of a demand in a mesh
DETOUR = 0.2  # how far the costs that set a mesh's capacities are from its own: more lets more capacities bind
ROOM = 1.5  # beside what these ways carry: 8% of the capacities bind at side 8, 12% at side 23

HUBS, LINKING_DEMANDS, SHARED = 4, 4, 4  # of the tiled network: what ties neighbouring copies, and all of them
SHARED_SHARE = 0.95  # of what the copies have of a shared resource, together
LINKING_SHARE = 0.1  # of a demand, from a copy to the next


def mesh(side: int, seed: int = SEED) -> FlowProblem:
    """Return a planar network of side x side nodes with arcs, capacities and demands in proportion.

    Nodes are a square grid, shaken; every cell has one diagonal; an arc goes each way and costs its length. There are
    half as many demands as arcs, between random nodes, and all must be served: the capacities have room for a plan on
    cheapest ways at other costs, so the cheapest ways at the true costs are too much for some of them.
    """
    random = np.random.default_rng((seed, side))
    row, column = np.divmod(np.arange(side * side), side)
    place = np.column_stack((row, column)) * 100 + random.integers(-30, 31, (side * side, 2))
    pairs = _triangles(side, random)
    tail, head = np.concatenate((pairs, pairs[:, ::-1])).T
    cost = np.rint(np.hypot(*(place[tail] - place[head]).T))
    demands = tail.size // 2
    origin = random.integers(0, side * side, demands)
    destination = (origin + random.integers(1, side * side, demands)) % (side * side)
    free = FlowProblem.single_class(
        node_count=side * side,
        tail=tail,
        head=head,
        cost=cost,
        arc_capacity=np.full(tail.size, np.inf),
        origin=origin,
        destination=destination,
        amount=random.integers(1, LONGEST_AMOUNT + 1, demands),
    )
    other = replace(free, cost=cost[None] * random.uniform(1 - DETOUR, 1 + DETOUR, tail.size))
    load = cheapest_load(other).sum(axis=0)
    capacity = np.ceil(ROOM * np.maximum(load, np.median(load)))
    return replace(free, capacity=capacity, usage=sparse.eye_array(tail.size, format="csr"))


def _triangles(side: int, random: np.random.Generator) -> IntArray:
    """Return the pairs of neighbours in a grid whose every cell has one diagonal, (pairs, 2)."""
    node = np.arange(side * side).reshape(side, side)
    falling = random.random((side - 1, side - 1)) < 0.5
    start = np.where(falling, node[:-1, :-1], node[:-1, 1:])
    end = np.where(falling, node[1:, 1:], node[1:, :-1])
    sides = ((node[:, :-1], node[:, 1:]), (node[:-1], node[1:]), (start, end))
    return np.concatenate([np.column_stack((one.ravel(), other.ravel())) for one, other in sides])


def cheapest_load(problem: FlowProblem) -> FloatArray:
    """Return the tonnes of each class on each arc, (C, A), if everything that can takes its cheapest way."""
    load = np.zeros((problem.class_count, problem.arc_count))
    for class_ in range(problem.class_count):
        mine = np.flatnonzero(problem.class_ == class_)
        origins, row = np.unique(problem.origin[mine], return_inverse=True)
        distance, last = shortest.trees(problem, class_, problem.cost[class_], origins)
        for k, tree in zip(mine.tolist(), row.tolist(), strict=True):
            if np.isfinite(distance[tree, problem.destination[k]]):
                arcs = shortest.path_to(problem, last[tree], int(problem.origin[k]), int(problem.destination[k]))
                load[class_, arcs] += problem.amount[k]
    return load


def with_penalty(problem: FlowProblem, times: float) -> FlowProblem:
    """Let demands be left at a price: so many times the longest of the cheapest ways (one class only)."""
    origins, row = np.unique(problem.origin, return_inverse=True)
    reached = shortest.distances(problem, 0, problem.cost[0], origins)[row, problem.destination]
    longest = float(reached[np.isfinite(reached)].max(initial=1.0))
    return replace(problem, penalty=np.full(problem.demand_count, times * longest))


def embedded() -> FlowProblem:
    """Return the embedded network's latest year, posed as the command line poses it."""
    from corridors import network, tables  # reads tables, which the meshes do not need
    from corridors.planning.freight import pose

    return pose(network.build(tables.read())).problem


def tiles(copies: int, seed: int = SEED, base: FlowProblem | None = None) -> FlowProblem:
    """Return the embedded network so many times over, as one problem.

    The first copy is the network itself, demands of the others differ by up to a fifth. Neighbouring copies are joined
    at their busiest nodes, by arcs that are open to all, and by a few demands from one to the next; a few of the
    scarcest resources are shared by all copies. One copy is the network alone.

    Parameters
    ----------
    copies
        At least 1.
    seed
        Of the random generator.
    base
        Tiled instead of the embedded network.
    """
    base = replace(
        embedded() if base is None else base,
        node_names=(),
        arc_names=(),
        class_names=(),
        demand_names=(),
        resource_names=(),
    )
    if copies == 1:
        return base
    random = np.random.default_rng((seed, copies))
    tail, head, cost = _tied_arcs(base, copies)
    demands = _tied_demands(base, copies, random)
    usage, capacity = _shared_resources(base, copies, tail.size)
    return FlowProblem(base.node_count * copies, tail, head, cost, *demands, capacity=capacity, usage=usage)


def _shifted(numbers: IntArray, copies: int, step: int) -> IntArray:
    return (numbers[None] + np.arange(copies)[:, None] * step).ravel()


def _tied_arcs(base: FlowProblem, copies: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return tails, heads and costs, (C, A), of all copies' arcs, then of those that join neighbours."""
    nodes = base.node_count
    degree = np.minimum(np.bincount(base.tail, minlength=nodes), np.bincount(base.head, minlength=nodes))
    hubs = np.argsort(-degree, kind="stable")[:HUBS]
    here = _shifted(hubs, copies - 1, nodes)
    positive = base.cost[np.isfinite(base.cost) & (base.cost > 0)]
    fare = np.full((base.class_count, 2 * here.size), float(np.median(positive)))
    return (
        np.concatenate((_shifted(base.tail, copies, nodes), here, here + nodes)),
        np.concatenate((_shifted(base.head, copies, nodes), here + nodes, here)),
        np.concatenate((np.tile(base.cost, copies), fare), axis=1),
    )


def _tied_demands(
    base: FlowProblem, copies: int, random: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray, FloatArray, FloatArray]:
    """Return origins, destinations, classes, amounts and penalties of all copies' demands, then of those between."""
    nodes, links = base.node_count, copies - 1
    factor = np.concatenate((np.ones(base.demand_count), random.uniform(0.8, 1.2, links * base.demand_count)))
    some = np.unique(np.linspace(0, base.demand_count - 1, LINKING_DEMANDS).astype(int))
    return (
        np.concatenate((_shifted(base.origin, copies, nodes), _shifted(base.origin[some], links, nodes))),
        np.concatenate(
            (_shifted(base.destination, copies, nodes), _shifted(base.destination[some] + nodes, links, nodes))
        ),
        np.concatenate((np.tile(base.class_, copies), np.tile(base.class_[some], links))),
        np.concatenate((np.tile(base.amount, copies) * factor, np.tile(base.amount[some] * LINKING_SHARE, links))),
        np.concatenate((np.tile(base.penalty, copies), np.tile(base.penalty[some], links))),
    )


def _shared_resources(base: FlowProblem, copies: int, arcs: int) -> tuple[sparse.csr_array, FloatArray]:
    """Return usage and capacity of all copies' resources, then of those that they share."""
    entry = base.usage.tocoo()
    row, (class_, arc) = entry.coords[0], np.divmod(entry.coords[1], base.arc_count)
    column = np.concatenate([class_ * arcs + copy * base.arc_count + arc for copy in range(copies)])
    use = base.usage @ cheapest_load(base).ravel()
    scarce = np.argsort(-use / np.maximum(base.capacity, 1e-9), kind="stable")[:SHARED]
    number = np.full(base.resource_count, -1)
    number[scarce] = copies * base.resource_count + np.arange(scarce.size)
    shared = np.tile(number[row], copies)
    common = shared >= 0
    value = np.tile(entry.data, copies)
    usage = sparse.csr_array(
        (
            np.concatenate((value, value[common])),
            (
                np.concatenate((_shifted(row, copies, base.resource_count), shared[common])),
                np.concatenate((column, column[common])),
            ),
        ),
        shape=(copies * base.resource_count + scarce.size, base.class_count * arcs),
    )
    return usage, np.concatenate((np.tile(base.capacity, copies), SHARED_SHARE * copies * base.capacity[scarce]))
