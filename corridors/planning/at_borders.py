r"""What a plan's freight does at each crossing of a frontier, by direction: tonnes, boxes, vehicles, capacity, waiting.

A crossing is all links of one mode between two places in different countries, a port with a port among them. With
:math:`x_p` the tonnes on path p, :math:`n_{cp}` how often it runs crossing c in its direction, and :math:`h_{cp}` the
hours of its stays on both sides of it (`planning.stays`),

.. math::

   \text{wait}_c = \frac{\sum_p x_p h_{cp}}{\sum_p x_p n_{cp}}

Vehicles are loaded ones, by the net tonnes of a loaded train, lorry or flight (`t_per_unit` of loads.csv, of every
line); empties run beside them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from corridors.network.arcs import BORDER
from corridors.network.numbering import coded
from corridors.network.passing import Passing
from corridors.planning.freight import T_PER_KT
from corridors.planning.results import ORDER_DIGITS, SMALLEST_KT
from corridors.planning.stays import NONE, queue_hours, stays_of
from corridors.tables.loads import EVERY, EVERY_LINE

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.models.problem import FlowSolution
    from corridors.network.network import Network
    from corridors.planning.freight import Freight

TEXTS = ("crossing", "name_en", "mode", "from_node", "to_node", "from_country", "to_country", "limit")
COLUMNS = (
    *TEXTS[:-1],
    "kt",
    "teu",
    "vehicles_day",
    "capacity_day",
    "utilisation",
    "limit",
    "limit_crossings",
    "wait_hours",
)
KINDS = {name: "object" if name in TEXTS else "float64" for name in COLUMNS}
A_DAY = "_day"  # how units of capacity end that are a rate by day
DAYS = 365.0


class Crossing(NamedTuple):
    """A way over a frontier, in one direction."""

    mode: str
    from_node: str
    to_node: str


@dataclass(frozen=True, eq=False)
class Crossings:
    """The N crossings of a network by direction, and which of its A arcs run each.

    Attributes
    ----------
    listed
        In the order of the table.
    frontier
        A number for each that both directions have in common, (N,).
    of_arc
        The crossing of each arc, `NONE` where it crosses no frontier, (A,).
    """

    listed: tuple[Crossing, ...]
    frontier: tuple[int, ...]
    of_arc: IntArray


def crossings(network: Network, passing: Passing) -> Crossings:
    """Return the crossings of a network, named by both places, the home country's first."""
    arcs, place = network.arcs, network.places
    over = np.flatnonzero(passing.over)
    named = [
        Crossing(mode, one, other)
        for mode, one, other in zip(
            arcs.mode[over].tolist(), place[arcs.tail[over]].tolist(), place[arcs.head[over]].tolist(), strict=True
        )
    ]
    home = network.dataset.home_country
    listed = sorted({*named}, key=lambda one: (_name(one, passing, home), one.mode, one.from_node))
    number = {one: row for row, one in enumerate(listed)}
    of_arc = np.full(len(arcs), NONE)
    of_arc[over] = [number[one] for one in named]
    both, _ = coded([(_name(one, passing, home), one.mode) for one in listed])
    return Crossings(tuple(listed), tuple(both.tolist()), of_arc)


def _ends(one: Crossing, passing: Passing, home: str) -> tuple[str, str]:
    """Return the places of a crossing, whatever its direction: the home country's first, or else by their ids."""
    first, last = sorted((one.from_node, one.to_node), key=lambda node: (passing.country[node] != home, node))
    return first, last


def _name(one: Crossing, passing: Passing, home: str) -> str:
    return "-".join(_ends(one, passing, home))


def borders(freight: Freight, solution: FlowSolution, bottlenecks: pd.DataFrame) -> pd.DataFrame:
    """Return every crossing by direction, used or not, with the columns `COLUMNS`.

    Parameters
    ----------
    freight, solution
        The posed year, and its certified answer.
    bottlenecks
        Its table of limits, with `queue_days`.

    Returns
    -------
    DataFrame
        Of the limits that what crosses must take, `limit` is the fullest, `utilisation` its use by both directions and
        whatever else takes it, `capacity_day` what it has a day, where its unit is a rate by day, and
        `limit_crossings` how many crossings share it, both directions of one counted once. `wait_hours` is the time of
        a mean tonne at the crossing, formalities and transfers among it; blank where nothing crosses.
    """
    network = freight.network
    passing = Passing(network)
    found = crossings(network, passing)
    kt, wait = _carried(freight, solution, bottlenecks, passing, found)
    name = dict(
        zip(network.dataset["nodes"]["node"].tolist(), network.dataset["nodes"]["name_en"].tolist(), strict=True)
    )
    ends = [_ends(one, passing, network.dataset.home_country) for one in found.listed]
    frame = pd.DataFrame(
        {
            "crossing": ["-".join(two) for two in ends],
            "name_en": [" - ".join(name[node] for node in two) for two in ends],
            **{column: [getattr(one, column) for one in found.listed] for column in ("mode", "from_node", "to_node")},
            "from_country": [passing.country[one.from_node] for one in found.listed],
            "to_country": [passing.country[one.to_node] for one in found.listed],
            "kt": kt.sum(axis=1),
            "teu": kt @ _per_kt(freight, _boxes(freight)),
            "vehicles_day": _vehicles(freight, found, kt),
            **_limits(freight, bottlenecks, found),
            "wait_hours": wait,
        }
    )
    return frame[list(COLUMNS)]


def _carried(
    freight: Freight, solution: FlowSolution, bottlenecks: pd.DataFrame, passing: Passing, found: Crossings
) -> tuple[FloatArray, FloatArray]:
    """Return kt by crossing and commodity, (N, commodities), and the hours of a mean tonne there, (N,)."""
    paths, count = solution.paths, len(found.listed)
    tonnes = np.where(solution.path_flow > SMALLEST_KT * T_PER_KT, solution.path_flow, 0.0)
    crossed = found.of_arc[paths.arc]
    step = np.flatnonzero(crossed != NONE)
    commodity = freight.commodity[freight.problem.class_[paths.demand]][paths.path[step]]
    size = len(freight.costs.commodities)
    weight = tonnes[paths.path[step]]
    passed = np.bincount(crossed[step] * size + commodity, weight, count * size).reshape(count, size)
    stays = stays_of(passing.over, freight.network, paths, queue_hours(freight, paths, bottlenecks))
    spent = np.zeros(count)
    for beside in (stays.before, stays.after):
        at = np.where(beside != NONE, found.of_arc[beside], NONE)
        some = at != NONE
        spent += np.bincount(at[some], (tonnes[stays.path] * stays.hours)[some], count)
    whole = passed.sum(axis=1)
    return passed / T_PER_KT, np.divide(spent, whole, out=np.full(count, np.nan), where=whole > 0)


def _per_kt(freight: Freight, tonnes: dict[str, float]) -> FloatArray:
    """Return how many boxes or vehicles a kt of each commodity is, by their tonnes; 0 of what has none."""
    load = np.array([tonnes.get(name, math.nan) for name in freight.costs.commodities], dtype=np.float64)
    return np.nan_to_num(T_PER_KT / load)


def _boxes(freight: Freight) -> dict[str, float]:
    table = freight.network.dataset["commodities"]
    return dict(zip(table["commodity"].tolist(), table["t_per_teu"].tolist(), strict=True))


def _vehicles(freight: Freight, found: Crossings, kt: FloatArray) -> FloatArray:
    """Return the loaded vehicles a day at each crossing, (N,).

    NaN of modes whose vehicles have no load, and where something crosses that has none: the rest would be too few.
    """
    vehicles = np.full(len(found.listed), np.nan)
    mode = np.array([one.mode for one in found.listed], dtype=np.object_)
    for name, unit in _units(freight).items():
        each = _per_kt(freight, _loaded(freight, unit))
        known = (mode == name) & ~(kt[:, each == 0] > 0).any(axis=1)
        vehicles[known] = kt[known] @ each / DAYS
    return vehicles


def _units(freight: Freight) -> dict[str, str]:
    """Return the unit of the vehicles of each mode: that of most of its links, among those with a load a vehicle."""
    dataset = freight.network.dataset
    loads = dataset["loads"]
    known = {*loads.loc[loads["t_per_unit"].notna() & loads["capacity_unit"].str.endswith(A_DAY), "capacity_unit"]}
    pairs = Counter(zip(dataset["links"]["mode"].tolist(), dataset["links"]["capacity_unit"].tolist(), strict=True))
    ranked = sorted(pairs, key=lambda pair: (pairs[pair], pair))  # the last of a mode is that of most links
    return {mode: unit for mode, unit in ranked if unit in known}


def _loaded(freight: Freight, unit: str) -> dict[str, float]:
    """Return the net tonnes of a loaded vehicle by commodity: its own row of every line, or that of any commodity."""
    loads = freight.network.dataset["loads"]
    mine = loads[(loads["capacity_unit"] == unit) & (loads["load_class"] == EVERY_LINE) & loads["t_per_unit"].notna()]
    told: dict[str, float] = dict(zip(mine["commodity"].tolist(), mine["t_per_unit"].tolist(), strict=True))
    return {name: told.get(name, told.get(EVERY, math.nan)) for name in freight.costs.commodities}


def _limits(freight: Freight, bottlenecks: pd.DataFrame, found: Crossings) -> dict[str, list[Any]]:
    """Return of each crossing the fullest limit that what crosses takes: on the way over it, or at its formalities."""
    network = freight.network
    use = dict(zip(bottlenecks["resource"].tolist(), bottlenecks["utilisation"].tolist(), strict=True))
    share = np.array([use[one.resource] for one in network.resources], dtype=np.float64)
    resource, crossing = _taken(network, found)
    frontier = np.array([found.frontier[row] for row in crossing.tolist()], dtype=np.int64)
    shared = np.bincount(np.unique(np.stack([resource, frontier]), axis=1)[0], minlength=share.size)
    full = np.where([one.capacity > 0 for one in network.resources], share.round(ORDER_DIGITS), np.inf)
    # of each crossing what is closed, then the fullest; of those as full as each other the one that fewest share
    order = np.lexsort((resource, shared[resource], -full[resource], crossing))
    first = order[np.unique(crossing[order], return_index=True)[1]]
    fullest: dict[int, int] = dict(zip(crossing[first].tolist(), resource[first].tolist(), strict=True))
    told = [fullest.get(row) for row in range(len(found.listed))]
    limit = [None if number is None else network.resources[number] for number in told]
    return {
        "capacity_day": [one.capacity if one and one.unit.endswith(A_DAY) else math.nan for one in limit],
        "utilisation": [math.nan if number is None else share[number] for number in told],
        "limit": [one.resource if one else "" for one in limit],
        "limit_crossings": [math.nan if number is None else float(shared[number]) for number in told],
    }


def _taken(network: Network, found: Crossings) -> tuple[IntArray, IntArray]:
    """Return the limits of crossings, each pair once: of their moves, and of formalities right before and behind."""
    arcs, count = network.arcs, len(network.vertices)
    over = np.flatnonzero(found.of_arc != NONE)
    formal = np.flatnonzero(arcs.kind == BORDER)
    shape = (len(found.listed), count)
    ones = np.ones(over.size)
    pairs: list[tuple[IntArray, IntArray]] = [(over, found.of_arc[over])]
    for near, far in (
        (arcs.tail, arcs.head),
        (arcs.head, arcs.tail),
    ):  # a formality ends where a move begins, and so on
        at = sparse.csr_array((ones, (found.of_arc[over], near[over])), shape=shape).tocsc()
        touching = at[:, far[formal]].tocoo()
        pairs.append((formal[touching.col].astype(np.int64), touching.row.astype(np.int64)))
    arc, crossing = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
    owner, taken = network.resource_arcs.owner, network.resource_arcs.arc
    by_arc = sparse.csr_array((np.ones(taken.size), (taken, owner)), shape=(len(arcs), len(network.resources)))
    chosen = by_arc[arc].tocoo()
    both = np.unique(np.stack([crossing[chosen.row], chosen.col]), axis=1)
    return both[1].astype(np.int64), both[0].astype(np.int64)
