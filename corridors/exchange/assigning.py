"""A road network assigned, its answer judged by the certificate alone, and its flows as a table in its ids."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import DataError
from corridors.exchange.roads import RoadClass, RoadNetwork
from corridors.models.assignment.certificate import certify
from corridors.models.assignment.problem import AssignmentSolution, Principle
from corridors.models.assignment.solver import GAP, NoWay, Progress, solve
from corridors.models.problem import Termination

if TYPE_CHECKING:
    import pandas as pd

_NAMED = 5  # of the trips without a way, in a sentence


@dataclass(frozen=True)
class Wanted:
    """How a network is to be assigned: by which principle, how precisely, within hard capacities, and in what time.

    And what a unit of toll and of length cost, where its files do not say; and the classes of its trips.
    """

    principle: Principle = "equilibrium"
    gap: float = GAP
    hard: bool = False
    time_limit: float = math.inf
    toll_factor: float | None = None
    distance_factor: float | None = None
    classes: tuple[RoadClass, ...] = ()


@dataclass(frozen=True)
class Assigned:
    """What is known of a road network.

    Attributes
    ----------
    status
        ``equilibrium`` or ``optimum``: proved within the gap that was asked for. ``feasible``: sound flows whose gap
        is wider. ``infeasible``: proved that the trips do not fit into hard capacities. ``unproven``: none of these.
    objective, bound, gap, total
        Of the flows, all by the certificate, in the network's unit of cost; None where there is no such figure.
    seconds
        Wall-clock time of the method, loading it not counted.
    iterations
        How often the bushes were renewed.
    reasons
        Why it is not proved, a sentence each.
    termination
        Why the method ended.
    solution
        The flows that the figures above belong to.
    """

    status: str
    objective: float | None
    bound: float | None
    gap: float | None
    total: float | None
    seconds: float
    iterations: int
    reasons: tuple[str, ...]
    termination: Termination
    solution: AssignmentSolution = field(repr=False)


def assign(roads: RoadNetwork, wanted: Wanted, *, tell: Callable[[Progress], None] | None = None) -> Assigned:
    """Assign the trips of a network and prove the answer.

    Raises
    ------
    DataError
        If there are trips that no path can take; the sentence names their zones.
    """
    began = time.perf_counter()
    try:
        solution = solve(
            roads.problem,
            wanted.principle,
            hard=wanted.hard,
            gap=wanted.gap,
            time_limit=wanted.time_limit,
            tell=tell,
        )
    except NoWay as error:
        raise DataError(_no_way(roads, error)) from error
    seconds = time.perf_counter() - began - solution.seconds["load"]
    proof = certify(roads.problem, solution, wanted.gap)
    sound = certify(roads.problem, solution, math.inf).holds if not proof.holds else True
    status: str = wanted.principle if proof.holds else "feasible" if sound else "unproven"
    figures = (proof.objective, proof.bound, proof.gap, proof.total)
    if proof.infeasible:
        status, figures = "infeasible", (math.nan,) * 4
    elif status == "unproven":
        figures = (math.nan, proof.bound, math.nan, math.nan)
    objective, bound, found, total = (one if math.isfinite(one) else None for one in figures)
    return Assigned(
        status=status,
        objective=objective,
        bound=bound,
        gap=found,
        total=total,
        seconds=seconds,
        iterations=solution.iterations,
        reasons=proof.reasons,
        termination=solution.termination,
        solution=solution,
    )


def _no_way(roads: RoadNetwork, error: NoWay) -> str:
    """Say which trips no path can take."""
    demands = error.demands.tolist()
    amount = roads.vehicles[error.demands].sum()
    vehicles = roads.vehicles
    pairs = [f"{roads.origins[k]} > {roads.destinations[k]} ({vehicles[k]:.10g})" for k in demands[:_NAMED]]
    more = f", and {len(demands) - _NAMED} more" if len(demands) > _NAMED else ""
    return (
        f"no path leads where {amount:.10g} trips want to go: {', '.join(pairs)}{more}; "
        "add the links that are missing, or take these trips out"
    )


def flow_table(file: str, roads: RoadNetwork, solution: AssignmentSolution) -> pd.DataFrame:
    """Return a row for each link and direction.

    Its ends in the ids of the network, its flow, what a trip on it costs then, and what one more trip costs all the
    others on it: the toll at which the optimum is an equilibrium. The price of a link that is full, where capacities
    are hard. And the id of the link, and the file.

    Where trips are of classes, ``flow`` adds up their passenger-car units, ``cost`` is the time, and there are two more
    columns for each class: ``flow_NAME``, its vehicles, and ``cost_NAME``, what one of them pays, but for the price.
    """
    import pandas as pd  # only for this table

    problem, flow = roads.problem, solution.flow
    cost = problem.costs.at(flow)
    some = [arc for arc, link in enumerate(roads.links) if link]
    rows = {
        "from_node": [roads.nodes[node] for node in problem.tail[some].tolist()],
        "to_node": [roads.nodes[node] for node in problem.head[some].tolist()],
        "flow": flow[some],
        "cost": cost[some],
        "external_cost": (problem.costs.marginal(flow) - cost)[some],
        "price": np.nan if solution.price is None else solution.price[some],
        "link": [roads.links[arc] for arc in some],
        "file": [file] * len(some),
    }
    if problem.class_fixed is not None:
        of_class = solution.class_flow(len(roads.classes))
        for one, units, fixed in zip(roads.classes, of_class, problem.class_fixed, strict=True):
            rows |= {f"flow_{one.name}": units[some] / one.pcu, f"cost_{one.name}": (cost + fixed)[some]}
    return pd.DataFrame(rows)
