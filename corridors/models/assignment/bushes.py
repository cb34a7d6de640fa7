"""What the loops of Algorithm B work on: arrays in bundles (`corridors.models.assignment.kernels`)."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray, SmallIntArray


class Roads(NamedTuple):
    """Arcs by their heads: where those into each node begin, (N + 1,), tail and head of each, (A,).

    And where those out of each node begin, (N + 1,), and which they are, (A,); and which nodes may be passed, (N,).
    """

    start: SmallIntArray
    tail: SmallIntArray
    head: SmallIntArray
    out_start: SmallIntArray
    out: SmallIntArray
    passable: BoolArray


class Links(NamedTuple):
    """What a trip costs on each arc: ``free + slope * flow ** power``; its flow, its cost and the derivative, (A,).

    Where an arc is `stiff`, it costs ``toll + stiff * (flow - limit)`` more, if that is above 0.
    """

    free: FloatArray
    slope: FloatArray
    power: FloatArray
    flow: FloatArray
    cost: FloatArray
    steep: FloatArray
    toll: FloatArray
    stiff: FloatArray
    limit: FloatArray


class Demands(NamedTuple):
    """Of each origin its node, (O,), and where its demands begin, (O + 1,); of each demand node and trips, (D,).

    Where trips are of several classes, an origin is a node with one of them.
    """

    origin: IntArray
    first: IntArray
    destination: IntArray
    amount: FloatArray


class Classes(NamedTuple):
    """Of each origin its class, (O,); what each class pays beside what all pay, (C, A), C = 0 where there is nothing.

    And what all pay on an empty arc, (A,); the class that the costs of `Links` are of now, (1,), -1 for what all pay;
    and what all trips pay as their classes, (1,).
    """

    of: IntArray
    fixed: FloatArray
    free: FloatArray
    now: IntArray
    paid: FloatArray


class Bushes(NamedTuple):
    """Of each origin the nodes in order, (O, N), how many they are and how many of them the core, (O,).

    And where the arcs into each of them begin, (O, N + 1), the arcs and their flows, (O, A); and by how much it was
    out of balance when it was last equilibrated, in trips times cost, (O,).
    """

    order: SmallIntArray
    size: IntArray
    core: IntArray
    begin: SmallIntArray
    arc: SmallIntArray
    flow: FloatArray
    excess: FloatArray


class Workspace(NamedTuple):
    """What a bush is worked on with: of each node its least and greatest cost, and the places of the arcs of these.

    And marks of nodes, with the last one given, (1,), a queue, which nodes are in it, and where a search is among the
    arcs into each, (N,); and of each arc whether the new bush has it, and its flow there, (A,).
    """

    least: FloatArray
    most: FloatArray
    by_least: SmallIntArray
    by_most: SmallIntArray
    mark: IntArray
    stamp: IntArray
    queue: SmallIntArray
    queued: BoolArray
    at: SmallIntArray
    kept: BoolArray
    moved: FloatArray

    @classmethod
    def of(cls, nodes: int, arcs: int) -> Self:
        """Return what a network of so many nodes and arcs is worked on with."""
        small = np.int32
        return cls(
            least=np.empty(nodes),
            most=np.empty(nodes),
            by_least=np.empty(nodes, small),
            by_most=np.empty(nodes, small),
            mark=np.zeros(nodes, np.int64),
            stamp=np.zeros(1, np.int64),
            queue=np.empty(nodes, small),
            queued=np.zeros(nodes, np.bool_),
            at=np.empty(nodes, small),
            kept=np.zeros(arcs, np.bool_),
            moved=np.zeros(arcs),
        )


class Loops(NamedTuple):
    """All that the loops work on."""

    roads: Roads
    links: Links
    demands: Demands
    bushes: Bushes
    work: Workspace
    classes: Classes
