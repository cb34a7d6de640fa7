"""A folder of CSV files read with distrust: every fault named at once, with file, row, column and what to do.

First the bytes (encoding, commas, header, whole rows), then each column by the dictionary, then the rules
across tables. Only plain NAME.csv files of the folder are read, and of its datapackage.json nothing but `Settings`.
What is found here is all that is ever held against a package: a plan and `corridors data check` judge alike.
"""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from corridors.suggest import did_you_mean, lookalike
from corridors.tables import rules
from corridors.tables.parsing import (
    AN_OBJECT,
    AS_CSV,
    CONTROL,
    NO_UNIT,
    NOTICE,
    UnreadableError,
    contents,
    decode,
    digest_of,
    no_number,
    notice,
    number,
    parsed_json,
    records,
)
from corridors.tables.rules import Fault, Field, Tables, dictionary, fields, is_numeric, number_text, shown

__all__ = ["PACKAGE", "Fault", "Loaded", "check", "column_faults", "in_order", "is_line", "load", "unfilled"]

PACKAGE = "datapackage.json"
PROVENANCE = "provenance.csv"
NEEDED = ("nodes", "modes", "links", "commodities", "terminals", "demand")  # each refers to those before it alone
MOST_COLUMNS = 1000
LONGEST_LINE = 1000  # characters
FORMULA = re.compile(r"[=+\-@\t\r]")
SHEET_ERROR = re.compile(r"#[A-ZА-Я/0-9]+[!?]?")
LARGEST_PACKAGE = 2**24  # bytes of a datapackage.json


class Settings(NamedTuple):
    """What a datapackage.json says of the package as a whole."""

    base_year: int
    home_country: str = ""
    default_commodity: str = ""
    title: str = ""
    default_origin: str = ""
    default_destination: str = ""
    title_ru: str = ""
    title_kk: str = ""
    licences: tuple[str, ...] = ()


class Loaded(NamedTuple):
    """A folder as read: frames by table (index = spreadsheet row), hashes of their bytes, and all faults."""

    frames: dict[str, pd.DataFrame]
    hashes: dict[str, str]
    settings: Settings
    faults: list[Fault]


class _Sheet(NamedTuple):
    """The cells of a table in the dictionary's order of columns, with their spreadsheet rows."""

    lines: list[int]
    rows: list[list[str]]
    digest: str


def settings_of(package: Mapping[str, Any]) -> Settings:
    """Return what a datapackage.json says that is known to be sound."""
    usual = Settings(0)
    said = {name: package.get(name, getattr(usual, name)) for name in Settings._fields}
    return Settings(**said | {"licences": _licences(package)})


def check(folder: Path | str) -> list[Fault]:
    """Give every fault of a data package, sorted by file and row, each cell named once; none if it is sound."""
    return load(folder).faults


def unfilled(frames: Tables) -> list[str]:
    """Give the tables without a row that a plan needs, in an order in which they can be filled."""
    return [name for name in NEEDED if name in frames and frames[name].empty]


def load(folder: Path | str) -> Loaded:
    """Read a folder and collect its faults."""
    folder = Path(folder)
    found: list[Fault] = []
    names = _file_names(folder, found)
    sheets = _sheets(folder, names, found)
    frames = {name: _frame(name, sheet, found) for name, sheet in sheets.items()}
    settings = _settings(_package(folder, names, found), frames, found)
    unread = bool(found)  # then provenance of what could not be read leads nowhere, too
    found.extend(column_faults(frames))
    astray = (PROVENANCE, "key") if unread else None
    found.extend(fault for fault in rules.faults(frames) if (fault.file, fault.column) != astray)
    hashes = {name: sheet.digest for name, sheet in sheets.items()}
    return Loaded(frames, hashes, settings, in_order(found))


def in_order(found: Iterable[Fault]) -> list[Fault]:
    """Give the first fault of each cell in order; a fault of a whole row hides those inside it."""
    whole = {(fault.file, fault.row) for fault in found if not fault.column}
    first: dict[tuple[str, int, str], Fault] = {}
    for fault in found:
        if not fault.column or (fault.file, fault.row) not in whole:
            first.setdefault((fault.file, fault.row or 0, fault.column or fault.found), fault)
    return [first[place] for place in sorted(first)]


def _sheets(folder: Path, names: list[str], found: list[Fault]) -> dict[str, _Sheet]:
    """Read the tables that can be read; one that is optional and not there is empty."""
    sheets = {}
    for name, table in dictionary().items() if names else ():
        file = f"{name}.csv"
        if file in names:
            found.extend(_doubles(file, names))
            try:
                sheets[name] = _sheet(folder, name, found)
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
            sheets[name] = _Sheet([], [], digest_of((",".join(fields(name)) + "\n").encode()))
    return sheets


def _doubles(file: str, names: list[str]) -> Iterator[Fault]:
    """Name files that a computer which does not mind capitals would take for another."""
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


def _sheet(folder: Path, name: str, found: list[Fault]) -> _Sheet:
    """Read one table: whole rows in the dictionary's order of columns."""
    file = f"{name}.csv"
    data = contents(folder, file)
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
        rows.append([cells[position] for position in order])
    return _Sheet(lines, rows, digest_of(data))


def _order(header: list[str], name: str, found: list[Fault]) -> list[int]:
    """Give where each column of the dictionary stands in the header."""
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
    missing = [column for column in columns if column not in header]
    for column in header:
        if column not in columns:
            advice = f"remove or rename the column{did_you_mean(column, missing or columns)}"
            extra = f"a column {shown(column)}"
            found.append(Fault(f"{name}.csv", 1, None, extra, f"only columns of {name}", advice))
    if missing:
        advice = "add what is missing, with blank cells where nothing is given"
        raise UnreadableError(f"no column {', '.join(missing)}", f"columns {', '.join(columns)}", advice, 1)
    return [header.index(column) for column in columns]


def _frame(name: str, sheet: _Sheet, found: list[Fault]) -> pd.DataFrame:
    """Turn cells into a frame: numbers as float64 with NaN where blank or faulty, text as str."""
    index = pd.Index(sheet.lines, dtype=np.int64)
    cells = list(zip(*sheet.rows, strict=True)) or [()] * len(fields(name))
    columns = {}
    for field, values in zip(fields(name).values(), cells, strict=True):
        if is_numeric(field):
            numbers = [number(value) for value in values]
            columns[field["name"]] = pd.Series(numbers, index=index, dtype=np.float64)
            for line, value, one in zip(sheet.lines, values, numbers, strict=True):
                if value and one != one:
                    found.append(_no_number(name, line, field, value))
        else:
            columns[field["name"]] = pd.Series(list(values), index=index, dtype=str)
    return pd.DataFrame(columns, index=index)


def _no_number(name: str, line: int, field: Field, cell: str) -> Fault:
    found, advice = no_number(cell, field)
    unit = "" if field["unit"] in ("1", "0 or 1") else f" ({field['unit']})"
    return Fault(f"{name}.csv", line, field["name"], found, f"a number{unit}", advice)


def column_faults(tables: Tables) -> Iterator[Fault]:
    """Judge each column by the dictionary alone: required, limits, whole numbers, words, patterns, keys."""
    for name, frame in tables.items():
        for column, field in fields(name).items():
            values = frame[column].tolist()
            different = set(values)
            for test, expected, advice in _tests(field):
                wrong = any(test(value) for value in different)
                for line, value in zip(frame.index, values, strict=True) if wrong else ():
                    if test(value):
                        yield Fault(f"{name}.csv", int(line), column, shown(value), expected, advice)
        key = rules.key_columns(name)
        repeated = frame[frame.duplicated(key)]
        for line, text in zip(repeated.index, rules.keys(name, repeated), strict=True):
            found = f"the key {shown(text)} a second time"
            yield Fault(f"{name}.csv", int(line), key[-1], found, "each key once", "remove or rename the row")
        yield from _alike(name, frame)


def _alike(name: str, frame: pd.DataFrame) -> Iterator[Fault]:
    """Name keys that look like another's, with letters of another alphabet in the place of some."""
    first: dict[str, str] = {}
    for line, key in zip(frame.index, rules.keys(name, frame), strict=True):
        other = first.setdefault(lookalike(key), key)
        if other != key:
            found, expected = f"{shown(key)} with letters of another alphabet", f"a key unlike {shown(other)} of before"
            column = rules.key_columns(name)[-1]
            yield Fault(f"{name}.csv", int(line), column, found, expected, "write one of them anew, or rename it")


def _tests(field: Field) -> Iterator[tuple[Callable[[Any], object], str, str]]:
    """Give what is wrong with a value: a test that is true then, what was expected, what to do."""
    limits, infinite = field.get("constraints", {}), field.get("infinite")
    if is_numeric(field):
        low, least, high = limits.get("minimum", -math.inf), *rules.limits(field)
        unit = "correct the cell" + ("" if field["unit"] in NO_UNIT else f", which is in {field['unit']}")
        above = f"{unit}, and no limit is written inf" if infinite else unit
        yield lambda value: value < low, f"at least {low:g}", "correct the cell"
        yield lambda value: high < value < math.inf, f"at most {number_text(high)}", above
        yield lambda value: 0 < value < least, f"0, or at least {least:g}", unit
        if limits.get("required"):
            yield math.isnan, "a number", "fill it in" + (", or write inf for no limit" if infinite else "")
        if not infinite:
            yield math.isinf, "a finite number", "only a limit may be inf"
        if field["type"] == "integer":
            yield lambda value: value % 1 > 0, "a whole number", "correct the cell"
    else:
        yield CONTROL.search, "plain text", "remove the unprintable characters"
        yield SHEET_ERROR.fullmatch, "a value", "write the value in place of the spreadsheet's failed formula"
        if limits.get("required"):
            yield lambda value: not value, field["description"], "fill it in"
        if not field.get("operator"):
            yield FORMULA.match, "text that no spreadsheet takes for a formula", "do not begin with = + - @"
    if words := limits.get("enum"):
        expected = f"one of {', '.join(map(str, words))}"
        yield lambda value: value and value == value and value not in words, expected, "correct the cell"
    if pattern := limits.get("pattern"):
        full = re.compile(pattern).fullmatch
        yield lambda value: value and not full(value), field.get("form", pattern), "correct the cell"


def _package(folder: Path, names: list[str], found: list[Fault]) -> dict[str, Any]:
    """Read datapackage.json, and see that the notice that goes with the data can be read when it is asked for."""
    try:
        notice(folder)
    except UnreadableError as error:
        found.append(error.fault(NOTICE))
    found.extend(_doubles(PACKAGE, names))
    if PACKAGE not in names:
        return {}
    try:
        said: Any = parsed_json(contents(folder, PACKAGE, LARGEST_PACKAGE))
        if not isinstance(said, dict):
            raise UnreadableError(shown(said), *AN_OBJECT[2:])
    except UnreadableError as error:
        found.append(error.fault(PACKAGE))
        return {}
    return said


def _settings(said: Mapping[str, Any], tables: Tables, found: list[Fault]) -> Settings:
    """Judge what a datapackage.json may say; what it does not say is as in `Settings`."""
    usual = Settings(rules.descriptor()["base_year"])
    line = (is_line, "plain text in one line")
    tests: dict[str, tuple[Callable[[Any], bool], str]] = {
        "base_year": (lambda year: type(year) is int and 1900 <= year <= 2200, "a calendar year"),
        "home_country": (_among(tables, "nodes", "country"), "a country of nodes.csv"),
        "default_commodity": (_among(tables, "commodities", "commodity"), "a commodity of commodities.csv"),
        "title": line,
        "default_origin": (_among(tables, "nodes", "node"), "a place of nodes.csv"),
        "default_destination": (_among(tables, "nodes", "node"), "a place of nodes.csv"),
        "title_ru": line,
        "title_kk": line,
    }
    sound: dict[str, Any] = {"licences": _licences(said)}
    for name, (test, expected) in tests.items():
        if name in said and not test(said[name]):
            found.append(Fault(PACKAGE, None, name, shown(said[name]), expected, "correct or remove it"))
        elif name in said:
            sound[name] = said[name]
    if wrong := [one for one in sound["licences"] if not is_line(one)]:
        found.append(Fault(PACKAGE, None, "licenses", shown(wrong[0]), line[1], "correct or remove it"))
    return usual._replace(**sound)


def is_line(text: object) -> bool:
    """Whether something is plain text in one line, not too long to be a title."""
    return (
        isinstance(text, str)
        and len(text) <= LONGEST_LINE
        and not CONTROL.search(text)
        and not re.search(r"[\t\r\n]", text)
    )


def _licences(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the licences that a datapackage.json names, each with its address; what has another form names none."""
    listed = said.get("licenses")
    named = []
    for one in listed if isinstance(listed, list) else ():
        parts = [one.get("title") or one.get("name"), one.get("path")] if isinstance(one, dict) else []
        named.append(" ".join(part for part in parts if isinstance(part, str) and part))
    return tuple(filter(None, named))


def _among(tables: Tables, table: str, column: str) -> Callable[[Any], bool]:
    known = set(tables[table][column]) if table in tables else None
    known = (
        known or None
    )  # a table that is still empty names nothing, and what is said before it is filled may be right
    return lambda value: is_line(value) and (known is None or value in known)
