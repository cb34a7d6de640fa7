"""A proven answer as one table in the ids of its file: what flows where, on which paths, and at which prices.

From the table alone follow the cost of the answer and the bound that proves it (`corridors.models.bound`):

* cost: flow x cost of the rows ``link``, and unserved x penalty of the rows ``demand``
* bound: amount x price of the rows ``demand``, less capacity x price of the rows ``link`` and ``resource``
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.exchange.instances import Instance
from corridors.models import shortest
from corridors.models.arrays import FloatArray
from corridors.models.problem import FlowSolution

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("file", "kind", "id", "class", "from", "to"),
    *("amount", "flow", "cost", "capacity", "price", "unserved", "penalty"),
    *("nodes", "links"),
)
_JOINED = " > "


def table(file: str, instance: Instance, solution: FlowSolution) -> pd.DataFrame:
    """Return the rows of an answer, in this order of ``kind``; what a row does not have is missing.

    ========  ==============================================================================================
    link      a link and direction, for each class that may use it: its flow, the cost of a unit, the capacity if
              it has one of its own, and the price of passing one more unit through what is full
    resource  a capacity that several of these rows share: what is used of it, and the price of a unit
    path      a path of a demand: its flow, the cost of a unit, its nodes and its links
    demand    the amount asked for, what flows and what is left, the penalty for a unit left, and the price: the
              cost of serving a unit at all these prices, or of leaving it where that is cheaper
    ========  ==============================================================================================
    """
    import pandas as pd  # only for this table

    kinds = (_links, _resources, _paths, _demands)
    rows = [{"file": file, **row} for rows_of in kinds for row in rows_of(instance, solution)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _class(instance: Instance, class_: int) -> str | None:
    names = instance.problem.class_names
    return names[class_] if names else None


def _tolls(instance: Instance, solution: FlowSolution) -> FloatArray:
    """Return what a unit of each class pays on each arc at the prices of the resources, ``A' mu``, (C, A)."""
    problem = instance.problem
    tolls: FloatArray = (problem.usage.T @ solution.resource_price).reshape(problem.cost.shape)
    return tolls


def _own(instance: Instance) -> dict[int, int]:
    """Return the resources that are the capacity of a single class and arc, by the column of that pair in the usage."""
    usage = instance.problem.usage
    single = np.flatnonzero(np.diff(usage.indptr) == 1)
    single = single[usage.data[usage.indptr[single]] == 1]
    columns = usage.indices[usage.indptr[single]]
    once = np.bincount(usage.indices, minlength=usage.shape[1])[columns] == 1
    return dict(zip(columns[once].tolist(), single[once].tolist(), strict=True))


def _links(instance: Instance, solution: FlowSolution) -> Iterator[dict[str, Any]]:
    problem = instance.problem
    flow, toll, own = solution.arc_flow(problem), _tolls(instance, solution), _own(instance)
    for class_, arc in zip(*(one.tolist() for one in np.nonzero(np.isfinite(problem.cost))), strict=True):
        if not instance.links[arc]:
            continue
        resource = own.get(class_ * problem.arc_count + arc)
        yield {
            "kind": "link",
            "id": instance.links[arc],
            "class": _class(instance, class_),
            "from": instance.nodes[problem.tail[arc]],
            "to": instance.nodes[problem.head[arc]],
            "flow": flow[class_, arc],
            "cost": problem.cost[class_, arc],
            "capacity": None if resource is None else problem.capacity[resource],
            "price": toll[class_, arc],
        }


def _resources(instance: Instance, solution: FlowSolution) -> Iterator[dict[str, Any]]:
    problem = instance.problem
    shared = set(range(problem.resource_count)) - set(_own(instance).values())
    use = solution.resource_use(problem)
    for r in sorted(shared):
        arcs = np.unique(problem.usage[[r]].indices % problem.arc_count).tolist()
        names = {instance.links[arc] for arc in arcs}
        usual = names.pop() if len(names) == 1 else f"limit {r + 1}"
        yield {
            "kind": "resource",
            "id": problem.resource_names[r] if problem.resource_names else usual,
            "flow": use[r],
            "capacity": problem.capacity[r],
            "price": solution.resource_price[r],
        }


def _paths(instance: Instance, solution: FlowSolution) -> Iterator[dict[str, Any]]:
    problem = instance.problem
    for number, (k, flow, arcs) in enumerate(
        zip(solution.path_demand.tolist(), solution.path_flow.tolist(), solution.path_arcs, strict=True), start=1
    ):
        class_ = int(problem.class_[k])
        nodes = [int(problem.origin[k]), *problem.head[arcs].tolist()]
        yield {
            "kind": "path",
            "id": str(number),
            "class": _class(instance, class_),
            "from": instance.origins[k],
            "to": instance.destinations[k],
            "flow": flow,
            "cost": float(problem.cost[class_, arcs].sum()),
            "nodes": _JOINED.join(filter(None, (instance.nodes[node] for node in nodes))),
            "links": _JOINED.join(filter(None, (instance.links[arc] for arc in arcs.tolist()))),
        }


def _demands(instance: Instance, solution: FlowSolution) -> Iterator[dict[str, Any]]:
    problem = instance.problem
    carried = np.bincount(solution.path_demand, solution.path_flow, problem.demand_count)
    price = _demand_prices(instance, solution)
    for k in range(problem.demand_count):
        penalty = float(problem.penalty[k])
        yield {
            "kind": "demand",
            "id": str(k + 1),
            "class": _class(instance, int(problem.class_[k])),
            "from": instance.origins[k],
            "to": instance.destinations[k],
            "amount": problem.amount[k],
            "flow": carried[k],
            "unserved": solution.unserved[k],
            "penalty": penalty if np.isfinite(penalty) else None,
            "price": price[k],
        }


def _demand_prices(instance: Instance, solution: FlowSolution) -> FloatArray:
    """Return the cost of the cheapest path of each demand at the prices, or its penalty where that is less, (D,)."""
    problem = instance.problem
    price = problem.penalty.copy()
    costs = problem.cost + _tolls(instance, solution)
    for class_ in np.unique(problem.class_).tolist():
        mine = np.flatnonzero(problem.class_ == class_)
        origins, row = np.unique(problem.origin[mine], return_inverse=True)
        for number, origin in enumerate(origins.tolist()):
            some = mine[row == number]
            distance = shortest.distances(problem, class_, costs[class_], np.array([origin]))[0]
            price[some] = np.minimum(price[some], distance[problem.destination[some]])
    return price
