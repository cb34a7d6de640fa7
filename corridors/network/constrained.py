r"""The best way under rules: a shortest path in layers that remember what was met.

A rule says which modes may be used, which of them must be, which places must be passed (one of them) and which
countries may not be. What may not be removes arcs. What must be is a resource-constrained shortest path with tiny state
(Irnich & Desaulniers 2005): the network has a layer :math:`m` for each set of conditions met, and an arc :math:`a` from
:math:`v` to :math:`w` leads

.. math::

   (v, m) \to (w, m \cup m_a)

where :math:`m_a` is what the arc meets. Of ways that cost the same, the one is taken that Dijkstra's algorithm (1959)
meets first if it takes states by cost, then by vertex, then by layer, and the arcs of each in their order.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse

from corridors.errors import NameUnknown
from corridors.models.problem import FlowProblem
from corridors.models.shortest import distances
from corridors.network.network import DESTINATION, ORIGIN, Vertex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.costs import Costs
    from corridors.network.network import Network

MODE_USED, PLACE_PASSED = 1, 2  # conditions, as bits of a layer


@dataclass(frozen=True)
class Rule:
    """What a route may and must do; empty sets ask for nothing."""

    modes: frozenset[str] = frozenset()
    via_modes: frozenset[str] = frozenset()
    via_nodes: frozenset[str] = frozenset()
    avoid: frozenset[str] = frozenset()

    @classmethod
    def parsed(cls, modes: str = "", via_modes: str = "", via_nodes: str = "", avoid: str = "") -> Self:
        """Return the rule of cells as tables have them, with names separated by ;."""
        return cls(*(frozenset(filter(None, cell.split(";"))) for cell in (modes, via_modes, via_nodes, avoid)))


class ConstrainedSearch:
    """Finds the best way between two vertices under a rule, for any costs of the arcs.

    The layers are made once, for all costs and for all variants of the network (`corridors.network.revaluation`).

    Parameters
    ----------
    network
        With A arcs.
    allowed
        Which arcs the freight may use, (A,).
    rule
        What the way may and must do.
    start, end
        Numbers of vertices.
    """

    def __init__(self, network: Network, allowed: NDArray[np.bool_], rule: Rule, start: int, end: int) -> None:
        arcs = network.arcs
        usable = allowed & ~arcs.countries.meeting(rule.avoid)
        if rule.modes:
            usable &= _among(arcs.mode, rule.modes)
        usable_arcs = np.flatnonzero(usable)
        met = np.where(arcs.is_move & _among(arcs.mode, rule.via_modes), MODE_USED, 0)
        met |= np.where(_among(network.places, rule.via_nodes)[arcs.head], PLACE_PASSED, 0)
        goal = (MODE_USED if rule.via_modes else 0) | (PLACE_PASSED if rule.via_nodes else 0)
        layers = [layer for layer in range(goal + 1) if layer & ~goal == 0]
        self._vertices = len(network.vertices)
        self._arcs = np.tile(usable_arcs, len(layers))
        layer = np.repeat(np.array(layers), usable_arcs.size)
        self._graph = _graph(
            (goal + 1) * self._vertices,
            arcs.tail[self._arcs] + layer * self._vertices,
            arcs.head[self._arcs] + (layer | met[self._arcs]) * self._vertices,
        )
        self._start, self._end = start, end + goal * self._vertices
        self._by_head = np.argsort(self._graph.head, kind="stable")
        self._into = np.searchsorted(self._graph.head[self._by_head], np.arange(self._graph.node_count + 1))

    def best(self, weight: NDArray[np.float64]) -> tuple[int, ...] | None:
        """Return the arcs of the cheapest way in order, or None if there is none.

        Parameters
        ----------
        weight
            Cost of each arc of the network, at least 0, (A,).
        """
        cost = weight[self._arcs]
        distance = distances(self._graph, 0, cost, np.array([self._start]))[0]
        if not np.isfinite(distance[self._end]):
            return None
        path = self._first_met(distance, self._cheapest_ways(distance, cost))
        return tuple(self._arcs[path].tolist())

    def _cheapest_ways(self, distance: NDArray[np.float64], cost: NDArray[np.float64]) -> dict[int, list[int]]:
        """Return the arcs of all cheapest ways to the end, in order, by the state that they leave."""
        tail = self._graph.tail
        leaving: dict[int, list[int]] = {}
        seen, waiting = {self._end}, [self._end]
        while waiting:
            state = waiting.pop()
            into = self._by_head[self._into[state] : self._into[state + 1]]
            for arc in into[distance[tail[into]] + cost[into] == distance[state]].tolist():
                before = int(tail[arc])
                leaving.setdefault(before, []).append(arc)
                if before not in seen:
                    seen.add(before)
                    waiting.append(before)
        return {state: sorted(arcs) for state, arcs in leaving.items()}

    def _first_met(self, distance: NDArray[np.float64], leaving: dict[int, list[int]]) -> list[int]:
        """Return the cheapest way that Dijkstra's algorithm meets first, as arcs of the layers."""
        came: dict[int, int] = {}
        queue = [self._place_in_queue(distance, self._start)]
        while queue:
            *_, state = heapq.heappop(queue)
            if state == self._end:
                break
            for arc in leaving.get(state, ()):
                ahead = int(self._graph.head[arc])
                if ahead != self._start and ahead not in came:
                    came[ahead] = arc
                    heapq.heappush(queue, self._place_in_queue(distance, ahead))
        path, state = [], self._end
        while state != self._start:
            path.append(came[state])
            state = int(self._graph.tail[came[state]])
        return path[::-1]

    def _place_in_queue(self, distance: NDArray[np.float64], state: int) -> tuple[float, int, int]:
        """Return what sorts states: cost, then vertex; the state itself then sorts by layer."""
        return float(distance[state]), state % self._vertices, state


def best_path(
    network: Network,
    costs: Costs,
    commodity: str,
    origin: str,
    destination: str,
    rule: Rule | None = None,
    weight: NDArray[np.float64] | None = None,
) -> tuple[int, ...] | None:
    """Return the arcs of the cheapest path that keeps the rule, or None if there is none.

    `weight` (per arc, at least 0) replaces generalised cost as what is least.

    Raises
    ------
    NameUnknown
        If no freight can begin at `origin` or end at `destination`.
    """
    row = costs.commodities.index(commodity)
    start, end = _ends(network, origin, destination)
    search = ConstrainedSearch(network, costs.allowed[row], rule or Rule(), start, end)
    return search.best(costs.generalised()[row] if weight is None else weight)


def _ends(network: Network, origin: str, destination: str) -> tuple[int, int]:
    found = []
    for place, role, what in ((origin, ORIGIN, "begin at"), (destination, DESTINATION, "end at")):
        vertex = network.position.get(Vertex(place, role))
        if vertex is None:
            raise NameUnknown(
                f"no freight can {what} '{place}': it is a point of passage, or not open in {network.year}"
            )
        found.append(vertex)
    return found[0], found[1]


def _among(names: NDArray[np.object_], wanted: frozenset[str]) -> NDArray[np.bool_]:
    """Say which names are among some, in the shape of `names`."""
    found = np.zeros(names.shape, dtype=np.bool_)
    for one in wanted:
        found |= names == one
    return found


def _graph(node_count: int, tail: NDArray[np.int64], head: NDArray[np.int64]) -> FlowProblem:
    """Return a graph to search in: arcs that are open to one class, and nothing else."""
    none, nothing = np.empty(0, dtype=np.int64), np.empty(0)
    return FlowProblem(
        node_count=node_count,
        tail=tail,
        head=head,
        cost=np.zeros((1, len(tail))),
        origin=none,
        destination=none,
        class_=none,
        amount=nothing,
        penalty=nothing,
        capacity=nothing,
        usage=sparse.csr_array((0, len(tail))),
    )
