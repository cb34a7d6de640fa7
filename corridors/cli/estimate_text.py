"""An estimate at a glance: the fit, what moved, what the counts do not tell, the worst misses, and on what it rests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.estimation.results import FAIL, NO, YES
from corridors.frames import rows
from corridors.text import counts

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.results import EstimateTables
    from corridors.text.language import Language

SHARES = "shares"
IDENTIFIED = 0.1  # of the variance: what counts narrow less stays as it was judged
SMALLEST = 1e-16  # of a gap: what lies below is rounding
NAMED = 12  # parameters of which counts say nothing


def show(found: EstimateTables, told: Mapping[str, Any], say: Language, top: int) -> None:
    """Print an estimate: its tables, and the summary of its folder."""
    _head(told, say)
    _fit(found.fit, told, say)
    free = found.estimates
    others = free[free["group"] != SHARES]
    _moved(others, say("Behaviour and costs: what moved most"), say, top)
    _moved(free[free["group"] == SHARES], say("Shares of totals: what moved most"), say, top)
    _unidentified(free, say)
    _misses(found.residuals, say, top)
    _influence(found.influence, say, top)


def _head(told: Mapping[str, Any], say: Language) -> None:
    narrowed = sum(one["identified"] for one in told["groups"].values())
    echo(
        say(
            "Parameters estimated: {parameters}, from {counted} counts of {year}, which narrow {narrowed} of them.",
            parameters=say.number(told["parameters"]),
            counted=say.number(told["counted"]),
            year=told["year"],
            narrowed=say.number(narrowed),
        )
    )
    echo(
        say(
            "It took {steps} steps over routes that were listed {n} times; the plan of the estimated data is proved "
            "(relative gap {gap}).",
            steps=told["steps"],
            n=told["rounds"] + 1,
            gap=say.format(max(abs(told["gap"]), SMALLEST), ".0e"),
        )
    )
    if not told["stands"]:
        echo(
            say(
                "It does not quite stand: one step more over the routes of the estimate would lower the objective of "
                "{objective} by {gain}.",
                objective=say.number(told["objective"], 2),
                gain=say.format(told["to_gain"], ".1e"),
            )
        )
    echo("")


def _fit(fit: pd.DataFrame, told: Mapping[str, Any], say: Language) -> None:
    lines = [
        [
            say.term(row.use),
            say("yes") if row.counted == YES else say("no"),
            say.term(row.unit),
            say.number(row.observations),
            say.number(row.within_before),
            say.number(row.within),
            _share(row.off_before, say),
            _share(row.off, say),
        ]
        for row in rows(fit)
    ]
    columns = [
        *(say("use"), say("fitted to"), say("unit"), say("counts"), say("near before"), say("near after")),
        *(say("off before"), say("off after")),
    ]
    title = say("The model beside the counts: near is within 1.5 standard deviations")
    table(title, columns, lines, right=(3, 4, 5, 6, 7))
    share = say.percent(told["within"] / told["counted"]) if told["counted"] else "-"
    echo(
        say(
            "Of {counted} counts that it was fitted to, {before} were near before and {after} are now ({share}). To "
            "meet them is no test; counts kept back are one, and --leave-out is.",
            counted=say.number(told["counted"]),
            before=say.number(told["within_before"]),
            after=say.number(told["within"]),
            share=share,
        )
        + "\n"
    )


def _share(value: float, say: Language) -> str:
    return "-" if math.isnan(value) else say.percent(value, 1)


def _moved(frame: pd.DataFrame, title: str, say: Language, top: int) -> None:
    """Print the parameters that moved by the most of their standard deviations before."""
    order = frame["moved"].abs().sort_values(ascending=False, kind="stable").index
    shown = frame.loc[order].head(top)
    if not len(shown):
        return
    lines = [
        [
            row.parameter,
            _number(row.before, say),
            _number(row.estimate, say),
            say("{low} to {high}", low=_number(row.low, say), high=_number(row.high, say)),
            say("{low} to {high}", low=_number(row.prior_low, say), high=_number(row.prior_high, say)),
            say.term(row.unit) if row.unit != "1" else "",
            "" if math.isnan(row.factor) else say.format(row.factor, ".2f"),
            say.format(row.moved, "+.1f"),
            say.percent(max(row.identified, 0.0)),
        ]
        for row in rows(shown)
    ]
    columns = [
        *(
            say("parameter"),
            say("before"),
            say("estimate"),
            say("90 % interval"),
            say("before the counts"),
            say("unit"),
        ),
        *(say("factor"), say("moved"), say("told by counts")),
    ]
    table(title, columns, lines, right=(1, 2, 3, 4, 6, 7, 8))
    if len(shown) < len(frame):
        echo(
            say(
                "{shown} of {all} are shown (--top, or --format csv --table estimates for all).",
                shown=len(shown),
                all=say.number(len(frame)),
            )
            + "\n"
        )


def _unidentified(frame: pd.DataFrame, say: Language) -> None:
    """Say of which parameters the counts tell nothing."""
    silent = frame[frame["identified"] < IDENTIFIED]
    named = silent.loc[silent["group"] != SHARES, "parameter"].tolist()
    if named:
        more = say(" and {n} more", n=len(named) - NAMED) if len(named) > NAMED else ""
        echo(
            say(
                "Of these the counts tell next to nothing, and they stay about as judged: {names}{more}.",
                names="; ".join(named[:NAMED]),
                more=more,
            )
        )
    shares = frame[frame["group"] == SHARES]
    if len(silent) > len(named):
        echo(
            say(
                "The same holds for {n} of {all} shares.",
                n=say.number(len(silent) - len(named)),
                all=say.number(len(shares)),
            )
        )
    if len(silent):
        echo("")


def _misses(residuals: pd.DataFrame, say: Language, top: int) -> None:
    """Print the counts that the estimate misses, the worst first."""
    missed = residuals[residuals["verdict"] == FAIL]
    order = missed["sds"].abs().sort_values(ascending=False, kind="stable").index
    lines = [
        [
            row.observation,
            row.name_en,
            say("yes") if row.counted == YES else say.term(row.use),
            *(counts.figure(value, say) for value in (row.value, row.sd, row.before, row.model)),
            say.term(row.unit),
            "" if math.isnan(row.deviation) else say.format(row.deviation, "+.0%"),
            say.format(row.sds, "+.1f"),
        ]
        for row in rows(missed.loc[order].head(top))
    ]
    if not lines:
        return
    columns = [
        *(say("observation"), say("what"), say("fitted to"), say("counted"), say("standard deviation")),
        *(say("before"), say("model"), say("unit"), say("off by"), say("in deviations")),
    ]
    title = say("Counts missed by more than 1.5 standard deviations: {n}; the worst", n=len(missed))
    table(title, columns, lines, right=(3, 4, 5, 6, 8, 9))


def _influence(influence: pd.DataFrame, say: Language, top: int) -> None:
    lines = [
        [
            row.observation,
            say.percent(row.weight),
            say.percent(row.leverage),
            *(counts.figure(value, say) for value in (row.value, row.model, row.without)),
            say.term(row.unit),
            say.format(row.distance, ".2f"),
            row.parameter,
            say.format(row.parameter_sds, "+.2f"),
        ]
        for row in rows(influence.head(top))
    ]
    columns = [
        *(say("observation"), say("weight"), say("leverage"), say("counted"), say("model"), say("without it")),
        *(say("unit"), say("moves all by"), say("most of all"), say("by")),
    ]
    title = say("On which counts it rests: the estimate without each, to first order, in standard deviations")
    table(title, columns, lines, right=(1, 2, 3, 4, 5, 7, 9))


def show_left_out(frame: pd.DataFrame, say: Language) -> None:
    """Print counts that were left out beside what an estimate from the others foretells."""
    known = frame[frame["failed"] == ""]
    lines = [
        [
            row.observation,
            row.name_en,
            *(counts.figure(value, say) for value in (row.value, row.sd, row.predicted, row.predicted_sd)),
            say.term(row.unit),
            "" if math.isnan(row.deviation) else say.format(row.deviation, "+.0%"),
            *(_word(one, say) for one in (row.within_15, row.within_95)),
        ]
        for row in rows(known)
    ]
    columns = [
        *(say("observation"), say("what"), say("counted"), say("standard deviation"), say("foretold")),
        *(say("its deviation"), say("unit"), say("off by"), say("within 15 %"), say("within 95 %")),
    ]
    table(say("Counts foretold by an estimate without their group"), columns, lines, right=(2, 3, 4, 5, 7))
    _tally(known, say)
    shaky = known.loc[known["stands"] == NO, "group"].unique().tolist()
    if shaky:
        echo(
            say(
                "Estimates that did not come to stand, and may keep something of the counts left out: {groups}.",
                groups="; ".join(shaky),
            )
        )
    for row in rows(frame[frame["failed"] != ""].drop_duplicates("group")):
        echo(say("{what} was not estimated without: {why}", what=row.group, why=row.failed))


def _word(told: str, say: Language) -> str:
    return say("yes") if told == YES else say("no")


def _tally(known: pd.DataFrame, say: Language) -> None:
    near, inside = (int((known[name] == YES).sum()) for name in ("within_15", "within_95"))
    echo(
        say(
            "Of {n} counts in {groups} groups, {near} are foretold within 15 % ({share}), and {inside} lie within the "
            "95 % interval.",
            n=len(known),
            groups=known["group"].nunique(),
            near=near,
            share=say.percent(near / len(known)) if len(known) else "-",
            inside=inside,
        )
    )


def _number(value: float, say: Language) -> str:
    """Write a figure with three or four digits that count."""
    return say.number(value) if abs(value) >= 1000 else say.format(value, ".3g")
