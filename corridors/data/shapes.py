"""Draw the links by rail and road along the ground: their rows of shapes.csv, cut out of OpenStreetMap.

    python corridors/data/shapes.py            renew them in the folder of this script, and say what stays straight
    python corridors/data/shapes.py DIR        renew them in another data package
    python corridors/data/shapes.py --check    say whether they are what the packaged networks give; exit 1 if not

The railways and highways of the world come from scgraph_data 2.0.0 (OpenStreetMap contributors, ODbL 1.0): junctions,
and lengths between them. Each link gets the shortest way from its first place to its second that is about as long as
links.csv says, simplified (Douglas and Peucker, 1973), finer at home than abroad. Where the network has a gap the line
is straight; where too much of it is gap, or no way has the link's length, the link gets no points and maps draw a great
circle. shapes.toml beside the tables names places that a way must pass. Reads links.csv, nodes.csv, datapackage.json,
shapes.csv and shapes.toml; writes shapes.csv, in which links of other modes keep their rows. Needs what the extra
`shapes` installs, and ground.py beside it.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import io
import json
import math
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from corridors.data import ground
else:
    import ground  # beside this script, which runs without being installed

PACKAGE, VERSION = "scgraph_data", "2.0.0"
NETWORKS = {"rail": "world_railways.py", "road": "world_highways.py"}
REACHES_KM = (6.0, 30.0, 150.0)  # of bridges over gaps: the first that gives a way of about the right length
NEAR = 0.1  # a way whose length differs by less, relative, is looked for no further
SHARES = (0.7, 1.3)  # of the length in links.csv: no shorter and no longer way is drawn
LONGEST = 1.4  # times the link's length: longer ways are not looked for
MOST_BRIDGED = 0.5  # of a way: with more of it straight, the whole is
SHORTEST_KM = 25.0  # links that are shorter stay straight
TRIM, ASIDE_KM = 2.0, 8.0
FINE, COARSE = (0.4, 3), (2.5, 2)  # at home and abroad: km that a line may differ, decimals of a degree (0.1 and 1 km)
TABLE = "shapes"
COLUMNS = ("link", "seq", "lat", "lon")

type Row = dict[str, str]


class Drawn(NamedTuple):
    """A link's points between its places, and why it has none, "" if it needs none."""

    points: list[list[float]]
    why: str


def networks(places: Mapping[str, tuple[float, float]]) -> dict[str, ground.Ground]:
    """Return the networks of OpenStreetMap around places, by mode.

    Raises
    ------
    ValueError
        If the package that brings them is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ValueError(
            f"the railways and highways of OpenStreetMap are not installed: python -m pip install {PACKAGE}=={VERSION}"
        )
    around = np.array([places[name] for name in sorted(places)])
    folder = Path(found.origin).parent
    return {mode: ground.Ground(*ground.read_network(folder / name, around)) for mode, name in NETWORKS.items()}


def chosen(over: ground.Ground, stops: Sequence[Sequence[float]], km: float) -> ground.Way | None:
    """Return the way whose length is nearest to a link's, of those with short bridges first."""
    best: ground.Way | None = None
    for reach_km in REACHES_KM:
        way = over.way(np.array(stops), max(LONGEST * km, km + SHORTEST_KM), reach_km)
        if way is not None and (best is None or _off(way.km, km) < _off(best.km, km)):
            best = way
        if best is not None and _off(best.km, km) < NEAR:
            break
    return best


def _off(km: float, wanted: float) -> float:
    return abs(math.log(km / wanted))


def drawn(over: ground.Ground, stops: Sequence[Sequence[float]], km: float, detail: tuple[float, int]) -> Drawn:
    """Return what is drawn of a link through stops, of which all but the first and last were asked for."""
    if km < SHORTEST_KM:
        return Drawn([], "")
    way = chosen(over, stops, km)
    if way is None:
        return Drawn([], "the network has no way of about its length")
    if not SHARES[0] * km <= way.km <= SHARES[1] * km:
        return Drawn([], f"the way found has {way.km:.0f} km")
    if len(stops) == 2 and way.bridged_km > MOST_BRIDGED * way.km:
        return Drawn([], f"{way.bridged_km:.0f} km of the way found are gaps")
    tolerance_km, decimals = detail
    line = ground.simplified(ground.trimmed(way.points, TRIM, ASIDE_KM), tolerance_km)
    points = np.round(line, decimals)[1:-1].tolist()
    return Drawn([one for before, one in zip([None, *points], points, strict=False) if one != before], "")


def lines(tables: Mapping[str, list[Row]], home: str, via: Mapping[str, Any]) -> dict[str, Drawn]:
    """Return what is drawn of each link by rail and road, by link.

    Raises
    ------
    ValueError
        If no network is installed, or a way is asked for of a link that is not by rail or road.
    """
    links = [row for row in tables["links"] if row["mode"] in NETWORKS]
    if unknown := sorted(set(via) - {row["link"] for row in links}):
        raise ValueError(f"shapes.toml, via: {', '.join(unknown)}: no link by rail or road of links.csv")
    places = {row["node"]: (float(row["lat"]), float(row["lon"])) for row in tables["nodes"]}
    ends = {row[end] for row in links for end in ("from_node", "to_node")}
    over = networks({name: places[name] for name in ends})
    found: dict[str, Drawn] = {}
    for row in links:
        stops = [places[row["from_node"]], *via.get(row["link"], ()), places[row["to_node"]]]
        detail = FINE if row["country"] == home else COARSE
        found[row["link"]] = drawn(over[row["mode"]], stops, float(row["km"]), detail)
    return found


def make(folder: Path, tell: Callable[[str], object]) -> str:
    """Return the text of shapes.csv; `tell` is told of each link that stays straight, and why."""
    there = [name for name in ("links", "nodes", TABLE) if name != TABLE or (folder / f"{name}.csv").exists()]
    tables = {name: _read(folder / f"{name}.csv") for name in there}
    home = json.loads((folder / "datapackage.json").read_text(encoding="utf-8-sig"))["home_country"]
    book = folder / "shapes.toml"
    via = tomllib.loads(book.read_text(encoding="utf-8"))["via"] if book.exists() else {}
    made = lines(tables, home, via)
    rows = [row for row in tables.get(TABLE, ()) if row["link"] not in made]
    for link, one in made.items():
        if one.why:
            tell(f"{link} stays straight: {one.why}")
        numbered = enumerate(one.points, start=1)
        rows += [{"link": link, "seq": str(seq), "lat": f"{lat:g}", "lon": f"{lon:g}"} for seq, (lat, lon) in numbered]
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as cells:
        return list(csv.DictReader(cells, restval=""))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives 0, 1 if a check found a difference, 2 if a table is wrong or a package is missing."""
    parser = argparse.ArgumentParser(description="Draw links by rail and road along the ground, in shapes.csv.")
    here = Path(__file__).resolve().parent
    parser.add_argument("folder", nargs="?", type=Path, default=here, metavar="DIR", help="the data package")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if shapes.csv is stale")
    given = parser.parse_args(arguments)
    table = given.folder / f"{TABLE}.csv"
    try:
        text = make(given.folder, print)
        stale = not table.exists() or table.read_text(encoding="utf-8") != text
        if stale and not given.check:
            table.write_text(text, encoding="utf-8", newline="")
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        print(f"{Path(__file__).name}: {error}", file=sys.stderr)
        return 2
    if stale and given.check:
        print("shapes.csv: not what links.csv and the packaged networks give; run shapes.py to renew it.")
        return 1
    print(f"{table}: {text.count(chr(10)) - 1:,} points, {len(text) / 1000:.0f} kB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
