"""What the cells of `observations.csv` mean: units, periods, directions and countries.

Read by the rules that check the table, and by the operator that holds a plan against it (`corridors.planning.counts`).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

TONNES, BOXES, WORK = "kt", "kteu", "mtkm"  # amounts of the period, whatever loads.csv says
HOURS = "h"  # what is waited, and nothing else
A_DAY = "_day"  # how the names of rates by day end; without it, the same is an amount
EVERY = "*"
SIDES = ">"  # between FROM and TO of a direction

KINDS = ("link", "crossing", "corridor", "mode", "pair", "commodity", "port", "market", "wait")
AT_PLACES = frozenset({"link", "crossing", "port"})  # kinds that are counted where freight passes: each passage counts
AT_HOME = frozenset({"mode", "commodity", "market"})  # kinds of freight carried in the home country
PAIR = "pair"  # freight between countries, with a mode that which crosses the home country's frontier by it
WAIT = "wait"  # hours, a mean by tonnes: the one kind that is not linear in them
HAS_WORK = AT_HOME | {"corridor"}
HAS_DIRECTION = AT_PLACES | {WAIT}


class Unit(NamedTuple):
    """A unit of a count: its capacity unit in loads.csv, "" of the three that need none; and whether it is an amount.

    An amount is of the whole period, a rate the mean over it.
    """

    load: str
    amount: bool


def units(capacity_units: Iterable[str]) -> dict[str, Unit]:
    """Return the units in which something may be counted, by name, where loads.csv has these units of capacity."""
    loads = list(capacity_units)
    days = {one.removesuffix(A_DAY): Unit(one, amount=True) for one in loads if one.endswith(A_DAY)}
    rates = {one: Unit(one, amount=False) for one in loads}
    return days | rates | {one: Unit("", amount=True) for one in (TONNES, BOXES, WORK)}


class Period(NamedTuple):
    """From one day to another, both counted."""

    begin: date
    end: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.begin).days + 1

    @property
    def by_year(self) -> dict[int, int]:
        """The days that it has of each calendar year."""
        found = {}
        for year in range(self.begin.year, self.end.year + 1):
            first, last = max(self.begin, date(year, 1, 1)), min(self.end, date(year, 12, 31))
            found[year] = (last - first).days + 1
        return found

    @property
    def year(self) -> int:
        """The calendar year that most of it lies in, the earliest of several."""
        days = self.by_year
        return max(days, key=lambda year: (days[year], -year))

    @property
    def years(self) -> float:
        """How many years it is, by the days of each: 1 exactly for a calendar year."""
        return sum(days / (366 if calendar.isleap(year) else 365) for year, days in self.by_year.items())


def period(begin: str, end: str) -> Period:
    """Read the two dates of a period, YYYY-MM-DD.

    Raises
    ------
    ValueError
        If one is no date.
    """
    return Period(date.fromisoformat(begin), date.fromisoformat(end))


def sides(direction: str) -> list[tuple[str, str]]:
    """Return FROM and TO of each direction of a cell; none of a blank one, which means both directions."""
    found = [one.partition(SIDES) for one in direction.split(";") if one]
    return [(start, end) for start, _, end in found]


@dataclass(frozen=True)
class Countries:
    """Countries that are meant, or, with `others`, all but these."""

    names: frozenset[str]
    others: bool

    def hold(self, country: str) -> bool:
        """Say whether a country is meant."""
        return (country in self.names) != self.others

    def apart(self, other: Countries) -> bool:
        """Say whether no country can be meant by both."""
        if self.others and other.others:
            return False
        if self.others or other.others:
            named, rest = (other, self) if self.others else (self, other)
            return named.names <= rest.names
        return self.names.isdisjoint(other.names)


def countries(cell: str) -> Countries:
    """Read a cell of countries: blank and * mean any, a mark of exclamation all but those."""
    names = [one for one in cell.split(";") if one and one != EVERY]
    others = not names or names[0].startswith("!")
    return Countries(frozenset(name.removeprefix("!") for name in names), others)


def parts(cell: str) -> frozenset[str]:
    """Return the values of a list in a cell."""
    return frozenset(filter(None, cell.split(";")))


def meets(side: str, place: str, country: str, places: Collection[str]) -> bool:
    """Say whether a side of a direction means a place in a country; `places` are all that there are."""
    return side in (EVERY, place) or (side == country and side not in places)
