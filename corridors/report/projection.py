"""What a map is drawn from: lines along great circles, places, and views that show them all."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corridors.geodesy import Point, great_circle

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORLD = "countries-50m.json"  # Natural Earth 1:50m, public domain, as the npm package world-atlas 2.0.2 has it
STRAIGHT = 1.3  # degrees: nobody sees the difference
MARGIN = 0.06  # of a view's width and height, on each side
SMALLEST = 0.02  # radians: a view of one place is not infinitely near
DIGITS = 3


class View(NamedTuple):
    """A window of the map: Lambert's azimuthal equal-area projection about its centre, in radii of the earth."""

    lon: float
    lat: float
    left: float
    right: float
    bottom: float
    top: float

    def as_dict(self) -> dict[str, float]:
        """Return the view as the chart's parameter."""
        return {name: round(value, 5) for name, value in self._asdict().items()}


def view(points: Sequence[Point]) -> View:
    """Return the view that shows all points (longitude, latitude in degrees)."""
    lon, lat = _centre(points)
    x, y = project(points, lon, lat)
    wide, high = max(np.ptp(x), SMALLEST), max(np.ptp(y), SMALLEST)
    left, bottom = (x.max() + x.min() - wide) / 2, (y.max() + y.min() - high) / 2
    return View(
        lon,
        lat,
        float(left - MARGIN * wide),
        float(left + (1 + MARGIN) * wide),
        float(bottom - MARGIN * high),
        float(bottom + (1 + MARGIN) * high),
    )


def _centre(points: Sequence[Point]) -> Point:
    """Return the middle of the box around the points."""
    lons, lats = zip(*points, strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def project(points: Sequence[Point], lon: float, lat: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Project points onto the plane about a centre (Lambert 1772; Snyder 1987, p. 185), in radii of the earth."""
    lam = np.radians([point[0] - lon for point in points])
    phi = np.radians([point[1] for point in points])
    mid = math.radians(lat)
    k = np.sqrt(2 / (1 + math.sin(mid) * np.sin(phi) + math.cos(mid) * np.cos(phi) * np.cos(lam)))
    return k * np.cos(phi) * np.sin(lam), k * (math.cos(mid) * np.sin(phi) - math.sin(mid) * np.cos(phi) * np.cos(lam))


def way(points: Sequence[Point]) -> list[list[float]]:
    """Return the way over the earth from point to point along great circles; short stretches are drawn straight."""
    found: list[Point] = [points[0]]
    for start, end in itertools.pairwise(points):
        far = math.hypot(end[0] - start[0], end[1] - start[1]) > STRAIGHT
        found += great_circle(start, end)[1:] if far else [end]
    return [[round(lon, DIGITS), round(lat, DIGITS)] for lon, lat in found]


def middle(line: Sequence[Sequence[float]]) -> Point:
    """Return a point half-way along a line."""
    lons, lats = np.array(line, dtype=float).T
    steps = np.hypot(np.diff(lons) * np.cos(np.radians(lats[1:])), np.diff(lats))
    along = np.concatenate([[0.0], np.cumsum(steps)])
    half = along[-1] / 2
    return float(np.interp(half, along, lons)), float(np.interp(half, along, lats))


def countries(points: Sequence[Point], reach: float = 25.0) -> dict[str, Any]:
    """Return the borders of the countries near the points as TopoJSON; `reach` is in degrees around their box."""
    world = json.loads((Path(__file__).parent / WORLD).read_text(encoding="utf-8"))
    lons, lats = zip(*points, strict=True)
    box = (min(lons) - reach, min(lats) - reach, max(lons) + reach, max(lats) + reach)
    bounds = [_bounds(arc, world["transform"]) for arc in world["arcs"]]
    shown = [
        {**one, "arcs": arcs}
        for one in world["objects"]["countries"]["geometries"]
        if (arcs := _near(one, bounds, box))
    ]
    used = sorted({arc if arc >= 0 else ~arc for one in shown for arc in _flat(one["arcs"])})
    new = {old: number for number, old in enumerate(used)}
    geometries = [
        {"type": one["type"], "id": one.get("id", ""), "arcs": _renumbered(one["arcs"], new)} for one in shown
    ]
    return {
        "type": "Topology",
        "transform": world["transform"],
        "arcs": [world["arcs"][old] for old in used],
        "objects": {"countries": {"type": "GeometryCollection", "geometries": geometries}},
    }


def _near(one: dict[str, Any], bounds: list[tuple[float, ...]], box: tuple[float, ...]) -> list[Any]:
    """Return the polygons of a country that touch the box."""
    several = one["type"] == "MultiPolygon"
    polygons = one["arcs"] if several else [one["arcs"]]
    kept = [polygon for polygon in polygons if any(_touch(bounds[a if a >= 0 else ~a], box) for a in _flat(polygon))]
    return kept if several else (kept[0] if kept else [])


def _touch(one: tuple[float, ...], box: tuple[float, ...]) -> bool:
    return one[0] <= box[2] and one[2] >= box[0] and one[1] <= box[3] and one[3] >= box[1]


def _bounds(arc: list[list[int]], transform: dict[str, list[float]]) -> tuple[float, ...]:
    """Return west, south, east and north of a quantised, delta-encoded arc, in degrees."""
    steps = np.cumsum(np.array(arc), axis=0) * transform["scale"] + transform["translate"]
    return (*map(float, steps.min(axis=0)), *map(float, steps.max(axis=0)))


def _flat(arcs: Any) -> Iterable[int]:
    for one in arcs:
        if isinstance(one, int):
            yield one
        else:
            yield from _flat(one)


def _renumbered(arcs: Any, new: dict[int, int]) -> Any:
    if isinstance(arcs, int):
        return new[arcs] if arcs >= 0 else ~new[~arcs]
    return [_renumbered(one, new) for one in arcs]
