"""Choice on the embedded network, with its routes made from the linear optimum: limits, side rows and waiting."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from corridors import network, tables
from corridors.models import columns
from corridors.models.choice.certificate import certify, require
from corridors.models.choice.delay import Delay
from corridors.models.choice.generation import generate
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.choice.route_set import RouteSet
from corridors.models.choice.solver import solve
from corridors.models.problem import FlowProblem
from corridors.network.network import Network
from corridors.network.ways import marks
from corridors.planning import freight

pytestmark = pytest.mark.slow


@cache
def embedded() -> tuple[Network, freight.Freight, float, RouteSet]:
    net = network.build(tables.read())
    posed = freight.pose(net)
    linear = columns.solve(posed.problem, gap=1e-9)
    return net, posed, linear.bound, generate(posed.problem, marks(net), [linear.resource_price], linear.paths)


def choice(tau: float, problem: FlowProblem | None = None, delay: Delay | None = None) -> ChoiceProblem:
    _, posed, _, routes = embedded()
    some = np.isfinite(routes.cheapest) & (routes.cheapest > 0)
    scale = tau / np.where(some, routes.cheapest, 1.0)
    return ChoiceProblem(problem or posed.problem, routes.routes, routes.way, scale, 3 * scale, delay)


def test_sharp_choice_is_the_linear_plan() -> None:
    _, _, bound, _ = embedded()
    problem = choice(1e4)
    certificate = require(certify(problem, solve(problem)))
    assert certificate.primal_objective == pytest.approx(bound, rel=1e-5)


@pytest.mark.parametrize("tau", [5.0, 20.0, 50.0, 200.0])
@pytest.mark.parametrize("marginal", [False, True])
def test_waiting_takes_at_most_twelve_steps(tau: float, marginal: bool) -> None:
    _, posed, _, _ = embedded()
    most = np.asarray(posed.problem.usage.max(axis=1).todense()).ravel()
    count = posed.problem.resource_count
    delay = Delay(0.5 / np.where(most > 0, most, 1.0), np.full(count, 4.0), np.full(count, 0.02))
    problem = choice(tau, delay=delay.marginal() if marginal else delay)
    solution = solve(problem)
    require(certify(problem, solution))
    assert solution.iterations <= 12


@pytest.mark.parametrize("tau", [5.0, 50.0])
def test_a_least_share_through_a_port_holds_under_choice(tau: float) -> None:
    _, posed, _, _ = embedded()
    free = solve(choice(tau))
    carried = posed.problem.amount.sum() - free.unserved.sum()
    row = freight.with_minimum_share(posed, "AKTAU", 0.0).problem.usage[-1]  # minus one on each change of mode there
    before = free.as_flow(choice(tau), "choice").arc_flow(posed.problem).ravel()
    share = float(-(row @ before) / carried) * 1.05
    assert share > 0
    bound = freight.with_minimum_share(posed, "AKTAU", share).problem
    problem = choice(tau, bound)
    solution = solve(problem)
    certificate = require(certify(problem, solution))
    assert solution.resource_price[-1] > 0
    assert certificate.worst_capacity_residual <= 2.0**-40


@pytest.mark.parametrize("tau", [5.0, 50.0])
def test_a_budget_of_emissions_holds_under_choice(tau: float) -> None:
    _, posed, _, _ = embedded()
    free = solve(choice(tau))
    row = freight.with_co2_budget(posed, 0.0).problem.usage[-1]
    emitted = float(row @ free.as_flow(choice(tau), "choice").arc_flow(posed.problem).ravel())
    bound = freight.with_co2_budget(posed, 0.95 * emitted).problem
    problem = choice(tau, bound)
    solution = solve(problem)
    require(certify(problem, solution))
    assert solution.resource_price[-1] > 0
    assert solution.iterations <= 30
