"""Road networks in the General Modeling Network Specification (GMNS 0.96, Zephyr Foundation and Volpe/FHWA).

A folder with ``node.csv`` (node_id, x_coord, y_coord, zone_id) and ``link.csv`` (link_id, from_node_id,
to_node_id, directed, length, free_speed, capacity, lanes), each gzipped or not. GMNS itself has no demand; the
table that comes with many networks is read, ``demand.csv`` with o_zone_id, d_zone_id, volume.

Read as a linear problem:

* A link costs its free travel time in hours, length / free_speed, in the units that ``config.csv`` names
  (long_length, speed). Without it the two are taken to fit each other, as miles and miles per hour do, which is
  said, and refused where coordinates contradict it (`corridors.exchange.gmns_units`).
* ``capacity`` is vehicles an hour and lane, so a link takes capacity * lanes (one lane where lanes are blank),
  a hard limit; blank means none. Volumes are then vehicles an hour, too. A link of no lanes is closed.
* A link that is not ``directed`` is two arcs, one each way, that share one capacity. Networks of before that column
  say it by a ``dir_flag`` of 0; one with neither column is taken to be directed.
* A zone is the nodes with its zone_id. With one node, the zone is there; with several, trips begin and end
  at whichever suits. Where node.csv has no zone_id, zones are nodes.
* Tolls, turns, times of day and permitted uses are not read (`corridors.exchange.gmns_unread`).

What is taken for granted or not read, and may change the answer, is said in the instance's notices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from corridors.exchange.csv_tables import CsvTable, find
from corridors.exchange.gmns_units import Roads, units_doubted, units_of
from corridors.exchange.gmns_unread import turned, unread
from corridors.exchange.instances import Instance
from corridors.exchange.numbers import called, fault, many, shown
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

NODE, LINK, DEMAND = "node.csv", "link.csv", "demand.csv"
_DEMAND_COLUMNS = ("o_zone_id", "d_zone_id", "volume")
_FLAGS = ("1", "0", "-1")
_NAMED = 5  # of several, in a sentence
_TRUE, _FALSE = ("true", "1", "t", "yes", "y"), ("false", "0", "f", "no", "n")


def read(folder: Path) -> Instance:
    """Read a network and its demand.

    Raises
    ------
    DataError
        If a table is missing or a cell is wrong; the sentence names file, line and column.
    """
    made = parts(folder)
    links, demand, back, capacity, hours = made.links, made.demands[0], made.back, made.capacity, made.hours
    zone_tail, zone_head = made.zone_arcs
    limited = np.flatnonzero(np.isfinite(capacity))
    problem = FlowProblem(
        node_count=made.vertices,
        tail=np.concatenate((made.tail, made.head[back], zone_tail)),
        head=np.concatenate((made.head, made.tail[back], zone_head)),
        cost=np.concatenate((hours, hours[back], np.zeros(zone_tail.size)))[np.newaxis],
        origin=made.ends[0],
        destination=made.ends[1],
        class_=np.zeros(len(demand), dtype=np.int64),
        amount=made.volumes[0],
        penalty=np.full(len(demand), np.inf),
        capacity=capacity[limited],
        usage=_usage(limited, back, len(links), zone_tail.size),
    )
    notices = (*made.notices, *unread(folder, links, demand))
    return _named(problem, notices, links, demand, [*made.ids], back)


class Parts(NamedTuple):
    """What a network's tables hold.

    Of each node its number by its id; of each link tail, head, hours, capacity (``inf`` for none) and length, (links,);
    which links lead both ways, rising; the arcs between zones' own vertices and their nodes, as tails and heads; where
    demands begin and end, (2, demands), those of one table after another, and their vehicles an hour, by table.
    """

    links: CsvTable
    demands: tuple[CsvTable, ...]
    ids: dict[str, int]
    tail: IntArray
    head: IntArray
    hours: FloatArray
    capacity: FloatArray
    length: FloatArray
    back: IntArray
    zone_arcs: tuple[IntArray, IntArray]
    vertices: int
    ends: IntArray
    volumes: tuple[FloatArray, ...]
    notices: tuple[str, ...]


def parts(folder: Path, tables: Sequence[Path | None] = (None,)) -> Parts:
    """Read the tables of a network, whose demand is in some tables, None for its own.

    Raises
    ------
    DataError
        As `read`.
    """
    nodes, links = (CsvTable(_needed(folder, name)) for name in (NODE, LINK))
    demands = tuple(CsvTable(_needed(folder, DEMAND) if path is None else path) for path in tables)
    nodes.require(["node_id"])
    links.require(["from_node_id", "to_node_id", "length", "free_speed"])
    for demand in demands:
        demand.require(_DEMAND_COLUMNS)
    number = _numbered(nodes)
    tail, head = (_places(links, column, number) for column in ("from_node_id", "to_node_id"))
    units = units_of(folder)
    length, hours = _hours(links, units.hours)
    capacity = _capacity(links)
    zones = _Zones(nodes, number)
    ends = np.concatenate([_ends(demand, zones) for demand in demands], axis=1)
    roads = Roads(nodes, links, tail, head, length, hours)
    return Parts(
        links=links,
        demands=demands,
        ids=number,
        tail=tail,
        head=head,
        hours=hours,
        capacity=capacity,
        length=length,
        back=np.flatnonzero(~_directed(links)),
        zone_arcs=zones.arcs(),
        vertices=len(number) + 2 * len(zones.vertices),
        ends=ends,
        volumes=tuple(demand.numbers("volume", "vehicles an hour, 0 or more") for demand in demands),
        notices=(*units_doubted(roads, units), *_said(links, capacity), *zones.said()),
    )


def _named(
    problem: FlowProblem, notices: tuple[str, ...], links: CsvTable, demand: CsvTable, nodes: list[str], back: IntArray
) -> Instance:
    """Return the instance with the ids of its file: links without one are called by their row."""
    ids = [link or str(row) for row, link in enumerate(links.ids("link_id"), start=1)]
    arcs = [*ids, *(ids[row] for row in back.tolist())]
    return Instance(
        problem,
        notices,
        nodes=nodes + [""] * (problem.node_count - len(nodes)),
        links=arcs + [""] * (problem.arc_count - len(arcs)),
        origins=demand.ids("o_zone_id"),
        destinations=demand.ids("d_zone_id"),
    )


def _said(links: CsvTable, capacity: FloatArray) -> Iterator[str]:
    """Yield notices of what is assumed of links: their directions, lanes, capacities and ids."""
    place = called(links.path)
    if "directed" not in links:
        both = int(np.count_nonzero(~_directed(links)))
        ways = f"{many(both, 'link')} with a dir_flag of 0 read both ways" if both else "all links are read one way"
        yield f"{place}: there is no column directed; {ways}"
    cells = zip(links.cells("capacity"), links.cells("lanes"), strict=True)
    guessed = sum(bool(each) and not lanes for each, lanes in cells)
    if guessed:
        yield f"{place}: {many(guessed, 'link')} with a capacity for each lane and no number of lanes; one is taken"
    free = int(np.count_nonzero(np.isinf(capacity)))
    if free:
        yield f"{place}: {many(free, 'link')} of {len(links)} without a capacity, taken to have no limit"
    ids = [link for link in links.ids("link_id") if link]
    if len(set(ids)) < len(ids):
        yield f"{place}: {many(len(ids) - len(set(ids)), 'link')} with the link_id of another one"


def _needed(folder: Path, name: str) -> Path:
    path = find(folder, name)
    if path is None:
        raise fault(folder, f"no {name}", "a GMNS network: node.csv and link.csv", "put it into the folder")
    return path


def _numbered(nodes: CsvTable) -> dict[str, int]:
    """Number the nodes from 0 in their order."""
    number: dict[str, int] = {}
    for row, node in enumerate(nodes.ids("node_id")):
        if not node or node in number:
            raise nodes.fault(row, "node_id", "an id that no other node has", "correct the cell")
        number[node] = row
    if not number:
        raise fault(nodes.path, "no rows", "a row for each node", "restore the file")
    return number


def _places(sheet: CsvTable, column: str, number: dict[str, int]) -> IntArray:
    """Return the numbers of the nodes that a column names, (rows,)."""
    ids = sheet.ids(column)
    for row, node in enumerate(ids):
        if node not in number:
            raise sheet.fault(row, column, f"a node_id of {NODE}", "correct the cell, or add the node")
    return np.array([number[node] for node in ids], dtype=np.int64)


def _directed(links: CsvTable) -> np.ndarray:
    """Return which links lead one way only, (links,)."""
    if "directed" in links:
        cells = [cell.lower() for cell in links.ids("directed")]
        for row, cell in enumerate(cells):
            if cell not in _TRUE + _FALSE:
                raise links.fault(row, "directed", "true or false", "correct the cell")
        return np.array([cell in _TRUE for cell in cells], dtype=np.bool_)
    other = turned(links)
    if other is not None and len(links):
        advice = "add the column directed, true or false for each link"
        raise fault(links.path, f"a column {other} and none directed", "the column directed", advice, 1)
    flags = [cell or "1" for cell in links.ids("dir_flag")]
    for row, flag in enumerate(flags):
        if flag not in _FLAGS:
            raise links.fault(row, "dir_flag", "1, 0 or -1", "correct the cell, or add the column directed")
    return np.array([flag != "0" for flag in flags], dtype=np.bool_)


def _capacity(links: CsvTable) -> FloatArray:
    """Return the vehicles an hour that each link takes, (links,); ``inf`` where nothing is said."""
    lanes = links.numbers("lanes", "a number of lanes of 0 or more, or a blank for one", blank=1.0)
    each = links.numbers("capacity", "vehicles an hour and lane, 0 or more, or a blank for no limit", blank=np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(lanes == 0, 0.0, lanes * each)


def _hours(links: CsvTable, factor: float) -> tuple[FloatArray, FloatArray]:
    """Return the length of each link and its travel time in hours, (links,) each."""
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
    return length, hours


def _ends(demand: CsvTable, zones: _Zones) -> IntArray:
    """Return the vertices where each demand begins and ends, (2, demands)."""
    ends = np.empty((2, len(demand)), dtype=np.int64)
    pairs = zip(demand.ids("o_zone_id"), demand.ids("d_zone_id"), strict=True)
    for row, (from_zone, to_zone) in enumerate(pairs):
        for column, zone in (("o_zone_id", from_zone), ("d_zone_id", to_zone)):
            if zone not in zones:
                raise demand.fault(row, column, f"a zone of {called(zones.path)}", "correct the cell, or add the zone")
        ends[0, row] = zones.start(from_zone)
        ends[1, row] = zones.start(to_zone) if from_zone == to_zone else zones.end(to_zone)
    return ends


class _Zones:
    """The zones of a network: a node each, or two vertices of their own, joined to their nodes."""

    def __init__(self, nodes: CsvTable, number: dict[str, int]) -> None:
        self.path = nodes.path
        self._first = len(number)
        self._own_ids = "zone_id" in nodes
        members: dict[str, list[int]] = {}
        for zone, node in zip(nodes.ids("zone_id" if self._own_ids else "node_id"), number.values(), strict=True):
            if zone:
                members.setdefault(zone, []).append(node)
        self._members = members
        self.vertices: dict[str, int] = {}  # of the zones with several nodes that demand asks for

    def __contains__(self, zone: str) -> bool:
        return zone in self._members

    def start(self, zone: str) -> int:
        """Return the vertex where trips from a zone begin."""
        return self._members[zone][0] if len(self._members[zone]) == 1 else self._own(zone)

    def end(self, zone: str) -> int:
        """Return the vertex where trips to a zone end."""
        return self._members[zone][0] if len(self._members[zone]) == 1 else self._own(zone) + 1

    def _own(self, zone: str) -> int:
        return self.vertices.setdefault(zone, self._first + 2 * len(self.vertices))

    def said(self) -> Iterator[str]:
        """Yield notices of what is assumed of zones."""
        if not self._own_ids:
            yield f"{called(self.path)}: there is no column zone_id; each node is taken for the zone of its id"
        if self.vertices:
            zones = ", ".join([shown(zone) for zone in self.vertices][:_NAMED])
            several = f"{many(len(self.vertices), 'zone')} with several nodes"
            yield f"{called(self.path)}: {several}, of which each trip takes the best: {zones}"

    def arcs(self) -> tuple[IntArray, IntArray]:
        """Return tails and heads of the arcs, free and unlimited, between the zones' own vertices and their nodes."""
        pairs = [
            pair
            for zone, vertex in self.vertices.items()
            for node in self._members[zone]
            for pair in ((vertex, node), (node, vertex + 1))
        ]
        ends: IntArray = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return ends[:, 0], ends[:, 1]


def _usage(limited: IntArray, back: IntArray, links: int, free: int) -> sparse.csr_array:
    """Return the usage of capacities, (limited links, arcs): a link and, if it has one, its arc back take the same."""
    row_of = np.full(links, -1, dtype=np.int64)
    row_of[limited] = np.arange(limited.size)
    row = np.concatenate((row_of, row_of[back]))
    arc = np.flatnonzero(row >= 0)
    shape = (limited.size, row.size + free)
    return sparse.csr_array((np.ones(arc.size), (row[arc], arc)), shape=shape)
