"""Why tonnes stayed behind: no way, no way worth its price, or the full resources that stand in every way.

The last is a minimum cut (Ford & Fulkerson 1956) in the network of what the shippers would pay for: arcs that
take a full resource can be cut at the tonnes it carries, all others not. Where several arcs share a resource the
cut need not be the smallest set of resources, but it always separates. Arcs that each lie on a way worth taking may
together be a detour that is not, and it may pass nothing full; no cut separates it then. Resources are named one way
after the other instead, the dearest of each cheapest way that is left, and those that the others make needless go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from corridors.models.shortest import cost_to_go, path_to, trees
from corridors.network.costs import UNITS
from corridors.planning.freight import T_PER_KT
from corridors.planning.results import SMALLEST_KT
from corridors.planning.summary import FULL
from corridors.text.reasons import CODE, VALUES, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.planning.freight import Freight
    from corridors.text.reasons import Value

COLUMNS = ["demand", "origin", "destination", "commodity", "avoid", "kt", CODE, VALUES, "why"]
KT_PER_MT = 1000.0
DEAR = 1.0 - 1e-9  # a way that costs all its shippers pay is no way worth taking


def reasons(freight: Freight, solution: FlowSolution) -> pd.DataFrame:
    """Return what was not carried, the largest first: kt a year, the reason's code and values, and its sentence."""
    left = np.flatnonzero(solution.unserved / T_PER_KT > SMALLEST_KT).tolist()
    demands = freight.demand.iloc[left]
    where = {resource.resource: resource.where for resource in freight.resources}
    found = why(freight, solution, left)
    frame = demands[["demand", "origin", "destination", "commodity", "avoid"]].assign(
        kt=solution.unserved[left] / T_PER_KT,
        **{CODE: [reason.code for reason in found], VALUES: [reason.text for reason in found]},
        why=[reason.sentence(where) for reason in found],
    )
    return frame[COLUMNS].sort_values(["kt", "demand"], ascending=[False, True], ignore_index=True)


def why(freight: Freight, solution: FlowSolution, demands: Sequence[int]) -> list[Reason]:
    """Return the reason that each of some demands is not served in full."""
    judge = _Judge(freight, solution) if demands else None
    return [judge.reason(number) for number in demands] if judge else []


class _Judge:
    """Knows what is full, and says for one demand after the other what stood in its way."""

    def __init__(self, freight: Freight, solution: FlowSolution) -> None:
        self.freight, self.problem = freight, freight.problem
        self.price = solution.resource_price
        self.full = solution.resource_use(self.problem) >= self.problem.capacity * FULL
        self.tonnes = solution.arc_flow(self.problem).ravel()

    def reason(self, demand: int) -> Reason:
        """Return the reason that a demand is not served in full."""
        problem, ask = self.problem, self.freight.demand.iloc[demand]
        class_, origin = int(problem.class_[demand]), int(problem.origin[demand])
        destination, penalty = int(problem.destination[demand]), float(problem.penalty[demand])
        distance, tree = trees(problem, class_, problem.cost[class_], np.array([origin]))
        cheapest, unit = float(distance[0, destination]), UNITS[self.freight.objective]
        if not np.isfinite(cheapest):
            asked = {name: ask[name] for name in ("commodity", "origin", "destination")}
            if ask["avoid"]:
                return Reason("no_path_avoiding", {"avoid": tuple(ask["avoid"].split(";")), **asked})
            return Reason("no_path", asked)
        if cheapest >= penalty * DEAR:
            return Reason("above_reservation_price", {"cost": cheapest, "price": penalty, "unit": unit})
        cut = self._cut(class_, origin, destination, distance[0], penalty)
        if not cut:
            charge = self._charge(class_, path_to(problem, tree[0], origin, destination))
            cut = np.flatnonzero(charge > 0).tolist()
            if cut and max(cut) < len(self.freight.network.resources):
                cut = self._one_a_way(class_, origin, destination, penalty) or cut
        if not cut:
            return Reason("scarcity_above_reservation_price", {"price": penalty, "unit": unit})
        return self._of_cut(cut)

    def _cut(
        self, class_: int, origin: int, destination: int, distance: NDArray[np.float64], penalty: float
    ) -> list[int]:
        """Return the full resources that cut every way worth taking, or none where such ways pass no full one."""
        problem = self.problem
        ahead = cost_to_go(problem, class_, np.array([destination]))
        total = distance[problem.tail] + problem.cost[class_] + ahead[problem.head]
        worth = np.flatnonzero(total < penalty * DEAR)
        most, scarcest = self._limits(class_)
        if self._leads(worth[np.isinf(most[worth])], origin, destination):
            return []
        import networkx as nx  # heavy, and only a plan that leaves freight for want of room needs it

        graph = nx.DiGraph()
        for arc in worth.tolist():
            ends = int(problem.tail[arc]), int(problem.head[arc])
            before = graph.edges[ends]["capacity"] if graph.has_edge(*ends) else 0.0
            graph.add_edge(*ends, capacity=before + most[arc])
        _, (side, _) = nx.minimum_cut(graph, origin, destination)
        cut = [arc for arc in worth.tolist() if int(problem.tail[arc]) in side and int(problem.head[arc]) not in side]
        return sorted({int(scarcest[arc]) for arc in cut})

    def _leads(self, arcs: NDArray[np.int64], origin: int, destination: int) -> bool:
        """Tell whether some arcs alone lead from a node to another."""
        problem, nodes = self.problem, self.problem.node_count
        pairs = (np.ones(arcs.size, dtype=np.int8), (problem.tail[arcs], problem.head[arcs]))
        graph = sparse.csr_array(pairs, shape=(nodes, nodes))
        return bool((csgraph.breadth_first_order(graph, origin, return_predecessors=False) == destination).any())

    def _one_a_way(self, class_: int, origin: int, destination: int, penalty: float) -> list[int]:
        """Return priced resources of which each way worth taking passes one, or none where some way passes none."""
        named: list[int] = []
        while True:
            distance, tree = self._without(named, class_, origin)
            if distance[destination] >= penalty * DEAR:
                break
            charge = self._charge(class_, path_to(self.problem, tree, origin, destination))
            if charge.max() <= 0:  # of a plan that was stopped before its optimum
                return []
            named.append(int(charge.argmax()))
        for row in tuple(named):
            others = [one for one in named if one != row]
            distance, _ = self._without(others, class_, origin)
            if distance[destination] >= penalty * DEAR:
                named = others
        return sorted(named)

    def _without(self, closed: list[int], class_: int, origin: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return distances and tree from a node, (N,), without the arcs that take any of some resources."""
        cost = self.problem.cost[class_].copy()
        takes = self.problem.usage_of(class_)[closed].tocoo()
        cost[takes.col[takes.data > 0]] = np.inf
        distance, tree = trees(self.problem, class_, cost, np.array([origin]))
        return distance[0], tree[0]

    def _charge(self, class_: int, path: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what a tonne on a path pays for each resource, (R,)."""
        return np.asarray(self.problem.usage_of(class_)[:, path].sum(axis=1) * self.price)

    def _limits(self, class_: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return, for each arc, the tonnes of a class that its scarcest full resource takes (or inf), and which."""
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

    def _of_cut(self, cut: list[int]) -> Reason:
        """Name the resources of a cut, and the tonnes that the full ones carry."""
        names = {row: self.freight.resources[row].resource for row in cut}
        if max(cut) >= len(self.freight.network.resources):
            return Reason("bound_reached", {"resources": tuple(names.values())})
        closed = tuple(names[row] for row in cut if self.problem.capacity[row] <= 0)
        full = [row for row in cut if self.problem.capacity[row] > 0]
        if not full:
            return Reason("capacity_closed", {"closed": closed})
        usage = self.problem.usage
        carried = [self.tonnes[usage.indices[usage.indptr[r] : usage.indptr[r + 1]]].sum() for r in full]
        mt = float(sum(carried)) / T_PER_KT / KT_PER_MT
        values: dict[str, Value] = {"full": tuple(names[row] for row in full), "mt": mt}
        return (
            Reason("capacity_full_or_closed", {**values, "closed": closed})
            if closed
            else Reason("capacity_full", values)
        )
