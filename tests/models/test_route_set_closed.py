"""A closed route set: no demand lacks its cheapest route at the prices, and a kept set tells where it fits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import shared_resources

from corridors.models.choice.closing import close, missing
from corridors.models.choice.generation import RouteSettings, generate, least_costs
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.route_set import Marks, RouteSet
from corridors.models.choice.solver import solve
from corridors.models.problem import FlowProblem
from corridors.models.shortest import distances

POOR = RouteSettings(draws=0, keep=1, widest=1.0)  # little more than the cheapest paths, so that closing has work


def choice(routes: RouteSet, problem: FlowProblem) -> ChoiceProblem:
    """Return a choice over a route set, with one scale for all."""
    scale = np.full(problem.demand_count, 0.5)
    return ChoiceProblem(problem, routes.routes, routes.way, scale, 3 * scale)


def cheapest(problem: FlowProblem, price: np.ndarray) -> np.ndarray:
    """Return what each demand's cheapest path costs at prices, by another search than the one that is tested."""
    found = np.full(problem.demand_count, np.inf)
    for demand in range(problem.demand_count):
        class_ = int(problem.class_[demand])
        cost = problem.cost[class_] + problem.usage_of(class_).T @ price
        there = distances(problem, class_, cost, problem.origin[demand : demand + 1])
        found[demand] = there[0, problem.destination[demand]]
    return found


def listed(problem: FlowProblem, routes: RouteSet, price: np.ndarray) -> np.ndarray:
    """Return what each demand's cheapest listed route costs at prices, route by route."""
    found = np.full(problem.demand_count, np.inf)
    for route in range(routes.size):
        demand, arcs = int(routes.routes.demand[route]), routes.routes.arcs_of(route)
        class_ = int(problem.class_[demand])
        cost = problem.cost[class_] + problem.usage_of(class_).T @ price
        found[demand] = min(found[demand], cost[arcs].sum())
    return found


@given(shared_resources(must_serve=False), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_no_route_is_cheaper_at_the_prices_than_the_cheapest_that_is_listed(problem: FlowProblem, seed: int) -> None:
    problem = replace(problem, amount=problem.amount + 1.0, penalty=problem.penalty + 1.0)

    def solved(routes: RouteSet, last: ChoiceSolution | None) -> tuple[ChoiceProblem, ChoiceSolution]:
        asked = choice(routes, problem)
        return asked, solve(asked, start=last)

    done = close(generate(problem, Marks.none(problem.arc_count), settings=POOR), solved)
    price = done.solution.resource_price
    assert done.missing == 0
    assert np.allclose(listed(problem, done.routes, price), cheapest(problem, price), rtol=1e-8)
    assert done.rounds == len(done.added) + 1


@given(shared_resources(must_serve=False), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=40)
def test_a_kept_set_is_mended_where_arcs_close(problem: FlowProblem, seed: int) -> None:
    problem = replace(problem, amount=problem.amount + 1.0, penalty=problem.penalty + 1.0)
    kept = generate(problem, Marks.none(problem.arc_count), settings=POOR)
    cost = problem.cost.copy()
    cost[:, np.random.default_rng(seed).random(problem.arc_count) < 0.3] = np.inf
    other = replace(problem, cost=cost)

    def solved(routes: RouteSet, last: ChoiceSolution | None) -> tuple[ChoiceProblem, ChoiceSolution]:
        asked = choice(routes, other)
        return asked, solve(asked, start=last)

    done = close(kept.on(other, least_costs(other)), solved)
    price = done.solution.resource_price
    assert done.missing == 0
    assert np.allclose(listed(other, done.routes, price), cheapest(other, price), rtol=1e-8)


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_the_routes_missing_at_any_prices_are_the_cheapest_ones(problem: FlowProblem, seed: int) -> None:
    price = np.random.default_rng(seed).random(problem.resource_count) * 9
    kept = generate(problem, Marks.none(problem.arc_count), settings=POOR)
    more = missing(problem, kept.routes, price)
    least, known = cheapest(problem, price), listed(problem, kept, price)
    assert np.array_equal(more.demand, np.flatnonzero(least < known * (1 - 1e-9)))
    grown = kept.joined(more)
    assert np.allclose(listed(problem, grown, price), least, rtol=1e-8)
    assert grown.joined(more).size == grown.size


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_routes_over_closed_arcs_are_dropped_and_a_set_fits_where_costs_are_the_same(
    problem: FlowProblem, seed: int
) -> None:
    kept = generate(problem, Marks.none(problem.arc_count))
    random = np.random.default_rng(seed)
    cost = problem.cost.copy()
    cost[:, random.random(problem.arc_count) < 0.3] = np.inf
    other = replace(problem, cost=cost, amount=problem.amount + 1, capacity=problem.capacity + 1)
    assert kept.fits(other)
    left = kept.on(other, least_costs(other))
    open_ = [
        route
        for route in range(kept.size)
        if np.isfinite(cost[problem.class_[kept.routes.demand[route]], kept.routes.arcs_of(route)]).all()
    ]
    assert left.size == len(open_)
    assert np.allclose(np.sort(left.cost), np.sort(kept.cost[open_]))
    used = np.flatnonzero(np.isfinite(problem.cost).any(axis=0))
    if used.size:
        dearer = problem.cost.copy()
        dearer[:, used[0]] += 1
        assert not kept.fits(replace(problem, cost=dearer))
    assert not kept.fits(replace(problem, origin=(problem.origin + 1) % problem.node_count))
