"""Road networks in the TNTP format of the TransportationNetworks collection (Bar-Gera, Stabler & Sall).

Two files make an instance, ``NAME_net.tntp`` and ``NAME_trips.tntp``, each gzipped or not. Both begin with
``<TAG> value`` lines; ``~`` begins a comment. A link is a line that begins with init node, term node,
capacity, length and free flow time; a trip table has ``Origin o`` and then ``destination : flow;`` entries.

Read as a linear problem: a trip on a link costs its free flow time (in the file's unit, mostly minutes), and
capacities are hard limits, where traffic assignment takes them as parameters of a delay. Trips are in the
file's unit of flow, as capacities are; where the two are of different periods, little can be served. Links
whose stated capacity is a place-holder (some files give 1 to the connectors of zones) need a real one first.

Nodes before ``<FIRST THRU NODE>`` are zones that may not be passed through: each is split into a vertex that
trips leave from and one where they end. Trips of a zone to itself take the empty path. Links of one file can
be parallel.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from corridors.exchange.text import NUMBER, UNUSED_NODES, Text, fault, read_bytes, shown
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

_METADATA = re.compile(rb"<([^<>\n]++)>[^\S\n]*+([^\s<>~]*+)")
_END = "END OF METADATA"
_COMMENT = re.compile(rb"(?m)^[^\S\n]*+~[^\n]*+")
_LAST_NEEDED = 4  # init node, term node, capacity, length, free flow time; what follows is of no use here
_ENTRIES = re.compile(rb"(?:\s*+\d++\s*+:\s*+%s\s*+;)*+\s*+" % NUMBER)
_ORIGIN = re.compile(rb"(?i)\s*+origin\s++(\d++)(?=\s|\Z)")
_TOTAL = 0.01  # by which the stated total of trips may be off: some files round it
_RESTORE = "restore the file, or correct what it says of itself"


def read(text: Text) -> FlowProblem:
    """Read a network and the trips beside it.

    Raises
    ------
    DataError
        If either file is missing or not in this format; the sentence names the file and the line.
    """
    body, tags = _opened(text)
    nodes, links, first = (_count(text, tags, tag) for tag in ("NUMBER OF NODES", "NUMBER OF LINKS", "FIRST THRU NODE"))
    if nodes is None:
        raise _lacks(text, "NUMBER OF NODES")
    first_row = body.data.lstrip().partition(b"\n")[0].replace(b";", b" ").split()
    table = body.table(0, max(len(first_row), _LAST_NEEDED + 1), b";?+")
    if links is not None and len(table.values) > links:
        raise body.fault(body.row_at(table, links), f"the end of the file after {links} links", _RESTORE)
    if body.data[table.end :].strip() or (links is not None and len(table.values) < links):
        number = f"link {len(table.values) + 1}" + (f" of {links}" if links is not None else "")
        form = f"{table.values.shape[1]} numbers: init node, term node, capacity, length, free flow time, ..."
        raise body.fault(table.end, f"{number}, {form}", _RESTORE)
    if nodes > UNUSED_NODES + 2 * len(table.values):
        raise fault(
            text.path, f"{nodes} nodes in <NUMBER OF NODES>", f"at most {UNUSED_NODES + 2 * len(table.values)} "
            f"for {len(table.values)} links", "correct the number of nodes",
        )  # fmt: skip
    return _pose(
        nodes, min((first or 1) - 1, nodes),
        ends=(body.nodes(table, 0, nodes, "an init node"), body.nodes(table, 1, nodes, "a term node")),
        capacity=body.amounts(table, 2, "a capacity"),
        time=body.amounts(table, 4, "a free flow time"),
        demand=_trips(text.path, nodes),
    )  # fmt: skip


def _pose(
    nodes: int,
    zones: int,
    *,
    ends: tuple[IntArray, IntArray],
    capacity: FloatArray,
    time: FloatArray,
    demand: tuple[IntArray, IntArray, FloatArray],
) -> FlowProblem:
    """Pose the problem, the first so many nodes split: what enters one comes to a vertex that nothing leaves."""
    (tail, head), (origin, destination, trips) = ends, demand
    return FlowProblem.single_class(
        node_count=nodes + zones,
        tail=tail,
        head=np.where(head < zones, head + nodes, head),
        cost=time,
        arc_capacity=capacity,
        origin=origin,
        destination=np.where((destination < zones) & (destination != origin), destination + nodes, destination),
        amount=trips,
    )


def _opened(text: Text) -> tuple[Text, dict[str, tuple[bytes, int]]]:
    """Give the text with metadata and comments blanked, and the values of the tags with their positions."""
    data = text.data
    tags: dict[str, tuple[bytes, int]] = {}
    for match in _METADATA.finditer(data):
        tag = match[1].decode("ascii", "replace").strip().upper()
        if tag == _END:
            end = data.find(b"\n", match.end())
            end = len(data) if end < 0 else end
            return Text(text.path, b"\n" * data.count(b"\n", 0, end) + _COMMENT.sub(b"", data[end:])), tags
        tags[tag] = (match[2], match.start())
    raise _lacks(text, _END)


def _lacks(text: Text, tag: str) -> Exception:
    return fault(text.path, f"no <{tag}>", "the metadata of a TNTP file", "restore the first lines of the file")


def _count(text: Text, tags: dict[str, tuple[bytes, int]], tag: str) -> int | None:
    """Give the whole number of a tag; None if the file does not have it."""
    if tag not in tags:
        return None
    value, position = tags[tag]
    if not re.fullmatch(rb"\d{1,15}", value) or int(value) == 0:
        raise text.fault(position, f"a whole number of 1 or more after <{tag}>", "correct the line")
    return int(value)


def _trips(network: Path, nodes: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Read the trip table beside a network: origins, destinations and trips."""
    path = _beside(network)
    text = Text(path, read_bytes(path))
    body, tags = _opened(text)
    zones = _count(text, tags, "NUMBER OF ZONES") or nodes
    if zones > nodes:
        raise fault(path, f"{zones} zones", f"at most the {nodes} nodes of {network.name}", _RESTORE)
    origins: list[IntArray] = []
    values: list[FloatArray] = []
    position = len(body.data) - len(body.data.lstrip())
    while position < len(body.data):
        head = _ORIGIN.match(body.data, position)
        if not head:
            expected = "'Origin' and its zone" if not origins else "'destination : trips;', or 'Origin' and its zone"
            raise body.fault(position, expected, "see that the file is whole; correct the line")
        entries = _ENTRIES.match(body.data, head.end())
        begin, position = head.end(), entries.end() if entries else head.end()
        words = body.data[begin:position].replace(b":", b" ").replace(b";", b" ").split()
        pairs = np.array(words, dtype=np.float64).reshape(-1, 2)
        origin = float(head[1])
        right = (pairs[:, 0] >= 1) & (pairs[:, 0] <= zones) & np.isfinite(pairs[:, 1]) & (pairs[:, 1] >= 0)
        if not (1 <= origin <= zones and right.all()):
            _wrong_zone(body, head, zones, pairs[~right])
        origins.append(np.full(len(pairs), int(origin) - 1))
        values.append(pairs)
    pairs = np.concatenate(values) if values else np.empty((0, 2))
    _check_total(text, tags, float(pairs[:, 1].sum()))
    origin_of = np.concatenate(origins) if origins else np.empty(0, dtype=np.int64)
    some = pairs[:, 1] > 0  # tables list every pair of zones, mostly without a trip
    return origin_of[some], pairs[some, 0].astype(np.int64) - 1, pairs[some, 1]


def _beside(network: Path) -> Path:
    """Give the path of the trip table of a network."""
    match = re.fullmatch(r"(?i)(.*)_net(\.tntp)?(\.gz)?", network.name)
    if not match:
        raise fault(
            network, f"the name {shown(network.name)}", "a network called NAME_net.tntp with NAME_trips.tntp beside it",
            "name the network file, or rename it",
        )  # fmt: skip
    wanted = f"{match[1]}_trips.tntp"
    names = {path.name.lower(): path for path in sorted(network.parent.iterdir())}
    for name in (wanted, f"{wanted}.gz"):
        if name.lower() in names:
            return names[name.lower()]
    raise fault(network, "no trip table beside it", f"a file {wanted}", "put it into the same folder")


def _wrong_zone(body: Text, head: re.Match[bytes], zones: int, wrong: FloatArray) -> None:
    """Raise the error for an origin or an entry that is out of range."""
    position = head.start(1)
    if 1 <= float(head[1]) <= zones:
        for entry in re.finditer(rb"(\d++)\s*+:\s*+([^\s;]++)", body.data[head.end() :]):
            if (float(entry[1]), float(entry[2])) == tuple(wrong[0]):
                position = head.end() + entry.start()
                break
    raise body.fault(position, f"zones from 1 to {zones}, and trips that are finite and 0 or more", "correct the line")


def _check_total(text: Text, tags: dict[str, tuple[bytes, int]], total: float) -> None:
    """See that the trips add up to what the file says: nothing else tells that its last lines are missing."""
    value, position = tags.get("TOTAL OD FLOW", (b"", 0))
    if not value:
        return
    if not re.fullmatch(NUMBER, value):
        raise text.fault(position, "a number after <TOTAL OD FLOW>", "correct the line")
    if not abs(total - float(value)) <= _TOTAL * max(1.0, float(value)):
        raise text.fault(position, f"the sum of the trips, {total:.10g}", _RESTORE)
