"""The cheapest routes of every demand at its own marginal costs: compiled, and detours beside the best one.

Each demand pays what its class pays on an arc, and on the arcs of its own subnetwork what its own flow adds. One
search from its origin (Dijkstra 1959; Bellman 1958 where an arc has a negative cost) finds the cheapest way to every
node of the subnetwork, not to the destination alone: wherever flow comes to a node by a dearer way, the cheaper one
joins the subnetwork. So a search brings many routes, as a bush gets its arcs (Dial 2006).

Importing this module takes numba, most of a second: see `corridors.models.pricing.kernels`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.pricing.kernels import ForwardStar, Heap, pop, push


class Trips(NamedTuple):
    """What K demands ask for: origin, destination and class of each, (K,).

    And which part of each stays, what a tonne pays for that at the margin, and what may be lost on an arc before a
    detour is worth while, for each tonne of the demand, (K,).
    """

    origin: IntArray
    destination: IntArray
    class_: IntArray
    stay: FloatArray
    limit: FloatArray
    worth: FloatArray


class Own(NamedTuple):
    """The subnetworks: where the arcs of each begin, (K + 1,); each arc, what the own flow adds to it, its share, (V,).

    Within a demand the arcs are in the order of the star.
    """

    first: IntArray
    arc: IntArray
    extra: FloatArray
    share: FloatArray


class Found(NamedTuple):
    """Of each demand what its cheapest route or staying costs, (K,); of each own arc what its ends cost, (V,).

    And the arcs to add: the demand of each, the arc, and what its head costs. What a node costs is the cheapest way to
    it, or the limit where that is less. A cycle of negative cost makes the cost of its demand ``-inf``.
    """

    least: FloatArray
    tail: FloatArray
    head: FloatArray
    new_trip: IntArray
    new_arc: IntArray
    new_head: FloatArray


class _Work(NamedTuple):
    """What a search works on, clean between searches: of nodes, and of arcs."""

    distance: FloatArray
    last: IntArray
    state: NDArray[np.int8]  # 1: to be settled, 2: settled; 4: its way is walked
    added: FloatArray
    own: NDArray[np.int8]
    heap: Heap
    touched: IntArray


@njit(cache=True)
def search(star: ForwardStar, cost: FloatArray, trips: Trips, own: Own, negative: bool) -> Found:
    """Search for every demand.

    Parameters
    ----------
    star, cost
        The arcs by their tails, and what each class pays on them with prices, (C, A); ``inf`` where it may not go.
    trips, own
        The demands and their subnetworks.
    negative
        Whether an arc may have a negative cost.
    """
    nodes, arcs = star.start.size - 1, star.head.size
    work = _Work(
        np.full(nodes, np.inf),
        np.full(nodes, -1),
        np.zeros(nodes, np.int8),
        np.zeros(arcs),
        np.zeros(arcs, np.int8),
        Heap(np.empty(arcs + 1), np.empty(arcs + 1, np.int64)),
        np.empty(nodes, np.int64),
    )
    least = np.empty(trips.origin.size)
    tail, head = np.empty(own.arc.size), np.empty(own.arc.size)
    new_trip, new_arc, new_head = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024)
    count = 0
    for k in range(least.size):
        low, high = own.first[k], own.first[k + 1]
        for v in range(low, high):
            work.added[own.arc[v]], work.own[own.arc[v]] = own.extra[v], 1
        paid = cost[trips.class_[k]]
        if negative:
            touched = _correct(star, paid, trips.origin[k], work)
            radius = trips.limit[k]
            if touched < 0:
                touched, radius = -touched, -np.inf
            cap = np.inf
        else:
            touched, radius = _settle(star, paid, k, trips, own, work)
            cap = radius
        least[k] = min(work.distance[trips.destination[k]], radius)
        lost = trips.stay[k] * (trips.limit[k] - least[k]) if trips.stay[k] > 0.0 else 0.0
        room = count + 2 * nodes
        if room > new_arc.size:
            new_trip, new_arc, new_head = (
                _longer(new_trip, room),
                _longer(new_arc, room),
                _longer_floats(new_head, room),
            )
        for v in range(low, high):
            a = own.arc[v]
            tail[v], head[v] = min(work.distance[star.tail[a]], cap), min(work.distance[star.head[a]], cap)
            loss = own.share[v] * (tail[v] + paid[a] + work.added[a] - head[v])
            lost += max(loss, 0.0)
            if loss > trips.worth[k] and work.distance[star.head[a]] <= cap:
                count = _walk(star, star.head[a], trips.origin[k], k, work, new_trip, new_arc, new_head, count)
        if work.distance[trips.destination[k]] <= radius and (low == high or lost > trips.worth[k]):
            count = _walk(star, trips.destination[k], trips.origin[k], k, work, new_trip, new_arc, new_head, count)
        for v in range(low, high):
            work.added[own.arc[v]], work.own[own.arc[v]] = 0.0, 0
        for i in range(touched):
            at = work.touched[i]
            work.distance[at], work.last[at], work.state[at] = np.inf, -1, 0
    return Found(least, tail, head, new_trip[:count].copy(), new_arc[:count].copy(), new_head[:count].copy())


@njit(cache=True)
def _settle(star: ForwardStar, paid: FloatArray, k: int, trips: Trips, own: Own, work: _Work) -> tuple[int, float]:
    """Settle nodes as far as the demand's destination (Dijkstra 1959); return how many, and how far."""
    origin, end, limit, heap = trips.origin[k], trips.destination[k], trips.limit[k], work.heap
    work.distance[origin] = 0.0
    work.touched[0] = origin
    touched, size = 1, push(heap, 0, 0.0, origin)
    while size > 0:
        key, at = heap.key[0], heap.node[0]
        if key > limit or at == end:
            break
        size = pop(heap, size)
        if work.state[at] == 2:
            continue
        work.state[at] = 2
        for e in range(star.start[at], star.start[at + 1]):
            to = star.head[e]
            there = key + paid[e] + work.added[e]
            if there < work.distance[to]:
                if work.distance[to] == np.inf:
                    work.touched[touched] = to
                    touched += 1
                work.distance[to], work.last[to] = there, e
                size = push(heap, size, there, to)
    return touched, min(work.distance[end], limit)


@njit(cache=True)
def _correct(star: ForwardStar, paid: FloatArray, origin: int, work: _Work) -> int:
    """Correct labels until none is too high (Bellman 1958); return how many nodes, below 0 if a cycle pays."""
    nodes = star.start.size - 1
    queue, visits = np.empty(nodes + 1, np.int64), np.zeros(nodes, np.int64)
    work.distance[origin] = 0.0
    work.touched[0], queue[0] = origin, origin
    touched, begin, end = 1, 0, 1
    while begin != end:
        at = queue[begin]
        begin = (begin + 1) % (nodes + 1)
        work.state[at] = 0
        visits[at] += 1
        if visits[at] > nodes:
            return -touched
        for e in range(star.start[at], star.start[at + 1]):
            to = star.head[e]
            there = work.distance[at] + paid[e] + work.added[e]
            if there < work.distance[to]:
                if work.distance[to] == np.inf:
                    work.touched[touched] = to
                    touched += 1
                work.distance[to], work.last[to] = there, e
                if work.state[to] == 0:
                    work.state[to] = 1
                    queue[end] = to
                    end = (end + 1) % (nodes + 1)
    return touched


@njit(cache=True)
def _walk(
    star: ForwardStar,
    node: int,
    origin: int,
    k: int,
    work: _Work,
    new_trip: IntArray,
    new_arc: IntArray,
    new_head: FloatArray,
    count: int,
) -> int:
    """Add what the cheapest way to a node has that the subnetwork has not; return how many are added in all."""
    while work.state[node] != 4 and node != origin:
        work.state[node] = 4
        a = work.last[node]
        if work.own[a] == 0:
            new_trip[count], new_arc[count], new_head[count] = k, a, work.distance[node]
            count += 1
        node = star.tail[a]
    return count


@njit(cache=True)
def _longer(array: IntArray, size: int) -> IntArray:
    longer = np.empty(max(2 * array.size, size), np.int64)
    longer[: array.size] = array
    return longer


@njit(cache=True)
def _longer_floats(array: FloatArray, size: int) -> FloatArray:
    longer = np.empty(max(2 * array.size, size))
    longer[: array.size] = array
    return longer
