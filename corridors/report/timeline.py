"""Sea, rail, road and air between two places as a timeline of legs: what the days are spent on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from corridors import network
from corridors.network import routes
from corridors.network.costs import HOURS_PER_DAY, price
from corridors.report.style import INK, SPENT
from corridors.report.vegalite import layered
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.network.routes import Comparison, Route
    from corridors.report.context import Subject
    from corridors.text.names import Names

ORDER = ("handling", "border", "gauge", "moving")
WORDS = {
    "moving": later("on the way"),
    "border": later("at borders"),
    "gauge": later("change of gauge"),
    "handling": later("loading and unloading"),
}
ROW = 26
MOST_TICKS = 12
ROOM = 1.35  # of the longest way: what is written beside its bar needs room


def comparisons(subject: Subject) -> list[Comparison]:
    """Compare the data package's usual pair of places in each set of running figures, the plan's own first.

    Empty where the data package names no pair.
    """
    dataset = subject.dataset
    origin, destination = dataset.default_origin, dataset.default_destination
    if not (origin and destination):
        return []
    goods = dataset.usual_commodity
    own = subject.network.running
    others = [running for running in dict.fromkeys(dataset["modes"]["running"]) if running != own]
    nets = [subject.network, *(network.build(dataset, subject.network.year, running) for running in others)]
    return [routes.compare(net, price(net), origin, destination, goods) for net in nets]


def draw(subject: Subject) -> alt.LayerChart:
    """Draw the ways between the data package's usual pair of places; empty where it names none."""
    made = comparisons(subject)
    return timeline(subject.names, made)


def title(names: Names, made: Comparison) -> str:
    """Say between which places the means are compared."""
    ends = {"origin": names.place(made.origin), "destination": names.place(made.destination)}
    return names.say("{origin} – {destination}: sea, rail, road and air", **ends)


def timeline(names: Names, made: Sequence[Comparison]) -> alt.LayerChart:
    """Draw every means of comparisons between the same places as a bar of days, leg after leg."""
    say = names.say
    bars = [bar for one in made for route in one.routes for bar in _bars(names, one.running, route)]
    ends = [_end(names, one.running, route) for one in made for route in one.routes]
    longest = max((end["end"] for end in ends), default=1.0)
    order = list(dict.fromkeys(end["row"] for end in ends))
    rows = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False, labelLimit=0))
    titles = {"leg": say("leg"), "by": say("mode"), "what": say("what for"), "for": say("time"), "km": say("length")}
    axis = alt.Axis(values=_ticks(longest))  # none where only words stand
    base = alt.Chart(alt.InlineData(values=bars))
    legs = base.mark_bar(height=16, stroke="#ffffff", strokeWidth=0.7).encode(
        y=rows,
        x=alt.X("start:Q", title=say("days"), axis=axis, scale=alt.Scale(domain=[0, ROOM * longest])),
        x2="end:Q",
        color=alt.Color(
            "what:N",
            scale=alt.Scale(domain=[say(WORDS[one]) for one in SPENT], range=list(SPENT.values())),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=[alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()],
    )
    words = alt.Chart(alt.InlineData(values=ends)).mark_text(align="left", dx=6, color=INK, fontSize=11)
    labels = words.encode(y=rows, x="end:Q", text="text:N")
    chart = layered(legs, labels)
    chart = chart.properties(width=640, height=ROW * max(len(order), 1))
    if made:
        chart.title = title(names, made[0])
    return chart


def _ticks(longest: float) -> list[int]:
    """Return round numbers of days, at most a dozen, up to the longest way."""
    step = next((one for one in (1, 2, 5, 10, 20, 50) if longest / one <= MOST_TICKS), 100)
    return list(range(0, int(longest) + 1, step))


def _row(names: Names, running: str, route: Route) -> str:
    return f"{names.means(route.means)} · {names.say.term(running)}"


def _bars(names: Names, running: str, route: Route) -> list[dict[str, Any]]:
    say, found, clock = names.say, [], 0.0
    for leg in route.legs:
        for what in ORDER:
            hours = leg.hours.get(what, 0.0)
            if hours:
                found.append(
                    {
                        "row": _row(names, running, route),
                        "start": round(clock / HOURS_PER_DAY, 3),
                        "end": round((clock + hours) / HOURS_PER_DAY, 3),
                        "what": say(WORDS[what]),
                        "leg": names.between(leg.origin, leg.destination),
                        "by": say.term(leg.mode),
                        "for": say("{days} days", days=say.number(hours / HOURS_PER_DAY, 1)),
                        "km": f"{say.number(leg.km)} {say('km')}" if what == "moving" else "",
                    }
                )
                clock += hours
    return found


def _end(names: Names, running: str, route: Route) -> dict[str, Any]:
    say = names.say
    parts = [say("{days} days", days=say.number(route.days, 1))]
    if route.usd_per_feu is None:
        parts.append(say("{usd} USD/t", usd=say.number(route.usd_per_t)))
    else:
        parts.append(say("{usd} USD/FEU", usd=say.number(route.usd_per_feu)))
    return {"row": _row(names, running, route), "end": round(route.days, 3), "text": " · ".join(parts)}
