"""What column generation tells of its iterations, and what it takes for a plan."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from instances import published
from scipy import sparse

from corridors.models import columns
from corridors.models.certificate import certify, require
from corridors.models.columns.barrier import options
from corridors.models.columns.master_solution import MasterSolution
from corridors.models.columns.pool import Pool
from corridors.models.problem import FlowProblem, objective
from corridors.models.termination import Iteration


def grid() -> FlowProblem:
    problem, _ = published("grid", "grid4")
    return replace(problem, penalty=np.full(problem.demand_count, 1e5))


def test_iterations_are_told_in_the_money_of_the_problem() -> None:
    problem, told = grid(), list[Iteration]()
    solution = columns.solve(problem, progress=told.append)
    assert told[-1].objective == pytest.approx(objective(problem, solution))
    assert told[-1].bound == pytest.approx(solution.bound)
    assert told[-1].gap == pytest.approx(solution.gap)
    dearer, told = replace(problem, cost=problem.cost * 1e6, penalty=problem.penalty * 1e6), []
    columns.solve(dearer, progress=told.append)
    assert told[-1].objective == pytest.approx(1e6 * objective(problem, solution))


def of_two_nodes(amount: list[float]) -> FlowProblem:
    """Return eight arcs between two nodes and eight resources, several of which each arc takes."""
    usage = np.zeros((8, 8))
    usage[0, [1, 3, 4]] = 3, 1, 1
    usage[1, 6] = 1
    usage[2, [2, 3, 4]] = 0.25, 0.25, 3
    usage[3, [4, 6]] = 0.25, 0.25
    usage[4, [5, 6]] = 1, 1
    usage[5, [0, 1, 2, 6]] = 3, 1, 3, 1
    usage[6, [5, 7]] = 1, 0.25
    usage[7, 1] = 0.25
    return FlowProblem(
        node_count=2,
        tail=np.array([1, 1, 1, 0, 1, 0, 1, 0]),
        head=np.array([1, 0, 0, 0, 0, 0, 1, 1]),
        cost=np.array([[9.0, 1, 5, 4, 0, 8, 0, 2]]),
        origin=np.array([0, 0, 0, 1, 0, 1, 1, 1]),
        destination=np.array([1, 0, 1, 1, 0, 0, 0, 0]),
        class_=np.zeros(8, dtype=np.int64),
        amount=np.array(amount),
        penalty=np.array([30, np.inf, 33, 20, 29, 28, 10, 39]),
        capacity=np.array([2.0, 7, 2, 1, 0, 6, 7, 4]),
        usage=sparse.csr_array(usage),
    )


def test_what_a_solver_leaves_on_a_demand_of_nothing_does_not_keep_the_gap_open() -> None:
    """The basis of the first solve leaves 1e-17 on a column of a demand that has no amount in the second."""
    first = columns.solve(of_two_nodes([1, 8, 7, 4, 4, 9, 7, 1]), gap=1e-9)
    again = columns.solve(of_two_nodes([1, 8, 7, 4, 4, 9, 7, 1]), gap=1e-9, start=first)
    problem = of_two_nodes([5, 5, 6, 5, 3, 0, 0, 8])
    solution = columns.solve(problem, gap=1e-9, start=again)
    assert (solution.status, solution.termination) == ("optimal", "gap")
    assert (solution.path_flow > 0).all()
    require(certify(problem, solution, tolerance=1e-8))


def test_a_plan_carries_what_is_no_rounding() -> None:
    problem = FlowProblem.single_class(2, [0, 0], [1, 1], [1, 3], [4, 9], [0, 0, 0], [1, 1, 1], [5, 0, 1e6], 9.0)
    pool = Pool(problem)
    pool.add_paths(np.array([0, 1, 2]), np.array([0, 0, 0]), np.array([0, 1, 2]))
    pool.add_unserved(np.array([0, 2]))
    flow = np.array([4.0, 1e-17, 1e6, 1e-10, 1e-6])
    column, carried = MasterSolution(np.arange(5), flow, np.zeros(2), 0.0, 0.0).carried(pool, problem.amount)
    assert column.tolist() == [0, 2, 3]
    assert carried.tolist() == [4.0, 1e6, 1e-10]


def test_time_that_is_over_in_the_barrier_leaves_the_best_plan_so_far() -> None:
    problem = grid()
    with mock.patch.object(options, "BARRIER", replace(options.BARRIER, from_overdrawn=1)):
        for limit in (0.0, 0.002, 0.01, 0.03):
            solution = columns.solve(problem, gap=1e-9, time_limit=limit)
            certificate = certify(problem, solution, tolerance=1e-9)
            assert certificate.worst_capacity_residual < 1e-9
            assert certificate.gap <= solution.gap * (1 + 1e-9) + 1e-9
            assert solution.termination in ("gap", "time_limit")
        assert columns.solve(problem, gap=1e-9, time_limit=0.0).termination == "time_limit"


def cycling(closed: bool) -> FlowProblem:
    """Return a demand over two arcs, of which one may be closed, and a cycle that pays where its resource is dear."""
    usage = np.zeros((2, 4))
    usage[0, 0] = 1.0  # the first arc, which is to be closed
    usage[1, [2, 3]] = -1.0  # a cycle beside the way gives this back
    cost = np.array([[1.0, 5.0, 1.0, 1.0]])
    if closed:
        cost[0, 0] = np.inf
    return FlowProblem(
        node_count=3,
        tail=np.array([0, 0, 1, 2]),
        head=np.array([1, 1, 2, 1]),
        cost=cost,
        origin=np.array([0]),
        destination=np.array([1]),
        class_=np.array([0]),
        amount=np.array([1.0]),
        penalty=np.array([np.inf]),
        capacity=np.array([9.0, 0.0]),
        usage=sparse.csr_array(usage),
    )


def test_a_cycle_that_pays_at_old_prices_does_not_hide_the_only_path() -> None:
    before = columns.solve(cycling(closed=False))
    start = replace(before, resource_price=np.array([0.0, 50.0]), state=None)
    solution = columns.solve(cycling(closed=True), start=start)
    assert solution.status == "optimal"
    assert [arcs.tolist() for arcs in solution.path_arcs] == [[1]]
