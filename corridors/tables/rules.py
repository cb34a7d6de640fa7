"""The rules that hold across tables, one registered `check_*` function each; nothing here knows a place.

A rule takes tables (frames whose index is the spreadsheet row, header = 1) and yields a `Fault` for whatever breaks it.
Rules are applied in the order in which they stand here, those of `year_rules` last, and of several faults in one cell
the first is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from corridors.frames import indexed_rows
from corridors.geodesy import ROUND, about_kilometres, kilometres
from corridors.suggest import did_you_mean
from corridors.tables import connectivity, observation_rules, posterior_rules, reference_rules, year_rules
from corridors.tables.faults import BLANK, Fault, cell_fault, shown
from corridors.tables.loads import TEU
from corridors.tables.schema import Tables, dictionary, fields, is_numeric, keys, number_text
from corridors.tables.year_rules import Frame

type Keys = Mapping[str, list[str]]

GREAT_CIRCLE_TOLERANCE = 0.01  # coordinates of large stations and ports are good to about this
SHARE_TOLERANCE = 1e-6
MOST_NAMED = 3  # of what has the same fault
MODES_OF_KIND = {
    "load": "to_mode alone",
    "unload": "from_mode alone",
    "tranship": "two different modes",
    "gauge": "one mode twice",
    "border": "one mode twice",
}
NEEDS_BAND = frozenset({"assumed", "recalled", "calibrated", "estimated"})

RULES: list[Callable[..., Iterator[Fault]]] = []  # in the order in which they are applied


def rule[**P](check: Callable[P, Iterator[Fault]]) -> Callable[P, Iterator[Fault]]:
    """Register a rule; its parameters are named for the tables that it needs, `tables` for all that could be read."""
    RULES.append(check)
    return check


ALWAYS = {"tables", "base_year"}  # a rule that takes one of these may depend on anything


def apply_all(tables: Tables, base_year: int, changed: Collection[str] | None = None) -> Iterator[Fault]:
    """Apply every rule whose tables could be read; where all were sound, only those about one that was `changed`."""
    known: dict[str, Any] = {**tables, "tables": tables, "base_year": base_year}
    for check in (*RULES, *year_rules.CHECKS):
        needed = _needed(check)
        if needed <= known.keys() and (changed is None or needed & {*ALWAYS, *changed}):
            yield from check(**{name: known[name] for name in needed})


@cache
def _needed(check: Callable[..., Iterator[Fault]]) -> frozenset[str]:
    return frozenset(signature(check).parameters)


@rule
def check_references(tables: Tables) -> Iterator[Fault]:
    """Places, links, modes, countries and other names are known where they come from, also inside lists."""
    yield from reference_rules.faults(tables)


@rule
def check_ends(links: Frame, demand: Frame) -> Iterator[Fault]:
    """A link and a demand lead from one place to another."""
    places = (("links", links, "from_node", "to_node"), ("demand", demand, "origin", "destination"))
    for name, frame, start, end in places:
        ends = zip(frame.index.tolist(), frame[start].tolist(), frame[end].tolist(), strict=True)
        for row, place in [(row, other) for row, one, other in ends if one == other != ""]:
            expected = f"{start} and {end} to differ"
            yield cell_fault(name, row, end, f"{shown(place)} at both ends", expected, "correct one of them")


@rule
def check_lengths(links: Frame, nodes: Frame) -> Iterator[Fault]:
    """No link is shorter than the great circle between its ends (WGS 84; Karney 2013)."""
    places = nodes.drop_duplicates("node").set_index("node")[["lon", "lat"]]
    ends = np.hstack([places.reindex(links[column]).to_numpy() for column in ("from_node", "to_node")])
    sound = (np.abs(ends) <= [180, 90, 180, 90]).all(axis=1)  # false for NaN, too: an unknown place
    kept = links[sound]
    doubtful = kept["km"].to_numpy() < about_kilometres(ends[sound]) * (1 + ROUND)  # all others are long enough
    for row, at in zip(indexed_rows(kept[doubtful]), ends[sound][doubtful], strict=True):
        least = kilometres((at[0], at[1]), (at[2], at[3]))
        if row.km < least * (1 - GREAT_CIRCLE_TOLERANCE):
            expected = f"at least {least:.1f} km, the great circle from {row.from_node} to {row.to_node}"
            found = f"{number_text(row.km)} km"
            yield cell_fault("links", row, "km", found, expected, "correct km or the coordinates in nodes.csv")


@rule
def check_gauges(links: Frame, terminals: Frame) -> Iterator[Fault]:
    """Rail links have a gauge, others none; a change of gauge leads from one to another."""
    for row in indexed_rows(links):
        if (row.mode == "rail") == math.isnan(row.gauge_mm):
            expected = "a track gauge in mm" if row.mode == "rail" else f"{BLANK}, as only rail has a gauge"
            yield cell_fault("links", row, "gauge_mm", shown(row.gauge_mm), expected, "correct gauge_mm or mode")
    for row in indexed_rows(terminals):
        gauges = [gauge for gauge in (row.from_gauge_mm, row.to_gauge_mm) if not math.isnan(gauge)]
        if len(set(gauges)) != (2 if row.kind == "gauge" else 0):
            found = " and ".join(number_text(gauge) for gauge in gauges) or BLANK
            expected = "two gauges in mm" if row.kind == "gauge" else f"{BLANK} but for kind gauge"
            yield cell_fault("terminals", row, "to_gauge_mm", found, expected, "correct the gauges or the kind")


@rule
def check_terminals(terminals: Frame) -> Iterator[Fault]:
    """The modes of a terminal are those of its kind."""
    for row in indexed_rows(terminals):
        one = "from_mode alone" if row.from_mode else "to_mode alone" if row.to_mode else "no mode"
        two = "one mode twice" if row.from_mode == row.to_mode else "two different modes"
        found = two if row.from_mode and row.to_mode else one
        if found != (expected := MODES_OF_KIND.get(row.kind, found)):
            expected = f"{expected} for kind {row.kind}"
            yield cell_fault("terminals", row, "to_mode", found, expected, "correct the modes or the kind")


@rule
def check_capacities(links: Frame, terminals: Frame, pools: Frame) -> Iterator[Fault]:
    """A limit has a unit; a shared limit has the same unit in every year."""
    for name, frame in (("links", links), ("terminals", terminals), ("pools", pools)):
        for row in indexed_rows(frame):
            if row.capacity_unit or not math.isfinite(row.capacity):
                continue
            expected = f"the unit of capacity {number_text(row.capacity)}"
            advice = "write a capacity_unit of loads.csv or teu_year, or inf where there is no limit"
            yield cell_fault(name, row, "capacity_unit", BLANK, expected, advice)
    first: dict[str, str] = {}
    for row in indexed_rows(pools):
        if row.capacity_unit != first.setdefault(row.pool, row.capacity_unit):
            expected = f"the unit of the first row of {row.pool}"
            yield cell_fault("pools", row, "capacity_unit", shown(row.capacity_unit), expected, "use one unit")


@rule
def check_loads(links: Frame, loads: Frame, commodities: Frame, demand: Frame) -> Iterator[Fault]:
    """What moves on a limited link has a load in the unit of its limit."""
    for unit, commodity, link in connectivity.without_load(links, loads, commodities, demand):
        place, what = ("commodities", "t_per_teu") if unit == TEU else ("loads", "t_per_unit_year")
        found, advice = f"none for {commodity} in {shown(unit)}", "fill it in, or correct the unit of the link"
        yield Fault(f"{place}.csv", None, what, found, f"the load of a unit, as {link} needs it", advice)


@rule
def check_modes(modes: Frame) -> Iterator[Fault]:
    """Every mode has figures for typical running, and for best running if any mode has."""
    given = set(zip(modes["mode"], modes["running"], strict=True))
    usual, *others = fields("modes")["running"]["constraints"]["enum"]
    wanted = [usual, *(one for one in others if one in modes["running"].tolist())]
    for row in indexed_rows(modes.drop_duplicates("mode")):
        for running in wanted:
            if (row.mode, running) not in given:
                found = f"no row of {row.mode} in {running} running"
                yield cell_fault("modes", row, "running", found, "one of each", "add it, equal if need be")


@rule
def check_commodities(commodities: Frame) -> Iterator[Fault]:
    """A commodity in containers says how much one holds."""
    for row in indexed_rows(commodities):
        if row.cargo == "container" and math.isnan(row.t_per_teu):
            yield cell_fault("commodities", row, "t_per_teu", BLANK, "the tonnes in one TEU", "fill it in")


@rule
def check_tariffs(tariffs: Frame, commodities: Frame) -> Iterator[Fault]:
    """A tariff for one commodity stands under its cargo group."""
    group = dict(zip(commodities["commodity"].tolist(), commodities["cargo"].tolist(), strict=True))
    for row in indexed_rows(tariffs):
        if row.cargo != group.get(row.commodity, row.cargo):
            expected = f"{group[row.commodity]}, the cargo group of {row.commodity} in commodities.csv"
            yield cell_fault("tariffs", row, "cargo", row.cargo, expected, "correct one of them")


@rule
def check_choice(choice: Frame, commodities: Frame, demand: Frame) -> Iterator[Fault]:
    """A choice for one commodity stands under its cargo group; where there is any choice, every demand has one.

    An elasticity beyond half of tau would say that most of the demand stays away at the base, and a nesting of ways
    above that of routes that two stretches of one way differ more than two ways.
    """
    group = dict(zip(commodities["commodity"].tolist(), commodities["cargo"].tolist(), strict=True))
    told = set()
    for row in indexed_rows(choice):
        told.add((row.cargo, row.commodity))
        own = group.get(row.commodity, row.cargo)
        if row.cargo not in ("*", own):
            expected = f"{own}, the cargo group of {row.commodity} in commodities.csv, or *"
            yield cell_fault("choice", row, "cargo", row.cargo, expected, "correct one of them")
        if -row.elasticity > row.tau / 2:
            expected = f"at least {number_text(-row.tau / 2)}, minus half of tau"
            found = number_text(row.elasticity)
            yield cell_fault("choice", row, "elasticity", found, expected, "bring it nearer to 0, or raise tau")
        if row.way_nesting > row.nesting:
            found, expected = number_text(row.nesting), f"at least {number_text(row.way_nesting)}, its way_nesting"
            yield cell_fault("choice", row, "nesting", found, expected, "raise it, or lower way_nesting")
    asked = demand["commodity"].unique().tolist() if told else []
    for commodity in sorted(one for one in asked if one in group):
        cargo = group[commodity]
        if told.isdisjoint((one, what) for one in (cargo, "*") for what in (commodity, "*")):
            found, expected = f"no row for {shown(commodity)}", f"one for every demand, such as {cargo} and *"
            yield Fault("choice.csv", None, "cargo", found, expected, "add the row, with its tau and nesting")


@rule
def check_delays(delays: Frame) -> Iterator[Fault]:
    """A delay is told once for the same limits, and a wildcard stands alone in its cell."""
    first: dict[tuple[Any, ...], str] = {}
    for row in indexed_rows(delays):
        kinds, modes = row.kind.split(";"), row.mode.split(";")
        for column, values in (("kind", kinds), ("mode", modes)):
            if "*" in values and len(values) > 1:
                advice = "leave out the others, or the *"
                yield cell_fault("delays", row, column, shown(getattr(row, column)), "* alone, or names", advice)
        fits = (frozenset(kinds), frozenset(modes), row.capacity_unit, row.limit)
        other = first.setdefault(fits, row.delay)
        if other != row.delay:
            expected = f"limits that {shown(other)} does not have, too"
            found = f"{shown(row.delay)} for the same limits"
            yield cell_fault("delays", row, "delay", found, expected, "correct or remove one of them")


@rule
def check_constants(tables: Tables, constants: Frame) -> Iterator[Fault]:
    """A constant of a mode names the mode alone, and one of a crossing where it is and which way."""
    yield from observation_rules.of_constants(tables, constants)


@rule
def check_corridors(links: Frame, corridors: Frame, corridor_links: Frame) -> Iterator[Fault]:
    """A corridor has links of its mode, each sharing a place with the one before."""
    by_name = {row.link: row for row in indexed_rows(links)}
    modes = dict(zip(corridors["corridor"].tolist(), corridors["mode"].tolist(), strict=True))
    ends: dict[str, set[str]] = {}  # where the corridor may go on from
    for row in indexed_rows(corridor_links.sort_values(["corridor", "seq"], kind="stable")):
        before = ends.pop(row.corridor, set())
        if row.link not in by_name or row.corridor not in modes:
            continue
        link = by_name[row.link]
        if link.mode != modes[row.corridor]:
            found, expected = f"{shown(row.link)} of mode {link.mode}", f"a link of mode {modes[row.corridor]}"
            yield cell_fault("corridor_links", row, "link", found, expected, "correct one of them")
        both = {link.from_node, link.to_node}
        if before and not both & before:
            expected = f"a link from {' or '.join(sorted(before))}, where the one before ends"
            advice = "correct the order or add the missing link"
            yield cell_fault("corridor_links", row, "link", shown(row.link), expected, advice)
        ends[row.corridor] = {other for end in both & before for other in both - {end}} or both
    linked = set(corridor_links["corridor"].tolist())
    for row in indexed_rows(corridors):
        if row.corridor in linked:
            continue
        found = f"no link of {shown(row.corridor)}"
        yield cell_fault("corridors", row, "corridor", found, "some", "add them to corridor_links.csv")


@rule
def check_connected(links: Frame, terminals: Frame, commodities: Frame, demand: Frame) -> Iterator[Fault]:
    """Every demand has a path over places and modes, capacities aside: a necessary test only."""
    unreachable = connectivity.without_path(links, terminals, commodities, demand)
    if unreachable:  # one fault, as one missing link can leave all of them without a way
        found = f"no way {_most(unreachable)}"
        yield cell_fault("demand", unreachable[0].row, "destination", found, "one", "add links or correct the places")


@rule
def check_loading(links: Frame, terminals: Frame, commodities: Frame, demand: Frame) -> Iterator[Fault]:
    """Every demand can be loaded where it begins and unloaded where it ends, in some mode that leads there."""
    for kind, a_kind, column in (("load", "a load", "origin"), ("unload", "an unload", "destination")):
        unreachable = connectivity.without_handling(kind, links, terminals, commodities, demand)
        if unreachable:  # one fault, as one row for * can mend all
            row = f"{a_kind} row of terminals.csv with such a {connectivity.MODE_OF[kind]}"
            expected = f"{row}, for the place or for *"
            yield cell_fault(
                "demand", unreachable[0].row, column, f"no {kind}ing {_most(unreachable)}", expected, "add one"
            )


def _most(unreachable: Sequence[connectivity.Unreachable]) -> str:
    more = f", and {len(unreachable) - MOST_NAMED} more without" if len(unreachable) > MOST_NAMED else ""
    return ", ".join(one.words for one in unreachable[:MOST_NAMED]) + more


@rule
def check_splits(splits: Frame) -> Iterator[Fault]:
    """The shares of a control total do not add up to more than the whole."""
    if splits.empty:
        return
    sums = splits.groupby("total")["share"].sum()
    for row in indexed_rows(splits.drop_duplicates("total")):
        if sums[row.total] > 1 + SHARE_TOLERANCE:
            found = f"shares of {shown(row.total)} that add up to {sums[row.total]:.6g}"
            yield cell_fault("splits", row, "share", found, "at most 1", "correct the shares")


@rule
def check_projects(tables: Tables, projects: Frame) -> Iterator[Fault]:
    """A project changes a number of a row that is there, or opens a row."""
    known = {name: keys(name, tables[name]) for name in tables if name != "provenance"} if len(projects) else {}
    for row in indexed_rows(projects):
        column, near, expected = _astray(known, row)
        if row.change == "open" and column != "table":
            if "year_open" not in fields(row.table):
                column, near, expected = "table", [], "a table with a column year_open, whose rows can open"
            elif not row.column:
                column = "key" if column == "key" else ""
        if column:
            advice = f"correct the cell{did_you_mean(getattr(row, column), near)}"
            yield cell_fault("projects", row, column, shown(getattr(row, column)), expected, advice)


def _astray(known: Keys, row: Any) -> tuple[str, list[str], str]:
    """Return which of table, key and column leads to no number ("" if none does), and what there is instead."""
    columns = fields(row.table) if row.table in dictionary() else {}
    if not columns:
        return "table", list(dictionary()), "a table of the data package"
    if row.key not in known.get(row.table, [row.key]):  # a table that cannot be read has its own fault
        return "key", known[row.table], f"the key of a row of {row.table}.csv"
    if not is_numeric(columns.get(row.column, {})):
        return "column", list(columns), f"a column of numbers of {row.table}.csv"
    return "", [], ""


@rule
def check_observations(tables: Tables, observations: Frame) -> Iterator[Fault]:
    """What was counted has units, periods, places and directions that fit, and parts that fit their whole."""
    yield from observation_rules.faults(tables, observations)


@rule
def check_posterior(tables: Tables, posterior: Frame) -> Iterator[Fault]:
    """An estimated parameter moves numbers that are there, and its rows agree."""
    known = {name: keys(name, tables[name]) for name in tables if name != "provenance"} if len(posterior) else {}
    for row in indexed_rows(posterior):
        column, near, expected = _astray(known, row)
        if column:
            advice = f"correct the cell{did_you_mean(getattr(row, column), near)}"
            yield cell_fault("posterior", row, column, shown(getattr(row, column)), expected, advice)
    yield from posterior_rules.faults(tables, posterior)


@rule
def check_posterior_directions(posterior_directions: Frame) -> Iterator[Fault]:
    """A direction has one shrink, and loadings of length 1."""
    yield from posterior_rules.direction_faults(posterior_directions)


@rule
def check_provenance(tables: Tables, provenance: Frame) -> Iterator[Fault]:
    """Each row of provenance.csv is about a number and holds it in its band; no number is without a row."""
    if provenance.empty:
        return
    known = {name: keys(name, tables[name]) for name in tables if name != "provenance"}
    numbers = _numbers(tables, known)
    told = set()
    for row in indexed_rows(provenance):
        place = (row.table, row.key, row.column)
        told.add(place)
        value = numbers.get(place, (math.nan,))[0]
        if place not in numbers and (row.table in tables or row.table not in dictionary()):
            column, _, expected = _astray(known, row)
            expected = expected or f"a row of {row.table}.csv with a number in {row.column}"
            found = shown(getattr(row, column or "key"))
            yield cell_fault("provenance", row, column or "key", found, expected, "correct or remove the row")
        elif row.status in NEEDS_BAND and (math.isnan(row.low) or math.isnan(row.high)):
            expected = f"low and high, as the number is {row.status}"
            yield cell_fault("provenance", row, "low", BLANK, expected, "say how far it may lie off")
        elif row.low > value or (value > row.high and math.isfinite(value)):
            found = f"low {number_text(row.low)} and high {number_text(row.high)}"
            expected = f"{number_text(value)} between them, as {row.table}.csv has in {row.column}"
            yield cell_fault("provenance", row, "low", found, expected, "correct the band or the number")
    for (table, key, column), (value, line) in numbers.items():
        if (table, key, column) not in told and fields(table)[column].get("provenance", True):
            advice = f"add where it comes from to provenance.csv, under key {shown(key)}"
            yield cell_fault(table, line, column, f"{number_text(value)} without provenance", "a source", advice)


def _numbers(tables: Tables, known: Keys) -> dict[tuple[str, str, str], tuple[float, int]]:
    """Return every number that is not blank and its row, by table, key and column."""
    numbers = {}
    for name, names in known.items():
        lines = tables[name].index.tolist()
        for column in [column for column, field in fields(name).items() if is_numeric(field)]:
            for key, line, value in zip(names, lines, tables[name][column].tolist(), strict=True):
                if not math.isnan(value):
                    numbers[name, key, column] = (value, line)
    return numbers
