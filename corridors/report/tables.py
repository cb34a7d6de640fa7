"""The report's tables: what a reader sorts, cell by cell with its text and what it is sorted by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from corridors.frames import rows
from corridors.planning.counted import OTHER_YEAR
from corridors.planning.difference import Difference
from corridors.report import map_layers
from corridors.text import counts as texts
from corridors.text.amounts import MILLION, amount

if TYPE_CHECKING:
    from corridors.network.routes import Comparison
    from corridors.report.context import Subject

MOST_SHIFTS = 25
LITTLE_KT = 0.05  # a year: what is less would be shown as nothing


class Cell(NamedTuple):
    """A text, and for figures what it is sorted by."""

    text: str
    key: float | None = None


@dataclass(frozen=True)
class Listing:
    """A table of the page: columns by title, and which of them hold figures."""

    name: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @cached_property
    def figures(self) -> list[bool]:
        """Say which columns hold figures, set to the right."""
        return [any(row[place].key is not None for row in self.rows) for place in range(len(self.columns))]


def links(subject: Subject, used: Sequence[dict[str, Any]]) -> Listing:
    """List every link that carries something, the busiest first; `used` is what `lines.used` gives."""
    say, kt = subject.say, subject.moved
    found = [
        [
            Cell(one["name"]),
            Cell(one["by"]),
            _figure(subject, kt[one["link"]] / map_layers.KT_PER_MT, 2),
            Cell(one["utilisation"]),
            Cell(one["capacity"]),
            Cell(one["price"]),
            Cell(one["corridors"]),
            Cell(one["source"]),
        ]
        for one in used
    ]
    columns = [
        say("link"),
        say("mode"),
        say("Mt a year"),
        say("utilisation"),
        say("capacity"),
        say("a little more is worth"),
        say("corridors"),
        say("source"),
    ]
    return Listing("links", say("Every link that carries freight"), columns, found)


def bottlenecks(subject: Subject) -> Listing:
    """List the full resources that have a price."""
    say, unit = subject.say, subject.say.term(subject.plan.summary["unit"])
    found = [
        [
            Cell(subject.names.resource(row.resource, row.where)),
            _figure(subject, row.capacity, 1),
            Cell(say.term(row.unit)),
            Cell(say.term(row.status) if row.status else say("not stated")),
            _figure(subject, row.shadow_price_low, 0),
            _figure(subject, row.shadow_price_high, 0),
            _figure(subject, row.usd_per_percent, 0),
            _figure(subject, row.queue_days, 1),
        ]
        for row in rows(subject.tight)
    ]
    columns = [
        say("bottleneck"),
        say("capacity"),
        say("unit"),
        say("capacity is"),
        say("a little more is worth, {unit} a year per unit", unit=unit),
        say("a little less costs, {unit} a year per unit", unit=unit),
        say("1% is worth, {unit} a year", unit=unit),
        say("queue in days"),
    ]
    return Listing("bottlenecks", say("The bottlenecks"), columns, found)


def unserved(subject: Subject) -> Listing:
    """List what was not carried, and why; of what shippers who choose leave, the little is added up."""
    say = subject.say
    left = subject.plan.unserved.sort_values("kt", ascending=False)
    little = left["kt"] < (LITTLE_KT if "model" in subject.plan.summary else 0.0)
    found = [
        [
            Cell(subject.names.place(row.origin)),
            Cell(subject.names.place(row.destination)),
            Cell(subject.names.commodity(row.commodity)),
            _figure(subject, row.kt, 1),
            Cell(subject.reasons.of(row)),
        ]
        for row in rows(left[~little])
    ]
    if little.any():
        more = say("{count} more, less than {kt} kt each", count=say.number(little.sum()), kt=say.number(LITTLE_KT, 2))
        found.append([Cell(more), Cell(""), Cell(""), _figure(subject, left.loc[little, "kt"].sum(), 1), Cell("")])
    columns = [say("from"), say("to"), say("commodity"), say("kt a year"), say("why")]
    return Listing("unserved", say("Not served"), columns, found)


def ways(subject: Subject, made: Sequence[Comparison]) -> Listing:
    """List the means of transport between two places."""
    say = subject.say
    found = [
        [
            Cell(subject.names.means(route.means)),
            Cell(say.term(one.running)),
            _figure(subject, route.days, 1),
            _figure(subject, route.km, 0),
            _figure(subject, route.usd_per_t, 0),
            _figure(subject, math.nan if route.usd_per_feu is None else route.usd_per_feu, 0),
            _figure(subject, route.kgco2e_per_t, 0),
            Cell(" > ".join(dict.fromkeys(subject.names.place(node) for node in route.nodes))),
        ]
        for one in made
        for route in one.routes
    ]
    columns = [
        say("by"),
        say("running"),
        say("days"),
        say("km"),
        say("USD/t"),
        say("USD/FEU"),
        say("kg CO2e/t"),
        say("through"),
    ]
    return Listing("ways", say("The ways in figures"), columns, found)


def references(subject: Subject) -> Listing:
    """List the published figures beside the model's."""
    say = subject.say
    found = [
        [
            Cell(row.reference),
            Cell(row.what),
            Cell(say.number(row.value, 1), row.value),
            Cell(say.number(row.model, 1), row.model),
            Cell(say.term(row.unit)),
            Cell(say.percent(row.deviation, 1), row.deviation),
            Cell(say.term(row.verdict)),
            Cell(row.note),
        ]
        for row in rows(subject.card)
    ]
    columns = [
        say("reference"),
        say("what"),
        say("published"),
        say("model"),
        say("unit"),
        say("off by"),
        say("verdict"),
        say("note"),
    ]
    return Listing("references", say("Published figures beside the model's"), columns, found)


def counts(subject: Subject, use: str) -> Listing:
    """List what was counted in the plan's year beside the plan: what is to fit with, to test with, or input."""
    say, table = subject.say, subject.counted
    mine = table[(table["use"] == use) & (table["verdict"] != OTHER_YEAR)]
    found = [
        [
            Cell(row.observation),
            Cell(row.name_en),
            *(Cell(texts.figure(value, say), value) for value in (row.value, row.sd, row.model)),
            Cell(say.term(row.unit)),
            Cell(say.percent(row.deviation, 1), row.deviation) if row.value else Cell("–"),
            _figure(subject, row.sds, 1),
            Cell(say.term(row.verdict)),
            Cell(row.note),
        ]
        for row in rows(mine)
    ]
    columns = [*texts.columns(say), say("note")]
    summary = subject.plan.summary
    return Listing(f"counts-{use}", texts.title(use, summary["year"], subject.plan.model, say), columns, found)


def totals(subject: Subject, found: Difference) -> Listing:
    """List the totals of two plans."""
    say = subject.say
    listed = [
        [
            Cell(say.term(row.measure)),
            Cell(say.term(row.unit)),
            *(Cell(_told(subject, value), round(value, 9)) for value in (row.before, row.after, row.change)),
        ]
        for row in rows(found.totals)
    ]
    columns = [say("total"), say("unit"), say("before"), say("after"), say("change")]
    return Listing("totals", say("Totals"), columns, listed)


def shifts(subject: Subject, found: Difference) -> Listing:
    """List what moved from where to where."""
    say = subject.say
    listed = [
        [Cell(subject.names.way(row.from_way)), Cell(subject.names.way(row.to_way)), _figure(subject, row.kt, 1)]
        for row in rows(found.shifts.head(MOST_SHIFTS))
    ]
    return Listing("shifts", say("What moved"), [say("from"), say("to"), say("kt a year")], listed)


def _figure(subject: Subject, value: float, digits: int) -> Cell:
    if math.isnan(value):
        return Cell("–")
    return Cell(subject.say.number(value, digits), round(value, 9))


def _told(subject: Subject, value: float) -> str:
    """Write a total: in words from a million on, whole from a thousand on."""
    return (
        amount(value, subject.say)
        if abs(value) >= MILLION
        else subject.say.number(value, 0 if abs(value) >= 1000 else 2)
    )
