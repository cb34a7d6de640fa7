"""Parameters of one year on others: the figures are those of the year's own plan, and intervals have their parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from estimable import estimable

from corridors import network, tables
from corridors.errors import DataError
from corridors.estimation import EstimationOptions, estimate, year_errors, years
from corridors.estimation.judging import SURE
from corridors.estimation.result import EstimationResult
from corridors.planning import choosing
from corridors.planning.counts import operator
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings
from corridors.tables.dataset import Dataset
from corridors.uncertainty.parameters import uncertain

SETTINGS = PlanSettings(choice="logit")
TOTAL = 1.2  # of the total of transit in 2025 to that of 2024


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Return a small package with a total and counts of 2025, too."""
    made = tables.read(estimable(tmp_path_factory.mktemp("foretold") / "data"))
    more = made["total_years"].iloc[:0]
    more.loc[0] = ["transit", 2025, made["totals"]["kt"].iat[0] * TOTAL]
    band = {"table": "total_years", "key": "transit|2025", "column": "kt", "status": "observed"}
    cited = band | {"low": 4000.0, "high": 5800.0, "source": "invented", "note": ""}
    told = pd.concat([made["provenance"], pd.DataFrame([cited])], ignore_index=True)
    counts = made["observations"]
    later = counts.assign(
        observation=counts["observation"] + ":25",
        begin=counts["begin"].str.replace("2024", "2025"),
        end=counts["end"].str.replace("2024", "2025"),
    )
    counts = pd.concat([counts, later], ignore_index=True)
    for name, frame in (("total_years", more.astype({"year": int})), ("provenance", told), ("observations", counts)):
        made = made.with_table(name, frame)
    return made


@pytest.fixture(scope="module")
def found(dataset: Dataset) -> EstimationResult:
    return estimate(dataset, SETTINGS, EstimationOptions(), lambda _: None)


@pytest.fixture(scope="module")
def told(found: EstimationResult) -> pd.DataFrame:
    return years.foretold(found, (2025, 2024), lambda _: None)


def test_figures_of_another_year_are_those_of_its_own_plan(found: EstimationResult, told: pd.DataFrame) -> None:
    freight = pose(network.build(found.dataset, 2025))
    chosen = choosing.choose(freight, replace(SETTINGS, year=2025), lambda _: None)
    later = told[told["year"] == 2025].reset_index(drop=True)
    rows = found.parameters.dataset["observations"].set_index("observation").loc[later["observation"]].reset_index()
    planned = operator(chosen.freight, rows).modelled(chosen.problem.routes, chosen.solution.route_flow)
    assert later["predicted"].to_numpy() == pytest.approx(planned, rel=1e-4, abs=1e-3)
    assert freight.demand["kt"].sum() > pose(network.build(found.dataset, 2024)).demand["kt"].sum()


def test_the_estimates_own_year_is_told_as_it_was(found: EstimationResult, told: pd.DataFrame) -> None:
    own = told[told["year"] == 2024]
    assert own["predicted"].to_numpy() == pytest.approx(found.observations["model"].to_numpy())
    assert own["parameters_sd"].to_numpy() == pytest.approx(found.observations["model_sd"].to_numpy())
    assert own["seen"].eq("yes").tolist() == found.observations["used"].tolist()


def test_an_interval_holds_parameters_year_and_count(told: pd.DataFrame) -> None:
    later = told[told["year"] == 2025]
    assert (later["year_sd"] > 0).any()
    assert later["predicted_sd"].to_numpy() == pytest.approx(np.hypot(later["parameters_sd"], later["year_sd"]))
    reach = SURE * np.hypot(later["predicted_sd"], later["sd"])
    assert (later["high"] - later["predicted"]).to_numpy() == pytest.approx(reach.to_numpy())
    inside = (later["low"] <= later["value"]) & (later["value"] <= later["high"])
    assert later["within_95"].eq("yes").tolist() == inside.tolist()
    assert set(later["seen"]) == {"no"}


def test_the_part_of_the_year_is_that_of_its_totals(dataset: Dataset, found: EstimationResult) -> None:
    figures = years.planned(found, 2025)
    ordered = found.parameters.dataset.ordered()
    told = uncertain(ordered, 2025, figures.model.common.who.freight.network.running)
    told = told[told["table"] == "total_years"].reset_index(drop=True)
    assert told["key"].tolist() == ["transit|2025"]
    step = 0.01
    ends = []
    for way in (1, -1):
        frame = dataset["total_years"]
        moved = dataset.with_table("total_years", frame.assign(kt=frame["kt"] * np.exp(way * step)))
        parameters = replace(found.parameters, dataset=moved.as_given())
        ends.append(years.planned(replace(found, parameters=parameters), 2025).all_values)
    slope = (ends[0] - ends[1]) / (2 * step)
    assert year_errors.slopes(figures, ordered, told)[:, 0] == pytest.approx(slope, rel=2e-3, abs=0.05)


def test_what_both_years_rest_on_moves_less_as_the_estimate_answers_it(dataset: Dataset) -> None:
    """The derivative of a figure of 2025 by the total of 2024: through the parameters, as estimated anew."""
    counted = dataset["observations"].assign(sd=dataset["observations"]["sd"] / 4)
    dataset = dataset.with_table("observations", counted)
    told = dataset["provenance"].copy()
    mine = (told["table"] == "totals") & (told["column"] == "kt")
    told.loc[mine, ["status", "low", "high"]] = ["assumed", *(dataset["totals"]["kt"].iat[0] * np.array([0.98, 1.02]))]
    dataset = dataset.with_table("provenance", told)
    options = EstimationOptions(free=("shares", "tau", "constants"), rounds=1)
    step, ends = 0.01, []
    for way in (1, -1):
        moved = dataset["totals"].assign(kt=dataset["totals"]["kt"] * np.exp(way * step))
        demand = dataset["demand"]
        rows = demand["total"].isin(moved["total"])
        demand = demand.assign(kt=demand["kt"].where(~rows, demand["kt"] * np.exp(way * step)))
        changed = dataset.with_table("totals", moved).with_table("demand", demand)
        found = estimate(changed, SETTINGS, options, lambda _: None)
        ends.append(years.planned(found, 2025).all_values)
    slope = (ends[0] - ends[1]) / (2 * step)
    found = estimate(dataset, SETTINGS, options, lambda _: None)
    figures, base = years.planned(found, 2025), years.scaled_errors(found)
    total = base.told["table"].eq("totals").to_numpy()
    foretold = -(years.answer(found, figures) @ base.slopes[:, total]).sum(axis=1)
    scale = np.abs(slope).max()
    assert scale > 100
    assert foretold == pytest.approx(slope, rel=0.1, abs=0.05 * scale)


def test_a_number_of_both_years_counts_once(found: EstimationResult) -> None:
    figures, base = found.figures, years.scaled_errors(found)
    year, answer = year_errors.Errors.of(figures), years.answer(found, figures)
    alone = year_errors.sd_of_year(year, replace(base, slopes=0 * base.slopes), answer)
    assert year.told[year_errors.PLACE].equals(base.told[year_errors.PLACE])
    same = replace(base, slopes=np.linalg.lstsq(answer, year.slopes, rcond=None)[0])
    rest = year_errors.sd_of_year(year, same, answer)
    assert (rest <= alone + 1e-9).all()
    assert year_errors.sd_of_year(year, base, 0 * answer) == pytest.approx(alone)


def test_a_summary_counts_what_was_seen_apart(told: pd.DataFrame) -> None:
    summary = years.summed(told)
    assert summary["counts"].sum() == len(told)
    assert set(summary.columns) == set(years.SUMMARY)


def test_a_year_without_counts_is_refused_before_anything_is_estimated(dataset: Dataset) -> None:
    with pytest.raises(DataError, match="no row of 2019"):
        years.check(dataset, (2019,))
