r"""A set of listed routes: what tells them apart, which way each belongs to, and what it was made for.

Two routes of a demand are the same if they have the same arcs, and one way if their sequences of marks, with repeated
marks taken once, are the same. Both are compared by hashes of 64 bits: of a route the sum of a hash of each arc (a path
passes no arc twice, so its arcs tell it), of a sequence the sum of a hash of each mark and its position.

===============  ================  ==========
symbol           name              shape
===============  ================  ==========
:math:`c_p`      ``cost``          (P,)
:math:`w(p)`     ``way``           (P,)
:math:`g(w)`     ``group``         (W,)
===============  ================  ==========
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from corridors.models.arrays import FloatArray, IntArray, KeyArray
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

NO_MARK = -1
_SHAPE = ("node_count", "tail", "head", "origin", "destination", "class_")  # of a problem: what routes rest on
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: the step of SplitMix64
_MIX = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, eq=False)
class Marks:
    """What makes two routes one way, for A arcs.

    Attributes
    ----------
    rows
        What each arc adds to each of L sequences, (L, A), `NO_MARK` for nothing. The sequences of a path, where a mark
        that follows itself counts once, are its way in full: of each such way the cheapest few routes are kept. The
        first row is of modes; an arc with a mark in another one is a gate (`corridors.models.choice.sequences`).
    nest
        How many of the first rows tell the ways that shippers choose among; None where every route is its own way.
    identity
        A number for each arc, (A,), that stays the same in other problems with the same arc: what chance depends on.
    group
        How many of the first rows tell the groups of ways, at most `nest`; None where ways have none.
    """

    rows: IntArray
    nest: int | None
    identity: IntArray
    group: int | None = None

    @classmethod
    def none(cls, arc_count: int) -> Marks:
        """Return what holds where nothing is known of arcs: every route is its own way."""
        return cls(np.empty((0, arc_count), dtype=np.int64), None, np.arange(arc_count))


def mixed(numbers: IntArray | KeyArray) -> KeyArray:
    """Return a hash of each number (SplitMix64: Steele, Lea & Flood 2014)."""
    key = numbers.astype(np.uint64) + _GOLDEN
    key = (key ^ (key >> np.uint64(30))) * _MIX[0]
    key = (key ^ (key >> np.uint64(27))) * _MIX[1]
    found: KeyArray = key ^ (key >> np.uint64(31))
    return found


def paired(owner: IntArray, key: KeyArray) -> KeyArray:
    """Return a hash of each pair of an owner and a key, which tells keys of different owners apart, too."""
    return mixed(mixed(key) + owner.astype(np.uint64))


def sums(values: KeyArray, start: IntArray) -> KeyArray:
    """Add up keys of S steps, (S,), along paths that begin at `start`, (P + 1,), each to one of 64 bits, (P,)."""
    total = np.concatenate((np.zeros(1, dtype=np.uint64), np.cumsum(values, dtype=np.uint64)))
    found: KeyArray = total[start[1:]] - total[start[:-1]]
    return found


def route_keys(routes: PathSet, identity: IntArray) -> KeyArray:
    """Return what tells the routes of one demand apart, (P,)."""
    return sums(mixed(identity)[routes.arc], routes.start)


def collapsed(routes: PathSet, row: IntArray) -> tuple[IntArray, IntArray]:
    """Return the marks of routes by one row, (A,), repeated ones once, and where those of each begin, (P + 1,)."""
    mark = row[routes.arc]
    seen = np.flatnonzero(mark != NO_MARK)
    mark, owner = mark[seen], routes.path[seen]
    new = np.ones(seen.size, dtype=bool)
    new[1:] = (mark[1:] != mark[:-1]) | (owner[1:] != owner[:-1])
    return mark[new], np.searchsorted(owner[new], np.arange(routes.size + 1))


def way_keys(routes: PathSet, rows: IntArray) -> KeyArray:
    """Return what tells the ways of one demand apart, (P,), by some rows of marks, (L, A)."""
    key = np.zeros(routes.size, dtype=np.uint64)
    for row in rows:
        mark, start = collapsed(routes, row)
        position = np.arange(mark.size) - np.repeat(start[:-1], np.diff(start))
        key = mixed(key) + sums(paired(position, mixed(mark)), start)
    return key


class Found(NamedTuple):
    """Paths that were found: of each what it costs by itself and what tells it from others of its demand, (P,)."""

    routes: PathSet
    cost: FloatArray
    key: KeyArray

    @classmethod
    def joined(cls, parts: Sequence[Found]) -> Found:
        """Return several finds as one."""
        length = np.concatenate([one.routes.length for one in parts])
        demand = np.concatenate([one.routes.demand for one in parts])
        arc = np.concatenate([one.routes.arc for one in parts])
        routes = PathSet.of_lengths(demand, length, arc)
        return cls(routes, np.concatenate([one.cost for one in parts]), np.concatenate([one.key for one in parts]))

    def take(self, which: IntArray) -> Found:
        """Return some of the paths, in that order."""
        return Found(taken(self.routes, which), self.cost[which], self.key[which])


def taken(routes: PathSet, which: IntArray) -> PathSet:
    """Return some routes, in that order."""
    length = routes.length[which]
    end = np.cumsum(length)
    step = np.arange(int(length.sum())) + np.repeat(routes.start[:-1][which] - (end - length), length)
    return PathSet.of_lengths(routes.demand[which], length, routes.arc[step])


@dataclass(frozen=True, eq=False)
class RouteSet:
    """The routes that demands choose among, in the order of demands and, within a demand, of groups and ways.

    Groups and ways stand in the order of their cheapest routes, and so do the routes of one.

    Attributes
    ----------
    problem, marks
        What they were made for; of the problem amounts, penalties and capacities do not matter.
    routes
        The routes, each once.
    way
        The way of each, (P,), numbered from 0 without gaps in the order of the routes.
    cost
        What each costs a tonne, without prices, (P,).
    cheapest
        What each demand's cheapest path costs, (D,): ``inf`` where there is none.
    group
        The group of each way, (W,), numbered from 0 without gaps in the order of the ways; None without groups.
    """

    problem: FlowProblem
    marks: Marks
    routes: PathSet
    way: IntArray
    cost: FloatArray
    cheapest: FloatArray
    group: IntArray | None = None

    @classmethod
    def of(cls, problem: FlowProblem, marks: Marks, routes: PathSet, cheapest: FloatArray) -> RouteSet:
        """Put routes, each once, in order, and number their ways and groups."""
        cost = routes.sums(problem.cost.ravel()[routes.steps(problem.class_[routes.demand], problem.arc_count)])
        key = route_keys(routes, marks.identity)
        way = mixed(key if marks.nest is None else way_keys(routes, marks.rows[: marks.nest]))
        number, least = _numbered(routes, way, cost)
        if marks.group is None:
            order = np.lexsort((key, cost, way, least, routes.demand))
            return cls(problem, marks, taken(routes, order), _in_order(number[order]), cost[order], cheapest)
        group = way_keys(routes, marks.rows[: marks.group])
        group_number, least_of_group = _numbered(routes, group, cost)
        order = np.lexsort((key, cost, way, least, group, least_of_group, routes.demand))
        ways, groups = _in_order(number[order]), _in_order(group_number[order])
        first = np.flatnonzero(np.diff(ways, prepend=-1))
        return cls(problem, marks, taken(routes, order), ways, cost[order], cheapest, groups[first])

    @property
    def size(self) -> int:
        """P, the number of routes."""
        return self.routes.size

    def under(self, marks: Marks) -> RouteSet:
        """Return the same routes where other marks make the ways."""
        return RouteSet.of(self.problem, marks, self.routes, self.cheapest)

    def joined(self, more: PathSet) -> RouteSet:
        """Return the set with other routes of its problem, those that are in it already left out."""
        routes = self.routes.followed_by(more)
        pair = paired(routes.demand, route_keys(routes, self.marks.identity))
        first = np.sort(np.unique(pair, return_index=True)[1])
        return RouteSet.of(self.problem, self.marks, taken(routes, first), self.cheapest)

    def fits(self, problem: FlowProblem) -> bool:
        """Tell whether the set is as good for another problem: its network and demands are the same, and so are costs.

        Amounts, penalties, capacities and what a tonne takes of resources may differ, and arcs may be closed: `on` then
        drops the routes over them, and closing the set at its prices mends it.
        """
        mine = self.problem
        same = all(np.array_equal(getattr(problem, name), getattr(mine, name)) for name in _SHAPE)
        if not same or problem.cost.shape != mine.cost.shape:
            return False
        return bool((np.isinf(problem.cost) | (problem.cost == mine.cost)).all())

    def on(self, problem: FlowProblem, cheapest: FloatArray) -> RouteSet:
        """Return the routes that are open in another problem with the same network and demands, at its costs.

        Parameters
        ----------
        problem
            One whose arcs, classes and demands have the same numbers.
        cheapest
            What the cheapest path of each demand costs there, (D,).
        """
        step = self.routes.steps(problem.class_[self.routes.demand], problem.arc_count)
        closed = self.routes.sums(np.isinf(problem.cost.ravel()[step]).astype(np.float64)) > 0
        return RouteSet.of(problem, self.marks, self.routes.select(~closed), cheapest)


def _numbered(routes: PathSet, nest: KeyArray, cost: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return a number of the nest of each route, and the cost of the cheapest route in it, (P,) both."""
    _, number = np.unique(paired(routes.demand, nest), return_inverse=True)
    least = np.full(routes.size, np.inf)
    np.minimum.at(least, number, cost)
    return number, least[number]


def _in_order(number: IntArray) -> IntArray:
    """Return numbers of nests that stand together, (P,), as numbers from 0 without gaps in their order."""
    new = np.ones(number.size, dtype=bool)
    new[1:] = number[1:] != number[:-1]
    return np.cumsum(new) - 1
