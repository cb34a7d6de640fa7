"""Road networks with delays in GMNS (`corridors.exchange.gmns` says how its tables are read).

GMNS has no delay functions of its own. Columns that come with many networks are read: ``vdf_alpha`` (or
``vdf_alpha1``) and ``vdf_beta`` (or ``vdf_beta1``) of ``time * (1 + alpha * (flow / capacity) ^ beta)``, and
``vdf_fftt``, the free time in minutes. Where they are blank or not there, alpha is 0.15 and beta 4, as the Bureau of
Public Roads (1964) had it, and the free time is length / free_speed. Times and costs are hours.

* ``toll`` costs its factor, which the user gives, in hours a unit; and so does a unit of length.
* A link without a capacity takes as long however many use it. A link of no lanes is closed, and left out.
* Of several classes of trips, those that name no table of their own take the rows of ``demand.csv`` with their name in
  its column ``user_class``, ``mode_type``, ``agent_type``, ``vehicle_type`` or ``mode``, the first of these there is.
* Each way of a link that is not ``directed`` has the whole capacity, and crowds by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from corridors.exchange.csv_tables import CsvTable
from corridors.exchange.gmns import Parts, parts
from corridors.exchange.gmns_unread import unread
from corridors.exchange.numbers import called, many
from corridors.exchange.road_classes import class_trips, refuse_shared, told_of
from corridors.exchange.roads import Factors, RoadClass, RoadNetwork
from corridors.models.arrays import FloatArray
from corridors.models.assignment.problem import AssignmentProblem, LinkCosts

ALPHA, BETA = 0.15, 4.0  # Bureau of Public Roads (1964)
_MINUTES = 60.0
_CLASS = ("user_class", "mode_type", "agent_type", "vehicle_type", "mode")  # columns of demand


def read(folder: Path, factors: Factors) -> RoadNetwork:
    """Read a network with its delays, and its demand.

    Raises
    ------
    DataError
        If a table is missing or a cell is wrong; the sentence names file, line and column.
    """
    classes = factors.classes
    made = parts(folder, [one.trips for one in classes] or [None])
    volumes, named = _of_classes(folder, made, classes)
    hours, alpha, beta, told = _delays(made)
    zones = made.zone_arcs[0].size
    each_way = np.concatenate((np.arange(made.tail.size), made.back))
    turned = np.arange(each_way.size) >= made.tail.size
    open_ = np.flatnonzero(made.capacity[each_way] > 0)
    link = each_way[open_]
    ends = np.where(turned[open_], (made.head[link], made.tail[link]), (made.tail[link], made.head[link]))
    capacity = np.concatenate((made.capacity[link], np.full(zones, np.inf)))
    by_class = [_fixed(made, terms)[link] for terms in _factors(factors)]
    fixed = np.stack([np.concatenate((one, np.zeros(zones))) for one in by_class])
    costs = LinkCosts(
        fixed=np.zeros(fixed.shape[1]) if classes else fixed[0],
        free_time=np.concatenate((hours[link], np.zeros(zones))),
        steepness=np.where(np.isfinite(capacity), np.concatenate((alpha[link], np.zeros(zones))), 0.0),
        capacity=capacity,
        power=np.concatenate((beta[link], np.ones(zones))),
    )
    amount, class_ = class_trips(classes, volumes) if classes else (made.volumes[0], None)
    problem = AssignmentProblem(
        node_count=made.vertices,
        tail=np.concatenate((ends[0], made.zone_arcs[0])),
        head=np.concatenate((ends[1], made.zone_arcs[1])),
        costs=costs,
        origin=made.ends[0],
        destination=made.ends[1],
        amount=amount,
        class_=class_,
        class_fixed=fixed if classes else None,
    )
    ids = [name or str(row) for row, name in enumerate(made.links.ids("link_id"), start=1)]
    used = list(_read_columns(made.links, factors))
    read = [*used, *named]
    passed = [one for demand in made.demands for one in unread(folder, made.links, demand, read)]
    return RoadNetwork(
        problem=problem,
        notices=(*made.notices, *told, *_said(made, factors, volumes), *dict.fromkeys(passed)),
        nodes=[*made.ids, *[""] * (made.vertices - len(made.ids))],
        links=[ids[row] for row in link.tolist()] + [""] * zones,
        origins=[zone for demand in made.demands for zone in demand.ids("o_zone_id")],
        destinations=[zone for demand in made.demands for zone in demand.ids("d_zone_id")],
        classes=classes,
    )


def _of_classes(
    folder: Path, made: Parts, classes: Sequence[RoadClass]
) -> tuple[tuple[FloatArray, ...], tuple[str, ...]]:
    """Return the trips of each class, 0 in rows that are not its own, and the column that says whose they are."""
    own = [place for place, one in enumerate(classes) if one.trips is None]
    column = next((name for name in _CLASS if own and any(made.demands[own[0]].cells(name))), None)
    if column is None:
        refuse_shared(folder, classes, ", or a column user_class to its demand.csv")
        return made.volumes, ()
    names, volumes = [classes[place].name for place in own], list(made.volumes)
    cells = made.demands[own[0]].ids(column)
    for row, cell in enumerate(cells):
        if cell not in names:
            expected = f"a class of its trips: {', '.join(names)}"
            raise made.demands[own[0]].fault(row, column, expected, "correct the cell, or add --class for it")
    for place, name in zip(own, names, strict=True):
        volumes[place] = np.where([cell == name for cell in cells], volumes[place], 0.0)
    return tuple(volumes), (column,)


def _one_of(links: CsvTable, *columns: str) -> str:
    """Return the first of some columns that is there, or the first."""
    return next((column for column in columns if column in links), columns[0])


def _delays(made: Parts) -> tuple[FloatArray, FloatArray, FloatArray, tuple[str, ...]]:
    """Return free hours, alpha and beta of each link, (links,) each, and notices of what is assumed of them."""
    links = made.links
    alpha_of, beta_of = _one_of(links, "vdf_alpha", "vdf_alpha1"), _one_of(links, "vdf_beta", "vdf_beta1")
    alpha = links.numbers(alpha_of, "a number of 0 or more, or a blank", blank=ALPHA)
    beta = links.numbers(beta_of, "a power of 0 or more, or a blank", blank=BETA)
    minutes = links.numbers("vdf_fftt", "minutes of 0 or more, or a blank", blank=np.inf)
    hours = np.where(np.isfinite(minutes), minutes / _MINUTES, made.hours)
    blank = sum(not (one and other) for one, other in zip(links.cells(alpha_of), links.cells(beta_of), strict=True))
    if not blank:
        return hours, alpha, beta, ()
    whose = many(blank, "link")
    assumed = f"time on {whose} grows by {ALPHA} x (flow / capacity)^{BETA:.0f}, as nothing else is said of them"
    return hours, alpha, beta, (f"{called(links.path)}: {assumed}",)


def _factors(factors: Factors) -> list[Factors]:
    """Return the factors of each class, or those of all."""
    own = [
        Factors(
            toll=factors.toll if one.toll is None else one.toll,
            distance=factors.distance if one.distance is None else one.distance,
        )
        for one in factors.classes
    ]
    return own or [factors]


def _terms(factors: Factors) -> list[str]:
    """Say what factors add to hours."""
    return [
        f"{factor:.10g} x {what}" for factor, what in ((factors.toll, "toll"), (factors.distance, "length")) if factor
    ]


def _fixed(made: Parts, factors: Factors) -> FloatArray:
    """Return what a trip on each link costs beside time, in hours, (links,)."""
    fixed = (factors.distance or 0.0) * made.length
    if factors.toll:
        fixed = fixed + factors.toll * made.links.numbers("toll", "a toll of 0 or more, or a blank", blank=0.0)
    return fixed


def _said(made: Parts, factors: Factors, volumes: Sequence[FloatArray]) -> Iterator[str]:
    """Yield notices of what costs are made of, and of links that are left out or lead both ways."""
    place = called(made.links.path)
    for one, own, volume in zip(factors.classes, _factors(factors), volumes, strict=False):
        yield f"{place}: {told_of(one, volume, _terms(own))}"
    said = _terms(factors)
    if said and not factors.classes:
        yield f"{place}: a trip costs its hours + {' + '.join(said)}"
    if made.back.size:
        yield f"{place}: {many(made.back.size, 'link')} read both ways; each way has the whole capacity"
    closed = int(np.count_nonzero(made.capacity == 0))
    if closed:
        yield f"{place}: {many(closed, 'link')} without a lane or a capacity above 0 left out"


def _read_columns(links: CsvTable, factors: Factors) -> Iterator[str]:
    """Yield the columns that are read here and not in the linear problem."""
    yield _one_of(links, "vdf_alpha", "vdf_alpha1")
    yield _one_of(links, "vdf_beta", "vdf_beta1")
    yield "vdf_fftt"
    if any(one.toll for one in _factors(factors)):
        yield "toll"
