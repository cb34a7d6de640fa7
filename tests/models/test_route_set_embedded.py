"""The routes of the embedded network: closed at their prices, and enough of them that more change little."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benched import of

from corridors.models.choice.generation import RouteSettings, generate
from corridors.models.shortest import distances

routes = of("routes")
PAGE = Path(__file__).parents[2] / "docs" / "math" / "route-sets.md"
LITTLE = 1.5  # per cent: the page may not promise less than this


@pytest.fixture(scope="module")
def case() -> Any:
    return routes.Case()


@pytest.fixture(scope="module")
def listed(case: Any) -> Any:
    return case.routes()


@pytest.mark.slow
def test_more_routes_move_corridors_by_little_and_no_more_than_the_page_says(case: Any, listed: Any) -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = re.findall(r"^\| (\d+) \| at most ([\d.]+)% \| at most ([\d.]+)% \|$", page, re.MULTILINE)
    assert [tau for tau, *_ in told] == ["20", "50"]
    grown = case.routes(routes.GROWN)
    assert grown.size >= 1.6 * listed.size
    kind = np.array([name[0] for name in case.corridors.names])
    for tau, *limits in told:
        before, after = (case.loads(case.closed(some, float(tau), 1e-9)) for some in (listed, grown))
        for mark, limit in zip("RH", limits, strict=True):
            of_mark = np.flatnonzero(kind == mark)
            assert of_mark.size == 6
            assert 100 * np.abs(after[of_mark] / before[of_mark] - 1).max() <= float(limit) <= LITTLE, (tau, mark)


@pytest.mark.slow
@pytest.mark.parametrize("tau", [20.0, 50.0])
def test_no_demand_lacks_its_cheapest_route_at_the_prices(case: Any, listed: Any, tau: float) -> None:
    done = case.closed(listed, tau)
    problem, price = case.problem, done.solution.resource_price
    paths, least = done.routes.routes, np.full(case.problem.demand_count, np.inf)
    for class_ in range(problem.class_count):
        cost = problem.cost[class_] + problem.usage_of(class_).T @ price
        mine = np.flatnonzero(problem.class_ == class_)
        origins, row = np.unique(problem.origin[mine], return_inverse=True)
        least[mine] = distances(problem, class_, cost, origins)[row, problem.destination[mine]]
    known = np.full(problem.demand_count, np.inf)
    for route in range(paths.size):
        demand, arcs = int(paths.demand[route]), paths.arcs_of(route)
        class_ = int(problem.class_[demand])
        paid = problem.cost[class_, arcs].sum() + (problem.usage_of(class_)[:, arcs].T @ price).sum()
        known[demand] = min(known[demand], paid)
    assert done.missing == 0
    assert np.allclose(known, least, rtol=1e-8)


@pytest.mark.slow
def test_the_linear_optimum_is_listed_and_routes_do_not_depend_on_amounts(case: Any) -> None:
    some = RouteSettings(draws=1)
    kept = case.routes(some)
    have = {(d, tuple(kept.routes.arcs_of(n).tolist())) for n, d in enumerate(kept.routes.demand.tolist())}
    optimum = case.optimum.paths
    assert all((d, tuple(optimum.arcs_of(n).tolist())) in have for n, d in enumerate(optimum.demand.tolist()))
    other = replace(case.problem, amount=case.problem.amount * 2, penalty=case.problem.penalty + 5)
    again = generate(other, case.marks, [case.optimum.resource_price], optimum, some)
    assert kept.fits(other)
    assert np.array_equal(kept.routes.arc, again.routes.arc)
    assert np.array_equal(kept.way, again.way)
