"""Classes of trips share links and value tolls differently; each class is in equilibrium at what it pays itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import bench
from roads import by_paths, fits, links, nx_distances, random_classes, random_roads, roads, straight, two_ways
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.assignment.certificate import AssignmentCertificate, certify
from corridors.models.assignment.distances import demand_distances
from corridors.models.assignment.problem import AssignmentProblem, AssignmentSolution, Principle
from corridors.models.assignment.solver import NoWay, solve

EXACT = 1e-10
PRINCIPLES = ("equilibrium", "optimum")
TOLL = np.array([[0.0, 0.0], [3.0, 0.0]])  # of the second class alone, on the first of two links


def proved(problem: AssignmentProblem, principle: Principle = "equilibrium") -> AssignmentCertificate:
    certificate = certify(problem, solve(problem, principle, gap=EXACT), EXACT)
    assert certificate.holds, certificate.reasons
    return certificate


def trucks_and_cars(*rows: tuple[float, float, float, float, float], fixed: np.ndarray = TOLL) -> AssignmentProblem:
    """Return two links, with 10 trips of a class and 4 of one that pays the toll of the first link."""
    trips = [(0, 1, 10.0), (0, 1, 4.0)]
    return replace(roads([(0, 1)] * 2, links(*rows), trips), class_=np.array([0, 1]), class_fixed=fixed)


CROWDED = (straight(1, 1), straight(5, 1))


# --- by hand


def test_who_minds_the_toll_avoids_it_and_the_others_take_the_room() -> None:
    # the first class is on both links: 1 + 9 = 5 + 5; the second would pay 1 + 9 + 3 on the first
    problem = trucks_and_cars(*CROWDED)
    solution = solve(problem, gap=1e-12)
    assert solution.class_flow(2) == pytest.approx(np.array([[9.0, 1.0], [0.0, 4.0]]), abs=1e-6)
    assert proved(problem).total == pytest.approx(14 * 10)


def test_the_optimum_takes_time_for_all_and_tolls_for_those_who_pay_them() -> None:
    # marginal time: 1 + 2 x = 5 + 2 (14 - x) at x = 8, all of the first class
    problem = trucks_and_cars(*CROWDED)
    solution = solve(problem, "optimum", gap=1e-12)
    assert solution.class_flow(2) == pytest.approx(np.array([[8.0, 2.0], [0.0, 4.0]]), abs=1e-6)
    assert proved(problem, "optimum").total == pytest.approx(8 * 9 + 6 * 11)


def test_a_toll_that_is_worth_the_time_is_paid() -> None:
    # cars on both links: 1 + x + 3 = 5 + (14 - x) at x = 7.5, so trucks are on the first link alone if they are 5
    problem = replace(trucks_and_cars(*CROWDED), amount=np.array([5.0, 9.0]))
    solution = solve(problem, gap=1e-12)
    assert solution.class_flow(2) == pytest.approx(np.array([[5.0, 0.0], [2.5, 6.5]]), abs=1e-6)
    assert proved(problem).total == pytest.approx(5 * 8.5 + 9 * 11.5)


def test_a_full_link_goes_to_those_who_gain_most_and_costs_what_the_last_gains() -> None:
    # by the first link the first class gains 2, the second, which pays 1.5 there, 0.5; six find room
    fixed = np.array([[0.0, 0.0], [1.5, 0.0]])
    problem = trucks_and_cars((0, 1, 0, 6, 1), (0, 3, 0, np.inf, 1), fixed=fixed)
    problem = replace(problem, amount=np.array([5.0, 5.0]))
    solution = solve(problem, hard=True, gap=1e-8)
    assert certify(problem, solution, 1e-8).holds
    assert solution.class_flow(2) == pytest.approx(np.array([[5.0, 0.0], [1.0, 4.0]]), abs=1e-5)
    assert solution.price == pytest.approx([0.5, 0], rel=1e-5)


def test_trips_of_classes_that_do_not_fit_are_proved_not_to() -> None:
    problem = trucks_and_cars((0, 1, 0.15, 6, 4), (0, 2, 0.15, 6, 4))
    assert certify(problem, solve(problem, hard=True)).infeasible
    half = replace(problem, amount=problem.amount / 2)
    assert certify(half, solve(half, hard=True)).holds


def test_a_closed_link_is_closed_to_every_class() -> None:
    problem = trucks_and_cars((0, 1, 0, 0, 1), (0, 5, 0, np.inf, 1), fixed=np.array([[0.0, 90.0], [3.0, 90.0]]))
    solution = solve(problem, hard=True)
    assert certify(problem, solution).holds
    assert solution.flow.tolist() == [0, 14]


# --- any network


@given(random_classes(), st.sampled_from(PRINCIPLES))
@settings(max_examples=80, deadline=None)
def test_any_network_with_classes_is_assigned_and_proved(problem: AssignmentProblem, principle: Principle) -> None:
    proved(problem, principle)


@given(random_classes(most_nodes=5), st.booleans())
@settings(max_examples=30, deadline=None)
def test_a_convex_solver_over_all_paths_of_classes_finds_the_same(problem: AssignmentProblem, optimum: bool) -> None:
    found = proved(problem, "optimum" if optimum else "equilibrium")
    other = by_paths(problem, optimum=optimum)
    assert found.objective <= other * (1 + 1e-9) + 1e-9
    assert found.objective == pytest.approx(other, rel=1e-5, abs=1e-6)


@given(random_classes(most_nodes=5), st.booleans(), st.sampled_from([0.1, 0.2, 0.4]))
@settings(max_examples=30, deadline=None)
def test_hard_capacities_hold_for_classes_together(problem: AssignmentProblem, optimum: bool, share: float) -> None:
    problem = replace(problem, amount=problem.amount * share)
    found = certify(problem, solve(problem, "optimum" if optimum else "equilibrium", hard=True))
    if not fits(problem):
        assert not found.holds
        return
    assert found.holds, found.reasons
    other = by_paths(problem, optimum=optimum, hard=True)
    assert found.objective == pytest.approx(other, rel=1e-4, abs=1e-6)
    assert found.bound <= other * (1 + 1e-6) + 1e-9


@given(random_roads(), st.sampled_from(PRINCIPLES), st.booleans())
@settings(max_examples=30, deadline=None)
def test_one_class_is_the_problem_without_classes_bit_for_bit(
    problem: AssignmentProblem, principle: Principle, hard: bool
) -> None:
    zeros = np.zeros(problem.amount.size, dtype=int)
    classed = replace(problem, class_=zeros, class_fixed=np.zeros((1, problem.tail.size)))
    plain, other = solve(problem, principle, hard=hard), solve(classed, principle, hard=hard)
    assert (plain.origin_flow != other.origin_flow).nnz == 0
    assert plain.iterations == other.iterations
    assert plain.price is None or plain.price.tolist() == other.price.tolist()
    assert certify(problem, plain).objective == certify(classed, other).objective


@given(random_roads(), st.sampled_from(PRINCIPLES))
@settings(max_examples=30, deadline=None)
def test_what_one_class_pays_is_what_all_pay(problem: AssignmentProblem, principle: Principle) -> None:
    zeros = np.zeros(problem.amount.size, dtype=int)
    apart = replace(problem.costs, fixed=np.zeros(problem.tail.size))
    classed = replace(problem, costs=apart, class_=zeros, class_fixed=problem.costs.fixed[np.newaxis])
    assert proved(classed, principle).objective == pytest.approx(proved(problem, principle).objective, rel=1e-9)


@given(random_classes(), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_classes_that_pay_the_same_are_one(problem: AssignmentProblem, seed: int) -> None:
    share = np.random.default_rng(seed).choice([0.0, 0.3, 0.5], problem.amount.size)
    count, fixed = problem.class_count, problem.class_fixed
    parted = replace(
        problem,
        origin=np.tile(problem.origin, 2),
        destination=np.tile(problem.destination, 2),
        amount=np.concatenate((problem.amount * share, problem.amount * (1 - share))),
        class_=np.concatenate((problem.class_of, problem.class_of + count)),
        class_fixed=np.concatenate((fixed, fixed)),
    )
    assert proved(parted).objective == pytest.approx(proved(problem).objective, rel=1e-8, abs=1e-9)


def test_classes_that_take_the_same_room_in_turn_settle() -> None:
    """Only the first class minds which of two steep links it takes; each trip that it moves, the second moves back."""
    rows, fixed = ((2.5, 1.0, 0.15, 5.0, 6.0), (0.0, 5.0, 1.0, 2.0, 6.0)), np.array([[2.0, 0.5], [2.0, 2.0]])
    parted = roads([(0, 1)] * 2, links(*rows), [(0, 1, 9.0), (0, 1, 19.0)])
    proved(replace(parted, class_=np.array([0, 1]), class_fixed=fixed))


@given(random_classes(), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_distances_are_each_class_its_own(problem: AssignmentProblem, seed: int) -> None:
    cost = np.random.default_rng(seed).choice([0.0, 0.5, 1.0, 7.0], problem.tail.size)
    by_class = [nx_distances(problem, cost + fixed) for fixed in problem.class_fixed]
    expected = [by_class[c][k] for k, c in enumerate(problem.class_of.tolist())]
    assert demand_distances(problem, cost).tolist() == pytest.approx(expected)


def test_trips_without_a_way_are_named_whatever_their_class() -> None:
    problem = roads([(0, 1), (2, 3)], links(*CROWDED), [(0, 1, 1), (0, 3, 1), (3, 2, 2)])
    problem = replace(problem, class_=np.array([1, 0, 1]), class_fixed=TOLL)
    with pytest.raises(NoWay) as caught:
        solve(problem)
    assert caught.value.demands.tolist() == [1, 2]


def test_a_published_network_parted_into_classes_has_its_published_optimum() -> None:
    from corridors.exchange.road_opening import open_roads

    whole = open_roads(bench("tntp", "SiouxFalls_net.tntp")).problem
    parted = replace(whole, class_=np.arange(whole.amount.size) % 3, class_fixed=np.zeros((3, whole.tail.size)))
    assert proved(parted).objective == pytest.approx(4231335.287107440, rel=1e-10)


# --- wrong answers


def swapped(solution: AssignmentSolution) -> AssignmentSolution:
    """Let a car and a truck change places: links carry what they carried."""
    return replace(solution, origin_flow=solution.origin_flow + sparse.csr_array([[-1.0, 1.0], [1.0, -1.0]]))


PLANTED: dict[str, tuple[Callable[[AssignmentSolution], AssignmentSolution], str]] = {
    "classes change places": (swapped, "gap"),
    "the rows of classes are exchanged": (lambda s: replace(s, classes=s.classes[::-1]), "lost or made"),
    "the flows of classes are exchanged": (lambda s: replace(s, origin_flow=s.origin_flow[[1, 0]]), "lost or made"),
    "all are of one class": (lambda s: replace(s, classes=s.classes * 0), "different nodes"),
    "no class is named": (lambda s: replace(s, classes=None), "of which class"),
    "a class is missing": (
        lambda s: replace(s, classes=s.classes[:1], origins=s.origins[:1], origin_flow=s.origin_flow[[0]]),
        "lost or made",
    ),
    "classes are fewer than origins": (lambda s: replace(s, classes=s.classes[:1]), "of which class"),
    "a class is none of the trips'": (lambda s: replace(s, classes=s.classes + 1), "do not have"),
    "a class is negative": (lambda s: replace(s, classes=s.classes - 1), "do not have"),
    "a class is lost in part": (lambda s: replace(s, origin_flow=s.origin_flow * 0.999), "lost or made"),
    "trips pay tolls too many": (
        lambda s: replace(s, origin_flow=s.origin_flow + sparse.csr_array([[0.0, 0.0], [0.1, -0.1]])),
        "gap",
    ),
    "it is meant as the optimum": (lambda s: replace(s, principle="optimum"), "gap"),
}


@pytest.mark.parametrize("wrong", PLANTED)
def test_a_wrong_answer_with_classes_is_refused(wrong: str) -> None:
    problem = trucks_and_cars(*CROWDED)
    right = solve(problem, gap=1e-12)
    assert certify(problem, right, 1e-9).holds
    change, words = PLANTED[wrong]
    refused = certify(problem, change(right), 1e-9)
    assert not refused.holds
    assert any(words in reason for reason in refused.reasons), refused.reasons


def test_the_answer_to_other_classes_is_refused() -> None:
    problem = trucks_and_cars(*CROWDED)
    right = solve(problem, gap=1e-12)
    dearer = replace(problem, class_fixed=TOLL[::-1])
    plain = two_ways(*CROWDED, amount=14.0)
    assert not certify(dearer, right, 1e-9).holds
    assert not certify(plain, right, 1e-9).holds


# --- what is no problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"class_": None}, "belong together"),
        ({"class_fixed": None}, "belong together"),
        ({"class_": [0, 2]}, "class of demand 1 is 2"),
        ({"class_": [-1, 0]}, "class of demand 0 is -1"),
        ({"class_": [0]}, "Classes of 1 demands"),
        ({"class_fixed": np.zeros((2, 3))}, "on 3 links"),
        ({"class_fixed": TOLL - 4}, "fixed cost of class and link 0"),
        ({"class_fixed": TOLL * np.nan}, "fixed cost of class and link 0"),
    ],
)
def test_classes_that_cannot_be_are_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        replace(trucks_and_cars(*CROWDED), **change)
