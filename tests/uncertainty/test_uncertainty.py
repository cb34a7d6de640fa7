"""Draws keep their bands, samples depend on their number alone, and the tables say what can be computed by hand."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from small import read_rows, small_dataset, write_table

from corridors import network, planning, sweep, tables
from corridors import uncertainty as runs
from corridors.errors import CertificateError, DataError
from corridors.models import columns
from corridors.network import routes
from corridors.network.costs import price
from corridors.network.revaluation import Template
from corridors.output import csv_text
from corridors.planning import results as planning_results
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings
from corridors.text.choices import UNCERTAINTY_TABLES
from corridors.uncertainty import distribution, outputs, parameters, sensitivity
from corridors.uncertainty import results as uncertainty_results

Z80, Z90, Z95 = 1.2815515655, 1.6448536270, 1.9599639845  # standard normal: 80, 90 and 95 % lie between minus and plus

LOADING = ("terminals", "load:rail", "usd_per_t")
HANDLING = ("terminals", "load:rail", "kgco2e_per_t")
SPEED = ("links", "rail:HARBOUR-EASTGATE", "speed_kmh")
DEMAND = ("demand", "grain:export", "kt")

type Place = tuple[str, str, str]


def package(folder: Path, bands: dict[Place, tuple[str, str, str]]) -> Path:
    """Write the small data package with some uncertain figures: status, low, high."""
    made = small_dataset(folder)
    rows = read_rows(made, "provenance")
    for row in rows:
        found = bands.get((row["table"], row["key"], row["column"]))
        if found is not None:
            row["status"], row["low"], row["high"] = found
    write_table(made, "provenance", rows)
    return made


def shared_of(folder: Path | None, **chosen: object) -> runs.Shared:
    dataset = tables.read(folder)
    data = None if folder is None else str(folder)
    made = runs.settings_for(dataset, **{"data": data, "samples": 8, "ranking": "none", **chosen})  # type: ignore[arg-type]
    return runs.prepare(made)


def found_in(folder: Path | None, out: Path | None = None, **chosen: object) -> uncertainty_results.UncertaintyResults:
    """Run everything and read it."""
    shared = shared_of(folder, **chosen)
    plan = runs.sweep_of(shared.settings)
    with sweep.run(plan, out) as results:
        return uncertainty_results.read(shared, results)


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """Give a package in which four figures, each alone in its group, are uncertain."""
    bands = {
        LOADING: ("assumed", "2.9", "3.2"), HANDLING: ("observed", "0.5", "2"), SPEED: ("recalled", "49", "52"),
        DEMAND: ("derived", "6000", "6000"),
    }  # fmt: skip
    return package(tmp_path / "one", bands)


@pytest.fixture(scope="module")
def whole() -> runs.Shared:
    return shared_of(None)


@pytest.mark.parametrize(
    ("status", "z"), [("assumed", Z80), ("recalled", Z90), ("calibrated", Z90), ("observed", Z95), ("derived", Z95)]
)
def test_a_band_holds_the_share_of_its_status(tmp_path: Path, status: str, z: float) -> None:
    dataset = tables.read(package(tmp_path / "p", {SPEED: (status, "40", "80")}))
    drawn = distribution.joint(dataset, 2024, "typical")
    assert drawn.parameters["value"].tolist() == [50]
    assert drawn.at(np.array([-z])) == pytest.approx([40], rel=1e-6)
    assert drawn.at(np.array([0.0])) == pytest.approx([50])
    assert drawn.at(np.array([z])) == pytest.approx([80], rel=1e-6)
    assert drawn.at(np.array([9.0])) == drawn.at(np.array([distribution.FARTHEST]))


def test_what_is_assumed_is_drawn_wider_than_what_is_observed(tmp_path: Path) -> None:
    wide, narrow = (
        distribution.joint(tables.read(package(tmp_path / status, {SPEED: (status, "40", "80")})), 2024, "typical")
        for status in ("assumed", "observed")
    )
    assert wide.at(np.array([1.0])) > narrow.at(np.array([1.0]))
    assert wide.at(np.array([-1.0])) < narrow.at(np.array([-1.0]))


def test_an_end_that_no_factor_reaches_mirrors_the_other(tmp_path: Path) -> None:
    dataset = tables.read(package(tmp_path / "p", {LOADING: ("assumed", "0", "6"), SPEED: ("assumed", "40", "inf")}))
    drawn = distribution.joint(dataset, 2024, "typical")
    at = dict(zip(drawn.parameters["key"], zip(drawn.at(np.full(2, -Z80)), drawn.at(np.full(2, Z80)), strict=True),
                  strict=True))  # fmt: skip
    assert at["load:rail"] == pytest.approx((1.5, 6), rel=1e-6)
    assert at["rail:HARBOUR-EASTGATE"] == pytest.approx((40, 62.5), rel=1e-6)


def test_exact_zero_infinite_blank_and_unused_figures_are_not_drawn(tmp_path: Path) -> None:
    bands = {
        DEMAND: ("derived", "6000", "6000"),  # exact
        ("links", "rail:HARBOUR-EASTGATE", "hours_fixed"): ("assumed", "0", "5"),  # zero
        ("links", "deep_sea:HARBOUR-LANDING", "capacity"): ("assumed", "10", "inf"),  # no limit
        ("links", "rail:DRYPASS-MIDTOWN:two", "speed_kmh"): ("assumed", "50", "70"),  # opens later
        ("modes", "rail|best", "speed_factor"): ("assumed", "1", "2"),  # other running
        ("terminals", "load:rail", "hours_best"): ("assumed", "6", "20"),
        ("nodes", "HARBOUR", "lat"): ("assumed", "34", "35"),
        ("splits", "transit|west", "share"): ("assumed", "0.5", "0.9"),  # its demand is drawn instead
    }
    dataset = tables.read(package(tmp_path / "p", bands))
    assert parameters.uncertain(dataset, 2024, "typical").empty
    later = parameters.uncertain(dataset, 2026, "best")
    assert set(later["column"]) == {"speed_kmh", "speed_factor", "hours_best"}
    with pytest.raises(DataError, match=r"provenance\.csv"):
        runs.settings_for(dataset, samples=8)


def test_every_drawn_figure_of_the_embedded_package_has_a_band_around_it(whole: runs.Shared) -> None:
    drawn = whole.distribution.parameters
    assert (drawn["low"] <= drawn["value"]).all()
    assert (drawn["high"] >= drawn["value"]).all()
    assert set(drawn["status"]) <= set(distribution.COVERAGE)
    assert not drawn.duplicated(["table", "key", "column"]).any()
    assert 40 <= len(whole.distribution.groups) <= 130


def test_the_demand_of_a_total_adds_up_to_the_total_that_is_drawn(tmp_path: Path) -> None:
    bands = {
        ("totals", "transit", "kt"): ("assumed", "3000", "5000"),
        ("demand", "transit:west", "kt"): ("assumed", "1500", "5000"),  # the share between 0.5 and 1
        ("demand", "transit:east", "kt"): ("assumed", "750", "1250"),  # the share is exact
    }
    dataset = tables.read(package(tmp_path / "p", bands))
    drawn = distribution.joint(dataset, 2024, "typical")
    band = drawn.parameters.set_index(["table", "key"])[["low", "high"]]
    assert set(band.index) == {("totals", "transit"), ("demand", "transit:west")}
    assert band.loc[("demand", "transit:west")].tolist() == pytest.approx([2000, 4000])
    parts = []
    for number in np.linspace(0.05, 0.95, 7):
        made = drawn.changed(dataset, drawn.sample(np.array([number, 1 - number])))
        kt = made["demand"].set_index("demand")["kt"]
        total = made["totals"].set_index("total")["kt"]["transit"]
        assert kt["transit:west"] + kt["transit:east"] == pytest.approx(total)
        assert kt["grain:export"] == 6000
        parts.append((total, kt["transit:west"] / total))
    assert len({round(total, 6) for total, _ in parts}) == len({round(part, 6) for _, part in parts}) == 7


def test_the_drawn_demand_keeps_to_the_bands_of_the_published_totals(whole: runs.Shared) -> None:
    points = np.random.default_rng(7).uniform(size=(200, whole.distribution.dimension))
    found = [whole.distribution.changed(whole.dataset, whole.distribution.sample(point))["demand"] for point in points]
    grain = [float(one["kt"][one["total"] == "kz_uz_grain"].sum()) for one in found]  # published as 3.5 Mt
    assert np.quantile(grain, [0.02, 0.98]) == pytest.approx([3500, 3500], rel=0.02)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**30))
def test_draws_stay_positive_and_within_the_dictionary(whole: runs.Shared, seed: int) -> None:
    values = whole.distribution.sample(np.random.default_rng(seed).uniform(size=whole.distribution.dimension))
    assert np.isfinite(values).all()
    assert (values > 0).all()
    changed = whole.distribution.changed(whole.dataset, values)
    drawn = {name: changed[name] for name in ("links", "modes", "commodities", "demand")}
    assert (drawn["links"]["speed_kmh"].dropna() >= 0.1).all()
    assert (drawn["commodities"]["t_per_teu"].dropna() >= 0.1).all()
    assert changed.digest != whole.dataset.digest
    assert changed["nodes"].equals(whole.dataset["nodes"])


def test_the_draws_have_the_quantiles_of_their_bands(whole: runs.Shared) -> None:
    points = np.random.default_rng(5).uniform(size=(2000, whole.distribution.dimension))
    drawn = np.array([whole.distribution.sample(point) for point in points])
    frame = whole.distribution.parameters
    inside = ((drawn >= frame["low"].to_numpy() * (1 - 1e-9)) & (drawn <= frame["high"].to_numpy() * (1 + 1e-9))).mean(
        0
    )
    plain = ((frame["low"] > 0) & np.isfinite(frame["high"]) & (frame["low"] < frame["value"])
             & (frame["value"] < frame["high"])).to_numpy()  # fmt: skip
    wanted = frame["status"].map(distribution.COVERAGE).to_numpy()
    assert np.abs(inside - wanted)[plain].max() < 0.06
    assert np.abs(np.median(drawn, axis=0) / frame["value"].to_numpy() - 1)[plain].mean() < 0.05


@pytest.mark.parametrize("together", [0.0, 0.5, 1.0])
def test_figures_of_a_group_err_together_as_much_as_is_said(together: float) -> None:
    drawn = distribution.joint(tables.read(), 2024, "typical", together)
    points = np.random.default_rng(6).uniform(size=(1500, drawn.dimension))
    logs = np.log([drawn.sample(point) for point in points])
    frame = drawn.parameters
    group = frame["group"].where((frame["low"] < frame["value"]) & (frame["value"] < frame["high"]))
    mine = np.flatnonzero(group == group.value_counts().index[0])[:6]
    other = np.flatnonzero(group == group.value_counts().index[1])[:1]
    ranks = np.argsort(np.argsort(logs[:, [*mine, *other]], axis=0), axis=0)
    found = np.corrcoef(ranks, rowvar=False)
    spearman = 6 / math.pi * math.asin(together / 2)
    assert found[:6, :6][~np.eye(6, dtype=bool)] == pytest.approx(spearman, abs=0.08)
    assert found[:6, 6] == pytest.approx(0, abs=0.08)


def test_a_sample_depends_on_the_seed_and_its_number_alone(one: Path) -> None:
    few, many, other = (shared_of(one, samples=n, seed=seed) for n, seed in ((3, 0), (40, 0), (40, 1)))
    task = {"design": "sample", "number": 2}
    before = runs.solve(few, task)
    for number in (17, 0, 39):
        runs.solve(many, {"design": "sample", "number": number})
    assert runs.solve(many, task) == before
    assert runs.solve(other, task) != before
    assert not np.array_equal(few.point(task), few.point({"design": "sample", "number": 1}))


@settings(deadline=None, max_examples=4)
@given(seed=st.integers(0, 2**30), running=st.sampled_from(["typical", "best"]))
def test_a_variant_is_the_network_that_the_changed_tables_make(seed: int, running: str) -> None:
    dataset = tables.read()
    drawn = distribution.joint(dataset, 2026, running)
    made = drawn.changed(dataset, drawn.sample(np.random.default_rng(seed).uniform(size=drawn.dimension)))
    fast = Template(network.build(dataset, 2026, running)).network(made)
    slow = network.build(made, 2026, running)
    assert fast.vertices == slow.vertices
    assert fast.uses == slow.uses
    for name in ("arcs", "resources"):
        parts = [list(zip(*getattr(made_, name), strict=True)) for made_ in (fast, slow)]
        for one_, other in zip(*parts, strict=True):
            if isinstance(one_[0], float):
                np.testing.assert_allclose(one_, other, rtol=1e-12)
            else:
                assert one_ == other
    np.testing.assert_allclose(pose(fast).problem.cost, pose(slow).problem.cost, rtol=1e-12)


def test_headlines_are_what_the_plan_and_the_comparison_say(whole: runs.Shared) -> None:
    row = runs.solve(whole, {"design": "sample", "number": 3})
    value = dict(zip([one.name for one in whole.outputs.list], row["headlines"], strict=True))
    values = whole.distribution.sample(whole.point({"design": "sample", "number": 3}))
    net = network.build(whole.distribution.changed(whole.dataset, values), whole.settings.plan.year)
    made = planning.plan(net, intervals=0)
    told = made.summary
    assert value["cost"] == pytest.approx(told["objective_usd"], rel=3e-6)
    assert value["served"] == pytest.approx(told["kt_served"], rel=1e-3)
    assert value["days"] == pytest.approx(told["days_mean"], rel=1e-2)
    assert value["served"] + value["unserved"] == pytest.approx(told["kt_demanded"])
    for pair in whole.settings.pairs:
        for route in routes.compare(net, price(net), pair.origin, pair.destination, pair.commodity).routes:
            place = f"{pair.origin} - {pair.destination}, {route.means}: "
            assert value[place + "days"] == pytest.approx(route.days)
            assert value[place + "money"] == pytest.approx(route.usd_per_t)
            assert value[place + "all in"] == pytest.approx(route.generalised_usd_per_t)
            assert value[place + "emissions"] == pytest.approx(route.kgco2e_per_t)


def test_headlines_of_the_undisturbed_plan_are_those_of_its_tables(whole: runs.Shared) -> None:
    value = dict(zip([one.name for one in whole.outputs.list], whole.measured.tolist(), strict=True))
    kt = planning_results.arc_kt(whole.freight, whole.base)
    for row in planning_results.corridors(whole.freight, whole.base, kt).itertuples():
        assert value[f"corridor: {row.corridor}"] == pytest.approx(row.kt, abs=1e-6)
    told = planning.plan(whole.freight.network, intervals=0).summary
    assert value["work"] == pytest.approx(told["t_km"] / 1e6)
    assert value["emissions"] == pytest.approx(told["t_co2e"] / 1e3)
    assert value["freight bill"] == pytest.approx(told["usd_freight"])
    assert value["through home"] == pytest.approx(told["kt_by_trade"]["transit"])
    for mode, work in told["modes"].items():
        assert value[f"work: {mode}"] == pytest.approx(work["mtkm"])
    used = planning_results.bottlenecks(whole.freight, whole.base).set_index("resource")["utilisation"]
    full = {name.removeprefix("load: "): one for name, one in value.items() if name.startswith("load: ")}
    assert len(full) == outputs.BOTTLENECKS
    assert all(one == pytest.approx(used[name]) for name, one in full.items())


def test_an_interval_is_the_one_computed_by_hand(one: Path) -> None:
    made = found_in(one, samples=64)
    rows = made.intervals.set_index("headline")
    cost = rows.loc["cost"]
    tonnes = 4_000_000 + 6_000_000  # what is loaded onto trains: containers and grain
    plan = planning.plan(network.build(tables.read(one)), intervals=0)
    by_rail = plan.handlings[plan.handlings["terminal"] == "load:rail"]["kt"].sum() * 1000
    assert 0 < by_rail <= tonnes
    for column, z, end in (("p05", -Z90, 2.9), ("p95", Z90, 3.2)):
        loading = 3 * math.exp(abs(math.log(end / 3)) / Z80 * z)
        assert cost[column] - cost["base"] == pytest.approx(by_rail * (loading - 3), rel=0.1)
    assert cost["p05"] < cost["p25"] < cost["median"] < cost["p75"] < cost["p95"]
    assert cost["median"] == pytest.approx(cost["base"], rel=1e-3)
    assert rows.loc["served", "p05"] == rows.loc["served", "base"] == rows.loc["served", "p95"]


def test_intervals_contain_the_undisturbed_plan_where_figures_err_little(one: Path) -> None:
    made = found_in(one, samples=32).intervals
    assert (made["n"] == 32).all()
    slack = 1e-6 * made["base"].abs() + 1e-9
    assert (made["p05"] <= made["base"] + slack).all()
    assert (made["p95"] >= made["base"] - slack).all()


def test_the_group_that_alone_matters_comes_first(one: Path) -> None:
    made = found_in(one, samples=4, ranking="morris", trajectories=6)
    first = made.indices.groupby("headline", sort=False).first()
    assert first.loc["cost", "group"] == "charges of loading and unloading"
    assert first.loc["emissions", "group"] == "emissions of terminals"
    cost = made.indices[made.indices["headline"] == "cost"].set_index("group")
    assert cost.loc["emissions of terminals", "mu_star"] == 0
    assert cost.loc["charges of loading and unloading", "mu"] > 0
    assert made.runs == 4 + 6 * (len(cost) + 1)


def test_morris_gives_the_whole_way_of_a_linear_model() -> None:
    factors = sensitivity.design("morris", 8, 3, 0)
    assert len(factors) == sensitivity.runs_of("morris", 8, 3) == 32
    at = np.array([sensitivity.point("morris", factors, run) for run in range(len(factors))])
    assert at.min() == pytest.approx(sensitivity.FROM)
    assert at.max() == pytest.approx(sensitivity.TO)
    assert len(np.unique(at[:, 2])) == 16  # two a trajectory, so that own parts differ between them
    slope = 5 * (at[:, 0] - 0.5) - 2 * (at[:, 1] - 0.5)
    made = sensitivity.indices("morris", factors, slope[:, None], [("y", "t")], ["a", "b", "idle"], 0).set_index(
        "group"
    )
    way = sensitivity.TO - sensitivity.FROM
    assert made.loc["a", "mu_star"] == pytest.approx(5 * way, rel=1e-6)
    assert made.loc["b", "mu"] == pytest.approx(-2 * way, rel=1e-6)
    assert made.loc["idle", "mu_star"] == pytest.approx(0, abs=1e-8)


def test_sobol_shares_out_the_variance_of_a_product() -> None:
    factors = sensitivity.design("sobol", 1024, 3, 0)
    assert len(factors) == sensitivity.runs_of("sobol", 1024, 3)
    result = (1 + factors[:, 0]) * (1 + factors[:, 1])
    made = sensitivity.indices("sobol", factors, result[:, None], [("y", "t")], ["a", "b", "idle"], 0).set_index(
        "group"
    )
    var, mean = 1 / 12, 1.5  # of either factor
    first, both = var * mean**2, var**2
    assert made.loc["a", "first"] == pytest.approx(first / (2 * first + both), abs=0.02)
    assert made.loc["b", "total"] == pytest.approx((first + both) / (2 * first + both), abs=0.02)
    assert made.loc["idle", "total"] == 0


def test_shares_of_the_variance_are_those_of_scipy() -> None:
    size, dimension = 64, 3
    factors = sensitivity.design("sobol", size, dimension, 5)
    result = np.sin(3 * factors[:, 0]) + factors[:, 1] * factors[:, 2] ** 2 + 50
    made = sensitivity.indices("sobol", factors, result[:, None], [("y", "t")], ["a", "b", "c"], 5).set_index("group")
    runs = result.reshape(size, dimension + 2).T
    known = stats.sobol_indices(func={"f_A": runs[:1], "f_B": runs[-1:], "f_AB": runs[1:-1, None]}, n=size)
    assert made.loc[["a", "b", "c"], "first"].to_numpy() == pytest.approx(known.first_order, rel=1e-9)
    assert made.loc[["a", "b", "c"], "total"].to_numpy() == pytest.approx(known.total_order, rel=1e-9)
    assert (made["conf"] > 0).all()


def test_a_trajectory_moves_each_factor_once_between_levels_of_the_grid() -> None:
    dimension = 7
    factors = sensitivity.design("morris", 20, dimension, 1).reshape(20, dimension + 1, dimension)
    assert set(np.unique(factors.round(12))) == {0.0, round(1 / 3, 12), round(2 / 3, 12), 1.0}
    steps = np.diff(factors, axis=1)
    assert (np.count_nonzero(steps, axis=2) == 1).all(), "one factor a step"
    assert (np.count_nonzero(steps, axis=1) == 1).all(), "every factor once"
    assert np.abs(steps).max(axis=2) == pytest.approx(2 / 3)
    assert {*np.sign(steps[steps != 0])} == {-1.0, 1.0}


def test_indices_do_not_depend_on_what_was_drawn_before() -> None:
    for method in ("morris", "sobol"):
        factors = sensitivity.design(method, 8, 3, 0)
        result = factors.sum(axis=1, keepdims=True) ** 2
        first, again = (
            sensitivity.indices(method, factors, result, [("y", "t")], ["a", "b", "c"], 0) for _ in range(2)
        )
        np.testing.assert_array_equal(factors, sensitivity.design(method, 8, 3, 0))
        pd.testing.assert_frame_equal(first, again)


def test_runs_that_failed_take_their_trajectory_with_them() -> None:
    factors = sensitivity.design("morris", 4, 2, 0)
    result = factors[:, [0]] * 3.0
    result[1] = np.nan
    made = sensitivity.indices("morris", factors, result, [("y", "t")], ["a", "own"], 0)
    assert made.iloc[0]["mu_star"] == pytest.approx(3)
    assert sensitivity.indices("morris", factors, np.full_like(result, np.nan), [("y", "t")], ["a", "own"], 0).empty


def test_a_conclusion_comes_with_its_probability(one: Path) -> None:
    shared = shared_of(one, samples=4)
    at = {headline.name: number for number, headline in enumerate(shared.outputs.list)}
    told = {
        conclusion.sentence: conclusion for conclusion in shared.outputs.conclusions(shared.dataset, shared.measured)
    }
    faster = told["Harbour - Landing: By rail is faster than By sea"]
    rows = []
    for number, days in enumerate((1.0, 2.0, 50.0, 3.0)):
        measured = shared.measured.copy()
        measured[at[faster.less]], measured[at[faster.more]] = days, 20.0
        rows.append({"design": "sample", "number": number, "headlines": measured.tolist()})
    rows[3] = {"design": "sample", "number": 3, "failed": "The solver ended without an answer."}
    made = uncertainty_results.read(shared, rows)
    row = made.conclusions.set_index("conclusion").loc[faster.sentence]
    assert row["probability"] == pytest.approx(2 / 3)
    assert row["standard_error"] == pytest.approx(math.sqrt(2 / 9 / 3))
    assert row["low"] < 2 / 3 < row["high"]
    assert (row["unit"], row["median"]) == ("days", 18.0)  # of margins 19, 18 and -30
    assert row["base"] == pytest.approx(shared.measured[at[faster.more]] - shared.measured[at[faster.less]])
    assert row["n"] == 3
    assert (made.failed, made.reasons) == (1, ("The solver ended without an answer.",))
    assert (made.intervals["n"] == 3).all()


def test_an_answer_that_is_not_proved_is_not_read(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = shared_of(one)
    honest = columns.solve

    def faulty(*problem: object, **how: object) -> columns.ColumnsSolution:
        """Carry one per cent too little."""
        made = honest(*problem, **how)  # type: ignore[arg-type]
        return dataclasses.replace(made, path_flow=made.path_flow * 0.99)

    monkeypatch.setattr(columns, "solve", faulty)
    with pytest.raises(CertificateError, match="misses its amount"):
        runs.solve(shared, {"design": "sample", "number": 0})


def test_the_tables_are_the_same_bytes_after_a_torn_run_and_with_two_processes(one: Path, tmp_path: Path) -> None:
    chosen = {"samples": 8, "ranking": "morris", "trajectories": 2}
    whole_ = found_in(one, tmp_path / "whole", **chosen)
    rows = (tmp_path / "whole" / "rows.jsonl").read_bytes()
    torn = tmp_path / "torn"
    found_in(one, torn, **chosen)
    (torn / "rows.jsonl").write_bytes(rows[: len(rows) // 2])
    again = found_in(one, torn, **chosen)
    assert (torn / "rows.jsonl").read_bytes() == rows
    shared = shared_of(one, **chosen)
    with sweep.run(runs.sweep_of(shared.settings), workers=2) as results:
        parallel = uncertainty_results.read(shared, results)
    for name in UNCERTAINTY_TABLES:
        text = csv_text(getattr(whole_, name))
        assert csv_text(getattr(again, name)) == text
        assert csv_text(getattr(parallel, name)) == text


def test_data_that_changed_since_the_run_began_are_refused(one: Path) -> None:
    dataset = tables.read(one)
    chosen = runs.settings_for(dataset, samples=2, ranking="none")
    with pytest.raises(DataError, match="not those that the run began with"):
        runs.prepare(dataclasses.replace(chosen, data=str(one), digest="0" * 64))


def test_tasks_are_made_when_they_are_asked_for() -> None:
    tasks = runs.Tasks(3, "morris", 2)
    assert len(tasks) == 5
    assert tasks[2] == {"design": "sample", "number": 2}
    assert tasks[-1] == {"design": "morris", "number": 1}
    assert tasks[1:4] == [tasks[1], tasks[2], tasks[3]]
    with pytest.raises(IndexError):
        tasks[5]


@pytest.mark.parametrize(
    "chosen", [{"samples": 0}, {"correlation": 1.5}, {"ranking": "guess"}, {"coverage": {"assumed": 1.0}},
               {"coverage": {"guessed": 0.5}}, {"plan": PlanSettings(running="fast")}]
)  # fmt: skip
def test_a_bad_option_is_one_sentence(one: Path, chosen: dict[str, object]) -> None:
    with pytest.raises(DataError):
        runs.settings_for(tables.read(one), **{"samples": 8, **chosen})  # type: ignore[arg-type]


def test_narrower_bands_for_a_status_give_narrower_intervals(one: Path) -> None:
    wide, narrow = (found_in(one, samples=16, coverage=inside).intervals.set_index("headline").loc["cost"]
                    for inside in (None, {"assumed": 0.99}))  # fmt: skip
    assert narrow["p95"] - narrow["p05"] < 0.7 * (wide["p95"] - wide["p05"])
