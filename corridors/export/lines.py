"""Lines on the globe: great circles as GeoJSON wants them, cut where they cross the antimeridian (RFC 7946, 3.1.9)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import Geod

DIGITS = 6  # decimals of a degree: a decimetre
STEP_M = 100_000.0  # great circles get a point at least this often
HALF = 180.0

type Point = tuple[float, float]  # longitude, latitude
type Line = tuple[tuple[Point, ...], ...]  # parts, each within one side of the antimeridian


def great_circle(start: Point, end: Point) -> list[Point]:
    """Give the shortest way between two places as points at most 100 km apart, both ends included as they are."""
    metres = _globe().inv(*start, *end)[2]
    between = max(math.ceil(metres / STEP_M) - 1, 0)
    return [start, *(_globe().npts(*start, *end, between) if between else ()), end]


def along(points: Sequence[Point]) -> Line:
    """Give the line of great circles from each point to the next, degrees rounded to 6 decimals."""
    way = [points[0]]
    for start, end in pairwise(points):
        way.extend(great_circle(start, end)[1:])
    return rounded(cut(way))


def cut(points: Sequence[Point]) -> list[list[Point]]:
    """Cut a line where it crosses the antimeridian: from one point to the next by the shorter way in longitude.

    Parts end and begin at 180 degrees east and west, at one latitude.
    """
    parts = [[points[0]]]
    for (lon, lat), (next_lon, next_lat) in pairwise(points):
        if abs(next_lon - lon) > HALF:
            edge = math.copysign(HALF, lon)
            unrolled = next_lon + 2 * edge
            share = (edge - lon) / (unrolled - lon) if unrolled != lon else 0.0
            crossing = lat + share * (next_lat - lat)
            parts[-1].append((edge, crossing))
            parts.append([(-edge, crossing)])
        parts[-1].append((next_lon, next_lat))
    return parts


def rounded(parts: Iterable[Sequence[Point]]) -> Line:
    """Round a line, leaving out points and parts that no longer differ; two equal points stay if nothing else does."""
    near = [[(round(lon, DIGITS), round(lat, DIGITS)) for lon, lat in part] for part in parts]
    kept = [[part[0], *(b for a, b in pairwise(part) if a != b)] for part in near]
    long = [tuple(part) for part in kept if len(part) > 1]
    return tuple(long) or ((kept[0][0], kept[-1][-1]),)


def wkt(line: Line, kind: str) -> str:
    """Give a line as well-known text (OGC 06-103r4): a LineString of one part, or a MultiLineString."""
    parts = [f"({', '.join(f'{lon!r} {lat!r}' for lon, lat in part)})" for part in line]
    return f"LINESTRING {parts[0]}" if kind == "LineString" else f"MULTILINESTRING ({', '.join(parts)})"


@cache
def _globe() -> Geod:
    from pyproj import Geod  # heavy, and only drawing needs it

    return Geod(ellps="WGS84")
