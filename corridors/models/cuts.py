r"""Overfull cuts: sets of nodes that more must leave than the arcs out of them can carry (Ford & Fulkerson 1956).

Let :math:`S` be a set of nodes. What must cross is the amount of the demands from a node in it to a node outside. An
open arc out of it, for a class of these demands, is a column :math:`j` of the usage. Of the resources that a column
takes, one lets least pass, :math:`b_r / A_{rj}` tonnes. With the weight :math:`w_r = \max_j 1 / A_{rj}` over the
columns that resource r limits so, every tonne that crosses takes at least one weighted unit, and not all of it can be
served if

.. math::

   \sum_{k \text{ from } S \text{ out of it}} d_k > \sum_r w_r\, b_r

======================  ======================  ==========
symbol                  name                    shape
======================  ======================  ==========
:math:`S`               ``inside``              (N,)
:math:`d_k`             ``amount``              (D,)
:math:`b_r`             ``capacity``            (R,)
:math:`A_{rj}`          ``usage``               (R, C * A)
:math:`w_r`             ``weight``              (R,)
:math:`b_r / A_{rj}`    ``passing``             (C * A,)
======================  ======================  ==========
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from corridors.models import shortest
from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.problem import FlowProblem
from corridors.models.slackness import FEASIBLE

ROUNDING = 1e-9  # relative: distances at a solver's prices that differ by less are equal
_ENDS, _LEVELS = 24, 16  # origins and destinations, and distances from each, among which cuts are looked for
_SINGLE = 500  # origins and destinations, the largest, around which a cut is looked for first


@dataclass(frozen=True, eq=False)
class Cut:
    """Resources that are too small together: at weights, demands need more of them than there is.

    Attributes
    ----------
    weight
        Of a unit of each resource, (R,), at least 0: the tonnes that it lets pass of a cut; the largest is 1 where only
        weights prove it.
    capacity, demand
        What there is of all of them and what is needed at least, both at these weights; the second is larger.
    demands
        The demands that need some of it.
    inside
        The nodes of a set that all these demands must leave, (N,); then `demand` is their sum, and the resources
        are those of the arcs that lead out of it. None where only weights prove it.
    """

    weight: FloatArray
    capacity: float
    demand: float
    demands: IntArray
    inside: BoolArray | None = None

    @property
    def resources(self) -> IntArray:
        """The resources with a weight."""
        return np.flatnonzero(self.weight > 0)


class CutFinder:
    """Finds overfull cuts of a problem all of whose demands must be served in full.

    Parameters
    ----------
    problem
        As `corridors.models.feasibility.least_unserved` formulates it.
    """

    def __init__(self, problem: FlowProblem) -> None:
        self._problem = problem
        usage = sparse.csc_array(problem.usage)
        negative = np.unique(usage.indices[usage.data < 0])  # what some arc gives back bounds no crossing
        sound = ~np.isin(usage.indices, negative) & (usage.data > 0)
        passing = np.full(usage.indices.size, np.inf)
        passing[sound] = problem.capacity[usage.indices[sound]] / usage.data[sound]
        column = np.repeat(np.arange(usage.shape[1]), np.diff(usage.indptr))
        order = np.lexsort((passing, column))
        order = order[np.isfinite(passing[order])]
        columns, first = np.unique(column[order], return_index=True)
        # of each class and arc the resource that lets least pass, what a tonne takes of it, and the tonnes that pass
        self._resource = np.full(usage.shape[1], -1, dtype=np.int64)
        self._resource[columns] = usage.indices[order[first]]
        self._usage = np.ones(usage.shape[1])
        self._usage[columns] = usage.data[order[first]]
        self._passing = np.full(usage.shape[1], np.inf)
        self._passing[columns] = passing[order[first]]

    def single_nodes(self) -> Iterator[BoolArray]:
        """Yield single origins, and all nodes but a single destination, where more must cross than can."""
        problem = self._problem
        moving = problem.amount > 0
        node = np.arange(problem.node_count)
        classes = np.unique(problem.class_[moving])
        passing = self._passing.reshape(problem.cost.shape)[classes]
        passes = np.where(np.isfinite(problem.cost[classes]), passing, 0).max(axis=0, initial=0)
        passes[problem.tail == problem.head] = 0
        for ends, sides, is_origin in (
            (problem.origin, problem.tail, True),
            (problem.destination, problem.head, False),
        ):
            asked = np.bincount(ends[moving], problem.amount[moving], node.size)
            can = np.bincount(sides, passes, node.size)
            short = np.flatnonzero(asked > can)
            for one in short[np.argsort(can[short], kind="stable")][:_SINGLE]:
                yield (node == one) == is_origin

    def level_sets(self, weight: FloatArray, demands: IntArray) -> Iterator[BoolArray]:
        """Yield sets of nodes by their distance from origins, and to destinations, of demands at some weights.

        Parameters
        ----------
        weight
            Of each resource, (R,): what a unit of it costs.
        demands
            Whose origins and destinations are taken, in this order, the first few of each.
        """
        problem = self._problem
        turned = replace(problem, tail=problem.head, head=problem.tail)
        for graph, ends, outward in ((problem, problem.origin, True), (turned, problem.destination, False)):
            pairs = dict.fromkeys(zip(problem.class_[demands].tolist(), ends[demands].tolist(), strict=True))
            for class_, node in list(pairs)[:_ENDS]:
                cost = problem.usage_of(class_).T @ weight
                if not (cost >= 0).all():
                    return
                distance = shortest.distances(graph, class_, cost, np.array([node]))[0]
                near = np.unique(np.round(distance[distance < 1 - ROUNDING], 9))
                for level in near[np.linspace(0, near.size - 1, min(near.size, _LEVELS)).astype(int)].tolist():
                    within = distance <= level + ROUNDING
                    yield within if outward else ~within
                alone = np.arange(problem.node_count) == node
                yield alone if outward else ~alone

    def components(self, inside: BoolArray) -> Iterator[BoolArray]:
        """Yield the connected components of either side of a cut, each as a cut of its own."""
        problem = self._problem
        for side in (inside, ~inside):
            within = side[problem.tail] & side[problem.head]
            ends = problem.tail[within], problem.head[within]
            graph = sparse.coo_array((np.ones(ends[0].size), ends), shape=(problem.node_count,) * 2)
            component = csgraph.connected_components(graph, directed=False)[1]
            crossing = inside[problem.origin] & ~inside[problem.destination] & (problem.amount > 0)
            ends_of = problem.origin if side is inside else problem.destination
            for number in np.unique(component[ends_of[crossing]])[:_ENDS].tolist():
                yield (component == number) if side is inside else (component != number)

    def best(self, sets: Iterator[BoolArray]) -> BoolArray | None:
        """Return the overfull set with the fewest resources, and of those the most overfull; None if none is."""
        found = None
        least = (np.inf, 0.0)
        for inside in sets:
            cut = self.cut(inside)
            if cut is not None and (rank := (cut.resources.size, cut.capacity - cut.demand)) < least:
                found, least = inside, rank
        return found

    def cut(self, inside: BoolArray) -> Cut | None:
        """Count both sides of the cut out of a set of nodes, (N,); return None unless it is overfull."""
        problem = self._problem
        demands = np.flatnonzero(inside[problem.origin] & ~inside[problem.destination] & (problem.amount > 0))
        demand = float(problem.amount[demands].sum())
        columns = self._crossing(inside, np.unique(problem.class_[demands]))
        resource = self._resource[columns]
        if (resource < 0).any():  # an arc without a limit
            return None
        weight = np.zeros(problem.resource_count)
        np.maximum.at(weight, resource, 1 / self._usage[columns])
        capacity = float(problem.capacity @ weight)
        if not demand - capacity > FEASIBLE * demand:
            return None
        return Cut(weight, capacity, demand, demands, inside)

    def _crossing(self, inside: BoolArray, classes: IntArray) -> IntArray:
        """Return the columns of the arcs out of a set that are open to some classes."""
        problem = self._problem
        out = inside[problem.tail] & ~inside[problem.head]
        class_, arc = np.nonzero(out & np.isfinite(problem.cost[classes]))
        columns: IntArray = classes[class_] * problem.arc_count + arc
        return columns
