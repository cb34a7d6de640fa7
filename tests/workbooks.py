"""Workbooks for tests: a small data package as openpyxl writes it, cell by cell."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

from corridors.tables.cell_numbers import number
from corridors.tables.schema import fields, is_numeric


def typed(cell: str, numeric: bool) -> Any:
    """Return a cell of a CSV file as Excel would hold it."""
    return float(cell) if numeric and number(cell) not in (float("inf"),) and cell else cell or None


def plain(folder: Path) -> Workbook:
    """Return a data package as somebody types it: a sheet a table, and nothing else."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for path in sorted(folder.glob("*.csv")):
        page = book.create_sheet(path.stem)
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = list(csv.reader(stream))
        page.append(header)
        numeric = [is_numeric(fields(path.stem)[name]) for name in header]
        for row in rows:
            page.append([typed(cell, one) for cell, one in zip(row, numeric, strict=True)])
            for one in page[page.max_row]:
                one.data_type = "s" if isinstance(one.value, str) else one.data_type  # =60 is a text
    page = book.create_sheet("package")
    for item in json.loads((folder / "datapackage.json").read_text(encoding="utf-8")).items():
        if isinstance(item[1], str | int) and item[0] not in ("profile", "name"):
            page.append(item)
    return book


def cell(book: Workbook, sheet: str, column: str, row: int) -> Any:
    """Return a cell by the name of its column."""
    page = book[sheet]
    header = [one.value for one in page[1]]
    return page.cell(row, header.index(column) + 1)
