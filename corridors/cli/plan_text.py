"""A plan at a glance: what an analyst reads on the terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from corridors.cli import choice_text, flow_text
from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.frames import rows
from corridors.planning.summary import FULL, ends
from corridors.planning.tight_places import tight_places
from corridors.tables.dataset import BASE
from corridors.text.amounts import amount
from corridors.text.language import later
from corridors.text.reasons import Reasons, of_other_years

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.planning.tight_places import TightPlace
    from corridors.text.language import Language
    from corridors.text.names import Names

TIGHTEST = 10
LISTED_UNSERVED = 8
ROUNDING = 1e-15  # gaps below this are the arithmetic's own
BETWEEN = " - "
LEAST = {
    "generalised": later("at least cost, time counted"),
    "cost": later("at least money"),
    "time": later("in least time"),
    "emissions": later("with least emissions"),
}


def glance(plan: Plan, names: Names, *, air: bool = False) -> None:
    """Print the summary of a plan; corridors, frontiers and bottlenecks in the air where they are asked for."""
    choice_text.model(plan, names.say)
    _headline(plan, names.say)
    flow_text.corridors(plan, names, air=air)
    flow_text.borders(plan, names, air=air)
    choice_text.beside(plan, names)
    choice_text.waits(plan, names)
    _bottlenecks(plan, names, air=air)
    flow_text.modes(plan, names)
    _unserved(plan, names)


def _headline(plan: Plan, say: Language) -> None:
    one = plan.summary
    under = "" if one["scenario"] == BASE else say(", scenario {name}", name=one["scenario"])
    told = {"year": one["year"], "running": say.term(one["running"]), "under": under}
    if "model" in one:
        echo(say("Freight of {year}, {running} running, by choice{under}", **told))
    else:
        echo(say("Freight of {year}, {running} running, {least}{under}", least=say(LEAST[one["objective"]]), **told))
    served, demanded, left = (one[f"kt_{what}"] / 1000 for what in ("served", "demanded", "unserved"))
    share = one["kt_served"] / one["kt_demanded"] if one["kt_demanded"] else 1.0
    trades = ", ".join(
        f"{say.term(trade)} {say.number(kt / 1000, 1)}" for trade, kt in one["kt_by_trade"].items() if kt
    )
    unit = say.term(one["unit"])
    told = {
        say("carried"): f"{say.number(served, 1):>10} "
        + say(
            "Mt of {demanded} Mt asked for ({share}), {left} Mt left",
            demanded=say.number(demanded, 1),
            share=say.percent(share, 1),
            left=say.number(left, 1),
        ),
        "": say("{trades} Mt", trades=trades),
        say("work"): f"{say.number(one['t_km'] / 1e9, 1):>10} "
        + say(
            "bn tkm; freight bill {usd} USD; {co2e} Mt CO2e; {days} days on average",
            usd=amount(one["usd_freight"], say),
            co2e=say.number(one["t_co2e"] / 1e6, 1),
            days=say.number(one["days_mean"] or 0, 1),
        ),
        say("minimised"): f"{amount(one['objective_value'], say):>10} {unit}; {_proof(one, say)}",
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
        return say("proven: no plan is better by more than {gap} of it", gap=say.format(gap, ".0e"))
    return say("STOPPED EARLY: a better plan may exist, by at most {gap} of this", gap=say.percent(gap, 2))


def _bottlenecks(plan: Plan, names: Names, *, air: bool) -> None:
    say = names.say
    found, every = (tight_places(plan, names.dataset, air=one) for one in (air, True))
    if not every:
        idle = say("What is full is no bottleneck: a little more of it would save nothing.")
        full = (plan.bottlenecks["utilisation"] >= FULL).any()
        echo((idle if full else say("No capacity is full.")) + "\n")
        return
    lines = [_tight(one, names) for one in found[:TIGHTEST]]
    unit = say.term(plan.summary["unit"])
    columns = [
        say("full"),
        say("capacity"),
        say("which is"),
        say("a little more is worth, {unit} a year per unit", unit=unit),
        say("queue in days"),
    ]
    if lines:
        title = say.many("The tightest bottleneck", "The {n} tightest bottlenecks", len(lines))
        table(title, columns, lines, right=(1, 3, 4))
    told = [say("Of two figures, the second is what a little less would cost.")] if _intervals(lines) else []
    if any(line[-1] for line in lines):
        told.append(say("The queue is the wait that would cost what passes as much as it pays for the place."))
    if hidden := len(every) - len(found):
        told.append(
            say.many("{n} more is in the air (--air lists it).", "{n} more are in the air (--air lists them).", hidden)
        )
    if told:
        echo(" ".join(told) + "\n")


def _tight(one: TightPlace, names: Names) -> list[str]:
    say, row = names.say, one.first
    name = names.stretches([(each.resource, each.where) for each in one.rows])
    since = say(" (wider since {day})", day=one.since) if one.since else ""
    return [
        name + since,
        f"{say.format(row.capacity, ',.6g')} {say.term(row.unit)}",
        say.term(row.status),
        BETWEEN.join(amount(end, say) for end in ends(row.shadow_price_low, row.shadow_price_high)),
        "" if math.isnan(row.queue_days) else say.number(row.queue_days, 1),
    ]


def _intervals(lines: Sequence[Sequence[str]]) -> bool:
    return any(BETWEEN in line[3] for line in lines)


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
