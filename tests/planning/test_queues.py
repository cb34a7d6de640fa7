"""The queue at a full place: the wait that costs what passes as much as it pays."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import small

from corridors import network, planning, tables
from corridors.planning.planner import Plan
from corridors.tables.dataset import Dataset

HARBOUR = "rail:HARBOUR-EASTGATE"
WAIT = {"hours": "9", "hours_per_hour": "0", "power": "4", "linear_share": "0.02"}


def crowded(folder: Path) -> Path:
    """Make a line of the small package full."""
    for row in (2, 3):
        small.edit(folder, "demand", row, reservation_usd_per_t="4000")
    small.edit(folder, "links", 2, capacity="2")
    small.edit(folder, "links", 11, usd_per_t="3000")
    return folder


@pytest.fixture
def data(folder: Path) -> Dataset:
    """Return the small package with a line that is full of boxes, all of one value of time."""
    crowded(folder)
    small.append(folder, "delays", delay="harbour", kind="*", mode="*", capacity_unit="*", limit=HARBOUR, **WAIT)
    found = tables.read(folder)
    boxes = found["demand"]["commodity"] == "container_high"
    return found.with_table("demand", found["demand"][boxes])


def queue(made: Plan, resource: str = HARBOUR) -> pd.Series:
    return made.bottlenecks.set_index("resource").loc[resource]


def test_waiting_so_long_shares_out_a_place_as_its_price_does(data: Dataset) -> None:
    made = planning.plan(network.build(data))
    full = queue(made)
    assert full["queue_days"] > 0
    links = data["links"].copy()
    there = links["link"] == HARBOUR
    links.loc[there, "hours_fixed"] += 24 * full["queue_days"]
    links.loc[there, "capacity"] = math.inf
    free = planning.plan(network.build(data.with_table("links", links)))
    paid = full["shadow_price"] * full["used"]  # and is lost in the queue
    assert free.summary["objective_value"] == pytest.approx(made.summary["objective_value"] + paid, rel=1e-9)


def test_the_tables_alone_say_how_long_it_is(folder: Path) -> None:
    made = planning.plan(network.build(tables.read(crowded(folder))))
    value = tables.read(folder)["commodities"].set_index("commodity")["usd_per_t_day"]
    for row in made.bottlenecks.itertuples():
        passing = made.usage[made.usage["resource"] == row.resource]
        tonnes, worth = passing["kt"].sum() * 1000, (passing["kt"] * 1000 * value[passing["commodity"]].values).sum()
        if not tonnes:
            assert np.isnan(row.usd_per_t_day)
            continue
        assert row.usd_per_t_day == pytest.approx(worth / tonnes)
        assert row.queue_days == pytest.approx(row.shadow_price * row.used / worth)
    assert (made.bottlenecks["queue_days"] > 0).any()


def test_hours_are_their_own_value_where_time_is_what_counts(data: Dataset) -> None:
    full = queue(planning.plan(network.build(data), objective="time"))
    assert full["usd_per_t_day"] == pytest.approx(10)
    assert full["queue_days"] == pytest.approx(full["shadow_price"] / 1_000_000 / 24)  # a train pair has a Mt of boxes


@pytest.mark.parametrize("how", [{"objective": "cost"}, {"objective": "emissions"}, {"co2_budget": 2e5}], ids=str)
def test_what_no_waiting_can_share_out_has_no_queue(data: Dataset, how: dict[str, object]) -> None:
    made = planning.plan(network.build(data), **how)  # type: ignore[arg-type]
    rows = made.bottlenecks if "objective" in how else made.bottlenecks.query("resource.str.startswith('bound:')")
    assert len(rows)
    assert rows[["usd_per_t_day", "queue_days"]].isna().all(axis=None)


def test_where_shippers_wait_by_use_the_rent_comes_on_top(data: Dataset) -> None:
    full = queue(planning.plan(network.build(data), choice="logit", assign="equilibrium"))
    assert full["waiting_hours"] > 0
    assert full["shadow_price_low"] > 0
    rent = full["shadow_price_low"] / 1_000_000 / 10
    assert full["queue_days"] == pytest.approx(full["waiting_hours"] / 24 + rent)
