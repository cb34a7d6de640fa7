"""A network of ways over the ground, as OpenStreetMap's are packaged, and the lines that links of links.csv take on it.

Used by shapes.py beside it; it does nothing by itself. Needs numpy and scipy.

Points are latitude and longitude in degrees; distances are along great circles of a sphere, in km. A line is found as
a shortest path within the ellipse that holds every way of that length (the sum of the distances from both ends), over
the edges and over straight bridges: the packaged network has gaps, and places lie beside it. A kilometre of a bridge
counts `BRIDGE` times, so that a way along the network is taken where there is one.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]

RADIUS_KM = 6371.0088
BRIDGE = 3.0  # what a kilometre of a bridge counts
ACCESS = 1.5  # what a kilometre from a place to the network counts
BESIDE_KM = 3.0  # a place within this of the network may join it at several points
CELLS = 8.0  # bridges of a reach end at one point of each component in a square of this part of the reach
NOTHING_KM = 1e-3  # an edge of length 0 would be none
MARGIN_DEGREES = 4.0


def globe(points: Floats) -> Floats:
    """Return points (n, 2) of latitude and longitude as points of the sphere, km, (n, 3)."""
    lat, lon = np.radians(points).T
    return RADIUS_KM * np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def apart(one: Floats, other: Floats) -> Floats:
    """Return the distances along great circles between points of the sphere, km."""
    half = np.linalg.norm(one - other, axis=-1) / (2 * RADIUS_KM)
    return np.asarray(2 * RADIUS_KM * np.arcsin(np.minimum(half, 1.0)))


def length(points: Floats) -> float:
    """Return the length of a line through points (n, 2), km."""
    there = globe(points)
    return float(apart(there[:-1], there[1:]).sum())


def simplified(points: Floats, tolerance_km: float) -> Floats:
    """Return a line with fewer points, none of those left out farther than the tolerance from it.

    Both ends stay (Douglas and Peucker, 1973). Distances are on the plane that touches the line's middle latitude.
    """
    scale = np.radians(1.0) * RADIUS_KM
    plane = points * scale * (1.0, math.cos(math.radians(float(points[:, 0].mean()))))
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        off = _off(plane[first + 1 : last], plane[first], plane[last])
        worst = int(off.argmax())
        if off[worst] > tolerance_km:
            keep[first + 1 + worst] = True
            parts += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return points[keep]


def _off(points: Floats, start: Floats, end: Floats) -> Floats:
    """Return the distance of each point of the plane from a stretch of it."""
    along = end - start
    square = float(along @ along)
    share = np.clip((points - start) @ along / square, 0.0, 1.0) if square > 0 else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - start - share[:, None] * along, axis=1))


@dataclass(frozen=True, eq=False)
class Way:
    """A way from place to place.

    Attributes
    ----------
    points
        Latitude and longitude, both places included, (n, 2).
    km
        Length: of edges as the network gives it, which may be more than that of the straight lines between its points.
    bridged_km
        What of it runs straight where the network has nothing.
    """

    points: Floats
    km: float
    bridged_km: float


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges in both directions: tails, heads, km, and what they count, each (m,)."""

    tail: Ints
    head: Ints
    km: Floats
    cost: Floats


def read_network(path: Path, places: Floats) -> tuple[Floats, Ints, Floats]:
    """Return the part of a packaged network around places: points (n, 2), edges (m, 2), once each, and km (m,).

    The file is a Python module that assigns two literals, `graph` (neighbours and km by number of point) and `nodes`
    (latitude and longitude). It is read as text and not run.
    """
    text = path.read_text(encoding="utf-8")
    found = {name: re.search(rf"^{name}=(.*)$", text, re.MULTILINE) for name in ("graph", "nodes")}
    if (graph := found["graph"]) is None or (nodes := found["nodes"]) is None:
        raise ValueError(f"{path.name} has no lines 'graph=' and 'nodes=': it is not of scgraph_data 2.0.0")
    neighbours = json.loads(re.sub(r"(\d+):", r'"\1":', graph[1]))
    points = np.array(json.loads(nodes[1]))
    listed = [(a, int(b), km) for a, beside in enumerate(neighbours) for b, km in beside.items()]
    ends = np.array([one[:2] for one in listed])
    km = np.array([one[2] for one in listed])
    low, high = places.min(axis=0) - MARGIN_DEGREES, places.max(axis=0) + MARGIN_DEGREES
    inside = ((points >= low) & (points <= high)).all(axis=1)
    kept = inside[ends].all(axis=1)
    number = np.cumsum(inside) - 1
    return points[inside], number[ends[kept]], km[kept]


class Ground:
    """Finds ways over one network.

    Parameters
    ----------
    points
        Latitude and longitude, (n, 2).
    edges, km
        Numbers of the two points of each edge, (m, 2), and its length, (m,).
    """

    def __init__(self, points: Floats, edges: Ints, km: Floats) -> None:
        self._points, self._there = points, globe(points)
        tail, head = (np.concatenate((edges[:, side], edges[:, 1 - side])) for side in (0, 1))
        both = np.maximum(np.concatenate((km, km)), NOTHING_KM)
        self._edges = Edges(tail, head, both, both)
        joined = np.unique(np.column_stack((tail, head)), axis=0)
        joined = joined[joined[:, 0] != joined[:, 1]]
        self._dead_end = np.bincount(joined[:, 0], minlength=len(points)) <= 1

    def way(self, stops: Floats, most_km: float, reach_km: float) -> Way | None:
        """Return the shortest way through stops (n, 2) in order, or None if there is none.

        Between more than two stops a bridge may lead from one to the next.

        Parameters
        ----------
        most_km
            No way longer than this is looked for, from stop to stop.
        reach_km
            Bridges are no longer than this.
        """
        parts = [self._section(pair, most_km, reach_km, direct=len(stops) > 2) for pair in pairwise(stops)]
        found = [one for one in parts if one is not None]
        if len(found) < len(parts):
            return None
        points = np.concatenate([found[0].points[:1], *(one.points[1:] for one in found)])
        return Way(points, sum(one.km for one in found), sum(one.bridged_km for one in found))

    def _section(self, ends: tuple[Floats, Floats], most_km: float, reach_km: float, *, direct: bool) -> Way | None:
        """Return the shortest way between two places (Dijkstra's algorithm)."""
        start, end = globe(np.array(ends))
        inside = np.flatnonzero(apart(self._there, start) + apart(self._there, end) <= most_km)
        there = np.concatenate((self._there[inside], [start, end]))
        size = len(there)
        edges = self._around(inside, size)
        sparse = self._sparse(edges, inside, there, reach_km)
        loose = sparse[self._dead_end[inside[sparse]]]
        bridges = [_bridges(there, loose, sparse, reach_km, BRIDGE)]
        bridges += [_bridges(there, np.array([at]), sparse, reach_km, ACCESS) for at in (size - 2, size - 1)]
        bridges += [
            _bridges(there, np.array([at]), np.arange(size - 2), BESIDE_KM, ACCESS) for at in (size - 2, size - 1)
        ]
        if direct:
            bridges.append(_bridges(there, np.array([size - 2]), np.array([size - 1]), reach_km, BRIDGE))
        path, steps = _shortest([edges, *bridges], size)
        if not path:
            return None
        points = np.concatenate([[ends[0]], self._points[inside[path[1:-1]]], [ends[1]]])
        return Way(points, float(steps.km.sum()), float(steps.km[steps.cost > steps.km].sum()))

    def _around(self, inside: Ints, size: int) -> Edges:
        """Return the edges between the points that are inside, numbered anew."""
        number = np.full(len(self._points), -1)
        number[inside] = np.arange(inside.size)
        tail, head = number[self._edges.tail], number[self._edges.head]
        kept = (tail >= 0) & (head >= 0)
        return Edges(tail[kept], head[kept], self._edges.km[kept], self._edges.cost[kept])

    def _sparse(self, edges: Edges, inside: Ints, there: Floats, reach_km: float) -> Ints:
        """Return where bridges may end: one point of each component in each cell, a dead end where there is one."""
        size = len(there)
        graph = csr_array((edges.cost, (edges.tail, edges.head)), shape=(size, size))
        component = connected_components(graph, directed=False)[1][: inside.size]
        cell = np.floor(there[: inside.size] / (reach_km / CELLS)).astype(np.int64)
        keys = np.column_stack((cell, component))
        order = np.lexsort((~self._dead_end[inside], *keys.T))
        first = np.ones(order.size, dtype=bool)
        first[1:] = (np.diff(keys[order], axis=0) != 0).any(axis=1)
        return np.sort(order[first])


def _bridges(there: Floats, tails: Ints, heads: Ints, reach_km: float, times: float) -> Edges:
    """Return bridges from each of some points to others within reach, in both directions."""
    if not tails.size or not heads.size:
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Edges(none, none, nothing, nothing)
    found = KDTree(there[tails]).query_ball_tree(KDTree(there[heads]), reach_km)
    tail = np.repeat(tails, [len(one) for one in found])
    head = heads[np.array([one for several in found for one in several], dtype=np.int64)]
    other = tail != head
    tail, head = tail[other], head[other]
    km = np.tile(np.maximum(apart(there[tail], there[head]), NOTHING_KM), 2)
    return Edges(np.concatenate((tail, head)), np.concatenate((head, tail)), km, times * km)


def _shortest(pieces: Sequence[Edges], size: int) -> tuple[list[int], Edges]:
    """Return the cheapest path from the last point but one to the last, and its edges; no path is empty."""
    tail, head, km, cost = (
        np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("tail", "head", "km", "cost")
    )
    order = np.lexsort((cost, head, tail))
    first = np.ones(order.size, dtype=bool)  # of edges between the same points the cheapest counts
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    kept = order[first]
    tail, head, km, cost = tail[kept], head[kept], km[kept], cost[kept]
    graph = csr_array((cost, (tail, head)), shape=(size, size))
    _, before = dijkstra(graph, indices=size - 2, return_predecessors=True)
    path = [size - 1]
    while path[-1] >= 0:
        path.append(int(before[path[-1]]))
    path = path[-2::-1]
    if path[0] != size - 2:
        path = []
    wanted = np.array(path[:-1], dtype=np.int64) * size + np.array(path[1:], dtype=np.int64)
    at = np.searchsorted(tail * size + head, wanted)
    return path, Edges(tail[at], head[at], km[at], cost[at])


def trimmed(points: Floats, times: float, aside_km: float) -> Floats:
    """Return a line without the spikes at its ends.

    Where a place lies beside the network, no farther than `aside_km`, a line that ran to the nearest point and from
    there to the place would turn sharply; points nearer to the place than `times` its distance from the network are
    left out.
    """
    there = globe(points)
    kept = np.ones(len(points), dtype=bool)
    for end, beside in ((0, 1), (-1, -2)):
        away = apart(there, there[end])
        if away[beside] <= aside_km:
            kept &= away >= times * away[beside]
    kept[[0, -1]] = True
    return points[kept]
