"""A plan's network in the General Modeling Network Specification (GMNS 0.96, Zephyr Foundation and Volpe/FHWA).

What is written is the virtual network once for every class of freight, side by side: tools that know one kind of
traffic then assign each class its own times, tolls and permitted ways. Loading, transhipment, changes of gauge and
frontiers are links, too. Scarce capacity is shared out as the plan does: a link that takes a full resource has the
class's flow in the plan as its capacity, and is left out where that is nothing; other links have none.

With that sharing, the plan is a cheapest assignment of the exported network, and no assignment is cheaper than it: a
cheaper one would keep within every full resource, and contradict the resource prices that prove the plan (weak
duality). So the optimum survives the export, although GMNS has no resource that classes, links and handlings share.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from corridors.export.great_circles import wkt
from corridors.export.layers import Atlas, Column
from corridors.export.route_arcs import Class, Trails, flows
from corridors.frames import rows
from corridors.network.costs import HOURS_PER_DAY, KG_PER_T
from corridors.network.network import Vertex
from corridors.output import csv_text
from corridors.planning.freight import T_PER_KT
from corridors.planning.summary import FULL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.network import Network
    from corridors.planning.planner import Plan

VERSION = 0.96
HOURS_A_YEAR = 8760.0
NOMINAL_KM = 0.001  # of a handling that takes time: time is length / free_speed, and a length of 0 has none
OWN = {
    "node": (
        Column("use", "", "class of freight whose network the node is in"),
        Column("node", "", "place of nodes.csv"),
        Column("mode", "", "mode of transport at the node"),
        Column("gauge_mm", "mm", "track gauge at the node"),
    ),
    "link": (
        Column("kind", "", "move, load, unload, tranship, gauge or border"),
        Column("row", "", "row of links.csv, terminals.csv or borders.csv behind the link"),
        Column("hours", "h", "time on the link: length / free_speed"),
        Column("kgco2e_per_t", "kg CO2e/t", "emissions, well to wheel"),
        Column("kt", "kt/year", "freight of the class on the link in the plan"),
        Column("volume", "t/h", "the same in tonnes an hour"),
    ),
    "use_definition": (Column("usd_per_t_hour", "USD/t/h", "worth of a tonne's hour: the value of time"),),
    "demand": (
        Column("use", "", "class of freight"),
        Column("demand", "", "demand of demand.csv"),
        Column("kt", "kt/year", "freight of it that the plan carries"),
    ),
}


class _Layer(NamedTuple):
    """The part of the network that a class of freight can use: numbers of nodes by vertex, and arcs in order."""

    freight: Class
    kt: NDArray[np.float64]
    node: Mapping[int, int]
    arcs: tuple[int, ...]


def write_network(plan: Plan, network: Network, about: Mapping[str, Any], folder: Path) -> dict[str, int]:
    """Write the tables of GMNS, `columns.csv` for what is added to them, and `summary.json`; give their rows.

    Raises
    ------
    DataError
        If a route of the plan does not fit the network.
    """
    trails = Trails(network)
    scarce = _scarce(plan, network)
    numbers = count(1)
    parts = [_layer(network, trails, freight, kt, scarce, numbers) for freight, kt in flows(plan, trails).items()]
    atlas = Atlas(network)
    zones = _zones(plan, network, parts)
    tables = {
        "config": _config(about),
        "use_definition": _uses(network, parts),
        "zone": _zone_table(zones),
        "node": pd.DataFrame(_nodes(network, atlas, parts, zones)),
        "geometry": pd.DataFrame(_geometries(network, atlas), columns=["geometry_id", "geometry"]),
        "link": pd.DataFrame(_links(plan, network, trails, scarce, parts)),
        "demand": _demand(plan, zones),
        "columns": _columns(),
    }
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(csv_text(table), encoding="utf-8", newline="")
    text = json.dumps(about, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8", newline="")
    return {name: len(tables[name]) for name in ("node", "link", "demand")}


def _scarce(plan: Plan, network: Network) -> NDArray[np.bool_]:
    """Tell which arcs take a resource that is full, has a price or is closed, shape (arcs,)."""
    limits = plan.bottlenecks
    tight = (limits["utilisation"] >= FULL) | (limits["shadow_price_high"] > 0) | (limits["capacity"] <= 0)
    full = set(limits["resource"][tight])
    found = np.zeros(len(network.arcs), dtype=np.bool_)
    for resource, arcs in zip(network.resources, network.uses, strict=True):
        if resource.resource in full:
            found[list(arcs)] = True
    return found


def _layer(
    network: Network,
    trails: Trails,
    freight: Class,
    kt: NDArray[np.float64],
    scarce: NDArray[np.bool_],
    numbers: Iterator[int],
) -> _Layer:
    """Give what a class can use: arcs that lie on a way from an origin of it to a destination of it."""
    usable = np.flatnonzero(trails.allowed(freight) & (~scarce | (kt > 0)))
    tail, head = network.tail[usable], network.head[usable]
    roles = [network.vertices[vertex].role for vertex in range(len(network.vertices))]
    used = np.flatnonzero(kt > 0)
    begin = {int(vertex) for vertex in network.tail[used] if roles[vertex] == "origin"}
    end = {int(vertex) for vertex in network.head[used] if roles[vertex] == "destination"}
    ahead, back = _reached(tail, head, begin), _reached(head, tail, end)
    kept = [int(arc) for arc, one, other in zip(usable, tail, head, strict=True) if one in ahead and other in back]
    vertices = sorted({int(vertex) for arc in kept for vertex in (network.tail[arc], network.head[arc])})
    return _Layer(freight, kt, {vertex: next(numbers) for vertex in vertices}, tuple(kept))


def _reached(tail: NDArray[np.int64], head: NDArray[np.int64], begin: set[int]) -> set[int]:
    """Give the vertices that can be reached, those where it begins included."""
    beyond: dict[int, list[int]] = {}
    for one, other in zip(tail.tolist(), head.tolist(), strict=True):
        beyond.setdefault(one, []).append(other)
    reached, waiting = set(begin), list(begin)
    while waiting:
        new = set(beyond.get(waiting.pop(), ())) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _zones(plan: Plan, network: Network, parts: list[_Layer]) -> dict[tuple[Class, Vertex], int]:
    """Number the zones: a node each, where freight of a class begins or ends."""
    known = {part.freight: part.node for part in parts}
    zones: dict[tuple[Class, Vertex], int] = {}
    for route in rows(plan.routes):
        freight = Class(route.commodity, route.avoid)
        for vertex in (Vertex(route.origin, "origin"), Vertex(route.destination, "destination")):
            zones.setdefault((freight, vertex), known[freight][network.position[vertex]])
    return zones


def _zone_table(zones: Mapping[tuple[Class, Vertex], int]) -> pd.DataFrame:
    found = [(zone, f"{vertex} {freight}", vertex.place) for (freight, vertex), zone in zones.items()]
    return pd.DataFrame(found, columns=["zone_id", "name", "super_zone"])


def _config(about: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{
        "dataset_name": f"{about['data']}, {about['scenario']}, {about['year']}", "long_length": "km", "speed": "kph",
        "crs": "EPSG:4326", "geometry_field_format": "WKT", "currency": "USD", "version_number": VERSION,
        "id_type": "integer",
    }])  # fmt: skip


def _uses(network: Network, parts: list[_Layer]) -> pd.DataFrame:
    """Give the classes of freight as GMNS has kinds of traffic; one vehicle is one tonne."""
    goods = {one.commodity: one for one in rows(network.dataset["commodities"])}
    return pd.DataFrame([
        {
            "use": str(part.freight), "persons_per_vehicle": 0, "pce": 1,
            "special_conditions": f"not through {part.freight.avoid}" if part.freight.avoid else "",
            "description": goods[part.freight.commodity].name_en,
            "usd_per_t_hour": goods[part.freight.commodity].usd_per_t_day / HOURS_PER_DAY,
        }
        for part in parts
    ])  # fmt: skip


def _nodes(
    network: Network, atlas: Atlas, parts: list[_Layer], zones: Mapping[tuple[Class, Vertex], int]
) -> Iterator[dict[str, Any]]:
    for part in parts:
        for number, node in part.node.items():
            vertex = network.vertices[number]
            lon, lat = atlas.point[vertex.place]
            yield {
                "node_id": node, "name": atlas.name[vertex.place], "x_coord": lon, "y_coord": lat,
                "node_type": vertex.role, "zone_id": zones.get((part.freight, vertex), ""), "use": str(part.freight),
                "node": vertex.place, "mode": vertex.mode, "gauge_mm": vertex.gauge_mm or "",
            }  # fmt: skip


def _geometries(network: Network, atlas: Atlas) -> Iterator[tuple[int, str]]:
    """Give the shape of each link of the data package, numbered by its first move."""
    for link, number in _first_moves(network).items():
        line = atlas.line([link], network.place(network.arcs[number].tail))
        yield number + 1, wkt(line, "LineString" if len(line) == 1 else "MultiLineString")


def _first_moves(network: Network) -> dict[str, int]:
    first: dict[str, int] = {}
    for number, arc in enumerate(network.arcs):
        if arc.kind == "move":
            first.setdefault(arc.link, number)
    return first


def _links(
    plan: Plan, network: Network, trails: Trails, scarce: NDArray[np.bool_], parts: list[_Layer]
) -> Iterator[dict[str, Any]]:
    first = _first_moves(network)
    carbon = float(plan.summary["carbon_price"]) / KG_PER_T
    numbers = count(1)
    for part in parts:
        row = trails.row(part.freight)
        for number in part.arcs:
            arc = network.arcs[number]
            hours = float(trails.hours[number])
            km = arc.km or (NOMINAL_KM if hours else 0.0)
            kt, kgco2e = float(part.kt[number]), float(trails.kgco2e[row, number])
            volume = kt * T_PER_KT / HOURS_A_YEAR
            shape = first.get(arc.link) if arc.kind == "move" else None
            yield {
                "link_id": next(numbers), "name": network.arc_name(number),
                "from_node_id": part.node[arc.tail], "to_node_id": part.node[arc.head], "directed": "true",
                "geometry_id": "" if shape is None else shape + 1,
                "dir_flag": 0 if shape is None else 1 if shape == number else -1,
                "length": km, "facility_type": arc.mode if arc.kind == "move" else arc.kind,
                "capacity": volume if scarce[number] else np.nan, "free_speed": km / hours if hours else 1.0,
                "lanes": 1, "allowed_uses": str(part.freight), "toll": trails.usd[row, number] + carbon * kgco2e,
                "jurisdiction": arc.country, "kind": arc.kind, "row": arc.link or arc.terminal, "hours": hours,
                "kgco2e_per_t": kgco2e, "kt": kt, "volume": volume,
            }  # fmt: skip


def _demand(plan: Plan, zones: Mapping[tuple[Class, Vertex], int]) -> pd.DataFrame:
    """Give what the plan carries, by demand."""
    found: dict[str, dict[str, Any]] = {}
    for route in rows(plan.routes):
        freight = Class(route.commodity, route.avoid)
        one = found.setdefault(route.demand, {
            "o_zone_id": zones[freight, Vertex(route.origin, "origin")],
            "d_zone_id": zones[freight, Vertex(route.destination, "destination")],
            "volume": 0.0, "use": str(freight), "demand": route.demand, "kt": 0.0,
        })  # fmt: skip
        one["kt"] += route.kt
        one["volume"] = one["kt"] * T_PER_KT / HOURS_A_YEAR
    return pd.DataFrame(list(found.values()), columns=["o_zone_id", "d_zone_id", "volume", "use", "demand", "kt"])


def _columns() -> pd.DataFrame:
    found = [(table, *column) for table, columns in OWN.items() for column in columns]
    return pd.DataFrame(found, columns=["table", "column", "unit", "description"])
