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
from corridors.network.arcs import LOAD, UNLOAD
from corridors.network.costs import HOURS_PER_DAY, KG_PER_T
from corridors.network.network import DESTINATION, ORIGIN, Vertex
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
    """The part of the network that a class of freight can use: numbers of nodes by vertex, and arcs, ascending."""

    freight: Class
    kt: NDArray[np.float64]
    node: Mapping[int, int]
    arcs: NDArray[np.int64]


def write_network(plan: Plan, network: Network, about: Mapping[str, Any], folder: Path) -> dict[str, int]:
    """Write the tables of GMNS, `columns.csv` for what is added to them, and `summary.json`; return how many rows.

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
        "link": _links(plan, network, trails, scarce, parts),
        "demand": _demand(plan, zones),
        "columns": _columns(),
    }
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(csv_text(table), encoding="utf-8", newline="")
    text = json.dumps(about, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / "summary.json").write_text(text, encoding="utf-8", newline="")
    return {name: len(tables[name]) for name in ("node", "link", "demand")}


def _scarce(plan: Plan, network: Network) -> NDArray[np.bool_]:
    """Say which arcs take a resource that is full, has a price or is closed, shape (arcs,)."""
    limits, lists = plan.bottlenecks, network.resource_arcs
    tight = (limits["utilisation"] >= FULL) | (limits["shadow_price_high"] > 0) | (limits["capacity"] <= 0)
    names = set(limits["resource"][tight])
    full = np.array([one.resource in names for one in network.resources], dtype=np.bool_)
    found = np.zeros(len(network.arcs), dtype=np.bool_)
    found[lists.arc[full[lists.owner]]] = True
    return found


def _layer(
    network: Network,
    trails: Trails,
    freight: Class,
    kt: NDArray[np.float64],
    scarce: NDArray[np.bool_],
    numbers: Iterator[int],
) -> _Layer:
    """Return what a class can use: arcs that lie on a way from an origin of it to a destination of it."""
    usable = np.flatnonzero(trails.allowed(freight) & (~scarce | (kt > 0)))
    arcs = network.arcs
    tail, head = arcs.tail[usable], arcs.head[usable]
    begin = set(arcs.tail[(kt > 0) & (arcs.kind == LOAD)].tolist())
    end = set(arcs.head[(kt > 0) & (arcs.kind == UNLOAD)].tolist())
    ahead, back = _reached(tail, head, begin), _reached(head, tail, end)
    kept = usable[np.isin(tail, list(ahead)) & np.isin(head, list(back))]
    vertices = np.unique([arcs.tail[kept], arcs.head[kept]]).tolist()
    return _Layer(freight, kt, {vertex: next(numbers) for vertex in vertices}, kept)


def _reached(tail: NDArray[np.int64], head: NDArray[np.int64], begin: set[int]) -> set[int]:
    """Return the vertices that can be reached, those where it begins included."""
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
        for vertex in (Vertex(route.origin, ORIGIN), Vertex(route.destination, DESTINATION)):
            zones.setdefault((freight, vertex), known[freight][network.position[vertex]])
    return zones


def _zone_table(zones: Mapping[tuple[Class, Vertex], int]) -> pd.DataFrame:
    found = [(zone, f"{vertex} {freight}", vertex.place) for (freight, vertex), zone in zones.items()]
    return pd.DataFrame(found, columns=["zone_id", "name", "super_zone"])


def _config(about: Mapping[str, Any]) -> pd.DataFrame:
    config = {
        "dataset_name": f"{about['data']}, {about['scenario']}, {about['year']}",
        "long_length": "km",
        "speed": "kph",
        "crs": "EPSG:4326",
        "geometry_field_format": "WKT",
        "currency": "USD",
        "version_number": VERSION,
        "id_type": "integer",
    }
    return pd.DataFrame([config])


def _uses(network: Network, parts: list[_Layer]) -> pd.DataFrame:
    """Return the classes of freight as GMNS has kinds of traffic; one vehicle is one tonne."""
    goods = {one.commodity: one for one in rows(network.dataset["commodities"])}
    found = []
    for part in parts:
        good, avoid = goods[part.freight.commodity], part.freight.avoid
        conditions = f"not through {avoid}" if avoid else ""
        worth = good.usd_per_t_day / HOURS_PER_DAY
        found.append((str(part.freight), 0, 1, conditions, good.name_en, worth))
    columns = ["use", "persons_per_vehicle", "pce", "special_conditions", "description", "usd_per_t_hour"]
    return pd.DataFrame(found, columns=columns if found else None)


def _nodes(
    network: Network, atlas: Atlas, parts: list[_Layer], zones: Mapping[tuple[Class, Vertex], int]
) -> Iterator[dict[str, Any]]:
    for part in parts:
        for number, node in part.node.items():
            vertex = network.vertices[number]
            lon, lat = atlas.point[vertex.place]
            yield {
                "node_id": node,
                "name": atlas.name[vertex.place],
                "x_coord": lon,
                "y_coord": lat,
                "node_type": vertex.role_name,
                "zone_id": zones.get((part.freight, vertex), ""),
                "use": str(part.freight),
                "node": vertex.place,
                "mode": vertex.mode,
                "gauge_mm": vertex.gauge_mm or "",
            }


def _geometries(network: Network, atlas: Atlas) -> Iterator[tuple[int, str]]:
    """Return the shape of each link of the data package, numbered by its first move."""
    for link, number in _first_moves(network).items():
        line = atlas.line([link], network.places[network.arcs.tail[number]])
        yield number + 1, wkt(line, "LineString" if len(line) == 1 else "MultiLineString")


def _first_moves(network: Network) -> dict[str, int]:
    """Return the first move over each link; moves are in the order of links."""
    moves = np.flatnonzero(network.arcs.is_move)
    first = moves[np.unique(network.arcs.row[moves], return_index=True)[1]]
    return dict(zip(network.arcs.id[first].tolist(), first.tolist(), strict=True))


def _links(
    plan: Plan, network: Network, trails: Trails, scarce: NDArray[np.bool_], parts: list[_Layer]
) -> pd.DataFrame:
    """Return the arcs of every class, side by side."""
    if not parts:  # nothing is carried
        return pd.DataFrame()
    carbon = float(plan.summary["carbon_price"]) / KG_PER_T
    found = pd.concat([_links_of(part, network, trails, scarce, carbon) for part in parts], ignore_index=True)
    found.insert(0, "link_id", np.arange(1, len(found) + 1))
    return found


def _links_of(part: _Layer, network: Network, trails: Trails, scarce: NDArray[np.bool_], carbon: float) -> pd.DataFrame:
    """Return the arcs of a class; `carbon` in USD per kg CO2e."""
    arcs, taken = network.arcs, part.arcs
    node = np.zeros(len(network.vertices), dtype=np.int64)
    node[list(part.node)] = list(part.node.values())
    row = trails.row(part.freight)
    kt, kgco2e, hours = part.kt[taken], trails.kgco2e[row, taken], trails.hours[taken]
    volume = kt * T_PER_KT / HOURS_A_YEAR
    km = np.where((arcs.km[taken] == 0) & (hours > 0), NOMINAL_KM, arcs.km[taken])
    first = _first_moves(network)
    shape = [first[link] if move else None for link, move in zip(arcs.id[taken], arcs.is_move[taken], strict=True)]
    return pd.DataFrame(
        {
            "name": [network.arc_names[arc] for arc in taken.tolist()],
            "from_node_id": node[arcs.tail[taken]],
            "to_node_id": node[arcs.head[taken]],
            "directed": "true",
            "geometry_id": ["" if one is None else one + 1 for one in shape],
            "dir_flag": [0 if one is None else 1 if one == arc else -1 for one, arc in zip(shape, taken, strict=True)],
            "length": km,
            "facility_type": np.where(arcs.is_move[taken], arcs.mode[taken], arcs.kind[taken]),
            "capacity": np.where(scarce[taken], volume, np.nan),
            "free_speed": np.divide(km, hours, out=np.ones(hours.size), where=hours != 0),
            "lanes": 1,
            "allowed_uses": str(part.freight),
            "toll": trails.usd[row, taken] + carbon * kgco2e,
            "jurisdiction": arcs.country[taken],
            "kind": arcs.kind[taken],
            "row": arcs.id[taken],
            "hours": hours,
            "kgco2e_per_t": kgco2e,
            "kt": kt,
            "volume": volume,
        }
    )


def _demand(plan: Plan, zones: Mapping[tuple[Class, Vertex], int]) -> pd.DataFrame:
    """Return what the plan carries, by demand."""
    found: dict[str, dict[str, Any]] = {}
    for route in rows(plan.routes):
        freight = Class(route.commodity, route.avoid)
        begin, end = Vertex(route.origin, ORIGIN), Vertex(route.destination, DESTINATION)
        new = {"o_zone_id": zones[freight, begin], "d_zone_id": zones[freight, end], "use": str(freight), "kt": 0.0}
        one = found.setdefault(route.demand, new | {"demand": route.demand})
        one["kt"] += route.kt
        one["volume"] = one["kt"] * T_PER_KT / HOURS_A_YEAR
    return pd.DataFrame(list(found.values()), columns=["o_zone_id", "d_zone_id", "volume", "use", "demand", "kt"])


def _columns() -> pd.DataFrame:
    found = [(table, *column) for table, columns in OWN.items() for column in columns]
    return pd.DataFrame(found, columns=["table", "column", "unit", "description"])
