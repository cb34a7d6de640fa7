"""Elasticities at an estimate: beside plans that are solved anew, and what their intervals are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from estimable import estimable

from corridors import tables
from corridors.estimation import EstimationOptions, elasticities, estimate
from corridors.estimation.model import Figures
from corridors.estimation.result import EstimationResult
from corridors.models.choice import solver
from corridors.models.estimation.response import Response
from corridors.network.revaluation import revalued
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings

SETTINGS = PlanSettings(choice="logit")
STEP = 1e-4
ROW = "rail:general:CCC"  # a tariff of the railway at home


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> EstimationResult:
    """Return an estimate on a small package, whose railway at home has a tariff of its own for goods."""
    dataset = tables.read(estimable(tmp_path_factory.mktemp("elastic") / "data"))
    tariffs = dataset["tariffs"]
    own = {"tariff": ROW, "cargo": "general", "country": "CCC", "usd_per_km": 0.02, "per": "t"}
    dataset = dataset.with_table("tariffs", pd.concat([tariffs, tariffs.iloc[:1].assign(**own)], ignore_index=True))
    return estimate(replace(dataset, home_country="CCC"), SETTINGS, EstimationOptions(), lambda _: None)


def counted(figures: Figures) -> elasticities.Measured:
    """Return what is counted as measures: more of it answers than the railway's freight on so small a network."""
    some = np.flatnonzero(figures.all_values > 1)
    return elasticities.Measured(figures, tuple(map(str, some)), figures.model.matrix[some])


def costs(figures: Figures, table: str, column: str, row: str, factor: float) -> np.ndarray:
    """Return what each class pays on each arc with a number that is so many times as large, (C, A)."""
    common = figures.model.common
    dataset = common.parameters.at(figures.q)
    frame = dataset[table]
    value = frame[column].mask(frame[frame.columns[0]].eq(row), frame[column] * factor)
    changed = dataset.with_table(table, frame.assign(**{column: value}))
    return pose(revalued(common.who.freight.network, changed)).problem.cost


def test_they_are_those_of_plans_that_are_solved_anew(found: EstimationResult) -> None:
    measured, figures = counted(found.figures), found.figures
    amounts = []
    for way in (1, -1):
        cost = costs(figures, "modes", "usd_per_tkm", "deep_sea", float(np.exp(way * STEP)))
        problem = replace(figures.problem, flow=replace(figures.problem.flow, cost=cost))
        answer = solver.solve(problem, start=figures.solution, gap=1e-12)
        amounts.append(measured.matrix @ Response.of(problem, answer).route_flow)
    expected = (np.log(amounts[0]) - np.log(amounts[1])) / (2 * STEP)
    told = elasticities.response(measured, figures)[:, elasticities.FACTORS.index(elasticities.SEA)]
    assert np.abs(expected).max() > 0.05  # something answers
    assert told == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_the_tariff_at_home_is_paid_there_by_all_that_goes_by_rail(found: EstimationResult) -> None:
    figures = found.figures
    at_home, hours, _ = elasticities.by_factors(figures)
    dearer, usual = (costs(figures, "tariffs", "usd_per_km", ROW, factor) for factor in (1.01, 1.0))
    pays = np.isfinite(usual) & (np.where(np.isfinite(usual), dearer, 0.0) > usual)
    assert pays.any()
    assert at_home[pays] == pytest.approx((dearer[pays] - usual[pays]) / 0.01)
    assert ((hours > 0) <= (at_home > 0)).all()  # both on the lines at home alone


def test_a_dearer_sea_moves_no_freight_to_it(found: EstimationResult) -> None:
    measured = counted(found.figures)
    port = found.observations["observation"].tolist().index("port")
    row = measured.names.index(str(port))
    told = elasticities.response(measured, found.figures)[row, elasticities.FACTORS.index(elasticities.SEA)]
    assert told < 0


def test_each_interval_is_of_draws_that_the_seed_gives(found: EstimationResult) -> None:
    once, again = (elasticities.elasticities(found, draws=4, seed=1) for _ in range(2))
    assert once.equals(again)
    assert list(once.columns) == list(elasticities.COLUMNS)
    assert set(once["factor"]) == set(elasticities.FACTORS)
    assert (once["low"] <= once["high"]).all()
    assert (once["draws"] == 4).all()
    published = once[once["published_low"].notna()]
    assert set(published["factor"]) == {elasticities.TARIFF}
    assert not published["measure"].str.startswith("lorries").any()
    assert elasticities.elasticities(found, draws=0)["low"].isna().all()


def test_a_draw_keeps_the_order_of_the_nests(found: EstimationResult) -> None:
    parameters = found.parameters
    q = np.zeros(len(parameters))
    assert elasticities.nested(parameters, q) == pytest.approx(q)
    choice = parameters.at(elasticities.nested(parameters, q - 3.0))["choice"]
    assert (choice["nesting"] >= choice["way_nesting"].fillna(1.0)).all()
