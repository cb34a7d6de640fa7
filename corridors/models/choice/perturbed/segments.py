"""Subnetworks as segments between junctions, and what these take of resources, as flat arrays for compiled loops."""

from __future__ import annotations

from typing import NamedTuple

from corridors.models.arrays import FloatArray, IntArray


class Graph(NamedTuple):
    """Tails and heads of all arcs in the order of the star, (A,), and N."""

    tail: IntArray
    head: IntArray
    nodes: int


class Chains(NamedTuple):
    """The segments of K demands, numbered by demands; the first of each is staying, which has no arcs.

    Where those of each demand begin, (K + 1,), and its junctions, (K + 1,), the origin first; of each segment its
    junctions, numbered within the demand, -1 for the destination, (S,); where its arcs begin, (S + 1,), and these in
    order, as numbers of the subnetworks' arcs, (V,).
    """

    first: IntArray
    first_junction: IntArray
    tail: IntArray
    head: IntArray
    start: IntArray
    arc: IntArray


class Uses(NamedTuple):
    """What segments take of resources: where the entries of each begin, (S + 1,); resource and units of each, (E,).

    And the resources of each demand: where they begin, (K + 1,), and these, by which `local` numbers those of entries.
    """

    start: IntArray
    resource: IntArray
    value: FloatArray
    local: IntArray
    first: IntArray
    of_demand: IntArray


class Blocks(NamedTuple):
    """Cholesky factors of the demands' blocks, each in full rows, and where they begin, (K + 1,)."""

    start: IntArray
    value: FloatArray
