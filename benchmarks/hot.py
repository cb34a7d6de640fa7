"""Closures: one link after another of the embedded network closed, and planned again from the plan before.

``python -m benchmarks.hot CLOSURES COLD`` prints rows as JSON. A process of its own; every answer is certified.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from benchmarks.cases import TOLERANCE
from benchmarks.measure import peak_mib, verdict
from corridors import network, planning, tables
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.network.network import Network
from corridors.planning.freight import pose


@dataclass
class Times:
    """Wall and CPU seconds of one kind of thing, one after another."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, action: Callable[[], Any]) -> Any:
        """Do it, and note how long it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = action()
        self.wall.append(time.perf_counter() - wall)
        self.cpu.append(time.process_time() - cpu)
        return result


def closures(net: Network, problem: FlowProblem, count: int) -> list[FlowProblem]:
    """Give the problem with one link closed, for so many links with moves, evenly sampled in their order."""
    arcs: dict[str, list[int]] = {}
    for number in np.flatnonzero(net.arcs.is_move).tolist():
        arcs.setdefault(net.arcs.id[number], []).append(number)
    links = list(arcs)
    closed = []
    for place in np.unique(np.linspace(0, len(links) - 1, count).astype(int)).tolist():
        cost = problem.cost.copy()
        cost[:, arcs[links[place]]] = np.inf
        closed.append(replace(problem, cost=cost))
    return closed


def measure(count: int, cold_count: int) -> list[dict[str, Any]]:
    """Plan closures hot, some of them cold as well, and the network itself cold in between."""
    from corridors.models import columns

    net = network.build(tables.read())
    problem = pose(net).problem
    base = columns.solve(problem)
    planning.plan(net)  # once to warm up
    solves, plans, hot, again, cold = Times(), Times(), Times(), Times(), Times()
    faults: list[str] = []
    cases = closures(net, problem, count)
    every = max(1, len(cases) // cold_count)
    for number, closed in enumerate(cases):
        answer = hot.measure(lambda closed=closed: columns.solve(closed, start=base))
        optimum = None
        if number % every == 0:
            optimum = _proved(closed, cold.measure(lambda closed=closed: columns.solve(closed)), None, faults)
            again.wall.append(hot.wall[-1])
            again.cpu.append(hot.cpu[-1])
            _proved(problem, solves.measure(lambda: columns.solve(problem)), None, faults)
            plans.measure(lambda: planning.plan(net))
        _proved(closed, answer, optimum, faults)
    return _rows(problem, (solves, plans, hot, again, cold), faults)


def _proved(problem: FlowProblem, solution: FlowSolution, optimum: float | None, faults: list[str]) -> float:
    """Note what is wrong with an answer, if anything; give its objective."""
    proof = certify(problem, solution, TOLERANCE)
    found = verdict(proof.primal_objective, proof.gap, proof.reasons, optimum)
    if found["status"] != "ok":
        faults.append(str(found["status"]).replace("the published optimum", "the cold answer"))
    return proof.primal_objective


def _rows(problem: FlowProblem, times: tuple[Times, ...], faults: list[str]) -> list[dict[str, Any]]:
    solves, plans, hot, again, cold = times
    one, one_plan = statistics.median(solves.wall), statistics.median(plans.wall)
    one_cpu, one_plan_cpu = statistics.median(solves.cpu), statistics.median(plans.cpu)
    total, total_cpu = sum(hot.wall), sum(hot.cpu)
    faster = statistics.median(c / h for c, h in zip(cold.wall, again.wall, strict=True))
    faster_cpu = statistics.median(c / h for c, h in zip(cold.cpu, again.cpu, strict=True))
    head = {
        "series": "closures", "case": "embedded", "size": problem.arc_count, "demands": problem.demand_count,
        "peak_mib": peak_mib(), "status": f"{len(faults)} wrong; {faults[0]}" if faults else "ok",
    }  # fmt: skip

    def row(step: str, runs: int, wall: float, cpu: float, ratios: tuple[float, float] | None, note: str) -> Any:
        ratio, cpu_ratio = ratios or (None, None)
        return head | {
            "method": "columns", "step": step, "runs": runs, "seconds": wall, "cpu_seconds": cpu,
            "ratio": ratio, "cpu_ratio": cpu_ratio, "note": note,
        }  # fmt: skip

    return [
        row("cold solve", len(solves.wall), one, one_cpu, None, "nothing closed, the solve alone"),
        row("cold plan", len(plans.wall), one_plan, one_plan_cpu, None, "posed, solved, proved and read"),
        row("all closures, hot", len(hot.wall), total, total_cpu, (total / one, total_cpu / one_cpu),
            "together; ratio to one cold solve"),
        row("all closures, hot, by plan", len(hot.wall), total, total_cpu,
            (total / one_plan, total_cpu / one_plan_cpu), "together; ratio to one cold plan"),
        row("a closure, hot", len(hot.wall), statistics.median(hot.wall), statistics.median(hot.cpu), None,
            f"median; the slowest took {max(hot.wall):.3f} s"),
        row("a closure, cold", len(cold.wall), statistics.median(cold.wall), statistics.median(cold.cpu),
            (faster, faster_cpu), "median; ratio to the same closure hot"),
    ]  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
