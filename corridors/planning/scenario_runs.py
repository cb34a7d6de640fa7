"""Several scenarios planned, each beside a base of its own year, and one table that compares them.

Every scenario is planned from the start, as `corridors plan --scenario` does it, so that both write the same tables:
where several plans cost the same, one that goes on from the base's answer may be another of them, and on a network of a
thousand links that saves a tenth of the time at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import network, scenario
from corridors.errors import CorridorsError, DataError, ScenarioError
from corridors.models.methods import METHODS
from corridors.planning import difference, planner
from corridors.planning.difference import COLUMNS
from corridors.planning.settings import USUAL
from corridors.tables.dataset import BASE
from corridors.tables.schema import number_text
from corridors.text.choices import TYPICAL

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.difference import Difference
    from corridors.planning.freight import Freight
    from corridors.planning.planner import OnStep, Plan
    from corridors.planning.settings import PlanSettings
    from corridors.planning.shippers import Memory
    from corridors.scenario.application import Applied
    from corridors.tables.dataset import Dataset

HEADLINE = (  # of a plan's summary, with their units; blank is the objective's own
    ("objective_value", ""),
    ("kt_served", "kt"),
    ("kt_unserved", "kt"),
    ("t_km", "tkm"),
    ("days_mean", "days"),
    ("t_co2e", "t CO2e"),
)


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


def prepared(dataset: Dataset, wanted: Sequence[str], settings: PlanSettings = USUAL) -> dict[str, Applied]:
    """Apply each of the scenarios to the data package by itself, under its name, after the bases that they need.

    Raises
    ------
    ScenarioError
        If one is faulty, or two have one name: then nothing needs to be planned.
    """
    usual = scenario.apply(dataset, ())
    bases, found = {BASE: usual}, {}
    for one in wanted:
        applied = scenario.apply(dataset, [one])
        name = applied.dataset.scenario
        if name in found:
            raise ScenarioError(f"'{name}' is asked for twice; leave one out, or rename its file")
        found[name] = applied
        if (base := base_of(applied, settings)) not in bases:
            own = settings.under(applied)
            bases[base] = replace(usual, year=own.year, running=own.running, carbon_price=own.carbon_price)
    for name in sorted(bases.keys() & found.keys()):
        raise ScenarioError(f"'{name}' is what a base is called that a scenario is compared with; rename its file")
    return {name: bases[name] for name in sorted(bases)} | found


def base_of(applied: Applied, settings: PlanSettings) -> str:
    """Return the name of the base that scenarios are compared with: "base", then what differs from the usual base.

    A year, running figures and a carbon price are no change of tables: "base-2030", "base-best", "base-2030-co2-50". A
    scenario that changes no table asks what they come to, so it is compared with the usual base.
    """
    if not applied.effects:
        return BASE
    usual = settings.under(replace(applied, year=None, running=None, carbon_price=None))
    own = settings.under(applied)
    parts = [BASE]
    if own.year != usual.year:
        parts.append(str(own.year))
    if own.running != usual.running:
        parts.append(str(own.running))
    if own.carbon_price != usual.carbon_price:
        parts.append(f"co2-{number_text(own.carbon_price or 0.0)}")
    return "-".join(parts)


def planned(ready: Mapping[str, Applied], settings: PlanSettings, progress: OnStep = lambda _: None) -> Iterator[Case]:
    """Plan each of the scenarios in turn; one that cannot be planned says why and ends nothing.

    After a plan whose method the user interrupted no other is begun. Where shippers choose, a scenario that changes no
    cost has the routes of the one before.
    """
    memory = _memory(settings)
    for name, applied in ready.items():
        title = applied.effects[-1][0].title if applied.effects else ""
        base = name if applied.dataset.scenario == BASE else base_of(applied, settings)
        try:
            made = _plan(name, applied, settings, progress, memory)
            yield Case(name, title, made, base=base)
            if made.summary["termination"] == "interrupted":
                return
        except CorridorsError as error:
            yield Case(name, title, None, str(error), base)


def _memory(settings: PlanSettings) -> Memory | None:
    if not settings.chooses:
        return None
    from corridors.planning.shippers import Memory  # brings the models of choice, which linear plans do not need

    return Memory()


def _plan(name: str, applied: Applied, settings: PlanSettings, progress: OnStep, memory: Memory | None = None) -> Plan:
    net = built(applied, settings)
    return planner.plan_with(net, settings.under(applied), lambda step: progress(f"{name}: {step}"), memory)


def built(applied: Applied, settings: PlanSettings) -> Network:
    """Build the network of changed data for the year and the running of the settings, or else of the scenarios.

    Raises
    ------
    DataError
        If the data have no such running figures.
    """
    own = settings.under(applied)
    return network.build(applied.dataset, own.year, own.running or TYPICAL)


def undisturbed(dataset: Dataset, scenarios: Sequence[str], settings: PlanSettings) -> Freight:
    """Formulate the problem from which closures and samples depart, each of which is then solved to its optimum.

    Raises
    ------
    ScenarioError
        If a scenario cannot be applied.
    DataError
        If the settings ask for another method than the usual, or for a time limit: neither is open there.
    """
    if settings.chooses:
        raise DataError("closures and samples are planned by one hand: leave out the choice of shippers")
    if settings.method != METHODS[0] or settings.time_limit is not None:
        raise DataError("closures and samples are planned by columns, to the end: leave out method and time_limit")
    applied = scenario.apply(dataset, scenarios)
    return planner.formulate(built(applied, settings), settings.under(applied))


def headline(cases: Sequence[Case]) -> pd.DataFrame:
    """Return a row for each case: its totals, and by how much it costs more than its base; blank without a plan."""
    plans = {case.name: case.plan for case in cases}
    names = [name for name, _ in HEADLINE]
    columns = ["scenario", "base", "title", "year", "running", "carbon_price", "status", *names]
    columns += ["kt_left_out", "cost_change", "why"]
    return pd.DataFrame([_headline(case, plans.get(case.base)) for case in cases]).reindex(columns=columns)


def _headline(case: Case, base: Plan | None) -> dict[str, Any]:
    row: dict[str, Any] = {"scenario": case.name, "base": case.base, "title": case.title, "why": case.why}
    if case.plan is None:
        return row | {"status": "failed"}
    told = case.plan.summary
    row |= {name: told[name] for name, _ in HEADLINE}
    row |= {name: told[name] for name in ("status", "year", "running", "carbon_price", "kt_left_out")}
    if base is not None and base.summary["objective_value"]:
        row["cost_change"] = told["objective_value"] / base.summary["objective_value"] - 1
    return row


def differences(cases: Sequence[Case]) -> dict[str, Difference]:
    """Return, for every planned scenario, what moved against its base."""
    plans = {case.name: case.plan for case in cases}
    return {
        case.name: difference.compare(base, case.plan)
        for case in cases
        if case.name != case.base and case.plan is not None and (base := plans.get(case.base)) is not None
    }


def comparison(cases: Sequence[Case]) -> pd.DataFrame:
    """Return one long table: the totals of every case, then each corridor and bottleneck that differs from its base.

    Columns are `scenario`, `base` and those of `planning.difference.COLUMNS`; a case without a plan has one row, with
    the reason as its measure.
    """
    against = differences(cases)
    parts = [_compared(case, against.get(case.name)).assign(scenario=case.name, base=case.base) for case in cases]
    return pd.concat([part.reindex(columns=["scenario", "base", *COLUMNS]) for part in parts], ignore_index=True)


def _compared(case: Case, against: Difference | None) -> pd.DataFrame:
    """Return the rows of one case: why it failed, or its totals where it is a base, or what moved."""
    if case.plan is None:
        return pd.DataFrame([{"section": "failed", "name": "total", "measure": case.why}])
    if against is not None:
        whole = against.table()
        return whole[whole["section"].isin(["totals", "corridors", "bottlenecks"])]
    told = case.plan.summary
    return pd.DataFrame(
        [
            {"section": "totals", "name": "total", "measure": name, "unit": unit or told["unit"], "after": told[name]}
            for name, unit in HEADLINE
        ]
    )
