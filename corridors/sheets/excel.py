"""A book of sheets as an Excel workbook: typed numbers, units in the header, and a last sheet that says where from.

Text is written as text, whatever it looks like, so nothing in the data becomes a formula or a link.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from corridors.errors import OutputError
from corridors.sheets.cover import write_charts, write_cover
from corridors.text.language import LANGUAGES, language

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from corridors.sheets.sheet import Book, Column, Sheet
    from corridors.text.language import Language

MOST_ROWS = 1_048_575  # below the header
LONGEST_CELL = 32_767
CUT = " ... (longer than a cell holds: see CSV or JSON)"
NO_LIMIT = "no limit"
NAMED = ": "  # between a column and what stands beside it
SOURCES = "Sources"
CELLS = (
    ("blank", "Not given, or does not apply."),
    (NO_LIMIT, "There is no limit."),
    ("percentage", "Kept as a share of 1: a cell that shows 25.0% holds 0.25."),
    ("digits", "A cell holds every digit of its figure, however few it shows."),
)
NARROWEST, WIDEST, HEADER_WIDEST = 8, 60, 20  # characters
SEEN = 2000  # rows that a column's width is judged by
SAFE = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def excel(book: Book) -> bytes:
    """Return the bytes of an Excel workbook: a worksheet for each sheet, and `SOURCES`.

    Raises
    ------
    OutputError
        If a table has more rows than a worksheet holds.
    """
    import xlsxwriter  # only who asks for Excel waits for it

    for sheet in book.sheets:
        if len(sheet.frame) > MOST_ROWS:
            raise OutputError(
                f"{sheet.name} has {len(sheet.frame):,} rows, an Excel sheet holds {MOST_ROWS:,}: "
                "write it as CSV or JSON"
            )
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, SAFE) as made:
        made.set_properties({"title": book.title, "comments": f"Sheet {SOURCES} says where the figures come from."})
        say = book.say or language(LANGUAGES[0])
        listed = [(sheet.name, say(sheet.title)) for sheet in book.sheets]
        page = None if book.cover is None else write_cover(made, book.cover, listed, say)
        for sheet in book.sheets:
            _write_sheet(made, sheet, say)
        if page is not None and book.cover is not None:
            write_charts(made, page, book.cover.charts)
        _write_sources(made, book, say)
    return stream.getvalue()


def header_of(column: Column, say: Language) -> str:
    """Return the label of a column in a language, with the unit behind it."""
    label, parted, name = (column.label or column.name).partition(NAMED)
    label = say(label) + (parted and f", {say(name)}")
    return f"{label} ({say(column.unit)})" if column.unit else label


def _write_sheet(made: Workbook, sheet: Sheet, say: Language) -> None:
    page = made.add_worksheet(sheet.name)
    head = made.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8EDF2"})
    for place, column in enumerate(sheet.columns):
        values = sheet.frame.iloc[:, place].tolist()
        header = header_of(column, say)
        page.write_string(0, place, header, head)
        page.set_column(place, place, _width(header, column.shown, values))
        _write_column(page, place, values, made.add_format({"num_format": column.shown}))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, len(sheet.frame), max(len(sheet.columns) - 1, 0))
    page.repeat_rows(0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_header(f"&L{say(sheet.title).replace('&', '&&')}&R&P / &N")


def _write_column(page: Worksheet, place: int, values: Sequence[Any], number: Format) -> None:
    for row, value in enumerate(values, start=1):
        _write_cell(page, row, place, value, number)


def _write_cell(page: Worksheet, row: int, place: int, value: Any, number: Format | None = None) -> None:
    """Write a value as what it is: a number, a truth, text, or nothing."""
    value = value.item() if hasattr(value, "item") else value  # a scalar of numpy
    if value is None or value != value:
        return
    if isinstance(value, bool):
        page.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        if math.isinf(value):
            page.write_string(row, place, NO_LIMIT if value > 0 else f"-{NO_LIMIT}")
        else:
            page.write_number(row, place, value, number)
    elif text := str(value).encode("utf-8", "replace").decode("utf-8"):
        cut = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(CUT)] + CUT
        page.write_string(row, place, cut)


def _width(header: str, shown: str, values: Sequence[Any]) -> int:
    """Return the characters that a column needs; long text and a long header are cut or wrapped."""
    widest = max((len(_seen(value, shown)) for value in values[:SEEN]), default=0)
    least = min(len(header), max(HEADER_WIDEST, *map(len, header.split())))
    return min(max(widest, least + 2, NARROWEST) + 1, WIDEST)  # 2 for the filter's button


def _seen(value: Any, shown: str) -> str:
    """Return about what a cell shows."""
    if not isinstance(value, float) or not math.isfinite(value):
        return "" if value is None else str(value)
    if shown == "General":
        return f"{value:.9g}"
    decimals = len(shown.partition(".")[2].rstrip("%"))
    return f"{value:,.{decimals}f}" if "E" not in shown else shown


def _write_sources(made: Workbook, book: Book, say: Language) -> None:
    page = made.add_worksheet(SOURCES)
    bold = made.add_format({"bold": True, "bottom": 1})
    heading = made.add_format({"bold": True, "font_size": 12})
    page.set_column(0, 1, 26)
    page.set_column(2, 3, 24)
    page.set_column(4, 4, 90)
    row = 0
    for title, header, lines in _parts(book, say):
        page.write_string(row, 0, say(title), heading)
        row += 1
        for place, cell in enumerate(header):
            page.write_string(row, place, cell, bold)
        for number, line in enumerate(lines, start=row + bool(header)):
            for place, value in enumerate(line):
                _write_cell(page, number, place, value)
        row += len(lines) + bool(header) + 1
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _parts(book: Book, say: Language) -> Iterator[tuple[str, Sequence[str], Sequence[Sequence[Any]]]]:
    """Yield the parts of the last sheet: a title, a header, and lines of cells."""
    from corridors.tables.schema import dictionary  # the data dictionary, only where a status needs to be told

    yield book.title, (), book.about
    listed = [
        (sheet.name, header_of(one, say), one.name, one.unit, one.meaning)
        for sheet in book.sheets
        for one in sheet.columns
    ]
    yield "Columns", ("sheet", "column", "name in CSV and JSON", "unit", "meaning"), listed
    if any(column.status for sheet in book.sheets for column in sheet.columns):
        told = next(one for one in dictionary()["provenance"]["schema"]["fields"] if one["name"] == "status")
        meanings = [one.partition(": ")[::2] for one in told["description"].split("; ")]
        yield "How well a figure is founded", ("status", "meaning"), meanings
    yield "How to read the cells", (), CELLS
    if book.notice:
        yield "Licence of the data, and whom to name", (), [(line,) for line in book.notice]
