"""The two solution methods for the one problem, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.errors import ProblemError

if TYPE_CHECKING:
    from corridors.models.problem import FlowProblem, FlowSolution

METHODS = ("columns", "arcs")


def solve(
    problem: FlowProblem, method: str = METHODS[0], *, ranging_count: int = 0, time_limit: float | None = None
) -> FlowSolution:
    """Solve a problem by the method of this name.

    Parameters
    ----------
    problem
        To be solved.
    method
        ``columns`` (column generation, the default) or ``arcs`` (the textbook formulation in PuLP, the reference).
    ranging_count
        For so many resources, those of the highest rent, prices come as intervals.
    time_limit
        Seconds after which the best answer so far will do, with the status ``feasible``; only for ``columns``.

    Raises
    ------
    ProblemError
        If there is no such method, or it knows no time limit.
    SolverError
        If the solver gives no answer.
    """
    if method == "columns":
        from corridors.models.columns.solver import solve as by_columns  # brings packages that the other does not need

        return by_columns(problem, ranging_count=ranging_count, time_limit=time_limit)
    if method == "arcs" and time_limit is not None:
        raise ProblemError("the method 'arcs' knows no time limit: use 'columns', or leave the limit out")
    if method == "arcs":
        from corridors.models.arcs.solver import solve as by_arcs  # brings packages that the other does not need

        return by_arcs(problem, ranging_count=ranging_count)
    raise ProblemError(f"there is no method '{method}': choose one of {', '.join(METHODS)}")
