"""What a subnetwork is to its flow: junctions, and segments between them; and flows on paths out of it. Compiled.

Along a chain of arcs whose inner nodes have no other arc the flow is the same, so a chain is one *segment* with the
costs of its arcs added up. A segment costs what an arc would: the perturbation of a chain is that of one arc with the
weights added up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from corridors.models.arrays import FloatArray, IntArray


class Graph(NamedTuple):
    """Tails and heads of all arcs in the order of the star, (A,), and N."""

    tail: IntArray
    head: IntArray
    nodes: int


class Chains(NamedTuple):
    """The segments of K demands, numbered by demands.

    Where those of each demand begin, (K + 1,), and its junctions, (K + 1,), the origin first; of each segment its
    junctions, numbered within the demand, -1 for the destination, (S,); where its arcs begin, (S + 1,), and these in
    order, as numbers of the subnetworks' arcs, (V,). A segment without arcs is staying.
    """

    first: IntArray
    first_junction: IntArray
    tail: IntArray
    head: IntArray
    start: IntArray
    arc: IntArray


@njit(cache=True)
def contract(graph: Graph, ends: IntArray, first: IntArray, arc: IntArray) -> Chains:
    """Contract subnetworks.

    Parameters
    ----------
    graph
        The arcs.
    ends
        Origin and destination of each demand, (2, K).
    first, arc
        Where the arcs of each demand begin, (K + 1,), and these, (V,), in the order of the star within a demand.
    """
    trips = ends.shape[1]
    into, out, leads = np.zeros(graph.nodes, np.int64), np.zeros(graph.nodes, np.int64), np.zeros(graph.nodes, np.int64)
    number = np.full(graph.nodes, -1)
    segment_first, junction_first = np.zeros(trips + 1, np.int64), np.zeros(trips + 1, np.int64)
    most = arc.size + trips
    tail, head, start = np.empty(most, np.int64), np.empty(most, np.int64), np.zeros(most + 1, np.int64)
    chain = np.empty(arc.size, np.int64)
    segments, length = 0, 0
    for k in range(trips):
        low, high, origin, end = first[k], first[k + 1], ends[0, k], ends[1, k]
        for v in range(low, high):
            out[graph.tail[arc[v]]] += 1
            into[graph.head[arc[v]]] += 1
            leads[graph.tail[arc[v]]] = v
        number[origin], junctions = 0, 1
        tail[segments], head[segments], start[segments + 1] = 0, -1, length  # staying
        segments += 1
        for v in range(low, high):
            node = graph.tail[arc[v]]
            if node != origin and node != end and into[node] == 1 and out[node] == 1:
                continue  # inside a segment
            for side in range(2):
                if side == 1:
                    at = v
                    chain[length] = at
                    length += 1
                    node = graph.head[arc[at]]
                    while node != origin and node != end and into[node] == 1 and out[node] == 1:
                        at = leads[node]
                        chain[length] = at
                        length += 1
                        node = graph.head[arc[at]]
                if node != end and number[node] < 0:
                    number[node] = junctions
                    junctions += 1
                if side == 0:
                    tail[segments] = -1 if node == end else number[node]
                else:
                    head[segments] = -1 if node == end else number[node]
            start[segments + 1] = length
            segments += 1
        for v in range(low, high):
            for node in (graph.tail[arc[v]], graph.head[arc[v]]):
                into[node], out[node], number[node] = 0, 0, -1
        number[origin] = -1
        segment_first[k + 1], junction_first[k + 1] = segments, junction_first[k] + junctions
    return Chains(
        segment_first,
        junction_first,
        tail[:segments].copy(),
        head[:segments].copy(),
        start[: segments + 1].copy(),
        chain,
    )


class Routes(NamedTuple):
    """Routes of demands: the demand of each, its share, how many arcs it has, (P,); and all arcs in a row."""

    trip: IntArray
    share: FloatArray
    length: IntArray
    arc: IntArray


@njit(cache=True)
def routes_of(chains: Chains, share: FloatArray, dust: float) -> Routes:
    """Take shares of segments, (S,), apart into routes, the widest next segment first; cycles are left out.

    Parameters
    ----------
    chains, share
        The segments, and the part of the demand on each.
    dust
        What is left of a share of so little is nothing.
    """
    left = share.copy()
    most = share.size
    trips, shares, lengths = np.empty(most, np.int64), np.empty(most), np.empty(most, np.int64)
    arcs = np.empty(max(1024, chains.arc.size), np.int64)
    count, used = 0, 0
    for k in range(chains.first.size - 1):
        low, high = chains.first[k] + 1, chains.first[k + 1]  # without staying
        junctions = chains.first_junction[k + 1] - chains.first_junction[k]
        seen = np.full(junctions, -1)
        route = np.empty(high - low + 1, np.int64)
        while True:
            seen[:] = -1
            node, steps, stuck = 0, 0, False
            while node >= 0:
                if seen[node] >= 0:  # a cycle: taken out, and begun again
                    least = np.inf
                    for i in range(seen[node], steps):
                        least = min(least, left[route[i]])
                    for i in range(seen[node], steps):
                        left[route[i]] = max(left[route[i]] - least, 0.0) if left[route[i]] > least else 0.0
                    seen[:] = -1
                    node, steps = 0, 0
                    continue
                seen[node] = steps
                best = -1
                for s in range(low, high):
                    if chains.tail[s] == node and left[s] > dust and (best < 0 or left[s] > left[best]):
                        best = s
                if best < 0:
                    stuck = True
                    break
                route[steps] = best
                steps += 1
                node = chains.head[best]
            if stuck:
                if steps == 0:
                    break
                left[route[steps - 1]] = 0.0  # leads nowhere any more
                continue
            least = np.inf
            for i in range(steps):
                least = min(least, left[route[i]])
            size = 0
            for i in range(steps):
                left[route[i]] = left[route[i]] - least if left[route[i]] > least else 0.0
                size += chains.start[route[i] + 1] - chains.start[route[i]]
            if used + size > arcs.size:
                longer = np.empty(max(2 * arcs.size, used + size), np.int64)
                longer[:used] = arcs[:used]
                arcs = longer
            for i in range(steps):
                for e in range(chains.start[route[i]], chains.start[route[i] + 1]):
                    arcs[used] = chains.arc[e]
                    used += 1
            trips[count], shares[count], lengths[count] = k, least, size
            count += 1
    return Routes(trips[:count].copy(), shares[:count].copy(), lengths[:count].copy(), arcs[:used].copy())
