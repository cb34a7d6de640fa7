"""The compiled loops find what the plain ones find, and only large problems load them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import changed_at_random, grid, published, shared_resources, single_origin
from proved_columns import agree, solved
from scipy import sparse

from benchmarks import generated
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.columns import generation
from corridors.models.columns import solver as columns
from corridors.models.columns.barrier import options
from corridors.models.columns.barrier.normal import Compiled, Plain, RestrictedMaster
from corridors.models.columns.barrier.options import BarrierOptions
from corridors.models.pricing.compiled import CompiledPricer
from corridors.models.pricing.trees import Pricer
from corridors.models.problem import FlowProblem

wide = mock.patch("corridors.models.pricing.compiled._WIDE", 1)  # guides for all trees, however small


def barrier_from(overdrawn: int) -> AbstractContextManager[BarrierOptions]:
    """Let the barrier find the first prices where so many resources are overdrawn."""
    return mock.patch.object(options, "BARRIER", replace(options.BARRIER, from_overdrawn=overdrawn))


@given(st.one_of(shared_resources(), single_origin()))
@settings(max_examples=60, deadline=None)
def test_any_problem_costs_what_the_arc_formulation_says(problem: FlowProblem) -> None:
    with wide, barrier_from(1):
        agree(problem, columns.solve(problem, gap=1e-9, compiled=True))


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_a_hot_start_ends_where_a_cold_one_does(problem: FlowProblem, seed: int) -> None:
    random = np.random.default_rng(seed)
    with wide:
        solution = columns.solve(problem, gap=1e-9, compiled=True)
        for _ in range(3):
            problem = changed_at_random(problem, random)
            solution = columns.solve(problem, gap=1e-9, start=solution, compiled=bool(random.integers(2)))
            agree(problem, solution)


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_both_ways_of_searching_give_the_same_distances(problem: FlowProblem, seed: int) -> None:
    random = np.random.default_rng(seed)
    demands = np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))
    with wide:
        plain, compiled = Pricer(problem, demands), CompiledPricer(problem, demands)
        for _ in range(4):
            price = random.integers(0, 5, problem.resource_count).astype(float)
            known = np.where(random.random(problem.demand_count) < 0.5, np.inf, random.integers(0, 40))
            one, other = plain.price(price, known, 1e-11), compiled.price(price, known, 1e-11)
            near = one.distance < known
            assert one.distance[near] == pytest.approx(other.distance[near], rel=1e-12)
            assert (np.minimum(other.distance, known) >= np.minimum(one.distance, known) * (1 - 1e-9)).all()
            for k in np.flatnonzero(near).tolist():
                walked(problem, k, other.arc[other.demand == k][::-1], one.distance[k], compiled.arc_costs(price))


def walked(problem: FlowProblem, demand: int, path: IntArray, distance: float, cost: FloatArray) -> None:
    """Assert that a path leads where the demand goes, at its distance."""
    assert problem.tail[path[0]] == problem.origin[demand]
    assert (problem.head[path[:-1]] == problem.tail[path[1:]]).all()
    assert problem.head[path[-1]] == problem.destination[demand]
    assert cost[problem.class_[demand] * problem.arc_count + path].sum() == pytest.approx(distance)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_both_ways_of_summing_give_the_same_sums(seed: int) -> None:
    random = np.random.default_rng(seed)
    problem = restricted(random)
    resources = problem.slack_capacity.size
    plain, compiled = Plain(problem), Compiled(problem)
    price, weight = random.uniform(0.1, 2, resources), float(random.uniform(0.01, 1))
    one, other = plain.point(price, weight, None), compiled.point(price, weight, None)
    for name in ("below", "reduced_cost", "usage"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-6)
    assert (other.paid, other.logarithms) == pytest.approx((one.paid, one.logarithms), rel=1e-6)
    theta, diagonal, right = (random.uniform(0.1, 2, size) for size in (problem.cost.size, resources, resources))
    expected = plain.solve(theta, diagonal, right)
    with mock.patch.object(options, "BARRIER", replace(options.BARRIER, coupled=0.0)):
        assert compiled.solve(theta, diagonal, right) == pytest.approx(expected, rel=1e-9)
    alone = compiled.solve(theta, diagonal * 1e9, right)
    assert alone == pytest.approx(right / (diagonal * 1e9), rel=1e-6)  # nothing is coupled by so little


def restricted(random: np.random.Generator) -> RestrictedMaster:
    counts = random.integers(2, 5, random.integers(1, 8))
    first = np.cumsum(counts) - counts
    use = sparse.random_array((int(counts.sum()), int(random.integers(1, 7))), density=0.5, rng=random, format="csr")
    return RestrictedMaster(
        random.uniform(0, 5, use.shape[0]),
        sparse.csr_array(use),
        first,
        random.uniform(1, 9, counts.size),
        random.uniform(1, 9, use.shape[1]),
        np.full(use.shape[1], 50.0),
    )


@pytest.mark.parametrize(("family", "name"), [("planar", "planar100"), ("grid", "grid7"), ("liner", "Pacific_low")])
def test_published_optima_are_found_and_proved(family: str, name: str) -> None:
    problem, optimum = published(family, name)
    solution, certificate = solved(problem, gap=1e-6, compiled=True)
    assert certificate.primal_objective == pytest.approx(optimum, rel=1e-6)
    assert solution.gap <= 1e-6


def test_what_is_large_is_solved_by_compiled_loops_and_costs_the_same() -> None:
    problem = generated.mesh(24)
    quick, certificate = solved(problem, gap=1e-6)
    _, plain = solved(problem, gap=1e-6, compiled=False)
    assert quick.state is not None
    assert isinstance(quick.state.pricer, CompiledPricer) == (problem.node_count * problem.arc_count >= columns._LARGE)
    assert certificate.primal_objective == pytest.approx(plain.primal_objective, rel=2e-6)
    with mock.patch.object(columns, "_LARGE", 1):
        large = columns.solve(generated.mesh(6))
    assert large.state is not None
    assert isinstance(large.state.pricer, CompiledPricer)


def test_the_same_problem_gives_the_same_bytes() -> None:
    one, other = columns.solve(grid(), compiled=True), columns.solve(grid(), compiled=True)
    for name in ("path_demand", "path_flow", "unserved", "resource_price"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()


_WITHOUT = """
import sys
sys.modules["numba"] = None  # as where it is not installed
from benchmarks import generated
from corridors.models.columns import solver
solver._LARGE = 1
print(solver.solve(generated.mesh(6)).status, "corridors.models.pricing.compiled" in sys.modules)
"""


def test_without_numba_plain_loops_do() -> None:
    run = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["optimal", "False"]


@given(shared_resources())
@settings(max_examples=40, deadline=None)
def test_idle_columns_may_leave_the_master(problem: FlowProblem) -> None:
    with mock.patch.multiple(generation, _PURGE_AFTER=1, _PURGE_ABOVE=0), barrier_from(1):
        agree(problem, columns.solve(problem, gap=1e-9))


def test_idle_columns_do_leave_the_master_and_the_optimum_stays() -> None:
    left: list[int] = []

    class Watched(generation.ColumnGeneration):
        def purge_columns(self) -> int:
            left.append(super().purge_columns())
            return left[-1]

    problem = generated.mesh(12)
    purging = mock.patch.multiple(generation, _PURGE_AFTER=1, _PURGE_ABOVE=10)
    with purging, barrier_from(10**9), mock.patch.object(columns, "ColumnGeneration", Watched):
        _, certificate = solved(replace(problem), gap=1e-9)
    assert sum(left) > 0
    _, expected = solved(problem, gap=1e-9)
    assert certificate.primal_objective == pytest.approx(expected.primal_objective, rel=1e-8)
