"""Great circles: the shortest lines over the earth, geodesics of the WGS 84 ellipsoid (Karney 2013)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

STEP_M = 100_000.0  # great circles get a point at least this often
MEAN_RADIUS_KM = 6371.0088
ROUND = 0.0057  # relative: a length on the sphere of that radius differs from the geodesic by at most this

type Point = tuple[float, float]  # longitude, latitude


def great_circle(start: Point, end: Point) -> list[Point]:
    """Return the geodesic between two places as points at most 100 km apart, both ends included as they are."""
    from geographiclib.geodesic import Geodesic  # only drawing and checking need it

    line = Geodesic.WGS84.InverseLine(start[1], start[0], end[1], end[0])
    parts = max(math.ceil(line.s13 / STEP_M), 1)
    between = (line.Position(line.s13 * part / parts) for part in range(1, parts))
    return [start, *((at["lon2"], at["lat2"]) for at in between), end]


def kilometres(start: Point, end: Point) -> float:
    """Return the length of the geodesic between two places in km."""
    from geographiclib.geodesic import Geodesic

    return float(Geodesic.WGS84.Inverse(start[1], start[0], end[1], end[0], Geodesic.DISTANCE)["s12"]) / 1000


def about_kilometres(ends: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return great-circle lengths on a sphere in km, (n,), right to `ROUND`; `ends` has two points a row, (n, 4)."""
    import numpy as np  # callers that need one way alone draw it without

    west, south, east, north = np.radians(ends).T
    half = np.sin((north - south) / 2) ** 2 + np.cos(south) * np.cos(north) * np.sin((east - west) / 2) ** 2
    return np.asarray(2 * MEAN_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1))))
