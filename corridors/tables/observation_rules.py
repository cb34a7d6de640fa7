"""What may be wrong in a row of `observations.csv`, and in observations of which one is a part of another.

Constants of crossings (`constants.csv`) name passages as observations do, so they are judged here, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from corridors.frames import columns, indexed_rows, rows
from corridors.suggest import did_you_mean
from corridors.tables import observed
from corridors.tables.faults import BLANK, Fault, cell_fault, shown
from corridors.tables.observed import (
    AT_PLACES,
    EVERY,
    HAS_DIRECTION,
    HAS_WORK,
    HOURS,
    PAIR,
    WAIT,
    WORK,
    Countries,
    Period,
    countries,
    sides,
)
from corridors.tables.schema import number_text

if TYPE_CHECKING:
    import pandas as pd

    from corridors.tables.schema import Tables

    type Frame = pd.DataFrame
    type Links = Mapping[str, tuple[str, str, bool]]  # by name: the two places, and whether it leads both ways

DEVIATIONS = 2.0  # standard deviations by which parts may be more than the whole
WHERE_OF = {  # which tables name what each kind counts, and whether it must be named
    "link": (("links", "terminals"), True),
    "crossing": (("links", "terminals", "nodes"), True),
    "corridor": (("corridors",), True),
    "port": (("nodes",), True),
    "commodity": (("nodes",), False),
    "market": (("totals",), False),
    "mode": ((), False),
    "pair": ((), False),
    WAIT: (("terminals", "nodes"), False),
}
NEEDS = {
    "mode": "mode",
    "port": "mode",
    "commodity": "commodities",
    WAIT: "mode",
}  # a column that a kind cannot do without
LISTS = ("where", "trade", "mode", "commodities")
KEY = {"links": "link", "terminals": "terminal", "nodes": "node", "corridors": "corridor", "totals": "total"}


def faults(tables: Tables, observations: Frame) -> Iterator[Fault]:
    """Yield what is wrong, row by row, and then between parts and wholes."""
    if observations.empty:
        return
    known = {name: set(tables[name][KEY[name]]) if name in tables else set() for name in KEY}
    places = dict(zip(tables["nodes"]["node"], tables["nodes"]["country"], strict=True)) if "nodes" in tables else {}
    links = _links(tables)
    periods: dict[str, Period] = {}
    loaded = _Loaded.of(tables)
    for row in indexed_rows(observations):
        yield from _of_kind(row, known)
        yield from _of_countries(row, set(places.values()))
        yield from _of_direction(row, places, links)
        yield from _of_unit(row, loaded)
        yield from _of_period(row, periods)
    amounts = {name for name, unit in loaded.units.items() if unit.amount}
    yield from _of_parts(observations, periods, amounts)


def of_constants(tables: Tables, constants: Frame) -> Iterator[Fault]:
    """Yield what is wrong with constants: a mode's has its mode alone, a crossing's a place and a way that leads."""
    if constants.empty:
        return
    places = dict(zip(tables["nodes"]["node"], tables["nodes"]["country"], strict=True)) if "nodes" in tables else {}
    links = _links(tables)
    for row in indexed_rows(constants):
        if row.kind == "mode":
            if not row.mode:
                yield cell_fault("constants", row, "mode", BLANK, "a mode for kind mode", "fill it in")
            for column in ("where", "direction"):
                if found := getattr(row, column):
                    advice = "remove it, or correct the kind"
                    yield cell_fault("constants", row, column, shown(found), f"{BLANK} for kind mode", advice)
        elif row.kind == "crossing":
            if not row.where:
                words = "links, terminals or places for kind crossing"
                yield cell_fault("constants", row, "where", BLANK, words, "fill it in")
            yield from _of_direction(row, places, links, "constants")


class _Loaded(NamedTuple):
    """The units that may be counted in, and which classes of freight, of those that there are, have a load in each."""

    units: dict[str, observed.Unit]
    loads: dict[str, set[str]] | None  # by the unit of a capacity; None if a table of them could not be read
    commodities: list[Any]  # rows

    @classmethod
    def of(cls, tables: Tables) -> _Loaded:
        pairs = columns(tables["loads"]) if "loads" in tables else {"capacity_unit": [], "commodity": []}
        loads: dict[str, set[str]] = {}
        for unit, commodity in zip(pairs["capacity_unit"], pairs["commodity"], strict=True):
            loads.setdefault(unit, set()).add(commodity)
        read = "loads" in tables and "commodities" in tables
        classes = list(rows(tables["commodities"])) if read else []
        return cls(observed.units(pairs["capacity_unit"]), loads if read else None, classes)


def _links(tables: Tables) -> Links:
    if "links" not in tables:
        return {}
    return {row.link: (row.from_node, row.to_node, row.both_ways != 0) for row in rows(tables["links"])}


def _of_kind(row: Any, known: Mapping[str, set[str]]) -> Iterator[Fault]:
    """A kind has what it needs, and counts at what it can be counted at."""
    if row.kind not in WHERE_OF:
        return
    sources, must = WHERE_OF[row.kind]
    words = " or ".join(f"a {KEY[name]} of {name}.csv" for name in sources)
    if must and not row.where:
        yield cell_fault("observations", row, "where", BLANK, f"{words} for kind {row.kind}", "fill it in")
    for value in sorted(observed.parts(row.where)):
        if not any(value in known[name] for name in sources) and any(value in names for names in known.values()):
            expected = f"{words or BLANK} for kind {row.kind}"
            yield cell_fault("observations", row, "where", shown(value), expected, "correct where or kind")
    column = NEEDS.get(row.kind, "")
    if column and not getattr(row, column):
        yield cell_fault("observations", row, column, BLANK, f"some for kind {row.kind}", "fill it in")
    if row.kind == PAIR and not any(map(observed.parts, (row.origin_countries, row.destination_countries, row.trade))):
        advice = "fill it in, or destination_countries or trade"
        yield cell_fault("observations", row, "origin_countries", BLANK, "countries or a trade for kind pair", advice)
    if row.kind == PAIR and row.mode and row.trade == "domestic":
        words = "freight that crosses the home country's frontier, as kind pair with a mode counts it there"
        yield cell_fault(
            "observations", row, "trade", shown(row.trade), words, "correct trade, or count it as kind mode"
        )
    if row.kind == WAIT and row.part_of:
        words = f"{BLANK}, as a mean wait is no part of another"
        yield cell_fault("observations", row, "part_of", shown(row.part_of), words, "remove it")


def _of_countries(row: Any, known: set[str]) -> Iterator[Fault]:
    for column in ("origin_countries", "destination_countries"):
        for name in sorted(countries(getattr(row, column)).names - known):
            advice = f"correct the cell{did_you_mean(name, known)}"
            yield cell_fault("observations", row, column, shown(name), "a country of nodes.csv", advice)


def _of_direction(row: Any, places: Mapping[str, str], links: Links, table: str = "observations") -> Iterator[Fault]:
    """A direction is between places or countries, and every link of the row leads that way."""
    told, expected = sides(row.direction), "places of nodes.csv, their countries, or *, with > between"
    if told and row.kind not in HAS_DIRECTION:
        words = f"{BLANK}, as kind {row.kind} has no direction"
        yield cell_fault(table, row, "direction", shown(row.direction), words, "remove it, or name countries")
        return
    for side in sorted({side for pair in told for side in pair} - {EVERY, *places, *places.values()}):
        advice = f"correct the cell{did_you_mean(side, {*places, *places.values()})}"
        yield cell_fault(table, row, "direction", shown(side), expected, advice)
        return
    for name in sorted(observed.parts(row.where)) if told and row.kind != WAIT else ():
        if name in places:
            continue
        start, end, both = links.get(name, ("", "", False))
        ways = [(start, end), (end, start)] if both else [(start, end)]
        if start and not any(_leads(way, told, places) for way in ways):
            found = f"{shown(row.direction)} of {shown(name)}"
            words = f"a direction of it, such as {start}>{end}"
            yield cell_fault(table, row, "direction", found, words, "correct direction or where")
        elif not start:
            words = f"{BLANK}, as {shown(name)} is no link and has no direction"
            yield cell_fault(table, row, "direction", shown(row.direction), words, "name links in where")


def _leads(way: tuple[str, str], told: list[tuple[str, str]], places: Mapping[str, str]) -> bool:
    return any(
        all(observed.meets(side, place, places.get(place, ""), places) for side, place in zip(pair, way, strict=True))
        for pair in told
    )


def _of_unit(row: Any, loaded: _Loaded) -> Iterator[Fault]:
    """A unit is known, is one of the kind, and every class of freight that is counted has a load in it."""
    if loaded.loads is None:
        return
    known = loaded.units
    if row.kind == WAIT:
        if row.unit and row.unit != HOURS:
            expected = f"{HOURS} for kind {WAIT}"
            yield cell_fault("observations", row, "unit", shown(row.unit), expected, "correct unit or kind")
        return
    if row.unit not in known:
        words = f"one of {', '.join(sorted(known))}"
        advice = f"correct the cell, or add the unit to loads.csv{did_you_mean(row.unit, known)}"
        if row.unit:
            yield cell_fault("observations", row, "unit", shown(row.unit), words, advice)
        return
    if row.unit == WORK and row.kind not in HAS_WORK:
        words = f"another unit than work for kind {row.kind}"
        yield cell_fault("observations", row, "unit", shown(row.unit), words, "correct unit or kind")
    unit = known[row.unit].load
    given = loaded.loads.get(unit, set())
    for commodity in _counted(row, loaded.commodities) if unit and EVERY not in given else ():
        if commodity not in given:
            words = f"a load of {commodity} in {unit}, which loads.csv lacks"
            advice = "add the row to loads.csv, or name commodities or modes that have one"
            yield cell_fault("observations", row, "unit", shown(row.unit), words, advice)
            return


def _counted(row: Any, commodities: list[Any]) -> list[str]:
    """Return the classes of freight that a row can count: those that it names, or all that move by its modes."""
    named, modes = observed.parts(row.commodities), observed.parts(row.mode)
    return [
        one.commodity
        for one in commodities
        if (not named or one.commodity in named) and (not modes or modes & observed.parts(one.modes))
    ]


def _of_period(row: Any, periods: dict[str, Period]) -> Iterator[Fault]:
    """Dates are dates, in their order; those that are go into `periods`."""
    days = {}
    for column in ("begin", "end"):
        try:
            observed.period(getattr(row, column), getattr(row, column))
            days[column] = getattr(row, column)
        except ValueError:
            if getattr(row, column):
                found = shown(getattr(row, column))
                yield cell_fault("observations", row, column, found, "a day of the calendar", "correct the date")
    if len(days) == len(("begin", "end")):
        if days["begin"] > days["end"]:
            expected = f"{row.begin} or later, as the period begins then"
            yield cell_fault("observations", row, "end", shown(row.end), expected, "correct one of the dates")
        else:
            periods[row.observation] = observed.period(row.begin, row.end)


def _of_parts(observations: Frame, periods: Mapping[str, Period], amounts: set[str]) -> Iterator[Fault]:
    """Parts fit their whole, and parts that have nothing in common are not more than it, by their deviations."""
    named = {row.observation: row for row in indexed_rows(observations)}
    of: dict[str, list[Any]] = {}
    for row in named.values():
        whole = named.get(row.part_of)
        if whole is None or row.kind == WAIT or row.observation not in periods or whole.observation not in periods:
            continue
        if _circular(row, named):
            expected = "an observation that is no part of this one"
            yield cell_fault("observations", row, "part_of", shown(row.part_of), expected, "correct part_of")
        elif row.unit != whole.unit:
            expected = f"{whole.unit}, as {shown(row.part_of)} has, of which it is a part"
            yield cell_fault("observations", row, "unit", shown(row.unit), expected, "correct unit or part_of")
        elif not _within(periods[row.observation], periods[row.part_of]):
            expected = f"a period within that of {shown(row.part_of)}, {whole.begin} to {whole.end}"
            found = f"{row.begin} to {row.end}"
            yield cell_fault("observations", row, "begin", found, expected, "correct the dates or part_of")
        else:
            of.setdefault(row.part_of, []).append(row)
    for name, mine in of.items():
        whole = named[name]
        # the parts of a period add up to it where they are amounts; a mean rate may be lower than that of a part
        alike = [row for row in mine if row.unit in amounts or periods[row.observation] == periods[name]]
        yield from _against_whole(whole, alike, periods)


def _circular(row: Any, named: Mapping[str, Any]) -> bool:
    met, name = {row.observation}, row.part_of
    while name in named and name not in met:
        met.add(name)
        name = named[name].part_of
    return bool(name == row.observation)


def _within(part: Period, whole: Period) -> bool:
    return whole.begin <= part.begin and part.end <= whole.end


def _against_whole(whole: Any, mine: list[Any], periods: Mapping[str, Period]) -> Iterator[Fault]:
    """Add up parts that have nothing in common, the largest first; whatever set of them it is, the whole is no less.

    Where they are the whole's own periods and leave no day out, the whole is no more either.
    """
    taken: list[Any] = []
    for row in sorted(mine, key=lambda one: (-one.value, one.observation)):
        if all(_apart(row, other, periods) for other in taken):
            taken.append(row)
    total = math.fsum(row.value for row in taken)
    off = DEVIATIONS * math.hypot(whole.sd, *(row.sd for row in taken))
    if total > whole.value + off:
        yield _unequal(taken, total, whole, f"at most {number_text(whole.value)}")
    days = sum(periods[row.observation].days for row in taken)
    of_periods = all(_same_but_period(row, whole) for row in taken)
    if taken and of_periods and days == periods[whole.observation].days and total < whole.value - off:
        yield _unequal(taken, total, whole, number_text(whole.value))


def _unequal(taken: list[Any], total: float, whole: Any, expected: str) -> Fault:
    names = ", ".join(shown(row.observation) for row in taken[:3]) + (", …" if len(taken) > 3 else "")
    found = f"{total:.6g} {whole.unit} in {names}, parts of it"
    words = f"{expected}, with the deviations of them all"
    return cell_fault("observations", whole, "value", found, words, "correct the figures, part_of, or widen sd")


def _apart(one: Any, other: Any, periods: Mapping[str, Period]) -> bool:
    """Say whether two rows can have nothing in common, so that both fit into a whole side by side."""
    for column in LISTS:
        # a tonne may go by several modes, and a corridor's mean load is no part of that of several
        if column == "mode" and one.kind not in AT_PLACES and one.unit != WORK:
            continue
        if column == "where" and one.kind == "corridor":
            continue
        first, second = (observed.parts(getattr(row, column)) for row in (one, other))
        if first and second and first.isdisjoint(second):
            return True
    if _opposed(one, other):
        return True
    for column in ("origin_countries", "destination_countries"):
        pair: tuple[Countries, Countries] = (countries(getattr(one, column)), countries(getattr(other, column)))
        if pair[0].apart(pair[1]):
            return True
    first_period, second_period = periods[one.observation], periods[other.observation]
    return first_period.end < second_period.begin or second_period.end < first_period.begin


def _opposed(one: Any, other: Any) -> bool:
    """Say whether two rows are of opposite directions."""
    first, second = (set(sides(row.direction)) for row in (one, other))
    return bool(first and second) and all((end, start) in second for start, end in first) and first.isdisjoint(second)


def _same_but_period(row: Any, whole: Any) -> bool:
    columns = ("kind", "origin_countries", "destination_countries", "direction", *LISTS)
    return all(getattr(row, column) == getattr(whole, column) for column in columns)
