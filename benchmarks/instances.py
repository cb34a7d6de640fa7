"""The problems behind the cases: published instances are read where they lie, the others are generated."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import numpy as np

from benchmarks import generated
from benchmarks.cases import BENCH, Case
from corridors.models.arrays import FloatArray
from corridors.models.problem import FlowProblem

LEFT_BEHIND = 10.0  # Sioux Falls: a trip left costs so many of the longest free-flow trips


def load(case: Case) -> FlowProblem:
    """Return the problem of a case.

    Raises
    ------
    FileNotFoundError
        If it is a published instance that is not here.
    """
    if case.series == "meshes":
        return generated.mesh(case.scale)
    if case.series == "tiles":
        return generated.tiles(case.scale)
    if case.family == "tntp":
        return tntp(BENCH / "tntp" / f"{case.name}_net.tntp", BENCH / "tntp" / f"{case.name}_trips.tntp")
    return published(BENCH / case.family / f"{case.name}.gz")


def published(file: Path) -> FlowProblem:
    """Read an instance in the planar and grid format.

    Numbers of nodes, arcs and commodities; a line for each arc (tail, head, cost, capacity; nodes from 1, a negative
    capacity for none); a line for each commodity (origin, destination, demand). Everything must be served.
    """
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        words = stream.read().split()
    nodes, arcs, commodities = (int(word) for word in words[:3])
    arc = np.array(words[3 : 3 + 4 * arcs], dtype=float).reshape(arcs, 4)
    demand = np.array(words[3 + 4 * arcs :], dtype=float).reshape(commodities, 3)
    return FlowProblem.single_class(
        node_count=nodes,
        tail=arc[:, 0].astype(int) - 1,
        head=arc[:, 1].astype(int) - 1,
        cost=arc[:, 2],
        arc_capacity=np.where(arc[:, 3] < 0, np.inf, arc[:, 3]),
        origin=demand[:, 0].astype(int) - 1,
        destination=demand[:, 1].astype(int) - 1,
        amount=demand[:, 2],
    )


def tntp(net: Path, trips: Path) -> FlowProblem:
    """Read a TNTP network with its trips: free-flow times as costs, capacities as hard limits.

    Such networks are made for congestion, not for limits, so not all trips may fit: one left behind costs
    `LEFT_BEHIND` times the longest free-flow trip. A node below FIRST THRU NODE is split, so that trips begin and end
    there but do not pass.
    """
    head, _, body = net.read_text(encoding="utf-8").partition("<END OF METADATA>")
    nodes, first_through = _number(head, "NUMBER OF NODES"), _number(head, "FIRST THRU NODE")
    lines = [line.split() for line in body.splitlines() if line.strip() and not line.lstrip().startswith("~")]
    link = np.array([line[:5] for line in lines], dtype=float)
    tail, into = link[:, 0].astype(int) - 1, link[:, 1].astype(int) - 1
    demand = _trips(trips.read_text(encoding="utf-8"))
    origin, end = demand[:, 0].astype(int) - 1, demand[:, 1].astype(int) - 1
    split = first_through - 1
    problem = FlowProblem.single_class(
        node_count=nodes + split,
        tail=tail,
        head=np.where(into < split, nodes + into, into),
        cost=link[:, 4],
        arc_capacity=link[:, 2],
        origin=origin,
        destination=np.where((end < split) & (end != origin), nodes + end, end),
        amount=demand[:, 2],
    )
    return generated.with_penalty(problem, LEFT_BEHIND)


def _number(text: str, key: str) -> int:
    found = re.search(rf"<{key}>\s*(\d+)", text)
    if not found:
        raise ValueError(f"the network has no <{key}>")
    return int(found[1])


def _trips(text: str) -> FloatArray:
    """Return origin, destination and amount of each demand that is not zero, (D, 3)."""
    rows = []
    for block in re.split(r"Origin", text.partition("<END OF METADATA>")[2])[1:]:
        origin, _, rest = block.strip().partition("\n")
        for end, amount in re.findall(r"(\d+)\s*:\s*([\d.eE+]+)", rest):
            if float(amount):
                rows.append((float(origin), float(end), float(amount)))
    return np.array(rows, dtype=float).reshape(-1, 3)
