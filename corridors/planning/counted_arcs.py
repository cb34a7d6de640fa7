"""Which arcs of a network each row of `observations.csv` counts, and how often: the first half of the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.network.arcs import BORDER
from corridors.network.corridor_flows import corridor_flows
from corridors.network.numbering import coded
from corridors.tables import observed
from corridors.tables.observed import AT_HOME, AT_PLACES, EVERY, PAIR, WORK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.arrays import BoolArray, FloatArray
    from corridors.network.network import Network

CORRIDOR = "corridor"


class CountedArcs:
    """The arcs of a network, A, by what rows of `observations.csv` may ask for.

    Attributes
    ----------
    touches_home
        Which arcs begin or end in the home country, (A,).
    country
        The country of each place.
    over, over_home
        Which moves lead over a frontier, and over the home country's (all, where there is none), (A,).
    formal
        Which are the formalities of a frontier, (A,).
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        arcs, dataset = network.arcs, network.dataset
        self.country = dict(zip(dataset["nodes"]["node"].tolist(), dataset["nodes"]["country"].tolist(), strict=True))
        place = network.places
        country = np.array([self.country[one] for one in place.tolist()], dtype=np.object_)
        self._places = _Names(place[arcs.tail]), _Names(place[arcs.head])
        self._modes, self._ids = _Names(arcs.mode), _Names(arcs.id)
        self._countries = country[arcs.tail], country[arcs.head]
        home = dataset.home_country
        self.touches_home: BoolArray = (self._countries[0] == home) | (self._countries[1] == home)
        every = np.full(len(arcs), not home)  # without a home country all is at home
        # a carrier's freight is what comes to a place at home, its work what is done where the home tariff holds
        self._at_home: dict[bool, BoolArray] = {
            False: arcs.is_move & (self.touches_home | every),
            True: arcs.is_move & ((arcs.country == home) | every),
        }
        # customs count the mode where freight crosses the home country's frontier
        self.over: BoolArray = arcs.is_move & (self._countries[0] != self._countries[1])
        self.over_home: BoolArray = self.over & (self.touches_home | every)
        self.formal: BoolArray = arcs.kind == BORDER
        self._lines = corridor_flows(network)

    @staticmethod
    def key(row: Any) -> tuple[str | bool, ...]:
        """Return what tells the arcs that a row counts from those of other rows."""
        kind = "" if row.kind in AT_HOME else row.kind
        return kind, "" if row.kind in AT_HOME else row.where, row.direction, row.mode, row.unit == WORK

    def counted(self, row: Any) -> FloatArray:
        """Return how often a tonne counts on each arc, (A,): times, km where work is counted, or shares of a corridor.

        A corridor's share is the length of the link in that of the whole corridor: so the sum over arcs is the mean
        load over its length, as in the plan's table of corridors.
        """
        found = self._of_kind(row)
        if row.mode:
            found = found * self._modes.among(row.mode)
        if row.direction:
            found = found * self.along(row.direction)
        if row.unit == WORK and row.kind != CORRIDOR:
            found = found * self._network.arcs.km
        return found

    def _of_kind(self, row: Any) -> FloatArray:
        moves = self._network.arcs.is_move
        if row.kind == CORRIDOR:
            return self._of_corridors(row)
        if row.kind == "port":  # what comes and what leaves; a tonne that is transhipped from ship to ship is both
            tail, head = (ends.among(row.where).astype(np.float64) for ends in self._places)
            return (tail + head) * moves
        if row.kind in AT_PLACES:
            return self._passing(row.where)
        if row.kind == PAIR:
            return (self.over_home if row.mode else moves).astype(np.float64)
        return self._at_home[row.unit == WORK].astype(np.float64)

    def _passing(self, where: str) -> FloatArray:
        """Return the arcs of links and terminals, and of places the moves over a frontier there, (A,)."""
        at = self._places[0].among(where) | self._places[1].among(where)
        passed: BoolArray = self._ids.among(where) | (self.over & at)
        return passed.astype(np.float64)

    def _of_corridors(self, row: Any) -> FloatArray:
        lines, named = self._lines, observed.parts(row.where)
        length = lines.length()
        of = np.array([name in named and km > 0 for name, km in zip(lines.names, length.tolist(), strict=True)])
        share = np.zeros(lines.link.size)
        mine = of[lines.corridor] if len(lines.names) else np.zeros(0, np.bool_)
        share[mine] = lines.km[mine] if row.unit == WORK else lines.km[mine] / length[lines.corridor[mine]]
        return np.asarray(lines.beside.T @ share, dtype=np.float64)

    def by(self, modes: str) -> BoolArray:
        """Say which arcs are of one of some modes, (A,)."""
        return self._modes.among(modes)

    def named(self, where: str) -> BoolArray:
        """Say which arcs a cell names, or have a place that it names at one of their ends, (A,)."""
        at: BoolArray = self._places[0].among(where) | self._places[1].among(where)
        return at | self._ids.among(where)

    def along(self, direction: str) -> BoolArray:
        """Say which arcs lead in one of some directions, (A,)."""
        found = np.zeros(len(self._network.arcs), dtype=np.bool_)
        for pair in observed.sides(direction):
            ends = zip(pair, self._places, self._countries, strict=True)
            from_, to = (self._at(side, places, countries) for side, places, countries in ends)
            found |= from_ & to
        return found

    def _at(self, side: str, places: _Names, countries: Any) -> BoolArray:
        if side == EVERY:
            return np.ones(len(countries), dtype=np.bool_)
        return places.among(side) if side in self.country else np.asarray(countries == side, dtype=np.bool_)


class _Names:
    """A name of each arc, numbered, so that arcs are found by it."""

    def __init__(self, values: NDArray[np.object_]) -> None:
        self._number, names = coded(values.tolist())
        self._numbers = {name: number for number, name in enumerate(names)}

    def among(self, cell: str) -> BoolArray:
        """Say which arcs a list in a cell names, (A,)."""
        found = np.zeros(len(self._numbers) + 1, dtype=np.bool_)
        found[[self._numbers.get(name, -1) for name in observed.parts(cell)]] = True
        found[-1] = False  # what no arc is called
        return found[self._number]
