"""What is exported of a plan: links, places, routes and unserved freight, as layers.

Nothing is computed anew: figures are those of the plan's tables, beside the data package's names and coordinates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.export.great_circles import DIGITS
from corridors.export.layers import Atlas, Column, Layer, tidy
from corridors.export.links import links
from corridors.frames import rows
from corridors.network.costs import HOURS_PER_DAY
from corridors.text.reasons import CODE, VALUES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network.network import Network
    from corridors.planning.planner import Plan

NAMES = ("links", "places", "routes", "unserved")
KINDS = {
    "load": "loaded",
    "unload": "unloaded",
    "tranship": "transhipped",
    "gauge": "gauge_changed",
    "border": "border",
}

PLACES = (
    Column("node", "", "place of nodes.csv"),
    Column("name_en", "", "name in English"),
    Column("name_ru", "", "name in Russian"),
    Column("name_kk", "", "name in Kazakh"),
    Column("country", "", "country, ISO 3166 alpha-3; INT = high seas"),
    Column("kind", "", "what the place is, separated by ;"),
    Column("kt_loaded", "kt/year", "freight loaded"),
    Column("kt_unloaded", "kt/year", "freight unloaded"),
    Column("kt_transhipped", "kt/year", "freight that changed its mode"),
    Column("kt_gauge_changed", "kt/year", "freight that changed its track gauge"),
    Column("kt_border", "kt/year", "freight that passed frontier formalities"),
    Column("kt_handled", "kt/year", "all of these together: freight counts as often as it is handled"),
)


def layers(plan: Plan, network: Network) -> tuple[Layer, ...]:
    """Return the layers of a plan, in the order of `NAMES`.

    Parameters
    ----------
    plan
        A plan, read from its folder.
    network
        The network that it was made on (`planning.plan_folder.rebuilt`).
    """
    atlas = Atlas(network)
    return links(plan, network, atlas), _places(plan, network, atlas), _routes(plan, atlas), _unserved(plan, atlas)


def _places(plan: Plan, network: Network, atlas: Atlas) -> Layer:
    frame = network.dataset["nodes"]
    handled = plan.handlings.groupby(["kind", "node"])["kt"].sum().to_dict()
    for kind, done in KINDS.items():
        frame[f"kt_{done}"] = [float(handled.get((kind, node), 0.0)) for node in frame["node"]]
    frame["kt_handled"] = frame[[f"kt_{done}" for done in KINDS.values()]].sum(axis=1)
    places = [atlas.point[node] for node in frame["node"]]
    points = [(round(lon, DIGITS), round(lat, DIGITS)) for lon, lat in places]
    return Layer("places", "Places and what is handled there", PLACES, tidy(frame, PLACES), points=points)


DEMAND = (
    Column("demand", "", "demand of demand.csv"),
    Column("origin", "", "place where the freight begins"),
    Column("destination", "", "place where it ends"),
    Column("origin_name", "", "name of the origin in English"),
    Column("destination_name", "", "name of the destination in English"),
    Column("commodity", "", "class of freight"),
    Column("commodity_name", "", "name of the class in English"),
    Column("avoid", "", "countries that it may not cross, separated by ;"),
)
ROUTES = (
    *DEMAND,
    Column("kt", "kt/year", "freight on this route"),
    Column("modes", "", "modes in order"),
    Column("nodes", "", "every place passed, in order"),
    Column("links", "", "links in order, separated by ;"),
    Column("km", "km", "length along the way"),
    Column("days", "days", "time from loading to unloading"),
    Column("usd_per_t", "USD/t", "tariffs and charges"),
    Column("generalised_usd_per_t", "USD/t", "tariffs and charges, the worth of the time and the carbon price"),
    Column("kgco2e_per_t", "kg CO2e/t", "emissions, well to wheel"),
)
UNSERVED = (
    *DEMAND,
    Column("kt", "kt/year", "freight left"),
    Column(CODE, "", "the reason as a code"),
    Column(VALUES, "", "what the reason names, as name=value separated by |, several ids separated by ;"),
    Column("why", "", "the reason"),
)


def _routes(plan: Plan, atlas: Atlas) -> Layer:
    frame = _named(plan.routes, atlas)
    frame["days"] = frame["hours"] / HOURS_PER_DAY
    lines = [atlas.line(row.links.split(";"), row.origin) for row in rows(frame)]
    return Layer("routes", "Routes that carry freight", ROUTES, tidy(frame, ROUTES), lines)


def _unserved(plan: Plan, atlas: Atlas) -> Layer:
    frame = _named(plan.unserved, atlas)
    lines = [atlas.straight(row.origin, row.destination) for row in rows(frame)]
    return Layer("unserved", "Freight that is not served", UNSERVED, tidy(frame, UNSERVED), lines)


def _named(table: pd.DataFrame, atlas: Atlas) -> pd.DataFrame:
    frame = table.copy()
    frame["kt"] = frame["kt"].astype(float)
    for end in ("origin", "destination"):
        frame[f"{end}_name"] = atlas.names(frame[end])
    frame["commodity_name"] = frame["commodity"].map(atlas.commodity)
    return frame
