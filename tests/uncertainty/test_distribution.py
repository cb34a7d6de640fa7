"""Draws keep to their bands, err together as much as is said, and touch nothing that is exact."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertain import DEMAND, LOADING, SPEED, Z80, Z90, Z95, package

from corridors import tables
from corridors import uncertainty as runs
from corridors.errors import DataError
from corridors.uncertainty import distribution, parameters


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
    at = dict(
        zip(
            drawn.parameters["key"],
            zip(drawn.at(np.full(2, -Z80)), drawn.at(np.full(2, Z80)), strict=True),
            strict=True,
        )
    )
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
    assert 40 <= len(whole.distribution.groups) <= 160


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
    told = whole.dataset["provenance"]
    published = told[(told["table"] == "totals") & (told["column"] == "kt") & (told["status"] == "observed")]
    band = published.set_index("key")[["low", "high"]]
    band = band.loc[band.index.intersection(whole.dataset["demand"]["total"].unique())]
    points = np.random.default_rng(7).uniform(size=(40, whole.distribution.dimension))
    inside = []
    for point in points:
        drawn = whole.distribution.changed(whole.dataset, whole.distribution.sample(point))["demand"]
        kt = drawn.groupby("total")["kt"].sum()[band.index]
        inside.append((kt >= band["low"] * (1 - 1e-9)) & (kt <= band["high"] * (1 + 1e-9)))
    assert len(band) > 1
    assert np.mean(inside) >= distribution.COVERAGE["observed"] - 0.1


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
    points = np.random.default_rng(5).uniform(size=(1000, whole.distribution.dimension))
    drawn = np.array([whole.distribution.sample(point) for point in points])
    frame = whole.distribution.parameters
    inside = ((drawn >= frame["low"].to_numpy() * (1 - 1e-9)) & (drawn <= frame["high"].to_numpy() * (1 + 1e-9))).mean(
        0
    )
    plain = (
        (frame["low"] > 0)
        & np.isfinite(frame["high"])
        & (frame["low"] < frame["value"])
        & (frame["value"] < frame["high"])
    ).to_numpy()
    wanted = frame["status"].map(distribution.COVERAGE).to_numpy()
    assert np.abs(inside - wanted)[plain].max() < 0.06
    assert np.abs(np.median(drawn, axis=0) / frame["value"].to_numpy() - 1)[plain].mean() < 0.05


@pytest.mark.parametrize(
    "together", [pytest.param(0.0, marks=pytest.mark.slow), 0.5, pytest.param(1.0, marks=pytest.mark.slow)]
)
def test_figures_of_a_group_err_together_as_much_as_is_said(together: float) -> None:
    drawn = distribution.joint(tables.read(), 2024, "typical", together)
    points = np.random.default_rng(6).uniform(size=(1000, drawn.dimension))
    logs = np.log([drawn.sample(point) for point in points])
    frame = drawn.parameters
    group = frame["group"].where((frame["low"] < frame["value"]) & (frame["value"] < frame["high"]))
    mine = np.flatnonzero(group == group.value_counts().index[0])[:6]
    other = np.flatnonzero(group == group.value_counts().index[1])[:1]
    ranks = np.argsort(np.argsort(logs[:, [*mine, *other]], axis=0), axis=0)
    found = np.corrcoef(ranks, rowvar=False)
    spearman = 6 / math.pi * math.asin(together / 2)
    assert found[:6, :6][~np.eye(6, dtype=bool)] == pytest.approx(spearman, abs=0.1)
    assert found[:6, 6] == pytest.approx(0, abs=0.08)
