"""Wrong answers made of right ones by one change, of the kinds that a tolerance can hide: each is refused.

`tests/models/test_certificate.py` has those that are wrong in their form.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from corridors.models import arcs, columns
from corridors.models.certificate import certify, require
from corridors.models.problem import FlowProblem, FlowSolution

type Change = Callable[[FlowSolution], FlowSolution]


def two_ways(scale: float = 1.0, cost: float = 1.0) -> FlowProblem:
    """Return 10 tonnes, a way at 1 for 4 of them, and one at 3; in other units of mass and money, if asked for."""
    return FlowProblem.single_class(
        2, [0, 0], [1, 1], [cost, 3 * cost], [4 * scale, math.inf], [0], [1], [10 * scale], 9 * cost
    )


def beside_a_large_penalty(ways: int = 0) -> FlowProblem:
    """Return two demands of 10 tonnes, and one of 1e8 at 1e8 a tonne that has no way, or a way for one tonne."""
    return FlowProblem.single_class(
        node_count=4,
        tail=[0, 1, 0],
        head=[1, 2, 3],
        cost=[2.0, 3.0, 5.0],
        arc_capacity=[100.0, 100.0, 1.0 if ways else 0.0],
        origin=[0, 0, 0],
        destination=[1, 2, 3],
        amount=[10.0, 10.0, 1e8],
        penalty=[50.0, 50.0, 1e8],
    )


def beside_a_dear_way() -> FlowProblem:
    """Return a demand that pays 1e16 on its only way beside one that has a choice between 1 and 2 a tonne."""
    return FlowProblem.single_class(
        3, [0, 0, 0], [1, 2, 2], [1e8, 1.0, 2.0], [math.inf] * 3, [0, 0], [1, 2], [1e8, 10.0], math.inf
    )


def one_of_a_thousand_million() -> FlowProblem:
    """Return a free arc with room for all tonnes but one, which pays as much as 1e9 others would at 1."""
    return FlowProblem.single_class(2, [0, 0], [1, 1], [0.0, 1e9], [1e9, 1e12], [0], [1], [1e9 + 1])


def at_a_kink() -> FlowProblem:
    """Return a way with room for just what moves: a little more is worth nothing, a little less costs 2."""
    return FlowProblem.single_class(2, [0, 0], [1, 1], [1, 3], [10, math.inf], [0], [1], [10], 9.0)


PROBLEMS: dict[str, Callable[[], FlowProblem]] = {
    "two ways": two_ways,
    "tiny": lambda: two_ways(cost=1e-8),
    "tiny mass": lambda: two_ways(scale=1e-9),
    "huge": lambda: two_ways(scale=1e9, cost=1e9),
    "large penalty": beside_a_large_penalty,
    "large penalty, one tonne": lambda: beside_a_large_penalty(1),
    "dear way": beside_a_dear_way,
    "one of 1e9": one_of_a_thousand_million,
    "kink": at_a_kink,
}


@cache
def right(name: str) -> tuple[FlowProblem, FlowSolution]:
    problem = PROBLEMS[name]()
    return problem, columns.solve(problem, gap=1e-9, ranging_for=range(problem.resource_count))


@pytest.mark.parametrize("method", [columns, arcs])
@pytest.mark.parametrize("name", PROBLEMS)
def test_right_answers_are_proved(name: str, method: object) -> None:
    problem = PROBLEMS[name]()
    solution = method.solve(problem, ranging_for=range(problem.resource_count))  # type: ignore[attr-defined]
    certificate = require(certify(problem, solution))
    assert certificate.gap <= certificate.widest_gap <= 1e-6
    assert solution.status == "optimal"


def flows(*shares: float) -> Change:
    """Send other shares of the flow over the paths."""
    return lambda made: replace(made, path_flow=made.path_flow.sum() * np.array(shares))


def prices(factor: float = 1.0, more: float = 0.0) -> Change:
    return lambda made: replace(made, resource_price=made.resource_price * factor + more)


def low(*ends: float) -> Change:
    return lambda made: replace(made, price_low=np.array(ends))


def high(*ends: float) -> Change:
    return lambda made: replace(made, price_high=np.array(ends))


def leaving(*demands: int) -> Change:
    """Leave demands that could be carried."""

    def leave(made: FlowSolution) -> FlowSolution:
        stays = np.flatnonzero(~np.isin(made.path_demand, demands))
        left = made.unserved.copy()
        np.add.at(left, made.path_demand, np.where(np.isin(made.path_demand, demands), made.path_flow, 0))
        kept = tuple(made.path_arcs[p] for p in stays.tolist())
        return replace(
            made, path_demand=made.path_demand[stays], path_flow=made.path_flow[stays], path_arcs=kept, unserved=left
        )

    return leave


def over(path: int, *way: int) -> Change:
    """Send a path another way."""

    def send(made: FlowSolution) -> FlowSolution:
        ways = list(made.path_arcs)
        ways[path] = np.array(way)
        return replace(made, path_arcs=tuple(ways))

    return send


def forged(side: int, factor: float) -> Change:
    """Change an end together with the price in its proof."""

    def forge(made: FlowSolution) -> FlowSolution:
        name = ("price_low", "price_high")[side]
        ends = tuple(
            replace(end, answer=replace(end.answer, resource_price=end.answer.resource_price * factor))
            for end in made.ends
        )
        return replace(made, **{name: getattr(made, name) * factor}, ends=ends)  # type: ignore[arg-type]

    return forge


def moved(factor: float) -> Change:
    """Say that the proofs of ends stand at other capacities."""
    return lambda made: replace(made, ends=tuple(replace(end, capacity=end.capacity * factor) for end in made.ends))


PLANTED: dict[str, tuple[str, Change, str]] = {
    "a low end below zero": ("two ways", low(-7.0), "low price of resource 0 is -7"),
    "a low end above the price": ("two ways", low(2.1), "low price of resource 0 is 2.1"),
    "an infinite low end": ("two ways", low(math.inf), "all finite"),
    "a high end of 123e9": ("two ways", high(123e9), "high price of resource 0 is not proved"),
    "a high end below the price": ("two ways", high(1.9), "high price of resource 0 is 1.9"),
    "an infinite high end": ("two ways", high(math.inf), "all finite"),
    "a negative high end": ("two ways", high(-7.0), "all finite"),
    "a low end that is too low": ("two ways", low(0.0), "low price of resource 0 is not proved"),
    "a low end that is a little too low": ("two ways", low(2 - 1e-5), "low price of resource 0 is not proved"),
    "a high end that is a little too high": ("two ways", high(2 + 1e-5), "high price of resource 0 is not proved"),
    "no proof of the ends": ("two ways", lambda made: replace(made, ends=()), "is not proved"),
    "proofs of other capacities": ("two ways", moved(1.5), "is not proved"),
    "proofs at the capacity itself": (
        "two ways",
        lambda made: replace(made, ends=tuple(replace(e, capacity=4.0) for e in made.ends)),
        "not proved",
    ),
    "a forged proof of a low end": ("two ways", forged(0, 0.5), "is not proved"),
    "a forged proof of a high end": ("two ways", forged(1, 1.5), "is not proved"),
    "a price at a kink for both ends": ("kink", low(2.0), "price"),
    "a high end of 0 at a kink": ("kink", high(0.0), "high price of resource 0"),
    "a high end beyond the kink's": ("kink", high(3.0), "high price of resource 0 is not proved"),
    "too few ends": ("two ways", low(2.0, 2.0), "price_low has the shape"),
    "all dear where money is small": ("tiny", flows(0.3, 0.7), "the relative gap is"),
    "prices too low where money is small": ("tiny", prices(0.9), "the relative gap is"),
    "prices too high where money is small": ("tiny", prices(1.1), "the relative gap is"),
    "a little overdrawn where mass is small": ("tiny mass", flows(0.4 + 1e-9, 0.6 - 1e-9), "is overdrawn"),
    "all dear where mass is small": ("tiny mass", flows(0.3, 0.7), "the relative gap is"),
    "a tenth of nothing missed": ("tiny mass", lambda made: replace(made, path_flow=made.path_flow * 0.9), "misses"),
    "a negative price where prices are small": ("tiny", prices(-1.0), "a price below zero"),
    "half a tonne of 1e10 missed": (
        "huge",
        lambda made: replace(made, path_flow=made.path_flow - np.array([0.0, 0.5])),
        "misses its amount",
    ),
    "half a tonne of 4e9 overdrawn": (
        "huge",
        lambda made: replace(made, path_flow=made.path_flow + np.array([0.5, -0.5])),
        "is overdrawn",
    ),
    "the last tonne on the free arc": (
        "one of 1e9",
        lambda made: replace(made, path_flow=np.array([1e9 + 1, 0.0])),
        "is overdrawn",
    ),
    "the last tonne nowhere": (
        "one of 1e9",
        lambda made: replace(made, path_flow=np.array([1e9, 0.0])),
        "misses its amount",
    ),
    "every other demand left beside a large penalty": ("large penalty", leaving(0, 1), "beside dearer ones"),
    "one other demand left beside a large penalty": ("large penalty", leaving(0), "beside dearer ones"),
    "a price of nothing beside a large penalty": ("large penalty", prices(more=1.0), "beside dearer ones"),
    "every other demand left beside one that has a tonne's way": (
        "large penalty, one tonne",
        leaving(0, 1),
        "beside dearer ones",
    ),
    "one demand left beside one that has a tonne's way": ("large penalty, one tonne", leaving(1), "beside dearer ones"),
    "a dearer way beside a very dear one": ("dear way", over(1, 2), "beside dearer ones"),
}


@pytest.mark.parametrize(("name", "change", "reason"), PLANTED.values(), ids=PLANTED)
def test_a_planted_answer_is_refused_for_its_reason(name: str, change: Change, reason: str) -> None:
    problem, solution = right(name)
    assert certify(problem, solution).holds
    certificate = certify(problem, change(solution))
    assert not certificate.holds
    assert any(reason in sentence for sentence in certificate.reasons), certificate.reasons


def test_a_price_s_ends_may_be_left_out() -> None:
    problem, solution = right("two ways")
    for name in ("price_low", "price_high"):
        assert certify(problem, replace(solution, **{name: np.full(1, np.nan)}, ends=())).holds is False
    none = np.full(1, np.nan)
    assert certify(problem, replace(solution, price_low=none, price_high=none, ends=())).holds


def test_a_cost_of_nothing_is_proved_by_prices_of_nothing_alone() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [0.0], [20], [0], [1], [10])
    solution = columns.solve(problem)
    assert certify(problem, solution).gap == 0
    assert certify(problem, solution).holds
    for price in (5.0, 1e-12):
        assert not certify(problem, replace(solution, resource_price=np.array([price]))).holds
