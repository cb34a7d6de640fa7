"""An estimate on other years, and how freight answers prices at it, at a glance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.estimation.results import NO, YES
from corridors.frames import rows
from corridors.text import counts

if TYPE_CHECKING:
    import pandas as pd

    from corridors.text.language import Language


def show_years(frame: pd.DataFrame, say: Language, top: int) -> None:
    """Print the counts of years that the estimate never saw beside the model, the worst first, and the tally."""
    for year, mine in frame.groupby("year", sort=True):
        unseen = mine[mine["seen"] == NO]
        order = unseen["z"].abs().sort_values(ascending=False, kind="stable").index
        lines = [
            [
                row.observation,
                row.name_en,
                *(counts.figure(value, say) for value in (row.value, row.predicted)),
                say("{low} to {high}", low=counts.figure(row.low, say), high=counts.figure(row.high, say)),
                say.term(row.unit),
                "" if math.isnan(row.deviation) else say.format(row.deviation, "+.0%"),
                *(say("yes") if told == YES else say("no") for told in (row.within_15, row.within_95)),
            ]
            for row in rows(unseen.loc[order].head(top))
        ]
        columns = [
            *(say("observation"), say("what"), say("counted"), say("model"), say("95 % interval"), say("unit")),
            *(say("off by"), say("within 15 %"), say("within 95 %")),
        ]
        if lines:
            title = say("{year} with the estimated parameters: counts that they never saw; the worst", year=year)
            table(title, columns, lines, right=(2, 3, 4, 6))
        _tally(int(str(year)), mine, say)


def _tally(year: int, mine: pd.DataFrame, say: Language) -> None:
    unseen = mine[mine["seen"] == NO]
    near, inside = (int((unseen[name] == YES).sum()) for name in ("within_15", "within_95"))
    echo(
        say(
            "{year}: of {n} counts that the estimate never saw, {near} are met within 15 %, and {inside} lie within "
            "the 95 % interval; {others} more have a part in the estimate or in the freight of the year.",
            year=year,
            n=len(unseen),
            near=near,
            inside=inside,
            others=len(mine) - len(unseen),
        )
        + "\n"
    )


def show_elasticities(frame: pd.DataFrame, say: Language) -> None:
    """Print how freight answers prices and hours, with intervals, beside what is published."""
    lines = [
        [
            say.term(row.measure),
            say.term(row.factor),
            say.number(row.kt),
            _figure(row.elasticity, say),
            _range(row.low, row.high, say),
            _figure(row.median, say),
            _range(row.published_low, row.published_high, say),
        ]
        for row in rows(frame)
    ]
    columns = [
        *(say("measure"), say("to"), say("kt a year"), say("elasticity"), say("95 % interval")),
        *(say("median of the draws"), say("published")),
    ]
    title = say("How freight answers: by how many per cent, if the price or the time rises by one")
    table(title, columns, lines, right=(2, 3, 4, 5, 6))


def _range(low: float, high: float, say: Language) -> str:
    return "" if math.isnan(low) else say("{low} to {high}", low=_figure(low, say), high=_figure(high, say))


def _figure(value: float, say: Language) -> str:
    """Write an elasticity with two decimals, never minus nothing."""
    return "" if math.isnan(value) else say.format(round(value, 2) + 0.0, ".2f")
