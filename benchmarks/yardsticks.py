"""The methods that are measured, each with its steps on two clocks.

`columns` and `arcs` are the product's own; `compiled` is `columns` with its compiled loops, which by default only large
problems use. `arrays` is the linear program of `arcs`, column for column and row for row, put together with numpy and
handed to HiGHS whole, with the same options: what the arc formulation takes when stating it costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import highspy
import numpy as np
from scipy import sparse

from corridors.errors import SolverError
from corridors.models import methods, scaling
from corridors.models.arcs import decomposition
from corridors.models.arcs.grouping import Group, groups_of
from corridors.models.arrays import FloatArray, IntArray, UsageArray
from corridors.models.problem import FlowProblem, FlowSolution


class Clock:
    """Wall and CPU seconds by step.

    Attributes
    ----------
    steps
        For each step its wall and its CPU seconds.
    """

    def __init__(self) -> None:
        self.steps: dict[str, tuple[float, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.steps[name] = (time.perf_counter() - wall, time.process_time() - cpu)

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function with its calls measured as a step."""

        def measured(*args: Any, **kwargs: Any) -> Any:
            with self.step(name):
                return function(*args, **kwargs)

        return measured


def run(method: str, problem: FlowProblem) -> tuple[FlowSolution, Clock]:
    """Solve a problem by a method: its answer, and the steps ``build`` and ``solve`` where it has them, and ``total``.

    The yardsticks' total is build and solve alone: reading their flows back into paths is not held against them.
    """
    clock = Clock()
    if method in ("columns", "compiled"):
        from corridors.models import columns  # whose memory the others should not show

        with clock.step("total"):
            return columns.solve(problem, compiled=True if method == "compiled" else None), clock
    solution = {"arcs": _arcs, "arrays": _arrays}[method](problem, clock)
    if "solve" in clock.steps:
        build, solve = clock.steps["build"], clock.steps["solve"]
        clock.steps["total"] = (build[0] + solve[0], build[1] + solve[1])
    return solution, clock


def _arcs(problem: FlowProblem, clock: Clock) -> FlowSolution:
    from corridors.models.arcs import highs
    from corridors.models.arcs import solver as arcs  # brings PuLP, whose memory the others should not show

    with (
        patch.object(arcs, "build", clock.timed("build", arcs.build)),
        patch.object(highs, "solve", clock.timed("solve", highs.solve)),
    ):
        return methods.solve(problem, "arcs")


def _arrays(problem: FlowProblem, clock: Clock) -> FlowSolution:
    with clock.step("build"):
        units = scaling.units_of(problem)
        scaled = scaling.in_units(problem, units)
        groups = groups_of(scaled)
        program, limits = arc_program(scaled, groups)
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("presolve", "off")  # as `corridors.models.arcs.highs` sets them
        solver.setOptionValue("parallel", "off")
        solver.passModel(program)
    with clock.step("solve"):
        solver.run()
        status = solver.getModelStatus()
        answer = solver.getSolution()
        values, duals = np.array(answer.col_value), np.array(answer.row_dual)
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverError(f"HiGHS stopped without an optimum: {status.name}.")
    return scaling.from_units(_read(scaled, groups, values, duals, limits, solver), units)


def arc_program(problem: FlowProblem, groups: tuple[Group, ...]) -> tuple[highspy.HighsLp, IntArray]:
    """State the arc formulation of `corridors.models.arcs` as arrays.

    Returns
    -------
    tuple
        The program, its columns the flows by group and arc and then what is unserved by group and demand, its rows
        conservation and then limits; and the resource of each limit.
    """
    sizes = [group.arcs.size for group in groups]
    arc = np.concatenate([np.empty(0, dtype=np.int64), *(group.arcs for group in groups)])
    class_ = np.repeat([group.class_ for group in groups], sizes).astype(np.int64)
    demand = np.concatenate([np.empty(0, dtype=np.int64), *(group.demands for group in groups)])
    balance, stays = _conservation(problem, groups, arc, demand)
    usage = problem.usage.tocsc()[:, class_ * problem.arc_count + arc].tocsr()
    limits = np.flatnonzero(np.diff(usage.indptr))
    unlimited = sparse.csr_array((limits.size, demand.size))
    matrix = sparse.csc_array(
        sparse.vstack([balance, sparse.hstack([usage[limits], unlimited], format="csr")], format="csc")
    )
    must = np.isinf(problem.penalty[demand])
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = matrix.shape
    program.col_cost_ = np.concatenate((problem.cost[class_, arc], np.where(must, 0.0, problem.penalty[demand])))
    program.col_lower_ = np.zeros(matrix.shape[1])
    most = np.where(must, 0.0, problem.amount[demand])
    program.col_upper_ = np.concatenate((np.full(arc.size, highspy.kHighsInf), most))
    program.row_lower_ = np.concatenate((stays, np.full(limits.size, -highspy.kHighsInf)))
    program.row_upper_ = np.concatenate((stays, problem.capacity[limits]))
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = matrix.indptr
    program.a_matrix_.index_ = matrix.indices
    program.a_matrix_.value_ = matrix.data
    return program, limits


def _conservation(
    problem: FlowProblem, groups: tuple[Group, ...], arc: IntArray, demand: IntArray
) -> tuple[UsageArray, FloatArray]:
    """Give the rows of conservation, for each group and each node that it can come to, and what stays there."""
    nodes = problem.node_count
    numbers = np.arange(len(groups), dtype=np.int64) * nodes
    of_arc = np.repeat(numbers, [group.arcs.size for group in groups])
    of_demand = np.repeat(numbers, [group.demands.size for group in groups])
    where = np.concatenate(
        (of_arc + problem.head[arc], of_arc + problem.tail[arc],
         of_demand + problem.destination[demand], of_demand + problem.origin[demand])
    )  # fmt: skip
    left = arc.size + np.arange(demand.size)
    column = np.concatenate((np.arange(arc.size), np.arange(arc.size), left, left))
    sign = np.repeat([1.0, -1.0, 1.0, -1.0], [arc.size, arc.size, demand.size, demand.size])
    found, row = np.unique(where, return_inverse=True)
    balance = sparse.csr_array((sign, (row, column)), shape=(found.size, arc.size + demand.size))
    stays = np.bincount(
        row[2 * arc.size :],
        weights=sign[2 * arc.size :] * np.tile(problem.amount[demand], 2),
        minlength=found.size,
    )
    return balance, stays


def _read(
    problem: FlowProblem,
    groups: tuple[Group, ...],
    values: FloatArray,
    duals: FloatArray,
    limits: IntArray,
    solver: Any,
) -> FlowSolution:
    *flows, left = np.split(values, np.cumsum([group.arcs.size for group in groups]))
    unserved = np.zeros(problem.demand_count)
    for group, amounts in zip(groups, np.split(left, np.cumsum([g.demands.size for g in groups]))[:-1], strict=True):
        unserved[group.demands] = amounts
    price = np.zeros(problem.resource_count)
    price[limits] = np.maximum(-duals[duals.size - limits.size :], 0)
    paths, unserved = decomposition.decompose(problem, groups, flows, unserved)
    return FlowSolution(
        status="optimal",
        path_demand=np.array([path.demand for path in paths], dtype=np.int64),
        path_flow=np.array([path.flow for path in paths], dtype=np.float64),
        path_arcs=tuple(path.arcs for path in paths),
        unserved=unserved,
        resource_price=price,
        iterations=int(solver.getInfo().simplex_iteration_count),
        seconds={},
        method="arrays",
    )
