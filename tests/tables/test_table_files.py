"""Files that are no tables, or broken ones, are named for what they are, with the row and column where there is one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import small
from faults import LINKS_HEADER, faults, only, put, quick, text_of
from hypothesis import given
from hypothesis import strategies as st

from corridors import tables
from corridors.tables import schema


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


@quick
@given(data=st.binary(max_size=300) | st.text(alphabet='a,"\n\r;\0\ufeff=', max_size=60).map(str.encode))
def test_no_bytes_make_the_check_fail(folder: Path, data: bytes) -> None:
    put(folder, data)
    assert all(str(fault) for fault in faults(folder))
