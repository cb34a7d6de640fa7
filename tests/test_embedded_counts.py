"""The counts of the embedded data: what the demand was made from is said to be so, and no test has its own fit row."""

from __future__ import annotations

import re
import zlib

import pandas as pd
import pytest

from corridors import network, planning, tables
from corridors.planning import counted
from corridors.tables import observed

PERIOD = re.compile(r":(\d{4}|\d{4}-\d\d|\d{6}-\d{6})$")


@pytest.fixture(scope="module")
def beside() -> pd.DataFrame:
    net = network.build(tables.read())
    return counted.beside(planning.plan(net), net)


def groups(table: pd.DataFrame) -> pd.Series:
    """Return what was counted in which year, without the months, for each row."""
    names = [
        f"{PERIOD.sub('', one)}:{begin[:4]}" for one, begin in zip(table["observation"], table["begin"], strict=True)
    ]
    return pd.Series(names, index=table.index)


def test_a_count_that_a_plan_meets_to_a_thousandth_is_an_input(beside: pd.DataFrame) -> None:
    judged = beside[beside["use"].isin(counted.JUDGED) & (beside["verdict"] != counted.OTHER_YEAR)]
    assert len(judged) >= 30
    met = judged[judged["deviation"].abs() < 1e-3]
    assert met["observation"].tolist() == []


def test_no_input_is_a_hit_and_most_are_met(beside: pd.DataFrame) -> None:
    own = beside[(beside["use"] == counted.INPUT) & (beside["verdict"] != counted.OTHER_YEAR)]
    assert set(own["verdict"]) <= {counted.INPUT, counted.FAIL}
    assert (own["verdict"] == counted.INPUT).mean() > 0.9
    assert set(counted.nearness(beside)["use"]) == {"fit", "test"}


def test_tests_are_chosen_by_a_rule_that_knows_no_result_with_their_siblings(beside: pd.DataFrame) -> None:
    table = beside.assign(group=groups(beside))
    tests = table[table["use"] == "test"]
    assert len(tests) >= 30
    assert all(zlib.crc32(one.encode()) % 3 == 0 for one in tests["group"])
    siblings = table[table["group"].isin(tests["group"])]
    assert set(siblings["use"]) <= {"test", counted.INPUT}


def test_every_count_is_of_2019_to_2025(beside: pd.DataFrame) -> None:
    years = {observed.period(one.begin, one.end).year for one in beside.itertuples()}
    assert years == set(range(2019, 2026))
    assert len(beside) >= 200
