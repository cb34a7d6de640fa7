"""Recompute a written plan from its CSV files alone, with nothing of the package that made it."""

import csv
import json
import math
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


def choice(
    folder: Path, tau: float, nesting: float, reservation: dict[str, float], way_nesting: float = 1.0
) -> tuple[float, float]:
    """Return the value of what shippers chose, USD, and the dual at the printed prices, from the CSV files alone.

    Nobody waits. Ways of one chain of modes, which is what their words begin with, are one nest. `reservation` has what
    each demand pays at most, USD per t; a demand that leaves nothing is taken to have no outside option, as the proof
    is over what is listed.
    """
    takes = _taken(folder)
    price = {row["resource"]: float(row["shadow_price"]) for row in read(folder, "bottlenecks")}
    room = {row["resource"]: float(row["capacity"]) for row in read(folder, "bottlenecks")}
    left: dict[str, float] = defaultdict(float)
    for row in read(folder, "unserved"):
        left[row["demand"]] = float(row["kt"]) * 1000
    ways: dict[str, dict[str, list[tuple[float, float, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in read(folder, "routes"):
        cost, tonnes = float(row["generalised_usd_per_t"]), float(row["kt"]) * 1000
        charge = sum(
            price[resource] * units
            for step in row["steps"].split(";")
            for resource, units in takes.get((step, row["commodity"]), {}).items()
        )
        ways[row["demand"]][row["way"]].append((cost, charge, tonnes))
    value = bound = 0.0
    for demand, listed in ways.items():
        routes = [route for of_way in listed.values() for route in of_way]
        scale = tau / min(cost for cost, _, _ in routes)
        outside = reservation[demand] if left[demand] else math.inf
        amount = sum(tonnes for _, _, tonnes in routes) + left[demand]
        value += (outside * left[demand] if left[demand] else 0.0) + _entropy(left[demand], amount) / scale
        chains: dict[str, list[list[tuple[float, float, float]]]] = defaultdict(list)
        for way, of_way in listed.items():
            chains[way.partition(" via ")[0]].append(of_way)
        sums = []
        for of_chain in chains.values():
            whole = sum(tonnes for of_way in of_chain for _, _, tonnes in of_way)
            value += _entropy(whole, amount) / scale
            inside = []
            for of_way in of_chain:
                together = sum(tonnes for _, _, tonnes in of_way)
                value += sum(cost * tonnes for cost, _, tonnes in of_way)
                value += _entropy(together, whole) / (way_nesting * scale)
                value += sum(_entropy(tonnes, together) for _, _, tonnes in of_way) / (nesting * scale)
                inside.append(_log_sum([cost + charge for cost, charge, _ in of_way], nesting * scale))
            sums.append(_log_sum(inside, way_nesting * scale))
        bound += amount * _log_sum([*sums, outside], scale)
    return value, bound - sum(price[one] * room[one] for one in price)


def _entropy(part: float, whole: float) -> float:
    return part * math.log(part / whole) if part > 0 else 0.0


def _log_sum(costs: list[float], scale: float) -> float:
    least = min(costs)
    return least - math.log(sum(math.exp(-scale * (cost - least)) for cost in costs)) / scale


def _taken(folder: Path) -> dict[tuple[str, str], dict[str, float]]:
    """Return the units of each resource that a tonne of a commodity takes in a step."""
    per_kt = {(row["resource"], row["commodity"]): float(row["units_per_kt"]) for row in read(folder, "usage")}
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for name, column in (("flows", "link"), ("handlings", "terminal")):
        for row in read(folder, name):
            for resource in filter(None, row["resources"].split(";")):
                units = per_kt[resource, row["commodity"]] / 1000
                found[row[column], row["commodity"]][resource] = units
    return found
