r"""How shippers behave: from `choice.csv`, `delays.csv` and a posed problem to the arrays of a `ChoiceProblem`.

A demand k whose cheapest way costs :math:`c_k` at free prices chooses among its ways with the scale
:math:`\theta^1_k = \tau / c_k`, and among the routes of one way with :math:`\theta^2_k`, which is :math:`\theta^1_k`
times the nesting: a way that is dearer by one per cent of :math:`c_k` has odds that are lower by :math:`\tau` per cent.
Where the nesting of ways is above 1, this holds for a chain of modes (all ways of it together) in place of a way, and
among the ways of one chain the scale is :math:`\theta^g_k`, which is :math:`\theta^1_k` times the nesting of ways.

**Elastic demand.** What is not carried is an outside option at the price :math:`\text{pen}_k`. With the log-sum
:math:`L_k` over the ways as the price of being carried, its share is

.. math::

   P_k = \frac{1}{1 + e^{\theta^1_k (\text{pen}_k - L_k)}}

and, as the log-sum grows by the mean cost :math:`m_k` of what is carried when all costs grow by their own amount, the
tonnes carried have the elasticity

.. math::

   \varepsilon_k = -\theta^1_k\, P_k\, m_k = -\tau\, P_k\, m_k / c_k

to the cost of all ways together. Where `choice.csv` gives :math:`\varepsilon_k`, this says which :math:`P_k` the base
has, that says the reservation price, and amounts are grossed up by :math:`1 / (1 - P_k)`, so that the base carries what
`demand.csv` counts. Where it gives none, or 0, the reservation prices of `demand.csv` hold, and the elasticity is what
they make it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from corridors.errors import DataError
from corridors.frames import rows
from corridors.models.shortest import distances
from corridors.planning.waiting import ANY, OPTIMUM, Waiting, waiting

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.models.choice.delay import Delay
    from corridors.models.paths import PathSet
    from corridors.models.problem import FlowProblem
    from corridors.planning.freight import Freight

MOST_OUTSIDE = 0.5  # of a demand at the base: beyond it, most of what is planned would be a guess


class BehaviourSettings(Protocol):
    """What of a plan's settings says how shippers behave."""

    @property
    def tau(self) -> float | None:
        """One figure for all cargo groups, None for those of the data."""

    @property
    def assign(self) -> str:
        """``none``, ``equilibrium`` or ``optimum``."""


@dataclass(frozen=True, eq=False)
class BaseCosts:
    """What freight pays at the base, at free prices, by demand, (D,), in the objective's unit per tonne.

    Attributes
    ----------
    log_sum
        The log-sum over the ways: what being carried costs, choice counted in.
    mean
        The mean cost of what is carried.
    """

    log_sum: FloatArray
    mean: FloatArray


@dataclass(frozen=True, eq=False)
class Behaviour:
    """How the D demands of a posed problem behave at its R limits.

    Attributes
    ----------
    way_scale, route_scale
        As in `ChoiceProblem`, (D,).
    group_scale
        As in `ChoiceProblem`, (D,), for the ways of one chain of modes; None where no chain is nested.
    amount, penalty
        Tonnes a year and reservation prices, (D,), in place of those of the posed problem.
    elasticity
        Of the tonnes carried to the cost of all ways together, at the base, (D,), at most 0: given or implied.
    waits
        How long freight waits, None where nobody does.
    delay
        What waiting costs: for an equilibrium what each unit pays itself, for the optimum what it costs all.
    """

    way_scale: FloatArray
    route_scale: FloatArray
    amount: FloatArray
    penalty: FloatArray
    elasticity: FloatArray
    waits: Waiting | None = None
    delay: Delay | None = None
    group_scale: FloatArray | None = None


def behaviour(
    freight: Freight,
    cheapest: FloatArray,
    settings: BehaviourSettings,
    base: BaseCosts | None = None,
    flow: FloatArray | None = None,
) -> Behaviour:
    """Return how the shippers of a year's freight behave.

    Parameters
    ----------
    freight
        The posed problem.
    cheapest
        What the cheapest way of each demand costs at free prices, (D,); ``inf`` where there is none. A scenario that
        is held against a base takes the base's (`of_base`), else a tariff would change how sharply shippers choose.
    settings
        ``tau`` and ``assign``.
    base
        What freight pays at the base over all its listed ways (`base_costs`); by default the cheapest way alone. Only
        demands with an elasticity of the data depend on it.
    flow
        As in `planning.waiting.waiting`.

    Raises
    ------
    DataError
        If the data lack the table that is asked for or a row of it, or an elasticity is too large for tau.
    """
    tau, nesting, way_nesting, wanted = _of_table(freight, settings.tau)
    unit = units(cheapest)
    way_scale = tau / unit
    route_scale = np.maximum(nesting, way_nesting) * way_scale  # figures that are drawn or sought may cross
    group_scale = way_nesting * way_scale if (way_nesting > 1).any() else None
    paid = base or BaseCosts(unit, unit)
    penalty, amount, outside = _elastic(freight, wanted, way_scale, paid)
    elasticity = -way_scale * outside * paid.mean
    if settings.assign == "none":
        return Behaviour(way_scale, route_scale, amount, penalty, elasticity, group_scale=group_scale)
    waits = waiting(freight, settings.assign, flow)
    delay = waits.delay.marginal() if settings.assign == OPTIMUM else waits.delay
    return Behaviour(way_scale, route_scale, amount, penalty, elasticity, waits, delay, group_scale)


def cheapest_costs(problem: FlowProblem) -> FloatArray:
    """Return what the cheapest way of each demand costs at free prices, (D,); ``inf`` where there is none."""
    found = np.full(problem.demand_count, np.inf)
    for class_ in range(problem.class_count):
        mine = np.flatnonzero(problem.class_ == class_)
        origins, tree = np.unique(problem.origin[mine], return_inverse=True)
        far = distances(problem, class_, problem.cost[class_], origins)
        found[mine] = far[tree, problem.destination[mine]]
    return found


def base_costs(
    problem: FlowProblem,
    routes: PathSet,
    way: IntArray,
    behaves: Behaviour,
    cheapest: FloatArray,
    group: IntArray | None = None,
) -> BaseCosts:
    """Return what freight pays at free prices if it chooses among listed routes.

    Parameters
    ----------
    problem
        Whose costs hold.
    routes, way
        As in `ChoiceProblem`.
    behaves
        Whose scales hold.
    cheapest
        As in `behaviour`: what a demand pays of which no route is listed.
    group
        As in `ChoiceProblem`.
    """
    steps = routes.steps(problem.class_[routes.demand], problem.arc_count)
    cost = np.bincount(routes.path, problem.cost.ravel()[steps], routes.size)
    # routes in ways, ways in groups where there are any, and what is uppermost in demands
    levels = [(way, behaves.route_scale)]
    if group is not None and behaves.group_scale is not None:
        levels.append((group, behaves.group_scale))
    price, demand = cost, routes.demand
    for nest, scale in levels:
        first = np.flatnonzero(np.diff(nest, prepend=-1))
        price, cost = _log_sum(price, cost, scale[demand], nest, first)
        demand = demand[first]
    first = np.flatnonzero(np.diff(demand, prepend=-1))
    chooser = np.repeat(np.arange(first.size), np.diff(np.append(first, demand.size)))
    price, cost = _log_sum(price, cost, behaves.way_scale[demand], chooser, first)
    log_sum, mean = units(cheapest), units(cheapest)
    log_sum[demand[first]], mean[demand[first]] = price, cost
    return BaseCosts(log_sum, mean)


def of_base(base: Freight, values: FloatArray, freight: Freight, own: FloatArray) -> FloatArray:
    """Return the values of a base for the demands of changed freight, (D,).

    Parameters
    ----------
    base, values
        The freight of the base and something of each of its demands.
    freight, own
        The changed freight, and what a demand has that the base does not know.
    """
    known = dict(zip(base.problem.demand_names, values.tolist(), strict=True))
    pairs = zip(freight.problem.demand_names, own.tolist(), strict=True)
    return np.array([known.get(name, value) for name, value in pairs], dtype=np.float64)


def _log_sum(
    price: FloatArray, cost: FloatArray, scale: FloatArray, group: IntArray, first: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return the log-sum of prices, and the mean of costs at the shares that it implies, by group, (groups,)."""
    if not first.size:
        return np.empty(0), np.empty(0)
    least = np.minimum.reduceat(price, first)
    weight = np.exp(-scale * (price - least[group]))
    total = np.add.reduceat(weight, first)
    return least - np.log(total) / scale[first], np.add.reduceat(weight * cost, first) / total


def units(cheapest: FloatArray) -> FloatArray:
    """Return of what percentages are, (D,): the cheapest way, or the median one where that costs nothing or is none."""
    sound = np.isfinite(cheapest) & (cheapest > 0)
    usual = float(np.median(cheapest[sound])) if sound.any() else 1.0
    return np.where(sound, cheapest, usual)


def _of_table(freight: Freight, tau: float | None) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return tau, both nestings and elasticity of each demand, (D,), by the most specific row of `choice.csv`."""
    dataset = freight.network.dataset
    known = {(row.cargo, row.commodity): row for row in rows(dataset["choice"])}
    if not known:
        raise DataError(
            "choice.csv: the data package has no such table, or no row in it, and choosing by probability needs tau "
            "and nesting for each cargo group, or one row for *: add them"
        )
    group = dict(zip(dataset["commodities"]["commodity"], dataset["commodities"]["cargo"], strict=True))
    found: dict[str, Any] = {}
    for commodity in freight.demand["commodity"].unique().tolist():
        cargo = group[commodity]
        scopes = ((cargo, commodity), (ANY, commodity), (cargo, ANY), (ANY, ANY))
        row = next((known[scope] for scope in scopes if scope in known), None)
        if row is None:
            raise DataError(f"choice.csv has no row for cargo '{cargo}', to which '{commodity}' belongs: add one")
        ways = 1.0 if np.isnan(row.way_nesting) else row.way_nesting
        found[commodity] = (row.tau if tau is None else tau, row.nesting, ways, row.elasticity)
    of_demand = [found[commodity] for commodity in freight.demand["commodity"].tolist()]
    table = np.array(of_demand, dtype=np.float64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _elastic(
    freight: Freight, wanted: FloatArray, way_scale: FloatArray, paid: BaseCosts
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return reservation prices, amounts and shares of the outside option at the base, each (D,)."""
    problem = freight.problem
    given = wanted < 0
    outside = _share_outside(way_scale * (problem.penalty - paid.log_sum))
    outside[given] = (-wanted / (way_scale * paid.mean))[given]
    if (outside[given] > MOST_OUTSIDE).any():
        worst = int(np.flatnonzero(given)[np.argmax(outside[given])])
        tau, commodity = way_scale[worst] * paid.mean[worst], freight.demand["commodity"].iat[worst]
        raise DataError(
            f"choice.csv: an elasticity of {wanted[worst]:g}, which {commodity} has, would "
            f"leave more than half of the freight outside where tau is {tau:.3g}: bring it nearer to 0, or raise tau"
        )
    odds = (1 - outside[given]) / outside[given]
    penalty = problem.penalty.copy()
    penalty[given] = np.maximum(paid.log_sum[given] + np.log(odds) / way_scale[given], 0.0)
    amount = problem.amount.copy()
    amount[given] /= 1 - outside[given]
    return penalty, amount, outside


def _share_outside(exponent: FloatArray) -> FloatArray:
    """Return 1 / (1 + exp(x)) without overflow; 0 where x is infinite."""
    small: FloatArray = np.exp(-np.abs(exponent))
    return np.where(exponent > 0, small, 1.0) / (1 + small)
