"""An Excel workbook as a data package: a sheet a table, read as the CSV files that it stands for.

The sheets have the names of the tables, and their first rows the names of the columns. Beside a column of numbers may
stand where its numbers come from, in columns such as `capacity: status`, which together are `provenance.csv`; a column
`from_node: name` says again what is known and is not read, nor is one whose name begins with #. The sheet `package` has
what `datapackage.json` says of the package as a whole, the sheet `notice` what `LICENSE.md` says. Other sheets are the
user's own. Whatever is wrong is told by sheet and cell.

Each table becomes the bytes of its CSV file in the one form in which this program writes it. So the digest of a
workbook is that of its tables, however they are formatted, and that of the folder which `Dataset.write` makes of them.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corridors.files import LARGEST, read_bytes
from corridors.suggest import did_you_mean
from corridors.tables.cell_numbers import number
from corridors.tables.faults import Fault, shown
from corridors.tables.metadata import LISTS
from corridors.tables.parsing import CONTROL, LONGEST_NOTICE, UnreadableError
from corridors.tables.recent import Recent
from corridors.tables.schema import Field, dictionary, fields, is_needed, is_numeric, key_columns, number_text
from corridors.tables.workbook_cells import Misread, text_of
from corridors.tables.xlsx import A_WORKBOOK, Rows, Workbook, place

SUFFIX = ".xlsx"
OTHERS = {  # what other programs or versions save, and what that is
    ".xlsm": "a workbook with macros",
    ".xltm": "a template with macros",
    ".xlsb": "a binary workbook",
    ".xls": "an old Excel workbook",
    ".ods": "an OpenDocument spreadsheet",
    ".xltx": "a template",
}
LARGEST_WORKBOOK = 2**26  # bytes, packed
PACKAGE_SHEET, NOTICE_SHEET = "package", "notice"
SETTING, VALUE = "setting", "value"
LICENCE, CREDIT = "licence", "credit"  # the settings that may stand in several rows
PROVENANCE, SEPARATOR, NAME, OWN = "provenance", ": ", "name", "#"
ORIGIN = ("status", "low", "high", "source", "note")  # of a number, in the columns beside it
PACKAGE_FILE = "datapackage.json"
_TABLE_FILE = re.compile(rf"\b({'|'.join(dictionary())})\.csv\b")


@dataclass(frozen=True)
class RowPlace:
    """Where the cells of a row of a CSV file stand: the sheet, its row, and the columns by name.

    `of` is the column of the number that a row of provenance.csv is about, where that row stands beside it.
    """

    sheet: str
    row: int
    columns: Mapping[str, int]
    of: str = ""


@dataclass
class Opened:
    """A workbook as the files that it stands for, and where each of their rows stands in it.

    Attributes
    ----------
    data
        The bytes of each file by its name; a sheet that cannot be read has none.
    names
        The files that there are, readable or not.
    faults
        What is wrong with the workbook itself, by sheet and cell.
    notice
        The licence and attribution that it brings.
    """

    data: dict[str, bytes] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notice: str = ""
    places: dict[str, list[RowPlace]] = field(default_factory=dict)  # by file; the first is that of its header
    size: int = 0  # characters of all tables

    def placed(self, fault: Fault) -> Fault:
        """Return a fault of one of the files as one of the workbook, by sheet and cell."""
        told = replace(fault, expected=_by_sheet(fault.expected), advice=_by_sheet(fault.advice))
        places = self.places.get(fault.file)
        if not places:
            return replace(told, file=_by_sheet(fault.file))
        at = places[min((fault.row or 1) - 1, len(places) - 1)]
        if fault.file == PACKAGE_FILE:
            at = next((one for one in places if fault.column and fault.column in one.columns), at)
        column = at.columns.get(fault.column or "")
        if fault.found.endswith("without provenance") and fault.column:
            advice = f"fill in {fault.column}{SEPARATOR}{ORIGIN[0]} and the columns after it, in the same row"
            told = replace(told, advice=advice) if f"{fault.column}{SEPARATOR}{ORIGIN[0]}" in at.columns else told
        if column is None:
            return replace(told, file=f"sheet {at.sheet}", row=at.row if fault.row else None)
        named = f"{at.of}{SEPARATOR}{fault.column if fault.column in ORIGIN else ORIGIN[0]}" if at.of else fault.column
        return replace(told, file=f"sheet {at.sheet}", row=at.row, column=named, cell=place(at.row, column))


def _by_sheet(text: str) -> str:
    """Return a text in which tables are called by their sheets."""
    return _TABLE_FILE.sub(r"sheet \1", text).replace(PACKAGE_FILE, f"sheet {PACKAGE_SHEET}")


def is_workbook(path: Path) -> bool:
    """Return whether a path leads to a file that is called as workbooks are."""
    return path.suffix.lower() in (SUFFIX, *OTHERS) and path.is_file()


_OPENED: Recent[Opened] = Recent()


def opened(path: Path) -> Opened:
    """Read a workbook; what is wrong with it as such is among its faults.

    Raises
    ------
    UnreadableError
        If it is no workbook, or one of a kind that is not read.
    """
    if (suffix := path.suffix.lower()) in OTHERS:
        raise UnreadableError(OTHERS[suffix], A_WORKBOOK[0], f"save it as {SUFFIX}")
    try:
        data = read_bytes(path, most=LARGEST_WORKBOOK)
    except OSError as error:
        raise UnreadableError(str(error.strerror or error), *A_WORKBOOK) from error
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        advice = f"take the password off, and save it as {SUFFIX}"
        raise UnreadableError("a workbook with a password, or an old one", A_WORKBOOK[0], advice)
    if (known := _OPENED.get(data)) is not None:
        return known
    made = _read(Workbook(data))
    return _OPENED.keep(data, made, len(data) + made.size)


def _read(book: Workbook) -> Opened:
    """Return what the sheets of a workbook stand for."""
    made = Opened()
    book.read_shared()
    read = {name: _sheet(book, name, made) for name in (*dictionary(), PACKAGE_SHEET, NOTICE_SHEET)}
    rows = {name: one for name, one in read.items() if one is not None}
    tables = {name: one for name, one in rows.items() if name in dictionary()}
    if not any(is_needed_table(name) for name in tables):
        needed = ", ".join(name for name in dictionary() if is_needed_table(name))
        advice = "name the sheets as the tables, or begin with: corridors data init -o FILE.xlsx"
        raise UnreadableError(f"sheets {shown(', '.join(book.names))}", f"sheets {needed}", advice)
    _say_missing(book.names, made)
    tellers = [_Table(name, one, made) for name, one in tables.items()]
    for one in tellers:
        if one.name != PROVENANCE:
            one.write()
    _write_provenance(tellers, made)
    _write_package(rows.get(PACKAGE_SHEET), made)
    lines = (cells[0].text if 0 in cells else "" for _, cells in _spaced(rows.get(NOTICE_SHEET, [])))
    made.notice = CONTROL.sub("", "\n".join(lines))[:LONGEST_NOTICE]
    return made


def is_needed_table(name: str) -> bool:
    """Return whether a package must have a table."""
    return not dictionary()[name].get("optional")


def _sheet(book: Workbook, name: str, made: Opened) -> Rows | None:
    """Return the rows of a sheet, None if there is none or it is damaged, which is a fault then."""
    if name not in book.names:
        return None
    try:
        rows = book.rows(name)
    except UnreadableError as error:
        made.faults.append(error.fault(f"sheet {name}"))
        made.names.append(f"{name}.csv")
        return None
    if not rows and name in dictionary() and is_needed_table(name):
        made.faults.append(Fault(f"sheet {name}", None, None, "an empty sheet", "a header row", "write the header"))
        made.names.append(f"{name}.csv")
    return rows or None


def _say_missing(names: Sequence[str], made: Opened) -> None:
    """Add the faults of tables that have no sheet, or one that is called otherwise."""
    others = {one.strip().casefold(): one for one in names if one not in dictionary()}
    for name in dictionary():
        if name in names:
            continue
        near = difflib.get_close_matches(name, others, n=1, cutoff=0.8)
        if near or is_needed_table(name):
            advice = f"rename the sheet {shown(others[near[0]])}" if near else "add the sheet"
            made.faults.append(Fault(f"sheet {name}", None, None, "no such sheet", "the table", advice))
            made.names.append(f"{name}.csv")


def _spaced(rows: Rows) -> Iterator[tuple[int, Mapping[int, Any]]]:
    """Yield the rows of a sheet with the empty ones between them."""
    last = 0
    for row, cells in rows:
        for empty in range(last + 1, row if row - last < 100 else last + 2):
            yield empty, {}
        yield row, cells
        last = row


class _Table:
    """A sheet whose columns are known by name."""

    def __init__(self, name: str, rows: Rows, made: Opened) -> None:
        self.name, self.made = name, made
        self.head = rows[0][0] if rows else 1
        header = {column: cell.text.strip() for column, cell in rows[0][1].items()} if rows else {}
        self.body = rows[1:]
        self.columns: dict[str, int] = {}
        self.origins: dict[str, dict[str, int]] = {}  # by the column of the numbers: the columns beside it
        for column, text in sorted(header.items()):
            self._meet(column, text)
        unnamed = {column: row for row, cells in reversed(self.body) for column in cells if column not in header}
        for column, row in sorted(unnamed.items()):
            advice = f"write its name into {place(self.head, column)}, {OWN} and a word if it is yours, or clear it"
            self._wrong(row, column, "a cell in a column without a name", "the columns' names above", advice)

    def _wrong(self, row: int, column: int, found: str, expected: str, advice: str) -> None:
        self.made.faults.append(
            Fault(f"sheet {self.name}", row, None, found, expected, advice, cell=place(row, column))
        )

    def _meet(self, column: int, text: str) -> None:
        """Learn what stands in a column."""
        known = fields(self.name)
        of, parted, what = text.partition(SEPARATOR)
        if text.startswith(OWN) or (parted and of in known and what == NAME):
            return
        if parted and what in ORIGIN and of in known and is_numeric(known[of]):
            into, key = self.origins.setdefault(of, {}), what
        else:
            into, key = self.columns, text
        if key in into:
            self._wrong(self.head, column, f"a second column {shown(text)}", "one", "remove or rename one of them")
        elif into is self.columns and text not in known:
            absent = [one for one in known if one not in self.columns]
            advice = f"remove or rename the column{did_you_mean(text, absent)}, or put {OWN} before its name to keep it"
            self._wrong(self.head, column, f"a column {shown(text)}", f"only columns of {self.name}", advice)
        else:
            into[key] = column

    def write(self) -> None:
        """Write the table as its CSV file."""
        header = [name for name, one in fields(self.name).items() if name in self.columns or not is_needed(one)]
        beside = {f"{of}{SEPARATOR}{what}": at for of, columns in self.origins.items() for what, at in columns.items()}
        columns = {**self.columns, **beside}
        places = [RowPlace(self.name, self.head, columns)]
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row, cells in self.body:
            texts = [self._text(row, cells, self.columns.get(name), fields(self.name)[name]) for name in header]
            if any(texts):
                writer.writerow(texts)
                places.append(RowPlace(self.name, row, columns))
                self.made.size += sum(map(len, texts))  # a text that cells share is written for each of them
                if self.made.size > LARGEST:
                    found = f"tables of more than {LARGEST:,} characters"
                    raise UnreadableError(found, "smaller ones", "shorten the texts in them")
        _put(self.made, self.name, stream, places)

    def _text(self, row: int, cells: Mapping[int, Any], column: int | None, one: Field) -> str:
        """Return a cell as the CSV file has it, blank where it cannot be read, which is a fault."""
        if column is None or column not in cells:
            return ""
        try:
            text = text_of(cells[column], one)
        except Misread as error:
            self.made.faults.append(Fault(f"sheet {self.name}", row, one["name"], *error.told, cell=place(row, column)))
            return ""
        if is_numeric(one) and (value := number(text)) == value:
            return number_text(value)
        return text

    def key(self, row: int, cells: Mapping[int, Any]) -> str:
        """Return the key of a row as provenance.csv writes it."""
        columns = key_columns(self.name)
        known = fields(self.name)
        faults = len(self.made.faults)
        parts = [self._text(row, cells, self.columns.get(name), known[name]) for name in columns]
        del self.made.faults[faults:]  # they were told when the table was written
        text = "|".join(parts)
        return text if is_needed(known[columns[-1]]) else text.removesuffix("|")

    def origin_rows(self) -> Iterator[tuple[list[str], RowPlace]]:
        """Yield the rows of provenance.csv that stand beside the numbers, with their places."""
        if not self.origins:
            return
        told = fields(PROVENANCE)
        order = [name for name in fields(self.name) if name in self.origins]
        for row, cells in self.body:
            key = None
            for name in order:
                at = self.origins[name]
                texts = [self._text(row, cells, at.get(what), told[what]) for what in ORIGIN]
                if any(texts):
                    key = self.key(row, cells) if key is None else key
                    first = min(at.values())
                    where = dict.fromkeys(fields(PROVENANCE), first) | at
                    yield [self.name, key, name, *texts], RowPlace(self.name, row, where, of=name)


def _put(made: Opened, name: str, stream: io.StringIO, places: list[RowPlace]) -> None:
    file = f"{name}.csv"
    made.data[file] = stream.getvalue().encode("utf-8", "replace")
    made.names.append(file)
    made.places[file] = places


def _write_provenance(tables: Sequence[_Table], made: Opened) -> None:
    """Write provenance.csv: the rows of its own sheet, and those that stand beside the numbers."""
    own = next((one for one in tables if one.name == PROVENANCE), None)
    beside = [row for one in tables for row in one.origin_rows()]
    if own is not None:
        own.write()
    elif not any(one.origins for one in tables):
        return
    columns = list(fields(PROVENANCE))
    stream = io.StringIO(made.data.pop(f"{PROVENANCE}.csv").decode() if own is not None else ",".join(columns) + "\n")
    stream.seek(0, io.SEEK_END)
    places = made.places.get(f"{PROVENANCE}.csv") or [RowPlace(PROVENANCE, 1, {})]
    csv.writer(stream, lineterminator="\n").writerows(row for row, _ in beside)
    if own is not None:
        made.names.remove(f"{PROVENANCE}.csv")
    _put(made, PROVENANCE, stream, [*places, *(one for _, one in beside)])


def _write_package(rows: Rows | None, made: Opened) -> None:
    """Write datapackage.json: the settings of the sheet `package`."""
    said: dict[str, Any] = {}
    named: dict[str, list[dict[str, str]]] = {LICENCE: [], CREDIT: []}
    places = []
    for row, cells in rows or []:
        setting, cell = (cells[0].text.strip() if 0 in cells else ""), cells.get(1)
        places.append(RowPlace(PACKAGE_SHEET, row, {setting: 1}))
        if cell is None or (setting, cell.text) == (SETTING, VALUE):
            continue
        try:
            text = text_of(cell, {"name": setting, "type": "string", "unit": ""})
        except Misread as error:
            made.faults.append(Fault(f"sheet {PACKAGE_SHEET}", row, setting, *error.told, cell=place(row, 1)))
            continue
        if setting in named:
            named[setting].append({"title": text})
        elif setting in said:
            found = f"{shown(setting)} a second time"
            told = (found, "each setting once", "remove one of the rows")
            made.faults.append(Fault(f"sheet {PACKAGE_SHEET}", row, None, *told, cell=place(row, 0)))
        else:
            said[setting] = _whole(text) if setting == "base_year" else text
    if rows:
        listed = {LISTS["licences"]: named[LICENCE], LISTS["credits"]: named[CREDIT]}
        said |= {name: titles for name, titles in listed.items() if titles}
        made.data[PACKAGE_FILE] = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
        made.names.append(PACKAGE_FILE)
        made.places[PACKAGE_FILE] = places


def _whole(text: str) -> int | str:
    """Return a year as a number."""
    return int(text) if re.fullmatch("[0-9]{4}", text) else text
