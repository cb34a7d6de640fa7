"""What can be closed: every link, terminal, border crossing, corridor and country, as arcs of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from corridors.errors import DataError
from corridors.frames import rows
from corridors.network.arcs import BORDER
from corridors.network.handling import EVERY
from corridors.network.ids import at_place
from corridors.network.network import FRONTIER
from corridors.network.stops import NOT_A_STOP
from corridors.suggest import did_you_mean
from corridors.text.choices import CLOSURE_KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowProblem
    from corridors.network.network import Network

BETWEEN = " - "


@dataclass(frozen=True, eq=False)
class Closure:
    """Something that can be closed.

    Attributes
    ----------
    name
        Unique within its kind: the row of links.csv or corridors.csv, a country's code, two places, or a row of
        terminals.csv, with its place where the row is for every place.
    kind
        One of `text.choices.CLOSURE_KINDS`.
    where
        In words.
    arcs
        Numbers of the arcs that it closes, ascending.
    """

    name: str
    kind: str
    where: str
    arcs: NDArray[np.int64]


def closures(network: Network, kinds: Sequence[str] = CLOSURE_KINDS) -> tuple[Closure, ...]:
    """Return everything of some kinds that can be closed, in the order of kinds and then of names.

    Raises
    ------
    DataError
        If there is no such kind.
    """
    for kind in kinds:
        if kind not in CLOSURE_KINDS:
            raise DataError(f"there is nothing of the kind '{kind}' to close{did_you_mean(kind, CLOSURE_KINDS)}")
    by_kind = dict(zip(CLOSURE_KINDS, (_links, _terminals, _borders, _corridors, _countries), strict=True))
    found = []
    for kind in dict.fromkeys(kinds):
        for name, (where, arcs) in sorted(by_kind[kind](network).items()):
            found.append(Closure(name, kind, where, np.unique(np.array(arcs, dtype=np.int64))))
    return tuple(found)


type _Found = dict[str, tuple[str, list[int]]]


def _links(network: Network) -> _Found:
    name = dict(zip(network.dataset["nodes"]["node"], network.dataset["nodes"]["name_en"], strict=True))
    found: _Found = {}
    for number in np.flatnonzero(network.arcs.is_move).tolist():
        arc = network.arc(number)
        ends = name[network.place(arc.tail)], name[network.place(arc.head)]
        found.setdefault(arc.id, (f"{BETWEEN.join(sorted(ends))} ({arc.mode})", []))[1].append(number)
    return found


def _terminals(network: Network) -> _Found:
    name = dict(zip(network.dataset["nodes"]["node"], network.dataset["nodes"]["name_en"], strict=True))
    everywhere = (network.dataset["terminals"]["node"] == EVERY).to_numpy()
    found: _Found = {}
    for number in np.flatnonzero(~network.arcs.is_move & (network.arcs.kind != BORDER)).tolist():
        arc = network.arc(number)
        place = network.place(arc.tail)
        row = at_place(arc.id, place) if everywhere[arc.row] else arc.id
        found.setdefault(row, (f"{name[place]}, {arc.kind} ({arc.mode})", []))[1].append(number)
    return found


def _borders(network: Network) -> _Found:
    """Return the crossings of frontiers: each is two places, by whatever mode."""
    name = dict(zip(network.dataset["nodes"]["node"], network.dataset["nodes"]["name_en"], strict=True))
    found: _Found = {}
    for number in np.flatnonzero(network.arcs.kind == BORDER).tolist():
        for end in (network.arcs.tail[number], network.arcs.head[number]):
            vertex = network.vertices[end]
            if vertex.role == FRONTIER:
                pair = sorted((vertex.place, vertex.beyond))
                where = BETWEEN.join(name[one] for one in pair)
                found.setdefault(BETWEEN.join(pair), (f"{where} (border)", []))[1].append(number)
    return found


def _corridors(network: Network) -> _Found:
    of_link: dict[str, list[int]] = {}
    for number in np.flatnonzero(network.arcs.is_move).tolist():
        of_link.setdefault(network.arcs.id[number], []).append(number)
    found: _Found = {row.corridor: (row.name_en, []) for row in rows(network.dataset["corridors"])}
    for row in rows(network.dataset["corridor_links"]):
        found[row.corridor][1].extend(of_link.get(row.link, []))
    return {name: one for name, one in found.items() if one[1]}


def _countries(network: Network) -> _Found:
    """Return the countries; where no freight begins or ends, as on the high seas, is none."""
    places = rows(network.dataset["nodes"])
    countries = {one.country for one in places if not set(one.kind.split(";")) & NOT_A_STOP}
    touched = {country: np.flatnonzero(network.arcs.countries.meeting({country})).tolist() for country in countries}
    return {country: (country, arcs) for country, arcs in touched.items() if arcs}


def exclusive_resources(network: Network, closures: Sequence[Closure]) -> sparse.csr_array[np.float64, tuple[int, int]]:
    """Return which resources limit nothing but what a closure closes, 0 or 1, shape (closures, resources).

    With C[k, a] = 1 where closure k closes arc a and U[a, r] = 1 where arc a takes resource r, (C U)[k, r] counts the
    arcs of a resource inside a closure: all of them, and the resource is the closure's own. A pool may limit more.
    """
    shape = len(closures), len(network.arcs)
    lengths = [one.arcs.size for one in closures]
    arcs = np.concatenate([np.empty(0, dtype=np.int64), *(one.arcs for one in closures)])
    closed = sparse.csr_array((np.ones(arcs.size), (np.repeat(np.arange(shape[0]), lengths), arcs)), shape=shape)
    taken = network.resource_arcs
    counts = np.diff(taken.start)
    takes = sparse.csr_array((np.ones(taken.arc.size), (taken.arc, taken.owner)), shape=(shape[1], counts.size))
    found = sparse.csr_array(closed @ takes)
    found.data = (found.data == counts[found.indices]).astype(np.float64)
    found.eliminate_zeros()
    return found


def with_capacity_share(
    problem: FlowProblem, closure: Closure, resources: NDArray[np.int64], share: float, tonnes: NDArray[np.float64]
) -> FlowProblem:
    """Return the problem in which a share is left of the capacity of what a closure would take.

    Parameters
    ----------
    problem, closure
        What is cut, and where.
    resources
        Those that limit nothing else: their capacities go down to the share.
    share
        0 to 1.
    tonnes
        What each arc carries undisturbed, shape (arcs,): an arc of the closure that none of these resources limits gets
        a resource of its own, whose capacity is the share of it.
    """
    capacity = problem.capacity.copy()
    capacity[resources] *= share
    limited = np.zeros(problem.arc_count, dtype=np.bool_)
    limited[problem.usage[resources].indices % problem.arc_count] = True  # a column of usage is a class and an arc
    free = closure.arcs[~limited[closure.arcs] & (tonnes[closure.arcs] > 0)]
    row = np.repeat(np.arange(free.size), problem.class_count)
    column = (np.arange(problem.class_count) * problem.arc_count + free[:, None]).ravel()
    limits = sparse.csr_array((np.ones(row.size), (row, column)), shape=(free.size, problem.usage.shape[1]))
    return replace(
        problem,
        capacity=np.concatenate((capacity, tonnes[free] * share)),
        usage=sparse.csr_array(sparse.vstack((problem.usage, limits))) if free.size else problem.usage,
        resource_names=(*problem.resource_names, *(f"share:{problem.arc_names[a]}:{a}" for a in free.tolist())),
    )
