"""The odd cases of choice, one by one: no outside option, nothing to carry, nothing to choose from, nowhere to go."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from choosing import random_network, with_all_routes, with_delays
from scipy import sparse

from corridors.errors import ProblemError, SolverError
from corridors.models import columns
from corridors.models.choice import search
from corridors.models.choice import solver as module
from corridors.models.choice.certificate import ChoiceCertificate, certify, require
from corridors.models.choice.delay import Delay
from corridors.models.choice.dual import Dual
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.repair import plan_at
from corridors.models.choice.solver import solve
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem
from corridors.models.side_constraints import at_least_share, at_most


def parallel(
    cost: list[float],
    capacity: list[float],
    *,
    amount: float = 10,
    penalty: float = 9.0,
    tau: float = 3.0,
    nesting: float = 1.0,
    way: list[int] | None = None,
) -> ChoiceProblem:
    """Return one demand from node 0 to node 1 with a choice among parallel arcs, each a way unless told."""
    count = len(cost)
    flow = FlowProblem.single_class(2, [0] * count, [1] * count, cost, capacity, [0], [1], [amount], penalty)
    routes = PathSet.of(np.zeros(count, dtype=np.int64), [np.array([arc]) for arc in range(count)])
    scale = np.array([tau])
    return ChoiceProblem(flow, routes, np.arange(count) if way is None else np.array(way), scale, nesting * scale)


def proved(problem: ChoiceProblem, gap: float = 1e-9) -> tuple[ChoiceSolution, ChoiceCertificate]:
    solution = solve(problem, gap=gap)
    return solution, require(certify(problem, solution))


def waiting(problem: ChoiceProblem, coefficient: float, power: float = 4.0, straight: float = 0.02) -> ChoiceProblem:
    count = problem.flow.resource_count
    return replace(problem, delay=Delay(np.full(count, coefficient), np.full(count, power), np.full(count, straight)))


def test_without_limits_shares_are_those_of_the_logit() -> None:
    problem = parallel([1, 2, 3], [math.inf] * 3)
    solution, _ = proved(problem)
    weight = np.exp(-3 * np.array([1, 2, 3, 9.0]))
    np.testing.assert_allclose(solution.route_flow, 10 * weight[:3] / weight.sum(), rtol=1e-12)
    assert solution.unserved[0] == pytest.approx(10 * weight[3] / weight.sum(), rel=1e-9)
    assert solution.iterations == 0


def test_equal_scales_make_a_plain_logit_whatever_the_ways() -> None:
    one, _ = proved(parallel([1, 1.2, 2], [4, math.inf, math.inf], way=[0, 0, 1]))
    two, _ = proved(parallel([1, 1.2, 2], [4, math.inf, math.inf], way=[0, 1, 2]))
    np.testing.assert_allclose(one.route_flow, two.route_flow, rtol=1e-6)


def test_a_way_of_many_like_routes_draws_less_than_as_many_ways() -> None:
    nested, _ = proved(parallel([1, 1, 1], [math.inf] * 3, nesting=50.0, way=[0, 0, 1]))
    assert nested.route_flow[2] == pytest.approx(5, rel=0.02)
    apart, _ = proved(parallel([1, 1, 1], [math.inf] * 3, nesting=50.0))
    assert apart.route_flow[2] == pytest.approx(10 / 3, rel=1e-6)


def test_a_full_way_sends_the_rest_elsewhere_at_the_price_that_clears_it() -> None:
    solution, _ = proved(parallel([1, 2], [4, math.inf]), gap=1e-14)
    assert solution.route_flow[0] == pytest.approx(4, rel=1e-8)
    shares = solution.route_flow / 10
    assert solution.resource_price[0] == pytest.approx(1 + math.log(shares[1] / shares[0]) / 3, rel=1e-6)


def test_a_demand_that_must_be_served_is_served_to_the_last_digit() -> None:
    solution, certificate = proved(parallel([1, 2, 4], [4, 5, math.inf], penalty=math.inf))
    assert solution.unserved[0] == 0
    assert solution.route_flow.sum() == pytest.approx(10, rel=1e-15)
    assert certificate.worst_capacity_residual <= 2.0**-40


def test_capacities_that_just_suffice_are_used_to_the_last_unit() -> None:
    solution, _ = proved(parallel([1, 2], [4, 6], penalty=math.inf))
    np.testing.assert_allclose(solution.route_flow, [4, 6], rtol=1e-12)


def test_a_must_beside_which_nothing_else_may_use_a_resource_is_served() -> None:
    """Let a demand with one way fill an arc that another one likes as well: a logit alone would never leave it."""
    flow = FlowProblem.single_class(
        2, [0, 0], [1, 1], [1, 2], [10, math.inf], [0, 0], [1, 1], [10, 3], [math.inf, math.inf]
    )
    routes = PathSet.of(np.array([0, 1, 1]), [np.array([arc]) for arc in (0, 0, 1)])
    scale = np.full(2, 3.0)
    solution, _ = proved(ChoiceProblem(flow, routes, np.arange(3), scale, scale), gap=1e-6)
    np.testing.assert_allclose(solution.route_flow, [10, 0, 3], atol=1e-10)


def test_what_cannot_be_served_by_the_list_is_said() -> None:
    problem = parallel([1, 2], [4, 5], penalty=math.inf)
    with pytest.raises(ProblemError, match="listed routes cannot carry what must be served"):
        solve(problem)
    assert columns.solve(problem.flow).status == "infeasible"


def test_a_must_without_an_open_route_is_said() -> None:
    problem = parallel([1, 2], [4, 5], penalty=math.inf)
    none = replace(problem, routes=PathSet.of(np.empty(0, dtype=np.int64), []), way=np.empty(0, dtype=np.int64))
    closed = replace(problem, flow=replace(problem.flow, cost=np.full((1, 2), math.inf)))
    full = replace(problem, flow=replace(problem.flow, capacity=np.zeros(2)))
    for other in (none, closed, full):
        with pytest.raises(ProblemError, match="Demand 0 must be served, but no open route"):
            solve(other)


def test_a_demand_without_a_listed_route_is_left() -> None:
    problem = parallel([1, 2], [4, 5])
    none = replace(problem, routes=PathSet.of(np.empty(0, dtype=np.int64), []), way=np.empty(0, dtype=np.int64))
    solution, certificate = proved(none)
    assert solution.unserved.tolist() == [10]
    assert certificate.primal_objective == pytest.approx(90)
    assert [one.demand for one in certificate.missing] == [0]


def test_a_demand_of_nothing_moves_nothing() -> None:
    for penalty in (9.0, math.inf):
        solution, certificate = proved(parallel([1, 2], [4, 5], amount=0, penalty=penalty))
        assert solution.route_flow.tolist() == [0, 0]
        assert certificate.primal_objective == 0


def test_a_demand_to_where_it_is_has_the_empty_path() -> None:
    flow = FlowProblem.single_class(2, [0], [1], [1], [4], [0, 0], [0, 1], [7, 10], [5.0, 5.0])
    routes = PathSet.of(np.array([0, 1]), [np.empty(0, dtype=np.int64), np.array([0])])
    scale = np.full(2, 2.0)
    solution, _ = proved(ChoiceProblem(flow, routes, np.arange(2), scale, scale))
    assert solution.route_flow[0] == pytest.approx(7 / (1 + math.exp(-10)), rel=1e-12)
    assert solution.route_flow[1] == pytest.approx(4, rel=1e-8)


def test_a_demand_with_one_route_shares_with_staying_alone() -> None:
    solution, _ = proved(parallel([1], [4], penalty=1.5))
    assert solution.route_flow[0] == pytest.approx(4, rel=1e-8)
    free, _ = proved(parallel([1], [40], penalty=1.5))
    assert free.route_flow[0] == pytest.approx(10 / (1 + math.exp(-1.5)), rel=1e-12)


def test_a_capacity_of_nothing_closes_its_routes_at_a_finite_price() -> None:
    solution, _ = proved(parallel([1, 2], [0, math.inf]))
    assert solution.route_flow[0] == 0
    assert 1 < solution.resource_price[0] < 100


def test_closures_follow_from_closures() -> None:
    """Give back of a share only on a route that has no capacity: then the share closes what it asks for."""
    problem = parallel([1, 2, 3], [math.inf, 0, math.inf])
    kept = at_least_share(problem.flow, np.array([False, True, False]), np.array([True, True, False]), 0.5, "part")
    solution, _ = proved(replace(problem, flow=kept))
    assert solution.route_flow[:2].tolist() == [0, 0]
    assert solution.route_flow[2] > 9.9


def test_a_penalty_of_nothing_leaves_what_costs_anything() -> None:
    solution, _ = proved(parallel([1, 2], [4, 5], penalty=0.0, tau=20.0))
    assert solution.unserved[0] == pytest.approx(10, rel=1e-6)
    free, _ = proved(parallel([0, 0], [4, 5], penalty=0.0))
    np.testing.assert_allclose(free.route_flow, 10 / 3, rtol=1e-9)


@pytest.mark.parametrize("penalty", [9.0, math.inf])
def test_a_least_share_is_kept_under_choice(penalty: float) -> None:
    problem = parallel([1, 3], [math.inf, math.inf], penalty=penalty)
    part, whole = np.array([False, True]), np.array([True, True])
    kept = at_least_share(problem.flow, part, whole, 0.4, "part")
    solution, _ = proved(replace(problem, flow=kept))
    assert solution.route_flow[1] >= 0.4 * solution.route_flow.sum() * (1 - 1e-12)
    assert solution.resource_price[-1] > 0


def test_a_budget_is_kept_under_choice() -> None:
    problem = parallel([1, 3], [math.inf, math.inf])
    bound = at_most(problem.flow, np.array([[2.0, 0.5]]), 8.0, "budget")
    solution, _ = proved(replace(problem, flow=bound))
    assert solution.route_flow @ [2.0, 0.5] == pytest.approx(8, rel=1e-8)


def test_closed_routes_may_stay_listed_and_carry_nothing() -> None:
    problem = parallel([1, 2, 3], [4, 5, math.inf], way=[0, 0, 1], nesting=2.0)
    for closed in ([0], [2], [0, 1], [0, 1, 2]):
        cost = problem.flow.cost.copy()
        cost[0, closed] = math.inf
        solution, _ = proved(replace(problem, flow=replace(problem.flow, cost=cost)))
        assert (solution.route_flow[closed] == 0).all()


def test_a_saturated_resource_has_a_price_in_spite_of_cancellation() -> None:
    """Let all that a demand can do take one resource: its curvature is what is left of terms that cancel."""
    flow = FlowProblem.single_class(
        4, [0, 1, 1, 2], [1, 2, 2, 3], [1, 1, 1.5, 0], [math.inf, 3, math.inf, 8], [0], [3], [10], [1e4]
    )
    routes = PathSet.of(np.zeros(2, dtype=np.int64), [np.array([0, 1, 3]), np.array([0, 2, 3])])
    for tau in (1.0, 100.0):
        problem = ChoiceProblem(flow, routes, np.arange(2), np.array([tau]), np.array([tau]))
        solution, certificate = proved(problem, gap=1e-9)
        assert solution.unserved[0] == pytest.approx(2, rel=1e-9)
        assert certificate.gap <= 1e-9
        assert solution.resource_price[1] == pytest.approx(1e4, rel=1e-3)


def test_waiting_spreads_freight_and_is_part_of_the_price() -> None:
    problem = parallel([1, 1.1], [10, 20])
    free, _ = proved(problem)
    crowded, _ = proved(waiting(problem, 2.0))
    assert crowded.route_flow[0] < free.route_flow[0]
    use = crowded.route_flow / problem.flow.capacity
    delay = waiting(problem, 2.0).delay
    assert delay is not None
    np.testing.assert_allclose(crowded.resource_price, delay.waiting(use), rtol=1e-5)


def test_beyond_waiting_a_full_place_has_a_rent() -> None:
    solution, _ = proved(waiting(parallel([1, 5], [4, 20]), 0.5))
    assert solution.route_flow[0] == pytest.approx(4, rel=1e-8)
    assert solution.resource_price[0] > 0.5


def test_the_optimum_spreads_more_than_the_equilibrium_and_is_worth_less_in_its_own_problem() -> None:
    equilibrium = waiting(parallel([1, 1.5], [10, 20]), 2.0)
    assert equilibrium.delay is not None
    optimum = replace(equilibrium, delay=equilibrium.delay.marginal())
    one, _ = proved(equilibrium)
    two, _ = proved(optimum)
    assert two.route_flow[0] < one.route_flow[0]
    shifted = certify(optimum, replace(two, route_flow=one.route_flow, unserved=one.unserved))
    assert shifted.primal_objective > certify(optimum, two).primal_objective


@pytest.mark.parametrize(("power", "straight"), [(1.0, 0.02), (1.0, 1.0), (4.0, 1.0), (16.0, 0.02), (4.0, 1e-6)])
def test_any_power_and_straight_part_will_do(power: float, straight: float) -> None:
    solution, _ = proved(waiting(parallel([1, 1.1, 4], [6, 6, 6]), 2.0, power, straight))
    assert solution.iterations <= 12


def test_a_resource_that_nothing_uses_does_no_harm() -> None:
    problem = waiting(parallel([1, 1.1, 1e4], [6, 6, 6]), 2.0)
    solution, _ = proved(problem)
    assert solution.resource_price[2] == pytest.approx(0, abs=1e-9)


def test_where_some_places_have_no_waiting_their_limits_are_hard() -> None:
    problem = parallel([1, 1.1, 2], [6, 3, math.inf])
    delay = Delay(np.array([2.0, 0.0]), np.full(2, 4.0), np.full(2, 0.02))
    solution, _ = proved(replace(problem, delay=delay))
    assert solution.route_flow[1] == pytest.approx(3, rel=1e-8)
    nowhere = replace(problem, delay=Delay(np.zeros(2), np.full(2, 4.0), np.full(2, 0.02)))
    np.testing.assert_allclose(proved(nowhere)[0].route_flow, proved(problem)[0].route_flow, rtol=1e-9)


def test_a_constant_cost_beside_places_that_crowd_takes_the_overflow() -> None:
    problem = waiting(parallel([1, 1, 2], [2, 2, math.inf]), 50.0)
    solution, _ = proved(problem)
    assert solution.route_flow[2] > solution.route_flow[:2].sum()


def test_waiting_at_a_place_that_is_given_back_is_refused() -> None:
    problem = parallel([1, 3], [math.inf, math.inf])
    kept = at_least_share(problem.flow, np.array([False, True]), np.array([True, True]), 0.4, "part")
    wrong = replace(problem, flow=kept, delay=Delay(np.ones(1), np.ones(1), np.ones(1)))
    with pytest.raises(ProblemError, match="gives back"):
        solve(wrong)


def test_routes_and_scales_that_are_none_are_refused() -> None:
    problem = parallel([1, 2, 3], [4, 5, 6])
    two = np.array([1.0, 1.0])
    changes: list[tuple[dict[str, object], str]] = [
        ({"way": np.array([0, 2, 1])}, "out of its order"),
        ({"way": np.array([0, 1])}, "3 routes are listed"),
        ({"way_scale": two}, "has the shape"),
        ({"way_scale": np.array([0.0])}, "above 0"),
        ({"route_scale": np.array([1.0])}, "at least"),
        ({"route_scale": np.array([math.inf])}, "finite"),
        ({"delay": Delay(np.ones(2), np.ones(2), np.ones(2))}, "has the shape"),
        ({"delay": Delay(np.full(3, -1.0), np.ones(3), np.ones(3))}, "delay"),
        ({"delay": Delay(np.ones(3), np.full(3, 0.5), np.ones(3))}, "delay"),
        ({"delay": Delay(np.ones(3), np.ones(3), np.zeros(3))}, "delay"),
    ]
    for change, said in changes:
        with pytest.raises(ProblemError, match=said):
            solve(replace(problem, **change))  # type: ignore[arg-type]
    for wrong in ({"gap": 0.0}, {"gap": math.nan}, {"time_limit": -1.0}):
        with pytest.raises(ProblemError):
            solve(problem, **wrong)  # type: ignore[arg-type]
    for start in (np.ones(2), np.full(3, math.nan)):
        with pytest.raises(ProblemError, match="prices to start from"):
            solve(problem, start=start)


def test_when_the_time_is_over_the_best_plan_so_far_is_given() -> None:
    problem = with_delays(with_all_routes(random_network(5), tau=50.0, seed=5), 5)
    problem = replace(problem, flow=replace(problem.flow, capacity=problem.flow.capacity / 8))
    solution = solve(problem, time_limit=0)
    assert solution.termination == "time_limit"
    certificate = require(certify(problem, solution, allowed_gap=1e9))
    assert certificate.primal_objective >= certify(problem, solve(problem)).bound


@pytest.mark.parametrize("penalty", [1e6, math.inf])
def test_a_plan_near_the_optimum_sends_the_excess_by_what_there_is_beside(penalty: float) -> None:
    problem = parallel([1, 2], [4, math.inf], penalty=penalty)
    dual = Dual.of(problem)
    point = dual.at(solve(problem, gap=1e-12).resource_price * 0.999)
    assert point.use[0] > 4
    plan = plan_at(dual, point)
    assert plan is not None
    assert plan.route_flow[0] == pytest.approx(4, rel=1e-12)
    assert plan.left[0] <= 1e-12
    assert plan.gap <= 1e-5


def test_without_a_plan_in_the_time_there_is_none() -> None:
    with pytest.raises(SolverError, match="No plan"):
        solve(parallel([1, 2, 4], [4, 5, math.inf], penalty=math.inf), time_limit=0)


def interrupted_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Interrupt the method as Ctrl-C does, in the middle of the step after so many."""
    real, done = search.best_along, [0]

    def step(path: search.Path, **words: int) -> object:
        done[0] += 1
        if done[0] > steps:
            raise KeyboardInterrupt
        return real(path, **words)

    monkeypatch.setattr(module, "best_along", step)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_interrupted_it_gives_the_best_plan_so_far(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    problem = parallel([1, 2, 4], [2, 3, 4], tau=20.0)
    interrupted_after(monkeypatch, steps)
    solution = solve(problem)
    assert solution.termination == "interrupted"
    require(certify(problem, solution, allowed_gap=1e9))


def test_interrupted_before_there_is_a_plan_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted_after(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt):
        solve(parallel([1, 2, 4], [4, 5, math.inf], penalty=math.inf))


def test_side_rows_of_many_kinds_together_are_kept() -> None:
    for seed in range(2, 40, 4):
        flow = random_network(seed, gives=True)
        if not flow.resource_count:
            continue
        tight = at_most(flow, np.where(np.isfinite(flow.cost), 1.0, 0.0), 0.3 * float(flow.amount.sum()), "all")
        assert isinstance(tight.usage, sparse.csr_array)
        proved(with_all_routes(tight, seed=seed))
