"""Every rule of a table that a row can break is named, with file, row, column and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest
import small
from faults import faults, only

from corridors import network, tables
from corridors.errors import DataError

# One cell wrong: table, row, cells to write, and the column and words of the fault.
CELLS = [
    ("links", 2, {"from_node": "HARBUOR"}, "from_node", "did you mean HARBOUR"),
    ("links", 2, {"mode": "train"}, "mode", "a mode of modes.csv"),
    ("links", 2, {"km": "far"}, "km", "'far'"),
    ("links", 2, {"km": "4100,5"}, "km", "decimal point"),
    ("links", 2, {"km": "4 100"}, "km", "without spaces"),
    ("links", 2, {"km": "NaN"}, "km", "leave the cell blank"),
    ("links", 2, {"km": "4_100"}, "km", "a number"),
    ("links", 2, {"km": "４１００"}, "km", "a number"),
    ("links", 2, {"km": "1e999"}, "km", "a number"),
    ("links", 2, {"km": "inf"}, "km", "a finite number"),
    ("links", 2, {"km": ""}, "km", "a blank cell"),
    ("links", 2, {"km": "-5"}, "km", "at least 0"),
    ("links", 2, {"km": "2500"}, "km", "great circle"),
    ("links", 2, {"capacity": ""}, "capacity", "write inf for no limit"),
    ("links", 2, {"capacity": "unlimited"}, "capacity", "write inf where there is no limit"),
    ("links", 2, {"capacity_unit": ""}, "capacity_unit", "the unit of capacity 20"),
    ("links", 2, {"capacity_unit": "trains"}, "capacity_unit", "capacity_unit of loads.csv"),
    ("links", 2, {"gauge_mm": ""}, "gauge_mm", "a track gauge"),
    ("links", 2, {"gauge_mm": "1435.5"}, "gauge_mm", "a whole number"),
    ("links", 7, {"gauge_mm": "1520"}, "gauge_mm", "only rail has a gauge"),
    ("links", 8, {"to_node": "DRYPASS"}, "to_node", "at both ends"),
    ("links", 2, {"both_ways": "2"}, "both_ways", "one of 0, 1"),
    ("links", 2, {"pool": "passs"}, "pool", "did you mean pass"),
    ("links", 2, {"country": "ZZZ"}, "country", "country of nodes.csv"),
    ("links", 6, {"through": "ddd"}, "through", "three capital letters"),
    ("links", 2, {"name_en": "=1+1"}, "name_en", "formula"),
    ("links", 2, {"name_en": "@SUM(A1)"}, "name_en", "formula"),
    ("links", 2, {"name_en": "#N/A"}, "name_en", "failed formula"),
    ("links", 2, {"name_en": "bell\x07"}, "name_en", "\\x07"),
    ("links", 2, {"year_open": "20240"}, "year_open", "at most 2200"),
    ("nodes", 3, {"lat": "95"}, "lat", "at most 90"),
    ("nodes", 2, {"name_en": ""}, "name_en", "a blank cell"),
    ("nodes", 6, {"country": "Bbb"}, "country", "three capital letters"),
    ("terminals", 2, {"kind": "lift"}, "kind", "one of load, unload"),
    ("terminals", 2, {"from_mode": "road"}, "to_mode", "to_mode alone for kind load"),
    ("terminals", 5, {"to_mode": "road"}, "to_mode", "from_mode alone for kind unload"),
    ("terminals", 9, {"to_mode": "rail"}, "to_mode", "two different modes"),
    ("terminals", 11, {"to_mode": "road"}, "to_mode", "one mode twice"),
    ("terminals", 13, {"to_mode": "road"}, "to_mode", "one mode twice"),
    ("terminals", 11, {"to_gauge_mm": "1435"}, "to_gauge_mm", "two gauges"),
    ("terminals", 2, {"to_gauge_mm": "1435"}, "to_gauge_mm", "but for kind gauge"),
    ("terminals", 8, {"node": "HARBOR"}, "node", "did you mean HARBOUR"),
    ("terminals", 2, {"cargo": "liquid"}, "cargo", "one of *"),
    ("terminals", 2, {"capacity": ""}, "capacity", "a blank cell"),
    ("borders", 2, {"country_a": "AAB"}, "country_a", "did you mean AAA"),
    ("pools", 3, {"capacity_unit": "lorries_day"}, "capacity_unit", "first row of pass"),
    ("pools", 3, {"year_open": "2024"}, "year_open", "a second time"),
    ("corridor_links", 4, {"link": "rail:MIDTOWN-LANDING"}, "link", "where the one before ends"),
    ("corridor_links", 7, {"link": "rail:DRYPASS-MIDTOWN"}, "link", "of mode rail"),
    ("corridor_links", 5, {"link": "rail:MIDTOWN-HARBOUR"}, "link", "a link of links.csv"),
    ("corridors", 2, {"corridor": "R2"}, "corridor", "no link of 'R2'"),
    ("modes", 3, {"running": "typical"}, "running", "a second time"),
    ("modes", 3, {"speed_kmh": "0"}, "speed_kmh", "at least 0.1"),
    ("commodities", 2, {"t_per_teu": ""}, "t_per_teu", "the tonnes in one TEU"),
    ("commodities", 3, {"modes": "rail; deep_sea"}, "modes", "' deep_sea'"),
    ("loads", 2, {"commodity": "containers"}, "commodity", "did you mean container_high"),
    ("demand", 2, {"commodity": "timber"}, "commodity", "commodity of commodities.csv"),
    ("demand", 2, {"origin": "NOWHERE"}, "origin", "node of nodes.csv"),
    ("demand", 2, {"avoid": "DDD;XXX"}, "avoid", "'XXX'"),
    ("demand", 4, {"destination": "STEPPE"}, "destination", "no way from 'MIDTOWN' to 'STEPPE'"),
    ("demand", 4, {"destination": "MIDTOWN"}, "destination", "at both ends"),
    ("demand", 2, {"kt": "-1"}, "kt", "at least 0"),
    ("splits", 2, {"share": "0.9"}, "share", "add up to 1.15"),
    ("projects", 2, {"table": "terminal"}, "table", "did you mean terminals"),
    ("projects", 2, {"key": "gauge:WESTGATE"}, "key", "did you mean gauge:EASTGATE"),
    ("projects", 2, {"column": "capacities"}, "column", "did you mean capacity"),
    ("projects", 2, {"column": "cargo"}, "column", "a column of numbers"),
    ("projects", 2, {"change": "double"}, "change", "=60, +48"),
    ("means", 2, {"via_nodes": "PORT"}, "via_nodes", "node of nodes.csv"),
    ("references", 2, {"origin": "PORT"}, "origin", "node of nodes.csv"),
    ("provenance", 2, {"table": "node"}, "table", "a table of the data package"),
    ("provenance", 2, {"column": "name_en"}, "column", "a column of numbers"),
    ("provenance", 2, {"key": "HABROUR"}, "key", "the key of a row of nodes.csv"),
    ("provenance", 2, {"low": ""}, "low", "low and high, as the number is assumed"),
    ("provenance", 2, {"low": "34.8"}, "low", "between them"),
    ("provenance", 2, {"high": "34.6"}, "low", "between them"),
    ("provenance", 2, {"source": "hearsay"}, "source", "a source of sources.csv"),
    ("provenance", 2, {"status": "guessed"}, "status", "one of observed"),
]


@pytest.mark.parametrize(("table", "row", "cells", "column", "words"), CELLS)
def test_a_wrong_cell_is_named(
    folder: Path, table: str, row: int, cells: dict[str, str], column: str, words: str
) -> None:
    small.edit(folder, table, row, **cells)
    named = [f for f in faults(folder) if (f.file, f.row, f.column) == (f"{table}.csv", row, column)]
    assert len(named) == 1, "\n".join(map(str, faults(folder)))
    sentence = str(named[0])
    assert words in sentence
    assert sentence.startswith(f"{table}.csv, row {row}, column {column}: found ")
    assert "expected" in sentence
    assert "\n" not in sentence


def test_a_number_without_provenance_is_named(folder: Path) -> None:
    small.write_table(folder, "provenance", small.read_rows(folder, "provenance")[1:])
    fault = only(folder)
    assert (fault.file, fault.row, fault.column) == ("nodes.csv", 2, "lat")
    assert "without provenance" in fault.found


def test_an_observed_number_needs_no_band(folder: Path) -> None:
    small.edit(folder, "provenance", 2, status="observed", low="", high="")
    assert faults(folder) == []


def test_without_provenance_nothing_is_asked(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    (folder / "sources.csv").unlink()
    assert faults(folder) == []


def test_a_first_sketch_needs_no_best_running(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    modes = small.read_rows(folder, "modes")
    small.write_table(folder, "modes", [row for row in modes if row["running"] == "typical"])
    assert faults(folder) == []
    dataset = tables.read(folder)
    assert network.build(dataset).running == "typical"
    with pytest.raises(DataError, match="no running figures called 'best'; it has typical"):
        network.build(dataset, running="best")
    small.write_table(folder, "modes", [row for row in modes if (row["mode"], row["running"]) != ("rail", "typical")])
    assert "no row of rail in typical running" in str(only(folder))


def test_a_mode_without_best_running_is_named(folder: Path) -> None:
    small.write_table(folder, "modes", small.read_rows(folder, "modes")[:-1])
    assert "no row of deep_sea in best running" in str(faults(folder)[0])


def test_teu_a_year_is_a_unit_without_loads(folder: Path) -> None:
    small.edit(folder, "links", 2, capacity_unit="teu_year")
    missing = faults(folder)
    assert {(fault.file, fault.column) for fault in missing} == {("commodities.csv", "t_per_teu")}
    assert "none for grain in 'teu_year'" in str(missing[0])
    rows = [row | {"t_per_teu": "14"} for row in small.read_rows(folder, "commodities")]
    small.write_table(folder, "commodities", rows)
    (folder / "provenance.csv").unlink()
    assert faults(folder) == []


def test_a_limit_in_whose_unit_a_commodity_has_no_load_is_named_by_check_and_by_plan(folder: Path) -> None:
    lorries = {"lorries_day": "container_high"}  # and no longer everything
    loads = small.read_rows(folder, "loads")
    rows = [row | {"commodity": lorries.get(row["capacity_unit"], row["commodity"])} for row in loads]
    small.write_table(folder, "loads", rows)
    (folder / "provenance.csv").unlink()
    missing = faults(folder)
    assert {(fault.file, fault.column) for fault in missing} == {("loads.csv", "t_per_unit_year")}
    assert any("in 'lorries_day'" in fault.found for fault in missing)
    with pytest.raises(DataError, match="lorries_day"):
        tables.read(folder)
