"""What a data package's `datapackage.json` says of the package as a whole: its year, its country, its title.

Nothing else of that file is read: columns, units and limits are those of the dictionary, whatever it says of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from corridors.tables.faults import Fault, shown
from corridors.tables.parsing import CONTROL
from corridors.tables.schema import Tables, descriptor

PACKAGE = "datapackage.json"
LONGEST_LINE = 1000  # characters
LISTS = {"licences": "licenses", "credits": "sources"}  # what is called so here, and what in the file (Frictionless)


class Metadata(NamedTuple):
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
    credits: tuple[str, ...] = ()


def metadata_of(package: Mapping[str, Any]) -> Metadata:
    """Return what a datapackage.json says that is known to be sound."""
    usual = Metadata(0)
    said = {name: package.get(name, getattr(usual, name)) for name in Metadata._fields}
    return Metadata(**said | {name: _named(package, listed) for name, listed in LISTS.items()})


def judge(said: Mapping[str, Any], tables: Tables, found: list[Fault]) -> Metadata:
    """Return what a datapackage.json says that is sound, and add a fault for what is not.

    What it does not say is as in `Metadata`, and the base year is that of the embedded package.
    """
    usual = Metadata(descriptor()["base_year"])
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
    sound: dict[str, Any] = {name: _named(said, listed) for name, listed in LISTS.items()}
    for name, (test, expected) in tests.items():
        if name in said and not test(said[name]):
            found.append(Fault(PACKAGE, None, name, shown(said[name]), expected, "correct or remove it"))
        elif name in said:
            sound[name] = said[name]
    for name, listed in LISTS.items():
        if wrong := [one for one in sound[name] if not is_line(one)]:
            found.append(Fault(PACKAGE, None, listed, shown(wrong[0]), line[1], "correct or remove it"))
    return usual._replace(**sound)


def _named(said: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return what a list of a datapackage.json names, each with its address; what has another form names nothing."""
    listed = said.get(name)
    named = []
    for one in listed if isinstance(listed, list) else ():
        parts = [one.get("title") or one.get("name"), one.get("path")] if isinstance(one, dict) else []
        named.append(" ".join(part for part in parts if isinstance(part, str) and part))
    return tuple(filter(None, named))


def _among(tables: Tables, table: str, column: str) -> Callable[[Any], bool]:
    """Return the test whether a value is in a column; anything may be right while the table has no row."""
    known = set(tables[table][column]) if table in tables else set()
    return lambda value: is_line(value) and (not known or value in known)


def is_line(text: object) -> bool:
    """Return whether something is plain text in one line, not too long to be a title."""
    return (
        isinstance(text, str)
        and len(text) <= LONGEST_LINE
        and not CONTROL.search(text)
        and not re.search(r"[\t\r\n]", text)
    )
