"""Wrong answers of choice made of right ones by one change: each is refused, and for its reason."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from choosing import random_network, with_all_routes
from scipy import sparse

from corridors.errors import CertificateError
from corridors.models.choice.certificate import certify, require
from corridors.models.choice.delay import Delay
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.solver import solve
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

type Change = Callable[[ChoiceProblem, ChoiceSolution], tuple[ChoiceProblem, ChoiceSolution]]


def two_ways(*, scale: float = 1.0, waits: bool = False) -> ChoiceProblem:
    """Return 10 tonnes of one demand, a way of two routes at 1 (room for 4) and 2, another at 3; and a cheap demand."""
    flow = FlowProblem.single_class(
        node_count=4,
        tail=[0, 0, 0, 2, 2],
        head=[1, 1, 1, 3, 3],
        cost=[1, 2, 3, 0.5, 0.6],
        arc_capacity=[4, math.inf, 8, 3, math.inf],
        origin=[0, 2],
        destination=[1, 3],
        amount=[10, 5],
        penalty=[9, 2],
    )
    flow = replace(flow, amount=flow.amount * scale, capacity=flow.capacity * scale)
    routes = PathSet.of(np.array([0, 0, 0, 1, 1]), [np.array([arc]) for arc in range(5)])
    delay = Delay(np.array([0.5, 1.0, 0.2]), np.full(3, 4.0), np.full(3, 0.02)) if waits else None
    way_scale = np.array([1.5, 6.0])
    return ChoiceProblem(flow, routes, np.array([0, 0, 1, 2, 3]), way_scale, 2 * way_scale, delay)


def three_levels() -> ChoiceProblem:
    """Return `two_ways` with the ways of the first demand in one group, each a little sharper than this."""
    return replace(two_ways(), group=np.array([0, 0, 1, 2]), group_scale=np.array([2.0, 9.0]))


def beside_a_dear_demand() -> ChoiceProblem:
    """Return a demand that pays 1e12 beside one of ten tonnes that has a choice between 1 and 2."""
    flow = FlowProblem.single_class(
        3, [0, 0, 0], [1, 2, 2], [1e4, 1.0, 2.0], [math.inf, 6.0, math.inf], [0, 0], [1, 2], [1e8, 10.0], [1e9, 9.0]
    )
    routes = PathSet.of(np.array([0, 1, 1]), [np.array([arc]) for arc in range(3)])
    return ChoiceProblem(flow, routes, np.array([0, 1, 2]), np.array([0.01, 2.0]), np.array([0.01, 2.0]))


def a_share_to_keep() -> ChoiceProblem:
    """Return two ways, of which the dear one must have at least a third."""
    flow = FlowProblem.single_class(2, [0, 0], [1, 1], [1, 2], [math.inf, math.inf], [0], [1], [10], [9.0])
    usage = np.array([[1 / 3, 1 / 3 - 1]])
    flow = replace(flow, usage=sparse.csr_array(usage), capacity=np.zeros(1))
    routes = PathSet.of(np.array([0, 0]), [np.array([0]), np.array([1])])
    return ChoiceProblem(flow, routes, np.array([0, 1]), np.array([3.0]), np.array([3.0]))


PROBLEMS: dict[str, Callable[[], ChoiceProblem]] = {
    "two ways": two_ways,
    "groups": three_levels,
    "waiting": lambda: two_ways(waits=True),
    "tiny": lambda: two_ways(scale=1e-9),
    "dear": beside_a_dear_demand,
    "share": a_share_to_keep,
}


@cache
def right(name: str) -> tuple[ChoiceProblem, ChoiceSolution]:
    problem = PROBLEMS[name]()
    return problem, solve(problem, gap=1e-12)


def flows(*change: float) -> Change:
    """Add tonnes to the routes."""
    return lambda problem, made: (problem, replace(made, route_flow=made.route_flow + np.array(change)))


def moved(share: float, *signs: float) -> Change:
    """Move a share of the first demand's tonnes from route to route."""

    def move(problem: ChoiceProblem, made: ChoiceSolution) -> tuple[ChoiceProblem, ChoiceSolution]:
        change = share * problem.flow.amount[problem.routes.demand[0]] * np.array(signs)
        return problem, replace(made, route_flow=made.route_flow + change)

    return move


def left(share: float, route: int) -> Change:
    """Leave a share of a demand that goes by a route."""

    def leave(problem: ChoiceProblem, made: ChoiceSolution) -> tuple[ChoiceProblem, ChoiceSolution]:
        demand = problem.routes.demand[route]
        flow, unserved = made.route_flow.copy(), made.unserved.copy()
        flow[route] -= share * problem.flow.amount[demand]
        unserved[demand] += share * problem.flow.amount[demand]
        return problem, replace(made, route_flow=flow, unserved=unserved)

    return leave


def prices(factor: float = 1.0, more: tuple[float, ...] | float = 0.0) -> Change:
    return lambda problem, made: (problem, replace(made, resource_price=made.resource_price * factor + np.array(more)))


def answered(**arrays: object) -> Change:
    return lambda problem, made: (problem, replace(made, **arrays))  # type: ignore[arg-type]


def asked(**arrays: object) -> Change:
    return lambda problem, made: (replace(problem, **arrays), made)  # type: ignore[arg-type]


def listed(*arcs: tuple[int, ...], owner: tuple[int, ...] = (0, 0, 0, 1, 1)) -> Change:
    paths = PathSet.of(np.array(owner), [np.array(one, dtype=np.int64) for one in arcs])
    return lambda problem, made: (replace(problem, routes=paths), made)


def of_flow(**arrays: object) -> Change:
    return lambda problem, made: (replace(problem, flow=replace(problem.flow, **arrays)), made)  # type: ignore[arg-type]


def delayed(**arrays: float) -> Change:
    """Change the figures of the delay after the answer was made."""

    def change(problem: ChoiceProblem, made: ChoiceSolution) -> tuple[ChoiceProblem, ChoiceSolution]:
        assert problem.delay is not None
        whole = {name: np.full(3, figure) for name, figure in arrays.items()}
        return replace(problem, delay=replace(problem.delay, **whole)), made

    return change


PLANTED: dict[str, tuple[str, Change, str]] = {
    "a flow too few": ("two ways", answered(route_flow=np.ones(4)), "route_flow has the shape"),
    "a remainder too many": ("two ways", answered(unserved=np.ones(3)), "unserved has the shape"),
    "a price too few": ("two ways", answered(resource_price=np.ones(2)), "resource_price has the shape"),
    "a flow that is no number": ("two ways", answered(route_flow=np.full(5, math.nan)), "not a finite number"),
    "an infinite price": ("two ways", answered(resource_price=np.full(3, math.inf)), "not a finite number"),
    "ways too few": ("two ways", asked(way=np.array([0, 0, 1, 2])), "list of ways has the shape"),
    "ways out of order": ("two ways", asked(way=np.array([1, 0, 1, 2, 3])), "not numbered from 0"),
    "ways with a gap": ("two ways", asked(way=np.array([0, 0, 1, 3, 4])), "not numbered from 0"),
    "a way of two demands": ("two ways", asked(way=np.array([0, 0, 1, 1, 2])), "has routes of two demands"),
    "a scale of nothing": ("two ways", asked(way_scale=np.array([0.0, 6])), "chooses among ways at the scale 0"),
    "an infinite scale": ("two ways", asked(route_scale=np.full(2, math.inf)), "not a finite number"),
    "ways sharper than routes": ("two ways", asked(route_scale=np.array([1.0, 12])), "at least as large"),
    "a route listed twice": ("two ways", listed((0,), (0,), (2,), (3,), (4,)), "Route 1 is route 0 once more"),
    "a route to elsewhere": ("two ways", listed((0,), (1,), (4,), (3,), (2,)), "does not start at the origin"),
    "a route of nothing": ("two ways", listed((0,), (1,), (), (3,), (4,)), "has no arcs"),
    "a route over an unknown arc": ("two ways", listed((0,), (1,), (7,), (3,), (4,)), "does not exist"),
    "a route of an unknown demand": (
        "two ways",
        listed((0,), (1,), (2,), (3,), (4,), owner=(0, 0, 0, 1, 2)),
        "does not exist",
    ),
    "a flow over a closed arc": (
        "two ways",
        of_flow(cost=np.array([[1, 2, math.inf, 0.5, 0.6]])),
        "closed to its class",
    ),
    "a tonne nowhere": ("two ways", flows(0, 0, -1, 0, 0), "misses its amount"),
    "a tonne too many": ("two ways", flows(0, 1, 0, 0, 0), "misses its amount"),
    "a millionth nowhere": ("two ways", flows(0, -1e-6, 0, 0, 0), "misses its amount"),
    "a tenth nowhere where mass is small": ("tiny", moved(0.1, 0, -1, 0, 0, 0), "misses its amount"),
    "a negative flow": ("two ways", flows(0, 0, 0, 7, -7), "less than nothing"),
    "a negative remainder": ("two ways", left(-0.5, 1), "beyond its amount"),
    "a negative price": ("two ways", prices(more=(0, -1, 0)), "price below zero"),
    "a little overdrawn": ("two ways", moved(1e-9, 1, -1, 0, 0, 0), "overdrawn"),
    "a little overdrawn where mass is small": ("tiny", moved(1e-9, 1, -1, 0, 0, 0), "overdrawn"),
    "overdrawn while waiting": ("waiting", flows(1, -1, 0, 0, 0), "overdrawn"),
    "a share that is not kept": ("share", moved(1e-6, 1, -1), "overdrawn"),
    "another split of a way": ("two ways", moved(0.1, -1, 1, 0, 0, 0), "relative gap is"),
    "another split of ways": ("two ways", moved(0.05, 0, -1, 1, 0, 0), "relative gap is"),
    "a split a thousandth apart": ("waiting", moved(2e-3, 0, -1, 1, 0, 0), "relative gap is"),
    "some left that would go": ("two ways", left(0.02, 1), "relative gap is"),
    "prices a little too low": ("two ways", prices(0.99), "relative gap is"),
    "prices a little too high": ("two ways", prices(1.01), "relative gap is"),
    "no prices": ("two ways", prices(0.0), "relative gap is"),
    "a price of what is not full": ("two ways", prices(more=(0, 0.1, 0)), "relative gap is"),
    "no price of a share": ("share", prices(0.0), "relative gap is"),
    "no waiting in the prices": ("waiting", prices(0.0), "relative gap is"),
    "no waiting in the problem": ("waiting", asked(delay=None), "relative gap is"),
    "twice the waiting": ("waiting", delayed(coefficient=2.0), "relative gap is"),
    "another power": ("waiting", delayed(power=1.0), "relative gap is"),
    "a power below one": ("waiting", delayed(power=0.5), "The delay of resource"),
    "a delay that falls": ("waiting", delayed(coefficient=-1.0), "The delay of resource"),
    "no straight part of a delay": ("waiting", delayed(linear_share=0.0), "The delay of resource"),
    "another sharpness": ("two ways", asked(way_scale=np.array([1.4, 6.0])), "relative gap is"),
    "other ways": ("two ways", asked(way=np.array([0, 1, 1, 2, 3])), "relative gap is"),
    "another split of a way in a group": ("groups", moved(0.1, -1, 1, 0, 0, 0), "relative gap is"),
    "another split of a group": ("groups", moved(0.05, 0, -1, 1, 0, 0), "relative gap is"),
    "some left that a group would take": ("groups", left(0.02, 1), "relative gap is"),
    "a little overdrawn by a group": ("groups", moved(1e-9, 1, -1, 0, 0, 0), "overdrawn"),
    "no prices with groups": ("groups", prices(0.0), "relative gap is"),
    "another sharpness within groups": ("groups", asked(group_scale=np.array([2.2, 9])), "relative gap is"),
    "another sharpness among groups": ("groups", asked(way_scale=np.array([1.4, 6.0])), "relative gap is"),
    "other groups": ("groups", asked(group=np.array([0, 1, 2, 3])), "relative gap is"),
    "no groups": ("groups", asked(group=None, group_scale=None), "relative gap is"),
    "groups without their scale": ("groups", asked(group_scale=None), "belong together"),
    "groups of other ways": ("groups", asked(group=np.array([0, 0, 1])), "list of groups has the shape"),
    "a group out of order": ("groups", asked(group=np.array([1, 0, 2, 3])), "Groups are not numbered"),
    "groups with a gap": ("groups", asked(group=np.array([0, 0, 2, 3])), "Groups are not numbered"),
    "groups that begin late": ("groups", asked(group=np.array([1, 1, 2, 3])), "Groups are not numbered"),
    "a group of two demands": ("groups", asked(group=np.array([0, 0, 0, 1])), "has ways of two demands"),
    "groups sharper than routes": ("groups", asked(group_scale=np.array([3.1, 9])), "not between that among these"),
    "groups less sharp than all": ("groups", asked(group_scale=np.array([1.4, 9])), "not between that among these"),
    "a scale within groups that is no number": ("groups", asked(group_scale=np.full(2, math.nan)), "not a finite"),
    "another penalty": ("two ways", of_flow(penalty=np.array([4.0, 2.0])), "relative gap is"),
    "a must that is left": ("two ways", of_flow(penalty=np.array([math.inf, 2.0])), "costs infinitely much"),
    "the cheap demand's other split": ("dear", flows(0, 1, -1), "is overdrawn"),
    "the cheap demand's dear way": ("dear", flows(0, -0.5, 0.5), "beside dearer ones"),
    "the cheap demand left": ("dear", left(0.05, 1), "beside dearer ones"),
    "a price of the cheap demand's too low": ("dear", prices(0.95), "beside dearer ones"),
    "a price of the cheap demand's too high": ("dear", prices(1.05), "beside dearer ones"),
}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("gap", [1e-6, 1e-12])
def test_right_answers_are_proved(name: str, gap: float) -> None:
    problem = PROBLEMS[name]()
    certificate = require(certify(problem, solve(problem, gap=gap)))
    assert abs(certificate.gap) <= certificate.widest_gap + 1e-6 <= 2e-6
    assert certificate.worst_share <= 1e-3
    assert not certificate.missing


@pytest.mark.parametrize(("name", "change", "reason"), PLANTED.values(), ids=PLANTED)
def test_a_planted_answer_is_refused_for_its_reason(name: str, change: Change, reason: str) -> None:
    problem, solution = right(name)
    assert certify(problem, solution).holds
    certificate = certify(*change(problem, solution))
    assert not certificate.holds
    assert any(reason in sentence for sentence in certificate.reasons), certificate.reasons
    with pytest.raises(CertificateError, match="not proved"):
        require(certificate)


def test_a_share_that_money_hardly_feels_is_looked_at_too() -> None:
    """Move a share of 2e-3 of a demand between two ways of one price: its loss is of the second order."""
    flow = FlowProblem.single_class(2, [0, 0], [1, 1], [1, 1], [math.inf, math.inf], [0], [1], [10], [9.0])
    routes = PathSet.of(np.array([0, 0]), [np.array([0]), np.array([1])])
    problem = ChoiceProblem(flow, routes, np.array([0, 1]), np.array([100.0]), np.array([100.0]))
    answer = solve(problem)
    certificate = certify(problem, replace(answer, route_flow=answer.route_flow + np.array([-0.02, 0.02])))
    assert max(certificate.gap, certificate.widest_gap) <= 1e-6
    assert certificate.worst_share == pytest.approx(2e-3, rel=1e-3)
    assert ["a share apart from its choice" in reason for reason in certificate.reasons] == [True]


def test_a_demand_whose_cheapest_route_is_not_listed_is_named_with_the_share_that_it_would_take() -> None:
    problem = two_ways()
    kept = np.array([True, True, False, True, False])
    fewer = replace(problem, routes=problem.routes.select(kept), way=np.array([0, 0, 1]))
    solution = solve(fewer)
    certificate = require(certify(fewer, solution))
    # the third way costs 3, its listed ones cost at least 2: only what is cheaper than all is necessary
    assert [one.demand for one in certificate.missing] == [1]
    (missing,) = certificate.missing
    assert missing.cost == pytest.approx(0.6)
    assert missing.listed == pytest.approx(0.5 + solution.resource_price[2])
    new, old = np.exp(-12 * np.array([missing.cost, missing.listed]))  # as one more route of the way that there is
    way, stays = math.sqrt(new + old), math.exp(-6 * 2.0)
    assert missing.share == pytest.approx(way / (way + stays) * new / (new + old))
    alone = np.exp(-6 * np.array([missing.cost, missing.listed, 2.0]))
    assert missing.share > alone[0] / alone.sum()


def test_a_demand_of_which_no_route_is_listed_misses_its_cheapest() -> None:
    problem = two_ways()
    fewer = replace(problem, routes=problem.routes.select(problem.routes.demand == 0), way=np.array([0, 0, 1]))
    certificate = require(certify(fewer, solve(fewer)))
    (missing,) = certificate.missing
    assert (missing.demand, missing.listed) == (1, math.inf)
    assert missing.cost == pytest.approx(0.5)
    assert 0.99 < missing.share < 1


@pytest.mark.parametrize("seed", range(20))
def test_a_list_of_all_routes_misses_none_and_a_shorter_one_is_known_by_its_cheapest(seed: int) -> None:
    problem = with_all_routes(random_network(seed), seed=seed)
    certificate = require(certify(problem, solve(problem)))
    assert certificate.missing == ()
    solution = solve(problem)
    asks = problem.flow.amount[problem.routes.demand] > 0
    priced = np.asarray(
        [
            problem.flow.cost[problem.flow.class_[k]][problem.routes.arcs_of(path)].sum()
            for path, k in enumerate(problem.routes.demand.tolist())
        ]
    )
    priced = priced + solution.as_flow(problem, "choice").path_use(problem.flow) @ solution.resource_price
    for demand in np.unique(problem.routes.demand[asks]).tolist():
        mine = np.flatnonzero(problem.routes.demand == demand)
        if mine.size < 2 or np.sort(priced[mine])[1] <= priced[mine].min() + 1e-6:
            continue
        kept = np.arange(problem.routes.size) != mine[priced[mine].argmin()]
        _, way = np.unique(problem.way[kept], return_inverse=True)
        fewer = replace(problem, routes=problem.routes.select(kept), way=way)
        answer = replace(solution, route_flow=solution.route_flow[kept])
        assert demand in [one.demand for one in certify(fewer, answer).missing]
