"""From tables to a problem: the embedded network built, priced and posed, and so many copies of its tables at once.

``python -m benchmarks.posing ROUNDS COPIES`` prints rows as JSON. A process of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pandas as pd

from benchmarks.measure import peak_mib
from benchmarks.times import Times
from corridors import network, tables
from corridors.models.problem import FlowProblem
from corridors.planning.freight import pose
from corridors.tables import Dataset, schema

TILED = ("nodes", "links", "terminals", "pools", "demand")  # whose rows are there once for each copy
KEPT = ("modes", "borders", "commodities", "loads", "tariffs", "emissions", "totals")  # whose rows hold for all copies
EVERY = "*"


def tiled(dataset: Dataset, copies: int) -> Dataset:
    """Return a data package of so many copies of another side by side, each with ids of its own."""
    made = tables.empty(dataset.base_year)
    for name in (*KEPT, *TILED):
        frame = dataset[name]
        made = made.with_table(name, frame if name in KEPT else _copied(name, frame, copies))
    return made


def _copied(name: str, frame: pd.DataFrame, copies: int) -> pd.DataFrame:
    """Return the rows of a table so many times over, the ids that they have and name ending in the copy's number.

    Rows for every place are there once.
    """
    ids = {(table, schema.key_columns(table)[0]) for table in TILED}
    columns = [field["name"] for field, sources in schema.references(name) if ids & {*sources}]
    own = frame[(frame[columns] != EVERY).all(axis=1)]
    parts = [frame.drop(own.index)]
    for number in range(copies):
        ending = {column: own[column].where(own[column] == "", own[column] + f"~{number}") for column in columns}
        key = schema.key_columns(name)[0]
        parts.append(own.assign(**ending, **{key: own[key] + f"~{number}"}))
    return pd.concat(parts, ignore_index=True)


def posed(dataset: Dataset) -> FlowProblem:
    """Return the problem of the base year, as the command line poses it."""
    return pose(network.build(dataset)).problem


def measure(rounds: int, copies: int) -> list[dict[str, Any]]:
    """Pose the embedded network and the copies of it, so many times each, after once unmeasured."""
    one = tables.read()
    rows = []
    for case, dataset in (("embedded", one), (f"{copies} copies", tiled(one, copies))):
        problem, times = posed(dataset), Times()
        for _ in range(rounds):
            times.measure(lambda dataset=dataset: posed(dataset))
        row = {"series": "posing", "case": case, "method": "tables", "step": "build, price and pose"}
        row |= {"size": problem.arc_count, "demands": problem.demand_count, "runs": rounds, "peak_mib": peak_mib()}
        row |= {"seconds": times.median.wall, "cpu_seconds": times.median.cpu, "status": "ok"}
        rows.append(row)
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
