r"""Where freight waits, how long, and what the wait is worth: from `delays.csv` to the arrays of a `Delay`.

A limit r makes a tonne wait :math:`t_r(w) = h_r ((1 - e_r) w^{q_r} + e_r w)` hours at use :math:`w = y_r / b_r`.
What that costs differs: a class c values the hour of a tonne at :math:`v_c`, so that the hour of a unit of the limit
is worth :math:`V_{rc} = v_c / A_{rc}` to it. A potential, of which an equilibrium would be the minimum (Beckmann,
McGuire & Winsten 1956), exists in one value only (Dafermos 1972). So each limit has one, :math:`v_r`, and what a class
pays beyond it is a fixed cost of its arcs at the hours of the moment:

.. math::

   \Delta_{ca} = \sum_r t_r\, A_{rca}\, (V_{rc} - v_r)

Whoever solves repeatedly with the hours of the last answer, until they agree, has each class pay exactly its own value:
an equilibrium of the variational inequality (diagonalisation; Dafermos 1982; Sheffi 1985, ch. 8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import DataError, ProblemError
from corridors.frames import rows
from corridors.models.choice.delay import Delay
from corridors.models.shortest import path_to, trees
from corridors.network.costs import HOURS_PER_DAY

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.models.problem import FlowProblem
    from corridors.network.network import Network
    from corridors.planning.freight import Freight

ANY = "*"
EQUILIBRIUM, OPTIMUM = "equilibrium", "optimum"
ROUNDING = 1e-9  # relative


@dataclass(frozen=True, eq=False)
class Waiting:
    """How long freight waits at each of R limits, and what an hour is worth.

    Attributes
    ----------
    hours
        What a tonne waits at full use, h, (R,); 0 where nobody waits.
    power, linear_share
        How the wait grows with use, (R,).
    value_of_hour
        What an hour of one unit is worth in the potential, in the objective's unit, (R,).
    own_value
        What each class holds an hour of a tonne to be worth, in the objective's unit, (C,).
    """

    hours: FloatArray
    power: FloatArray
    linear_share: FloatArray
    value_of_hour: FloatArray
    own_value: FloatArray

    @property
    def delay(self) -> Delay:
        """What waiting costs a unit of each limit itself."""
        return Delay(self.hours * self.value_of_hour, self.power, self.linear_share)

    def hours_at(self, use: FloatArray, capacity: FloatArray) -> FloatArray:
        """Return the hours that a tonne waits at each limit, (R,).

        Parameters
        ----------
        use, capacity
            Units a year, (R,). Use beyond capacity, which only rounding makes, counts as full use.
        """
        share = np.clip(np.divide(use, capacity, out=np.zeros_like(self.hours), where=capacity > 0), 0.0, 1.0)
        straight = self.linear_share * share
        return self.hours * ((1 - self.linear_share) * share**self.power + straight)


def waiting(freight: Freight, assign: str, flow: FloatArray | None = None) -> Waiting:
    """Read how long freight waits at the limits of its network, and value the hours.

    Parameters
    ----------
    freight
        The posed problem.
    assign
        ``equilibrium`` or ``optimum``. The optimum values an hour of a limit at the mean of the tonnes that use it. So
        does the equilibrium, but at most so highly that no arc of any class costs less than nothing once the class
        pays its own value instead (`own_value_terms`), however long the wait.
    flow
        Tonnes of each class on each arc by which values are weighted, (C, A); by default each demand on the way that
        is cheapest at free prices. They must not be those of the answer: weights that move with it would make it
        depend on where one began.

    Raises
    ------
    DataError
        If the data have no table of delays, two of its rows fit one limit equally well, or the objective counts no
        hours.
    """
    own = own_values(freight)
    hours, power, share = _waits(freight)
    loads = cheapest_loads(freight.problem) if flow is None else flow
    value = _mean_value(freight, own, loads)
    if assign == EQUILIBRIUM:
        value = np.minimum(value, _most_value(freight, own, hours))
    used = (hours > 0) & np.isfinite(value)
    return Waiting(np.where(used, hours, 0.0), power, share, np.where(used, value, 0.0), own)


def own_values(freight: Freight) -> FloatArray:
    """Return what each class holds an hour of a tonne to be worth, in the objective's unit, (C,).

    That is its value of time in USD under `generalised`, and 1 under `time`, where costs are hours.

    Raises
    ------
    DataError
        If the objective counts no hours.
    """
    if freight.objective == "time":
        return np.ones(freight.commodity.size)
    if freight.objective == "generalised":
        days: FloatArray = freight.costs.usd_per_t_day[freight.commodity]
        return days / HOURS_PER_DAY
    raise DataError(
        f"waiting costs nothing under the objective '{freight.objective}', so that congestion would change nothing: "
        "choose generalised or time, or leave out congestion"
    )


def own_value_terms(freight: Freight, waits: Waiting, hours_now: FloatArray) -> FloatArray:
    """Return what each class pays for waiting beyond the potential's value, per tonne on each arc, (C, A).

    Added to the costs of arcs, they leave every cost at 0 or more where the values are those of an equilibrium: a term
    is below 0 for a class that values time less than the potential does, and then never by more than the arc costs.

    Parameters
    ----------
    freight, waits
        As `waiting` had and gave them.
    hours_now
        What a tonne waits at each limit, h, (R,), at most the hours at full use.

    Raises
    ------
    ProblemError
        If an arc would cost less than 0: the values are those of an optimum, or the hours beyond those at full use.
    """
    usage, cost = freight.problem.usage, freight.problem.cost
    column = usage.indices
    row = np.repeat(np.arange(usage.shape[0]), np.diff(usage.indptr))
    worth = hours_now[row] * waits.own_value[column // freight.problem.arc_count]
    beyond = worth - hours_now[row] * usage.data * waits.value_of_hour[row]
    terms, whole = (np.bincount(column, one, usage.shape[1]).reshape(cost.shape) for one in (beyond, worth))
    if (terms + cost < -ROUNDING * (whole + cost) - np.finfo(np.float64).tiny).any():
        raise ProblemError("What classes pay for waiting beyond its common value would make an arc cost less than 0.")
    return np.maximum(terms, -cost)


def cheapest_loads(problem: FlowProblem) -> FloatArray:
    """Return the tonnes of each class on each arc if every demand went its cheapest way at free prices, (C, A)."""
    loads = np.zeros(problem.cost.shape)
    for class_ in range(problem.class_count):
        mine = np.flatnonzero(problem.class_ == class_)
        origins, tree = np.unique(problem.origin[mine], return_inverse=True)
        far, last = trees(problem, class_, problem.cost[class_], origins)
        for demand, one in zip(mine.tolist(), tree.tolist(), strict=True):
            start, end = int(problem.origin[demand]), int(problem.destination[demand])
            if math.isfinite(far[one, end]):
                loads[class_, path_to(problem, last[one], start, end)] += problem.amount[demand]
    return loads


def _waits(freight: Freight) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return hours at full use, power and linear share of each limit, (R,)."""
    network = freight.network
    table = list(rows(network.dataset["delays"]))
    if not table:
        raise DataError(
            "delays.csv: the data package has no such table, or no row in it, and congestion needs the hours that "
            "freight waits at full use, with power and linear_share, for each kind of limit: add them"
        )
    hours, power, share = (
        np.zeros(len(freight.resources)),
        np.ones(len(freight.resources)),
        np.ones(len(freight.resources)),
    )
    for number, arcs in enumerate(network.resource_arcs):
        row = _row_of(network, number, arcs, table)
        if row is not None and freight.problem.capacity[number] > 0:
            hours[number] = row.hours + row.hours_per_hour * network.arcs.hours[arcs].mean()
            power[number], share[number] = row.power, row.linear_share
    return hours, power, share


def _row_of(network: Network, number: int, arcs: IntArray, table: list[Any]) -> Any:
    """Return the most specific row of `delays.csv` that fits a limit, None if there is none.

    A row that names the limit goes first, then that which names more of kind, mode and unit, then that which lists
    fewer values.
    """
    limit = network.resources[number]
    kinds, modes = set(network.arcs.kind[arcs].tolist()), set(network.arcs.mode[arcs].tolist())
    key = {"links": "link", "terminals": "terminal", "pools": "pool"}[limit.table]
    name = network.dataset[limit.table][key].iat[limit.rows[0]]
    fitting = [
        (bool(row.limit), sum(one != ANY for one in (row.kind, row.mode, row.capacity_unit)), -_values(row), row)
        for row in table
        if row.limit in ("", name)
        and (row.kind == ANY or kinds <= set(row.kind.split(";")))
        and (row.mode == ANY or modes <= set(row.mode.split(";")))
        and row.capacity_unit in (ANY, limit.unit)
    ]
    if not fitting:
        return None
    best = max(rank[:3] for rank in fitting)
    found = [rank[3] for rank in fitting if rank[:3] == best]
    if len(found) > 1:
        names = " and ".join(f"'{one}'" for one in sorted(row.delay for row in found))
        raise DataError(
            f"delays.csv: rows {names} fit {limit.where} equally well: name the limit in one of them, or leave one out"
        )
    return found[0]


def _values(row: Any) -> int:
    return len(row.kind.split(";")) + len(row.mode.split(";"))


def _mean_value(freight: Freight, own: FloatArray, loads: FloatArray) -> FloatArray:
    """Return the value of an hour of a unit of each limit, (R,): the mean of the tonnes that pass, NaN if none may.

    Where none pass, it is that of all that may pass, by the tonnes of their demands, or else their plain mean.
    """
    problem = freight.problem
    usage = problem.usage
    takes = usage.copy()
    takes.data = np.ones_like(usage.data)
    of_class = np.bincount(problem.class_, problem.amount, problem.class_count)
    found = np.full(usage.shape[0], np.nan)
    for weight in (np.ones(loads.shape), np.broadcast_to(of_class[:, None], loads.shape), loads):
        worth = takes @ (own[:, None] * weight).ravel()
        units = usage @ np.asarray(weight, dtype=np.float64).ravel()
        np.divide(worth, units, out=found, where=units > 0)  # the last that can be told holds
    return found


def _most_value(freight: Freight, own: FloatArray, hours: FloatArray) -> FloatArray:
    """Return the most that an hour of a unit may be worth so that no arc costs less than 0 at full use, (R,).

    An arc that takes several limits has its cost shared out among them.
    """
    problem = freight.problem
    usage = problem.usage
    row = np.repeat(np.arange(usage.shape[0]), np.diff(usage.indptr))
    column, units = usage.indices, usage.data
    counts = (hours[row] > 0) & (units > 0)
    row, column, units = row[counts], column[counts], units[counts]
    sharing = np.bincount(column, minlength=usage.shape[1])[column]
    room = problem.cost.ravel()[column] / (sharing * hours[row])  # per tonne and hour
    most = np.full(usage.shape[0], np.inf)
    np.minimum.at(most, row, (own[column // problem.arc_count] + room) / units)
    return most
