"""A plan's part of a page: its charts as specifications, its tables, and what its template asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from corridors import report, scenario
from corridors.frames import rows
from corridors.planning import difference
from corridors.planning.counted import USES
from corridors.report import (
    crossings,
    judging,
    map_layers,
    map_legend,
    map_styles,
    sentences,
    timeline,
    validity,
    worldmap,
)
from corridors.report import tables as report_tables
from corridors.report.context import Subject
from corridors.report.finding import finding
from corridors.report.tables import Listing
from corridors.report.vegalite import specification, without_legends
from corridors.tables.licence import credits_of, licences

if TYPE_CHECKING:
    from corridors.planning.planner import Plan

PLAIN = ("corridors", "bottlenecks", "flows", "modes", "scorecard", "assumptions")


@dataclass(frozen=True)
class Part:
    """What a page shows of one plan.

    Attributes
    ----------
    label
        What the plan is called in the page's switch.
    specs
        Its charts as Vega-Lite, by name.
    tables
        Its tables, by name.
    frames
        The map's views, by name.
    places
        What can be searched for: the name, longitude, latitude, and the names in other languages.
    values
        What else its template asks for, by name.
    pictures
        Its charts drawn beforehand, as addresses that hold them, by name; none on a screen, which draws them itself.
    """

    label: str
    specs: Mapping[str, Any]
    tables: Mapping[str, Listing]
    frames: Mapping[str, Any]
    places: list[list[Any]]
    values: Mapping[str, Any]
    pictures: Mapping[str, str] = field(default_factory=dict)


def called(plan: Plan) -> str:
    """Call a plan by its scenario and year."""
    return f"{plan.summary['scenario']} {plan.summary['year']}"


def part(subject: Subject, against: Plan | None = None, label: str = "") -> Part:
    """Make a plan's part of a page; `against` is another plan, from which it tells what changed."""
    say, plan = subject.say, subject.plan
    names = [name for name in PLAIN if name != "bottlenecks" or len(subject.tight)]
    specs = {name: specification(report.drawing(name, subject), say) for name in names}
    specs["map"] = without_legends(specification(worldmap.draw(subject, "home"), say))
    made = timeline.comparisons(subject)
    if made:
        specs["comparison"] = specification(timeline.timeline(subject.names, made), say)
    listed = [
        report_tables.links(subject, _of_links(specs["map"]["datasets"])),
        crossings.corridors(subject),
        crossings.borders(subject),
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
        listed += [
            crossings.changed_borders(subject, changed),
            crossings.changed_corridors(subject, changed),
            report_tables.totals(subject, changed),
            report_tables.shifts(subject, changed),
        ]
    return Part(
        label=label or called(plan),
        specs=specs,
        tables={table.name: table for table in listed},
        frames={name: view.as_dict() for name, view in worldmap.views(subject).items()},
        places=_places(subject),
        values={
            "subject": subject,
            "one": plan.summary,
            "against": against,
            "made": made,
            "map": _map_controls(subject),
            "legend": map_legend.keys(subject),
            "about": _about(subject),
            "compared": timeline.title(subject.names, made[0]) if made else "",
            "counts": validity.counts(subject),
            "finding": finding(subject, changed, called(against) if against is not None else ""),
            "short": sentences.short(subject, made, changed),
            "verdicts": [] if changed is None else judging.verdicts(changed),
        },
    )


def _of_links(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the map's links that carry something, with the plan's figures and what is the same in every plan."""
    ways = {one["link"]: one for one in data["lines"]}
    return [ways[one["link"]] | one for one in data["used"]]


def _places(subject: Subject) -> list[list[Any]]:
    """Return what can be searched for on the map, the busiest first: all places but the fixes of airways."""
    found = []
    for node, row in sorted(subject.places.items(), key=lambda one: (-subject.handled.get(one[0], 0.0), one[0])):
        if str(row["kind"]).split(";")[0] not in map_styles.UNNAMED:
            name = subject.names.place(node)
            others = dict.fromkeys(str(row[f"name_{code}"]) for code in ("en", "ru", "kk"))
            found.append([name, *(round(one, 3) for one in subject.position(node)), *filter(None, others)])
    return found


def _map_controls(subject: Subject) -> dict[str, Any]:
    """Return what the map can be narrowed to: modes, whether shown at first, and commodities, what moves most first."""
    flows = subject.plan.flows
    work = flows.assign(work=flows["kt"] * flows["km"]).groupby("mode")["work"].sum().sort_values(ascending=False)
    moved = flows.groupby("commodity")["kt"].sum().sort_values(ascending=False)
    modes = dict.fromkeys([*work.index, *sorted({one["mode"] for one in map_layers.idle(subject)})])
    if map_styles.AIR in modes:
        modes = {mode: None for mode in modes if mode != map_styles.AIR} | dict.fromkeys(worldmap.IN_THE_AIR)
    return {
        "modes": [(mode, map_styles.mode_name(mode, subject.say), mode not in worldmap.IN_THE_AIR) for mode in modes],
        "commodities": [(one, subject.names.commodity(one)) for one in moved.index],
    }


def _about(subject: Subject) -> dict[str, Any]:
    """Return where the data come from: title, licences, sources with how many numbers each gave."""
    provenance = subject.dataset["provenance"]
    given = provenance.groupby("source").size().to_dict()
    cited = [(str(row.citation), int(given.get(row.source, 0))) for row in rows(subject.dataset["sources"])]
    status = provenance.groupby("status").size().to_dict()
    applied = {name for name, _ in subject.dataset.scenarios}
    titles = [one.title for one in scenario.listed(subject.dataset.path) if one.name in applied]
    title = {"ru": subject.dataset.title_ru, "kk": subject.dataset.title_kk}.get(subject.say.code)
    return {
        "title": title or subject.dataset.title,
        "licences": licences(subject.dataset),
        "credits": credits_of(subject.dataset),
        "sources": sorted(cited, key=lambda one: (-one[1], one[0])),
        "status": status,
        "numbers": len(provenance),
        "scenarios": titles,
    }
