"""A flow solution read back in the user's terms: what moved where, what was full, what stayed behind.

Every function takes the posed freight and an answer whose certificate holds, and gives one table. Mass is in
kt a year, money in USD, time in hours, emissions in kg CO2e per tonne.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from corridors.frames import rows
from corridors.network.yearly import capacity_keys
from corridors.planning.freight import T_PER_KT
from corridors.planning.summary import FULL
from corridors.tables import keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.network.network import Network
    from corridors.planning.freight import Freight

JOIN = " > "
SMALLEST_KT = 1e-9  # less than a gram a year is the solver's dust, not freight
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
    return traces(network)(arcs)


def traces(network: Network) -> Callable[[Sequence[int]], Trace]:
    """Return what describes a path of arcs, as `trace` does, for many of them."""
    columns = network.arcs
    begins, ends = (network.places[one].tolist() for one in (columns.tail, columns.head))
    is_move, mode, link = columns.is_move.tolist(), columns.mode.tolist(), columns.id.tolist()
    km, hours = columns.km.tolist(), columns.hours.tolist()

    def described(arcs: Sequence[int]) -> Trace:
        moves = [arc for arc in arcs if is_move[arc]]
        nodes = _once([*(begins[arc] for arc in arcs[:1]), *(ends[arc] for arc in arcs)])
        modes, links = _once([mode[arc] for arc in moves]), tuple([link[arc] for arc in moves])
        return Trace(nodes, modes, links, sum([km[arc] for arc in arcs]), sum([hours[arc] for arc in arcs]))

    return described


def _once(names: list[str]) -> tuple[str, ...]:
    """Return names without those that follow the same one."""
    return tuple([name for name, before in zip(names, [None, *names], strict=False) if name != before])


def routes(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Return every path that carries freight, largest first within its demand."""
    generalised = freight.costs.generalised(freight.carbon_price)
    asked = list(rows(freight.demand))
    found: dict[tuple[int, str], dict[str, Any]] = {}
    described, ids = traces(freight.network), freight.network.arcs.id
    for demand, tonnes, path in zip(solution.path_demand, solution.path_flow, solution.path_arcs, strict=True):
        if tonnes / T_PER_KT < SMALLEST_KT:
            continue
        steps = ";".join(ids[path].tolist())
        if before := found.get((int(demand), steps)):  # one way on paper, two in the network
            before["kt"] += tonnes / T_PER_KT
            continue
        row = freight.commodity[freight.problem.class_[demand]]
        ask = asked[int(demand)]
        way = described(path.tolist())
        found[int(demand), steps] = {
            "demand": ask.demand,
            "origin": ask.origin,
            "destination": ask.destination,
            "commodity": ask.commodity,
            "avoid": ask.avoid,
            "kt": tonnes / T_PER_KT,
            "modes": JOIN.join(way.modes),
            "nodes": JOIN.join(way.nodes),
            "km": way.km,
            "hours": way.hours,
            "usd_per_t": freight.costs.usd[row, path].sum(),
            "generalised_usd_per_t": generalised[row, path].sum(),
            "kgco2e_per_t": freight.costs.kgco2e[row, path].sum(),
            "links": ";".join(way.links),
            "steps": steps,
        }
    columns = [
        "demand",
        "origin",
        "destination",
        "commodity",
        "avoid",
        "kt",
        "modes",
        "nodes",
        "km",
        "hours",
        "usd_per_t",
        "generalised_usd_per_t",
        "kgco2e_per_t",
        "links",
        "steps",
    ]
    frame = pd.DataFrame(list(found.values()), columns=columns)
    return frame.sort_values(["demand", "kt", "links"], ascending=[True, False, True], ignore_index=True)


def arc_kt(freight: Freight, solution: FlowSolution) -> NDArray[np.float64]:
    """Return kt a year by commodity (rows of the costs) and arc."""
    kt = np.zeros((len(freight.costs.commodities), freight.problem.arc_count))
    np.add.at(kt, freight.commodity, solution.arc_flow(freight.problem) / T_PER_KT)
    return kt


def _used(freight: Freight, kt: NDArray[np.float64]) -> list[tuple[int, int, float]]:
    rows, arcs = np.nonzero(kt > SMALLEST_KT)
    return [(int(row), int(arc), float(kt[row, arc])) for row, arc in zip(rows, arcs, strict=True)]


def _resource_names(network: Network, arc: int) -> str:
    return ";".join(network.resources[number].resource for number in network.resources_of.get(arc, ()))


def flows(freight: Freight, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Return the moves: kt by link, direction and commodity, and the resources that they take."""
    network = freight.network
    found = []
    for row, number, amount in _used(freight, kt):
        arc = network.arc(number)
        if arc.kind == "move":
            ends = (network.place(arc.tail), network.place(arc.head))
            commodity = freight.costs.commodities[row]
            found.append((arc.id, *ends, arc.mode, commodity, amount, arc.km, _resource_names(network, number)))
    columns = ["link", "from_node", "to_node", "mode", "commodity", "kt", "km", "resources"]
    frame = pd.DataFrame(found, columns=columns)
    return frame.sort_values(["link", "from_node", "commodity"], ignore_index=True)


def handlings(freight: Freight, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Return what was loaded, unloaded, transhipped, changed gauge or crossed a frontier, by place and commodity."""
    network = freight.network
    found = []
    for row, number, amount in _used(freight, kt):
        arc = network.arc(number)
        if arc.kind != "move":
            tail, head = network.vertices[arc.tail], network.vertices[arc.head]
            commodity = freight.costs.commodities[row]
            gauges = (float(tail.gauge_mm or "nan"), float(head.gauge_mm or "nan"))
            place = arc.id, tail.place, arc.kind, tail.mode, head.mode, *gauges
            found.append((*place, commodity, amount, _resource_names(network, number)))
    ends = ["from_mode", "to_mode", "from_gauge_mm", "to_gauge_mm"]
    columns = ["terminal", "node", "kind", *ends, "commodity", "kt", "resources"]
    frame = pd.DataFrame(found, columns=columns)
    keys = [column for column in columns if column != "kt"]
    return frame.groupby(keys, sort=True, dropna=False)[["kt"]].sum().reset_index()[columns]


def usage(freight: Freight, kt: NDArray[np.float64]) -> pd.DataFrame:
    """Return, for each resource and commodity, the kt that used it, units per kt, and units used."""
    network = freight.network
    unit_of = {}
    for k, row in enumerate(freight.commodity):
        for resource in network.resources:
            if (k, resource.measure) in freight.units_per_t:
                unit_of[int(row), resource.measure] = freight.units_per_t[k, resource.measure] * T_PER_KT
    found = []
    for resource, arcs in zip(network.resources, network.resource_arcs, strict=True):
        through = kt[:, arcs].sum(axis=1)
        for row in np.flatnonzero(through > SMALLEST_KT):
            per_kt = unit_of[int(row), resource.measure]
            found.append(
                (resource.resource, freight.costs.commodities[row], through[row], per_kt, through[row] * per_kt)
            )
    frame = pd.DataFrame(found, columns=["resource", "commodity", "kt", "units_per_kt", "units"])
    return frame.sort_values(["resource", "commodity"], ignore_index=True)


def bottlenecks(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Return every limited resource: capacity, use, shadow prices; what one per cent more is worth decides the order.

    Shadow prices are rates in the objective's unit (USD a year) per unit of the resource: `low` is what a little more
    of it is worth, `high` what a little less would cost; they differ where the optimum is degenerate, and are left out
    where they are not proved. `shadow_price` is the one that proves the plan's bound, and lies between them. Where one
    per cent more is worth nothing, what one per cent less would cost decides. `status` says whether the capacity, and
    what passengers take of it, are observed figures or assumed ones.
    """
    price = np.maximum(solution.resource_price, 0.0)
    used = solution.resource_use(freight.problem)
    capacity = freight.problem.capacity
    spare = (price == 0) & (used < capacity * FULL)  # needs no other proof that more, or less, is worth nothing
    low = np.where(np.isnan(solution.price_low) & (price == 0), 0.0, solution.price_low)
    high = np.where(np.isnan(solution.price_high) & spare, 0.0, solution.price_high)
    high = np.where(np.isnan(high) & (capacity <= 0), low, high)  # there is no less of it
    frame = pd.DataFrame(
        {
            "resource": [r.resource for r in freight.resources],
            "where": [r.where for r in freight.resources],
            "unit": [r.unit for r in freight.resources],
            "capacity": capacity,
            "used": np.where(used == 0, 0.0, used),
            "utilisation": np.divide(used, capacity, out=np.where(price > 0, 1.0, 0.0), where=capacity > 0),
            "shadow_price_low": low,
            "shadow_price_high": high,
            "shadow_price": price,
            "status": _capacity_status(freight),
            "usd_per_percent": low * capacity / 100.0,
            "gain": np.where(np.isnan(low), price, low) * capacity,
            "loss": np.where(np.isnan(high), price, high) * capacity,
        }
    )
    frame["share"] = frame["utilisation"].round(ORDER_DIGITS)
    order = ["gain", "loss", "share", "resource"]
    ranked = frame.sort_values(order, ascending=[False, False, False, True], ignore_index=True)
    return ranked.drop(columns=["gain", "loss", "share"])


def _capacity_status(freight: Freight) -> list[str]:
    """Say of each resource's capacity whether it is observed, assumed...; blank where the data do not."""
    dataset, year = freight.network.dataset, freight.network.year
    told = dataset["provenance"]
    told = told[told["column"].isin(("capacity", "passenger"))]
    places = zip(told["table"].tolist(), told["key"].tolist(), told["column"].tolist(), strict=True)
    known = dict(zip(places, told["status"].tolist(), strict=True))
    held = {table: capacity_keys(dataset, table, year) for table in ("links", "terminals", "pools")}
    taken = keys("links", dataset["links"])
    found = []
    for resource in freight.resources:
        told_of = {known.get((*held[resource.table][row], "capacity")) for row in resource.rows}
        if resource.table == "links":
            told_of |= {known.get(("links", taken[row], "passenger")) for row in resource.rows}
        found.append(";".join(sorted(filter(None, told_of))))
    return found
