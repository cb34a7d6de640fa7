"""Several scenarios planned, each beside a base of its own year, and one table that compares them.

Every scenario is planned from the start, as `corridors plan --scenario` does it, so that both write the same tables:
where several plans cost the same, one that goes on from the base's answer may be another of them, and on a network of a
thousand links that saves a tenth of the time at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import network, scenario
from corridors.errors import CorridorsError, ScenarioError
from corridors.planning import difference, planner
from corridors.planning.difference import COLUMNS
from corridors.tables.dataset import BASE
from corridors.tables.rules import number_text

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.difference import Difference
    from corridors.planning.planner import Plan, Progress
    from corridors.scenario.scenario import Applied
    from corridors.tables.dataset import Dataset

RUNNING = "typical"  # the usual running figures
HEADLINE = (
    ("objective_value", ""), ("kt_served", "kt"), ("kt_unserved", "kt"), ("t_km", "tkm"), ("days_mean", "days"),
    ("t_co2e", "t CO2e"),
)  # fmt: skip


@dataclass(frozen=True)
class Terms:
    """What a plan, or all plans, are made with; None where a scenario may say, or else the usual holds.

    Raises
    ------
    DataError
        If the carbon price is not a number of 0 or more.
    """

    objective: str = "generalised"
    year: int | None = None
    running: str | None = None
    carbon_price: float | None = None

    def __post_init__(self) -> None:
        """Refuse at once what no plan could be made with."""
        planner.not_negative("USD per tonne of CO2e", carbon_price=self.carbon_price)

    def price(self, applied: Applied) -> float:
        """Give the carbon price, USD per tonne of CO2e: as said here, or else by the scenarios, or else 0."""
        said = applied.carbon_price if self.carbon_price is None else self.carbon_price
        return 0.0 if said is None else said


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario and its plan, or why there is none; `base` names the case that it is compared with, itself of a base.

    A base is the data package as it is, planned with the year, the running figures and the carbon price of what is
    compared with it: so a scenario is alone in what differs.
    """

    name: str
    title: str
    plan: Plan | None
    why: str = ""
    base: str = BASE


def prepared(dataset: Dataset, wanted: Sequence[str], terms: Terms | None = None) -> dict[str, Applied]:
    """Apply each of the scenarios to the data package by itself, under its name, after the bases that they need.

    Raises
    ------
    ScenarioError
        If one is faulty, or two have one name: then nothing needs to be planned.
    """
    terms = terms or Terms()
    usual = scenario.apply(dataset, ())
    bases, found = {BASE: usual}, {}
    for one in wanted:
        applied = scenario.apply(dataset, [one])
        name = applied.dataset.scenario
        if name in found:
            raise ScenarioError(f"'{name}' is asked for twice; leave one out, or rename its file")
        found[name] = applied
        if (base := base_of(applied, terms)) not in bases:
            year, running, price = _planned_for(applied, terms)
            bases[base] = replace(usual, year=year, running=running, carbon_price=price)
    for name in sorted(bases.keys() & found.keys()):
        raise ScenarioError(f"'{name}' is what a base is called that a scenario is compared with; rename its file")
    return {name: bases[name] for name in sorted(bases)} | found


def base_of(applied: Applied, terms: Terms) -> str:
    """Return the name of the base that scenarios are compared with: "base", then what differs from the usual base.

    A year, running figures and a carbon price are no change of tables: "base-2030", "base-best", "base-2030-co2-50". A
    scenario that changes no table asks what they come to, so it is compared with the usual base.
    """
    if not applied.effects:
        return BASE
    dataset = applied.dataset
    usual = dataset.base_year if terms.year is None else terms.year, terms.running or RUNNING, terms.carbon_price or 0.0
    year, running, price = _planned_for(applied, terms)
    parts = (str(year) if year != usual[0] else "", running if running != usual[1] else "",
             f"co2-{number_text(price)}" if price != usual[2] else "")  # fmt: skip
    return "-".join([BASE, *filter(None, parts)])


def _planned_for(applied: Applied, terms: Terms) -> tuple[int, str, float]:
    """Give the year, the running figures and the carbon price of the terms, or else of the scenarios, or the usual."""
    year = applied.year if terms.year is None else terms.year
    usual = applied.dataset.base_year
    return usual if year is None else year, terms.running or applied.running or RUNNING, terms.price(applied)


def planned(ready: dict[str, Applied], terms: Terms, progress: Progress = lambda _: None) -> Iterator[Case]:
    """Plan each of the scenarios in turn; one that cannot be planned says why and ends nothing.

    After a plan whose method the user interrupted no other is begun.
    """
    for name, applied in ready.items():
        title = applied.effects[-1][0].title if applied.effects else ""
        base = name if applied.dataset.scenario == BASE else base_of(applied, terms)
        try:
            made = _plan(applied, terms, lambda step, name=name: progress(f"{name}: {step}"))  # type: ignore[misc]
            yield Case(name, title, made, base=base)
            if made.summary["termination"] == "interrupted":
                return
        except CorridorsError as error:
            yield Case(name, title, None, str(error), base)


def built(applied: Applied, terms: Terms) -> Network:
    """Build the network of changed data for the year and the running of the terms, or else of the scenarios.

    Raises
    ------
    DataError
        If the data have no such running figures.
    """
    year, running, _ = _planned_for(applied, terms)
    return network.build(applied.dataset, year, running)


def _plan(applied: Applied, terms: Terms, progress: Progress) -> Plan:
    net = built(applied, terms)
    return planner.plan(net, objective=terms.objective, carbon_price=terms.price(applied), progress=progress)


def headline(cases: Sequence[Case]) -> pd.DataFrame:
    """Give a row for each case: its totals, and by how much it costs more than its base; blank without a plan."""
    found: list[dict[str, Any]] = []
    plans = {case.name: case.plan for case in cases}
    for case in cases:
        row: dict[str, Any] = {"scenario": case.name, "title": case.title, "status": "failed", "why": case.why,
                               "base": case.base}  # fmt: skip
        base = plans.get(case.base)
        if case.plan is not None:
            row |= {name: case.plan.summary[name] for name, _ in HEADLINE}
            row |= {"status": case.plan.summary["status"], "year": case.plan.summary["year"]}
            row |= {name: case.plan.summary[name] for name in ("running", "carbon_price", "kt_left_out")}
            if base is not None and base.summary["objective_value"]:
                row["cost_change"] = case.plan.summary["objective_value"] / base.summary["objective_value"] - 1
        found.append(row)
    columns = ["scenario", "base", "title", "year", "running", "carbon_price", "status",
               *(name for name, _ in HEADLINE), "kt_left_out", "cost_change", "why"]  # fmt: skip
    return pd.DataFrame(found).reindex(columns=columns)


def differences(cases: Sequence[Case]) -> dict[str, Difference]:
    """Hold every planned scenario against its base."""
    plans = {case.name: case.plan for case in cases}
    return {
        case.name: difference.compare(base, case.plan)
        for case in cases
        if case.name != case.base and case.plan is not None and (base := plans.get(case.base)) is not None
    }


def comparison(cases: Sequence[Case]) -> pd.DataFrame:
    """Give one long table: the totals of every case, then each corridor and bottleneck that differs from its base.

    Columns are `scenario`, `base` and those of `planning.difference.COLUMNS`; a case without a plan has one row, with
    the reason as its measure.
    """
    parts: list[pd.DataFrame] = []
    against = differences(cases)
    for case in cases:
        if case.plan is None:
            part = pd.DataFrame([{"section": "failed", "name": "total", "measure": case.why}])
        elif case.name not in against:
            figures = [{"name": "total", "measure": name, "unit": unit or case.plan.summary["unit"],
                        "after": case.plan.summary[name]} for name, unit in HEADLINE]  # fmt: skip
            part = pd.DataFrame(figures).assign(section="totals")
        else:
            whole = against[case.name].table()
            kept = whole["section"].isin(["totals", "corridors", "bottlenecks"])
            part = whole[kept]
        parts.append(part.assign(scenario=case.name, base=case.base))
    return pd.concat([part.reindex(columns=["scenario", "base", *COLUMNS]) for part in parts], ignore_index=True)
