"""What a subnetwork is to its flow: junctions, and segments between them; and flows on routes out of it. Compiled.

Along a chain of arcs whose inner nodes have no other arc the flow is the same, so a chain is one *segment* with the
costs of its arcs added up, and with the weights of their perturbations.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from corridors.models.arrays import IntArray
from corridors.models.choice.perturbed.segments import Chains, Graph


class _Nodes(NamedTuple):
    """Of each node how many arcs go in and out, one that goes out, and its number as a junction, -1 if it is none."""

    into: IntArray
    out: IntArray
    leads: IntArray
    number: IntArray


class _Demand(NamedTuple):
    """One demand: its origin and destination, and its arcs as those from one number to another."""

    origin: int
    end: int
    low: int
    high: int


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
    trips, n = ends.shape[1], graph.nodes
    nodes = _Nodes(np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64), np.full(n, -1))
    done, most = np.zeros(arc.size, np.bool_), arc.size + trips
    tail, head, start = np.empty(most, np.int64), np.empty(most, np.int64), np.zeros(most + 1, np.int64)
    chains = Chains(np.zeros(trips + 1, np.int64), np.zeros(trips + 1, np.int64), tail, head, start, np.empty_like(arc))
    segments = 0
    for k in range(trips):
        demand = _Demand(ends[0, k], ends[1, k], first[k], first[k + 1])
        for v in range(demand.low, demand.high):
            nodes.out[graph.tail[arc[v]]] += 1
            nodes.into[graph.head[arc[v]]] += 1
            nodes.leads[graph.tail[arc[v]]] = v
        nodes.number[demand.origin], junctions = 0, 1
        tail[segments], head[segments], start[segments + 1] = 0, -1, start[segments]
        segments += 1
        for rings in range(2):  # then cycles that touch nothing else, which begin anywhere
            for v in range(demand.low, demand.high):
                if not done[v] and (rings == 1 or _is_junction(graph.tail[arc[v]], demand, nodes)):
                    junctions = _follow(graph, arc, v, demand, nodes, done, chains, segments, junctions)
                    segments += 1
        for v in range(demand.low, demand.high):
            for node in (graph.tail[arc[v]], graph.head[arc[v]]):
                nodes.into[node], nodes.out[node], nodes.number[node] = 0, 0, -1
        nodes.number[demand.origin] = -1
        chains.first[k + 1], chains.first_junction[k + 1] = segments, chains.first_junction[k] + junctions
    return Chains(
        chains.first,
        chains.first_junction,
        tail[:segments].copy(),
        head[:segments].copy(),
        start[: segments + 1].copy(),
        chains.arc,
    )


@njit(cache=True)
def _is_junction(node: int, demand: _Demand, nodes: _Nodes) -> bool:
    return node == demand.origin or node == demand.end or nodes.into[node] != 1 or nodes.out[node] != 1


@njit(cache=True)
def _follow(
    graph: Graph,
    arc: IntArray,
    v: int,
    demand: _Demand,
    nodes: _Nodes,
    done: NDArray[np.bool_],
    chains: Chains,
    segment: int,
    junctions: int,
) -> int:
    """Make a segment of the chain that begins with an arc; return how many junctions there are now."""
    from_, length = graph.tail[arc[v]], chains.start[segment]
    node = from_
    while True:
        chains.arc[length], done[v] = v, True
        length += 1
        node = graph.head[arc[v]]
        if node == from_ or _is_junction(node, demand, nodes):
            break
        v = nodes.leads[node]
    for end in (from_, node):
        if end != demand.end and nodes.number[end] < 0:
            nodes.number[end] = junctions
            junctions += 1
    chains.tail[segment] = -1 if from_ == demand.end else nodes.number[from_]
    chains.head[segment] = -1 if node == demand.end else nodes.number[node]
    chains.start[segment + 1] = length
    return junctions
