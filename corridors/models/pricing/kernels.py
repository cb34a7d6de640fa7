"""The innermost loops of shortest paths, compiled by numba: for problems that take longer than loading them does.

Importing this module takes most of a second, and the first call of each function on a machine several more, after
which what was compiled is kept on disk. So nothing here is imported unless `corridors.models.columns` takes a
problem for large. Arrays have the dtypes of `corridors.models.arrays`, but for small numbers of one byte.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corridors.models.arrays import FloatArray, IntArray

_STEPS = 1024  # room for so many steps of paths at first
_LESS = 1 - 1e-13  # what rounding may take off a bound


class Star(NamedTuple):
    """Arcs by their tails: where those of each node begin, (N + 1,), and of each head and tail, (A,)."""

    start: IntArray
    head: IntArray
    tail: IntArray


class Roots(NamedTuple):
    """Of each tree class and origin, (T,), and where its demands begin, (T + 1,)."""

    class_: IntArray
    origin: IntArray
    first: IntArray


class Ends(NamedTuple):
    """Of each demand, by trees, (K,): where it goes, what a path may cost to matter, and below what it is wanted."""

    node: IntArray
    aim: FloatArray
    wanted: FloatArray


class Guides(NamedTuple):
    """What it costs at least to the ends of demands (Hart, Nilsson & Raphael 1968).

    Of each demand the number of its guide, (K,), negative for all demands of a tree that has none. Of each guide
    where its nodes begin in the next two, (W + 1,), the nodes, and what it costs from them; and what it costs at least
    from all others, (W,).
    """

    way: IntArray
    begin: IntArray
    node: IntArray
    cost: FloatArray
    radius: FloatArray


class Grown(NamedTuple):
    """Some trees: of each where its nodes end in the next two, the nodes, and what they cost.

    And of each tree what a path through any other node costs at least, as far as its guides know.
    """

    end: IntArray
    node: IntArray
    cost: FloatArray
    radius: FloatArray


class _Desk(NamedTuple):
    """What a search works on, clean between searches; of a node 1 is to reach, 2 settled, 3 both."""

    distance: FloatArray
    ahead: FloatArray
    state: NDArray[np.int8]
    last: IntArray
    touched: IntArray
    key: FloatArray
    item: IntArray


@njit(cache=True)
def search(
    star: Star, cost: FloatArray, roots: Roots, trees: IntArray, ends: Ends, guides: Guides, reach: FloatArray
) -> tuple[IntArray, IntArray, Grown]:
    """Grow some trees (Dijkstra 1959), each no further than its demands need, and towards them where that is known.

    Parameters
    ----------
    star, cost
        The arcs, and what each class pays on them, (C, A), at least 0 or ``inf``.
    roots, trees, ends, guides
        All trees, which of them to grow, their demands, and ways known.
    reach
        Is set to a lower bound of what each demand's path costs, (K,), exact where that is at most its aim.

    Returns
    -------
    tuple
        Of the paths wanted each step, last first: which demand, and which arc in the order given; and the trees.
    """
    nodes = star.start.size - 1
    desk = _desk(nodes, star.head.size)
    step_demand, step_arc, steps = np.empty(_STEPS, dtype=np.int64), np.empty(_STEPS, dtype=np.int64), 0
    near, far, kept = np.empty(nodes, dtype=np.int64), np.empty(nodes), 0
    end, radius = np.empty(trees.size, dtype=np.int64), np.empty(trees.size)
    for i in range(trees.size):
        class_, origin = roots.class_[trees[i]], roots.origin[trees[i]]
        low, high = roots.first[trees[i]], roots.first[trees[i] + 1]
        while near.size - kept < nodes:
            near, far = np.append(near, np.empty_like(near)), np.append(far, np.empty_like(far))
        most = _look_ahead(guides, low, high, desk.ahead)
        grown, count, radius[i] = _grow(
            star, cost[class_], origin, ends.node[low:high], ends.aim[low:high], most, desk, near[kept:], far[kept:]
        )
        _look_away(guides, low, high, desk.ahead)
        kept += grown
        end[i] = kept
        for k in range(low, high):
            node = ends.node[k]
            reach[k] = desk.distance[node] if desk.state[node] >= 2 else radius[i]
            if desk.state[node] < 2 or not reach[k] < ends.wanted[k]:
                continue
            while node != origin:
                if steps == step_arc.size:
                    step_demand = np.append(step_demand, np.empty_like(step_demand))
                    step_arc = np.append(step_arc, np.empty_like(step_arc))
                step_demand[steps], step_arc[steps] = k, desk.last[node]
                steps += 1
                node = star.tail[desk.last[node]]
        _clean(desk, count, ends.node[low:high])
    return step_demand[:steps], step_arc[:steps], Grown(end, near[:kept].copy(), far[:kept].copy(), radius)


@njit(cache=True)
def _desk(nodes: int, arcs: int) -> _Desk:
    return _Desk(
        np.full(nodes, np.inf), np.full(nodes, np.inf), np.zeros(nodes, dtype=np.int8),
        np.empty(nodes, dtype=np.int64), np.empty(nodes, dtype=np.int64),
        np.empty(arcs + 1), np.empty(arcs + 1, dtype=np.int64),
    )  # fmt: skip


@njit(cache=True)
def _clean(desk: _Desk, count: int, ends: IntArray) -> None:
    for j in range(count):
        desk.distance[desk.touched[j]] = np.inf
        desk.state[desk.touched[j]] = 0
    for node in ends:
        desk.state[node] = 0


@njit(cache=True)
def _grow(
    star: Star, own: FloatArray, source: int, ends: IntArray, aim: FloatArray, most: float, desk: _Desk,
    near: IntArray, far: FloatArray,
) -> tuple[int, int, float]:  # fmt: skip
    """Grow one tree, up to as many nodes as there is room for.

    Gives how many nodes it has, how many were touched, and what all others cost at least with the way that is left.
    """
    limit, left = -np.inf, 0
    for k in range(ends.size):
        limit = max(limit, aim[k])
        left += desk.state[ends[k]] == 0
        desk.state[ends[k]] = 1
    desk.distance[source], desk.touched[0], count, kept = 0.0, source, 1, 0
    size = _push(desk.key, desk.item, 0, min(most, desk.ahead[source]), source)
    beyond = np.inf
    while size:
        here, at = desk.key[0], desk.item[0]
        size = _pop(desk.key, desk.item, size)
        if desk.state[at] >= 2:
            continue
        if here > limit or kept == near.size:
            return kept, count, here * _LESS
        near[kept], far[kept] = at, desk.distance[at]
        kept += 1
        desk.state[at] += 2
        if desk.state[at] == 3:
            left -= 1
            if left == 0:
                return kept, count, min(here, beyond) * _LESS
            limit = -np.inf
            for k in range(ends.size):
                if desk.state[ends[k]] < 2:
                    limit = max(limit, aim[k])
        for e in range(star.start[at], star.start[at + 1]):
            to = star.head[e]
            there = desk.distance[at] + own[e]
            if not there < desk.distance[to] or desk.state[to] >= 2:
                continue
            if desk.distance[to] == np.inf:
                desk.touched[count] = to
                count += 1
            desk.distance[to], desk.last[to] = there, e
            through = there + min(most, desk.ahead[to])
            if through > limit:
                beyond = min(beyond, through)
            elif through < np.inf:
                size = _push(desk.key, desk.item, size, through, to)
    return kept, count, beyond * _LESS


@njit(cache=True)
def _look_ahead(guides: Guides, low: int, high: int, ahead: FloatArray) -> float:
    """Note what it costs at least from nodes to the nearest of some ends; gives what it costs from all others."""
    if guides.way[low] < 0:
        return 0.0
    most = np.inf
    for k in range(low, high):
        way = guides.way[k]
        most = min(most, guides.radius[way])
        for j in range(guides.begin[way], guides.begin[way + 1]):
            ahead[guides.node[j]] = min(ahead[guides.node[j]], guides.cost[j])
    return most


@njit(cache=True)
def _look_away(guides: Guides, low: int, high: int, ahead: FloatArray) -> None:
    """Forget it."""
    if guides.way[low] < 0:
        return
    for k in range(low, high):
        for j in range(guides.begin[guides.way[k]], guides.begin[guides.way[k] + 1]):
            ahead[guides.node[j]] = np.inf


@njit(cache=True)
def _push(key: FloatArray, item: IntArray, size: int, new: float, what: int) -> int:
    """Put something on a heap; gives its size."""
    hole = size
    while hole > 0:
        parent = (hole - 1) // 2
        if key[parent] <= new:
            break
        key[hole], item[hole] = key[parent], item[parent]
        hole = parent
    key[hole], item[hole] = new, what
    return size + 1


@njit(cache=True)
def _pop(key: FloatArray, item: IntArray, size: int) -> int:
    """Take the first off a heap; gives its size."""
    size -= 1
    hole, new, what = 0, key[size], item[size]
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and key[child + 1] < key[child]:
            child += 1
        if key[child] >= new:
            break
        key[hole], item[hole] = key[child], item[child]
        hole = child
    key[hole], item[hole] = new, what
    return size


@njit(cache=True)
def lowered(
    begin: IntArray, arcs: Star, cost: FloatArray, roots: Roots, place: IntArray, length: IntArray, grown: Grown,
    guides: Guides, rounding: float, stale: IntArray,
) -> None:  # fmt: skip
    """Mark the trees that an arc can lower (Bellman 1958).

    Parameters
    ----------
    begin, arcs, cost
        Where those of each class, (C + 1,), begin among the arcs that became cheaper; none is cheaper than when the
        guides were made. Of the arcs only heads and tails matter.
    roots, place, length, grown
        All trees, where the nodes of each begin, and how many there are, (T,).
    guides
        As in `search`.
    rounding
        Relative: less than this much lower is not lower.
    stale
        Of each tree whether it is marked, 0 or 1, (T,).
    """
    nodes = arcs.start.size - 1
    potential, ahead = np.full(nodes, np.inf), np.full(nodes, np.inf)
    for i in range(length.size):
        low, high = begin[roots.class_[i]], begin[roots.class_[i] + 1]
        if stale[i] or low == high:
            continue
        most = _look_ahead(guides, roots.first[i], roots.first[i + 1], ahead)
        for j in range(place[i], place[i] + length[i]):
            potential[grown.node[j]] = grown.cost[j]
        for e in range(low, high):
            if potential[arcs.tail[e]] == np.inf:
                continue
            there = potential[arcs.head[e]]
            if there == np.inf:
                there = grown.radius[i] - min(most, ahead[arcs.head[e]])
            if potential[arcs.tail[e]] + cost[e] < there * (1 - rounding):
                stale[i] = 1
                break
        for j in range(place[i], place[i] + length[i]):
            potential[grown.node[j]] = np.inf
        _look_away(guides, roots.first[i], roots.first[i + 1], ahead)


@njit(cache=True)
def around(
    star: Star, cost: FloatArray, class_: IntArray, source: IntArray, first: IntArray, wanted: IntArray, most: IntArray
) -> Any:
    """Find what is around some sources, as far as the nodes wanted.

    Parameters
    ----------
    star, cost
        As in `search`.
    class_, source
        Of each search, (W,).
    first, wanted
        The first of each search's nodes, (W + 1,), and the nodes.
    most
        How many nodes to look at, (W,), 1 at least.

    Returns
    -------
    tuple
        As in `Guides`, without the first.
    """
    nodes = star.start.size - 1
    desk = _desk(nodes, star.head.size)
    near, far, kept = np.empty(nodes, dtype=np.int64), np.empty(nodes), 0
    begin, radius = np.zeros(source.size + 1, dtype=np.int64), np.empty(source.size)
    for i in range(source.size):
        while near.size - kept < nodes:
            near, far = np.append(near, np.empty_like(near)), np.append(far, np.empty_like(far))
        to = wanted[first[i] : first[i + 1]]
        grown, count, radius[i] = _grow(
            star, cost[class_[i]], source[i], to, np.full(to.size, np.inf), 0.0, desk,
            near[kept : kept + most[i]], far[kept : kept + most[i]],
        )  # fmt: skip
        kept += grown
        begin[i + 1] = kept
        _clean(desk, count, to)
    return begin, near[:kept].copy(), far[:kept].copy(), radius
