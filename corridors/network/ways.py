"""What makes two routes one way: the chain of modes, and the frontiers and ports of the home country that they pass.

Ways of one chain of modes may be one group, as they are nearer to each other than to those of other modes.

A frontier is told by the place in the home country where a move leaves or enters it, whatever the mode; an airspace has
gates instead, which nobody would call a way. A port is a place in the home country where freight changes between land
and sea, or is loaded onto a sea mode or unloaded from one. A sea mode is one whose links join seaports alone (or places
where no freight begins or ends). All of that is worked out from the tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from corridors.models.choice.route_set import NO_MARK, Marks
from corridors.network.arcs import LOAD, TRANSHIP, UNLOAD
from corridors.network.stops import NOT_A_STOP

if TYPE_CHECKING:
    from corridors.models.arrays import BoolArray, IntArray, TextArray
    from corridors.models.paths import PathSet
    from corridors.network.network import Network

NESTS = {"frontiers": 2, "chain": 1, "none": None}  # how many of the rows of marks tell the ways
JOIN = " > "
SEAPORT, AIR_FIX = "seaport", "fix"


def marks(network: Network, nests: str = "frontiers", *, grouped: bool = False) -> Marks:
    """Return what makes two routes on a network one way.

    Parameters
    ----------
    network
        The virtual network.
    nests
        What shippers choose among: ``frontiers`` (chain of modes, frontiers and ports), ``chain`` (of modes alone) or
        ``none`` (every route is a way of its own).
    grouped
        Whether ways of the same chain of modes are a group: with ``frontiers`` alone, as else no way is a part of one.
    """
    arcs = network.arcs
    chain, passed = _words(network)
    rows = np.stack([np.where(words == "", NO_MARK, _numbers(words)) for words in (chain, passed)])
    vertex = np.array(network.vertex_names, dtype=np.object_)
    identity = _numbers(arcs.kind + " " + arcs.id + " " + vertex[arcs.tail] + " " + vertex[arcs.head])
    return Marks(rows, NESTS[nests], identity, NESTS["chain"] if grouped and nests == "frontiers" else None)


def names(network: Network, routes: PathSet, nests: str = "frontiers") -> list[str]:
    """Return each route's way in words: ``rail > caspian > rail via DOSTYK, AKTAU``, names as tables have them.

    Where every route is its own way, it is named like that, too.
    """
    mode, place = _words(network)
    found = []
    for path in range(routes.size):
        taken = routes.arcs_of(path)
        chain = JOIN.join(_collapsed(mode[taken].tolist()))
        passed = "" if nests == "chain" else ", ".join(_collapsed(place[taken].tolist()))
        found.append(f"{chain} via {passed}" if passed else chain)
    return found


def _collapsed(names: Iterable[str]) -> list[str]:
    return [one for one, _ in groupby(filter(None, names))]


def _words(network: Network) -> tuple[TextArray, TextArray]:
    """Return the mode of each move, and the home place of each arc at a frontier or a port; "" elsewhere, (A,)."""
    arcs, ends = network.arcs, _Ends(network)
    frontier = arcs.is_move & (ends.tail_home != ends.head_home) & ~ends.of_kind(AIR_FIX)
    sea = _sea_modes(network)
    mode = np.array([vertex.mode for vertex in network.vertices], dtype=np.object_)
    tail_sea, head_sea = np.isin(mode[arcs.tail], sea), np.isin(mode[arcs.head], sea)
    handled = np.isin(arcs.kind, (LOAD, UNLOAD, TRANSHIP))
    port = handled & ends.tail_home & (tail_sea != head_sea)
    return np.where(arcs.is_move, arcs.mode, ""), np.where(frontier | port, ends.home_place, "")


class _Ends:
    """The places at both ends of each arc, (A,); which are in the home country; the one that is, else the tail's."""

    def __init__(self, network: Network) -> None:
        dataset, arcs = network.dataset, network.arcs
        nodes = dataset["nodes"]
        home = set(nodes["node"][nodes["country"] == dataset.home_country])
        self.tail, self.head = network.places[arcs.tail], network.places[arcs.head]
        self.tail_home, self.head_home = (_among(places, home) for places in (self.tail, self.head))
        self.home_place: TextArray = np.where(self.head_home & ~self.tail_home, self.head, self.tail)
        self._kinds = dict(zip(nodes["node"], nodes["kind"], strict=True))

    def of_kind(self, kind: str) -> BoolArray:
        """Tell where the home place is of a kind, (A,)."""
        return _among(self.home_place, {place for place, kinds in self._kinds.items() if kind in kinds.split(";")})


def _among(places: TextArray, wanted: set[str]) -> BoolArray:
    return np.fromiter((place in wanted for place in places.tolist()), np.bool_, places.size)


def _sea_modes(network: Network) -> list[str]:
    """Return the modes whose links join seaports, and beside them only places where no freight begins or ends."""
    nodes, links = network.dataset["nodes"], network.dataset["links"]
    kinds = {place: set(kind.split(";")) for place, kind in zip(nodes["node"], nodes["kind"], strict=True)}
    stops: dict[str, list[bool]] = {}
    for side in ("from_node", "to_node"):
        for mode, place in zip(links["mode"], links[side], strict=True):
            if not kinds[place] & NOT_A_STOP:
                stops.setdefault(mode, []).append(SEAPORT in kinds[place])
    return sorted(mode for mode, at_sea in stops.items() if all(at_sea))


def _numbers(words: TextArray) -> IntArray:
    """Return a number of 62 bits for each word, the same wherever the word is."""
    known = {word: int.from_bytes(blake2b(word.encode(), digest_size=8).digest()) >> 2 for word in set(words.tolist())}
    return np.array([known[word] for word in words.tolist()], dtype=np.int64)
