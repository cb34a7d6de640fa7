"""Best routes between two places by each means of transport, leg by leg.

A means (a row of `means.csv`) says which modes may be used, which of them must be, which places must be passed
(one of them) and which countries may not be. The best route under such rules is a shortest path in the virtual
network with two marks of what has been met so far (a resource-constrained shortest path with tiny state:
Irnich & Desaulniers 2005), by the commodity's generalised cost or whatever else the means names as its objective.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import NameUnknown
from corridors.frames import rows
from corridors.network.costs import HOURS_PER_DAY, Costs
from corridors.network.network import Vertex
from corridors.text.reasons import CODE, VALUES, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.network import Network

TEU_PER_FEU = 2.0
SPENT = {"move": "moving", "border": "border", "gauge": "gauge", "load": "handling", "unload": "handling",
         "tranship": "handling"}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """What a route may and must do; empty sets ask for nothing."""

    modes: frozenset[str] = frozenset()
    via_modes: frozenset[str] = frozenset()
    via_nodes: frozenset[str] = frozenset()
    avoid: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Leg:
    """A stretch in one mode and gauge; hours by what they were spent on."""

    origin: str
    destination: str
    mode: str
    km: float
    hours: Mapping[str, float]
    usd_per_t: float
    kgco2e_per_t: float

    def as_dict(self) -> dict[str, Any]:
        """Give the leg as plain values for JSON and CSV."""
        spent = {f"hours_{what}": self.hours.get(what, 0.0) for what in ("moving", "border", "gauge", "handling")}
        return {"from": self.origin, "to": self.destination, "mode": self.mode, "km": self.km, **spent,
                "usd_per_t": self.usd_per_t, "kgco2e_per_t": self.kgco2e_per_t}  # fmt: skip


@dataclass(frozen=True)
class Route:
    """The best way by one means; money per tonne and, for containers, per 40-foot container (FEU)."""

    means: str
    days: float
    km: float
    usd_per_t: float
    usd_per_feu: float | None
    generalised_usd_per_t: float
    kgco2e_per_t: float
    nodes: tuple[str, ...]
    legs: tuple[Leg, ...]

    def as_dict(self) -> dict[str, Any]:
        """Give the route as plain values for JSON."""
        return {
            "means": self.means, "days": self.days, "km": self.km, "usd_per_t": self.usd_per_t,
            "usd_per_feu": self.usd_per_feu, "generalised_usd_per_t": self.generalised_usd_per_t,
            "kgco2e_per_t": self.kgco2e_per_t, "nodes": list(self.nodes), "legs": [leg.as_dict() for leg in self.legs],
        }  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """The best route by each means between two places, and why a means has none."""

    origin: str
    destination: str
    commodity: str
    running: str
    routes: tuple[Route, ...]
    reasons: Mapping[str, Reason]

    @property
    def unavailable(self) -> dict[str, str]:
        """The means without a route, each with the reason in words."""
        return {means: reason.sentence() for means, reason in self.reasons.items()}

    def as_dict(self) -> dict[str, Any]:
        """Give the comparison as plain values for JSON."""
        return {
            "origin": self.origin, "destination": self.destination, "commodity": self.commodity,
            "running": self.running, "routes": [route.as_dict() for route in self.routes],
            "unavailable": self.without_route(),
        }  # fmt: skip

    def without_route(self) -> list[dict[str, str]]:
        """Return the means without a route: the reason's code and values, and its sentence."""
        return [
            {"means": means, CODE: reason.code, VALUES: reason.text, "why": reason.sentence()}
            for means, reason in self.reasons.items()
        ]


def compare(network: Network, costs: Costs, origin: str, destination: str, commodity: str) -> Comparison:
    """Give the best route by each means of `means.csv` between two places, the one with the smallest bill first.

    Parameters
    ----------
    network, costs
        The virtual network and its prices.
    origin, destination, commodity
        Ids of the data package.
    """
    goods = {row.commodity: row for row in rows(network.dataset["commodities"])}[commodity]
    own = frozenset(goods.modes.split(";"))
    routes: list[Route] = []
    reasons: dict[str, Reason] = {}
    for row in rows(network.dataset["means"]):
        rule = Rule(*(frozenset(filter(None, text.split(";"))) for text in _texts(row)))
        if rule.via_modes and not rule.via_modes & own:
            needed = tuple(sorted(rule.via_modes))
            reasons[row.means] = Reason("mode_not_allowed", {"commodity": commodity, "modes": needed})
            continue
        weight = costs.objective(row.objective or "generalised")[costs.commodities.index(commodity)]
        path = best_path(network, costs, commodity, origin, destination, rule, weight)
        if path is None:
            reasons[row.means] = Reason("conditions_not_met", {"modes": tuple(sorted(rule.modes))})
        else:
            routes.append(describe(network, costs, commodity, path, row.means, goods.t_per_teu))
    routes.sort(key=lambda route: (route.usd_per_t, route.means))
    return Comparison(origin, destination, commodity, network.running, tuple(routes), reasons)


def _texts(row: Any) -> tuple[str, str, str, str]:
    return row.modes, row.via_modes, row.via_nodes, row.avoid


def best_path(
    network: Network,
    costs: Costs,
    commodity: str,
    origin: str,
    destination: str,
    rule: Rule | None = None,
    weight: NDArray[np.float64] | None = None,
) -> tuple[int, ...] | None:
    """Give the arcs of the cheapest path that keeps the rule, or None if there is none.

    `weight` (per arc, at least 0) replaces generalised cost as what is least.

    Raises
    ------
    NameUnknown
        If no freight can begin at `origin` or end at `destination`.
    """
    rule = rule or Rule()
    row = costs.commodities.index(commodity)
    weights = costs.generalised()[row] if weight is None else weight
    usable = costs.allowed[row] & _keeps(network, rule)
    start, end = _ends(network, origin, destination)
    marks = _Marks(network, rule)
    return _search(network, weights, usable, start, end, marks)


def _ends(network: Network, origin: str, destination: str) -> tuple[int, int]:
    found = []
    for place, role, what in ((origin, "origin", "begin at"), (destination, "destination", "end at")):
        vertex = network.position.get(Vertex(place, role))
        if vertex is None:
            raise NameUnknown(
                f"no freight can {what} '{place}': it is a point of passage, or not open in {network.year}"
            )
        found.append(vertex)
    return found[0], found[1]


def _keeps(network: Network, rule: Rule) -> NDArray[np.bool_]:
    return np.array(
        [(not rule.modes or arc.mode in rule.modes) and not (arc.countries & rule.avoid) for arc in network.arcs]
    )


class _Marks:
    """Which conditions of a rule an arc meets, as bits; all of them must be met on the way."""

    def __init__(self, network: Network, rule: Rule) -> None:
        self.network, self.rule = network, rule
        self.all = (1 if rule.via_modes else 0) | (2 if rule.via_nodes else 0)

    def of(self, number: int) -> int:
        arc = self.network.arcs[number]
        met = 1 if arc.kind == "move" and arc.mode in self.rule.via_modes else 0
        return met | (2 if self.network.place(arc.head) in self.rule.via_nodes else 0)


def _search(
    network: Network, weights: NDArray[np.float64], usable: NDArray[np.bool_], start: int, end: int, marks: _Marks
) -> tuple[int, ...] | None:
    """Dijkstra's algorithm over (vertex, conditions met); ties are broken by the order of arcs."""
    out: dict[int, list[int]] = {}
    for usable_arc in np.flatnonzero(usable).tolist():
        out.setdefault(network.arcs[usable_arc].tail, []).append(usable_arc)
    begin, goal = (start, 0), (end, marks.all)
    best: dict[tuple[int, int], float] = {begin: 0.0}
    came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
    queue = [(0.0, begin)]
    while queue:
        reached, state = heapq.heappop(queue)
        if state == goal:
            return _back(came, begin, goal)
        if reached > best[state]:
            continue
        for number in out.get(state[0], ()):
            ahead = (network.arcs[number].head, state[1] | marks.of(number))
            total = reached + float(weights[number])
            if total < best.get(ahead, math.inf):
                best[ahead], came[ahead] = total, (state, number)
                heapq.heappush(queue, (total, ahead))
    return None


def _back(
    came: Mapping[tuple[int, int], tuple[tuple[int, int], int]], begin: tuple[int, int], goal: tuple[int, int]
) -> tuple[int, ...]:
    arcs = []
    while goal != begin:
        goal, number = came[goal]
        arcs.append(number)
    return tuple(reversed(arcs))


def describe(
    network: Network, costs: Costs, commodity: str, path: Sequence[int], means: str, t_per_teu: float
) -> Route:
    """Describe a path as a route of legs; `t_per_teu` is NaN for goods that do not go in containers."""
    row = costs.commodities.index(commodity)
    arcs = list(path)
    legs = tuple(_leg(network, costs, row, stretch) for stretch in _stretches(network, arcs))
    usd = float(costs.usd[row, arcs].sum())
    nodes: list[str] = []
    for number in arcs:
        for vertex in (network.arcs[number].tail, network.arcs[number].head):
            if not nodes or nodes[-1] != network.place(vertex):
                nodes.append(network.place(vertex))
    return Route(
        means, float(costs.hours[arcs].sum()) / HOURS_PER_DAY, sum(leg.km for leg in legs), usd,
        None if math.isnan(t_per_teu) else usd * t_per_teu * TEU_PER_FEU,
        float(costs.generalised()[row, arcs].sum()), float(costs.kgco2e[row, arcs].sum()), tuple(nodes), legs,
    )  # fmt: skip


def _stretches(network: Network, arcs: Sequence[int]) -> list[list[int]]:
    """Cut a path where the mode or the gauge changes; the change belongs to the stretch that it leads to."""
    stretches: list[list[int]] = [[]]
    for number in arcs:
        if network.arcs[number].kind in {"tranship", "gauge"} and stretches[-1]:
            stretches.append([])
        stretches[-1].append(number)
    return stretches


def _leg(network: Network, costs: Costs, row: int, arcs: list[int]) -> Leg:
    hours: dict[str, float] = {}
    for number in arcs:
        what = SPENT[network.arcs[number].kind]
        hours[what] = hours.get(what, 0.0) + network.arcs[number].hours
    moves = [network.arcs[number] for number in arcs if network.arcs[number].kind == "move"]
    mode = moves[0].mode if moves else network.arcs[arcs[-1]].mode
    return Leg(
        network.place(network.arcs[arcs[0]].tail), network.place(network.arcs[arcs[-1]].head), mode,
        sum(move.km for move in moves), hours, float(costs.usd[row, arcs].sum()), float(costs.kgco2e[row, arcs].sum()),
    )  # fmt: skip
