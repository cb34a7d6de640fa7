"""Whole answers as books of sheets: a plan, a difference, a run of scenarios, closures, routes, an uncertain plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.planning import scenario_runs
from corridors.planning.counted import nearness
from corridors.planning.difference import RISES
from corridors.planning.planner import TABLES
from corridors.sheets.plan_book import dressed
from corridors.sheets.sheet import ESTIMATE, PLAN, About, Book, Sheet, about_data, about_plan, sheet_of
from corridors.tables.licence import paragraphs
from corridors.text.choices import UNCERTAINTY_TABLES
from corridors.text.language import LANGUAGES, language
from corridors.text.reasons import CODE, VALUES

if TYPE_CHECKING:
    from corridors.estimation.results import EstimateTables
    from corridors.models.interdiction import Worst
    from corridors.network.routes import Comparison
    from corridors.planning.difference import Difference
    from corridors.planning.planner import Plan
    from corridors.planning.proving import Verification
    from corridors.planning.scenario_runs import Case
    from corridors.stress.study import Base
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language
    from corridors.uncertainty.results import UncertaintyResults

FIRST = ("corridors", "borders", "bottlenecks", "unserved")  # of a plan's sheets: what is read before the rest
SUMMARY = {
    "kt_demanded": ("freight demanded", "kt a year"),
    "kt_served": ("freight served", "kt a year"),
    "kt_unserved": ("freight left", "kt a year"),
    "kt_left_out": ("demand of other years, left out", "kt a year"),
    "t_km": ("work", "t km a year"),
    "usd_freight": ("freight bill", "USD a year"),
    "days_mean": ("mean time of a tonne", "days"),
    "t_co2e": ("emissions, well to wheel", "t CO2e a year"),
    "cost_usd": ("generalised cost, with what is left", "USD a year"),
    "waiting_usd": ("waiting, in the shippers' values of time", "USD a year"),
    "entropy_usd": ("worth of the choice", "USD a year"),
    "demands_with_several_ways": ("demands with more than one way above 5 %", "share"),
    "tonnes_with_several_ways": ("tonnes with more than one way above 5 %", "share"),
}
SHIFTED = ("borders", "corridors", "bottlenecks", "shifts", "unserved")  # what a run of scenarios tells of each
LEGS = [
    "means",
    "leg",
    "from",
    "to",
    "mode",
    "km",
    "hours_moving",
    "hours_border",
    "hours_gauge",
    "hours_handling",
    "usd_per_t",
    "kgco2e_per_t",
]
WITHOUT = ["means", CODE, VALUES, "why"]
ROUTES = ["means", "days", "km", "usd_per_t", "usd_per_feu", "generalised_usd_per_t", "kgco2e_per_t", "nodes"]


def of_plan(plan: Plan, dataset: Dataset, say: Language | None = None) -> Book:
    """Return a plan: its summary, every table of the plan folder and the modes; with a cover, in English or `say`."""
    unit = plan.summary["unit"]
    kept = [
        sheet_of(name, getattr(plan, name), PLAN, unit=unit, statuses=("status",), model=plan.model)
        for name in sorted(TABLES, key=_rank)
    ]
    modes = pd.DataFrame([{"mode": mode} | one for mode, one in plan.summary["modes"].items()])
    modes = modes.reindex(columns=["mode", "kt_mainly", "mtkm", "mtkm_at_home"])
    sheets = [sheet_of("summary", _summary(plan.summary)), *kept[: len(FIRST)], sheet_of("modes", modes)]
    title = f"Freight plan of {plan.summary['year']}, {plan.summary['running']} running"
    about = about_data(dataset) + about_plan(plan.summary)
    book = Book(title, [*sheets, *kept[len(FIRST) :]], about, paragraphs(dataset.path))
    return dressed(book, plan, dataset, say or language(LANGUAGES[0]))


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST) + TABLES.index(name)


def _summary(summary: Mapping[str, Any]) -> pd.DataFrame:
    found: list[tuple[str, Any, str]] = [
        (label, summary[key], unit) for key, (label, unit) in SUMMARY.items() if key in summary
    ]
    found += [(f"freight served: {trade}", kt, "kt a year") for trade, kt in summary["kt_by_trade"].items()]
    found.append(("objective", summary["objective_value"], f"{summary['unit']} a year"))
    found.append(("no plan is below", summary["bound_value"], f"{summary['unit']} a year"))
    return pd.DataFrame(found, columns=["figure", "value", "unit"])


def of_verification(found: Verification, folder: Path) -> Book:
    """Return what was checked of a plan folder, a row for each check."""
    frame = pd.DataFrame([asdict(check) for check in found.checks])
    return Book("Is the plan true?", [sheet_of("checks", frame)], [("plan folder", str(folder))])


def of_difference(found: Difference, before: Plan, after: Plan) -> Book:
    """Return what moved between two plans."""
    unit = after.summary["unit"]
    sheets = [_changes(part, getattr(found, part), unit) for part in ("totals", *RISES)]
    told = [
        (f"{when}: {label}", value)
        for when, plan in (("before", before), ("after", after))
        for label, value in [
            ("data digest (SHA-256)", plan.summary["data_digest"]),
            ("scenario", plan.summary["scenario"]),
            *about_plan(plan.summary),
        ]
    ]
    return Book("What moved between two plans", [*sheets, sheet_of("shifts", found.shifts)], told)


def whole_difference(found: Difference) -> Sheet:
    """Return everything that moved as one table."""
    return _changes("changes", found.table(), "")


def _changes(name: str, frame: pd.DataFrame, unit: str) -> Sheet:
    return sheet_of(name, frame, like="shifts" if name == "shifts" else "changes", unit=unit)


def of_runs(cases: Sequence[Case], dataset: Dataset) -> Book:
    """Return scenarios beside the base: their totals, and what moved in each."""
    against = scenario_runs.differences(cases)
    unit = next((case.plan.summary["unit"] for case in cases if case.plan is not None), "")
    sheets = [sheet_of("scenarios", scenario_runs.headline(cases), unit=unit)]
    for part in SHIFTED:
        parts = [getattr(found, part) for found in against.values()]
        if parts:
            frame = pd.concat(parts, keys=list(against), names=["scenario"]).reset_index("scenario")
            sheets.append(_changes(part, frame, unit))
    told = [
        (f"{case.name}: {label}", value)
        for case in cases
        if case.plan is not None
        for label, value in [
            ("data digest (SHA-256)", case.plan.summary["data_digest"]),
            *about_plan(case.plan.summary),
        ]
    ]
    return Book("Scenarios beside the base", sheets, about_data(dataset) + told, paragraphs(dataset.path))


def whole_runs(cases: Sequence[Case]) -> Sheet:
    """Return scenarios beside the base as one long table."""
    return _changes("comparison", scenario_runs.comparison(cases), "")


def of_closures(frame: pd.DataFrame, base: Base, worst: Worst | None = None) -> Book:
    """Return what closures cost."""
    network = base.freight.network
    told: About = [
        ("year", network.year),
        ("running figures", network.running),
        ("carbon price (USD/t)", base.freight.carbon_price),
        ("capacity left", base.settings.capacity),
        ("undisturbed: objective (USD a year)", base.figures.usd),
        ("undisturbed: relative gap", base.figures.gap),
    ]
    if worst is not None:
        told += [
            ("no set costs more than (USD a year)", worst.most),
            ("sets", worst.sets),
            ("sets solved", worst.solved),
        ]
    sheet = sheet_of("closures", frame)
    return Book("What closures cost", [sheet], about_data(network.dataset) + told, paragraphs(network.dataset.path))


def of_comparison(
    made: Comparison, dataset: Dataset, year: int, probability: Mapping[str, float] | None = None
) -> Book:
    """Return the best route by each means, with its legs, and by which probability shippers choose it, if asked for."""
    share = probability or {}
    routes = [
        route.as_dict() | {"nodes": " > ".join(route.nodes), "probability": share.get(route.means)}
        for route in made.routes
    ]
    columns = [*ROUTES[:2], "probability", *ROUTES[2:]] if share else ROUTES
    sheets = [
        sheet_of("routes", pd.DataFrame(routes, columns=columns)),
        legs_of(made),
        sheet_of("unavailable", pd.DataFrame(made.without_route(), columns=WITHOUT)),
    ]
    told: About = [
        ("from", made.origin),
        ("to", made.destination),
        ("commodity", made.commodity),
        ("year", year),
        ("running figures", made.running),
    ]
    return Book(f"{made.origin} - {made.destination}", sheets, about_data(dataset) + told, paragraphs(dataset.path))


def legs_of(made: Comparison) -> Sheet:
    """Return the legs of all routes."""
    found = [
        {"means": route.means, "leg": number} | leg.as_dict()
        for route in made.routes
        for number, leg in enumerate(route.legs, start=1)
    ]
    return sheet_of("legs", pd.DataFrame(found, columns=LEGS))


def of_uncertainty(made: UncertaintyResults, dataset: Dataset) -> Book:
    """Return how sure a plan is."""
    sheets = [sheet_of(name, getattr(made, name)) for name in UNCERTAINTY_TABLES]
    told: About = [
        ("samples", made.samples),
        ("runs", made.runs),
        ("runs that failed", made.failed),
        *(("why a run failed", why) for why in made.reasons),
    ]
    if made.estimated:
        told += [
            ("figures drawn from the posterior of an estimate", made.estimated),
            ("estimates (provenance.csv)", made.estimates),
        ]
    return Book("How sure the plan is", sheets, about_data(dataset) + told, paragraphs(dataset.path))


def of_estimate(found: EstimateTables, told: Mapping[str, Any], dataset: Dataset) -> Book:
    """Return what an estimation found, and how it ended."""
    sheets = [sheet_of(name, frame, ESTIMATE) for name, frame in found.each().items()]
    about: About = [
        ("year", told["year"]),
        ("running figures", told["running"]),
        ("free", ", ".join(told["free"])),
        ("counts fitted to", told["counted"]),
        ("to gain by a step more", told["to_gain"]),
        ("certificate: relative gap", told["gap"]),
        ("run digest (SHA-256)", told["run_digest"]),
    ]
    return Book("Parameters estimated from counts", sheets, about_data(dataset) + about, paragraphs(dataset.path))


def of_left_out(frame: pd.DataFrame, dataset: Dataset) -> Book:
    """Return counts that were left out beside what an estimate from the others foretells."""
    sheet = sheet_of("left_out", frame, ESTIMATE)
    return Book(sheet.title, [sheet], about_data(dataset), paragraphs(dataset.path))


def of_references(
    sheets: Sequence[Sheet], dataset: Dataset, plan: Plan | None = None, counted: pd.DataFrame | None = None
) -> Book:
    """Return published figures and counts beside the model, and of the plan that counts are held against how near."""
    told = about_data(dataset)
    if plan is not None and counted is not None:
        told += about_plan(plan.summary)
        sheets = [*sheets, sheet_of("nearness", nearness(counted))]
    return Book(sheets[0].title, sheets, told, paragraphs(dataset.path))


def of_table(sheet: Sheet, dataset: Dataset | None = None) -> Book:
    """Return one table, of a data package or of none."""
    told = [] if dataset is None else about_data(dataset)
    return Book(sheet.title, [sheet], told, [] if dataset is None else paragraphs(dataset.path))
