r"""What a plan says of waits that were counted: hours of a mean tonne at crossings and ports.

A wait is a mean, and so not linear in the tonnes on paths: it stands beside the operator of `planning.counts`,

.. math::

   m_i = \frac{\sum_p x_p \sum_{u \in p \cap S_i} \bigl( \sum_{a \in u} h_a + 24 \sum_{r \in u} q_r \bigr)}
              {\sum_p x_p \, |p \cap S_i|}

with :math:`S_i` the stays that the row means, :math:`h_a` the hours of what is done there, and :math:`q_r` the queue at
each limit, in days (`planning.queues`): what is waited by use, and for the rent of a full place.

A stay is what a path does between two moves, if freight crosses a frontier there, changes gauge or is transhipped.
Loading and unloading at the ends of a way are no wait. Limits of a link over a frontier are waited for in the stay
before it, or, where there is none, in the stay behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.frames import rows
from corridors.network.arcs import BORDER, GAUGE, TRANSHIP
from corridors.network.costs import HOURS_PER_DAY
from corridors.planning.counted_arcs import CountedArcs
from corridors.planning.counts import meant

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.arrays import BoolArray, FloatArray, IntArray
    from corridors.models.paths import PathSet
    from corridors.network.network import Network
    from corridors.planning.freight import Freight

_DONE = (BORDER, GAUGE, TRANSHIP)
_NONE = -1  # where a path begins or ends at a stay


def modelled(
    freight: Freight, observations: pd.DataFrame, paths: PathSet, tonnes: FloatArray, bottlenecks: pd.DataFrame
) -> FloatArray:
    """Return the plan's mean wait for each observation, h, (M,); NaN where nothing passes.

    Parameters
    ----------
    freight
        The posed year.
    observations
        Rows of `observations.csv` of kind wait, (M,).
    paths, tonnes
        Where the plan's freight goes, and the tonnes a year on each path, (P,).
    bottlenecks
        Its table of limits, with `queue_days`.
    """
    counted = CountedArcs(freight.network)
    stays = _stays(counted, freight.network, paths, _queue_hours(freight, paths, bottlenecks))
    counts = meant(freight, observations, paths) * tonnes
    found = np.full(len(observations), np.nan)
    for place, row in enumerate(rows(observations)):
        weight = counts[place, stays.path] * _means(counted, stays, row)
        if weight.sum() > 0:
            found[place] = weight @ stays.hours / weight.sum()
    return found


def _queue_hours(freight: Freight, paths: PathSet, bottlenecks: pd.DataFrame) -> FloatArray:
    """Return how long each step of the paths waits at the limits that it takes, h, (S,)."""
    problem = freight.problem
    days = dict(zip(bottlenecks["resource"], bottlenecks["queue_days"].fillna(0.0), strict=True))
    hours = HOURS_PER_DAY * np.array([days[one.resource] for one in freight.resources], dtype=np.float64)
    takes = problem.usage.copy()
    takes.data = (takes.data > 0).astype(np.float64)
    of_step: FloatArray = takes.T @ hours
    return of_step[paths.steps(problem.class_[paths.demand], problem.arc_count)]


@dataclass(frozen=True, eq=False)
class _Stays:
    """What paths do between moves, U stays.

    Attributes
    ----------
    path
        Whose each is, (U,).
    before, after
        The moves that lead to it and from it, `_NONE` where the path begins or ends there, (U,).
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


def _stays(counted: CountedArcs, network: Network, paths: PathSet, waits: FloatArray) -> _Stays:
    """Cut paths into stays, with the hours of each; `waits` has those of each step at its limits, (S,)."""
    arc = np.append(paths.arc, 0)  # and a step of no path, for those that are asked what comes before and behind
    path = np.append(paths.path, _NONE)
    moves = network.arcs.is_move[arc] | (path == _NONE)
    done = np.isin(network.arcs.kind[arc], _DONE) & ~moves
    previous, following = np.roll(np.arange(arc.size), 1), np.roll(np.arange(arc.size), -1)
    of_move = [moves[step] | (path[step] != path) for step in (previous, following)]
    number = np.cumsum(~moves & of_move[0]) - 1  # of the run of steps between two moves
    kept, of_done = np.unique(number[done], return_inverse=True)
    stay = np.full(arc.size, _NONE)
    named = ~moves & np.isin(number, kept)
    stay[named] = np.searchsorted(kept, number[named])
    first, last = (np.flatnonzero(named & end) for end in of_move)
    before, after = (
        np.where(path[step] == path[first], arc[step], _NONE) for step in (previous[first], following[last])
    )
    hours = np.bincount(of_done, network.arcs.hours[arc[done]] + np.append(waits, 0.0)[done], first.size)
    # limits of a link over a frontier are waited for before it, or else behind it
    over = np.flatnonzero(counted.passing.over[arc] & moves & (path != _NONE))
    near = [np.where(path[step[over]] == path[over], stay[step[over]], _NONE) for step in (previous, following)]
    at = np.where(near[0] != _NONE, near[0], near[1])
    np.add.at(hours, at[at != _NONE], waits[over[at != _NONE]])
    return _Stays(path[first], before, after, arc[done], of_done, hours)


def _means(counted: CountedArcs, stays: _Stays, row: Any) -> BoolArray:
    """Say which stays a row means: by where they are, and by the mode and direction of a move beside them, (U,)."""
    beside = [(one != _NONE, one) for one in (stays.before, stays.after)]

    def led(by: BoolArray) -> BoolArray:
        """Say which stays have one of some moves, (A,), beside them, (U,)."""
        (some, before), (others, after) = beside
        found: BoolArray = (some & by[before]) | (others & by[after])
        return found

    by = counted.passing.by_modes(row.mode)
    if not row.where:
        return stays.doing(counted.formal & by) & led(counted.over_home & by & _along(counted, row))
    there = counted.passing.named(row.where)
    # one row may stand for the formalities of both sides, at the other end of the link over the frontier
    means = stays.doing(there) | (stays.doing(counted.formal) & led(counted.passing.over & there))
    return means & led(by) & (led(counted.passing.over & _along(counted, row)) if row.direction else True)


def _along(counted: CountedArcs, row: Any) -> BoolArray:
    return counted.passing.along(row.direction) if row.direction else np.ones_like(counted.passing.over)
