"""Road networks in the General Modeling Network Specification (GMNS 0.96, Zephyr Foundation and Volpe/FHWA).

A folder with ``node.csv`` (node_id, x_coord, y_coord, zone_id) and ``link.csv`` (link_id, from_node_id,
to_node_id, directed, length, free_speed, capacity, lanes), each gzipped or not. GMNS itself has no demand; the
table that comes with many networks is read, ``demand.csv`` with o_zone_id, d_zone_id, volume.

Read as a linear problem:

* A link costs its free travel time in hours, length / free_speed. The units are those that ``config.csv``
  names (long_length, speed); without it the two must fit each other, as miles and miles per hour do.
* ``capacity`` is vehicles an hour and lane, so a link takes capacity * lanes (one lane where lanes are blank),
  a hard limit; blank means none. Volumes are then vehicles an hour, too.
* A link that is not ``directed`` is two arcs, one each way, that share one capacity. A network without that
  column is taken to be directed.
* A zone is the nodes with its zone_id. With one node, the zone is there; with several, trips begin and end
  at whichever suits. Where node.csv has no zone_id, zones are nodes.
* Tolls, turns, times of day and permitted uses are not read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse

from corridors.exchange.sheets import Sheet, find
from corridors.exchange.text import called, fault
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

NODE, LINK, DEMAND, CONFIG = "node.csv", "link.csv", "demand.csv", "config.csv"
_DEMAND_COLUMNS = ("o_zone_id", "d_zone_id", "volume")
_KM = {
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), 1.0),
    **dict.fromkeys(("mi", "mile", "miles"), 1.609344),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 0.001),
    **dict.fromkeys(("ft", "foot", "feet"), 0.0003048),
}
_KM_PER_HOUR = {
    **dict.fromkeys(("kph", "kmh", "km/h", "kmph", "km/hr", "kilometers per hour", "kilometres per hour"), 1.0),
    **dict.fromkeys(("mph", "mi/h", "mi/hr", "mile/h", "miles per hour"), 1.609344),
    **dict.fromkeys(("m/s", "mps", "meters per second", "metres per second"), 3.6),
}
_TRUE, _FALSE = ("true", "1", "t", "yes", "y"), ("false", "0", "f", "no", "n")


def read(folder: Path) -> FlowProblem:
    """Read a network and its demand.

    Raises
    ------
    DataError
        If a table is missing or a cell is wrong; the sentence names file, line and column.
    """
    nodes, links = (Sheet(_needed(folder, name)) for name in (NODE, LINK))
    nodes.require(["node_id"])
    links.require(["from_node_id", "to_node_id", "length", "free_speed"])
    number = _numbered(nodes)
    tail, head = (_places(links, column, number) for column in ("from_node_id", "to_node_id"))
    hours = _hours(links, _hours_per_unit(folder))
    capacity = _capacity(links)
    back = np.flatnonzero(~_directed(links))
    zones = _Zones(nodes, number)
    origin, destination, volume = _demand(folder, zones)
    zone_tail, zone_head = zones.arcs()
    limited = np.flatnonzero(np.isfinite(capacity))
    return FlowProblem(
        node_count=len(number) + 2 * len(zones.vertices),
        tail=np.concatenate((tail, head[back], zone_tail)),
        head=np.concatenate((head, tail[back], zone_head)),
        cost=np.concatenate((hours, hours[back], np.zeros(zone_tail.size)))[np.newaxis],
        origin=origin,
        destination=destination,
        class_=np.zeros(origin.size, dtype=np.int64),
        amount=volume,
        penalty=np.full(origin.size, np.inf),
        capacity=capacity[limited],
        usage=_usage(limited, back, len(links), zone_tail.size),
    )


def _needed(folder: Path, name: str) -> Path:
    path = find(folder, name)
    if path is None:
        raise fault(folder, f"no {name}", "a GMNS network: node.csv and link.csv", "put it into the folder")
    return path


def _numbered(nodes: Sheet) -> dict[str, int]:
    """Number the nodes from 0 in their order."""
    number: dict[str, int] = {}
    for row, node in enumerate(nodes.ids("node_id")):
        if not node or node in number:
            raise nodes.fault(row, "node_id", "an id that no other node has", "correct the cell")
        number[node] = row
    if not number:
        raise fault(nodes.path, "no rows", "a row for each node", "restore the file")
    return number


def _places(sheet: Sheet, column: str, number: dict[str, int]) -> IntArray:
    """Give the numbers of the nodes that a column names, (rows,)."""
    ids = sheet.ids(column)
    for row, node in enumerate(ids):
        if node not in number:
            raise sheet.fault(row, column, f"a node_id of {NODE}", "correct the cell, or add the node")
    return np.array([number[node] for node in ids], dtype=np.int64)


def _directed(links: Sheet) -> np.ndarray:
    """Tell which links lead one way only, (links,)."""
    if "directed" not in links:
        return np.ones(len(links), dtype=np.bool_)
    cells = [cell.lower() for cell in links.ids("directed")]
    for row, cell in enumerate(cells):
        if cell not in _TRUE + _FALSE:
            raise links.fault(row, "directed", "true or false", "correct the cell")
    return np.array([cell in _TRUE for cell in cells], dtype=np.bool_)


def _capacity(links: Sheet) -> FloatArray:
    """Give the vehicles an hour that each link takes, (links,); ``inf`` where nothing is said."""
    lanes = links.numbers("lanes", "a number of lanes of 0 or more, or a blank for one", blank=1.0)
    each = links.numbers("capacity", "vehicles an hour and lane, 0 or more, or a blank for no limit", blank=np.inf)
    with np.errstate(over="ignore"):
        return np.where(np.isinf(each), np.inf, lanes * np.where(np.isinf(each), 0.0, each))


def _hours(links: Sheet, factor: float) -> FloatArray:
    """Give the travel time of each link in hours, (links,)."""
    length = links.numbers("length", "a length of 0 or more")
    speed = links.numbers("free_speed", "a speed above 0")
    slow = np.flatnonzero(speed == 0)
    if slow.size:
        raise links.fault(int(slow[0]), "free_speed", "a speed above 0", "correct the cell, or leave the link out")
    with np.errstate(over="ignore"):
        hours: FloatArray = length / speed * factor
    if not np.isfinite(hours).all():
        row = int(np.flatnonzero(~np.isfinite(hours))[0])
        raise links.fault(row, "free_speed", "a speed at which the link takes a finite time", "correct the cell")
    return hours


def _hours_per_unit(folder: Path) -> float:
    """Give the hours that one unit of length takes at one unit of speed."""
    path = find(folder, CONFIG)
    if path is None:
        return 1.0
    config = Sheet(path)
    known = []
    for column, units in (("long_length", _KM), ("speed", _KM_PER_HOUR)):
        cell = config.cells(column)[0].lower() if len(config) else ""
        if cell and cell not in units:
            raise config.fault(0, column, f"one of {', '.join(units)}", "write the unit so")
        known.append(units.get(cell))
    return known[0] / known[1] if known[0] and known[1] else 1.0


def _demand(folder: Path, zones: _Zones) -> tuple[IntArray, IntArray, FloatArray]:
    """Read the origins, destinations and volumes of the demand table."""
    path = find(folder, DEMAND)
    if path is None:
        raise fault(folder, f"no {DEMAND}", f"a table of {', '.join(_DEMAND_COLUMNS)}", "put it into the folder")
    sheet = Sheet(path)
    sheet.require(_DEMAND_COLUMNS)
    volume = sheet.numbers("volume", "vehicles an hour, 0 or more")
    pairs = zip(sheet.ids("o_zone_id"), sheet.ids("d_zone_id"), strict=True)
    origin, destination = np.empty((2, len(sheet)), dtype=np.int64)
    for row, (from_zone, to_zone) in enumerate(pairs):
        for column, zone in (("o_zone_id", from_zone), ("d_zone_id", to_zone)):
            if zone not in zones:
                raise sheet.fault(row, column, f"a zone of {called(zones.path)}", "correct the cell, or add the zone")
        origin[row] = zones.start(from_zone)
        destination[row] = zones.start(to_zone) if from_zone == to_zone else zones.end(to_zone)
    return origin, destination, volume


class _Zones:
    """The zones of a network: a node each, or two vertices of their own, joined to their nodes."""

    def __init__(self, nodes: Sheet, number: dict[str, int]) -> None:
        self.path = nodes.path
        self._first = len(number)
        members: dict[str, list[int]] = {}
        for zone, node in zip(nodes.ids("zone_id" if "zone_id" in nodes else "node_id"), number.values(), strict=True):
            if zone:
                members.setdefault(zone, []).append(node)
        self._members = members
        self.vertices: dict[str, int] = {}  # of the zones with several nodes that demand asks for

    def __contains__(self, zone: str) -> bool:
        return zone in self._members

    def start(self, zone: str) -> int:
        """Give the vertex where trips from a zone begin."""
        return self._members[zone][0] if len(self._members[zone]) == 1 else self._own(zone)

    def end(self, zone: str) -> int:
        """Give the vertex where trips to a zone end."""
        return self._members[zone][0] if len(self._members[zone]) == 1 else self._own(zone) + 1

    def _own(self, zone: str) -> int:
        return self.vertices.setdefault(zone, self._first + 2 * len(self.vertices))

    def arcs(self) -> tuple[IntArray, IntArray]:
        """Give the tails and heads of the arcs, free and unlimited, between own vertices and nodes."""
        pairs = [
            pair
            for zone, vertex in self.vertices.items()
            for node in self._members[zone]
            for pair in ((vertex, node), (node, vertex + 1))
        ]
        ends: IntArray = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return ends[:, 0], ends[:, 1]


def _usage(limited: IntArray, back: IntArray, links: int, free: int) -> sparse.csr_array:
    """Give the rows of the capacities: each is taken by its link and, where there is one, by the way back."""
    row_of = np.full(links, -1, dtype=np.int64)
    row_of[limited] = np.arange(limited.size)
    row = np.concatenate((row_of, row_of[back]))
    arc = np.flatnonzero(row >= 0)
    shape = (limited.size, row.size + free)
    return sparse.csr_array((np.ones(arc.size), (row[arc], arc)), shape=shape)
