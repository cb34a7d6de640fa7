r"""What a plan says of waits that were counted: hours of a mean tonne at crossings and ports.

A wait is a mean, and so not linear in the tonnes on paths: it stands beside the operator of `planning.counts`,

.. math::

   m_i = \frac{\sum_p x_p \sum_{u \in p \cap S_i} \bigl( \sum_{a \in u} h_a + 24 \sum_{r \in u} q_r \bigr)}
              {\sum_p x_p \, |p \cap S_i|}

with :math:`S_i` the stays that the row means, :math:`h_a` the hours of what is done there, and :math:`q_r` the queue at
each limit, in days (`planning.queues`): what is waited by use, and for the rent of a full place.

Stays are those of `planning.stays`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.frames import rows
from corridors.planning.counted_arcs import CountedArcs
from corridors.planning.counts import meant
from corridors.planning.stays import NONE, Stays, queue_hours, stays_of

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.arrays import BoolArray, FloatArray
    from corridors.models.paths import PathSet
    from corridors.planning.freight import Freight


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
    stays = stays_of(counted.passing.over, freight.network, paths, queue_hours(freight, paths, bottlenecks))
    counts = meant(freight, observations, paths) * tonnes
    found = np.full(len(observations), np.nan)
    for place, row in enumerate(rows(observations)):
        weight = counts[place, stays.path] * _means(counted, stays, row)
        if weight.sum() > 0:
            found[place] = weight @ stays.hours / weight.sum()
    return found


def _means(counted: CountedArcs, stays: Stays, row: Any) -> BoolArray:
    """Say which stays a row means: by where they are, and by the mode and direction of a move beside them, (U,)."""
    beside = [(one != NONE, one) for one in (stays.before, stays.after)]

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
