"""A plan folder read back: its tables, and the network that they were planned on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import network, scenario, tables
from corridors.errors import DataError
from corridors.output import leftovers
from corridors.planning import SUMMARY, TABLES, Plan
from corridors.summary import TRADES

if TYPE_CHECKING:
    from corridors.network import Network

ANEW = "write the plan anew"  # what helps against a folder that was cut by hand or written by another version
_NUMBER = (int, float)
NEEDED: Mapping[str, Any] = {
    "status": str, "objective": str, "unit": str, "objective_value": _NUMBER, "bound_value": _NUMBER, "gap": _NUMBER,
    "certificate": {"demand_residual": _NUMBER, "capacity_residual": _NUMBER},
    "kt_demanded": _NUMBER, "kt_served": _NUMBER, "kt_unserved": _NUMBER, "t_km": _NUMBER, "usd_freight": _NUMBER,
    "days_mean": (int, float, type(None)), "t_co2e": _NUMBER, "home_country": str,
    "kt_by_trade": dict.fromkeys(TRADES, _NUMBER), "modes": dict, "year": int, "running": str, "carbon_price": _NUMBER,
    "scenario": str, "data_digest": str, "size": {"demands": int, "arcs": int}, "versions": dict,
}  # fmt: skip
_OF_A_MODE = {"kt_mainly": _NUMBER, "mtkm": _NUMBER, "mtkm_at_home": _NUMBER}


def read(folder: Path | str) -> Plan:
    """Read a plan folder, whatever data package it was made from.

    Raises
    ------
    DataError
        If a file of it is missing, or is not what the program writes.
    """
    folder = Path(folder)
    leftovers.clear(folder.absolute().parent)  # a killed run may have moved it aside
    summary = _summary(folder)
    package = json.loads((Path(__file__).parent / "plan.datapackage.json").read_text(encoding="utf-8"))
    fields = {one["name"]: one["schema"]["fields"] for one in package["resources"]}
    return Plan(summary, **{name: _table(folder, name, fields[name]) for name in TABLES})


def _summary(folder: Path) -> dict[str, Any]:
    file, data = folder / SUMMARY, _bytes(folder, SUMMARY)
    try:
        summary = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}: this is not JSON of a plan; {ANEW}") from error
    if not isinstance(summary, dict):
        raise DataError(f"{file}: this is not JSON of a plan; {ANEW}")
    for name in _lacking(summary, NEEDED):
        raise DataError(f"{file}: found no sound {name}, which every plan has; {ANEW}")
    for name in _lacking(summary["modes"], dict.fromkeys(summary["modes"], _OF_A_MODE)):
        raise DataError(f"{file}: found no sound modes, {name}, which every plan has; {ANEW}")
    return summary


def _lacking(found: Mapping[str, Any], needed: Mapping[str, Any]) -> Iterator[str]:
    """Name what is missing or not of its kind, inner parts with what they are part of."""
    for name, kind in needed.items():
        inner = isinstance(kind, dict)
        if name not in found or not isinstance(found[name], dict if inner else kind):
            yield name
        elif inner:
            yield from (f"{name}, {part}" for part in _lacking(found[name], kind))


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        why = "is not a folder" if not folder.is_dir() else f"holds no {name} that can be read ({error.strerror})"
        written = name != SUMMARY and (folder / SUMMARY).is_file()
        advice = f"which every plan has; {ANEW}" if written else "give a folder that corridors plan --out wrote"
        raise DataError(f"{folder} {why}{', ' if written else '; '}{advice}") from error


def _table(folder: Path, name: str, fields: Sequence[dict[str, Any]]) -> pd.DataFrame:
    data = _bytes(folder, f"{name}.csv")
    numbers = [field["name"] for field in fields if field["type"] in ("number", "integer")]
    try:
        frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, encoding="utf-8")
        for column in numbers:
            frame[column] = pd.to_numeric(frame[column].replace("", None))
        return frame[[field["name"] for field in fields]]
    except KeyError as error:
        lost = str(error.args[0]).strip("[]'")
        raise DataError(f"{folder / name}.csv: found no column {lost}, which every plan has; {ANEW}") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{folder / name}.csv: this is not a table of a plan ({error}); {ANEW}") from error


def rebuilt(plan: Plan, data: Path | str | None = None, scenarios: Sequence[str] = ()) -> Network:
    """Build the network that a plan was made on, from the data package and the scenarios that it names.

    Parameters
    ----------
    plan
        A plan, read from its folder.
    data
        The folder of its data package; None is the embedded one.
    scenarios
        Its scenarios in order, by name or by file, where they do not come with the data package.

    Raises
    ------
    DataError
        If the tables are not those that the plan was made from.
    ScenarioError
        If a scenario cannot be applied.
    """
    one = plan.summary
    wanted = scenarios or ([] if one["scenario"] == tables.BASE else [one["scenario"]])
    dataset = scenario.apply(tables.read(data), wanted).dataset
    if dataset.digest != one["data_digest"]:
        raise DataError(
            f"the plan was made from other data ({one['scenario']}, digest {one['data_digest'][:12]}) than "
            f"{dataset.path} with {dataset.scenario} ({dataset.digest[:12]}): name its data package with --data and "
            "its scenario files with --scenario, or plan anew"
        )
    return network.build(dataset, one["year"], one["running"])
