"""The tables of an estimate say what its posterior does, and a package that has them can be drawn from again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from estimable import estimable

from corridors import tables
from corridors.estimation import EstimationOptions, EstimationResult, cross_validation, estimate, judging, results
from corridors.estimation.package import estimated_package
from corridors.estimation.posterior_tables import directions, largest, posterior
from corridors.planning.settings import PlanSettings


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> EstimationResult:
    """Return an estimate of normal coordinates alone, so that every covariance has an inverse."""
    data = tables.read(estimable(tmp_path_factory.mktemp("tables") / "data"))
    return estimate(data, PlanSettings(choice="logit"), EstimationOptions(("tau", "constants")), lambda _: None)


def test_influence_is_what_the_covariance_says_of_leaving_each_count_out(found: EstimationResult) -> None:
    told = results.influence_of(found).set_index("observation")
    one, sure = found.estimate, found.posterior
    covariance = sure.covariance(np.arange(len(found.parameters)))
    scaled = (np.sqrt(one.weight) / one.sd)[:, None] * one.jacobian
    for number, name in enumerate(found.used["observation"]):
        pull = np.sqrt(one.weight[number]) * one.residual[number] / (1 - sure.leverage[number])
        move = covariance @ scaled[number] * pull
        row = told.loc[name]
        assert row["distance"] == pytest.approx(np.sqrt(move @ np.linalg.solve(covariance, move)), abs=1e-6)
        assert row["parameter_sds"] == pytest.approx((move / sure.sd)[np.argmax(abs(move / sure.sd))], abs=1e-6)


def test_the_tables_of_a_package_give_the_covariance_of_the_posterior(found: EstimationResult) -> None:
    cells = posterior(found).drop_duplicates("parameter").set_index("parameter")
    parts = directions(found)
    across = parts.pivot_table(index="parameter", columns="direction", values="loading", fill_value=0.0)
    across = across.reindex(cells.index, fill_value=0.0).to_numpy()
    shrink = parts.drop_duplicates("direction")["shrink"].to_numpy()
    wide = cells["prior_sd"].to_numpy()
    narrowed = np.eye(len(wide)) - (across * (1 - shrink**2)) @ across.T
    expected = found.posterior.covariance(np.arange(len(wide)))
    assert wide[:, None] * narrowed * wide == pytest.approx(expected, abs=5e-3 * wide.max() ** 2)
    assert cells["sd"].to_numpy() == pytest.approx(found.posterior.sd, rel=1e-6)


def test_the_largest_parts_of_a_direction_make_nearly_all_its_length() -> None:
    loading = np.array([0.01, -0.8, 0.0, 0.6 - 1e-4, 0.005])
    assert largest(loading).tolist() == [1, 3]
    assert largest(np.full(4, 0.5)).tolist() == [0, 1, 2, 3]


def test_a_package_without_provenance_begins_with_none(found: EstimationResult) -> None:
    bare = found.dataset.with_table("provenance", found.dataset["provenance"].head(0))
    made = estimated_package(replace(found, dataset=bare))
    assert not len(made["provenance"])
    assert len(made["posterior"]) == len(found.parameters)


def test_predictions_are_near_or_not_and_their_intervals_hold_or_not() -> None:
    row = {"group": "a", "name_en": "A", "unit": "kt", "failed": ""}
    figures = [(100.0, 10.0, 114.9, 0.0), (100.0, 10.0, 120.0, 10.0), (100.0, 1.0, 130.0, 0.0), (0.0, 1.0, 0.5, 1.0)]
    columns = ["value", "sd", "predicted", "predicted_sd"]
    frame = pd.DataFrame([row | dict(zip(columns, one, strict=True)) for one in figures])
    told = judging.judged(frame.assign(observation=list("abcd")))
    assert told["within_15"].tolist() == ["yes", "no", "no", "no"]
    assert told["within_95"].tolist() == ["yes", "yes", "no", "yes"]
    assert told["deviation"].isna().tolist() == [False, False, False, True]


def test_a_group_that_failed_has_its_counts_with_why() -> None:
    counted = pd.DataFrame({"observation": ["a", "b"], "name_en": ["A", "B"], "unit": "kt", "value": 3.0, "sd": 1.0})
    rows = [{"task": 0, "group": "a", "failed": "no plan"}]
    told = cross_validation.left_out(rows, {"a": ("a", "b")}, counted)
    assert told["observation"].tolist() == ["a", "b"]
    assert set(told["failed"]) == {"no plan"}
    assert set(told["within_15"]) == {""}
    assert set(told["stands"]) == {""}
