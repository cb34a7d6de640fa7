"""Which arcs of a network pass something that a table names: links, terminals, frontiers at places, and directions.

What is counted at a crossing (`observations.csv`) and what a crossing costs (`constants.csv`) mean the same passages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.network.numbering import coded
from corridors.tables import observed
from corridors.tables.observed import EVERY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.arrays import BoolArray
    from corridors.network.network import Network


class Passing:
    """The arcs of a network, A, by what rows of a table may name.

    Attributes
    ----------
    country
        The country of each place.
    over
        Which arcs are moves from one country into another, (A,).
    """

    def __init__(self, network: Network) -> None:
        arcs, nodes = network.arcs, network.dataset["nodes"]
        self.country: dict[str, str] = dict(zip(nodes["node"].tolist(), nodes["country"].tolist(), strict=True))
        place = network.places
        country = np.array([self.country[one] for one in place.tolist()], dtype=np.object_)
        self.countries = country[arcs.tail], country[arcs.head]
        self._places = _Names(place[arcs.tail]), _Names(place[arcs.head])
        self._modes, self._ids = _Names(arcs.mode), _Names(arcs.id)
        self.over: BoolArray = arcs.is_move & (self.countries[0] != self.countries[1])

    def by_modes(self, cell: str) -> BoolArray:
        """Say which arcs have one of the modes of a list, (A,)."""
        return self._modes.among(cell)

    def ends(self, cell: str) -> tuple[BoolArray, BoolArray]:
        """Say which arcs begin and which end at the places of a list, (A,) each."""
        return self._places[0].among(cell), self._places[1].among(cell)

    def passing(self, where: str) -> BoolArray:
        """Return the arcs of links and terminals, and of places the moves over a frontier there, (A,)."""
        begins, ends = self.ends(where)
        passed: BoolArray = self._ids.among(where) | (self.over & (begins | ends))
        return passed

    def along(self, direction: str) -> BoolArray:
        """Say which arcs lead in one of some directions, (A,)."""
        found = np.zeros(self.over.size, dtype=np.bool_)
        for pair in observed.sides(direction):
            sides = zip(pair, self._places, self.countries, strict=True)
            from_, to = (self._at(side, places, countries) for side, places, countries in sides)
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
