"""Why tonnes stayed behind: no way, no way worth its price, or which full resources stood in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.costs import UNITS
from corridors.models.freight import T_PER_KT
from corridors.models.shortest import path_to, trees
from corridors.reading import SMALLEST_KT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.freight import Freight
    from corridors.models.problem import FlowSolution

COLUMNS = ["demand", "origin", "destination", "commodity", "avoid", "kt", "why"]
NAMED = 3  # so many full resources are named, the dearest first


def reasons(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Give what was not carried, with the reason in words, largest first."""
    rows = []
    for number in np.flatnonzero(solution.unserved / T_PER_KT > SMALLEST_KT):
        ask = freight.demand.iloc[int(number)]
        kt = float(solution.unserved[number]) / T_PER_KT
        why = _why(freight, solution.resource_price, int(number))
        rows.append((ask["demand"], ask["origin"], ask["destination"], ask["commodity"], ask["avoid"], kt, why))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["kt", "demand"], ascending=[False, True], ignore_index=True)


def _why(freight: Freight, price: NDArray[np.float64], demand: int) -> str:
    problem = freight.problem
    class_, origin = int(problem.class_[demand]), int(problem.origin[demand])
    destination, penalty = int(problem.destination[demand]), float(problem.penalty[demand])
    distance, tree = trees(problem, class_, problem.cost[class_], np.array([origin]))
    cheapest, unit = float(distance[0, destination]), UNITS[freight.objective]
    ask = freight.demand.iloc[demand]
    if not np.isfinite(cheapest):
        avoiding = f" that avoids {ask['avoid']}" if ask["avoid"] else ""
        return f"no open way{avoiding} for {ask['commodity']} from {ask['origin']} to {ask['destination']}"
    if cheapest >= penalty:
        return f"the cheapest way costs {cheapest:,.0f} {unit}/t, its shippers pay at most {penalty:,.0f}"
    path = path_to(problem, tree[0], origin, destination)
    charge = problem.usage_of(class_)[:, path].sum(axis=1) * price
    full = [int(row) for row in np.argsort(-charge, kind="stable")[:NAMED] if charge[row] > 0]
    if not full:
        return f"the capacity left would cost more than the {penalty:,.0f} {unit}/t that its shippers pay"
    return "full: " + "; ".join(freight.network.resources[row].where for row in full)
