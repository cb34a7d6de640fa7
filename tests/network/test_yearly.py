"""The capacities of a year: the figure that holds then, for the days that it is there, less passengers."""

from __future__ import annotations

from calendar import isleap
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import network, planning, tables
from corridors.network.revaluation import revalued
from corridors.network.yearly import capacities_of, share
from corridors.tables.dataset import Dataset, empty

TWO = "rail:DRYPASS-MIDTOWN:two"
GATE = "rail:EASTGATE-DRYPASS"


def limits(dataset: Dataset, year: int) -> dict[str, float]:
    return {one.resource: one.capacity for one in network.build(dataset, year).resources}


def row_of(folder: Path, table: str, key: str) -> int:
    """Return the spreadsheet's row of a key of one column."""
    column = small.SCHEMAS[table]["primaryKey"][0]
    return [row[column] for row in small.read_rows(folder, table)].index(key) + 2


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 9, 30), 93 / 365),  # 1 + 31 + 30 + 31 days
        (date(2025, 1, 1), 1.0),
        (date(2025, 12, 31), 1 / 365),
        (date(2024, 12, 31), 1 / 366),
        (date(2024, 2, 29), 307 / 366),
    ],
)
def test_what_opens_within_a_year_counts_for_the_days_that_are_left(day: date, expected: float) -> None:
    assert share(day) == expected


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_the_days_before_an_opening_and_those_from_it_on_make_a_year(day: date) -> None:
    days = 366 if isleap(day.year) else 365
    before = day.toordinal() - date(day.year, 1, 1).toordinal()
    assert share(day) * days == pytest.approx(days - before, abs=1e-9)
    assert 0 < share(day) <= 1


def test_a_track_opened_in_september_has_a_quarter_of_that_year_and_all_of_the_next(folder: Path) -> None:
    small.edit(folder, "links", row_of(folder, "links", TWO), opened="2026-09-30", pool="")
    small.edit(folder, "pools", 3, opened="2026-09-30")
    dataset = tables.read(folder)
    made = {year: limits(dataset, year) for year in (2025, 2026, 2027)}
    assert TWO not in made[2025]
    assert [made[year][TWO] for year in (2026, 2027)] == [40 * (93 / 365), 40]
    assert [made[year]["pool:pass"] for year in made] == [14, 14 + 36 * (93 / 365), 50]


def test_a_terminal_opened_within_the_year_counts_for_its_share_and_no_limit_stays_none(folder: Path) -> None:
    gate, ship = (row_of(folder, "terminals", name) for name in ("gauge:EASTGATE", "load:deep_sea"))
    small.edit(folder, "terminals", gate, year_open="2024", opened="2024-12-31")
    small.edit(folder, "terminals", ship, year_open="2024", opened="2024-12-31")
    dataset = tables.read(folder)
    assert limits(dataset, 2024)["gauge:EASTGATE"] == 14 / 366
    assert capacities_of(dataset, "terminals", 2024)[ship - 2] == np.inf


def test_passenger_trains_come_first_and_freight_has_the_rest(folder: Path) -> None:
    small.edit(folder, "links", row_of(folder, "links", GATE), passenger="6.5")
    small.edit(folder, "links", row_of(folder, "links", "rail:MIDTOWN-LANDING"), passenger="45")
    small.edit(folder, "links", row_of(folder, "links", "deep_sea:HARBOUR-LANDING"), passenger="3")
    built = network.build(tables.read(folder))
    found = {one.resource: one.capacity for one in built.resources}
    assert (found[GATE], found["rail:MIDTOWN-LANDING"]) == (16 - 6.5, 0)
    assert "deep_sea:HARBOUR-LANDING" not in found
    shown = planning.plan(built).bottlenecks.set_index("resource")["capacity"]
    assert (shown[GATE], shown["rail:MIDTOWN-LANDING"]) == (9.5, 0)


def test_passengers_take_of_a_new_track_only_on_its_days(folder: Path) -> None:
    row = row_of(folder, "links", TWO)
    small.edit(folder, "links", row, opened="2026-09-30", passenger="10", pool="")
    assert limits(tables.read(folder), 2026)[TWO] == (40 - 10) * (93 / 365)


def test_a_capacity_holds_from_its_year_until_the_next_and_the_first_before_it(folder: Path) -> None:
    small.extend(
        folder,
        "capacities",
        f"""
        table     key            year capacity
        links     {GATE}         2021 8
        links     {GATE}         2023 12
        links     {GATE}         2027 30
        terminals gauge:EASTGATE 2020 5
        pools     pass|2024      2028 20
        """,
    )
    dataset = tables.read(folder)
    made = {year: limits(dataset, year) for year in range(2019, 2029)}
    assert [made[year][GATE] for year in made] == [8, 8, 8, 8, 12, 16, 16, 16, 30, 30]
    assert [made[year]["gauge:EASTGATE"] for year in (2019, 2023, 2024, 2025)] == [5, 5, 14, 14]
    assert [made[year]["pool:pass"] for year in (2023, 2024, 2026, 2028)] == [0, 14, 50, 56]


@settings(max_examples=40, deadline=None)  # each makes tables cell by cell
@given(
    st.dictionaries(st.integers(2010, 2035).filter(lambda year: year != 2024), st.integers(0, 50), max_size=6),
    st.integers(2005, 2040),
)
def test_the_figure_of_a_year_is_the_last_one_written_up_to_it(figures: dict[int, int], year: int) -> None:
    dataset = empty(2024)
    link = {"link": "a", "from_node": "A", "to_node": "B", "mode": "rail", "capacity": 99.0, "capacity_unit": "trains"}
    links = dataset["links"]
    links.loc[0] = [link.get(name, np.nan if links[name].dtype == np.float64 else "") for name in links.columns]
    given_ = dataset["capacities"]
    for number, (of, capacity) in enumerate(figures.items()):
        given_.loc[number] = ["links", "a", float(of), float(capacity)]
    dataset = dataset.with_table("links", links).with_table("capacities", given_)
    known = dict(sorted({**figures, 2024: 99}.items()))
    expected = next(iter(known.values()))
    for one in range(2005, year + 1):  # year after year, as somebody would who keeps the books
        expected = known.get(one, expected)
    assert capacities_of(dataset, "links", year).tolist() == [expected]


def test_a_network_with_other_figures_is_the_one_that_is_built_of_them(folder: Path) -> None:
    small.append(folder, "capacities", table="links", key=GATE, year="2022", capacity="9")
    small.edit(folder, "links", row_of(folder, "links", GATE), passenger="2")
    dataset = tables.read(folder)
    before = network.build(dataset, 2022)
    figures, links = dataset["capacities"], dataset["links"]
    figures["capacity"] = [11.0]
    links["passenger"] = links["passenger"] * 1.5
    other = dataset.with_table("capacities", figures).with_table("links", links)
    again = {one.resource: one.capacity for one in revalued(before, other).resources}
    assert again == limits(other, 2022)
    assert again[GATE] == 11 - 3


def test_a_capacity_s_status_is_that_of_the_figures_that_hold(folder: Path) -> None:
    small.append(folder, "capacities", table="links", key=GATE, year="2022", capacity="9")
    small.edit(folder, "links", row_of(folder, "links", GATE), passenger="2")
    small.extend(
        folder,
        "total_years",
        """
        total   year kt
        transit 2022 3000
        """,
    )
    told = [("links", GATE, "capacity", "observed"), ("links", GATE, "passenger", "recalled")]
    told += [("capacities", f"links|{GATE}|2022", "capacity", "derived")]
    names = ("table", "key", "column", "status")
    provenance = tables.read(folder)["provenance"]
    for number, row in enumerate(told):
        cells = dict(zip(names, row, strict=True))
        provenance.loc[number] = [cells.get(name, np.nan if name in ("low", "high") else "") for name in provenance]
    dataset = tables.read(folder).with_table("provenance", provenance)
    for year, status in ((2024, "observed;recalled"), (2022, "derived;recalled")):
        plan = planning.plan(network.build(dataset, year))
        assert plan.bottlenecks.set_index("resource").loc[GATE, "status"] == status
