"""Column generation solved again at other capacities, for one-sided prices (`corridors.models.ranging`)."""

from __future__ import annotations

from collections.abc import Callable

from corridors.models.arrays import FloatArray
from corridors.models.columns.generation import Run
from corridors.models.columns.master import Answer
from corridors.models.problem import FlowSolution
from corridors.models.ranging import Optimum
from corridors.models.termination import Dearer


class ColumnsReoptimiser:
    """A run of column generation at its optimum, as `corridors.models.ranging.Reoptimiser` describes it.

    Parameters
    ----------
    run
        Whose gap is proved; it is solved to optimality first. Its plan, bound and prices stay as they are then.
    solution_of
        Turns the master's answer and prices of the resources, (R,), into flows on paths.
    """

    def __init__(self, run: Run, solution_of: Callable[[Answer, FloatArray], FlowSolution]) -> None:
        self._run, self._solution_of = run, solution_of
        self.problem = run.problem
        self.objective, self.use, self.price = run.settle()

    def resolve_at_capacity(self, resource: int, capacity: float) -> Optimum | None:
        """Solve with another capacity of a resource; return None where no plan exists then."""
        try:
            answer, price = self._run.beside(resource, capacity)
        except Dearer:
            return None
        return Optimum(answer.objective, price, lambda: self._solution_of(answer, price))

    def restore_capacity(self, resource: int) -> None:
        """Set the capacity of a resource back to what it is in the problem."""
        self._run.master.limit(resource, float(self.problem.capacity[resource]))
