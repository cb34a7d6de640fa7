"""What moved between two plans: totals, corridors, links, modes, bottlenecks, what is left, and from where to where.

Everything is read from the tables that a plan folder holds, so plans of different data packages, years and versions can
be compared; what only one of them has counts as nothing in the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from corridors.frames import rows

if TYPE_CHECKING:
    from corridors.planning.planner import Plan

SMALLEST = 1e-9  # relative to the larger figure: less is the arithmetic's own
SMALLEST_KT = 1e-6
UNSERVED = "not served"
UNASKED = "not asked for"
COLUMNS = ["section", "name", "measure", "unit", "before", "after", "change"]
TOTALS = (
    ("objective_value", ""),
    ("usd_freight", "USD"),
    ("kt_demanded", "kt"),
    ("kt_served", "kt"),
    ("kt_unserved", "kt"),
    ("t_km", "tkm"),
    ("days_mean", "days"),
    ("t_co2e", "t CO2e"),
)
TERMS = ("year", "running", "carbon_price", "objective")
MODELS = ("model", "assign", "tau", "nests")  # of shippers who choose; the linear plan's summary has none of them
RISES = ("borders", "corridors", "links", "modes", "bottlenecks", "unserved")
BY = " by "  # between a crossing and its mode
THROUGH, MEAN_LOAD = "through-freight", "mean load"


class Unlike(NamedTuple):
    """What two plans were made with that is no change of tables, such as the year, and not the same in both."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, eq=False)
class Difference:
    """Two plans held against each other; frames with `before`, `after` and `change`, the largest change first.

    Attributes
    ----------
    totals
        By trade, transit first, then by measure in the order of `TOTALS`; equal ones, too.
    borders
        kt a year over each crossing of the home country's frontier (of any, where there is none), both directions
        together, by `name` and `mode`, with its places in `where`.
    corridors
        kt a year of through-freight, with their names in `where`; the mean load of a corridor that neither plan has any
        on, as the measure says.
    links, modes
        kt a year (modes: million tkm). Links of one mode between the same places are one, by the first of their names:
        which of them freight takes is often a tie.
    bottlenecks
        Utilisation, and what a little more is worth for each unit, by resource; of what is closed, nothing is used.
        `capacity_before` and `capacity_after` are 0 where it is closed, NaN where a plan does not have it.
    unserved
        kt by demand.
    shifts
        `from_way`, `to_way` and `kt`: what left one way for another, demands taken together. A way is a mode, or a mode
        and the id of a place; `text.names.Names.way` names it for people.
    unlike
        The terms that the plans do not have in common, which are a part of all that moved.
    """

    totals: pd.DataFrame
    borders: pd.DataFrame
    corridors: pd.DataFrame
    links: pd.DataFrame
    modes: pd.DataFrame
    bottlenecks: pd.DataFrame
    unserved: pd.DataFrame
    shifts: pd.DataFrame
    unlike: tuple[Unlike, ...]

    def table(self) -> pd.DataFrame:
        """Return everything as one table with the columns of `COLUMNS`; a shift has its kt as the change."""
        crossings = [f"{row.name}{BY}{row.mode}" for row in rows(self.borders)]
        named = {"borders": self.borders.assign(name=crossings)}
        parts = [named.get(name, getattr(self, name)).assign(section=name) for name in ("totals", *RISES)]
        moved = self.shifts.assign(section="shifts", name=self.shifts["from_way"] + " > " + self.shifts["to_way"])
        parts.append(moved.assign(measure="moved", unit="kt", change=moved["kt"]))
        whole: pd.DataFrame = pd.concat(
            [part.reindex(columns=COLUMNS) for part in parts if len(part)], ignore_index=True
        )
        return whole


def compare(before: Plan, after: Plan) -> Difference:
    """Hold two plans against each other."""
    return Difference(
        totals=_totals(before, after),
        borders=_borders(before, after),
        corridors=_corridors(before, after),
        links=_links(before, after),
        modes=_changes(before, after, _work, "work", "M tkm"),
        bottlenecks=_bottlenecks(before, after),
        unserved=_changes(before, after, lambda plan: plan.unserved.groupby("demand")["kt"].sum(), "kt", "kt"),
        shifts=_shifts(before, after),
        unlike=unlike(before, after),
    )


def unlike(before: Plan, after: Plan) -> tuple[Unlike, ...]:
    """Return in what two plans were made differently, which is a part of all that moved between them."""
    pairs = [(name, *(plan.summary[name] for plan in (before, after))) for name in TERMS]
    pairs.append((MODELS[0], before.model, after.model))
    if MODELS[0] in before.summary and MODELS[0] in after.summary:
        pairs += [(name, *(plan.summary[name] for plan in (before, after))) for name in MODELS[1:]]
    return tuple(Unlike(*pair) for pair in pairs if pair[1] != pair[2])


def _borders(before: Plan, after: Plan) -> pd.DataFrame:
    plans = [plan for plan in (before, after) if len(plan.borders)]
    if len(plans) < 2:  # a plan of before there were any says nothing of them
        return _changes(before, after, lambda _: pd.Series(dtype=float), THROUGH, "kt").assign(mode="", where="")
    found = _changes(before, after, _over_frontiers, THROUGH, "kt")
    told = {f"{row.crossing}{BY}{row.mode}": row for plan in plans for row in rows(plan.borders)}
    columns = {
        "name": [told[name].crossing for name in found["name"]],
        "mode": [told[name].mode for name in found["name"]],
        "where": [told[name].name_en for name in found["name"]],
    }
    return found.assign(**columns)


def _over_frontiers(plan: Plan) -> pd.Series:
    """Return the kt over each crossing, both directions together, by crossing and mode."""
    table, home = plan.borders, plan.summary["home_country"]
    if home:
        table = table[(table["from_country"] == home) | (table["to_country"] == home)]
    return table["kt"].groupby(table["crossing"] + BY + table["mode"]).sum()


def _corridors(before: Plan, after: Plan) -> pd.DataFrame:
    tables = [plan.corridors for plan in (before, after)]
    some = {name for table in tables for name in table.loc[table["through_kt"] > 0, "corridor"]}
    if any(table["through_kt"].isna().any() for table in tables):  # plans of before there was any
        some = set()

    def of(plan: Plan, column: str, *, among: bool) -> pd.Series:
        kept = plan.corridors[plan.corridors["corridor"].isin(some) == among]
        return _named(kept, "corridor", column)

    parts = [
        _changes(before, after, partial(of, column="through_kt", among=True), THROUGH, "kt"),
        _changes(before, after, partial(of, column="mean_kt", among=False), MEAN_LOAD, "kt"),
    ]
    called = {row.corridor: row.name_en for table in tables for row in rows(table)}
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return found.assign(where=[called[name] for name in found["name"]])


def _named(frame: pd.DataFrame, key: str, column: str) -> pd.Series:
    return frame.set_index(key)[column]


def _links(before: Plan, after: Plan) -> pd.DataFrame:
    """Return what moved on links, those beside one another between the same places as one."""
    first: dict[tuple[str, frozenset[str]], str] = {}
    beside: dict[str, tuple[str, frozenset[str]]] = {}
    for plan in (before, after):
        for row in rows(plan.flows):
            pair = beside[row.link] = row.mode, frozenset((row.from_node, row.to_node))
            first[pair] = min(first.get(pair, row.link), row.link)

    def moved(plan: Plan) -> pd.Series:
        named = [first[beside[link]] for link in plan.flows["link"]]
        return plan.flows["kt"].groupby(pd.Series(named, index=plan.flows.index, dtype=object)).sum()

    return _changes(before, after, moved, "kt", "kt")


def _work(plan: Plan) -> pd.Series:
    return pd.Series({mode: one["mtkm"] for mode, one in plan.summary["modes"].items()}, dtype=float)


def _totals(before: Plan, after: Plan) -> pd.DataFrame:
    units = dict(TOTALS) | {"objective_value": after.summary.get("unit", "")}
    trades = {**before.summary["kt_by_trade"], **after.summary["kt_by_trade"]}
    figures = [
        (f"kt {trade}", "kt", *(plan.summary["kt_by_trade"].get(trade, 0.0) for plan in (before, after)))
        for trade in trades
    ]
    figures += [(name, units[name], before.summary[name] or 0.0, after.summary[name] or 0.0) for name, _ in TOTALS]
    found = [("total", name, unit, one, other, other - one) for name, unit, one, other in figures]
    return pd.DataFrame(found, columns=COLUMNS[1:])


def _changes(before: Plan, after: Plan, figures: Callable[[Plan], pd.Series], measure: str, unit: str) -> pd.DataFrame:
    """Return which of two plans' figures by name differ, the largest change first."""
    series = [figures(plan) for plan in (before, after)]
    both = pd.concat(series, axis=1, keys=["before", "after"]).astype(float).fillna(0.0)
    both["change"] = both["after"] - both["before"]
    least = (both[["before", "after"]].abs().max(axis=1) * SMALLEST).clip(lower=SMALLEST_KT)
    both = both[both["change"].abs() > least]
    both = both.rename_axis("name").reset_index().assign(measure=measure, unit=unit)
    order = both["change"].abs().sort_values(ascending=False, kind="stable").index
    return both.loc[order, COLUMNS[1:]].reset_index(drop=True)


def _bottlenecks(before: Plan, after: Plan) -> pd.DataFrame:
    """Return the resources whose use or price differs, by what one per cent of them is worth in either plan."""
    parts: list[pd.DataFrame] = []
    names: dict[str, str] = {}
    worth: dict[str, float] = defaultdict(float)
    for plan in (before, after):
        names |= dict(zip(plan.bottlenecks["resource"], plan.bottlenecks["where"], strict=True))
        for row in rows(plan.bottlenecks):
            worth[row.resource] = max(worth[row.resource], row.shadow_price_low * max(row.capacity, row.used) / 100)
    for column, unit in (("utilisation", "1"), ("shadow_price_low", f"{after.summary['unit']} per unit")):
        parts.append(_changes(before, after, partial(_of_resources, column=column), column, unit))
    both = pd.concat(parts, ignore_index=True)
    both["worth"] = [worth[name] for name in both["name"]]
    both["where"] = [names[name] for name in both["name"]]
    for when, plan in (("before", before), ("after", after)):
        both[f"capacity_{when}"] = _named(plan.bottlenecks, "resource", "capacity").reindex(both["name"]).to_numpy()
    return both.sort_values(["worth", "name", "measure"], ascending=[False, True, False], ignore_index=True)


def _of_resources(plan: Plan, column: str) -> pd.Series:
    frame = plan.bottlenecks
    if column == "utilisation":  # a plan calls what is closed and wanted full; beside another plan it is used no more
        frame = frame.assign(utilisation=frame["utilisation"].where(frame["capacity"] > 0, 0.0))
    return _named(frame, "resource", column)


class _Way(NamedTuple):
    """What a route is known by: its main mode and the places it passes, or a word where there is no route."""

    name: str
    nodes: tuple[str, ...]


class _Move(NamedTuple):
    lost: _Way
    gained: _Way
    kt: float


def _shifts(before: Plan, after: Plan) -> pd.DataFrame:
    """Return what moved from way to way.

    A demand's lost tonnes go to its gained ones in proportion. A way is its main mode, by kilometres; where both are
    of one mode, also the place, of those that only one of the two routes passes, through which most was lost or gained
    over all demands.
    """
    moves = list(_moves(before, after))
    left: dict[str, float] = defaultdict(float)
    taken: dict[str, float] = defaultdict(float)
    for move in moves:
        for node in set(move.lost.nodes) - set(move.gained.nodes):
            left[node] += move.kt
        for node in set(move.gained.nodes) - set(move.lost.nodes):
            taken[node] += move.kt
    found: dict[tuple[str, str], float] = defaultdict(float)
    for move in moves:
        ways = _called(move.lost, move.gained, left), _called(move.gained, move.lost, taken)
        found[ways] += move.kt
    listed = [(*ways, kt) for ways, kt in found.items()]
    frame = pd.DataFrame(listed, columns=["from_way", "to_way", "kt"])
    return frame.sort_values(["kt", "from_way", "to_way"], ascending=[False, True, True], ignore_index=True)


def _called(way: _Way, other: _Way, through: dict[str, float]) -> str:
    own = [node for node in way.nodes if node not in other.nodes]
    if not own or way.name != other.name:
        return way.name
    return f"{way.name} by {max(own, key=lambda node: (round(through[node], 6), -own.index(node)))}"


def _moves(before: Plan, after: Plan) -> Iterator[_Move]:
    one, other = _by_way(before), _by_way(after)
    for demand in sorted({*one, *other}):
        change: dict[_Way, float] = defaultdict(float)
        for way, kt in other.get(demand, {}).items():
            change[way] += kt
        for way, kt in one.get(demand, {}).items():
            change[way] -= kt
        rest = sum(change.values())
        change[_Way(UNASKED, ())] -= rest
        lost = {way: -kt for way, kt in change.items() if kt < -SMALLEST_KT}
        gained = {way: kt for way, kt in change.items() if kt > SMALLEST_KT}
        whole = sum(gained.values())
        for way, kt in lost.items():
            for target, share in gained.items():
                yield _Move(way, target, kt * share / whole)


def _by_way(plan: Plan) -> dict[str, dict[_Way, float]]:
    """Return the kt of each demand by way, what is not served among them."""
    steps = {row.link: (row.mode, row.km) for row in rows(plan.flows)}
    found: dict[str, dict[_Way, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows(plan.routes):
        run: dict[str, float] = defaultdict(float)
        for link in filter(None, row.links.split(";")):
            mode, km = steps.get(link, (row.modes, 0.0))
            run[mode] += km
        mode = max(run, key=lambda one: (run[one], one)) if run else ""
        found[row.demand][_Way(mode, tuple(row.nodes.split(" > ")))] += row.kt
    for row in rows(plan.unserved):
        found[row.demand][_Way(UNSERVED, ())] += row.kt
    return found
