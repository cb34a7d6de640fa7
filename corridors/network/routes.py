"""Best routes between two places by each means of transport, leg by leg.

A means (a row of `means.csv`) says which modes may be used, which of them must be, which places must be passed
(one of them) and which countries may not be. Under such rules `corridors.network.constrained` finds the best way, by
the commodity's generalised cost or whatever else the means names as its objective; this module describes it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.frames import rows
from corridors.network.arcs import BORDER, GAUGE, LOAD, MOVE, TRANSHIP, UNLOAD
from corridors.network.constrained import Rule, best_path
from corridors.network.costs import HOURS_PER_DAY, Costs
from corridors.text.reasons import CODE, VALUES, Reason

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.network import Network

TEU_PER_FEU = 2.0
SPENT = {
    MOVE: "moving",
    BORDER: "border",
    GAUGE: "gauge",
    LOAD: "handling",
    UNLOAD: "handling",
    TRANSHIP: "handling",
}


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
        """Return the leg as plain values for JSON and CSV."""
        spent = {f"hours_{what}": self.hours.get(what, 0.0) for what in ("moving", "border", "gauge", "handling")}
        ends = {"from": self.origin, "to": self.destination, "mode": self.mode, "km": self.km}
        return {**ends, **spent, "usd_per_t": self.usd_per_t, "kgco2e_per_t": self.kgco2e_per_t}


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
        """Return the route as plain values for JSON."""
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        return plain | {"nodes": list(self.nodes), "legs": [leg.as_dict() for leg in self.legs]}


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
        """Return the comparison as plain values for JSON."""
        return {
            "origin": self.origin,
            "destination": self.destination,
            "commodity": self.commodity,
            "running": self.running,
            "routes": [route.as_dict() for route in self.routes],
            "unavailable": self.without_route(),
        }

    def without_route(self) -> list[dict[str, str]]:
        """Return the means without a route: the reason's code and values, and its sentence."""
        return [
            {"means": means, CODE: reason.code, VALUES: reason.text, "why": reason.sentence()}
            for means, reason in self.reasons.items()
        ]


def compare(network: Network, costs: Costs, origin: str, destination: str, commodity: str) -> Comparison:
    """Return the best route by each means of `means.csv` between two places, the one with the smallest bill first.

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
        rule = Rule.parsed(row.modes, row.via_modes, row.via_nodes, row.avoid)
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


def describe(
    network: Network, costs: Costs, commodity: str, path: Sequence[int], means: str, t_per_teu: float
) -> Route:
    """Describe a path as a route of legs; `t_per_teu` is NaN for goods that do not go in containers."""
    row, arcs = costs.commodities.index(commodity), np.array(path, dtype=np.int64)
    legs = tuple(_leg(network, costs, row, stretch) for stretch in _stretches(network, arcs))
    usd = float(costs.usd[row, arcs].sum())
    ends = np.stack([network.arcs.tail[arcs], network.arcs.head[arcs]], axis=1).ravel()
    return Route(
        means=means,
        days=float(costs.hours[arcs].sum()) / HOURS_PER_DAY,
        km=sum(leg.km for leg in legs),
        usd_per_t=usd,
        usd_per_feu=None if math.isnan(t_per_teu) else usd * t_per_teu * TEU_PER_FEU,
        generalised_usd_per_t=float(costs.generalised()[row, arcs].sum()),
        kgco2e_per_t=float(costs.kgco2e[row, arcs].sum()),
        nodes=tuple(place for place, _ in groupby(network.places[ends].tolist())),
        legs=legs,
    )


def _stretches(network: Network, arcs: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Cut a path where the mode or the gauge changes; the change belongs to the stretch that it leads to."""
    kind = network.arcs.kind[arcs]
    cuts = np.flatnonzero((kind == TRANSHIP) | (kind == GAUGE))
    return np.split(arcs, cuts[cuts > 0])


def _leg(network: Network, costs: Costs, row: int, arcs: NDArray[np.int64]) -> Leg:
    columns = network.arcs
    hours: dict[str, float] = {}
    for kind, spent in zip(columns.kind[arcs].tolist(), columns.hours[arcs].tolist(), strict=True):
        hours[SPENT[kind]] = hours.get(SPENT[kind], 0.0) + spent
    moves = arcs[columns.is_move[arcs]]
    return Leg(
        origin=network.place(columns.tail[arcs[0]]),
        destination=network.place(columns.head[arcs[-1]]),
        mode=columns.mode[moves[0] if moves.size else arcs[-1]],
        km=sum(columns.km[moves].tolist()),
        hours=hours,
        usd_per_t=float(costs.usd[row, arcs].sum()),
        kgco2e_per_t=float(costs.kgco2e[row, arcs].sum()),
    )
