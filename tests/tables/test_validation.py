"""Every fault that a data package can have is named, with its file, row and column, and never a traceback."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors import network, tables
from corridors.errors import DataError
from corridors.tables import schema, validation
from corridors.tables.faults import Fault
from corridors.tables.validation import check, load

LINKS_HEADER = ",".join(schema.fields("links"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small.small_dataset(tmp_path / "package")


def faults(folder: Path) -> list[Fault]:
    return load(folder).faults


def only(folder: Path) -> Fault:
    found = faults(folder)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def test_a_sound_package_has_no_fault(folder: Path) -> None:
    assert check(folder) == []


def test_the_embedded_package_has_no_fault() -> None:
    assert [str(fault) for fault in check(tables.embedded())] == []


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
]  # fmt: skip


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


def test_demands_without_a_way_are_one_fault_that_names_the_first(folder: Path) -> None:
    small.edit(folder, "commodities", 3, modes="rail")
    for number in range(5):
        small.append(folder, "demand", demand=f"d{number}", origin="MIDTOWN", destination="STEPPE", commodity="grain",
                     kt="1", reservation_usd_per_t="5", year="2024")  # fmt: skip
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
    small.append(folder, "demand", demand="again", origin="HARBOUR", destination="LANDING", commodity="container_high",
                 kt="1", reservation_usd_per_t="5", year="2024")  # fmt: skip
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
    small.append(folder, "terminals", terminal="load:mine", kind="load", to_mode="rail", hours="1", both_ways="0",
                 capacity="inf", **row)  # fmt: skip
    (folder / "provenance.csv").unlink()
    assert faults(folder) == []


def test_loading_of_another_cargo_or_place_is_none(folder: Path) -> None:
    without(folder, "terminals", kind="load", to_mode="rail")
    for name, row in {"a": {"node": "LANDING", "cargo": "bulk"}, "b": {"node": "MIDTOWN", "cargo": "oil"}}.items():
        small.append(folder, "terminals", terminal=name, kind="load", to_mode="rail", hours="1", both_ways="0",
                     capacity="inf", **row)  # fmt: skip
    (folder / "provenance.csv").unlink()
    assert only(folder).found == "no loading at MIDTOWN for grain (rail)"


def test_a_way_begins_in_a_mode_that_is_loaded(folder: Path) -> None:
    without(folder, "terminals", kind="load", to_mode="rail")
    without(folder, "terminals", terminal="tranship:MIDTOWN")
    small.append(folder, "terminals", terminal="load:mine", kind="load", node="HARBOUR", cargo="*", to_mode="rail",
                 hours="1", both_ways="0", capacity="inf")  # fmt: skip
    (folder / "provenance.csv").unlink()
    demand = small.read_rows(folder, "demand")[:2]
    only_by_road = demand[0] | {"demand": "d", "origin": "MIDTOWN", "destination": "HARBOUR", "total": ""}
    small.write_table(folder, "demand", [*demand, only_by_road])
    fault = only(folder)  # by road to the frontier, and no further: no train is loaded at MIDTOWN
    assert fault.found == "no way from 'MIDTOWN' to 'HARBOUR' for container_high (rail;road;deep_sea)"


def test_what_a_plan_still_needs_is_named_in_an_order_that_can_be_followed(folder: Path, tmp_path: Path) -> None:
    assert validation.unfilled(load(folder).frames) == []
    tables.empty().write(tmp_path / "new")
    order = validation.unfilled(load(tmp_path / "new").frames)
    filled = {"pools", "loads", "totals"}  # that a row may leave out
    for name in order:
        for _, sources in schema.references(name):
            assert {table for table, _ in sources} <= {*filled, name}
        filled.add(name)
        small.write_table(tmp_path / "new", name, small.read_rows(folder, name))


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


def test_one_way_links_do_not_lead_back(folder: Path) -> None:
    small.edit(folder, "links", 9, both_ways="0")  # STEPPE to MIDTOWN: goods from LANDING cannot enter STEPPE
    fault = only(folder)
    assert (fault.file, fault.row, fault.column) == ("demand.csv", 5, "destination")


def test_a_way_found_in_one_direction_only_is_enough(folder: Path) -> None:
    small.edit(folder, "links", 9, from_node="MIDTOWN", to_node="STEPPE", both_ways="0")
    assert faults(folder) == []


def test_all_faults_come_at_once_sorted_by_file_and_row(folder: Path) -> None:
    small.edit(folder, "links", 9, km="-1")
    small.edit(folder, "links", 3, km="x", speed_kmh="boat")
    small.edit(folder, "demand", 2, kt="")
    found = [(fault.file, fault.row, fault.column) for fault in faults(folder)]
    assert found[:4] == [
        ("demand.csv", 2, "kt"), ("links.csv", 3, "km"), ("links.csv", 3, "speed_kmh"),
        ("links.csv", 9, "km"),
    ]  # fmt: skip
    assert found == sorted(found)


# ---- files that are not what they seem


def put(folder: Path, data: bytes, name: str = "links.csv") -> None:
    (folder / name).write_bytes(data)


def text_of(folder: Path, name: str = "links.csv") -> str:
    return (folder / name).read_text(encoding="utf-8")


def workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")  # of 1980, not of now
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (workbook(), "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "old Excel workbook"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"<!doctype html><html>", "web page"),
        (b"", "empty file"),
        (b"\xef\xbb\xbf", "empty file"),
        (b"\n\n", "empty file"),
        ((LINKS_HEADER + "\n").encode("utf-16"), "UTF-16"),
        ((LINKS_HEADER + "\n").encode("utf-16-le"), "UTF-16"),
        (LINKS_HEADER.replace(",", ";").encode(), "semicolons"),
        (LINKS_HEADER.replace(",", "\t").encode(), "tabs"),
        (("sep=;\n" + LINKS_HEADER.replace(",", ";")).encode(), "sep="),
        ((LINKS_HEADER + ",km\n").encode(), "2 columns 'km'"),
        (LINKS_HEADER.replace("km,", "").encode(), "no column km"),
        (b"a\n1\n", "no column link"),
    ],
)
def test_a_file_that_is_no_such_table_is_named_for_what_it_is(folder: Path, data: bytes, words: str) -> None:
    put(folder, data)
    named = [str(fault) for fault in faults(folder) if fault.file == "links.csv"]
    assert any(words in sentence for sentence in named), named


def test_windows_1251_is_named_with_row_and_column(folder: Path) -> None:
    small.edit(folder, "nodes", 4, name_ru="Сухой перевал")
    put(folder, text_of(folder, "nodes.csv").encode("cp1251"), "nodes.csv")
    fault = faults(folder)[0]
    assert (fault.file, fault.row, fault.column) == ("nodes.csv", 4, "name_ru")
    assert "cp1251" in fault.found


def test_another_encoding_is_named(folder: Path) -> None:
    put(folder, text_of(folder).replace("rail:MIDTOWN-LANDING", "r\u00e9seau").encode("latin-1"))
    assert "another encoding" in faults(folder)[0].found


def test_a_nul_byte_is_named_with_row_and_column(folder: Path) -> None:
    put(folder, text_of(folder).replace("2026", "20\x0026").encode())
    fault = faults(folder)[0]
    assert (fault.row, fault.column) == (5, "year_open")
    assert "NUL" in fault.found


@pytest.mark.parametrize("size", [40_000, 200_000])
def test_a_huge_cell_is_named(folder: Path, size: int) -> None:
    put(folder, text_of(folder).replace("2026", "x" * size).encode())
    fault = faults(folder)[0]
    assert fault.row == 5
    assert "32,767 characters" in fault.found


@pytest.mark.parametrize("broken", ['"2026', '"20"26'])
def test_a_quotation_mark_out_of_place_is_named(folder: Path, broken: str) -> None:
    put(folder, text_of(folder).replace("2026", broken).encode())
    fault = faults(folder)[0]
    assert fault.row == 5
    assert "quotation mark" in fault.found


@pytest.mark.parametrize(("new", "more"), [("2026", -1), ("2026,,", 1)])
def test_a_ragged_row_is_named(folder: Path, new: str, more: int) -> None:
    put(folder, text_of(folder).replace("2026,", new).encode())
    fault = only(folder)
    assert (fault.row, fault.column) == (5, None)
    assert f"{len(schema.fields('links')) + more} cells" in fault.found


def test_a_row_of_commas_is_named_and_an_empty_line_is_not(folder: Path) -> None:
    text = text_of(folder)
    put(folder, (text + "\n\n").encode())
    assert faults(folder) == []
    put(folder, (text + "," * LINKS_HEADER.count(",") + "\n").encode())
    assert only(folder).found == "a blank row"


def test_rows_count_as_in_a_spreadsheet_after_cells_of_several_lines(folder: Path) -> None:
    small.edit(folder, "projects", 2, note="one\ntwo\nthree")
    small.edit(folder, "projects", 3, musd="dear")
    assert only(folder).row == 3


def test_an_unknown_column_is_named(folder: Path) -> None:
    put(folder, text_of(folder).replace(LINKS_HEADER, f"{LINKS_HEADER},capcity").encode())
    fault = faults(folder)[0]
    assert (fault.file, fault.row) == ("links.csv", 1)
    assert "'capcity'" in fault.found


def test_a_header_of_endless_columns_is_named_at_once(folder: Path) -> None:
    put(folder, ",".join(f"c{number}" for number in range(200_000)).encode())
    assert next(fault for fault in faults(folder) if fault.file == "links.csv").found == "200,000 columns"


def test_thousands_of_unknown_names_are_all_named(folder: Path) -> None:
    rows = small.read_rows(folder, "demand")
    many = [rows[0] | {"demand": f"d{number}", "origin": f"X{number}" * 20} for number in range(5000)]
    small.write_table(folder, "demand", many)
    named = [fault for fault in faults(folder) if (fault.file, fault.column) == ("demand.csv", "origin")]
    assert len(named) == 5000


def test_byte_order_mark_line_ends_and_order_of_columns_do_not_matter(folder: Path) -> None:
    before = tables.read(folder)
    put(folder, b"\xef\xbb\xbf" + text_of(folder).replace("\n", "\r\n").encode())
    after = tables.read(folder)
    assert after.digest == before.digest
    rows = small.read_rows(folder, "modes")
    lines = [",".join(reversed(row)) for row in (list(rows[0]), *(list(row.values()) for row in rows))]
    put(folder, ("\n".join(lines) + "\n").encode(), "modes.csv")
    assert tables.read(folder)["modes"].equals(before["modes"])


# ---- folders that are not what they seem


@pytest.mark.parametrize("name", ["Links.csv", "links.xlsx", "link.csv", "links.CSV"])
def test_a_misnamed_table_is_recognised(folder: Path, name: str) -> None:
    (folder / "links.csv").rename(folder / name)
    fault = next(fault for fault in faults(folder) if fault.file == "links.csv")
    assert fault.found == "no such file"
    assert f"rename '{name}'" in fault.advice


def test_a_misspelt_optional_table_is_not_ignored(folder: Path) -> None:
    (folder / "tariffs.csv").rename(folder / "tarifs.csv")
    assert "rename 'tarifs.csv'" in only(folder).advice


def test_optional_tables_may_be_missing(folder: Path) -> None:
    for name, table in schema.dictionary().items():
        if table.get("optional") and name != "pools":
            (folder / f"{name}.csv").unlink()
    small.edit(folder, "demand", 2, total="")
    small.edit(folder, "demand", 3, total="")
    assert check(folder) == []


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "borders.csv").unlink()
    assert next(fault for fault in faults(folder) if fault.found == "no such file").file == "borders.csv"


def test_a_folder_in_place_of_a_table_is_named(folder: Path) -> None:
    (folder / "links.csv").unlink()
    (folder / "links.csv").mkdir()
    assert faults(folder)[0].found == "a folder, not an ordinary file"


def test_a_folder_that_is_none_is_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.txt").touch()
    assert only(folder / "links.csv").found == "a file"
    assert only(tmp_path / "nowhere").found == "No such file or directory"
    assert only(tmp_path / "empty").found == "an empty folder"
    assert only(tmp_path / "other").found == "a folder with 1 other files"


def test_a_strangers_dictionary_weakens_nothing_and_leads_nowhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text("node\nX\n", encoding="utf-8")
    fields = [{"name": "node", "type": "any"}]
    paths = ["../elsewhere.csv", "https://example.invalid/nodes.csv"]
    resources = [{"name": "nodes", "path": path, "schema": {"fields": fields}} for path in paths]
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}), encoding="utf-8")
    assert check(folder) == []
    assert len(load(folder).frames["nodes"]) == 6
    small.edit(folder, "nodes", 2, lat="north")
    assert only(folder).column == "lat"


@pytest.mark.parametrize(
    ("package", "column"),
    [
        ("{", None),
        ("[]", None),
        ("[" * 100_000, None),
        ('{"base_year": "2024"}', "base_year"),
        ('{"base_year": true}', "base_year"),
        ('{"base_year": 2024.5}', "base_year"),
        ('{"home_country": "ZZZ"}', "home_country"),
        ('{"home_country": ["AAA"]}', "home_country"),
        ('{"default_commodity": "timber"}', "default_commodity"),
        ('{"title": 5}', "title"),
    ],
)
def test_a_wrong_datapackage_json_is_named(folder: Path, package: str, column: str | None) -> None:
    (folder / "datapackage.json").write_text(package, encoding="utf-8")
    fault = only(folder)
    assert (fault.file, fault.column) == ("datapackage.json", column)


def test_a_datapackage_json_in_another_encoding_is_named(folder: Path) -> None:
    (folder / "datapackage.json").write_bytes('{"title": "Коридоры"}'.encode("cp1251"))
    assert "cp1251" in str(only(folder))


# ---- nothing that can be in a file makes the check fail

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(data=st.binary(max_size=300) | st.text(alphabet='a,"\n\r;\0\ufeff=', max_size=60).map(str.encode))
def test_no_bytes_make_the_check_fail(folder: Path, data: bytes) -> None:
    put(folder, data)
    assert all(str(fault) for fault in faults(folder))


@quick
@given(
    table=st.sampled_from(["nodes", "links", "terminals", "demand", "pools", "projects", "provenance"]),
    data=st.data(),
    cell=st.text(max_size=12) | st.sampled_from(["inf", "-inf", "nan", "1e400", "*", ";", "|", "0", "1e-320"]),
)
def test_no_cell_makes_the_check_fail(tmp_path: Path, table: str, data: st.DataObject, cell: str) -> None:
    folder = small.small_dataset(tmp_path / "package")
    column = data.draw(st.sampled_from(sorted(schema.fields(table))))
    encoded = cell.encode("utf-8", errors="replace").decode()
    small.edit(folder, table, 2, **{column: encoded})
    for fault in faults(folder):
        assert fault.file
        assert "\n" not in str(fault)
