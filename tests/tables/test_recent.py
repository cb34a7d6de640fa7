"""What was read of late is not judged again, and nobody can tell but by the time that it takes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import small
from faults import faults

from corridors import scenario, tables
from corridors.errors import ScenarioError
from corridors.tables import recent, validation
from corridors.tables.recent import Recent

NARROW = 'name = "narrow"\n[[change]]\ntable = "links"\nwhere = { link = "rail:MIDTOWN-LANDING" }\n'


def test_the_same_bytes_are_the_same_data_and_another_byte_is_judged(folder: Path) -> None:
    first, again = tables.read(folder), tables.read(folder)
    assert first.digest == again.digest
    assert all(first[name].equals(again[name]) for name in first.tables)
    small.edit(folder, "links", 6, km="-1")
    assert ("links.csv", 6, "km") in [(fault.file, fault.row, fault.column) for fault in faults(folder)]
    small.edit(folder, "links", 6, km="4900")
    assert faults(folder) == []
    (folder / "Links.csv").write_bytes(b"")  # a name is as much a part of a package as a byte
    assert [fault.file for fault in faults(folder)] == ["links.csv"]


def test_a_fault_that_was_found_is_found_again_and_of_each_kind(folder: Path) -> None:
    small.edit(folder, "links", 6, km="x", to_node="NOWHERE", speed_kmh="-1")
    small.append(folder, "loads", capacity_unit="kt_year", commodity="*", t_per_unit_year="1")
    found = faults(folder)
    assert {fault.column for fault in found} >= {"km", "to_node", "speed_kmh"}
    assert "loads.csv" in {fault.file for fault in found}
    assert faults(folder) == found


def test_what_a_caller_does_with_data_changes_them_for_nobody_else(folder: Path) -> None:
    loaded = validation.load(folder)
    frame = loaded.frames["links"]
    frame.loc[:, "km"] = math.nan
    loaded.hashes.clear()
    loaded.faults.append(validation.Fault("links.csv", 2, "km", "it", "another", "none"))
    dataset = tables.read(folder)
    for frame in (dataset["links"], dataset.ordered()["links"]):
        frame.loc[:, "km"] = -1.0
    again = tables.read(folder)
    assert (again["links"]["km"] > 0).all()
    assert (again.ordered()["links"]["km"] > 0).all()
    assert len(again.hashes) == len(again.tables)
    assert faults(folder) == []


def test_a_change_that_breaks_a_rule_about_other_tables_is_found(folder: Path) -> None:
    """Rules are applied where a table changed, also those that find their fault in one that did not."""
    dataset = tables.read(folder)
    links = dataset["links"]
    cut = dataset.with_table("links", links[links["mode"] != "deep_sea"])
    assert {fault.file for fault in cut.faults()} == {"shapes.csv"}
    grain = dataset.with_table("commodities", dataset["commodities"].assign(modes="deep_sea"))
    assert {fault.file for fault in grain.faults()} >= {"demand.csv"}
    (folder / "narrow.toml").write_text(NARROW + "set = { km = 1 }\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match="great circle"):
        scenario.apply(dataset, [str(folder / "narrow.toml")])


def test_no_more_is_kept_than_fits() -> None:
    kept: Recent[int] = Recent()
    for number in range(recent.MOST + 1):
        kept.keep(number, number, 1)
    assert kept.get(0) is None
    assert kept.get(1) == 1
    kept.keep("half", 1, recent.LARGEST // 2)
    assert kept.get(recent.MOST) == recent.MOST
    kept.keep("whole", 2, recent.LARGEST)
    assert (kept.get("whole"), kept.get("half"), kept.get(recent.MOST)) == (2, None, None)
    kept.keep("more", 3, recent.LARGEST + 1)
    assert (kept.get("more"), kept.get("whole")) == (None, 2)
