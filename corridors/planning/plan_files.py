"""What the files of a plan folder hold: bytes, JSON and tables, read as a stranger's are.

What is not what the program writes is refused with its file, row and column; whether it is true, `proving` says.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from corridors.errors import DataError
from corridors.files import read_bytes
from corridors.models.methods import METHODS
from corridors.models.problem import Termination
from corridors.output import own_text
from corridors.planning.planner import DICTIONARY, DIGESTS, SUMMARY, TABLES
from corridors.planning.settings import CHOICE_METHODS, MODEL
from corridors.planning.summary import TRADES
from corridors.tables.parsing import CONTROL
from corridors.text.choices import ASSIGNMENTS, CHOICES, NESTS, OBJECTIVES

ANEW = "write the plan anew"  # what helps against a folder that was cut by hand or written by another version
FILES = (*(f"{name}.csv" for name in TABLES), DICTIONARY, SUMMARY)
LATER = ("borders.csv",)  # which plans of an older form do not have
STATUSES = ("optimal", "feasible")
TERMINATIONS = get_args(Termination.__value__)
_NUMBER = (int, float)
_NONE = type(None)
NEEDED: Mapping[str, Any] = {
    "status": STATUSES,
    "termination": TERMINATIONS,
    "objective": OBJECTIVES,
    "unit": str,
    "objective_value": _NUMBER,
    "bound_value": _NUMBER,
    "gap": _NUMBER,
    "certificate": {"demand_residual": _NUMBER, "capacity_residual": _NUMBER},
    "kt_demanded": _NUMBER,
    "kt_served": _NUMBER,
    "kt_unserved": _NUMBER,
    "t_km": _NUMBER,
    "usd_freight": _NUMBER,
    "days_mean": (*_NUMBER, _NONE),
    "t_co2e": _NUMBER,
    "home_country": str,
    "kt_by_trade": dict.fromkeys(TRADES, _NUMBER),
    "modes": dict,
    "co2_budget": (*_NUMBER, _NONE),
    "minimum_share": dict,
    "year": int,
    "running": str,
    "carbon_price": _NUMBER,
    "scenario": str,
    "method": METHODS,
    "data_digest": str,
    "size": {"demands": int, "arcs": int},
    "versions": dict,
    "seconds": dict,
    DIGESTS: dict.fromkeys([name for name in FILES if name not in LATER], str),
}
NEEDED_OF_CHOICE: Mapping[str, Any] = {  # beside these, of plans of shippers who choose
    MODEL: CHOICES[1:],
    "assign": ASSIGNMENTS,
    "tau": (*_NUMBER, _NONE),
    "nests": NESTS,
    "certificate": {"missing": int},
    "cost_usd": _NUMBER,
    "waiting_usd": _NUMBER,
    "waiting_t_h": _NUMBER,
    "routes": int,
    "ways": int,
    "demands_with_several_ways": _NUMBER,
    "tonnes_with_several_ways": _NUMBER,
    "method": CHOICE_METHODS,
    "proof": str,
}
_OF_A_MODE = {"kt_mainly": _NUMBER, "mtkm": _NUMBER, "mtkm_at_home": _NUMBER}
_LEVELS = 8  # of a document
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def bytes_of(folder: Path, name: str) -> bytes:
    """Return what a file of the folder holds, without the byte-order mark that a spreadsheet puts before it."""
    try:
        return read_bytes(folder / name, inside=folder).removeprefix(BOM_UTF8)
    except OSError as error:
        why = "is not a folder" if not folder.is_dir() else f"holds no {name} that can be read ({error.strerror})"
        written = name != SUMMARY and (folder / SUMMARY).is_file()
        advice = f"which every plan has; {ANEW}" if written else "give a folder that corridors plan --out wrote"
        raise DataError(f"{folder} {why}{', ' if written else '; '}{advice}") from error


def summary_of(file: Path, data: bytes) -> dict[str, Any]:
    """Return the summary of a plan, with all that every plan has, each of its kind."""
    summary = json_of(file, data)
    if not _plain(summary):
        raise DataError(f"{file}: found control characters or nested lists, which no plan has; {ANEW}")
    needed = {**NEEDED, "method": CHOICE_METHODS} if MODEL in summary else NEEDED
    lacking = [*_lacking(summary, needed), *(_lacking(summary, NEEDED_OF_CHOICE) if MODEL in summary else ())]
    for name in lacking:
        raise DataError(f"{file}: found no sound {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["versions"], dict.fromkeys(("corridors", *summary["versions"]), str)):
        raise DataError(f"{file}: found no sound versions, {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["seconds"], dict.fromkeys(summary["seconds"], _NUMBER)):
        raise DataError(f"{file}: found no sound seconds, {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["modes"], dict.fromkeys(summary["modes"], _OF_A_MODE)):
        raise DataError(f"{file}: found no sound modes, {name}, which every plan has; {ANEW}")
    return summary


def json_of(file: Path, data: bytes) -> dict[str, Any]:
    """Return an object of JSON with finite figures, in which no name stands twice."""
    try:
        found = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_figure, parse_float=_figure
        )
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}: this is not JSON of a plan; {ANEW}") from error
    if not isinstance(found, dict):
        raise DataError(f"{file}: this is not JSON of a plan; {ANEW}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members, each of which may stand there once."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return made


def _figure(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_figure(text)


def _no_figure(text: str) -> float:
    raise ValueError(f"{text} is no figure of a plan")


def _plain(found: object, levels: int = _LEVELS) -> bool:
    """Tell whether no text in a document moves a terminal, and nothing lies deeper than in a plan."""
    if levels == 0:
        return False
    if isinstance(found, dict):
        return all(_plain(key) and _plain(value, levels - 1) for key, value in found.items())
    if isinstance(found, list):
        return all(_plain(one, levels - 1) for one in found)
    return not isinstance(found, str) or found.isprintable()


def _lacking(found: Mapping[str, Any], needed: Mapping[str, Any]) -> Iterator[str]:
    """Name what is missing or not of its kind, inner parts with what they are part of."""
    for name, kind in needed.items():
        if name not in found or not _of_kind(found[name], kind):
            yield name
        elif isinstance(kind, Mapping):
            yield from (f"{name}, {part}" for part in _lacking(found[name], kind))


def _of_kind(value: object, kind: Any) -> bool:
    """Tell whether a value is of a type, one of some types, one of some words, or an object."""
    if isinstance(kind, Mapping):
        return isinstance(value, dict)
    if isinstance(kind, tuple) and isinstance(kind[0], str):
        return isinstance(value, str) and value in kind
    if isinstance(value, bool) or not isinstance(value, kind):
        return False
    try:
        return not isinstance(value, int | float) or math.isfinite(value)
    except OverflowError:  # a whole number of hundreds of digits
        return False


def table_of(file: Path, data: bytes, fields: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table with just the columns of its dictionary."""
    columns = [field["name"] for field in fields]
    try:
        text = data.decode("utf-8")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DataError(f"{file}, row {row}: found bytes that are not UTF-8; {ANEW}") from error
    except csv.Error as error:
        raise DataError(f"{file}: found a quotation mark out of place or a cell that is too long; {ANEW}") from error
    if not lines:
        raise DataError(f"{file}: this is not a table of a plan (it is empty); {ANEW}")
    head = lines[0]
    for name in [name for name in columns if name not in head] or [name for name in head if name not in columns]:
        what = f"no column {name}, which every plan has" if name in columns else f"a column {name!r}, which no plan has"
        raise DataError(f"{file}: found {what}; {ANEW}")
    if head != columns:
        raise DataError(f"{file}: found the columns {', '.join(head)}, expected {', '.join(columns)}; {ANEW}")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(columns):
            raise DataError(f"{file}, row {number}: found {len(line)} cells, expected {len(columns)}; {ANEW}")
    cells = list(zip(*lines[1:], strict=True)) or [() for _ in columns]
    return pd.DataFrame(
        {field["name"]: _column(file, field, column) for field, column in zip(fields, cells, strict=True)}
    )


def _column(file: Path, field: Mapping[str, Any], cells: Sequence[str]) -> pd.Series:
    """Return a column of figures, NaN where there is none, or of text."""
    if field["type"] not in ("number", "integer"):
        for number, cell in enumerate(cells, start=2):
            if CONTROL.search(cell):
                place = f"{file}, row {number}, column {field['name']}"
                raise DataError(f"{place}: this is not a table of a plan (found a control character); {ANEW}")
        return pd.Series([own_text(cell) for cell in cells], dtype=object)
    for number, cell in enumerate(cells, start=2):
        if cell and not (_FIGURE.fullmatch(cell) and math.isfinite(float(cell))):
            place = f"{file}, row {number}, column {field['name']}"
            shown = repr(cell if len(cell) <= 40 else cell[:37] + "...")
            raise DataError(f"{place}: this is not a table of a plan (found {shown}, expected a number); {ANEW}")
    return pd.Series([float(cell) if cell else math.nan for cell in cells], dtype=float)
