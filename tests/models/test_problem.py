"""A flow problem takes what makes sense, says what does not, and adds up what an answer comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from corridors import models
from corridors.errors import CorridorsError, ProblemError
from corridors.models.problem import FlowProblem, FlowSolution, objective


def two_classes() -> FlowProblem:
    """Return three nodes in a row, a second arc at the start, two classes and one shared resource."""
    return FlowProblem(
        node_count=3,
        tail=np.array([0, 0, 1]),
        head=np.array([1, 1, 2]),
        cost=np.array([[1.0, 2.0, 4.0], [3.0, np.inf, 5.0]]),
        origin=np.array([0, 0]),
        destination=np.array([2, 1]),
        class_=np.array([0, 1]),
        amount=np.array([10.0, 5.0]),
        penalty=np.array([50.0, np.inf]),
        capacity=np.array([8.0]),
        usage=sparse.csr_array(np.array([[1.0, 0, 0, 0.5, 0, 0]])),
    )


def answer(problem: FlowProblem) -> FlowSolution:
    return FlowSolution(
        status="feasible",
        path_demand=np.array([0, 0, 1]),
        path_flow=np.array([4.0, 3.0, 5.0]),
        path_arcs=(np.array([0, 2]), np.array([1, 2]), np.array([0])),
        unserved=np.array([3.0, 0.0]),
        resource_price=np.zeros(problem.resource_count),
        iterations=0,
        seconds={},
        method="by hand",
    )


def test_the_package_gives_its_names_when_asked_and_no_others() -> None:
    assert models.FlowProblem is FlowProblem
    with pytest.raises(AttributeError, match="no attribute 'FlowProblems'"):
        _ = models.FlowProblems


def test_counts_follow_the_arrays() -> None:
    problem = two_classes()
    assert (problem.arc_count, problem.class_count) == (3, 2)
    assert (problem.demand_count, problem.resource_count) == (2, 1)


def test_usage_of_a_class_is_its_columns() -> None:
    assert two_classes().usage_of(1).toarray().tolist() == [[0.5, 0, 0]]


def test_an_answer_adds_up() -> None:
    problem = two_classes()
    solution = answer(problem)
    assert solution.arc_flow(problem).tolist() == [[4, 3, 7], [5, 0, 0]]
    assert solution.resource_use(problem).tolist() == [4 + 2.5]
    assert objective(problem, solution) == 4 * 5 + 3 * 6 + 5 * 3 + 3 * 50


def test_an_answer_without_paths_leaves_everything() -> None:
    problem = two_classes()
    nothing = replace(
        answer(problem),
        path_demand=np.empty(0, int),
        path_flow=np.empty(0),
        path_arcs=(),
        unserved=problem.amount,
    )
    assert not nothing.arc_flow(problem).any()
    assert objective(problem, nothing) == np.inf
    assert objective(problem, replace(nothing, unserved=np.array([10.0, 0.0]))) == 500


def test_one_sided_prices_are_unknown_unless_given() -> None:
    assert np.isnan(answer(two_classes()).price_low).all()
    assert np.isnan(answer(two_classes()).price_high).all()


def test_a_problem_cannot_be_changed_from_outside() -> None:
    amount = np.array([10.0, 5.0])
    problem = replace(two_classes(), amount=amount)
    amount[0] = 99
    assert problem.amount[0] == 10
    with pytest.raises(ValueError, match="read-only"):
        problem.cost[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        problem.usage.data[0] = 1
    with pytest.raises(AttributeError):
        problem.node_count = 4  # type: ignore[misc]


def test_arrays_are_shared_between_variants_not_copied() -> None:
    problem = two_classes()
    variant = replace(problem, amount=np.array([1.0, 1.0]))
    assert variant.cost is problem.cost
    assert np.shares_memory(variant.usage.data, problem.usage.data)


def test_lists_and_other_sparse_kinds_are_taken() -> None:
    problem = replace(two_classes(), tail=[0, 0, 1], usage=sparse.coo_matrix(np.ones((1, 6))))  # type: ignore[arg-type]
    assert problem.tail.dtype == np.int64
    assert problem.usage.format == "csr"


def test_the_textbook_problem_has_one_resource_for_each_capacitated_arc() -> None:
    problem = FlowProblem.single_class(3, [0, 1, 0], [1, 2, 2], [1, 1, 5], [4, np.inf, 6], [0, 0], [2, 1], [3, 2])
    assert problem.capacity.tolist() == [4, 6]
    assert problem.usage.toarray().tolist() == [[1, 0, 0], [0, 0, 1]]
    assert np.isposinf(problem.penalty).all()
    assert problem.class_.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"node_count": 0}, "at least one node"),
        ({"tail": np.array([0.5, 0, 1])}, "tail holds float64"),
        ({"tail": np.array([[0, 0, 1]])}, "tail has 2 dimensions"),
        ({"tail": np.array([0, 0, 3])}, "tail of arc 2 is 3, but the nodes are numbered from 0 to 2"),
        ({"head": np.array([1, -1, 2])}, "head of arc 1 is -1"),
        ({"head": np.array([1, 1])}, "3 tails but 2 heads"),
        ({"cost": np.ones(3)}, "cost has 1 dimensions, but 2"),
        ({"cost": np.ones((2, 2))}, "2 arcs a class, but the problem has 3"),
        ({"cost": np.array([[1, -2, 1], [1, 1, 1]])}, "class 0 on arc 1 is -2"),
        ({"cost": np.array([[1, 2, 1], [1, 1, np.nan]])}, "class 1 on arc 2 is nan"),
        ({"cost": np.array([["a", "b", "c"]])}, "cost holds"),
        ({"destination": np.array([2])}, "2 demands by their origins, but 1 values of destination"),
        ({"origin": np.array([0, 7])}, "origin of demand 1 is 7"),
        ({"destination": np.array([5, 1])}, "destination of demand 0 is 5"),
        ({"class_": np.array([0, 2])}, "class of demand 1 is 2, but the classes are numbered from 0 to 1"),
        ({"amount": np.array([-1.0, 5])}, "amount of demand 0 is -1"),
        ({"amount": np.array([1.0, np.inf])}, "amount of demand 1 is inf"),
        ({"penalty": np.array([np.nan, 1])}, "penalty of demand 0 is nan"),
        ({"penalty": np.array([1, -1.0])}, "penalty of demand 1 is -1"),
        ({"capacity": np.array([np.inf])}, "capacity of resource 0 is inf"),
        ({"capacity": np.array([-1.0])}, "capacity of resource 0 is -1"),
        ({"capacity": np.array([8.0, 9.0])}, r"usage has the shape \(1, 6\), but \(2, 6\)"),
        ({"usage": np.ones((1, 6))}, "usage is a ndarray, but a sparse array"),
        ({"usage": sparse.csr_array(np.full((1, 6), np.nan))}, "not a finite number"),
        ({"arc_names": ("a", "b")}, "2 arc names for 3"),
        ({"class_names": ("a",)}, "1 class names for 2"),
    ],
)
def test_nonsense_is_refused_in_one_sentence(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ProblemError, match=reason) as caught:
        replace(two_classes(), **change)
    assert str(caught.value).endswith(".")
    assert isinstance(caught.value, CorridorsError)
    assert isinstance(caught.value, ValueError)
