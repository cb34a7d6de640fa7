"""What was counted beside a plan, as text for people: by use, with how many a plan comes near."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.cli.streams import echo
from corridors.cli.tables import table
from corridors.frames import rows
from corridors.planning.counted import INPUT, OTHER_YEAR, USES, nearness
from corridors.text import counts

if TYPE_CHECKING:
    import pandas as pd

    from corridors.planning.planner import Plan
    from corridors.text.language import Language


def show(counted: pd.DataFrame, plan: Plan, say: Language) -> None:
    """Print the table of `planning.counted.beside`: those to fit with, those to test with and inputs apart."""
    compared = counted[counted["verdict"] != OTHER_YEAR]
    near = nearness(counted)
    columns = counts.columns(say)
    used = [use for use in USES if use in set(compared["use"])]
    for use in used:
        mine = compared[compared["use"] == use]
        title = counts.title(use, plan.summary["year"], plan.model, say)
        if use != used[0]:
            echo("")
        table(title, columns, [_line(row, say) for row in rows(mine)], right=(2, 3, 4, 6, 7))
        judged = list(rows(near[near["use"] == use]))
        echo(counts.inputs(mine["verdict"].tolist(), say) if use == INPUT else counts.near(use, judged, say))
    if len(compared) < len(counted):
        echo(("\n" if used else "") + counts.others(len(counted) - len(compared), say))


def _line(row: Any, say: Language) -> list[str]:
    return [
        row.observation,
        row.name_en,
        *(counts.figure(value, say) for value in (row.value, row.sd, row.model)),
        say.term(row.unit),
        "" if math.isnan(row.deviation) else say.format(_rounded(row.deviation, 3), "+.1%"),
        "" if math.isnan(row.sds) else say.format(_rounded(row.sds, 1), "+.1f"),
        say.term(row.verdict),
    ]


def _rounded(value: float, digits: int) -> float:
    """Round, without the minus of a rounded zero."""
    return round(value, digits) + 0.0
