"""What a minister reads first: a plan in a few sentences, each with its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corridors.frames import rows
from corridors.report.finding import known_capacity
from corridors.report.map_layers import KT_PER_MT
from corridors.text.amounts import amount
from corridors.text.reasons import differing_terms, of_other_years
from corridors.text.shippers import of_model

if TYPE_CHECKING:
    from corridors.network.routes import Comparison
    from corridors.planning.difference import Difference
    from corridors.report.context import Subject

MOST_MEANS = 4


def short(subject: Subject, made: Sequence[Comparison], changed: Difference | None = None) -> list[str]:
    """Return a plan in a few sentences: its model, what is served, the dearest bottleneck, the ways, how sure it is."""
    return [
        *of_model(subject.plan.summary, subject.say),
        *_changed(subject, changed),
        *_served(subject),
        *_left_out(subject),
        *_tightest(subject),
        *_ways(subject, made),
        *_standing(subject),
    ]


def _served(subject: Subject) -> Iterator[str]:
    say, one = subject.say, subject.plan.summary
    served, transit = (say.number(kt / KT_PER_MT, 1) for kt in (one["kt_served"], one["kt_by_trade"]["transit"]))
    if one["kt_unserved"] > 0:
        left = say.number(one["kt_unserved"] / KT_PER_MT, 1)
        yield say(
            "{served} Mt are carried and {left} Mt are not; {transit} Mt of it is transit.",
            served=served,
            left=left,
            transit=transit,
        )
    else:
        yield say(
            "All {served} Mt asked for are carried; {transit} Mt of it is transit.", served=served, transit=transit
        )


def _left_out(subject: Subject) -> Iterator[str]:
    yield from of_other_years(subject.plan.summary, subject.say)


def _changed(subject: Subject, changed: Difference | None) -> Iterator[str]:
    """Say how the freight bill changed, and the largest shift."""
    if changed is None:
        return
    say = subject.say
    yield from differing_terms(changed.unlike, say)
    bill = next(row for row in rows(changed.totals) if row.measure == "usd_freight")
    yield say(
        "Against the other plan the freight bill changes by {change} bn USD a year, from {before} to {after}.",
        change=say.number(bill.change / 1e9, 2),
        before=say.number(bill.before / 1e9, 2),
        after=say.number(bill.after / 1e9, 2),
    )
    if len(changed.shifts):
        most = changed.shifts.iloc[0]
        yield say(
            "The largest shift: {mt} Mt a year from {start} to {end}.",
            mt=say.number(most["kt"] / KT_PER_MT, 2),
            start=subject.names.way(most["from_way"]),
            end=subject.names.way(most["to_way"]),
        )


def _tightest(subject: Subject) -> Iterator[str]:
    """Say what the dearest bottleneck is worth: one whose capacity is known, for the others are as good as a guess."""
    say, tight = subject.say, subject.tight
    sure = tight[known_capacity(tight)]
    for row in [row for row in rows(sure) if not math.isnan(row.shadow_price_low)][:1]:
        yield say(
            "The dearest bottleneck of known capacity is {name}, {capacity} {unit}: "
            "a little more is worth {price} a year per unit.",
            name=subject.names.resource(row.resource, row.where),
            capacity=say.number(row.capacity, int(row.capacity % 1 > 0)),
            unit=say.term(row.unit),
            price=f"{amount(row.shadow_price_low, say)} {say.term(subject.plan.summary['unit'])}",
        )
    guessed = len(tight) - len(sure)
    if guessed:
        yield say.many(
            "{n} other bottleneck has an assumed or remembered capacity: no finding, but a figure to measure next.",
            "{n} other bottlenecks have assumed or remembered capacities: no findings, but figures to measure next.",
            guessed,
        )


def _ways(subject: Subject, made: Sequence[Comparison]) -> Iterator[str]:
    """Say what the first means of transport take and cost between the usual pair of places."""
    say = subject.say
    for one in made[:1]:
        parts = [
            say(
                "{means} {days} days for {usd} USD per 40-foot container",
                means=subject.names.means(route.means),
                days=say.number(route.days, 1),
                usd=say.number(route.usd_per_feu),
            )
            for route in one.routes[:MOST_MEANS]
            if route.usd_per_feu is not None
        ]
        if parts:
            yield say(
                "{origin} – {destination}: {ways}.",
                origin=subject.names.place(one.origin),
                destination=subject.names.place(one.destination),
                ways="; ".join(parts),
            )


def _standing(subject: Subject) -> Iterator[str]:
    say, card = subject.say, subject.card
    if len(card):
        yield say(
            "{passed} of {n} published figures that the model covers lie within their band.",
            passed=say.number(int((card["verdict"] == "pass").sum())),
            n=say.number(len(card)),
        )
    status = subject.dataset["provenance"]["status"]
    if len(status):
        share = say.percent(float((status == "assumed").mean()))
        yield say("{share} of the numbers behind the plan are assumed; the last section says which.", share=share)
