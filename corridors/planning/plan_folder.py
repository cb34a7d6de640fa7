"""A plan folder read back: its tables, the network that they were planned on, and the proof that they are the plan."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corridors import network, scenario, tables
from corridors.errors import CorridorsError, DataError, ScenarioError
from corridors.frames import rows
from corridors.output import leftovers
from corridors.planning import older_plans, planner, proving
from corridors.planning.older_plans import REASONS
from corridors.planning.plan_files import ANEW, FILES, bytes_of, json_of, summary_of, table_of
from corridors.planning.planner import DICTIONARY, DIGESTS, SUMMARY, Plan
from corridors.planning.proving import DIGEST, Check, Verification
from corridors.planning.settings import MODEL
from corridors.text.choices import CHOICES
from corridors.text.reasons import CODE, Reason

if TYPE_CHECKING:
    import pandas as pd

    from corridors.network.network import Network


class _Held(NamedTuple):
    """What a folder holds, what its digests say, and what a folder of an older form lacks: columns, or a table."""

    plan: Plan
    checks: list[Check]
    derived: tuple[str, ...]


def read(folder: Path | str) -> Plan:
    """Read a plan folder, whatever data package it was made from; `proven` tells whether it is true.

    Raises
    ------
    DataError
        If a file of it is missing, is no ordinary file of the folder, is not what the program writes, or is not the
        one whose SHA-256 the summary has.
    """
    held = _held(Path(folder))
    Verification(tuple(held.checks)).require(folder)
    return held.plan


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
    for folder, held in [(folder, _held(Path(folder))) for folder in folders]:
        made = _rebuilt_from(held.plan, data, scenarios)
        proving.verify(held.plan, made, held.checks, held.derived).require(folder)
        plan = proving.completed(held.plan, made, held.derived) if held.derived else held.plan
        found.append((plan, made))
    return found


def verified(folder: Path | str, data: Path | str | None = None, scenarios: Sequence[str] = ()) -> Verification:
    """Check a plan folder from end to end, and return every check, also of one that fails.

    Raises
    ------
    DataError, ScenarioError
        If it cannot be read or its network cannot be built, so that there is nothing to be checked.
    """
    held = _held(Path(folder))
    return proving.verify(held.plan, rebuilt(held.plan, data, scenarios), held.checks, held.derived)


def _held(folder: Path) -> _Held:
    """Read a folder and compare the digests of its files."""
    leftovers.clear(folder.absolute().parent)  # a killed run may have moved it aside
    summary_bytes = bytes_of(folder, SUMMARY)
    summary = summary_of(folder / SUMMARY, summary_bytes)
    digests = summary.pop(DIGESTS)
    files = tuple(name for name in FILES if name in digests)
    data = {SUMMARY: summary_bytes} | {name: bytes_of(folder, name) for name in files if name != SUMMARY}
    package, lacking = _dictionary(folder / DICTIONARY, data[DICTIONARY], str(summary.get(MODEL, CHOICES[0])))
    for name in (one["path"] for one in package["resources"] if one["path"] not in digests):
        raise DataError(f"{folder / SUMMARY}: found no sound {DIGESTS}, {name}, which every plan has; {ANEW}")
    checks = []
    for name in files:
        found = planner.digest_of(summary, digests) if name == SUMMARY else _digest(data[name], digests[name])
        same = found == digests[name]
        detail = "as written" if same else f"found {found[:12]}, expected {digests[name][:12]}: it was changed since"
        checks.append(Check(DIGEST + name, math.nan, math.nan, holds=same, detail=detail))
    fields = {one["name"]: one["schema"]["fields"] for one in package["resources"]}
    held = {name: table_of(folder / f"{name}.csv", data[f"{name}.csv"], fields[name]) for name in fields}
    if not set(REASONS) & set(lacking):
        _see_reasons(folder / "unserved.csv", held["unserved"])
    return _Held(Plan(summary, **older_plans.filled(held, lacking)), checks, lacking)


def _dictionary(file: Path, data: bytes, model: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the dictionary of a model's folder, of today's form or an older one, and what the older one lacks.

    Any other is refused, as whoever reads the tables by it would be misled.
    """
    found = json_of(file, data)
    for form, lacking in older_plans.forms(model):
        if found == form:
            return found, lacking
    raise DataError(f"{file}: this is not the dictionary that describes a plan here; {ANEW}")


def _see_reasons(file: Path, unserved: pd.DataFrame) -> None:
    """Refuse what is no reason: those who say reasons read them without asking."""
    for line, row in enumerate(rows(unserved), start=2):
        try:
            Reason.read(row.reason, row.reason_values)
        except ValueError as error:
            raise DataError(f"{file}, row {line}, column {CODE}: {error}; {ANEW}") from error


def _digest(data: bytes, expected: str) -> str:
    """Return the SHA-256 of a file, with LF where another system made line ends CRLF of them."""
    found = hashlib.sha256(data).hexdigest()
    return found if found == expected else hashlib.sha256(data.replace(b"\r\n", b"\n")).hexdigest()


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
