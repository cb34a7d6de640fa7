r"""The cheapest route of every sequence of marks: of all the frontiers and ports that a route may pass, in their order.

An arc with a mark in any row but the first (a crossing of a frontier, a change at a port) is a *gate*. Between gates a
route takes the cheapest path that passes none, so a route is known by its gates, and what it costs is a sum over them:

.. math::

   \text{dist}^0(o, i_1) + c_{a_1} + \sum_n \bigl( \text{dist}^0(j_n, i_{n+1}) + c_{a_{n+1}} \bigr) +
   \text{dist}^0(j_N, d), \qquad a_n = (i_n, j_n)

Sequences are lengthened gate by gate, all of a class at once, as long as what they cost and the cheapest path from
there on are within the limit; of those that have passed the same marks and end in the same gate the cheapest goes on.

========================  ============  ==========
symbol                    name          shape
========================  ============  ==========
:math:`c_a`               ``cost``      (A,)
:math:`\text{dist}^0`     ``distance``  (T, N)
========================  ============  ==========
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, IntArray, KeyArray
from corridors.models.choice.route_set import NO_MARK, Marks, mixed, paired
from corridors.models.choice.searching import Searches, Trees, is_simple
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

_MOST = 12  # gates of a route: ends what costs of nothing could lengthen for ever


class _States(NamedTuple):
    """S beginnings of routes: the demand of each, counted in its class, the gates passed, (S, n), and the cost."""

    demand: IntArray
    gates: IntArray
    cost: FloatArray

    def take(self, which: IntArray) -> _States:
        return _States(self.demand[which], self.gates[which], self.cost[which])


class _Gates(NamedTuple):
    """The gates that a class may pass, (G,): the arc, its ends, what it costs, and its marks as one number."""

    arc: IntArray
    tail: IntArray
    head: IntArray
    cost: FloatArray
    mark: KeyArray


class _Segments(NamedTuple):
    """Cheapest paths without gates: from origins, from behind each gate, and, backwards, from destinations."""

    first: Trees
    between: Trees
    last: Trees


class Sequences:
    """Finds the cheapest route of every sequence of marks of one problem."""

    def __init__(self, problem: FlowProblem, marks: Marks) -> None:
        self._problem = problem
        self._before, self._after = Searches(problem), Searches(problem, back=True)
        self._is_gate = (marks.rows[1:] != NO_MARK).any(axis=0)
        self._mark = np.zeros(problem.arc_count, dtype=np.uint64)
        for row in marks.rows[1:]:
            self._mark = paired(row, self._mark)
        self._demands = {c: np.flatnonzero(problem.class_ == c) for c in np.unique(problem.class_).tolist()}

    def find(self, cost: FloatArray, widest: FloatArray) -> list[PathSet]:
        """Return the routes at costs, (C, A), at most so many times, (D,), as dear as their demand's cheapest path."""
        return [part for class_ in self._demands for part in self._of_class(class_, cost[class_], widest)]

    def _of_class(self, class_: int, cost: FloatArray, widest: FloatArray) -> list[PathSet]:
        problem, demand = self._problem, self._demands[class_]
        gates, segments = self._segments(class_, cost)
        every = np.arange(demand.size)
        to_go = self._after.grow(class_, cost, self._after.roots[class_]).distance[self._after.tree[demand]]
        least = to_go[every, problem.origin[demand]]
        limit = widest[demand] * np.where(np.isfinite(least), least, -1.0)
        first = segments.first.distance[self._before.tree[demand]]
        reach = first[:, gates.tail]
        end = segments.last.distance[self._after.tree[demand]]
        none = np.zeros((demand.size, 0), dtype=np.int64)
        states, known = _States(every, none, np.zeros(demand.size)), _Known()
        whole = np.flatnonzero(first[every, problem.destination[demand]] <= limit)
        found = [self._written(demand, gates, segments, states.take(whole))]
        for _ in range(_MOST):
            states = _longer(states, reach, gates, to_go, limit)
            if not states.demand.size:
                break
            states = states.take(np.flatnonzero(~known.needless(states, gates)))
            known.add(states, gates)
            last = states.gates[:, -1]
            done = np.flatnonzero(states.cost + end[states.demand, gates.head[last]] <= limit[states.demand])
            found.append(self._written(demand, gates, segments, states.take(done)))
            reach = segments.between.distance[:, gates.tail][last]
        return found

    def _segments(self, class_: int, cost: FloatArray) -> tuple[_Gates, _Segments]:
        """Return the gates of a class and the cheapest paths without any, at costs, (A,)."""
        problem = self._problem
        arc = np.flatnonzero(self._is_gate & np.isfinite(cost) & np.isfinite(problem.cost[class_]))
        gates = _Gates(arc, problem.tail[arc], problem.head[arc], cost[arc], self._mark[arc])
        without = np.where(self._is_gate, np.inf, cost)
        behind = np.unique(gates.head)
        between = self._before.grow(class_, without, behind)
        row = np.searchsorted(behind, gates.head)
        return gates, _Segments(
            self._before.grow(class_, without, self._before.roots[class_]),
            Trees(between.distance[row], between.before[row], between.arc[row]),
            self._after.grow(class_, without, self._after.roots[class_]),
        )

    def _written(self, demand: IntArray, gates: _Gates, segments: _Segments, states: _States) -> PathSet:
        """Write out the routes that end after the gates passed."""
        problem, own = self._problem, demand[states.demand]
        first, last = self._before.tree[own], self._after.tree[own]
        count = states.gates.shape[1]
        if not count:
            parts = [(segments.first, first, problem.destination[own], -1)]
        else:
            arcs = states.gates
            parts = [(segments.first, first, gates.tail[arcs[:, 0]], -1)]
            parts += [(segments.between, arcs[:, n], gates.tail[arcs[:, n + 1]], -1) for n in range(count - 1)]
            parts += [(segments.last, last, gates.head[arcs[:, -1]], 1)]
        length = [tree.steps(row, node) for tree, row, node, _ in parts]
        total = np.sum(length, axis=0) + count
        start = np.cumsum(total) - total
        arc = np.empty(int(total.sum()), dtype=np.int64)
        at = start
        for n, ((tree, row, node, step), size) in enumerate(zip(parts, length, strict=True)):
            tree.write(arc, at if step > 0 else at + size - 1, row, node, step)
            at = at + size
            if n < count:
                arc[at] = gates.arc[states.gates[:, n]]
                at = at + 1
        routes = PathSet.of_lengths(own, total, arc)
        return routes.select(is_simple(routes, problem))


def _longer(states: _States, reach: FloatArray, gates: _Gates, to_go: FloatArray, limit: FloatArray) -> _States:
    """Return the beginnings with one gate more.

    Parameters
    ----------
    states, reach
        The beginnings, and how far every gate is from the end of each without another, (S, G).
    gates
        Those of the class.
    to_go, limit
        How far every node is from the destination of each demand, and what its route may cost.
    """
    total = states.cost[:, None] + reach + gates.cost
    state, gate = np.nonzero(total + to_go[:, gates.head][states.demand] <= limit[states.demand, None])
    passed = gates.mark[states.gates[state]]
    same = passed == gates.mark[gate][:, None]
    again = same.any(axis=1) & ~same[:, -1:].any(axis=1)  # passed before, and something else since
    state, gate = state[~again], gate[~again]
    sequence = np.concatenate((states.gates[state], gate[:, None]), axis=1)
    longer = _States(states.demand[state], sequence, total[state, gate])
    return longer.take(_least(longer.demand, gate, _key(gates.mark[sequence]), longer.cost))


def _key(marks: KeyArray) -> KeyArray:
    """Return what tells sequences of marks apart, (S,), by the marks of their gates, (S, n), which may repeat."""
    key = np.zeros(marks.shape[0], dtype=np.uint64)
    for n in range(marks.shape[1]):
        new = mixed(mixed(key) + marks[:, n])
        key = new if n == 0 else np.where(marks[:, n] == marks[:, n - 1], key, new)
    return key


def _least(demand: IntArray, gate: IntArray, key: KeyArray, cost: FloatArray) -> IntArray:
    """Return the cheapest of those with the same demand, gate and key."""
    order = np.lexsort((cost, key, gate, demand))
    new = np.zeros(order.size, dtype=bool)
    new[:1] = True
    for one in (demand, gate, key):
        new[1:] |= one[order][1:] != one[order][:-1]
    return order[new]


class _Known:
    """What the cheapest beginning costs that has passed some marks and ends in some gate."""

    def __init__(self) -> None:
        self._pair, self._cost = np.empty(0, dtype=np.uint64), np.empty(0)

    def add(self, states: _States, gates: _Gates) -> None:
        """Note some beginnings."""
        pair = np.concatenate((self._pair, self._pairs(states, gates.mark[states.gates])))
        cost = np.concatenate((self._cost, states.cost))
        order = np.lexsort((cost, pair))
        self._pair, first = np.unique(pair[order], return_index=True)
        self._cost = cost[order][first]

    def needless(self, states: _States, gates: _Gates) -> BoolArray:
        """Tell which beginnings cost no less than a shorter one with the same last gate and only marks of theirs."""
        marks = gates.mark[states.gates]
        left = np.arange(states.cost.size)
        for kept in product((True, False), repeat=marks.shape[1] - 1):
            if not left.size or not self._pair.size:
                break
            pair = self._pairs(states.take(left), marks[left][:, [*kept, True]])
            place = np.minimum(np.searchsorted(self._pair, pair), self._pair.size - 1)
            left = left[(self._pair[place] != pair) | (self._cost[place] > states.cost[left])]
        found = np.ones(states.cost.size, dtype=bool)
        found[left] = False
        return found

    @staticmethod
    def _pairs(states: _States, marks: KeyArray) -> KeyArray:
        return paired(states.demand, paired(states.gates[:, -1], _key(marks)))
