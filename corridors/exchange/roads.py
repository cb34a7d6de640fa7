"""A road network of somebody else with delays on its links, as its file has it, for traffic assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corridors.models.assignment.problem import AssignmentProblem


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """A road network as its file has it.

    Attributes
    ----------
    problem
        As posed.
    notices
        A sentence for whatever was taken for granted or passed over although it may change the answer.
    nodes
        The id of each node, (N,); "" for a vertex that the file does not have.
    links
        The id of the link of each arc, (A,); "" for an arc that the file does not have.
    origins, destinations
        The ids of the ends of each demand, (D,).
    """

    problem: AssignmentProblem
    notices: tuple[str, ...]
    nodes: Sequence[str]
    links: Sequence[str]
    origins: Sequence[str]
    destinations: Sequence[str]


@dataclass(frozen=True)
class Factors:
    """What a unit of toll and a unit of length cost, in units of time, where a file does not say; None for nothing."""

    toll: float | None = None
    distance: float | None = None
