"""Why not all can be served: what is said to have no way has none, and what is said to be too small is."""

from collections import deque
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import shared_resources, single_origin

from corridors.models import arcs
from corridors.models.cuts import Cut
from corridors.models.feasibility import least_unserved, must_leave
from corridors.models.infeasibility import plainly_infeasible, why_infeasible
from corridors.models.methods import METHODS
from corridors.models.problem import FlowProblem, objective


def reached(problem: FlowProblem, class_: int, origin: int, open_: np.ndarray) -> set[int]:
    """Return the nodes that a class can reach over some arcs."""
    found, waiting = {origin}, deque([origin])
    while waiting:
        node = waiting.popleft()
        ahead = np.flatnonzero(open_ & (problem.tail == node) & np.isfinite(problem.cost[class_]))
        new = set(problem.head[ahead].tolist()) - found
        found |= new
        waiting.extend(new)
    return found


def without_way(problem: FlowProblem) -> list[int]:
    every = np.ones(problem.arc_count, dtype=bool)
    return [
        k
        for k in range(problem.demand_count)
        if np.isinf(problem.penalty[k])
        and problem.amount[k] > 0
        and int(problem.destination[k]) not in reached(problem, int(problem.class_[k]), int(problem.origin[k]), every)
    ]


def must_all_cross(problem: FlowProblem, cut: Cut) -> bool:
    """Tell whether every demand of a cut out of a set of nodes is cut off by arcs that take its resources."""
    assert cut.inside is not None
    for k in cut.demands.tolist():
        class_ = int(problem.class_[k])
        taken = problem.usage_of(class_).toarray().T @ cut.weight  # what a unit takes of the cut on each arc
        passable = (taken < 1 - 1e-9) | ~(cut.inside[problem.tail] & ~cut.inside[problem.head])
        if int(problem.destination[k]) in reached(problem, class_, int(problem.origin[k]), passable):
            return False
    return True


def needed(problem: FlowProblem, cut: Cut) -> float:
    """Count by Bellman and Ford what the demands of weighted resources take at least."""
    total = 0.0
    for k in cut.demands.tolist():
        class_ = int(problem.class_[k])
        taken = problem.usage_of(class_).toarray().T @ cut.weight
        distance = np.full(problem.node_count, np.inf)
        distance[problem.origin[k]] = 0
        open_ = np.isfinite(problem.cost[class_])
        for _ in range(problem.node_count):
            for arc in np.flatnonzero(open_).tolist():
                tail, head = problem.tail[arc], problem.head[arc]
                distance[head] = min(distance[head], distance[tail] + taken[arc])
        total += problem.amount[k] * distance[problem.destination[k]]
    return total


def check(problem: FlowProblem, method: str = "arcs") -> bool:
    """Check a proof by counting again, and tell whether there is one."""
    why = why_infeasible(problem, method)
    if why is None:
        return False
    assert why.no_way.tolist() == without_way(problem)
    cut = why.cut
    assert why.no_way.size or cut is not None
    if cut is not None:
        must = np.isinf(problem.penalty[cut.demands])
        assert must.all()
        assert cut.capacity == pytest.approx(float(problem.capacity @ cut.weight), abs=1e-9)
        assert cut.demand > cut.capacity
        if cut.inside is not None:
            assert must_all_cross(problem, cut)
            assert cut.demand == pytest.approx(problem.amount[cut.demands].sum())
        else:
            assert needed(problem, cut) >= cut.demand - 1e-6
    return True


def solvable(problem: FlowProblem) -> bool:
    return arcs.solve(problem).status == "optimal"


@given(single_origin())
@settings(deadline=None, max_examples=30)
def test_of_one_origin_it_is_infeasible_just_if_a_cut_is_overfull_or_there_is_no_way(problem: FlowProblem) -> None:
    found = check(problem)
    assert found == (not solvable(problem))
    why = why_infeasible(problem, "arcs")
    if why is not None and why.cut is not None:
        assert why.cut.inside is not None  # max-flow min-cut


@given(shared_resources())
@settings(deadline=None, max_examples=30)
def test_with_several_classes_and_shared_resources_the_proof_holds(problem: FlowProblem) -> None:
    must = replace(problem, penalty=np.where(problem.penalty < 10, problem.penalty, np.inf))
    assert check(must) == (not solvable(must))


@given(st.one_of(single_origin(), shared_resources()))
@settings(deadline=None, max_examples=25)
def test_what_is_plainly_infeasible_is_infeasible(problem: FlowProblem) -> None:
    if plainly_infeasible(problem):
        assert check(problem)


@given(st.one_of(single_origin(), shared_resources()))
@settings(deadline=None, max_examples=25)
def test_some_must_be_left_just_where_the_least_unserved_is_above_nothing(problem: FlowProblem) -> None:
    def least_cost(least: FlowProblem) -> float:
        assert np.isfinite(least.penalty).all()
        return objective(least, arcs.solve(least)) - 1e-9

    assert must_leave(problem, least_cost) == (not solvable(problem))


def test_nobody_solves_anything_where_nothing_must_be_served() -> None:
    problem = FlowProblem.single_class(
        2, [0, 0], [1, 1], [1.0, 2.0], [5.0, 0.0], [0, 1], [1, 1], [9.0, 4.0], [7.0, np.inf]
    )
    asked: list[FlowProblem] = []
    assert not must_leave(problem, lambda least: asked.append(least) or 1.0)
    assert asked == []
    least = least_unserved(problem, np.array([True, False]))
    assert objective(least, arcs.solve(least)) == pytest.approx(4)


@pytest.mark.parametrize("method", METHODS)
def test_where_every_cut_has_room_weights_prove_it(method: str) -> None:
    # The complete bipartite graph K(2, 3) with capacities of 1, and demands between all nodes of the same side: every
    # cut has room for them, but they need 16 units, two links each, of the 12 that there are (Okamura & Seymour 1981).
    sides = [(a, b) for a in (0, 1) for b in (2, 3, 4)]
    tail, head = np.array([*sides, *((b, a) for a, b in sides)]).T
    pairs = [(0, 1), (2, 3), (2, 4), (3, 4)]
    problem = FlowProblem.single_class(
        node_count=5,
        tail=tail,
        head=head,
        cost=np.ones(tail.size),
        arc_capacity=np.ones(tail.size),
        origin=[a for a, _ in pairs] + [b for _, b in pairs],
        destination=[b for _, b in pairs] + [a for a, _ in pairs],
        amount=[1.0] * 8,
    )
    assert check(problem, method)
    why = why_infeasible(problem, method)
    assert why is not None
    assert why.cut is not None
    assert why.cut.inside is None
    assert why.cut.resources.size > 1
    assert check(replace(problem, amount=problem.amount * 0.7), method) is False


def test_a_tiny_demand_counts_as_much_as_a_large_one() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1.0], [1e-9], [0], [1], [2e-9])
    assert check(problem)
    assert not check(replace(problem, amount=np.array([1e-9])))


def test_what_may_be_left_does_not_count() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1.0], [5.0], [0, 0], [1, 1], [5.0, 9.0], [np.inf, 100.0])
    assert why_infeasible(problem) is None
