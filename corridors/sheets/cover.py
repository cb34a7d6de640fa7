"""The first page of a workbook: what the answer is in a few lines, whether it is proven, and two pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from corridors.text.language import Language

COVER, DATA = "Cover", "Charts"  # the sheets: the page itself, and the figures that its charts show
WIDTHS = (32, 18, 42)  # characters of the page's columns
CHART_COLUMN, CHART_ROWS, CHART_SIZE = 4, 21, {"width": 720, "height": 400}
TEN, SCALED = 10, "#,##0.0"
SMALL = "#,##0.000"


@dataclass(frozen=True)
class Figure:
    """A line of the page: what it is, the figure or text, its unit, and how a number is shown."""

    label: str
    value: Any
    unit: str = ""
    shown: str = SCALED


@dataclass(frozen=True)
class Part:
    """A group of lines under a heading."""

    heading: str
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Chart:
    """Bars, the first on top: a heading, what the bars measure, and their labels and values."""

    heading: str
    measure: str
    labels: Sequence[str]
    values: Sequence[float]


@dataclass(frozen=True)
class Cover:
    """The page: titles, sentences that say what was found, groups of figures, and charts."""

    title: str
    subtitle: str
    sentences: Sequence[str]
    parts: Sequence[Part]
    charts: Sequence[Chart]


def write_cover(made: Workbook, cover: Cover, sheets: Sequence[tuple[str, str]], say: Language) -> Worksheet:
    """Write the page and return it, with links to the sheets, which are given by name and title."""
    page = made.add_worksheet(COVER)
    page.hide_gridlines(2)
    for place, width in enumerate(WIDTHS):
        page.set_column(place, place, width)
    heading = made.add_format({"bold": True, "font_size": 12, "bottom": 1})
    wrapped = made.add_format({"text_wrap": True, "valign": "top", "font_size": 12})
    page.write_string(0, 0, cover.title, made.add_format({"bold": True, "font_size": 18}))
    page.write_string(1, 0, cover.subtitle, made.add_format({"font_size": 12, "font_color": "#595959"}))
    row = 3
    for sentence in cover.sentences:
        page.merge_range(row, 0, row, len(WIDTHS) - 1, "", wrapped)
        page.write_string(row, 0, sentence, wrapped)
        page.set_row(row, 16 * (1 + len(sentence) // (sum(WIDTHS) - 8)))
        row += 1
    for part in cover.parts:
        row = _write_part(made, page, part, row + 1, heading)
    _write_contents(page, sheets, row + 1, heading, say("Sheets"))
    page.set_landscape()
    page.fit_to_pages(1, 1)
    return page


def write_charts(made: Workbook, page: Worksheet, charts: Sequence[Chart]) -> None:
    """Put charts beside the figures of the page; what they show stands in a sheet of its own."""
    data = made.add_worksheet(DATA)
    bold, number = made.add_format({"bold": True, "bottom": 1}), made.add_format({"num_format": SMALL})
    for place, one in enumerate(charts):
        column = 3 * place
        data.set_column(column, column, 52)
        data.set_column(column + 1, column + 1, 18)
        data.write_string(0, column, one.heading, bold)
        data.write_string(0, column + 1, one.measure, bold)
        for row, (label, value) in enumerate(zip(one.labels, one.values, strict=True), start=1):
            data.write_string(row, column, label)
            data.write_number(row, column + 1, value, number)
        if one.values:
            page.insert_chart(3 + place * CHART_ROWS, CHART_COLUMN, _bars(made, one, column))


def _write_part(made: Workbook, page: Worksheet, part: Part, row: int, heading: Format) -> int:
    """Write a group of figures; return the row below it."""
    page.write_string(row, 0, part.heading, heading)
    for place in range(1, len(WIDTHS)):
        page.write_blank(row, place, None, heading)
    for row, one in enumerate(part.figures, start=row + 1):  # noqa: B020 - the row goes on below
        page.write_string(row, 0, one.label)
        if isinstance(one.value, int | float) and math.isfinite(one.value):
            page.write_number(row, 1, one.value, made.add_format({"num_format": one.shown, "bold": True}))
        else:
            page.write_string(row, 1, str(one.value))
        page.write_string(row, 2, one.unit)
    return row + 1


def _write_contents(page: Worksheet, sheets: Sequence[tuple[str, str]], row: int, heading: Format, title: str) -> None:
    page.write_string(row, 0, title, heading)
    for place in range(1, len(WIDTHS)):
        page.write_blank(row, place, None, heading)
    for at, (name, called) in enumerate(sheets, start=row + 1):
        page.write_url(at, 0, f"internal:'{name}'!A1", string=name)
        page.write_string(at, 1, "" if called == name else called)


def _bars(made: Workbook, one: Chart, column: int) -> Any:
    last = len(one.values)
    chart = made.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": one.heading,
            "categories": [DATA, 1, column, last, column],
            "values": [DATA, 1, column + 1, last, column + 1],
            "fill": {"color": "#2F6DA3"},
            "gap": 40,
            "data_labels": {"value": True, "num_format": SCALED if max(one.values) >= TEN else SMALL},
        }
    )
    chart.set_title({"name": f"{one.heading} ({one.measure})", "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}})
    chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    chart.set_size(CHART_SIZE)
    return chart
