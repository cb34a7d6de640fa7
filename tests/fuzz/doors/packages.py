"""Data packages: what `data check` calls sound is planned, what is planned is sound, and order changes nothing."""

from __future__ import annotations

import csv
import io
from functools import cache
from pathlib import Path
from typing import Any

from fuzz import mutate, seeds
from fuzz.trial import Ran, Trial, inside

UNPROVEN = ("seconds", "versions", "data_digest")  # of the summary: not what is planned
NOT_YET = "not yet enough for a plan"
CLOSE = 1e-6


def attempt(trial: Trial) -> None:
    """Change a package in some way, and check and plan it."""
    folder = seeds.begin(trial, "data") / "data"
    rng = trial.rng
    harmless = rng.random() < 0.15
    file = rng.choice(sorted(folder.iterdir()))
    trial.change = _change(trial, folder, file, harmless=harmless)
    with inside(trial.folder):
        checked = trial.run("data", "check", "data")
        planned = trial.run("plan", "--data", "data", "--quiet", "--format", "json")
        if rng.random() < 0.1:
            trial.run("compare", "HARBOUR", "LANDING", "--data", "data", "--format", "json")
        if file.name == "observations.csv" or rng.random() < 0.05:
            trial.run("data", "references", "--data", "data", "--quiet", "--format", "json")
        _judge(trial, checked, planned, file, harmless=harmless)


def _change(trial: Trial, folder: Path, file: Path, *, harmless: bool) -> str:
    rng, data = trial.rng, file.read_bytes()
    if harmless:
        if file.suffix == ".csv" and rng.random() < 0.7:
            said, changed = mutate.table(rng, data, harmless=True)
        else:
            said, changed, _ = next(one for _ in iter(int, 1) if (one := mutate.rewritten(rng, data))[2])
        file.write_bytes(changed)
        return f"{file.name}, harmless: {said}"
    which = rng.random()
    if which < 0.12:
        if rng.random() < 0.3:  # a file that the package need not have
            file = folder / rng.choice(("LICENSE.md", "SOURCES.md", "provenance.csv", "checked.sha256", "scenarios"))
            file.write_bytes(data)
        return f"{file.name}: {mutate.replaced(rng, file, trial.folder / 'outside' / 'secret.txt')}"
    if which < 0.2:
        said, changed, _ = mutate.rewritten(rng, data)
    elif which < 0.35:
        said, changed = mutate.broken(rng, data)
    elif file.suffix == ".json":
        said, _, changed = mutate.document(rng, data)
    else:
        said, changed = mutate.table(rng, data)
    file.write_bytes(changed)
    return f"{file.name}: {said}"


def _judge(trial: Trial, checked: Ran, planned: Ran, file: Path, *, harmless: bool) -> None:
    if harmless and planned.code != 0:
        trial.wrong("a harmless change is refused", planned.stderr)
    if checked.code == 0 and planned.code == 2 and NOT_YET not in checked.stdout:
        trial.wrong("sound, but not planned", planned.stderr)
    if checked.code == 2 and planned.code == 0:
        trial.wrong("planned, but not sound", checked.stdout)
    if planned.code != 0:
        return
    document = planned.document()
    sums(trial, document)
    if harmless and (differing := [name for name in usual() if usual()[name] != answer(document)[name]]):
        trial.wrong("another plan of the same data", ", ".join(differing))
    if file.name == "demand.csv":
        _judge_demand(trial, document, file)


def _judge_demand(trial: Trial, document: dict[str, Any], file: Path) -> None:
    """Hold the freight that was asked for against the table, added up apart from the program."""
    try:
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
        masses = [(row["year"], float(row["kt"])) for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        trial.wrong("a demand is planned that nobody can read", str(error))
        return
    if {year for year, _ in masses} == {"2024"}:
        whole = sum(kt for _, kt in masses)
        if abs(document["kt_demanded"] - whole) > CLOSE * whole:
            trial.wrong("demand is lost", f"{document['kt_demanded']} of {whole} kt are asked for")


def sums(trial: Trial, document: dict[str, Any]) -> None:
    """See that a plan's figures fit each other."""
    demanded, served, left = (document[f"kt_{name}"] for name in ("demanded", "served", "unserved"))
    if abs(served + left - demanded) > CLOSE * max(demanded, 1e-9):
        trial.wrong("masses do not add up", f"{served} + {left} is not {demanded}")
    if abs(sum(row["kt"] for row in document["unserved"]) - left) > CLOSE * max(demanded, 1e-9):
        trial.wrong("what is left does not add up", f"{left} kt")
    objective, bound = document["objective_value"], document["bound_value"]
    if document["status"] == "optimal" and not abs(objective - bound) <= CLOSE * max(abs(objective), abs(bound)):
        trial.wrong("optimal without proof", f"objective {objective}, bound {bound}")
    if objective < bound - CLOSE * abs(bound):
        trial.wrong("below the bound", f"objective {objective}, bound {bound}")
    for row in document["bottlenecks"]:
        low, high = row["shadow_price_low"], row["shadow_price_high"]
        if low is not None and high is not None and not 0 <= low <= high * (1 + CLOSE) + CLOSE:
            trial.wrong("prices out of order", f"{row['resource']}: {low} to {high}")
        if row["used"] > row["capacity"] * (1 + CLOSE) + CLOSE:
            trial.wrong("more than the capacity", f"{row['resource']}: {row['used']} of {row['capacity']}")


def answer(document: dict[str, Any]) -> dict[str, Any]:
    """Return what is planned, of a plan's JSON: not how long it took, nor from which bytes."""
    return {name: part for name, part in document.items() if name not in UNPROVEN}


@cache
def usual() -> dict[str, Any]:
    """Return the answer for the sound package."""
    from click.testing import CliRunner

    from corridors.cli import main

    with inside(seeds.base()):
        done = CliRunner().invoke(main, ["plan", "--data", "data", "--quiet", "--format", "json"])
    return answer(Ran(done.exit_code, done.stdout, done.stderr).document())
