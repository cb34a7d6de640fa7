r"""The Lagrangian bound: no plan costs less, whatever the prices of the resources.

Lift the limits, and charge every tonne for the resources that it takes at prices :math:`\mu \ge 0` instead. Then each
demand takes its cheapest path or stays unserved, and (Geoffrion 1974)

.. math::

   \sum_k d_k \min\{\text{dist}_k(c + A^\top \mu),\; \text{pen}_k\} - b^\top \mu
   \;\le\; \text{the cost of every plan}

This is true for any lower bounds on :math:`\text{dist}_k`, and node potentials that are 0 at the origin and that no arc
can lower are such bounds (Bellman 1958). They are taken from `corridors.models.shortest` and then checked: a potential
that is too high is found here and lowered, so the search is not trusted.

======================================  ==============  ======
symbol                                  name            shape
======================================  ==============  ======
:math:`\mu_r`                           ``price``       (R,)
:math:`c + A^\top \mu`                  ``costs``       (C, A)
:math:`d_k`                             ``amount``      (D,)
:math:`\text{dist}_k`                   ``distance``    (D,)
:math:`\min\{\text{dist}_k, \cdot\}`    ``least``       (D,)
:math:`\text{pen}_k`                    ``penalty``     (D,)
:math:`b_r`                             ``capacity``    (R,)
======================================  ==============  ======
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from corridors.models import shortest
from corridors.models.arrays import BoolArray, FloatArray, IntArray
from corridors.models.gap import ROUNDING
from corridors.models.problem import FlowProblem

_ENTRIES_AT_ONCE = 1 << 22  # of origins by arcs: keeps what is checked of a large instance in some dozen megabytes
_KEPT = 1 << 23  # potentials of trees that are kept at most: 64 megabytes
_AS_GOOD = 1e-13  # relative: a distance that falls short by no more is not searched for again

type Trees = dict[int, tuple[IntArray, FloatArray]]
type Guess = Callable[[int, IntArray], FloatArray | None]


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The optimum of the problem with its limits lifted and priced instead.

    Attributes
    ----------
    price
        Of each resource, (R,).
    cost
        What a tonne of each class pays on each arc, resources at their prices, (C, A).
    least
        The least that a tonne of each demand can pay, on its cheapest path or unserved, (D,); 0 where its amount is 0.
    value
        The bound.
    rounding
        By how much its last digits can be wrong.
    trees
        By class the origins, (O,), and the potentials of all nodes from each, (O, N), as far as they were kept.
    """

    price: FloatArray
    cost: FloatArray
    least: FloatArray
    value: float
    rounding: float
    trees: Trees = field(default_factory=dict, repr=False)


def relax(problem: FlowProblem, price: FloatArray, guess: Guess | None = None, *, keep: bool = False) -> Relaxation:
    """Solve the Lagrangian relaxation at some prices of the resources.

    The bound is ``inf`` if a demand that must be served has no path. It is ``-inf`` if the prices prove nothing: they
    are too large to add up, or a cycle has a negative cost at them, which takes a negative usage.

    Parameters
    ----------
    problem
        To be relaxed.
    price
        Of each resource, (R,), at least 0.
    guess
        Returns potentials of all nodes for a class and some of its origins, (O, N), or None; it spares searches. They
        are checked like those that are searched for; bad ones make a bound that is true, but low.
    keep
        Whether to keep the trees, where they are not too large, for `moved`.
    """
    trees: Trees | None = {} if keep else None
    least = np.zeros(problem.demand_count)
    with np.errstate(over="ignore", invalid="ignore"):
        costs = problem.cost + (problem.usage.T @ price).reshape(problem.cost.shape)
        routed = _routed(problem)
        for class_ in np.unique(problem.class_[routed]).tolist():
            demands = np.flatnonzero((problem.class_ == class_) & routed)
            distance = _distances(problem, class_, demands, costs[class_], guess, trees)
            least[demands] = np.minimum(distance, problem.penalty[demands])
        value, rounding = _sum_of(problem, price, least)
    return Relaxation(price, costs, least, value, rounding, trees or {})


def moved(problem: FlowProblem, known: Relaxation, price: FloatArray, wanted: FloatArray) -> Relaxation:
    """Solve the relaxation at other prices, and search only the trees that no longer prove enough.

    Kept potentials stay lower bounds while no arc that became cheaper can lower them; where one can, they are lowered.
    A tree is searched again where its potentials then prove less of a demand than what it is thought to pay.

    Parameters
    ----------
    problem, price
        As of `relax`.
    known
        The relaxation at other prices, with its trees. Without trees, everything is searched.
    wanted
        What each demand is thought to pay at least, (D,). If this is too low the bound is low, but true.
    """
    costs = problem.cost + (problem.usage.T @ price).reshape(problem.cost.shape)
    if not known.trees or costs.min(initial=0) < 0:
        return relax(problem, price)
    least = np.zeros(problem.demand_count)
    changed, outward, routed = costs != known.cost, _outward(problem), _routed(problem)
    for class_, (origins, potential) in known.trees.items():
        demands = np.flatnonzero((problem.class_ == class_) & routed)
        row, ends = np.searchsorted(origins, problem.origin[demands]), problem.destination[demands]
        distance = potential[row, ends]
        arcs = np.flatnonzero(changed[class_])
        if arcs.size:
            aim = np.minimum(wanted[demands], problem.penalty[demands])
            far = np.zeros(origins.size)
            np.maximum.at(far, row, aim)  # how far the tree must be right
            cheaper = arcs[costs[class_, arcs] < known.cost[class_, arcs]]
            sound = _spread(outward, problem, costs[class_], np.minimum(potential, far[:, None]), cheaper)
            distance = sound[row, ends]
            again = np.unique(row[distance < aim * (1 - _AS_GOOD)])
            few = demands[np.isin(row, again)]
            if few.size:
                distance[np.isin(row, again)] = _distances(problem, class_, few, costs[class_], None)
        least[demands] = np.minimum(distance, problem.penalty[demands])
    value, rounding = _sum_of(problem, price, least)
    return Relaxation(price, costs, least, value, rounding)


def _routed(problem: FlowProblem) -> BoolArray:
    """Tell which demands need a path, (D,); what is where it goes takes none, and pays 0 whatever the prices."""
    routed: BoolArray = (problem.amount > 0) & (problem.origin != problem.destination)
    return routed


def _outward(problem: FlowProblem) -> tuple[IntArray, IntArray]:
    """Return the arcs by their tails, (A,), and where those of each node begin, (N + 1,)."""
    order = np.argsort(problem.tail, kind="stable")
    return order, np.searchsorted(problem.tail[order], np.arange(problem.node_count + 1))


def _spread(
    outward: tuple[IntArray, IntArray], problem: FlowProblem, cost: FloatArray, potential: FloatArray, arcs: IntArray
) -> FloatArray:
    """Lower potentials, (O, N), after some arcs became cheaper, until no arc can lower them any more.

    Before, no arc could. So only arcs that became cheaper, and arcs out of a node that was lowered, are looked at.
    """
    order, start = outward
    for _ in range(problem.node_count + 1):
        if not arcs.size:
            return potential
        head = problem.head[arcs]
        by = np.argsort(head, kind="stable")
        heads, first = np.unique(head[by], return_index=True)
        reached = np.minimum.reduceat((potential[:, problem.tail[arcs]] + cost[arcs])[:, by], first, axis=1)
        lower = (reached < potential[:, heads]).any(axis=0)
        potential[:, heads] = np.minimum(reached, potential[:, heads])
        lowered = heads[lower]
        arcs = order[
            np.concatenate([np.empty(0, dtype=np.int64), *(np.arange(start[v], start[v + 1]) for v in lowered)])
        ]
    return np.full_like(potential, -np.inf)


def _sum_of(problem: FlowProblem, price: FloatArray, least: FloatArray) -> tuple[float, float]:
    """Return the bound from the least that each demand can pay, (D,), and its rounding error."""
    some = problem.amount > 0
    terms = np.concatenate((-problem.capacity * price, problem.amount[some] * least[some]))
    if np.isfinite(terms).all():
        return math.fsum(terms), ROUNDING * float(np.abs(terms).sum())
    return (-math.inf if np.isneginf(terms).any() else math.inf), 0.0


def _distances(
    problem: FlowProblem,
    class_: int,
    demands: IntArray,
    cost: FloatArray,
    guess: Guess | None,
    trees: Trees | None = None,
) -> FloatArray:
    """Return a lower bound on the cost of any path of each of the K demands of a class, (K,)."""
    if not np.isfinite(cost[np.isfinite(problem.cost[class_])]).all():
        return np.full(demands.size, -np.inf)
    origins, row = np.unique(problem.origin[demands], return_inverse=True)
    distance = np.empty(demands.size)
    open_ = np.isfinite(cost)
    pays = cost.min(initial=0) < 0
    step = 1 if pays else max(1, _ENTRIES_AT_ONCE // max(1, problem.arc_count))
    for begin in range(0, origins.size, step):
        some = origins[begin : begin + step]
        mine = np.flatnonzero((row >= begin) & (row < begin + some.size))
        ends = problem.destination[demands[mine]]
        guessed = None if guess is None else guess(class_, some)
        if pays:
            guessed = np.full((1, problem.node_count), np.inf)
            open_ = np.isfinite(cost) & _leads_to(problem, np.isfinite(cost), ends)
        elif guessed is None:
            guessed = shortest.distances(problem, class_, cost, some)
        arcs = problem.tail[open_], problem.head[open_], cost[open_]
        sound = _lowered(arcs, guessed, some)
        distance[mine] = sound[row[mine] - begin, ends]
        if trees is not None and not pays and origins.size <= step and _entries(trees) <= _KEPT:
            trees[class_] = origins, sound
    if trees is not None and class_ not in trees:
        trees.clear()
    return distance


def _entries(trees: Trees) -> int:
    return sum(potential.size for _, potential in trees.values())


def _lowered(arcs: tuple[IntArray, IntArray, FloatArray], guess: FloatArray, origins: IntArray) -> FloatArray:
    """Lower potentials, (O, N), until no arc can lower them any more; ``-inf`` if that never comes."""
    tail, head, step = arcs
    potential = np.where(guess >= 0, guess, np.inf)
    potential[np.arange(origins.size), origins] = 0
    by_node = np.ascontiguousarray(potential.T)
    lower = (by_node[tail] + step[:, None] < by_node[head]).any(axis=0)
    for row in np.flatnonzero(lower).tolist():
        potential[row] = _settled(arcs, potential[row])
    return potential


def _settled(arcs: tuple[IntArray, IntArray, FloatArray], potential: FloatArray) -> FloatArray:
    tail, head, step = arcs
    for _ in range(potential.size + 1):
        reached = potential[tail] + step
        lower = reached < potential[head]
        if not lower.any():
            return potential
        np.minimum.at(potential, head[lower], reached[lower])
    return np.full(potential.size, -np.inf)


def _leads_to(problem: FlowProblem, open_: np.ndarray, ends: IntArray) -> np.ndarray:
    """Tell from which open arcs one of the ends can be reached, (A,)."""
    leads = np.zeros(problem.node_count, dtype=bool)
    leads[ends] = True
    while True:
        onward = open_ & leads[problem.head]
        more = problem.tail[onward]
        if leads[more].all():
            return onward
        leads[more] = True
