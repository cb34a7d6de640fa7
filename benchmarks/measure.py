"""One measurement, in a process of its own: ``python -m benchmarks.measure CASE METHOD`` prints it as JSON.

Imports, reading the instance, small problems to warm up, and the proof are outside the clocks.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
from typing import Any

import numpy as np

from benchmarks import generated, instances, yardsticks
from benchmarks.cases import TOLERANCE, Case, named
from benchmarks.table import COMPILED
from corridors.errors import CorridorsError
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem

_MANY = 8  # the side of a mesh where so many capacities bind that the interior point method begins


def measure(case: Case, method: str) -> dict[str, Any]:
    """Solve a case once: seconds by step, peak memory, and whether the answer is right."""
    problem = instances.load(case)
    large = method in ("columns", "compiled") and columns_is_compiled(problem)
    if large and method == "compiled":
        return {"status": "left out: columns is compiled there by default"}
    warm_up(method, compiled=large or method == "compiled")
    found: dict[str, Any] = {"size": problem.arc_count, "demands": problem.demand_count, "base_mib": peak_mib()}
    if large:
        found["note"] = COMPILED
    try:
        solution, clock = yardsticks.run(method, problem)
    except CorridorsError as error:
        return found | {"status": f"failed: {error}"}
    found |= {"peak_mib": peak_mib(), "steps": clock.steps, "iterations": solution.iterations}
    proof = certify(problem, solution, TOLERANCE)
    return found | verdict(proof.primal_objective, proof.gap, proof.reasons, case.optimum)


def columns_is_compiled(problem: FlowProblem) -> bool:
    """Return whether `columns` uses its compiled loops for a problem by default."""
    from corridors.models.columns import solver as columns  # whose memory the others should not show

    return columns._large(problem)


def warm_up(method: str, *, compiled: bool) -> None:
    """Make a method do everything once, so that no import and no compiling is within the clocks.

    Parameters
    ----------
    method
        Solves a tiny problem.
    compiled
        Whether to call every compiled function as well: those of the interior point method need more than that.
    """
    yardsticks.run(method, _tiny())
    importlib.import_module("corridors.models.columns.barrier.start")  # which large problems alone bring in
    if compiled:
        yardsticks.run("compiled", _tiny())
        yardsticks.run("compiled", generated.mesh(_MANY))


def verdict(objective: float, gap: float, reasons: tuple[str, ...], published: float | None) -> dict[str, Any]:
    """Return whether an answer is right: proved, and equal to the published optimum where there is one."""
    error = None if published is None else (objective - published) / max(1.0, abs(published))
    status = "ok"
    if reasons:
        status = f"wrong: {' '.join(reasons)}"
    elif error is not None and not abs(error) <= TOLERANCE:
        status = f"wrong: it differs from the published optimum by {error:.1e}, relatively"
    return {"objective": objective, "gap": gap, "optimum": published, "error": error, "status": status}


def peak_mib() -> float:
    """Return the most memory that this process ever held, MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _tiny() -> FlowProblem:
    """Return a problem that makes every method do everything once: two paths, the cheaper too narrow for both."""
    return FlowProblem.single_class(
        node_count=3,
        tail=[0, 0, 1],
        head=[1, 2, 2],
        cost=[1, 5, 1],
        arc_capacity=[3, np.inf, 4],
        origin=[0, 1],
        destination=[2, 2],
        amount=[4, 2],
    )


if __name__ == "__main__":
    print(json.dumps(measure(named(sys.argv[1]), sys.argv[2])))
