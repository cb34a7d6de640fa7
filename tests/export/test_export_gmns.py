"""A plan as a GMNS network: its flows, its kilometres and its optimum, found by what knows nothing of freight."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
from commands import run
from exported import HOURS_A_YEAR, T_PER_KT, Case, close, planned, table
from scipy import sparse
from small import edit

from corridors import export
from corridors.export import route_arcs
from corridors.models.certificate import certify
from corridors.models.methods import solve
from corridors.models.problem import FlowProblem


def test_the_arcs_behind_the_routes_add_up_to_the_plans_moves_and_handlings(case: Case) -> None:
    found = route_arcs.Trails(case.network)
    moved: dict[tuple[str, ...], float] = {}
    for freight, kt in route_arcs.flows(case.plan, found).items():
        assert found.allowed(freight)[kt > 0].all()
        for number in np.flatnonzero(kt):
            arc = case.network.arcs[number]
            key = (arc.kind, arc.id, case.network.place(arc.tail), freight.commodity)
            moved[key] = moved.get(key, 0) + kt[number]
    said = {("move", row.link, row.from_node, row.commodity): row.kt for row in case.plan.flows.itertuples()}
    said |= case.plan.handlings.groupby(["kind", "terminal", "node", "commodity"])["kt"].sum().to_dict()
    assert moved == pytest.approx(said, rel=1e-9)


def test_gmns_refers_to_what_is_there_and_keeps_its_required_fields(gmns: Path) -> None:
    nodes, links, shapes = (table(gmns, name) for name in ("node", "link", "geometry"))
    zones, uses, demand, config = (table(gmns, name) for name in ("zone", "use_definition", "demand", "config"))
    for frame, key in (
        (nodes, "node_id"),
        (links, "link_id"),
        (shapes, "geometry_id"),
        (zones, "zone_id"),
        (uses, "use"),
    ):
        assert frame[key].is_unique
    assert {*links["from_node_id"], *links["to_node_id"]} == {*nodes["node_id"]}
    assert {*links["geometry_id"].dropna()} <= {*shapes["geometry_id"]}
    assert {*nodes["zone_id"].dropna()} == {*zones["zone_id"]} == {*demand["o_zone_id"], *demand["d_zone_id"]}
    assert {*links["allowed_uses"]} <= {*uses["use"]}
    assert links["directed"].all()
    assert (len(config), config["crs"][0], config["long_length"][0]) == (1, "EPSG:4326", "km")
    assert geopandas.GeoSeries.from_wkt(shapes["geometry"]).is_valid.all()
    close(links["length"] / links["free_speed"], links["hours"])


def test_gmns_has_the_plans_flows_and_kilometres(case: Case, gmns: Path) -> None:
    links = table(gmns, "link")
    moves = links[links["kind"] == "move"]
    close(moves["kt"].sum(), case.plan.flows["kt"].sum())
    close((moves["kt"] * moves["length"]).sum() * T_PER_KT, case.plan.summary["t_km"])
    close(links[links["kind"] != "move"]["kt"].sum(), case.plan.handlings["kt"].sum())
    assert links[links["kind"] != "move"]["length"].max() <= 0.001
    close(table(gmns, "demand")["kt"].sum(), case.plan.summary["kt_served"])
    close(links["volume"] * HOURS_A_YEAR / T_PER_KT, links["kt"])


def test_a_link_that_is_shut_stays_shut_though_nobody_would_pay_for_it(case: Case, gmns: Path) -> None:
    shut = case.plan.bottlenecks.set_index("resource").loc["road:DRYPASS-MIDTOWN:shut"]
    assert tuple(shut[["capacity", "shadow_price_high"]]) == (0, 0)
    rows = set(table(gmns, "link")["row"])
    assert "road:DRYPASS-MIDTOWN:shut" not in rows
    assert "road:DRYPASS-MIDTOWN" in rows


def left_cost(case: Case) -> float:
    """Return what the objective pays for freight that is left."""
    price = case.network.dataset["demand"].set_index("demand")["reservation_usd_per_t"]
    return sum(row.kt * T_PER_KT * price[row.demand] for row in case.plan.unserved.itertuples())


def test_the_optimum_of_the_exported_network_is_the_plan(case: Case, gmns: Path) -> None:
    """With each class's tolls and worth of time, solved by what knows nothing of freight."""
    assert case.plan.summary["kt_unserved"] > 0
    nodes, links, demand = (table(gmns, name) for name in ("node", "link", "demand"))
    worth = links["allowed_uses"].map(table(gmns, "use_definition").set_index("use")["usd_per_t_hour"])
    assert links["capacity"].notna().any(), "something is full and shared out"
    number = {node: place for place, node in enumerate(nodes["node_id"])}
    node_of = nodes.dropna(subset="zone_id").set_index("zone_id")["node_id"]
    limited = np.flatnonzero(links["capacity"].notna())
    problem = FlowProblem(
        node_count=len(nodes),
        tail=links["from_node_id"].map(number).to_numpy(),
        head=links["to_node_id"].map(number).to_numpy(),
        cost=(links["toll"] + worth * links["hours"]).to_numpy()[np.newaxis],
        origin=demand["o_zone_id"].map(node_of).map(number).to_numpy(),
        destination=demand["d_zone_id"].map(node_of).map(number).to_numpy(),
        class_=np.zeros(len(demand), dtype=np.int64),
        amount=demand["volume"].to_numpy(),
        penalty=np.full(len(demand), np.inf),
        capacity=links["capacity"].to_numpy()[limited],
        usage=sparse.csr_array(
            (np.ones(limited.size), (np.arange(limited.size), limited)), shape=(limited.size, len(links))
        ),
    )
    solution = solve(problem)
    found = certify(problem, solution, 1e-6)
    assert found.holds, found.reasons
    assert found.primal_objective * HOURS_A_YEAR + left_cost(case) == pytest.approx(
        case.plan.summary["objective_value"], rel=1e-6
    )


def test_solve_reads_the_export_of_a_plan_of_least_time_and_finds_its_optimum(folder: Path, tmp_path: Path) -> None:
    edit(folder, "demand", 4, kt="1000")  # or time's plan would leave some, at a price that GMNS does not have
    case = planned(folder, tmp_path / "plan", objective="time")
    assert case.plan.summary["kt_unserved"] == 0
    export.write(case.plan, case.network, "gmns", tmp_path / "network")
    (row,) = json.loads(run("solve", tmp_path / "network", "--format", "json", "--quiet").stdout)
    assert row["status"] == "optimal"
    assert row["objective"] * HOURS_A_YEAR == pytest.approx(case.plan.summary["objective_value"], rel=1e-9)


def test_solve_proves_that_the_plans_freight_fits_its_exported_network(gmns: Path) -> None:
    (row,) = json.loads(run("solve", gmns, "--format", "json", "--quiet").stdout)
    assert row["status"] == "optimal"
