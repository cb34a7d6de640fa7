"""One measurement, in a process of its own: ``python -m benchmarks.measure CASE METHOD`` prints it as JSON.

Imports, reading the instance, a tiny problem to warm up, and the proof are outside the clocks.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from typing import Any

import numpy as np

from benchmarks import instances, yardsticks
from benchmarks.cases import Case, named
from corridors.errors import CorridorsError
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem

TOLERANCE = 1e-6


def measure(case: Case, method: str) -> dict[str, Any]:
    """Solve a case once: seconds by step, peak memory, and whether the answer is right."""
    problem = instances.load(case)
    yardsticks.run(method, _tiny())
    importlib.import_module("corridors.models.approach")  # which large problems alone bring in: imports are not timed
    found: dict[str, Any] = {"size": problem.arc_count, "demands": problem.demand_count, "base_mib": peak_mib()}
    try:
        solution, clock = yardsticks.run(method, problem)
    except CorridorsError as error:
        return found | {"status": f"failed: {error}"}
    found |= {"peak_mib": peak_mib(), "steps": clock.steps, "iterations": solution.iterations}
    proof = certify(problem, solution, TOLERANCE)
    published = instances.optimum(case)
    return found | verdict(proof.primal_objective, proof.gap, proof.reasons, published)


def verdict(objective: float, gap: float, reasons: tuple[str, ...], published: float | None) -> dict[str, Any]:
    """Say whether an answer is right: proved, and equal to the published optimum where there is one."""
    error = None if published is None else (objective - published) / max(1.0, abs(published))
    status = "ok"
    if reasons:
        status = f"wrong: {' '.join(reasons)}"
    elif error is not None and not abs(error) <= TOLERANCE:
        status = f"wrong: it differs from the published optimum by {error:.1e}, relatively"
    return {"objective": objective, "gap": gap, "optimum": published, "error": error, "status": status}


def peak_mib() -> float:
    """Give the most memory that this process ever held, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _tiny() -> FlowProblem:
    """Give a problem that makes every method do everything once: two ways, the cheaper too narrow for both demands."""
    return FlowProblem.single_class(
        node_count=3, tail=[0, 0, 1], head=[1, 2, 2], cost=[1, 5, 1], arc_capacity=[3, np.inf, 4],
        origin=[0, 1], destination=[2, 2], amount=[4, 2],
    )  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(named(sys.argv[1]), sys.argv[2])))
