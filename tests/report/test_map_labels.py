"""Names on the map appear as one comes nearer, the busiest first, and none stands on another."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import network, planning, tables
from corridors.report import map_labels, map_layers, map_styles, worldmap
from corridors.report.context import Subject
from corridors.report.map_labels import AT_FIRST, LEVELS, SIZE, Label
from corridors.report.projection import project, view
from corridors.text.language import language


@pytest.fixture(scope="module")
def embedded() -> Subject:
    net = network.build(tables.read())
    return Subject(planning.plan(net), net, language("en"))


NAMES = st.text("abcdefgh", min_size=1, max_size=14)
POINTS = st.tuples(st.floats(45, 90), st.floats(38, 56))


@settings(max_examples=40)
@given(st.lists(st.tuples(NAMES, POINTS, st.booleans()), min_size=1, max_size=25))
def test_no_name_stands_on_another_at_any_magnification(given_: list[tuple[str, tuple[float, float], bool]]) -> None:
    listed = [
        Label(name, (at,), (number + 1) / AT_FIRST, corridor=corridor)
        for number, (name, at, corridor) in enumerate(given_)
    ]
    frame = view([at for _, at, _ in given_])
    placed = map_labels._placed(listed, frame)
    x, y = project([at for at, _ in placed], frame.lon, frame.lat)
    scale = min(SIZE[0] / (frame.right - frame.left), SIZE[1] / (frame.top - frame.bottom))
    shown = [(one.box, x[n] * scale, y[n] * scale, placed[n][1]) for n, one in enumerate(listed)]
    for magnification in LEVELS[::4]:
        now = [one for one in shown if one[3] is not None and round(one[3], 2) <= magnification]
        for (box, a, b, _), (other, c, d, _) in combinations(now, 2):
            dx, dy = (c - a) * magnification, (d - b) * magnification
            apart_x = dx + other[1] <= box[0] + 0.1 or dx + other[0] >= box[1] - 0.1
            apart_y = dy + other[3] <= box[2] + 0.1 or dy + other[2] >= box[3] - 0.1
            assert apart_x or apart_y


def test_what_a_minister_looks_for_is_named_at_first_and_more_as_one_zooms(embedded: Subject) -> None:
    names = map_labels.labels(embedded, worldmap.views(embedded))
    at_first = {one["name"] for one in names if one["home"] is not None and one["home"] <= 1.0}
    assert {"Astana", "Almaty", "Aktau", "Dostyk"} <= at_first
    assert sum(one["mode"] != "" for one in names if one["home"] is not None and one["home"] <= 1.1) >= 5
    assert len(at_first) < 25
    near = {one["name"] for one in names if one["home"] is not None and one["home"] <= 8.0}
    assert len(near) > 3 * len(at_first)
    assert not {one["name"] for one in names if "air fix" in one["name"]}


def test_busier_places_of_a_kind_come_first(embedded: Subject) -> None:
    order = map_labels.ranked(embedded)
    cities = [one for one in order if map_labels._class(str(embedded.places[one]["kind"]).split(";")) == 0]
    handled = [embedded.handled.get(one, 0.0) for one in cities]
    assert handled == sorted(handled, reverse=True)


def test_flights_over_are_told_apart_from_flights_of_ones_own(embedded: Subject) -> None:
    flows = map_layers.flows(embedded)
    of = {mode: sum(one["kt"] for one in flows if one["mode"] == mode) for mode in worldmap.IN_THE_AIR}
    table = embedded.plan.flows
    assert sum(of.values()) == pytest.approx(table.loc[table["mode"] == "air", "kt"].sum(), rel=1e-4)
    home = embedded.dataset.home_country
    country = {node: row["country"] for node, row in embedded.places.items()}
    routes = embedded.plan.routes
    own = [home in (country[a], country[b]) for a, b in zip(routes["origin"], routes["destination"], strict=True)]
    used = {link for links in routes["links"][own] for link in links.split(";")}
    assert {one["link"] for one in flows if one["mode"] == "air"} <= used
    assert of[map_styles.OVERFLIGHT] > 0


def test_modes_are_told_apart_without_colour(embedded: Subject) -> None:
    modes = {row.mode for row in embedded.links.values()}
    shown = {map_styles.pattern(mode) for mode in modes}
    dashes = [tuple(map_styles.PATTERNS[one]) for one in shown]
    assert len(set(dashes)) == len(dashes) == 5
    drawn = worldmap.draw(embedded, "home")
    parameters = {one.name: one.value for one in drawn.params}
    assert set(parameters["modes"]) == modes - {"air"}


def test_the_map_shows_nothing_that_is_not_on_it(folder: Path) -> None:
    net = network.build(tables.read(folder))
    made = Subject(planning.plan(net), net, language("en"))
    ways = {one["link"] for one in map_layers.lines(made)}
    assert {one["link"] for one in map_layers.used(made)} | {one["link"] for one in map_layers.idle(made)} == ways
