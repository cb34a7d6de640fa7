"""The finding of a plan in one sentence, made from its figures by rules; what a minister reads before all else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from corridors.frames import rows
from corridors.planning.counted import nearness
from corridors.report.map_layers import KT_PER_MT
from corridors.text.amounts import amount
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.planning.difference import Difference
    from corridors.report.context import Subject

SURE = frozenset({"observed", "derived", "calibrated", "estimated"})  # statuses that bear a finding
LEFT = 1e-3  # of what was asked for: so much unserved comes first
LEAST_CHANGE = 5.0  # kt a year: a smaller change of a corridor is none
TIE = 5e-3  # changes nearer than this to the largest are told with it
MOST_TIED = 3
LARGEST = later("the largest bottleneck is {name}: 1% more than its {capacity} would save {worth} a year")
LARGEST_KNOWN = later(
    "the largest bottleneck of known capacity is {name}: 1% more than its {capacity} would save {worth} a year"
)


def finding(subject: Subject, changed: Difference | None = None, against: str = "") -> str:
    """Return the finding: what is left behind or changed, the largest bottleneck, and how sure that is.

    Parameters
    ----------
    subject
        The plan.
    changed
        How it differs from another plan, where it is held against one.
    against
        What that plan is called.
    """
    parts = [
        *_left(subject),
        *_largest_change(subject, changed, against),
        *_bottleneck(subject),
        *_sure(subject),
    ]
    sentence = "; ".join(parts) + "."
    return sentence[:1].upper() + sentence[1:]


def _left(subject: Subject) -> Iterator[str]:
    """Say how much finds no way, where that is more than a rounding."""
    say, one = subject.say, subject.plan.summary
    if one["kt_unserved"] > LEFT * one["kt_demanded"]:
        left, asked = (say.number(one[name] / KT_PER_MT, 1) for name in ("kt_unserved", "kt_demanded"))
        yield say("{left} of {asked} Mt asked for are not carried", left=left, asked=asked)


def _largest_change(subject: Subject, changed: Difference | None, against: str) -> Iterator[str]:
    """Say where most changed: at a crossing of the frontier, or else on a corridor; ties are told together."""
    if changed is None:
        return
    say = subject.say
    crosses = bool((changed.borders["change"].abs() >= LEAST_CHANGE).any())
    table = changed.borders if crosses else changed.corridors
    table = table[table["change"].abs() >= LEAST_CHANGE]
    if table.empty:
        yield say("against {plan} nothing changes at a frontier or on a corridor", plan=against)
        return
    most = float(table["change"].iloc[0])
    alike = table[(table["change"] - most).abs() <= TIE * abs(most)]
    names = [_place(subject, row, crosses=crosses) for row in rows(alike.head(MOST_TIED))]
    told = ", ".join(names) + (say(" and {n} more", n=len(alike) - len(names)) if len(alike) > len(names) else "")
    change = ("+" if most > 0 else "") + say.number(most / KT_PER_MT, 2)
    if len(alike) > 1:
        yield say(
            "against {plan} most changes alike at {places}: {change} Mt a year",
            plan=against,
            change=change,
            places=told,
        )
        return
    yield say(
        "against {plan} most changes at {place}: by {change} Mt a year, to {after}",
        plan=against,
        place=told,
        change=change,
        after=say.number(float(alike["after"].iloc[0]) / KT_PER_MT, 2),
    )


def _place(subject: Subject, row: Any, *, crosses: bool) -> str:
    if crosses:
        return f"{subject.names.crossing(row.name, row.where)} ({subject.say.term(row.mode)})"
    return subject.names.corridor(row.name)


def _bottleneck(subject: Subject) -> Iterator[str]:
    """Say what more of the largest bottleneck is worth: of known capacity, for the others are as good as a guess."""
    say, tight = subject.say, subject.tight
    if tight.empty:
        yield say("no capacity is both full and worth widening")
        return
    tight = tight[tight["usd_per_percent"] > 0].sort_values(["usd_per_percent", "resource"], ascending=[False, True])
    known = known_capacity(tight)
    if known.any():
        row = next(rows(tight[known]))
        yield say(LARGEST if known.iloc[0] else LARGEST_KNOWN, **_told(subject, row))
    elif len(tight):
        row = next(rows(tight))
        yield say(
            "the largest bottleneck would be {name}, if its {capacity} were sure: the figure is {status}",
            **_told(subject, row),
        )
    else:
        yield say("{n} capacities are full, and none has a single price", n=say.number(len(subject.tight)))


def known_capacity(tight: pd.DataFrame) -> pd.Series:
    """Say which bottlenecks have a capacity that is not assumed or recalled."""
    return pd.Series([bool(one) and set(one.split(";")) <= SURE for one in tight["status"]], tight.index, dtype=bool)


def _told(subject: Subject, row: Any) -> dict[str, str]:
    say = subject.say
    return {
        "name": subject.names.resource(row.resource, row.where),
        "capacity": f"{say.number(row.capacity, int(row.capacity % 1 > 0))} {say.term(row.unit)}",
        "worth": f"{amount(row.usd_per_percent, say)} {say.term(subject.plan.summary['unit'])}",
        "status": say.term(row.status) if row.status else say("not stated"),
    }


def _sure(subject: Subject) -> Iterator[str]:
    """Say how many published figures the model meets, and of the counts that were kept back to test it."""
    say, card = subject.say, subject.card
    near = nearness(subject.counted)
    tests = near[near["use"] == "test"]
    counted = {"within": int(tests["within"].sum()), "counts": int(tests["observations"].sum())}
    published = {"passed": int((card["verdict"] == "pass").sum()), "published": len(card)}
    if len(card) and counted["counts"]:
        yield say(
            "the model meets {passed} of {published} published figures "
            "and {within} of {counts} counts kept back to test it",
            **published,
            **counted,
        )
    elif len(card):
        yield say("the model meets {passed} of {published} published figures", **published)
    elif counted["counts"]:
        yield say("the model meets {within} of {counts} counts kept back to test it", **counted)
    else:
        yield say("nothing published was held against it")
