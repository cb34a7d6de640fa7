"""Plans of shippers who choose: proven, written whole, proved again from their files, and refused after any change."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import recompute
import tampering
from small import add_demand, append, edit, read_rows, small_dataset
from tampering import TAMPERINGS

from corridors import network, planning, scenario, tables
from corridors.errors import CorridorsError, DataError
from corridors.frames import rows
from corridors.planning import choosing, plan_folder, rechoosing
from corridors.planning.planner import TABLES, Plan, plan_of_choice
from corridors.planning.settings import PlanSettings

LOGIT = PlanSettings(carbon_price=0.0, choice="logit")
DEARER = 'name = "dearer"\n[[change]]\ntable = "tariffs"\nwhere = { mode = "rail" }\nscale = { usd_per_km = 1.1 }\n'


def package(folder: Path) -> Path:
    """Return a small data package with two roads' worth of choice, a scarce line and freight that stays behind."""
    small_dataset(folder)
    (folder / "provenance.csv").unlink()
    (folder / "sources.csv").unlink()
    edit(folder, "links", 6, capacity="3")
    add_demand(folder, "late", "MIDTOWN-LANDING", "grain", kt=500, penalty=200)
    add_demand(folder, "cars", "EASTGATE-LANDING", "container_high", kt=50, penalty=900)
    return folder


def planned(folder: Path, settings: PlanSettings = LOGIT, *scenarios: str) -> Plan:
    changed = scenario.apply(tables.read(folder), scenarios).dataset
    return planning.plan_with(network.build(changed), settings)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("choice") / "small")


def rigid(data: Path, tmp_path: Path) -> Path:
    """Return a copy of a package whose shippers are all alike, and have no elasticity but their reservation prices."""
    own = Path(shutil.copytree(data, tmp_path / "rigid"))
    (own / "choice.csv").write_text("cargo,commodity,tau,nesting,elasticity\n*,*,12,2,\n", encoding="utf-8")
    return own


@pytest.fixture(scope="module")
def made(data: Path) -> Plan:
    return planned(data)


@pytest.fixture(scope="module")
def written(data: Path, made: Plan) -> Path:
    made.write(data.parent / "plan")
    return data.parent / "plan"


@pytest.mark.parametrize("assign", ["none", "equilibrium", "optimum"])
@pytest.mark.parametrize("nests", ["frontiers", "chain", "none"])
def test_a_plan_is_proven_and_its_folder_proved_again(data: Path, tmp_path: Path, assign: str, nests: str) -> None:
    made = planned(data, dataclasses.replace(LOGIT, assign=assign, nests=nests))
    assert made.summary["status"] == "optimal"
    assert abs(made.summary["gap"]) <= 1e-6
    assert made.summary["certificate"]["missing"] == 0
    made.write(tmp_path / "plan")
    found = plan_folder.verified(tmp_path / "plan", data)
    assert [(check.check, check.detail) for check in found.checks if not check.holds] == []
    assert plan_folder.read(tmp_path / "plan").model == "logit"


def test_the_summary_says_which_model_it_was_and_what_the_objective_is_made_of(made: Plan) -> None:
    one = made.summary
    assert (one["model"], one["assign"], one["tau"], one["nests"]) == ("logit", "none", None, "frontiers")
    assert one["cost_usd"] + one["entropy_usd"] == pytest.approx(one["objective_value"], rel=1e-9)
    assert one["entropy_usd"] < 0
    assert one["proof"] == "over the listed routes"
    assert one["routes"] == len(made.routes) >= one["ways"] > len(set(made.routes["demand"]))
    assert PlanSettings.of(one) == dataclasses.replace(LOGIT, year=2024, running="typical")


def test_probabilities_of_a_demand_and_what_it_leaves_are_all_of_it(data: Path, made: Plan) -> None:
    left = made.unserved.set_index("demand")["kt"]
    of_demand = made.routes.groupby("demand")
    asked = of_demand["kt"].sum().add(left, fill_value=0.0)
    share = of_demand["probability"].sum() + (left / asked).reindex(of_demand.groups).fillna(0.0)
    np.testing.assert_allclose(share, 1.0, rtol=1e-9)
    assert (made.routes["probability"] > 0).all()
    assert made.routes["way"].str.len().gt(0).all()


def test_what_is_full_has_its_rent_at_both_ends(made: Plan) -> None:
    full = made.bottlenecks[made.bottlenecks["shadow_price"] > 0]
    assert len(full)
    assert (full["shadow_price_low"] == full["shadow_price"]).all()
    assert (full["shadow_price_high"] == full["shadow_price"]).all()
    assert (made.bottlenecks["waiting_hours"] == 0).all()


def test_where_waiting_counts_a_price_is_waiting_and_rent(data: Path) -> None:
    made = planned(data, dataclasses.replace(LOGIT, assign="equilibrium"))
    table = made.bottlenecks
    busy = table[table["waiting_hours"] > 0]
    assert len(busy)
    assert (busy["shadow_price"] > busy["shadow_price_low"]).all()
    assert (busy.loc[busy["utilisation"] < 0.99, "shadow_price_low"] == 0).all()
    assert made.summary["waiting_usd"] > 0
    assert made.routes["waiting_hours"].max() > 0


def test_no_answer_is_worth_less_to_all_together_than_the_optimum(data: Path) -> None:
    """Money, the worth of the choice, and hours at the value that they have in the potential."""
    worth = {}
    for assign in ("equilibrium", "optimum"):
        settings = dataclasses.replace(LOGIT, assign=assign)
        freight = planning.formulate(network.build(tables.read(data)), settings)
        chosen = choosing.choose(freight, settings, lambda _: None)
        if assign == "equilibrium":
            common = choosing.shippers(freight, dataclasses.replace(LOGIT, assign="optimum")).behaves.waits
            assert common is not None
        waited = float((chosen.use * common.value_of_hour) @ chosen.hours)
        worth[assign] = chosen.cost(chosen.freight.problem) + chosen.entropy() + waited
    assert worth["optimum"] < worth["equilibrium"] * (1 - 1e-9)


def test_waiting_of_classes_that_value_time_differently_agrees_with_what_they_choose(data: Path) -> None:
    """An equilibrium is a fixed point: solved again at its own hours it is the same."""
    settings = dataclasses.replace(LOGIT, assign="equilibrium")
    freight = planning.formulate(network.build(tables.read(data)), settings)
    chosen = choosing.choose(freight, settings, lambda _: None)
    assert np.unique(chosen.own_value).size > 1
    who = choosing.shippers(freight, settings)
    again = choosing.settle(who, choosing.listed(who, chosen), chosen.solution.resource_price, chosen.hours)
    np.testing.assert_allclose(again.hours, chosen.hours, atol=1e-4)


def test_a_sharper_choice_comes_near_the_linear_plan(data: Path, tmp_path: Path) -> None:
    own = rigid(data, tmp_path)
    linear = planning.plan(network.build(tables.read(own))).summary["objective_value"]
    away = [abs(planned(own, dataclasses.replace(LOGIT, tau=tau)).summary["cost_usd"] / linear - 1) for tau in (5, 500)]
    assert away[1] < 1e-3 < away[0]


def test_corridors_stand_beside_those_of_the_linear_plan_with_a_reason(data: Path, made: Plan) -> None:
    linear = planning.plan(network.build(tables.read(data))).corridors.set_index("corridor")["kt"]
    assert made.beside is not None
    for row in rows(made.beside):
        assert row.kt_linear == pytest.approx(linear[row.corridor])
        assert row.kt == pytest.approx(made.corridors.set_index("corridor").loc[row.corridor, "kt"])
        assert (row.why in {"spread", "waiting", "outside"}) == (abs(row.kt - row.kt_linear) > 1e-3 * row.kt)


def test_two_runs_write_the_same_tables(data: Path, tmp_path: Path, written: Path) -> None:
    planned(data).write(tmp_path / "again")
    for table in TABLES:
        assert (tmp_path / "again" / f"{table}.csv").read_bytes() == (written / f"{table}.csv").read_bytes()


def test_the_files_alone_balance_keep_capacities_and_have_their_dictionary(written: Path) -> None:
    assert recompute.worst_imbalance(written) < 1e-6
    assert recompute.worst_link_difference(written) < 1e-6
    assert recompute.worst_overload(written) < 1e-6
    package = json.loads((written / "datapackage.json").read_text(encoding="utf-8"))
    for one in package["resources"]:
        header = (written / one["path"]).read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == [field["name"] for field in one["schema"]["fields"]]
        assert all("model" not in field for field in one["schema"]["fields"])


def test_the_files_alone_prove_what_was_chosen(data: Path, tmp_path: Path) -> None:
    """Value and dual of the choice, counted from CSV and three numbers of the data by nothing of the package."""
    own = rigid(data, tmp_path)
    made = planned(own)
    made.write(tmp_path / "plan")
    most = {row["demand"]: float(row["reservation_usd_per_t"]) for row in read_rows(own, "demand")}
    value, bound = recompute.choice(tmp_path / "plan", 12, 2, most)
    assert value == pytest.approx(made.summary["objective_value"], rel=1e-9)
    assert bound == pytest.approx(value, rel=1e-6)
    assert bound <= value * (1 + 1e-9)


def of_chains(data: Path, folder: Path, way_nesting: str) -> Path:
    """Return a copy of a package with a home country, a frontier more by rail, and shippers who nest ways by chains."""
    own = Path(shutil.copytree(data, folder))
    line = next(row for row in read_rows(own, "links") if row["link"] == "rail:MIDTOWN-LANDING")
    append(own, "links", **line | {"link": "rail:DRYPASS-LANDING", "from_node": "DRYPASS", "km": "6200"})
    about = json.loads((own / "datapackage.json").read_text(encoding="utf-8"))
    (own / "datapackage.json").write_text(json.dumps(about | {"home_country": "BBB"}), encoding="utf-8")
    table = f"cargo,commodity,tau,nesting,way_nesting,elasticity\n*,*,12,6,{way_nesting},\n"
    (own / "choice.csv").write_text(table, encoding="utf-8")
    return own


def test_ways_of_one_chain_are_a_nest_as_the_files_alone_prove(data: Path, tmp_path: Path) -> None:
    own = of_chains(data, tmp_path / "chains", "3")
    made = planned(own)
    made.write(tmp_path / "plan")
    most = {row["demand"]: float(row["reservation_usd_per_t"]) for row in read_rows(own, "demand")}
    value, bound = recompute.choice(tmp_path / "plan", 12, 6, most, 3)
    assert value == pytest.approx(made.summary["objective_value"], rel=1e-9)
    assert bound == pytest.approx(value, rel=1e-6)
    assert made.summary["cost_usd"] + made.summary["entropy_usd"] == pytest.approx(value, rel=1e-9)
    assert recompute.choice(tmp_path / "plan", 12, 6, most)[0] != pytest.approx(value, rel=1e-6)
    found = plan_folder.verified(tmp_path / "plan", own)
    assert [(check.check, check.detail) for check in found.checks if not check.holds] == []


def test_a_nesting_of_ways_of_one_changes_no_byte_of_a_plan(data: Path, tmp_path: Path) -> None:
    files = []
    for name, way_nesting in (("blank", ""), ("one", "1")):
        own = of_chains(data, tmp_path / name, way_nesting)
        planned(own).write(tmp_path / f"plan-{name}")
        tables_ = sorted((tmp_path / f"plan-{name}").glob("*.csv"))
        files.append({table.name: table.read_bytes() for table in tables_})
    assert files[0] == files[1]
    assert "routes.csv" in files[0]


@pytest.mark.parametrize(("assign", "nests"), [("equilibrium", "frontiers"), ("none", "chain"), ("none", "none")])
def test_a_plan_with_nested_ways_is_proved_again_however_it_is_made(
    data: Path, tmp_path: Path, assign: str, nests: str
) -> None:
    own = of_chains(data, tmp_path / "chains", "3")
    planned(own, dataclasses.replace(LOGIT, assign=assign, nests=nests)).write(tmp_path / "plan")
    assert plan_folder.verified(tmp_path / "plan", own).holds


@pytest.mark.parametrize(("before", "after"), [("1", "3"), ("3", "1")])
def test_ways_are_nested_anew_where_another_nesting_is_drawn(
    data: Path, tmp_path: Path, before: str, after: str
) -> None:
    net, drawn = (network.build(tables.read(of_chains(data, tmp_path / one, one))) for one in (before, after))
    stands = rechoosing.standing(planning.formulate(net, LOGIT), LOGIT)
    found = rechoosing.drawn(stands, planning.formulate(drawn, LOGIT), LOGIT)
    assert (found.problem.group is not None) == (after == "3")
    assert found.worth() == pytest.approx(planning.plan_with(drawn, LOGIT).summary["objective_value"], rel=1e-8)
    assert found.worth() != pytest.approx(stands.chosen.worth(), rel=1e-4)


def test_an_elasticity_of_the_data_comes_out_at_the_base(data: Path) -> None:
    """All costs of a class that is alone grow by one per cent: its tonnes shrink by the elasticity."""
    made = planned(data)
    assert made.summary["elasticities"]["bulk"] == pytest.approx(-0.1, abs=0.02)
    assert made.unserved["demand"].isin(["grain:export", "late"]).any()


def test_a_tariff_does_not_change_how_sharply_shippers_choose(data: Path, tmp_path: Path) -> None:
    (tmp_path / "dearer.toml").write_text(DEARER, encoding="utf-8")
    file = str(tmp_path / "dearer.toml")
    scale = {}
    for wanted in ((), (file,)):
        net = network.build(scenario.apply(tables.read(data), wanted).dataset)
        scale[wanted] = choosing.shippers(planning.formulate(net, LOGIT), LOGIT).behaves.way_scale
    np.testing.assert_array_equal(scale[()], scale[file,])
    made = planned(data, LOGIT, file)
    made.write(tmp_path / "plan")
    assert plan_folder.verified(tmp_path / "plan", data, [file]).holds


def test_bounds_hold_where_shippers_choose(data: Path, tmp_path: Path) -> None:
    emitted = planned(data).summary["t_co2e"]
    made = planned(data, dataclasses.replace(LOGIT, co2_budget=0.9 * emitted))
    assert made.summary["t_co2e"] <= 0.9 * emitted * (1 + 1e-9)
    made.write(tmp_path / "plan")
    assert plan_folder.verified(tmp_path / "plan", data).holds


def test_a_least_share_of_a_place_holds_where_shippers_choose(data: Path, tmp_path: Path) -> None:
    made = planned(data, dataclasses.replace(LOGIT, minimum_share=(("MIDTOWN", 0.08),)))
    through = made.handlings[(made.handlings["node"] == "MIDTOWN") & (made.handlings["kind"] == "tranship")]["kt"].sum()
    assert through >= 0.08 * made.summary["kt_served"] * (1 - 1e-9)
    made.write(tmp_path / "plan")
    found = plan_folder.verified(tmp_path / "plan", data)
    assert [(check.check, check.detail) for check in found.checks if not check.holds] == []


def test_a_package_without_tau_is_refused_in_a_sentence(data: Path, tmp_path: Path) -> None:
    bare = Path(shutil.copytree(data, tmp_path / "bare"))
    (bare / "choice.csv").unlink()
    with pytest.raises(DataError, match=r"choice\.csv"):
        planned(bare)


@pytest.mark.slow  # the loops of the choice among all routes are compiled
def test_a_choice_among_all_routes_is_proven_and_its_folder_proved_again(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("numba")
    made = planned(data, dataclasses.replace(LOGIT, choice="network"))
    one = made.summary
    assert (one["model"], one["proof"], one["status"]) == ("network", "over all routes", "optimal")
    assert one["cost_usd"] + one["entropy_usd"] == pytest.approx(one["objective_value"], rel=1e-9)
    made.write(tmp_path / "plan")
    found = plan_folder.verified(tmp_path / "plan", data)
    assert [(check.check, check.detail) for check in found.checks if not check.holds] == []
    tampering.summary(tau=3.0)(tmp_path / "plan")
    tampering.fix_digests(tmp_path / "plan")
    assert not plan_folder.verified(tmp_path / "plan", data).holds


CHANGES = {
    "another model": tampering.summary(model="network"),
    "no model": tampering.summary(model="linear"),
    "waiting that was not": tampering.summary(assign="equilibrium"),
    "tau": tampering.summary(tau=20.0),
    "tau that is none": tampering.summary(tau=-1.0),
    "nests": tampering.summary(nests="none"),
    "cost": tampering.summary(cost_usd=lambda usd: usd * 0.99),
    "worth of the choice": tampering.summary(entropy_usd=lambda usd: usd * 2),
    "missing": tampering.summary(certificate__missing=3),
    "ways": tampering.summary(ways=lambda ways: ways + 1),
    "several ways": tampering.summary(demands_with_several_ways=1.0),
    "elasticities": tampering.summary(elasticities={"bulk": -1.0}),
    "scope of the proof": tampering.summary(proof="over all routes"),
    "name of the objective": tampering.summary(objective_is="money"),
    "way": tampering.cell("routes", "way", "air"),
    "probability": tampering.cell("routes", "probability", tampering.times(0.5)),
    "hours waited": tampering.cell("routes", "waiting_hours", "7"),
    "hours waited at a place": tampering.cell("bottlenecks", "waiting_hours", "7"),
    "queue": tampering.cell("bottlenecks", "queue_days", tampering.times(1.1), **tampering.FULL),
    "rent": tampering.cell("bottlenecks", "shadow_price_low", tampering.times(0.5), **tampering.FULL),
    "reason": tampering.cell("unserved", "reason_values", lambda text: text.replace("price=", "price=9")),
}
# Reasons of the linear plan, which this one cannot have, and what is no change of it: both ends of a price are one.
NOT_HERE = ("what is full", "low end is the high one")
OTHERS = {name: change for name, change in TAMPERINGS.items() if "reason" not in name and name not in NOT_HERE}


@pytest.mark.parametrize("name", [*CHANGES, *(name for name in OTHERS if name not in tampering.NO_DIGEST)])
def test_a_tampered_folder_whose_digests_fit_again_is_refused(
    written: Path, data: Path, tmp_path: Path, name: str
) -> None:
    mine = Path(shutil.copytree(written, tmp_path / "plan"))
    (CHANGES | OTHERS)[name](mine)
    tampering.fix_digests(mine)
    with pytest.raises(CorridorsError) as error:
        plan_folder.verified(mine, data).require(mine)
    assert "\n" not in str(error.value)


def test_freight_moved_between_two_ways_is_refused_even_where_every_table_follows(data: Path, tmp_path: Path) -> None:
    """A forger who recomputes all tables for other probabilities is found by the gap."""
    settings = LOGIT
    net = network.build(tables.read(data))
    freight = planning.formulate(net, settings)
    chosen = choosing.choose(freight, settings, lambda _: None)
    flow = chosen.solution.route_flow.copy()
    demand = chosen.problem.routes.demand
    mine = np.flatnonzero(demand == demand[np.argmax(np.bincount(demand)[demand])])
    big, other = mine[np.argsort(-flow[mine])[:2]]
    moved = 0.2 * flow[big]
    flow[big] -= moved
    flow[other] += moved
    who = choosing.shippers(freight, settings)
    answer = dataclasses.replace(chosen.solution, route_flow=flow)
    forged = choosing.proved(who, choosing.listed(who, chosen), answer)
    assert not forged.certificate.holds
    plan_of_choice(forged, settings).write(tmp_path / "plan")
    found = plan_folder.verified(tmp_path / "plan", data)
    assert {check.check for check in found.checks if not check.holds} & {"gap", "capacities"}
