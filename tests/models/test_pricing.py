"""Pricing: trees that two problems share stay those of each, and negative costs find paths or a cycle."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from instances import published, shared_resources
from scipy import sparse

from corridors.models.pricing.base import Pricing, TreeIndex
from corridors.models.pricing.negative import bellman_ford
from corridors.models.pricing.trees import ArcPairs, Pricer
from corridors.models.problem import FlowProblem

KINDS = ["Pricer", pytest.param("CompiledPricer", marks=pytest.mark.skipif(not find_spec("numba"), reason="no numba"))]


def pricer(kind: str, problem: FlowProblem, like: Pricing | None = None) -> Pricing:
    demands = np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))
    if kind == "Pricer":
        return Pricer(problem, demands, like)
    from corridors.models.pricing.compiled import CompiledPricer  # brings numba

    return CompiledPricer(problem, demands, like)


@pytest.mark.parametrize("kind", KINDS)
def test_trees_of_an_earlier_problem_are_shared_and_stay_what_they_were(kind: str) -> None:
    problem, _ = published("grid", "grid4")
    free, known = np.zeros(problem.resource_count), np.full(problem.demand_count, np.inf)
    first = pricer(kind, problem)
    before = first.price(free, known, 0.0).distance
    dearer = replace(problem, cost=problem.cost * 2)
    second = pricer(kind, dearer, first)
    assert second._index is first._index
    assert second.price(free, known, 0.0).distance == pytest.approx(before * 2)
    again = first.price(free, before, 0.0)
    assert again.distance == pytest.approx(before)
    assert again.arc.size == 0  # nothing is cheaper than what is known


@pytest.mark.parametrize("kind", KINDS)
def test_trees_are_not_shared_with_a_problem_that_opens_an_arc(kind: str) -> None:
    problem = FlowProblem.single_class(2, [0, 0], [1, 1], [4.0, np.inf], [9.0, 9.0], [0], [1], [5.0])
    opened = replace(problem, cost=np.array([[4.0, 1.0]]))
    first = pricer(kind, problem)
    assert first.price(np.zeros(2), np.array([np.inf]), 0.0).distance.tolist() == [4]
    second = pricer(kind, opened, first)
    assert second._index is not first._index
    assert second.price(np.zeros(2), np.array([np.inf]), 0.0).distance.tolist() == [1]


@given(shared_resources())
@settings(max_examples=30, deadline=None)
def test_the_trees_of_a_problem_are_its_classes_and_origins(problem: FlowProblem) -> None:
    demands = np.flatnonzero(problem.amount > 0)
    index = TreeIndex.of(problem, demands)
    assert index.class_[index.tree].tolist() == problem.class_[demands].tolist()
    assert index.origin[index.tree].tolist() == problem.origin[demands].tolist()
    assert index.size == len(set(zip(index.class_.tolist(), index.origin.tolist(), strict=True)))


def test_of_parallel_arcs_each_class_takes_its_own_cheapest() -> None:
    problem = FlowProblem.single_class(2, [0, 0, 1], [1, 1, 0], [4.0, 3.0, 1.0], [9.0] * 3, [0], [1], [5.0])
    pairs = ArcPairs.of(problem)
    assert pairs.parallel
    assert pairs.least(np.array([4.0, 3.0, 1.0])).tolist() == [3, 1]
    costs = np.array([4.0, 3.0, 1.0, 2.0, 8.0, 1.0])  # of two classes
    class_, tail, head = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([1, 1, 0])
    assert pairs.cheapest(costs, class_, tail, head).tolist() == [1, 0, 2]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_negative_costs_give_the_distances_of_networkx_or_a_cycle_that_is_negative(seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = np.triu(random.integers(-3, 9, (6, 6)), 1) + np.tril(random.integers(0, 4, (6, 6)), -1)
    matrix = matrix * (random.random((6, 6)) < 0.5)
    assume(matrix.any())
    graph = sparse.csr_array(matrix.astype(float))
    found = bellman_ford(graph, np.array([0]))
    network = nx.from_scipy_sparse_array(graph, create_using=nx.DiGraph)
    if isinstance(found, list):
        assert [head for _, head in found] == [tail for tail, _ in found[1:] + found[:1]]
        assert sum(matrix[tail, head] for tail, head in found) < 0
        with pytest.raises(nx.NetworkXUnbounded):
            nx.single_source_bellman_ford_path_length(network, 0)
        return
    expected = nx.single_source_bellman_ford_path_length(network, 0)
    assert found[0][0].tolist() == [expected.get(node, np.inf) for node in range(6)]
