"""What hurts most: everything closed in turn, or its capacity cut, and the worst few closures together.

Each closure is a problem of its own, hot-started from the undisturbed plan and proved by its own certificate. What
the undisturbed plan does not use can be closed without a change: that plan stays possible, and nothing gets cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from corridors import tables
from corridors.errors import DataError, SolverError
from corridors.models import columns, interdiction
from corridors.models.interdiction import close
from corridors.models.proof import prove
from corridors.network.corridor_flows import corridor_flows
from corridors.network.costs import HOURS_PER_DAY
from corridors.planning.freight import T_PER_KT, Freight
from corridors.planning.scenario_runs import undisturbed
from corridors.planning.settings import USUAL, PlanSettings
from corridors.stress import diversion
from corridors.stress.closures import Closure, closures, exclusive_resources, with_capacity_share
from corridors.sweep.sweep import Sweep, SweepProgress, run
from corridors.sweep.tasks import is_figure
from corridors.text.choices import CLOSURE_KINDS, OBJECTIVES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.columns.solution import ColumnsSolution
    from corridors.models.problem import FlowProblem, FlowSolution
    from corridors.network.corridor_flows import CorridorFlows
    from corridors.planning.chosen import Chosen
    from corridors.planning.rechoosing import Standing

NUMBERS = ("extra_usd", "extra_days", "unserved_kt", "gap", "extra_unserved_kt")
COLUMNS = ("closed", "kind", *NUMBERS[:4], "where", NUMBERS[4], "diverted_to", "taken_over_by", "failed")
_GAP = 1e-7  # closures are compared, so their costs must be right to more digits than a plan's


@dataclass(frozen=True)
class StressSettings:
    """What is stressed.

    Attributes
    ----------
    data
        A folder of a data package, None for the embedded one.
    scenarios
        Applied to the data first, in order: names or paths.
    plan
        With what the undisturbed plan and those of the closures are made.
    kinds
        What is closed: some of `text.choices.CLOSURE_KINDS`.
    capacity
        What is left of capacities, 0 to 1; 0 closes.

    Raises
    ------
    DataError
        If something else than generalised cost is minimised.
    """

    data: str | None = None
    scenarios: tuple[str, ...] = ()
    plan: PlanSettings = USUAL
    kinds: tuple[str, ...] = CLOSURE_KINDS
    capacity: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        if self.plan.objective != OBJECTIVES[0]:
            raise DataError(
                f"closures are compared by generalised cost, and this plan is of least {self.plan.objective}"
            )


@dataclass(frozen=True, eq=False)
class Base:
    """The undisturbed plan, and what is compared with it.

    Attributes
    ----------
    settings, freight, solution
        What was planned, and how.
    figures
        Of the plan.
    closures
        By kind and name.
    exclusive
        The resources that limit nothing else than a closure closes, by its kind and name.
    tonnes
        What each arc carries, shape (arcs,).
    lines
        What corridors carry.
    standing
        The undisturbed answer of shippers who choose; None where one hand plans.
    """

    settings: StressSettings
    freight: Freight
    solution: FlowSolution
    figures: Figures
    closures: Mapping[tuple[str, str], Closure]
    exclusive: Mapping[tuple[str, str], NDArray[np.int64]]
    tonnes: NDArray[np.float64]
    lines: CorridorFlows
    standing: Standing | None = None


@dataclass(frozen=True, eq=False)
class Figures:
    """Objective in USD, mean days of a tonne carried, kt left, relative gap, and kt of each corridor."""

    usd: float
    days: float
    unserved_kt: float
    gap: float
    corridor_kt: NDArray[np.float64]


def prepare(settings: StressSettings) -> Base:
    """Plan undisturbed, with proof."""
    freight = undisturbed(tables.read(settings.data), settings.scenarios, settings.plan)
    net = freight.network
    lines = corridor_flows(net)
    stands, solution, figures = _undisturbed(freight, settings.plan, lines)
    found = closures(net, settings.kinds)
    by_name = {(one.kind, one.name): one for one in found}
    own = exclusive_resources(net, found)
    resources = [own.indices[a:b].astype(np.int64) for a, b in pairwise(own.indptr.tolist())]
    return Base(
        settings=settings,
        freight=freight,
        solution=solution,
        figures=figures,
        closures=by_name,
        exclusive=dict(zip(by_name, resources, strict=True)),
        tonnes=solution.arc_flow(freight.problem).sum(axis=0),
        lines=lines,
        standing=stands,
    )


def _undisturbed(
    freight: Freight, plan: PlanSettings, lines: CorridorFlows
) -> tuple[Standing | None, FlowSolution, Figures]:
    """Return the undisturbed answer and its figures, of one hand or of shippers who choose."""
    if not plan.chooses:
        solution = columns.solve(freight.problem, gap=_GAP)
        return None, solution, _figures(freight, freight.problem, solution, lines)
    from corridors.planning import rechoosing  # brings the models of choice, which closures of one hand do not need

    stands = rechoosing.standing(freight, plan)
    return stands, stands.chosen.as_flow(), _figures_of_choice(stands.chosen, lines)


def _figures_of_choice(chosen: Chosen, lines: CorridorFlows) -> Figures:
    """Return the figures of a proved answer of shippers who choose; days have the time waited in them."""
    solution, hours = chosen.as_flow(), chosen.freight.network.arcs.hours
    tonnes = solution.arc_flow(chosen.problem.flow).sum(axis=0)
    served = float(solution.path_flow.sum())
    spent = float(tonnes @ hours) + float(solution.path_flow @ chosen.route_hours)
    days = spent / served / HOURS_PER_DAY if served else math.nan
    left, gap = float(solution.unserved.sum()) / T_PER_KT, abs(chosen.certificate.gap)
    return Figures(chosen.worth(), days, left, gap, lines.mean_load(tonnes) / T_PER_KT)


def _figures(
    freight: Freight,
    problem: FlowProblem,
    solution: ColumnsSolution,
    lines: CorridorFlows,
) -> Figures:
    """Return the figures of an answer, once it is proved."""
    if solution.status == "infeasible":
        raise SolverError("what must be served cannot be")
    certificate = prove(problem, solution)
    tonnes = solution.arc_flow(problem).sum(axis=0)
    hours = freight.network.arcs.hours
    served = float(solution.path_flow.sum())
    days = float(tonnes @ hours) / served / HOURS_PER_DAY if served else math.nan
    left = float(solution.unserved.sum()) / T_PER_KT
    return Figures(certificate.primal_objective, days, left, certificate.gap, lines.mean_load(tonnes) / T_PER_KT)


def solve(base: Base, task: Mapping[str, Any]) -> dict[str, Any]:
    """Solve the problem of one closure, from the undisturbed answer on, and return its row."""
    closure = base.closures[task["kind"], task["closed"]]
    problem = _changed(base, closure)
    if base.standing is not None:
        from corridors.planning import rechoosing  # as above

        return _row(base, closure.where, _figures_of_choice(rechoosing.changed(base.standing, problem), base.lines))
    solution = columns.solve(problem, gap=_GAP, start=base.solution)
    return _row(base, closure.where, _figures(base.freight, problem, solution, base.lines))


def _changed(base: Base, closure: Closure) -> FlowProblem:
    share, posed = base.settings.capacity, base.freight.problem
    if base.standing is not None:
        posed = base.standing.who.freight.problem
    if share > 0:
        resources = base.exclusive[closure.kind, closure.name]
        return with_capacity_share(posed, closure, resources, share, base.tonnes)
    return close(posed, closure.arcs)


def _row(base: Base, where: str, found: Figures) -> dict[str, Any]:
    was = base.figures
    gains = diversion.gains(base.lines.names, found.corridor_kt - was.corridor_kt)
    days = found.days - was.days
    return {
        "extra_usd": max(found.usd - was.usd, 0.0),
        "extra_days": None if math.isnan(days) else days,  # nothing is carried, and JSON knows no NaN
        "unserved_kt": found.unserved_kt,
        "gap": found.gap,
        "where": where,
        "extra_unserved_kt": found.unserved_kt - was.unserved_kt,
        "diverted_to": diversion.written(gains),
        "taken_over_by": diversion.sentence(gains),
        "failed": "",
    }


def _sound(row: Mapping[str, Any]) -> bool:
    """Tell whether the values of a row are of the kinds that `solve` returns."""
    texts = ("where", "diverted_to", "taken_over_by", "failed")
    if set(row) != {*NUMBERS, *texts}:
        return False
    numbers = [row[name] for name in NUMBERS if name != "extra_days" or row[name] is not None]
    return (
        all(map(is_figure, numbers))
        and all(isinstance(row[name], str) for name in texts)
        and _same_gains(row["diverted_to"], row["taken_over_by"])
    )


def _same_gains(written: str, sentence: str) -> bool:
    try:
        return diversion.sentence(diversion.read(written)) == sentence
    except ValueError:
        return False


def _matters(base: Base) -> Callable[[Closure], bool]:
    """Return a function that tells whether the undisturbed plan is no longer possible with a closure.

    Only then can the closure change anything: where that plan stays possible, it stays the best.
    """
    problem, left = base.freight.problem, base.settings.capacity
    used = np.zeros(problem.arc_count, dtype=np.bool_)
    for arcs in base.solution.path_arcs:
        used[arcs] = True
    if left == 0:
        return lambda closure: bool(used[closure.arcs].any())
    over = base.solution.resource_use(problem) > problem.capacity * left

    def one(closure: Closure) -> bool:
        resources = base.exclusive[closure.kind, closure.name]
        if over[resources].any():
            return True
        limited = np.zeros(problem.arc_count, dtype=np.bool_)
        limited[problem.usage[resources].indices % problem.arc_count] = True
        return bool((used & ~limited)[closure.arcs].any())

    return one


def stress(
    settings: StressSettings,
    folder: Path | None = None,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[SweepProgress], None] | None = None,
    force: bool = False,
) -> tuple[pd.DataFrame, Base]:
    """Close everything of some kinds in turn.

    Parameters
    ----------
    settings
        What is closed, and in which data.
    folder, workers, cluster, progress, force
        As of `sweep.run`.

    Returns
    -------
    tuple
        A row for each closure (`COLUMNS`), the dearest first: USD a year; mean days of a tonne that is carried, NaN
        where nothing is; kt left in all and beyond those left anyway; the proven relative gap; the corridors that gain
        most; and why it failed if it did. And the undisturbed plan.
    """
    if not 0 <= settings.capacity < 1:
        raise DataError(
            f"what is left of capacities is {settings.capacity:g}: expected 0 (closed) or more, and less than 1"
        )
    base = prepare(settings)
    matters = _matters(base)
    found = []
    tasks: list[dict[str, Any]] = []
    for closure in base.closures.values():
        if matters(closure):
            tasks.append({"kind": closure.kind, "closed": closure.name})
        else:
            found.append({"closed": closure.name, "kind": closure.kind} | _row(base, closure.where, base.figures))
    whole = Sweep("stress", identity(base, tasks), prepare, (settings,), solve, tasks, _sound)
    with run(whole, folder, workers=workers, cluster=cluster, progress=progress, force=force) as results:
        found += [dict.fromkeys(COLUMNS, None) | dict(row) for row in results]
    return ranked(found), base


def identity(base: Base, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return all that the rows depend on."""
    settings, network = base.settings, base.freight.network
    return {
        "data": network.dataset.digest,
        "year": network.year,
        "running": network.running,
        "carbon_price": base.freight.carbon_price,
        "kinds": list(settings.kinds),
        "capacity": settings.capacity,
        "closures": len(tasks),
    } | settings.plan.departures()


def ranked(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a table, the dearest first."""
    frame = pd.DataFrame([{name: row.get(name) for name in COLUMNS} for row in found], columns=list(COLUMNS))
    frame = frame.astype(dict.fromkeys(NUMBERS, np.float64))
    frame["failed"] = frame["failed"].fillna("")
    return frame.sort_values(["extra_usd", "kind", "closed"], ascending=[False, True, True], ignore_index=True)


def worst_combination(
    settings: StressSettings,
    count: int,
    *,
    time_limit: float | None = None,
    progress: Callable[[interdiction.SearchProgress], None] | None = None,
) -> tuple[dict[str, Any], interdiction.Worst, Base]:
    """Find the closures that are worst together, proven to be the worst.

    Returns
    -------
    tuple
        Their row, as of `stress`, whose gap is by how much, relative to the whole cost, another set may be worse;
        what the search says; and the undisturbed plan.

    Raises
    ------
    SolverError
        If a set leaves what must be served.
    """
    if settings.plan.chooses:
        raise DataError("the worst closures together are proved for a plan of one hand: leave out the choice, or --k")
    base = prepare(settings)
    undisturbed_answer = cast("ColumnsSolution", base.solution)  # as one hand plans
    problem, choice = base.freight.problem, list(base.closures.values())
    groups = [one.arcs for one in choice]
    worst = interdiction.worst(
        problem, groups, count, start=undisturbed_answer, time_limit=time_limit, progress=progress
    )
    chosen = [choice[number] for number in worst.groups]
    names = " + ".join(one.name for one in chosen)
    if worst.solution is None:
        raise SolverError(f"with {names} closed, what must be served cannot be: there is no worse")
    arcs = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(one.arcs for one in chosen)]))
    figures = _figures(base.freight, close(problem, arcs), worst.solution, base.lines)
    row = {"closed": names, "kind": " + ".join(one.kind for one in chosen)}
    row |= _row(base, " + ".join(one.where for one in chosen), figures)
    return row | {"gap": max(worst.gap, figures.gap)}, worst, base
