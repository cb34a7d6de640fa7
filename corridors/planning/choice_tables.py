"""What a plan of shippers who choose has beside that of one hand: ways and probabilities, waiting, and the summary.

Every function takes the posed freight and a proved answer (`planning.chosen.Chosen`). Hours are those waited at the
use of the answer, and come on top of the hours that a route takes on an empty network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.models.shortest import distances
from corridors.network.costs import UNITS
from corridors.planning.freight import T_PER_KT
from corridors.planning.results import SMALLEST_KT
from corridors.planning.summary import FULL
from corridors.planning.unserved import COLUMNS
from corridors.text.reasons import CODE, VALUES, Reason

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.planning.chosen import Chosen
    from corridors.planning.freight import Freight

SEVERAL = 0.05  # of a demand: what goes by a way that carries less is told by the routes alone
LISTED, ALL = "over the listed routes", "over all routes"
OBJECTIVE = (
    "generalised cost of what goes and of what is left, less what shippers gain by having a choice (entropy over tau), "
    "plus waiting added up from an empty place to its use"
)
PERTURBED = (
    "generalised cost of what goes and of what is left, plus what a demand pays for going all one way (perturbation)"
)
ROUTE_COLUMNS = ("way", "probability", "waiting_hours")


def with_ways(freight: Freight, routes: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """Return the table of routes with the way of each, its share of its demand, and the hours that it waits."""
    steps = freight.network.arcs.id
    listed = chosen.problem.routes
    names = freight.demand["demand"].to_numpy()
    number = {
        (names[demand], ";".join(steps[listed.arcs_of(route)].tolist())): route
        for route, demand in enumerate(listed.demand.tolist())
    }
    own = np.array([number[key] for key in zip(routes["demand"], routes["steps"], strict=True)], dtype=np.int64)
    asked = dict(zip(names, freight.demand["kt"], strict=True))
    added: dict[str, Any] = {
        "way": [chosen.words[route] for route in own.tolist()],
        "probability": routes["kt"] / [asked[name] for name in routes["demand"]],
        "waiting_hours": chosen.route_hours[own],
    }
    place = list(routes.columns).index("kt") + 1
    columns = [*routes.columns[:place], *ROUTE_COLUMNS[:2], *routes.columns[place:]]
    columns.insert(columns.index("hours") + 1, ROUTE_COLUMNS[2])
    return routes.assign(**added)[columns]


def with_waiting(freight: Freight, bottlenecks: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """Return the table of bottlenecks with the hours that are waited at each."""
    hours = {one.resource: float(wait) for one, wait in zip(freight.resources, chosen.hours, strict=True)}
    return bottlenecks.assign(waiting_hours=[hours[name] for name in bottlenecks["resource"]])


def left(freight: Freight, chosen: Chosen) -> pd.DataFrame:
    """Return what was not carried, as `planning.unserved.reasons` does: no way at all, or left by choice.

    Shippers who choose leave a part of their freight at any price; the reason has the cheapest way at the answer's
    prices, waiting and scarcity among them, and what they pay at most.
    """
    unserved = chosen.solution.unserved
    numbers = np.flatnonzero(unserved / T_PER_KT > SMALLEST_KT)
    cheapest, unit = cheapest_at_prices(chosen, numbers), UNITS[freight.objective]
    demands = freight.demand.iloc[numbers]
    found = []
    for ask, number, cost in zip(demands.to_dict("records"), numbers.tolist(), cheapest.tolist(), strict=True):
        asked = {name: ask[name] for name in ("commodity", "origin", "destination")}
        if np.isfinite(cost):
            price = float(freight.problem.penalty[number])
            found.append(Reason("left_by_choice", {"cost": cost, "price": price, "unit": unit}))
        elif ask["avoid"]:
            found.append(Reason("no_path_avoiding", {"avoid": tuple(ask["avoid"].split(";")), **asked}))
        else:
            found.append(Reason("no_path", asked))
    frame = demands[["demand", "origin", "destination", "commodity", "avoid"]].assign(
        kt=unserved[numbers] / T_PER_KT,
        **{CODE: [one.code for one in found], VALUES: [one.text for one in found]},
        why=[one.sentence() for one in found],
    )
    return frame[COLUMNS].sort_values(["kt", "demand"], ascending=[False, True], ignore_index=True)


def cheapest_at_prices(chosen: Chosen, demands: IntArray) -> FloatArray:
    """Return what a tonne of some demands costs at least at the answer's prices, over all routes; inf without one."""
    flow = chosen.problem.flow
    priced = flow.cost + (flow.usage.T @ chosen.solution.resource_price).reshape(flow.cost.shape)
    found = np.empty(demands.size)
    for class_ in np.unique(flow.class_[demands]).tolist():
        mine = flow.class_[demands] == class_
        origins, row = np.unique(flow.origin[demands[mine]], return_inverse=True)
        found[mine] = distances(flow, class_, priced[class_], origins)[row, flow.destination[demands[mine]]]
    return found


def told(freight: Freight, chosen: Chosen) -> dict[str, Any]:
    """Return what a summary says of the choice beside what every summary says."""
    flow, listed = freight.problem, chosen.problem.routes
    share = np.divide(chosen.way_flow, flow.amount[chosen.way_demand], out=np.zeros(chosen.way_flow.size))
    several = np.bincount(chosen.way_demand, share > SEVERAL, flow.demand_count) > 1
    some = flow.amount > 0
    demanded = float(flow.amount.sum())
    cost = chosen.cost(flow)
    waits = chosen.waiting_cost()
    waited = float(chosen.solution.route_flow @ chosen.route_hours)
    return {
        "objective_is": OBJECTIVE if chosen.listed else PERTURBED,
        "cost_usd": cost,
        "entropy_usd": chosen.entropy(),
        "waiting_usd": waits,
        "waiting_t_h": waited,
        "routes": listed.size,
        "ways": chosen.way_flow.size,
        "demands_with_several_ways": float(several[some].mean()) if some.any() else 0.0,
        "tonnes_with_several_ways": float(flow.amount[several].sum()) / demanded if demanded else 0.0,
        "resources_full": int((chosen.use >= flow.capacity * FULL)[flow.capacity > 0].sum()),
        "elasticities": dict(chosen.elasticities),
        "proof": LISTED if chosen.listed else ALL,
    }
