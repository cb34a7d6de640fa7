"""How figures respond at an answer of choice: against central differences, and by hand where there is no derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from choosing import random_network, with_all_routes, with_delays
from estimating import central, figures_of, fine, strict
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.arrays import FloatArray
from corridors.models.choice.curvature import curvature
from corridors.models.choice.dual import Dual
from corridors.models.choice.layout import layout_of
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.choice.solver import solve
from corridors.models.estimation.response import Adjoint, Response
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

type Direction = tuple[Callable[[float], ChoiceProblem], Callable[[Adjoint], FloatArray]]


def directions(problem: ChoiceProblem, seed: int) -> dict[str, Direction]:
    """Return a random direction for each figure of a problem: the problem some way along it, and the slope foretold."""
    random, flow = np.random.default_rng(seed), problem.flow
    by_arc = np.where(np.isfinite(flow.cost), random.random(flow.cost.shape), 0.0)
    by_route = layout_of(problem).cost_of(replace(flow, cost=by_arc))
    by_demand, by_resource = random.random(flow.demand_count), random.random(flow.resource_count)
    amount, capacity = flow.amount * by_demand, flow.capacity * by_resource

    def of_flow(**steps: FloatArray) -> Callable[[float], ChoiceProblem]:
        return lambda e: replace(problem, flow=replace(flow, **{k: getattr(flow, k) + e * v for k, v in steps.items()}))

    def of_scale(name: str) -> Callable[[float], ChoiceProblem]:
        return lambda e: replace(problem, **{name: getattr(problem, name) * np.exp(e * by_demand)})

    found: dict[str, Direction] = {
        "cost": (of_flow(cost=by_arc), lambda found: found.cost @ by_route),
        "penalty": (of_flow(penalty=by_demand), lambda found: found.penalty @ by_demand),
        "amount": (of_flow(amount=amount), lambda found: found.amount @ amount),
        "capacity": (of_flow(capacity=capacity), lambda found: found.capacity @ capacity),
        "way_scale": (of_scale("way_scale"), lambda found: found.ln_way_scale @ by_demand),
        "route_scale": (of_scale("route_scale"), lambda found: found.ln_route_scale @ by_demand),
    }
    if problem.group is not None:
        found["group_scale"] = of_scale("group_scale"), lambda found: found.ln_group_scale @ by_demand
    return found


def apart(seed: int, step: float = 2e-6) -> dict[str, float]:
    """Return by how much each derivative is apart from central differences, relative to it or to all that flows."""
    problem, solution = strict(seed)
    weights = figures_of(problem, seed)
    found = Response.of(problem, solution).adjoint(weights)
    least = 0.01 * max(1.0, float(np.abs(weights @ solution.route_flow).max()))
    worst = {}
    for name, (changed, foretold) in directions(problem, seed).items():
        try:
            difference = central(changed, weights, solution.resource_price, step)
        except ProblemError:
            continue  # what must be served just could be
        scale = max(float(np.abs(difference).max()), least)
        worst[name] = float(np.abs(difference - foretold(found)).max()) / scale
    return worst


@pytest.mark.parametrize("seed", range(8))
def test_derivatives_are_those_of_problems_solved_anew(seed: int) -> None:
    worst = apart(seed)
    assert len(worst) > 2
    assert max(worst.values()) < 1e-5, worst


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8, 150))
def test_derivatives_are_those_of_many_problems_solved_anew(seed: int) -> None:
    worst = apart(seed)
    if max(worst.values()) > 1e-5:  # nearly all that a demand can do takes a full resource, and the answer bends much
        worst = apart(seed, step=2e-7)
    assert max(worst.values()) < 1e-5, worst


@pytest.mark.parametrize("seed", range(5))
def test_the_matrix_of_prices_is_that_of_the_method(seed: int) -> None:
    problem, solution = strict(seed)
    response = Response.of(problem, solution)
    dual = Dual.of(problem)
    point = dual.at(response.price)
    assert point.route_flow == pytest.approx(response.route_flow, abs=1e-12)
    assert np.abs(point.slope[response.active]).max(initial=0) < 1e-11
    if response.active.size:
        matrix = curvature(dual, point, response.active)
        assert response.inverse @ matrix == pytest.approx(np.eye(response.active.size), abs=1e-5)


def two_ways(
    capacity: list[float], *, penalty: float = 9.0, cost: tuple[float, float] = (1.0, 2.0), amount: float = 10.0
) -> ChoiceProblem:
    """Return ten tonnes that go by two links in a row with some capacities, or beside them."""
    flow = FlowProblem.single_class(
        3,
        tail=[0, 1, 0],
        head=[1, 2, 2],
        cost=[cost[0], 0.0, cost[1]],
        arc_capacity=[*capacity, np.inf],
        origin=[0],
        destination=[2],
        amount=[amount],
        penalty=penalty,
    )
    routes = PathSet.of(np.array([0, 0]), [np.array([0, 1]), np.array([2])])
    return ChoiceProblem(flow, routes, np.array([0, 1]), np.array([0.8]), np.array([0.8]))


ROUTES = sparse.csr_array(np.eye(2))


def responses(problem: ChoiceProblem, gap: float = 1e-12) -> Adjoint:
    return Response.of(problem, solve(problem, gap=gap)).adjoint(ROUTES)


def test_a_full_link_passes_a_change_on_to_what_is_beside_it() -> None:
    found = responses(two_ways([4.0, np.inf]))
    assert found.cost[0] == pytest.approx([0, 0], abs=1e-9)
    assert found.amount[0, 0] == pytest.approx(0, abs=1e-9)
    assert found.capacity[0, 0] == pytest.approx(1)
    assert 0 > found.capacity[1, 0] > -1


def test_two_full_links_in_a_row_share_what_their_capacities_are_worth() -> None:
    alone, both = responses(two_ways([4.0, np.inf])), responses(two_ways([4.0, 4.0]))
    for name in ("cost", "amount", "penalty", "ln_way_scale"):
        assert getattr(both, name) == pytest.approx(getattr(alone, name), abs=1e-8), name
    assert both.capacity.sum(axis=1) == pytest.approx(alone.capacity[:, 0], abs=1e-8)


def test_a_link_that_is_just_full_without_a_price_responds_as_if_it_were_not() -> None:
    free = two_ways([np.inf, np.inf])
    flow = fine(free)[0]
    just, roomy = responses(two_ways([float(flow), np.inf])), responses(two_ways([100.0, np.inf]))
    for name in ("cost", "amount", "penalty"):
        assert getattr(just, name) == pytest.approx(getattr(roomy, name), rel=1e-6), name
    assert not just.capacity.any()


@pytest.mark.parametrize("penalty", [np.inf, 9.0])
def test_what_has_nowhere_else_to_go_does_not_respond_to_costs(penalty: float) -> None:
    problem = two_ways([10.0, np.inf], penalty=penalty, cost=(1.0, np.inf))
    found = responses(problem)
    assert np.isfinite(found.cost).all()
    assert np.isfinite(found.amount).all()
    if np.isinf(penalty):
        assert not found.cost.any()
    else:
        assert found.cost[0, 0] < 0


def test_closed_routes_and_those_without_capacity_carry_nothing_and_do_not_respond() -> None:
    for problem in (two_ways([np.inf, np.inf], cost=(np.inf, 2.0)), two_ways([0.0, np.inf])):
        found = responses(problem)
        assert not found.cost[0].any()
        assert not found.amount[0].any()
        assert found.cost[1, 1] < 0
        assert found.cost[1, 0] == 0


def test_a_demand_of_nothing_and_one_without_a_route_do_not_disturb() -> None:
    found = responses(two_ways([4.0, np.inf], amount=0.0))
    assert not found.cost.any()
    assert found.amount.sum() == pytest.approx(1, abs=0.01)  # nearly all of the first tonne would go
    flow = two_ways([4.0, np.inf]).flow
    wider = replace(
        flow,
        origin=np.array([0, 0]),
        destination=np.array([2, 1]),
        class_=np.zeros(2, dtype=np.int64),
        amount=np.array([10.0, 3.0]),
        penalty=np.array([9.0, 5.0]),
    )
    two = np.array([0.8, 0.8])
    wide = responses(replace(two_ways([4.0, np.inf]), flow=wider, way_scale=two, route_scale=two))
    alone = responses(two_ways([4.0, np.inf]))
    assert wide.amount[:, [0]] == pytest.approx(alone.amount)
    assert not wide.amount[:, 1].any()


def test_no_figure_has_no_derivatives() -> None:
    problem = two_ways([4.0, np.inf])
    found = Response.of(problem, solve(problem)).adjoint(sparse.csr_array((0, 2)))
    assert found.cost.shape == (0, 2)
    assert found.capacity.shape == (0, 1)


def test_blocks_of_figures_make_no_difference() -> None:
    problem, solution = strict(3)
    weights = figures_of(problem, 3, count=70)
    response = Response.of(problem, solution)
    whole, last = response.adjoint(weights), response.adjoint(weights[69:])
    assert whole.cost.shape == (70, problem.routes.size)
    assert whole.cost[69:] == pytest.approx(last.cost, abs=1e-12)


def test_waiting_is_refused_in_a_sentence() -> None:
    problem = next(
        problem
        for seed in range(50)
        if (problem := with_delays(with_all_routes(random_network(seed)), seed)).delay is not None
        and problem.delay.waits.any()
    )
    with pytest.raises(ProblemError, match="without delays"):
        Response.of(problem, solve(problem))
