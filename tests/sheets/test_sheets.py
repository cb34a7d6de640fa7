"""Sheets in every form: what a spreadsheet program finds in them is what the program knew, and runs nothing."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import small
from openpyxl.worksheet.worksheet import Worksheet

from corridors import network, planning, tables
from corridors.errors import DataError, OutputError
from corridors.output import new_file
from corridors.sheets import answers, excel
from corridors.sheets.sheet import (
    ANSWERS,
    PLAN,
    Book,
    Column,
    Sheet,
    column_of,
    csv_of,
    described,
    json_of,
    records,
    sheet_of,
)
from corridors.text.language import language

KAZAKH = "Әә Ғғ Ққ Ңң Өө Ұұ Үү Һһ Іі"
RUSSIAN = "Объезд ёлки, Щучинск – Ыргыз"
FORMULA = "=cmd|'/c calc'!A1"
RUNNABLE = [FORMULA, "+1+1", "-2+3", "@SUM(A1)", "\t=1", "https://example.org", "mailto:a@b.c", "{=1+1}", "internal:A1"]
FIGURES = [0.1 + 0.2, 1 / 3, 51621807544.22681, 6.02e23, 1e-300, -0.0027, 12345678901234.5]


def opened(book: Book) -> Any:
    return openpyxl.load_workbook(io.BytesIO(excel.excel(book)))


def one(frame: pd.DataFrame, *columns: Column) -> Book:
    sheet = Sheet("table", "A table", frame, columns or [Column(str(name)) for name in frame.columns])
    return Book("One table", [sheet], [])


def cells(page: Worksheet) -> list[Any]:
    return [cell for row in page.iter_rows() for cell in row if cell.value is not None]


@pytest.fixture
def plan_book(folder: Path) -> Book:
    dataset = tables.read(folder)
    return answers.of_plan(planning.plan(network.build(dataset)), dataset)


def test_numbers_are_numbers_to_the_last_digit() -> None:
    book = one(pd.DataFrame({"figure": FIGURES, "count": range(len(FIGURES))}))
    back = pd.read_excel(io.BytesIO(excel.excel(book)))
    assert back["figure"].tolist() == pytest.approx(FIGURES, rel=1e-15, abs=0)
    assert {cell.data_type for cell in opened(book)["table"]["A"][1:]} == {"n"}
    assert back["count"].tolist() == list(range(len(FIGURES)))


@pytest.mark.parametrize("text", RUNNABLE)
def test_no_text_becomes_a_formula_or_a_link(text: str) -> None:
    frame = pd.DataFrame({"node": [text], text: [1.0]})
    book = Book(text, one(frame).sheets, [("command", text)], [text])
    made = opened(book)
    assert made["table"]["A2"].value == text
    for page in made:
        assert {cell.data_type for cell in cells(page)} <= {"s", "n"}
        assert [cell.hyperlink for cell in cells(page) if cell.hyperlink] == []


def test_a_number_written_as_text_stays_text() -> None:
    page = opened(one(pd.DataFrame({"code": ["007", "1e5", "2024"]})))["table"]
    assert [cell.value for cell in page["A"][1:]] == ["007", "1e5", "2024"]


def test_no_limit_is_said_and_what_is_missing_is_blank() -> None:
    frame = pd.DataFrame(
        {"capacity": [math.inf, math.nan, 3.0], "note": [None, "x", math.nan], "so": [True, False, True]}
    )
    page = opened(one(frame))["table"]
    shown = [[cell.value for cell in row] for row in page["A2:C4"]]
    assert shown == [["no limit", None, True], [None, "x", False], [3, None, True]]


def test_headers_have_units_and_stay_in_sight() -> None:
    kt = column_of({"name": "kt", "unit": "kt/year"})
    share = column_of({"name": "utilisation", "unit": "share of capacity"})
    page = opened(one(pd.DataFrame({"kt": [5.5], "utilisation": [0.25]}), kt, share))["table"]
    assert [cell.value for cell in page[1]] == ["freight (kt a year)", "utilisation (% of capacity)"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("B2", "A1:B2")
    assert page["A2"].number_format == "#,##0.0"
    assert (page["B2"].value, page["B2"].number_format) == (0.25, "0.0%")


def test_a_column_is_wide_enough_for_what_it_shows_and_no_wider_than_a_screen() -> None:
    page = opened(one(pd.DataFrame({"name": ["twenty letters, about"], "long": ["x" * 500]})))["table"]
    assert page.column_dimensions["A"].width >= len("twenty letters, about")
    assert page.column_dimensions["B"].width <= 62


def test_kazakh_and_russian_letters_survive_csv_and_excel(tmp_path: Path) -> None:
    frame = pd.DataFrame({"name": [KAZAKH, RUSSIAN, "Қарағанды"], "kt": [1.5, 2.25, 3.0]})
    new_file(tmp_path / "a.csv", csv_of(one(frame).sheets[0]).encode("utf-8-sig"))
    read = pd.read_csv(tmp_path / "a.csv")
    new_file(tmp_path / "a.xlsx", excel.excel(one(read)))
    again = pd.read_excel(tmp_path / "a.xlsx")
    new_file(tmp_path / "b.csv", csv_of(one(again).sheets[0]).encode("utf-8-sig"))
    assert again.equals(frame)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_text_longer_than_a_cell_says_that_it_is_cut() -> None:
    value = opened(one(pd.DataFrame({"note": ["x" * 40_000]})))["table"]["A2"].value
    assert len(value) == excel.LONGEST_CELL
    assert value.endswith(excel.CUT)


def test_more_rows_than_a_sheet_holds_are_refused_in_a_sentence() -> None:
    with pytest.raises(OutputError, match=r"table has 1,048,576 rows, an Excel sheet holds 1,048,575"):
        excel.excel(one(pd.DataFrame({"a": range(excel.MOST_ROWS + 1)})))


def test_a_plan_is_a_workbook_of_all_its_tables(plan_book: Book) -> None:
    made = opened(plan_book)
    assert made.sheetnames[:6] == ["Cover", "summary", "corridors", "borders", "bottlenecks", "unserved"]
    assert set(made.sheetnames) == {*planning.TABLES, "Cover", "Charts", "summary", "modes", "Sources"}
    for sheet in plan_book.sheets:
        back = pd.read_excel(io.BytesIO(excel.excel(plan_book)), sheet_name=sheet.name)
        assert len(back) == len(sheet.frame), sheet.name
        for column in sheet.frame.select_dtypes("number").columns:
            header = excel.header_of(sheet.columns[list(sheet.frame.columns).index(column)], language("en"))
            assert back[header].tolist() == pytest.approx(sheet.frame[column].tolist(), rel=1e-15, nan_ok=True)


def test_sources_say_what_made_it_from_what_and_what_each_column_is(plan_book: Book) -> None:
    page = opened(plan_book.made_by("corridors plan --year 2024"))["Sources"]
    lines = [[cell for cell in row if cell is not None] for row in page.iter_rows(values_only=True)]
    told = {line[0]: line[1] for line in lines if len(line) == 2}
    assert told["command"] == "corridors plan --year 2024"
    assert told["program"].startswith("corridors ")
    assert len(told["data digest (SHA-256)"]) == 64
    assert (told["scenario"], told["year"], told["running figures"]) == ("base", 2024, "typical")
    assert told["certificate: status"] == "optimal"
    assert 0 <= told["certificate: relative gap"] <= 1e-6
    assert told["assumed"] == "expert judgement"
    listed = {(line[0], line[2]): line for line in lines if len(line) == 5}
    assert listed["flows", "kt"][1:] == ["freight (kt a year)", "kt", "kt a year", "Freight moved in this direction"]


def test_the_licence_of_the_data_goes_with_it() -> None:
    dataset = tables.read()
    book = answers.of_table(sheet_of("tables", pd.DataFrame({"table": ["x"]})), dataset)
    text = "\n".join(str(cell.value) for cell in cells(opened(book)["Sources"]))
    assert "Open Database License (ODbL) 1.0" in text
    assert "© OpenStreetMap contributors" in text
    assert "**" not in text


def test_a_package_without_a_licence_is_written_without_and_a_damaged_one_is_named(folder: Path) -> None:
    dataset = tables.read(folder)
    assert answers.of_table(sheet_of("tables", pd.DataFrame({"table": ["x"]})), dataset).notice == []
    (folder / "LICENSE.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"LICENSE.md, row 1: found text in another encoding, expected UTF-8"):
        answers.of_table(sheet_of("tables", pd.DataFrame({"table": ["x"]})), dataset)


@pytest.mark.parametrize("dictionary", [PLAN, ANSWERS])
def test_every_column_has_a_meaning_and_no_two_of_a_table_one_header(dictionary: str) -> None:
    for name, resource in described(dictionary).items():
        for model in ("linear", "choice"):  # some fields of a plan have another meaning where shippers choose
            fields = [field for field in resource["schema"]["fields"] if field.get("model", model) == model]
            columns = [column_of(field) for field in fields]
            assert all(column.meaning for column in columns), name
            assert len({column.header for column in columns}) == len(columns), name


@pytest.mark.parametrize("name", list(tables.dictionary()))
def test_no_two_columns_of_the_data_package_have_one_header(name: str) -> None:
    headers = [column_of(field).header for field in tables.fields(name).values()]
    assert len(set(headers)) == len(headers)


def test_every_sheet_of_a_plan_and_of_routes_is_described(plan_book: Book) -> None:
    assert [one.name for sheet in plan_book.sheets for one in sheet.columns if not one.meaning] == []


def test_json_has_null_where_it_knows_no_number() -> None:
    frame = pd.DataFrame({"a": [1.5, math.nan, math.inf], "b": ["x", None, KAZAKH], "n": [1, 2, 3]})
    text = json_of(records(frame))
    assert "NaN" not in text
    assert json.loads(text) == [
        {"a": 1.5, "b": "x", "n": 1},
        {"a": None, "b": None, "n": 2},
        {"a": None, "b": KAZAKH, "n": 3},
    ]


def test_csv_of_a_sheet_has_no_formula_but_negative_numbers() -> None:
    frame = pd.DataFrame({"node": [FORMULA], "kt": [-1.5]})
    assert csv_of(one(frame).sheets[0]) == f"node,kt\n'{FORMULA},-1.5\n"


def test_a_table_of_the_data_goes_through_excel_and_back_unchanged(folder: Path, tmp_path: Path) -> None:
    small.edit(folder, "nodes", 2, name_kk=KAZAKH, name_ru=RUSSIAN)
    before = tables.read(folder)
    nodes = before["nodes"]
    new_file(tmp_path / "nodes.xlsx", excel.excel(one(nodes)))
    back = pd.read_excel(tmp_path / "nodes.xlsx", dtype=dict.fromkeys(nodes.select_dtypes("str").columns, str))
    back.to_csv(folder / "nodes.csv", index=False, encoding="utf-8-sig")
    assert tables.read(folder)["nodes"].equals(nodes)
