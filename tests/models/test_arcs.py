"""The arc formulation finds optima: certified, and the same as other programs find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import published, shared_resources, single_origin, two_ways
from other_solvers import by_cbc, by_network_simplex
from scipy import sparse

from corridors.errors import ProblemError, SolverError
from corridors.models import arcs, scaling
from corridors.models.arcs import highs
from corridors.models.certificate import Certificate, certify, require
from corridors.models.problem import FlowProblem, FlowSolution, objective


def solved(problem: FlowProblem, **options: Any) -> tuple[FlowSolution, Certificate]:
    solution = arcs.solve(problem, **options)
    return solution, require(certify(problem, solution, tolerance=1e-9))


@given(single_origin())
@settings(max_examples=100, deadline=None)
def test_one_commodity_costs_what_network_simplex_says(problem: FlowProblem) -> None:
    expected = by_network_simplex(problem)
    solution = arcs.solve(problem)
    if expected is None:
        assert solution.status == "infeasible"
    else:
        assert require(certify(problem, solution, 1e-9)).primal_objective == pytest.approx(expected, abs=1e-6)


@given(shared_resources())
@settings(max_examples=40, deadline=None)
def test_classes_sharing_resources_cost_what_cbc_says(problem: FlowProblem) -> None:
    expected = by_cbc(problem)
    solution = arcs.solve(problem)
    if expected is None:
        assert solution.status == "infeasible"
    else:
        certificate = require(certify(problem, solution, 1e-9))
        assert certificate.primal_objective == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(shared_resources(must_serve=False))
@settings(max_examples=100, deadline=None)
def test_a_plan_exists_whenever_everything_may_stay(problem: FlowProblem) -> None:
    solution, certificate = solved(problem)
    assert solution.status == "optimal"
    assert certificate.primal_objective == pytest.approx(objective(problem, solution))
    assert np.all(solution.unserved >= 0)
    assert np.all(solution.path_flow > 0)


@given(shared_resources(must_serve=False), st.integers(-20, 30), st.integers(-20, 20))
@settings(max_examples=30, deadline=None)
def test_units_do_not_matter(problem: FlowProblem, mass: int, money: int) -> None:
    other = replace(
        problem,
        amount=problem.amount * 3.0**mass,
        capacity=problem.capacity * 3.0**mass,
        cost=problem.cost * 3.0**money,
        penalty=problem.penalty * 3.0**money,
    )
    worth = require(certify(problem, arcs.solve(problem), 1e-9)).primal_objective * 3.0**mass * 3.0**money
    assert objective(other, arcs.solve(other)) == pytest.approx(worth, rel=1e-9)


@given(shared_resources(must_serve=False))
@settings(max_examples=30, deadline=None)
def test_prices_lie_between_what_one_more_saves_and_one_fewer_costs(problem: FlowProblem) -> None:
    every = range(problem.resource_count)
    solution, certificate = solved(problem, ranging_for=every)
    some = problem.capacity > 0
    assert np.all(solution.price_low <= solution.resource_price)
    assert np.all(solution.resource_price[some] <= solution.price_high[some])
    assert np.isnan(solution.price_high[~some]).all()
    for r in every:
        for side, price in ((1, solution.price_low[r]), (-1, solution.price_high[r])):
            if side > 0 or some[r]:
                capacity = problem.capacity.copy()
                step = 1e-4 * max(1.0, capacity[r])
                capacity[r] += side * step
                moved = replace(problem, capacity=capacity)
                change = side * (certificate.primal_objective - objective(moved, arcs.solve(moved)))
                assert change == pytest.approx(price * step, rel=1e-4, abs=1e-8)


def test_the_same_problem_has_the_same_answer() -> None:
    problem, _ = published("grid", "grid1")
    first, second = arcs.solve(problem), arcs.solve(problem)
    assert first.path_flow.tolist() == second.path_flow.tolist()
    assert [path.tolist() for path in first.path_arcs] == [path.tolist() for path in second.path_arcs]
    assert first.resource_price.tolist() == second.resource_price.tolist()


@pytest.mark.parametrize(("family", "name"), [("planar", "planar30"), ("grid", "grid1"), ("liner", "Baltic_base")])
def test_published_optima_are_found(family: str, name: str) -> None:
    problem, optimum = published(family, name)
    _, certificate = solved(problem)
    assert certificate.primal_objective == pytest.approx(optimum, rel=1e-8)


def test_the_cheap_way_is_filled_before_the_dear_one() -> None:
    solution, certificate = solved(two_ways())
    assert certificate.primal_objective == 4 * 1 + 6 * 3
    assert sorted(solution.path_flow.tolist()) == [4, 6]
    assert solution.resource_price.tolist() == [2]
    assert solution.method == "arcs"
    assert set(solution.seconds) == {"build", "solve", "read"}


def test_what_costs_more_than_its_penalty_stays() -> None:
    solution, _ = solved(two_ways(penalty=2.0))
    assert solution.unserved.tolist() == [6]
    assert solution.resource_price.tolist() == [1]


def test_arcs_without_capacity_carry_anything() -> None:
    solution, certificate = solved(two_ways(amount=1e9))
    assert certificate.primal_objective == 4 + 3 * (1e9 - 4)
    assert solution.unserved.tolist() == [0]


def test_arcs_of_no_cost_are_used_and_circles_of_no_cost_are_not() -> None:
    problem = FlowProblem.single_class(
        4, [0, 1, 2, 1, 2], [1, 2, 1, 0, 3], np.zeros(5), np.full(5, 7.0), [0], [3], [7], 5.0
    )
    solution, certificate = solved(problem)
    assert certificate.primal_objective == 0
    assert [path.tolist() for path in solution.path_arcs] == [[0, 1, 4]]


def test_a_closed_arc_stays_closed_to_its_class_only() -> None:
    problem = replace(
        two_ways(),
        cost=np.array([[1.0, 3.0], [np.inf, 3.0]]),
        origin=np.array([0, 0]),
        destination=np.array([1, 1]),
        class_=np.array([0, 1]),
        amount=np.array([2.0, 2.0]),
        penalty=np.array([9.0, 9.0]),
        usage=sparse.csr_array(np.array([[1.0, 0, 1, 0]])),
    )
    solution, _ = solved(problem)
    assert [path.tolist() for path in solution.path_arcs] == [[0], [1]]


def test_an_unreachable_demand_stays_and_is_infeasible_if_it_must_not() -> None:
    problem = FlowProblem.single_class(3, [0], [1], [1], [np.inf], [0, 0], [1, 2], [5, 3], 9.0)
    solution, certificate = solved(problem)
    assert solution.unserved.tolist() == [0, 3]
    assert certificate.primal_objective == 5 + 27
    solution = arcs.solve(replace(problem, penalty=np.full(2, np.inf)))
    assert solution.status == "infeasible"
    assert solution.unserved.tolist() == [5, 3]
    assert solution.path_arcs == ()


def test_too_little_room_for_what_must_be_served_is_infeasible() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1], [4], [0], [1], [5])
    solution = arcs.solve(problem, ranging_for=[0])
    assert solution.status == "infeasible"
    assert np.isnan(solution.price_low).all()


def test_demands_of_nothing_and_to_the_same_place_cost_nothing() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1], [4], [0, 0, 1], [1, 0, 1], [0, 7, 0])
    solution, certificate = solved(problem)
    assert certificate.primal_objective == 0
    assert solution.path_demand.tolist() == [1]
    assert solution.path_arcs[0].size == 0


def test_no_demands_and_no_arcs_are_a_problem_too() -> None:
    nothing = FlowProblem.single_class(1, [], [], [], [], [], [], [])
    solution, certificate = solved(nothing)
    assert certificate.primal_objective == 0
    assert solution.path_arcs == ()


def test_loops_at_a_node_are_not_used() -> None:
    problem = FlowProblem.single_class(2, [0, 0, 1], [0, 1, 1], [0, 1, 0], [9, 9, 9], [0], [1], [5])
    solution, _ = solved(problem)
    assert [path.tolist() for path in solution.path_arcs] == [[1]]


def test_a_bound_on_a_linear_function_of_the_flow_holds() -> None:
    """At most half of what moves may go the cheap way: cheap - dear <= 0."""
    problem = replace(two_ways(), capacity=np.array([0.0]), usage=sparse.csr_array(np.array([[1.0, -1.0]])))
    solution, certificate = solved(problem, ranging_for=[0])
    assert certificate.primal_objective == 5 * 1 + 5 * 3
    assert solution.resource_use(problem).tolist() == [0]
    assert solution.price_low.tolist() == [1]


def test_prices_of_a_degenerate_optimum_are_an_interval() -> None:
    """Room for exactly what moves: one more tonne saves nothing, one fewer costs the way round."""
    solution, _ = solved(two_ways(capacity=10.0), ranging_for=[0])
    assert solution.price_low.tolist() == [0]
    assert solution.price_high.tolist() == [2]


def test_the_interval_of_a_plain_price_is_a_point_and_of_room_to_spare_nothing() -> None:
    solution, _ = solved(two_ways(), ranging_for=[0])
    assert solution.price_low.tolist() == solution.price_high.tolist() == [2]
    solution, _ = solved(two_ways(capacity=11.0), ranging_for=[0])
    assert solution.price_low.tolist() == solution.price_high.tolist() == [0]


def test_a_resource_without_a_unit_to_lose_has_only_a_low_price() -> None:
    solution, _ = solved(two_ways(capacity=0.0), ranging_for=[0])
    assert solution.price_low.tolist() == [2]
    assert np.isnan(solution.price_high).all()


def test_what_losing_a_unit_costs_is_left_out_where_it_must_be_carried() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1], [5], [0], [1], [5])
    solution, _ = solved(problem, ranging_for=[0])
    assert solution.price_low.tolist() == [0]
    assert np.isnan(solution.price_high).all()


def test_prices_are_measured_only_where_asked() -> None:
    problem = FlowProblem.single_class(3, [0, 0, 1], [1, 1, 2], [1, 3, 1], [4, 5, 6], [0], [1], [7], 9.0)
    solution, _ = solved(problem, ranging_for=np.array([0, 2]))
    assert solution.price_low[[0, 2]].tolist() == [2, 0]
    assert np.isnan(solution.price_low[1])
    assert np.isnan(solution.price_high[1])
    with pytest.raises(ProblemError, match=r"resources \[3\], but there are 3"):
        arcs.solve(problem, ranging_for=[3])


def test_scaling_there_and_back_loses_no_digit() -> None:
    problem = replace(two_ways(), amount=np.array([1e7 / 3]), cost=np.array([[1 / 3, 0.7]]))
    units = scaling.units_of(problem)
    scaled = scaling.in_units(problem, units)
    assert (scaled.amount * units.mass).tolist() == problem.amount.tolist()
    assert (scaled.cost * units.money).tolist() == problem.cost.tolist()
    assert (scaled.capacity * units.resource).tolist() == problem.capacity.tolist()
    back = scaling.from_units(arcs.solve(scaled), units)
    assert require(certify(problem, back, 1e-9)).holds


def test_a_solver_that_gives_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(highs._OPTIONS, "simplex_iteration_limit", 0)
    problem, _ = published("grid", "grid1")
    with pytest.raises(SolverError, match="stopped without an optimum"):
        arcs.solve(problem)


def test_a_solver_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> None:
        raise pulp.PulpError("no solver")

    monkeypatch.setattr(pulp.LpProblem, "solve", absent)
    with pytest.raises(SolverError, match="could not be run"):
        arcs.solve(two_ways())


def test_prices_are_not_measured_before_solving() -> None:
    model = arcs.build(two_ways())
    with pytest.raises(SolverError, match="not solved"):
        highs.WarmSolver(model.program, [], list(model.limits.values()))


def test_losing_the_optimum_beside_a_limit_is_an_error() -> None:
    model = arcs.build(two_ways(capacity=10.0))
    rows = list(model.limits.values())
    highs.solve(model.program, [x for flow in model.flow for x in flow], rows)
    solver: Any = model.program.solverModel
    solver.setOptionValue("simplex_iteration_limit", 0)
    with pytest.raises(SolverError, match="lost the optimum beside a limit"):
        highs.WarmSolver(model.program, [], rows).resolve(0, 9.0)


def test_values_that_are_not_numbers_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulp.LpVariable, "varValue", np.nan)
    with pytest.raises(SolverError, match="not finite numbers"):
        arcs.solve(two_ways())


def test_what_a_first_unit_saves_is_measured_beside_amounts_where_no_resource_has_any_capacity() -> None:
    problem = FlowProblem.single_class(2, [0, 0], [1, 1], [3.0, 5.0], [0.0, 0.0], [0], [1], [7e5], [40.0])
    solution, _ = solved(problem, ranging_for=range(2))
    assert solution.price_low == pytest.approx([37, 35])
