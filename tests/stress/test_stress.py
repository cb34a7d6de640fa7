"""What a closure costs is what planning anew without it says, and nothing that matters is left out."""

from __future__ import annotations

import dataclasses
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small import small_dataset

from corridors import stress
from corridors.errors import DataError
from corridors.models import columns
from corridors.models.certificate import certify
from corridors.models.interdiction import close
from corridors.network.costs import HOURS_PER_DAY
from corridors.planning.results import arc_kt, corridors
from corridors.stress.study import COLUMNS, StressSettings
from corridors.text.choices import CLOSURE_KINDS


@pytest.fixture(scope="module")
def base() -> stress.Base:
    return stress.prepare(StressSettings())


@pytest.fixture(scope="module")
def ranking() -> pd.DataFrame:
    return stress.stress(StressSettings())[0]


def test_everything_of_every_kind_is_closed_once(base: stress.Base, ranking: pd.DataFrame) -> None:
    dataset = base.freight.network.dataset
    assert not ranking.duplicated(["kind", "closed"]).any()
    assert set(ranking["kind"]) == set(CLOSURE_KINDS)
    assert set(ranking.loc[ranking["kind"] == "corridor", "closed"]) == set(dataset["corridors"]["corridor"])
    open_links = {arc.id for arc in base.freight.network.arcs if arc.kind == "move"}
    assert set(ranking.loc[ranking["kind"] == "link", "closed"]) == open_links
    countries = set(ranking.loc[ranking["kind"] == "country", "closed"])
    assert dataset.home_country in countries
    assert countries <= set(dataset["nodes"]["country"])
    assert tuple(ranking.columns) == COLUMNS


def test_closing_never_helps_and_the_worst_come_first(ranking: pd.DataFrame) -> None:
    assert (ranking["extra_usd"] >= 0).all()
    assert ranking["extra_usd"].is_monotonic_decreasing
    assert (ranking["gap"] <= 1e-6).all()
    assert (ranking["failed"] == "").all()


def test_a_sample_costs_what_planning_anew_says(base: stress.Base, ranking: pd.DataFrame) -> None:
    costly = ranking[ranking["extra_usd"] > 0]
    chosen = pd.concat([costly.head(4), costly.sample(6, random_state=1), ranking.sample(3, random_state=2)])
    for row in chosen.itertuples():
        problem = close(base.freight.problem, base.closures[str(row.kind), str(row.closed)].arcs)
        solution = columns.solve(problem, gap=1e-9)
        certificate = certify(problem, solution, tolerance=1e-8)
        assert certificate.holds
        cost = base.figures.usd + float(row.extra_usd)  # type: ignore[arg-type]
        assert cost == pytest.approx(certificate.primal_objective, rel=1e-7)


def test_figures_are_those_of_a_plan(base: stress.Base) -> None:
    kt = arc_kt(base.freight, base.solution)
    expected = corridors(base.freight, base.solution, kt).set_index("corridor")["kt"]
    assert base.figures.corridor_kt == pytest.approx(expected[list(base.lines.names)].to_numpy(), abs=1e-6)
    hours = np.array([arc.hours for arc in base.freight.network.arcs])
    days = float(kt.sum(axis=0) @ hours) / float(base.solution.path_flow.sum()) * 1000 / HOURS_PER_DAY
    assert base.figures.days == pytest.approx(days)


def test_a_closed_corridor_is_taken_over_by_others(ranking: pd.DataFrame) -> None:
    railways = ranking[(ranking["kind"] == "corridor") & (ranking["extra_usd"] > 1e9)]
    assert (railways["taken_over_by"] != "").any()
    for row in railways.itertuples():
        assert f"{row.closed} +" not in str(row.taken_over_by)


def test_where_nothing_can_be_carried_the_closure_is_ranked_all_the_same(tmp_path: Path) -> None:
    data = small_dataset(tmp_path / "data")
    ranked, base = stress.stress(StressSettings(str(data), kinds=("country", "link")), tmp_path / "out")
    dearest = ranked.iloc[0]
    assert (dearest["kind"], dearest["failed"]) == ("country", "")
    assert {"BBB", "CCC"} == set(ranked.loc[ranked["extra_days"].isna(), "closed"])
    closed = ranked.set_index("closed").loc["BBB"]
    assert closed["unserved_kt"] == pytest.approx(base.figures.unserved_kt + closed["extra_unserved_kt"])
    problem = close(base.freight.problem, base.closures["country", "BBB"].arcs)
    everything = float(problem.amount @ problem.penalty)
    assert base.figures.usd + closed["extra_usd"] == pytest.approx(everything)
    assert ranked["extra_usd"].is_monotonic_decreasing


def test_half_a_capacity_costs_less_than_none(base: stress.Base, ranking: pd.DataFrame) -> None:
    half, _ = stress.stress(dataclasses.replace(StressSettings(kinds=("border", "corridor")), capacity=0.5))
    both = half.merge(ranking, on=["kind", "closed"], suffixes=("_half", "_none"))
    assert len(both) == len(half)
    proved = 2e-7 * base.figures.usd  # either is right to a gap of 1e-7
    assert (both["extra_usd_half"] <= both["extra_usd_none"] + proved).all()
    assert (both["extra_usd_half"] > 0).any()


def test_workers_and_interruptions_change_no_byte(tmp_path: Path) -> None:
    settings = StressSettings(kinds=("corridor",))
    one, _ = stress.stress(settings, tmp_path / "one")
    two, _ = stress.stress(settings, tmp_path / "two", workers=2)
    assert one.to_csv() == two.to_csv()
    rows = "rows.jsonl"
    assert (tmp_path / "one" / rows).read_bytes() == (tmp_path / "two" / rows).read_bytes()


def test_the_worst_two_corridors_are_proved(ranking: pd.DataFrame) -> None:
    row, worst, base = stress.worst_combination(StressSettings(kinds=("corridor",)), 2)
    assert worst.gap <= 1e-6
    assert worst.solved < worst.sets
    chosen = row["closed"].split(" + ")
    alone = ranking[ranking["kind"] == "corridor"].set_index("closed")["extra_usd"]
    assert row["extra_usd"] >= alone.max()
    arcs = np.unique(np.concatenate([base.closures["corridor", one].arcs for one in chosen]))
    problem = close(base.freight.problem, arcs)
    cold = certify(problem, columns.solve(problem)).primal_objective
    assert base.figures.usd + row["extra_usd"] == pytest.approx(cold, rel=1e-6)
    for pair in combinations(alone.index[:5], 2):
        arcs = np.union1d(*(base.closures["corridor", one].arcs for one in pair))
        problem = close(base.freight.problem, arcs)
        found = certify(problem, columns.solve(problem, gap=1e-9, start=base.solution)).primal_objective
        assert found <= worst.most * (1 + 1e-9)


def test_what_cannot_be_closed_is_refused() -> None:
    with pytest.raises(DataError, match="did you mean corridor"):
        stress.stress(StressSettings(kinds=("coridor",)))
    with pytest.raises(DataError, match="less than 1"):
        stress.stress(StressSettings(capacity=1.0))


def test_the_page_on_stress_shows_what_a_run_says(ranking: pd.DataFrame) -> None:
    page = (Path(__file__).parents[2] / "docs" / "stress.md").read_text(encoding="utf-8")
    shown = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith(("| corridor |", "| border |"))]
    fresh = ranking[ranking["kind"].isin(["corridor", "border"])].head(len(shown))
    assert len(shown) > 10
    for cells, row in zip(shown, fresh.itertuples(), strict=True):
        kind, closed, usd, days, left, takers = (cell.strip() for cell in cells)
        assert (kind, closed, takers) == (row.kind, row.closed, row.taken_over_by)
        assert (usd, days) == (f"{float(row.extra_usd) / 1e9:.2f}", f"{float(row.extra_days):+.2f}")  # type: ignore[arg-type]
        assert left == f"{float(row.extra_unserved_kt) / 1000:.1f}"  # type: ignore[arg-type]
