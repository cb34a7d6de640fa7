"""A workbook is a data package: what Excel holds is read as it is meant, or told by sheet and cell."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import small
import workbooks
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from corridors import tables
from corridors.errors import DataError
from corridors.sheets.package import package_workbook
from corridors.tables import validation, xlsx
from corridors.tables.licence import attribution
from corridors.tables.workbook import ORIGIN
from corridors.text.language import language


@pytest.fixture
def book(folder: Path) -> Workbook:
    """Return the small package, which has no provenance, as somebody types it."""
    return workbooks.plain(folder)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "my.xlsx"


def faults(book: Workbook, path: Path) -> list[str]:
    book.save(path)
    return [str(fault) for fault in validation.check(path)]


def same(one: tables.Dataset, other: tables.Dataset) -> bool:
    return one.digest == other.digest and all(one[name].equals(other[name]) for name in tables.dictionary())


# ---- the same tables


def test_a_workbook_holds_what_the_folder_of_its_tables_holds(folder: Path, book: Workbook, path: Path) -> None:
    book.save(path)
    read = tables.read(path)
    read.write(folder.parent / "again")
    tables.read(folder).write(folder.parent / "written")
    assert same(read, tables.read(folder.parent / "again"))
    assert same(read, tables.read(folder.parent / "written"))
    assert read.base_year == tables.read(folder).base_year


def test_a_package_comes_back_from_the_workbook_to_work_in_with_its_provenance_and_notice(tmp_path: Path) -> None:
    before = tables.read(small.small_dataset(tmp_path / "small"))
    path = tmp_path / "my.xlsx"
    path.write_bytes(package_workbook(before, "Licence\n\n* whom to name", language("en")))
    after = tables.read(path)
    for name in tables.dictionary():
        if name != "provenance":
            assert after[name].equals(before[name]), name
    columns = list(tables.fields("provenance"))
    assert sorted(after["provenance"][columns].to_numpy().tolist(), key=str) == sorted(
        before["provenance"][columns].to_numpy().tolist(), key=str
    )
    assert attribution(path) == "Licence\n\n* whom to name"
    after.write(tmp_path / "folder")
    assert tables.read(tmp_path / "folder").digest == after.digest


def test_how_cells_look_does_not_change_the_digest(book: Workbook, path: Path) -> None:
    book.save(path)
    before = tables.read(path).digest
    page = book["links"]
    for row in page.iter_rows(min_row=2):
        for one in row:
            one.number_format = "0.000"
            one.font = openpyxl.styles.Font(bold=True)
    page.append([None, " "][:1])
    page.cell(page.max_row + 40, 1).font = openpyxl.styles.Font(bold=True)
    book.create_sheet("my notes").append(["whatever", 1])
    page.cell(1, page.max_column + 2).value = "# mine"
    page.cell(5, page.max_column).value = "a remark"
    book.move_sheet("links", 3)
    book.save(path)
    assert tables.read(path).digest == before


# ---- cells as Excel has them


@pytest.mark.parametrize(
    ("sheet", "column", "value", "shown", "read"),
    [
        ("links", "km", "1350", "General", 1350.0),
        ("links", "both_ways", True, "General", 1.0),
        ("links", "year_open", 2026.0, "0.00", 2026.0),
        ("links", "capacity", "inf", "General", float("inf")),
        ("links", "opened", datetime.date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"),
        ("links", "usd_per_t", 2, '#,##0.00 "USD"', 2.0),
        ("links", "usd_per_t", 2, "[$$-409]#,##0.00", 2.0),
        ("loads", "empty_share", 0.25, "0%", 0.25),
        ("nodes", "name_ru", "Ёлки", "@", "Ёлки"),
    ],
)
def test_cells_are_read_as_they_are_meant(
    book: Workbook, path: Path, sheet: str, column: str, value: Any, shown: str, read: object
) -> None:
    row = 5
    if column not in [one.value for one in book[sheet][1]]:
        book[sheet].cell(1, book[sheet].max_column + 1).value = column
    if column == "opened":
        workbooks.cell(book, sheet, "year_open", row).value = 2026
    one = workbooks.cell(book, sheet, column, row)
    one.value, one.number_format = value, shown
    book.save(path)
    loaded = validation.load(path)
    assert loaded.frames[sheet][column].tolist()[row - 2] == read


@pytest.mark.parametrize(
    ("value", "shown", "words"),
    [
        ("1 350,5", "General", "write 1350.5"),
        ("1,5", "General", "write 1.5, with a decimal point"),
        (datetime.date(2024, 2, 1), "d-mmm", "'2024-02-01', a date"),
        (datetime.time(12, 30), "h:mm", "'12:30', a time"),
        (0.25, "0.0%", "'25%', per cent"),
        ("#REF!", "General", "write the value in place of the spreadsheet's formula"),
        ("=1+1", "General", "found a formula without a value"),
        ("∞", "General", "write inf where there is no limit"),
        (-1, "General", "at least 0"),
        (None, "General", "fill it in"),
    ],
)
def test_what_is_no_number_is_told_by_sheet_and_cell(
    book: Workbook, path: Path, value: Any, shown: str, words: str
) -> None:
    one = workbooks.cell(book, "links", "km", 4)
    one.value, one.number_format = value, shown
    (said, *_) = faults(book, path)
    assert said.startswith(f"sheet links, cell {one.coordinate} (km): found ")
    assert words in said


@pytest.mark.parametrize(
    ("value", "shown", "words"),
    [
        (datetime.date(2024, 2, 1), "mmm-yy", "'2024-02-01', a date"),
        (0.5, "0%", "found 50%, expected"),
        (7, "General", "found '7', expected a node of sheet nodes"),
        ("=A1", "General", "a formula without a value"),
        ("ATLANTIS", "General", "expected a node of sheet nodes"),
    ],
)
def test_what_is_no_name_is_told_by_sheet_and_cell(
    book: Workbook, path: Path, value: Any, shown: str, words: str
) -> None:
    one = workbooks.cell(book, "demand", "origin", 2)
    one.value, one.number_format = value, shown
    said = faults(book, path)
    assert any(text.startswith(f"sheet demand, cell {one.coordinate} (origin): ") and words in text for text in said)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
            st.floats(allow_nan=False, allow_infinity=False),
            st.integers(-(10**9), 10**9),
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_cells_are_those_that_openpyxl_reads(values: list[Any]) -> None:
    book = openpyxl.Workbook()
    for place, value in enumerate(values, start=2):
        one = book.active.cell(place, place)
        one.value = value
        if isinstance(value, str):
            one.data_type = "s"  # no formula
    stream = io.BytesIO()
    book.save(stream)
    expected = {
        (row.row, row.column - 1): row.value
        for line in openpyxl.load_workbook(stream)["Sheet"].iter_rows()
        for row in line
        if row.value not in (None, "")
    }
    read = xlsx.Workbook(stream.getvalue())
    found = {(row, column): cell for row, cells in read.rows("Sheet") for column, cell in cells.items()}
    assert found.keys() == expected.keys()
    for place, cell in found.items():
        value = expected[place]
        if isinstance(value, str):
            assert (cell.kind, cell.text) == (xlsx.Kind.TEXT, xlsx.unicodedata.normalize("NFC", value))
        else:
            assert float(cell.text) == float(value)


# ---- what is missing or too much


def test_a_missing_sheet_is_named(book: Workbook, path: Path) -> None:
    del book["links"]
    assert faults(book, path)[0] == "sheet links: found no such sheet, expected the table; add the sheet"


def test_a_sheet_of_nearly_the_name_is_meant(book: Workbook, path: Path) -> None:
    book["links"].title = "link"
    assert "rename the sheet 'link'" in faults(book, path)[0]


def test_an_empty_sheet_and_a_missing_column_are_named(book: Workbook, path: Path) -> None:
    book["links"].delete_cols(1)
    del book["modes"]
    book.create_sheet("modes")
    said = faults(book, path)
    assert any(text.startswith("sheet links, row 1: found no column link") for text in said)
    assert any(text.startswith("sheet modes: found an empty sheet") for text in said)


def test_columns_that_mean_nothing_are_named_by_their_cell(book: Workbook, path: Path) -> None:
    page = book["links"]
    last = page.max_column
    page.cell(1, last + 1).value = "lenght"
    page.cell(1, last + 2).value = "km"
    page.cell(3, last + 3).value = "what is this"
    said = faults(book, path)
    told = ("a column 'lenght'", "a second column 'km'", "in a column without a name")
    for column, words in enumerate(told, last + 1):
        at = page.cell(3 if column == last + 3 else 1, column).coordinate
        assert any(text.startswith(f"sheet links, cell {at}: found ") and words in text for text in said), words


def test_what_the_package_says_of_itself_is_told_by_cell(book: Workbook, path: Path) -> None:
    row = next(one.row for one in book["package"]["A"] if one.value == "base_year")
    book["package"].cell(row, 2).value = "soon"
    assert faults(book, path)[0].startswith(f"sheet package, cell B{row} (base_year): found 'soon'")


def test_where_a_number_comes_from_is_told_beside_it(tmp_path: Path, path: Path) -> None:
    before = tables.read(small.small_dataset(tmp_path / "small"))
    path.write_bytes(package_workbook(before, "", language("en")))
    book = openpyxl.load_workbook(path)
    status, low = (workbooks.cell(book, "links", f"km: {what}", 3) for what in ("status", "low"))
    status.value = "guessed"
    for what in ORIGIN:
        workbooks.cell(book, "links", f"capacity: {what}", 4).value = None
    workbooks.cell(book, "links", "km", 5).value = 77777
    said = faults(book, path)
    assert any(text.startswith(f"sheet links, cell {status.coordinate} (km: status): found 'guessed'") for text in said)
    assert any("without provenance" in text and "fill in capacity: status" in text for text in said)
    assert any(
        text.startswith(f"sheet links, cell {low.column_letter}5 (km: low)") and "as sheet links has" in text
        for text in said
    ) or any("row 5" in text or "5 (km" in text for text in said)


# ---- strangers


def parts(book: Workbook) -> dict[str, bytes]:
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(found: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return stream.getvalue()


def damaged(book: Workbook) -> Iterator[tuple[bytes, str]]:
    whole = parts(book)
    sheet = next(name for name in whole if name.endswith("sheet1.xml"))
    yield b"", "a damaged file"
    yield b"PK\x03\x04 and no more", "a damaged file"
    yield b"\xd0\xcf\x11\xe0" + bytes(600), "a password"
    yield packed({"hello.txt": b"hello"}), "a zip file without a workbook"
    yield packed(whole | {sheet: b"<worksheet><sheetData>"}), "a damaged file"
    yield packed({name: data for name, data in whole.items() if name != sheet}), "no part"
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>'
    yield packed(whole | {sheet: bomb}), "a document type"
    outside = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><sst><si><t>&b;</t></si></sst>'
    yield packed(whole | {"xl/styles.xml": outside}), "a document type"
    row = b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>99999999</v></c></row></sheetData></worksheet>'
    yield packed(whole | {sheet: row}), "whose texts are missing"
    row = b'<worksheet><sheetData><row r="9"/><row r="2"/></sheetData></worksheet>'
    yield packed(whole | {sheet: row}), "rows are out of order"
    row = b'<worksheet><sheetData><row r="1"><c r="ZZZZ1"><v>1</v></c></row></sheetData></worksheet>'
    yield packed(whole | {sheet: row}), "with a cell 'ZZZZ1'"


def test_damaged_and_hostile_workbooks_are_refused_in_a_sentence(book: Workbook, path: Path) -> None:
    for data, words in damaged(book):
        path.write_bytes(data)
        with pytest.raises(DataError) as error:
            tables.read(path)
        assert words in str(error.value)
        assert "\n" not in str(error.value)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_damaged_is_read_or_refused_in_a_sentence(book: Workbook, path: Path, data: st.DataObject) -> None:
    whole = parts(book)
    name = data.draw(st.sampled_from([one for one in whole if one.endswith(("sheet1.xml", "styles.xml", ".rels"))]))
    place = data.draw(st.integers(0, len(whole[name]) - 1))
    piece = data.draw(
        st.one_of(st.binary(max_size=6), st.sampled_from([b"<c>", b"</row>", b't="s"', b'r="A1"', b"-1"]))
    )
    gone = data.draw(st.integers(0, 12))
    path.write_bytes(packed(whole | {name: whole[name][:place] + piece + whole[name][place + gone :]}))
    said = ""
    try:
        assert tables.read(path)["nodes"].columns.tolist() == list(tables.fields("nodes"))
    except DataError as error:
        said = str(error)
    assert "\n" not in said


def test_a_workbook_that_unpacks_without_end_is_refused(
    book: Workbook, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "LARGEST", 2**20)
    path.write_bytes(packed(parts(book) | {"xl/styles.xml": b"<styleSheet>" + b" " * 2**22 + b"</styleSheet>"}))
    with pytest.raises(DataError, match="unpacks to more than"):
        tables.read(path)


def test_a_workbook_of_more_cells_than_a_package_has_is_refused(
    book: Workbook, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "MOST_CELLS", 50)
    book.save(path)
    with pytest.raises(DataError, match="more than 50 cells"):
        tables.read(path)


@pytest.mark.parametrize("suffix", [".xlsm", ".xls", ".ods", ".xlsb"])
def test_other_workbooks_are_refused(book: Workbook, tmp_path: Path, suffix: str) -> None:
    book.save(tmp_path / f"my{suffix}")
    with pytest.raises(DataError, match=r"save it as \.xlsx"):
        tables.read(tmp_path / f"my{suffix}")


def test_a_text_that_libreoffice_takes_for_a_control_character_is_itself_again() -> None:
    assert xlsx._own_text("a_x0012_b") == "a_x12_b"
    assert xlsx._own_text("a_x005F_x0041_b") == "a_x0041_b"
    assert xlsx._own_text("a_xD800_b") == "a_xD800_b"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", xlsx.Kind.NUMBER),
        ("#,##0.00;[Red]-#,##0.00", xlsx.Kind.NUMBER),
        ('0.0" days"', xlsx.Kind.NUMBER),
        ("0.00E+00", xlsx.Kind.NUMBER),
        ("[$-419]d mmmm yyyy;@", xlsx.Kind.DATE),
        ("mmm", xlsx.Kind.DATE),
        ("[h]:mm:ss", xlsx.Kind.TIME),
        ("mm:ss", xlsx.Kind.TIME),
        ("0.0%", xlsx.Kind.PERCENT),
        (r"0\%", xlsx.Kind.NUMBER),
    ],
)
def test_number_formats_say_what_a_number_is(code: str, kind: xlsx.Kind) -> None:
    assert xlsx.kind_of(code) is kind
