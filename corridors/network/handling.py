"""What happens to freight where it does not move: loading, transhipment, gauge change, frontier.

Picks, for a place and a change of mode or gauge, the rows of `terminals.csv` (or `borders.csv`) that hold
there: a row that names the place goes before one for every place (`*`), and one that names the cargo group
before one for every cargo. Rows of equal standing are parallel, which is how dated extensions add capacity.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from corridors.frames import rows

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset

EVERY = "*"


def is_open(year_open: float, year: int) -> bool:
    """Say whether a dated row is there in `year`; a blank date means always."""
    return not year_open > year  # NaN compares false


class Change(NamedTuple):
    """One way to change at a place: hours in the chosen running conditions, money per tonne and per TEU."""

    terminal: str
    from_mode: str
    to_mode: str
    cargo: frozenset[str]
    hours: float
    usd_per_t: float
    usd_per_teu: float
    kgco2e_per_t: float
    capacity: float
    capacity_unit: str
    pool: str
    everywhere: bool


class _Scope(NamedTuple):
    kind: str
    from_mode: str
    to_mode: str
    from_gauge: int
    to_gauge: int


class Changes:
    """The terminals and frontiers of a data package in one year under one set of running figures."""

    def __init__(self, dataset: Dataset, year: int, running: str) -> None:
        self._best = running == "best"
        self._cargos = frozenset(dataset["commodities"]["cargo"])
        self._rows: dict[_Scope, dict[tuple[str, str], list[Any]]] = {}
        self._named: set[tuple[_Scope, str]] = set()
        self._everywhere: dict[_Scope, list[Change]] = {}  # found once for all places that no row names
        for row in rows(dataset["terminals"]):
            if is_open(row.year_open, year):
                for scope in _scopes(row):
                    self._rows.setdefault(scope, {}).setdefault((row.node, row.cargo), []).append(row)
                    self._named.add((scope, row.node))
        self._borders = {(row.country_a, row.country_b, row.mode): row for row in rows(dataset["borders"])}

    def find(
        self, kind: str, place: str, from_mode: str, to_mode: str, from_gauge: int = 0, to_gauge: int = 0
    ) -> list[Change]:
        """Give the changes of this kind that hold at `place`, each with the cargo groups that use it."""
        scope = _Scope(kind, from_mode, to_mode, from_gauge, to_gauge)
        if (scope, place) in self._named:
            return self._find(scope, place)
        if scope not in self._everywhere:
            self._everywhere[scope] = self._find(scope, EVERY)
        return self._everywhere[scope]

    def _find(self, scope: _Scope, place: str) -> list[Change]:
        known = self._rows.get(scope, {})
        users: dict[str, tuple[Any, set[str]]] = {}
        for cargo in sorted(self._cargos):
            for row in _most_specific(known, place, cargo):
                users.setdefault(row.terminal, (row, set()))[1].add(cargo)
        return [self._change(row, frozenset(cargos), scope) for row, cargos in users.values()]

    def _change(self, row: Any, cargo: frozenset[str], scope: _Scope) -> Change:
        everyone = frozenset() if cargo == self._cargos else cargo
        hours = row.hours_best if self._best and not math.isnan(row.hours_best) else row.hours
        return Change(
            row.terminal, scope.from_mode, scope.to_mode, everyone, hours, _or(row.usd_per_t), _or(row.usd_per_teu),
            _or(row.kgco2e_per_t), _or(row.capacity, math.inf), row.capacity_unit, row.pool, row.node == EVERY,
        )  # fmt: skip

    def frontier(
        self, start: str, end: str, leaving: str, entering: str, mode: str
    ) -> tuple[list[Change], list[Change]]:
        """Give the formalities at both sides of a frontier between the places `start` and `end`.

        Rows of `terminals.csv` at either place go first; without one, the row of `borders.csv` for the two
        countries, or its row for all countries, stands at one of the two places (the first in the alphabet, so
        that both directions meet the same formalities); without that, the frontier is open.
        """
        before, after = (self.find("border", place, mode, mode) for place in (start, end))
        if before or after:
            return before, after
        for key in ((leaving, entering, mode), (entering, leaving, mode), (EVERY, EVERY, mode)):
            if key in self._borders:
                default = [self._border(self._borders[key])]
                return (default, []) if start < end else ([], default)
        return [], []

    def _border(self, row: Any) -> Change:
        hours = row.hours_best if self._best and not math.isnan(row.hours_best) else row.hours
        name = f"border:{row.country_a}-{row.country_b}:{row.mode}"
        return Change(
            name, row.mode, row.mode, frozenset(), hours, _or(row.usd_per_t), 0.0, 0.0, math.inf, "", "", True
        )


def _most_specific(known: dict[tuple[str, str], list[Any]], place: str, cargo: str) -> list[Any]:
    for scope in ((place, cargo), (place, EVERY), (EVERY, cargo), (EVERY, EVERY)):
        if scope in known:
            return known[scope]
    return []


def _or(value: float, blank: float = 0.0) -> float:
    return blank if math.isnan(value) else float(value)


def _scopes(row: Any) -> list[_Scope]:
    """Give the one or two directions that a row of `terminals.csv` speaks of."""
    gauges = tuple(0 if math.isnan(g) else int(g) for g in (row.from_gauge_mm, row.to_gauge_mm))
    there = _Scope(row.kind, row.from_mode, row.to_mode, *gauges)
    back = _Scope(row.kind, row.to_mode, row.from_mode, *reversed(gauges))
    return [there, back] if row.both_ways and back != there and row.kind in {"tranship", "gauge"} else [there]
