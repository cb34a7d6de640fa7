"""The units of a problem do not matter: what is found and proved at 1e-9 is found and proved at 1e9."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import single_origin
from other_solvers import by_network_simplex

from corridors.errors import SolverError
from corridors.models import arcs, columns
from corridors.models.certificate import certify, require
from corridors.models.problem import FlowProblem

POWERS = st.integers(-9, 9)


@given(single_origin(), POWERS, POWERS)
@settings(max_examples=50, deadline=None)
def test_both_methods_cost_what_network_simplex_says_in_any_units(problem: FlowProblem, money: int, mass: int) -> None:
    exact = by_network_simplex(problem)
    scaled = replace(
        problem,
        cost=problem.cost * 10.0**money,
        amount=problem.amount * 10.0**mass,
        capacity=problem.capacity * 10.0**mass,
    )
    for method in (columns, arcs):
        solution = method.solve(scaled)  # type: ignore[attr-defined]
        if exact is None:
            assert solution.status == "infeasible"
            continue
        assert solution.status == "optimal"
        found = require(certify(scaled, solution)).primal_objective
        assert found == pytest.approx(exact * 10.0**money * 10.0**mass, rel=1e-9, abs=0)


@given(single_origin(), st.data())
@settings(max_examples=50, deadline=None)
def test_figures_of_many_sizes_in_one_problem_are_right_or_not_called_proved(
    problem: FlowProblem, data: st.DataObject
) -> None:
    """Costs and amounts of 1 to 1e9 side by side; integers, so that network simplex is exact."""
    random = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    mixed = replace(
        problem,
        cost=problem.cost * 10.0 ** random.integers(0, 10, problem.cost.shape),
        amount=problem.amount * 10.0 ** random.integers(0, 7, problem.amount.shape),
        capacity=problem.capacity * 10.0 ** random.integers(0, 8, problem.capacity.shape),
    )
    exact = by_network_simplex(mixed)
    for method in (columns, arcs):
        solution = method.solve(mixed)  # type: ignore[attr-defined]
        certificate = certify(mixed, solution)
        if exact is None:
            assert not certificate.holds
        elif certificate.holds:
            assert certificate.primal_objective == pytest.approx(exact, rel=1e-6, abs=0)
            assert certificate.bound <= exact * (1 + 1e-12)
        if method is columns and exact is not None:
            assert certificate.holds, certificate.reasons


@pytest.mark.parametrize("method", [arcs, columns])
def test_a_figure_beyond_all_numbers_in_the_units_of_the_others_is_one_sentence(method: ModuleType) -> None:
    problem = FlowProblem.single_class(2, [0, 0, 0], [1, 1, 1], [1e-9, 2e-9, 1e308], [1, 1, 1], [0], [1], [2.0])
    with pytest.raises(SolverError, match=r"A cost of 1e\+308 is too far from the others"):
        method.solve(problem)


def test_a_figure_beyond_all_numbers_is_refused_where_solving_goes_on() -> None:
    problem = FlowProblem.single_class(2, [0, 0], [1, 1], [1e-9, 2e-9], [1, 1], [0], [1], [2.0], 1.0)
    first = columns.solve(problem)
    with pytest.raises(SolverError, match="A penalty of"):
        columns.solve(replace(problem, penalty=np.array([1e308])), start=first)
