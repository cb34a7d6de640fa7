"""The certificate of an assignment refuses whatever is wrong, by the problem and the answer alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from roads import by_paths, links, nx_distances, random_roads, roads, straight
from scipy import sparse

from corridors.models.assignment.certificate import AssignmentCertificate, certify
from corridors.models.assignment.distances import demand_distances, unreachable
from corridors.models.assignment.problem import AssignmentProblem, AssignmentSolution
from corridors.models.assignment.solver import solve

TIGHT = 1e-9


def town() -> AssignmentProblem:
    """Return a network with a closed zone in its middle, parallel links, and trips from three nodes."""
    arcs = [(0, 1), (0, 1), (1, 2), (2, 3), (1, 3), (3, 0), (0, 4), (4, 3), (2, 4)]
    rows = [straight(1, 0.2), straight(2, 0.1), straight(1, 0.3), straight(1, 0.2), straight(4, 0.1), straight(3, 0.2)]
    crowded = [(0.0, 1.0, 0.15, 3.0, 4.0)] * 3
    trips = [(0, 3, 6.0), (0, 4, 3.0), (1, 3, 4.0), (2, 1, 2.0), (3, 3, 9.0)]
    return roads(arcs, links(*rows, *crowded), trips, closed=[4])


def flows(solution: AssignmentSolution, changed: np.ndarray) -> AssignmentSolution:
    return replace(solution, origin_flow=sparse.csr_array(changed))


def shifted(*changes: tuple[int, int, float]) -> Callable[[AssignmentSolution], AssignmentSolution]:
    """Return what adds to the flows of origins on links."""

    def change(solution: AssignmentSolution) -> AssignmentSolution:
        dense = solution.origin_flow.toarray()
        for origin, arc, by in changes:
            dense[origin, arc] += by
        return flows(solution, dense)

    return change


def scaled(by: float) -> Callable[[AssignmentSolution], AssignmentSolution]:
    return lambda solution: replace(solution, origin_flow=solution.origin_flow * by)


def as_all_or_nothing(solution: AssignmentSolution) -> AssignmentSolution:
    dense = np.zeros(solution.origin_flow.shape)
    dense[0, [0, 4, 6]] = 6, 6, 3
    dense[1, 4] = 4
    dense[2, [3, 5, 0]] = 2
    return flows(solution, dense)


def swapped(solution: AssignmentSolution) -> AssignmentSolution:
    """Let two origins change their flows: on every link the sum stays right."""
    dense = solution.origin_flow.toarray()
    return flows(solution, dense[[1, 0, 2]])


PLANTED: dict[str, tuple[Callable[[AssignmentSolution], AssignmentSolution], str]] = {
    "a parallel link is used too much": (shifted((0, 0, 0.01), (0, 1, -0.01)), "gap"),
    "a dearer way is used a little": (
        shifted((0, 0, -1e-4), (0, 4, -1e-4), (0, 6, 1e-4), (0, 7, 1e-4)),
        "pass through",
    ),
    "another split at the merge": (shifted((1, 2, 0.01), (1, 3, 0.01), (1, 4, -0.01)), "gap"),
    "all or nothing": (as_all_or_nothing, "gap"),
    "trips are lost on a link": (shifted((0, 0, -0.1)), "lost or made"),
    "trips are made on a link": (shifted((1, 4, 0.1)), "lost or made"),
    "nothing flows": (scaled(0), "lost or made"),
    "everything is a little less": (scaled(1 - 1e-6), "lost or made"),
    "everything is twice as much": (scaled(2), "lost or made"),
    "flows of origins are swapped": (swapped, "lost or made"),
    "trips end at another node": (shifted((2, 0, -2), (2, 5, -2)), "lost or made"),
    "a flow is negative": (shifted((1, 2, -5), (1, 3, -5), (1, 4, 5)), "negative"),
    "a flow goes round in a circle": (shifted((0, 2, 1), (0, 3, 1), (0, 5, 1), (0, 0, 1)), "gap"),
    "a flow is not a number": (lambda s: replace(s, origin_flow=s.origin_flow * np.nan), "finite"),
    "a flow is infinite": (lambda s: replace(s, origin_flow=s.origin_flow * np.inf), "finite"),
    "an origin is missing": (
        lambda s: replace(s, origins=s.origins[1:], origin_flow=s.origin_flow[[1, 2]]),
        "lost or made",
    ),
    "an origin is there twice": (lambda s: replace(s, origins=s.origins[[0, 0, 2]]), "different nodes"),
    "an origin is no node": (lambda s: replace(s, origins=np.array([0, 1, 77])), "different nodes"),
    "a link is missing": (lambda s: replace(s, origin_flow=s.origin_flow[:, :-1]), "shape"),
    "it is meant as the optimum": (lambda s: replace(s, principle="optimum"), "gap"),
    "it is meant as nothing known": (lambda s: replace(s, principle="fair"), "nothing known"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("wrong", PLANTED)
def test_a_wrong_answer_is_refused(wrong: str) -> None:
    problem = town()
    right = solve(problem, gap=1e-12)
    assert certify(problem, right, TIGHT).holds
    change, words = PLANTED[wrong]
    refused = certify(problem, change(right), TIGHT)
    assert not refused.holds
    assert any(words in reason for reason in refused.reasons), refused.reasons


def test_flows_that_pay_less_than_their_cheapest_paths_are_refused() -> None:
    arcs, rows = [(0, 1), (2, 3), (0, 3), (2, 1)], [straight(5, 0)] * 2 + [straight(1, 0)] * 2
    problem = roads(arcs, links(*rows), [(0, 1, 1.0), (2, 3, 1.0)])
    right = solve(problem)
    crossed = flows(right, np.array([[0, 0, 1.0, 0], [0, 0, 0, 1.0]]))  # on links alone all nodes are in balance
    refused = certify(problem, crossed)
    assert refused.gap < 0
    assert any("less than" in reason for reason in refused.reasons)
    assert any("lost or made" in reason for reason in refused.reasons)


def test_the_answer_to_another_problem_is_refused() -> None:
    problem = town()
    right = solve(problem, gap=1e-12)
    more = replace(problem, amount=problem.amount * 1.001)
    steeper = replace(problem, costs=replace(problem.costs, steepness=problem.costs.steepness * 1.1))
    fixed = problem.costs.fixed + np.arange(problem.tail.size)
    dearer = replace(problem, costs=replace(problem.costs, fixed=fixed))
    for other in (more, steeper, dearer):
        assert not certify(other, right, TIGHT).holds


def test_the_gap_is_the_one_that_was_asked_for() -> None:
    problem = town()
    rough = as_all_or_nothing(solve(problem))
    found = certify(problem, rough, 1.0)
    assert found.holds
    assert 0.01 < found.gap < 1
    assert certify(problem, rough, found.gap).holds
    assert not certify(problem, rough, found.gap / 2).holds
    assert found.objective - found.bound == pytest.approx(found.gap * found.total, abs=1e-12)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_the_gap_is_relative_to_the_figures_whatever_their_unit(unit: float) -> None:
    problem = town()
    costs = problem.costs
    other = replace(problem, costs=replace(costs, fixed=costs.fixed * unit, free_time=costs.free_time * unit))
    rough = as_all_or_nothing(solve(problem))
    assert certify(other, rough, 1.0).gap == pytest.approx(certify(problem, rough, 1.0).gap, rel=1e-9)
    assert certify(other, solve(other, gap=1e-10), 1e-10).holds
    fewer = replace(problem, amount=problem.amount * unit, costs=replace(costs, capacity=costs.capacity * unit))
    assert certify(fewer, solve(fewer, gap=1e-10), 1e-10).holds


@given(random_roads(most_nodes=5), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_bound_is_below_what_any_method_finds(problem: AssignmentProblem, optimum: bool) -> None:
    rough = solve(problem, "optimum" if optimum else "equilibrium", gap=0.3)
    found: AssignmentCertificate = certify(problem, rough, 0.3)
    least = by_paths(problem, optimum=optimum)
    assert found.bound <= least * (1 + 1e-6) + 1e-9
    assert found.objective >= least * (1 - 1e-6) - 1e-9


@given(random_roads(), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_distances_are_those_of_networkx(problem: AssignmentProblem, seed: int) -> None:
    cost = np.random.default_rng(seed).choice([0.0, 0.5, 1.0, 7.0], problem.tail.size)
    assert demand_distances(problem, cost).tolist() == pytest.approx(nx_distances(problem, cost))
    apart = [k for k, far in enumerate(nx_distances(problem, cost)) if far == np.inf and problem.amount[k] > 0]
    assert unreachable(problem).tolist() == apart
