"""Great circles, as long as PROJ says, and cut where they meet the antimeridian."""

from itertools import pairwise

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors import geodesy
from corridors.export import great_circles

GLOBE = pyproj.Geod(ellps="WGS84")
point = st.tuples(st.floats(-180, 180), st.floats(-89, 89))


@given(point, point)
def test_a_great_circle_lies_between_its_ends(start: tuple[float, float], end: tuple[float, float]) -> None:
    way = geodesy.great_circle(start, end)
    assert (way[0], way[-1]) == (start, end)
    steps = [GLOBE.inv(*one, *other)[2] for one, other in pairwise(way)]
    assert max(steps) <= 100_001
    assert sum(steps) == pytest.approx(GLOBE.inv(*start, *end)[2], rel=1e-6, abs=0.01)


@given(point, point)
def test_lengths_are_those_of_proj_and_of_a_sphere_nearly(start: tuple[float, float], end: tuple[float, float]) -> None:
    known = GLOBE.inv(*start, *end)[2] / 1000
    assert geodesy.kilometres(start, end) == pytest.approx(known, rel=1e-9, abs=1e-6)
    assert geodesy.about_kilometres(np.array([[*start, *end]]))[0] == pytest.approx(known, rel=geodesy.ROUND, abs=1e-6)


@given(st.lists(point, min_size=2, max_size=6))
def test_no_part_of_a_cut_line_leaps_over_the_globe(points: list[tuple[float, float]]) -> None:
    parts = great_circles.cut(points)
    assert (parts[0][0], parts[-1][-1]) == (points[0], points[-1])
    for part in parts:
        assert all(-180 <= lon <= 180 for lon, _ in part)
        assert all(abs(lon - other) <= 180 for (lon, _), (other, _) in pairwise(part))
    for before, after in pairwise(parts):
        assert before[-1][0] == -after[0][0]
        assert (abs(before[-1][0]), before[-1][1]) == (180, after[0][1])
    passed = iter([one for part in parts for one in part])
    assert all(one in passed for one in points), "in the order in which they were given"


@given(st.floats(90, 179.9), st.floats(-179.9, -90), st.floats(-80, 80), st.floats(0, 1))
def test_a_line_is_cut_where_it_meets_the_antimeridian(lon: float, beyond: float, lat: float, rise: float) -> None:
    span = (180 - lon) + (180 + beyond)
    if span >= 180:
        return  # the shorter way is the other one
    (_, (edge, crossing)), _ = great_circles.cut([(lon, lat), (beyond, lat + rise)])
    assert edge == 180
    assert crossing == pytest.approx(lat + rise * (180 - lon) / span, abs=1e-9)


@given(st.lists(point, min_size=2, max_size=6))
def test_a_rounded_line_keeps_its_ends_and_no_point_twice(points: list[tuple[float, float]]) -> None:
    line = great_circles.rounded(great_circles.cut(points))
    near = [(round(lon, 6), round(lat, 6)) for lon, lat in points]
    same = {180: -180, -180: 180}
    for mine, theirs in ((line[0][0], near[0]), (line[-1][-1], near[-1])):
        assert mine in (theirs, (same.get(theirs[0], theirs[0]), theirs[1]))
    if len({*near}) > 1:
        assert all(one != other for part in line for one, other in pairwise(part))
