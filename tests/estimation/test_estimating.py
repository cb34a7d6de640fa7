"""Estimating on a small package: derivatives, planted parameters, the proof, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from corridors import network
from corridors.errors import DataError
from corridors.estimation import GROUPS, EstimationOptions, estimate, model, rounds
from corridors.estimation.package import estimated_package
from corridors.planning import choosing
from corridors.planning.counts import operator
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings
from corridors.tables.dataset import Dataset
from corridors.uncertainty import posterior
from corridors.uncertainty.distribution import joint

PLACE = ["table", "key", "column"]
SETTINGS = PlanSettings(choice="logit")
ALL = EstimationOptions(free=GROUPS, use=("fit", "test"))


def begun(dataset: Dataset, options: EstimationOptions = ALL) -> rounds.Rounds:
    return rounds.begin(dataset, SETTINGS, options, lambda _: None)


def planned(dataset: Dataset) -> np.ndarray:
    """Return what the plan of a data package says beside its counts of 2024."""
    chosen = choosing.choose(pose(network.build(dataset)), SETTINGS, lambda _: None)
    table = dataset["observations"].sort_values("observation", ignore_index=True)
    table = table[table["begin"].str.startswith("2024")]
    return operator(chosen.freight, table).modelled(chosen.problem.routes, chosen.solution.route_flow)


def counted(dataset: Dataset, truth: Dataset, rng: np.random.Generator | None = None) -> Dataset:
    """Return a data package whose counts are the figures of another one, with noise of their deviations."""
    table = dataset["observations"].sort_values("observation", ignore_index=True)
    figures = planned(truth)
    mine = table["begin"].str.startswith("2024").to_numpy()
    sd = np.maximum(0.02 * figures, 1e-3)
    noise = 0.0 if rng is None else sd * rng.standard_normal(sd.size)
    table.loc[mine, "value"] = np.maximum(figures + noise, 0.0)
    table.loc[mine, "sd"] = sd
    return dataset.with_table("observations", table)


def test_the_model_is_the_plan_of_the_data_at_the_point(dataset: Dataset) -> None:
    run = begun(dataset)
    q = run.common.parameters.prior.centred(np.linspace(-0.2, 0.2, len(run.common.parameters)))
    made = run.listed(q, None)
    assert made.at(q).all_values == pytest.approx(planned(run.common.parameters.at(q)), rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("lower", [0.0, 20.0])  # the second is more than most steps cost that pay the constants
def test_the_jacobian_is_that_of_central_differences(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, lower: float
) -> None:
    monkeypatch.setattr(model, "GAP", 1e-12)
    run = begun(dataset)
    prior = run.common.parameters.prior
    q = np.linspace(-0.15, 0.2, len(run.common.parameters))
    q[run.common.cost_slopes.constants] -= lower
    q = prior.centred(q)
    made = run.listed(q, None)
    jacobian = prior.tangent(made.at(q).jacobian(), q)
    for place in range(q.size):
        step = 1e-4 * np.eye(q.size)[place]
        there, back = (made.at(q + way * step).value for way in (1, -1))
        difference = (there - back) / 2e-4
        scale = np.abs(jacobian).max() * 1e-5 + np.abs(made.at(q).value) * 1e-5
        assert np.abs(difference - jacobian[:, place]).max() <= scale.max(), run.common.parameters.each[place].name


def test_planted_parameters_are_found_again(dataset: Dataset) -> None:
    run = begun(dataset)
    free = run.common.parameters
    rng = np.random.default_rng(7)
    truth = free.prior.centred(0.6 * free.prior_sd * rng.standard_normal(len(free)))
    options = replace(ALL, rounds=1)
    found = estimate(counted(dataset, free.at(truth), rng), SETTINGS, options, lambda _: None)
    off = (found.estimate.q - truth) / found.posterior.sd
    assert np.mean(np.abs(off) <= 2) >= 0.8
    assert found.fits.mean() >= 0.8
    before, after = (
        np.abs(found.observations[name])[found.observations["used"]].mean() for name in ("sds_before", "sds")
    )
    assert after < before / 3


def test_the_estimated_package_plans_to_the_figures_of_the_estimate(dataset: Dataset) -> None:
    found = estimate(dataset, SETTINGS, EstimationOptions(free=("constants", "tau", "shares")), lambda _: None)
    table = found.observations
    assert planned(found.dataset) == pytest.approx(table["model"].to_numpy(), rel=1e-4, abs=1e-3)
    assert found.gap <= 1e-6
    assert table.loc[table["used"], "model"].to_numpy() == pytest.approx(found.estimate.value)
    assert (table["use"][table["used"]] == "fit").all()
    assert (table["begin"] >= "2024").all()
    sums = (one["demand"].groupby("total")["kt"].sum() for one in (dataset, found.dataset))
    assert next(sums).to_numpy() == pytest.approx(next(sums).to_numpy(), rel=1e-12)


def test_an_estimated_total_is_written_with_its_demand_and_drawn(dataset: Dataset) -> None:
    found = estimate(dataset, SETTINGS, EstimationOptions(free=("shares", "totals")), lambda _: None)
    made = estimated_package(found)
    told = made["provenance"].set_index(["table", "key", "column"])
    total, row = (told.loc[place] for place in (("totals", "transit", "kt"), ("demand", "transit:west", "kt")))
    kt = made["totals"]["kt"].iat[0]
    mine = made["demand"][made["demand"]["total"] == "transit"]
    assert total["status"] == "estimated"
    assert total["low"] < kt < total["high"]
    assert mine["kt"].sum() == pytest.approx(kt)
    assert kt != dataset["totals"]["kt"].iat[0]
    assert row["low"] < mine.set_index("demand")["kt"]["transit:west"] * total["low"] / kt  # of the total and the share
    drawn = joint(made, 2024, "typical", posterior=posterior.read(made))
    assert ("totals", "transit", "kt") in set(zip(*(drawn.estimated.figures[one] for one in PLACE), strict=True))
    sample = drawn.changed(made, drawn.sample(np.full(drawn.dimension, 0.3)))
    mine = sample["demand"][sample["demand"]["total"] == "transit"]
    assert mine["kt"].sum() == pytest.approx(sample["totals"]["kt"].iat[0])
    assert sample["totals"]["kt"].iat[0] != kt


def test_counts_of_one_figure_weigh_as_one(dataset: Dataset) -> None:
    table = dataset["observations"]
    again = table[table["observation"] == "rail"].assign(observation="rail:again", end="2024-09-30")
    twice = dataset.with_table("observations", pd.concat([table, again]))
    told = begun(twice).common.observations.set_index("observation")
    assert told.loc["rail", "weight_sd"] == pytest.approx(np.sqrt(3) * 2000)  # of the year, half of it, nine months
    assert told.loc["gate", "weight_sd"] == 500


def test_counted_waits_are_no_freight_to_estimate_from(dataset: Dataset) -> None:
    table = dataset["observations"]
    wait = table[table["observation"] == "rail"].assign(observation="wait", kind="wait", unit="h", value=9.0, sd=1.0)
    told = begun(dataset.with_table("observations", pd.concat([table, wait]))).common.observations
    assert "rail" in told["observation"].tolist()
    assert "wait" not in told["observation"].tolist()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (PlanSettings(), "choice: found linear"),
        (PlanSettings(choice="logit", assign="equilibrium"), "waiting is not estimated"),
        (PlanSettings(choice="logit", tau=5), "tau: found 5"),
        (PlanSettings(choice="logit", carbon_price=20), "carbon price"),
        (PlanSettings(choice="logit", year=2031), "no row of 2031"),
    ],
)
def test_another_model_is_refused(dataset: Dataset, settings: PlanSettings, words: str) -> None:
    with pytest.raises(DataError, match=words):
        estimate(dataset, settings, EstimationOptions(), lambda _: None)


def test_an_elasticity_of_the_demand_is_refused(dataset: Dataset) -> None:
    choice = dataset["choice"].assign(elasticity=-0.1)
    with pytest.raises(DataError, match="elasticity is not estimated"):
        estimate(dataset.with_table("choice", choice), SETTINGS, EstimationOptions(), lambda _: None)
