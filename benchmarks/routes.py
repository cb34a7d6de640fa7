"""Routes to choose among on the embedded network: what the set costs to make and to close, and what more of it changes.

``python -m benchmarks.routes ROUNDS`` prints rows as JSON. A process of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np

from benchmarks.measure import peak_mib
from benchmarks.times import Times
from corridors import network, tables
from corridors.models import columns
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice import solver
from corridors.models.choice.closing import Closed, close
from corridors.models.choice.generation import RouteSettings, generate
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.route_set import RouteSet
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.network import ways
from corridors.network.corridor_flows import CorridorFlows, corridor_flows
from corridors.network.network import Network
from corridors.planning.freight import pose

NESTING = 5.0  # how much sharper a demand chooses among the routes of a way than among ways
TAU = 20.0, 50.0
GROWN = RouteSettings(draws=14, spread=(0.15, 0.25), keep=6)
LEAST_KT = 1000.0  # corridors that carry less are left out of what the growth changes


class Case:
    """The embedded network with its freight, the linear optimum, and what makes two routes one way."""

    def __init__(self, nests: str = "frontiers") -> None:
        self.network: Network = network.build(tables.read())
        self.problem: FlowProblem = pose(self.network).problem
        self.optimum: FlowSolution = columns.solve(self.problem)
        self.marks = ways.marks(self.network, nests)
        self.corridors: CorridorFlows = corridor_flows(self.network)

    def routes(self, settings: RouteSettings | None = None) -> RouteSet:
        """Return the routes to choose among, before they are closed."""
        return generate(self.problem, self.marks, [self.optimum.resource_price], self.optimum.paths, settings)

    def choice(self, routes: RouteSet, tau: float) -> ChoiceProblem:
        """Return the choice among some routes, as sharp as tau says."""
        some = np.isfinite(routes.cheapest) & (routes.cheapest > 0)
        scale = np.where(some, tau / np.where(some, routes.cheapest, 1.0), 1.0)
        return ChoiceProblem(self.problem, routes.routes, routes.way, scale, NESTING * scale)

    def closed(self, routes: RouteSet, tau: float, gap: float = 1e-6) -> Closed:
        """Return the routes closed at their own prices, with the answer."""

        def solve(some: RouteSet, last: ChoiceSolution | None) -> tuple[ChoiceProblem, ChoiceSolution]:
            asked = self.choice(some, tau)
            return asked, solver.solve(asked, start=last, gap=gap)

        return close(routes, solve)

    def loads(self, closed: Closed) -> FloatArray:
        """Return the mean load of each corridor, kt a year, (K,)."""
        flow = closed.solution.as_flow(closed.problem, "logit").arc_flow(self.problem).sum(axis=0)
        return self.corridors.mean_load(flow) / 1000.0

    def on_land(self) -> IntArray:
        """Return the corridors of which no link is flown."""
        flown = self.network.dataset["links"]["mode"].to_numpy()[self.corridors.link] == "air"
        return np.setdiff1d(np.arange(len(self.corridors.names)), self.corridors.corridor[flown])


def several_ways(closed: Closed, least: float = 0.05) -> tuple[float, float]:
    """Return the share of demands, and of tonnes, that send more than a share of theirs on each of several ways."""
    routes, amount = closed.routes, closed.problem.flow.amount
    on_way = np.bincount(routes.way, closed.solution.route_flow)
    demand = routes.routes.demand[np.unique(routes.way, return_index=True)[1]]
    count = np.bincount(demand, on_way > least * amount[demand], amount.size)
    some = amount > 0
    return float((count[some] > 1).mean()), float(amount[count > 1].sum() / amount.sum())


def measure(rounds: int) -> list[dict[str, Any]]:
    """Measure the making and the closing of the set, and what 1.6 times as many routes change."""
    case = Case()
    rows = [_timed(rounds, "linear optimum", lambda: columns.solve(case.problem))]
    rows.append(_timed(rounds, "routes", case.routes))
    routes, grown = case.routes(), case.routes(GROWN)
    rows[-1] |= {"size": routes.size, "ways": int(routes.way.max()) + 1, "ratio": _ratio(rows)}
    land = case.on_land()
    for tau in TAU:
        rows.append(_timed(rounds, f"closing, tau {tau:g}", lambda tau=tau: case.closed(routes, tau)))
        one, other = case.closed(routes, tau, 1e-9), case.closed(grown, tau, 1e-9)
        before, after = case.loads(one), case.loads(other)
        wide = land[before[land] >= LEAST_KT]
        change = np.abs(after[wide] / before[wide] - 1)
        demands, tonnes = several_ways(one)
        rows[-1] |= {"rounds": one.rounds, "added": list(one.added), "ratio": _ratio(rows)}
        rows[-1] |= {"size": one.routes.size, "grown": other.routes.size / one.routes.size}
        rows[-1] |= {"change": {case.corridors.names[k]: float(c) for k, c in zip(wide, change, strict=True)}}
        rows[-1] |= {"demands_of_several_ways": demands, "tonnes_of_several_ways": tonnes}
    return rows


def _timed(rounds: int, step: str, work: Any) -> dict[str, Any]:
    """Return the median time of some work, after once unmeasured."""
    work()
    times = Times()
    for _ in range(rounds):
        times.measure(work)
    row = {"series": "routes", "case": "embedded", "method": "choice", "step": step, "runs": rounds}
    return row | {"seconds": times.median.wall, "cpu_seconds": times.median.cpu, "peak_mib": peak_mib(), "status": "ok"}


def _ratio(rows: list[dict[str, Any]]) -> float:
    """Return the CPU time of the last row in those of the first, the yardstick."""
    return float(rows[-1]["cpu_seconds"] / rows[0]["cpu_seconds"])


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1])), indent=1))
