r"""Good prices where many resources bind: along the central path, with columns generated on the way.

From far inside, the prices of the dual problem come near the optimum in a few rounds, each a few steps of Newton's
method and one search (Goffin, Haurie & Vial 1992; Gondzio, Gonzalez-Brevis & Munari 2013). The end is left to the
simplex method, which from there has little to do: most demands keep to the one path that they mostly use.

==================  =================  =======
symbol              name               shape
==================  =================  =======
:math:`w`           ``weight``         ()
:math:`\mu_r`       ``price``          (R,)
:math:`\bar c_p`    ``priced``         (P,)
:math:`M_r`         ``overflow_cost``  (R,)
:math:`d_k`         ``amount``         (n,)
==================  =================  =======
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.columns.barrier import newton, options
from corridors.models.columns.barrier.newton import CentralPoint
from corridors.models.columns.barrier.normal import RestrictedMaster
from corridors.models.columns.oracle import PricingOracle
from corridors.models.columns.pool import Pool
from corridors.models.problem import FlowProblem


@dataclass(frozen=True, eq=False)
class Crossover:
    """Where the simplex method can go on.

    Attributes
    ----------
    key
        The column that each demand mostly uses, (D,); negative where it needs none.
    column
        Other columns worth having.
    resource
        The resources that bind, or nearly.
    contested
        The demands that no column carries most of.
    """

    key: IntArray
    column: IntArray
    resource: IntArray
    contested: IntArray


@dataclass(frozen=True, eq=False)
class _Choice:
    """The columns that take part.

    Attributes
    ----------
    contested
        The columns of demands that have several, by demand.
    uncontested
        The only columns of the others.
    restricted
        The master of the contested columns, relative to the first one of each demand.
    cost
        What all demands pay on those first and those only columns.
    """

    contested: IntArray
    uncontested: IntArray
    restricted: RestrictedMaster
    cost: float


@dataclass(frozen=True, eq=False)
class _Groups:
    """Neighbours in a sorted row that are equal: where each group begins, and how many it has, (K,)."""

    first: IntArray
    count: IntArray

    @classmethod
    def of(cls, values: IntArray) -> _Groups:
        """Find the groups of a sorted row of numbers from 0."""
        first = np.flatnonzero(np.diff(values, prepend=-1))
        return cls(first, np.diff(np.append(first, values.size)))

    def spread[Kind: np.generic](self, values: NDArray[Kind]) -> NDArray[Kind]:
        """Repeat a value of each group, (K,), for all of its members, (n,)."""
        return np.repeat(values, self.count)

    @property
    def rank(self) -> IntArray:
        """The position of each in its group, from 0, (n,)."""
        return np.arange(self.count.sum()) - self.spread(self.first)


def approach(
    oracle: PricingOracle,
    resources: IntArray,
    overflow_cost: FloatArray,
    price_out: Callable[[FloatArray], float | None],
    gap: float,
) -> Crossover | None:
    """Find good prices and columns; return None if the time is over before a first round is done.

    Parameters
    ----------
    oracle
        Of the problem, with a column of each demand that needs any in the pool.
    resources
        Those that are overdrawn, or nearly, if all demands take their cheapest paths.
    overflow_cost
        What overdrawing each resource by one unit costs, (R,).
    price_out
        Adds the oracle's columns at some prices, (R,), and returns the best bound so far; None if the time is over.
    gap
        The relative gap that is wanted in the end.
    """
    problem, pool = oracle.problem, oracle.pool
    rules = options.BARRIER
    # Begin at one low price for all resources.
    price = np.zeros(problem.resource_count)
    price[resources] = rules.first_weight * float(np.median(pool.cost))
    price[resources] = np.minimum(price[resources], rules.highest_price * overflow_cost[resources])
    bound, weight = price_out(price), np.inf
    found: tuple[_Choice, CentralPoint, FloatArray] | None = None
    for _ in range(rules.rounds):
        if bound is None:
            break
        # Restrict the master to the cheapest columns of each demand.
        choice = _choose_columns(problem, pool, resources, overflow_cost, price, weight)
        pairs = choice.contested.size + 2 * resources.size
        if found is None:
            weight = rules.first_weight * (bound if bound > 0 else 1.0) / pairs
        # Come near its analytic centre, and price out at the prices there.
        inside = _move_inside(problem.capacity[resources], overflow_cost[resources], price[resources], weight)
        point = newton.centre(choice.restricted, inside, weight, rules.near_centre * pairs, oracle.compiled)
        price = np.zeros(problem.resource_count)
        price[resources] = point.price
        bound, found = price_out(price), (choice, point, price)
        # Test the gap.
        objective = max(point.objective + choice.cost, 1e-9)
        difference = np.inf if bound is None else abs(objective - bound)
        if max(difference + weight * point.decrement, weight * pairs) / objective <= max(gap, rules.handover_gap):
            break
        # Let the resources take part that are nearly full by now, and lower the weight.
        full = np.flatnonzero(_usage(problem, pool, choice, point) > rules.nearly_full * problem.capacity)
        resources = np.union1d(resources, full)
        weight = _next_weight(weight, point, difference, choice.contested.size + 2 * resources.size)
    return None if found is None else _cross_over(problem, pool, *found)


def _next_weight(weight: float, point: CentralPoint, difference: float, pairs: int) -> float:
    """Return the next weight of the barrier: less, if the point is near enough to the centre of this one."""
    rules = options.BARRIER
    if point.decrement > rules.centred * pairs:
        return weight
    wanted = rules.weight_for_gap * difference / pairs
    return min(rules.slowest * weight, max(rules.fastest * weight, wanted))


def _move_inside(capacity: FloatArray, overflow_cost: FloatArray, price: FloatArray, weight: float) -> FloatArray:
    """Return the prices nearest to some that are well above 0 and well below the overflow cost."""
    floor = weight / np.maximum(capacity, weight / overflow_cost)
    return np.clip(price, floor, options.BARRIER.highest_price * overflow_cost)


def _choose_columns(
    problem: FlowProblem, pool: Pool, resources: IntArray, overflow_cost: FloatArray, price: FloatArray, weight: float
) -> _Choice:
    """Choose the cheapest columns of each demand, and pose the restricted master over those that compete."""
    columns = _cheapest_columns(problem, pool, price, weight)
    groups = _Groups.of(pool.demand[columns])
    alone: BoolArray = groups.spread(groups.count == 1)
    uncontested, contested = columns[alone], columns[~alone]
    groups = _Groups.of(pool.demand[contested])
    first = contested[groups.first]
    key, key_of = np.concatenate((uncontested, first)), groups.spread(first)
    use = sparse.csr_array(pool.use[:, resources])
    relative_use = sparse.csr_array(use[contested] - use[key_of])
    relative_use.eliminate_zeros()
    amount = problem.amount[pool.demand[key]]
    restricted = RestrictedMaster(
        cost=pool.cost[contested] - pool.cost[key_of],
        use=relative_use,
        first=groups.first,
        amount=problem.amount[pool.demand[first]],
        slack_capacity=problem.capacity[resources] - use[key].T @ amount,
        overflow_cost=overflow_cost[resources],
    )
    return _Choice(contested, uncontested, restricted, float(pool.cost[key] @ amount))


def _cheapest_columns(problem: FlowProblem, pool: Pool, price: FloatArray, weight: float) -> IntArray:
    """Return the cheapest columns of each demand, in the order of demands and the cheapest first."""
    priced = pool.priced_cost(price)
    order = np.lexsort((priced, pool.demand))
    order = order[np.searchsorted(pool.demand[order], 0) :]  # cycles belong to no demand
    demand = pool.demand[order]
    groups = _Groups.of(demand)
    above = priced[order] - groups.spread(priced[order[groups.first]])
    near = above * problem.amount[demand] <= options.BARRIER.worst_column * weight
    return order[(groups.rank < options.BARRIER.most_columns) & near]


def _usage(problem: FlowProblem, pool: Pool, choice: _Choice, point: CentralPoint) -> FloatArray:
    """Return what is used of every resource, (R,)."""
    columns = np.concatenate((choice.contested, choice.uncontested))
    flow = np.concatenate((point.flow, problem.amount[pool.demand[choice.uncontested]]))
    usage: FloatArray = pool.use[columns].T @ flow
    return usage


def _cross_over(problem: FlowProblem, pool: Pool, choice: _Choice, point: CentralPoint, price: FloatArray) -> Crossover:
    """Round a central point to a start for the simplex method."""
    rules = options.BARRIER
    by_flow = np.argsort(point.flow, kind="stable")
    columns, flow = choice.contested[by_flow], point.flow[by_flow]  # of a demand the widest is the last
    key = np.full(problem.demand_count, -1)
    key[pool.demand[choice.uncontested]] = choice.uncontested
    key[pool.demand[columns]] = columns
    largest = np.full(problem.demand_count, np.inf)
    largest[pool.demand[columns]] = flow
    resources = np.flatnonzero(price)
    priced = pool.priced_cost(price)
    worth = (priced <= pool.least_cost(priced)[pool.demand] * (1 + rules.cheap)) & (pool.demand >= 0)
    worth[key[key >= 0]] = False
    return Crossover(
        key=key,
        column=np.flatnonzero(worth),
        resource=resources[point.slack < rules.tight * problem.capacity[resources]],
        contested=np.flatnonzero(largest < rules.widest_flow * problem.amount),
    )
