"""Sentences on a plan beside what was counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.text.language import Language

TITLES = {
    "fit": later("Counts to fit with, beside the plan of {year} ({model})"),
    "test": later("Counts kept back to test with, beside the plan of {year} ({model})"),
    "input": later("Counts that the demand was made from, beside the plan of {year} ({model}): no tests"),
}

WHOLE, TENTHS = 100, 10  # from which figures on no decimals are written, and one


def title(use: str, year: int, model: str, say: Language) -> str:
    """Say what a table of counts of one use is."""
    return say(TITLES[use], year=year, model=say.term(model))


def figure(value: float, say: Language) -> str:
    """Write a count as people do: with the fewer decimals the larger it is; "" for none."""
    if math.isnan(value):
        return ""
    return say.number(value, 0 if abs(value) >= WHOLE else 1 if abs(value) >= TENTHS else 2)


def near(use: str, rows: Sequence[Any], say: Language) -> str:
    """Say how many counts of a use a plan comes near, by the rows of `planning.counted.nearness` for it."""
    off = ", ".join(
        say("{share} ({unit})", share=say.percent(row.off, 1), unit=say.term(row.unit))
        for row in rows
        if not math.isnan(row.off)
    )
    return say(
        "{use}: {within} of {counts} within two standard deviations; off on the mean by {off}",
        use=say.term(use),
        within=sum(row.within for row in rows),
        counts=sum(row.observations for row in rows),
        off=off or "–",
    )


def inputs(verdicts: Sequence[str], say: Language) -> str:
    """Say how many counts are no tests, as the demand was made from them, and how many are missed all the same."""
    return say(
        "{use}: {counts}, of which the demand was made; to meet one is no hit, {missed} are missed by more than two "
        "standard deviations",
        use=say.term("input"),
        counts=len(verdicts),
        missed=verdicts.count("fail"),
    )


def others(count: int, say: Language) -> str:
    """Say how many counts are of other years."""
    return say.many("{n} count of another year is not compared.", "{n} counts of other years are not compared.", count)


def columns(say: Language) -> list[str]:
    """Name the columns of a table of counts beside a plan."""
    return [
        say("observation"),
        say("what"),
        say("counted"),
        say("standard deviation"),
        say("model"),
        say("unit"),
        say("off by"),
        say("in deviations"),
        say("verdict"),
    ]
