"""Counts of freight beside paths: the observation operator of the embedded network, and its matrix for many paths.

``python -m benchmarks.counting ROUNDS COUNTS PATHS`` prints rows as JSON. A process of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measure import peak_mib
from benchmarks.times import Times
from corridors import network, tables
from corridors.models.methods import solve
from corridors.models.paths import PathSet
from corridors.planning.counts import operator
from corridors.planning.freight import Freight, pose
from corridors.tables import Dataset

KINDS = ("link", "link", "crossing", "corridor", "mode", "commodity", "market", "pair")
TRADES = ("", "transit", "export", "import", "domestic")
MODES = ("", "rail", "road", "rail;road")


def counted(dataset: Dataset, count: int) -> pd.DataFrame:
    """Return so many rows of observations.csv, of every kind and of all parts of the data, the same each time."""
    random = np.random.default_rng(1)
    usual: dict[str, Any] = dict.fromkeys(tables.fields("observations"), "")
    usual |= {"name_en": "a count", "value": 1.0, "sd": 1.0, "use": "fit", "begin": "2024-01-01", "end": "2024-12-31"}
    known = {name: dataset[table][name].tolist() for table, name in (("links", "link"), ("corridors", "corridor"))}
    rows = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        row = usual | {"observation": f"count{number}", "kind": kind, "unit": str(random.choice(["kt", "kteu"]))}
        if kind in ("link", "crossing"):
            row["where"] = ";".join(random.choice(known["link"], 3, replace=False).tolist())
        elif kind == "corridor":
            row["where"] = str(random.choice(known["corridor"]))
        else:
            row |= {"trade": str(random.choice(TRADES)), "mode": str(random.choice(MODES[1:]))}
        if kind == "commodity":
            row["commodities"] = str(random.choice(dataset["commodities"]["commodity"].tolist()))
        if kind == "pair":
            row["origin_countries"] = str(random.choice(dataset["nodes"]["country"].tolist()))
            row["mode"] = "" if row["trade"] == "domestic" else row["mode"]  # no frontier where a mode would be counted
        rows.append(row)
    return pd.DataFrame(rows, columns=list(usual))


def paths_of(freight: Freight, count: int) -> PathSet:
    """Return at least so many paths: those of the optimum, over and over."""
    found = one = solve(freight.problem).paths
    while found.size < count:
        found = found.followed_by(one)
    return found


def measure(rounds: int, count: int, paths: int) -> list[dict[str, Any]]:
    """Make the operator and its matrix so many times each, after once unmeasured."""
    dataset = tables.read()
    freight = pose(network.build(dataset.ordered()))
    told, many = counted(dataset, count), paths_of(freight, paths)
    made, rows = operator(freight, told), []
    made.matrix(many)
    for step, action in (("operator", lambda: operator(freight, told)), ("matrix", lambda: made.matrix(many))):
        times = Times()
        for _ in range(rounds):
            times.measure(action)
        row = {"series": "counting", "case": f"{count} counts", "method": "operator", "step": step}
        row |= {"size": many.size, "demands": freight.problem.demand_count, "runs": rounds, "peak_mib": peak_mib()}
        row |= {"seconds": times.median.wall, "cpu_seconds": times.median.cpu, "status": "ok"}
        rows.append(row)
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:4]))))
