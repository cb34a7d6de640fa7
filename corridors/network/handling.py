"""What happens to freight where it does not move: loading, transhipment, gauge change, frontier.

Picks, for a place and a change of mode or gauge, the rows of `terminals.csv` (or `borders.csv`) that hold
there: a row that names the place goes before one for every place (`*`), and one that names the cargo group
before one for every cargo. Rows of equal standing are parallel, which is how dated extensions add capacity.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corridors.network import ids
from corridors.network.arcs import BORDER, GAUGE, TRANSHIP

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from corridors.tables.dataset import Dataset

EVERY = "*"


def is_open(year_open: ArrayLike, year: int) -> NDArray[np.bool_]:
    """Say which dated rows are there in `year`; a blank date (NaN) means always."""
    return ~np.greater(year_open, year)  # NaN compares false


class Scope(NamedTuple):
    """What is done: a kind of arc, from a mode and gauge to another; "" and 0 where there is none."""

    kind: str
    from_mode: str
    to_mode: str
    from_gauge: int = 0
    to_gauge: int = 0


class Handling(NamedTuple):
    """A row of `terminals.csv` or `borders.csv` that holds at a place.

    `table` and `row` say which, counted from 0, and `id` what files call it. `cargo` holds the groups that use it, none
    standing for all; `everywhere` says that the row is for every place.
    """

    table: str
    row: int
    id: str
    scope: Scope
    cargo: frozenset[str]
    everywhere: bool

    @property
    def mode(self) -> str:
        """The mode that freight changes to, or of an unloading the one that it leaves."""
        return self.scope.to_mode or self.scope.from_mode


class Handlings:
    """The terminals and frontiers of a data package that are there in a year.

    Attributes
    ----------
    named
        What rows say of single places: pairs of a scope and a place.
    """

    def __init__(self, dataset: Dataset, year: int) -> None:
        self._cargos = sorted(set(dataset["commodities"]["cargo"]))
        self._rows: dict[Scope, dict[str, dict[str, list[tuple[int, str]]]]] = {}  # by place, and then by cargo
        self._everywhere: dict[Scope, list[Handling]] = {}  # found once for all places that no row names
        self.named: set[tuple[Scope, str]] = set()
        terminals = dataset["terminals"]
        there = is_open(terminals["year_open"].to_numpy(dtype=np.float64), year).tolist()
        columns = (terminals[name].tolist() for name in ("terminal", "node", "cargo"))
        listed = zip(there, _scopes(terminals), *columns, strict=True)
        for number, (open_, scopes, terminal, place, cargo) in enumerate(listed):
            for scope in scopes if open_ else ():
                at_place = self._rows.setdefault(scope, {}).setdefault(place, {})
                at_place.setdefault(cargo, []).append((number, terminal))
                self.named.add((scope, place))
        self._borders = {
            (one, other, mode): Handling("borders", number, name, Scope(BORDER, mode, mode), frozenset(), True)
            for number, (one, other, mode, name) in enumerate(_borders(dataset["borders"]))
        }
        self._frontiers: dict[str, dict[str, list[Handling]]] = {}  # of a mode, by place

    def find(self, scope: Scope, place: str) -> list[Handling]:
        """Return the rows that hold at `place`, each with the cargo groups that use it."""
        if (scope, place) in self.named:
            return self._find(scope, place)
        if scope not in self._everywhere:
            self._everywhere[scope] = self._find(scope, EVERY)
        return self._everywhere[scope]

    def _find(self, scope: Scope, place: str) -> list[Handling]:
        known = self._rows.get(scope, {})
        here, everywhere = known.get(place, {}), known.get(EVERY, {})
        users: dict[tuple[int, str], list[str]] = {}
        for cargo in self._cargos if known else ():
            found = here.get(cargo) or here.get(EVERY) or everywhere.get(cargo) or everywhere.get(EVERY) or ()
            for row in found:  # of the most specific ones
                users.setdefault(row, []).append(cargo)
        every = len(self._cargos)
        common = {row for rows in everywhere.values() for row in rows}
        return [
            Handling("terminals", *row, scope, frozenset(() if len(cargos) == every else cargos), row in common)
            for row, cargos in users.items()
        ]

    def frontier(
        self, start: str, end: str, leaving: str, entering: str, mode: str
    ) -> tuple[list[Handling], list[Handling]]:
        """Return the formalities at both sides of a frontier between the places `start` and `end`.

        Rows of `terminals.csv` at either place go first; without one, the row of `borders.csv` for the two
        countries, or its row for all countries, stands at one of the two places (the first in the alphabet, so
        that both directions meet the same formalities); without that, the frontier is open.
        """
        at = self._at_frontiers(mode)
        before, after = at.get(start, at[EVERY]), at.get(end, at[EVERY])
        if before or after:
            return before, after
        for sides in ((leaving, entering, mode), (entering, leaving, mode), (EVERY, EVERY, mode)):
            if sides in self._borders:
                default = [self._borders[sides]]
                return (default, []) if start < end else ([], default)
        return [], []

    def _at_frontiers(self, mode: str) -> dict[str, list[Handling]]:
        """Return the rows of `terminals.csv` that hold at frontiers, by place, and for all that no row names."""
        if mode not in self._frontiers:
            scope = Scope(BORDER, mode, mode)
            places = {EVERY, *self._rows.get(scope, ())}
            self._frontiers[mode] = {place: self._find(scope, place) for place in places}
        return self._frontiers[mode]


def _borders(borders: pd.DataFrame) -> Iterator[tuple[str, str, str, str]]:
    """Return the two countries, the mode and the name of each row of `borders.csv`."""
    for side in zip(*(borders[name].tolist() for name in ("country_a", "country_b", "mode")), strict=True):
        yield *side, ids.of_border(*side)


def _scopes(terminals: pd.DataFrame) -> list[tuple[Scope, ...]]:
    """Return the one or two directions that each row of `terminals.csv` speaks of."""
    gauges = (
        np.nan_to_num(terminals[name].to_numpy(dtype=np.float64)).astype(np.int64).tolist()
        for name in ("from_gauge_mm", "to_gauge_mm")
    )
    columns = (terminals[name].tolist() for name in ("kind", "from_mode", "to_mode", "both_ways"))
    found: list[tuple[Scope, ...]] = []
    for kind, one, other, both_ways, from_gauge, to_gauge in zip(*columns, *gauges, strict=True):
        there, back = Scope(kind, one, other, from_gauge, to_gauge), Scope(kind, other, one, to_gauge, from_gauge)
        turns = both_ways and back != there and kind in (TRANSHIP, GAUGE)
        found.append((there, back) if turns else (there,))
    return found
