"""What moves in a plan, on the terminal: corridors by their through-freight, and the balance at the borders."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.frames import rows
from corridors.planning.balance import AIR, balance

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.text.names import Names

LISTED_AIR = 8
LISTED_CROSSINGS = 12
KT_PER_MT = 1000.0


def corridors(plan: Plan, names: Names, *, air: bool) -> None:
    """Print every corridor by land, used or not, by its through-freight; those in the air where they are asked for."""
    say, listed = names.say, plan.corridors
    flown = listed[listed["mode"] == AIR]
    busy = flown[flown["kt"] > 0].sort_values("mtkm", ascending=False)
    work = listed.groupby("mode")["mtkm"].sum().to_dict()
    ground = sorted(rows(listed[listed["mode"] != AIR]), key=lambda row: (-work[row.mode], row.mode, row.corridor))
    shown = [*ground, *(rows(busy.head(LISTED_AIR)) if air else ())]
    columns = [
        "",
        say("corridor"),
        say("through-freight, Mt"),
        say("counted at"),
        say("mean load, Mt"),
        say("bn tkm"),
        say("fullest link"),
        say("a tonne pays for full places, {unit}", unit=say.term(plan.summary["unit"])),
    ]
    table(say("Corridors"), columns, [_corridor(row, names) for row in shown], right=(2, 4, 5, 6, 7))
    echo(
        say(
            "Through-freight runs the section at which it is counted, each tonne once. The mean load counts whatever "
            "uses a part of the corridor, by the length that it uses; lines that corridors share count in each of them."
        )
    )
    if len(flown):
        echo(
            say.many(
                "{n} of {all} air corridors carries {work} M tkm (--air lists them; corridors.csv has all).",
                "{n} of {all} air corridors carry {work} M tkm (--air lists them; corridors.csv has all).",
                len(busy),
                all=len(flown),
                work=say.number(busy["mtkm"].sum()),
            )
        )
    echo("")


def _corridor(row: Any, names: Names) -> list[str]:
    say = names.say
    through = row.mean_kt if math.isnan(row.through_kt) else row.through_kt
    return [
        row.corridor,
        names.corridor(row.corridor),
        say.number(through / KT_PER_MT, 1),
        names.section(row.corridor),
        say.number(row.mean_kt / KT_PER_MT, 1),
        say.number(row.mtkm / 1000, 1),
        say.percent(row.utilisation),
        say.number(row.shadow_price_usd_per_t, 2),
    ]


def borders(plan: Plan, names: Names, *, air: bool) -> None:
    """Print the busiest crossings of the home country's frontier, both directions of each; nothing if none is used."""
    say, found = names.say, balance(plan, air=air)
    lines = [_crossing(row, names) for row in rows(found.head(LISTED_CROSSINGS))]
    if not lines:
        return
    columns = [
        say("crossing"),
        say("mode"),
        say("out, Mt"),
        say("in, Mt"),
        say("out, thousand TEU"),
        say("in, thousand TEU"),
        say("loaded a day, out"),
        say("in"),
        say("used"),
        say("hours there, out"),
        say("in"),
    ]
    home = plan.summary["home_country"]
    title = say("Over the frontier of {country}", country=say.country(home)) if home else say("Over frontiers")
    table(title, columns, lines, right=tuple(range(2, len(columns))))
    told = [_rest(found, names)] if len(found) > len(lines) else []
    if any(one.endswith("*") for line in lines for one in line):
        told.append(say("* of a limit that several crossings share."))
    if told:
        echo(" ".join(told) + "\n")


def _rest(found: Any, names: Names) -> str:
    say, rest = names.say, found.iloc[LISTED_CROSSINGS:]
    return say.many(
        "{n} more crossing has {out} Mt out and {into} Mt in; borders.csv has every one.",
        "{n} more crossings have {out} Mt out and {into} Mt in; borders.csv has every one.",
        len(rest),
        out=say.number(rest["kt_out"].sum() / KT_PER_MT, 1),
        into=say.number(rest["kt_in"].sum() / KT_PER_MT, 1),
    )


def _crossing(row: Any, names: Names) -> list[str]:
    say = names.say

    def some(value: float, digits: int = 0, unit: float = 1.0) -> str:
        return "" if math.isnan(value) or value == 0 else say.number(value / unit, digits)

    shared = "*" if row.limit_crossings > 1 else ""
    return [
        names.between(row.home_node, row.other_node),
        say.term(row.mode),
        some(row.kt_out, 1, KT_PER_MT),
        some(row.kt_in, 1, KT_PER_MT),
        some(row.teu_out, 0, 1000.0),
        some(row.teu_in, 0, 1000.0),
        some(row.vehicles_day_out),
        some(row.vehicles_day_in),
        "" if math.isnan(row.utilisation) else say.percent(row.utilisation) + shared,
        some(row.wait_hours_out),
        some(row.wait_hours_in),
    ]


def modes(plan: Plan, names: Names) -> None:
    """Print what each mode carries: each tonne once for each mode that it uses, and the work."""
    say, told, home = names.say, plan.summary["modes"], plan.summary["home_country"]
    work = sum(one["mtkm"] for one in told.values()) or 1.0
    used = kt_by_mode(plan)
    lines = [
        [
            say.term(mode),
            say.number(used.get(mode, 0.0) / KT_PER_MT, 1),
            say.number(one["mtkm"] / 1000, 1),
            say.percent(one["mtkm"] / work, 1),
            *([say.number(one["mtkm_at_home"] / 1000, 1)] if home else []),
        ]
        for mode, one in told.items()
    ]
    columns = [say("mode"), say("carried on it, Mt"), say("bn tkm"), say("share")]
    if home:
        columns.append(say("bn tkm in {country}", country=say.country(home)))
    table(say("Modes"), columns, lines, right=tuple(range(1, len(columns))))
    if not home:
        echo(say("home_country is not set in datapackage.json: all freight counts as elsewhere.") + "\n")


def kt_by_mode(plan: Plan) -> dict[str, float]:
    """Return what uses each mode on any leg of its way, kt: a tonne that uses two modes counts in both."""
    found: dict[str, float] = {}
    for row in rows(plan.routes):
        for mode in {*row.modes.split(" > ")} - {""}:
            found[mode] = found.get(mode, 0.0) + row.kt
    return found
