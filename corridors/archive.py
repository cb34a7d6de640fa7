"""A plan folder read back: its tables, and the network that they were planned on."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import network, scenario, tables
from corridors.errors import DataError
from corridors.planning import TABLES, Plan

if TYPE_CHECKING:
    from corridors.network import Network

NEEDED = (
    "objective_value", "usd_freight", "kt_demanded", "kt_served", "kt_unserved", "t_km", "days_mean", "t_co2e", "unit",
    "modes", "kt_by_trade", "year", "running", "scenario", "data_digest",
)  # fmt: skip


def read(folder: Path | str) -> Plan:
    """Read a plan folder, whatever data package it was made from.

    Raises
    ------
    DataError
        If a file of it is missing, or is not what the program writes.
    """
    folder = Path(folder)
    data = _bytes(folder, "summary.json")
    try:
        summary = json.loads(data)
        missing = [key for key in NEEDED if key not in summary]
    except (ValueError, TypeError) as error:
        raise DataError(f"{folder / 'summary.json'}: this is not JSON of a plan; write the plan anew") from error
    if missing:
        raise DataError(f"{folder / 'summary.json'}: found no {missing[0]}, which every plan has; write the plan anew")
    package = json.loads((Path(__file__).parent / "plan.datapackage.json").read_text(encoding="utf-8"))
    fields = {one["name"]: one["schema"]["fields"] for one in package["resources"]}
    return Plan(summary, **{name: _table(folder, name, fields[name]) for name in TABLES})


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        why = "is not a folder" if not folder.is_dir() else f"holds no {name} that can be read ({error.strerror})"
        raise DataError(f"{folder} {why}; give a folder that corridors plan --out wrote") from error


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
        raise DataError(f"{folder / name}.csv: found no column {lost}, which every plan has; write it anew") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{folder / name}.csv: this is not a table of a plan ({error}); write it anew") from error


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
