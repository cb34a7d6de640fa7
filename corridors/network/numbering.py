"""Places and forms by number, and arcs while they are being collected: what the builder's steps have in common."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.arrays import IntArray, TextArray
    from corridors.network.handling import Handling
    from corridors.tables.dataset import Dataset

NONE = -1  # where there is no vertex, link or handling


class Form(NamedTuple):
    """How freight stands at a place: in a mode and on a gauge (0 where there is none)."""

    mode: str
    gauge_mm: int


@dataclass(frozen=True, eq=False)
class Numbering:
    """The places and forms of a data package by number. A stop has the code ``place * forms + form``.

    Attributes
    ----------
    nodes, country
        Name and country of each place, (places,).
    position
        The number of each place.
    forms
        The forms in which links leave freight.
    form_of_link
        The form of each row of `links.csv`, (links,).
    """

    nodes: TextArray
    country: TextArray
    position: dict[str, int]
    forms: tuple[Form, ...]
    form_of_link: IntArray

    def stop(self, place: IntArray, form: IntArray) -> IntArray:
        """Return the codes of stops."""
        return place * len(self.forms) + form

    @property
    def stops(self) -> int:
        """How many codes there are; all are below."""
        return len(self.nodes) * len(self.forms)


def numbered(dataset: Dataset) -> Numbering:
    """Number the places and forms of a data package."""
    nodes, links = dataset["nodes"], dataset["links"]
    gauge = np.nan_to_num(links["gauge_mm"].to_numpy(dtype=np.float64)).astype(np.int64)
    form, forms = coded(map(Form, links["mode"].tolist(), gauge.tolist()))
    position = {node: number for number, node in enumerate(nodes["node"].tolist())}
    return Numbering(texts(nodes["node"]), texts(nodes["country"]), position, tuple(forms), form)


@dataclass(frozen=True, eq=False)
class ArcRows:
    """Arcs that are being collected: what each joins, the row behind it, and where it is, (A,).

    Of `link` (a row of `links.csv`) and `handling` (a number in `handlings`) one is `NONE`; `place` is that of a
    handling, or where a move begins.
    """

    tail: IntArray
    head: IntArray
    link: IntArray
    handling: IntArray
    place: IntArray
    handlings: tuple[Handling, ...] = ()

    @property
    def columns(self) -> tuple[IntArray, ...]:
        """The arrays."""
        return self.tail, self.head, self.link, self.handling, self.place

    def take(self, which: IntArray) -> ArcRows:
        """Return some of the arcs, in that order."""
        return self._of(column[which] for column in self.columns)

    def then(self, other: ArcRows) -> ArcRows:
        """Return these arcs and then others, with the handlings of both."""
        handling = np.where(other.handling == NONE, NONE, other.handling + len(self.handlings))
        columns = (other.tail, other.head, other.link, handling, other.place)
        both = zip(self.columns, columns, strict=True)
        return replace(self._of(map(np.concatenate, both)), handlings=self.handlings + other.handlings)

    def _of(self, columns: Iterable[IntArray]) -> ArcRows:
        tail, head, link, handling, place = columns
        return ArcRows(tail, head, link, handling, place, self.handlings)

    @property
    def is_move(self) -> NDArray[np.bool_]:
        """Which of the arcs are moves, (A,)."""
        moves: NDArray[np.bool_] = self.handling == NONE
        return moves

    def values(self, of_links: NDArray[Any], of_handlings: Sequence[Any] | NDArray[Any]) -> NDArray[Any]:
        """Return a column: each arc's value from its link, or else from its handling."""
        moves = self.is_move
        found = np.empty(moves.size, dtype=of_links.dtype)
        found[moves] = of_links[self.link[moves]]
        found[~moves] = array(of_handlings, of_links.dtype)[self.handling[~moves]]
        return found


def coded[T: Hashable](values: Iterable[T]) -> tuple[IntArray, list[T]]:
    """Return each value's number, and the different values in the order of their numbers: that of first appearance."""
    every = list(values)
    known = list(dict.fromkeys(every))
    number = dict(zip(known, range(len(known)), strict=True))
    return np.fromiter(map(number.__getitem__, every), np.int64, len(every)), known


def texts(column: Any) -> TextArray:
    """Return a column of a frame as an array of texts."""
    found: TextArray = column.to_numpy(dtype=np.object_)
    return found


def array(values: Sequence[Any] | NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Return values as an array of one dimension, whatever they are."""
    found = np.empty(len(values), dtype=dtype)
    found[:] = values
    return found


def repeated(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Return, for lists of so many entries one after another, the list of each entry and its place in it."""
    owner = np.repeat(np.arange(counts.size), counts)
    return owner, np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
