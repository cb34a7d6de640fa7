r"""What column generation answers: flows on paths, what is proved of them, and what the next run can start from.

================  ==================  ======
symbol            name                shape
================  ==================  ======
:math:`x_p`       ``flow``            (P,)
:math:`u_k`       ``unserved``        (D,)
:math:`d_k`       ``problem.amount``  (D,)
:math:`\mu_r`     ``price``           (R,)
================  ==================  ======
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns import tolerances
from corridors.models.columns.bounds import Bounds
from corridors.models.columns.master_solution import MasterSolution
from corridors.models.columns.oracle import PricingOracle
from corridors.models.columns.pool import Pool
from corridors.models.columns.warmstart import State
from corridors.models.problem import FlowProblem, FlowSolution, Status


@dataclass(frozen=True, eq=False)
class ColumnsSolution(FlowSolution):
    """A solution with what is proved of it and what the next solve can start from.

    Attributes
    ----------
    bound
        No plan costs less.
    gap
        By how much the objective may be above the optimum, relative to the objective.
    state
        Give the solution as `start` to the next `solve`.
    """

    bound: float = -np.inf
    gap: float = np.inf
    state: State | None = field(default=None, repr=False)


def has_plan(oracle: PricingOracle, bounds: Bounds) -> bool:
    """Tell whether there is a plan to give: one was found, or everything may be left."""
    return bounds.incumbent is not None or not (oracle.mandatory & (oracle.amount > 0)).any()


def best_plan(oracle: PricingOracle, bounds: Bounds) -> MasterSolution:
    """Return the incumbent, or else the plan that serves nothing, and keep it.

    Raises
    ------
    SolverError
        If no plan is known.
    """
    if bounds.incumbent is not None:
        return bounds.incumbent
    if not has_plan(oracle, bounds):
        raise SolverError("No plan that serves what must be served was found in the time; allow more of it.")
    pool, amount = oracle.pool, oracle.amount
    pool.add_unserved(oracle.demands)
    bare = (pool.paths.length == 0) & (pool.demand >= 0)
    columns = np.flatnonzero(bare & (amount[pool.demand] > 0))
    objective = float(oracle.problem.penalty[oracle.demands] @ amount[oracle.demands])
    nothing = MasterSolution(columns, amount[pool.demand[columns]], bounds.lower.price, objective, 0.0)
    bounds.keep_incumbent(nothing)
    return nothing


def nothing_served(problem: FlowProblem, price: FloatArray, iterations: int) -> ColumnsSolution:
    """Return the answer to a problem that has no plan."""
    none = np.empty(0, dtype=np.int64)
    return _solution("infeasible", none, np.empty(0), (), problem.amount.copy(), price, iterations)


def solution_of(
    problem: FlowProblem, pool: Pool, plan: MasterSolution, price: FloatArray, status: Status, iterations: int
) -> ColumnsSolution:
    """Return a plan as flows on paths, in the order of demands.

    Parameters
    ----------
    problem, pool
        In the units of the method, and its columns.
    plan
        Which of them carry something.
    price
        Of each resource, (R,).
    status, iterations
        Of the answer.

    Raises
    ------
    SolverError
        If the plan sends tonnes round in a cycle.
    """
    _refuse_cycles(problem, pool, plan)
    column, flow = plan.carried(pool, problem.amount)
    order = np.lexsort((column, pool.demand[column]))
    column, flow = column[order], flow[order]
    demand = pool.demand[column]
    carried = np.bincount(demand, flow, problem.demand_count)
    flow = flow * (problem.amount[demand] / carried[demand])  # without what rounding left on others
    goes = pool.paths.length[column] > 0
    staying = np.flatnonzero((problem.origin == problem.destination) & (problem.amount > 0))
    unserved = problem.amount.copy()
    unserved[demand] = 0
    unserved[demand[~goes]] = flow[~goes]
    unserved[staying] = 0
    none = np.empty(0, dtype=np.int64)
    arcs = (*(none for _ in staying), *(pool.paths.arcs_of(p) for p in column[goes].tolist()))
    path_demand, path_flow = (
        np.concatenate((staying, demand[goes])),
        np.concatenate((problem.amount[staying], flow[goes])),
    )
    return _solution(status, path_demand, path_flow, arcs, unserved, price, iterations)


def _refuse_cycles(problem: FlowProblem, pool: Pool, plan: MasterSolution) -> None:
    cycling = float(plan.flow[pool.demand[plan.column] < 0].sum())
    if cycling > tolerances.TOLERANCES.cycling * float(problem.amount.sum()):
        raise SolverError(
            "The optimum sends tonnes round in a circle, which no path does: "
            "a negative usage of a resource must cost more than it gives."
        )


def _solution(
    status: Status,
    demand: IntArray,
    flow: FloatArray,
    arcs: tuple[IntArray, ...],
    unserved: FloatArray,
    price: FloatArray,
    iterations: int,
) -> ColumnsSolution:
    return ColumnsSolution(
        status=status,
        path_demand=demand,
        path_flow=flow,
        path_arcs=arcs,
        unserved=unserved,
        resource_price=price,
        iterations=iterations,
        seconds={},
        method="columns",
    )
