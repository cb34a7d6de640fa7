"""Foreign networks written and read again, apart from the program: short readings of the same formats."""

from __future__ import annotations

import csv
import gzip
import io
import re
from pathlib import Path

from fuzz.exact import Instance, Whole

USED = {
    *("node_id", "zone_id", "from_node_id", "to_node_id", "directed", "length", "free_speed", "capacity"),
    *("lanes", "o_zone_id", "d_zone_id", "volume", "long_length", "speed"),
}
KM = {"km": 1.0, "m": 0.001, "meters": 0.001, "mi": 1.609344, "miles": 1.609344, "ft": 0.0003048}
KPH = {"kph": 1.0, "km/h": 1.0, "mph": 1.609344, "m/s": 3.6}


class Unclear(ValueError):  # noqa: N818 - reads as a sentence
    """A file that says nothing certain."""


def planar(one: Whole) -> dict[str, str]:
    """Write the planar format: one file."""
    lines = [str(one.nodes), str(len(one.arcs)), str(len(one.demands))]
    money, mass = f"e{one.cost_power}", f"e{one.amount_power}"
    for tail, head, cost, capacity in one.arcs:
        lines.append(f"{tail + 1} {head + 1} {cost}{money} {-1 if capacity is None else f'{capacity}{mass}'}")
    lines += [f"{origin + 1} {destination + 1} {amount}{mass}" for origin, destination, amount in one.demands]
    return {"net.txt": "\n".join(lines) + "\n"}


def tntp(one: Whole) -> dict[str, str]:
    """Write TNTP: a network without zones that are closed, and its trips."""
    money, mass = f"e{one.cost_power}", f"e{one.amount_power}"
    every = sum(amount for *_, amount in one.demands) + 1
    tags = {"NUMBER OF ZONES": one.nodes, "NUMBER OF NODES": one.nodes, "FIRST THRU NODE": 1}
    lines = [f"<{tag}> {value}" for tag, value in (tags | {"NUMBER OF LINKS": len(one.arcs)}).items()]
    lines += ["<END OF METADATA>", "~ init term capacity length time b power ;"]
    for tail, head, cost, capacity in one.arcs:
        lines.append(f"{tail + 1} {head + 1} {every if capacity is None else capacity}{mass} 1 {cost}{money} 0.15 4 ;")
    trips = [f"<NUMBER OF ZONES> {one.nodes}", "<END OF METADATA>"]
    for origin in dict.fromkeys(demand[0] for demand in one.demands):
        entries = [f"{to + 1} : {amount}{mass};" for begin, to, amount in one.demands if begin == origin]
        trips += [f"Origin {origin + 1}", " ".join(entries)]
    return {"x_net.tntp": "\n".join(lines) + "\n", "x_trips.tntp": "\n".join(trips) + "\n"}


def gmns(one: Whole) -> dict[str, str]:
    """Write GMNS: links at 1 km/h, so that hours are kilometres."""
    money, mass = f"e{one.cost_power}", f"e{one.amount_power}"
    nodes = ["node_id,zone_id", *(f"{number + 1},{number + 1}" for number in range(one.nodes))]
    links = ["link_id,from_node_id,to_node_id,directed,length,free_speed,capacity,lanes"]
    for number, (tail, head, cost, capacity) in enumerate(one.arcs):
        links.append(
            f"{number},{tail + 1},{head + 1},true,{cost}{money},1,{'' if capacity is None else f'{capacity}{mass}'},1"
        )
    demand = ["o_zone_id,d_zone_id,volume"]
    demand += [f"{origin + 1},{destination + 1},{amount}{mass}" for origin, destination, amount in one.demands]
    config = ["dataset_name,long_length,speed", "net,km,kph"]
    tables = {"node.csv": nodes, "link.csv": links, "demand.csv": demand, "config.csv": config}
    return {name: "\n".join(lines) + "\n" for name, lines in tables.items()}


WRITERS = {"planar": planar, "tntp": tntp, "gmns": gmns}


def text_of(path: Path) -> str:
    """Read a file as text, unpacked, whatever the capitals of its name."""
    path = next((one for one in sorted(path.parent.iterdir()) if one.name.lower() == path.name), path)
    if not path.is_file():
        raise Unclear(f"{path.name} is no file")
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return data.decode("utf-8-sig", "replace")  # comments may be in any encoding


def read_planar(folder: Path) -> Instance:
    """Read the planar format."""
    rows = [line.split() for line in text_of(folder / "net.txt").split("\n") if line.strip()]
    if [len(row) for row in rows[:3]] != [1, 1, 1]:
        raise Unclear("no three counts")
    nodes, arcs, demands = (int(float(row[0])) for row in rows[:3])
    if len(rows) != 3 + arcs + demands or any(len(row) != (4 if n < arcs else 3) for n, row in enumerate(rows[3:])):
        raise Unclear("lines are missing or too many")
    figures = [[float(word) for word in row] for row in rows[3:]]
    if any(not 1 <= end <= nodes or end != int(end) for row in figures for end in row[:2]):
        raise Unclear("a node that is not there")
    return Instance(
        tuple((str(int(row[0])), str(int(row[1])), row[2], None if row[3] < 0 else row[3]) for row in figures[:arcs]),
        tuple((str(int(row[0])), str(int(row[1])), row[2]) for row in figures[arcs:]),
    )


def _tags(text: str) -> tuple[dict[str, str], str]:
    head, _, body = text.partition("<END OF METADATA>")
    body = body.partition("\n")[2]
    kept = "\n".join("" if line.lstrip().startswith("~") else line for line in body.split("\n"))
    return dict(re.findall(r"<([^<>\n]+)>[ \t]*(\S*)", head)), kept


def read_tntp(folder: Path) -> Instance:
    """Read TNTP, nodes before the first that may be passed being two: one to begin at, one to end at."""
    tags, body = _tags(text_of(folder / "x_net.tntp"))
    closed = int(tags.get("FIRST THRU NODE") or 1) - 1
    rows = [line.replace(";", " ").split() for line in body.split("\n") if line.strip()]
    if len(rows) != int(tags.get("NUMBER OF LINKS") or len(rows)):
        raise Unclear("links are missing or too many")

    def end(node: float, origin: float | None = None) -> str:
        return f"to {node:g}" if node <= closed and node != origin else f"{node:g}"

    figures = [[float(word) for word in row] for row in rows]
    arcs = tuple((f"{row[0]:g}", end(row[1]), row[4], row[2]) for row in figures)
    demands: list[tuple[str, str, float]] = []
    for origin, entries in re.findall(r"(?i)origin\s+(\d+)([^oO]*)", _tags(text_of(folder / "x_trips.tntp"))[1]):
        demands += [
            (f"{int(origin)}", end(int(to), int(origin)), float(trips))
            for to, trips in re.findall(r"(\d+)\s*:\s*([^;\s]+)", entries)
        ]
    return Instance(arcs, tuple(demands))


def read_gmns(folder: Path) -> Instance:
    """Read GMNS with a zone a node."""
    nodes, links, demand, config = (_table(folder, name) for name in ("node", "link", "demand", "config"))
    factor = 1.0
    if config and (config[0].get("long_length") or config[0].get("speed")):
        factor = KM[config[0]["long_length"].lower()] / KPH[config[0]["speed"].lower()]
    zones: dict[str, list[str]] = {}
    for row in nodes:
        zones.setdefault(_id(row.get("zone_id", row["node_id"])), []).append(_id(row["node_id"]))
    arcs: list[tuple[str, str, float, float | None]] = []
    pairs = []
    for row in links:
        one, other = _id(row["from_node_id"]), _id(row["to_node_id"])
        lanes, each = row.get("lanes") or "1", row.get("capacity") or ""
        limit = float(each) * float(lanes) if each else None
        arcs.append((one, other, float(row["length"]) / float(row["free_speed"]) * factor, limit))
        if row.get("directed", "true").lower() not in ("true", "1", "t", "yes", "y", "1.0"):
            arcs.append((other, one, arcs[-1][2], None))
            pairs.append((len(arcs) - 2, len(arcs) - 1))
    ends = {zone for row in demand for zone in (_id(row["o_zone_id"]), _id(row["d_zone_id"]))}
    for zone in sorted(ends):
        arcs += [(f"from {zone}", node, 0.0, None) for node in zones[zone]]
        arcs += [(node, f"to {zone}", 0.0, None) for node in zones[zone]]
    trips = [(_id(row["o_zone_id"]), _id(row["d_zone_id"]), float(row["volume"])) for row in demand]
    demands = tuple((f"from {one}", f"to {other}", volume) for one, other, volume in trips if one != other)
    return Instance(tuple(arcs), demands, tuple(pairs))


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    paths = [path for path in folder.iterdir() if path.name.lower().removesuffix(".gz") == f"{name}.csv"]
    if not paths and name == "config":
        return []
    rows = list(csv.reader(io.StringIO(text_of(paths[0]), newline="")))
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    header = [cell.lower() for cell in rows[0]]
    for column, cells in zip(header, zip(*rows, strict=True), strict=True):
        if column in USED and any(list(cells[1:]) != row[1:] for row in _columns(rows, column)):
            raise Unclear(f"{name}.csv has two columns {column}")
    return [dict(zip(header, ("" if cell.lower() == "nan" else cell for cell in row), strict=True)) for row in rows[1:]]


def _columns(rows: list[list[str]], name: str) -> list[list[str]]:
    return [[row[place] for row in rows] for place, cell in enumerate(rows[0]) if cell.lower() == name]


def _id(cell: str) -> str:
    return cell.partition(".")[0] if re.fullmatch(r"[+-]?\d+\.0+", cell) else cell


READERS = {"planar": read_planar, "tntp": read_tntp, "gmns": read_gmns}
