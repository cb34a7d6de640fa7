"""A flow solution read back in the user's terms: what moved where, what was full, what stayed behind.

Every function takes the posed freight and an answer whose certificate holds, and gives one table. Mass is in
kt a year, money in USD, time in hours, emissions in kg CO2e per tonne.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from corridors.frames import rows
from corridors.planning.freight import T_PER_KT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.network.network import Arc, Network
    from corridors.planning.freight import Freight

JOIN = " > "
SMALLEST_KT = 1e-9  # less than a gram a year is the solver's dust, not freight
FULL = 1.0 - 1e-6
ORDER_DIGITS = 9  # of a utilisation: what differs by less is the rounding of sums, and its order would be chance


class Trace(NamedTuple):
    """A path as people describe it: places passed, modes taken, links used, km and hours."""

    nodes: tuple[str, ...]
    modes: tuple[str, ...]
    links: tuple[str, ...]
    km: float
    hours: float


def trace(network: Network, arcs: Sequence[int]) -> Trace:
    """Describe a path of arcs; consecutive stays in the same place or mode are named once."""
    nodes = [network.place(network.arcs[arcs[0]].tail)] if len(arcs) else []
    modes: list[str] = []
    links = []
    for number in arcs:
        arc = network.arcs[number]
        place = network.place(arc.head)
        if place != nodes[-1]:
            nodes.append(place)
        if arc.kind == "move":
            links.append(arc.link)
            if not modes or modes[-1] != arc.mode:
                modes.append(arc.mode)
    km = sum(network.arcs[number].km for number in arcs)
    hours = sum(network.arcs[number].hours for number in arcs)
    return Trace(tuple(nodes), tuple(modes), tuple(links), km, hours)


def routes(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Give every path that carries freight, largest first within its demand."""
    generalised = freight.costs.generalised(freight.carbon_price)
    asked = list(rows(freight.demand))
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for demand, tonnes, path in zip(solution.path_demand, solution.path_flow, solution.path_arcs, strict=True):
        if tonnes / T_PER_KT < SMALLEST_KT:
            continue
        arcs = [int(arc) for arc in path]
        steps = ";".join(step_of(freight.network.arcs[arc]) for arc in arcs)
        if before := found.get((int(demand), steps)):  # one way on paper, two in the network
            before["kt"] += tonnes / T_PER_KT
            continue
        row = freight.commodity[freight.problem.class_[demand]]
        ask = asked[int(demand)]
        way = trace(freight.network, arcs)
        found[int(demand), steps] = {
            "demand": ask.demand, "origin": ask.origin, "destination": ask.destination,
            "commodity": ask.commodity, "avoid": ask.avoid, "kt": tonnes / T_PER_KT,
            "modes": JOIN.join(way.modes), "nodes": JOIN.join(way.nodes), "km": way.km, "hours": way.hours,
            "usd_per_t": freight.costs.usd[row, arcs].sum(), "generalised_usd_per_t": generalised[row, arcs].sum(),
            "kgco2e_per_t": freight.costs.kgco2e[row, arcs].sum(), "links": ";".join(way.links),
            "steps": steps,
        }  # fmt: skip
    columns = ["demand", "origin", "destination", "commodity", "avoid", "kt", "modes", "nodes", "km", "hours",
               "usd_per_t", "generalised_usd_per_t", "kgco2e_per_t", "links", "steps"]  # fmt: skip
    frame = pd.DataFrame(list(found.values()), columns=columns)
    return frame.sort_values(["demand", "kt", "links"], ascending=[True, False, True], ignore_index=True)


def step_of(arc: Arc) -> str:
    """Return the row of the data that is behind an arc: its link, or what handles the freight."""
    return arc.link or arc.terminal


def arc_kt(freight: Freight, solution: FlowSolution) -> NDArray[np.float64]:
    """Give kt a year by commodity (rows of the costs) and arc."""
    kt = np.zeros((len(freight.costs.commodities), freight.problem.arc_count))
    for demand, tonnes, path in zip(solution.path_demand, solution.path_flow, solution.path_arcs, strict=True):
        np.add.at(kt[freight.commodity[freight.problem.class_[demand]]], path, tonnes / T_PER_KT)
    return kt


def _used(freight: Freight, kt: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    rows, arcs = np.nonzero(kt > SMALLEST_KT)
    return [(int(row), int(arc), float(kt[row, arc])) for row, arc in zip(rows, arcs, strict=True)]


def _resource_names(network: Network, arc: int) -> str:
    return ";".join(network.resources[number].resource for number in network.resources_of.get(arc, ()))


def flows(freight: Freight, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Give the moves: kt by link, direction and commodity, and the resources that they take."""
    network = freight.network
    found = []
    for row, number, amount in _used(freight, kt):
        arc = network.arcs[number]
        if arc.kind == "move":
            ends = (network.place(arc.tail), network.place(arc.head))
            commodity = freight.costs.commodities[row]
            found.append((arc.link, *ends, arc.mode, commodity, amount, arc.km, _resource_names(network, number)))
    columns = ["link", "from_node", "to_node", "mode", "commodity", "kt", "km", "resources"]
    frame = pd.DataFrame(found, columns=columns)
    return frame.sort_values(["link", "from_node", "commodity"], ignore_index=True)


def handlings(freight: Freight, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Give what was loaded, unloaded, transhipped, changed gauge or crossed a frontier, by place and commodity."""
    network = freight.network
    found = []
    for row, number, amount in _used(freight, kt):
        arc = network.arcs[number]
        if arc.kind != "move":
            tail, head = network.vertices[arc.tail], network.vertices[arc.head]
            commodity = freight.costs.commodities[row]
            gauges = (float(tail.gauge_mm or "nan"), float(head.gauge_mm or "nan"))
            found.append((arc.terminal, tail.place, arc.kind, tail.mode, head.mode, *gauges, commodity, amount,
                          _resource_names(network, number)))  # fmt: skip
    columns = ["terminal", "node", "kind", "from_mode", "to_mode", "from_gauge_mm", "to_gauge_mm", "commodity", "kt",
               "resources"]  # fmt: skip
    frame = pd.DataFrame(found, columns=columns)
    keys = [column for column in columns if column != "kt"]
    return frame.groupby(keys, sort=True, dropna=False)[["kt"]].sum().reset_index()[columns]


def usage(freight: Freight, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Give, for each resource and commodity, the kt that used it, units per kt, and units used."""
    network = freight.network
    unit_of = {}
    for k, row in enumerate(freight.commodity):
        for resource in network.resources:
            if (k, resource.unit) in freight.units_per_t:
                unit_of[int(row), resource.unit] = freight.units_per_t[k, resource.unit] * T_PER_KT
    found = []
    for resource, arcs in zip(network.resources, network.uses, strict=True):
        through = kt[:, list(arcs)].sum(axis=1)
        for row in np.flatnonzero(through > SMALLEST_KT):
            per_kt = unit_of[int(row), resource.unit]
            found.append(
                (resource.resource, freight.costs.commodities[row], through[row], per_kt, through[row] * per_kt)
            )
    frame = pd.DataFrame(found, columns=["resource", "commodity", "kt", "units_per_kt", "units"])
    return frame.sort_values(["resource", "commodity"], ignore_index=True)


def bottlenecks(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Give every limited resource: capacity, use, shadow prices; what one per cent more is worth decides the order.

    Shadow prices are rates in the objective's unit (USD a year) per unit of the resource: `low` is what a little more
    of it is worth, `high` what a little less would cost; they differ where the optimum is degenerate, and are left out
    where they are not proved. `shadow_price` is the one that proves the plan's bound, and lies between them. Where one
    per cent more is worth nothing, what one per cent less would cost decides. `status` says whether the capacity is an
    observed figure or an assumed one.
    """
    price = np.maximum(solution.resource_price, 0.0)
    used = solution.resource_use(freight.problem)
    capacity = freight.problem.capacity
    spare = (price == 0) & (used < capacity * FULL)  # needs no other proof that more, or less, is worth nothing
    low = np.where(np.isnan(solution.price_low) & (price == 0), 0.0, solution.price_low)
    high = np.where(np.isnan(solution.price_high) & spare, 0.0, solution.price_high)
    high = np.where(np.isnan(high) & (capacity <= 0), low, high)  # there is no less of it
    frame = pd.DataFrame({
        "resource": [r.resource for r in freight.resources], "where": [r.where for r in freight.resources],
        "unit": [r.unit for r in freight.resources], "capacity": capacity, "used": np.where(used == 0, 0.0, used),
        "utilisation": np.divide(used, capacity, out=np.where(price > 0, 1.0, 0.0), where=capacity > 0),
        "shadow_price_low": low, "shadow_price_high": high, "shadow_price": price, "status": _capacity_status(freight),
        "usd_per_percent": low * capacity / 100.0,
        "gain": np.where(np.isnan(low), price, low) * capacity,
        "loss": np.where(np.isnan(high), price, high) * capacity,
    })  # fmt: skip
    frame["share"] = frame["utilisation"].round(ORDER_DIGITS)
    order = ["gain", "loss", "share", "resource"]
    ranked = frame.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
    return ranked.drop(columns=["gain", "loss", "share"])


def _capacity_status(freight: Freight) -> list[str]:
    """Say of each resource's capacity whether it is observed, assumed...; blank where the data do not."""
    told = freight.network.dataset["provenance"]
    told = told[told["column"] == "capacity"]
    known: dict[tuple[str, str], set[str]] = {}
    for table, key, status in zip(told["table"], told["key"], told["status"], strict=True):
        known.setdefault((table, key.split("|")[0]), set()).add(status)
    found = []
    for resource in freight.resources:
        name = resource.resource.removeprefix("pool:").split("@")[0]
        tables = ("pools",) if resource.resource.startswith("pool:") else ("links", "terminals")
        found.append(";".join(sorted(set().union(*(known.get((table, name), set()) for table in tables)))))
    return found


def corridors(freight: Freight, solution: FlowSolution, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Give every corridor, used or not.

    `kt` is the mean load over the corridor's length, `mtkm` the work done on it, `utilisation` that of its
    fullest link, and the shadow price the sum, over its links, of what a tonne of their present mix of cargo pays
    for scarce capacity. A link beside a listed one, of the same mode between the same places, counts with it.
    """
    network = freight.network
    moving = _by_pair(network, kt)
    price = _price_by_pair(freight, solution)
    share = _share_by_pair(freight, solution)
    chain = _chains(network)
    found = []
    for row in rows(network.dataset["corridors"]):
        pairs = chain.get(row.corridor, [])
        km = sum(length for _, length in pairs)
        mtkm = sum(moving.get(pair, 0.0) * length for pair, length in pairs) / T_PER_KT
        full = max((share.get(pair, 0.0) for pair, _ in pairs), default=0.0)
        scarce = sum(price.get(pair, 0.0) for pair, _ in pairs)
        mean = mtkm * T_PER_KT / km if km else 0.0
        found.append((row.corridor, row.name_en, row.mode, km, mean, mtkm, full, scarce))
    columns = ["corridor", "name_en", "mode", "km", "kt", "mtkm", "utilisation", "shadow_price_usd_per_t"]
    return pd.DataFrame(found, columns=columns)


type Pair = tuple[str, frozenset[str]]


def _pair(network: Network, number: int) -> Pair:
    arc = network.arcs[number]
    return arc.mode, frozenset((network.place(arc.tail), network.place(arc.head)))


def _chains(network: Network) -> dict[str, list[tuple[Pair, float]]]:
    links = {link.link: link for link in rows(network.dataset["links"])}
    chains: dict[str, list[tuple[Pair, float]]] = {}
    for row in rows(network.dataset["corridor_links"].sort_values(["corridor", "seq"])):
        link = links[row.link]
        pair = (link.mode, frozenset((link.from_node, link.to_node)))
        chains.setdefault(row.corridor, []).append((pair, float(link.km)))
    return chains


def _by_pair(network: Network, kt: NDArray[np.float64]) -> dict[Pair, float]:
    total = kt.sum(axis=0)
    moving: dict[Pair, float] = {}
    for number, arc in enumerate(network.arcs):
        if arc.kind == "move" and total[number] > SMALLEST_KT:
            pair = _pair(network, number)
            moving[pair] = moving.get(pair, 0.0) + float(total[number])
    return moving


def _share_by_pair(freight: Freight, solution: FlowSolution) -> dict[Pair, float]:
    """Give the utilisation of the fullest limited link between each pair of places."""
    used = solution.resource_use(freight.problem)[: len(freight.network.resources)].tolist()
    share: dict[Pair, float] = {}
    for resource, arcs, units in zip(freight.network.resources, freight.network.uses, used, strict=True):
        part = units / resource.capacity if resource.capacity > 0 else 0.0
        for number in arcs:
            if freight.network.arcs[number].kind == "move":
                pair = _pair(freight.network, number)
                share[pair] = max(share.get(pair, 0.0), part)
    return share


def _price_by_pair(freight: Freight, solution: FlowSolution) -> dict[Pair, float]:
    """Give what a tonne of the present mix pays for scarce capacity between each pair of places, USD/t."""
    paid: dict[Pair, float] = {}
    tonnes: dict[Pair, float] = {}
    price = np.maximum(solution.resource_price, 0.0)
    charge = freight.problem.usage.T @ price
    arc_count = freight.problem.arc_count
    for demand, amount, path in zip(solution.path_demand, solution.path_flow, solution.path_arcs, strict=True):
        first = int(freight.problem.class_[demand]) * arc_count
        for number in path:
            if freight.network.arcs[int(number)].kind == "move":
                pair = _pair(freight.network, int(number))
                paid[pair] = paid.get(pair, 0.0) + float(amount) * float(charge[first + int(number)])
                tonnes[pair] = tonnes.get(pair, 0.0) + float(amount)
    return {pair: money / tonnes[pair] for pair, money in paid.items() if tonnes[pair] > 0}
