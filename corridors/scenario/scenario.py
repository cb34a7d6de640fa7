"""A scenario as its TOML file says it: named, dated, sourced changes to a data package.

A scenario may extend others, which are applied before it.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corridors.errors import ScenarioError
from corridors.files import read_text
from corridors.scenario.change import Change, parse
from corridors.suggest import did_you_mean
from corridors.tables.dataset import BASE
from corridors.tables.faults import clean, quoted, shown
from corridors.tables.metadata import is_line
from corridors.tables.parsing import CONTROL
from corridors.tables.schema import fields

SUFFIX = ".toml"
KEYS = ("name", "title", "why", "sources", "extends", "year", "running", "carbon_price", "change")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
YEARS = range(1900, 2201)
DEAREST = 1e5  # USD per tonne of CO2e, as --carbon-price has it
LARGEST = 2**24  # bytes
INTEGERS = range(-(2**63), 2**63)  # what TOML promises to keep


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
    changes = enumerate(raw.get("change", ()), start=1)
    return Scenario(
        path=path,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        name=raw.get("name", path.stem),
        title=raw.get("title", ""),
        why=" ".join(raw.get("why", "").split()),
        sources=tuple(raw.get("sources", ())),
        extends=tuple([extends] if isinstance(extends, str) else extends),
        year=raw.get("year"),
        running=raw.get("running"),
        carbon_price=raw.get("carbon_price"),
        changes=tuple(parse(f"{path}, change {number}", one) for number, one in changes),
    )


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
