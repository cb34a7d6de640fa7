"""Groups of counts left out: what is foretold hangs neither on where the search began nor on what was counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from corridors.errors import CertificateError, DataError
from corridors.estimation import EstimationOptions, cross_validation, estimate, groups, leave_out, leaving
from corridors.planning import choosing
from corridors.planning.settings import PlanSettings
from corridors.tables.dataset import Dataset

SETTINGS = PlanSettings(choice="logit")
OPTIONS = EstimationOptions(free=("constants", "tau"))
APART = 0.1  # of the prediction's standard deviation


@pytest.fixture(scope="module")
def whole(shared_dataset: Dataset) -> leaving.Whole:
    return leaving.whole(shared_dataset, SETTINGS, OPTIONS)


def test_the_groups_are_all_the_counts_that_are_fitted(dataset: Dataset) -> None:
    table = dataset["observations"]
    fitted = table["observation"][(table["use"] == "fit") & table["begin"].str.startswith("2024")]
    known = groups(dataset, SETTINGS, OPTIONS)
    assert sorted(name for mine in known.values() for name in mine) == sorted(fitted)


def test_inputs_alone_are_no_group_to_leave_out(dataset: Dataset) -> None:
    table = dataset["observations"]
    port = table["observation"] == "port"
    inputs = dataset.with_table("observations", table.assign(use=table["use"].where(~port, "input")))
    assert "port" in groups(dataset, SETTINGS, OPTIONS)
    assert "port" not in groups(inputs, SETTINGS, OPTIONS)
    assert list(groups(inputs, SETTINGS, replace(OPTIONS, use=("input",)))) == ["port"]


@pytest.mark.parametrize("name", ["a-c", "port"])
def test_a_group_is_foretold_as_by_an_estimate_from_the_data_without_it(
    shared_dataset: Dataset, whole: leaving.Whole, name: str
) -> None:
    told = leaving.foretold(whole, (name,)).iloc[0]
    assert (told["observation"], told["stands"]) == (name, "yes")
    fewer = replace(OPTIONS, left_out=frozenset({name}))
    anew = estimate(shared_dataset, SETTINGS, fewer, lambda _: None)
    figure = anew.observations.set_index("observation").loc[name]
    assert not figure["used"]
    assert told["predicted"] == pytest.approx(figure["model"], abs=APART * figure["model_sd"])


def test_what_is_left_out_does_not_move_its_prediction(shared_dataset: Dataset, whole: leaving.Whole) -> None:
    table = shared_dataset["observations"]
    port = table["observation"] == "port"
    other = table.assign(value=table["value"].where(~port, 3 * table["value"]), sd=table["sd"].where(~port, 50.0))
    moved = leaving.whole(shared_dataset, SETTINGS, OPTIONS, other)
    assert np.abs(moved.q - whole.q).max() > 0.1
    first, second = (leaving.foretold(one, ("port",)).iloc[0] for one in (whole, moved))
    assert second["predicted"] == pytest.approx(first["predicted"], abs=APART * first["predicted_sd"])


def test_a_group_that_does_not_come_to_stand_is_said_to(whole: leaving.Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "STANDS", -1.0)
    assert leaving.foretold(whole, ("port",))["stands"].tolist() == ["no"]


def test_a_prediction_is_certified(whole: leaving.Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    left = leaving.without(whole, ("port",))
    assert left.gap <= 1e-6
    settle = choosing.settle

    def spoiled(*given: object) -> choosing.Settled:
        found = settle(*given)  # type: ignore[arg-type]
        flow = 1.01 * found.solution.route_flow
        return replace(found, solution=replace(found.solution, route_flow=flow))

    monkeypatch.setattr(choosing, "settle", spoiled)
    with pytest.raises(CertificateError, match="is not proved"):
        leaving._proved(whole.rounds, whole.model, whole.q, ("port",), stands=True)


def test_a_group_that_is_none_is_refused(dataset: Dataset) -> None:
    with pytest.raises(DataError, match="did you mean port"):
        leave_out(dataset, SETTINGS, OPTIONS, "prot")


def test_rows_of_another_form_are_solved_anew() -> None:
    row = {"counts": ["a"], "stands": True, "value": [1.0], "sd": [1.0], "predicted": [2.0], "predicted_sd": [0.1]}
    assert cross_validation._sound(row)
    assert not cross_validation._sound({name: value for name, value in row.items() if name != "stands"})
    assert not cross_validation._sound(row | {"stands": "yes"})
    assert not cross_validation._sound(row | {"sd": [1.0, 2.0]})
