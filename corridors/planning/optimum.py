"""The optimum of one hand, proved: what shippers who choose are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.errors import SolverError
from corridors.models.certificate import certify, require

if TYPE_CHECKING:
    from corridors.models.problem import FlowProblem, FlowSolution


def optimum(problem: FlowProblem, start: FlowSolution | None = None) -> FlowSolution:
    """Return the linear optimum, proved; `start` is an answer to a problem close by.

    Raises
    ------
    SolverError, CertificateError
        If there is none, or none that is proved.
    KeyboardInterrupt
        If the user interrupted it.
    """
    from corridors.models import columns  # brings the linear solver, which verifying a choice does not need

    found = columns.solve(problem, start=start)
    if found.termination == "interrupted":
        raise KeyboardInterrupt
    if found.status == "infeasible":
        raise SolverError("what must be served cannot be, so shippers have nothing to choose: see corridors plan")
    require(certify(problem, found))
    return found
