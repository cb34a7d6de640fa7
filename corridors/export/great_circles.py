"""Lines on the globe as GeoJSON wants them: great circles, cut where they cross the antimeridian (RFC 7946, 3.1.9)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from corridors.geodesy import Point, great_circle

DIGITS = 6  # decimals of a degree: a decimetre
HALF = 180.0

type Line = tuple[tuple[Point, ...], ...]  # parts, each within one side of the antimeridian


def along(points: Sequence[Point]) -> Line:
    """Return the line of great circles from each point to the next, degrees rounded to 6 decimals."""
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
    """Return a line as well-known text (OGC 06-103r4): a LineString of one part, or a MultiLineString."""
    parts = [f"({', '.join(f'{lon!r} {lat!r}' for lon, lat in part)})" for part in line]
    return f"LINESTRING {parts[0]}" if kind == "LineString" else f"MULTILINESTRING ({', '.join(parts)})"
