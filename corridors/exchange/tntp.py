"""Road networks in the TNTP format of the TransportationNetworks collection (Bar-Gera, Stabler & Sall).

Two files make an instance, ``NAME_net.tntp`` and ``NAME_trips.tntp``, each gzipped or not. Both begin with
``<TAG> value`` lines; ``~`` begins a comment. A link is a line that begins with init node, term node,
capacity, length and free flow time; a trip table has ``Origin o`` and then ``destination : flow;`` entries.

Read as a linear problem: a trip on a link costs its free flow time (in the file's unit, mostly minutes), to which
``<TOLL FACTOR>`` x toll and ``<DISTANCE FACTOR>`` x length are added where the metadata give these factors, and
capacities are hard limits, where traffic assignment takes them as parameters of a delay. Trips are in the
file's unit of flow, as capacities are; where the two are of different periods, little can be served. Links
whose stated capacity is a place-holder (some files give 1 to the connectors of zones) need a real one first.

Nodes before ``<FIRST THRU NODE>`` are zones that may not be passed through: each is split into a vertex that
trips leave from and one where they end. Trips of a zone to itself take the empty path. Links of one file can
be parallel.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corridors.errors import DataError
from corridors.exchange.instances import Instance
from corridors.exchange.numbers import (
    NUMBER,
    UNUSED_NODES,
    Table,
    Text,
    called,
    fault,
    many,
    numbers,
    read_bytes,
    shown,
)
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

_METADATA = re.compile(rb"<([^<>\n]++)>[^\S\n]*+([^\s<>~]*+)")
_END = "END OF METADATA"
_COMMENT = re.compile(rb"(?m)^[^\S\n]*+~[^\n]*+")
_NEEDED = ("init node", "term node", "capacity", "length", "free flow time")
_COLUMNS = (*_NEEDED, "b", "power", "speed", "toll", "link type")
CAPACITY, LENGTH, TIME, STEEPNESS, POWER, TOLL = 2, 3, 4, 5, 6, 8  # columns of links
TOLL_FACTOR, DISTANCE_FACTOR = "TOLL FACTOR", "DISTANCE FACTOR"
_TAGS = {
    *("NUMBER OF ZONES", "NUMBER OF NODES", "NUMBER OF LINKS", "FIRST THRU NODE", "ORIGINAL HEADER", "TOTAL OD FLOW"),
    *(TOLL_FACTOR, DISTANCE_FACTOR),
}
_ENTRIES = re.compile(rb"(?:\s*+\d++\s*+:\s*+%s\s*+;)*+\s*+" % NUMBER)
_ORIGIN = re.compile(rb"(?i)\s*+origin\s++(\d++)(?=\s|\Z)")
_TOTAL = 0.01  # by which the stated total of trips may be off: some files round it
_RESTORE = "restore the file, or correct what it says of itself"


def read(text: Text) -> Instance:
    """Read a network and the trips beside it.

    Raises
    ------
    DataError
        If either file is missing or not in this format; the sentence names the file and the line.
    """
    made = parts(text)
    cost, told = _costs(made)
    trips, zones = made.trips, made.zones
    problem = _pose(
        made.nodes,
        zones,
        ends=made.ends,
        capacity=made.amounts(CAPACITY, "a capacity"),
        cost=cost,
        trips=trips,
    )
    names = [str(node) for node in range(1, made.nodes + 1)]
    return Instance(problem, (*told, *made.notices), nodes=names + names[:zones])


class Parts(NamedTuple):
    """What a network's two files hold.

    ``nodes`` and ``zones`` count the nodes and those that may not be passed through, which come first; ``ends`` are
    the tails and heads of links, from 0.
    """

    text: Text
    body: Text
    tags: dict[str, tuple[bytes, int]]
    table: Table
    nodes: int
    zones: int
    ends: tuple[IntArray, IntArray]
    tables: tuple[Trips, ...]
    notices: tuple[str, ...]

    @property
    def trips(self) -> Trips:
        """The trips, of all tables."""
        return Trips(*(np.concatenate(columns) for columns in zip(*self.tables, strict=True)))

    def has(self, column: int) -> bool:
        """Tell whether links have such a column."""
        return column < int(self.table.values.shape[1])

    def amounts(self, column: int, what: str) -> FloatArray:
        """Return a column of finite numbers of at least 0, (links,)."""
        return self.body.amounts(self.table, column, what)

    def factor(self, tag: str) -> float | None:
        """Return what a tag says that a unit of something costs; None if the file does not have it."""
        if tag not in self.tags:
            return None
        value, position = self.tags[tag]
        if not re.fullmatch(NUMBER, value) or not 0 <= float(value) < np.inf:
            raise self.text.fault(position, f"a finite number of 0 or more after <{tag}>", "correct the line")
        return float(value)

    def unknown(self) -> list[str]:
        """Say which tags of the network are not read."""
        return _unknown(self.tags)


def parts(text: Text, tables: Sequence[Path | None] = (None,)) -> Parts:
    """Read a network and the trips beside it, or in some tables, as far as no cost is made of it.

    Raises
    ------
    DataError
        As `read`.
    """
    body, tags = _opened(text)
    nodes, links, first = (_count(text, tags, tag) for tag in ("NUMBER OF NODES", "NUMBER OF LINKS", "FIRST THRU NODE"))
    if nodes is None:
        raise _lacks(text, "NUMBER OF NODES")
    table = _links(body, links)
    if nodes > (most := UNUSED_NODES + 2 * len(table.values)):
        found, expected = f"{nodes} nodes in <NUMBER OF NODES>", f"at most {most} for {len(table.values)} links"
        raise fault(text.path, found, expected, "correct the number of nodes")
    if first is not None and first > nodes + 1:
        expected = f"at most {nodes + 1}, one more than there are nodes"
        raise text.fault(tags["FIRST THRU NODE"][1], expected, "correct the line")
    ends = body.nodes(table, 0, nodes, "an init node"), body.nodes(table, 1, nodes, "a term node")
    read = [_trips(_beside(text.path) if path is None else path, text.path, nodes) for path in tables]
    told = tuple(one for _, notices in read for one in notices)
    return Parts(text, body, tags, table, nodes, (first or 1) - 1, ends, tuple(trips for trips, _ in read), told)


def _links(body: Text, links: int | None) -> Table:
    """Read the table of links; if the metadata say how many there are, another number is an error."""
    first_row = body.data.lstrip().partition(b"\n")[0].replace(b";", b" ").split()
    table = body.table(0, max(len(first_row), len(_NEEDED)), b";?+")
    if links is not None and len(table.values) > links:
        raise body.fault(body.row_at(table, links), f"the end of the file after {links} links", _RESTORE)
    if body.data[table.end :].strip() or (links is not None and len(table.values) < links):
        number = f"link {len(table.values) + 1}" + (f" of {links}" if links is not None else "")
        form = f"{number}, {table.values.shape[1]} numbers: init node, term node, capacity, length, free flow time, ..."
        raise body.odd_cell(table.end, _COLUMNS, form, "correct the line") or body.fault(table.end, form, _RESTORE)
    return table


def _costs(made: Parts) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the cost of a trip on each link, (links,), and notices of what it is made of and what is left out."""
    cost = made.amounts(TIME, "a free flow time")
    said = []
    for tag, column, what in ((TOLL_FACTOR, TOLL, "toll"), (DISTANCE_FACTOR, LENGTH, "length")):
        factor = made.factor(tag)
        if factor:
            cost = cost + factor * extra(made, tag, column, what)
            said.append(f"{factor:.10g} x {what}")
    notices = [f"the cost of a link is its free flow time + {' + '.join(said)}, as its factors say"] if said else []
    tolled = int(np.count_nonzero(made.table.values[:, TOLL])) if made.has(TOLL) else 0
    if tolled and TOLL_FACTOR not in made.tags:
        notices.append(
            f"the tolls of {many(tolled, 'link')} are not read, for no <{TOLL_FACTOR}> says what they are worth"
        )
    return cost, tuple(f"{called(made.text.path)}: {one}" for one in (*notices, *made.unknown()))


def extra(made: Parts, tag: str, column: int, what: str) -> FloatArray:
    """Return a column that a factor wants, (links,)."""
    if not made.has(column):
        raise made.text.fault(made.tags[tag][1], f"a {what} of each link (column {column + 1})", "correct the file")
    return made.amounts(column, f"a {what}")


def _unknown(tags: dict[str, tuple[bytes, int]]) -> list[str]:
    unknown = [f"<{tag}>" for tag in tags if tag not in _TAGS]
    return [f"not read: {', '.join(unknown)}"] if unknown else []


def _pose(
    nodes: int,
    zones: int,
    *,
    ends: tuple[IntArray, IntArray],
    capacity: FloatArray,
    cost: FloatArray,
    trips: Trips,
) -> FlowProblem:
    """Pose the problem with the first `zones` nodes split: arcs into one end at a second vertex, which none leaves."""
    tail, head = ends
    back_to_itself = trips.destination == trips.origin
    split = (trips.destination < zones) & ~back_to_itself
    return FlowProblem.single_class(
        node_count=nodes + zones,
        tail=tail,
        head=np.where(head < zones, head + nodes, head),
        cost=cost,
        arc_capacity=capacity,
        origin=trips.origin,
        destination=np.where(split, trips.destination + nodes, trips.destination),
        amount=trips.amount,
    )


def _opened(text: Text) -> tuple[Text, dict[str, tuple[bytes, int]]]:
    """Return the text with metadata and comments blanked, and the values of the tags with their positions."""
    data = text.data
    tags: dict[str, tuple[bytes, int]] = {}
    for match in _METADATA.finditer(data):
        tag = match[1].decode("ascii", "replace").strip().upper()
        if tag == _END:
            end = data.find(b"\n", match.end())
            end = len(data) if end < 0 else end
            return Text(text.path, b"\n" * data.count(b"\n", 0, end) + _COMMENT.sub(b"", data[end:])), tags
        if tag in tags:
            raise text.fault(match.start(), f"<{tag}> once", "remove the line that is not true")
        tags[tag] = (match[2], match.start())
    raise _lacks(text, _END)


def _lacks(text: Text, tag: str) -> Exception:
    return fault(text.path, f"no <{tag}>", "the metadata of a TNTP file", "restore the first lines of the file")


def _count(text: Text, tags: dict[str, tuple[bytes, int]], tag: str) -> int | None:
    """Return the whole number of a tag; None if the file does not have it."""
    if tag not in tags:
        return None
    value, position = tags[tag]
    if not re.fullmatch(rb"\d{1,15}", value) or int(value) == 0:
        raise text.fault(position, f"a whole number of 1 or more after <{tag}>", "correct the line")
    return int(value)


class Trips(NamedTuple):
    """The demands of a trip table, (demands,) each: zones from 0, and trips above 0."""

    origin: IntArray
    destination: IntArray
    amount: FloatArray


def _trips(path: Path, network: Path, nodes: int) -> tuple[Trips, tuple[str, ...]]:
    """Read a trip table of a network, and return the demands with notices of what may change the answer."""
    text = Text(path, read_bytes(path))
    body, tags = _opened(text)
    zones = _count(text, tags, "NUMBER OF ZONES") or nodes
    if zones > nodes:
        raise fault(path, f"{zones} zones", f"at most the {nodes} nodes of {network.name}", _RESTORE)
    origin, entries = _entries(body, zones)
    _check_total(text, tags, float(entries[:, 1].sum()))
    some = entries[:, 1] > 0  # tables list every pair of zones, mostly without a trip
    trips = Trips(origin[some], entries[some, 0].astype(np.int64) - 1, entries[some, 1])
    notices = _unknown(tags)
    again = trips.amount.size - np.unique(trips.origin * nodes + trips.destination).size
    if again:
        several = f"{again} entries are for pairs of zones that have"
        these = "1 entry is for a pair of zones that has" if again == 1 else several
        notices.append(f"{these} one already; their trips are added up")
    return trips, tuple(f"{called(path)}: {one}" for one in notices)


def _entries(body: Text, zones: int) -> tuple[IntArray, FloatArray]:
    """Return each entry of a trip table: its origin from 0, (entries,), and its destination and trips, (entries, 2)."""
    origins = [np.empty(0, dtype=np.int64)]
    entries = [np.empty((0, 2))]
    position = len(body.data) - len(body.data.lstrip())
    while position < len(body.data):
        head = _ORIGIN.match(body.data, position)
        if not head:
            first = len(origins) == 1
            expected = "'Origin' and its zone" if first else "'destination : trips;', or 'Origin' and its zone"
            raise body.fault(position, expected, "see that the file is whole; correct the line")
        match = _ENTRIES.match(body.data, head.end())
        begin, position = head.end(), match.end() if match else head.end()
        pairs = numbers(body.data[begin:position].replace(b":", b" ").replace(b";", b" ")).reshape(-1, 2)
        origin = float(head[1])
        right = (pairs[:, 0] >= 1) & (pairs[:, 0] <= zones) & np.isfinite(pairs[:, 1]) & (pairs[:, 1] >= 0)
        if not (1 <= origin <= zones and right.all()):
            raise _wrong_zone(body, head, zones, pairs[~right])
        origins.append(np.full(len(pairs), int(origin) - 1))
        entries.append(pairs)
    return np.concatenate(origins), np.concatenate(entries)


def _beside(network: Path) -> Path:
    """Return the path of the trip table of a network."""
    match = re.fullmatch(r"(?i)(.*)_net(\.tntp)?(\.gz)?", network.name)
    if not match:
        expected = "a network called NAME_net.tntp with NAME_trips.tntp beside it"
        raise fault(network, f"the name {shown(network.name)}", expected, "name the network file, or rename it")
    wanted = f"{match[1]}_trips.tntp"
    names = {path.name.lower(): path for path in sorted(network.parent.iterdir())}
    for name in (wanted, f"{wanted}.gz"):
        if name.lower() in names:
            return names[name.lower()]
    raise fault(network, "no trip table beside it", f"a file {wanted}", "put it into the same folder")


def _wrong_zone(body: Text, head: re.Match[bytes], zones: int, wrong: FloatArray) -> DataError:
    """Return the error for an origin or an entry that is out of range."""
    position = head.start(1)
    if 1 <= float(head[1]) <= zones:
        for entry in re.finditer(rb"(\d++)\s*+:\s*+([^\s;]++)", body.data[head.end() :]):
            if (float(entry[1]), float(entry[2])) == tuple(wrong[0]):
                position = head.end() + entry.start()
                break
    return body.fault(position, f"zones from 1 to {zones}, and trips that are finite and 0 or more", "correct the line")


def _check_total(text: Text, tags: dict[str, tuple[bytes, int]], total: float) -> None:
    """Raise an error if trips do not add up to what the file says: nothing else tells that last lines are missing."""
    value, position = tags.get("TOTAL OD FLOW", (b"", 0))
    if not value:
        return
    if not re.fullmatch(NUMBER, value):
        raise text.fault(position, "a number after <TOTAL OD FLOW>", "correct the line")
    if not abs(total - float(value)) <= _TOTAL * max(1.0, float(value)):
        raise text.fault(position, f"the sum of the trips, {total:.10g}", _RESTORE)
