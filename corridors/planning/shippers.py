"""Who chooses, and among what: a posed year's freight with its behaviour and with what makes two routes one way.

How sharply shippers choose is measured at a base: the data package before any scenario, in the plan's year, without a
carbon price. So a tariff or a price of carbon changes what ways cost, and not how people weigh costs. Where the base
does not know a demand, or cannot be posed in that year, the plan's own costs stand in its place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors import network
from corridors.errors import CorridorsError
from corridors.models.choice import generation
from corridors.models.choice.problem import ChoiceProblem
from corridors.network import ways
from corridors.planning import behaviour
from corridors.planning.freight import T_PER_KT, Freight, pose
from corridors.planning.waiting import own_value_terms
from corridors.text.choices import ASSIGNMENTS

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray
    from corridors.models.choice.route_set import Marks, RouteSet
    from corridors.models.problem import FlowProblem
    from corridors.planning.behaviour import BaseCosts, Behaviour
    from corridors.planning.settings import PlanSettings

EQUILIBRIUM = ASSIGNMENTS[1]


@dataclass(eq=False)
class Memory:
    """What plans of shippers who choose have in common, so that the next one need not work it out again.

    Nothing in it changes an answer: each entry is used where all that it was made of is the same.

    Attributes
    ----------
    bases
        The freight at whose costs sharpness is measured, and its cheapest costs, by data, year and running figures.
    listed
        The routes that searches found last.
    widest
        How dear a route of each demand might be there, (D,).
    """

    bases: dict[Any, tuple[Freight, FloatArray]] = field(default_factory=dict)
    listed: RouteSet | None = None
    widest: FloatArray | None = None

    def recalled(self, problem: FlowProblem, widest: FloatArray) -> RouteSet | None:
        """Return the routes found last if they were looked for at these costs and widths, (D,); else None."""
        kept = self.listed
        if kept is None or self.widest is None or not kept.fits(problem):
            return None
        same = np.array_equal(kept.problem.cost, problem.cost) and np.array_equal(self.widest, widest)
        return kept if same else None


@dataclass(frozen=True, eq=False)
class Shippers:
    """The shippers of a year.

    Attributes
    ----------
    freight
        What was posed, with amounts and reservation prices of behaviour in place of its own where an elasticity is
        given.
    settings
        With what the plan is made.
    behaves
        Scales, delays and elasticities of the demands.
    marks
        What makes two routes one way.
    cheapest
        What the cheapest route of each demand costs on the plan's own empty network, (D,); ``inf`` where there is none.
    """

    freight: Freight
    settings: PlanSettings
    behaves: Behaviour
    marks: Marks
    cheapest: FloatArray

    @property
    def diagonal(self) -> bool:
        """Whether classes pay their own value of the hours of the moment, so that rounds must agree on the hours."""
        return self.settings.assign == EQUILIBRIUM

    @property
    def widest(self) -> FloatArray:
        """What a route of each demand may cost as a multiple of its cheapest one, (D,), to be worth listing."""
        return generation.widths(self.behaves.way_scale * behaviour.units(self.cheapest))

    def hours_at(self, use: FloatArray) -> FloatArray:
        """Return what a tonne waits at each resource, h, (R,), at a use, units a year, (R,)."""
        waits = self.behaves.waits
        return np.zeros(use.size) if waits is None else waits.hours_at(use, self.freight.problem.capacity)

    def problem(self, listed: RouteSet, hours: FloatArray, penalty: FloatArray | None = None) -> ChoiceProblem:
        """Return the problem of listed routes, with what classes pay at these hours beyond the common value of an hour.

        Parameters
        ----------
        listed
            Routes and their ways.
        hours
            Waited at each resource, (R,).
        penalty
            Reservation prices in place of the freight's own, (D,): ``inf`` where the outside option is not listed.
        """
        flow, behaves = self.freight.problem, self.behaves
        if self.diagonal and behaves.waits is not None:
            flow = replace(flow, cost=flow.cost + own_value_terms(self.freight, behaves.waits, hours))
        if penalty is not None:
            flow = replace(flow, penalty=penalty)
        group, within = listed.group, behaves.group_scale
        if group is None or within is None:
            group = within = None
        scales = behaves.way_scale, behaves.route_scale
        return ChoiceProblem(flow, listed.routes, listed.way, *scales, behaves.delay, group, within)

    def elasticities(self) -> dict[str, float]:
        """Return the elasticity of the tonnes carried at the base by cargo group, weighted by tonnes."""
        dataset, amount = self.freight.network.dataset, self.freight.problem.amount
        group = dict(zip(dataset["commodities"]["commodity"], dataset["commodities"]["cargo"], strict=True))
        cargo = np.array([group[one] for one in self.freight.demand["commodity"]], dtype=object)
        found = {}
        for name in sorted(set(cargo.tolist())):
            mine = cargo == name
            if amount[mine].sum() > 0:
                found[name] = float(self.behaves.elasticity[mine] @ amount[mine] / amount[mine].sum())
        return found


def shippers(freight: Freight, settings: PlanSettings, memory: Memory | None = None) -> Shippers:
    """Return the shippers of a posed year.

    Raises
    ------
    DataError
        If the data lack what behaviour needs.
    """
    base, at_base = _base(freight, memory)
    own = generation.least_costs(freight.problem)
    cheapest = behaviour.of_base(base, at_base, freight, own)
    paid = _base_costs(freight, settings, base, at_base)
    behaves = behaviour.behaviour(freight, cheapest, settings, paid)
    problem = replace(freight.problem, amount=behaves.amount, penalty=behaves.penalty)
    demand = freight.demand.assign(kt=behaves.amount / T_PER_KT)
    marks = ways.marks(freight.network, settings.nests, grouped=behaves.group_scale is not None)
    return Shippers(replace(freight, problem=problem, demand=demand), settings, behaves, marks, own)


def _base(freight: Freight, memory: Memory | None) -> tuple[Freight, FloatArray]:
    """Return the freight at whose costs shippers' sharpness is measured, and its cheapest costs, (D,)."""
    net = freight.network
    before = net.dataset.unchanged
    if before is None and not freight.carbon_price:
        return freight, generation.least_costs(freight.problem)
    before = before or net.dataset
    key = (before.digest, net.year, net.running, freight.objective)
    if memory is not None and key in memory.bases:
        return memory.bases[key]
    try:
        posed = pose(network.build(before, net.year, net.running), freight.objective)
    except CorridorsError:  # the base has no demand of that year, or no way for one: the plan stands for itself
        posed = freight
    found = posed, generation.least_costs(posed.problem)
    if memory is not None:
        memory.bases[key] = found
    return found


def _base_costs(freight: Freight, settings: PlanSettings, base: Freight, cheapest: FloatArray) -> BaseCosts | None:
    """Return what freight pays at the base over routes listed there, where an elasticity is given; else None."""
    given = freight.network.dataset["choice"]["elasticity"]
    if not (given < 0).any():
        return None
    free = behaviour.behaviour(base, cheapest, replace(settings, assign=ASSIGNMENTS[0]))
    marks = ways.marks(base.network, settings.nests, grouped=free.group_scale is not None)
    widest = generation.widths(free.way_scale * behaviour.units(cheapest))
    listed = generation.generate(base.problem, marks, widest=widest)
    paid = behaviour.base_costs(base.problem, listed.routes, listed.way, free, cheapest, listed.group)
    own = generation.least_costs(freight.problem)
    return behaviour.BaseCosts(
        behaviour.of_base(base, paid.log_sum, freight, own), behaviour.of_base(base, paid.mean, freight, own)
    )
