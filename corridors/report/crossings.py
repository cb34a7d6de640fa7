"""The page's tables of frontiers and of corridors: what crosses, what runs through, and how both changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.planning.balance import balance
from corridors.planning.difference import MEAN_LOAD
from corridors.report.map_layers import KT_PER_MT
from corridors.report.tables import Cell, Listing
from corridors.text.amounts import amount

if TYPE_CHECKING:
    from corridors.planning.difference import Difference
    from corridors.report.context import Subject

PER_THOUSAND = 1000.0


def borders(subject: Subject) -> Listing:
    """List every crossing of the home country's frontier by land and sea that is used, the busiest first."""
    say, names = subject.say, subject.names
    found = [
        [
            Cell(names.between(row.home_node, row.other_node)),
            Cell(say.country(row.other_country)),
            Cell(say.term(row.mode)),
            *(_number(subject, one / KT_PER_MT, 2) for one in (row.kt_out, row.kt_in)),
            *(_number(subject, one / PER_THOUSAND, 1) for one in (row.teu_out, row.teu_in)),
            *(_number(subject, one, 1) for one in (row.vehicles_day_out, row.vehicles_day_in)),
            Cell("–") if math.isnan(row.utilisation) else Cell(say.percent(row.utilisation), row.utilisation),
            Cell(_limit(subject, row)),
            *(_number(subject, one, 0) for one in (row.wait_hours_out, row.wait_hours_in)),
        ]
        for row in rows(balance(subject.plan))
    ]
    columns = [
        say("crossing"),
        say("country"),
        say("mode"),
        say("out, Mt"),
        say("in, Mt"),
        say("out, thousand TEU"),
        say("in, thousand TEU"),
        say("loaded trains, lorries or flights a day, out"),
        say("loaded trains, lorries or flights a day, in"),
        say("used"),
        say("what limits it"),
        say("hours there, out"),
        say("hours there, in"),
    ]
    home = subject.plan.summary["home_country"]
    title = say("Over the frontier of {country}", country=say.country(home)) if home else say("Over frontiers")
    return Listing("borders", title, columns, found)


def _limit(subject: Subject, row: Any) -> str:
    """Name the fullest limit of a crossing, and say so where others share it."""
    if not row.limit:
        return ""
    name = subject.names.resource(row.limit, row.limit)
    others = int(row.limit_crossings) - 1
    return name if others < 1 else subject.say("{limit}, shared with {n} more", limit=name, n=others)


def corridors(subject: Subject) -> Listing:
    """List every corridor, used or not, by its through-freight."""
    say, listed = subject.say, subject.plan.corridors
    order = listed.sort_values(["through_kt", "mean_kt", "corridor"], ascending=[False, False, True])
    found = [
        [
            Cell(row.corridor),
            Cell(subject.names.corridor(row.corridor)),
            Cell(say.term(row.mode)),
            _number(subject, row.through_kt / KT_PER_MT, 2),
            Cell(subject.names.section(row.corridor)),
            _number(subject, row.touching_kt / KT_PER_MT, 2),
            _number(subject, row.mean_kt / KT_PER_MT, 2),
            _number(subject, row.mtkm, 0),
            _amount(subject, row.t_co2e),
            _amount(subject, row.revenue_usd),
            Cell(say.percent(row.utilisation), row.utilisation),
            _number(subject, row.shadow_price_usd_per_t, 2),
        ]
        for row in rows(order)
    ]
    columns = [
        say("id"),
        say("corridor"),
        say("mode"),
        say("through-freight, Mt"),
        say("counted at"),
        say("uses a part of it, Mt"),
        say("mean load, Mt"),
        say("million tkm"),
        say("t CO2e, well to wheel"),
        say("tariffs and charges, USD"),
        say("fullest link"),
        say("a tonne pays for full places, {unit}", unit=say.term(subject.plan.summary["unit"])),
    ]
    return Listing("corridors", say("Every corridor"), columns, found)


def changed_borders(subject: Subject, found: Difference) -> Listing:
    """List how what crosses the frontier changed, both directions together."""
    listed = [
        [
            Cell(subject.names.crossing(row.name, row.where)),
            Cell(subject.say.term(row.mode)),
            *(_number(subject, one / KT_PER_MT, 2) for one in (row.before, row.after, row.change)),
        ]
        for row in rows(found.borders)
    ]
    say = subject.say
    columns = [say("crossing"), say("mode"), say("before, Mt"), say("after, Mt"), say("change, Mt")]
    return Listing("changed-borders", say("Over the frontier, both directions"), columns, listed)


def changed_corridors(subject: Subject, found: Difference) -> Listing:
    """List how the through-freight of corridors changed; the mean load of those that have none."""
    say = subject.say
    listed = [
        [
            Cell(row.name),
            Cell(subject.names.corridor(row.name)),
            Cell(say("mean load") if row.measure == MEAN_LOAD else say("through-freight")),
            *(_number(subject, one / KT_PER_MT, 2) for one in (row.before, row.after, row.change)),
        ]
        for row in rows(found.corridors)
    ]
    columns = [
        say("id"),
        say("corridor"),
        say("figure"),
        say("before, Mt"),
        say("after, Mt"),
        say("change, Mt"),
    ]
    return Listing("changed-corridors", say("On corridors"), columns, listed)


def _number(subject: Subject, value: float, digits: int) -> Cell:
    return Cell("–") if math.isnan(value) else Cell(subject.say.number(value, digits), round(value, 9))


def _amount(subject: Subject, value: float) -> Cell:
    return Cell("–") if math.isnan(value) else Cell(amount(value, subject.say), round(value, 9))
