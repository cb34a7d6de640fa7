"""What is done with freight at places, between moves: loading, unloading, transhipment and gauge change.

The second step of building a network. Every change of form that a place allows is a step; each row of the data that
holds for a step at the place is an arc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.network.arcs import GAUGE, LOAD, TRANSHIP, UNLOAD
from corridors.network.handling import EVERY, Handling, Handlings, Scope
from corridors.network.network import DESTINATION, ORIGIN, Vertex
from corridors.network.numbering import NONE, ArcRows, Numbering, repeated

if TYPE_CHECKING:
    from corridors.models.arrays import IntArray
    from corridors.network.moves import Moves
    from corridors.tables.dataset import Dataset

NOT_A_STOP = frozenset({"fix", "waypoint", "crossing", "gate"})  # places where no freight begins or ends
_LOADING, _UNLOADING, _CHANGE = range(3)


@dataclass(frozen=True, eq=False)
class _Steps:
    """Changes of form at places, (S,): vertices, forms (those of loading and unloading are equal), kind and place.

    `order` sorts them: places as they were first met, loading and unloading before the rest.
    """

    tail: IntArray
    head: IntArray
    here: IntArray
    there: IntArray
    kind: IntArray
    place: IntArray
    order: IntArray

    def take(self, which: IntArray) -> _Steps:
        return _Steps(*(column[which] for column in vars(self).values()))


def handled(dataset: Dataset, moves: Moves, numbering: Numbering, handlings: Handlings) -> tuple[list[Vertex], ArcRows]:
    """Return the origins and destinations that follow the vertices of the moves, and what is done at every place."""
    rank, places = pd.factorize(moves.code // len(numbering.forms))
    by_place = np.argsort(rank, kind="stable")
    stop, form, rank = moves.stop[by_place], moves.code[by_place] % len(numbering.forms), rank[by_place]
    kinds = dataset["nodes"]["kind"].tolist()
    served = np.array([NOT_A_STOP.isdisjoint(kinds[place].split(";")) for place in places.tolist()], dtype=np.bool_)
    names = numbering.nodes[places[served]].tolist()
    ends = [Vertex(name, role) for name in names for role in (ORIGIN, DESTINATION)]
    origin = len(moves.vertices) + 2 * (np.cumsum(served) - 1)
    steps = _joined(
        _ends(stop[served[rank]], form[served[rank]], rank[served[rank]], origin, places),
        _changes(stop, form, rank, places),
    )
    return ends, _arcs(steps, numbering, handlings)


def _ends(stop: IntArray, form: IntArray, rank: IntArray, origin: IntArray, places: IntArray) -> _Steps:
    """Return loading onto and unloading from every form of the places where freight may begin and end."""
    tail = np.stack([origin[rank], stop], axis=1).ravel()
    head = np.stack([stop, origin[rank] + 1], axis=1).ravel()
    kind = np.tile(np.array([_LOADING, _UNLOADING]), stop.size)
    form, rank = np.repeat(form, 2), np.repeat(rank, 2)
    return _Steps(tail, head, form, form, kind, places[rank], 2 * rank)


def _changes(stop: IntArray, form: IntArray, rank: IntArray, places: IntArray) -> _Steps:
    """Return the changes from every form of a place to every other."""
    forms = np.bincount(rank, minlength=places.size)
    here, there = repeated(forms[rank])
    there += (np.cumsum(forms) - forms)[rank[here]]
    here, there = here[here != there], there[here != there]
    kind = np.full(here.size, _CHANGE)
    return _Steps(stop[here], stop[there], form[here], form[there], kind, places[rank[here]], 2 * rank[here] + 1)


def _joined(*parts: _Steps) -> _Steps:
    """Return all steps in their order."""
    steps = _Steps(*(np.concatenate(columns) for columns in zip(*(vars(one).values() for one in parts), strict=True)))
    return steps.take(np.argsort(steps.order, kind="stable"))


def _arcs(steps: _Steps, numbering: Numbering, handlings: Handlings) -> ArcRows:
    """Return an arc for each row that holds for a step at its place.

    The rows are looked up once for each scope and place that a row names, and once for each scope at all other places.
    """
    forms, count = len(numbering.forms), len(numbering.nodes) + 1  # place 0 stands for all that no row names
    scope, codes = pd.factorize((steps.kind * forms + steps.here) * forms + steps.there)
    scopes = [_scope(code, numbering) for code in codes.tolist()]
    known: dict[Scope, list[int]] = {}
    for number, one in enumerate(scopes):
        known.setdefault(one, []).append(number)
    named = [
        number * count + numbering.position[place] + 1
        for one, place in handlings.named
        if place in numbering.position
        for number in known.get(one, ())
    ]
    own = scope * count + steps.place + 1
    look_up, distinct = pd.factorize(np.where(np.isin(own, named), own, scope * count))
    found: list[Handling] = []
    start = [0]
    for code in distinct.tolist():
        one, place = divmod(code, count)
        found += handlings.find(scopes[one], numbering.nodes[place - 1] if place else EVERY)
        start.append(len(found))
    begin = np.array(start)
    step, nth = repeated(np.diff(begin)[look_up])
    none = np.full(step.size, NONE)
    handling = begin[look_up[step]] + nth
    return ArcRows(steps.tail[step], steps.head[step], none, handling, steps.place[step], tuple(found))


def _scope(code: int, numbering: Numbering) -> Scope:
    """Return what a step does, from its kind and forms in one number."""
    rest, there = divmod(code, len(numbering.forms))
    kind, here = divmod(rest, len(numbering.forms))
    one, other = numbering.forms[here], numbering.forms[there]
    if kind == _LOADING:
        return Scope(LOAD, "", other.mode)
    if kind == _UNLOADING:
        return Scope(UNLOAD, one.mode, "")
    if one.mode == other.mode:
        return Scope(GAUGE, one.mode, other.mode, one.gauge_mm, other.gauge_mm)
    return Scope(TRANSHIP, one.mode, other.mode)
