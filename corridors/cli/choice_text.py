"""What a plan of shippers who choose says on the terminal beside what every plan says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.frames import rows
from corridors.text.language import later
from corridors.text.shippers import of_model

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.text.language import Language
    from corridors.text.names import Names

LISTED_WAITS = 8
SHORTEST = 0.05  # hours: a shorter wait is not worth a line
WHY = {
    "spread": later("its freight spreads over {n} ways"),
    "routes": later("its freight spreads over routes of one way"),
    "waiting": later("its freight avoids waiting"),
    "outside": later("more or less of its freight is left"),
}


def model(plan: Plan, say: Language) -> None:
    """Say by which model freight finds its ways; nothing of a linear plan."""
    told = list(of_model(plan.summary, say))
    for sentence in told:
        echo(sentence)
    if told:
        echo("")


def figures(summary: Mapping[str, Any], say: Language) -> dict[str, str]:
    """Return what belongs below the objective of a plan of shippers who choose, by its label."""
    if "model" not in summary:
        return {}
    one = summary
    told = {
        say("of it"): _parts(one, say),
        say("choice"): say(
            "more than one way above 5% for {demands} of demands and {tonnes} of tonnes",
            demands=say.percent(one["demands_with_several_ways"]),
            tonnes=say.percent(one["tonnes_with_several_ways"]),
        ),
    }
    missing = one["certificate"]["missing"]
    if one["model"] != "logit":
        told[say("proof")] = say("over all routes of the network")
    elif missing:
        told[say("proof")] = say.many(
            "over the listed routes; {n} demand has a cheaper one at the plan's prices",
            "over the listed routes; {n} demands have a cheaper one at the plan's prices",
            missing,
        )
    else:
        told[say("proof")] = say("over the listed routes; at the plan's prices no demand has a cheaper one")
    if one["elasticities"]:
        shown = {name: say.format(round(value, 2) + 0.0, ".2f") for name, value in one["elasticities"].items()}
        listed = ", ".join(f"{say.term(name)} {value}" for name, value in shown.items())
        told[say("elasticity")] = say("of what is carried to its cost: {listed}", listed=listed)
    return told


def _parts(summary: Mapping[str, Any], say: Language) -> str:
    """Say what an objective is made of."""
    cost, waiting, choice = (say.number(summary[f"{part}_usd"] / 1e9, 3) for part in ("cost", "waiting", "entropy"))
    unit = say.term(summary["unit"])
    if summary["model"] == "logit":
        return say(
            "generalised cost {cost} bn, waiting {waiting} bn, worth of the choice {entropy} bn {unit}",
            cost=cost,
            waiting=waiting,
            entropy=choice,
            unit=unit,
        )
    return say(
        "generalised cost {cost} bn, perturbation (what going all one way costs) {entropy} bn {unit}",
        cost=cost,
        entropy=choice,
        unit=unit,
    )


def beside(plan: Plan, names: Names) -> None:
    """Print how corridors differ from the linear plan, and why; nothing where that plan is not at hand."""
    say, found = names.say, plan.beside
    if found is None:
        return
    shown = found[(found["mode"] != "air") & (found[["kt", "kt_linear"]].max(axis=1) > 0)]
    lines = [
        [
            row.corridor,
            names.corridor(row.corridor),
            say.number(row.kt_linear),
            say.number(row.kt),
            _reason(row, say),
        ]
        for row in rows(shown)
    ]
    columns = ["", say("corridor"), say("linear, kt"), say("by choice, kt"), say("why")]
    table(say("Beside the linear plan (mean load)"), columns, lines, right=(2, 3))


def _reason(row: Any, say: Language) -> str:
    """Say why a corridor carries more or less than in the linear plan."""
    if not row.why:
        return say("same")
    ways = say.format(row.ways, ".1f")
    within = row.why == "spread" and ways == say.format(1.0, ".1f")
    return say(WHY["routes" if within else row.why], n=ways)


def waits(plan: Plan, names: Names) -> None:
    """Print where freight waits longest; nothing where crowded places cost no time."""
    say, found = names.say, plan.bottlenecks
    if plan.summary.get("assign", "none") == "none":
        return
    busy = found[(found["waiting_hours"] > SHORTEST) & (found["used"] > 0)]
    lines = [
        [
            names.resource(row.resource, row.where),
            say.percent(row.utilisation),
            say.number(row.waiting_hours, 1),
            "" if math.isnan(row.queue_days) else say.number(row.queue_days, 1),
        ]
        for row in rows(busy.sort_values("waiting_hours", ascending=False, kind="stable").head(LISTED_WAITS))
    ]
    if lines:
        columns = [say("place"), say("used"), say("hours waited"), say("with its queue, days")]
        table(say("Where freight waits longest"), columns, lines, right=(1, 2, 3))
