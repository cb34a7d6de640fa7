"""Least costs of paths in a road network, by somebody else's code: what Algorithm B is judged by.

Nodes that may not be passed through are split: links lead into one half and out of another, and nothing joins them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.assignment.problem import AssignmentProblem

_CELLS = 2**23  # of a table of distances at a time: 64 MiB


def demand_distances(problem: AssignmentProblem, cost: FloatArray) -> FloatArray:
    """Return the cost of the cheapest path of each demand at some costs of links, (D,); ``inf`` where there is none.

    0 for a demand from a node to itself. What its class pays on links is added to their costs.
    Dijkstra's method (1959) as scipy has it, a tree for each class and origin.
    """
    found = np.zeros(problem.amount.size)
    apart = problem.origin != problem.destination
    for class_ in range(problem.class_count):
        own = cost if problem.class_fixed is None else cost + problem.class_fixed[class_]
        _fill(found, problem, own, np.flatnonzero(apart & (problem.class_of == class_)))
    return found


def _fill(found: FloatArray, problem: AssignmentProblem, cost: FloatArray, moving: IntArray) -> None:
    """Fill in what the cheapest path of some demands costs, at the costs of links as these pay them."""
    graph, split = _graph(problem, cost)
    origins, row = np.unique(problem.origin[moving], return_inverse=True)
    for begin, end in _chunks(origins.size, graph.shape[0]):
        source = origins[begin:end] + np.where(split[origins[begin:end]], problem.node_count, 0)
        distance = csgraph.dijkstra(graph, indices=source)
        here = (row >= begin) & (row < end)
        found[moving[here]] = distance[row[here] - begin, problem.destination[moving[here]]]


def unreachable(problem: AssignmentProblem) -> IntArray:
    """Return the demands with trips for which there is no path at all, rising."""
    some = demand_distances(problem, np.ones(problem.tail.size))
    return np.flatnonzero(problem.moving & np.isinf(some))


def _graph(problem: AssignmentProblem, cost: FloatArray) -> tuple[sparse.csr_array, np.ndarray]:
    """Return the cheapest link from each node to each other, (2 N, 2 N), and which nodes are split, (N,)."""
    nodes, split = problem.node_count, ~problem.passable
    tail = problem.tail + np.where(split[problem.tail], nodes, 0)
    order = np.lexsort((cost, problem.head, tail))
    tail, head, cost = tail[order], problem.head[order], cost[order]
    first = np.ones(order.size, dtype=np.bool_)
    first[1:] = (np.diff(tail) != 0) | (np.diff(head) != 0)
    start = np.searchsorted(tail[first], np.arange(2 * nodes + 1))
    return sparse.csr_array((cost[first], head[first], start), shape=(2 * nodes, 2 * nodes)), split


def _chunks(count: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield beginnings and ends of so many rows whose table is not too large."""
    step = max(1, _CELLS // max(1, width))
    for begin in range(0, count, step):
        yield begin, min(begin + step, count)
