"""Choice of three levels, routes in ways in groups: against scipy, plain loops, the closed form and two levels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from choosing import grouped, least_value, plain_dual, random_network, value, with_all_routes, with_delays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corridors.errors import ProblemError
from corridors.models.arrays import FloatArray
from corridors.models.choice.certificate import certify, require
from corridors.models.choice.curvature import curvature
from corridors.models.choice.dual import Dual
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.choice.solver import solve
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem


def tight(seed: int, *, tau: float = 3.0, nesting: float = 2.0, within: float = 1.5) -> ChoiceProblem:
    """Return a small problem with capacities that bind, ways in random groups, and waiting in every other."""
    flow = random_network(seed)
    flow = replace(flow, capacity=np.maximum(flow.capacity / 3, 0.5))
    problem = grouped(with_all_routes(flow, tau=tau, nesting=nesting, seed=seed, most=8), within, seed)
    return with_delays(problem, seed) if seed % 2 else problem


def parallel(cost: list[float], way: list[int], group: list[int]) -> ChoiceProblem:
    """Return one demand with parallel arcs without limits, at the scales 1, 2 and 4."""
    count, free = len(cost), [math.inf] * len(cost)
    flow = FlowProblem.single_class(2, [0] * count, [1] * count, cost, free, [0], [1], [10.0], 4.0)
    routes = PathSet.of(np.zeros(count, dtype=np.int64), [np.array([arc]) for arc in range(count)])
    scales = np.array([1.0]), np.array([4.0])
    return ChoiceProblem(flow, routes, np.array(way), *scales, group=np.array(group), group_scale=np.array([2.0]))


@pytest.mark.parametrize("seed", range(10))
def test_three_methods_agree_on_three_levels(seed: int) -> None:
    problem = tight(seed, tau=(1.0, 3.0, 8.0)[seed % 3], within=(1.2, 2.0, 4.0)[seed % 3])
    solution = solve(problem, gap=1e-9)
    found = value(problem, solution.route_flow, solution.unserved)
    within = 1e-6 * max(abs(found), 1e-3)
    assert least_value(problem) == pytest.approx(found, abs=within)
    assert plain_dual(problem, solution.resource_price) == pytest.approx(found, abs=within)
    certificate = require(certify(problem, solution))
    assert certificate.primal_objective == pytest.approx(found, abs=1e-3 * within)
    assert certificate.bound == pytest.approx(plain_dual(problem, solution.resource_price), abs=within)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
@example(190389)  # steps that go to and fro across a fold for a thousand times
def test_answers_to_any_problem_of_three_levels_are_proved(seed: int) -> None:
    random = np.random.default_rng(seed)
    flow = random_network(seed, must_serve=seed % 3 == 1, gives=seed % 4 == 2)
    tau, nesting = float(random.choice([0.1, 1, 5, 20, 200, 1e4])), float(random.choice([1, 1.5, 3]))
    problem = grouped(with_all_routes(flow, tau=tau, nesting=nesting, seed=seed), float(random.choice([1, 2, 5])), seed)
    if seed % 2:
        problem = with_delays(problem, seed, strength=float(random.choice([0.01, 1, 100])))
    try:
        solution = solve(problem, gap=float(random.choice([1e-6, 1e-9])))
    except ProblemError:
        assert np.isinf(flow.penalty).any()
        return
    certificate = require(certify(problem, solution))
    assert certificate.gap <= 1e-6
    assert not certificate.missing


def same_flows(one: ChoiceProblem, other: ChoiceProblem) -> None:
    """Hold that two problems with the same routes have the same answer."""
    first, second = solve(one, gap=1e-12), solve(other, gap=1e-12)
    for problem, answer in ((one, second), (other, first)):
        require(certify(problem, answer))
    most = one.flow.amount.max(initial=1.0)
    np.testing.assert_allclose(first.route_flow, second.route_flow, atol=1e-7 * most)
    np.testing.assert_allclose(first.unserved, second.unserved, atol=1e-7 * most)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31))
def test_groups_at_the_scale_of_what_is_above_or_below_them_or_of_one_way_make_two_levels(seed: int) -> None:
    problem = tight(seed, within=1.0)
    same_flows(problem, replace(problem, group=None, group_scale=None))  # as sharp within as among them
    ways = int(problem.way.max(initial=-1)) + 1
    alone = replace(problem, group=np.arange(ways), group_scale=problem.route_scale)  # each way by itself
    same_flows(alone, replace(problem, group=None, group_scale=None))
    assert problem.group is not None
    sharp = replace(problem, group_scale=problem.route_scale)  # as sharp among ways as among their routes
    same_flows(sharp, replace(problem, way=problem.group[problem.way], group=None, group_scale=None))


def test_without_limits_shares_are_those_of_the_logit_of_three_levels() -> None:
    cost = np.array([1.0, 1.2, 1.5, 2.0])
    problem = parallel(cost.tolist(), way=[0, 0, 1, 2], group=[0, 0, 1])
    answer = solve(problem, gap=1e-12)
    in_way = np.exp(-4 * cost[:2])
    ways = np.array([in_way.sum() ** (2 / 4), np.exp(-2 * 1.5)])
    groups = np.array([ways.sum() ** (1 / 2), np.exp(-1 * 2.0), np.exp(-1 * 4.0)])
    share = groups / groups.sum()
    first = share[0] * ways / ways.sum()
    expected = [*(first[0] * in_way / in_way.sum()), first[1], share[1]]
    np.testing.assert_allclose(answer.route_flow / 10, expected, rtol=1e-12)
    assert answer.unserved[0] / 10 == pytest.approx(share[2], rel=1e-9)
    require(certify(problem, answer))


def test_many_ways_of_one_group_no_longer_crowd_out_the_one_way_of_another() -> None:
    """Eight ways by land and one by sea of the same cost: half goes by each, where eight ninths went by land."""
    cost = [1.0] * 9
    problem = parallel(cost, way=list(range(9)), group=[0] * 8 + [1])
    problem = replace(problem, flow=replace(problem.flow, penalty=np.array([math.inf])))
    apart = replace(problem, group=None, group_scale=None)
    assert solve(apart).route_flow[-1] == pytest.approx(10 / 9)
    sharp = replace(problem, group_scale=np.array([1e9]), route_scale=np.array([1e9]))
    assert solve(sharp).route_flow[-1] == pytest.approx(5, rel=1e-6)
    assert solve(problem).route_flow[-1] == pytest.approx(10 / (1 + math.sqrt(8)))


@pytest.mark.parametrize("seed", [1, 4, 12, 15, 50, 55])
def test_the_curvature_is_that_of_the_slope(seed: int) -> None:
    problem = tight(seed, tau=2.0)
    dual = Dual.of(replace(problem, delay=None))
    price = np.random.default_rng(seed).uniform(0.1, 1.0, problem.flow.resource_count) * dual.fills
    active = np.flatnonzero(dual.fills)

    def slope(change: FloatArray) -> FloatArray:
        return dual.at(price + change).slope[active]

    step = 1e-5 * np.eye(price.size)[active]
    wanted = [(slope(-one) - slope(one)) / 2e-5 for one in step]
    found = curvature(dual, dual.at(price), active)
    np.testing.assert_allclose(found, np.reshape(wanted, found.shape), rtol=1e-5, atol=1e-6 * np.abs(found).max())


def test_units_do_not_matter_to_groups() -> None:
    problem = tight(4)
    flow = problem.flow
    scaled = replace(flow, cost=flow.cost * 1e6, penalty=flow.penalty * 1e6)
    names = "way_scale", "route_scale", "group_scale"
    other = replace(problem, flow=scaled, **{name: getattr(problem, name) / 1e6 for name in names})
    one, two = solve(problem, gap=1e-9), solve(other, gap=1e-9)
    require(certify(other, two))
    np.testing.assert_allclose(two.route_flow, one.route_flow, atol=1e-4 * flow.amount.max())


WRONG: list[tuple[dict[str, object], str]] = [
    ({"group": np.array([0, 1])}, "3 ways are listed"),
    ({"group": np.array([1, 0, 0])}, "out of its order"),
    ({"group": np.array([0, 2, 2])}, "out of its order"),
    ({"group": None}, "belong together"),
    ({"group_scale": None}, "belong together"),
    ({"group_scale": np.array([0.5])}, "lies between the way_scale, 1, and the route_scale, 4"),
    ({"group_scale": np.array([5.0])}, "lies between"),
    ({"group_scale": np.array([math.nan])}, "finite"),
    ({"group_scale": np.array([2.0, 2.0])}, "has the shape"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_groups_that_are_none_are_refused(change: dict[str, object], said: str) -> None:
    problem = parallel([1, 1.2, 1.5, 2], way=[0, 0, 1, 2], group=[0, 0, 1])
    with pytest.raises(ProblemError, match=said):
        solve(replace(problem, **change))  # type: ignore[arg-type]


def test_a_group_of_two_demands_is_refused() -> None:
    flow = FlowProblem.single_class(2, [0, 0], [1, 1], [1, 2], [9, 9], [0, 0], [1, 1], [1, 1], 9.0)
    routes = PathSet.of(np.array([0, 1]), [np.array([0]), np.array([1])])
    scale, none = np.ones(2), np.zeros(2, dtype=np.int64)
    problem = ChoiceProblem(flow, routes, np.arange(2), scale, scale, group=none, group_scale=scale)
    with pytest.raises(ProblemError, match="Group 0 has ways of two demands"):
        solve(problem)


@pytest.mark.parametrize("seed", range(8))
def test_a_route_that_is_not_listed_would_take_the_most_that_any_place_in_the_tree_gives_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    problem = parallel(random.uniform(1, 2, 5).tolist(), way=[0, 0, 1, 2, 3], group=[0, 0, 0, 1])
    best = int(np.argmin(problem.flow.cost[0]))
    kept = np.arange(5) != best
    way = np.array([0, 0, 1, 2, 3])[kept]
    group = np.array([0, 0, 0, 1])[np.unique(way)]
    _, way = np.unique(way, return_inverse=True)
    _, group = np.unique(group, return_inverse=True)
    fewer = replace(problem, routes=problem.routes.select(kept), way=way, group=group)
    (missing,) = certify(fewer, solve(fewer)).missing
    ways = [*range(way.max() + 1)]
    places = [(one, int(group[one])) for one in ways] + [(-1, one) for one in range(group.max() + 1)] + [(-1, -1)]
    assert missing.share == pytest.approx(max(_share_at(problem, best, fewer, place) for place in places), rel=1e-6)


def _share_at(problem: ChoiceProblem, route: int, fewer: ChoiceProblem, place: tuple[int, int]) -> float:
    """Return the share of a route in a way of a group, each a new one where it is below 0: by plain sums."""
    assert fewer.group is not None
    way = np.where(place[0] < 0, 99, place[0]), np.where(place[1] < 0, 99, place[1])
    nodes: dict[int, dict[int, list[float]]] = {}
    for number, arcs in enumerate(fewer.way.tolist()):
        cost = float(fewer.flow.cost[0, fewer.routes.arcs_of(number)[0]])
        nodes.setdefault(int(fewer.group[arcs]), {}).setdefault(arcs, []).append(cost)
    own = float(problem.flow.cost[0, route])
    nodes.setdefault(int(way[1]), {}).setdefault(int(way[0]), []).append(own)
    in_way = {one: sum(math.exp(-4 * cost) for cost in of) for ways in nodes.values() for one, of in ways.items()}
    in_group = {one: sum(math.sqrt(in_way[way]) for way in ways) for one, ways in nodes.items()}
    whole = sum(math.sqrt(one) for one in in_group.values()) + math.exp(-4.0)
    mine = int(way[0]), int(way[1])
    share = math.sqrt(in_group[mine[1]]) / whole * math.sqrt(in_way[mine[0]]) / in_group[mine[1]]
    return share * math.exp(-4 * own) / in_way[mine[0]]
