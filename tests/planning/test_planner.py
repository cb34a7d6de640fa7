"""Plans of the small data package: proven, complete, and the same when recomputed from their files."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from recompute import read, unbalanced_total, worst_imbalance, worst_link_difference, worst_overload
from small import add_demand, append, edit, write_table

from corridors import network, planning, tables
from corridors.errors import CertificateError, DataError, OutputError
from corridors.models import certificate
from corridors.planning.planner import TABLES, Plan


def planned(folder: Path, **how: object) -> Plan:
    built = {name: how.pop(name) for name in ("year", "running") if name in how}
    return planning.plan(network.build(tables.read(folder), **built), **how)  # type: ignore[arg-type]


@pytest.mark.parametrize("objective", ["generalised", "cost", "time", "emissions"])
def test_a_plan_is_proven_under_every_objective(folder: Path, objective: str) -> None:
    made = planned(folder, objective=objective)
    assert made.summary["status"] == "optimal"
    assert made.summary["gap"] <= 1e-6
    assert (made.summary["objective_usd"] is None) == (objective in {"time", "emissions"})


@pytest.mark.parametrize("objective", ["generalised", "time"])
def test_the_written_files_alone_balance_and_keep_every_capacity(folder: Path, tmp_path: Path, objective: str) -> None:
    planned(folder, objective=objective).write(tmp_path / "plan")
    assert worst_imbalance(tmp_path / "plan") < 1e-6
    assert worst_link_difference(tmp_path / "plan") < 1e-6
    assert worst_overload(tmp_path / "plan") < 1e-6
    assert unbalanced_total(tmp_path / "plan") < 1e-6


def test_the_folder_holds_what_its_dictionary_says(folder: Path, tmp_path: Path) -> None:
    planned(folder).write(tmp_path / "plan")
    package = json.loads((tmp_path / "plan" / "datapackage.json").read_text(encoding="utf-8"))
    described = {one["name"]: [field["name"] for field in one["schema"]["fields"]] for one in package["resources"]}
    assert set(described) == set(TABLES)
    for name, columns in described.items():
        header = (tmp_path / "plan" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
        assert header.split(",") == columns, name


def test_two_runs_write_the_same_tables(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        planned(folder).write(tmp_path / name)
    for table in TABLES:
        assert (tmp_path / "one" / f"{table}.csv").read_bytes() == (tmp_path / "two" / f"{table}.csv").read_bytes()


def test_every_corridor_is_listed_used_or_not(folder: Path) -> None:
    edit(folder, "demand", 5, kt="0")
    made = planned(folder)
    assert list(made.corridors["corridor"]) == ["H1", "R1"]
    assert made.corridors.set_index("corridor").loc["H1", "kt"] == 0


def test_a_corridor_s_load_is_the_mean_over_its_length(folder: Path) -> None:
    made = planned(folder)
    rail = made.flows[made.flows["mode"] == "rail"]
    row = made.corridors.set_index("corridor").loc["R1"]
    assert row["mtkm"] == pytest.approx((rail["kt"] * rail["km"]).sum() / 1000)
    assert row["kt"] == pytest.approx(row["mtkm"] * 1000 / (4100 + 12 + 1350 + 4900))


def test_a_second_track_counts_with_the_corridor_beside_it(folder: Path) -> None:
    edit(folder, "links", 4, capacity="1")
    edit(folder, "commodities", 2, usd_per_t_day="100")
    edit(folder, "demand", 2, reservation_usd_per_t="9000")
    later = planned(folder, year=2026)
    moved = later.flows[later.flows["link"].str.startswith("rail:DRYPASS-MIDTOWN")]
    row = later.corridors.set_index("corridor").loc["R1"]
    rest = later.flows[(later.flows["mode"] == "rail") & ~later.flows["link"].str.startswith("rail:DRYPASS-MIDTOWN")]
    assert set(moved["link"]) >= {"rail:DRYPASS-MIDTOWN:two"}
    assert row["mtkm"] == pytest.approx(((moved["kt"] * moved["km"]).sum() + (rest["kt"] * rest["km"]).sum()) / 1000)


def test_a_price_is_what_one_more_unit_saves(folder: Path) -> None:
    edit(folder, "links", 6, capacity="2")
    made = planned(folder)
    tight = made.bottlenecks.set_index("resource").loc["rail:MIDTOWN-LANDING"]
    assert tight["utilisation"] == pytest.approx(1)
    edit(folder, "links", 6, capacity="2.01")
    saved = made.summary["objective_value"] - planned(folder).summary["objective_value"]
    assert tight["shadow_price_low"] * 0.01 == pytest.approx(saved, rel=1e-4)
    assert tight["shadow_price_low"] <= tight["shadow_price_high"] * (1 + 1e-9)


def test_twin_bottlenecks_have_the_same_interval_and_come_after_what_is_worth_more(folder: Path) -> None:
    edit(folder, "links", 6, capacity="2")
    alone = planned(folder).bottlenecks.set_index("resource").loc["rail:MIDTOWN-LANDING"]
    append(
        folder, "pools", pool="gate", year_open="2024", name_en="Gate", capacity="2", capacity_unit="train_pairs_day"
    )
    edit(folder, "links", 6, pool="gate")
    found = planned(folder).bottlenecks
    ends = found.set_index("resource")[["shadow_price_low", "shadow_price_high", "usd_per_percent"]]
    ends = ends.loc[["rail:MIDTOWN-LANDING", "pool:gate"]]
    assert alone["shadow_price_low"] > 0
    for row in ends.itertuples(index=False):
        assert tuple(row) == pytest.approx((0, alone["shadow_price_high"], 0))
    worth = found["usd_per_percent"]
    assert worth.is_monotonic_decreasing
    loss = (found["shadow_price_high"] * found["capacity"])[worth == 0]
    assert loss.is_monotonic_decreasing


def test_what_is_left_says_why(folder: Path) -> None:
    edit(folder, "links", 6, capacity="2")
    add_demand(folder, "cheap", "MIDTOWN-LANDING", "grain", kt=5, penalty=1)
    add_demand(folder, "barred", "MIDTOWN-LANDING", "grain", kt=7, penalty=999, avoid="BBB")
    why = planned(folder).unserved.set_index("demand")["why"]
    assert why["grain:export"] == "Midtown - Landing (rail), 3.1 Mt, full"
    assert why["cheap"].startswith("the cheapest way costs ")
    assert why["cheap"].endswith("its shippers pay at most 1")
    assert why["barred"] == "no open way that avoids BBB for grain from MIDTOWN to LANDING"


def test_a_carbon_price_moves_freight_to_what_emits_less(folder: Path) -> None:
    assert planned(folder, carbon_price=5000).summary["t_co2e"] <= planned(folder).summary["t_co2e"]


def test_before_there_is_any_demand_what_to_do_is_said(folder: Path) -> None:
    for name in ("demand", "splits", "totals"):
        write_table(folder, name, [])
    with pytest.raises(DataError, match=r"^demand.csv has no rows yet: add what is to be carried$"):
        planned(folder)


@pytest.mark.parametrize("name", ["carbon_price", "co2_budget", "time_limit"])
@pytest.mark.parametrize("value", [-1.0, math.nan])
def test_what_must_be_a_number_of_0_or_more_is_refused_in_a_sentence(folder: Path, name: str, value: float) -> None:
    with pytest.raises(DataError, match=f"^{name}: found {value}, expected .*, a finite number of 0 or more$"):
        planned(folder, **{name: value})


def test_trades_are_seen_from_the_home_country(folder: Path) -> None:
    text = (folder / "datapackage.json").read_text(encoding="utf-8")
    (folder / "datapackage.json").write_text(text.replace('"base_year"', '"home_country": "BBB", "base_year"'))
    by_trade = planned(folder).summary["kt_by_trade"]
    assert by_trade["export"] == pytest.approx(6000, rel=0.5)
    assert by_trade["import"] == pytest.approx(800)
    assert sum(by_trade.values()) == pytest.approx(planned(folder).summary["kt_served"])


def test_an_answer_without_proof_is_not_shown(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = certificate.relax
    monkeypatch.setattr(certificate, "relax", lambda *args, **options: replace(honest(*args, **options), value=0.0))
    with pytest.raises(CertificateError, match="not proved optimal"):
        planned(folder)


def test_steps_are_told_as_they_begin(folder: Path) -> None:
    told: list[str] = []
    planned(folder, progress=told.append)
    assert told == ["posing the problem", "solving", "proving", "reading the answer"]


def test_a_plan_does_not_overwrite_another_unasked(folder: Path, tmp_path: Path) -> None:
    made = planned(folder)
    made.write(tmp_path / "plan")
    with pytest.raises(OutputError, match="--force"):
        made.write(tmp_path / "plan")
    made.write(tmp_path / "plan", force=True)
    assert len(read(tmp_path / "plan", "corridors")) == 2
