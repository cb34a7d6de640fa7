"""Moves over links, and the frontier formalities that stand in their way: the first step of building a network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from corridors.errors import DataError
from corridors.network.handling import Handling, Handlings, is_open
from corridors.network.network import FRONTIER, STOP, Vertex
from corridors.network.numbering import NONE, ArcRows, Numbering

if TYPE_CHECKING:
    from corridors.models.arrays import IntArray
    from corridors.tables.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Moves:
    """The moves of a year with their frontiers.

    Attributes
    ----------
    vertices
        Stops, and vertices beyond a frontier, as they are first met.
    stop, code
        Numbers of those that are stops, and the code of each (`Numbering`).
    arcs
        Each open link in its directions, after the formalities that it is the first to meet.
    """

    vertices: tuple[Vertex, ...]
    stop: IntArray
    code: IntArray
    arcs: ArcRows


class _Directed(NamedTuple):
    """Each open link once for each of its directions: its row, the places that it joins, and its form, (M,)."""

    row: IntArray
    start: IntArray
    end: IntArray
    form: IntArray


class _Formality(NamedTuple):
    """A row that holds at a frontier, the move that is the first to meet it, and at which of its ends (0 or 1)."""

    move: int
    end: int
    handling: Handling


def moves(dataset: Dataset, running: str, year: int, numbering: Numbering, handlings: Handlings) -> Moves:
    """Return the moves of a year.

    Raises
    ------
    DataError
        If a mode lacks running figures.
    """
    directed = _directed(dataset, running, year, numbering)
    frontiers = _Frontiers(directed, numbering, handlings)
    stops = (numbering.stop(place, directed.form) for place in (directed.start, directed.end))
    codes = np.stack([*stops, *frontiers.beyond], axis=1)
    met = codes != NONE
    number, distinct = pd.factorize(codes[met])  # a vertex is numbered where it is first met
    vertex = np.full(codes.shape, NONE)
    vertex[met] = number
    tail, head = (np.where(vertex[:, at + 2] == NONE, vertex[:, at], vertex[:, at + 2]) for at in (0, 1))
    none = np.full(tail.size, NONE)
    arcs = frontiers.arcs(vertex).then(ArcRows(tail, head, directed.row, none, directed.start))
    order = np.argsort(np.concatenate([frontiers.move, np.arange(tail.size)]), kind="stable")
    stop = np.flatnonzero(distinct < numbering.stops)
    return Moves(_vertices(distinct, numbering, frontiers), stop, distinct[stop], arcs.take(order))


def _directed(dataset: Dataset, running: str, year: int, numbering: Numbering) -> _Directed:
    links = dataset["links"]
    open_ = np.flatnonzero(is_open(links["year_open"].to_numpy(dtype=np.float64), year))
    _check_modes(dataset, running, open_)
    both_ways = links["both_ways"].to_numpy(dtype=np.float64)[open_] != 0
    row = np.repeat(open_, 1 + both_ways)
    back = np.zeros(row.size, dtype=np.bool_)
    back[1:] = row[1:] == row[:-1]
    one, other = (
        np.array([numbering.position[place] for place in links[name].tolist()], dtype=np.int64)[row]
        for name in ("from_node", "to_node")
    )
    return _Directed(row, np.where(back, other, one), np.where(back, one, other), numbering.form_of_link[row])


def _check_modes(dataset: Dataset, running: str, open_: IntArray) -> None:
    links, modes = dataset["links"], dataset["modes"]
    known = links["mode"].isin(modes["mode"][modes["running"] == running]).to_numpy(dtype=np.bool_)
    for row in open_[~known[open_]].tolist():
        mode, link = links["mode"].iat[row], links["link"].iat[row]
        raise DataError(f"modes.csv has no '{running}' row for mode '{mode}' of link '{link}': add one")


class _Frontiers:
    """The vertices beyond frontiers, and what is done to get there.

    Attributes
    ----------
    beyond
        For the tail and for the head of each move the code of the vertex beyond the frontier there; `NONE` where
        nothing is done, (M,) each.
    places
        Place, place beyond and form of each such vertex; their codes follow those of the stops.
    """

    def __init__(self, directed: _Directed, numbering: Numbering, handlings: Handlings) -> None:
        self.beyond = np.full(directed.row.size, NONE), np.full(directed.row.size, NONE)
        self.places: dict[tuple[int, int, int], int] = {}
        self._met: list[_Formality] = []
        self._start = directed.start, directed.end
        crossing = np.flatnonzero(numbering.country[directed.start] != numbering.country[directed.end])
        columns = (crossing, *(column[crossing] for column in (directed.start, directed.end, directed.form)))
        names, countries = numbering.nodes.tolist(), numbering.country.tolist()
        first = numbering.stops
        for move, start, end, form in zip(*(column.tolist() for column in columns), strict=True):
            found = handlings.frontier(
                names[start], names[end], countries[start], countries[end], numbering.forms[form].mode
            )
            for side, rules in enumerate(found):
                if rules:
                    here = (end, start, form) if side else (start, end, form)
                    if here not in self.places:
                        self.places[here] = first + len(self.places)
                        self._met += [_Formality(move, side, rule) for rule in rules]
                    self.beyond[side][move] = self.places[here]

    @property
    def move(self) -> IntArray:
        """For each arc of `arcs` the move that it comes before."""
        return np.repeat(np.array([one.move for one in self._met], dtype=np.int64), 2)

    def arcs(self, vertex: IntArray) -> ArcRows:
        """Return the formalities, each there and back.

        Parameters
        ----------
        vertex
            Numbers of the stops of each move and of the vertices beyond a frontier at its tail and at its head, (M, 4).
        """
        move, end = (np.array([one[at] for one in self._met], dtype=np.int64) for at in (0, 1))
        inner, outer = vertex[move, end], vertex[move, end + 2]
        tail, head = (np.stack(pair, axis=1).ravel() for pair in ((inner, outer), (outer, inner)))
        place = np.repeat(np.where(end == 0, self._start[0][move], self._start[1][move]), 2)
        handling = np.repeat(np.arange(move.size), 2)
        return ArcRows(tail, head, np.full(tail.size, NONE), handling, place, tuple(one.handling for one in self._met))


def _vertices(codes: IntArray, numbering: Numbering, frontiers: _Frontiers) -> tuple[Vertex, ...]:
    """Return the vertices of codes."""
    names, outer, forms, stops = numbering.nodes.tolist(), list(frontiers.places), numbering.forms, numbering.stops
    found = []
    for code in codes.tolist():
        if code < stops:
            place, form = divmod(code, len(forms))
            found.append(Vertex(names[place], STOP, *forms[form]))
        else:
            place, beyond, form = outer[code - stops]
            mode, gauge_mm = forms[form]
            found.append(Vertex(names[place], FRONTIER, mode, gauge_mm, names[beyond]))
    return tuple(found)
