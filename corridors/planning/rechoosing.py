"""The same shippers again, hot: with something closed, with less capacity, or with figures of the data drawn.

One starts from the routes and prices of an undisturbed answer; routes over what is closed go, and closing adds what is
cheapest at the new prices. Each answer is proved over its own list.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from corridors.models.choice import generation
from corridors.models.choice.certificate import require
from corridors.models.choice.delay import Delay
from corridors.planning import choosing
from corridors.planning.choosing import Settled
from corridors.planning.optimum import optimum
from corridors.planning.shippers import Memory, Shippers, shippers
from corridors.planning.waiting import Waiting

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray
    from corridors.models.problem import FlowProblem
    from corridors.planning.behaviour import Behaviour
    from corridors.planning.chosen import Chosen
    from corridors.planning.freight import Freight
    from corridors.planning.settings import PlanSettings


@dataclass(frozen=True, eq=False)
class Standing:
    """An undisturbed answer of shippers who choose, to go on from.

    Attributes
    ----------
    who, settled
        The shippers, and what they choose among and at which prices and hours.
    chosen
        The answer, proved.
    memory
        What other answers have in common with it.
    """

    who: Shippers
    settled: Settled
    chosen: Chosen
    memory: Memory


def standing(freight: Freight, settings: PlanSettings) -> Standing:
    """Let shippers choose undisturbed, with proof.

    Raises
    ------
    DataError, SolverError, CertificateError
        As of `choosing.choose`.
    """
    choosing.of_listed(settings)
    memory = Memory()
    linear = optimum(freight.problem)
    who = shippers(freight, settings, memory)
    listed = choosing.once(who, choosing.listed_routes(who, memory).joined(linear.paths))
    settled = choosing.settle(who, listed)
    return Standing(who, settled, _proved(who, settled), memory)


def changed(base: Standing, problem: FlowProblem) -> Chosen:
    """Return the proved answer where the problem was changed: arcs closed, capacities cut, resources added at the end.

    Parameters
    ----------
    base
        The undisturbed answer.
    problem
        Its posed problem, changed.
    """
    more = problem.resource_count - base.settled.hours.size
    freight = replace(base.who.freight, problem=problem)
    who = replace(base.who, freight=freight, behaves=_longer(base.who.behaves, more))
    return _hot(base, who, more)


def drawn(base: Standing, freight: Freight, settings: PlanSettings) -> Chosen:
    """Return the proved answer for other figures on the same network: costs, capacities, amounts, behaviour."""
    return _hot(base, shippers(freight, settings, base.memory), 0)


def _hot(base: Standing, who: Shippers, more: int) -> Chosen:
    settled = base.settled
    listed = settled.listed.on(who.freight.problem, generation.least_costs(who.freight.problem))
    if listed.marks.group != who.marks.group:  # ways were drawn to be nested, or no longer to be
        listed = listed.under(who.marks)
    none = np.zeros(more)
    start = replace(settled.solution, resource_price=np.concatenate((settled.solution.resource_price, none)))
    hours = np.concatenate((settled.hours, none))
    return _proved(who, choosing.settle(who, listed, start, hours))


def _proved(who: Shippers, settled: Settled) -> Chosen:
    made = choosing.proved(who, settled.listed, settled.solution, written=False)
    require(made.certificate)
    return made


def _longer(behaves: Behaviour, more: int) -> Behaviour:
    """Return behaviour with so many resources more, at which nobody waits."""
    waits, delay = behaves.waits, behaves.delay
    if not more or waits is None or delay is None:
        return behaves

    def ended(figures: FloatArray, with_: float) -> FloatArray:
        return np.concatenate((figures, np.full(more, with_)))

    waits = Waiting(
        ended(waits.hours, 0.0),
        ended(waits.power, 1.0),
        ended(waits.linear_share, 1.0),
        ended(waits.value_of_hour, 0.0),
        waits.own_value,
    )
    delay = Delay(ended(delay.coefficient, 0.0), ended(delay.power, 1.0), ended(delay.linear_share, 1.0))
    return replace(behaves, waits=waits, delay=delay)
