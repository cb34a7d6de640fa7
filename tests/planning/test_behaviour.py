"""How shippers behave: scales, reservation prices, waits and their values, from tables and a posed problem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from corridors import network, tables
from corridors.errors import DataError, ProblemError
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.paths import PathSet
from corridors.models.shortest import path_to, trees
from corridors.planning.behaviour import BaseCosts, Behaviour, base_costs, behaviour, cheapest_costs, of_base
from corridors.planning.freight import Freight, pose, with_co2_budget
from corridors.planning.waiting import cheapest_loads, own_value_terms, waiting
from corridors.tables.loads import Measure

STEP = 1e-6  # of a finite difference


@dataclass(frozen=True)
class Settings:
    """What of a plan's settings says how shippers behave."""

    tau: float | None = None
    assign: str = "none"


USUAL = Settings()
EQUILIBRIUM = Settings(assign="equilibrium")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small data package without provenance, so that its figures may be changed."""
    folder = small.small_dataset(tmp_path / "package")
    (folder / "provenance.csv").unlink()
    return folder


def posed(folder: Path, objective: str = "generalised") -> Freight:
    """Pose the freight of a data package."""
    return pose(network.build(tables.read(folder)), objective)


@pytest.fixture
def freight(folder: Path) -> Freight:
    """Return the freight of the small data package."""
    return posed(folder)


def listed(freight: Freight) -> tuple[PathSet, IntArray]:
    """List up to four routes of each demand, each cheapest where the arcs before cost more, and two to a way."""
    problem = freight.problem
    demands, paths, ways = [], [], []
    for demand in range(problem.demand_count):
        class_, start = int(problem.class_[demand]), int(problem.origin[demand])
        cost, found = problem.cost[class_].copy(), []
        for _ in range(12):
            _, last = trees(problem, class_, cost, problem.origin[demand : demand + 1])
            arcs = path_to(problem, last[0], start, int(problem.destination[demand]))
            cost[arcs] *= 2
            if tuple(arcs) not in found and len(found) < 4:
                found.append(tuple(arcs.tolist()))
        for number, arcs in enumerate(found):
            demands.append(demand)
            paths.append(np.array(arcs))
            ways.append((demand, number // 2))
    way = np.unique(np.array(ways), axis=0, return_inverse=True)[1].ravel()
    return PathSet.of(np.array(demands), paths), way


def carried(freight: Freight, behaves: Behaviour, listing: tuple[PathSet, IntArray], factor: float) -> FloatArray:
    """Return what the demands carry if every route costs so many times as much, by the nested logit's own formula."""
    routes, way = listing
    problem = freight.problem
    found = np.zeros(problem.demand_count)
    for demand in range(problem.demand_count):
        one, two = behaves.way_scale[demand], behaves.route_scale[demand]
        prices = []
        for nest in np.unique(way[routes.demand == demand]):
            members = np.flatnonzero(way == nest)
            cost = np.array([problem.cost[problem.class_[demand], routes.arcs_of(p)].sum() for p in members])
            prices.append(-np.log(np.exp(-two * factor * cost).sum()) / two)
        weight = np.exp(-one * np.array(prices)).sum()
        found[demand] = behaves.amount[demand] * weight / (weight + np.exp(-one * behaves.penalty[demand]))
    return found


def test_a_way_that_is_dearer_by_one_per_cent_has_odds_lower_by_tau_per_cent(freight: Freight) -> None:
    cheapest = cheapest_costs(freight.problem)
    behaves = behaviour(freight, cheapest, USUAL)
    tau = {"container_high": 20, "grain": 15, "general": 10}
    expected = [tau[commodity] for commodity in freight.demand["commodity"]]
    assert_allclose(behaves.way_scale * cheapest, expected)
    nesting = {"container_high": 3, "grain": 2, "general": 1}
    assert_allclose(behaves.route_scale / behaves.way_scale, [nesting[one] for one in freight.demand["commodity"]])
    assert behaves.waits is None
    assert behaves.delay is None


def test_the_row_of_a_commodity_goes_before_that_of_its_group(folder: Path) -> None:
    small.append(folder, "choice", cargo="*", commodity="grain", tau="7", nesting="1")
    freight = posed(folder)
    cheapest = cheapest_costs(freight.problem)
    tau = behaviour(freight, cheapest, USUAL).way_scale * cheapest
    assert_allclose(tau[(freight.demand["commodity"] == "grain").to_numpy()], 7)


def test_one_tau_may_be_given_for_all(freight: Freight) -> None:
    cheapest = cheapest_costs(freight.problem)
    assert_allclose(behaviour(freight, cheapest, Settings(tau=50)).way_scale * cheapest, 50)


def test_a_demand_without_a_way_or_cost_has_a_sound_scale(freight: Freight) -> None:
    cheapest = cheapest_costs(freight.problem)
    cheapest[0], cheapest[1] = np.inf, 0
    behaves = behaviour(freight, cheapest, USUAL)
    for one in (behaves.way_scale, behaves.route_scale):
        assert (np.isfinite(one) & (one > 0)).all()


def test_a_given_elasticity_comes_out_and_the_base_carries_what_the_demand_counts(freight: Freight) -> None:
    listing, cheapest = listed(freight), cheapest_costs(freight.problem)
    base = base_costs(freight.problem, *listing, behaviour(freight, cheapest, USUAL), cheapest)
    behaves = behaviour(freight, cheapest, USUAL, base)
    grain = (freight.demand["commodity"] == "grain").to_numpy()
    assert_allclose(behaves.elasticity[grain], -0.1)
    now = carried(freight, behaves, listing, 1)
    assert_allclose(now[grain], freight.problem.amount[grain])
    more, less = (carried(freight, behaves, listing, 1 + sign * STEP) for sign in (1, -1))
    assert_allclose(((more - less) / (2 * STEP * now))[grain], -0.1, rtol=1e-6)


def test_without_an_elasticity_reservation_prices_hold_and_imply_one(folder: Path) -> None:
    choice = [row | {"elasticity": "", "tau": "3"} for row in small.read_rows(folder, "choice")]
    small.write_table(folder, "choice", choice)
    freight = posed(folder)
    listing, cheapest = listed(freight), cheapest_costs(freight.problem)
    base = base_costs(freight.problem, *listing, behaviour(freight, cheapest, USUAL), cheapest)
    behaves = behaviour(freight, cheapest, USUAL, base)
    assert_allclose(behaves.penalty, freight.problem.penalty)
    assert_allclose(behaves.amount, freight.problem.amount)
    now = carried(freight, behaves, listing, 1)
    more, less = (carried(freight, behaves, listing, 1 + sign * STEP) for sign in (1, -1))
    implied = (more - less) / (2 * STEP * now)
    assert implied.min() < -0.1
    assert_allclose(behaves.elasticity, implied, rtol=1e-5, atol=1e-8)


def test_the_log_sum_of_one_route_is_its_cost(freight: Freight) -> None:
    problem = freight.problem
    routes, _ = listed(freight)
    first = np.unique(routes.demand, return_index=True)[1]
    alone = PathSet.of(routes.demand[first], [routes.arcs_of(path) for path in first])
    cheapest = cheapest_costs(problem)
    base = base_costs(problem, alone, np.arange(alone.size), behaviour(freight, cheapest, USUAL), cheapest)
    assert_allclose(base.log_sum, cheapest)
    assert_allclose(base.mean, cheapest)


def test_where_no_route_is_listed_the_cheapest_way_counts(freight: Freight) -> None:
    cheapest = cheapest_costs(freight.problem)
    behaves = behaviour(freight, cheapest, USUAL)
    nothing = PathSet.of(np.empty(0, dtype=np.int64), [])
    base = base_costs(freight.problem, nothing, np.empty(0, dtype=np.int64), behaves, cheapest)
    assert_allclose(base.log_sum, cheapest)


def test_an_elasticity_too_large_for_tau_is_refused(freight: Freight) -> None:
    cheapest = cheapest_costs(freight.problem)
    with pytest.raises(DataError, match=r"elasticity of -0\.1, which grain has, .* where tau is 0\.15"):
        behaviour(freight, cheapest, Settings(tau=0.15))


def test_a_scenario_keeps_what_the_base_knows_and_has_its_own_for_new_demands(folder: Path) -> None:
    base = posed(folder)
    small.add_demand(folder, "new", "MIDTOWN-HARBOUR", "grain", 10, 300)
    freight = posed(folder)
    costs = cheapest_costs(base.problem)
    found = of_base(base, 2 * costs, freight, cheapest_costs(freight.problem))
    old = [name != "new" for name in freight.problem.demand_names]
    assert_allclose(np.sort(found[old]), np.sort(2 * costs))
    assert_allclose(found[np.logical_not(old)], cheapest_costs(freight.problem)[np.logical_not(old)])


@pytest.mark.parametrize(("table", "terms"), [("choice", USUAL), ("delays", EQUILIBRIUM)])
def test_a_missing_table_is_named_with_what_to_add(folder: Path, table: str, terms: Settings) -> None:
    (folder / f"{table}.csv").unlink()
    freight = posed(folder)
    with pytest.raises(DataError, match=rf"^{table}\.csv: the data package has no such table.*: add them$"):
        behaviour(freight, cheapest_costs(freight.problem), terms)


def test_waits_are_those_of_the_most_specific_row(freight: Freight) -> None:
    waits = waiting(freight, "equilibrium")
    hours = {one.resource: hours for one, hours in zip(freight.resources, waits.hours, strict=True)}
    assert hours["rail:HARBOUR-EASTGATE"] == pytest.approx(0.5 * 4100 / 50)
    assert hours["road:MIDTOWN-LANDING"] == pytest.approx(0.15 * 4800 / 50)
    assert hours["gauge:EASTGATE"] == 30
    assert hours["gauge:EASTGATE:container"] == 12
    assert hours["border:DRYPASS"] == 12
    assert hours["tranship:LANDING"] == 0
    assert waits.linear_share[[one.resource for one in freight.resources].index("gauge:EASTGATE")] == 0.05


def test_a_pool_waits_by_the_mean_of_what_takes_it(freight: Freight) -> None:
    waits = waiting(freight, "equilibrium")
    pool = [one.resource for one in freight.resources].index("pool:pass")
    arcs = freight.network.resource_arcs[pool]
    assert waits.hours[pool] == pytest.approx(0.5 * freight.network.arcs.hours[arcs].mean())


def test_two_rows_that_fit_one_limit_equally_well_are_named(folder: Path) -> None:
    rows = small.read_rows(folder, "delays")
    other = rows[0] | {"delay": "trains", "kind": "*", "capacity_unit": "train_pairs_day"}
    small.write_table(folder, "delays", [*rows, other])
    with pytest.raises(DataError, match=r"rows 'line' and 'trains' fit .* equally well"):
        waiting(posed(folder), "equilibrium")


def test_added_bounds_make_nobody_wait(freight: Freight) -> None:
    bounded = with_co2_budget(freight, 1e9)
    waits = waiting(bounded, "equilibrium")
    assert waits.hours.size == freight.problem.resource_count + 1
    assert waits.hours[-1] == 0
    assert waits.value_of_hour[-1] == 0


def test_each_class_pays_its_own_value_of_the_wait(freight: Freight) -> None:
    waits = waiting(freight, "equilibrium")
    problem = freight.problem
    now = 0.7 * waits.hours
    paid = (problem.usage.T @ (now * waits.value_of_hour)).reshape(problem.cost.shape)
    takes = problem.usage.copy()
    takes.data = np.ones_like(takes.data)
    waited = (takes.T @ now).reshape(problem.cost.shape)
    own = freight.costs.usd_per_t_day[freight.commodity][:, None] / 24
    assert (waited > 0).any()
    assert_allclose(paid + own_value_terms(freight, waits, now), own * waited, atol=1e-12)


def test_an_optimum_counts_the_mean_of_the_tonnes_that_pass(freight: Freight) -> None:
    flow = np.zeros(freight.problem.cost.shape)
    waits = waiting(freight, "optimum", flow)
    line = [one.resource for one in freight.resources].index("rail:MIDTOWN-LANDING")
    arc = int(freight.network.resource_arcs[line][0])
    classes = [
        number for number in range(freight.problem.class_count) if np.isfinite(freight.problem.cost[number, arc])
    ]
    flow[classes, arc] = np.arange(1, len(classes) + 1)
    found = waiting(freight, "optimum", flow)
    own = found.own_value[classes]
    units = np.array([freight.units_per_t[one, Measure("train_pairs_day")] for one in classes])
    weight = flow[classes, arc]
    assert len(set(own)) > 1
    assert found.value_of_hour[line] == pytest.approx((weight @ own) / (weight @ units))
    assert waits.value_of_hour[line] > 0  # where nothing goes, the mean of what may


def test_the_optimum_s_delay_is_what_one_unit_more_costs_all(freight: Freight) -> None:
    behaves = behaviour(freight, cheapest_costs(freight.problem), Settings(assign="optimum"))
    assert behaves.waits is not None
    assert behaves.delay is not None
    one, all_, use = behaves.waits.delay, behaves.delay, 0.6
    expected = one.coefficient * (
        (1 - one.linear_share) * (one.power + 1) * use**one.power + 2 * one.linear_share * use
    )
    found = all_.coefficient * ((1 - all_.linear_share) * use**all_.power + all_.linear_share * use)
    assert_allclose(found, expected)


def test_the_wait_grows_from_nothing_to_that_of_full_use(freight: Freight) -> None:
    waits, capacity = waiting(freight, "equilibrium"), freight.problem.capacity
    steps = [waits.hours_at(share * capacity, capacity) for share in (0, 0.25, 0.5, 0.75, 1, 1 + 1e-9)]
    assert (steps[0] == 0).all()
    assert all((more >= less).all() for less, more in pairwise(steps))
    assert_allclose(steps[4], waits.hours)
    assert_allclose(steps[5], waits.hours)


def test_a_limit_of_nothing_makes_nobody_wait(folder: Path) -> None:
    small.edit(folder, "links", 10, capacity="0")
    freight = posed(folder)
    waits = waiting(freight, "equilibrium")
    road = [one.resource for one in freight.resources].index("road:MIDTOWN-LANDING")
    assert waits.hours[road] == 0
    assert np.isfinite(waits.hours_at(np.zeros(waits.hours.size), freight.problem.capacity)).all()


def test_hours_are_hours_where_time_is_minimised(folder: Path) -> None:
    freight = posed(folder, "time")
    assert_allclose(waiting(freight, "equilibrium").own_value, 1)


@pytest.mark.parametrize("objective", ["cost", "emissions"])
def test_congestion_is_refused_where_hours_do_not_count(folder: Path, objective: str) -> None:
    freight = posed(folder, objective)
    cheapest = cheapest_costs(freight.problem)
    assert_allclose(behaviour(freight, cheapest, Settings(tau=9)).way_scale * cheapest, 9)
    with pytest.raises(
        DataError, match=f"waiting costs nothing under the objective '{objective}'.*generalised or time"
    ):
        behaviour(freight, cheapest, EQUILIBRIUM)


def test_the_order_of_rows_decides_nothing(folder: Path) -> None:
    freight = posed(folder)
    found = behaviour(freight, cheapest_costs(freight.problem), EQUILIBRIUM)
    for name in ("choice", "delays"):
        small.write_table(folder, name, small.read_rows(folder, name)[::-1])
    other = posed(folder)
    again = behaviour(other, cheapest_costs(other.problem), EQUILIBRIUM)
    assert found.delay is not None
    assert again.delay is not None
    assert (again.way_scale == found.way_scale).all()
    assert (again.delay.coefficient == found.delay.coefficient).all()


def test_loads_are_those_of_every_demand_on_its_cheapest_way(freight: Freight) -> None:
    problem = freight.problem
    loads = cheapest_loads(problem)
    used = loads > 0
    assert loads[used] @ problem.cost[used] == pytest.approx(problem.amount @ cheapest_costs(problem))


class Shared:
    """The freight of the small data package for many draws; hypothesis prints the whole of what has no short name."""

    def __init__(self, freight: Freight) -> None:
        self.freight = freight


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Return the freight of the small data package for many draws."""
    return Shared(posed(small.small_dataset(tmp_path_factory.mktemp("shared") / "package")))


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1), spread=st.floats(0, 4), full=st.floats(0, 1))
def test_no_arc_costs_less_than_nothing_whoever_values_time_how(
    shared: Shared, seed: int, spread: float, full: float
) -> None:
    random = np.random.default_rng(seed)
    problem, costs = shared.freight.problem, shared.freight.costs
    days = np.exp(spread * random.standard_normal(costs.usd_per_t_day.size))
    money = np.where(random.random(problem.cost.shape) < 0.3, 0, problem.cost * random.random(problem.cost.shape))
    cost = np.where(np.isfinite(problem.cost), money, np.inf)
    drawn = replace(shared.freight, costs=replace(costs, usd_per_t_day=days), problem=replace(problem, cost=cost))
    waits = waiting(drawn, "equilibrium")
    terms = own_value_terms(drawn, waits, full * random.random(waits.hours.size) * waits.hours)
    open_ = np.isfinite(cost)
    assert (cost[open_] + terms[open_] >= 0).all()
    assert (waits.value_of_hour <= waiting(drawn, "optimum").value_of_hour * (1 + 1e-12)).all()


def test_values_that_would_pay_a_class_for_waiting_are_refused(shared: Shared) -> None:
    waits = waiting(shared.freight, "equilibrium")
    with pytest.raises(ProblemError, match="cost less than 0"):
        own_value_terms(shared.freight, replace(waits, value_of_hour=1e6 * waits.value_of_hour), waits.hours)


def test_costs_of_a_base_may_be_given_apart(freight: Freight) -> None:
    cheapest = cheapest_costs(freight.problem)
    dearer = behaviour(freight, cheapest, USUAL, BaseCosts(1.2 * cheapest, 1.2 * cheapest))
    usual = behaviour(freight, cheapest, USUAL)
    grain = (freight.demand["commodity"] == "grain").to_numpy()
    assert (dearer.penalty[grain] > usual.penalty[grain]).all()
    assert_allclose(dearer.elasticity[grain], -0.1)
