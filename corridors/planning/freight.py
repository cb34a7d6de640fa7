"""The year's freight as a `FlowProblem`: demands from the data package over the virtual network.

A class of the problem is a commodity together with the countries that its shippers avoid: it fixes unit costs,
the arcs it may use, and how much of each resource a tonne takes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import DataError
from corridors.models import side_constraints
from corridors.models.problem import FlowProblem
from corridors.models.shortest import distances
from corridors.network.arcs import LOAD, TRANSHIP
from corridors.network.costs import KG_PER_T, UNITS, Costs, price
from corridors.network.network import Resource, Vertex
from corridors.network.numbering import coded
from corridors.planning.years import demand_of
from corridors.tables.loads import Loads, Measure

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.network.network import Network

T_PER_KT = 1000.0
BOUND = "bound:"  # how the names of added bounds begin
UNPRICED_FACTOR = 10.0  # where no price exists in the objective's unit, leaving a tonne costs so many dearest ways


@dataclass(frozen=True, eq=False)
class Freight:
    """A posed problem with what is needed to read its answer in the user's terms.

    Attributes
    ----------
    demand
        The rows of the demand that were posed, in the order of the problem's demands (`planning.years`).
    commodity
        For each class of the problem the row of `costs`, shape (classes,).
    units_per_t
        Units of a resource that a tonne of a class takes, by (class, measure of the resource).
    objective, carbon_price
        What was minimised; USD per tonne of CO2e.
    resources
        What each resource row of the problem is, in words: those of the network, then added bounds.
    """

    network: Network
    costs: Costs
    problem: FlowProblem
    demand: pd.DataFrame
    commodity: NDArray[np.int64]
    units_per_t: dict[tuple[int, Measure], float]
    objective: str
    carbon_price: float
    resources: tuple[Resource, ...]


def with_co2_budget(freight: Freight, t_co2e: float) -> Freight:
    """Return the freight with a budget of emissions, tonnes of CO2e a year; its price is what a little more is worth.

    Raises
    ------
    ProblemError
        If the budget is negative.
    """
    per_tonne = freight.costs.kgco2e[freight.commodity] / KG_PER_T
    name = f"{BOUND}co2e"
    problem = side_constraints.at_most(freight.problem, per_tonne, t_co2e, name)
    row = Resource(name, "emissions budget", "t CO2e", t_co2e)
    return replace(freight, problem=problem, resources=(*freight.resources, row))


def with_minimum_share(freight: Freight, place: str, share: float) -> Freight:
    """Return the freight with the demand that at least a share of all that is carried changes its mode at a place.

    That is what passing through a port means; the price is that of one tonne more allowed elsewhere.

    Raises
    ------
    ProblemError
        If the share is not between 0 and 1.
    """
    network = freight.network
    loads = network.arcs.kind == LOAD
    changes = (network.arcs.kind == TRANSHIP) & (network.places[network.arcs.tail] == place)
    name = f"{BOUND}share:{place}"
    problem = side_constraints.at_least_share(freight.problem, changes, loads, share, name)
    row = Resource(name, f"at least {share:.2%} of all freight through {place}", "t", 0.0)
    return replace(freight, problem=problem, resources=(*freight.resources, row))


def pose(network: Network, objective: str = "generalised", carbon_price: float = 0.0) -> Freight:
    """State the year's freight as a flow problem.

    Parameters
    ----------
    network
        The virtual network.
    objective
        One of `text.choices.OBJECTIVES`. The price of a tonne left behind is its reservation price under `generalised`
        and `cost`; under `time` and `emissions`, where no such price exists, it is ten times the worst of the
        demands' best ways, so that what can be carried is.
    carbon_price
        USD per tonne of CO2e, added to the money.

    Raises
    ------
    DataError
        If a demand names a place at which its commodity can neither begin nor end, or a capacity's unit has no
        load for a commodity that needs it.
    """
    costs = price(network)
    demand = demand_of(network.dataset, network.year)
    kinds = list(zip(demand["commodity"].tolist(), demand["avoid"].tolist(), strict=True))
    class_, classes = coded(kinds)
    rows = np.array([costs.commodities.index(commodity) for commodity, _ in classes], dtype=np.int64)
    cost = costs.objective(objective, carbon_price)[rows]
    cost[~(costs.allowed[rows] & _not_avoided(network, [avoid for _, avoid in classes]))] = np.inf
    usage, units = _usage(network, costs, rows, cost)
    problem = FlowProblem(
        node_count=len(network.vertices),
        tail=network.arcs.tail,
        head=network.arcs.head,
        cost=cost,
        origin=_ends(network, demand, "origin"),
        destination=_ends(network, demand, "destination"),
        class_=class_,
        amount=demand["kt"].to_numpy(dtype=np.float64) * T_PER_KT,
        penalty=demand["reservation_usd_per_t"].to_numpy(dtype=np.float64),
        capacity=np.array([resource.capacity for resource in network.resources], dtype=np.float64),
        usage=usage,
        node_names=network.vertex_names,
        arc_names=network.arc_names,
        class_names=tuple(f"{commodity}-avoiding-{avoid}" if avoid else commodity for commodity, avoid in classes),
        demand_names=tuple(demand["demand"]),
        resource_names=tuple(resource.resource for resource in network.resources),
    )
    if UNITS[objective] != "USD":
        problem = replace(problem, penalty=_unpriced(problem))
    return Freight(network, costs, problem, demand, rows, units, objective, carbon_price, network.resources)


def _ends(network: Network, demand: pd.DataFrame, column: str) -> NDArray[np.int64]:
    found = []
    for row, place in zip(demand["demand"].tolist(), demand[column].tolist(), strict=True):
        vertex = network.position.get(Vertex(place, column))
        if vertex is None:
            raise DataError(
                f"demand.csv, row '{row}', column {column}: no link of year {network.year} serves '{place}': "
                "add a link there or choose another place"
            )
        found.append(vertex)
    return np.array(found, dtype=np.int64)


def _not_avoided(network: Network, avoids: list[str]) -> NDArray[np.bool_]:
    """Say which arcs a class may use, shape (classes, arcs): none in a country that its shippers avoid."""
    allowed = np.ones((len(avoids), len(network.arcs)), dtype=np.bool_)
    for row, avoid in enumerate(avoids):
        if avoid:
            allowed[row] = ~network.arcs.countries.meeting(avoid.split(";"))
    return allowed


def _unpriced(problem: FlowProblem) -> NDArray[np.float64]:
    """Return penalties where the objective knows no reservation price: a multiple of the worst best way."""
    worst = 1.0
    for class_ in range(problem.class_count):
        mine = problem.class_ == class_
        origins, rows = np.unique(problem.origin[mine], return_inverse=True)
        reached = distances(problem, class_, problem.cost[class_], origins)[rows, problem.destination[mine]]
        worst = max(worst, float(reached[np.isfinite(reached)].max(initial=0.0)))
    return np.full(problem.demand_count, UNPRICED_FACTOR * worst)


def _usage(
    network: Network, costs: Costs, rows: NDArray[np.int64], cost: NDArray[np.float64]
) -> tuple[Any, dict[tuple[int, Measure], float]]:
    """Return the resource rows as a CSR matrix (resources, classes x arcs), and units a tonne by class and measure."""
    from scipy import sparse  # heavy, and only posing a problem needs it

    load = _loads(network, [costs.commodities[row] for row in rows])
    measure, measures = coded(resource.measure for resource in network.resources)
    row, arc = network.resource_arcs.owner, network.resource_arcs.arc
    where, column, value = [], [], []
    for k in range(len(rows)):
        tonnes = np.array([load[k, one] for one in measures], dtype=np.float64)[measure]
        used = np.isfinite(cost[k, arc])
        taken = tonnes[row[used]]
        if np.isnan(taken).any():
            _no_load(network, costs.commodities[rows[k]], int(row[used][np.isnan(taken)][0]))
        where.append(row[used])
        column.append(k * len(network.arcs) + arc[used])
        value.append(1.0 / taken)
    shape = (len(network.resources), len(rows) * len(network.arcs))
    entries = np.concatenate(value), (np.concatenate(where), np.concatenate(column))
    return sparse.csr_array(entries, shape=shape), {key: 1.0 / one for key, one in load.items() if not math.isnan(one)}


def _no_load(network: Network, commodity: str, resource: int) -> None:
    unit, where = network.resources[resource].unit, network.resources[resource].where
    raise DataError(f"loads.csv has no row for unit '{unit}' and commodity '{commodity}', which {where} needs: add one")


def _loads(network: Network, commodities: list[str]) -> dict[tuple[int, Measure], float]:
    """Return the tonnes a year that one unit carries, by class and measure; NaN where the data do not say."""
    loads = Loads(network.dataset["loads"], network.dataset["commodities"])
    measures = {resource.measure for resource in network.resources}
    return {(k, one): loads.tonnes(one, commodity) for one in measures for k, commodity in enumerate(commodities)}
