"""A road network of somebody else with delays on its links, as its file has it, for traffic assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corridors.models.arrays import FloatArray
from corridors.models.assignment.problem import AssignmentProblem


@dataclass(frozen=True)
class RoadClass:
    """A class of trips.

    Attributes
    ----------
    name
        By which its flows are called.
    trips
        The table of its trips; None for the network's own.
    toll, distance
        What a unit of toll and of length cost its trips, in units of time; None where it is as for all.
    pcu
        How many passenger cars one of its vehicles is on a link, above 0.
    """

    name: str
    trips: Path | None = None
    toll: float | None = None
    distance: float | None = None
    pcu: float = 1.0


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
    classes
        The classes that the problem's are; none where all trips pay the same.
    """

    problem: AssignmentProblem
    notices: tuple[str, ...]
    nodes: Sequence[str]
    links: Sequence[str]
    origins: Sequence[str]
    destinations: Sequence[str]
    classes: tuple[RoadClass, ...] = ()

    @property
    def vehicles(self) -> FloatArray:
        """The vehicles of each demand, (D,), of whose passenger-car units the problem is made."""
        if not self.classes:
            return self.problem.amount
        units: FloatArray = np.array([one.pcu for one in self.classes], dtype=np.float64)
        vehicles: FloatArray = self.problem.amount / units[self.problem.class_of]
        return vehicles


@dataclass(frozen=True)
class Factors:
    """What a unit of toll and a unit of length cost, in units of time, where a file does not say; None for nothing.

    And the classes of trips that are asked for.
    """

    toll: float | None = None
    distance: float | None = None
    classes: tuple[RoadClass, ...] = ()
