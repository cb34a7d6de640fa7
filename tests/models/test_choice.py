"""Choice under capacities: the dual method against scipy on the flows, against plain loops, and against its proof."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from choosing import least_value, plain_dual, random_network, value, with_all_routes, with_delays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corridors.errors import ProblemError
from corridors.models import columns
from corridors.models.choice.certificate import certify, require
from corridors.models.choice.layout import layout_of
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.choice.solver import solve
from corridors.models.paths import PathSet

TAU = (1.0, 3.0, 8.0)
NESTING = (1.0, 2.0, 3.0)


def small(seed: int) -> ChoiceProblem:
    """Return a problem that scipy can solve: its routes listed, capacities that bind, and waiting in every other."""
    flow = random_network(seed)
    flow = replace(flow, capacity=np.maximum(flow.capacity / 3, 0.5))
    problem = with_all_routes(flow, tau=TAU[seed % 3], nesting=NESTING[seed % 3], seed=seed, most=8)
    return with_delays(problem, seed) if seed % 2 else problem


@pytest.mark.parametrize("seed", range(42))
def test_three_methods_agree(seed: int) -> None:
    problem = small(seed)
    solution = solve(problem, gap=1e-9)
    found = value(problem, solution.route_flow, solution.unserved)
    within = 1e-6 * max(abs(found), 1e-3)
    assert least_value(problem) == pytest.approx(found, abs=within)
    assert plain_dual(problem, solution.resource_price) == pytest.approx(found, abs=within)
    certificate = require(certify(problem, solution))
    assert certificate.primal_objective == pytest.approx(found, abs=1e-3 * within)
    assert certificate.bound == pytest.approx(plain_dual(problem, solution.resource_price), abs=within)


def of_every_kind(seed: int) -> tuple[ChoiceProblem, float]:
    """Return a problem of any kind: mandatory demands, rows that give back, waiting, any sharpness; and a gap."""
    random = np.random.default_rng(seed)
    flow = random_network(seed, must_serve=seed % 3 == 1, gives=seed % 4 == 2)
    tau, nesting = float(random.choice([0.1, 1, 5, 20, 200, 1e4])), float(random.choice([1, 1.5, 3]))
    problem = with_all_routes(flow, tau=tau, nesting=nesting, seed=seed)
    if seed % 2:
        problem = with_delays(problem, seed, strength=float(random.choice([0.01, 1, 100])))
    return problem, float(random.choice([1e-6, 1e-9]))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31))
@example(832)  # so sharp that the last digit of a price overdraws what must be served
@example(16717)
def test_answers_to_any_problem_are_proved(seed: int) -> None:
    problem, gap = of_every_kind(seed)
    try:
        solution = solve(problem, gap=gap)
    except ProblemError:
        assert np.isinf(problem.flow.penalty).any()  # `test_what_is_said_to_be_impossible_is` holds the rest
        return
    certificate = require(certify(problem, solution))
    assert certificate.gap <= 1e-6
    assert not certificate.missing


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_what_is_said_to_be_impossible_is(seed: int) -> None:
    flow = random_network(seed, must_serve=True)
    problem = with_all_routes(flow, seed=seed)
    try:
        solve(problem)
    except ProblemError:
        assert columns.solve(flow).status == "infeasible"
    else:
        assert columns.solve(flow).status == "optimal"


@pytest.mark.parametrize("seed", range(25))
def test_the_limit_of_sharp_choice_is_the_linear_optimum(seed: int) -> None:
    flow = random_network(seed)
    problem = with_all_routes(flow, tau=1e6, seed=seed)
    certificate = require(certify(problem, solve(problem)))
    assert certificate.primal_objective == pytest.approx(columns.solve(flow).bound, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("seed", range(25))
def test_a_changed_problem_is_solved_from_the_prices_before(seed: int) -> None:
    problem = small(seed)
    before = solve(problem)
    flow = replace(problem.flow, capacity=problem.flow.capacity * 0.9, amount=problem.flow.amount * 1.1)
    changed = replace(problem, flow=flow)
    assert layout_of(changed) is layout_of(problem)
    hot, cold = solve(changed, start=before.resource_price), solve(changed)
    first, second = require(certify(changed, hot)), require(certify(changed, cold))
    assert first.primal_objective == pytest.approx(second.primal_objective, rel=2e-6, abs=1e-9)
    assert solve(problem, start=before.resource_price).iterations == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31))
@example(47379)  # all for next to nothing: the worth is that of the last digits of what stays
def test_a_start_from_an_answer_to_another_problem_is_proved_like_any(seed: int) -> None:
    problem, gap = of_every_kind(seed)
    random = np.random.default_rng(seed)
    try:
        before = solve(problem, gap=gap)
        flow = problem.flow
        cost = flow.cost * random.uniform(0.5, 2, size=flow.cost.shape)
        changed = replace(problem, flow=replace(flow, cost=cost, capacity=flow.capacity * random.uniform(0.5, 1.5)))
        cold = solve(changed, gap=gap)
    except ProblemError:
        return  # what must be served cannot be
    hot = solve(changed, gap=gap, start=before)
    worth = [require(certify(changed, answer)).primal_objective for answer in (hot, cold)]
    assert worth[0] == pytest.approx(worth[1], rel=2e-6, abs=1e-9)


def test_a_start_from_an_answer_spares_the_first_curvature() -> None:
    problem = small(4)
    before = solve(problem)
    assert before.curvature is not None
    assert before.iterations > 0
    flow = problem.flow
    changed = replace(problem, flow=replace(flow, capacity=flow.capacity * 0.99))
    by_answer, by_price = solve(changed, start=before), solve(changed, start=before.resource_price)
    assert by_answer.iterations < by_price.iterations
    require(certify(changed, by_answer))


def test_a_price_to_start_from_where_nothing_can_be_full_is_dropped() -> None:
    problem = small(2)
    flow = problem.flow
    roomy = replace(problem, flow=replace(flow, capacity=np.full(flow.resource_count, 1e6)))
    solution = solve(roomy, start=np.ones(flow.resource_count))
    assert not solution.resource_price.any()
    require(certify(roomy, solution))


def test_what_was_solved_before_leaves_an_answer_as_it_is() -> None:
    tight = small(4)
    loose = replace(tight, flow=replace(tight.flow, capacity=tight.flow.capacity * 3))
    routes = tight.routes
    anew = replace(loose, routes=PathSet(routes.arc, routes.start, routes.demand))
    solve(tight)
    np.testing.assert_array_equal(solve(loose).route_flow, solve(anew).route_flow)


def test_other_routes_or_another_usage_have_a_layout_of_their_own() -> None:
    problem = small(3)
    flow = replace(problem.flow, usage=problem.flow.usage * 2)
    assert layout_of(replace(problem, flow=flow)) is not layout_of(problem)
    other = replace(problem, way=np.arange(problem.routes.size))
    assert layout_of(other).way_start.size == problem.routes.size


@pytest.mark.parametrize("seed", range(0, 40, 5))
@pytest.mark.parametrize(("money", "mass"), [(1e-9, 1e9), (1e9, 1e-9)])
def test_units_do_not_matter(seed: int, money: float, mass: float) -> None:
    problem = small(seed)
    flow = problem.flow
    scaled = replace(
        flow,
        cost=flow.cost * money,
        penalty=flow.penalty * money,
        amount=flow.amount * mass,
        capacity=flow.capacity * mass,
    )
    delay = problem.delay and replace(problem.delay, coefficient=problem.delay.coefficient * money)
    scales = {"way_scale": problem.way_scale / money, "route_scale": problem.route_scale / money}
    other = replace(problem, flow=scaled, delay=delay, **scales)
    one, two = solve(problem, gap=1e-9), solve(other, gap=1e-9)
    require(certify(other, two))
    largest = flow.amount.max(initial=1.0)
    np.testing.assert_allclose(two.route_flow / mass, one.route_flow, atol=1e-4 * largest)
