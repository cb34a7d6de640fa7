r"""What shippers chose, proved, and what it costs by its parts.

The parts of the objective are counted from the flows alone: the entropy of choice (where ways have groups, these stand
in place of the ways, and that of ways in groups is added, see `corridors.models.choice.problem`)

.. math::

   \sum_k \frac{1}{\theta^1_k} \Bigl[ \sum_{w \in k} X_w \ln \frac{X_w}{d_k} + u_k \ln \frac{u_k}{d_k} \Bigr]
     + \sum_k \frac{1}{\theta^2_k} \sum_{p \in k} x_p \ln \frac{x_p}{X_{w(p)}}

what is paid on an empty network, and the hours waited in each class's own value of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from corridors.planning.settings import CHOICE_METHODS

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.models.choice.certificate import ChoiceCertificate
    from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
    from corridors.models.paths import PathSet
    from corridors.models.problem import FlowProblem, FlowSolution
    from corridors.planning.freight import Freight


@dataclass(frozen=True, eq=False)
class Chosen:
    """A proved answer of shippers who choose.

    Attributes
    ----------
    freight
        What was posed, with the amounts and reservation prices of behaviour.
    problem, solution, certificate
        The problem of the routes that carry freight, its answer and the proof. Costs of its arcs hold what a class
        pays for waiting beyond the common value of an hour, at the answer's own hours.
    words
        The way of each route in words, (P,).
    hours
        What a tonne waits at each resource at the answer's use, (R,).
    rent
        What a unit of each resource costs by scarcity alone, (R,): its price without the waiting.
    own_value
        What each class holds an hour of a tonne to be worth, USD, (C,); zeros where nobody waits.
    elasticities
        By cargo group: that of the tonnes carried to the cost of all ways together.
    listed
        Whether the proof is over listed routes, or over all.
    perturbation
        What the choice is worth where its routes are not listed; None where it is the entropy of these.
    linear
        The linear optimum, proved, where it was found.
    """

    freight: Freight
    problem: ChoiceProblem
    solution: ChoiceSolution
    certificate: ChoiceCertificate
    words: tuple[str, ...]
    hours: FloatArray
    rent: FloatArray
    own_value: FloatArray
    elasticities: Mapping[str, float]
    listed: bool = True
    perturbation: float | None = None
    linear: FlowSolution | None = None

    def as_flow(self) -> FlowSolution:
        """Return the flows as tables read them, the rent at both ends of the prices: the least cost is smooth.

        What there is nothing of has no rent: whatever it costs, the first unit would be worth more.
        """
        method = CHOICE_METHODS[0] if self.listed else CHOICE_METHODS[1]
        ends = np.where((self.problem.flow.capacity <= 0) & (self.rent > 0), np.nan, self.rent)
        return replace(self.solution.as_flow(self.problem, method), price_low=ends, price_high=ends)

    @cached_property
    def use(self) -> FloatArray:
        """Units a year that are taken of each resource, (R,)."""
        return self.as_flow().resource_use(self.problem.flow)

    @cached_property
    def way_demand(self) -> IntArray:
        """The demand of each way, (W,)."""
        return self.problem.routes.demand[np.flatnonzero(np.diff(self.problem.way, prepend=-1))]

    @cached_property
    def way_flow(self) -> FloatArray:
        """Tonnes a year on each way, (W,)."""
        return np.bincount(self.problem.way, self.solution.route_flow, self.way_demand.size).astype(np.float64)

    def passes(self, paths: PathSet) -> sparse.csr_array[np.float64, tuple[int, int]]:
        """Return how often each path takes each resource, (P, R)."""
        flow = self.problem.flow
        takes = sparse.csr_array(flow.usage.T)
        takes.data = (takes.data > 0).astype(np.float64)
        return paths.use(paths.steps(flow.class_[paths.demand], flow.arc_count), takes)

    @cached_property
    def route_hours(self) -> FloatArray:
        """The hours that a tonne waits on each route, (P,)."""
        hours: FloatArray = self.passes(self.problem.routes) @ self.hours
        return hours

    def cost(self, flow: FlowProblem) -> float:
        """Return what routes cost on an empty network, and what is left at its reservation price, by a posed problem.

        Parameters
        ----------
        flow
            The problem as it was posed, without terms of waiting.
        """
        routes, solution = self.problem.routes, self.solution
        steps = routes.steps(flow.class_[routes.demand], flow.arc_count)
        of_route = routes.sums(flow.cost.ravel()[steps])
        left = solution.unserved > 0
        return float(of_route @ solution.route_flow + flow.penalty[left] @ solution.unserved[left])

    def waiting_cost(self) -> float:
        """Return what all pay for waiting, each in its own value of time."""
        value = self.own_value[self.problem.flow.class_[self.problem.routes.demand]]
        return float((self.solution.route_flow * value) @ self.route_hours)

    def worth(self) -> float:
        """Return what all pay together: money and time, waiting in their own values of time, less what choice is worth.

        Without waiting that is the objective; of an equilibrium it is not, whose objective nobody pays.
        """
        return self.cost(self.freight.problem) + self.entropy() + self.waiting_cost()

    def entropy(self) -> float:
        """Return what the choice is worth: the entropy terms of the objective, at most 0, or the perturbation."""
        if self.perturbation is not None:
            return self.perturbation
        problem, flow = self.problem, self.problem.flow
        amount, left = flow.amount, self.solution.unserved
        of_route = _entropy(self.solution.route_flow, self.way_flow[problem.way])
        routes = of_route / problem.route_scale[problem.routes.demand]
        top, demand, between = self.way_flow, self.way_demand, 0.0
        if problem.group is not None and problem.group_scale is not None:
            top = np.bincount(problem.group, self.way_flow).astype(np.float64)
            of_way = _entropy(self.way_flow, top[problem.group]) / problem.group_scale[demand]
            demand, between = demand[np.flatnonzero(np.diff(problem.group, prepend=-1))], float(of_way.sum())
        ways = _entropy(top, amount[demand]) / problem.way_scale[demand]
        return float(ways.sum() + routes.sum() + (_entropy(left, amount) / problem.way_scale).sum()) + between


def _entropy(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return x ln(x / of) of each part, 0 of nothing."""
    some = part > 0
    ratio = np.divide(part, whole, out=np.ones(part.size), where=some)
    return np.where(some, part * np.log(ratio), 0.0)
