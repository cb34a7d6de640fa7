"""The arcs of a network as columns: an array for each property, an entry for each arc."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.arrays import TextArray

MOVE, LOAD, UNLOAD, TRANSHIP, GAUGE, BORDER = KINDS = ("move", "load", "unload", "tranship", "gauge", "border")


class Arc(NamedTuple):
    """One thing that freight can do between two vertices; the fields are those of `Arcs`."""

    tail: int
    head: int
    kind: str
    mode: str
    table: str
    row: int
    id: str
    km: float
    hours: float
    usd_per_t: float
    usd_per_teu: float
    kgco2e_per_t: float
    country: str
    cargo: frozenset[str]
    countries: frozenset[str]


@dataclass(frozen=True, eq=False)
class Sets:
    """A set of names for each arc; sets that many arcs have are held once.

    Attributes
    ----------
    code
        Which of `values` each arc has, (A,).
    values
        The sets.
    """

    code: NDArray[np.int64]
    values: tuple[frozenset[str], ...]

    def meeting(self, names: Collection[str]) -> NDArray[np.bool_]:
        """Say whose sets have a name in common with some names, (A,)."""
        return np.array([not one.isdisjoint(names) for one in self.values], dtype=np.bool_)[self.code]

    def item(self, number: int) -> frozenset[str]:
        """Return the set of one arc."""
        return self.values[int(self.code[number])]

    def tolist(self) -> list[frozenset[str]]:
        """Return the set of every arc."""
        return list(map(self.values.__getitem__, self.code.tolist()))


@dataclass(frozen=True, eq=False)
class Arcs:
    """What freight can do, in columns of equal length (A,), which are read-only.

    Attributes
    ----------
    tail, head
        Numbers of the vertices that each arc joins.
    kind
        One of `KINDS`.
    mode
        The mode of a move, or else that which freight changes to (of an unloading: which it leaves).
    table, row
        Where an arc has its figures from: the row, counted from 0 in the order of keys, of ``links`` (moves),
        ``terminals`` or ``borders`` of `Network.dataset`.
    id
        What files call that row.
    km
        Length; 0 for all but moves.
    hours
        Time in the network's running conditions.
    usd_per_t, usd_per_teu, kgco2e_per_t
        Charges and emissions beside those of the mode and its tariff.
    country
        Where it lies; for a move the one whose tariff holds.
    cargo
        The cargo groups that may use it; the empty set stands for all.
    countries
        Those that it touches.
    """

    tail: NDArray[np.int64]
    head: NDArray[np.int64]
    kind: TextArray
    mode: TextArray
    table: TextArray
    row: NDArray[np.int64]
    id: TextArray
    km: NDArray[np.float64]
    hours: NDArray[np.float64]
    usd_per_t: NDArray[np.float64]
    usd_per_teu: NDArray[np.float64]
    kgco2e_per_t: NDArray[np.float64]
    country: TextArray
    cargo: Sets
    countries: Sets

    def __post_init__(self) -> None:
        for column in self._columns:
            (column.code if isinstance(column, Sets) else column).setflags(write=False)

    @cached_property
    def _columns(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]

    @property
    def is_move(self) -> NDArray[np.bool_]:
        """Which arcs are moves, (A,)."""
        moves: NDArray[np.bool_] = self.kind == MOVE
        return moves

    def __len__(self) -> int:
        """Return how many arcs there are, A."""
        return len(self.tail)

    def __getitem__(self, number: int) -> Arc:
        """Return one arc."""
        return Arc._make(column.item(number) for column in self._columns)

    def __iter__(self) -> Iterator[Arc]:
        """Return every arc in turn."""
        return map(Arc._make, zip(*(column.tolist() for column in self._columns), strict=True))


@dataclass(frozen=True, eq=False)
class ArcLists:
    """Lists of arcs, written one after another in one array.

    Attributes
    ----------
    arc
        Numbers of arcs.
    start
        Where each of R lists begins in `arc`, and where the last one ends, (R + 1,).
    """

    arc: NDArray[np.int64]
    start: NDArray[np.int64]

    @property
    def owner(self) -> NDArray[np.int64]:
        """The list that each entry of `arc` is in."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def __len__(self) -> int:
        """Return how many lists there are, R."""
        return len(self.start) - 1

    def __getitem__(self, number: int) -> NDArray[np.int64]:
        """Return one list."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.arc[self.start[number] : self.start[number + 1]]

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        """Return every list in turn."""
        return map(self.__getitem__, range(len(self)))
