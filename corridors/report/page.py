"""One HTML page that needs no network: the report of a plan, or a chart by itself.

Everything that comes from data is escaped by Jinja or stands in a JSON block that cannot end its element; a content
security policy lets only the scripts of the page run, by their digests, and no request leave it.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors import report, scenario
from corridors.planning import difference
from corridors.planning.counted import USES
from corridors.report import sentences, timeline, validity, worldmap
from corridors.report import tables as report_tables
from corridors.report.context import Subject
from corridors.report.vega import vega
from corridors.report.vegalite import script_safe, specification
from corridors.tables.licence import licences
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
PLAIN = ("corridors", "bottlenecks", "flows", "modes", "scorecard", "assumptions")


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
    subject = Subject(plan, network, say)
    names = [name for name in PLAIN if name != "bottlenecks" or len(subject.tight)]
    specs = {name: specification(report.drawing(name, subject), say) for name in names}
    specs["map"] = specification(worldmap.draw(subject, "home"), say)
    made = timeline.comparisons(subject)
    if made:
        specs["comparison"] = specification(timeline.timeline(subject.names, made), say)
    used = specs["map"]["datasets"]["used"]
    tables = [
        report_tables.links(subject, used),
        report_tables.corridors(subject),
        report_tables.bottlenecks(subject),
        report_tables.unserved(subject),
        report_tables.ways(subject, made),
        report_tables.references(subject),
        *(report_tables.counts(subject, use) for use in USES),
    ]
    changed = None
    if against is not None:
        changed = difference.compare(against, plan)
        specs["changes"] = specification(report.drawing("changes", subject, against), say)
        tables += [report_tables.totals(subject, changed), report_tables.shifts(subject, changed)]
    return _page(
        "report.html.jinja",
        say,
        specs,
        subject=subject,
        plan=plan,
        one=plan.summary,
        against=against,
        made=made,
        tables={table.name: table for table in tables},
        map=_map_controls(subject),
        about=_about(subject),
        compared=timeline.title(subject.names, made[0]) if made else "",
        objectives=OBJECTIVES,
        counts=validity.counts(subject),
        short=sentences.short(subject, made, changed),
        frames={name: view.as_dict() for name, view in worldmap.views(subject).items()},
    )


def alone(spec: Mapping[str, Any], say: Language) -> str:
    """Return one chart as an HTML page."""
    return _page("chart.html.jinja", say, {"chart": spec}, title=spec.get("title", "corridors"), frames={})


def _page(template: str, say: Language, specs: Mapping[str, Any], *, frames: Mapping[str, Any], **values: Any) -> str:
    scripts = [Script(vega()), Script((HERE / "page.js").read_text(encoding="utf-8"))]
    found = _templates().get_template(template)
    style = (HERE / "page.css").read_text(encoding="utf-8")
    data = script_safe({"specs": specs, "frames": frames})
    return str(found.render(say=say, scripts=scripts, style=style, data=data, charts=report.CHARTS, **values))


@cache
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # only pages need it

    return Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _map_controls(subject: Subject) -> dict[str, Any]:
    """Return what the map can be narrowed to: modes and commodities, those that move most first."""
    flows = subject.plan.flows
    work = flows.assign(work=flows["kt"] * flows["km"]).groupby("mode")["work"].sum().sort_values(ascending=False)
    moved = flows.groupby("commodity")["kt"].sum().sort_values(ascending=False)
    return {
        "modes": [(mode, subject.say.term(mode)) for mode in work.index],
        "commodities": [(one, subject.names.commodity(one)) for one in moved.index],
    }


def _about(subject: Subject) -> dict[str, Any]:
    """Return where the data come from: title, licences, sources with how many numbers each gave."""
    provenance = subject.dataset["provenance"]
    given = provenance.groupby("source").size().to_dict()
    cited = subject.dataset["sources"]
    sources = sorted(
        ((str(row["citation"]), int(given.get(row["source"], 0))) for row in cited.to_dict("records")),
        key=lambda one: (-one[1], one[0]),
    )
    status = provenance.groupby("status").size().to_dict()
    applied = {name for name, _ in subject.dataset.scenarios}
    titles = [one.title for one in scenario.listed(subject.dataset.path) if one.name in applied]
    title = {"ru": subject.dataset.title_ru, "kk": subject.dataset.title_kk}.get(subject.say.code)
    return {
        "title": title or subject.dataset.title,
        "licences": licences(subject.dataset),
        "sources": sources,
        "status": status,
        "numbers": len(provenance),
        "scenarios": titles,
    }
