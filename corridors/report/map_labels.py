"""Names on the map: which places and corridors are named, and from how near.

Each name has, for each view, the magnification from which on it is shown. Names are taken in the order of what they
tell; each appears at the first magnification at which its box meets no box of those before it. As places draw apart
when one comes nearer and letters keep their size, boxes that are apart once stay apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corridors.frames import rows
from corridors.report.map_styles import AIR, UNNAMED
from corridors.report.projection import View, middle, project

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.geodesy import Point
    from corridors.report.context import Subject

SIZE = (960, 540)  # pixels of the map that magnification 1 is of
AT_FIRST = 16  # places that may be named at magnification 1; one more for each further part of it
CORRIDORS_AT_FIRST = 6
LEVELS = 0.3 * 1.2 ** np.arange(27)  # magnifications, up to some 34
LETTER, LINE = 6.6, 14.0  # pixels of a letter's width and of a line's height
EDGE = 0.16  # of a view: nearer to its right edge names stand on the left
LINE_LETTERS = 24  # of a corridor's name, which is broken into lines
CLASSES = (("city",), ("seaport", "ferry"), ("gauge_change", "border_rail"))  # kinds of places, told in turn
TURNS = (2, 1, 1)  # of each class, how many in a turn
OTHER = len(CLASSES)
TRIED = 9  # points of a corridor that its name may stand at


class Label(NamedTuple):
    """A name, the points where it may stand, the magnification before which it is not shown, and on which side."""

    name: str
    points: tuple[Point, ...]
    floor: float
    corridor: bool
    mode: str = ""
    left: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, right, lower and upper edge about its point, pixels: a corridor's name is centred on its line."""
        lines = self.name.split("\n")
        wide, high = LETTER * max(map(len, lines)), LINE * len(lines)
        if self.corridor:  # the first line stands at the point, the others below it
            return -wide / 2, wide / 2, LINE / 2 - high, LINE / 2
        return (-8.0 - wide, 4.0, -high / 2, high / 2) if self.left else (-4.0, 8.0 + wide, -high / 2, high / 2)


def labels(subject: Subject, views: Mapping[str, View]) -> list[dict[str, Any]]:
    """Return the names with the magnification from which each is shown, by view; None where it never is."""
    found: list[dict[str, Any]] = []
    shown: dict[tuple[str, bool, Point], dict[str, Any]] = {}
    for view, frame in views.items():
        listed = sorted([*_places(subject, view, frame), *_corridors(subject)], key=lambda one: one.floor)
        for label, (at, level) in zip(listed, _placed(listed, frame), strict=True):
            key = label.name, label.left, at
            if key not in shown:
                lon, lat = at
                shown[key] = {"name": label.name, "lon": lon, "lat": lat, "mode": label.mode, "left": label.left}
                shown[key] |= dict.fromkeys(views)
                found.append(shown[key])
            shown[key][view] = level
    return [one for one in found if any(one[view] is not None for view in views)]


def _places(subject: Subject, view: str, frame: View) -> Iterator[Label]:
    """Yield the places: cities, ports and frontiers in turn, of each the busiest first; at home those of home first."""
    home = subject.dataset.home_country
    for number, node in enumerate(ranked(subject, home if view == "home" else "")):
        at = subject.position(node)
        x = float(project([at], frame.lon, frame.lat)[0][0])
        left = frame.right - EDGE * (frame.right - frame.left) < x <= frame.right  # so that the edge cuts off no name
        yield Label(subject.names.place(node), (at,), (number + 1) / AT_FIRST, corridor=False, left=left)


def ranked(subject: Subject, home: str = "") -> list[str]:
    """Return the places worth a name, those to name first at the front; those of a `home` stand before others."""
    handled = subject.handled
    of_class: dict[tuple[bool, int], list[str]] = {}
    for node, row in subject.places.items():
        kinds = str(row["kind"]).split(";")
        if kinds[0] not in UNNAMED:
            of_class.setdefault((bool(home) and row["country"] != home, _class(kinds)), []).append(node)
    placed = []
    for (foreign, number), nodes in of_class.items():
        nodes.sort(key=lambda node: (-handled.get(node, 0.0), node))
        turn = 1 if number == OTHER else TURNS[number]
        placed += [(foreign, number == OTHER, place // turn, number, place, node) for place, node in enumerate(nodes)]
    return [node for *_, node in sorted(placed)]


def _class(kinds: Iterable[str]) -> int:
    """Return which of `CLASSES` a place is told with: its port or its frontier before its city."""
    found = set(kinds)
    of = [number for number, some in enumerate(CLASSES) if found & set(some)]
    return next((number for number in of if number), of[0] if of else OTHER)


def _corridors(subject: Subject) -> Iterator[Label]:
    """Yield the corridors but those of the air, those that do most first, with points of what lies at home."""
    members = subject.dataset["corridor_links"]
    links = members.groupby("corridor")["link"].agg(list).to_dict()
    shared = members.groupby("link").size().to_dict()
    table = subject.plan.corridors
    table = table[table["mode"] != AIR].sort_values(["mtkm", "corridor"], ascending=[False, True])
    for number, row in enumerate(rows(table)):
        mine = [subject.links[link] for link in links.get(row.corridor, ()) if link in subject.links]
        at_home = [one.link for one in mine if one.country == subject.dataset.home_country]
        if at_home:
            name = "\n".join(wrap(subject.names.corridor(row.corridor), LINE_LETTERS))
            floor = max(0.6, (number + 0.5) / CORRIDORS_AT_FIRST)
            yield Label(name, tuple(_along(subject, at_home, shared)), floor, corridor=True, mode=row.mode)


def _along(subject: Subject, links: list[str], shared: Mapping[Any, Any]) -> Iterator[Point]:
    """Yield the middles of some of a corridor's links: of those that it shares with few first, then from its middle."""
    order = sorted(range(len(links)), key=lambda n: (shared[links[n]], abs(n - len(links) // 2), n))
    for place in order[:: max(1, len(order) // TRIED)][:TRIED]:
        lon, lat = middle(subject.line(links[place]))
        yield round(lon, 3), round(lat, 3)


def _placed(listed: list[Label], frame: View) -> list[tuple[Point, float | None]]:
    """Return where each name stands and from which magnification on; boxes of earlier names stay free."""
    scale = min(SIZE[0] / (frame.right - frame.left), SIZE[1] / (frame.top - frame.bottom))
    taken: NDArray[np.float64] = np.empty((len(listed), 7))  # x, y; left, right, lower, upper edge; magnification
    found: list[tuple[Point, float | None]] = []
    for number, label in enumerate(listed):
        x, y = project(label.points, frame.lon, frame.lat)
        tries = [
            (_first_free(taken[:number], (x[n] * scale, y[n] * scale), label), n) for n in range(len(label.points))
        ]
        level, best = min(tries)
        taken[number] = (x[best] * scale, y[best] * scale, *label.box, level)
        found.append((label.points[best], None if np.isinf(level) else round(level, 2)))
    return found


def _first_free(taken: NDArray[np.float64], at: tuple[float, float], label: Label) -> float:
    """Return the first magnification from which on a name at a point meets none of those before it."""
    left, right, lower, upper = label.box
    taken = taken[np.isfinite(taken[:, 6])]
    away = taken[:, :2] - at
    for magnification in LEVELS[label.floor <= LEVELS]:
        both = np.maximum(magnification, taken[:, 6])  # from which on both are shown
        dx, dy = away[:, 0] * both, away[:, 1] * both
        across = (dx + taken[:, 3] > left) & (dx + taken[:, 2] < right)
        along = (dy + taken[:, 5] > lower) & (dy + taken[:, 4] < upper)
        if not (across & along).any():
            return float(magnification)
    return np.inf
