"""Scenarios by name or path: which files there are, and in which order those asked for are applied."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from corridors.errors import ScenarioError
from corridors.scenario.scenario import SUFFIX, Scenario, read
from corridors.suggest import did_you_mean
from corridors.tables.faults import quoted
from corridors.tables.schema import EMBEDDED
from corridors.tables.workbook import is_workbook

FOLDER = "scenarios"
JOINT = "+"


def listed(package: Path) -> list[Scenario]:
    """Read the scenarios that come with a data package, in the order of their names."""
    return [read(_own(package, path)) for path in _files(package).values()]


def parts(package: Path, wanted: Sequence[str]) -> Iterator[str]:
    """Yield the names one by one: "a+b" is parted, unless a scenario or a file is called so."""
    for name in wanted:
        if JOINT in name and name not in _files(package) and not os.path.isfile(name):
            yield from name.split(JOINT)
        else:
            yield name


def chain(package: Path, wanted: Sequence[str]) -> list[Scenario]:
    """Return the scenarios to apply, in order: each once, after those that it extends.

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
    """Add a scenario to those found, after all that it extends; `under` is the line of scenarios that led to it."""
    if path in under:
        cycle = " > ".join(one.stem for one in (*under[under.index(path) :], path))
        raise ScenarioError(f"{under[-1]}: extends leads round in a circle, {cycle}; remove one of these")
    if path in found:
        return
    one = read(path)
    for name in one.extends:
        _follow(package, find(package, name, path), (*under, path), found)
    found[path] = one


def find(package: Path, name: str, extended_by: Path | None = None) -> Path:
    """Return the file of a scenario: one of the package by its name, or any by its path.

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
    """Return the files of the scenarios that come with a data package, in the order of their names.

    A workbook holds none: those of the embedded package, whose copy it may be, are known by their names.
    """
    home = EMBEDDED if is_workbook(package) else package
    return {path.stem: path for path in sorted((home / FOLDER).glob(f"*{SUFFIX}"))}


def _own(package: Path, path: Path) -> Path:
    """Return the path of a scenario of the package; raise an error if a link leads out of the package."""
    real = Path(os.path.realpath(path))
    if package != EMBEDDED and not is_workbook(package) and not real.is_relative_to(os.path.realpath(package)):
        raise ScenarioError(f"{path}: found a link to a file outside {package}; put the file itself there")
    return path
