"""Several scenarios planned beside the base, and one table that compares them.

Every scenario is planned from the start, as `corridors plan --scenario` does it, so that both write the same tables:
where several plans cost the same, one that goes on from the base's answer may be another of them, and on a network of a
thousand links that saves a tenth of the time at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import difference, network, planning, scenario
from corridors.difference import COLUMNS
from corridors.errors import CorridorsError, ScenarioError
from corridors.tables import BASE

if TYPE_CHECKING:
    from corridors.difference import Difference
    from corridors.network import Network
    from corridors.planning import Plan, Progress
    from corridors.scenario import Applied
    from corridors.tables import Dataset

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
        planning.not_negative("USD per tonne of CO2e", carbon_price=self.carbon_price)

    def price(self, applied: Applied) -> float:
        """Give the carbon price, USD per tonne of CO2e: as said here, or else by the scenarios, or else 0."""
        said = applied.carbon_price if self.carbon_price is None else self.carbon_price
        return 0.0 if said is None else said


@dataclass(frozen=True, eq=False)
class Case:
    """A scenario and its plan, or why there is none."""

    name: str
    title: str
    plan: Plan | None
    why: str = ""


def prepared(dataset: Dataset, wanted: Sequence[str]) -> dict[str, Applied]:
    """Apply each of the scenarios to the data package by itself, under its name; the base comes first.

    Raises
    ------
    ScenarioError
        If one is faulty, or two have one name: then nothing needs to be planned.
    """
    found = {BASE: scenario.apply(dataset, ())}
    for one in wanted:
        applied = scenario.apply(dataset, [one])
        if applied.dataset.scenario in found:
            raise ScenarioError(f"'{applied.dataset.scenario}' is asked for twice; leave one out, or rename its file")
        found[applied.dataset.scenario] = applied
    return found


def planned(ready: dict[str, Applied], terms: Terms, progress: Progress = lambda _: None) -> Iterator[Case]:
    """Plan each of the scenarios in turn; one that cannot be planned says why and ends nothing."""
    for name, applied in ready.items():
        title = applied.effects[-1][0].title if applied.effects else ""
        try:
            yield Case(name, title, _plan(applied, terms, lambda step, name=name: progress(f"{name}: {step}")))  # type: ignore[misc]
        except CorridorsError as error:
            yield Case(name, title, None, str(error))


def built(applied: Applied, terms: Terms) -> Network:
    """Build the network of changed data for the year and the running of the terms, or else of the scenarios.

    Raises
    ------
    DataError
        If the data have no such running figures.
    """
    year = applied.year if terms.year is None else terms.year
    return network.build(applied.dataset, year, terms.running or applied.running or "typical")


def _plan(applied: Applied, terms: Terms, progress: Progress) -> Plan:
    net = built(applied, terms)
    return planning.plan(net, objective=terms.objective, carbon_price=terms.price(applied), progress=progress)


def headline(cases: Sequence[Case]) -> pd.DataFrame:
    """Give a row for each case: its totals, and by how much it costs more than the first; blank without a plan."""
    found: list[dict[str, Any]] = []
    base = cases[0].plan
    for case in cases:
        row: dict[str, Any] = {"scenario": case.name, "title": case.title, "status": "failed", "why": case.why}
        if case.plan is not None:
            row |= {name: case.plan.summary[name] for name, _ in HEADLINE}
            row |= {"status": case.plan.summary["status"], "year": case.plan.summary["year"]}
            row |= {"running": case.plan.summary["running"]}
            if base is not None and base.summary["objective_value"]:
                row["cost_change"] = case.plan.summary["objective_value"] / base.summary["objective_value"] - 1
        found.append(row)
    columns = ["scenario", "title", "year", "running", "status", *(name for name, _ in HEADLINE), "cost_change", "why"]
    return pd.DataFrame(found).reindex(columns=columns)


def differences(cases: Sequence[Case]) -> dict[str, Difference]:
    """Hold every planned scenario against the first case."""
    base = cases[0].plan
    if base is None:
        return {}
    return {case.name: difference.compare(base, case.plan) for case in cases[1:] if case.plan is not None}


def comparison(cases: Sequence[Case]) -> pd.DataFrame:
    """Give one long table: the totals of every case, then each corridor and bottleneck that differs from the base.

    Columns are `scenario` and those of `difference.COLUMNS`; a case without a plan has one row, with the reason as
    its measure.
    """
    parts: list[pd.DataFrame] = []
    against = differences(cases)
    for case in cases:
        if case.plan is None:
            parts.append(
                pd.DataFrame([{"section": "failed", "name": "total", "measure": case.why, "scenario": case.name}])
            )
        elif case.name not in against:
            figures = [{"name": "total", "measure": name, "unit": unit or case.plan.summary["unit"],
                        "after": case.plan.summary[name]} for name, unit in HEADLINE]  # fmt: skip
            parts.append(pd.DataFrame(figures).assign(section="totals", scenario=case.name))
        else:
            whole = against[case.name].table()
            kept = whole["section"].isin(["totals", "corridors", "bottlenecks"])
            parts.append(whole[kept].assign(scenario=case.name))
    return pd.concat([part.reindex(columns=["scenario", *COLUMNS]) for part in parts], ignore_index=True)
