"""Names for the rows and columns of an exported file: readable, safe in every format, no two alike."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corridors.models.problem import FlowProblem

_LONGEST = 26  # a row has three of them and a prefix, and some readers stop at a hundred characters


@dataclass(frozen=True)
class Labels:
    """The names of a problem's nodes, classes, arcs, demands and resources in a file."""

    node: list[str]
    class_: list[str]
    arc: list[str]
    demand: list[str]
    resource: list[str]


def labels_of(problem: FlowProblem) -> Labels:
    """Label everything in a problem by its name, or where it has none by a letter and its number."""
    return Labels(
        node=_unique(problem.node_names, "n", problem.node_count),
        class_=_unique(problem.class_names, "c", problem.class_count),
        arc=_unique(problem.arc_names, "a", problem.arc_count),
        demand=_unique(problem.demand_names, "d", problem.demand_count),
        resource=_unique(problem.resource_names, "r", problem.resource_count),
    )


def _unique(names: tuple[str, ...], letter: str, count: int) -> list[str]:
    """Return labels of ASCII letters, digits and ``_``; a label that is taken gets its number as a suffix."""
    if not names:
        return [f"{letter}{i}" for i in range(count)]
    given: set[str] = set()
    result = []
    for i, name in enumerate(names):
        base = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:_LONGEST] or f"{letter}{i}"
        label, number = base, i
        while label in given:
            suffix = f"_{number}"
            label, number = base[: _LONGEST - len(suffix)] + suffix, number + count
        given.add(label)
        result.append(label)
    return result
