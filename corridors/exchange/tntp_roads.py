"""Road networks with delays in the TNTP format (`corridors.exchange.tntp` says how its files are made).

Time on a link is ``free flow time * (1 + B * (flow / capacity) ^ power)``, and a trip costs that,
``<TOLL FACTOR>`` x toll and ``<DISTANCE FACTOR>`` x length, in the file's unit of time, as the README of the
TransportationNetworks collection says; what a file does not say the user may. A capacity may be 0 where nothing grows
with it: such files have B = 0, or 1 for a capacity and a B that is divided by it.
"""

from __future__ import annotations

import numpy as np

from corridors.exchange.numbers import Text, called, many
from corridors.exchange.road_classes import class_trips, refuse_shared, told_of
from corridors.exchange.roads import Factors, RoadClass, RoadNetwork
from corridors.exchange.tntp import (
    CAPACITY,
    DISTANCE_FACTOR,
    LENGTH,
    POWER,
    STEEPNESS,
    TIME,
    TOLL,
    TOLL_FACTOR,
    Parts,
    parts,
)
from corridors.models.arrays import FloatArray
from corridors.models.assignment.problem import AssignmentProblem, LinkCosts


def read(text: Text, factors: Factors) -> RoadNetwork:
    """Read a network with its delays, and the trips beside it.

    Raises
    ------
    DataError
        If either file is missing, not in this format, or has no delays; the sentence names the file and the line.
    """
    refuse_shared(text.path, factors.classes)
    made = parts(text, [one.trips for one in factors.classes] or [None])
    if not made.has(POWER):
        expected = "B and power of each link (columns 6 and 7), by which its time grows"
        raise made.body.fault(made.table.begin, expected, "add them; corridors solve takes times as constant")
    fixed, told = _fixed(made, factors)
    classes, trips = factors.classes, made.trips
    costs = LinkCosts(
        fixed=np.zeros(fixed.shape[1]) if classes else fixed[0],
        free_time=made.amounts(TIME, "a free flow time"),
        steepness=made.amounts(STEEPNESS, "a B"),
        capacity=_capacity(made),
        power=made.amounts(POWER, "a power"),
    )
    names = [str(node) for node in range(1, made.nodes + 1)]
    amount, class_ = class_trips(classes, [one.amount for one in made.tables]) if classes else (trips.amount, None)
    problem = AssignmentProblem(
        node_count=made.nodes,
        tail=made.ends[0],
        head=made.ends[1],
        costs=costs,
        origin=trips.origin,
        destination=trips.destination,
        amount=amount,
        closed=np.arange(made.nodes) < made.zones,
        class_=class_,
        class_fixed=fixed if classes else None,
    )
    return RoadNetwork(
        problem=problem,
        notices=(*told, *made.notices),
        nodes=names,
        links=[str(number) for number in range(1, problem.tail.size + 1)],
        origins=[names[node] for node in trips.origin.tolist()],
        destinations=[names[node] for node in trips.destination.tolist()],
        classes=classes,
    )


def _capacity(made: Parts) -> FloatArray:
    """Return the capacity of each link, (links,), above 0 where time grows with its use."""
    capacity = made.amounts(CAPACITY, "a capacity")
    crowds = (made.table.values[:, STEEPNESS] > 0) & (made.table.values[:, TIME] > 0)
    expected = f"a capacity (column {CAPACITY + 1}) above 0, as time on the link grows with its use"
    made.body.require(made.table, ~crowds | (capacity > 0), expected, "correct the line")
    return capacity


def _fixed(made: Parts, factors: Factors) -> tuple[FloatArray, tuple[str, ...]]:
    """Return what a trip on each link costs beside time, a row a class, and notices of what it is made of."""
    rows, first, rest = [], [], []
    for place, one in enumerate(factors.classes or (None,)):
        fixed, terms, notices = _terms(made, factors, one)
        rows.append(fixed)
        rest += [notice for notice in notices if notice not in rest]
        if one is not None:
            first.append(told_of(one, made.tables[place].amount, terms))
        elif terms:
            first.append(f"a trip costs its time + {' + '.join(terms)}")
    said = tuple(f"{called(made.text.path)}: {one}" for one in (*first, *rest, *made.unknown()))
    return np.stack(rows), said


def _terms(made: Parts, factors: Factors, one: RoadClass | None) -> tuple[FloatArray, list[str], list[str]]:
    """Return what a trip on each link costs beside time, (links,), its terms, and notices; what a class says holds."""
    fixed, terms, notices = np.zeros(len(made.table.values)), [], []
    for tag, asked, sure, column, what in (
        (TOLL_FACTOR, factors.toll, one and one.toll, TOLL, "toll"),
        (DISTANCE_FACTOR, factors.distance, one and one.distance, LENGTH, "length"),
    ):
        own = made.factor(tag)
        factor = sure if sure is not None else asked if own is None else own
        if sure is None and own is not None and asked is not None and own != asked:
            notices.append(f"its own <{tag}> of {own:.10g} holds, not the {asked:.10g} that was asked for")
        if factor:
            if not made.has(column):
                expected = f"a {what} of each link (column {column + 1}), for the factor of {factor:.10g}"
                raise made.body.fault(made.table.begin, expected, "add the column, or leave the factor out")
            fixed = fixed + factor * made.amounts(column, f"a {what}")
            terms.append(f"{factor:.10g} x {what}")
        elif factor is None and column == TOLL and made.has(TOLL) and made.table.values[:, TOLL].any():
            tolled = many(int(np.count_nonzero(made.table.values[:, TOLL])), "link")
            whose = f" to class {one.name}: add toll=TIME" if one else ": add --toll-factor"
            notices.append(f"the tolls of {tolled} are not read, as nothing says what they are worth{whose}")
    return fixed, terms, notices
