"""Control totals of other years: what was split from a total is changed as the total is, back to its first year."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small
from commands import run, sentence
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import network, planning, tables
from corridors.planning import plan_folder
from corridors.planning.years import demand_of, figures
from corridors.tables.dataset import Dataset
from corridors.text.language import language
from corridors.text.reasons import of_other_years
from corridors.uncertainty.distribution import joint
from corridors.uncertainty.parameters import uncertain


@pytest.fixture
def years(folder: Path) -> Path:
    """Return the small package with its one total, 4,000 kt in 2024, in two other years."""
    small.extend(
        folder,
        "total_years",
        """
        total   year kt
        transit 2019 1000
        transit 2025 5000
        """,
    )
    return folder


def kt(dataset: Dataset, year: int) -> dict[str, float]:
    demand = demand_of(dataset, year)
    return dict(zip(demand["demand"], demand["kt"], strict=True))


def test_what_was_split_from_a_total_is_changed_as_it_is(years: Path) -> None:
    dataset = tables.read(years)
    rest = {"grain:export": 6000, "goods:import": 800}
    assert kt(dataset, 2019) == {"transit:west": 750, "transit:east": 250, **rest}
    assert kt(dataset, 2024) == {"transit:west": 3000, "transit:east": 1000, **rest}
    assert kt(dataset, 2025) == {"transit:west": 3750, "transit:east": 1250, **rest}
    assert kt(dataset, 2022) == kt(dataset, 2026) == kt(dataset, 2024)  # no total of these years


def test_a_row_of_the_year_goes_before_what_a_total_makes_of_another(years: Path) -> None:
    cells = {"origin": "HARBOUR", "destination": "LANDING", "commodity": "container_high", "total": "transit"}
    small.append(years, "demand", demand="own", kt="123", year="2019", reservation_usd_per_t="400", **cells)
    dataset = tables.read(years)
    assert kt(dataset, 2019) == {"own": 123, "transit:east": 250, "grain:export": 6000, "goods:import": 800}
    assert kt(dataset, 2022)["own"] == 123  # later than its row, and no total says how it changed
    assert "own" not in kt(dataset, 2024)


def test_a_demand_that_begins_later_is_not_there_before(years: Path) -> None:
    cells = {"origin": "LANDING", "destination": "STEPPE", "commodity": "container_high"}
    small.append(years, "demand", demand="new", kt="5", year="2026", reservation_usd_per_t="400", **cells)
    dataset = tables.read(years)
    assert "new" not in kt(dataset, 2019)
    assert "new" in kt(dataset, 2026)


def test_a_plan_of_an_earlier_year_says_what_stands_for_it(years: Path, tmp_path: Path) -> None:
    told = run("plan", "--data", years, "--year", "2019", "--quiet", "--out", tmp_path / "plan")
    assert told.exit_code == 0, told.output
    assert "2 demands (6.8 Mt) have no figure of 2019: those of 2024 stand for them." in told.stdout
    assert "Mt by the year of its figure: 2019: 1.0, 2024: 6.8." in told.stdout
    summary = plan_folder.read(tmp_path / "plan").summary
    assert summary["kt_demanded"] == 7800
    assert summary["demand_years"] == [
        {"year": 2019, "demands": 2, "kt": 1000.0},
        {"year": 2024, "demands": 2, "kt": 6800.0},
    ]
    assert (summary["kt_left_out"], summary["left_out"]) == (0, [])
    assert run("verify", tmp_path / "plan", "--data", years).exit_code == 0
    after = run("plan", "--data", years, "--year", "2024", "--quiet").stdout
    assert "no figure" not in after
    told = run("plan", "--data", years, "--year", "2025", "--quiet").stdout
    assert "2 demands (6.8 Mt) have no figure of 2025: those of 2024 stand for them." in told
    assert "no figure" not in run("plan", "--data", years, "--year", "2026", "--quiet").stdout  # as it always was
    later = json.loads(run("plan", "--data", years, "--year", "2025", "--quiet", "--format", "json").stdout)
    assert later["kt_demanded"] == 11_800


def test_two_years_of_a_package_are_compared(years: Path, tmp_path: Path) -> None:
    for year in ("2019", "2025"):
        assert run("plan", "--data", years, "--year", year, "--quiet", "--out", tmp_path / year).exit_code == 0
    made = run("diff", tmp_path / "2019", tmp_path / "2025", "--data", years)
    assert made.exit_code == 0, made.output
    assert "2019 > 2025" in made.stdout.replace(",", "")


def test_a_year_before_the_first_total_is_one_sentence(years: Path) -> None:
    assert "the earliest demand is of 2019" in sentence(run("plan", "--data", years, "--year", "2018"))


def test_languages_say_what_stands_for_a_year() -> None:
    summary = {"year": 2019, "demand_years": [{"year": 2024, "demands": 5, "kt": 6800.0}]}
    english = list(of_other_years(summary, language("en")))
    assert english == ["5 demands (6.8 Mt) have no figure of 2019: those of 2024 stand for them."]
    for code in ("ru", "kk"):
        (said,) = of_other_years(summary, language(code))
        assert "have no figure" not in said
        assert "2019" in said


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return tables.read(small.small_dataset(tmp_path_factory.mktemp("unchanged") / "small"))


@settings(deadline=None)
@given(shares=st.lists(st.floats(0.001, 1.0), min_size=1, max_size=8), base=st.floats(1, 1e5), other=st.floats(0, 1e5))
def test_the_rows_of_a_total_add_up_to_it_in_its_year(
    unchanged: Dataset, shares: list[float], base: float, other: float
) -> None:
    share = np.array(shares) / sum(shares)
    dataset = unchanged
    one = dataset["demand"].iloc[:1]
    rows = pd.concat([one] * len(share), ignore_index=True)
    rows = rows.assign(demand=[f"d{number}" for number in range(len(share))], kt=share * base, year=2024.0, total="all")
    total = dataset["totals"].iloc[:1].assign(total="all", kt=base)
    years_ = pd.DataFrame({"total": ["all"], "year": [2021.0], "kt": [other]})
    dataset = dataset.with_table("demand", rows).with_table("totals", total).with_table("total_years", years_)
    found = demand_of(dataset, 2021)["kt"].to_numpy()
    assert found.sum() == pytest.approx(other)
    assert found == pytest.approx(share * other)


def test_figures_of_every_year_are_known(years: Path) -> None:
    assert figures(tables.read(years)) == {("transit", 2019): 1000, ("transit", 2024): 4000, ("transit", 2025): 5000}


def banded(folder: Path) -> Dataset:
    """Return the data with bands around the total of 2024 and that of 2019, and one row of the demand."""
    places = [("totals", "transit"), ("total_years", "transit|2019"), ("demand", "transit:west")]
    told = pd.DataFrame(places, columns=["table", "key"]).assign(column="kt", status="assumed", source="", note="")
    told["low"], told["high"] = [2000.0, 500.0, 1200.0], [8000.0, 2000.0, 7000.0]
    return tables.read(folder).with_table("provenance", told)


def test_what_is_uncertain_of_a_total_is_its_figure_of_the_year(years: Path) -> None:
    dataset = banded(years).ordered()
    for year, names in ((2019, {"transit|2019", "transit:west"}), (2024, {"transit", "transit:west"})):
        assert set(uncertain(dataset, year, "typical")["key"]) == names
    distribution = joint(dataset, 2019, "typical")
    drawn = distribution.changed(dataset, distribution.sample(np.array([0.9] * distribution.dimension)))
    whole = drawn["total_years"].set_index("year").loc[2019, "kt"]
    found = kt(drawn, 2019)
    assert whole > 1000
    assert found["transit:west"] + found["transit:east"] == pytest.approx(whole)


def test_a_capacity_of_another_year_is_drawn_in_that_year_alone(folder: Path) -> None:
    gate = "rail:EASTGATE-DRYPASS"
    small.append(folder, "capacities", table="links", key=gate, year="2025", capacity="20")
    places = [("links", gate), ("capacities", f"links|{gate}|2025")]
    told = pd.DataFrame(places, columns=["table", "key"]).assign(
        column="capacity", status="assumed", source="", note=""
    )
    told["low"], told["high"] = 8.0, 40.0
    dataset = tables.read(folder).with_table("provenance", told).ordered()
    for year, table in ((2024, "links"), (2025, "capacities"), (2030, "capacities")):
        found = uncertain(dataset, year, "typical")
        assert found["table"].tolist() == [table]
        assert found["group"].tolist() == ["capacity of lines: rail"]
    distribution = joint(dataset, 2025, "typical")
    drawn = distribution.changed(dataset, np.array([33.0]))
    limits = {one.resource: one.capacity for one in network.build(drawn, 2025).resources}
    assert limits[gate] == 33


def test_a_plan_of_an_earlier_year_is_proved_like_any(years: Path) -> None:
    made = planning.plan(network.build(tables.read(years), 2019)).summary
    assert (made["status"], made["kt_demanded"]) == ("optimal", 7800)
