"""A demand that no way serves is named, with its places, its commodity and what is lacking."""

from __future__ import annotations

from pathlib import Path

import pytest
import small
from faults import faults, only

TRAINS = {"kind": "load", "to_mode": "rail", "hours": "1", "both_ways": "0", "capacity": "inf"}
KT = {"kt": "1", "reservation_usd_per_t": "5", "year": "2024"}


def test_demands_without_a_way_are_one_fault_that_names_the_first(folder: Path) -> None:
    small.edit(folder, "commodities", 3, modes="rail")
    for number in range(5):
        small.append(
            folder, "demand", demand=f"d{number}", origin="MIDTOWN", destination="STEPPE", commodity="grain", **KT
        )
    (folder / "provenance.csv").unlink()
    fault = only(folder)
    way = "from 'MIDTOWN' to 'STEPPE' for grain (rail)"
    assert fault.found == f"no way {way}, {way}, {way}, and 2 more without"
    assert (fault.file, fault.row, fault.expected) == ("demand.csv", 6, "one")
    small.write_table(folder, "demand", small.read_rows(folder, "demand")[:5])
    assert only(folder).found == f"no way {way}"


def without(folder: Path, table: str, **cells: str) -> None:
    """Take the rows with these cells out of a table, and with them all provenance."""
    kept = [row for row in small.read_rows(folder, table) if not cells.items() <= row.items()]
    small.write_table(folder, table, kept)
    small.write_table(folder, "provenance", [])


def test_a_demand_that_nothing_loads_is_named_with_its_place_commodity_and_modes(folder: Path) -> None:
    without(folder, "terminals", kind="load", to_mode="rail")
    fault = only(folder)
    assert (fault.file, fault.row, fault.column) == ("demand.csv", 4, "origin")
    assert fault.found == "no loading at MIDTOWN for grain (rail)"
    assert fault.expected == "a load row of terminals.csv with such a to_mode, for the place or for *"


def test_a_demand_that_nothing_unloads_is_named(folder: Path) -> None:
    without(folder, "terminals", kind="unload", from_mode="road")
    fault = only(folder)
    assert (fault.row, fault.column) == (5, "destination")
    assert fault.found == "no unloading at STEPPE for general (road)"
    assert fault.expected == "an unload row of terminals.csv with such a from_mode, for the place or for *"


def test_without_any_terminal_nothing_is_sound_and_each_end_is_named_once(folder: Path) -> None:
    small.write_table(folder, "terminals", [])
    (folder / "provenance.csv").unlink()
    small.append(
        folder, "demand", demand="again", origin="HARBOUR", destination="LANDING", commodity="container_high", **KT
    )
    found = [fault for fault in faults(folder) if fault.column == "origin"]
    assert [(fault.file, fault.row) for fault in found] == [("demand.csv", 2)]
    assert "at HARBOUR for container_high (rail, deep_sea)" in found[0].found
    assert found[0].found.count(" at ") == 3
    assert found[0].found.endswith("and 1 more without")


@pytest.mark.parametrize(
    "row", [{"node": "MIDTOWN", "cargo": "*"}, {"node": "*", "cargo": "bulk"}, {"node": "MIDTOWN", "cargo": "bulk"}]
)
def test_a_row_for_the_place_or_the_cargo_is_loading_enough(folder: Path, row: dict[str, str]) -> None:
    without(folder, "terminals", kind="load", to_mode="rail")
    small.append(folder, "terminals", terminal="load:mine", **TRAINS, **row)
    (folder / "provenance.csv").unlink()
    assert faults(folder) == []


def test_loading_of_another_cargo_or_place_is_none(folder: Path) -> None:
    without(folder, "terminals", kind="load", to_mode="rail")
    for name, row in {"a": {"node": "LANDING", "cargo": "bulk"}, "b": {"node": "MIDTOWN", "cargo": "oil"}}.items():
        small.append(folder, "terminals", terminal=name, **TRAINS, **row)
    (folder / "provenance.csv").unlink()
    assert only(folder).found == "no loading at MIDTOWN for grain (rail)"


def test_a_way_begins_in_a_mode_that_is_loaded(folder: Path) -> None:
    without(folder, "terminals", kind="load", to_mode="rail")
    without(folder, "terminals", terminal="tranship:MIDTOWN")
    small.append(folder, "terminals", terminal="load:mine", node="HARBOUR", cargo="*", **TRAINS)
    (folder / "provenance.csv").unlink()
    demand = small.read_rows(folder, "demand")[:2]
    only_by_road = demand[0] | {"demand": "d", "origin": "MIDTOWN", "destination": "HARBOUR", "total": ""}
    small.write_table(folder, "demand", [*demand, only_by_road])
    fault = only(folder)  # by road to the frontier, and no further: no train is loaded at MIDTOWN
    assert fault.found == "no way from 'MIDTOWN' to 'HARBOUR' for container_high (rail;road;deep_sea)"


def test_one_way_links_do_not_lead_back(folder: Path) -> None:
    small.edit(folder, "links", 9, both_ways="0")  # STEPPE to MIDTOWN: goods from LANDING cannot enter STEPPE
    fault = only(folder)
    assert (fault.file, fault.row, fault.column) == ("demand.csv", 5, "destination")


def test_a_way_found_in_one_direction_only_is_enough(folder: Path) -> None:
    small.edit(folder, "links", 9, from_node="MIDTOWN", to_node="STEPPE", both_ways="0")
    assert faults(folder) == []
