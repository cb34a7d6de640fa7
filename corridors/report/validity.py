"""How far to believe it: the model beside published figures and counts, and where its data are assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt

from corridors.frames import rows
from corridors.planning.counted import INPUT, JUDGED, OTHER_YEAR, nearness
from corridors.report.style import INK, STATUS, VERDICT
from corridors.report.vegalite import layered
from corridors.text import counts as texts

if TYPE_CHECKING:
    from corridors.report.context import Subject

WIDTH, ROW = 560, 15
FARTHEST = 0.6  # farther off, a point stands at the edge


def scorecard(subject: Subject) -> alt.LayerChart:
    """Draw how far the model is off each published figure, with the band in which it must lie."""
    say = subject.say
    card = subject.card
    found = [
        {
            "name": row.reference,
            "row": _row(subject, row),
            "off": max(-FARTHEST, min(FARTHEST, row.deviation)),
            "low": max(-FARTHEST, row.low / row.value - 1),
            "high": min(FARTHEST, row.high / row.value - 1),
            "what": row.what,
            "verdict": say.term(row.verdict),
            "missed": row.verdict == "fail",
            "kind": say.term(row.kind),
            "published": f"{say.number(row.value, 1)} {say.term(row.unit)}",
            "model": f"{say.number(row.model, 1)} {say.term(row.unit)}",
            "by": say.percent(row.deviation, 1),
            "note": row.note,
        }
        for row in rows(card[(card["value"] != 0) & card["deviation"].notna()])
    ]
    titles = {
        "name": say("reference"),
        "what": say("what"),
        "published": say("published"),
        "model": say("model"),
        "by": say("off by"),
        "verdict": say("verdict"),
        "note": say("note"),
    }
    tip = [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]
    words = [say.term(verdict) for verdict in VERDICT]
    axis = alt.Axis(ticks=False, domain=False, labelFontSize=10.5, labelLimit=0)
    y = alt.Y("row:N", title=None, sort=None, axis=axis)
    data = alt.Chart(alt.InlineData(values=found))
    bands = data.mark_rule(strokeWidth=7, color="#d6dde4").encode(
        y=y,
        x=alt.X("low:Q", title=say("model beside published figure"), axis=alt.Axis(format="+.0%", tickCount=8)),
        x2="high:Q",
    )
    dots = data.mark_point(filled=True, size=70, opacity=1).encode(
        y=y,
        x="off:Q",
        tooltip=tip,
        color=alt.Color(
            "verdict:N",
            scale=alt.Scale(domain=words, range=list(VERDICT.values())),
            legend=alt.Legend(title=None, orient="top"),
        ),
        shape=alt.Shape("verdict:N", scale=alt.Scale(domain=words, range=["circle", "cross"])),
    )
    missed = data.transform_filter(alt.datum.missed).mark_text(dx=8, align="left", fontSize=10.5, color=INK)
    far = missed.encode(y=y, x="off:Q", text="by:N")
    zero = alt.Chart(alt.InlineData(values=[{"x": 0}])).mark_rule(color=INK, strokeWidth=0.8).encode(x="x:Q")
    chart = layered(bands, zero, dots, far)
    return chart.properties(width=WIDTH, height=ROW * max(len(found), 1))


def _row(subject: Subject, row: Any) -> str:
    """Name a published figure: between which places, of what, and in which unit; each its own row."""
    number = row.reference.rpartition(":")[2]
    again = f" ({number})" if number.isdigit() else ""
    between = subject.names.between(row.origin, row.destination) if row.origin != row.destination else row.origin
    return f"{between}: {row.what}, {subject.say.term(row.unit)}{again}"


def counts(subject: Subject) -> list[str]:
    """Say how near the plan comes to what was counted, by use; nothing where nothing was counted."""
    table, say = subject.counted, subject.say
    near = nearness(table)
    of_use = {use: list(rows(near[near["use"] == use])) for use in JUDGED}
    told = [texts.near(use, mine, say) for use, mine in of_use.items() if mine]
    inputs = table[(table["use"] == INPUT) & (table["verdict"] != OTHER_YEAR)]
    told += [texts.inputs(inputs["verdict"].tolist(), say)] if len(inputs) else []
    others = int((table["verdict"] == OTHER_YEAR).sum())
    return [*told, texts.others(others, say)] if others else told


def assumptions(subject: Subject) -> alt.Chart:
    """Draw, for each table, which share of its numbers has which status, from observed to assumed."""
    say = subject.say
    told = subject.dataset["provenance"]
    counted = told.groupby(["table", "status"]).size().reset_index(name="numbers")
    found = [
        {
            "table": row.table,
            "status": say.term(row.status),
            "numbers": int(row.numbers),
            "order": list(STATUS).index(row.status),
        }
        for row in rows(counted)
        if row.status in STATUS
    ]
    words = [say.term(status) for status in STATUS]
    x = alt.X("numbers:Q", stack="normalize", title=say("share of the table's numbers"), axis=alt.Axis(format="%"))
    return (
        alt.Chart(alt.InlineData(values=found))
        .mark_bar(height=15)
        .encode(
            y=alt.Y("table:N", title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=0)),
            x=x,
            order="order:Q",
            color=alt.Color(
                "status:N",
                scale=alt.Scale(domain=words, range=list(STATUS.values())),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("table:N", title=say("table")),
                alt.Tooltip("status:N", title=say("status")),
                alt.Tooltip("numbers:Q", title=say("numbers")),
            ],
        )
        .properties(width=WIDTH, height=24 * max(len({one["table"] for one in found}), 1))
    )
