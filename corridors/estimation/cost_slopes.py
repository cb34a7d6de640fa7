"""How the generalised costs of a network's arcs follow the parameters that are estimated.

Costs without constants are linear in tariffs, charges and hours, and constants in themselves: these derivatives are
made once. Those by speeds are central differences of the network's own prices. A constant below 0 bends the cost
(`corridors.network.costs`), whose derivatives by both parts follow at each point.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from corridors.estimation.parameters import TOTAL_YEARS, TOTALS
from corridors.network import costs
from corridors.network.revaluation import revalued
from corridors.uncertainty.posterior import FACTOR

if TYPE_CHECKING:
    from corridors.estimation.parameters import Parameters
    from corridors.models.arrays import FloatArray, UsageArray
    from corridors.planning.freight import Freight

_STEP = 1e-4  # of a coordinate, for central differences
_NOT_LINEAR = {("links", "speed_kmh"), ("modes", "speed_kmh"), ("modes", "speed_factor")}


class CostSlopes:
    """How the generalised costs of the arcs follow the parameters, for one network.

    Parameters
    ----------
    freight
        The posed year at q = 0.
    parameters
        Those that are free.
    """

    def __init__(self, freight: Freight, parameters: Parameters) -> None:
        self._freight, self._parameters = freight, parameters
        cells = [(place, (one.table, one.column), one) for place, one in enumerate(parameters.each)]
        self._curved = [place for place, cell, _ in cells if cell in _NOT_LINEAR]
        others = {"demand", TOTALS, TOTAL_YEARS, "choice", "constants"}
        straight = [place for place, cell, _ in cells if cell not in _NOT_LINEAR and cell[0] not in others]
        self.constants = [place for place, _, one in cells if one.table == "constants"]
        self.owner = np.array([*self.constants, *straight, *self._curved], dtype=np.int64)
        self._paid = self._of_constants()
        nothing = sparse.csr_array((freight.problem.cost.size, 0))
        self._straight = sparse.hstack([nothing, *(self._of_factor(place) for place in straight)], format="csr")
        self._powers = np.array([one.kind == FACTOR for one in (parameters.each[place] for place in straight)])

    def cost(self, q: FloatArray) -> FloatArray:
        """Return the generalised cost of each class and arc at a point, (C, A), ``inf`` where it may not go."""
        whole = costs.with_constants(*self._parts(q)).reshape(self._freight.problem.cost.shape)
        return np.where(np.isfinite(self._freight.problem.cost), whole, np.inf)

    def _parts(self, q: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the costs without constants and the constants at a point, (C * A,) each."""
        count = len(self.constants)
        mine = q[self.owner[: count + self._powers.size]]
        constant = self._base[1] + self._paid @ mine[:count]
        if self._curved:
            return self._priced(q)[0], constant
        return self._base[0] + self._straight @ self._moved(mine[count:]), constant

    def _moved(self, q: FloatArray) -> FloatArray:
        """Return by how much straight figures differ from those at 0: factors by their own size, addends by q."""
        found: FloatArray = np.where(self._powers, np.expm1(np.where(self._powers, q, 0.0)), q)
        return found

    def at(self, q: FloatArray) -> UsageArray:
        """Return the derivatives of the costs by the parameters of `owner`, (C * A, J)."""
        by_plain, by_constant = costs.slopes(*self._parts(q))
        straight = self._straight @ sparse.diags_array(self._scales(q))
        plain = sparse.hstack([straight, *(self._sparse(self._difference(q, place)) for place in self._curved)])
        constants = sparse.diags_array(by_constant) @ self._paid
        return sparse.csr_array(sparse.hstack([constants, sparse.diags_array(by_plain) @ plain]))

    def _scales(self, q: FloatArray) -> FloatArray:
        count = len(self.constants)
        mine = self.owner[count : count + self._powers.size]
        return np.where(self._powers, np.exp(q[mine]), 1.0)

    def _priced(self, q: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the costs without constants and the constants of the network at a point, (C * A,) each."""
        priced = costs.price(revalued(self._freight.network, self._parameters.at(q)))
        mine = self._freight.commodity
        return priced.plain(self._freight.carbon_price)[mine].ravel(), priced.constant[mine].ravel()

    @cached_property
    def _base(self) -> tuple[FloatArray, FloatArray]:
        return self._priced(np.zeros(len(self._parameters)))

    def _of_factor(self, place: int) -> UsageArray:
        """Return what doubling a factor adds, (C * A, 1): the derivative by its logarithm where it is 1."""
        q = np.zeros(len(self._parameters))
        q[place] = np.log(2.0)
        return self._sparse(self._priced(q)[0] - self._base[0])

    def _difference(self, q: FloatArray, place: int) -> FloatArray:
        there, back = q.copy(), q.copy()
        there[place] += _STEP
        back[place] -= _STEP
        return (self._priced(there)[0] - self._priced(back)[0]) / (2 * _STEP)

    def _sparse(self, change: FloatArray) -> UsageArray:
        noise = 1e-12 * np.abs(self._base[0]).max()
        return sparse.csr_array(np.where(np.abs(change) > noise, change, 0.0).reshape(-1, 1))

    def _of_constants(self) -> UsageArray:
        """Return who pays each constant where, (C * A, constants)."""
        net = self._freight.network
        size = self._freight.problem.cost.size
        if not self.constants:
            return sparse.csr_array((size, 0))
        passes = {row.constant: (pays, on) for row, pays, on in costs.passages(net, net.dataset["constants"])}
        found = []
        for place in self.constants:
            pays, on = passes[self._parameters.each[place].keys[0]]
            paid = np.outer(pays[self._freight.commodity], on).reshape(-1, 1)
            found.append(sparse.csr_array(paid.astype(np.float64)))
        return sparse.csr_array(sparse.hstack(found))
