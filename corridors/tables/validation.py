"""A data package is read with distrust: every fault is named at once, with file, row, column and what to do.

It is a folder of CSV files, or a workbook that stands for such files. First the bytes are judged (encoding, commas,
header, whole rows), then each column by the dictionary, then the rules across tables. Only plain NAME.csv files of a
folder are read, and of its datapackage.json nothing but `Metadata`. What is found here is all that is ever held against
a package: a plan and `corridors data check` judge alike.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from corridors.suggest import did_you_mean
from corridors.tables import metadata, rules, workbook
from corridors.tables.cell_numbers import no_number, number
from corridors.tables.column_rules import column_faults
from corridors.tables.faults import Fault, cell_fault, shown
from corridors.tables.frame_mapping import Frames
from corridors.tables.metadata import PACKAGE, Metadata
from corridors.tables.parsing import (
    AN_OBJECT,
    AS_CSV,
    NOTICE,
    UnreadableError,
    contents,
    decode,
    digest_of,
    notice,
    parsed_json,
    records,
)
from corridors.tables.recent import Recent
from corridors.tables.schema import Field, Tables, dictionary, fields, is_needed, is_numeric

PROVENANCE = "provenance.csv"
NEEDED = ("nodes", "modes", "links", "commodities", "terminals", "demand")  # each refers to those before it alone
MOST_COLUMNS = 1000
LARGEST_PACKAGE = 2**24  # bytes of a datapackage.json
TEXT = pd.StringDtype(na_value=np.nan)  # what pandas calls str


class Loaded(NamedTuple):
    """A folder as read: frames by table (index = spreadsheet row), hashes of their bytes, and all faults.

    `tables` are the frames of a sound package with their rows numbered from 0; one with faults has none.
    """

    frames: Frames
    tables: Frames
    hashes: dict[str, str]
    metadata: Metadata
    faults: list[Fault]


class _RawTable(NamedTuple):
    """The cells of a table in the dictionary's order of columns, with their spreadsheet rows."""

    lines: list[int]
    rows: list[list[str]]
    digest: str


class _Table(NamedTuple):
    """A table as read by itself: its frame (index = spreadsheet row), and the faults of its form and of its columns."""

    frame: pd.DataFrame
    digest: str
    of_form: tuple[Fault, ...]
    of_columns: tuple[Fault, ...]


_TABLES: Recent[_Table] = Recent()
_SOUND: Recent[Loaded] = Recent()


def check(folder: Path | str) -> list[Fault]:
    """Return every fault of a data package, sorted by file and row, each cell named once; none if it is sound."""
    return load(folder).faults


def unfilled(frames: Tables) -> list[str]:
    """Return the tables without a row that a plan needs, in an order in which they can be filled."""
    return [name for name in NEEDED if name in frames and frames[name].empty]


def load(folder: Path | str) -> Loaded:
    """Read a folder, or an Excel workbook, and collect its faults.

    Every file is read; what has been found sound is not judged again while no byte of the folder is another.
    """
    folder = Path(folder)
    if workbook.is_workbook(folder):
        return _of_workbook(folder)
    found: list[Fault] = []
    names = _file_names(folder, found)
    return _judged_once(names, _contents(folder, names, found), found)


def _of_workbook(path: Path) -> Loaded:
    """Return what a workbook holds; its faults are told by sheet and cell."""
    try:
        book = workbook.opened(path)
    except UnreadableError as error:
        return _judged([], {}, [error.fault(str(path))])
    loaded = _judged_once(book.names, book.data, list(book.faults))
    placed = [book.placed(fault) for fault in loaded.faults if fault not in book.faults]
    return loaded._replace(faults=in_order([*book.faults, *placed]))  # what could not be read is not blank


def _judged_once(names: list[str], data: Mapping[str, bytes], found: list[Fault]) -> Loaded:
    """Judge the bytes of a package, unless the same have been found sound of late."""
    key = None if found else (*names, *data.items())
    if key and (known := _SOUND.get(key)):
        return known._replace(hashes=dict(known.hashes), faults=[])
    loaded = _judged(names, data, found)
    if key and not loaded.faults:
        _SOUND.keep(key, loaded, sum(map(len, data.values())))
        return loaded._replace(hashes=dict(loaded.hashes), faults=[])
    return loaded


def _contents(folder: Path, names: list[str], found: list[Fault]) -> dict[str, bytes]:
    """Read the files of a folder that are a package's, but for the notice, which is only seen to be a text."""
    data = {}
    try:
        notice(folder)
    except UnreadableError as error:
        found.append(error.fault(NOTICE))
    for file in [file for file in (*(f"{name}.csv" for name in dictionary()), PACKAGE) if file in names]:
        try:
            data[file] = contents(folder, file, LARGEST_PACKAGE) if file == PACKAGE else contents(folder, file)
        except UnreadableError as error:
            found.append(error.fault(file))
    return data


def _judged(names: list[str], data: Mapping[str, bytes], found: list[Fault]) -> Loaded:
    """Return what the bytes of a package hold, and all its faults after those that were found while it was read."""
    read = _tables(names, data, found)
    frames = {name: table.frame for name, table in read.items()}
    said = metadata.judge(_package(names, data, found), frames, found)
    unread = bool(found)  # then provenance of what could not be read leads nowhere, too
    found.extend(fault for table in read.values() for fault in table.of_columns)
    astray = (PROVENANCE, "key") if unread else None
    found.extend(fault for fault in rules.apply_all(frames, said.base_year) if (fault.file, fault.column) != astray)
    hashes = {name: table.digest for name, table in read.items()}
    numbered = {} if found else {name: frame.reset_index(drop=True) for name, frame in frames.items()}
    return Loaded(Frames(frames), Frames(numbered), hashes, said, in_order(found))


def in_order(found: Collection[Fault]) -> list[Fault]:
    """Return the first fault of each cell, by file, row and column; a fault of a whole row hides those inside it."""
    whole = {(fault.file, fault.row) for fault in found if not fault.column}
    first: dict[tuple[str, int, str], Fault] = {}
    for fault in found:
        if not fault.column or (fault.file, fault.row) not in whole:
            first.setdefault((fault.file, fault.row or 0, fault.column or fault.found), fault)
    return [first[place] for place in sorted(first)]


def _tables(names: list[str], data: Mapping[str, bytes], found: list[Fault]) -> dict[str, _Table]:
    """Return the tables that can be read, an optional one that is missing being empty."""
    read = {}
    for name, table in dictionary().items() if names else ():
        file = f"{name}.csv"
        if file in names:
            found.extend(_doubles(file, names))
            if file not in data:  # which has been said
                continue
            try:
                read[name] = _table(name, data[file], found)
            except UnreadableError as error:
                found.append(error.fault(file))
            continue
        # link.csv, Links.csv, links.xlsx: meant for this table
        others = [other for other in names if other.removesuffix(".csv") not in dictionary()]
        stems = {Path(other).stem.casefold(): other for other in others if other != PACKAGE}
        near = difflib.get_close_matches(name, stems, n=1, cutoff=0.8)
        if near or not table.get("optional"):
            advice = f"rename {shown(stems[near[0]])}, or save it as {file}" if near else "add the file"
            found.append(Fault(file, None, None, "no such file", "the table", advice))
        else:
            read[name] = _table(name, (",".join(fields(name)) + "\n").encode(), found)
    return read


def _doubles(file: str, names: list[str]) -> Iterator[Fault]:
    """Yield the faults of files whose names differ in capitals alone, which some systems take for one file."""
    for other in names:
        if other != file and other.casefold() == file.casefold():
            yield Fault(file, None, None, f"{shown(other)} beside it", "one file of the name", "remove or rename one")


def _file_names(folder: Path, found: list[Fault]) -> list[str]:
    needed = [f"{name}.csv" for name, table in dictionary().items() if not table.get("optional")]
    expected, advice = f"a folder with {', '.join(needed)}", "give the folder that holds the tables"
    try:
        names = sorted(item.name for item in folder.iterdir())
        fault = f"a folder with {len(names)} other files" if names else "an empty folder"
    except OSError as error:
        names, fault = [], "a file" if folder.is_file() else error.strerror or str(error)
    if set(names) & set(needed):
        return names
    found.append(Fault(str(folder), None, None, fault, expected, advice))
    return []


def table_in(data: bytes, name: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Return the bytes of a file in the form of a table (index = spreadsheet row) and the faults of its columns.

    Raises
    ------
    UnreadableError
        If they are no table.
    """
    found: list[Fault] = []
    table = _table(name, data, found)
    return table.frame.copy(deep=False), [*found, *table.of_columns]


def _table(name: str, data: bytes, found: list[Fault]) -> _Table:
    """Read one table by itself, unless it has been read of late, and add the faults of its form."""
    table = _TABLES.get((name, data))
    if table is None:
        of_form: list[Fault] = []
        try:
            sheet = _whole_rows(data, name, of_form)
        except UnreadableError:
            found.extend(of_form)
            raise
        frame = _frame(name, sheet, of_form)
        table = _Table(frame, sheet.digest, tuple(of_form), tuple(column_faults({name: frame})))
        _TABLES.keep((name, data), table, len(data))
    found.extend(table.of_form)
    return table


def _whole_rows(data: bytes, name: str, found: list[Fault]) -> _RawTable:
    """Return whole rows in the dictionary's order of columns."""
    file = f"{name}.csv"
    header, *body = records(decode(data, name))
    order = _order(header, name, found)
    lines, rows = [], []
    for line, record in enumerate(body, start=2):
        if not "".join(record).strip():
            if record:  # an empty line is nothing; a row of commas is a row
                found.append(Fault(file, line, None, "a blank row", "a row of data", "delete the row"))
            continue
        if len(record) != len(header):
            expected = f"{len(header)} as in the header"
            advice = "put quotation marks around text with commas, or remove what is too much"
            found.append(Fault(file, line, None, f"{len(record)} cells", expected, advice))
        cells = record + [""] * (len(header) - len(record))
        lines.append(line)
        rows.append(["" if position is None else cells[position] for position in order])
    return _RawTable(lines, rows, digest_of(data))


def _order(header: list[str], name: str, found: list[Fault]) -> list[int | None]:
    """Return where each column of the dictionary stands in the header, None of an optional one that is not there."""
    columns = list(fields(name))
    if "".join(header).startswith("sep="):
        line = f"a line {shown(header[0])}"
        raise UnreadableError(line, "the columns' names", f"remove it and {AS_CSV}", 1)
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(set(",".join(header).split(mark)) & set(columns)) > max(len({*header} & {*columns}), 1):
            advice = f"{AS_CSV}; spreadsheets of some regional settings write {word} instead"
            raise UnreadableError(f"columns separated by {word}", "commas", advice, 1)
    if len(header) > MOST_COLUMNS:
        raise UnreadableError(f"{len(header):,} columns", f"columns {', '.join(columns)}", "remove the others", 1)
    for column, count in Counter(header).items():
        if count > 1:
            twice = f"{count} columns {shown(column)}"
            raise UnreadableError(twice, "one", "remove or rename the others", 1)
    absent = [column for column in columns if column not in header]
    missing = [column for column in absent if is_needed(fields(name)[column])]
    for column in header:
        if column not in columns:
            advice = f"remove or rename the column{did_you_mean(column, absent or columns)}"
            extra = f"a column {shown(column)}"
            found.append(Fault(f"{name}.csv", 1, None, extra, f"only columns of {name}", advice))
    if missing:
        advice = "add what is missing, with blank cells where nothing is given"
        raise UnreadableError(f"no column {', '.join(missing)}", f"columns {', '.join(columns)}", advice, 1)
    return [None if column in absent else header.index(column) for column in columns]


def _frame(name: str, sheet: _RawTable, found: list[Fault]) -> pd.DataFrame:
    """Turn cells into a frame: numbers as float64 with NaN where blank or faulty, text as str."""
    if not sheet.rows:
        return _without_rows(name).copy(deep=False)
    columns: dict[str, Any] = {}  # arrays, as series would each be held against the index
    for field, values in zip(fields(name).values(), zip(*sheet.rows, strict=True), strict=True):
        if is_numeric(field):
            numbers = [number(value) for value in values]
            columns[field["name"]] = np.array(numbers, dtype=np.float64)
            for line, value, one in zip(sheet.lines, values, numbers, strict=True):
                if value and one != one:
                    found.append(_no_number(name, line, field, value))
        else:
            columns[field["name"]] = pd.array(list(values), dtype=TEXT)
    return pd.DataFrame(columns, index=pd.Index(sheet.lines, dtype=np.int64))


@cache
def _without_rows(name: str) -> pd.DataFrame:
    index = pd.Index([], dtype=np.int64)
    kinds = {field["name"]: np.float64 if is_numeric(field) else str for field in fields(name).values()}
    return pd.DataFrame({column: pd.Series([], index=index, dtype=kind) for column, kind in kinds.items()}, index=index)


def _no_number(name: str, line: int, field: Field, cell: str) -> Fault:
    found, advice = no_number(cell, field)
    unit = "" if field["unit"] in ("1", "0 or 1") else f" ({field['unit']})"
    return cell_fault(name, line, field["name"], found, f"a number{unit}", advice)


def _package(names: list[str], data: Mapping[str, bytes], found: list[Fault]) -> dict[str, Any]:
    """Return what datapackage.json holds, nothing where it is not there or cannot be read."""
    found.extend(_doubles(PACKAGE, names))
    if PACKAGE not in data:
        return {}
    try:
        said: Any = parsed_json(data[PACKAGE])
        if not isinstance(said, dict):
            raise UnreadableError(shown(said), *AN_OBJECT[2:])
    except UnreadableError as error:
        found.append(error.fault(PACKAGE))
        return {}
    return said
