"""The Lagrangian bound: what no plan can cost less than, for any prices of the resources.

Charge every tonne for the resources that it takes, at prices ``mu >= 0``, and let it otherwise use them
freely. Then each demand takes its cheapest path or stays, and (Geoffrion 1974)::

    sum_k d_k min(dist_k(c + A'mu), pen_k)  -  b'mu   <=   the cost of every plan

Only lower bounds on ``dist_k`` are needed for this to be true, and any node potentials that start from 0 at
the origin and that no arc can lower are such (Bellman 1958). They are taken from `corridors.models.shortest`
and then checked: a potential that is too high is found here and lowered, so the search is not trusted.
"""

from __future__ import annotations

import math

import numpy as np

from corridors.models import shortest
from corridors.models.arrays import FloatArray, IntArray
from corridors.models.problem import FlowProblem

_ORIGINS_AT_ONCE = 256  # keeps the distances of a large instance in a few megabytes


def lagrangian_bound(problem: FlowProblem, price: FloatArray) -> float:
    """Give the bound at the prices of the resources, (R,), all at least 0.

    It is ``inf`` if a demand that must be served has no path. It is ``-inf`` if the prices prove nothing,
    because they are too large to add up, or because going round in a circle pays at them, as only a negative
    usage can make it.
    """
    with np.errstate(over="ignore"):
        terms = -problem.capacity * price
        for class_ in np.unique(problem.class_[problem.amount > 0]).tolist():
            demands = np.flatnonzero((problem.class_ == class_) & (problem.amount > 0))
            least = np.minimum(_distances(problem, class_, demands, price), problem.penalty[demands])
            terms = np.append(terms, problem.amount[demands] * least)
    if np.isfinite(terms).all():
        return math.fsum(terms)
    return -math.inf if np.isneginf(terms).any() else math.inf


def _distances(problem: FlowProblem, class_: int, demands: IntArray, price: FloatArray) -> FloatArray:
    """Give a lower bound on the cost of any path of each of the demands of a class, (len(demands),)."""
    cost: FloatArray = problem.cost[class_] + problem.usage_of(class_).T @ price
    if not np.isfinite(cost[np.isfinite(problem.cost[class_])]).all():
        return np.full(demands.size, -np.inf)
    origins, row = np.unique(problem.origin[demands], return_inverse=True)
    distance = np.empty(demands.size)
    for begin in range(0, origins.size, _ORIGINS_AT_ONCE):
        some = origins[begin : begin + _ORIGINS_AT_ONCE]
        if cost.min(initial=0) >= 0:
            guess = shortest.distances(problem, class_, cost, some)
        else:
            guess = np.full((some.size, problem.node_count), np.inf)
        for i, origin in enumerate(some):
            mine = np.flatnonzero(row == begin + i)
            ends = problem.destination[demands[mine]]
            distance[mine] = _lowered(problem, cost, guess[i], int(origin), ends)[ends]
    return distance


def _lowered(problem: FlowProblem, cost: FloatArray, guess: FloatArray, origin: int, ends: IntArray) -> FloatArray:
    """Lower potentials, (N,), until no arc can lower them any more; ``-inf`` if that never comes."""
    potential = np.where(guess >= 0, guess, np.inf)
    potential[origin] = 0
    open_ = np.isfinite(cost)
    if cost.min(initial=0) < 0:
        open_ &= _leads_to(problem, open_, ends)
    tail, head, step = problem.tail[open_], problem.head[open_], cost[open_]
    for _ in range(problem.node_count + 1):
        reached = potential[tail] + step
        lower = reached < potential[head]
        if not lower.any():
            return potential
        np.minimum.at(potential, head[lower], reached[lower])
    return np.full(problem.node_count, -np.inf)


def _leads_to(problem: FlowProblem, open_: np.ndarray, ends: IntArray) -> np.ndarray:
    """Tell the arcs from which one of the ends can be reached, (A,)."""
    leads = np.zeros(problem.node_count, dtype=bool)
    leads[ends] = True
    while True:
        onward = open_ & leads[problem.head]
        more = problem.tail[onward]
        if leads[more].all():
            return onward
        leads[more] = True
