"""One HTML page that needs no network: the report of a plan, or a chart by itself.

Everything that comes from data is escaped by Jinja or stands in a JSON block that cannot end its element; a content
security policy lets only the scripts of the page run, by their digests, and no request leave it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from corridors import report
from corridors.report import beside, worldmap
from corridors.report.context import Subject
from corridors.report.plan_part import Part, called, part
from corridors.report.shared_data import Pool, join_land, join_ways
from corridors.report.vega import vega
from corridors.report.vegalite import script_safe
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.network.network import Network
    from corridors.planning.planner import Plan
    from corridors.text.language import Language

HERE = Path(__file__).parent
OBJECTIVES = {
    "generalised": later("generalised cost, money and the worth of time"),
    "cost": later("money"),
    "time": later("time"),
    "emissions": later("emissions"),
}


@dataclass(frozen=True)
class Script:
    """A script of the page and the digest by which the page's policy lets it run."""

    text: str

    @property
    def digest(self) -> str:
        """The digest as a content security policy has it."""
        return "sha256-" + base64.b64encode(hashlib.sha256(self.text.encode()).digest()).decode()


def write_up(plan: Plan, network: Network, say: Language, against: Plan | None = None) -> str:
    """Return the report of a plan as one HTML page.

    Parameters
    ----------
    plan, network
        A plan, and the network that it was made on.
    say
        The language of the page.
    against
        Another plan; the page then tells what changed from it to this one.
    """
    return write_several([Planned(plan, network)], say, against)


class Planned(NamedTuple):
    """A plan, the network that it was made on, and what to call it where the scenario and the year do not tell."""

    plan: Plan
    network: Network
    label: str = ""


def write_several(plans: Sequence[Planned], say: Language, against: Plan | None = None) -> str:
    """Return the report of several plans as one HTML page with a switch between them.

    What they have in common stands in the page once: the ways of links, borders, and what does not differ.

    Parameters
    ----------
    plans
        The plans, the first of which is shown at first.
    say
        The language of the page.
    against
        Another plan; each part then tells what changed from it.
    """
    parts = parts_of(plans, say, against)
    values = {"same": _same(parts), "charts": report.CHARTS, "objectives": OBJECTIVES}
    return _page("report.html.jinja", say, parts, **values)


def parts_of(plans: Sequence[Planned], say: Language, against: Plan | None = None) -> list[Part]:
    """Return the parts of plans' page; parameters as of `write_several`."""
    named = zip(plans, labels(plans), strict=True)
    parts = [part(Subject(one.plan, one.network, say), against, label) for one, label in named]
    maps = [one.specs["map"] for one in parts]
    join_ways(maps)
    join_land(maps, [point for one in parts for point in worldmap.extent(one.values["subject"])])
    parts = [replace(one, places=_same_places(one, parts[0])) for one in parts]
    if len(parts) > 1:
        together = beside.plans([one.plan.summary for one in plans], [one.label for one in parts], say)
        parts = [replace(one, tables={**one.tables, together.name: together}) for one in parts]
    return parts


def on_paper(parts: Sequence[Part], say: Language, *, summary: bool) -> str:
    """Return a page to print, whose charts are `pictures` of its parts: no scripts, in full or two sheets a plan."""
    values = {"same": [set[str]()] * len(parts), "charts": report.CHARTS, "objectives": OBJECTIVES}
    template = "summary.html.jinja" if summary else "report.html.jinja"
    return _rendered(template, say, parts, paper=True, scripts=(), data="", **values)


def labels(plans: Sequence[Planned]) -> list[str]:
    """Return what plans are called beside one another: scenario and year, and their own names where these are alike."""
    short = [called(one.plan) for one in plans]
    alike = {one for one in short if short.count(one) > 1}
    return [
        f"{label} · {one.label or number}" if label in alike else label
        for number, (label, one) in enumerate(zip(short, plans, strict=True), 1)
    ]


def _same_places(one: Part, first: Part) -> list[list[Any]]:
    """Return the places to search for in the first plan's order where they are the same, so that they stand once."""
    return first.places if sorted(map(str, one.places)) == sorted(map(str, first.places)) else one.places


def _same(parts: Sequence[Part]) -> list[set[str]]:
    """Return, for each plan, the names of what reads as the first one's: tables, and the sources as `sources`."""
    first = parts[0]
    found = []
    for one in parts:
        same = {name for name, table in one.tables.items() if one is not first and table == first.tables.get(name)}
        if one is not first and one.values["about"]["sources"] == first.values["about"]["sources"]:
            same.add("sources")
        found.append(same)
    return found


def alone(spec: Mapping[str, Any], say: Language) -> str:
    """Return one chart as an HTML page."""
    shown = Part("", {"chart": spec}, {}, {}, [], {})
    return _page("chart.html.jinja", say, [shown], title=spec.get("title", "corridors"))


def _page(template: str, say: Language, parts: Sequence[Part], **values: Any) -> str:
    """Return a page for a screen, with its scripts and the data that they draw."""
    scripts = [Script(vega()), Script((HERE / "page.js").read_text(encoding="utf-8"))]
    pool = Pool()
    plans = [
        {
            "charts": {name: pool.chart(spec) for name, spec in one.specs.items()},
            "frames": one.frames,
            "places": pool.place(one.places),
        }
        for one in parts
    ]
    data = script_safe({"pool": pool.values, "plans": plans})
    return _rendered(template, say, parts, paper=False, scripts=scripts, data=data, **values)


def _rendered(template: str, say: Language, parts: Sequence[Part], **values: Any) -> str:
    style = (HERE / "page.css").read_text(encoding="utf-8")
    return str(_templates().get_template(template).render(say=say, style=style, parts=parts, **values))


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only pages need it

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
