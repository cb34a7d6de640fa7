"""Bars: what corridors carry, what bottlenecks are worth, the work of each mode, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from corridors.frames import rows
from corridors.planning.difference import compare
from corridors.report.map_layers import CLASSES, KT_PER_MT, load_class, price
from corridors.report.style import INK, LOADS, SPENT, STATUS
from corridors.report.vegalite import LINES, in_lines, layered
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.report.context import Subject

WIDTH, ROW = 560, 24
LINE = 14  # of a label of two lines or more
ROOM = 1.18  # of the longest bar: figures stand at the ends
MOST = 15
USD_PER_MILLION = 1e6
MORE, LESS = "#1f5f8b", "#b58b3b"  # neither is better: freight that moves elsewhere is no fault


def corridors(subject: Subject) -> alt.LayerChart:
    """Draw the through-freight of every corridor but those of the air; colour is utilisation.

    Of a package whose corridors have no through-freight it is the mean load.
    """
    say, table = subject.say, subject.plan.corridors
    column = "through_kt" if (table["through_kt"] > 0).any() else "mean_kt"
    ground = table[table["mode"] != "air"].sort_values([column, "mean_kt"], ascending=False)
    found = [
        {
            "name": subject.names.corridor(row.corridor),
            "mt": round(getattr(row, column) / KT_PER_MT, 3),
            "load": say(load_class(row.utilisation)),
            "by": say.term(row.mode),
            "text": f"{say.number(getattr(row, column) / KT_PER_MT, 1)} · {say.percent(row.utilisation)}",
            "mean": say.number(row.mean_kt / KT_PER_MT, 1),
            "at": subject.names.section(row.corridor),
            "scarcity": say.number(row.shadow_price_usd_per_t, 2),
        }
        for row in rows(ground)
    ]
    titles = {
        "name": say("corridor"),
        "by": say("mode"),
        "text": say("Mt a year · fullest link"),
        "at": say("counted at"),
        "mean": say("mean load, Mt"),
        "scarcity": say("a tonne pays for full places, {unit}", unit=say.term(subject.plan.summary["unit"])),
    }
    shade = alt.Color(
        "load:N",
        scale=alt.Scale(domain=[say(one) for one in CLASSES], range=[LOADS[one] for one in CLASSES]),
        legend=alt.Legend(title=say("fullest link"), orient="top", columns=2),
    )
    axis = say("through-freight, Mt a year") if column == "through_kt" else say("mean load, Mt a year")
    return _bars(found, "mt", axis, shade, titles)


def bottlenecks(subject: Subject) -> alt.LayerChart:
    """Draw what one per cent more of each full resource would save a year: units differ, so that this compares them."""
    say = subject.say
    found = [
        {
            "name": subject.names.resource(row.resource, row.where),
            "musd": row.usd_per_percent / USD_PER_MILLION,
            "status": say.term(row.status) if row.status else say("not stated"),
            "capacity": f"{say.number(row.capacity, 1)} {say.term(row.unit)}",
            "price": price(subject, row),
            "text": say.number(row.usd_per_percent / USD_PER_MILLION, 2),
        }
        for row in rows(subject.tight[subject.tight["usd_per_percent"] > 0].head(MOST))
    ]
    titles = {
        "name": say("bottleneck"),
        "capacity": say("capacity"),
        "status": say("capacity is"),
        "price": say("a little more is worth"),
    }
    words = {say.term(status): colour for status, colour in STATUS.items()} | {say("not stated"): SPENT["handling"]}
    shade = alt.Color(
        "status:N",
        scale=alt.Scale(domain=list(words), range=list(words.values())),
        legend=alt.Legend(title=say("capacity is"), orient="top", columns=2),
    )
    unit = say.term(subject.plan.summary["unit"])
    return _bars(found, "musd", say("1% more capacity saves, million {unit} a year", unit=unit), shade, titles)


def modes(subject: Subject) -> alt.LayerChart:
    """Draw the work of each mode, billion tonne-kilometres, and how much of it at home."""
    say, found = subject.say, []
    for mode, one in subject.plan.summary["modes"].items():
        for where, mtkm in ((say("at home"), one["mtkm_at_home"]), (say("abroad"), one["mtkm"] - one["mtkm_at_home"])):
            found.append(
                {
                    "name": say.term(mode),
                    "btkm": round(mtkm / KT_PER_MT, 4),
                    "where": where,
                    "text": say.number(one["mtkm"] / KT_PER_MT, 1),
                    "all": round(one["mtkm"] / KT_PER_MT, 4),
                }
            )
    shade = alt.Color(
        "where:N",
        scale=alt.Scale(domain=[say("at home"), say("abroad")], range=["#1f5f8b", "#b9cfdd"]),
        legend=alt.Legend(title=None, orient="top"),
    )
    titles = {"name": say("mode"), "where": say("where"), "text": say("billion tkm, in all")}
    return _bars(found, "btkm", say("billion tkm a year"), shade, titles, end="all")


def changes(subject: Subject, against: Plan) -> alt.LayerChart:
    """Draw how what crosses the frontier changed from another plan, `against`, to this one.

    Where nothing did, it is the through-freight of corridors, or their mean load.
    """
    say, changed = subject.say, compare(against, subject.plan)
    crosses = len(changed.borders) > 0
    found = []
    for row in rows((changed.borders if crosses else changed.corridors).head(MOST)):
        more = row.change > 0
        text = ("+" if more else "") + say.number(row.change / KT_PER_MT, 2)
        found.append(
            {
                "name": _crossing(subject, row) if crosses else subject.names.corridor(row.name),
                "mt": round(row.change / KT_PER_MT, 4),
                "text": text,
                "way": say(MORE_WORD if more else LESS_WORD),
                "before": say.number(row.before / KT_PER_MT, 2),
                "after": say.number(row.after / KT_PER_MT, 2),
            }
        )
    shade = alt.Color(
        "way:N",
        scale=alt.Scale(domain=[say(MORE_WORD), say(LESS_WORD)], range=[MORE, LESS]),
        legend=alt.Legend(title=None, orient="top"),
    )
    name = say("crossing") if crosses else say("corridor")
    titles = {"name": name, "before": say("before, Mt"), "after": say("after, Mt")}
    axis = (
        say("change over the frontier, both directions, Mt a year")
        if crosses
        else say("change on corridors, Mt a year")
    )
    return _bars(found, "mt", axis, shade, titles)


def _crossing(subject: Subject, row: Any) -> str:
    return f"{subject.names.crossing(row.name, row.where)} ({subject.say.term(row.mode)})"


MORE_WORD, LESS_WORD = later("more"), later("less")


def _bars(
    found: Sequence[dict[str, Any]], size: str, title: str, shade: alt.Color, titles: dict[str, str], end: str = ""
) -> alt.LayerChart:
    """Draw bars with their names to the left and their figures at the end."""
    listed = [{**one, "row": in_lines(one["name"])} for one in found]
    order = list(dict.fromkeys(one["row"] for one in listed))
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False, labelExpr=LINES, labelLimit=0))
    data = alt.Chart(alt.InlineData(values=listed))
    tip = [alt.Tooltip(f"{field}:N", title=words) for field, words in titles.items()]
    ends = [one[end or size] for one in found]
    room = alt.Scale(domain=[ROOM * min([0.0, *ends]), ROOM * max([0.0, *ends], default=1.0) or 1.0])
    x = alt.X(f"{size}:Q", title=title, scale=room, stack="zero" if end else None)
    bars = data.mark_bar(height=15).encode(y=y, x=x, color=shade, tooltip=tip)
    words = data.encode(y=y, x=alt.X(f"{end or size}:Q"), text="text:N")
    right = words.transform_filter(f"datum.{size} >= 0").mark_text(align="left", dx=5, color=INK, fontSize=11)
    left = words.transform_filter(f"datum.{size} < 0").mark_text(align="right", dx=-5, color=INK, fontSize=11)
    chart = layered(bars, right, left)
    most = max((one.count("\n") + 1 for one in order), default=1)
    return chart.properties(width=WIDTH, height=max(ROW, LINE * most + 4) * max(len(order), 1))
