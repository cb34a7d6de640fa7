"""The arcs of the virtual network behind a plan's routes, handlings included.

A route of a plan names its places and links, which fixes the moves. Between them, at one place, there may be several
ways to load, change mode or gauge, or pass a frontier; those are taken whose time, money and emissions add up to what
the route says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corridors.errors import DataError
from corridors.frames import rows
from corridors.network.costs import price
from corridors.network.network import DESTINATION, ORIGIN, Vertex
from corridors.planning.results import JOIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.network.network import Network
    from corridors.planning.planner import Plan

SAME = 1e-9  # of a figure that is written with 12 digits
DECIMALS = 10  # sums that differ by less are one
MOST = 100_000  # different sums of one route


class Class(NamedTuple):
    """A class of freight: a commodity, and the countries that its shippers avoid, separated by ;."""

    commodity: str
    avoid: str

    def __str__(self) -> str:
        """Return its name."""
        return f"{self.commodity}-avoiding-{self.avoid}" if self.avoid else self.commodity


class Trails:
    """Finds the arcs of routes.

    Attributes
    ----------
    usd, kgco2e
        Per tonne, shape (commodities, arcs).
    hours
        Shape (arcs,).
    """

    def __init__(self, network: Network) -> None:
        costs = price(network)
        self._network = network
        self._row = {commodity: row for row, commodity in enumerate(costs.commodities)}
        self._may = costs.allowed
        self.usd, self.hours, self.kgco2e = costs.usd, costs.hours, costs.kgco2e
        self._allowed: dict[Class, NDArray[np.bool_]] = {}
        self._changes: dict[int, list[int]] = {}
        arcs = network.arcs
        moves = np.flatnonzero(arcs.is_move)
        ends = (network.places[end[moves]].tolist() for end in (arcs.tail, arcs.head))
        self._moves = dict(zip(zip(arcs.id[moves].tolist(), *ends, strict=True), moves.tolist(), strict=True))
        for number in np.flatnonzero(~arcs.is_move).tolist():
            self._changes.setdefault(int(arcs.tail[number]), []).append(number)

    def row(self, freight: Class) -> int:
        """Return the row of a class's commodity in `usd` and `kgco2e`."""
        return self._row[freight.commodity]

    def allowed(self, freight: Class) -> NDArray[np.bool_]:
        """Say which arcs a class may use, shape (arcs,)."""
        if freight not in self._allowed:
            shunned = self._network.arcs.countries.meeting(set(freight.avoid.split(";")) - {""})
            self._allowed[freight] = ~shunned & self._may[self.row(freight)]
        return self._allowed[freight]

    def arcs(self, route: Any) -> list[int]:
        """Return the arcs of a row of the plan's routes, in order.

        Raises
        ------
        DataError
            If no path of the network has its places, links, time, money and emissions.
        """
        places = route.nodes.split(JOIN)
        try:
            moves = [self._moves[one] for one in zip(route.links.split(";"), places[:-1], places[1:], strict=True)]
            ends = [self._network.position[Vertex(places[0], ORIGIN)]]
            last = self._network.position[Vertex(places[-1], DESTINATION)]
        except (KeyError, ValueError) as error:
            raise _unknown(route) from error
        arcs = self._network.arcs
        ends += np.stack([arcs.tail[moves], arcs.head[moves]], axis=1).ravel().tolist()
        ends.append(last)
        may = self.allowed(Class(route.commodity, route.avoid))
        gaps = [list(self._between(start, end, may)) for start, end in zip(ends[::2], ends[1::2], strict=True)]
        changes = self._fitting(gaps, moves, route)
        return [*changes[0], *(arc for move, gap in zip(moves, changes[1:], strict=True) for arc in (move, *gap))]

    def _fitting(self, gaps: list[list[list[int]]], moves: list[int], route: Any) -> tuple[list[int], ...]:
        """Choose a way through each gap so that time, money and emissions of the whole are the route's."""
        row = self._row[route.commodity]
        figures = np.array((self.hours, self.usd[row], self.kgco2e[row]))
        begun = figures[:, moves].sum(axis=1)
        sums: dict[tuple[float, ...], tuple[list[int], ...]] = {tuple(begun): ()}
        for gap in gaps:
            more = {tuple(figures[:, way].sum(axis=1)): way for way in gap}
            sums = {
                tuple(round(one + other, DECIMALS) for one, other in zip(before, one_more, strict=True)): (*chosen, way)
                for before, chosen in sums.items()
                for one_more, way in more.items()
            }
            if len(sums) > MOST:
                break
        said = (route.hours, route.usd_per_t, route.kgco2e_per_t)
        for found, chosen in sums.items():
            near = (math.isclose(*pair, rel_tol=SAME, abs_tol=SAME) for pair in zip(found, said, strict=True))
            if len(chosen) == len(gaps) and all(near):
                return chosen
        raise _unknown(route)

    def _between(self, start: int, end: int, may: NDArray[np.bool_]) -> Iterator[list[int]]:
        """Yield every way to change from one vertex of a place to another, without a vertex twice."""
        open_ways: list[tuple[int, list[int], frozenset[int]]] = [(start, [], frozenset((start,)))]
        while open_ways:
            here, path, seen = open_ways.pop()
            if here == end:
                yield path
                continue
            for arc in self._changes.get(here, ()):
                head = int(self._network.arcs.head[arc])
                if may[arc] and head not in seen:
                    open_ways.append((head, [*path, arc], seen | {head}))


def _unknown(route: Any) -> DataError:
    return DataError(
        f"routes.csv, demand '{route.demand}': no path of the network has the links, time, money and emissions of its "
        "route; the plan was changed or made by another version: plan anew"
    )


def flows(plan: Plan, trails: Trails) -> dict[Class, NDArray[np.float64]]:
    """Return, for each class of freight that is carried, its kt a year on each arc, shape (arcs,).

    Raises
    ------
    DataError
        If a route does not fit the network.
    """
    found: dict[Class, NDArray[np.float64]] = {}
    for route in rows(plan.routes):
        freight = Class(route.commodity, route.avoid)
        kt = found.setdefault(freight, np.zeros(trails.hours.size))
        np.add.at(kt, trails.arcs(route), route.kt)
    return found
