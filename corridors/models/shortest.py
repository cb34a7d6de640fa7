"""Shortest paths for one class of freight at given arc costs.

The search is Dijkstra's (1959) in `scipy.sparse.csgraph`; where an arc has a negative cost (of a resource that the arc
gives back), Johnson's (1977). A graph library knows pairs of nodes, not arcs, so the cheapest of parallel arcs is
chosen first and remembered. Arcs of zero cost stay arcs. Arcs of infinite cost, and those that the class may not use,
are left out. A node that cannot be reached is infinitely far.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from corridors.errors import ProblemError, SolverError
from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.problem import FlowProblem


def distances(problem: FlowProblem, class_: int, arc_cost: FloatArray, origins: IntArray) -> FloatArray:
    """Return the cost of the cheapest path of a class from each origin to every node.

    Parameters
    ----------
    problem
        Whose arcs may be used.
    class_
        The class that travels: arcs where its cost is infinite are closed to it.
    arc_cost
        Cost of each arc, (A,); ``inf`` closes it.
    origins
        The O nodes to start from.

    Returns
    -------
    array
        (O, N), with ``inf`` where there is no path.

    Raises
    ------
    ProblemError
        If a cost is not a number.
    SolverError
        If a cycle has a negative cost, so that no path is cheapest.
    """
    if not len(origins):
        return np.empty((0, problem.node_count))
    return _search(_Simple(problem, class_, arc_cost), origins)[0]


def trees(problem: FlowProblem, class_: int, arc_cost: FloatArray, origins: IntArray) -> tuple[FloatArray, IntArray]:
    """Return the cheapest paths of a class from each origin to every node, as trees.

    Parameters and errors are those of `distances`.

    Returns
    -------
    tuple
        The distances, (O, N), and the last arc of the path to each node, (O, N): -1 at the origin itself and
        where there is no path. `path_to` strings the arcs together.
    """
    if not len(origins):
        return np.empty((0, problem.node_count)), np.empty((0, problem.node_count), dtype=np.int64)
    simple = _Simple(problem, class_, arc_cost)
    distance, previous = _search(simple, origins)
    return distance, simple.arcs_into(previous)


def path_to(problem: FlowProblem, last_arc: IntArray, origin: int, destination: int) -> IntArray:
    """Return the arcs from an origin to a destination, in order, by the origin's row of `trees`.

    The path from a node to itself is empty.

    Raises
    ------
    ProblemError
        If the destination cannot be reached.
    """
    arcs: list[int] = []
    node = destination
    while node != origin:
        arc = int(last_arc[node])
        if arc < 0 or len(arcs) > problem.node_count:
            raise ProblemError(f"Node {destination} cannot be reached from node {origin}.")
        arcs.append(arc)
        node = int(problem.tail[arc])
    return np.array(arcs[::-1], dtype=np.int64)


def cost_to_go(problem: FlowProblem, class_: int, destinations: IntArray, fee: FloatArray | None = None) -> FloatArray:
    """Return the cost of the cheapest path of a class from every node to any of the destinations.

    Costs are the problem's own, without prices.

    Parameters
    ----------
    problem, class_
        As in `distances`.
    destinations
        The nodes where a path may end.
    fee
        What ending there costs, one for each destination, at least 0; by default nothing.

    Returns
    -------
    array
        (N,), with ``inf`` where no destination can be reached.
    """
    nodes = problem.node_count
    simple = _Simple(problem, class_, problem.cost[class_])
    least = np.full(nodes, np.inf)
    np.minimum.at(least, destinations, 0.0 if fee is None else fee)
    ends = np.flatnonzero(np.isfinite(least))
    cost = np.concatenate((simple.cost, least[ends]))
    start = np.concatenate((simple.head, np.full(ends.size, nodes)))
    end = np.concatenate((simple.tail, ends))
    order = np.argsort(start, kind="stable")
    starts = np.searchsorted(start[order], np.arange(nodes + 2))
    backward = sparse.csr_array((cost[order], end[order], starts), shape=(nodes + 1, nodes + 1))
    to_go: FloatArray = csgraph.dijkstra(backward, indices=nodes)[:nodes]
    return to_go


class _Simple:
    """The graph without parallel arcs: of each pair of nodes the cheapest open arc."""

    def __init__(self, problem: FlowProblem, class_: int, arc_cost: FloatArray) -> None:
        wrong = np.flatnonzero(np.isnan(arc_cost) | np.isneginf(arc_cost))
        if wrong.size:
            raise ProblemError(f"The cost of arc {wrong[0]} is {arc_cost[wrong[0]]}, which no path can add up.")
        nodes = problem.node_count
        open_ = np.flatnonzero(np.isfinite(problem.cost[class_]) & np.isfinite(arc_cost))
        pair = problem.tail[open_] * nodes + problem.head[open_]
        order = np.lexsort((arc_cost[open_], pair))
        self._pairs, first = np.unique(pair[order], return_index=True)
        self._arcs = open_[order[first]]
        self._nodes = nodes
        self.tail, self.head = self._pairs // nodes, self._pairs % nodes
        self.cost = arc_cost[self._arcs]

    @property
    def graph(self) -> UsageArray:
        """The costs from tails to heads, (N, N)."""
        starts = np.searchsorted(self.tail, np.arange(self._nodes + 1))
        return sparse.csr_array((self.cost, self.head, starts), shape=(self._nodes, self._nodes))

    def arcs_into(self, previous: IntArray) -> IntArray:
        """Return the arc from the previous node to each node, (O, N); -1 where there is no previous node."""
        arcs = np.full(previous.shape, -1, dtype=np.int64)
        row, node = np.nonzero(previous >= 0)
        arcs[row, node] = self._arcs[np.searchsorted(self._pairs, previous[row, node] * self._nodes + node)]
        return arcs


def _search(simple: _Simple, origins: IntArray) -> tuple[FloatArray, IntArray]:
    negative = simple.cost.size > 0 and simple.cost.min() < 0
    method = csgraph.johnson if negative else csgraph.dijkstra
    try:
        distance, previous = method(simple.graph, indices=origins, return_predecessors=True)
    except csgraph.NegativeCycleError as error:
        raise SolverError(
            "At these prices going round in a circle pays, so no path is the cheapest: "
            "a negative usage of a resource must cost more than it gives."
        ) from error
    return distance, previous.astype(np.int64)
