"""Conditions COLUMN=VALUE on the rows of a table of a data package, and what is said where no row holds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from corridors import suggest, tables
from corridors.errors import DataError, NameUnknown

if TYPE_CHECKING:
    import pandas as pd

    from corridors.text.language import Language


def _condition(table: str, condition: str) -> tuple[str, str]:
    """Return column and value of a condition COLUMN=VALUE."""
    given, equals, value = condition.partition("=")
    if not equals:
        raise DataError(f"--where '{condition}' is not COLUMN=VALUE: write for instance --where mode=rail")
    return suggest.find_one(tables.fields(table), given, "column", f"{table}.csv"), value


def nothing(table: str, frame: pd.DataFrame, conditions: Sequence[str], say: Language) -> str:
    """Say that no row holds the conditions.

    Raises
    ------
    NameUnknown
        If a value is none that its column can have, or is near one that it has: it is mistyped.
    """
    for condition in conditions:
        column, value = _condition(table, condition)
        field = tables.fields(table)[column]
        if any(holding(table, frame, condition)):
            continue
        if not tables.is_numeric(field):
            _see_that_it_may_be(column, value, field, frame)
        return say("{table}.csv has no row whose {column} is '{value}'", table=table, column=column, value=value)
    return say("{table}.csv has no row that holds all the conditions", table=table)


def _see_that_it_may_be(column: str, value: str, field: dict[str, Any], frame: pd.DataFrame) -> None:
    allowed = field.get("constraints", {}).get("enum", ())
    if not value or value in allowed:
        return
    cells = frame[column].unique().tolist()
    there = {*allowed, *(";".join(cells).split(";") if field.get("list") else cells)} - {""}
    hint = suggest.did_you_mean(value, there)
    if allowed and not hint:
        hint = f"; it is one of {', '.join(allowed)}"
    if hint:
        raise NameUnknown(f"no row has {column} '{value}'{hint}")


def holding(table: str, frame: pd.DataFrame, condition: str) -> list[bool]:
    """Say which rows hold a condition COLUMN=VALUE."""
    column, value = _condition(table, condition)
    field = tables.fields(table)[column]
    cells = frame[column].tolist()
    if not tables.is_numeric(field):
        return [value == cell or (bool(field.get("list")) and value in cell.split(";")) for cell in cells]
    try:
        wanted = tables.number_text(float(value)) if value else ""
    except ValueError as error:
        raise DataError(
            f"--where '{condition}': column {column} holds numbers; give one, or nothing for blank"
        ) from error
    return [tables.number_text(cell) == wanted for cell in cells]
