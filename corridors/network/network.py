"""The virtual network: what freight can do, as vertices and arcs.

A vertex is a place in a mode and a gauge; an arc is one of `move`, `load`, `unload`, `tranship`, `gauge`,
`border` (Jourquin & Beuthe 1996; Sheffi 1985 calls it a hypernetwork). The builder turns the tables of a
data package into that network for one year; it knows no place, corridor or price by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corridors.errors import DataError
from corridors.frames import rows
from corridors.network.handling import Change, Changes, is_open

if TYPE_CHECKING:
    import networkx as nx

    from corridors.tables.dataset import Dataset

NOT_A_STOP = frozenset({"fix", "waypoint", "crossing", "gate"})  # places where no freight begins or ends


class Vertex(NamedTuple):
    """A place in a mode and a gauge; `role` is origin, destination, stop or frontier."""

    place: str
    role: str
    mode: str = ""
    gauge_mm: int = 0

    def __str__(self) -> str:
        """Give a readable name, used in exported LP files."""
        gauge = str(self.gauge_mm) if self.gauge_mm else ""
        return f"{self.place}/{self.mode}{gauge}" if self.role == "stop" else f"{self.place}/{self.role}"


class Arc(NamedTuple):
    """One thing freight can do between two vertices.

    `km` is 0 for all but moves; `hours` is the time in the network's running conditions; `link` and
    `terminal` name the row of the data package behind the arc; `cargo` holds the cargo groups that may
    use it (empty: all); `countries` are those the arc touches.
    """

    tail: int
    head: int
    kind: str
    mode: str
    link: str
    terminal: str
    km: float
    hours: float
    usd_per_t: float
    usd_per_teu: float
    kgco2e_per_t: float
    country: str
    cargo: frozenset[str]
    countries: frozenset[str]


class Resource(NamedTuple):
    """Something shared and limited: `capacity` in `unit` over the year."""

    resource: str
    where: str
    unit: str
    capacity: float


@dataclass(frozen=True, eq=False)
class Network:
    """The virtual network of one year under one set of running figures.

    Attributes
    ----------
    vertices, arcs, resources
        Tuples; arcs point to vertices by position.
    uses
        For each resource the positions of the arcs that take it.
    """

    dataset: Dataset
    year: int
    running: str
    vertices: tuple[Vertex, ...]
    arcs: tuple[Arc, ...]
    resources: tuple[Resource, ...]
    uses: tuple[tuple[int, ...], ...]

    @cached_property
    def position(self) -> dict[Vertex, int]:
        """Position of each vertex."""
        return {vertex: number for number, vertex in enumerate(self.vertices)}

    @cached_property
    def tail(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Start of each arc, shape (arcs,)."""
        return np.array([arc.tail for arc in self.arcs], dtype=np.int64)

    @cached_property
    def head(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """End of each arc, shape (arcs,)."""
        return np.array([arc.head for arc in self.arcs], dtype=np.int64)

    @cached_property
    def hours(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Time on each arc, shape (arcs,)."""
        return np.array([arc.hours for arc in self.arcs], dtype=np.float64)

    @cached_property
    def resources_of(self) -> dict[int, tuple[int, ...]]:
        """The resources that each arc takes, by arc position."""
        taken: dict[int, list[int]] = {}
        for number, arcs in enumerate(self.uses):
            for arc in arcs:
                taken.setdefault(arc, []).append(number)
        return {arc: tuple(numbers) for arc, numbers in taken.items()}

    def place(self, vertex: int) -> str:
        """Give the place of a vertex."""
        return self.vertices[vertex].place

    def arc_name(self, arc: int) -> str:
        """Give a readable, unique-enough name of an arc for exported files."""
        one = self.arcs[arc]
        return f"{one.link or one.terminal or one.kind}>{self.vertices[one.head]}"

    def graph(self) -> nx.MultiDiGraph:
        """Give the network as a networkx graph with the fields of `Vertex` and `Arc` as attributes."""
        import networkx as nx  # heavy, and only analysts of structure need it

        graph = nx.MultiDiGraph()
        for number, vertex in enumerate(self.vertices):
            graph.add_node(number, **vertex._asdict())
        for number, arc in enumerate(self.arcs):
            graph.add_edge(arc.tail, arc.head, key=number, **arc._asdict())
        return graph


def build(dataset: Dataset, year: int | None = None, running: str = "typical") -> Network:
    """Build the virtual network of a data package.

    Vertices, arcs and resources are numbered in the order of the keys of the rows behind them, so that the order of
    rows in a file decides nothing; `Network.dataset` has its rows in that order.

    Parameters
    ----------
    dataset
        A checked data package.
    year
        Links, terminals and pools that open later are left out; None takes the package's base year.
    running
        The set of running figures: a value of the column `running` of `modes.csv`.

    Raises
    ------
    DataError
        If `modes.csv` has no rows, or none for `running`, or a mode lacks running figures.
    """
    known = sorted(set(dataset["modes"]["running"]))
    if not known:
        raise DataError(
            "modes.csv has no rows yet: add running figures for each mode of links.csv "
            "(corridors data tables modes explains the columns)"
        )
    if running not in known:
        raise DataError(
            f"modes.csv has no running figures called '{running}'; it has {', '.join(known)}: choose one of these"
        )
    builder = _Builder(dataset.ordered(), dataset.base_year if year is None else year, running)
    builder.add_moves()
    builder.add_changes()
    return builder.finish()


class _Builder:
    """Collects vertices, arcs and resources; used once."""

    def __init__(self, dataset: Dataset, year: int, running: str) -> None:
        self.dataset = dataset
        self.year = year
        self.running = running
        nodes = dataset["nodes"]
        self.country = dict(zip(nodes["node"], nodes["country"], strict=True))
        self.kind = {node: set(kind.split(";")) for node, kind in zip(nodes["node"], nodes["kind"], strict=True)}
        self.name = dict(zip(nodes["node"], nodes["name_en"], strict=True))
        modes = dataset["modes"]
        modes = modes[modes["running"] == running]
        self.speed = dict(zip(modes["mode"], modes["speed_kmh"], strict=True))
        self.factor = dict(zip(modes["mode"], modes["speed_factor"], strict=True))
        self.changes = Changes(dataset, year, running)
        self.vertices: dict[Vertex, int] = {}
        self.arcs: list[Arc] = []
        self.resources: dict[str, Resource] = {}
        self.uses: dict[str, list[int]] = {}
        self.pools = _pools(dataset, year)

    def vertex(self, *parts: Any) -> int:
        return self.vertices.setdefault(Vertex(*parts), len(self.vertices))

    def add_moves(self) -> None:
        """Add each open link, in its directions, with its frontier if it crosses one."""
        for link in rows(self.dataset["links"]):
            if not is_open(link.year_open, self.year):
                continue
            if link.mode not in self.speed:
                raise DataError(
                    f"modes.csv has no '{self.running}' row for mode '{link.mode}' of link '{link.link}': add one"
                )
            gauge = 0 if np.isnan(link.gauge_mm) else int(link.gauge_mm)
            self._move(link, link.from_node, link.to_node, gauge)
            if link.both_ways:
                self._move(link, link.to_node, link.from_node, gauge)

    def _move(self, link: Any, start: str, end: str, gauge: int) -> None:
        tail = self.vertex(start, "stop", link.mode, gauge)
        head = self.vertex(end, "stop", link.mode, gauge)
        countries = {self.country[start], self.country[end], link.country, *filter(None, link.through.split(";"))}
        if self.country[start] != self.country[end]:
            before, after = self.changes.frontier(start, end, self.country[start], self.country[end], link.mode)
            tail = self._cross(tail, before, start, end, link.mode, gauge, leaving=True)
            head = self._cross(head, after, end, start, link.mode, gauge, leaving=False)
        own = link.speed_kmh * self.factor[link.mode] if link.speed_kmh > 0 else self.speed[link.mode]
        hours = link.km / own + link.hours_fixed
        arc = Arc(tail, head, "move", link.mode, link.link, "", link.km, hours, link.usd_per_t, 0.0, 0.0,
                  link.country, frozenset(), frozenset(countries))  # fmt: skip
        where = link.name_en or f"{self.name[link.from_node]} - {self.name[link.to_node]} ({link.mode})"
        self._add(arc, link.link, where, link.capacity, link.capacity_unit, link.pool)

    def _cross(
        self, vertex: int, changes: list[Change], place: str, beyond: str, mode: str, gauge: int, *, leaving: bool
    ) -> int:
        """Put the frontier formalities at `place` between `vertex` and the line beyond; give the outer vertex."""
        if not changes:
            return vertex
        outer = Vertex(place, f"frontier to {beyond}", mode, gauge)
        new = outer not in self.vertices
        side = self.vertex(*outer)
        if new:
            for change in changes:
                self._change(vertex, side, "border", change, place)
                self._change(side, vertex, "border", change, place)
        return side

    def add_changes(self) -> None:
        """Add loading, unloading, transhipment and gauge changes at every place."""
        at: dict[str, list[tuple[str, int]]] = {}
        for vertex in list(self.vertices):
            if vertex.role == "stop":
                at.setdefault(vertex.place, []).append((vertex.mode, vertex.gauge_mm))
        for place, forms in at.items():
            stop = {form: self.vertex(place, "stop", *form) for form in forms}
            if not self.kind[place] & NOT_A_STOP:
                origin, destination = self.vertex(place, "origin"), self.vertex(place, "destination")
                for mode, gauge in forms:
                    for change in self.changes.find("load", place, "", mode):
                        self._change(origin, stop[mode, gauge], "load", change, place)
                    for change in self.changes.find("unload", place, mode, ""):
                        self._change(stop[mode, gauge], destination, "unload", change, place)
            for here in forms:
                for there in forms:
                    if here != there:
                        self._between(place, here, there, stop)

    def _between(
        self, place: str, here: tuple[str, int], there: tuple[str, int], stop: dict[tuple[str, int], int]
    ) -> None:
        if here[0] == there[0]:
            found = self.changes.find("gauge", place, here[0], there[0], here[1], there[1])
            kind = "gauge"
        else:
            found = self.changes.find("tranship", place, here[0], there[0])
            kind = "tranship"
        for change in found:
            self._change(stop[here], stop[there], kind, change, place)

    def _change(self, tail: int, head: int, kind: str, change: Change, place: str) -> None:
        mode = change.to_mode or change.from_mode
        arc = Arc(tail, head, kind, mode, "", change.terminal, 0.0, change.hours, change.usd_per_t,
                  change.usd_per_teu, change.kgco2e_per_t, self.country[place], change.cargo,
                  frozenset({self.country[place]}))  # fmt: skip
        where = f"{self.name[place]}, {_words(kind, change)}"
        self._add(arc, f"{change.terminal}@{place}" if change.everywhere else change.terminal, where,
                  change.capacity, change.capacity_unit, change.pool)  # fmt: skip

    def _add(self, arc: Arc, row: str, where: str, capacity: float, unit: str, pool: str) -> None:
        self.arcs.append(arc)
        number = len(self.arcs) - 1
        if np.isfinite(capacity):
            self.resources.setdefault(row, Resource(row, where, unit, capacity))
            self.uses.setdefault(row, []).append(number)
        if pool and pool in self.pools:
            limit = self.pools[pool]
            self.resources.setdefault(limit.resource, limit)
            self.uses.setdefault(limit.resource, []).append(number)

    def finish(self) -> Network:
        """Freeze what was collected."""
        uses = tuple(tuple(self.uses[name]) for name in self.resources)
        return Network(
            self.dataset, self.year, self.running, tuple(self.vertices), tuple(self.arcs),
            tuple(self.resources.values()), uses,
        )  # fmt: skip


def _words(kind: str, change: Change) -> str:
    if kind == "tranship":
        return f"{change.from_mode} to {change.to_mode}"
    if kind == "gauge":
        return "gauge change"
    return f"{kind} {change.to_mode or change.from_mode}"


def _pools(dataset: Dataset, year: int) -> dict[str, Resource]:
    """Add up the capacities of each pool that are there in `year`: 0 before the first of them."""
    pools: dict[str, Resource] = {}
    for row in rows(dataset["pools"]):
        pool = pools.setdefault(row.pool, Resource(f"pool:{row.pool}", row.name_en, row.capacity_unit, 0.0))
        if is_open(row.year_open, year):
            pools[row.pool] = pool._replace(where=row.name_en, capacity=pool.capacity + row.capacity)
    return {pool: limit for pool, limit in pools.items() if np.isfinite(limit.capacity)}
