r"""The pricing oracle: better paths at given prices of the resources, and the bound that the prices prove.

==================  ===============  =======
symbol              name             shape
==================  ===============  =======
:math:`\mu_r`       ``price``        (R,)
:math:`\bar c_p`    ``priced_cost``  (P,)
:math:`\sigma_k`    ``least_cost``   (D,)
:math:`d_k`         ``amount``       (D,)
==================  ===============  =======
"""

from __future__ import annotations

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.columns import tolerances
from corridors.models.columns.bounds import LowerBound
from corridors.models.columns.pool import Pool
from corridors.models.pricing.base import Priced, Pricing
from corridors.models.problem import FlowProblem


def demands_to_route(problem: FlowProblem) -> IntArray:
    """Return the demands that need a path: with an amount, and not where they already are."""
    return np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination))


class PricingOracle:
    """Prices out one problem: fills a pool with the paths that are cheapest at prices.

    Attributes
    ----------
    problem
        In the units of `corridors.models.scaling`.
    demands
        Those that need a path.
    amount
        Of each demand, (D,), 0 where it needs none.
    mandatory
        Which demands must be served, (D,).
    pool, pricer
        The columns known so far, and what finds cheapest paths.
    compiled
        Whether compiled loops are worth loading.
    """

    def __init__(self, problem: FlowProblem, pool: Pool, pricer: Pricing, compiled: bool = False) -> None:
        self.problem, self.pool, self.pricer, self.compiled = problem, pool, pricer, compiled
        self.demands = demands_to_route(problem)
        self.amount = np.zeros(problem.demand_count)
        self.amount[self.demands] = problem.amount[self.demands]
        self.mandatory: BoolArray = np.isinf(problem.penalty)
        rows = np.repeat(np.arange(problem.resource_count), np.diff(problem.usage.indptr))
        self._given_back = np.zeros(problem.resource_count, dtype=bool)  # by some arc, with a negative usage
        self._given_back[rows[problem.usage.data < 0]] = True

    def price_out(self, price: FloatArray) -> LowerBound | None:
        """Add the columns that are better at some prices of the resources, (R,); return the bound that these prove.

        Return None where a cycle pays at the prices, which then prove nothing: it is added in place of paths.
        """
        rules = tolerances.TOLERANCES
        # A cycle pays if it gives back more than it costs. At the prices of a master that has it, and of one that has
        # others made of the same arcs, it costs nothing, up to rounding: prices a little lower are searched then.
        for discount in rules.price_discounts:
            price = np.where(self._given_back, price * (1 - discount), price)
            known = self.pool.least_cost(self.pool.priced_cost(price))
            priced = self.pricer.price(price, known, rules.improvement)
            if not priced.cycle:
                break
            new = self.pool.add_cycle(priced.cycle[0], priced.cycle[1:])
            if (self.pool.priced_cost(price)[new] < -self.pool.least_improvement(np.zeros(new.size))).any():
                return None
        if priced.cycle:
            return None
        self.add_priced_columns(priced, known, price)
        return LowerBound.lagrangian(self.problem, self.demands, price, np.minimum(priced.distance, known))

    def add_priced_columns(self, priced: Priced, known: FloatArray, price: FloatArray) -> None:
        """Add the paths that are cheaper than what is known, and leave unserved what is dearer than its penalty."""
        better = priced.distance < known - self.pool.least_improvement(known)
        self.pool.add_paths(priced.demand, priced.arc, np.flatnonzero(better))
        cheapest = np.full(self.problem.demand_count, np.inf)  # column of each demand, whatever its penalty
        owned = self.pool.demand >= 0
        np.minimum.at(cheapest, self.pool.demand[owned], self.pool.priced_cost(price)[owned])
        dearer = cheapest > self.problem.penalty * (1 + tolerances.TOLERANCES.improvement)
        self.pool.add_unserved(np.flatnonzero(dearer & (self.amount > 0) & ~self.mandatory))

    def some_cannot_go(self) -> bool:
        """Tell whether a mandatory demand has no column: it has no path then, if `price_out` found a bound."""
        return bool((np.isinf(self.pool.least_cost(self.pool.cost)) & (self.amount > 0)).any())
