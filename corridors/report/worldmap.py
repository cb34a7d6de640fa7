"""The map: corridors as lines whose width is tonnes and whose colour is utilisation, bottlenecks, what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from corridors.report import map_layers
from corridors.report.projection import View, countries, project, view
from corridors.report.style import FULL_COLOUR, INK, LAND, LOADS, RIM, SEA, UNSERVED
from corridors.report.vegalite import layered

if TYPE_CHECKING:
    from corridors.geodesy import Point
    from corridors.report.context import Subject
    from corridors.text.language import Language

WIDTH, HEIGHT = 960, 540
WIDEST = 13.0
ANY = ""


def views(subject: Subject) -> dict[str, View]:
    """Return the two views: `home`, the home country's places, and `all`."""
    country = subject.dataset.home_country
    inside = [subject.position(node) for node, row in subject.places.items() if row["country"] == country]
    return {"home": view(inside or _extent(subject)), "all": view(_extent(subject))}


def _extent(subject: Subject) -> list[Point]:
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
    ("" is all), `direction` ("", "east" or "west"), and how many places are `named`.
    """
    frames = views(subject)
    modes = sorted({row.mode for row in subject.links.values()})
    parameters = [
        alt.param("frame", value=frames[shown].as_dict()),
        alt.param("zoom", value=1),
        alt.param("pan_x", value=0),
        alt.param("pan_y", value=0),
        alt.param("modes", value=modes),
        alt.param("commodity", value=ANY),
        alt.param("direction", value=ANY),
        alt.param("near", value=shown),
        alt.param("named", value=map_layers.LABELS),
    ]
    tables = _tables(subject, frames)
    names = [_names(name) for name in frames]
    chart = layered(_land(subject), _idle(), _loads(subject, tables), *_marks(subject), *names).add_params(*parameters)
    fitted = "zoom * min(width / (frame.right - frame.left), height / (frame.top - frame.bottom))"
    chart = chart.properties(width=WIDTH, height=HEIGHT, view=alt.ViewConfig(fill=SEA, stroke="#c5ced8")).project(
        type="azimuthalEqualArea",
        rotate=alt.ExprRef("[-frame.lon, -frame.lat, 0]"),
        scale=alt.ExprRef(fitted),
        translate=alt.ExprRef(
            f"[width / 2 + pan_x - {fitted} * (frame.left + frame.right) / 2,"
            f" height / 2 + pan_y + {fitted} * (frame.bottom + frame.top) / 2]"
        ),
    )
    chart.datasets = tables  # last: every step before copies the whole chart
    return chart


def _tables(subject: Subject, frames: dict[str, View]) -> dict[str, Any]:
    """Return the map's data by name."""
    found = {
        "land": countries(_extent(subject)),
        "idle": map_layers.idle(subject),
        "used": map_layers.used(subject),
        "flows": map_layers.flows(subject),
        "tight": map_layers.bottlenecks(subject),
        "left": map_layers.unserved(subject),
    }
    return found | {f"names_{name}": _named(subject, frame) for name, frame in frames.items()}


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


def _idle() -> alt.Chart:
    """Draw corridors' links that carry nothing thin and grey."""
    return (
        alt.Chart(alt.NamedData("idle"))
        .transform_filter("indexof(modes, datum.mode) >= 0")
        .mark_geoshape(filled=False, stroke="#8d949f", strokeWidth=0.7, strokeDash=[3, 2], aria=False)
        .encode(shape=alt.Shape("geo:G"))
    )


def _loads(subject: Subject, tables: dict[str, Any]) -> alt.Chart:
    say, used = subject.say, tables["used"]
    fields = [field for field in used[0] if field != "link"] if used else ["geo"]
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
    return (
        alt.Chart(alt.NamedData("flows"))
        .transform_filter("indexof(modes, datum.mode) >= 0")
        .transform_filter("commodity == '' || datum.commodity == commodity")
        .transform_filter("direction == '' || (direction == 'east') == datum.east")
        .transform_aggregate(kt="sum(kt)", groupby=["link"])
        .transform_lookup(lookup="link", from_=alt.LookupData(alt.NamedData("used"), key="link", fields=fields))
        .transform_calculate(tonnes="format(datum.kt / 1000, ',.2f')", mt="datum.kt / 1000")
        .mark_geoshape(filled=False, strokeCap="round", strokeOpacity=0.9)
        .encode(
            shape=alt.Shape("geo:G"),
            strokeWidth=_width(say, subject.moved),
            stroke=_shade(say),
            tooltip=_tips(titles),
        )
    )


def _tips(titles: dict[str, str]) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]


def _width(say: Language, kt: dict[str, float]) -> alt.StrokeWidth:
    return alt.StrokeWidth(
        "mt:Q",
        scale=alt.Scale(domain=[0, max(kt.values(), default=1.0) / map_layers.KT_PER_MT], range=[0.8, WIDEST]),
        legend=alt.Legend(title=say("Mt a year"), symbolType="stroke", symbolStrokeColor=INK, values=_ticks(kt)),
    )


def _shade(say: Language) -> alt.Stroke:
    colours = {say(one): LOADS[one] for one in map_layers.CLASSES}
    return alt.Stroke(
        "load:N",
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(title=say("utilisation"), symbolType="stroke", symbolStrokeWidth=6),
    )


def _ticks(kt: dict[str, float]) -> list[float]:
    """Return three round tonnages for the legend, Mt."""
    most = max(kt.values(), default=1000.0) / map_layers.KT_PER_MT
    step = 10 ** np.floor(np.log10(most))
    top = float(np.floor(most / step) * step)
    return [top / 10, top / 2, top]


def _marks(subject: Subject) -> list[alt.Chart]:
    """Draw bottlenecks as diamonds and freight left behind as crosses: told apart by shape, not by colour alone."""
    say = subject.say
    titles = {
        "name": say("bottleneck"),
        "capacity": say("capacity"),
        "status": say("capacity is"),
        "price": say("a little more is worth"),
    }
    tight = (
        alt.Chart(alt.NamedData("tight"))
        .mark_point(shape="diamond", fill="#ffffff", stroke=FULL_COLOUR, strokeWidth=2.2, size=95, opacity=1)
        .encode(longitude="lon:Q", latitude="lat:Q", tooltip=_tips(titles))
    )
    left = {"name": say("not served"), "commodity": say("commodity"), "tonnes": say("a year"), "why": say("why")}
    lost = (
        alt.Chart(alt.NamedData("left"))
        .mark_point(shape="cross", filled=True, fill=UNSERVED, stroke="#ffffff", strokeWidth=1, opacity=1, angle=45)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            size=alt.Size("kt:Q", scale=alt.Scale(range=[60, 500]), legend=None),
            tooltip=_tips(left),
        )
    )
    return [tight, lost] if len(subject.plan.unserved) else [tight]


def _names(shown: str) -> alt.LayerChart:
    """Name places, on a light rim so that lines do not cut the letters."""
    named = alt.Chart(alt.NamedData(f"names_{shown}")).transform_filter(f"near == '{shown}' && datum.rank < named")
    where = named.encode(longitude="lon:Q", latitude="lat:Q")
    dots = where.mark_circle(size=14, color=INK, opacity=0.9, aria=False)
    words = where.encode(text="name:N")
    rim = words.mark_text(dx=5, align="left", fontSize=11, **RIM)
    return layered(dots, rim, words.mark_text(dx=5, align="left", fontSize=11, color=INK))


def _named(subject: Subject, frame: View) -> list[dict[str, Any]]:
    """Choose the places to name: those that handle most, no two of them close together in the view."""
    kept: list[Point] = []
    found: list[dict[str, Any]] = []
    gap = map_layers.APART * (frame.right - frame.left)
    for node, _ in sorted(map_layers.handled(subject).items(), key=lambda item: (-item[1], item[0])):
        lon, lat = subject.position(node)
        x, y = (float(one[0]) for one in project([(lon, lat)], frame.lon, frame.lat))
        inside = frame.left <= x <= frame.right and frame.bottom <= y <= frame.top
        if inside and all(abs(x - a) > 1.6 * gap or abs(y - b) > 0.55 * gap for a, b in kept):
            kept.append((x, y))
            found.append({"lon": lon, "lat": lat, "name": subject.names.place(node), "rank": len(found)})
        if len(found) == map_layers.LABELS:
            break
    return found
