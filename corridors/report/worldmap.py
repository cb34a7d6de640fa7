"""The map: corridors as lines, wide by tonnes, coloured by utilisation, dashed by mode; bottlenecks, what is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from corridors.report import map_labels, map_layers
from corridors.report.map_styles import AIR, IDLE, IDLE_PATTERN, OVERFLIGHT, PATTERNS, pattern, pattern_name
from corridors.report.projection import View, countries, view
from corridors.report.style import CORRIDOR, FULL_COLOUR, INK, LAND, LOADS, RIM, SEA, UNSERVED
from corridors.report.vegalite import Drawing, layered

if TYPE_CHECKING:
    from corridors.geodesy import Point
    from corridors.report.context import Subject
    from corridors.text.language import Language

WIDTH, HEIGHT = map_labels.SIZE
LEAST_WIDE, WIDEST = 0.8, 13.0  # pixels of a line that carries nearly nothing, and of the busiest
ANY = ""
FITTED = "zoom * min(width / (frame.right - frame.left), height / (frame.top - frame.bottom))"
IN_THE_AIR = (AIR, OVERFLIGHT)  # not shown until asked for


def views(subject: Subject) -> dict[str, View]:
    """Return the two views: `home`, the home country's places, and `all`."""
    country = subject.dataset.home_country
    inside = [subject.position(node) for node, row in subject.places.items() if row["country"] == country]
    return {"home": view(inside or extent(subject)), "all": view(extent(subject))}


def extent(subject: Subject) -> list[Point]:
    """Return the points of all that the plan uses, or every place if it uses nothing."""
    used = [(point[0], point[1]) for link in subject.plan.flows["link"].unique() for point in subject.line(link)]
    return used or [subject.position(node) for node in subject.places]


def everywhere(subject: Subject) -> alt.LayerChart:
    """Draw the map with all that the plan uses in view."""
    return draw(subject, "all")


def home(subject: Subject) -> alt.LayerChart:
    """Draw the map with the home country in view."""
    return draw(subject, "home")


def draw(subject: Subject, shown: str) -> alt.LayerChart:
    """Draw the map.

    Its parameters may be set by a page: `frame` (a view), `zoom`, `pan_x`, `pan_y`, `modes` (a list), `commodity`
    ("" is all), `direction` ("", "east" or "west"), and by which view's magnifications names appear, `near`. The data
    `sought`, empty here, are places to point out. What flies is left out at first.
    """
    frames = views(subject)
    modes = sorted({row.mode for row in subject.links.values()} - set(IN_THE_AIR))
    parameters = [
        alt.param("frame", value=frames[shown].as_dict()),
        alt.param("zoom", value=1),
        alt.param("pan_x", value=0),
        alt.param("pan_y", value=0),
        alt.param("modes", value=modes),
        alt.param("commodity", value=ANY),
        alt.param("direction", value=ANY),
        alt.param("near", value=shown),
    ]
    tables = _tables(subject, frames)
    layers: list[Drawing] = [
        _land(subject),
        _idle(subject),
        _loads(subject, tables),
        _marks(subject),
        *_names(),
        _sought(),
    ]
    chart = layered(*layers, *_names(), _sought()).add_params(*parameters)
    chart = chart.properties(width=WIDTH, height=HEIGHT, view=alt.ViewConfig(fill=SEA, stroke="#c5ced8")).project(
        type="azimuthalEqualArea",
        rotate=alt.ExprRef("[-frame.lon, -frame.lat, 0]"),
        scale=alt.ExprRef(FITTED),
        translate=alt.ExprRef(
            f"[width / 2 + pan_x - {FITTED} * (frame.left + frame.right) / 2,"
            f" height / 2 + pan_y + {FITTED} * (frame.bottom + frame.top) / 2]"
        ),
    )
    chart.datasets = tables  # last: every step before copies the whole chart
    return chart


def _tables(subject: Subject, frames: dict[str, View]) -> dict[str, Any]:
    """Return the map's data by name."""
    found = {
        "land": countries(extent(subject)),
        "idle": map_layers.idle(subject),
        "lines": map_layers.lines(subject),
        "used": map_layers.used(subject),
        "flows": map_layers.flows(subject),
        "tight": map_layers.bottlenecks(subject),
        "left": map_layers.unserved(subject),
        "names": map_labels.labels(subject, frames),
        "sought": [],
    }
    return found


def _land(subject: Subject) -> alt.Chart:
    world = alt.NamedData("land", format=alt.TopoDataFormat(type="topojson", feature="countries"))
    home = _numeric(subject.dataset.home_country)
    colour = alt.condition(f"datum.id == '{home}'", alt.value("#fffdf5"), alt.value(LAND))
    return alt.Chart(world).mark_geoshape(stroke="#b9bec7", strokeWidth=0.6, aria=False).encode(fill=colour)


def _numeric(code: str) -> str:
    """Return the numeric ISO 3166 code of a country, which the borders go by; "" where there is none."""
    from babel.core import get_global

    same = get_global("territory_aliases")
    short = same.get(code, [""])[0]
    return next((one for one, to in same.items() if one.isdigit() and to[0] == short), "")


def _idle(subject: Subject) -> alt.Chart:
    """Draw corridors' links that carry nothing as thin grey dots."""
    return (
        alt.Chart(alt.NamedData("idle"))
        .transform_filter("indexof(modes, datum.mode) >= 0")
        .transform_lookup(lookup="link", from_=alt.LookupData(alt.NamedData("lines"), key="link", fields=["geo"]))
        .transform_calculate(pattern=_quoted(subject.say(IDLE)))
        .mark_geoshape(filled=False, stroke="#6c7580", strokeWidth=1.2, aria=False)
        .encode(shape=alt.Shape("geo:G"), strokeDash=_dash(subject))
    )


def _quoted(text: str) -> str:
    """Return a text as an expression of Vega."""
    return json.dumps(text, ensure_ascii=False)


def _dash(subject: Subject) -> alt.StrokeDash:
    """Tell modes apart by the pattern of the line; the legend has those that the plan or its data have."""
    say = subject.say
    found = {pattern(row.mode) for row in subject.links.values()}
    kinds = {pattern_name(one, say): dashes for one, dashes in PATTERNS.items() if one in found} | {
        say(IDLE): IDLE_PATTERN
    }
    return alt.StrokeDash(
        "pattern:N",
        scale=alt.Scale(domain=list(kinds), range=list(kinds.values())),
        legend=alt.Legend(title=say("mode"), symbolType="stroke", symbolSize=900, symbolStrokeColor=INK),
    )


def _loads(subject: Subject, tables: dict[str, Any]) -> alt.Chart:
    say = subject.say
    plans = ["load", "utilisation", "capacity", "price"]
    titles = {
        "name": say("link"),
        "tonnes": say("Mt a year"),
        "utilisation": say("utilisation"),
        "capacity": say("capacity"),
        "price": say("a little more is worth"),
        "km": say("length"),
        "corridors": say("corridors"),
        "source": say("source"),
    }
    ways = ["name", "by", "pattern", "km", "corridors", "source", "geo"]
    return (
        alt.Chart(alt.NamedData("flows"))
        .transform_filter("indexof(modes, datum.mode) >= 0")
        .transform_filter("commodity == '' || datum.commodity == commodity")
        .transform_filter("direction == '' || (direction == 'east') == datum.east")
        .transform_aggregate(kt="sum(kt)", groupby=["link"])
        .transform_lookup(lookup="link", from_=alt.LookupData(alt.NamedData("used"), key="link", fields=plans))
        .transform_lookup(lookup="link", from_=alt.LookupData(alt.NamedData("lines"), key="link", fields=ways))
        .transform_calculate(tonnes="format(datum.kt / 1000, ',.2f')", mt="datum.kt / 1000")
        .mark_geoshape(filled=False, strokeCap="butt", strokeJoin="round", strokeOpacity=0.9)
        .encode(
            shape=alt.Shape("geo:G"),
            strokeWidth=_width(say, subject.moved),
            stroke=_shade(say),
            strokeDash=_dash(subject),
            tooltip=_tips(titles),
        )
    )


def _tips(titles: dict[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _width(say: Language, kt: dict[str, float]) -> alt.StrokeWidth:
    return alt.StrokeWidth(
        "mt:Q",
        scale=alt.Scale(domain=[0, max(kt.values(), default=1.0) / map_layers.KT_PER_MT], range=[LEAST_WIDE, WIDEST]),
        legend=alt.Legend(title=say("Mt a year"), symbolType="stroke", symbolStrokeColor=INK, values=tick_tonnages(kt)),
    )


def _shade(say: Language) -> alt.Stroke:
    colours = {say(one): LOADS[one] for one in map_layers.CLASSES}
    return alt.Stroke(
        "load:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(title=say("utilisation"), symbolType="stroke", symbolStrokeWidth=6),
    )


def tick_tonnages(kt: dict[str, float]) -> list[float]:
    """Return three round tonnages for a legend, Mt, of what links carry, kt."""
    most = max(kt.values(), default=1000.0) / map_layers.KT_PER_MT
    step = 10 ** np.floor(np.log10(most))
    top = float(np.floor(most / step) * step)
    return [top / 10, top / 2, top]


def _marks(subject: Subject) -> alt.LayerChart:
    """Draw bottlenecks as diamonds and freight left behind as crosses: told apart by shape, not by colour alone."""
    say = subject.say
    kinds = {say("bottleneck"): "diamond", say("not served"): "cross"}
    if subject.plan.unserved.empty:
        del kinds[say("not served")]
    scale = alt.Scale(domain=list(kinds), range=list(kinds.values()))
    legend = alt.Legend(title=say("marks"), symbolFillColor=FULL_COLOUR, symbolSize=95)
    shape = alt.Shape("kind:N", scale=scale, legend=legend)
    titles = {
        "name": say("bottleneck"),
        "capacity": say("capacity"),
        "status": say("capacity is"),
        "price": say("a little more is worth"),
    }
    tight = (
        alt.Chart(alt.NamedData("tight"))
        .transform_filter("indexof(modes, datum.mode) >= 0")
        .transform_calculate(kind=_quoted(say("bottleneck")))
        .mark_point(fill="#ffffff", stroke=FULL_COLOUR, strokeWidth=2.2, size=95, opacity=1)
        .encode(longitude="lon:Q", latitude="lat:Q", shape=shape, tooltip=_tips(titles))
    )
    left = {"name": say("not served"), "goods": say("commodity"), "tonnes": say("a year"), "why": say("why")}
    lost = (
        alt.Chart(alt.NamedData("left"))
        .transform_filter("commodity == '' || datum.commodity == commodity")
        .transform_calculate(kind=_quoted(say("not served")))
        .mark_point(filled=True, fill=UNSERVED, stroke="#ffffff", strokeWidth=1, opacity=1, angle=45)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            shape=shape,
            size=alt.Size("kt:Q", scale=alt.Scale(range=[60, 500]), legend=None),
            tooltip=_tips(left),
        )
    )
    return layered(tight, lost) if len(subject.plan.unserved) else layered(tight)


def _names() -> list[alt.LayerChart]:
    """Name corridors and places, each from its own magnification on, on a light rim so that lines cut no letters."""
    first = f"min({WIDTH} / (frame.right - frame.left), {HEIGHT} / (frame.top - frame.bottom))"
    near = f"isNumber(datum[near]) && {FITTED} >= datum[near] * {first} * 0.999"
    named = alt.Chart(alt.NamedData("names")).transform_filter(near)
    lines = named.transform_filter("datum.mode != '' && indexof(modes, datum.mode) >= 0")
    lines = lines.encode(longitude="lon:Q", latitude="lat:Q", text="name:N")
    of_line: dict[str, Any] = {"fontSize": 11, "fontStyle": "italic", "lineBreak": "\n", "baseline": "middle"}
    corridors = layered(lines.mark_text(**of_line, **RIM), lines.mark_text(**of_line, color=CORRIDOR))
    places = named.transform_filter("datum.mode == ''").encode(longitude="lon:Q", latitude="lat:Q")
    words = places.encode(text="name:N")
    dx, align = alt.ExprRef("datum.left ? -5 : 5"), alt.ExprRef("datum.left ? 'right' : 'left'")
    of_place: dict[str, Any] = {"dx": dx, "align": align, "baseline": "middle", "fontSize": 11}
    dots = places.mark_circle(size=14, color=INK, opacity=0.9, aria=False)
    return [corridors, layered(dots, words.mark_text(**of_place, **RIM), words.mark_text(**of_place, color=INK))]


def _sought() -> alt.LayerChart:
    """Point out the places that were searched for."""
    here = alt.Chart(alt.NamedData("sought")).encode(longitude="lon:Q", latitude="lat:Q")
    ring = here.mark_point(size=420, stroke=INK, strokeWidth=2.5, opacity=1, aria=False)
    words = here.encode(text="name:N")
    bold: dict[str, Any] = {"dx": 15, "align": "left", "baseline": "middle", "fontSize": 13, "fontWeight": "bold"}
    return layered(ring, words.mark_text(**bold, **RIM), words.mark_text(**bold, color=INK))
