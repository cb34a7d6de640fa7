"""Choice over the whole network, embedded, beside the linear problem's cold solve.

``python -m benchmarks.perturbed ROUNDS`` prints rows as JSON. A process of its own; every answer is certified, apart
from the clocks. In each round everything is measured once, so that what else the machine does weighs on both sides of a
ratio.
"""

from __future__ import annotations

import json
import statistics
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.measure import peak_mib
from benchmarks.times import Seconds, Times
from corridors import network, tables
from corridors.models import columns
from corridors.models.choice.perturbed import PerturbedSolution, solve
from corridors.models.choice.perturbed.certificate import certify
from corridors.models.problem import FlowProblem
from corridors.planning.freight import pose

TAU = (5.0, 10.0, 20.0, 100.0)
LOWER = 0.9
YARDSTICK = "linear, cold"
COLD, CLOSE, HOT = "network, gap 1e-6, cold", "network, gap 1e-9, cold", "a capacity, hot"


def measure(rounds: int) -> list[dict[str, Any]]:
    """Measure every tau, so many rounds each, after once unmeasured."""
    problem = pose(network.build(tables.read())).problem
    rows = []
    for tau in TAU:
        scale = np.full(problem.demand_count, tau)
        base = solve(problem, scale)
        changed = _with_less(problem, base)
        timed: dict[str, Times] = {step: Times() for step in (YARDSTICK, COLD, CLOSE, HOT)}
        faults, answers = [], {}
        for _ in range(rounds):
            timed[YARDSTICK].measure(lambda: columns.solve(problem))
            answers = {
                COLD: (problem, timed[COLD].measure(lambda scale=scale: solve(problem, scale))),
                CLOSE: (problem, timed[CLOSE].measure(lambda scale=scale: solve(problem, scale, gap=1e-9))),
                HOT: (changed, _hot(timed[HOT], changed, scale, base)),
            }
            for step, (asked, answer) in answers.items():
                tolerance = 1e-9 if step == CLOSE else 1e-6
                faults += [f"{step}: {reason}" for reason in certify(asked, scale, answer, tolerance).reasons]
        steps = {step: (answer.rounds, answer.iterations) for step, (_, answer) in answers.items()}
        rows += _rows(f"embedded, tau {tau:g}", problem.demand_count, timed, steps, faults)
    return rows


def _hot(times: Times, problem: FlowProblem, scale: Any, base: PerturbedSolution) -> PerturbedSolution:
    solution: PerturbedSolution = times.measure(lambda: solve(problem, scale, start=base))
    return solution


def _with_less(problem: FlowProblem, base: PerturbedSolution) -> FlowProblem:
    """Return the problem with a tenth less of the resource that is worth most."""
    capacity = problem.capacity.copy()
    capacity[int(np.argmax(base.resource_price * capacity))] *= LOWER
    return replace(problem, capacity=capacity)


def _rows(
    case: str, demands: int, timed: dict[str, Times], steps: dict[str, tuple[int, int]], faults: list[str]
) -> list[dict[str, Any]]:
    status = f"{len(faults)} wrong; {faults[0]}" if faults else "ok"
    head = {"series": "perturbed", "case": case, "method": "network", "demands": demands}
    head |= {"peak_mib": peak_mib(), "status": status}
    rows = []
    for step, times in timed.items():
        row = head | {"step": step, "runs": len(times.wall)}
        row |= {"seconds": times.median.wall, "cpu_seconds": times.median.cpu}
        if step in steps:
            beside = COLD if step == HOT else YARDSTICK
            ratio = _paired(times, timed[beside])
            searches, newton = steps[step]
            row |= {"ratio": ratio.wall, "cpu_ratio": ratio.cpu}
            row["note"] = f"{searches} searches, {newton} steps; ratio to {beside}"
        rows.append(row)
    return rows


def _paired(one: Times, other: Times) -> Seconds:
    """Return the medians of ratios within a round."""
    pairs = zip(one.wall, other.wall, strict=True), zip(one.cpu, other.cpu, strict=True)
    return Seconds(*(statistics.median(first / second for first, second in pair) for pair in pairs))


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]))))
