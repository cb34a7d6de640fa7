"""A cell of a workbook as the CSV file of its table would have it: as the cell shows it, and a number in its unit."""

from __future__ import annotations

from datetime import datetime, timedelta

from corridors.tables.cell_numbers import number
from corridors.tables.faults import shown
from corridors.tables.schema import Field, is_numeric, number_text
from corridors.tables.xlsx import Cell, Kind

DAYS_FROM_1900, DAYS_FROM_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
LATEST = 2_958_465  # 9999-12-31, the last day that a spreadsheet counts
A_VALUE = "a value"


class Misread(Exception):  # noqa: N818 - a cell that cannot be read
    """A cell that holds nothing that a table may hold: what was found, what was expected, what to do."""

    def __init__(self, found: str, expected: str, advice: str) -> None:
        super().__init__(found)
        self.told = (found, expected, advice)


def text_of(cell: Cell, field: Field) -> str:
    """Return a cell as CSV has it; what is no number where one is due is judged as that of a CSV file would be.

    Raises
    ------
    Misread
        If it holds a formula without a value, or a day or a number where a text is meant that it does not give.
    """
    if cell.kind is Kind.FORMULA:
        advice = "open the workbook in a spreadsheet program, which works it out, and save it; or write the value"
        raise Misread("a formula without a value", A_VALUE, advice)
    if cell.kind in (Kind.TEXT, Kind.ERROR):
        return cell.text
    if cell.kind is Kind.TRUTH:
        return cell.text if is_numeric(field) else {"1": "TRUE", "0": "FALSE"}[cell.text]
    if (value := number(cell.text)) != value:
        return cell.text
    return _number(cell, value, field) if is_numeric(field) else _text(cell, value, field)


def _number(cell: Cell, value: float, field: Field) -> str:
    """Return a number as it counts; a date, a time or a percentage that is not of the column as it is shown."""
    if cell.kind is Kind.DATE:
        return _day(value, cell.since_1904) or number_text(value)
    if cell.kind is Kind.TIME:
        return _time(value)
    if cell.kind is Kind.PERCENT and field["unit"] not in ("1", "share"):
        return f"{number_text(round(100 * value, 12))}%"
    return number_text(value)


def _text(cell: Cell, value: float, field: Field) -> str:
    """Return a number that stands where text is meant: a whole one by its digits, a day where one is meant."""
    if cell.kind is Kind.DATE and field.get("date") and (day := _day(value, cell.since_1904)):
        return day
    advice = "write the text anew, with the cell's format set to text before"
    if cell.kind in (Kind.DATE, Kind.TIME):
        told = (_day(value, cell.since_1904) if cell.kind is Kind.DATE else _time(value)) or number_text(value)
        raise Misread(f"{shown(told)}, a {cell.kind.value}", field.get("form", "text"), advice)
    if cell.kind is Kind.PERCENT:
        raise Misread(f"{number_text(round(100 * value, 12))}%", field.get("form", "text"), advice)
    return number_text(value)


def _day(value: float, since_1904: bool) -> str:
    """Return a day as ISO 8601 writes it, with the time if it has one; "" if there is no such day."""
    if not 0 < value < LATEST:
        return ""
    start = DAYS_FROM_1904 if since_1904 else DAYS_FROM_1900
    moment = start + timedelta(days=value)
    return moment.date().isoformat() if value == int(value) else moment.isoformat(" ", "minutes")


def _time(value: float) -> str:
    """Return a share of a day as hours and minutes."""
    if not 0 <= value < 42:  # of three digits' hours
        return number_text(value)
    minutes = round(value * 24 * 60)
    return f"{minutes // 60}:{minutes % 60:02d}"
