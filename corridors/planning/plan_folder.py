"""A plan folder read back: its tables, the network that they were planned on, and the proof that they are the plan."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from corridors import network, scenario, tables
from corridors.errors import CorridorsError, DataError, ScenarioError
from corridors.files import read_bytes
from corridors.models.methods import METHODS
from corridors.models.problem import Termination
from corridors.output import leftovers, own_text
from corridors.planning import planner, proving
from corridors.planning.planner import DICTIONARY, DIGESTS, SUMMARY, TABLES, Plan
from corridors.planning.proving import DIGEST, Check, Verification
from corridors.planning.summary import TRADES
from corridors.tables.parsing import CONTROL
from corridors.text.choices import OBJECTIVES

if TYPE_CHECKING:
    from corridors.network.network import Network

ANEW = "write the plan anew"  # what helps against a folder that was cut by hand or written by another version
FILES = (*(f"{name}.csv" for name in TABLES), DICTIONARY, SUMMARY)
STATUSES = ("optimal", "feasible")
TERMINATIONS = get_args(Termination.__value__)
_NUMBER = (int, float)
_NONE = type(None)
NEEDED: Mapping[str, Any] = {
    "status": STATUSES, "termination": TERMINATIONS, "objective": OBJECTIVES, "unit": str,
    "objective_value": _NUMBER, "bound_value": _NUMBER, "gap": _NUMBER,
    "certificate": {"demand_residual": _NUMBER, "capacity_residual": _NUMBER},
    "kt_demanded": _NUMBER, "kt_served": _NUMBER, "kt_unserved": _NUMBER, "t_km": _NUMBER, "usd_freight": _NUMBER,
    "days_mean": (*_NUMBER, _NONE), "t_co2e": _NUMBER, "home_country": str,
    "kt_by_trade": dict.fromkeys(TRADES, _NUMBER), "modes": dict, "co2_budget": (*_NUMBER, _NONE),
    "minimum_share": dict, "year": int, "running": str, "carbon_price": _NUMBER, "scenario": str, "method": METHODS,
    "data_digest": str, "size": {"demands": int, "arcs": int}, "versions": dict, "seconds": dict,
    DIGESTS: dict.fromkeys(FILES, str),
}  # fmt: skip
_OF_A_MODE = {"kt_mainly": _NUMBER, "mtkm": _NUMBER, "mtkm_at_home": _NUMBER}
_LEVELS = 8  # of a document
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)


def read(folder: Path | str) -> Plan:
    """Read a plan folder, whatever data package it was made from; `proven` tells whether it is true.

    Raises
    ------
    DataError
        If a file of it is missing, is no ordinary file of the folder, is not what the program writes, or is not the
        one whose SHA-256 the summary has.
    """
    plan, checks = _held(Path(folder))
    Verification(tuple(checks)).require(folder)
    return plan


def proven(
    folder: Path | str, data: Path | str | Sequence[Path] | None = None, scenarios: Sequence[str] = ()
) -> tuple[Plan, Network]:
    """Read a plan folder, and prove it and everything that it shows; parameters and errors as of `all_proven`."""
    return all_proven([folder], data, scenarios)[0]


def all_proven(
    folders: Sequence[Path | str], data: Path | str | Sequence[Path] | None = None, scenarios: Sequence[str] = ()
) -> list[tuple[Plan, Network]]:
    """Read plan folders, and prove each and everything that it shows.

    Parameters
    ----------
    folders
        What `Plan.write` wrote. All are read before any is proven, which takes longer.
    data
        The folder of their data package; None is the embedded one. Of several, each plan takes the one that it was made
        from, and the embedded one is among them.
    scenarios
        Their scenarios, by name or by file, where they do not come with the data package.

    Raises
    ------
    DataError
        As `read` and `rebuilt`, or if anything in a folder is not what it is when it is recomputed.
    ScenarioError
        If a scenario cannot be applied.
    """
    found = []
    for folder, (plan, checks) in [(folder, _held(Path(folder))) for folder in folders]:
        made = _rebuilt_from(plan, data, scenarios)
        proving.verify(plan, made, checks).require(folder)
        found.append((plan, made))
    return found


def verified(folder: Path | str, data: Path | str | None = None, scenarios: Sequence[str] = ()) -> Verification:
    """Check a plan folder from end to end, and give every check, also of one that fails.

    Raises
    ------
    DataError, ScenarioError
        If it cannot be read or its network cannot be built, so that there is nothing to be checked.
    """
    plan, checks = _held(Path(folder))
    return proving.verify(plan, rebuilt(plan, data, scenarios), checks)


def _held(folder: Path) -> tuple[Plan, list[Check]]:
    """Read a folder and compare the digests of its files."""
    leftovers.clear(folder.absolute().parent)  # a killed run may have moved it aside
    data = {name: _bytes(folder, name) for name in (SUMMARY, *FILES[:-1])}
    summary = _summary(folder / SUMMARY, data[SUMMARY])
    digests = summary.pop(DIGESTS)
    _dictionary(folder / DICTIONARY, data[DICTIONARY])
    checks = []
    for name in FILES:
        found = planner.digest_of(summary, digests) if name == SUMMARY else _digest(data[name], digests[name])
        same = found == digests[name]
        detail = "as written" if same else f"found {found[:12]}, expected {digests[name][:12]}: it was changed since"
        checks.append(Check(DIGEST + name, math.nan, math.nan, holds=same, detail=detail))
    package = json.loads(planner.dictionary())
    fields = {one["name"]: one["schema"]["fields"] for one in package["resources"]}
    return Plan(summary, **{n: _table(folder / f"{n}.csv", data[f"{n}.csv"], fields[n]) for n in TABLES}), checks


def _digest(data: bytes, expected: str) -> str:
    """Return the SHA-256 of a file, with LF where another system made line ends CRLF of them."""
    found = hashlib.sha256(data).hexdigest()
    return found if found == expected else hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


def _bytes(folder: Path, name: str) -> bytes:
    """Return what a file of the folder holds, without the byte-order mark that a spreadsheet puts before it."""
    try:
        return read_bytes(folder / name, inside=folder).removeprefix(BOM_UTF8)
    except OSError as error:
        why = "is not a folder" if not folder.is_dir() else f"holds no {name} that can be read ({error.strerror})"
        written = name != SUMMARY and (folder / SUMMARY).is_file()
        advice = f"which every plan has; {ANEW}" if written else "give a folder that corridors plan --out wrote"
        raise DataError(f"{folder} {why}{', ' if written else '; '}{advice}") from error


def _summary(file: Path, data: bytes) -> dict[str, Any]:
    summary = _json(file, data)
    if not _plain(summary):
        raise DataError(f"{file}: found control characters or nested lists, which no plan has; {ANEW}")
    for name in _lacking(summary, NEEDED):
        raise DataError(f"{file}: found no sound {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["versions"], dict.fromkeys(("corridors", *summary["versions"]), str)):
        raise DataError(f"{file}: found no sound versions, {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["seconds"], dict.fromkeys(summary["seconds"], _NUMBER)):
        raise DataError(f"{file}: found no sound seconds, {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["modes"], dict.fromkeys(summary["modes"], _OF_A_MODE)):
        raise DataError(f"{file}: found no sound modes, {name}, which every plan has; {ANEW}")
    return summary


def _json(file: Path, data: bytes) -> dict[str, Any]:
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


def _dictionary(file: Path, data: bytes) -> None:
    """Refuse a dictionary that describes the tables in other words: whoever reads them by it would be misled."""
    if _json(file, data) != json.loads(planner.dictionary()):
        raise DataError(f"{file}: this is not the dictionary that describes a plan here; {ANEW}")


def _table(file: Path, data: bytes, fields: Sequence[dict[str, Any]]) -> pd.DataFrame:
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


def rebuilt(plan: Plan, data: Path | str | None = None, scenarios: Sequence[str] = ()) -> Network:
    """Build the network that a plan was made on, from the data package and the scenarios that it names.

    Parameters
    ----------
    plan
        A plan, read from its folder.
    data
        The folder of its data package; None is the embedded one.
    scenarios
        Its scenarios in order, by name or by file, where they do not come with the data package; those that it does not
        name are left out.

    Raises
    ------
    DataError
        If the tables are not those that the plan was made from.
    ScenarioError
        If a scenario cannot be applied.
    """
    one = plan.summary
    dataset = tables.read(data)
    changed = scenario.apply(dataset, _wanted(dataset.path, one["scenario"], scenarios)).dataset
    if changed.digest != one["data_digest"]:
        raise DataError(
            f"the plan was made from other data ({one['scenario']}, digest {one['data_digest'][:12]}) than "
            f"{changed.path} with {changed.scenario} ({changed.digest[:12]}): name its data package with --data and "
            "its scenario files with --scenario, or plan anew"
        )
    return network.build(changed, one["year"], one["running"])


def _wanted(package: Path, named: str, given: Sequence[str]) -> list[str]:
    """Return the scenarios of a plan: the given ones that it names, and the data package's own."""
    if named == tables.BASE:
        return []
    files = {scenario.read(scenario.find(package, one)).name: one for one in scenario.parts(package, given)}
    found = []
    for name in [named] if named in files else named.split(scenario.JOINT):
        if name not in files:
            _comes_with(package, name)
        found.append(files.get(name, name))
    return found


def _comes_with(package: Path, name: str) -> None:
    try:
        scenario.find(package, name)
    except ScenarioError as error:
        raise ScenarioError(
            f"the plan was made under the scenario '{name}', which does not come with {package}: "
            "give its file with --scenario, or its data package with --data"
        ) from error


def _rebuilt_from(plan: Plan, data: Path | str | Sequence[Path] | None, scenarios: Sequence[str]) -> Network:
    """Build the network from the first that fits of several data packages; the embedded one comes after them."""
    if data is None or isinstance(data, Path | str):
        return rebuilt(plan, data, scenarios)
    errors: list[CorridorsError] = []
    for one in (*data, None):
        try:
            return rebuilt(plan, one, scenarios)
        except (DataError, ScenarioError) as error:
            tables.read(one)  # what is no data package at all is said at once
            errors.append(error)
    raise errors[0]
