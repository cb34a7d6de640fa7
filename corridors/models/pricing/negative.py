"""Shortest paths where arcs may have negative costs, by Bellman and Ford's method, or a cycle of negative cost."""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray, IntArray, UsageArray

_NONE = -9999  # the previous node of an origin, and of what cannot be reached; as scipy has it


def bellman_ford(graph: UsageArray, origins: IntArray) -> tuple[FloatArray, IntArray] | list[tuple[int, int]]:
    """Find the distances from origins to all nodes (Bellman 1958).

    Parameters
    ----------
    graph
        Costs from tails to heads, (N, N).
    origins
        The O nodes to start from.

    Returns
    -------
    tuple or list
        Distances and previous nodes, (O, N); or the steps of a cycle of negative cost, each from tail to head.
    """
    nodes = graph.shape[0]
    tail = np.repeat(np.arange(nodes), np.diff(graph.indptr))
    head, cost = graph.indices, graph.data
    distance = np.full((origins.size, nodes), np.inf)
    previous = np.full((origins.size, nodes), _NONE, dtype=np.int64)
    for i, origin in enumerate(origins.tolist()):
        distance[i, origin] = 0
        for _ in range(nodes + 1):
            through = distance[i, tail] + cost
            lower = np.flatnonzero(through < distance[i, head])  # by rounding, too: a proof makes no allowance
            if not lower.size:
                break
            order = lower[np.lexsort((through[lower], head[lower]))]
            order = order[np.unique(head[order], return_index=True)[1]]
            distance[i, head[order]] = through[order]
            previous[i, head[order]] = tail[order]
            cycle = _cycle(previous[i])
            if cycle:
                return cycle
    return distance, previous


def _cycle(previous: IntArray) -> list[tuple[int, int]]:
    """Return a cycle among previous nodes, as steps from tail to head; empty if there is none."""
    there = previous
    for _ in range(int(previous.size).bit_length()):  # each round goes twice as far back: only cycles never end
        there = np.where(there >= 0, there[np.maximum(there, 0)], there)
    on = np.flatnonzero(there >= 0)
    if not on.size:
        return []
    start = int(there[on[0]])
    steps = [(int(previous[start]), start)]
    while steps[-1][0] != start:
        node = steps[-1][0]
        steps.append((int(previous[node]), node))
    return steps[::-1]
