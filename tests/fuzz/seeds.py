"""The sound inputs that all others are made from: a small data package, a plan of it, a sweep of it."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from click.testing import CliRunner
from small import Row, add_demand, edit, observed, read_rows, small_dataset, write_table

from corridors.cli import main
from fuzz.mutate import copy
from fuzz.trial import Trial, inside
from fuzz.values import CANARY

STRESS = ("stress", "--data", "data", "--kind", "link", "--kind", "terminal", "--kind", "border", "--quiet")
UNCERTAINTY = ("uncertainty", "--data", "sure", "--samples", "4", "--indices", "none", "--quiet")


@cache
def base() -> Path:
    """Make, once in a process, a folder with `data`, `sure` (with bands), `plan`, `stress` and `uncertainty`."""
    folder = Path(tempfile.mkdtemp(prefix="corridors-fuzz-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _sure(_package(folder / "sure"))
    _package(folder / "data")
    for name in ("provenance", "sources"):
        (folder / "data" / f"{name}.csv").unlink()
    with inside(folder):
        for words in (
            ("plan", "--data", "data", "--out", "plan", "--quiet"),
            (*STRESS, "--out", "stress"),
            (*UNCERTAINTY, "--out", "uncertainty"),
        ):
            done = CliRunner().invoke(main, list(words))
            assert done.exit_code == 0, done.stderr
    return folder


def _package(folder: Path) -> Path:
    """Write the package of the tests with something scarce in it: prices, several ways, something left behind."""
    observed(small_dataset(folder))
    package = json.loads((folder / "datapackage.json").read_text())
    (folder / "datapackage.json").write_text(json.dumps(package | {"title": "Small", "home_country": "BBB"}))
    for row, price in ((2, "700"), (3, "600")):
        edit(folder, "demand", row, reservation_usd_per_t=price)
        edit(folder, "splits", row, reservation_usd_per_t=price)
    add_demand(folder, "grain:more", "DRYPASS-LANDING", "grain", kt=45000, penalty=300)
    add_demand(folder, "goods:gate", "EASTGATE-STEPPE", "general", kt=250, penalty=800)
    return folder


def _sure(folder: Path) -> None:
    """Return every number a source, and those of some tables a band."""
    named = {(row["table"], row["key"], row["column"]) for row in read_rows(folder, "provenance")}
    rows: list[Row] = []
    for row in read_rows(folder, "provenance"):
        value = float(row["low"]) if row["low"] != "inf" else 0.0
        if row["table"] == "links" and row["column"] in ("km", "speed_kmh") and value:
            row |= {"low": f"{value * 0.9:g}", "high": f"{value * 1.1:g}"}
        rows.append(row)
    for line in read_rows(folder, "demand"):
        rows += [
            {"table": "demand", "key": line["demand"], "column": column, "status": "assumed", "source": "invented"}
            | dict.fromkeys(("low", "high"), line[column])
            for column in ("kt", "reservation_usd_per_t", "year")
            if ("demand", line["demand"], column) not in named
        ]
    for row in rows:
        if row["column"] == "reservation_usd_per_t":
            known = {f"{one['demand']}": one for one in read_rows(folder, "demand")}
            known |= {f"{one['total']}|{one['split']}": one for one in read_rows(folder, "splits")}
            row |= dict.fromkeys(("low", "high"), known[row["key"]]["reservation_usd_per_t"])
    write_table(folder, "provenance", rows)


def begin(trial: Trial, *names: str) -> Path:
    """Fill a trial's folder with copies of sound inputs, and a file outside of them."""
    for name in names:
        copy(base() / name, trial.folder / name)
    outside = trial.folder / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(f"{CANARY}\n" * 3)
    (outside / "open.txt").write_text("nothing to hide\n")
    return trial.folder
