"""Which arcs of a network each row of `observations.csv` counts, and how often: the first half of the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.network.corridor_flows import corridor_flows
from corridors.network.passing import Passing
from corridors.tables import observed
from corridors.tables.observed import AT_HOME, AT_PLACES, PAIR, WORK

if TYPE_CHECKING:
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
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._passing = passing = Passing(network)
        self.country = passing.country
        home = network.dataset.home_country
        self.touches_home: BoolArray = (passing.countries[0] == home) | (passing.countries[1] == home)
        arcs = network.arcs
        every = np.full(len(arcs), not home)  # without a home country all is at home
        # a carrier's freight is what comes to a place at home, its work what is done where the home tariff holds
        self._at_home: dict[bool, BoolArray] = {
            False: arcs.is_move & (self.touches_home | every),
            True: arcs.is_move & ((arcs.country == home) | every),
        }
        # customs count the mode where freight crosses the home country's frontier
        self._over_home = passing.over & (self.touches_home | every)
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
            found = found * self._passing.by_modes(row.mode)
        if row.direction:
            found = found * self._passing.along(row.direction)
        if row.unit == WORK and row.kind != CORRIDOR:
            found = found * self._network.arcs.km
        return found

    def _of_kind(self, row: Any) -> FloatArray:
        moves = self._network.arcs.is_move
        if row.kind == CORRIDOR:
            return self._of_corridors(row)
        if row.kind == "port":  # what comes and what leaves; a tonne that is transhipped from ship to ship is both
            tail, head = (at.astype(np.float64) for at in self._passing.ends(row.where))
            return (tail + head) * moves
        if row.kind in AT_PLACES:
            return self._passing.passing(row.where).astype(np.float64)
        if row.kind == PAIR:
            return (self._over_home if row.mode else moves).astype(np.float64)
        return self._at_home[row.unit == WORK].astype(np.float64)

    def _of_corridors(self, row: Any) -> FloatArray:
        lines, named = self._lines, observed.parts(row.where)
        length = lines.length()
        of = np.array([name in named and km > 0 for name, km in zip(lines.names, length.tolist(), strict=True)])
        share = np.zeros(lines.link.size)
        mine = of[lines.corridor] if len(lines.names) else np.zeros(0, np.bool_)
        share[mine] = lines.km[mine] if row.unit == WORK else lines.km[mine] / length[lines.corridor[mine]]
        return np.asarray(lines.beside.T @ share, dtype=np.float64)
