"""Closures: one link after another of the embedded network closed, and planned again from the plan before.

``python -m benchmarks.hot CLOSURES COLD`` prints rows as JSON. A process of its own; every answer is certified.
"""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.cases import TOLERANCE
from benchmarks.measure import peak_mib, verdict
from benchmarks.times import Seconds, Times
from corridors import network, planning, tables
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.network.network import Network
from corridors.planning.freight import pose


def closures(net: Network, problem: FlowProblem, count: int) -> list[FlowProblem]:
    """Return the problem with one link closed, for so many links with moves, evenly sampled in their order."""
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
    """Note what is wrong with an answer, if anything; return its objective."""
    proof = certify(problem, solution, TOLERANCE)
    found = verdict(proof.primal_objective, proof.gap, proof.reasons, optimum)
    if found["status"] != "ok":
        faults.append(str(found["status"]).replace("the published optimum", "the cold answer"))
    return proof.primal_objective


def _rows(problem: FlowProblem, times: tuple[Times, ...], faults: list[str]) -> list[dict[str, Any]]:
    solves, plans, hot, again, cold = times
    solve, plan, total = solves.median, plans.median, Seconds(sum(hot.wall), sum(hot.cpu))
    pairs = zip(again.wall, cold.wall, strict=True), zip(again.cpu, cold.cpu, strict=True)
    faster = Seconds(*(statistics.median(other / one for one, other in pair) for pair in pairs))
    slowest = f"median; the slowest took {max(hot.wall):.3f} s"
    steps = [
        ("cold solve", solves, solve, None, "nothing closed, the solve alone"),
        ("cold plan", plans, plan, None, "posed, solved, proved and read"),
        ("all closures, hot", hot, total, total.divided_by(solve), "together; ratio to one cold solve"),
        ("all closures, hot, by plan", hot, total, total.divided_by(plan), "together; ratio to one cold plan"),
        ("a closure, hot", hot, hot.median, None, slowest),
        ("a closure, cold", cold, cold.median, faster, "median; ratio to the same closure hot"),
    ]
    head = {"series": "closures", "case": "embedded", "size": problem.arc_count, "demands": problem.demand_count}
    head |= {"peak_mib": peak_mib(), "status": f"{len(faults)} wrong; {faults[0]}" if faults else "ok"}
    rows = []
    for step, of, taken, ratio, note in steps:
        row = {"method": "columns", "step": step, "runs": len(of.wall), "note": note}
        row |= {"seconds": taken.wall, "cpu_seconds": taken.cpu}
        row |= {"ratio": ratio.wall if ratio else None, "cpu_ratio": ratio.cpu if ratio else None}
        rows.append(head | row)
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
