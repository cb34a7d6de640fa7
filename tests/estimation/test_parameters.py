"""Parameters: which cells are free, how wide, and what a data package at a point is."""

from __future__ import annotations

import numpy as np
import pytest

from corridors.errors import DataError
from corridors.estimation import GROUPS, EstimationOptions, Parameters
from corridors.estimation.parameters import parameters
from corridors.tables.dataset import Dataset


def free(dataset: Dataset, *groups: str) -> Parameters:
    return parameters(dataset, 2024, "typical", groups or GROUPS)


def somewhere(found: Parameters) -> np.ndarray:
    return found.prior.centred(np.linspace(-0.4, 0.5, len(found)))


def test_every_group_has_the_cells_that_a_plan_of_the_year_reads(dataset: Dataset) -> None:
    found = free(dataset)
    assert {one.group for one in found.each} == set(GROUPS)
    assert len({one.name for one in found.each}) == len(found)
    shares = [one for one in found.each if one.kind == "share"]
    assert {one.keys for one in shares} == {("transit:west",), ("transit:east",)}  # the others have no total
    assert {one.keys for one in found.each if one.kind == "addend"} == {("gate",), ("gate:out",), ("sea",)}
    assert all("best" not in key for one in found.each if one.table == "modes" for key in one.keys)


def test_at_the_data_nothing_changes(dataset: Dataset) -> None:
    assert free(dataset).at(np.zeros(len(free(dataset)))).digest == dataset.digest


def test_totals_stay_exact_but_for_those_that_are_free(dataset: Dataset) -> None:
    found = free(dataset, *(one for one in GROUPS if one != "totals"))
    moved = found.at(somewhere(found))
    for table, column in (("demand", "kt"), ("splits", "share")):
        before, after = (one[table].groupby("total")[column].sum() for one in (dataset, moved))
        assert after.to_numpy() == pytest.approx(before.to_numpy(), rel=1e-12)
    assert not np.allclose(dataset["demand"]["kt"], moved["demand"]["kt"])
    assert np.allclose(moved["demand"]["kt"][:2] / 4000, moved["splits"]["share"])


def test_a_total_that_nobody_counted_moves_with_its_demand(dataset: Dataset) -> None:
    found = free(dataset, "totals")
    (one,) = found.each
    assert (one.table, one.keys, one.kind) == ("totals", ("transit",), "factor")
    assert one.prior_sd == pytest.approx(np.log(1.25) / 1.2815515655446004)
    moved = found.at(np.array([0.1]))
    of = (dataset["demand"]["total"] == "transit").to_numpy()
    assert moved["totals"]["kt"].to_numpy() == pytest.approx(dataset["totals"]["kt"].to_numpy() * np.exp(0.1))
    ratio = moved["demand"]["kt"].to_numpy() / dataset["demand"]["kt"].to_numpy()
    assert ratio == pytest.approx(np.where(of, np.exp(0.1), 1.0))
    assert moved["splits"].equals(dataset["splits"])


@pytest.mark.parametrize("status", ["observed", "derived"])
def test_a_total_that_was_counted_is_not_free(dataset: Dataset, status: str) -> None:
    told = dataset["provenance"]
    counted = told.assign(status=told["status"].where(told["table"] != "totals", status))
    with pytest.raises(DataError, match="totals, of which the data package has nothing uncertain"):
        free(dataset.with_table("provenance", counted), "totals")


def test_a_point_leads_there_and_back(dataset: Dataset) -> None:
    found = free(dataset)
    q = somewhere(found)
    back = parameters(found.at(q), 2024, "typical", GROUPS)
    assert [one.name for one in back.each] == [one.name for one in found.each]
    again = back.at(-q)
    for table in ("demand", "tariffs", "modes", "choice", "constants", "borders"):
        for column in dataset[table].select_dtypes("number"):
            assert np.allclose(again[table][column], dataset[table][column], rtol=1e-12, equal_nan=True)


def test_the_cells_of_a_point_are_those_that_changed(dataset: Dataset) -> None:
    found = free(dataset)
    q = somewhere(found)
    told = found.cells(q)
    place = {each.name: number for number, each in enumerate(found.each)}
    told = told.assign(move=[q[place[name]] for name in told["parameter"]])
    told["move"] = told.groupby(["table", "key", "column"])["move"].transform("sum")  # of its share and of its total
    for row in told.itertuples():
        added = found.each[place[row.parameter]].kind == "addend"
        expected = row.before + row.move if added else row.before * np.exp(row.move)
        assert row.estimate == pytest.approx(expected, rel=1e-12)
    assert set(told["table"]) >= {"demand", "splits", "choice", "constants", "tariffs"}


def test_a_band_says_how_wide_and_a_group_shares_half_of_it(dataset: Dataset) -> None:
    z90 = 1.2815515655446004  # a band of what is assumed holds 80 %
    found = {one.name: one for one in free(dataset).each}
    assert found["tau: bulk|*"].prior_sd == pytest.approx(np.log(2) / z90)
    assert found["tariff: rail, container"].prior_sd == pytest.approx((np.log(1.4) - np.log(0.7)) / 2 / z90)
    hours = next(one for name, one in found.items() if one.column == "hours" and "road" in name)
    assert len(hours.keys) == 2
    assert hours.prior_sd == pytest.approx(np.sqrt(0.5) * np.log(2) / z90)


def test_shares_are_held_as_their_bands_say(dataset: Dataset) -> None:
    """Two rows with shares s and 1 - s and one standard deviation, half of whose variance is their own."""
    prior = free(dataset, "shares").prior
    sd = np.log(2) / 1.2815515655446004
    assert prior.share0 == pytest.approx([0.75, 0.25])  # west, which is given first, and east
    assert prior.strength == pytest.approx([2 / (sd**2 / 2)])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"free": ("share",)}, "did you mean shares"),
        ({"free": ("capacities",)}, "does not follow capacities"),
        ({"free": ("delays",)}, "waiting is not estimated"),
        ({"free": ()}, "found nothing"),
        ({"use": ("fits",)}, "did you mean fit"),
    ],
)
def test_what_cannot_be_estimated_is_refused(options: dict[str, tuple[str, ...]], words: str) -> None:
    with pytest.raises(DataError, match=words):
        EstimationOptions(**options)  # type: ignore[arg-type]  # one of two


def test_a_group_without_bands_is_refused(dataset: Dataset) -> None:
    exact = dataset.with_table("provenance", dataset["provenance"].iloc[:0])
    with pytest.raises(DataError, match="nothing uncertain"):
        free(exact, "tau")
