"""The worst closures together are the worst: what enumeration finds, with fewer problems solved."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models import arcs, columns, interdiction
from corridors.models.arrays import IntArray
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem


def some_network(seed: int, *, must: bool = False) -> tuple[FlowProblem, list[IntArray]]:
    """Return a random network with shared limits, and groups of its arcs, some of which overlap."""
    random = np.random.default_rng(seed)
    nodes, count, demands = 7, 22, 6
    origin = random.integers(0, nodes, demands)
    problem = FlowProblem.single_class(
        node_count=nodes,
        tail=random.integers(0, nodes, count),
        head=random.integers(0, nodes, count),
        cost=random.integers(1, 20, count),
        arc_capacity=random.integers(2, 15, count),
        origin=origin,
        destination=(origin + random.integers(1, nodes, demands)) % nodes,
        amount=random.integers(1, 10, demands),
        penalty=math.inf if must else 60.0,
    )
    groups = [random.choice(count, random.integers(1, 4), replace=False) for _ in range(9)]
    return problem, groups


def cost(problem: FlowProblem, groups: list[IntArray], chosen: tuple[int, ...]) -> float:
    """Solve with some groups closed, by the reference method."""
    arc = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(groups[g] for g in chosen)]))
    closed = interdiction.close(problem, arc)
    solution = arcs.solve(closed)
    return math.inf if solution.status == "infeasible" else certify(closed, solution).primal_objective


@pytest.mark.parametrize("seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 20))])
def test_the_worst_two_are_those_that_enumeration_finds(seed: int) -> None:
    problem, groups = some_network(seed)
    worst = interdiction.worst(problem, groups, 2, gap=1e-9)
    pairs = [(), *((g,) for g in range(9)), *itertools.combinations(range(9), 2)]
    dearest = max(cost(problem, groups, pair) for pair in pairs)
    assert worst.cost == pytest.approx(dearest, rel=1e-6)
    assert worst.most == pytest.approx(dearest, rel=1e-6)
    assert cost(problem, groups, worst.groups) == pytest.approx(dearest, rel=1e-6)
    assert worst.gap <= 1e-9
    assert worst.solved <= len(pairs)
    assert worst.sets == len(pairs) - 1


@pytest.mark.parametrize("seed", range(5))
def test_the_worst_three_are_those_that_enumeration_finds(seed: int) -> None:
    problem, groups = some_network(seed)
    worst = interdiction.worst(problem, groups, 3, gap=1e-9)
    dearest = max(cost(problem, groups, three) for three in itertools.combinations(range(9), 3))
    assert worst.cost == pytest.approx(dearest, rel=1e-6)


def test_it_does_not_enumerate() -> None:
    solved = [interdiction.worst(*some_network(seed), 3).solved for seed in range(10)]
    assert sum(solved) < 10 * (1 + 9 + 36 + 84) / 2


@pytest.mark.parametrize("seed", range(5))
def test_a_set_that_leaves_what_must_be_served_is_the_worst(seed: int) -> None:
    problem, groups = some_network(seed, must=True)
    groups = [*groups, np.flatnonzero(problem.tail == problem.origin[0])]
    worst = interdiction.worst(problem, groups, 2)
    assert worst.cost == math.inf
    assert worst.solution is None
    assert cost(problem, groups, worst.groups) == math.inf


def test_stopped_by_the_clock_it_says_how_much_worse_another_set_may_be() -> None:
    problem, groups = some_network(3)
    worst = interdiction.worst(problem, groups, 2, time_limit=0.0)
    full = interdiction.worst(problem, groups, 2)
    assert worst.solved == 1
    assert worst.cost <= full.cost <= worst.most
    assert worst.gap == pytest.approx((worst.most - worst.cost) / worst.most)


def test_its_answer_is_proved() -> None:
    problem, groups = some_network(1)
    worst = interdiction.worst(problem, groups, 2)
    assert worst.certificate is not None
    assert worst.certificate.holds
    assert worst.solution is not None
    arc = np.unique(np.concatenate([groups[g] for g in worst.groups]))
    assert certify(interdiction.close(problem, arc), worst.solution).holds
    assert worst.certificate.bound == worst.cost


def test_progress_narrows_the_proof() -> None:
    seen: list[interdiction.SearchProgress] = []
    problem, groups = some_network(2)
    interdiction.worst(problem, groups, 2, progress=seen.append)
    assert [one.solved for one in seen] == list(range(2, len(seen) + 2))
    assert all(a.cost <= b.cost and b.most <= a.most * (1 + 1e-12) for a, b in itertools.pairwise(seen))


def test_what_it_cannot_prove_is_refused() -> None:
    problem, groups = some_network(0)
    with pytest.raises(ProblemError, match="At least one"):
        interdiction.worst(problem, groups, 0)
    gives = sparse.csr_array(np.vstack((problem.usage.toarray(), -np.ones(problem.arc_count))))
    shares = replace(problem, usage=gives, capacity=np.append(problem.capacity, 0.0))
    with pytest.raises(ProblemError, match="no worst set"):
        interdiction.worst(shares, groups, 1)


def test_a_start_changes_nothing() -> None:
    problem, groups = some_network(4)
    base = columns.solve(problem)
    one, other = interdiction.worst(problem, groups, 2, start=base), interdiction.worst(problem, groups, 2)
    assert one.groups == other.groups
    assert one.cost == pytest.approx(other.cost)
