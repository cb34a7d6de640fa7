"""The innermost loops of shortest paths, compiled by numba: for problems that take longer than loading them does.

Importing this module takes most of a second, and the first call of each function on a machine several more, after
which what was compiled is kept on disk. So nothing here is imported unless `corridors.models.columns` takes a
problem for large. Arrays have the dtypes of `corridors.models.arrays`, but for small numbers of one byte.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.pricing.base import ROUNDING

_STEPS = 1024  # room for so many steps of paths at first
_LESS = 1 - 1e-13  # what rounding may take off a bound
_TARGET, _SETTLED = 1, 2  # states of a node in a search, added up: it is to be reached; its distance is final


class ForwardStar(NamedTuple):
    """Arcs by their tails: where those of each node begin, (N + 1,), and of each head and tail, (A,)."""

    start: IntArray
    head: IntArray
    tail: IntArray


class CheaperArcs(NamedTuple):
    """Arcs that became cheaper: where those of each class begin, (C + 1,), tail, head and cost of each; and N."""

    start: IntArray
    tail: IntArray
    head: IntArray
    cost: FloatArray
    nodes: int


class Sources(NamedTuple):
    """Of each tree its class and origin, (T,), and where its targets begin, (T + 1,)."""

    class_: IntArray
    origin: IntArray
    first: IntArray


class Targets(NamedTuple):
    """Of each demand, by trees, (K,): its destination, what a path may cost to matter, below what it is wanted."""

    node: IntArray
    limit: FloatArray
    wanted: FloatArray


class SearchTrees(NamedTuple):
    """Some trees: where the nodes of each begin and how many there are, (T,); the nodes and their distances.

    And of each tree a lower bound on the cost of a path through any other node, (T,), as far as a heuristic knows it.
    """

    begin: IntArray
    size: IntArray
    node: IntArray
    distance: FloatArray
    radius: FloatArray


class Heuristic(NamedTuple):
    """Lower bounds on the distance to targets, for A* (Hart, Nilsson & Raphael 1968).

    Of each target its tree, (K,), negative for all targets of a search that has none; and the trees, grown backwards.
    """

    tree: IntArray
    backward: SearchTrees


class Searches(NamedTuple):
    """All trees of a problem: their sources, their targets by trees, and lower bounds on the distance to those."""

    sources: Sources
    targets: Targets
    heuristic: Heuristic


class Steps(NamedTuple):
    """Steps of paths, last first: the target that each leads to, and its arc."""

    target: IntArray
    arc: IntArray


class _Graph(NamedTuple):
    """All arcs, and what one class pays on them, (A,), at least 0 or ``inf``."""

    star: ForwardStar
    cost: FloatArray


class _ToGo(NamedTuple):
    """Lower bounds on the distance to the nearest target: of nodes, (N,), ``inf`` where unknown, and of all others."""

    node: FloatArray
    others: float


class _Room(NamedTuple):
    """Room for the nodes of trees and their distances."""

    node: IntArray
    distance: FloatArray


class Heap(NamedTuple):
    """Nodes to be settled, by their keys, as a binary heap."""

    key: FloatArray
    node: IntArray


class Workspace(NamedTuple):
    """What a search works on, clean between searches: distance, state, last arc and bound to go of each node, (N,).

    And the nodes that were touched, in order, and the heap.
    """

    distance: FloatArray
    state: NDArray[np.int8]
    last_arc: IntArray
    to_go: FloatArray
    touched: IntArray
    heap: Heap


@njit(cache=True)
def search(
    star: ForwardStar, cost: FloatArray, searches: Searches, trees: IntArray, reach: FloatArray
) -> tuple[Steps, SearchTrees]:
    """Grow some trees (Dijkstra 1959), each no further than its targets need, and towards them where that is known.

    Parameters
    ----------
    star, cost
        The arcs, and what each class pays on them, (C, A), at least 0 or ``inf``.
    searches, trees
        All trees, and which of them to grow.
    reach
        Is set to a lower bound on the distance of each target, (K,), exact where that is at most its limit.

    Returns
    -------
    tuple
        The paths wanted, whose arcs are numbered in the order given, and the trees.
    """
    sources, targets, heuristic = searches.sources, searches.targets, searches.heuristic
    nodes = star.start.size - 1
    work = _workspace(nodes, star.head.size)
    path, arc, steps = np.empty(_STEPS, dtype=np.int64), np.empty(_STEPS, dtype=np.int64), 0
    room, kept = _Room(np.empty(nodes, dtype=np.int64), np.empty(nodes)), 0
    begin, size, radius = np.empty(trees.size, np.int64), np.empty(trees.size, np.int64), np.empty(trees.size)
    for i in range(trees.size):
        origin, low, high = sources.origin[trees[i]], sources.first[trees[i]], sources.first[trees[i] + 1]
        own = Targets(targets.node[low:high], targets.limit[low:high], targets.wanted[low:high])
        room = _at_least(room, kept + nodes)
        free = _Room(room.node[kept:], room.distance[kept:])
        graph, to_go = _Graph(star, cost[sources.class_[trees[i]]]), _look_ahead(heuristic, low, high, work.to_go)
        size[i], touched, radius[i] = _grow(graph, origin, own, to_go, work, free)
        _forget(heuristic, low, high, work.to_go)
        begin[i] = kept
        kept += size[i]
        for k in range(low, high):
            node = targets.node[k]
            settled = work.state[node] >= _SETTLED
            reach[k] = work.distance[node] if settled else radius[i]
            if not settled or not reach[k] < targets.wanted[k]:
                continue
            while node != origin:
                if steps == arc.size:
                    path, arc = np.append(path, np.empty_like(path)), np.append(arc, np.empty_like(arc))
                path[steps], arc[steps] = k, work.last_arc[node]
                steps += 1
                node = star.tail[work.last_arc[node]]
        _clean(work, touched, own.node)
    found = SearchTrees(begin, size, room.node[:kept].copy(), room.distance[:kept].copy(), radius)
    return Steps(path[:steps], arc[:steps]), found


@njit(cache=True)
def _workspace(nodes: int, arcs: int) -> Workspace:
    last_arc, touched = np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64)
    heap = Heap(np.empty(arcs + 1), np.empty(arcs + 1, dtype=np.int64))
    state = np.zeros(nodes, dtype=np.int8)
    return Workspace(np.full(nodes, np.inf), state, last_arc, np.full(nodes, np.inf), touched, heap)


@njit(cache=True)
def _clean(work: Workspace, touched: int, targets: IntArray) -> None:
    """Make the workspace as it was before a search that touched so many nodes."""
    for j in range(touched):
        work.distance[work.touched[j]] = np.inf
        work.state[work.touched[j]] = 0
    for node in targets:
        work.state[node] = 0


@njit(cache=True)
def _at_least(room: _Room, size: int) -> _Room:
    """Return room for at least so many nodes, with what is in it."""
    node, distance = room.node, room.distance
    while node.size < size:
        node, distance = np.append(node, np.empty_like(node)), np.append(distance, np.empty_like(distance))
    return _Room(node, distance)


@njit(cache=True)
def _grow(
    graph: _Graph, source: int, targets: Targets, to_go: _ToGo, work: Workspace, room: _Room
) -> tuple[int, int, float]:
    """Grow one tree, up to as many nodes as there is room for.

    Returns how many nodes it has, how many were touched, and a lower bound on the cost of a path through any other.
    """
    star, heap, left = graph.star, work.heap, 0
    for k in range(targets.node.size):
        left += work.state[targets.node[k]] == 0
        work.state[targets.node[k]] = _TARGET
    limit = _furthest(targets, work.state)
    work.distance[source], work.touched[0], touched, kept = 0.0, source, 1, 0
    size = push(heap, 0, min(to_go.others, to_go.node[source]), source)
    beyond = np.inf
    while size:
        here, at = heap.key[0], heap.node[0]
        size = pop(heap, size)
        if work.state[at] >= _SETTLED:
            continue
        if here > limit or kept == room.node.size:
            return kept, touched, here * _LESS
        room.node[kept], room.distance[kept] = at, work.distance[at]
        kept += 1
        work.state[at] += _SETTLED
        if work.state[at] == _TARGET + _SETTLED:
            left -= 1
            if left == 0:
                return kept, touched, min(here, beyond) * _LESS
            limit = _furthest(targets, work.state)
        for e in range(star.start[at], star.start[at + 1]):
            to = star.head[e]
            there = work.distance[at] + graph.cost[e]
            if not there < work.distance[to] or work.state[to] >= _SETTLED:
                continue
            if work.distance[to] == np.inf:
                work.touched[touched] = to
                touched += 1
            work.distance[to], work.last_arc[to] = there, e
            through = there + min(to_go.others, to_go.node[to])
            if through > limit:
                beyond = min(beyond, through)
            elif through < np.inf:
                size = push(heap, size, through, to)
    return kept, touched, beyond * _LESS


@njit(cache=True)
def _furthest(targets: Targets, state: NDArray[np.int8]) -> float:
    """Return the highest limit of the targets that are not settled yet."""
    limit = -np.inf
    for k in range(targets.node.size):
        if state[targets.node[k]] < _SETTLED:
            limit = max(limit, targets.limit[k])
    return limit


@njit(cache=True)
def _look_ahead(heuristic: Heuristic, low: int, high: int, to_go: FloatArray) -> _ToGo:
    """Note lower bounds on the distance from nodes to the nearest of some targets, (N,)."""
    if heuristic.tree[low] < 0:
        return _ToGo(to_go, 0.0)
    others, trees = np.inf, heuristic.backward
    for k in range(low, high):
        tree = heuristic.tree[k]
        others = min(others, trees.radius[tree])
        for j in range(trees.begin[tree], trees.begin[tree] + trees.size[tree]):
            to_go[trees.node[j]] = min(to_go[trees.node[j]], trees.distance[j])
    return _ToGo(to_go, others)


@njit(cache=True)
def _forget(heuristic: Heuristic, low: int, high: int, to_go: FloatArray) -> None:
    """Forget what `_look_ahead` noted."""
    if heuristic.tree[low] < 0:
        return
    trees = heuristic.backward
    for k in range(low, high):
        tree = heuristic.tree[k]
        for j in range(trees.begin[tree], trees.begin[tree] + trees.size[tree]):
            to_go[trees.node[j]] = np.inf


@njit(cache=True)
def push(heap: Heap, size: int, key: float, node: int) -> int:
    """Put a node on a heap of some size, and return the new size."""
    hole = size
    while hole > 0:
        parent = (hole - 1) // 2
        if heap.key[parent] <= key:
            break
        heap.key[hole], heap.node[hole] = heap.key[parent], heap.node[parent]
        hole = parent
    heap.key[hole], heap.node[hole] = key, node
    return size + 1


@njit(cache=True)
def pop(heap: Heap, size: int) -> int:
    """Take the first node off a heap of some size, and return the new size."""
    size -= 1
    hole, key, node = 0, heap.key[size], heap.node[size]
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and heap.key[child + 1] < heap.key[child]:
            child += 1
        if heap.key[child] >= key:
            break
        heap.key[hole], heap.node[hole] = heap.key[child], heap.node[child]
        hole = child
    heap.key[hole], heap.node[hole] = key, node
    return size


@njit(cache=True)
def mark_stale(
    cheaper: CheaperArcs, sources: Sources, trees: SearchTrees, heuristic: Heuristic, stale: IntArray
) -> None:
    """Mark the trees with a potential that an arc which became cheaper can lower (Bellman 1958).

    Parameters
    ----------
    cheaper
        No arc among them is cheaper than when the heuristic was made.
    sources, trees, heuristic
        All trees, with the nodes of each.
    stale
        Of each tree whether it is marked, 0 or 1, (T,). Those that are marked already are passed over.
    """
    potential, ahead = np.full(cheaper.nodes, np.inf), np.full(cheaper.nodes, np.inf)
    for i in range(trees.size.size):
        low, high = cheaper.start[sources.class_[i]], cheaper.start[sources.class_[i] + 1]
        if stale[i] or low == high:
            continue
        to_go = _look_ahead(heuristic, sources.first[i], sources.first[i + 1], ahead)
        for j in range(trees.begin[i], trees.begin[i] + trees.size[i]):
            potential[trees.node[j]] = trees.distance[j]
        for e in range(low, high):
            if potential[cheaper.tail[e]] == np.inf:
                continue
            there = potential[cheaper.head[e]]
            if there == np.inf:
                there = trees.radius[i] - min(to_go.others, to_go.node[cheaper.head[e]])
            if potential[cheaper.tail[e]] + cheaper.cost[e] < there * (1 - ROUNDING):
                stale[i] = 1
                break
        for j in range(trees.begin[i], trees.begin[i] + trees.size[i]):
            potential[trees.node[j]] = np.inf
        _forget(heuristic, sources.first[i], sources.first[i + 1], ahead)


@njit(cache=True)
def grow_around(star: ForwardStar, cost: FloatArray, sources: Sources, wanted: IntArray, most: IntArray) -> SearchTrees:
    """Grow trees as far as some nodes wanted, or up to so many nodes.

    Parameters
    ----------
    star, cost
        As in `search`.
    sources, wanted
        Of each tree, (T,), and the nodes wanted, by trees.
    most
        How many nodes a tree may have, (T,), 1 at least.
    """
    nodes = star.start.size - 1
    work = _workspace(nodes, star.head.size)
    room, kept, to_go = _Room(np.empty(nodes, dtype=np.int64), np.empty(nodes)), 0, _ToGo(work.to_go, 0.0)
    begin, size, radius = np.empty(most.size, np.int64), np.empty(most.size, np.int64), np.empty(most.size)
    for i in range(most.size):
        room = _at_least(room, kept + nodes)
        free = _Room(room.node[kept : kept + most[i]], room.distance[kept : kept + most[i]])
        ends = wanted[sources.first[i] : sources.first[i + 1]]
        targets = Targets(ends, np.full(ends.size, np.inf), np.full(ends.size, np.inf))
        graph = _Graph(star, cost[sources.class_[i]])
        size[i], touched, radius[i] = _grow(graph, sources.origin[i], targets, to_go, work, free)
        begin[i] = kept
        kept += size[i]
        _clean(work, touched, ends)
    return SearchTrees(begin, size, room.node[:kept].copy(), room.distance[:kept].copy(), radius)
