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
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from corridors import scenario, tables
from corridors.errors import DataError, SolverError
from corridors.frames import rows
from corridors.models import columns, interdiction
from corridors.models.interdiction import close
from corridors.models.proof import prove
from corridors.network.costs import HOURS_PER_DAY
from corridors.planning.freight import T_PER_KT, Freight, pose
from corridors.planning.scenario_runs import Terms, built
from corridors.stress.closures import KINDS, Closure, closures, held, owned
from corridors.sweep.sweep import Progress, Sweep, run
from corridors.sweep.tasks import is_figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.columns.solution import ColumnsSolution
    from corridors.models.problem import FlowProblem
    from corridors.network.network import Network

type TogetherProgress = interdiction.SearchProgress

COLUMNS = ("closed", "kind", "extra_usd", "extra_days", "unserved_kt", "gap", "where", "extra_unserved_kt",
           "taken_over_by", "failed")  # fmt: skip
TOGETHER = ("link", "terminal", "border")  # what is looked for together unless other kinds are asked for
_GAP = 1e-7  # closures are compared, so their costs must be right to more digits than a plan's
_TAKERS, _LEAST_KT = 3, 1.0  # corridors named, and what they must gain


@dataclass(frozen=True)
class Setting:
    """What is stressed.

    Attributes
    ----------
    data
        A folder of a data package, None for the embedded one.
    scenarios
        Applied to the data first, in order: names or paths.
    year, running, carbon_price
        As of a plan; None is what the scenarios say, or the usual.
    kinds
        What is closed: some of `stress.closures.KINDS`.
    capacity
        What is left of capacities, 0 to 1; 0 closes.
    """

    data: str | None = None
    scenarios: tuple[str, ...] = ()
    year: int | None = None
    running: str | None = None
    carbon_price: float | None = None
    kinds: tuple[str, ...] = KINDS
    capacity: float = 0.0


@dataclass(frozen=True, eq=False)
class Base:
    """The undisturbed plan, and what is compared with it.

    Attributes
    ----------
    setting, freight, solution
        What was planned, and how.
    figures
        Of the plan.
    closures
        By kind and name.
    owned
        The resources that limit nothing else, where capacities are cut instead.
    tonnes
        What each arc carries, (arcs,).
    along, corridors
        What each arc counts for the mean load of each corridor, (corridors, arcs), and which those are.
    """

    setting: Setting
    freight: Freight
    solution: ColumnsSolution
    figures: Figures
    closures: Mapping[tuple[str, str], Closure]
    owned: Mapping[tuple[str, str], NDArray[np.int64]]
    tonnes: NDArray[np.float64]
    along: sparse.csr_array[np.float64, tuple[int, int]]
    corridors: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Figures:
    """Objective in USD, mean days of a tonne carried, kt left, relative gap, and kt of each corridor."""

    usd: float
    days: float
    unserved_kt: float
    gap: float
    corridor_kt: NDArray[np.float64]


def prepare(setting: Setting) -> Base:
    """Plan undisturbed, with proof."""
    changed = scenario.apply(tables.read(setting.data), setting.scenarios)
    terms = Terms(year=setting.year, running=setting.running, carbon_price=setting.carbon_price)
    net = built(changed, terms)
    freight = pose(net, carbon_price=terms.price(changed))
    solution = columns.solve(freight.problem, gap=_GAP)
    along, names = _along(net)
    found = closures(net, setting.kinds)
    by_name = {(one.kind, one.name): one for one in found}
    own = owned(net, found)
    limits = [own.indices[a:b].astype(np.int64) for a, b in pairwise(own.indptr.tolist())]
    figures = _figures(freight, freight.problem, solution, along)
    return Base(
        setting,
        freight,
        solution,
        figures,
        by_name,
        dict(zip(by_name, limits, strict=True)),
        _tonnes(solution, len(net.arcs)),
        along,
        names,
    )


def _along(net: Network) -> tuple[sparse.csr_array[np.float64, tuple[int, int]], tuple[str, ...]]:
    """Give what each arc counts for the mean load of each corridor, and the corridors.

    A link beside a listed one, of the same mode between the same places, counts with it, as in corridors.csv.
    """
    pair_arcs: dict[tuple[str, frozenset[str]], list[int]] = {}
    for number, arc in enumerate(net.arcs):
        if arc.kind == "move":
            pair = arc.mode, frozenset((net.place(arc.tail), net.place(arc.head)))
            pair_arcs.setdefault(pair, []).append(number)
    links = {row.link: row for row in rows(net.dataset["links"])}
    names = tuple(net.dataset["corridors"]["corridor"])
    row: list[int] = []
    used: list[int] = []
    weight: list[float] = []
    for one in rows(net.dataset["corridor_links"]):
        link = links[one.link]
        for number in pair_arcs.get((link.mode, frozenset((link.from_node, link.to_node))), []):
            row.append(names.index(one.corridor))
            used.append(number)
            weight.append(link.km)
    length = np.zeros(len(names))
    for one in rows(net.dataset["corridor_links"]):
        length[names.index(one.corridor)] += links[one.link].km
    share = np.array(weight) / np.where(length > 0, length, 1)[np.array(row, dtype=np.int64)]
    return sparse.csr_array((share, (np.array(row), np.array(used))), shape=(len(names), len(net.arcs))), names


def _tonnes(solution: ColumnsSolution, arcs: int) -> NDArray[np.float64]:
    """Give the tonnes on each arc, (A,)."""
    arc = np.concatenate([np.empty(0, dtype=np.int64), *solution.path_arcs]).astype(np.int64)
    flow = np.repeat(solution.path_flow, [len(one) for one in solution.path_arcs])
    return np.bincount(arc, flow, arcs).astype(np.float64)


def _figures(
    freight: Freight,
    problem: FlowProblem,
    solution: ColumnsSolution,
    along: sparse.csr_array[np.float64, tuple[int, int]],
) -> Figures:
    """Give the figures of an answer, once it is proved."""
    if solution.status == "infeasible":
        raise SolverError("what must be served cannot be")
    certificate = prove(problem, solution)
    tonnes = _tonnes(solution, problem.arc_count)
    hours = freight.network.hours
    served = float(solution.path_flow.sum())
    days = float(tonnes @ hours) / served / HOURS_PER_DAY if served else math.nan
    left = float(solution.unserved.sum()) / T_PER_KT
    return Figures(certificate.primal_objective, days, left, certificate.gap, along @ tonnes / T_PER_KT)


def solve(base: Base, task: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row of one closure."""
    closure = base.closures[task["kind"], task["closed"]]
    problem = _changed(base, closure)
    solution = columns.solve(problem, gap=_GAP, start=base.solution)
    return _row(base, closure.where, _figures(base.freight, problem, solution, base.along))


def _changed(base: Base, closure: Closure) -> FlowProblem:
    if base.setting.capacity > 0:
        return held(
            base.freight.problem, closure, base.owned[closure.kind, closure.name], base.setting.capacity, base.tonnes
        )
    return close(base.freight.problem, closure.arcs)


def _row(base: Base, where: str, found: Figures) -> dict[str, Any]:
    was = base.figures
    more = found.corridor_kt - was.corridor_kt
    order = np.argsort(-more, kind="stable")[:_TAKERS]
    takers = [f"{base.corridors[c]} +{more[c]:,.0f} kt" for c in order.tolist() if more[c] >= _LEAST_KT]
    days = found.days - was.days
    return {
        "extra_usd": max(found.usd - was.usd, 0.0),
        "extra_days": None if math.isnan(days) else days,  # nothing is carried, and JSON knows no NaN
        "unserved_kt": found.unserved_kt, "gap": found.gap, "where": where,
        "extra_unserved_kt": found.unserved_kt - was.unserved_kt, "taken_over_by": "; ".join(takers), "failed": "",
    }  # fmt: skip


def _sound(row: Mapping[str, Any]) -> bool:
    """Tell whether the values of a row are of the kinds that `solve` gives."""
    figures = ("extra_usd", "unserved_kt", "gap", "extra_unserved_kt")
    texts = ("where", "taken_over_by", "failed")
    if set(row) != {*figures, *texts, "extra_days"}:
        return False
    days = row["extra_days"]
    return (
        all(is_figure(row[name]) for name in figures)
        and all(isinstance(row[name], str) for name in texts)
        and (days is None or is_figure(days))
    )


def _matters(base: Base) -> Callable[[Closure], bool]:
    """Give what tells whether a closure can change the plan: whether that is no longer possible with it."""
    problem = base.freight.problem
    used = np.zeros(problem.arc_count, dtype=np.bool_)
    for arcs in base.solution.path_arcs:
        used[arcs] = True
    if base.setting.capacity == 0:
        return lambda closure: bool(used[closure.arcs].any())
    over = base.solution.resource_use(problem) > problem.capacity * base.setting.capacity
    limited = np.zeros(problem.arc_count, dtype=np.bool_)

    def one(closure: Closure) -> bool:
        resources = base.owned[closure.kind, closure.name]
        limited[closure.arcs] = False
        limited[problem.usage[resources].indices % problem.arc_count] = True
        return bool(over[resources].any() or (used & ~limited)[closure.arcs].any())

    return one


def stress(
    setting: Setting,
    folder: Path | None = None,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    force: bool = False,
) -> tuple[pd.DataFrame, Base]:
    """Close everything of some kinds in turn.

    Parameters
    ----------
    setting
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
    if not 0 <= setting.capacity < 1:
        raise DataError(
            f"what is left of capacities is {setting.capacity:g}: expected 0 (closed) or more, and less than 1"
        )
    base = prepare(setting)
    matters = _matters(base)
    found = []
    tasks: list[dict[str, Any]] = []
    for closure in base.closures.values():
        if matters(closure):
            tasks.append({"kind": closure.kind, "closed": closure.name})
        else:
            found.append({"closed": closure.name, "kind": closure.kind} | _row(base, closure.where, base.figures))
    whole = Sweep("stress", identity(base, tasks), prepare, (setting,), solve, tasks, _sound)
    with run(whole, folder, workers=workers, cluster=cluster, progress=progress, force=force) as results:
        found += [dict.fromkeys(COLUMNS, None) | dict(row) for row in results]
    return ranked(found), base


def identity(base: Base, tasks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Give all that the rows depend on."""
    setting = base.setting
    return {
        "data": base.freight.network.dataset.digest,
        "year": base.freight.network.year,
        "running": base.freight.network.running,
        "carbon_price": base.freight.carbon_price,
        "kinds": list(setting.kinds),
        "capacity": setting.capacity,
        "closures": len(tasks),
    }


def ranked(found: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Give rows as a table, the dearest first."""
    frame = pd.DataFrame([{name: row.get(name) for name in COLUMNS} for row in found], columns=list(COLUMNS))
    numbers = ["extra_usd", "extra_days", "unserved_kt", "gap", "extra_unserved_kt"]
    frame = frame.astype(dict.fromkeys(numbers, np.float64))
    frame["failed"] = frame["failed"].fillna("")
    return frame.sort_values(["extra_usd", "kind", "closed"], ascending=[False, True, True], ignore_index=True)


def together(
    setting: Setting,
    count: int,
    *,
    time_limit: float | None = None,
    progress: Callable[[interdiction.SearchProgress], None] | None = None,
) -> tuple[dict[str, Any], interdiction.Worst, Base]:
    """Find the worst closures together, proven to be the worst.

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
    base = prepare(setting)
    choice = list(base.closures.values())
    worst = interdiction.worst(
        base.freight.problem, [one.arcs for one in choice], count,
        start=base.solution, time_limit=time_limit, progress=progress,
    )  # fmt: skip
    chosen = [choice[number] for number in worst.groups]
    names = " + ".join(one.name for one in chosen)
    if worst.solution is None:
        raise SolverError(f"with {names} closed, what must be served cannot be: there is no worse")
    arcs = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(one.arcs for one in chosen)]))
    figures = _figures(base.freight, close(base.freight.problem, arcs), worst.solution, base.along)
    row = {"closed": names, "kind": " + ".join(one.kind for one in chosen)}
    row |= _row(base, " + ".join(one.where for one in chosen), figures)
    return row | {"gap": max(worst.gap, figures.gap)}, worst, base
