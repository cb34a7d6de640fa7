"""The layer of links: one feature for each link of the network, with what it carries both ways and its limits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.export.layers import Atlas, Column, Layer, tidy
from corridors.frames import rows
from corridors.network.yearly import capacities_of, capacity_keys

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.planner import Plan

FREIGHT = (
    Column("kt", "kt/year", "freight moved, both directions"),
    Column("kt_forward", "kt/year", "of it from from_node to to_node"),
    Column("kt_backward", "kt/year", "of it from to_node to from_node"),
)


def links(plan: Plan, network: Network, atlas: Atlas) -> Layer:
    """Return every link that is open in the plan's year, used or not."""
    moves = np.flatnonzero(network.arcs.is_move)
    hours = dict(zip(network.arcs.row[moves].tolist(), network.arcs.hours[moves].tolist(), strict=True))
    links_ = network.dataset["links"].assign(capacity=capacities_of(network.dataset, "links", network.year))
    frame = links_.iloc[sorted(hours)].reset_index(drop=True)
    frame["from_name"], frame["to_name"] = atlas.names(frame["from_node"]), atlas.names(frame["to_node"])
    frame["name"] = [row.name_en or f"{row.from_name} - {row.to_name}" for row in rows(frame)]
    frame["hours"] = [hours[row] for row in sorted(hours)]
    frame["gauge_mm"], frame["both_ways"] = frame["gauge_mm"].astype("Int64"), frame["both_ways"] == 1
    goods = _add_freight(frame, plan, list(network.dataset["commodities"]["commodity"]))
    _add_corridors(frame, network)
    _add_limits(frame, plan, network)
    _add_provenance(frame, network)
    columns = (*_geography(), *FREIGHT, *goods, *_limits(plan.summary["unit"]))
    lines = [atlas.line([row.link], row.from_node) for row in rows(frame)]
    return Layer("links", "Links and what they carry", columns, tidy(frame, columns), lines)


def _geography() -> tuple[Column, ...]:
    return (
        Column("link", "", "link of links.csv"),
        Column("name", "", "name of the link, or of its ends"),
        Column("from_node", "", "place where it begins"),
        Column("to_node", "", "place where it ends"),
        Column("from_name", "", "name of the beginning in English"),
        Column("to_name", "", "name of the end in English"),
        Column("mode", "", "mode of transport"),
        Column("country", "", "country whose tariff holds, ISO 3166 alpha-3; INT = high seas"),
        Column("corridors", "", "corridors of corridors.csv that it belongs to, separated by ;"),
        Column("corridor_names", "", "their names in English, separated by ;"),
        Column("gauge_mm", "mm", "track gauge; rail only"),
        Column("km", "km", "length along the way; not that of the drawn line"),
        Column("hours", "h", "time from end to end in the plan's running conditions, waits on the link included"),
        Column("both_ways", "", "whether it may be used in both directions"),
    )


def _limits(unit: str) -> tuple[Column, ...]:
    price = f"{unit} a year for a unit of capacity"
    return (
        Column("capacity", "capacity_unit", "most freight that it takes in the plan's year; blank = no limit"),
        Column("capacity_unit", "", "unit of capacity"),
        Column("used", "capacity_unit", "what of it is taken"),
        Column("utilisation", "share of capacity", "use of its own capacity; blank = no limit"),
        Column("shadow_price_low", price, "what a little more capacity is worth, per unit"),
        Column("shadow_price_high", price, "what a little less capacity would cost, per unit"),
        Column(
            "capacity_status",
            "",
            "whether the capacity is observed, recalled, derived, assumed, calibrated or estimated",
        ),
        Column("capacity_source", "", "its source in sources.csv of the data package, before any scenario"),
        Column("pool", "", "limit that it shares with others"),
        Column("pool_utilisation", "share of capacity", "use of that limit"),
        Column("pool_shadow_price_high", price, "what a little less of that limit would cost, per unit"),
        Column("utilisation_max", "share of capacity", "the higher of utilisation and pool_utilisation"),
    )


def _add_freight(frame: pd.DataFrame, plan: Plan, commodities: list[str]) -> tuple[Column, ...]:
    """Add the kt of each direction and commodity; give the columns of the commodities."""
    start = frame.set_index("link")["from_node"]
    ahead = plan.flows["from_node"] == plan.flows["link"].map(start)
    for direction, flows in (("forward", plan.flows[ahead]), ("backward", plan.flows[~ahead])):
        frame[f"kt_{direction}"] = _by_link(frame, flows)
    frame["kt"] = frame["kt_forward"] + frame["kt_backward"]
    taken = {column.name for column in FREIGHT}
    columns = []
    for commodity in commodities:
        name = f"kt_{commodity}"
        while name.lower() in taken:  # GeoPackage does not tell capitals from small letters
            name += "_"
        taken.add(name.lower())
        frame[name] = _by_link(frame, plan.flows[plan.flows["commodity"] == commodity])
        columns.append(Column(name, "kt/year", f"of it of the class {commodity}"))
    return tuple(columns)


def _by_link(frame: pd.DataFrame, flows: pd.DataFrame) -> pd.Series:
    return frame["link"].map(flows.groupby("link")["kt"].sum()).astype(np.float64).fillna(0.0)


def _add_corridors(frame: pd.DataFrame, network: Network) -> None:
    """Add corridors; as in the plan, a link beside a listed one, of its mode between its places, counts with it."""
    dataset = network.dataset
    names = dict(zip(dataset["corridors"]["corridor"], dataset["corridors"]["name_en"], strict=True))
    pair_of = {row.link: (row.mode, frozenset((row.from_node, row.to_node))) for row in rows(dataset["links"])}
    through: dict[tuple[str, frozenset[str]], dict[str, str]] = defaultdict(dict)
    for row in rows(dataset["corridor_links"]):
        through[pair_of[row.link]][row.corridor] = names[row.corridor]
    found = [through.get(pair_of[link], {}) for link in frame["link"]]
    frame["corridors"] = [";".join(one) for one in found]
    frame["corridor_names"] = ["; ".join(one.values()) for one in found]


def _add_limits(frame: pd.DataFrame, plan: Plan, network: Network) -> None:
    limit = plan.bottlenecks.set_index("resource")
    for column in ("used", "utilisation", "shadow_price_low", "shadow_price_high"):
        frame[column] = frame["link"].map(limit[column]).astype(np.float64)
    name = network.dataset["pools"]["pool"]
    pools = frame["pool"].map({name[one.rows[0]]: one.resource for one in network.resources if one.table == "pools"})
    frame["pool_utilisation"] = pools.map(limit["utilisation"]).astype(np.float64)
    frame["pool_shadow_price_high"] = pools.map(limit["shadow_price_high"]).astype(np.float64)
    frame["utilisation_max"] = frame[["utilisation", "pool_utilisation"]].max(axis=1)


def _add_provenance(frame: pd.DataFrame, network: Network) -> None:
    told = network.dataset["provenance"]
    told = told[told["column"] == "capacity"].drop_duplicates(["table", "key"])
    places = list(zip(told["table"].tolist(), told["key"].tolist(), strict=True))
    held = capacity_keys(network.dataset, "links", network.year)
    place = dict(zip(network.dataset["links"]["link"].tolist(), held, strict=True))
    for column in ("status", "source"):
        known = dict(zip(places, told[column].tolist(), strict=True))
        frame[f"capacity_{column}"] = [known.get(place[link], np.nan) for link in frame["link"].tolist()]
