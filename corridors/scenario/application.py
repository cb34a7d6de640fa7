"""Scenarios applied to a data package, in order and accounted for.

Each file is applied once, at its first place in the chain, and the chain with the digest of every file is kept in the
dataset that comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from corridors.errors import ScenarioError
from corridors.scenario import actions
from corridors.scenario.lookup import JOINT, chain, find, parts
from corridors.tables.dataset import BASE
from corridors.tables.schema import keys

if TYPE_CHECKING:
    from corridors.scenario.change import Change, Effect
    from corridors.scenario.scenario import Scenario
    from corridors.tables.dataset import Dataset
    from corridors.tables.faults import Fault


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
    before = (dataset.unchanged or dataset) if line else None
    changed = replace(changed, scenario=JOINT.join(names) or BASE, scenarios=scenarios, unchanged=before)
    year, running, price = (_last(line, key) for key in ("year", "running", "carbon_price"))
    return Applied(changed, year, running, price, tuple(effects))


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
