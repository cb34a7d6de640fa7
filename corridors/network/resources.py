"""What is shared and limited: the capacities of links, terminals and pools, and which arcs take them.

The last step of building a network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.frames import rows
from corridors.network import ids
from corridors.network.arcs import GAUGE, TRANSHIP, ArcLists
from corridors.network.network import Resource
from corridors.network.numbering import NONE
from corridors.network.valuation import capacities
from corridors.network.yearly import capacities_of

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.network.handling import Scope
    from corridors.network.numbering import ArcRows, Numbering
    from corridors.tables.dataset import Dataset


def resources(
    dataset: Dataset, year: int, numbering: Numbering, arcs: ArcRows
) -> tuple[tuple[Resource, ...], ArcLists]:
    """Return what arcs share, numbered as arcs first take it, and the arcs that take each.

    An arc takes the row behind it, if that has a capacity, and then the pool of the row. A row for every place is a
    resource of its own at each.
    """
    pools = _pools(dataset, year)
    links, terminals = dataset["links"], dataset["terminals"]
    held = np.concatenate([capacities_of(dataset, table, year) for table in ("links", "terminals")])
    limited, pool = _of_rows(held, [links, terminals], {one: number for number, one in enumerate(pools)})
    borders = limited.size - 1  # one for all, because they limit nothing
    start = {"links": 0, "terminals": len(links)}
    behind = [start[one.table] + one.row if one.table in start else borders for one in arcs.handlings]
    row = arcs.values(np.arange(len(links)), behind)
    everywhere = arcs.values(np.zeros(len(links), dtype=np.bool_), [one.everywhere for one in arcs.handlings])
    own = np.where(limited[row], row + limited.size * np.where(everywhere, arcs.place + 1, 0), NONE)
    pooled = limited.size * (len(numbering.nodes) + 1)  # codes of pools follow those of rows at places
    taken = np.stack([own, np.where(pool[row] == NONE, NONE, pooled + pool[row])], axis=1)
    arc, column = np.nonzero(taken != NONE)
    number, codes = pd.factorize(taken[arc, column])
    first = arc[np.unique(number, return_index=True)[1]]
    words = _Words(dataset, numbering, arcs)
    shared = list(pools.values())
    found = [
        shared[code - pooled] if code >= pooled else words.resource(one, at_place=code >= limited.size)
        for code, one in zip(codes.tolist(), first.tolist(), strict=True)
    ]
    has = capacities(dataset, year, [(one.table, one.rows) for one in found]).tolist()
    starts = np.concatenate([[0], np.cumsum(np.bincount(number, minlength=len(found)))])
    lists = ArcLists(arc[np.argsort(number, kind="stable")], starts.astype(np.int64))
    return tuple(one._replace(capacity=capacity) for one, capacity in zip(found, has, strict=True)), lists


def _pools(dataset: Dataset, year: int) -> dict[str, Resource]:
    """Return the pools that have a limit; before the first of its dates a pool has nothing."""
    found: dict[str, Resource] = {}
    opened: dict[str, str] = {}
    for number, row in enumerate(rows(dataset["pools"])):
        new = Resource(ids.of_pool(row.pool), row.name_en, row.capacity_unit, 0.0, "pools", load_class=row.load_class)
        before = found.get(row.pool, new)
        if not row.year_open > year:
            opened[row.pool] = row.name_en
        found[row.pool] = before._replace(where=opened.get(row.pool, before.where), rows=(*before.rows, number))
    limits = capacities(dataset, year, [(one.table, one.rows) for one in found.values()])
    return {pool: found[pool] for pool, limit in zip(found, limits.tolist(), strict=True) if np.isfinite(limit)}


def _of_rows(held: FloatArray, frames: list[pd.DataFrame], pools: dict[str, int]) -> tuple[np.ndarray, IntArray]:
    """Say which rows of some tables have a limit to what they take, `held`, and which pool each belongs to.

    A last row has neither.
    """
    limited = np.append(held, np.inf)
    pool = [pools.get(name, NONE) for frame in frames for name in frame["pool"].tolist()]
    return np.isfinite(limited), np.array([*pool, NONE], dtype=np.int64)


_NAMING = ("link", "name_en", "from_node", "to_node", "mode", "capacity_unit", "load_class")


class _Words:
    """Names limited resources."""

    def __init__(self, dataset: Dataset, numbering: Numbering, arcs: ArcRows) -> None:
        self._arcs, self._nodes = arcs, numbering.nodes
        self._name = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["name_en"], strict=True))
        columns = (dataset["links"][name].tolist() for name in _NAMING)
        self._links = list(zip(*columns, strict=True))
        terminals = dataset["terminals"]
        self._units = list(zip(terminals["capacity_unit"].tolist(), terminals["load_class"].tolist(), strict=True))

    def resource(self, arc: int, *, at_place: bool) -> Resource:
        """Return the resource of the row behind an arc, without its capacity; `at_place` if at that place alone."""
        if self._arcs.handling[arc] == NONE:
            row = int(self._arcs.link[arc])
            link, name, start, end, mode, unit, load_class = self._links[row]
            where = name or f"{self._name[start]} - {self._name[end]} ({mode})"
            return Resource(link, where, unit, 0.0, "links", (row,), load_class=load_class)
        handling = self._arcs.handlings[self._arcs.handling[arc]]
        place = str(self._nodes[self._arcs.place[arc]])
        name = ids.at_place(handling.id, place) if at_place else handling.id
        where = f"{self._name[place]}, {_done(handling.scope)}"
        unit, load_class = self._units[handling.row]
        here = place if at_place else ""
        return Resource(name, where, unit, 0.0, handling.table, (handling.row,), here, load_class)


def _done(scope: Scope) -> str:
    if scope.kind == TRANSHIP:
        return f"{scope.from_mode} to {scope.to_mode}"
    return "gauge change" if scope.kind == GAUGE else f"{scope.kind} {scope.to_mode or scope.from_mode}"
