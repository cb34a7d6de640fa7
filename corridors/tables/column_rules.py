"""The rules of a single column, from the dictionary: limits, words and patterns of its cells, and keys."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from corridors.frames import columns
from corridors.suggest import lookalike
from corridors.tables.cell_numbers import NO_UNIT
from corridors.tables.faults import Fault, cell_fault, shown
from corridors.tables.parsing import CONTROL
from corridors.tables.schema import Field, Tables, fields, is_numeric, key_columns, keys, limits, number_text

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FORMULA = re.compile(r"[=+\-@\t\r]")
SHEET_ERROR = re.compile(r"#[A-ZА-Я/0-9]+[!?]?")


def column_faults(tables: Tables) -> Iterator[Fault]:
    """Yield the faults of each column by itself: required, limits, whole numbers, words, patterns, keys."""
    for name, frame in tables.items():
        if frame.empty:
            continue
        cells = columns(frame)
        for column in fields(name):
            values = cells[column]
            different = set(values)
            for test, expected, advice in _tests(name, column):
                wrong = any(test(value) for value in different)
                for line, value in zip(frame.index, values, strict=True) if wrong else ():
                    if test(value):
                        yield cell_fault(name, line, column, shown(value), expected, advice)
        yield from _repeated(name, frame, cells)
        yield from _alike(name, frame)


@cache
def _tests(name: str, column: str) -> tuple[tuple[Callable[[Any], object], str, str], ...]:
    return tuple(tests(fields(name)[column]))


def _repeated(name: str, frame: pd.DataFrame, cells: dict[str, list[Any]]) -> Iterator[Fault]:
    """Yield the faults of rows whose key an earlier one has."""
    key = key_columns(name)
    parts = list(zip(*(cells[column] for column in key), strict=True))
    if len(set(parts)) == len(parts) and all(part == part for row in parts for part in row):
        return  # pandas is asked only where it may find one: blank numbers are equal to it alone
    repeated = frame[frame.duplicated(key)]
    for line, text in zip(repeated.index, keys(name, repeated), strict=True):
        found = f"the key {shown(text)} a second time"
        yield cell_fault(name, line, key[-1], found, "each key once", "remove or rename the row")


def _alike(name: str, frame: pd.DataFrame) -> Iterator[Fault]:
    """Yield the faults of keys that look like another's, with letters of another alphabet in the place of some."""
    first: dict[str, str] = {}
    for line, key in zip(frame.index, keys(name, frame), strict=True):
        other = first.setdefault(lookalike(key), key)
        if other != key:
            found, expected = f"{shown(key)} with letters of another alphabet", f"a key unlike {shown(other)} of before"
            column = key_columns(name)[-1]
            yield cell_fault(name, line, column, found, expected, "write one of them anew, or rename it")


def is_day(text: str) -> bool:
    """Tell whether a text of a date's form is a day of the calendar; one of another form is not judged."""
    try:
        return not DAY.fullmatch(text) or bool(date.fromisoformat(text))
    except ValueError:
        return False


def tests(field: Field) -> Iterator[tuple[Callable[[Any], object], str, str]]:
    """Yield the tests of a value: a function that is true of a faulty one, what was expected, and what to do."""
    allowed, infinite = field.get("constraints", {}), field.get("infinite")
    if is_numeric(field):
        low, least, high = allowed.get("minimum", -math.inf), *limits(field)
        unit = "correct the cell" + ("" if field["unit"] in NO_UNIT else f", which is in {field['unit']}")
        above = f"{unit}, and no limit is written inf" if infinite else unit
        yield lambda value: value < low, f"at least {low:g}", "correct the cell"
        yield lambda value: high < value < math.inf, f"at most {number_text(high)}", above
        yield lambda value: 0 < value < least, f"0, or at least {least:g}", unit
        if allowed.get("required"):
            yield math.isnan, "a number", "fill it in" + (", or write inf for no limit" if infinite else "")
        if not infinite:
            yield math.isinf, "a finite number", "only a limit may be inf"
        if field["type"] == "integer":
            yield lambda value: value % 1 > 0, "a whole number", "correct the cell"
    else:
        yield CONTROL.search, "plain text", "remove the unprintable characters"
        yield SHEET_ERROR.fullmatch, "a value", "write the value in place of the spreadsheet's failed formula"
        if allowed.get("required"):
            yield lambda value: not value, field["description"], "fill it in"
        if not field.get("operator"):
            yield FORMULA.match, "text that no spreadsheet takes for a formula", "do not begin with = + - @"
    if field.get("date"):
        yield lambda value: value and not is_day(value), field["form"], "correct the cell: there is no such day"
    if words := allowed.get("enum"):
        expected = f"one of {', '.join(map(str, words))}"
        yield lambda value: value and value == value and value not in words, expected, "correct the cell"
    if pattern := allowed.get("pattern"):
        full = re.compile(pattern).fullmatch
        yield lambda value: value and not full(value), field.get("form", pattern), "correct the cell"
