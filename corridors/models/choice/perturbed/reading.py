r"""From shares of segments to flows on routes that are demands' own, overdraw nothing and leave the rest.

==========================  ================  ======
symbol                      name              shape
==========================  ================  ======
:math:`x_p`                 ``flow``          (P,)
:math:`A_{rp}`              ``use``           (P, R)
:math:`b_r`                 ``capacity``      (R,)
==========================  ================  ======
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from corridors.models.arrays import FloatArray
from corridors.models.choice.perturbed.contraction import routes_of
from corridors.models.choice.perturbed.interior import Point
from corridors.models.choice.perturbed.setting import Setting
from corridors.models.choice.perturbed.subnetworks import Contracted
from corridors.models.paths import PathSet

_DIGITS = 2.0**-48  # of an amount: what the last digits of sums may leave of it


@dataclass(frozen=True, eq=False)
class Flows:
    """Routes, tonnes a year on each, (P,), and left of each demand, (D,)."""

    routes: PathSet
    flow: FloatArray
    unserved: FloatArray


def read(setting: Setting, problem: Contracted | None, point: Point | None, dust: float) -> Flows:
    """Read flows on routes out of shares.

    Parameters
    ----------
    setting, problem, point
        What was solved, and how; None where nothing can go anywhere.
    dust
        What share of a demand no route is made for.
    """
    amount = setting.problem.amount
    routes, flow = PathSet.of(np.empty(0, dtype=np.int64), []), np.empty(0)
    if problem is not None and point is not None:
        found = routes_of(problem.chains, np.where(point.share > dust, point.share, 0.0), dust)
        arc = setting.order[problem.arc[found.arc]]
        routes = PathSet.of_lengths(setting.demand[found.trip], found.length, arc)
        flow = found.share * setting.amount[found.trip]
    carried = np.bincount(routes.demand, flow, amount.size)
    nearly = carried >= amount * (1 - dust)  # what is left then is rounding
    whole = np.isinf(setting.problem.penalty) | nearly
    with np.errstate(divide="ignore", invalid="ignore"):
        flow = flow * np.where(whole & (carried > 0), amount / carried, 1.0)[routes.demand]
    flow = _kept(setting, routes, flow)
    routes, flow = _with_stayers(setting, routes, flow)
    unserved = np.maximum(amount - np.bincount(routes.demand, flow, amount.size), 0.0)
    return Flows(routes, flow, np.where(unserved <= _DIGITS * amount, 0.0, unserved))


def _kept(setting: Setting, routes: PathSet, flow: FloatArray) -> FloatArray:
    """Return flows, (P,), lowered where they overdraw a resource of which no route gives any back."""
    problem = setting.problem
    step = routes.steps(problem.class_[routes.demand], problem.arc_count)
    use = routes.use(step, sparse.csr_array(problem.usage.T))
    taken = use.T @ flow
    gives = np.bincount(use.indices[use.data < 0], minlength=taken.size) > 0
    over = (taken > problem.capacity) & ~gives
    if not over.any():
        return flow
    part = np.ones(taken.size)
    part[over] = problem.capacity[over] / taken[over] * (1 - 2.0**-52)
    entry = np.repeat(np.arange(flow.size), np.diff(use.indptr))
    least = np.ones(flow.size)
    np.minimum.at(least, entry, np.where(use.data != 0, part[use.indices], 1.0))
    return flow * np.where(np.isinf(problem.penalty[routes.demand]), 1.0, least)


def _with_stayers(setting: Setting, routes: PathSet, flow: FloatArray) -> tuple[PathSet, FloatArray]:
    """Return routes and flows with the empty paths of demands from a node to itself, by demands."""
    problem = setting.problem
    here = np.flatnonzero((problem.origin == problem.destination) & (problem.amount > 0))
    if not here.size:
        return routes, flow
    empty = PathSet.of(here, [np.empty(0, dtype=np.int64)] * here.size)
    both, flows = routes.followed_by(empty), np.concatenate((flow, problem.amount[here]))
    order = np.argsort(both.demand, kind="stable")
    arcs = [both.arcs_of(path) for path in order]
    return PathSet.of(both.demand[order], arcs), flows[order]
