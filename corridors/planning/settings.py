"""With what a plan is made: one bundle for single plans, scenarios side by side, closures and samples.

A new parameter of a plan enters here. What it does to the problem is written in `planning.planner.formulate`, and the
option that users type in `cli.options`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from corridors.errors import DataError
from corridors.models.methods import METHODS
from corridors.text.choices import ASSIGNMENTS, CHOICES, NESTS, OBJECTIVES, TYPICAL

if TYPE_CHECKING:
    from corridors.scenario.application import Applied

MODEL = "model"  # what a summary calls the choice; the linear plan's has none
CHOOSING = ("assign", "tau", "nests")  # the other settings of shippers who choose, as a summary has them
LOGIT = CHOICES[1:2]
CHOICE_METHODS = ("prices", "network")  # how the choice of listed routes, and that of all, is solved
INTERVALS = 10  # shadow prices that are given as intervals, unless another number is asked for


class PlanOptions(TypedDict, total=False):
    """The keyword arguments of `planning.plan`: what a network that is built leaves open (see `PlanSettings`)."""

    objective: str
    carbon_price: float | None
    co2_budget: float | None
    minimum_share: Mapping[str, float] | None
    method: str
    time_limit: float | None
    intervals: int
    choice: str
    assign: str
    tau: float | None
    nests: str


@dataclass(frozen=True)
class PlanSettings:
    """With what a plan is made.

    Attributes
    ----------
    year
        Of the network: what opens later is left out. None is what the scenarios say, or the data's base year.
    running
        The set of running figures, ``typical`` or ``best``. None is what the scenarios say, or typical.
    objective
        What is minimised: generalised cost, money, time or emissions (`text.choices.OBJECTIVES`).
    carbon_price
        USD per tonne of CO2e, added to money. None is what the scenarios say, or 0.
    co2_budget
        The most that may be emitted, tonnes of CO2e a year; None is no bound.
    minimum_share
        Places (ids), each with the least share of all freight carried that changes its mode there.
    method
        How it is solved (`models.methods.METHODS`); the optimum is the same.
    time_limit
        Seconds of solving after which the best plan so far will do; its status is then ``feasible``, and its gap
        says how far from the optimum it can be at most.
    intervals
        For how many of the dearest resources the shadow price is given as an interval.
    choice
        How freight finds its ways (`text.choices.CHOICES`): ``linear`` is the optimum of one hand; under ``logit``
        shippers choose among listed routes by probability, under ``network`` among all routes at once.
    assign
        Whether waiting at places that crowd counts (`text.choices.ASSIGNMENTS`): ``none``; ``equilibrium``, where each
        shipper pays the time that it waits; or ``optimum``, where it pays also for the time that it makes others wait.
    tau
        How sharply shippers choose, for every cargo alike; None is what the data say of each.
    nests
        What makes two routes one way (`text.choices.NESTS`).

    Raises
    ------
    DataError
        If a price, a budget or a time is not a finite number of 0 or more, or what shippers choose by is not what there
        is, or goes with another model than the one asked for.
    """

    year: int | None = None
    running: str | None = None
    objective: str = OBJECTIVES[0]
    carbon_price: float | None = None
    co2_budget: float | None = None
    minimum_share: tuple[tuple[str, float], ...] = ()
    method: str = METHODS[0]
    time_limit: float | None = None
    intervals: int = INTERVALS
    choice: str = CHOICES[0]
    assign: str = ASSIGNMENTS[0]
    tau: float | None = None
    nests: str = NESTS[0]

    def __post_init__(self) -> None:
        """Refuse at once what no plan could be made with."""
        not_negative("seconds", time_limit=self.time_limit)
        not_negative("USD per tonne of CO2e", carbon_price=self.carbon_price)
        not_negative("tonnes of CO2e a year", co2_budget=self.co2_budget)
        for name, known in (("choice", CHOICES), ("assign", ASSIGNMENTS), ("nests", NESTS)):
            if getattr(self, name) not in known:
                raise DataError(f"{name}: found {getattr(self, name)!r}, expected one of {', '.join(known)}")
        if self.tau is not None and (isinstance(self.tau, bool) or not 0 < self.tau < math.inf):
            raise DataError(f"tau: found {self.tau!r}, expected a finite number above 0")
        self._together()

    def _together(self) -> None:
        """Refuse what another model than the one that is asked for would need."""
        needs = {
            "assign": (self.assign != ASSIGNMENTS[0], LOGIT),
            "nests": (self.nests != NESTS[0], LOGIT),
            "tau": (self.tau is not None, CHOICES[1:]),
        }
        for name, (said, models) in needs.items():
            if said and self.choice not in models:
                expected = " or ".join(models)
                raise DataError(
                    f"{name}: found {getattr(self, name)} with choice {self.choice}, expected choice {expected}: "
                    f"add --choice {models[0]}, or leave {name} out"
                )
        if not self.chooses:
            return
        with_ = f"with choice {self.choice}"
        if self.objective != OBJECTIVES[0]:
            raise DataError(
                f"objective: found {self.objective} {with_}, expected {OBJECTIVES[0]}, by which shippers choose: "
                f"leave objective out, or plan with choice {CHOICES[0]}"
            )
        if self.method != METHODS[0]:
            raise DataError(f"method: found {self.method} {with_}, which has a method of its own: leave method out")
        if self.time_limit is not None:
            raise DataError(
                f"time_limit: found {self.time_limit:g} s {with_}, which has no best answer so far: leave it out"
            )

    @property
    def chooses(self) -> bool:
        """Whether shippers choose, or one hand plans for all."""
        return self.choice != CHOICES[0]

    def having(self, **options: Unpack[PlanOptions]) -> PlanSettings:
        """Return these settings with some of the keyword arguments of `planning.plan` in place of their own."""
        changed: dict[str, Any] = dict(options)
        if "minimum_share" in options:
            changed["minimum_share"] = tuple((options["minimum_share"] or {}).items())
        return replace(self, **changed)

    @classmethod
    def of(cls, summary: Mapping[str, Any]) -> PlanSettings:
        """Return what a plan's summary says that its problem was made with; how it was solved is not among it."""
        told = {name: summary[name] for name in ("objective", "carbon_price", "co2_budget", "minimum_share")}
        if MODEL in summary:
            told |= {"choice": summary[MODEL]} | {name: summary[name] for name in CHOOSING}
        return cls(summary["year"], summary["running"]).having(**told)

    def under(self, applied: Applied) -> PlanSettings:
        """Return these settings with year, running figures and carbon price settled.

        What is None here is what the scenarios say, or else the usual: the data's base year, typical running, no price.
        """
        return replace(
            self,
            year=_first(self.year, applied.year, applied.dataset.base_year),
            running=self.running or applied.running or TYPICAL,
            carbon_price=_first(self.carbon_price, applied.carbon_price, 0.0),
        )

    def departures(self) -> dict[str, Any]:
        """Return what the problem is formulated with and differs from the usual, as JSON, for the identity of a sweep.

        Year and running figures are not among it: every sweep says its own.
        """
        usual = PlanSettings(self.year, self.running, carbon_price=0.0, intervals=self.intervals)
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: [list(pair) for pair in value] if name == "minimum_share" else value
            for name, value in given.items()
            if value is not None and value != getattr(usual, name)
        }


def _first[T](said: T | None, by_scenario: T | None, usual: T) -> T:
    """Return the first that is not None."""
    return said if said is not None else by_scenario if by_scenario is not None else usual


def not_negative(unit: str, **given: float | None) -> None:
    """Refuse what is below 0 or no number; None is nothing said.

    Raises
    ------
    DataError
        If one is, by the name that it is given under.
    """
    for name, value in given.items():
        if value is not None and not 0 <= value < math.inf:
            raise DataError(f"{name}: found {value!r}, expected {unit}, a finite number of 0 or more")


USUAL = PlanSettings()
