"""The table of what was counted: what a row must be, and parts that fit their whole."""

from __future__ import annotations

from pathlib import Path

import pytest
import small
from faults import faults, only

from corridors import tables
from corridors.scenario.change import UNREACHED
from corridors.tables import observed
from corridors.tables.observed import countries, period, units

GATE, WEST, PLACE, TRAINS, GAUGE, MAIN = range(2, 8)  # rows of `small.OBSERVATIONS`, as a spreadsheet counts
RAIL, HALF, WORK, LORRIES, PAIR, GRAIN, PORT, BOXES = range(9, 17)
WAIT = {"kind": "wait", "unit": "h", "mode": "rail"}

CELLS = [
    (GATE, {"kind": "bridge"}, "kind", "one of link, crossing"),
    (GATE, {"where": ""}, "where", "a link of links.csv or a terminal of terminals.csv or a node of nodes.csv"),
    (GATE, {"where": "rail:EASTGATE-DRIPASS"}, "where", "did you mean rail:EASTGATE-DRYPASS"),
    (TRAINS, {"where": "DRYPASS"}, "where", "a link of links.csv or a terminal of terminals.csv for kind link"),
    (MAIN, {"where": "rail:MIDTOWN-LANDING"}, "where", "a corridor of corridors.csv for kind corridor"),
    (RAIL, {"where": "R1"}, "where", "a blank cell for kind mode"),
    (RAIL, {"mode": ""}, "mode", "some for kind mode"),
    (RAIL, {"mode": "train"}, "mode", "a mode of modes.csv"),
    (PORT, {"mode": ""}, "mode", "some for kind port"),
    (GRAIN, {"commodities": ""}, "commodities", "some for kind commodity"),
    (GRAIN, {"commodities": "grian"}, "commodities", "did you mean grain"),
    (GRAIN, {"trade": "exports"}, "trade", "some of transit, export"),
    (PAIR, {"origin_countries": "", "destination_countries": ""}, "origin_countries", "countries or a trade"),
    (PAIR, {"mode": "rail", "trade": "domestic"}, "trade", "freight that crosses the home country's frontier"),
    (PAIR, {"origin_countries": "AAB"}, "origin_countries", "did you mean AAA"),
    (PAIR, {"destination_countries": "!BBB;AAA"}, "destination_countries", "either all with ! or none"),
    (PAIR, {"direction": "AAA>BBB"}, "direction", "as kind pair has no direction"),
    (WEST, {"direction": "west"}, "direction", "FROM>TO"),
    (WEST, {"direction": "EASTGAET>DRYPASS"}, "direction", "did you mean EASTGATE"),
    (WEST, {"direction": "BBB>CCC"}, "direction", "a direction of it, such as EASTGATE>DRYPASS"),
    (GAUGE, {"direction": "AAA>BBB"}, "direction", "is no link and has no direction"),
    (GATE, {"unit": "tons"}, "unit", "kt, kt_year, kteu"),
    (GATE, {"unit": "mtkm"}, "unit", "another unit than work for kind crossing"),
    (GATE, {"unit": ""}, "unit", "unit of value"),
    (GATE, {"begin": "2024-02-30"}, "begin", "a day of the calendar"),
    (GATE, {"begin": "1.1.2024"}, "begin", "a date, YYYY-MM-DD"),
    (GATE, {"end": "2023-12-31"}, "end", "2024-01-01 or later"),
    (GATE, {"value": "-1"}, "value", "at least 0"),
    (GATE, {"value": ""}, "value", "a number"),
    (GATE, {"sd": "0"}, "sd", "at least 1e-09"),
    (GATE, {"sd": ""}, "sd", "a number"),
    (GATE, {"use": "tset"}, "use", "one of fit, test"),
    (WEST, {"part_of": "gait"}, "part_of", "did you mean gate"),
    (WEST, {"part_of": "gate:west"}, "part_of", "an observation that is no part of this one"),
    (WEST, {"part_of": "boxes"}, "unit", "kteu, as 'boxes' has"),
    (WEST, {"begin": "2023-12-01"}, "begin", "a period within that of 'gate'"),
    (GATE, {"observation": "rail"}, "observation", "a second time"),
    (PLACE, {"unit": "h"}, "unit", "kt, kt_year, kteu"),
    (PLACE, WAIT | {"mode": ""}, "mode", "some for kind wait"),
    (PLACE, WAIT | {"unit": "kt"}, "unit", "h for kind wait"),
    (PLACE, WAIT | {"where": "rail:EASTGATE-DRYPASS"}, "where", "a terminal of terminals.csv or a node of nodes.csv"),
    (PLACE, WAIT | {"direction": "BBB>AAB"}, "direction", "did you mean AAA"),
    (PLACE, WAIT | {"part_of": "gate"}, "part_of", "a blank cell, as a mean wait is no part of another"),
]


@pytest.fixture
def counted(folder: Path) -> Path:
    """Return a small data package with what was counted, complete with its provenance."""
    return small.observed(folder)


def test_what_was_counted_is_sound_and_says_where_it_comes_from(counted: Path) -> None:
    assert faults(counted) == []
    small.edit(counted, "observations", GATE, value="4400")
    assert only(counted).file == "provenance.csv"
    small.write_table(counted, "provenance", small.read_rows(counted, "provenance")[:-1])
    assert [str(one) for one in faults(counted) if one.file == "observations.csv"] == [
        "observations.csv, row 17, column value: found 4000 without provenance, expected a source; "
        "add where it comes from to provenance.csv, under key 'before'"
    ]


def test_a_package_without_the_table_is_sound_and_counts_nothing(folder: Path) -> None:
    assert not (folder / "observations.csv").exists()
    assert faults(folder) == []
    assert tables.read(folder)["observations"].empty
    assert "observations" in UNREACHED


@pytest.mark.parametrize(("row", "cells", "column", "words"), CELLS)
def test_a_wrong_cell_is_named(counted: Path, row: int, cells: dict[str, str], column: str, words: str) -> None:
    (counted / "provenance.csv").unlink()
    small.edit(counted, "observations", row, **cells)
    named = [one for one in faults(counted) if one.file == "observations.csv" and one.column == column]
    assert named, "\n".join(map(str, faults(counted)))
    assert any(words in str(one) for one in named), "\n".join(map(str, named))


def test_a_count_in_a_unit_needs_a_load_of_all_that_is_counted(counted: Path) -> None:
    (counted / "provenance.csv").unlink()
    loads = [row for row in small.read_rows(counted, "loads") if row["capacity_unit"] != "lorries_day"]
    small.write_table(counted, "loads", loads)
    small.append(counted, "loads", capacity_unit="lorries_day", commodity="general", t_per_unit_year="5475")
    told = [str(one) for one in faults(counted) if one.file == "observations.csv"]
    assert told == []  # lorries are counted of general goods alone
    small.edit(counted, "observations", LORRIES, commodities="")
    (fault,) = [one for one in faults(counted) if one.file == "observations.csv"]
    assert "a load of container_high in lorries_day" in str(fault)


# ---- parts and wholes


def part(folder: Path, name: str, value: float, sd: float = 10, **cells: str) -> None:
    """Add a count of trains at home, a part of `rail`."""
    usual = {"name_en": name, "kind": "mode", "mode": "rail", "unit": "kt", "use": "fit", "part_of": "rail"}
    dates = {"begin": "2024-01-01", "end": "2024-12-31"}
    small.append(folder, "observations", observation=name, value=f"{value}", sd=f"{sd}", **usual | dates | cells)


@pytest.fixture
def parted(counted: Path) -> Path:
    """Return the same without provenance, and with a whole of 7,000 kt that is sure."""
    (counted / "provenance.csv").unlink()
    lines = [row for row in small.read_rows(counted, "observations") if row["observation"] in ("rail", "boxes")]
    small.write_table(counted, "observations", lines)
    small.edit(counted, "observations", 2, sd="10")
    return counted


def test_parts_that_exclude_each_other_are_no_more_than_the_whole(parted: Path) -> None:
    part(parted, "out", 4000, trade="export")
    part(parted, "in", 3020, trade="import")
    assert faults(parted) == []  # 20 more, and the deviations are 10 each
    small.edit(parted, "observations", 5, value="3090")
    fault = only(parted)
    assert (fault.row, fault.column) == (2, "value")
    assert "7090 kt in 'out', 'in', parts of it, expected at most 7000, with the deviations" in str(fault)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"commodities": "grain"}, {"commodities": "general"}),
        ({"origin_countries": "AAA"}, {"origin_countries": "!AAA"}),
        ({"destination_countries": "AAA;CCC"}, {"destination_countries": "BBB"}),
        ({"end": "2024-06-30"}, {"begin": "2024-07-01"}),
    ],
)
def test_whatever_tells_parts_apart_they_are_added_up(parted: Path, one: dict[str, str], other: dict[str, str]) -> None:
    part(parted, "one", 4000, **one)
    part(parted, "other", 4000, **other)
    assert "8000 kt in" in str(only(parted))


@pytest.mark.parametrize(
    "other",
    [
        {"origin_countries": "!CCC"},
        {"commodities": "grain;general"},
        {"destination_countries": "AAA"},
        {"end": "2024-08-31"},
        {"trade": "transit"},
    ],
)
def test_parts_that_may_overlap_are_not_added_up(parted: Path, other: dict[str, str]) -> None:
    part(parted, "one", 4000, origin_countries="AAA", commodities="grain", begin="2024-05-01")
    part(parted, "other", 4000, **other)
    assert faults(parted) == []


def test_opposite_directions_are_apart(parted: Path) -> None:
    gate = {"kind": "crossing", "where": "rail:EASTGATE-DRYPASS", "mode": ""}
    part(parted, "gate", 5000, part_of="", **gate)
    part(parted, "to", 3000, part_of="gate", direction="AAA>BBB", **gate)
    part(parted, "from", 3000, part_of="gate", direction="BBB>AAA", **gate)
    assert "6000 kt in" in str(only(parted))


def test_a_tonne_that_goes_by_two_modes_is_a_part_twice(parted: Path) -> None:
    small.edit(parted, "observations", 2, mode="rail;road")
    part(parted, "one", 4000, mode="rail")
    part(parted, "other", 4000, mode="road")
    assert faults(parted) == []


def test_months_that_leave_no_day_out_are_as_much_as_the_year(parted: Path) -> None:
    part(parted, "first", 3000, end="2024-06-30")
    part(parted, "second", 3000, begin="2024-07-01", end="2024-12-30")
    assert faults(parted) == []  # the last day may have had the rest
    small.edit(parted, "observations", 5, end="2024-12-31")
    assert "6000 kt in 'first', 'second', parts of it, expected 7000" in str(only(parted))


def test_rates_of_shorter_periods_are_no_parts_of_a_mean(parted: Path) -> None:
    small.edit(parted, "observations", 2, unit="lorries_day", value="40")
    for name, dates in {"cold": {"end": "2024-03-31"}, "warm": {"begin": "2024-04-01"}}.items():
        part(parted, name, 45, sd=1, unit="lorries_day", **dates)
    assert faults(parted) == []
    part(parted, "all", 90, sd=1, unit="lorries_day", trade="export")
    assert "90 lorries_day in 'all'" in str(only(parted))


# ---- cells


def test_units_are_rates_of_loads_numbers_of_those_by_day_and_three_amounts() -> None:
    known = units(["lorries_day", "kt_year"])
    assert {name: tuple(unit) for name, unit in known.items()} == {
        "lorries": ("lorries_day", True),
        "lorries_day": ("lorries_day", False),
        "kt_year": ("kt_year", False),
        "kt": ("", True),
        "kteu": ("", True),
        "mtkm": ("", True),
    }


def test_a_period_is_counted_by_the_days_of_each_year() -> None:
    year = period("2024-01-01", "2024-12-31")
    assert (year.days, year.year, year.years) == (366, 2024, 1.0)
    assert period("2023-01-01", "2024-12-31").years == 2.0
    winter = period("2023-12-01", "2024-02-29")
    assert winter.by_year == {2023: 31, 2024: 60}
    assert winter.year == 2024
    assert winter.years == pytest.approx(31 / 365 + 60 / 366)
    assert period("2024-12-31", "2025-01-01").year == 2024


def test_countries_are_some_all_or_all_but_some() -> None:
    some, others = countries("AAA;BBB"), countries("!AAA;!BBB")
    assert [some.hold("AAA"), some.hold("CCC"), others.hold("AAA"), others.hold("CCC")] == [True, False, False, True]
    assert countries("").hold("AAA")
    assert countries("*").hold("AAA")
    assert some.apart(others)
    assert countries("CCC").apart(some)
    assert not countries("CCC").apart(others)
    assert not countries("").apart(some)
    assert not others.apart(countries("!CCC"))


@pytest.mark.parametrize("where", ["", "DRYPASS", "border:DRYPASS;gauge:EASTGATE"])
def test_waits_are_at_terminals_places_or_all_frontiers_in_a_direction_or_none(counted: Path, where: str) -> None:
    (counted / "provenance.csv").unlink()
    (counted / "sources.csv").unlink()
    small.edit(counted, "observations", PLACE, **WAIT, where=where, direction="AAA>*")
    assert faults(counted) == []


def test_every_kind_that_the_dictionary_knows_can_be_checked_and_counted() -> None:
    assert tables.fields("observations")["kind"]["constraints"]["enum"] == list(observed.KINDS)
