"""Cells: `check` and a plan judge them alike, as Frictionless does, and what is no number is told how to be one."""

from __future__ import annotations

import io
import math
import re
import unicodedata
from pathlib import Path

import frictionless
import pytest
import small
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corridors import tables
from corridors.errors import DataError
from corridors.tables import column_rules, csv_files, schema, validation
from corridors.tables.cell_numbers import no_number, number

many = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
TABLES = ("nodes", "links", "terminals", "borders", "demand", "pools", "modes", "commodities", "loads", "projects")
CELLS = (
    st.text(max_size=8)
    | st.floats().map(str)
    | st.integers().map(str)
    | st.sampled_from(
        [
            *("", "inf", "-inf", "nan", "2024.0", "6,000", "1e300", "1e-300", "1e400", "9" * 400, "*", ";"),
            *("HARBOUR", "rail", "AAA", "0", "1", "01.12.2024", "5%", "500 kt", "４１００", "1\u00a0000", "true", "=1"),
            *("open", "=60", "*inf"),
        ]
    )
)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = small.small_dataset(tmp_path_factory.mktemp("cells") / "package")
    (made / "provenance.csv").unlink()
    return made


def put(package: Path, table: str, row: int, column: str, cell: str) -> None:
    """Write one cell over a table, as CSV has it; the table is that of the small package otherwise."""
    rows = small.small_tables()[table]
    rows[row % len(rows)][column] = cell.encode("utf-8", "replace").decode()
    small.write_table(package, table, rows)


@pytest.mark.slow
@many
@given(table=st.sampled_from(TABLES), row=st.integers(0, 20), data=st.data(), cell=CELLS)
def test_a_check_and_a_plan_take_the_same_cells(
    package: Path, table: str, row: int, data: st.DataObject, cell: str
) -> None:
    put(package, table, row, data.draw(st.sampled_from(sorted(schema.fields(table)))), cell)
    found = validation.check(package)
    try:
        if found:
            with pytest.raises(DataError, match=re.escape(str(found[0]))):
                tables.read(package)
            return
        read = tables.read(package)
        assert read.faults() == []
        for name in tables.dictionary():  # and what is written of it is read again
            assert csv_files.parse(name, tables.csv_text(name, read[name]).encode()).equals(read[name])
    finally:
        small.write_table(package, table, small.small_tables()[table])


@pytest.mark.slow
@many
@given(table=st.sampled_from(TABLES), row=st.integers(0, 20), data=st.data(), cell=CELLS)
@example(table="demand", row=0, data=None, cell="2024.0")
def test_frictionless_finds_nothing_that_is_not_found_here(
    package: Path, table: str, row: int, data: st.DataObject | None, cell: str
) -> None:
    column = "year" if data is None else data.draw(st.sampled_from(sorted(schema.fields(table))))
    put(package, table, row, column, cell)
    try:
        if not validation.check(package):
            assert theirs(package, table, column, cell) == []
    finally:
        small.write_table(package, table, small.small_tables()[table])


def theirs(package: Path, table: str, column: str, cell: str) -> list[str]:
    """Return what Frictionless has against a table by the dictionary, as our reader hands its numbers on."""
    descriptor = dict(schema.dictionary()[table]["schema"])
    descriptor.pop("foreignKeys", None)
    frame = tables.read(package)[table]
    data = [list(schema.fields(table)), *tables.cells(table, frame)]
    theirs_schema = frictionless.Schema.from_descriptor(descriptor)
    report = frictionless.Resource(name=table, data=data, schema=theirs_schema).validate()
    return [f"{column} = {cell!r}: {error.message}" for task in report.tasks for error in task.errors]


def test_whole_numbers_with_a_decimal_point_are_whole_numbers(package: Path) -> None:
    put(package, "demand", 0, "year", "2024.0")
    try:
        assert validation.check(package) == []
        assert tables.read(package)["demand"]["year"].iloc[0] == 2024
    finally:
        small.write_table(package, "demand", small.small_tables()["demand"])


# A cell of kt that is no number, and what its advice says.
ADVICE = [
    ("6,000", "write 6000 if the comma parts thousands, or 6 if it is the decimal mark"),
    ("6,125", "write 6125 if the comma parts thousands, or 6.125 if it is the decimal mark"),
    ("-1,500", "write -1500 if the comma parts thousands, or -1.5 if it is the decimal mark"),
    ("0,500", "write 0.5, with a decimal point"),
    ("4100,5", "write 4100.5, with a decimal point"),
    ("1,5e3", "write 1500, with a decimal point"),
    ("1,234,567", "write 1234567, without marks between the thousands"),
    ("1,234.5", "write 1234.5, without marks between the thousands"),
    ("1.234,5", "write 1234.5, without marks between the thousands"),
    ("1.234.567", "write 1234567, without marks between the thousands"),
    ("4 100", "write 4100, without spaces or marks between the thousands"),
    ("4\u00a0100", "write 4100, without spaces or marks between the thousands"),
    ("1\u202f234\u202f567,8", "write 1234567.8, without spaces or marks between the thousands"),
    ("4'100", "write 4100, without spaces or marks between the thousands"),
    ("4’100", "write 4100, without spaces or marks between the thousands"),
    ("4_100", "write 4100, without spaces or marks between the thousands"),
    (" 4100", "write 4100 without blanks around it"),
    ("4100\u00a0", "write 4100 without blanks around it"),
    ("４１００", "write 4100 with the digits 0 to 9"),
    ("٤١٠٠", "write 4100 with the digits 0 to 9"),
    ("−5", "write -5 with the sign - of the keyboard"),
    ("500 kt", "write 500 alone if it is in kt/year, as a cell holds no unit"),
    ("500kt", "write 500 alone if it is in kt/year"),
    ("$500", "write 500 alone if it is in kt/year"),
    ("500 t/yr", "write 500 alone if it is in kt/year"),
    ("1 500 kt", "write the number alone if it is in kt/year"),
    ("~5", "write 5 alone"),
    ("5-10", "write one number; how far it may lie off stands in low and high of provenance.csv"),
    ("(500)", "write -500 if it is below 0"),
    ("1.5 млн", "write the number in full"),
    ("2k", "write the number in full"),
    ("3 тыс. т", "write the number in full"),
    ("1,00,000", "write 100000, without marks between the thousands"),
    ("1,0,0", "write digits without spaces or marks between the thousands"),
    ("€ 500", "write 500 alone if it is in kt/year"),
    ("500 м³", "write 500 alone if it is in kt/year"),
    ("1/2", "write the number alone, as its unit"),
    ("NaN", "leave the cell blank"),
    ("#REF!", "in place of the spreadsheet's formula"),
    ("=A1*2", "in place of the spreadsheet's formula"),
    ("far", "write the number alone, as its unit is the column's"),
    ("1e400", "as nothing in a data package is that large"),
    ("9" * 400, "write the number alone"),
]


@pytest.mark.parametrize(("cell", "words"), ADVICE)
def test_what_is_no_number_is_told_what_to_write(cell: str, words: str) -> None:
    _, advice = no_number(cell, schema.fields("demand")["kt"])
    assert words in advice


@pytest.mark.parametrize(
    "cell", [cell for cell, words in ADVICE if words.startswith("write ") and "alone" not in words]
)
def test_what_is_advised_is_a_number(cell: str) -> None:
    _, advice = no_number(cell, schema.fields("demand")["kt"])
    for word in advice.replace(",", " ").split():
        if word.lstrip("-")[:1].isdigit() and word not in ("0", "9"):
            assert math.isfinite(number(word)), word


@pytest.mark.parametrize(
    "cell",
    [
        "01.12.2024",
        "2024-12-01",
        "1/12/2024",
        "01.12.24",
        "2024/12/01 00:00",
        "1-Dec",
        "Dec-24",
        "12 янв",
        "дек.24",
        "Dec 1, 2024",
        "2024-12",
        "12/2024",
        "1 декабря 2024 г.",
    ],
)
def test_dates_are_called_dates(cell: str) -> None:
    found, advice = no_number(cell, schema.fields("demand")["kt"])
    assert found.endswith(", a date")
    assert "thousands" not in advice
    if "2024" in cell:
        assert no_number(cell, schema.fields("demand")["year"])[1] == "write the year alone, 2024"


def test_times_are_called_times() -> None:
    assert no_number("12:30", schema.fields("terminals")["hours"]) == (
        "'12:30', a time",
        "write 12.5, the hours as a number",
    )
    assert no_number("1:00:36", schema.fields("terminals")["hours"])[1] == "write 1.01, the hours as a number"
    assert no_number("12:30", schema.fields("demand")["kt"])[0] == "'12:30', a time"


def test_per_cent_is_a_share() -> None:
    assert no_number("5%", schema.fields("splits")["share"]) == ("'5%', per cent", "write 0.05, the share of 1")
    assert no_number("7,5 %", schema.fields("splits")["share"])[1] == "write 0.075, the share of 1"
    assert "in kt/year without the sign" in no_number("5%", schema.fields("demand")["kt"])[1]


def test_yes_and_no_are_one_and_zero() -> None:
    assert "1 for yes" in no_number("TRUE", schema.fields("links")["both_ways"])[1]
    assert "0 for no" in no_number("нет", schema.fields("links")["both_ways"])[1]


@given(cell=st.text(max_size=40) | st.text(alphabet="0123456789.,' -_\u00a0%/kt", max_size=200))
def test_every_cell_has_its_advice(cell: str) -> None:
    found, advice = no_number(cell, schema.fields("demand")["kt"])
    assert found
    assert advice
    assert "\n" not in found + advice


# ---- limits that keep nonsense from being sound

LARGE = [
    (table, column)
    for table in tables.dictionary()
    for column, field in schema.fields(table).items()
    if schema.is_numeric(field) and "enum" not in field["constraints"]
]


@pytest.mark.parametrize(("table", "column"), LARGE)
def test_every_column_of_numbers_has_an_upper_limit(table: str, column: str) -> None:
    field = schema.fields(table)[column]
    _, most = schema.limits(field)
    sentences = {test(1e300): expected for test, expected, _ in column_rules.tests(field)}
    assert sentences[True] == f"at most {schema.number_text(most)}"
    assert not any(test(float(most)) for test, _, _ in column_rules.tests(field))
    infinite = any(test(math.inf) for test, _, _ in column_rules.tests(field))
    assert infinite != bool(field.get("infinite"))


@pytest.mark.parametrize(("table", "column"), LARGE)
def test_no_column_takes_what_is_next_to_nothing(table: str, column: str) -> None:
    field = schema.fields(table)[column]
    if field["constraints"].get("minimum", -1) >= 0:
        assert any(test(1e-300) for test, _, _ in column_rules.tests(field))


def test_a_number_that_is_too_large_is_named_with_its_unit(package: Path) -> None:
    put(package, "demand", 0, "kt", "1e300")
    try:
        [fault] = validation.check(package)
        assert (fault.column, fault.found, fault.expected) == ("kt", "1e+300", "at most 1000000")
        assert fault.advice == "correct the cell, which is in kt/year"
    finally:
        small.write_table(package, "demand", small.small_tables()["demand"])


# ---- text


@pytest.mark.parametrize("mark", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff", "\xad", "\u2028"])
def test_text_holds_nothing_that_cannot_be_seen(package: Path, mark: str) -> None:
    put(package, "nodes", 0, "name_en", f"Har{mark}bour")
    try:
        [fault] = validation.check(package)
        assert (fault.column, fault.expected) == ("name_en", "plain text")
        assert mark not in str(fault)
    finally:
        small.write_table(package, "nodes", small.small_tables()["nodes"])


def test_composed_and_decomposed_letters_are_one_id(tmp_path: Path) -> None:
    folder = small.small_dataset(tmp_path / "package")
    (folder / "provenance.csv").unlink()
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace("HARBOUR", "HÀFEN")
        form = "NFD" if path.stem == "links" else "NFC"
        path.write_text(unicodedata.normalize(form, text), encoding="utf-8", newline="")
    assert validation.check(folder) == []
    nodes = small.read_rows(folder, "nodes")
    small.write_table(folder, "nodes", [*nodes, nodes[0] | {"node": unicodedata.normalize("NFD", nodes[0]["node"])}])
    assert "a second time" in str(validation.check(folder)[0])


def test_letters_of_another_alphabet_are_named(package: Path) -> None:
    rows = small.small_tables()["links"]
    put(package, "links", 0, "from_node", rows[0]["from_node"].replace("A", "А"))
    try:
        fault = next(fault for fault in validation.check(package) if fault.column == "from_node")
        assert "it looks like 'HARBOUR', but some letters are of another alphabet" in fault.advice
    finally:
        small.write_table(package, "links", rows)
    nodes = small.small_tables()["nodes"]
    twin = nodes[0] | {"node": nodes[0]["node"].replace("O", "О")}
    small.write_table(package, "nodes", [*nodes, twin])
    try:
        [fault] = validation.check(package)
        assert fault.expected == "a key unlike 'HARBOUR' of before"
    finally:
        small.write_table(package, "nodes", nodes)


def test_a_table_that_differs_in_capitals_is_named(package: Path) -> None:
    for name in ("Nodes.csv", "DataPackage.json"):
        (package / name).write_bytes(b"x")
        try:
            [fault] = validation.check(package)
            assert fault.file == name.lower()
            assert fault.found == f"'{name}' beside it"
        finally:
            (package / name).unlink()


def test_the_csv_of_a_sheet_is_what_the_reader_reads(package: Path) -> None:
    text = tables.csv_text("nodes", tables.read(package)["nodes"])
    assert len(list(io.StringIO(text))) == len(small.small_tables()["nodes"]) + 1
