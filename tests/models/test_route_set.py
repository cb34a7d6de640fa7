"""Route sets: every route is a path of its demand, each once, in the order of demands and ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import shared_resources
from scipy import sparse

from corridors.models.choice.draws import drawn
from corridors.models.choice.generation import NEGLIGIBLE, ROUNDING, RouteSettings, generate, widths
from corridors.models.choice.route_set import NO_MARK, Marks, RouteSet
from corridors.models.problem import FlowProblem
from corridors.models.shortest import distances


def random_marks(problem: FlowProblem, seed: int, nest: int | None = 2) -> Marks:
    """Return marks that chance makes."""
    random = np.random.default_rng(seed)
    arcs = problem.arc_count
    rows = random.integers(NO_MARK, 3, (2, arcs))
    return Marks(rows, nest, random.permutation(arcs))


def sequence(marks: Marks, arcs: np.ndarray, rows: int) -> tuple[tuple[int, ...], ...]:
    """Return the sequences of marks of a path, by the book."""
    found = []
    for row in marks.rows[:rows].tolist():
        seen: list[int] = []
        for arc in arcs.tolist():
            if row[arc] != NO_MARK and seen[-1:] != [row[arc]]:
                seen.append(row[arc])
        found.append(tuple(seen))
    return tuple(found)


def check_paths(problem: FlowProblem, kept: RouteSet) -> None:
    seen = set()
    for route in range(kept.size):
        demand, arcs = int(kept.routes.demand[route]), kept.routes.arcs_of(route)
        nodes = [problem.origin[demand], *problem.head[arcs]]
        assert (problem.tail[arcs] == nodes[:-1]).all()
        assert nodes[-1] == problem.destination[demand]
        assert len(set(nodes)) == len(nodes)
        assert np.isclose(problem.cost[problem.class_[demand], arcs].sum(), kept.cost[route])
        seen.add((demand, tuple(arcs.tolist())))
    assert len(seen) == kept.size


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_every_route_is_a_simple_path_of_its_demand_and_is_there_once(problem: FlowProblem, seed: int) -> None:
    price = np.random.default_rng(seed).random(problem.resource_count)
    kept = generate(problem, random_marks(problem, seed), [price])
    check_paths(problem, kept)
    assert (np.diff(kept.routes.demand) >= 0).all()
    assert (np.diff(kept.way) >= 0).all()
    assert np.array_equal(np.unique(kept.way), np.arange(kept.way.max(initial=-1) + 1))


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_every_demand_with_a_path_has_its_cheapest_one(problem: FlowProblem, seed: int) -> None:
    problem = replace(problem, cost=problem.cost * np.pi)
    kept = generate(problem, random_marks(problem, seed), settings=RouteSettings(draws=0, widest=1.0))
    for demand in range(problem.demand_count):
        class_ = int(problem.class_[demand])
        there = distances(problem, class_, problem.cost[class_], problem.origin[demand : demand + 1])
        least = there[0, problem.destination[demand]]
        assert kept.cheapest[demand] == np.float64(least) or np.isclose(kept.cheapest[demand], least)
        mine = kept.cost[kept.routes.demand == demand]
        assert np.isclose(mine.min(initial=np.inf), least) or (mine.size == 0 and np.isinf(least))


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_each_demand_has_the_width_that_it_was_given(problem: FlowProblem, seed: int) -> None:
    widest = np.random.default_rng(seed).uniform(1.0, 2.0, problem.demand_count)
    marks = random_marks(problem, seed)
    kept = generate(problem, marks, settings=RouteSettings(draws=1), widest=widest)
    demand = kept.routes.demand
    assert (kept.cost <= widest[demand] * (1 + 2 * ROUNDING) * kept.cheapest[demand]).all()
    alone = generate(problem, marks, settings=RouteSettings(draws=1, widest=9.0), widest=widest)
    assert alone.size == kept.size


def test_what_is_dearer_than_the_width_has_next_to_no_weight_beside_the_cheapest() -> None:
    tau = np.array([3.0, 8.0, 10.0, 15.0, 18.0, 1000.0])
    found = widths(tau)
    weight = np.exp(-tau * (found - 1))
    assert weight[1:5] == pytest.approx(NEGLIGIBLE)
    assert found[0] == 1.6
    assert found[-1] == 1.25
    assert (np.diff(found) <= 0).all()


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_routes_are_one_way_where_their_sequences_of_marks_are_the_same(problem: FlowProblem, seed: int) -> None:
    marks = random_marks(problem, seed)
    whole = generate(problem, marks, settings=RouteSettings(widest=9.0))
    for nest in (0, 1, 2):
        kept = whole.under(replace(marks, nest=nest))
        named = [
            (int(kept.routes.demand[route]), sequence(marks, kept.routes.arcs_of(route), nest))
            for route in range(kept.size)
        ]
        assert len(set(named)) == len(set(zip(named, kept.way.tolist(), strict=True))) == kept.way.max(initial=-1) + 1


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_ways_of_a_group_stand_together_and_begin_alike(problem: FlowProblem, seed: int) -> None:
    marks = random_marks(problem, seed)
    plain = generate(problem, marks, settings=RouteSettings(draws=1, widest=9.0))
    kept = plain.under(replace(marks, group=1))
    assert plain.group is None
    assert kept.group is not None
    check_paths(problem, kept)
    assert np.isin(np.diff(kept.way, prepend=-1), (0, 1)).all()
    assert np.isin(np.diff(kept.group, prepend=-1), (0, 1)).all()
    of_route, demand = kept.group[kept.way] if kept.size else kept.way, kept.routes.demand
    for number, nest in ((of_route, 1), (kept.way, 2)):
        named = [(int(demand[route]), sequence(marks, kept.routes.arcs_of(route), nest)) for route in range(kept.size)]
        assert len(set(named)) == len(set(zip(named, number.tolist(), strict=True))) == number.max(initial=-1) + 1
    again = kept.under(marks)
    assert np.array_equal(again.routes.arc, plain.routes.arc)
    assert np.array_equal(again.way, plain.way)


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_without_nests_every_route_is_a_way_of_its_own(problem: FlowProblem, seed: int) -> None:
    kept = generate(problem, random_marks(problem, seed, nest=None))
    assert np.array_equal(kept.way, np.arange(kept.size))


def turned(problem: FlowProblem, marks: Marks, order: np.ndarray) -> tuple[FlowProblem, Marks]:
    """Return a problem with its arcs in another order, and the marks of them."""
    column = (np.arange(problem.class_count)[:, None] * problem.arc_count + order).ravel()
    other = replace(
        problem,
        tail=problem.tail[order],
        head=problem.head[order],
        cost=problem.cost[:, order],
        usage=sparse.csr_array(problem.usage[:, column]),
    )
    return other, replace(marks, rows=marks.rows[:, order], identity=marks.identity[order])


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=50)
def test_the_order_of_arcs_decides_no_route_and_no_way(problem: FlowProblem, seed: int) -> None:
    random = np.random.default_rng(seed)
    problem = replace(problem, cost=problem.cost + random.random(problem.cost.shape))  # no two paths cost the same
    marks, price = random_marks(problem, seed), random.random(problem.resource_count)
    found = []
    for order in (np.arange(problem.arc_count), random.permutation(problem.arc_count)):
        other, own = turned(problem, marks, order)
        kept = generate(other, own, [price])
        routes = [tuple(own.identity[kept.routes.arcs_of(route)].tolist()) for route in range(kept.size)]
        found.append(list(zip(kept.routes.demand.tolist(), kept.way.tolist(), routes, strict=True)))
    assert found[0] == found[1]


@given(st.integers(2, 40), st.integers(0, 9), st.integers(0, 2**32 - 1))
def test_what_chance_makes_of_an_arc_depends_on_the_arc_alone(arcs: int, draw: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    marks = Marks(random.integers(NO_MARK, 3, (2, arcs)), 2, random.integers(0, 2**60, arcs))
    cost = np.where(random.random((2, arcs)) < 0.2, np.inf, random.random((2, arcs)))
    some = random.permutation(arcs)[: arcs // 2]
    whole = drawn(cost, marks, draw, (0.3, 0.2))
    fewer = replace(marks, rows=marks.rows[:, some], identity=marks.identity[some])
    part = drawn(cost[:, some], fewer, draw, (0.3, 0.2))
    assert np.array_equal(whole[:, some], part)
    assert np.array_equal(np.isinf(whole), np.isinf(cost))
    assert (whole[np.isfinite(whole)] >= 0).all()


def test_the_logarithms_of_draws_spread_as_they_are_told() -> None:
    arcs = 4000
    marks = Marks(np.full((1, arcs), NO_MARK), 1, np.arange(arcs))
    logarithm = np.log([drawn(np.ones((1, arcs)), marks, draw, (0.3, 0.2)) for draw in range(5)])
    assert abs(logarithm.mean()) < 0.02
    assert abs(logarithm.std() - 0.3) < 0.01
    assert abs(np.corrcoef(logarithm[:, 0])[0, 1]) < 0.1
