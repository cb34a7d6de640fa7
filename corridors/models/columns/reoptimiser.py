r"""Column generation solved again at other capacities, for one-sided prices (`corridors.models.ranging`).

================  ==================  ======
symbol            name                shape
================  ==================  ======
:math:`z(b)`      ``objective``       ()
:math:`b_r`       ``capacity``        (R,)
:math:`\mu_r`     ``price``           (R,)
:math:`x_p`       ``plan.flow``       (P,)
================  ==================  ======
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.columns.generation import ColumnGeneration
from corridors.models.columns.master_solution import MasterSolution
from corridors.models.columns.solution import solution_of
from corridors.models.problem import FlowSolution
from corridors.models.ranging import Optimum, worth_ranging


class ColumnsReoptimiser:
    """Column generation at its optimum, as `corridors.models.ranging.Reoptimiser` describes it.

    Parameters
    ----------
    generation
        Whose gap is proved; it is solved to optimality first. Its plan, bound and prices stay as they are then.
    """

    def __init__(self, generation: ColumnGeneration) -> None:
        self._generation = generation
        self.problem = generation.problem
        plan = generation.solve_to_optimality()
        self.objective = plan.objective
        self.use = generation.pool.use[plan.column].T @ plan.flow
        self.price = generation.bounds.lower.price

    def resolve_at_capacity(self, resource: int, capacity: float) -> Optimum | None:
        """Solve with another capacity of a resource; return None where no plan exists then."""
        found = self._generation.resolve_at_capacity(resource, capacity)
        if found is None:
            return None
        plan, price = found
        return Optimum(plan.objective, price, lambda: self._solution_of(plan, price))

    def restore_capacity(self, resource: int) -> None:
        """Set the capacity of a resource back to what it is in the problem."""
        self._generation.master.set_capacity(resource, float(self.problem.capacity[resource]))

    def _solution_of(self, plan: MasterSolution, price: FloatArray) -> FlowSolution:
        iterations = self._generation.monitor.iterations
        return solution_of(self.problem, self._generation.pool, plan, price, "optimal", iterations)


def worth_most(generation: ColumnGeneration, count: int) -> list[int]:
    """Return the resources whose one-sided prices say most, as `corridors.models.ranging.worth_ranging` does."""
    plan, price = generation.bounds.incumbent, generation.bounds.lower.price
    column, flow = np.empty(0, dtype=np.int64), np.empty(0)
    if plan is not None:
        column, flow = plan.column, plan.flow
    return worth_ranging(generation.pool.use[column], flow, price, generation.problem.capacity, count)
