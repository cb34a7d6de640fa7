"""An uncertainty run at a glance: intervals, conclusions with their probabilities, and tornados of characters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from corridors.cli.tabular import table
from corridors.frames import rows

if TYPE_CHECKING:
    import pandas as pd

    from corridors.findings import Findings

CORRIDORS = 10
CERTAIN = 0.95
LONGEST = 12  # groups of the first tornado; the others have half as many
FIRST = ("cost", "days", "emissions", "unserved")
DECIDED = 4  # tornados of doubtful conclusions
BAR = 30
THOUSAND = 1000


def show(made: Findings) -> None:
    """Print a run."""
    _intervals(made)
    _conclusions(made.conclusions)
    for number, name in enumerate(_worth_a_tornado(made)):
        _tornado(made.indices, name, LONGEST if number == 0 else LONGEST // 2)


def _intervals(made: Findings) -> None:
    frame = made.intervals
    kind = frame["headline"].str.partition(": ")[0]
    busy = frame[kind == "corridor"].sort_values("base", ascending=False, kind="stable").head(CORRIDORS).index
    scarce = (kind == "shadow price") & (frame["base"] > 0)
    route = frame["headline"].str.contains(" - ") & frame["headline"].str.endswith((": days", ": money"))
    plain = ~frame["headline"].str.contains(": ")
    shown = frame[plain | frame.index.isin(busy) | scarce | route]
    lines = [
        [row.headline, row.unit, *(_number(one) for one in (row.base, row.p05, row.median, row.p95))]
        for row in rows(shown)
    ]
    title = f"Headlines: the data's own, and the middle 90 % of {made.samples} samples"
    table(title, ["headline", "unit", "base", "5 %", "median", "95 %"], lines, right=(2, 3, 4, 5))


def _conclusions(frame: pd.DataFrame) -> None:
    """Print what is in doubt; what hardly is, is counted."""
    doubtful = frame[frame["probability"] < CERTAIN]
    lines = [
        [row.conclusion, f"{row.probability:.0%}", f"{row.low:.0%} - {row.high:.0%}",
         *((_number(one) for one in (row.base, row.p05, row.p95)) if row.less else ("", "", "")),
         row.unit if row.less else ""]
        for row in rows(doubtful)
    ]  # fmt: skip
    columns = ["conclusion", "probability", "95 % interval", "by", "5 %", "95 %", ""]
    table("Conclusions of the undisturbed plan: how probable, and by how much", columns, lines, right=(1, 2, 3, 4, 5))
    if len(doubtful) < len(frame):
        click.echo(f"{len(frame) - len(doubtful)} more are at least {CERTAIN:.0%} probable "
                   "(--format csv --table conclusions).\n")  # fmt: skip


def _worth_a_tornado(made: Findings) -> list[str]:
    """Give the totals, and the conclusions most in doubt, no two of which say the same of other places."""
    ranked = set(made.indices["headline"])
    frame = made.conclusions
    doubt = (frame["probability"] - 0.5).abs().sort_values(kind="stable").index
    open_: dict[frozenset[str], str] = {}
    for name in frame["conclusion"][doubt]:
        if name in ranked:
            open_.setdefault(frozenset(name.partition(": ")[2].split() or name.split()), name)
    return [*(name for name in FIRST if name in ranked), *list(open_.values())[:DECIDED]]


def _tornado(indices: pd.DataFrame, headline: str, most: int) -> None:
    mine = indices[indices["headline"] == headline].head(most)
    size = "mu_star" if "mu_star" in mine else "total"
    longest = mine[size].max()
    if not longest > 0:
        return
    lines = []
    for row in rows(mine[mine[size] > 0]):
        value = float(getattr(row, size))
        lines.append(
            [row.group, _number(value), _number(row.conf), _sign(row), "#" * max(1, round(BAR * value / longest))]
        )
    unit = str(mine["unit"].iloc[0])
    says = (
        f"what going from the 10th to the 90th percentile does, {unit}"
        if size == "mu_star"
        else "share of the variance"
    )
    table(f"{headline}: {says}", ["group of figures", "effect", "+-", "", ""], lines, right=(1, 2))


def _sign(row: Any) -> str:
    """Say in which direction a group moves the headline; blank where it depends on the rest."""
    effect = getattr(row, "mu", math.nan)
    if not abs(effect) > row.mu_star / 2:
        return ""
    return "+" if effect > 0 else "-"


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    for size, word in ((1e9, " bn"), (1e6, " m")):
        if abs(value) >= size:
            return f"{value / size:,.2f}{word}"
    return f"{value:,.0f}" if abs(value) >= THOUSAND else f"{value:.4g}"
