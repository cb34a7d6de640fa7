"""The counts of the embedded data: what the demand was made from is said to be so, and no test has its own fit row."""

from __future__ import annotations

import math
import re
import zlib
from typing import Any

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


SEASON = {"boxes": 0.35, "grain": 0.43, "road": 0.27, "sea": 0.19, "other": 0.08}  # as SOURCES.md has them
IN_IT = "the deviation is that of a"  # a third of the year, say: judged with the season in it


def goods(row: Any) -> str:
    """Return whose season a count has."""
    classes = observed.parts(row.commodities)
    if classes and all(one.startswith("container") for one in classes):
        return "boxes"
    if classes == {"grain"}:
        return "grain"
    if row.unit.startswith("lorries") or row.mode == "road" or row.where.startswith("road:"):
        return "road"
    return "sea" if row.kind == "port" or row.where.startswith(("caspian:", "ferry:", "tanker:")) else "other"


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


def test_deviations_hold_the_error_of_the_season_and_of_the_load() -> None:
    data = tables.read()
    told = data["provenance"]
    bands = told[(told["table"] == "loads") & (told["column"] == "t_per_unit_year")].set_index("key")
    loads = (bands["high"].astype(float) / bands["low"].astype(float)).map(math.log) / (2 * 1.645)
    judged = [row for row in data["observations"].itertuples() if row.use in counted.JUDGED and IN_IT not in row.note]
    assert len(judged) > 150
    for row in judged:
        years = observed.period(row.begin, row.end).years
        wave = SEASON[goods(row)] * math.sin(math.pi * years) / (math.pi * years) if years < 1 else 0.0
        unit = "lorries_day" if row.unit.startswith("lorries") else "train_pairs_day"
        classes = sorted(observed.parts(row.commodities)) if unit == "train_pairs_day" else []
        load = sum(loads[f"{unit}|{one}"] for one in classes or ["*"]) / len(classes or ["*"])
        least = row.value * math.hypot(wave, load if row.unit.startswith(("lorries", "train_pairs")) else 0.0)
        assert row.sd >= 0.99 * least, row.observation


def test_a_pair_of_trains_at_dostyk_carries_what_was_counted_there(beside: pd.DataFrame) -> None:
    count = beside.set_index("observation").loc["dostyk:rail:2024"]
    loads = tables.read()["loads"].query("capacity_unit == 'train_pairs_day'").set_index("commodity")
    own, usual = (loads.loc[loads["load_class"] == one, "t_per_unit_year"] for one in ("dostyk", ""))
    assert set(own.index) == set(usual.index) - {"*"}
    assert (own / usual.loc[own.index]).tolist() == pytest.approx([1.25] * len(own), rel=1e-5)
    boxes = 10.8 / 20.5  # of the pairs that were counted
    pair = boxes * own["container_mid"] + (1 - boxes) * 1.25 * 1.5e6
    assert 1.24e6 <= pair <= 1.39e6
    assert 14 * pair / 1e3 >= count["value"] - count["sd"]
    assert abs(count["deviation"]) < 0.1
