"""Choice under capacities on the embedded network, its routes given, beside the linear problem's cold solve.

``python -m benchmarks.choice ROUNDS`` prints rows as JSON. A process of its own; every answer is certified, apart from
the clocks. In each round everything is measured once, so that what else the machine does weighs on both sides of
a ratio.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.measure import peak_mib
from benchmarks.times import Seconds, Times
from corridors import network, tables
from corridors.models import columns
from corridors.models.choice.certificate import certify
from corridors.models.choice.delay import Delay
from corridors.models.choice.generation import generate
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.route_set import RouteSet
from corridors.models.choice.solver import solve
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.network.ways import marks
from corridors.planning.freight import pose

TAU = (5.0, 20.0, 50.0, 200.0)  # scales of choice times the cost of the cheapest way
NESTING = 3.0
WAITING = 0.5  # USD a tonne, of the class that takes most of it, at full use of a resource
HIGHER = 1.1
LOWER = 0.9
YARDSTICK = "linear, cold"


@dataclass
class Timed:
    """How long everything took, and what was wrong with the answers."""

    times: dict[str, Times] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def choice(self, step: str, problem: ChoiceProblem, **words: Any) -> ChoiceSolution:
        """Solve a problem of choice within the clock, and certify the answer outside it."""
        solution: ChoiceSolution = self.times.setdefault(step, Times()).measure(lambda: solve(problem, **words))
        proof = certify(problem, solution)
        self.steps[step] = solution.iterations
        self.faults += [f"{step}: {reason}" for reason in proof.reasons]
        return solution


def routes_of() -> tuple[FlowProblem, FlowSolution, RouteSet]:
    """Return the embedded problem, its linear optimum, and its routes."""
    net = network.build(tables.read())
    problem = pose(net).problem
    linear = columns.solve(problem)
    return problem, linear, generate(problem, marks(net), [linear.resource_price], linear.paths)


def choice_of(problem: FlowProblem, routes: RouteSet, tau: float, delay: Delay | None = None) -> ChoiceProblem:
    """Return the problem of choice among the routes, at one sharpness for all."""
    some = np.isfinite(routes.cheapest) & (routes.cheapest > 0)
    scale = tau / np.where(some, routes.cheapest, 1.0)
    return ChoiceProblem(problem, routes.routes, routes.way, scale, NESTING * scale, delay)


def waiting_at(problem: FlowProblem) -> Delay:
    """Return a delay at every resource: of the fourth power, and worth as much to a tonne wherever it is full."""
    most = np.asarray(problem.usage.max(axis=1).todense()).ravel()
    count = problem.resource_count
    return Delay(WAITING / np.where(most > 0, most, 1.0), np.full(count, 4.0), np.full(count, 0.02))


def measure(rounds: int, sharpness: Sequence[float] = TAU) -> list[dict[str, Any]]:
    """Measure choice at every sharpness, so many rounds each."""
    problem, _, routes = routes_of()
    delay = waiting_at(problem)
    rows = []
    for tau in sharpness:
        choice = choice_of(problem, routes, tau)
        base = solve(choice)  # and once to warm up
        timed = Timed()
        for _ in range(rounds):
            timed.times.setdefault(YARDSTICK, Times()).measure(lambda: columns.solve(problem))
            timed.choice("choice, gap 1e-6, cold", choice)
            timed.choice("choice, gap 1e-9, cold", choice, gap=1e-9)
            for what, changed in changes(problem, base).items():
                other = choice_of(changed, routes, tau)
                timed.choice(f"{what}, cold", other)
                timed.choice(f"{what}, hot", other, start=base)
            timed.choice("with waiting, cold", choice_of(problem, routes, tau, delay))
        rows += _rows(f"embedded, tau {tau:g}", choice, timed)
    return rows


def changes(problem: FlowProblem, base: ChoiceSolution) -> dict[str, FlowProblem]:
    """Return the problem with a tenth less of the resource that is worth most, and with a tariff a tenth higher."""
    capacity, cost = problem.capacity.copy(), problem.cost.copy()
    capacity[int(np.argmax(base.resource_price * capacity))] *= LOWER
    some = np.arange(problem.arc_count) % 10 == 0
    cost[:, some] *= HIGHER
    return {"a capacity": replace(problem, capacity=capacity), "a tariff": replace(problem, cost=cost)}


def _rows(case: str, choice: ChoiceProblem, timed: Timed) -> list[dict[str, Any]]:
    beside: dict[str, Callable[[str], str]] = {
        "choice, gap 1e-6, cold": lambda _: YARDSTICK,
        "choice, gap 1e-9, cold": lambda _: "choice, gap 1e-6, cold",
        "a capacity, hot": lambda step: step.replace("hot", "cold"),
        "a tariff, hot": lambda step: step.replace("hot", "cold"),
        "with waiting, cold": lambda _: "choice, gap 1e-6, cold",
    }
    status = f"{len(timed.faults)} wrong; {timed.faults[0]}" if timed.faults else "ok"
    head = {"series": "choice", "case": case, "method": "choice", "size": choice.routes.size}
    head |= {"demands": choice.flow.demand_count, "peak_mib": peak_mib(), "status": status}
    rows = []
    for step, times in timed.times.items():
        row = head | {"step": step, "runs": len(times.wall), "note": f"{timed.steps.get(step, '')}"}
        row |= {"seconds": times.median.wall, "cpu_seconds": times.median.cpu}
        if step in beside:
            other = beside[step](step)
            ratio = _paired(times, timed.times[other])
            row |= {"ratio": ratio.wall, "cpu_ratio": ratio.cpu}
            row["note"] = f"{timed.steps[step]} Newton steps; ratio to {other}"
        rows.append(row)
    return rows


def _paired(one: Times, other: Times) -> Seconds:
    """Return the medians of ratios within a round."""
    pairs = zip(one.wall, other.wall, strict=True), zip(one.cpu, other.cpu, strict=True)
    return Seconds(*(statistics.median(first / second for first, second in pair) for pair in pairs))


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
