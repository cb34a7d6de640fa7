r"""The queue at a full place, in days: how long freight would wait there for what it now pays.

A limit that is full has a rent: the price that keeps use at its capacity. In truth nobody collects it, and freight
queues until the wait costs as much (Vickrey 1969, "Congestion theory and transport investment"). That wait differs from
shipper to shipper, as they value time differently; told is the one at which all that passes would give up in time what
it pays in rent,

.. math::

   \text{queue}_r = \frac{\mu_r \, y_r}{\sum_{ca} [A_{rca} > 0] \, v_c \, x_{ca}}

with :math:`\mu_r` the rent of a unit, :math:`y_r` the units taken, :math:`x_{ca}` the tonnes that take them and
:math:`v_c` what a day of a tonne is worth: the rent of a mean tonne over its value of a day. Where freight waits by
use, that wait is in the queue, too. Of a price between two ends, the one that proves the plan is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corridors.network.costs import HOURS_PER_DAY
from corridors.planning.freight import BOUND, T_PER_KT
from corridors.planning.results import SMALLEST_KT

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.arrays import FloatArray
    from corridors.planning.freight import Freight

QUEUES = ("usd_per_t_day", "queue_days")


def with_queues(freight: Freight, bottlenecks: pd.DataFrame, tonnes: FloatArray) -> pd.DataFrame:
    """Return the table of bottlenecks with the value of a day of what passes, and the queue in days.

    Parameters
    ----------
    freight
        What was posed.
    bottlenecks
        Every resource, with `used`, prices and, where shippers choose, `waiting_hours`. Their rent is then the low
        price, as the other holds the waiting, too.
    tonnes
        Of each class on each arc, (C, A).

    Returns
    -------
    DataFrame
        The same rows, with the columns `QUEUES`. Both are blank of an added bound, and under objectives that count no
        time; the value of a day is blank where nothing passes, and the queue where that leaves a rent without a value.
    """
    number = {one.resource: row for row, one in enumerate(freight.resources)}
    rows = np.array([number[name] for name in bottlenecks["resource"].tolist()], dtype=np.int64)
    passing, worth = (of[rows] for of in _passing(freight, tonnes))
    waits = "waiting_hours" in bottlenecks
    price, used = (
        bottlenecks[column].to_numpy(dtype=np.float64)
        for column in ("shadow_price_low" if waits else "shadow_price", "used")
    )
    value = np.divide(worth, passing, out=np.full(worth.size, np.nan), where=passing > 0)
    a_day = {"generalised": worth, "time": passing * HOURS_PER_DAY}.get(freight.objective)
    days = np.full(worth.size, np.nan)
    if a_day is not None:
        np.divide(price * used, a_day, out=days, where=a_day > 0)
        days[price == 0] = 0.0
        if waits:
            days += bottlenecks["waiting_hours"].to_numpy(dtype=np.float64) / HOURS_PER_DAY
    else:
        value[:] = np.nan
    bound = np.array([name.startswith(BOUND) for name in bottlenecks["resource"].tolist()], dtype=np.bool_)
    value[bound] = days[bound] = np.nan
    return bottlenecks.assign(**dict(zip(QUEUES, (value, days), strict=True)))


def _passing(freight: Freight, tonnes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the tonnes a year that take each resource, and what a day of them is worth, USD, (R,) each."""
    takes = freight.problem.usage.copy()
    takes.data = (takes.data > 0).astype(np.float64)
    value = freight.costs.usd_per_t_day[freight.commodity]
    passing, worth = takes @ tonnes.ravel(), takes @ (value[:, None] * tonnes).ravel()
    some = passing / T_PER_KT > SMALLEST_KT
    return np.where(some, passing, 0.0), np.where(some, worth, 0.0)
