"""The cheapest routes of every demand at its own marginal costs: compiled, and detours beside the best one.

Each demand pays what its class pays on an arc, and on the arcs of its own subnetwork what its own flow adds. One
search from its origin (Dijkstra 1959; Bellman 1958 where an arc has a negative cost) finds the cheapest way to every
node of the subnetwork, not to the destination alone: wherever flow comes to a node by a dearer way, the cheaper one
joins the subnetwork, as a bush gets its arcs (Dial 2006). So a search brings many routes.

Importing this module takes numba, most of a second: see `corridors.models.pricing.kernels`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.pricing.kernels import ForwardStar, Heap, pop, push

_WAITS, _SETTLED, _WALKED = 1, 2, 4  # states of a node: to be looked at again; its distance is final; its way is walked


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


class Added(NamedTuple):
    """Arcs to add: the demand of each, the arc, and what the cheapest way to its head costs."""

    trip: IntArray
    arc: IntArray
    head: FloatArray


class Found(NamedTuple):
    """What each demand's cheapest route costs, or staying, (K,); the cheapest way to the heads of own arcs, (V,).

    And the arcs to add. No way is longer than the cheapest route. Where a cycle pays, its arcs are added, the demand's
    cheapest route costs ``-inf``, and the ways to its nodes are NaN.
    """

    least: FloatArray
    head: FloatArray
    added: Added


class _Work(NamedTuple):
    """What a search works on, clean between searches: of nodes, (N,), and of arcs, (A,)."""

    distance: FloatArray
    last: IntArray
    state: NDArray[np.int8]
    touched: IntArray
    extra: FloatArray
    own: NDArray[np.int8]
    heap: Heap


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
    nodes = star.start.size - 1
    work = _workspace(nodes, star.head.size)
    least, head, count = np.empty(trips.origin.size), np.empty(own.arc.size), 0
    added = Added(np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024))
    for k in range(least.size):
        paid = cost[trips.class_[k]]
        for v in range(own.first[k], own.first[k + 1]):
            work.extra[own.arc[v]], work.own[own.arc[v]] = own.extra[v], 1
        if negative:
            touched, circle = _correct(star, paid, trips.origin[k], work)
        else:
            touched, circle = _settle(star, paid, trips.origin[k], trips.destination[k], trips.limit[k], work), -1
        added = _with_room(added, count + nodes)
        if circle >= 0:
            least[k] = -np.inf
            head[own.first[k] : own.first[k + 1]] = np.nan
            count = _go_round(star, circle, k, work, added, count)
        else:
            least[k] = min(work.distance[trips.destination[k]], trips.limit[k])
            cap = np.inf if negative else least[k]
            count = _compare(star, paid, k, (least[k], cap), trips, own, work, head, added, count)
        for v in range(own.first[k], own.first[k + 1]):
            work.extra[own.arc[v]], work.own[own.arc[v]] = 0.0, 0
        for at in work.touched[:touched]:
            work.distance[at], work.last[at], work.state[at] = np.inf, -1, 0
    return Found(least, head, Added(added.trip[:count].copy(), added.arc[:count].copy(), added.head[:count].copy()))


@njit(cache=True)
def _workspace(nodes: int, arcs: int) -> _Work:
    return _Work(
        np.full(nodes, np.inf),
        np.full(nodes, -1),
        np.zeros(nodes, np.int8),
        np.empty(nodes, np.int64),
        np.zeros(arcs),
        np.zeros(arcs, np.int8),
        Heap(np.empty(arcs + 1), np.empty(arcs + 1, np.int64)),
    )


@njit(cache=True)
def _settle(star: ForwardStar, paid: FloatArray, origin: int, end: int, limit: float, work: _Work) -> int:
    """Settle nodes as far as the destination (Dijkstra 1959); return how many nodes were touched."""
    work.distance[origin], work.touched[0] = 0.0, origin
    touched, size = 1, push(work.heap, 0, 0.0, origin)
    while size > 0:
        key, at = work.heap.key[0], work.heap.node[0]
        if key > limit or at == end:
            break
        size = pop(work.heap, size)
        if work.state[at] == _SETTLED:
            continue
        work.state[at] = _SETTLED
        for e in range(star.start[at], star.start[at + 1]):
            to, there = star.head[e], key + paid[e] + work.extra[e]
            if there < work.distance[to]:
                if work.distance[to] == np.inf:
                    work.touched[touched] = to
                    touched += 1
                work.distance[to], work.last[to] = there, e
                size = push(work.heap, size, there, to)
    return touched


@njit(cache=True)
def _correct(star: ForwardStar, paid: FloatArray, origin: int, work: _Work) -> tuple[int, int]:
    """Correct labels until none is too high (Bellman 1958).

    Return how many nodes were touched, and a node on a cycle that pays, -1 if there is none.
    """
    nodes = star.start.size - 1
    queue = np.empty(nodes + 1, np.int64)
    work.distance[origin], work.touched[0], queue[0] = 0.0, origin, origin
    touched, begin, end, looked = 1, 0, 1, 0
    while begin != end:
        at = queue[begin]
        begin = (begin + 1) % (nodes + 1)
        work.state[at] = 0
        looked += 1
        if looked % nodes == 0:
            circle = _circle(star, work, touched)
            if circle >= 0:
                return touched, circle
        for e in range(star.start[at], star.start[at + 1]):
            to, there = star.head[e], work.distance[at] + paid[e] + work.extra[e]
            if there < work.distance[to]:
                if work.distance[to] == np.inf:
                    work.touched[touched] = to
                    touched += 1
                work.distance[to], work.last[to] = there, e
                if work.state[to] != _WAITS:
                    work.state[to], queue[end] = _WAITS, to
                    end = (end + 1) % (nodes + 1)
    return touched, -1


@njit(cache=True)
def _circle(star: ForwardStar, work: _Work, touched: int) -> int:
    """Return a node on a cycle of last arcs, -1 if there is none."""
    seen = np.full(star.start.size - 1, -1)
    for i in range(touched):
        node = work.touched[i]
        while seen[node] < 0 and work.last[node] >= 0:
            seen[node] = i
            node = star.tail[work.last[node]]
        if seen[node] == i and work.last[node] >= 0:
            return int(node)
        seen[node] = i
    return -1


@njit(cache=True)
def _go_round(star: ForwardStar, circle: int, k: int, work: _Work, added: Added, count: int) -> int:
    """Add the arcs of a cycle that the subnetwork has not; return how many are added in all."""
    node = circle
    while work.state[node] != _WALKED:
        work.state[node] = _WALKED
        a = work.last[node]
        if work.own[a] == 0:
            added.trip[count], added.arc[count], added.head[count] = k, a, np.nan
            count += 1
        node = star.tail[a]
    return count


@njit(cache=True)
def _compare(
    star: ForwardStar,
    paid: FloatArray,
    k: int,
    reach: tuple[float, float],
    trips: Trips,
    own: Own,
    work: _Work,
    head: FloatArray,
    added: Added,
    count: int,
) -> int:
    """Compare what flows with the cheapest ways, add those that lack, and return how many arcs are added in all.

    `reach` is the cost of the cheapest route or of staying, and where distances end.
    """
    least, cap = reach
    lost = trips.stay[k] * (trips.limit[k] - least) if trips.stay[k] > 0.0 else 0.0
    for v in range(own.first[k], own.first[k + 1]):
        a = own.arc[v]
        node = star.head[a]
        head[v] = min(work.distance[node], cap)
        loss = own.share[v] * (min(work.distance[star.tail[a]], cap) + paid[a] + work.extra[a] - head[v])
        lost += max(loss, 0.0)
        if loss > trips.worth[k] and work.distance[node] <= cap:
            count = _walk(star, node, trips.origin[k], k, work, added, count)
    end = trips.destination[k]
    if work.distance[end] <= least and (own.first[k] == own.first[k + 1] or lost > trips.worth[k]):
        count = _walk(star, end, trips.origin[k], k, work, added, count)
    return count


@njit(cache=True)
def _walk(star: ForwardStar, node: int, origin: int, k: int, work: _Work, added: Added, count: int) -> int:
    """Add what the cheapest way to a node has that the subnetwork has not; return how many are added in all."""
    while node != origin and work.state[node] != _WALKED:
        work.state[node] = _WALKED
        a = work.last[node]
        if work.own[a] == 0:
            added.trip[count], added.arc[count], added.head[count] = k, a, work.distance[node]
            count += 1
        node = star.tail[a]
    return count


@njit(cache=True)
def _with_room(added: Added, size: int) -> Added:
    """Return the arcs to add, with room for so many."""
    if size <= added.arc.size:
        return added
    longer = Added(np.empty(2 * size, np.int64), np.empty(2 * size, np.int64), np.empty(2 * size))
    longer.trip[: added.trip.size], longer.arc[: added.arc.size] = added.trip, added.arc
    longer.head[: added.head.size] = added.head
    return longer
