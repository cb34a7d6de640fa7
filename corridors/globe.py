"""Great circles: the shortest ways over the earth (WGS 84)."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import Geod

STEP_M = 100_000.0  # great circles get a point at least this often

type Point = tuple[float, float]  # longitude, latitude


def great_circle(start: Point, end: Point) -> list[Point]:
    """Give the shortest way between two places as points at most 100 km apart, both ends included as they are."""
    metres = _globe().inv(*start, *end)[2]
    between = max(math.ceil(metres / STEP_M) - 1, 0)
    return [start, *(_globe().npts(*start, *end, between) if between else ()), end]


@cache
def _globe() -> Geod:
    from pyproj import Geod  # heavy, and only drawing needs it

    return Geod(ellps="WGS84")
