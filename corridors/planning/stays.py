"""Stays: what freight does between two moves, and how long it takes, waiting among it.

A stay is what a path does between two moves, if freight crosses a frontier there, changes gauge or is transhipped.
Loading and unloading at the ends of a way are no stay. Limits of a link over a frontier are waited for in the stay
before it, or, where there is none, in the stay behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.network.arcs import BORDER, GAUGE, TRANSHIP
from corridors.network.costs import HOURS_PER_DAY

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.arrays import BoolArray, FloatArray, IntArray
    from corridors.models.paths import PathSet
    from corridors.network.network import Network
    from corridors.planning.freight import Freight

NONE = -1  # where a path begins or ends at a stay
_DONE = (BORDER, GAUGE, TRANSHIP)


def queue_hours(freight: Freight, paths: PathSet, bottlenecks: pd.DataFrame) -> FloatArray:
    """Return how long each step of the paths waits at the limits that it takes, h, (S,)."""
    problem = freight.problem
    days = dict(zip(bottlenecks["resource"], bottlenecks["queue_days"].fillna(0.0), strict=True))
    hours = HOURS_PER_DAY * np.array([days[one.resource] for one in freight.resources], dtype=np.float64)
    takes = problem.usage.copy()
    takes.data = (takes.data > 0).astype(np.float64)
    of_step: FloatArray = takes.T @ hours
    return of_step[paths.steps(problem.class_[paths.demand], problem.arc_count)]


@dataclass(frozen=True, eq=False)
class Stays:
    """What paths do between moves, U stays.

    Attributes
    ----------
    path
        Whose each is, (U,).
    before, after
        The moves that lead to it and from it, `NONE` where the path begins or ends there, (U,).
    arc, stay
        What is done in all of them, (T,), and in which, (T,).
    hours
        What each takes, waiting among it, (U,).
    """

    path: IntArray
    before: IntArray
    after: IntArray
    arc: IntArray
    stay: IntArray
    hours: FloatArray

    def doing(self, among: BoolArray) -> BoolArray:
        """Say in which stays one of some arcs, (A,), is done, (U,)."""
        found = np.zeros(self.path.size, dtype=np.bool_)
        found[self.stay[among[self.arc]]] = True
        return found


def stays_of(frontier: BoolArray, network: Network, paths: PathSet, waits: FloatArray) -> Stays:
    """Cut paths into stays, with the hours of each.

    Parameters
    ----------
    frontier
        Which arcs are moves over a frontier, (A,).
    waits
        The hours of each step of the paths at its limits, (S,).
    """
    arc = np.append(paths.arc, 0)  # and a step of no path, for those that are asked what comes before and behind
    path = np.append(paths.path, NONE)
    moves = network.arcs.is_move[arc] | (path == NONE)
    done = np.isin(network.arcs.kind[arc], _DONE) & ~moves
    previous, following = np.roll(np.arange(arc.size), 1), np.roll(np.arange(arc.size), -1)
    of_move = [moves[step] | (path[step] != path) for step in (previous, following)]
    number = np.cumsum(~moves & of_move[0]) - 1  # of the run of steps between two moves
    kept, of_done = np.unique(number[done], return_inverse=True)
    stay = np.full(arc.size, NONE)
    named = ~moves & np.isin(number, kept)
    stay[named] = np.searchsorted(kept, number[named])
    first, last = (np.flatnonzero(named & end) for end in of_move)
    before, after = (
        np.where(path[step] == path[first], arc[step], NONE) for step in (previous[first], following[last])
    )
    hours = np.bincount(of_done, network.arcs.hours[arc[done]] + np.append(waits, 0.0)[done], first.size)
    # limits of a link over a frontier are waited for before it, or else behind it
    over = np.flatnonzero(frontier[arc] & moves & (path != NONE))
    near = [np.where(path[step[over]] == path[over], stay[step[over]], NONE) for step in (previous, following)]
    at = np.where(near[0] != NONE, near[0], near[1])
    np.add.at(hours, at[at != NONE], waits[over[at != NONE]])
    return Stays(path[first], before, after, arc[done], of_done, hours)
