"""The map's tables: lines with their figures, what flows on them, bottlenecks, places, and freight left behind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.network.handling import is_open
from corridors.planning.summary import FULL, ends
from corridors.report.context import Subject
from corridors.report.map_styles import AIR, OVERFLIGHT, pattern_name
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
KT_PER_MT = 1000.0


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
        {"link": row.link, "mode": row.mode}
        for row in subject.links.values()
        if row.link in members - used and row.mode != AIR and is_open(row.year_open, subject.network.year)
    ]


def used(subject: Subject) -> list[dict[str, Any]]:
    """Return every link that carries something, the busiest first, with the plan's figures of it."""
    say, kt = subject.say, subject.moved
    limits = _limits(subject)
    found = []
    for link in sorted(kt, key=lambda one: (-kt[one], one)):
        limit = limits.get(link)
        load = math.nan if limit is None else float(limit.utilisation)
        found.append(
            {
                "link": link,
                "load": say(load_class(load)),
                "utilisation": "" if limit is None else say.percent(load),
                "capacity": "" if limit is None else f"{say.number(limit.capacity, 1)} {say.term(limit.unit)}",
                "price": "" if limit is None else price(subject, limit),
            }
        )
    return found


def lines(subject: Subject) -> list[dict[str, Any]]:
    """Return the links that a map shows: their ways, and what is the same in every plan."""
    say = subject.say
    member, told = _corridors(subject), _sources(subject)
    shown = set(subject.moved) | {one["link"] for one in idle(subject)}
    found = []
    for link in sorted(shown):
        row = subject.links[link]
        found.append(
            {
                "link": link,
                "name": subject.names.link(link),
                "by": say.term(row.mode),
                "pattern": pattern_name(row.mode, say),
                "km": f"{say.number(row.km)} {say('km')}",
                "corridors": ", ".join(member.get(link, ())),
                "source": told.get(link, ""),
                "geo": {"type": "LineString", "coordinates": subject.line(link)},
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
    """Return kt a year by link, commodity and whether it moves east; narrow lines last, so on top of wide ones.

    What flies over the home country between others has a mode of its own, `map_styles.OVERFLIGHT`.
    """
    found = []
    table, over = subject.plan.flows, _overflights(subject)
    order = (-table.groupby("link")["kt"].transform("sum")).argsort(kind="stable")
    for row in rows(table.iloc[order]):
        (start, _), (end, _) = subject.position(row.from_node), subject.position(row.to_node)
        east = (end - start + 180.0) % 360.0 >= 180.0
        passing = min(over.get((row.from_node, row.link, row.commodity), 0.0), float(row.kt))
        for mode, kt in ((row.mode, row.kt - passing), (OVERFLIGHT, passing)):
            if round(float(kt), 3) > 0:
                one = {
                    "link": row.link,
                    "commodity": row.commodity,
                    "mode": mode,
                    "kt": round(float(kt), 3),
                    "east": east,
                }
                found.append(one)
    return found


def _overflights(subject: Subject) -> dict[tuple[str, str, str], float]:
    """Return the kt of freight by air that neither begins nor ends at home, by start, link and commodity."""
    found: dict[tuple[str, str, str], float] = {}
    country = {node: row["country"] for node, row in subject.places.items()}
    home = subject.dataset.home_country
    table = subject.plan.routes
    for row in rows(table[[AIR in modes.split(" > ") for modes in table["modes"]]]):
        if home in (country[row.origin], country[row.destination]):
            continue
        at = row.origin
        for link in filter(None, row.links.split(";")):
            one = subject.links[link]
            if one.mode == AIR:
                found[at, link, row.commodity] = found.get((at, link, row.commodity), 0.0) + float(row.kt)
            at = one.to_node if one.from_node == at else one.from_node
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
                    "mode": _mode(subject, row.resource),
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


def _mode(subject: Subject, resource: str) -> str:
    """Return the mode whose layer a resource belongs to: that of the first arc that takes it."""
    return subject.network.arc(subject.resource_arcs[resource][0]).mode


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
                "commodity": row.commodity,
                "goods": subject.names.commodity(row.commodity),
                "why": subject.reasons.of(row),
            }
        )
    return found
