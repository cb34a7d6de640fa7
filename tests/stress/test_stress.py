"""What a closure costs is what planning anew without it says, and nothing that matters is left out."""

from __future__ import annotations

from collections.abc import Iterable
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
from corridors.planning.on_corridors import corridors
from corridors.planning.results import arc_kt
from corridors.stress import diversion
from corridors.stress.study import COLUMNS, StressSettings
from corridors.text.choices import CLOSURE_KINDS

LINES = ("corridor", "border")  # the kinds that the page on stress shows; links and terminals are thousands
TIES_KT = 5  # so much may go by another corridor in a plan that costs the same to a gap of 1e-7 of 45 billion


@pytest.fixture(scope="module")
def base() -> stress.Base:
    return stress.prepare(StressSettings())


@pytest.fixture(scope="module")
def ranking() -> pd.DataFrame:
    return stress.stress(StressSettings(kinds=LINES))[0]


def test_everything_of_every_kind_can_be_closed(base: stress.Base) -> None:
    network = base.freight.network
    names = {kind: {name for of, name in base.closures if of == kind} for kind in CLOSURE_KINDS}
    assert len(base.closures) == sum(map(len, names.values()))
    assert all(names.values())
    assert names["corridor"] == set(network.dataset["corridors"]["corridor"])
    assert names["link"] == {arc.id for arc in network.arcs if arc.kind == "move"}
    assert network.dataset.home_country in names["country"]
    assert names["country"] <= set(network.dataset["nodes"]["country"])


def in_order(ranking: pd.DataFrame) -> None:
    """Check that closing never helps, that the worst come first, and that everything is proved."""
    assert tuple(ranking.columns) == COLUMNS
    assert (ranking["extra_usd"] >= 0).all()
    assert ranking["extra_usd"].is_monotonic_decreasing
    assert (ranking["gap"] <= 1e-6).all()
    assert (ranking["failed"] == "").all()


def of_everything(ranking: pd.DataFrame, base: stress.Base) -> None:
    """Check that everything that can be closed has one row."""
    assert sorted(zip(ranking["kind"], ranking["closed"], strict=True)) == sorted(base.closures)


def test_closing_never_helps_and_the_worst_come_first(ranking: pd.DataFrame) -> None:
    assert set(ranking["kind"]) == set(LINES)
    in_order(ranking)


def test_everything_is_closed_once(tmp_path: Path) -> None:
    ranked, base = stress.stress(StressSettings(str(small_dataset(tmp_path / "data"))))
    assert set(ranked["kind"]) == set(CLOSURE_KINDS)
    of_everything(ranked, base)
    in_order(ranked)


@pytest.mark.slow
def test_everything_of_the_embedded_network_is_closed_once(base: stress.Base) -> None:
    """Every country; of links and terminals, which are thousands, every fourth of those that carry something."""
    ranked, countries = stress.stress(StressSettings(kinds=("country",)))
    of_everything(ranked, countries)
    in_order(ranked)
    used = [key for key, one in sorted(base.closures.items()) if base.tonnes[one.arcs].any()]
    tasks = [key for key in used if key[0] in ("link", "terminal")][::4]
    assert len(tasks) > 200
    for kind, closed in tasks:
        row = stress.solve(base, {"kind": kind, "closed": closed})
        assert row["gap"] <= 1e-6, closed
        assert row["extra_usd"] >= 0, closed
        assert row["failed"] == "", closed


def test_a_sample_costs_what_planning_anew_says(base: stress.Base, ranking: pd.DataFrame) -> None:
    used = [key for key, one in base.closures.items() if base.tonnes[one.arcs].any()]
    dearest = [(str(kind), str(closed)) for kind, closed in ranking[["kind", "closed"]].head(3).to_numpy()]
    for kind, closed in {*dearest, *(used[n] for n in np.random.default_rng(1).choice(len(used), 3, replace=False))}:
        row = stress.solve(base, {"kind": kind, "closed": closed})
        assert base.figures.usd + row["extra_usd"] == pytest.approx(anew(base, kind, closed), rel=1e-7)


def test_what_carries_nothing_is_closed_at_no_cost(base: stress.Base) -> None:
    idle = [key for key, one in base.closures.items() if not base.tonnes[one.arcs].any()]
    for number in np.random.default_rng(2).choice(len(idle), 3, replace=False):
        assert anew(base, *idle[number]) == pytest.approx(base.figures.usd, rel=1e-7)


def anew(base: stress.Base, kind: str, closed: str) -> float:
    """Return what a year costs with something closed, solved from nothing and proved."""
    problem = close(base.freight.problem, base.closures[kind, closed].arcs)
    certificate = certify(problem, columns.solve(problem, gap=1e-9), tolerance=1e-8)
    assert certificate.holds
    return float(certificate.primal_objective)


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
    half = stress.prepare(StressSettings(kinds=LINES, capacity=0.5))
    proved = 2e-7 * base.figures.usd  # either is right to a gap of 1e-7
    costly = ranking[ranking["extra_usd"] > 0]
    chosen = pd.concat([costly.head(8), costly[8:].sample(8, random_state=1)])
    halves = [stress.solve(half, {"kind": row.kind, "closed": row.closed}) for row in chosen.itertuples()]
    cost = np.array([row["extra_usd"] for row in halves])
    assert (cost <= chosen["extra_usd"] + proved).all()
    assert (cost > 0).any()


def test_workers_change_no_byte(tmp_path: Path) -> None:
    settings = StressSettings(str(small_dataset(tmp_path / "data")))
    one, _ = stress.stress(settings, tmp_path / "one")
    two, _ = stress.stress(settings, tmp_path / "two", workers=2)
    assert one.to_csv() == two.to_csv()
    rows = "rows.jsonl"
    assert (tmp_path / "one" / rows).read_bytes() == (tmp_path / "two" / rows).read_bytes()


def test_the_worst_two_are_the_worst_of_all_pairs(tmp_path: Path) -> None:
    settings = StressSettings(str(small_dataset(tmp_path / "data")), kinds=("link",))
    row, worst, base = stress.worst_combination(settings, 2)
    assert worst.gap <= 1e-6
    chosen = row["closed"].split(" + ")
    cost = {pair: together(base, "link", pair) for pair in combinations([name for _, name in base.closures], 2)}
    assert base.figures.usd + row["extra_usd"] == pytest.approx(cost[tuple(sorted(chosen))], rel=1e-6)
    assert max(cost.values()) == pytest.approx(cost[tuple(sorted(chosen))], rel=1e-6)


@pytest.mark.slow
def test_the_worst_two_corridors_are_proved(ranking: pd.DataFrame) -> None:
    row, worst, base = stress.worst_combination(StressSettings(kinds=("corridor",)), 2)
    assert worst.gap <= 1e-6
    assert worst.solved < worst.sets
    alone = ranking[ranking["kind"] == "corridor"].set_index("closed")["extra_usd"]
    assert row["extra_usd"] >= alone.max()
    cost = together(base, "corridor", row["closed"].split(" + "))
    assert base.figures.usd + row["extra_usd"] == pytest.approx(cost, rel=1e-6)
    for pair in combinations(alone.index[:5], 2):
        assert together(base, "corridor", pair) <= worst.most * (1 + 1e-9)


def together(base: stress.Base, kind: str, names: Iterable[str]) -> float:
    """Return what a year costs with several closed, solved from nothing and proved."""
    problem = close(base.freight.problem, np.unique(np.concatenate([base.closures[kind, one].arcs for one in names])))
    certificate = certify(problem, columns.solve(problem, gap=1e-9))
    assert certificate.holds
    return float(certificate.primal_objective)


def test_a_ranking_tells_who_takes_over_for_programs_and_for_people(ranking: pd.DataFrame) -> None:
    assert (ranking["diverted_to"] != "").any()
    for written, sentence in zip(ranking["diverted_to"], ranking["taken_over_by"], strict=True):
        assert diversion.sentence(diversion.read(written)) == sentence


def test_what_cannot_be_closed_is_refused() -> None:
    with pytest.raises(DataError, match="did you mean corridor"):
        stress.stress(StressSettings(kinds=("coridor",)))
    with pytest.raises(DataError, match="less than 1"):
        stress.stress(StressSettings(capacity=1.0))


def test_the_page_on_stress_shows_what_a_run_says(base: stress.Base, ranking: pd.DataFrame) -> None:
    page = (Path(__file__).parents[2] / "docs" / "stress.md").read_text(encoding="utf-8")
    assert f"{len(base.closures):,} closures of the embedded network" in " ".join(page.split())
    shown = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith(("| corridor |", "| border |"))]
    assert len(shown) > 10
    for cells, row in zip(shown, ranking.head(len(shown)).itertuples(), strict=True):
        kind, closed, usd, days, left, takers = (cell.strip() for cell in cells)
        assert (kind, closed) == (row.kind, row.closed)
        assert as_shown(usd, row.extra_usd / 1e9, 2)
        assert as_shown(days, row.extra_days, 2)
        assert as_shown(left, row.extra_unserved_kt / 1000, 1)
        gained = {one.corridor: one.kt for one in diversion.read(row.diverted_to)}
        told = dict(one.removesuffix(" kt").rsplit(" +", 1) for one in filter(None, takers.split("; ")))
        assert sorted(told) == sorted(gained)
        assert all(as_shown(told[corridor], gained[corridor], 0, off=TIES_KT) for corridor in told)


def as_shown(text: str, figure: float, digits: int, *, off: int = 1) -> bool:
    """Tell whether a text is a figure to so many digits, off by a few in the last place: plans that are as good are."""
    places = len(text.partition(".")[2])
    return places == digits and abs(float(text.replace(",", "")) - figure) <= (off + 0.5) * 10.0**-digits
