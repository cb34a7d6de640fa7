"""The virtual network: what freight can do, as vertices and arcs.

A vertex is a place in a mode and a gauge; an arc is one of `move`, `load`, `unload`, `tranship`, `gauge`,
`border` (Jourquin & Beuthe 1996; Sheffi 1985 calls it a hypernetwork). `corridors.network.builder` turns the
tables of a data package into that network for one year.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from corridors.tables.loads import EVERY_LINE, Measure

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from corridors.network.arcs import Arc, ArcLists, Arcs
    from corridors.tables.dataset import Dataset

STOP, ORIGIN, DESTINATION, FRONTIER = "stop", "origin", "destination", "frontier"


class Vertex(NamedTuple):
    """A place in a mode and a gauge.

    `role` is origin, destination, stop or frontier; a frontier leads to the place `beyond`.
    """

    place: str
    role: str
    mode: str = ""
    gauge_mm: int = 0
    beyond: str = ""

    @property
    def role_name(self) -> str:
        """The role as files have it, with the place beyond a frontier."""
        return f"{self.role} to {self.beyond}" if self.role == FRONTIER else self.role

    def __str__(self) -> str:
        """Return a readable name, used in exported LP files."""
        gauge = str(self.gauge_mm) if self.gauge_mm else ""
        return f"{self.place}/{self.mode}{gauge}" if self.role == STOP else f"{self.place}/{self.role_name}"


class Resource(NamedTuple):
    """Something shared and limited.

    Attributes
    ----------
    resource
        What files call it.
    where
        In words.
    unit, capacity
        What there is over the year.
    table, rows
        The rows that its capacity stands in, counted from 0 in the order of keys: one of ``links`` or ``terminals``,
        all of a pool of ``pools``. Empty for a bound that no table has.
    place
        Where the row is for every place, the one that this is about; else "".
    load_class
        The class of lines whose loads hold for it; "" is every line's.
    """

    resource: str
    where: str
    unit: str
    capacity: float
    table: str = ""
    rows: tuple[int, ...] = ()
    place: str = ""
    load_class: str = EVERY_LINE

    @property
    def measure(self) -> Measure:
        """In what its capacity is measured."""
        return Measure(self.unit, self.load_class)


@dataclass(frozen=True, eq=False)
class Network:
    """The virtual network of one year under one set of running figures.

    Attributes
    ----------
    vertices, arcs, resources
        Arcs point to vertices by their numbers.
    resource_arcs
        For each resource the numbers of the arcs that take it, ascending.
    """

    dataset: Dataset
    year: int
    running: str
    vertices: tuple[Vertex, ...]
    arcs: Arcs
    resources: tuple[Resource, ...]
    resource_arcs: ArcLists

    @cached_property
    def position(self) -> dict[Vertex, int]:
        """Number of each vertex."""
        return {vertex: number for number, vertex in enumerate(self.vertices)}

    @cached_property
    def places(self) -> NDArray[np.object_]:
        """Place of each vertex, shape (vertices,)."""
        return np.array([vertex.place for vertex in self.vertices], dtype=np.object_)

    @cached_property
    def resources_of(self) -> dict[int, tuple[int, ...]]:
        """The resources that each arc takes, by the arc's number."""
        taken: dict[int, list[int]] = {}
        for arc, resource in zip(self.resource_arcs.arc.tolist(), self.resource_arcs.owner.tolist(), strict=True):
            taken.setdefault(arc, []).append(resource)
        return {arc: tuple(numbers) for arc, numbers in taken.items()}

    @cached_property
    def vertex_names(self) -> tuple[str, ...]:
        """A readable name of each vertex for exported files."""
        return tuple(map(str, self.vertices))

    @cached_property
    def arc_names(self) -> tuple[str, ...]:
        """A readable, unique-enough name of each arc for exported files."""
        names, heads = self.vertex_names, self.arcs.head.tolist()
        return tuple([f"{row}>{names[head]}" for row, head in zip(self.arcs.id.tolist(), heads, strict=True)])

    def arc(self, number: int) -> Arc:
        """Return one arc."""
        return self.arcs[number]

    def place(self, vertex: int) -> str:
        """Return the place of a vertex."""
        return self.vertices[vertex].place

    def graph(self) -> nx.MultiDiGraph:
        """Return the network as a networkx graph with the fields of `Vertex` and `Arc` as attributes."""
        import networkx as nx  # heavy, and only analysts of structure need it

        graph = nx.MultiDiGraph()
        for number, vertex in enumerate(self.vertices):
            graph.add_node(number, **vertex._asdict())
        for number, arc in enumerate(self.arcs):
            graph.add_edge(arc.tail, arc.head, key=number, **arc._asdict())
        return graph
