"""What was estimated is drawn from the posterior of the estimate: together, with totals exact, the same everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from estimable import estimable
from posterior import RUN, SEA, SHARES, TARIFFS, TAU, estimated
from small import edit, extend, read_rows, small_dataset, write_table
from uncertain import found_in, shared_of

from corridors import sweep, tables
from corridors import uncertainty as runs
from corridors.errors import DataError
from corridors.estimation import EstimationOptions, estimate
from corridors.estimation.package import estimated_package, write_package
from corridors.output import csv_text
from corridors.planning.settings import PlanSettings
from corridors.text.choices import UNCERTAINTY_TABLES
from corridors.uncertainty import distribution, posterior, results
from corridors.uncertainty.posterior_cells import GROUP

PLACES = [*SHARES, *TARIFFS, TAU, SEA]
COMMON = 0.03  # what the logarithms of both shares would have in common


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return estimated(tmp_path_factory.mktemp("posterior") / "package")


def joint(folder: Path, chooses: bool = True) -> distribution.Distribution:
    data = tables.read(folder)
    return distribution.joint(data, 2024, "typical", posterior=posterior.read(data), chooses=chooses)


def draws(drawn: distribution.Distribution, count: int) -> dict[tuple[str, str, str], np.ndarray]:
    points = np.random.default_rng(3).uniform(size=(count, drawn.dimension))
    values = np.array([drawn.sample(point) for point in points])
    places = zip(drawn.figures["table"], drawn.figures["key"], drawn.figures["column"], strict=True)
    return dict(zip(places, values.T, strict=True))


def test_draws_have_the_covariance_of_the_posterior_and_own_parts_besides(folder: Path) -> None:
    found = draws(joint(folder), 1500)
    west, east = (found[place] / np.mean(found[place]) for place in SHARES)
    logs = np.array([west, east, *(np.log(found[one]) for one in (*TARIFFS, TAU)), found[SEA]])
    narrow = 1 - np.array([0.3, 0.5]) ** 2
    across = np.zeros((6, 2))
    across[[0, 1, 5], 0], across[4, 1] = (0.3, -0.51961524, 0.8), 1
    root = np.array([0.2, 0.34641016, 0, 0, 0.4, 5])
    expected = np.diag(root**2) - (root[:, None] * across * narrow) @ (root[:, None] * across).T
    expected[:2, :2] -= COMMON
    expected[2:4, 2:4] = [[0.08, 0.04], [0.04, 0.08]]  # what they share, and as much of their own
    scale = np.sqrt(expected.diagonal())
    assert np.cov(logs) / scale[:, None] / scale == pytest.approx(expected / scale[:, None] / scale, abs=0.08)
    assert np.mean(found[SEA]) == pytest.approx(1, abs=0.3)
    assert np.median(found[TAU]) == pytest.approx(20, rel=0.03)
    assert [np.mean(found[place]) for place in SHARES] == pytest.approx([3000, 1000], rel=0.02)


def test_totals_stay_exact_and_what_is_not_covered_stays_with_its_band(folder: Path) -> None:
    data, drawn = tables.read(folder), joint(folder)
    for coordinate in np.linspace(0.01, 0.99, 7):
        made = drawn.changed(data, drawn.sample(np.full(drawn.dimension, coordinate)))["demand"]
        kt = made.set_index("demand")["kt"]
        assert kt["transit:west"] + kt["transit:east"] == pytest.approx(4000, rel=1e-12)
        assert kt["grain:export"] == 6000
    assert set(drawn.parameters["group"]).isdisjoint({"places of demand: container", "tariff: rail, container"})
    assert drawn.coordinates == (*drawn.groups, GROUP)


def test_a_plan_of_one_hand_draws_no_sharpness_of_choice(folder: Path) -> None:
    for chooses in (True, False):
        made = joint(folder, chooses).figures
        assert set(zip(made["table"], made["key"], made["column"], strict=True)) == set(PLACES) - (
            set() if chooses else {TAU}
        )
    linear = draws(joint(folder, chooses=False), 3)
    assert all((linear[place] == draws(joint(folder), 3)[place]).all() for place in linear)


def test_samples_are_the_same_bytes_after_a_torn_run_and_with_two_processes(folder: Path, tmp_path: Path) -> None:
    chosen = {"samples": 6, "ranking": "morris", "trajectories": 2}
    whole = found_in(folder, tmp_path / "out", **chosen)
    rows = (tmp_path / "out" / "rows.jsonl").read_bytes()
    (tmp_path / "out" / "rows.jsonl").write_bytes(rows[: len(rows) // 2])
    again = found_in(folder, tmp_path / "out", **chosen)
    assert (tmp_path / "out" / "rows.jsonl").read_bytes() == rows
    shared = shared_of(folder, **chosen)
    with sweep.run(runs.sweep_of(shared.settings), workers=2) as found:
        parallel = results.read(shared, found)
    for name in UNCERTAINTY_TABLES:
        text = csv_text(getattr(whole, name))
        assert csv_text(getattr(again, name)) == csv_text(getattr(parallel, name)) == text
    assert whole.failed == 0
    assert GROUP in set(whole.indices["group"])
    last = whole.groups.iloc[-1]
    assert (last["group"], last["figures"], last["statuses"]) == (GROUP, 5, f"estimated 5: {RUN}")
    assert last["low"] < 1 < last["high"]


def test_the_identity_names_the_posterior_and_only_where_there_is_one(folder: Path, tmp_path: Path) -> None:
    told = shared_of(folder).settings.identity()
    assert (told["posterior"], told["posterior_figures"]) == (RUN, 5)
    choosing = runs.settings_for(tables.read(folder), PlanSettings(choice="logit"), samples=2, ranking="none")
    assert choosing.posterior == (RUN, 6)
    assert posterior.read(tables.read(small_dataset(tmp_path / "none"))) is None


def test_a_scenario_moves_the_numbers_and_leaves_their_errors(folder: Path, tmp_path: Path) -> None:
    text = """
[[change]]
table = "tariffs"
where = { tariff = "rail:container" }
scale = { usd_per_km = 2 }

[[change]]
table = "constants"
where = { constant = "by:sea" }
set = { usd_per_t = 7 }

[[change]]
table = "demand"
where = { demand = "transit:west" }
scale = { kt = 0.5 }
"""
    (tmp_path / "changed.toml").write_text(text, encoding="utf-8")
    plain, changed = (shared_of(folder, scenarios=some) for some in ((), (str(tmp_path / "changed.toml"),)))
    one, two = (draws(shared.distribution, 3) for shared in (plain, changed))
    assert two[TARIFFS[0]] == pytest.approx(2 * one[TARIFFS[0]])
    assert two[SEA] == pytest.approx(one[SEA] + 6)
    assert two[SHARES[0]] == pytest.approx(one[SHARES[0]] / 2)
    values = changed.distribution.sample(np.full(changed.distribution.dimension, 0.3))
    kt = changed.distribution.changed(changed.dataset, values)["demand"].set_index("demand")["kt"]
    assert kt["transit:west"] + kt["transit:east"] == pytest.approx(2500)


def test_a_number_that_was_found_otherwise_is_drawn_from_its_own_band(folder: Path, tmp_path: Path) -> None:
    own = estimated(tmp_path / "own")
    told = read_rows(own, "provenance")
    for row in told:
        if (row["table"], row["key"], row["column"]) in TARIFFS:
            row |= {"status": "observed", "low": "0.3", "high": "0.6", "source": "invented"}
    write_table(own, "provenance", told)
    drawn = joint(own)
    assert set(drawn.parameters["key"]) == {key for _, key, _ in TARIFFS}
    assert len(drawn.figures) == len(PLACES)


def test_numbers_of_which_no_provenance_is_told_are_drawn_as_estimated(tmp_path: Path) -> None:
    bare = estimated(tmp_path / "bare")
    write_table(bare, "provenance", read_rows(bare, "provenance")[:0])
    drawn = joint(bare)
    assert drawn.groups == ()
    assert drawn.posterior == ("posterior.csv", len(PLACES))
    assert (drawn.sample(np.array([0.2])) != drawn.sample(np.array([0.3]))).all()
    assert results.groups(drawn)["group"].tolist() == [GROUP]


CHANGED = [
    ("demand", 0, {"kt": "1500"}, "kt of demand 'transit:(west|east)' at"),
    ("tariffs", 2, {"usd_per_km": "0.45"}, "usd_per_km of tariffs 'rail:container' at 0.45, expected 0.4 as"),
    ("constants", 2, {"usd_per_t": "0"}, "usd_per_t of constants 'by:sea' at 0, expected 1 as it was estimated"),
    ("posterior", 2, {"estimate": "1000"}, "the share west estimated at 1000, expected the logarithm of a factor"),
    ("posterior", 4, {"sd": "0.4"}, "tau has a standard deviation of 0.2, expected 0.4"),
]


@pytest.mark.parametrize(("table", "row", "cells", "words"), CHANGED)
def test_a_posterior_that_does_not_fit_is_refused_in_one_sentence(
    tmp_path: Path, table: str, row: int, cells: dict[str, str], words: str
) -> None:
    made = estimated(tmp_path / "changed")
    if table == "demand":
        row = 2 + next(n for n, one in enumerate(read_rows(made, table)) if one["demand"] == "transit:east")
    edit(made, table, row, **cells)
    with pytest.raises(DataError, match=words) as refused:
        runs.settings_for(tables.read(made), samples=2)
    assert str(refused.value).count(posterior.ADVICE) == 1


def test_directions_that_are_not_at_right_angles_are_refused(tmp_path: Path) -> None:
    made = estimated(tmp_path / "oblique")
    extend(made, "posterior_directions", "direction parameter loading shrink\n3 tau 1 0.9")
    with pytest.raises(DataError, match="not at right angles"):
        posterior.read(tables.read(made))


@pytest.mark.slow
def test_intervals_after_an_estimate_are_narrower_than_judged_bands(tmp_path: Path) -> None:
    judged = estimable(tmp_path / "judged")
    counts = read_rows(judged, "observations")
    for row in counts:
        row["sd"] = {"port": "30", "a-c": "30"}.get(row["observation"], row["sd"])
    write_table(judged, "observations", counts)
    data = tables.read(judged)
    options = EstimationOptions(("shares", "constants"))
    result = estimate(data, PlanSettings(choice="logit"), options, lambda _: None)
    package = tmp_path / "estimated"
    package.mkdir()
    write_package(estimated_package(result), package)
    widths = []
    for one in (judged, package):
        found = draws(joint(one), 200)
        kt = [found[place] / sum(found[share] for share in SHARES) for place in SHARES]
        widths.append([np.ptp(np.quantile(share, (0.05, 0.95))) for share in kt])
    assert (np.array(widths[1]) < 0.8 * np.array(widths[0])).all(), widths
    made = joint(package)
    assert made.estimated is not None
    sure = {one.keys[0]: sd for one, sd in zip(result.parameters.each, result.posterior.sd, strict=True)}
    sd = np.array([sure[key] for key in made.estimated.figures["key"]])
    z = np.random.default_rng(5).standard_normal((2000, made.estimated.posterior.sd.size))
    spread = np.std([made.estimated.posterior.moved(one) for one in z], axis=0)[made.estimated.owner]
    assert spread == pytest.approx(sd, rel=0.06)  # the constant is known 28 times better than before
