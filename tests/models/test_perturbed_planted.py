"""Wrong answers without a list of routes, made of right ones by one change: the certificate refuses each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import sparse

from corridors.models.arrays import FloatArray
from corridors.models.choice.perturbed import PerturbedSolution
from corridors.models.choice.perturbed.certificate import certify
from corridors.models.choice.perturbed.solver import solve
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

type Change = Callable[[PerturbedSolution], PerturbedSolution]

SCALE = np.array([4.0, 2.0, 3.0])


def problem() -> FlowProblem:
    """Return two classes and three demands on two ways and a link between them, one full place, and a closed arc."""
    usage = np.zeros((2, 12))
    usage[0, [0, 6]] = 1.0, 2.0  # the first arc, of which the second class takes twice as much
    usage[1, [3]] = 1.0
    return FlowProblem(
        node_count=5,
        tail=np.array([0, 1, 0, 2, 1, 0]),
        head=np.array([1, 3, 2, 3, 2, 3]),
        cost=np.array([[2.0, 2.0, 2.5, 2.5, 0.5, np.inf], [3.0, 3.0, 2.0, 4.0, 1.0, 9.0]]),
        origin=np.array([0, 0, 1]),
        destination=np.array([3, 3, 3]),
        class_=np.array([0, 1, 0]),
        amount=np.array([10.0, 6.0, 4.0]),
        penalty=np.array([8.0, 9.5, 2.3]),
        capacity=np.array([7.0, 50.0]),
        usage=sparse.csr_array(usage),
    )


@cache
def answer() -> PerturbedSolution:
    """Return the right answer."""
    return solve(problem(), SCALE, gap=1e-9)


def moved(tonnes: float, first: int, second: int) -> Change:
    """Move tonnes from one route to another of the same demand."""

    def change(solution: PerturbedSolution) -> PerturbedSolution:
        flow = solution.route_flow.copy()
        assert solution.routes.demand[first] == solution.routes.demand[second]
        flow[first] -= tonnes
        flow[second] += tonnes
        return replace(solution, route_flow=flow)

    return change


def stays(tonnes: float, demand: int) -> Change:
    """Let more of a demand stay, less of its first route go."""

    def change(solution: PerturbedSolution) -> PerturbedSolution:
        flow, left = solution.route_flow.copy(), solution.unserved.copy()
        flow[np.flatnonzero(solution.routes.demand == demand)[0]] -= tonnes
        left[demand] += tonnes
        return replace(solution, route_flow=flow, unserved=left)

    return change


def priced(factor: float, more: float = 0.0) -> Change:
    """Change the price of the full place."""

    def change(solution: PerturbedSolution) -> PerturbedSolution:
        price = solution.resource_price.copy()
        price[0] = price[0] * factor + more
        return replace(solution, resource_price=price)

    return change


def priced_idle(solution: PerturbedSolution) -> PerturbedSolution:
    """Price a place that nobody fills."""
    return replace(solution, resource_price=solution.resource_price + np.array([0.0, 1e-3]))


def other(**parts: Callable[[PerturbedSolution], object]) -> Change:
    """Put other arrays in the places of some."""
    return lambda solution: replace(solution, **{name: part(solution) for name, part in parts.items()})  # type: ignore[arg-type]


def rerouted(arcs: list[int]) -> Change:
    """Let the first route run over other arcs."""

    def change(solution: PerturbedSolution) -> PerturbedSolution:
        routes = solution.routes
        paths = [np.array(arcs), *(routes.arcs_of(path) for path in range(1, routes.size))]
        return replace(solution, routes=PathSet.of(routes.demand, paths))

    return change


def nothing_goes(solution: PerturbedSolution) -> PerturbedSolution:
    """Leave everything."""
    return replace(solution, route_flow=np.zeros(solution.route_flow.size), unserved=problem().amount.copy())


def on_one_route(solution: PerturbedSolution) -> PerturbedSolution:
    """Put each demand on its first route."""
    carried = np.bincount(solution.routes.demand, solution.route_flow, 3)
    first = np.searchsorted(solution.routes.demand, np.arange(3))
    flow = np.zeros(solution.route_flow.size)
    flow[first] = carried
    return replace(solution, route_flow=flow)


WRONG: dict[str, Change] = {
    "a tonne on another route": moved(1.0, 0, 1),
    "a hundredth of a tonne on another route": moved(0.01, 0, 1),
    "a hundredth of a tonne back": moved(-0.01, 0, 1),
    "a tonne more stays": stays(1.0, 0),
    "a hundredth of a tonne more stays": stays(0.01, 0),
    "a tonne of another class more stays": stays(0.2, 1),
    "a hundredth of a tonne less stays": stays(-0.01, 2),
    "no price": priced(0.0),
    "half the price": priced(0.5),
    "a price a thousandth higher": priced(1.001),
    "twice the price": priced(2.0),
    "a price below zero": priced(-1.0),
    "a price that is no number": priced(1.0, np.nan),
    "a price without limit": priced(1.0, np.inf),
    "an idle place has a price": priced_idle,
    "nothing goes": nothing_goes,
    "each on one route": on_one_route,
    "all flows doubled": other(route_flow=lambda s: 2 * s.route_flow),
    "all flows a millionth less": other(route_flow=lambda s: (1 - 1e-6) * s.route_flow),
    "flows below zero": other(route_flow=lambda s: -s.route_flow),
    "a flow that is no number": other(route_flow=lambda s: np.where(np.arange(s.routes.size) == 0, np.nan, 1.0)),
    "one flow too few": other(route_flow=lambda s: s.route_flow[:-1]),
    "no unserved amounts": other(unserved=lambda s: np.zeros(3)),
    "unserved amounts below zero": other(unserved=lambda s: -s.unserved - 1.0),
    "one unserved amount too many": other(unserved=lambda s: np.append(s.unserved, 0.0)),
    "one price too few": other(resource_price=lambda s: s.resource_price[:-1]),
    "a route over a closed arc": rerouted([5]),
    "a route that jumps": rerouted([0, 3]),
    "a route that ends early": rerouted([0]),
    "a route that begins late": rerouted([1]),
    "a route of no arcs": rerouted([]),
    "a route over an arc that is not there": rerouted([0, 99]),
    "routes of a demand that is not there": other(
        routes=lambda s: PathSet(s.routes.arc, s.routes.start, s.routes.demand + 3)
    ),
    "routes of other demands": other(routes=lambda s: PathSet(s.routes.arc, s.routes.start, s.routes.demand[::-1])),
    "routes that begin elsewhere": other(routes=lambda s: PathSet(s.routes.arc, s.routes.start + 1, s.routes.demand)),
}


def test_the_right_answer_is_proved() -> None:
    certificate = certify(problem(), SCALE, answer())
    assert certificate.holds, certificate.reasons
    assert certificate.gap <= 1e-9
    assert answer().resource_price[0] > 0
    assert (answer().unserved > 0.05).any()


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_answer_is_refused(change: Change) -> None:
    certificate = certify(problem(), SCALE, change(answer()))
    assert not certificate.holds
    assert certificate.reasons


@pytest.mark.parametrize("scale", [SCALE * 1.01, SCALE / 2, SCALE[::-1], -SCALE, SCALE[:2], SCALE * np.nan])
def test_an_answer_for_other_scales_is_refused(scale: FloatArray) -> None:
    assert not certify(problem(), scale, answer()).holds


def test_an_answer_to_another_problem_is_refused() -> None:
    dearer = replace(problem(), cost=problem().cost * np.array([[1.0], [1.01]]))
    smaller = replace(problem(), capacity=problem().capacity * 0.999)
    for changed in (dearer, smaller):
        assert not certify(changed, SCALE, answer()).holds


def test_the_linear_optimum_is_no_answer() -> None:
    linear = solve(problem(), np.full(3, 1e9))
    assert not certify(problem(), SCALE, linear).holds


def test_what_is_proved_of_a_wrong_answer_is_true() -> None:
    best = certify(problem(), SCALE, answer()).primal_objective
    for change in (priced(0.5), priced(2.0), moved(1.0, 0, 1), nothing_goes, on_one_route):
        certificate = certify(problem(), SCALE, change(answer()))
        assert not certificate.bound > best
