"""Scenarios: named, dated, sourced changes to a data package, read from TOML files and applied in order.

A scenario may extend others, which are applied before it. Each file is applied once, at its first place in the
chain, and the chain with the digest of every file is kept in the dataset that comes out.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.errors import ScenarioError
from corridors.files import read_text
from corridors.scenario import actions
from corridors.scenario.change import Change, Effect
from corridors.suggest import did_you_mean
from corridors.tables.dataset import BASE
from corridors.tables.faults import clean, quoted, shown
from corridors.tables.metadata import is_line
from corridors.tables.parsing import CONTROL
from corridors.tables.schema import EMBEDDED, fields, keys

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset
    from corridors.tables.faults import Fault

FOLDER = "scenarios"
SUFFIX = ".toml"
KEYS = ("name", "title", "why", "sources", "extends", "year", "running", "carbon_price", "change")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
YEARS = range(1900, 2201)
DEAREST = 1e5  # USD per tonne of CO2e, as --carbon-price has it
LARGEST = 2**24  # bytes
INTEGERS = range(-(2**63), 2**63)  # what TOML promises to keep
JOINT = "+"


@dataclass(frozen=True)
class Scenario:
    """A scenario as its file says it.

    Attributes
    ----------
    path, digest
        Its file, and the SHA-256 of the file's text, line ends made equal.
    name, title, why, sources
        What it is called, in one line, in a paragraph, and where its figures come from.
    extends
        The scenarios that are applied before it, as the file names them.
    year, running, carbon_price
        What it is planned with, unless the caller says otherwise; None where it does not say.
    changes
        In order.
    """

    path: Path
    digest: str
    name: str
    title: str
    why: str
    sources: tuple[str, ...]
    extends: tuple[str, ...]
    year: int | None
    running: str | None
    carbon_price: float | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class Applied:
    """What scenarios make of a data package.

    Attributes
    ----------
    dataset
        The changed tables, which know the scenarios' names and digests.
    year, running, carbon_price
        What the last scenario that says so asks for; None where none does.
    effects
        Every change with what it came to, in order.
    """

    dataset: Dataset
    year: int | None
    running: str | None
    carbon_price: float | None
    effects: tuple[tuple[Scenario, Change, Effect], ...]


def listed(package: Path) -> list[Scenario]:
    """Read the scenarios that come with a data package, in the order of their names."""
    return [read(_own(package, path)) for path in _files(package).values()]


def apply(dataset: Dataset, wanted: Sequence[str]) -> Applied:
    """Apply scenarios to a data package, in order, each after those that it extends.

    Parameters
    ----------
    dataset
        A sound data package.
    wanted
        Names of scenarios of the package, or paths of files; "a+b" is a and then b.

    Raises
    ------
    ScenarioError
        If a file is not there or is faulty, a change does not fit, or the tables break a rule after the last.
    """
    line = chain(dataset.path, wanted)
    effects = []
    changed = dataset.as_given()  # so that the digest is the same whatever the data went through before
    for one in line:
        for change in one.changes:
            changed, effect = actions.apply(changed, change)
            effects.append((one, change, effect))
    if effects and (faults := changed.faults()):
        raise ScenarioError(f"{line[-1].path}: after the last change {_said(changed, faults[0])}")
    asked = [find(dataset.path, name) for name in parts(dataset.path, wanted)]
    names = [one.name for path in dict.fromkeys(asked) for one in line if one.path == path]
    scenarios = tuple((one.name, one.digest) for one in line)
    changed = replace(changed, scenario=JOINT.join(names) or BASE, scenarios=scenarios)
    year, running, price = (_last(line, key) for key in ("year", "running", "carbon_price"))
    return Applied(changed, year, running, price, tuple(effects))


def chain(package: Path, wanted: Sequence[str]) -> list[Scenario]:
    """Give the scenarios to apply, in order: each once, after those that it extends.

    Raises
    ------
    ScenarioError
        If one is not there or faulty, extends itself over others, or has the name of another.
    """
    found: dict[Path, Scenario] = {}
    for name in parts(package, wanted):
        _follow(package, find(package, name), (), found)
    names: dict[str, Path] = {}
    for one in found.values():
        if names.setdefault(one.name, one.path) != one.path:
            raise ScenarioError(f"{one.path} and {names[one.name]} are both called '{one.name}'; rename one of them")
    return list(found.values())


def _follow(package: Path, path: Path, under: tuple[Path, ...], found: dict[Path, Scenario]) -> None:
    if path in under:
        circle = " > ".join(one.stem for one in (*under[under.index(path) :], path))
        raise ScenarioError(f"{under[-1]}: extends leads round in a circle, {circle}; remove one of these")
    if path in found:
        return
    one = read(path)
    for name in one.extends:
        _follow(package, find(package, name, path), (*under, path), found)
    found[path] = one


def find(package: Path, name: str, extended_by: Path | None = None) -> Path:
    """Give the file of a scenario: one of the package by its name, or any by its path.

    A path is relative to the file that extends it, or else to the working directory.

    Raises
    ------
    ScenarioError
        If there is none; the nearest names are given.
    """
    before = f"{extended_by}: extends = {quoted(name)}: " if extended_by else ""
    if "\0" in name:
        raise ScenarioError(f"{before}found a NUL in the name {quoted(name)}; give the name of a scenario")
    known = _files(package)
    if name in known:
        return Path(os.path.realpath(_own(package, known[name])))
    if name.endswith(SUFFIX) or "/" in name or "\\" in name:
        path = (extended_by.parent if extended_by else Path()) / name
        if os.path.lexists(path):
            return Path(os.path.realpath(path))  # reading says what is amiss if it is no ordinary file
        raise ScenarioError(f"{before}the scenario file {path} is not there; give the path of a {SUFFIX} file")
    listing = "" if known else f"; the data package has no folder {FOLDER}, so give the path of a {SUFFIX} file"
    hint = did_you_mean(name, known) or "; corridors scenarios lists them, and the path of a file will do"
    raise ScenarioError(f"{before}there is no scenario {quoted(name)}{listing or hint}")


def _files(package: Path) -> dict[str, Path]:
    """Return the files of the scenarios that come with a data package, in the order of their names."""
    return {path.stem: path for path in sorted((package / FOLDER).glob(f"*{SUFFIX}"))}


def _own(package: Path, path: Path) -> Path:
    """See that a scenario of the package lies in it, wherever links lead."""
    real = Path(os.path.realpath(path))
    if package != EMBEDDED and not real.is_relative_to(os.path.realpath(package)):
        raise ScenarioError(f"{path}: found a link to a file outside {package}; put the file itself there")
    return path


def read(path: Path) -> Scenario:
    """Read a scenario's file.

    Raises
    ------
    ScenarioError
        If it cannot be read, is not TOML, or has a key or a value that no scenario has.
    """
    text, raw = _toml(path)
    for key in raw:
        if key not in KEYS:
            expected = f"expected only {', '.join(KEYS)}"
            raise ScenarioError(f"{path}: found the key {quoted(key)}, {expected}{did_you_mean(key, KEYS)}")
    _check(path, raw)
    extends = raw.get("extends", [])
    return Scenario(
        path=path, digest=hashlib.sha256(text.encode()).hexdigest(), name=raw.get("name", path.stem),
        title=raw.get("title", ""), why=" ".join(raw.get("why", "").split()), sources=tuple(raw.get("sources", ())),
        extends=tuple([extends] if isinstance(extends, str) else extends), year=raw.get("year"),
        running=raw.get("running"), carbon_price=raw.get("carbon_price"),
        changes=tuple(
            actions.parse(f"{path}, change {number}", one) for number, one in enumerate(raw.get("change", ()), start=1)
        ),
    )  # fmt: skip


def _toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the text of a file, line ends made equal, and what it says; letters are composed as in tables."""
    try:
        text = read_text(path, most=LARGEST).replace("\r\n", "\n")
        raw = tomllib.loads(unicodedata.normalize("NFC", text))
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror or error}; give the path of a {SUFFIX} file") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: found bytes that are not UTF-8; save it as text in UTF-8") from error
    except (ValueError, RecursionError) as error:  # tomllib's own, and Python's for integers of thousands of digits
        why = error if isinstance(error, tomllib.TOMLDecodeError) else "an integer or a nest of brackets is too long"
        raise ScenarioError(f"{path}: this is not TOML: {why}; correct the file there") from error
    _see_values(path, raw)
    return text, raw


def _see_values(path: Path, raw: dict[str, Any]) -> None:
    """Refuse, wherever they stand, integers beyond those of TOML and text that a terminal obeys."""
    left: list[tuple[str, Any]] = [("", raw)]
    while left:
        place, value = left.pop()
        if isinstance(value, dict):
            for key, one in value.items():
                left.append((f"{place}.{key}".lstrip("."), one))
                if CONTROL.search(key):
                    raise ScenarioError(f"{path}: found the key {quoted(key)}, expected plain text; correct it")
        elif isinstance(value, list):
            left += ((f"{place}[{number}]", one) for number, one in enumerate(value, start=1))
        elif isinstance(value, int) and value not in INTEGERS:
            expected = "expected a number of at most 19 digits; correct it"
            raise ScenarioError(f"{path}, {clean(place)}: found {shown(value)}, {expected}")
        elif isinstance(value, str) and CONTROL.search(value):
            raise ScenarioError(f"{path}, {clean(place)}: found {shown(value)}, expected plain text; correct it")


def _check(path: Path, raw: dict[str, Any]) -> None:
    """Judge the keys of a file but for its changes."""
    runnings = fields("modes")["running"]["constraints"]["enum"]
    price = raw.get("carbon_price", 0.0)
    texts = [one for key in ("extends", "sources") for one in (_as_list(raw.get(key, [])))]
    judged = {
        "title": (is_line(raw.get("title", "")), "plain text in one line"),
        "why": (isinstance(raw.get("why", ""), str), "text"),
        "sources": (isinstance(raw.get("sources", []), list) and _all_text(texts), "a list of texts"),
        "extends": (isinstance(raw.get("extends", []), str | list) and _all_text(texts), "a name or a list of names"),
        "year": (type(raw.get("year", 2000)) is int and raw.get("year", 2000) in YEARS, "a calendar year"),
        "running": (raw.get("running", runnings[0]) in runnings, f"one of {', '.join(runnings)}"),
        "carbon_price": (
            type(price) in (int, float) and 0 <= price <= DEAREST,
            f"USD per tonne of CO2e, 0 or more and at most {DEAREST:.0f}",
        ),
        "change": (isinstance(raw.get("change", []), list), "tables under lines [[change]]"),
    }
    for key, (sound, expected) in judged.items():
        if key in raw and not sound:
            raise ScenarioError(f"{path}, {key}: found {shown(raw[key])}, expected {expected}; correct or remove it")
    name = raw.get("name", path.stem)
    if not isinstance(name, str) or ("name" in raw and not NAME.fullmatch(name)) or name == BASE:
        expected = f"letters, digits, '.', '_' and '-', but not '{BASE}'"
        raise ScenarioError(f"{path}, name: found {shown(name)}, expected {expected}; rename it")


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _all_text(values: list[Any]) -> bool:
    return all(isinstance(one, str) for one in values)


def parts(package: Path, wanted: Sequence[str]) -> Iterator[str]:
    """Return names one by one: "a+b" parted, unless a scenario or a file is called so."""
    for name in wanted:
        if JOINT in name and name not in _files(package) and not os.path.isfile(name):
            yield from name.split(JOINT)
        else:
            yield name


def _last(line: Sequence[Scenario], key: str) -> Any:
    said = [value for one in line if (value := getattr(one, key)) is not None]
    return said[-1] if said else None


def _said(dataset: Dataset, fault: Fault) -> str:
    """Say a fault by the key of its row, as the row's number is that of no file."""
    table = fault.file.removesuffix(".csv")
    if fault.row is None or table not in dataset.tables:
        return str(fault)
    row = f"row '{keys(table, dataset[table])[fault.row - 2]}', column {fault.column}"
    return f"{fault.file}, {row}: found {fault.found}, expected {fault.expected}; {fault.advice}"
