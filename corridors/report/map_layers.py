"""The map's tables: lines with their figures, what flows on them, bottlenecks, places, and freight left behind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.network.handling import is_open
from corridors.planning.summary import FULL, ends
from corridors.report.context import Subject
from corridors.report.projection import middle
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.geodesy import Point

CLASSES = (
    later("no limit given"),
    later("under half full"),
    later("half to four fifths full"),
    later("nearly full"),
    later("full"),
)
BOUNDS = (0.5, 0.8, FULL)
LABELS = 26
APART = 0.055  # of a view's width: places nearer than this to a named one are not named
KT_PER_MT = 1000.0
AIR = "air"


def load_class(utilisation: float) -> str:
    """Return the one of `CLASSES` that a utilisation falls into; NaN has no limit."""
    if math.isnan(utilisation):
        return CLASSES[0]
    return CLASSES[1 + sum(utilisation >= bound for bound in BOUNDS)]


def idle(subject: Subject) -> list[dict[str, Any]]:
    """Return the open links of corridors that carry nothing, but for the air."""
    used = set(subject.plan.flows["link"])
    members = set(subject.dataset["corridor_links"]["link"])
    return [
        {"mode": row.mode, "geo": {"type": "LineString", "coordinates": subject.line(row.link)}}
        for row in subject.links.values()
        if row.link in members - used and row.mode != AIR and is_open(row.year_open, subject.network.year)
    ]


def used(subject: Subject) -> list[dict[str, Any]]:
    """Return every link that carries something, with its way, names and figures."""
    say, kt = subject.say, subject.moved
    limits = _limits(subject)
    member = _corridors(subject)
    told = _sources(subject)
    found = []
    for link in sorted(kt, key=lambda one: (-kt[one], one)):
        row = subject.links[link]
        limit = limits.get(link)
        load = math.nan if limit is None else float(limit.utilisation)
        found.append(
            {
                "link": row.link,
                "name": subject.names.link(row.link),
                "mode": row.mode,
                "by": say.term(row.mode),
                "load": say(load_class(load)),
                "utilisation": "" if limit is None else say.percent(load),
                "capacity": "" if limit is None else f"{say.number(limit.capacity, 1)} {say.term(limit.unit)}",
                "price": "" if limit is None else price(subject, limit),
                "km": f"{say.number(row.km)} {say('km')}",
                "corridors": ", ".join(member.get(row.link, ())),
                "source": told.get(row.link, ""),
                "geo": {"type": "LineString", "coordinates": subject.line(row.link)},
            }
        )
    return found


def price(subject: Subject, limit: Any) -> str:
    """Write a shadow price, as an interval where it is one."""
    figures = ends(limit.shadow_price_low, limit.shadow_price_high)
    return rate(subject, *figures) if figures and figures[-1] > 0 else ""


def rate(subject: Subject, *figures: float) -> str:
    """Write a price, or the two ends of one, with its unit."""
    say = subject.say
    unit = say.term(subject.plan.summary["unit"])
    return say("{price} {unit} a year per unit", price=" – ".join(map(say.number, figures)), unit=unit)


def flows(subject: Subject) -> list[dict[str, Any]]:
    """Return kt a year by link, commodity and whether it moves east; narrow lines last, so on top of wide ones."""
    found = []
    table = subject.plan.flows
    order = (-table.groupby("link")["kt"].transform("sum")).argsort(kind="stable")
    for row in rows(table.iloc[order]):
        (start, _), (end, _) = subject.position(row.from_node), subject.position(row.to_node)
        found.append(
            {
                "link": row.link,
                "commodity": row.commodity,
                "mode": row.mode,
                "kt": round(float(row.kt), 3),
                "east": (end - start + 180.0) % 360.0 >= 180.0,
            }
        )
    return found


def _limits(subject: Subject) -> dict[str, Any]:
    """Return the fullest limited resource of each link."""
    figures = {row.resource: row for row in rows(subject.plan.bottlenecks)}
    moves, found = subject.network.arcs, dict[str, Any]()
    for resource, arcs in subject.resource_arcs.items():
        limit = figures.get(resource)
        if limit is None:
            continue
        for link in moves.id[arcs[moves.is_move[arcs]]].tolist():
            before = found.get(link)
            if before is None or limit.utilisation > before.utilisation:
                found[link] = limit
    return found


def _corridors(subject: Subject) -> dict[str, list[str]]:
    member: dict[str, list[str]] = {}
    for row in rows(subject.dataset["corridor_links"]):
        member.setdefault(row.link, []).append(row.corridor)
    return member


def _sources(subject: Subject) -> dict[str, str]:
    """Return status and citation of each link's capacity, or else of its length."""
    say = subject.say
    provenance = subject.dataset["provenance"]
    cited = dict(zip(subject.dataset["sources"]["source"], subject.dataset["sources"]["citation"], strict=True))
    found: dict[str, str] = {}
    for column in ("km", "capacity"):
        of = provenance[(provenance["table"] == "links") & (provenance["column"] == column)]
        for row in rows(of):
            said = ", ".join(filter(None, (say.term(row.status), cited.get(row.source, ""))))
            found[row.key] = f"{say('capacity') if column == 'capacity' else say('length')}: {said}"
    return found


def bottlenecks(subject: Subject) -> list[dict[str, Any]]:
    """Return the full resources that have a price, with where they lie."""
    say, found = subject.say, []
    for row in rows(subject.tight):
        at = where(subject, row.resource)
        if at is not None:
            found.append(
                {
                    "lon": round(at[0], 3),
                    "lat": round(at[1], 3),
                    "name": subject.names.resource(row.resource, row.where),
                    "capacity": f"{say.number(row.capacity, 1)} {say.term(row.unit)}",
                    "status": say.term(row.status) if row.status else "",
                    "price": price(subject, row),
                }
            )
    return found


def where(subject: Subject, resource: str) -> Point | None:
    """Return where a resource lies: the middle of its first link, or its place; None if nothing takes it."""
    arcs = subject.resource_arcs.get(resource)
    if arcs is None or not arcs.size:
        return None
    arc = subject.network.arc(arcs[0])
    if arc.kind == "move":
        return middle(subject.line(arc.id))
    return subject.position(subject.network.place(arc.tail))


def unserved(subject: Subject) -> list[dict[str, Any]]:
    """Return what was not carried, at its origin."""
    say, found = subject.say, []
    for row in rows(subject.plan.unserved):
        lon, lat = subject.position(row.origin)
        found.append(
            {
                "lon": lon,
                "lat": lat,
                "kt": float(row.kt),
                "tonnes": say("{mt} Mt", mt=say.number(row.kt / KT_PER_MT, 2)),
                "name": subject.names.between(row.origin, row.destination),
                "commodity": subject.names.commodity(row.commodity),
                "why": subject.reasons.of(row),
            }
        )
    return found


def handled(subject: Subject) -> dict[str, float]:
    """Return kt a year that begin, end or change their mode at each place."""
    found: dict[str, float] = {}
    for row in rows(subject.plan.handlings):
        found[row.node] = found.get(row.node, 0.0) + float(row.kt)
    return found
