"""A change as its file says it: table, rows, action, values; every word checked, none yet applied.

Nothing in it is ever evaluated: it is names and values, compared and written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from corridors.errors import ScenarioError
from corridors.suggest import did_you_mean
from corridors.tables.faults import quoted, shown
from corridors.tables.schema import dictionary, fields, is_numeric, key_columns, number_text

type Value = str | float
type Condition = Mapping[str, tuple[Value, ...]]

ALL = "all"
CLOSED = ("links", "terminals", "pools", "borders", "corridors", "nodes")
OPENED = ("links", "terminals", "pools")
UNREACHED = (
    *("totals", "splits", "references", "observations"),
    *("posterior", "posterior_directions", "provenance", "sources"),
)
DERIVED = {
    "links": {"from_country": "from_node", "to_country": "to_node"},
    "terminals": {"country": "node"},
    "demand": {"origin_country": "origin", "destination_country": "destination"},
}
"""Columns that `where` knows beside those of the table: the country of the place that another column names."""

TABLES_OF = {"close": CLOSED, "open": OPENED, "add_avoid": ("demand",), "apply": ("projects",), "undo": ("projects",)}
SWITCHES = ("close", "open", "apply", "undo")
ACTIONS = ("close", "open", "set", "scale", "add", "add_avoid", "apply", "undo")
KEYS = ("table", "where", "where_not", *ACTIONS)


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes
    ----------
    place
        The file and the number of the change, as a sentence begins.
    table, action
        What is changed, and how: one of `ACTIONS`.
    value
        What the action needs: columns with values or factors, rows to add, countries to avoid; True for the others.
    where, where_not
        Columns with the values, one of which a row must have in each, or may have in none.
    """

    place: str
    table: str
    action: str
    value: Any
    where: Condition
    where_not: Condition

    def fail(self, words: str) -> NoReturn:
        """Raise a `ScenarioError` that names the change."""
        raise ScenarioError(f"{self.place} ({self.action} {self.table}): {words}")

    def picks(self) -> str:
        """Say in words which rows are meant."""
        said = [f"{column} is {_either(values)}" for column, values in self.where.items()]
        said += [f"{column} is not {_either(values)}" for column, values in self.where_not.items()]
        return " and ".join(said) or "all rows"


@dataclass(frozen=True)
class Effect:
    """What a change did: how many rows it picked, and how many rows of each table it altered."""

    rows: int
    altered: Mapping[str, int] = field(default_factory=dict)


def parse(place: str, raw: object) -> Change:
    """Read a change from its TOML table.

    Parameters
    ----------
    place
        The file and the number of the change, for errors.
    raw
        The table, as `tomllib` gives it.

    Raises
    ------
    ScenarioError
        If a key, the table, a column or the action is unknown, or a value is of the wrong type.
    """
    if not isinstance(raw, dict):
        raise ScenarioError(f"{place}: found {shown(raw)}, expected a table; write it under a line [[change]]")
    for key in raw:
        if key not in KEYS:
            expected = f"expected only {', '.join(KEYS)}"
            raise ScenarioError(f"{place}: found the key {quoted(key)}, {expected}{did_you_mean(key, KEYS)}")
    table = _table(place, raw)
    action = _action(place, raw)
    change = Change(place, table, action, raw[action], {}, {})
    if table not in TABLES_OF.get(action, (table,)):
        change.fail(f"this action is only for {', '.join(TABLES_OF[action])}; choose another, such as set")
    _check_value(change)
    where, where_not = _condition(change, raw, "where"), _condition(change, raw, "where_not")
    if action == "add" and ("where" in raw or "where_not" in raw):
        change.fail("rows that are added are not picked; remove where")
    if action != "add" and not where and not where_not and raw.get("where") != ALL:
        change.fail('no rows are picked; add where = {column = value}, or where = "all" if every row is meant')
    return Change(place, table, action, raw[action], where, where_not)


def _table(place: str, raw: Mapping[str, Any]) -> str:
    known = [name for name in dictionary() if name not in UNREACHED]
    table = raw.get("table")
    if table is None:
        raise ScenarioError(f'{place}: no table is named; add a line such as table = "links"')
    if not isinstance(table, str):
        raise ScenarioError(f"{place}: found {shown(table)} as table, expected one of {', '.join(known)}")
    if table in UNREACHED:
        advice = "change demand instead" if table in ("totals", "splits") else f"change one of {', '.join(known)}"
        raise ScenarioError(f"{place}: table {table} does not reach a plan; {advice}")
    if table not in known:
        raise ScenarioError(
            f"{place}: found table {quoted(table)}, expected one of {', '.join(known)}{did_you_mean(table, known)}"
        )
    return table


def _action(place: str, raw: Mapping[str, Any]) -> str:
    given = [action for action in ACTIONS if action in raw]
    if len(given) != 1:
        found = " and ".join(given) or "no action"
        raise ScenarioError(f"{place}: found {found}, expected exactly one of {', '.join(ACTIONS)}; correct the change")
    return given[0]


def _check_value(change: Change) -> None:
    """Judge what the action is given, as far as its table's dictionary tells."""
    value = change.value
    if change.action in SWITCHES and value is not True:
        change.fail(f"found {change.action} = {_toml(value)}, expected true; remove the change if it is not wanted")
    if change.action in ("set", "scale"):
        if not isinstance(value, dict) or not value:
            example = f"{change.action} = {{capacity = 2}}"
            change.fail(f"found {_toml(value)}, expected columns with values; write for instance {example}")
        for column, one in value.items():
            (_check_set if change.action == "set" else _check_scale)(change, column, one)
    if change.action == "add":
        if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
            change.fail(f"found {_toml(value)}, expected a list of rows; write add = [{{column = value, ...}}]")
        for number, row in enumerate(value, start=1):
            for column, one in row.items():
                check_cell(change, column, one, f"row {number}, ")
    if change.action == "add_avoid" and not _is_list_of_text(value):
        change.fail(f'found {_toml(value)}, expected a list of countries; write add_avoid = ["RUS"]')


def _check_set(change: Change, column: str, value: object) -> None:
    check_cell(change, column, value)
    if column in key_columns(change.table):
        change.fail(f"column {column} is what rows are known by and stays; close the row and add another")


def _check_scale(change: Change, column: str, factor: object) -> None:
    number = _is_number(factor) and math.isfinite(factor) and factor >= 0  # type: ignore[operator,arg-type]
    if not is_numeric(_field(change, column)):
        change.fail(f"column {column} holds text, which has no multiple; use set")
    if not number:
        change.fail(f"column {column}: found {_toml(factor)}, expected a factor of 0 or more; write 1.2 for 20 % more")
    if column in key_columns(change.table):
        change.fail(f"column {column} is what rows are known by and stays; close the row and add another")


def check_cell(change: Change, column: str, value: object, before: str = "") -> None:
    """Judge a value that is to be written into a column: its type, and whether inf may stand there."""
    meta = _field(change, column)
    if value == "" and isinstance(value, str):
        return
    if is_numeric(meta):
        if not _is_number(value):
            quoted = "; write it without quotation marks" if isinstance(value, str) else "; write a number"
            change.fail(f"{before}column {column}: found {_toml(value)}, expected a number ({meta['unit']}){quoted}")
        if math.isnan(value) or (math.isinf(value) and not (meta.get("infinite") and value > 0)):  # type: ignore[arg-type,operator]
            change.fail(f"{before}column {column}: found {_toml(value)}, expected a finite number; correct it")
    elif not isinstance(value, str):
        change.fail(f"{before}column {column}: found {_toml(value)}, expected text; write it in quotation marks")


def _condition(change: Change, raw: Mapping[str, Any], key: str) -> dict[str, tuple[Value, ...]]:
    said = raw.get(key, {})
    if said == ALL and key == "where":
        return {}
    if not isinstance(said, dict):
        change.fail(f"found {key} = {_toml(said)}, expected columns with values; write {key} = {{column = value}}")
    found: dict[str, tuple[Value, ...]] = {}
    for column, values in said.items():
        numeric = column not in DERIVED.get(change.table, {}) and is_numeric(_field(change, column, derived=True))
        listed = values if isinstance(values, list) else [values]
        for value in listed:
            if not (isinstance(value, str) and (not numeric or not value)) and not (numeric and _is_number(value)):
                kind, how = ("a number", "without") if numeric else ("text", "in")
                change.fail(
                    f"{key}, column {column}: found {_toml(value)}, expected {kind}; write it {how} quotation marks"
                )
        if not listed:
            change.fail(f"{key}, column {column}: found an empty list, expected a value or several; add one")
        found[column] = tuple(listed)
    return found


def _field(change: Change, column: str, *, derived: bool = False) -> dict[str, Any]:
    known = [*fields(change.table), *(DERIVED.get(change.table, {}) if derived else ())]
    if column not in known:
        change.fail(f"found a column {quoted(column)}, expected one of {', '.join(known)}{did_you_mean(column, known)}")
    return fields(change.table).get(column, {})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)


def _toml(value: object) -> str:
    """Return a value much as the file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(float(value)) or "nan" if _is_number(value) else shown(value)  # type: ignore[arg-type]


def _either(values: tuple[Value, ...]) -> str:
    return " or ".join(_toml(value) for value in values)
