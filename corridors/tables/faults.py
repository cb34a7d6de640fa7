"""What is wrong in a data package, and how one sentence says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from corridors.tables.schema import number_text

LONGEST_SHOWN = 60  # characters of a cell
BLANK = "a blank cell"


@dataclass(frozen=True)
class Fault:
    """Something wrong in a data package; `row` counts as a spreadsheet does, None means the whole file.

    Of a workbook the file is a sheet, and `cell` the place in it, such as F12.
    """

    file: str
    row: int | None
    column: str | None
    found: str
    expected: str
    advice: str
    cell: str = ""

    def __str__(self) -> str:
        """Say it in one sentence."""
        place = (f", row {self.row}" if self.row else "") + (f", column {self.column}" if self.column else "")
        if self.cell:
            place = f", cell {self.cell}" + (f" ({self.column})" if self.column else "")
        # what was expected and the advice name cells, too
        return printable(f"{self.file}{place}: found {self.found}, expected {self.expected}; {self.advice}")


def cell_fault(table: str, row: Any, column: str, found: str, expected: str, advice: str) -> Fault:
    """Return the fault of one cell; `row` is the spreadsheet's row, or one of `frames.indexed_rows`."""
    return Fault(f"{table}.csv", int(getattr(row, "Index", row)), column, found, expected, advice)


def shown(value: object) -> str:
    """Return a cell as a sentence says it: text in quotation marks, cut short, nothing unprintable."""
    try:
        text = number_text(value) if isinstance(value, float) else str(value)
    except (ValueError, RecursionError):  # Python refuses to write integers of thousands of digits, and deep nests
        return "a number of thousands of digits" if isinstance(value, int) else "a value too long to be shown"
    if not text:
        return BLANK
    return clean(text) if isinstance(value, float) else quoted(text)


def quoted(name: str) -> str:
    """Return a name in quotation marks as a sentence has it, also if it is empty."""
    return f"'{clean(name)}'"


def clean(text: str) -> str:
    """Return a text cut short, with nothing in it that a terminal obeys."""
    return printable(text[:LONGEST_SHOWN] + ("…" if len(text) > LONGEST_SHOWN else ""))


def printable(text: str) -> str:
    """Return a text in which what a terminal would obey is written out."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
