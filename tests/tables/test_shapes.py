"""Lines of railways and roads lie on land and are about as long as their links; their script follows networks."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from beside_data import DATA, read, run
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors import tables
from corridors.data import ground
from corridors.geodesy import kilometres
from corridors.report.context import Subject
from corridors.report.projection import WORLD
from corridors.tables.dataset import Dataset

LARGEST = 300_000  # bytes: pages embed the lines
LAND_MODES = ("rail", "road")
WET_KM = 15.0  # a port's quay, a bridge, a coast drawn roughly
SPIT = {
    "road:TEMIR_BABA-TURKMENBASHI": 40.0
}  # between the sea and Kara-Bogaz-Gol, narrower than the map's coast is true
CASPIAN = (46.0, 36.0, 55.5, 47.8)  # west, south, east, north
AROUND = (45.0, 35.0, 57.0, 49.0)
SHORES = ("398", "643", "031", "364", "795", "860", "268", "051")
STEP_KM = 4.0

type Line = list[tuple[float, float]]


@pytest.fixture(scope="module")
def drawn() -> Mapping[str, Line]:
    """Return the line of each link by rail and road, longitude and latitude, by link."""
    dataset = tables.read()
    return dict(_lines(dataset))


def _lines(dataset: Dataset) -> Iterator[tuple[str, Line]]:
    places = {row["node"]: (float(row["lon"]), float(row["lat"])) for row in dataset["nodes"].to_dict("records")}
    through: dict[str, Line] = {}
    for row in dataset["shapes"].sort_values(["link", "seq"]).to_dict("records"):
        through.setdefault(row["link"], []).append((float(row["lon"]), float(row["lat"])))
    for row in dataset["links"].to_dict("records"):
        if row["mode"] in LAND_MODES:
            yield row["link"], [places[row["from_node"]], *through.get(row["link"], ()), places[row["to_node"]]]


def _length(line: Line) -> float:
    return sum(kilometres(*pair) for pair in pairwise(line))


def test_lines_are_about_as_long_as_their_links(drawn: Mapping[str, Line]) -> None:
    """So that each begins and ends at its link's places, too: a line the wrong way round is far longer."""
    links = tables.read()["links"].set_index("link")["km"]
    for link, line in drawn.items():
        straight = kilometres(line[0], line[-1])
        assert straight <= _length(line) * 1.0001, link
        if len(line) > 2:
            assert 0.5 * links[link] <= _length(line) <= 1.3 * links[link], link


def test_most_freight_by_land_follows_the_ground(drawn: Mapping[str, Line]) -> None:
    links = tables.read()["links"].set_index("link")["km"]
    long = [link for link in drawn if links[link] >= 25]
    bent = sum(links[link] for link in long if len(drawn[link]) > 2)
    assert bent > 0.9 * sum(links[link] for link in long)


def _land() -> shapely.Geometry:
    """Return the countries around the Caspian as the report's map has them."""
    world = json.loads((Path(sys.modules[Subject.__module__].__file__ or "").parent / WORLD).read_text("utf-8"))
    scale, shift = (np.array(world["transform"][part]) for part in ("scale", "translate"))

    def ring(arcs: list[int]) -> np.ndarray:
        parts = [np.cumsum(np.array(world["arcs"][one if one >= 0 else ~one]), axis=0) * scale + shift for one in arcs]
        return np.concatenate([part if one >= 0 else part[::-1] for one, part in zip(arcs, parts, strict=True)])

    shapes = []
    for one in world["objects"]["countries"]["geometries"]:
        if one.get("id") in SHORES:
            polygons = one["arcs"] if one["type"] == "MultiPolygon" else [one["arcs"]]
            shapes += [shapely.Polygon(ring(rings[0]), [ring(hole) for hole in rings[1:]]) for rings in polygons]
    return shapely.unary_union(shapely.clip_by_rect(shapely.make_valid(shapes), *AROUND))


def _wet_km(line: Line, land: shapely.Geometry) -> float:
    wet = 0.0
    for start, end in pairwise(line):
        km = kilometres(start, end)
        parts = max(int(km / STEP_KM), 1)
        points = np.linspace(start, end, parts, endpoint=False) + (np.array(end) - start) / (2 * parts)
        inside = ((points > CASPIAN[:2]) & (points < CASPIAN[2:])).all(axis=1)
        wet += km / parts * float((inside & ~shapely.contains_xy(land, points)).sum())
    return wet


def test_no_train_and_no_lorry_crosses_the_caspian(drawn: Mapping[str, Line]) -> None:
    land = _land()
    shapely.prepare(land)
    assert _wet_km([(50.9, 43.6), (49.9, 40.4)], land) > 250, "the line of a ship lies on the sea"
    wet = {link: km for link, line in drawn.items() if (km := _wet_km(line, land)) > SPIT.get(link, WET_KM)}
    assert wet == {}


def test_the_page_of_sources_counts_the_points() -> None:
    dataset = tables.read()
    points = dataset["shapes"].merge(dataset["links"][["link", "mode"]], on="link")
    page = (DATA / "SOURCES.md").read_text(encoding="utf-8")
    land = points["mode"].isin(LAND_MODES)
    assert f"## Lines (`shapes.csv`, {len(points):,} rows)" in page
    for title, part in (("Rail and road", points[land]), ("Sea routes", points[~land])):
        assert f"* {title}, {len(part):,} points of {part['link'].nunique()} links" in page
    bare = dataset["links"]["mode"].isin(LAND_MODES).sum() - points[land]["link"].nunique()
    assert f"{bare} have no points" in page


def test_the_lines_weigh_little() -> None:
    assert (DATA / "shapes.csv").stat().st_size < LARGEST


POINTS = st.lists(st.tuples(st.floats(40, 55), st.floats(50, 85)), min_size=2, max_size=25)


@given(POINTS, st.floats(0.1, 300))
@settings(max_examples=40, deadline=None)
def test_no_point_that_is_left_out_lies_farther_than_the_tolerance(points: Line, tolerance: float) -> None:
    line = np.array(points)
    short = ground.simplified(line, tolerance)
    assert (short[0] == line[0]).all()
    assert (short[-1] == line[-1]).all()
    scale = np.array((1.0, np.cos(np.radians(line[:, 0].mean())))) * np.radians(1) * ground.RADIUS_KM
    kept = shapely.LineString(short * scale) if len(short) > 1 else shapely.Point(short[0] * scale)
    assert shapely.distance(shapely.points(line * scale), kept).max() <= tolerance * 1.000001


def test_a_way_follows_the_network_and_bridges_a_gap() -> None:
    """Along a line of points one degree apart, a way takes all but the trap; where an edge is missing, a bridge."""
    points = np.array([(50.0, 60.0 + step / 10) for step in range(11)] + [(50.2, 60.5)])
    edges = np.array([(step, step + 1) for step in range(10) if step != 5] + [(4, 11)])
    km = ground.apart(ground.globe(points[edges[:, 0]]), ground.globe(points[edges[:, 1]]))
    over = ground.Ground(points, edges, km)
    ends = np.array([(50.0, 60.0), (50.0, 61.0)])
    assert over.way(ends, 100.0, 1.0) is None
    way = over.way(ends, 100.0, 10.0)
    assert way is not None
    assert way.points.tolist() == [ends[0].tolist(), *points[:11].tolist(), ends[1].tolist()]
    assert way.km == pytest.approx(km[0] * 10, rel=1e-3)
    assert way.bridged_km == pytest.approx(km[0], abs=0.01)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a data package of a railway round a lake, and of another that no network has."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, text in {
        "datapackage.json": '{"home_country": "AAA"}',
        "nodes.csv": "node,lat,lon\nWEST,50,60\nEAST,50,61\nFAR,55,80\n",
        "links.csv": "link,from_node,to_node,mode,country,km\n"
        "rail:WEST-EAST,WEST,EAST,rail,AAA,80\nrail:EAST-FAR,EAST,FAR,rail,AAA,1500\nroad:WEST-EAST,WEST,EAST,road,BBB,75\n"
        "ferry:WEST-EAST,WEST,EAST,ferry,BBB,75\n",
        "shapes.csv": "link,seq,lat,lon\nferry:WEST-EAST,1,50,60.50\nrail:WEST-EAST,1,49,60.5\n",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _networks(folder: Path) -> Path:
    """Write the two networks as the package that brings them has them; to import one is an error."""
    site = folder / "site"
    (site / "scgraph_data").mkdir(parents=True)
    (site / "scgraph_data" / "__init__.py").write_text("")
    lines = {
        "railways": [[50.0, 60.0], [50.25, 60.5], [50.0, 61.0]],
        "highways": [[50.0, 60.0], [50.0, 60.5], [50.0, 61.0]],
    }
    for name, nodes in lines.items():
        graph = [{1: 38.0}, {2: 38.0}, {1: 38.0}]  # some edges are listed at one of their points alone
        text = f"raise SystemExit('it was run')\ngraph={graph}\nnodes={nodes}\n"
        (site / "scgraph_data" / f"world_{name}.py").write_text(text)
    return site


def _made(package: Path, *options: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(DATA / "shapes.py"), *options, str(package)]
    around = os.environ | {
        "PYTHONPATH": str(_networks(package.parent)) if not options else str(package.parent / "site")
    }
    return subprocess.run(line, capture_output=True, text=True, check=False, env=around)


def test_the_script_draws_what_the_networks_have_and_says_what_stays_straight(package: Path) -> None:
    done = _made(package)
    assert (done.returncode, done.stderr) == (0, "")
    assert "rail:EAST-FAR stays straight: the network has no way" in done.stdout
    assert "road" not in done.stdout
    assert read(package / "shapes.csv") == [
        {"link": "ferry:WEST-EAST", "seq": "1", "lat": "50", "lon": "60.50"},
        {"link": "rail:WEST-EAST", "seq": "1", "lat": "50.25", "lon": "60.5"},
    ]
    assert _made(package, "--check").returncode == 0
    with (package / "shapes.csv").open("a", encoding="utf-8", newline="") as table:
        csv.writer(table, lineterminator="\n").writerow(("road:WEST-EAST", 1, 50.5, 60.5))
    before = (package / "shapes.csv").read_bytes()
    assert _made(package, "--check").returncode == 1
    assert (package / "shapes.csv").read_bytes() == before


def test_a_package_without_lines_gets_them(package: Path) -> None:
    (package / "shapes.csv").unlink()
    assert _made(package).returncode == 0
    assert [row["link"] for row in read(package / "shapes.csv")] == ["rail:WEST-EAST"]


def test_a_way_asked_for_of_no_link_is_refused_in_one_sentence(package: Path) -> None:
    (package / "shapes.toml").write_text('[via]\n"rail:NONE" = [[1, 2]]\n', encoding="utf-8")
    done = _made(package)
    assert done.returncode == 2
    assert "rail:NONE" in done.stderr
    assert done.stderr.count("\n") == 1


BROUGHT = importlib.util.find_spec("scgraph_data") is not None


@pytest.mark.skipif(BROUGHT, reason="the networks are installed")
def test_without_the_networks_the_script_says_what_to_install(package: Path) -> None:
    done = run("shapes", package)
    assert done.returncode == 2
    assert "pip install scgraph_data==2.0.0" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.skipif(not BROUGHT, reason="the networks are not installed")
def test_the_script_makes_the_committed_points_byte_for_byte() -> None:
    assert run("shapes", "--check").returncode == 0
