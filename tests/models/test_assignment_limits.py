"""Where capacities are hard no link carries more, full links have prices, and what does not fit is proved not to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import bench
from roads import by_paths, fits, links, random_roads, roads, straight, two_ways

from corridors.models.assignment.certificate import certify
from corridors.models.assignment.problem import AssignmentProblem
from corridors.models.assignment.solver import solve

TIGHT = 1e-8
WAYS = ((0, 1, 0.15, 6, 4), (0, 2, 0.15, 6, 4))


def test_what_a_full_link_cannot_carry_pays_as_much_elsewhere() -> None:
    problem = two_ways(*WAYS)
    solution = solve(problem, hard=True, gap=TIGHT)
    assert certify(problem, solution, TIGHT).holds
    assert solution.flow == pytest.approx([6, 4], rel=1e-6)
    assert solution.price is not None
    cost = problem.costs.at(np.array([6.0, 4.0]))
    assert solution.price == pytest.approx([cost[1] - cost[0], 0], rel=1e-5)
    assert solve(problem).flow[0] > 9


def test_the_optimum_within_limits_has_prices_at_marginal_costs() -> None:
    problem = two_ways((0, 1, 0.15, 2, 4), (0, 2, 0.15, 10, 4), amount=8.0)
    solution = solve(problem, "optimum", hard=True, gap=TIGHT)
    assert certify(problem, solution, TIGHT).holds
    assert solution.flow == pytest.approx([2, 6], rel=1e-6)
    cost = problem.costs.marginal(np.array([2.0, 6.0]))
    assert solution.price is not None
    assert solution.price[0] == pytest.approx(cost[1] - cost[0], rel=1e-5)


def test_limits_that_nobody_reaches_change_nothing() -> None:
    problem = two_ways(*WAYS, amount=4.0)
    solution = solve(problem, hard=True, gap=TIGHT)
    assert solution.price is not None
    assert not solution.price.any()
    assert solution.flow == pytest.approx(solve(problem, gap=TIGHT).flow)


def test_constant_costs_are_a_linear_problem() -> None:
    problem = two_ways((0, 1, 0, 4, 1), (0, 3, 0, np.inf, 1))
    solution = solve(problem, hard=True, gap=TIGHT)
    found = certify(problem, solution, TIGHT)
    assert found.holds, found.reasons
    assert found.objective == pytest.approx(4 * 1 + 6 * 3, rel=1e-6)
    assert solution.price == pytest.approx([2, 0], rel=1e-5)


@pytest.mark.parametrize("amount", [12.1, 20.0])
def test_trips_that_do_not_fit_are_proved_not_to(amount: float) -> None:
    problem = two_ways(*WAYS, amount=amount)
    found = certify(problem, solve(problem, hard=True))
    assert found.infeasible
    assert not found.holds
    assert "do not fit" in found.reasons[0]


def test_a_closed_link_carries_nothing() -> None:
    problem = roads([(0, 1), (0, 1)], links((0, 1, 0, 0, 1), straight(5, 0)), [(0, 1, 1.0)])
    solution = solve(problem, hard=True)
    assert certify(problem, solution).holds
    assert solution.flow[0] == 0


@given(random_roads(most_nodes=5), st.booleans(), st.sampled_from([0.1, 0.2, 0.4]))
@settings(max_examples=30, deadline=None)
def test_a_convex_solver_finds_the_same_and_a_linear_one_what_does_not_fit(
    problem: AssignmentProblem, optimum: bool, share: float
) -> None:
    problem = replace(problem, amount=problem.amount * share)
    solution = solve(problem, "optimum" if optimum else "equilibrium", hard=True)
    found = certify(problem, solution)
    if not fits(problem):
        assert not found.holds
        return
    assert not found.infeasible
    assert found.holds, found.reasons
    other = by_paths(problem, optimum=optimum, hard=True)
    assert found.objective == pytest.approx(other, rel=1e-4, abs=1e-6)
    assert found.bound <= other * (1 + 1e-6) + 1e-9


def test_planted_answers_are_refused() -> None:
    problem = two_ways(*WAYS)
    right, free = solve(problem, hard=True, gap=TIGHT), solve(problem, gap=TIGHT)
    assert right.price is not None
    price = right.price
    planted = {
        "carries more than its capacity": replace(free, price=np.zeros(2)),
        "one a link": replace(right, price=price[:1]),
        "finite and 0 or more": replace(right, price=-price),
        "The gap is": replace(right, price=price * 1.01),
        "wider than": replace(right, price=price * 0.99),
        "wider": replace(right, price=price + 0.01),
        "gap": replace(right, price=np.zeros(2)),
        "finite": replace(right, price=price * np.nan),
    }
    for words, wrong in planted.items():
        refused = certify(problem, wrong, TIGHT)
        assert not refused.holds
        assert any(words in reason for reason in refused.reasons), (words, refused.reasons)
        assert not refused.infeasible


@pytest.mark.parametrize("share", [0.2, 0.3, 0.4])
def test_a_published_network_with_fewer_trips_is_within_its_limits(share: float) -> None:
    from corridors.exchange.road_opening import open_roads

    problem = open_roads(bench("tntp", "SiouxFalls_net.tntp")).problem
    fewer = replace(problem, amount=problem.amount * share)
    solution = solve(fewer, hard=True)
    found = certify(fewer, solution)
    assert found.holds, found.reasons
    assert (solution.flow <= fewer.costs.capacity).all()
    assert found.objective >= certify(fewer, solve(fewer)).bound
    assert not certify(problem, solve(problem, hard=True)).holds
