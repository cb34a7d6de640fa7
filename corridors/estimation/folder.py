"""The folder of an estimate: the estimated data package beside the tables of what was found, and a summary."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.estimation.identity import identity, run_digest
from corridors.estimation.package import estimated_package, write_package
from corridors.estimation.result import NEAR_SDS
from corridors.estimation.results import IDENTIFIED, YES
from corridors.output import csv_text, new_folder

if TYPE_CHECKING:
    from collections.abc import Collection

    from corridors.estimation.result import EstimationResult
    from corridors.estimation.results import EstimateTables

PACKAGE, SUMMARY, DICTIONARY = "package", "summary.json", "datapackage.json"


def write(result: EstimationResult, found: EstimateTables, folder: Path, *, force: bool = False) -> None:
    """Write the folder, all or nothing; see `output.new_folder` for what may be replaced.

    Raises
    ------
    OutputError
        If the folder exists without `force` or cannot be written.
    DataError
        If the estimated numbers make no sound data package.
    """
    made = estimated_package(result)
    with new_folder(folder, force=force) as work:
        write_package(made, work / PACKAGE)
        for name, frame in found.each().items():
            (work / f"{name}.csv").write_text(csv_text(frame), encoding="utf-8", newline="")
        (work / DICTIONARY).write_text(dictionary(found.each()), encoding="utf-8", newline="")
        told = summary(result, found) | {"package_digest": made.digest}
        (work / SUMMARY).write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="")


def dictionary(names: Collection[str]) -> str:
    """Return the description of the tables that the folder has."""
    made = json.loads((Path(__file__).parent / "estimate.datapackage.json").read_text(encoding="utf-8"))
    made["resources"] = [one for one in made["resources"] if one["name"] in names]
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def summary(result: EstimationResult, found: EstimateTables) -> dict[str, Any]:
    """Return what was estimated, from what, how it ended and how well it fits, as JSON."""
    estimate = result.estimate
    counted = found.residuals[found.residuals["counted"] == YES]
    told = identity(result.parameters.dataset, result.observations, result.settings, result.options)
    return told | {
        "parameters": len(result.parameters),
        "groups": groups(result),
        "observations": len(result.observations),
        "counted": len(counted),
        "within_before": int((counted["sds_before"].abs() <= NEAR_SDS).sum()),
        "within": int((counted["sds"].abs() <= NEAR_SDS).sum()),
        "objective": estimate.objective,
        "misfit": estimate.misfit,
        "prior": estimate.prior_value,
        "gradient": estimate.gradient_norm,
        "stands": result.stands,
        "to_gain": estimate.decrement,
        "rounds": result.rounds,
        "steps": result.steps,
        "gap": result.gap,
        "run_digest": run_digest(result),
        "versions": {"corridors": version("corridors"), "numpy": np.__version__},
    }


def groups(result: EstimationResult) -> dict[str, dict[str, int]]:
    """Return, by group of what was free, how many parameters there are and how many the counts tell anything of."""
    known = result.posterior.identified >= IDENTIFIED
    found: dict[str, dict[str, int]] = {}
    for one, told in zip(result.parameters.each, known.tolist(), strict=True):
        mine = found.setdefault(one.group, {"parameters": 0, "identified": 0})
        mine["parameters"] += 1
        mine["identified"] += told
    return found
