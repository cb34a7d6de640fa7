r"""What a data package at a point says beside each observation, and how that responds to every parameter.

Over listed routes the model is smooth: costs of arcs, amounts and scales follow the parameters, and the choice over
these routes is solved from the last prices. The sharpness of a demand is measured by its cheapest listed route,
:math:`\theta_k = \tau_k / c_k`, so that

.. math::

   \frac{\partial \ln \theta_k}{\partial q} = \frac{\partial \ln \tau_k}{\partial q}
     - \frac{1}{c_k} \frac{\partial c_k}{\partial q}

where the derivative of :math:`c_k` is that of the route which is cheapest (the envelope theorem). With the derivatives
of a figure by costs of routes, amounts and scales (`corridors.models.estimation.response`), the prices of full
resources reacting, the Jacobian is

.. math::

   \frac{\partial m}{\partial q} = \frac{\partial m}{\partial c} N \frac{\partial c_a}{\partial q}
     + \frac{\partial m}{\partial d} \frac{\partial d}{\partial q}
     + \frac{\partial m}{\partial \ln \theta} \frac{\partial \ln \theta}{\partial q}

with :math:`N` the arcs of the routes and the costs of `corridors.estimation.cost_slopes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from corridors.estimation.cost_slopes import CostSlopes
from corridors.models.choice import solver
from corridors.models.estimation.response import Response
from corridors.planning.behaviour import behaviour
from corridors.planning.counts import operator

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.parameters import Parameters
    from corridors.models.arrays import FloatArray, IntArray, UsageArray
    from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
    from corridors.models.choice.route_set import RouteSet
    from corridors.models.estimation.response import Adjoint
    from corridors.planning.shippers import Shippers

GAP = 1e-9  # to which choices are solved
_SCALES = ("way_scale", "route_scale", "group_scale")


@dataclass(frozen=True, eq=False)
class ScaleSlopes:
    """How the logarithms of tau and of the nestings of each demand follow the parameters, for one network.

    Attributes
    ----------
    owner
        The parameters, (J,).
    by_scale
        For each of the scales of choice that the problem has the derivatives, (D, J), of its logarithm while the
        cheapest way stays.
    """

    owner: IntArray
    by_scale: dict[str, FloatArray]

    @classmethod
    def of(cls, who: Shippers, parameters: Parameters) -> ScaleSlopes:
        """Find them by what `planning.behaviour` makes of each figure's e-fold."""
        owner = np.array([place for place, one in enumerate(parameters.each) if one.table == "choice"], dtype=np.int64)
        names = [name for name in _SCALES if getattr(who.behaves, name, None) is not None]
        found: dict[str, list[FloatArray]] = {name: [] for name in names}
        for place in owner.tolist():
            q = np.zeros(len(parameters))
            q[place] = 1.0
            net = replace(who.freight.network, dataset=parameters.at(q).ordered())
            behaves = behaviour(replace(who.freight, network=net), who.cheapest, who.settings)
            for name in names:
                found[name].append(np.log(getattr(behaves, name) / getattr(who.behaves, name)))
        demands = who.freight.problem.demand_count
        empty = np.zeros((demands, 0))
        return cls(owner, {name: np.column_stack([empty, *parts]) for name, parts in found.items()})


@dataclass(frozen=True, eq=False)
class Common:
    """What all rounds have in common: how costs and scales follow the parameters, and what amounts are.

    Attributes
    ----------
    who
        The shippers at q = 0.
    parameters
        What is free.
    observations
        The rows of the year, (N,).
    used
        Which of them count, as their numbers, (M,).
    """

    who: Shippers
    parameters: Parameters
    observations: pd.DataFrame
    used: IntArray

    def with_observations(self, observations: pd.DataFrame) -> Common:
        """Return the same with other ones of its observations used, and all that follows from the rest as it is."""
        found = replace(self, observations=observations, used=np.flatnonzero(observations["used"].to_numpy()))
        told = {one.name for one in fields(self)}
        vars(found).update({name: value for name, value in vars(self).items() if name not in told})
        return found

    @cached_property
    def cost_slopes(self) -> CostSlopes:
        """How costs follow the parameters."""
        return CostSlopes(self.who.freight, self.parameters)

    @cached_property
    def scale_slopes(self) -> ScaleSlopes:
        """How scales follow the parameters."""
        return ScaleSlopes.of(self.who, self.parameters)

    @cached_property
    def counting(self) -> Any:
        """The operator of counts."""
        return operator(self.who.freight, self.observations)

    @cached_property
    def amounts(self) -> UsageArray:
        """1 where the logarithm of a demand's amount follows a parameter, (D, Q): its share, and its total.

        A demand that follows its total's figure of the year does not follow that of the base year.
        """
        freight = self.who.freight
        pairs = self.parameters.moves(freight.demand, freight.network.year)
        shape = freight.problem.demand_count, len(self.parameters)
        return sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=shape)


@dataclass(eq=False)
class Model:
    """The figures of the data package at any point, over routes that are listed.

    Attributes
    ----------
    common
        What all rounds share.
    listed
        The routes.
    problem
        The problem over them; its costs, amounts and scales are those of `base`.
    last
        The last answer, to start from.
    base
        The point of `problem`, (Q,).
    """

    common: Common
    listed: RouteSet
    problem: ChoiceProblem
    last: ChoiceSolution
    solves: int = field(default=0)

    def at(self, q: FloatArray) -> Figures:
        """Return the figures at a point, (Q,).

        Raises
        ------
        SolverError, ProblemError
            If the choice has no answer there.
        KeyboardInterrupt
            If it was interrupted: the best so far is no answer to go on from.
        """
        problem = self.posed(q)
        self.last = solver.solve(problem, start=self.last, gap=GAP)
        if self.last.termination == "interrupted":
            raise KeyboardInterrupt
        self.solves += 1
        return Figures(self, np.asarray(q, dtype=np.float64), problem, self.last)

    def posed(self, q: FloatArray) -> ChoiceProblem:
        """Return the choice over the listed routes at a point."""
        common, problem = self.common, self.problem
        point = common.parameters.prior.centred(np.asarray(q, dtype=np.float64))
        amount = common.who.freight.problem.amount * np.exp(common.amounts @ point)
        flow = replace(problem.flow, cost=common.cost_slopes.cost(point), amount=amount)
        least, _ = self.cheapest(self.route_cost(flow.cost))
        cheaper = np.divide(common.who.cheapest, least, out=np.ones_like(least), where=self.sound)
        slopes = common.scale_slopes
        scales: dict[str, Any] = {}
        for name in self.scales:
            slope = slopes.by_scale[name]
            at_base = getattr(common.who.behaves, name) * np.exp(slope @ point[slopes.owner])
            scales[name] = at_base * cheaper
        return replace(problem, flow=flow, **scales)

    @cached_property
    def scales(self) -> tuple[str, ...]:
        """The scales that the problem has."""
        known = self.common.scale_slopes.by_scale
        return tuple(name for name in known if getattr(self.problem, name, None) is not None)

    @cached_property
    def sound(self) -> Any:
        """Whose sharpness follows the cheapest route: the demands that have one that costs something, (D,)."""
        least, _ = self.cheapest(self.listed.cost)
        known = np.isfinite(self.common.who.cheapest) & (self.common.who.cheapest > 0)
        return known & np.isfinite(least) & (least > 0)

    def route_cost(self, cost: FloatArray) -> FloatArray:
        """Return what each route costs, (P,), by the costs of classes and arcs, (C, A)."""
        return self.problem.routes.sums(cost.ravel()[self.steps])

    @cached_property
    def steps(self) -> IntArray:
        """Where each step of the routes stands among the costs, (S,)."""
        routes, flow = self.problem.routes, self.problem.flow
        return routes.steps(flow.class_[routes.demand], flow.arc_count)

    @cached_property
    def passes(self) -> UsageArray:
        """The arcs of each route, (P, C * A)."""
        routes = self.problem.routes
        return sparse.csr_array(
            (np.ones(self.steps.size), self.steps, routes.start), shape=(routes.size, self.problem.flow.cost.size)
        )

    def cheapest(self, cost: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return what the cheapest listed route of each demand costs, and which it is, (D,); ``inf`` and -1 of none."""
        demand = self.problem.routes.demand
        first = np.flatnonzero(np.diff(demand, prepend=-1))
        least, which = np.full(self.problem.flow.demand_count, np.inf), np.full(self.problem.flow.demand_count, -1)
        if first.size:
            least[demand[first]] = np.minimum.reduceat(cost, first)
            hit = np.flatnonzero(cost == least[demand])
            which[demand[hit[::-1]]] = hit[::-1]
        return least, which

    @cached_property
    def matrix(self) -> UsageArray:
        """What a tonne on each route adds to each observation of the year, (N, P)."""
        found: UsageArray = self.common.counting.matrix(self.problem.routes)
        return found


@dataclass(frozen=True, eq=False)
class Figures:
    """What the model says at a point."""

    model: Model
    q: FloatArray
    problem: ChoiceProblem
    solution: ChoiceSolution

    @cached_property
    def response(self) -> Response:
        """How the answer responds, with prices that are exact to rounding: figures of the gap's digits would stall."""
        return Response.of(self.problem, self.solution)

    @cached_property
    def all_values(self) -> FloatArray:
        """The figure beside every observation of the year, (N,)."""
        return np.asarray(self.model.matrix @ self.response.route_flow, dtype=np.float64)

    @property
    def value(self) -> FloatArray:
        """The figures beside the observations that count, (M,)."""
        return self.all_values[self.model.common.used]

    def jacobian(self) -> FloatArray:
        """Return the derivatives of the figures that count, (M, Q); those of shares as if rows stood alone."""
        return self.jacobian_of(self.model.common.used)

    def jacobian_of(self, observations: IntArray) -> FloatArray:
        """Return the derivatives of figures beside some observations of the year, (n, Q)."""
        model, common = self.model, self.model.common
        weights = sparse.csr_array(model.matrix[observations])
        adjoint = self.response.adjoint(weights)
        found = np.asarray((adjoint.amount * self.problem.flow.amount) @ common.amounts, dtype=np.float64)
        by_scale = {name: getattr(adjoint, f"ln_{name}") for name in model.scales}
        scaled = common.scale_slopes
        for name, derivative in by_scale.items():
            found[:, scaled.owner] += derivative @ scaled.by_scale[name]
        found[:, common.cost_slopes.owner] += self._by_costs(adjoint, by_scale)
        return found

    def _by_costs(self, adjoint: Adjoint, by_scale: dict[str, FloatArray]) -> FloatArray:
        """Return the derivatives by what changes costs, (n, J): of routes, and of the cheapest, which sets scales."""
        model = self.model
        slopes = model.common.cost_slopes.at(model.common.parameters.prior.centred(self.q))
        routes = sparse.csr_array(model.passes @ slopes)
        least, which = model.cheapest(model.route_cost(self.problem.flow.cost))
        mine = np.flatnonzero(model.sound)
        sharp = np.asarray(sum(by_scale.values()))[:, mine] / least[mine]
        return np.asarray(adjoint.cost @ routes - sharp @ routes[which[mine]], dtype=np.float64)
