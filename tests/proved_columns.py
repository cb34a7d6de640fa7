"""Answers of column generation, proved, and held against those of the arc formulation."""

from __future__ import annotations

from typing import Any

import pytest

from corridors.models import arcs, columns
from corridors.models.certificate import Certificate, certify, require
from corridors.models.columns.solver import ColumnsSolution
from corridors.models.problem import FlowProblem


def solved(problem: FlowProblem, **options: Any) -> tuple[ColumnsSolution, Certificate]:
    """Solve by column generation, and require that the certificate holds."""
    solution = columns.solve(problem, **{"gap": 1e-9, **options})
    return solution, require(certify(problem, solution, tolerance=max(1e-8, options.get("gap", 0))))


def agree(problem: FlowProblem, solution: ColumnsSolution) -> None:
    """Assert that a solution is as good as that of the arc formulation."""
    reference = arcs.solve(problem)
    if reference.status == "infeasible":
        assert solution.status == "infeasible"
        return
    certificate = require(certify(problem, solution, tolerance=1e-8))
    assert solution.status == "optimal"
    assert solution.gap <= 1e-9
    expected = certify(problem, reference).primal_objective
    assert certificate.primal_objective == pytest.approx(expected, rel=1e-7, abs=1e-7)
    assert solution.bound == pytest.approx(expected, rel=1e-7, abs=1e-7)
