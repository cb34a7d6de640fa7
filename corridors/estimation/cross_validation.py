"""Each group of counts left out in turn: what an estimate from the others foretells of it, as a sweep.

A task is a group; what all of them share is the data and the estimate from all counts, which each process makes for
itself before its first task. A prediction is of counts that had no part in it, and therefore a
test, as the fit to counts that were used is not (Stone 1974).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors import tables
from corridors.estimation import leaving
from corridors.estimation.identity import identity
from corridors.estimation.judging import judged
from corridors.estimation.result import EstimationOptions
from corridors.estimation.results import NO, YES
from corridors.planning.settings import LOGIT, PlanSettings
from corridors.suggest import find_one
from corridors.sweep.sweep import Sweep, SweepProgress, run
from corridors.sweep.tasks import is_figure
from corridors.tables.observation_files import read_observations
from corridors.text.choices import TYPICAL

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset

ALL = "all"
FIGURES = ("value", "sd", "predicted", "predicted_sd")
COLUMNS = (
    *("group", "observation", "name_en", "value", "sd", "unit", "predicted", "predicted_sd", "deviation", "z"),
    *("within_15", "within_95", "stands", "failed"),
)


@dataclass(frozen=True)
class LeavingSettings:
    """What is estimated without what.

    Attributes
    ----------
    data
        A folder of a data package, None for the embedded one.
    observations
        A file of counts in place of the package's, None for those.
    plan
        With what plans are made: shippers choose.
    options
        What is free and which counts are used.
    groups
        Groups or counts of them that are left out in turn; ``all`` is every group.
    """

    data: str | None = None
    observations: str | None = None
    plan: PlanSettings = field(default_factory=lambda: PlanSettings(choice=LOGIT[0]))
    options: EstimationOptions = field(default_factory=EstimationOptions)
    groups: tuple[str, ...] = (ALL,)


@dataclass(frozen=True, eq=False)
class Shared:
    """What settings stand for: with year and running figures, data and counts."""

    settings: LeavingSettings
    dataset: Dataset
    observations: pd.DataFrame


def read(settings: LeavingSettings) -> Shared:
    """Read the data and the counts, and settle year and running figures."""
    dataset = tables.read(settings.data)
    told = dataset["observations"]
    if settings.observations is not None:
        told = read_observations(Path(settings.observations), dataset)
    year = dataset.base_year if settings.plan.year is None else settings.plan.year
    plan = replace(settings.plan, year=year, running=settings.plan.running or TYPICAL)
    return Shared(replace(settings, plan=plan), dataset, told)


def groups_of(shared: Shared) -> dict[str, tuple[str, ...]]:
    """Return the counts of each group that is to be left out, by the group's name.

    Raises
    ------
    NameUnknown
        If there is no such group, or the year has no such count that is used; the nearest names are given.
    """
    settings = shared.settings
    known = leaving.groups(shared.dataset, settings.plan, settings.options, shared.observations)
    of = {one: group for group, members in known.items() for one in members}
    if ALL in settings.groups:
        return known
    wanted = [one if one in known else of.get(one, one) for one in settings.groups]
    found = [find_one(known, one, "group of counts", "what is estimated from") for one in wanted]
    return {name: known[name] for name in dict.fromkeys(found)}


@dataclass(frozen=True, eq=False)
class Prepared:
    """What all tasks have in common: the estimate from all counts, and the counts of each group."""

    whole: leaving.Whole
    groups: Mapping[str, tuple[str, ...]]


def prepare(settings: LeavingSettings) -> Prepared:
    """Read the data and the counts, and estimate from all of them."""
    shared = read(settings)
    plan, options = shared.settings.plan, settings.options
    known = leaving.groups(shared.dataset, plan, options, shared.observations)
    return Prepared(leaving.whole(shared.dataset, plan, options, shared.observations), known)


def solve(prepared: Prepared, task: Mapping[str, Any]) -> dict[str, Any]:
    """Estimate without a group of counts, and return what the estimate says of them."""
    found = leaving.foretold(prepared.whole, prepared.groups[str(task["group"])])
    numbers = {name: [float(one) for one in found[name]] for name in FIGURES}
    told = {"counts": [str(one) for one in found["observation"]], "stands": bool((found["stands"] == YES).all())}
    return told | numbers


def _sound(row: Mapping[str, Any]) -> bool:
    """Tell whether the values of a row are of the kinds that `solve` returns."""
    lists = ("counts", *FIGURES)
    if set(row) != {"stands", *lists} or not all(isinstance(row[name], list) for name in lists):
        return False
    if not isinstance(row["stands"], bool):
        return False
    told = all(isinstance(one, str) for one in row["counts"])
    return told and all(len(row[name]) == len(row["counts"]) and all(map(is_figure, row[name])) for name in FIGURES)


def cross_validate(
    settings: LeavingSettings,
    folder: Path | None = None,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[SweepProgress], None] | None = None,
    force: bool = False,
) -> pd.DataFrame:
    """Leave groups of counts out in turn.

    Parameters
    ----------
    settings
        What is estimated, from what, without what.
    folder, workers, cluster, progress, force
        As of `sweep.run`.

    Returns
    -------
    pandas.DataFrame
        A row a count that was left out (`left_out` of estimate.datapackage.json), by group.
    """
    shared = read(settings)
    groups = groups_of(shared)
    tasks = [{"group": name} for name in groups]
    told = identity(shared.dataset, shared.observations, shared.settings.plan, settings.options)
    whole = Sweep("estimate", told | {"groups": list(groups)}, prepare, (settings,), solve, tasks, _sound)
    with run(whole, folder, workers=workers, cluster=cluster, progress=progress, force=force) as results:
        return left_out(results, groups, shared.observations)


def left_out(
    results: Iterable[Mapping[str, Any]], groups: Mapping[str, Sequence[str]], observations: pd.DataFrame
) -> pd.DataFrame:
    """Return the rows of a sweep as a table."""
    called = dict(zip(observations["observation"], observations["name_en"], strict=True))
    unit = dict(zip(observations["observation"], observations["unit"], strict=True))
    figures = zip(observations["value"], observations["sd"], strict=True)
    counted = dict(zip(observations["observation"], figures, strict=True))
    found = []
    for row in results:
        failed = str(row.get("failed", ""))
        names = groups[str(row["group"])] if failed else row["counts"]
        for place, name in enumerate(names):
            value, sd, predicted, predicted_sd = (
                (*counted[name], math.nan, math.nan) if failed else (row[one][place] for one in FIGURES)
            )
            stands = "" if failed else YES if row["stands"] else NO
            numbers = value, sd, unit[name], predicted, predicted_sd
            found.append((row["group"], name, called[name], *numbers, stands, failed))
    columns = [one for one in COLUMNS if one not in ("deviation", "z", "within_15", "within_95")]
    return judged(pd.DataFrame(found, columns=columns))[list(COLUMNS)]
