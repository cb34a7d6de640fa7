"""Recompute a written plan from its CSV files alone, with nothing of the package that made it."""

import csv
import json
from collections import defaultdict
from pathlib import Path

JOIN = " > "


def read(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a table of the plan as rows of text."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def worst_imbalance(folder: Path) -> float:
    """Return the worst kt by which a place gains or loses a commodity that neither begins nor ends there."""
    net: dict[tuple[str, str], float] = defaultdict(float)
    for row in read(folder, "flows"):
        net[row["from_node"], row["commodity"]] -= float(row["kt"])
        net[row["to_node"], row["commodity"]] += float(row["kt"])
    for row in read(folder, "routes"):
        net[row["origin"], row["commodity"]] += float(row["kt"])
        net[row["destination"], row["commodity"]] -= float(row["kt"])
    return max(map(abs, net.values()), default=0.0)


def worst_link_difference(folder: Path) -> float:
    """Return the worst kt by which the flow on a link differs from the routes that use it."""
    moved: dict[tuple[str, str], float] = defaultdict(float)
    for row in read(folder, "flows"):
        moved[row["link"], row["commodity"]] += float(row["kt"])
    for row in read(folder, "routes"):
        for link in filter(None, row["links"].split(";")):
            moved[link, row["commodity"]] -= float(row["kt"])
    return max(map(abs, moved.values()), default=0.0)


def worst_overload(folder: Path) -> float:
    """Return the worst share of its capacity by which a resource is overdrawn, from flows and handlings."""
    per_kt = {(row["resource"], row["commodity"]): float(row["units_per_kt"]) for row in read(folder, "usage")}
    used: dict[str, float] = defaultdict(float)
    for row in read(folder, "flows") + read(folder, "handlings"):
        for resource in filter(None, row["resources"].split(";")):
            used[resource] += float(row["kt"]) * per_kt[resource, row["commodity"]]
    capacity = {row["resource"]: float(row["capacity"]) for row in read(folder, "bottlenecks")}
    return max(((used[one] - capacity[one]) / max(1.0, capacity[one]) for one in used), default=0.0)


def unbalanced_total(folder: Path) -> float:
    """Return the kt by which served and unserved do not add up to what was demanded."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    carried = sum(float(row["kt"]) for row in read(folder, "routes") + read(folder, "unserved"))
    return abs(carried - summary["kt_demanded"])
