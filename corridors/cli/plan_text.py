"""A plan at a glance: what an analyst reads on the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from corridors.cli import choice_text
from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.frames import rows
from corridors.planning.summary import FULL, ends, tight
from corridors.tables.dataset import BASE
from corridors.text.reasons import Reasons, of_other_years

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.text.language import Language
    from corridors.text.names import Names

TIGHTEST = 10
LISTED_AIR = 8
LISTED_UNSERVED = 8
ROUNDING = 1e-15  # gaps below this are the arithmetic's own
BETWEEN = " - "


def glance(plan: Plan, names: Names) -> None:
    """Print the summary of a plan."""
    choice_text.model(plan, names.say)
    _headline(plan, names.say)
    _corridors(plan, names)
    choice_text.beside(plan, names)
    choice_text.waits(plan, names)
    _bottlenecks(plan, names)
    _modes(plan, names.say)
    _unserved(plan, names)


def _headline(plan: Plan, say: Language) -> None:
    one = plan.summary
    under = "" if one["scenario"] == BASE else say(", scenario {name}", name=one["scenario"])
    told = {
        "year": one["year"],
        "running": say.term(one["running"]),
        "under": under,
        "demands": say.many("{n} demand", "{n} demands", one["size"]["demands"]),
        "arcs": say.many("{n} arc", "{n} arcs", one["size"]["arcs"]),
    }
    if "model" in one:
        echo(say("Freight of {year}, {running} running, by choice{under} ({demands}, {arcs})", **told))
    else:
        echo(
            say(
                "Freight of {year}, {running} running, least {objective}{under} ({demands}, {arcs})",
                objective=say.term(one["objective"]),
                **told,
            )
        )
    served, demanded, left = (one[f"kt_{what}"] / 1000 for what in ("served", "demanded", "unserved"))
    share = one["kt_served"] / one["kt_demanded"] if one["kt_demanded"] else 1.0
    trades = ", ".join(
        f"{say.term(trade)} {say.number(kt / 1000, 1)}" for trade, kt in one["kt_by_trade"].items() if kt
    )
    told = {
        say("served"): f"{say.number(served, 1):>10} "
        + say(
            "Mt of {demanded} Mt ({share}), {left} Mt left",
            demanded=say.number(demanded, 1),
            share=say.percent(share, 1),
            left=say.number(left, 1),
        ),
        "": say("{trades} Mt", trades=trades),
        say("work"): f"{say.number(one['t_km'] / 1e9, 1):>10} "
        + say(
            "bn tkm; freight bill {usd} bn USD; {co2e} Mt CO2e; {days} days on average",
            usd=say.number(one["usd_freight"] / 1e9, 2),
            co2e=say.number(one["t_co2e"] / 1e6, 2),
            days=say.number(one["days_mean"] or 0, 1),
        ),
        say("objective"): f"{say.format(one['objective_value'], ',.6g')} {say.term(one['unit'])}, {_proof(one, say)}",
    } | choice_text.figures(one, say)
    width = max(map(len, told)) + 3
    for label, figures in told.items():
        echo(f"  {label:<{width}}{figures}")
    for sentence in of_other_years(one, say):
        echo(f"  {sentence}")
    echo("")


def _proof(summary: Mapping[str, Any], say: Language) -> str:
    gap = max(summary["gap"], ROUNDING)
    if summary["status"] == "optimal":
        return say("proven to a relative gap of {gap}", gap=say.format(gap, ".0e"))
    return say("STOPPED EARLY: a better plan may exist, by at most {gap} of this", gap=say.percent(gap, 2))


def _corridors(plan: Plan, names: Names) -> None:
    say, corridors = names.say, plan.corridors
    air = corridors[corridors["mode"] == "air"]
    shown = corridors[corridors["mode"] != "air"]
    busy = air[air["kt"] > 0].sort_values("kt", ascending=False)
    lines = [_corridor(row, names) for row in [*rows(shown), *rows(busy.head(LISTED_AIR))]]
    columns = [
        "",
        say("corridor"),
        say("mode"),
        say("mean kt"),
        say("M tkm"),
        say("fullest link"),
        say("scarcity {unit}/t", unit=say.term(plan.summary["unit"])),
    ]
    table(say("Corridors (mean load over their length)"), columns, lines, right=(3, 4, 5, 6))
    if len(air):
        echo(
            say.many(
                "{n} of {all} air corridors carries {work} M tkm; corridors.csv lists all.",
                "{n} of {all} air corridors carry {work} M tkm; corridors.csv lists all.",
                len(busy),
                all=len(air),
                work=say.number(busy["mtkm"].sum()),
            )
            + "\n"
        )


def _corridor(row: Any, names: Names) -> list[str]:
    say = names.say
    return [
        row.corridor,
        names.corridor(row.corridor),
        say.term(row.mode),
        say.number(row.kt),
        say.number(row.mtkm),
        say.percent(row.utilisation),
        say.number(row.shadow_price_usd_per_t, 2),
    ]


def _bottlenecks(plan: Plan, names: Names) -> None:
    say = names.say
    found = tight(plan.bottlenecks)
    if found.empty:
        idle = say("What is full is no bottleneck: a little more of it would save nothing.")
        full = (plan.bottlenecks["utilisation"] >= FULL).any()
        echo((idle if full else say("No capacity is full.")) + "\n")
        return
    lines = []
    for row in rows(found.head(TIGHTEST)):
        capacity = f"{say.format(row.capacity, ',.6g')} {say.term(row.unit)}"
        lines.append(
            [
                names.resource(row.resource, row.where),
                capacity,
                say.term(row.status),
                BETWEEN.join(map(say.number, ends(row.shadow_price_low, row.shadow_price_high))),
                "" if math.isnan(row.queue_days) else say.number(row.queue_days, 1),
            ]
        )
    columns = [
        say("full"),
        say("capacity"),
        say("which is"),
        say("a little more is worth, {unit} a year per unit", unit=say.term(plan.summary["unit"])),
        say("queue in days"),
    ]
    title = say.many("The tightest bottleneck", "The {n} tightest bottlenecks", len(lines))
    table(title, columns, lines, right=(1, 3, 4))
    told = [say("Of two figures, the second is what a little less would cost.")] if _intervals(lines) else []
    if any(line[-1] for line in lines):
        told.append(say("The queue is the wait that would cost what passes as much as it pays for the place."))
    if told:
        echo(" ".join(told) + "\n")


def _intervals(lines: Sequence[Sequence[str]]) -> bool:
    return any(BETWEEN in line[3] for line in lines)


def _modes(plan: Plan, say: Language) -> None:
    modes, home = plan.summary["modes"], plan.summary["home_country"]
    work = sum(one["mtkm"] for one in modes.values()) or 1.0
    lines = [
        [
            say.term(mode),
            say.number(one["kt_mainly"]),
            say.number(one["mtkm"]),
            say.percent(one["mtkm"] / work, 1),
            *([say.number(one["mtkm_at_home"])] if home else []),
        ]
        for mode, one in modes.items()
    ]
    columns = [say("mode"), say("kt mainly by it"), say("M tkm"), say("share")]
    if home:
        columns.append(say("M tkm in {country}", country=say.country(home)))
    table(say("Modes"), columns, lines, right=tuple(range(1, len(columns))))
    if not home:
        echo(say("home_country is not set in datapackage.json: all freight counts as elsewhere.") + "\n")


def _unserved(plan: Plan, names: Names) -> None:
    say, unserved = names.say, plan.unserved
    if not len(unserved):
        echo(say("Everything is served."))
        return
    worst = unserved.sort_values("kt", ascending=False).head(LISTED_UNSERVED)
    reasons = Reasons(names, dict(zip(plan.bottlenecks["resource"], plan.bottlenecks["where"], strict=True)))
    lines = [
        [
            names.between(row.origin, row.destination),
            names.commodity(row.commodity),
            say.number(row.kt, 1),
            reasons.of(row),
        ]
        for row in rows(worst)
    ]
    title = say.many("Not served ({n} demand)", "Not served ({n} demands; the largest)", len(unserved))
    table(title, [say("demand"), say("commodity"), say("kt"), say("why")], lines, right=(2,))
