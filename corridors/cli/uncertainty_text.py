"""An uncertainty run at a glance: intervals, conclusions with their probabilities, and tornados of characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.frames import rows
from corridors.text.language import later

if TYPE_CHECKING:
    import pandas as pd

    from corridors.text.language import Language
    from corridors.text.names import Names
    from corridors.uncertainty.results import UncertaintyResults

CORRIDORS = 10
CERTAIN = 0.95
LONGEST = 12  # groups of the first tornado; the others have half as many
FIRST = ("cost", "days", "emissions", "unserved")
DECIDED = 4  # tornados of doubtful conclusions
BAR = 30
THOUSAND = 1000
OF, BETWEEN = ": ", " - "  # as headlines are named: `load: LINK`, `PLACE - PLACE, means: days`
FIGURES = {
    "cost": later("cost"),
    "freight bill": later("freight bill"),
    "served": later("served"),
    "unserved": later("not served"),
    "work": later("work"),
    "days": later("days"),
    "emissions": later("emissions"),
    "through home": later("through home"),
    "through": later("through-freight"),
    "corridor": later("mean load"),
    "load": later("load"),
    "shadow price": later("shadow price"),
    "money": later("money"),
    "all in": later("all in"),
}
COMPARED = {
    "days": later("{where}: {one} is faster than {other}"),
    "money": later("{where}: {one} saves money against {other}"),
    "all in": later("{where}: {one} is cheaper, time counted, than {other}"),
    "emissions": later("{where}: {one} emits less than {other}"),
}


def show(made: UncertaintyResults, names: Names) -> None:
    """Print a run."""
    _intervals(made, names)
    _conclusions(made.conclusions, names)
    if made.estimated:
        echo(
            names.say.many(
                "{n} figure is drawn from the posterior of an estimate ({estimates}), others from bands.",
                "{n} figures are drawn together from the posterior of an estimate ({estimates}), others from bands.",
                made.estimated,
                estimates=made.estimates,
            )
            + "\n"
        )
    called = {row.conclusion: _sentence(row, names) for row in rows(made.conclusions)}
    for number, name in enumerate(_worth_a_tornado(made)):
        title = called.get(name) or _headline(name, names)
        _tornado(made.indices, name, title, LONGEST if number == 0 else LONGEST // 2, names.say)


def _headline(name: str, names: Names) -> str:
    """Name a figure in the reader's language."""
    say = names.say
    kind, of, rest = name.partition(OF)
    if not of:
        return say(FIGURES[name]) if name in FIGURES else name
    if BETWEEN in kind:
        where, means = _way(kind, names)
        return f"{where}, {means}: {say(FIGURES[rest])}"
    if kind in ("load", "shadow price"):
        rest = names.resource(rest, rest)
    elif kind in ("through", "corridor"):
        rest = f"{rest} {names.corridor(rest)}"
    return f"{say(FIGURES[kind])}: {say.term(rest) if kind == 'work' else rest}"


def _way(kind: str, names: Names) -> tuple[str, str]:
    """Name the two places of a figure, and the means."""
    ends, _, means = kind.rpartition(", ")
    return names.between(*ends.split(BETWEEN, 1)), names.means(means)


def _sentence(row: Any, names: Names) -> str:
    """Say a conclusion in the reader's language."""
    say = names.say
    if row.less:
        where, one = _way(row.less.partition(OF)[0], names)
        return say(
            COMPARED[row.less.partition(OF)[2]], where=where, one=one, other=_way(row.more.partition(OF)[0], names)[1]
        )
    resource = row.more.partition(OF)[2]
    return say("{what} is full ({resource})", what=names.resource(resource, resource), resource=resource)


def _unit(unit: str, say: Language) -> str:
    """Name a unit; a price is money for another unit."""
    money, per, other = unit.partition("/")
    return f"{say.term(money)}/{say.term(other)}" if per and "_" in other else say.term(unit) if unit != "1" else ""


def _intervals(made: UncertaintyResults, names: Names) -> None:
    say, frame = names.say, made.intervals
    kind = frame["headline"].str.partition(": ")[0]
    volume = kind == ("through" if (kind == "through").any() else "corridor")
    busiest = frame[volume].sort_values("base", ascending=False, kind="stable")
    busy = (busiest if (kind == "through").any() else busiest.head(CORRIDORS)).index
    scarce = (kind == "shadow price") & (frame["base"] > 0)
    route = frame["headline"].str.contains(" - ") & frame["headline"].str.endswith((": days", ": money"))
    plain = ~frame["headline"].str.contains(": ")
    shown = frame[plain | frame.index.isin(busy) | scarce | route]
    lines = [
        [
            _headline(row.headline, names),
            _unit(row.unit, say),
            *(_number(one, say) for one in (row.base, row.p05, row.median, row.p95)),
        ]
        for row in rows(shown)
    ]
    title = say("Headlines: the data's own, and the middle 90 % of {samples} samples", samples=made.samples)
    columns = [say("headline"), say("unit"), say("base"), "5 %", say("median"), "95 %"]
    table(title, columns, lines, right=(2, 3, 4, 5))


def _conclusions(frame: pd.DataFrame, names: Names) -> None:
    """Print what is in doubt; what hardly is, is counted."""
    say, doubtful = names.say, frame[frame["probability"] < CERTAIN]
    lines = [
        [
            _sentence(row, names),
            say.percent(row.probability),
            f"{say.percent(row.low)} - {say.percent(row.high)}",
            *((_number(one, say) for one in (row.base, row.p05, row.p95)) if row.less else ("", "", "")),
            _unit(row.unit, say) if row.less else "",
        ]
        for row in rows(doubtful)
    ]
    columns = [say("conclusion"), say("probability"), say("95 % interval"), say("by how much"), "5 %", "95 %", ""]
    title = say("Conclusions of the undisturbed plan: how probable, and by how much")
    table(title, columns, lines, right=(1, 2, 3, 4, 5))
    if len(doubtful) < len(frame):
        echo(
            say(
                "{n} more are at least {share} probable (--format csv --table conclusions).",
                n=len(frame) - len(doubtful),
                share=say.percent(CERTAIN),
            )
            + "\n"
        )


def _worth_a_tornado(made: UncertaintyResults) -> list[str]:
    """Return the totals, and the conclusions most in doubt, no two of which say the same of other places."""
    ranked = set(made.indices["headline"])
    frame = made.conclusions
    doubt = (frame["probability"] - 0.5).abs().sort_values(kind="stable").index
    open_: dict[frozenset[str], str] = {}
    for name in frame["conclusion"][doubt]:
        if name in ranked:
            open_.setdefault(frozenset(name.partition(": ")[2].split() or name.split()), name)
    return [*(name for name in FIRST if name in ranked), *list(open_.values())[:DECIDED]]


def _tornado(indices: pd.DataFrame, headline: str, title: str, most: int, say: Language) -> None:
    mine = indices[indices["headline"] == headline].head(most)
    size = "mu_star" if "mu_star" in mine else "total"
    longest = mine[size].max()
    if not longest > 0:
        return
    lines = []
    for row in rows(mine[mine[size] > 0]):
        value = float(getattr(row, size))
        bar = "#" * max(1, round(BAR * value / longest))
        lines.append([row.group, _number(value, say), _number(row.conf, say), _sign(row), bar])
    unit = _unit(str(mine["unit"].iloc[0]), say)
    effect = say("{headline}: what going from the 10th to the 90th percentile does, {unit}", headline=title, unit=unit)
    share = say("{headline}: share of the variance", headline=title)
    columns = [say("group of figures"), say("effect"), "+-", "", ""]
    table(effect if size == "mu_star" else share, columns, lines, right=(1, 2))


def _sign(row: Any) -> str:
    """Say in which direction a group moves the headline; blank where it depends on the rest."""
    effect = getattr(row, "mu", math.nan)
    if not abs(effect) > row.mu_star / 2:
        return ""
    return "+" if effect > 0 else "-"


def _number(value: float, say: Language) -> str:
    if math.isnan(value):
        return "-"
    if abs(value) >= 1e9:
        return say("{number} bn", number=say.number(value / 1e9, 2))
    if abs(value) >= 1e6:
        return say("{number} m", number=say.number(value / 1e6, 2))
    return say.number(value) if abs(value) >= THOUSAND else say.format(value, ".4g")
