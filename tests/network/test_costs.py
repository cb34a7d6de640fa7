"""What a tonne pays, by hand, on the small data package; each conversion of units has its own test."""

from pathlib import Path

import numpy as np
import pytest
from small import append, edit

from corridors import network, tables
from corridors.errors import DataError
from corridors.network import costs
from corridors.network.costs import Costs
from corridors.network.network import Network
from corridors.planning.freight import pose
from corridors.text.choices import OBJECTIVES


def priced(folder: Path) -> tuple[Network, Costs]:
    net = network.build(tables.read(folder))
    return net, costs.price(net)


def on(net: Network, made: Costs, values: np.ndarray, commodity: str, link: str) -> float:
    arc = next(number for number, one in enumerate(net.arcs) if one.id == link)
    return float(values[made.commodities.index(commodity), arc])


def test_a_container_pays_the_tariff_of_its_country_per_teu(folder: Path) -> None:
    net, made = priced(folder)
    assert on(net, made, made.usd, "container_high", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 0.4 / 9)
    assert on(net, made, made.usd, "container_high", "rail:DRYPASS-MIDTOWN") == pytest.approx(1350 * 0.5 / 9)


def test_other_freight_pays_the_mode_s_rate_per_tkm(folder: Path) -> None:
    net, made = priced(folder)
    assert on(net, made, made.usd, "grain", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 0.02)


def test_a_tariff_for_every_cargo_of_a_country_counts_before_the_mode_s_rate(folder: Path) -> None:
    append(folder, "tariffs", tariff="t", mode="rail", cargo="*", country="AAA", usd_per_km="0.03", per="t")
    net, made = priced(folder)
    assert on(net, made, made.usd, "grain", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 0.03)
    assert on(net, made, made.usd, "container_high", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 0.4 / 9)


def test_a_tariff_for_one_commodity_goes_before_that_of_its_group_wherever_they_hold(folder: Path) -> None:
    append(folder, "tariffs", tariff="b", mode="rail", cargo="bulk", country="AAA", usd_per_km="0.03", per="t")
    append(folder, "tariffs", tariff="g", mode="rail", cargo="bulk", commodity="grain", usd_per_km="0.008", per="t")
    net, made = priced(folder)
    assert on(net, made, made.usd, "grain", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 0.008)
    assert on(net, made, made.usd, "container_high", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 0.4 / 9)


def test_a_due_on_a_link_is_paid_on_top(folder: Path) -> None:
    net, made = priced(folder)
    assert on(net, made, made.usd, "grain", "deep_sea:HARBOUR-LANDING") == pytest.approx(20500 * 0.002 + 8)


def test_a_terminal_charges_per_teu_or_per_tonne(folder: Path) -> None:
    net, made = priced(folder)
    arc = next(n for n, one in enumerate(net.arcs) if one.id == "gauge:EASTGATE:container")
    assert made.usd[made.commodities.index("container_high"), arc] == pytest.approx(60 / 9)


def test_emissions_are_grams_per_tkm_made_kg_and_follow_the_country(folder: Path) -> None:
    net, made = priced(folder)
    assert on(net, made, made.kgco2e, "grain", "rail:HARBOUR-EASTGATE") == pytest.approx(4100 * 20 / 1000)
    assert on(net, made, made.kgco2e, "grain", "rail:MIDTOWN-LANDING") == pytest.approx(4900 * 9 / 1000)


def test_generalised_cost_is_money_time_and_carbon(folder: Path) -> None:
    _, made = priced(folder)
    row, arc = made.commodities.index("container_high"), 0
    expected = made.usd[row, arc] + 10 * made.hours[arc] / 24 + 50 * made.kgco2e[row, arc] / 1000
    assert made.generalised(50)[row, arc] == pytest.approx(expected)


def test_a_commodity_goes_only_by_its_modes(folder: Path) -> None:
    net, made = priced(folder)
    assert on(net, made, made.allowed, "grain", "rail:DRYPASS-MIDTOWN") == 1
    assert on(net, made, made.allowed, "grain", "road:DRYPASS-MIDTOWN") == 0


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_gives_costs_that_are_not_negative(folder: Path, objective: str) -> None:
    _, made = priced(folder)
    assert (made.objective(objective, 10.0) >= 0).all()


def test_an_unknown_objective_is_named(folder: Path) -> None:
    _, made = priced(folder)
    with pytest.raises(DataError, match="no objective 'speed': choose one of generalised, cost, time, emissions"):
        made.objective("speed")


def test_the_posed_problem_takes_units_of_a_resource_by_tonne(folder: Path) -> None:
    net = network.build(tables.read(folder))
    freight = pose(net)
    names = freight.problem.resource_names
    arc = next(n for n, one in enumerate(net.arcs) if one.id == "rail:HARBOUR-EASTGATE")
    high = freight.problem.class_names.index("container_high")
    usage = freight.problem.usage_of(high).toarray()
    assert usage[names.index("rail:HARBOUR-EASTGATE"), arc] == pytest.approx(1 / 1_000_000)
    crane = next(n for n, one in enumerate(net.arcs) if one.id == "tranship:HARBOUR")
    assert usage[names.index("tranship:HARBOUR"), crane] == pytest.approx(1 / 9)


def test_shippers_that_avoid_a_country_are_a_class_that_may_not_cross_it(folder: Path) -> None:
    freight = pose(network.build(tables.read(folder)))
    wary = freight.problem.class_names.index("container_high-avoiding-DDD")
    arc = next(n for n, one in enumerate(freight.network.arcs) if one.id == "rail:MIDTOWN-LANDING")
    assert np.isinf(freight.problem.cost[wary, arc])
    assert np.isfinite(freight.problem.cost[freight.problem.class_names.index("container_high"), arc])


def test_where_no_reservation_price_exists_leaving_is_dearer_than_any_best_way(folder: Path) -> None:
    freight = pose(network.build(tables.read(folder)), "time")
    assert (freight.problem.penalty == freight.problem.penalty[0]).all()
    assert freight.problem.penalty[0] > 35 * 24


def test_a_year_before_all_demand_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="the earliest demand is of 2024, and the year asked for is 2000"):
        pose(network.build(tables.read(folder), year=2000))


def test_a_demand_that_begins_later_is_posed_from_then_on_beside_the_others(folder: Path) -> None:
    edit(folder, "demand", 4, year="2030")
    assert pose(network.build(tables.read(folder), year=2029)).problem.demand_count == 3
    assert pose(network.build(tables.read(folder), year=2030)).problem.demand_count == 4


def test_a_demand_at_a_place_that_nothing_serves_is_named(folder: Path) -> None:
    append(folder, "nodes", node="FARM", name_en="Farm", country="BBB", lat="50", lon="70", kind="city")
    edit(folder, "demand", 4, origin="FARM")
    with pytest.raises(DataError, match="'FARM'"):
        pose(network.build(tables.read(folder)))


def test_a_unit_without_a_load_is_named(folder: Path) -> None:
    edit(folder, "loads", 4, commodity="container_high")
    with pytest.raises(DataError, match="lorries_day"):
        pose(network.build(tables.read(folder)))
