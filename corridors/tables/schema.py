"""The data dictionary: which tables a data package has, with the columns, units, limits and keys of each.

It is the `datapackage.json` of the embedded package (Frictionless Data, tabular data package), one for all packages.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

type Tables = Mapping[str, pd.DataFrame]
type Field = dict[str, Any]

EMBEDDED = Path(__file__).parents[1] / "data"
LARGEST_PLAIN = 1e16  # numbers from here on are written with an exponent


@cache
def descriptor() -> dict[str, Any]:
    """Read the embedded datapackage.json."""
    return dict(json.loads((EMBEDDED / "datapackage.json").read_text(encoding="utf-8")))


@cache
def dictionary() -> dict[str, dict[str, Any]]:
    """Return the tables of the dictionary by name, in their order, as Frictionless resources."""
    return {resource["name"]: resource for resource in descriptor()["resources"]}


@cache
def fields(table: str) -> dict[str, Field]:
    """Return the columns of a table by name, in their order, as Frictionless fields.

    These properties are not of the standard:

    * `unit`
    * `list`: a cell may hold several values, separated by `;`
    * `refers`: the columns that values come from, besides those that `also` lists
    * `infinite`: inf is allowed
    * `smallest`, `largest`: the limits of what makes sense for a finite number above 0
    * `provenance`: false where a number needs no row in provenance.csv
    * `operator`: text may begin as a formula does
    * `optional`: a file may lack the column, whose cells are blank then; as the last part of a key it is left out of
      the key's text where it is blank
    * `date`: text is a day of the calendar
    * `form`: the pattern in words
    """
    return {field["name"]: field for field in dictionary()[table]["schema"]["fields"]}


def key_columns(table: str) -> list[str]:
    """Return the columns whose values together name a row of the table."""
    return list(dictionary()[table]["schema"]["primaryKey"])


def is_needed(field: Field) -> bool:
    """Return whether a file of the table must have the column."""
    return not field.get("optional")


def references(table: str) -> Iterator[tuple[Field, list[tuple[str, str]]]]:
    """Yield the columns whose values come from other columns, with those as (table, column).

    They are foreign keys of the standard, or columns with the property `refers`.
    """
    for key in dictionary()[table]["schema"].get("foreignKeys", ()):
        target = key["reference"]
        yield fields(table)[key["fields"][0]], [(target["resource"], target["fields"][0])]
    for field in fields(table).values():
        if sources := [name.partition(".")[::2] for name in field.get("refers", ())]:
            yield field, sources


def is_numeric(field: Field) -> bool:
    """Return whether a column holds numbers."""
    return field.get("type") in ("number", "integer")


def limits(field: Field) -> tuple[float, float]:
    """Return the least and the most that a number above 0 may be."""
    allowed = field.get("constraints", {})
    least = max(allowed.get("minimum", -math.inf), field.get("smallest", -math.inf))
    return least, allowed.get("maximum", field.get("largest", math.inf))


def number_text(value: float) -> str:
    """Return a number as the tables write it: blank for NaN, no needless decimals, `inf` for no limit."""
    if math.isnan(value):
        return ""
    return str(int(value)) if abs(value) < LARGEST_PLAIN and value == int(value) else repr(float(value))


def keys(table: str, frame: pd.DataFrame) -> list[str]:
    """Return the key of every row as provenance.csv writes it: its parts joined by `|`."""
    columns = key_columns(table)
    rows = zip(*(frame[column].tolist() for column in columns), strict=True)
    texts = ["|".join(number_text(part) if isinstance(part, float) else part for part in row) for row in rows]
    return texts if is_needed(fields(table)[columns[-1]]) else [text.removesuffix("|") for text in texts]
