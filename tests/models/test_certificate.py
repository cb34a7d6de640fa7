"""The certificate accepts the right answer, rejects every kind of wrong one, and says why."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import shared_resources
from scipy import sparse

from corridors.errors import CertificateError
from corridors.models import arcs, shortest
from corridors.models.bound import moved, relax
from corridors.models.certificate import certify, require
from corridors.models.problem import FlowProblem, FlowSolution

OPTIMUM = 30.0


def over(*arcs: int) -> np.ndarray:
    return np.array(arcs, dtype=np.int64)


def square() -> FlowProblem:
    """Return a small problem whose optimum is seen by eye.

    The cheap way over arc 0 has room for 8. Demand 1 must have 4 of it; demand 0 has the other 4 and sends
    6 round by arcs 1, 5 and 2, a unit dearer: that is the price of the room.
    """
    return FlowProblem(
        node_count=4,
        tail=np.array([0, 0, 1, 2, 1, 2, 3]),
        head=np.array([1, 2, 3, 3, 2, 1, 0]),
        cost=np.array([[1.0, 2, 1, 2, 0, 0, 1], [1.0, np.inf, 1, 2, 0, 0, 1]]),
        origin=np.array([0, 0]),
        destination=np.array([3, 1]),
        class_=np.array([0, 1]),
        amount=np.array([10.0, 4.0]),
        penalty=np.array([50.0, np.inf]),
        capacity=np.array([8.0]),
        usage=sparse.csr_array(([1.0, 1.0], ([0, 0], [0, 7])), shape=(1, 14)),
        demand_names=("coal", "grain"),
    )


def right() -> FlowSolution:
    return FlowSolution(
        status="optimal",
        path_demand=np.array([0, 0, 1]),
        path_flow=np.array([4.0, 6.0, 4.0]),
        path_arcs=(over(0, 2), over(1, 5, 2), over(0)),
        unserved=np.zeros(2),
        resource_price=np.array([1.0]),
        iterations=0,
        seconds={},
        method="by hand",
    )


def test_the_right_answer_is_proved() -> None:
    certificate = require(certify(square(), right()))
    assert certificate.holds
    assert certificate.reasons == ()
    assert certificate.primal_objective == certificate.bound == OPTIMUM
    assert certificate.gap == 0
    assert certificate.worst_demand_residual == certificate.worst_capacity_residual == 0
    assert certificate.worst_negative == 0


def test_the_proof_does_not_need_the_word_optimal() -> None:
    assert certify(square(), replace(right(), status="feasible")).holds


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a flow is missing": ({"path_flow": np.array([4.0, 6.0])}, "path_flow has the shape"),
    "a path's demand is missing": ({"path_demand": np.array([0, 0])}, "path_demand has the shape"),
    "the unserved are missing": ({"unserved": np.zeros(1)}, "unserved has the shape"),
    "a price is missing": ({"resource_price": np.empty(0)}, "resource_price has the shape"),
    "a flow is not a number": (
        {"path_flow": np.array([4.0, np.nan, 4.0])},
        "path_flow holds a value that is not",
    ),
    "an unserved amount is not a number": ({"unserved": np.array([np.nan, 0])}, "unserved holds a value"),
    "a price is infinite": ({"resource_price": np.array([np.inf])}, "resource_price holds a value"),
    "a demand does not exist": ({"path_demand": np.array([0, 2, 1])}, "demand that does not exist"),
    "a demand is counted from the end": ({"path_demand": np.array([0, 0, -1])}, "demand that does not exist"),
    "an arc does not exist": ({"path_arcs": (over(0, 2), over(1, 5, 7), over(0))}, "arc that does not exist"),
    "an arc is counted from the end": (
        {"path_arcs": (over(0, 2), over(1, 5, -5), over(0))},
        "arc that does not exist",
    ),
    "a path has no arcs": (
        {"path_arcs": (over(0, 2), over(), over(0))},
        r"Path 1, of demand 0 \(coal\), has no arcs",
    ),
    "a path has a gap": (
        {"path_arcs": (over(0, 2), over(1, 2), over(0))},
        r"Path 1, of demand 0 \(coal\), has an arc that does not start where",
    ),
    "a path starts elsewhere": (
        {"path_arcs": (over(2), over(1, 5, 2), over(0))},
        r"Path 0, of demand 0 \(coal\), does not start at the origin",
    ),
    "a path ends early": (
        {"path_arcs": (over(0, 2), over(1, 5), over(0))},
        r"Path 1, of demand 0 \(coal\), does not end at the destination",
    ),
    "a path goes backwards": ({"path_arcs": (over(2, 0), over(1, 5, 2), over(0))}, "does not start where"),
    "a path runs over a closed arc": (
        {"path_arcs": (over(0, 2), over(1, 5, 2), over(1, 5))},
        r"Path 2, of demand 1 \(grain\), runs over an arc that is closed to its class",
    ),
    "a path goes round in a circle of no cost": (
        {"path_arcs": (over(0, 2), over(1, 5, 4, 5, 2), over(0))},
        r"Path 1, of demand 0 \(coal\), comes to a node twice",
    ),
    "a path passes its origin again": (
        {"path_arcs": (over(0, 2), over(1, 5, 2), over(0, 2, 6, 0))},
        r"Path 2, of demand 1 \(grain\), comes to a node twice",
    ),
    "a flow is negative": (
        {
            "path_demand": np.array([0, 0, 1, 0]),
            "path_flow": np.array([4.0, 7.0, 4.0, -1.0]),
            "path_arcs": (over(0, 2), over(1, 5, 2), over(0), over(1, 3)),
        },
        "Path 3 carries less than nothing by 0.1",
    ),
    "a demand is not met": (
        {"path_flow": np.array([4.0, 5.0, 4.0])},
        r"Demand 0 \(coal\) misses its amount by 0.1",
    ),
    "a demand is met twice": (
        {"unserved": np.array([6.0, 0])},
        r"Demand 0 \(coal\) misses its amount by 0.6",
    ),
    "a demand is served beyond its amount": (
        {"path_flow": np.array([4.0, 7.0, 4.0]), "unserved": np.array([-1.0, 0])},
        r"Demand 0 \(coal\) is served beyond its amount by 0.1",
    ),
    "a resource is overdrawn": ({"path_flow": np.array([5.0, 5.0, 4.0])}, "Resource 0 is overdrawn by 0.12"),
    "a price is negative": ({"resource_price": np.array([-1.0])}, "Resource 0 has a price below zero by 1"),
    "the prices are too low": (
        {"resource_price": np.array([0.5])},
        "the bound is 27: the relative gap is 0.1",
    ),
    "the prices are too high": ({"resource_price": np.array([2.0])}, "the bound is 26"),
    "a dearer way is taken": (
        {"path_arcs": (over(0, 2), over(1, 3), over(0))},
        "costs 36 but the bound is 30",
    ),
    "a demand is left for no reason": (
        {"path_flow": np.array([4.0, 5.0, 4.0]), "unserved": np.array([1.0, 0])},
        "costs 77 but the bound is 30",
    ),
    "what must be served is left": (
        {"path_flow": np.array([4.0, 6.0, 3.0]), "unserved": np.array([0, 1.0])},
        "costs infinitely much",
    ),
    "it is said that there is no answer": ({"status": "infeasible"}, "no plan can serve all"),
    "a price is too large to add up": ({"resource_price": np.array([1.7e308])}, "they prove nothing"),
}


@pytest.mark.parametrize(("change", "reason"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_answer_is_rejected_for_its_reason(change: dict[str, Any], reason: str) -> None:
    certificate = certify(square(), replace(right(), price_low=np.zeros(1), price_high=np.zeros(1), **change))
    assert not certificate.holds
    with pytest.raises(CertificateError, match=reason) as caught:
        require(certificate)
    assert all(sentence.endswith(".") for sentence in certificate.reasons)
    assert isinstance(caught.value, RuntimeError)


def test_the_worst_of_several_faults_of_a_kind_is_named_and_the_rest_counted() -> None:
    certificate = certify(square(), replace(right(), path_flow=np.array([1.0, 0.0, 3.0])))
    assert any("coal" in reason and "0.9" in reason and "1 more" in reason for reason in certificate.reasons)
    assert certificate.worst_demand_residual == pytest.approx(0.9)


def test_rounding_within_the_tolerance_is_accepted_and_beyond_it_is_not() -> None:
    nearly = replace(right(), path_flow=np.array([4.0, 6.0 + 5e-6, 4.0]))
    assert certify(square(), nearly).holds
    assert not certify(square(), nearly, tolerance=1e-8).holds


def test_an_unreachable_demand_that_must_be_served_has_no_proof() -> None:
    problem = replace(square(), origin=np.array([0, 3]), cost=np.where(np.arange(7) == 6, np.inf, square().cost))
    certificate = certify(problem, right())
    assert certificate.bound == math.inf
    assert any("no plan exists" in reason for reason in certificate.reasons)


def test_a_circle_that_pays_proves_nothing() -> None:
    usage = sparse.csr_array(([1.0, 1.0, -2.0], ([0, 0, 0], [0, 7, 5])), shape=(1, 14))
    certificate = certify(replace(square(), usage=usage), right())
    assert certificate.bound == -math.inf
    assert any("prove nothing" in reason for reason in certificate.reasons)


def test_a_circle_that_pays_does_not_matter_where_no_path_can_pass() -> None:
    """Nothing leads from nodes 4 and 5 to a destination, so no path can use the circle between them."""
    old = square()
    problem = replace(
        old,
        node_count=6,
        tail=np.append(old.tail, [0, 4, 5]),
        head=np.append(old.head, [4, 5, 4]),
        cost=np.hstack((old.cost, np.ones((2, 3)))),
        usage=sparse.csr_array(([1.0, 1.0, -2.0], ([0, 0, 0], [0, 10, 8])), shape=(1, 20)),
    )
    assert certify(problem, replace(right(), resource_price=np.array([1.0]))).holds


def test_a_circle_that_pays_does_not_matter_to_what_is_where_it_goes() -> None:
    """It takes the empty path, on which no circle lies: the bound is the price of the room alone."""
    usage = sparse.csr_array(([1.0, 1.0, -2.0], ([0, 0, 0], [0, 7, 5])), shape=(1, 14))
    stays = replace(square(), usage=usage, class_=np.zeros(2, dtype=int), origin=square().destination)
    assert relax(stays, np.array([1.0])).value == -8
    known = relax(stays, np.array([0.0]), keep=True)
    assert moved(stays, known, np.array([1.0]), np.zeros(2)).value == -8


def test_a_negative_usage_within_reason_is_bounded() -> None:
    usage = sparse.csr_array(([1.0, 1.0, -0.5], ([0, 0, 0], [0, 7, 2])), shape=(1, 14))
    problem = replace(square(), usage=usage)
    assert certify(problem, arcs.solve(problem)).holds


def test_a_price_that_makes_an_arc_infinitely_dear_proves_nothing() -> None:
    problem = replace(square(), usage=square().usage * 10, capacity=np.zeros(1))
    assert relax(problem, np.array([1.7e308])).value == -math.inf


@pytest.mark.parametrize(
    "lie",
    [
        lambda d: d * 2,
        lambda d: d + 1e6,
        lambda d: np.full_like(d, np.inf),
        lambda d: np.full_like(d, np.nan),
    ],
)
def test_distances_that_are_too_long_do_not_raise_the_bound(lie: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = shortest.distances
    monkeypatch.setattr(shortest, "distances", lambda *args: lie(honest(*args)))
    assert relax(square(), np.array([1.0])).value == OPTIMUM
    wrong = replace(right(), path_arcs=(over(0, 2), over(1, 3), over(0)))
    assert not certify(square(), wrong).holds


def test_distances_that_are_too_short_prove_less_not_more(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = shortest.distances
    monkeypatch.setattr(shortest, "distances", lambda *args: honest(*args) / 2)
    assert relax(square(), np.array([1.0])).value < OPTIMUM
    assert not certify(square(), right()).holds


@given(shared_resources(must_serve=False), st.data())
@settings(deadline=None)
def test_no_prices_whatever_give_a_bound_above_the_optimum(problem: FlowProblem, data: st.DataObject) -> None:
    certificate = require(certify(problem, arcs.solve(problem)))
    some = st.lists(st.floats(0, 100), min_size=problem.resource_count, max_size=problem.resource_count)
    bound = relax(problem, np.array(data.draw(some))).value
    assert bound <= certificate.primal_objective + 1e-6 * max(1, certificate.primal_objective)
