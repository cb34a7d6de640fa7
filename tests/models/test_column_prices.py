"""Prices of column generation and their intervals are those of the arc formulation, and of problems solved by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import shared_resources, two_ways
from proved_columns import solved
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models import arcs, columns
from corridors.models.certificate import certify, require
from corridors.models.problem import FlowProblem, FlowSolution


@given(shared_resources(must_serve=False), st.integers(0, 10))
@settings(max_examples=30, deadline=None)
def test_one_sided_prices_are_those_of_the_arc_formulation(problem: FlowProblem, seed: int) -> None:
    wanted = list(range(problem.resource_count))
    mine = columns.solve(problem, gap=1e-9, ranging_for=wanted)
    reference = arcs.solve(problem, ranging_for=wanted)
    require(certify(problem, mine, tolerance=1e-8))
    tolerance = {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(mine.price_low, reference.price_low, **tolerance)
    np.testing.assert_allclose(mine.price_high, reference.price_high, **tolerance)
    assert (mine.price_low <= mine.resource_price + 1e-9).all()


def test_a_bottleneck_is_worth_its_detour() -> None:
    solution, certificate = solved(two_ways(), ranging_count=1)
    assert certificate.primal_objective == pytest.approx(4 * 1 + 6 * 3)
    assert solution.resource_price.tolist() == pytest.approx([2])
    assert solution.price_low.tolist() == pytest.approx([2])
    assert solution.price_high.tolist() == pytest.approx([2])


def test_a_degenerate_optimum_has_an_interval_of_prices() -> None:
    solution, _ = solved(two_ways(capacity=10), ranging_for=[0])
    assert solution.price_low.tolist() == pytest.approx([0])
    assert solution.price_high.tolist() == pytest.approx([2])


def in_a_row(capacity: tuple[float, float] = (10.0, 10.0)) -> FlowProblem:
    """Return 15 tonnes that go over two arcs in a row at 1 each, or round both at 5."""
    return FlowProblem.single_class(
        node_count=3,
        tail=[0, 1, 0],
        head=[1, 2, 2],
        cost=[1, 1, 5],
        arc_capacity=[*capacity, np.inf],
        origin=[0],
        destination=[2],
        amount=[15],
    )


@pytest.mark.parametrize("solve", [columns.solve, arcs.solve])
def test_equally_tight_resources_in_a_row_have_the_same_interval(solve: Callable[..., FlowSolution]) -> None:
    solution = solve(in_a_row(), ranging_count=1)
    assert sorted(solution.resource_price.tolist()) == pytest.approx([0, 3])  # one bears the price of both
    step = 0.01
    for r in (0, 1):
        cost = {}
        for side in (-1, 0, 1):
            capacity = [10.0, 10.0]
            capacity[r] += side * step
            problem = in_a_row((capacity[0], capacity[1]))
            certificate = certify(problem, columns.solve(problem, gap=1e-12))
            assert certificate.holds
            cost[side] = certificate.primal_objective
        assert solution.price_low[r] == pytest.approx((cost[0] - cost[1]) / step, abs=1e-6)
        assert solution.price_high[r] == pytest.approx((cost[-1] - cost[0]) / step, rel=1e-6)
        assert solution.price_high[r] == pytest.approx(3)


@given(shared_resources(must_serve=False))
@settings(max_examples=30, deadline=None)
def test_what_is_limited_twice_has_one_interval(problem: FlowProblem) -> None:
    count = problem.resource_count
    usage, capacity = sparse.csr_array(sparse.vstack([problem.usage] * 2)), np.tile(problem.capacity, 2)
    twice = replace(problem, usage=usage, capacity=capacity)
    for solve in (columns.solve, arcs.solve):
        solution = solve(twice, ranging_count=2 * count)
        require(certify(twice, solution))
        for ends in (solution.price_low, solution.price_high):
            ends = np.where(np.isnan(ends), solution.resource_price, ends)
            one, other = ends[:count], ends[count:]
            some = problem.capacity > 0
            np.testing.assert_allclose(one[some], other[some], rtol=1e-6, atol=1e-6)


def test_prices_of_a_resource_that_does_not_exist_are_refused() -> None:
    with pytest.raises(ProblemError, match="there are 1"):
        columns.solve(two_ways(), ranging_for=[1])


def test_a_minimum_share_has_a_price() -> None:
    # A half of what arrives must come over the dear arc: -0.5 on it and +0.5 on the other are at most 0.
    problem = FlowProblem(  # type: ignore[arg-type]
        node_count=2,
        tail=[0, 0],
        head=[1, 1],
        cost=np.array([[1.0, 4.0]]),
        origin=[0],
        destination=[1],
        class_=[0],
        amount=[10.0],
        penalty=[50.0],
        capacity=np.zeros(1),
        usage=sparse.csr_array([[0.5, -0.5]]),
    )
    solution, certificate = solved(problem)
    assert certificate.primal_objective == pytest.approx(5 * 1 + 5 * 4)
    assert solution.resource_price.tolist() == pytest.approx([3])


def test_what_a_first_unit_of_something_closed_saves_is_measured() -> None:
    problem = two_ways(capacity=0.0, penalty=9.0)
    for solve in (columns.solve, arcs.solve):
        solution = solve(problem, ranging_count=1)
        assert solution.price_low[0] == pytest.approx(2)  # 3 - 1: however high the price is that proves the plan
