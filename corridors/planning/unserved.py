"""Why tonnes stayed behind: no way, no way worth its price, or the full resources that stand in every way.

The last is a minimum cut (Ford & Fulkerson 1956) in the network of what the shippers would pay for: arcs that
take a full resource can be cut at the tonnes it carries, all others not. Where several arcs share a resource the
cut need not be the smallest set of resources, but it always separates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.models.shortest import cost_to_go, path_to, trees
from corridors.network.costs import UNITS
from corridors.planning.freight import T_PER_KT
from corridors.planning.results import FULL, SMALLEST_KT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.planning.freight import Freight

COLUMNS = ["demand", "origin", "destination", "commodity", "avoid", "kt", "why"]
KT_PER_MT = 1000.0
DEAR = 1.0 - 1e-9  # a way that costs all its shippers pay is no way worth taking


def reasons(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Give what was not carried, with the reason in words, largest first."""
    left = np.flatnonzero(solution.unserved / T_PER_KT > SMALLEST_KT)
    judge = _Judge(freight, solution) if len(left) else None
    rows = []
    for number in left.tolist():
        ask = freight.demand.iloc[number]
        kt = float(solution.unserved[number]) / T_PER_KT
        why = judge.why(number) if judge else ""
        rows.append((ask["demand"], ask["origin"], ask["destination"], ask["commodity"], ask["avoid"], kt, why))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["kt", "demand"], ascending=[False, True], ignore_index=True)


class _Judge:
    """Knows what is full, and says for one demand after the other what stood in its way."""

    def __init__(self, freight: Freight, solution: FlowSolution) -> None:
        self.freight, self.problem = freight, freight.problem
        self.price = solution.resource_price
        self.full = solution.resource_use(self.problem) >= self.problem.capacity * FULL
        self.tonnes = solution.arc_flow(self.problem).ravel()

    def why(self, demand: int) -> str:
        """Give the reason that a demand is not served in full."""
        problem, ask = self.problem, self.freight.demand.iloc[demand]
        class_, origin = int(problem.class_[demand]), int(problem.origin[demand])
        destination, penalty = int(problem.destination[demand]), float(problem.penalty[demand])
        distance, tree = trees(problem, class_, problem.cost[class_], np.array([origin]))
        cheapest, unit = float(distance[0, destination]), UNITS[self.freight.objective]
        if not np.isfinite(cheapest):
            avoiding = f" that avoids {ask['avoid']}" if ask["avoid"] else ""
            return f"no open way{avoiding} for {ask['commodity']} from {ask['origin']} to {ask['destination']}"
        if cheapest >= penalty * DEAR:
            return f"the cheapest way costs {cheapest:,.0f} {unit}/t, its shippers pay at most {penalty:,.0f}"
        cut = self._cut(class_, origin, destination, distance[0], penalty)
        if not cut:
            path = path_to(problem, tree[0], origin, destination)
            charge = problem.usage_of(class_)[:, path].sum(axis=1) * self.price
            cut = [int(row) for row in np.flatnonzero(charge > 0)]
        if not cut:
            return f"the capacity left would cost more than the {penalty:,.0f} {unit}/t that its shippers pay"
        return self._words(cut)

    def _cut(
        self, class_: int, origin: int, destination: int, distance: NDArray[np.float64], penalty: float
    ) -> list[int]:
        """Give the full resources that cut every way worth taking, or none where such ways pass no full one."""
        import networkx as nx  # heavy, and only a plan that leaves freight needs it

        problem = self.problem
        ahead = cost_to_go(problem, class_, np.array([destination]))
        total = distance[problem.tail] + problem.cost[class_] + ahead[problem.head]
        worth = np.flatnonzero(total < penalty * DEAR).tolist()
        most, scarcest = self._limits(class_)
        graph = nx.DiGraph()
        for arc in worth:
            ends = int(problem.tail[arc]), int(problem.head[arc])
            before = graph.edges[ends]["capacity"] if graph.has_edge(*ends) else 0.0
            graph.add_edge(*ends, capacity=before + most[arc])
        try:
            _, (side, _) = nx.minimum_cut(graph, origin, destination)
        except nx.NetworkXUnbounded:
            return []
        cut = [arc for arc in worth if int(problem.tail[arc]) in side and int(problem.head[arc]) not in side]
        return sorted({int(scarcest[arc]) for arc in cut})

    def _limits(self, class_: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Give, for each arc, the tonnes of a class that its scarcest full resource takes (or inf), and which it is."""
        usage = self.problem.usage_of(class_).tocoo()
        own = usage.row < len(self.freight.network.resources)  # an added bound stands in every way and cuts none
        kept = own & self.full[usage.row] & (usage.data > 0)
        rows, arcs = usage.row[kept], usage.col[kept]
        tonnes = self.problem.capacity[rows] / usage.data[kept]
        most = np.full(self.problem.arc_count, np.inf)
        scarcest = np.full(self.problem.arc_count, -1, dtype=np.int64)
        order = np.argsort(-tonnes, kind="stable")  # the scarcest is written last
        most[arcs[order]], scarcest[arcs[order]] = tonnes[order], rows[order]
        return most, scarcest

    def _words(self, cut: list[int]) -> str:
        """Name the resources of a cut, and the tonnes that they carry."""
        usage = self.problem.usage
        if max(cut) >= len(self.freight.network.resources):
            return f"full: {'; '.join(self.freight.resources[row].where for row in cut)}"
        closed = [row for row in cut if self.problem.capacity[row] <= 0]
        full = [row for row in cut if self.problem.capacity[row] > 0]
        said = []
        if full:
            carried = [self.tonnes[usage.indices[usage.indptr[r] : usage.indptr[r + 1]]].sum() for r in full]
            mt = sum(carried) / T_PER_KT / KT_PER_MT
            said.append(f"{self._listed(full)}, {mt:,.1f} Mt{' together' if len(full) > 1 else ''}, full")
        if closed:
            said.append(f"{self._listed(closed)}, closed")
        return "; ".join(said)

    def _listed(self, resources: list[int]) -> str:
        names = [self.freight.resources[row].where for row in resources]
        return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
