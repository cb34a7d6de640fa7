"""A run's samples depend on their number alone, and its tables say what can be computed by hand."""

from __future__ import annotations

import dataclasses
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertain import Z80, Z90, found_in, shared_of

from corridors import network, planning, sweep, tables
from corridors import uncertainty as runs
from corridors.errors import CertificateError, DataError
from corridors.models import columns
from corridors.network import routes
from corridors.network.costs import price
from corridors.network.revaluation import revalued
from corridors.output import csv_text
from corridors.planning import on_corridors
from corridors.planning import results as planning_results
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings
from corridors.text.choices import UNCERTAINTY_TABLES
from corridors.uncertainty import distribution, outputs
from corridors.uncertainty import results as uncertainty_results


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
    fast = revalued(network.build(dataset, 2026, running), made)
    slow = network.build(made, 2026, running)
    assert fast.vertices == slow.vertices
    assert [*map(list, fast.resource_arcs)] == [*map(list, slow.resource_arcs)]
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
    changed = whole.distribution.changed(
        whole.dataset, whole.distribution.sample(whole.point({"design": "sample", "number": 3}))
    )
    net = network.build(changed, whole.settings.plan.year)
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
    for row in on_corridors.corridors(whole.freight, whole.base, kt).itertuples():
        assert value[f"corridor: {row.corridor}"] == pytest.approx(row.mean_kt, abs=1e-6)
        if f"through: {row.corridor}" in value:
            assert value[f"through: {row.corridor}"] == pytest.approx(row.through_kt, abs=1e-6)
    assert value["through: R6"] > 0
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
    torn = Path(shutil.copytree(tmp_path / "whole", tmp_path / "torn"))
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
    "chosen",
    [
        {"samples": 0},
        {"correlation": 1.5},
        {"ranking": "guess"},
        {"coverage": {"assumed": 1.0}},
        {"coverage": {"guessed": 0.5}},
        {"plan": PlanSettings(running="fast")},
    ],
)
def test_a_bad_option_is_one_sentence(one: Path, chosen: dict[str, object]) -> None:
    with pytest.raises(DataError):
        runs.settings_for(tables.read(one), **{"samples": 8, **chosen})  # type: ignore[arg-type]


def test_narrower_bands_for_a_status_give_narrower_intervals(one: Path) -> None:
    wide, narrow = (
        found_in(one, samples=16, coverage=inside).intervals.set_index("headline").loc["cost"]
        for inside in (None, {"assumed": 0.99})
    )
    assert narrow["p95"] - narrow["p05"] < 0.7 * (wide["p95"] - wide["p05"])
