r"""The routes that a problem's demands choose among, made by searches at several costs of the arcs.

At the problem's own costs the cheapest route of every sequence of frontiers and ports is found
(`corridors.models.choice.sequences`), and there, at given prices of the resources and at costs that chance has changed,
the cheapest path of every demand through every arc (`corridors.models.choice.through`). Of each way in full the few
cheapest are kept; what is far dearer than a demand's cheapest path is not, nor what is needless
(`corridors.models.choice.needless`). Nothing depends on amounts, penalties or capacities. Memory grows with the demands
of a class times its arcs.

What is far dearer follows from how sharply a demand chooses: beside its cheapest route, one that costs x times as much
has the weight :math:`e^{-\tau_k (x - 1)}`, and what has less than `NEGLIGIBLE` is not looked for (`widths`). One width
for all would leave out ways that count where tau is small, and figures would jump as costs move one way or the other
over the limit; where tau is large, it would fill the list with routes that nobody takes.

=====================================  ============  ==========
symbol                                 name          shape
=====================================  ============  ==========
:math:`c_a`                            ``cost``      (C, A)
:math:`\mu_r`                          ``price``     (R,)
:math:`c_a + A_a^\top \mu`             ``priced``    (C, A)
:math:`\tau_k`                         ``tau``       (D,)
:math:`1 + \ln(1 / 0.01) / \tau_k`     ``widest``    (D,)
=====================================  ============  ==========
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corridors.models.arrays import BoolArray, FloatArray, KeyArray
from corridors.models.choice.draws import drawn
from corridors.models.choice.needless import needless
from corridors.models.choice.route_set import Found, Marks, RouteSet, paired, route_keys, way_keys
from corridors.models.choice.searching import Searches
from corridors.models.choice.sequences import Sequences
from corridors.models.choice.through import Through
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem

ROUNDING = 1e-9  # relative: what other orders of adding up may make of a cost
NEGLIGIBLE = 0.01  # the weight of a route beside the cheapest one, below which it is not looked for
NARROWEST, WIDEST = 1.25, 1.6  # of the multiples: at full places boxes pay up to 1.3 of it anyway


@dataclass(frozen=True)
class RouteSettings:
    """How routes are looked for, and which are kept.

    Attributes
    ----------
    draws, spread
        How often chance changes the costs, and the standard deviations of the logarithm of its factors, by the arc and
        by the mode.
    keep
        How many routes of each way in full: the cheapest at the problem's own costs, and at each of the given prices.
    widest
        What a route may cost, as a multiple of its demand's cheapest path, at least 1, where no width is given.
    """

    draws: int = 6
    spread: tuple[float, float] = (0.1, 0.2)
    keep: int = 3
    widest: float = 1.25


def generate(
    problem: FlowProblem,
    marks: Marks,
    prices: Sequence[FloatArray] = (),
    known: PathSet | None = None,
    settings: RouteSettings | None = None,
    widest: FloatArray | None = None,
) -> RouteSet:
    """Return routes for every demand that has a path.

    Parameters
    ----------
    problem
        Whose demands choose; its amounts, penalties and capacities are not looked at.
    marks
        What makes two routes one way.
    prices
        Prices of the resources, (R,) each, at which routes are looked for as well: those of the linear optimum.
    known
        Routes that belong to the set whatever they cost: the linear optimum's own.
    settings
        How much is looked for.
    widest
        What a route of each demand may cost, (D,), as a multiple of its cheapest path (`widths`); None takes that of
        the settings for all.
    """
    settings = RouteSettings() if settings is None else settings
    priced = [_at_prices(problem, price) for price in prices]
    cheapest = least_costs(problem)
    widest = np.full(problem.demand_count, settings.widest) if widest is None else widest
    widest = widest * (1 + ROUNDING)
    through, sequences = Through(problem, widest * cheapest, marks.identity), Sequences(problem, marks)
    itself = _to_itself(problem)
    must = _measured(problem, marks, itself if known is None else known.followed_by(itself))
    found = [must, *(_measured(problem, marks, part) for part in sequences.find(problem.cost, widest))]
    for cost in (problem.cost, *priced):
        found += through.find(cost)
    kept = _kept(problem, marks, found, priced, settings.keep)
    for draw in range(settings.draws):
        more = through.find(drawn(problem.cost, marks, draw, settings.spread))
        kept = _kept(problem, marks, (must, kept, *more), priced, settings.keep)
    return RouteSet.of(problem, marks, kept.routes, cheapest)


def widths(tau: FloatArray) -> FloatArray:
    """Return what a route may cost as a multiple of the cheapest one, (D,), so that it has more than `NEGLIGIBLE`.

    Parameters
    ----------
    tau
        How sharply each demand chooses among chains of modes or ways, (D,), above 0: by how many per cent odds fall
        for each per cent of the cheapest cost.
    """
    widest: FloatArray = np.clip(1 - np.log(NEGLIGIBLE) / tau, NARROWEST, WIDEST)
    return widest


def least_costs(problem: FlowProblem) -> FloatArray:
    """Return the cost of each demand's cheapest path, (D,): 0 from a node to itself, ``inf`` where there is none."""
    searches, found = Searches(problem), np.full(problem.demand_count, np.inf)
    for class_ in np.unique(problem.class_).tolist():
        mine = np.flatnonzero(problem.class_ == class_)
        distance = searches.grow(class_, problem.cost[class_], searches.roots[class_]).distance
        found[mine] = distance[searches.tree[mine], problem.destination[mine]]
    return found


def _at_prices(problem: FlowProblem, price: FloatArray) -> FloatArray:
    """Return what each class pays on each arc, (C, A), at least 0: only a search for routes, no proof, rests on it."""
    priced: FloatArray = problem.cost + (problem.usage.T @ price).reshape(problem.cost.shape)
    return np.maximum(priced, 0.0)


def _to_itself(problem: FlowProblem) -> PathSet:
    """Return the empty paths of demands from a node to itself."""
    demand = np.flatnonzero(problem.origin == problem.destination)
    return PathSet.of_lengths(demand, np.zeros_like(demand), np.empty(0, dtype=np.int64))


def _measured(problem: FlowProblem, marks: Marks, routes: PathSet) -> Found:
    return Found(routes, routes_cost(problem, routes, problem.cost), route_keys(routes, marks.identity))


def routes_cost(problem: FlowProblem, routes: PathSet, cost: FloatArray) -> FloatArray:
    """Return what each route costs at costs of classes and arcs, (C, A): (P,)."""
    return routes.sums(cost.ravel()[routes.steps(problem.class_[routes.demand], problem.arc_count)])


def _kept(problem: FlowProblem, marks: Marks, parts: Sequence[Found], priced: Sequence[FloatArray], keep: int) -> Found:
    """Return what is kept of several finds: the whole first one, and of each way the cheapest few."""
    found = Found.joined(parts)
    _, first = np.unique(paired(found.routes.demand, found.key), return_index=True)
    must = first < parts[0].routes.size
    found = found.take(first)
    way = way_keys(found.routes, marks.rows)
    costs = [found.cost, *(routes_cost(problem, found.routes, cost) for cost in priced)]
    wanted = np.zeros(found.cost.size, dtype=bool)
    for cost in costs:
        wanted |= _cheapest_of_ways(found, way, cost, keep)
    wanted &= ~needless(found.routes, way, marks.rows, costs)
    return found.take(np.flatnonzero(must | wanted))


def _cheapest_of_ways(found: Found, way: KeyArray, cost: FloatArray, keep: int) -> BoolArray:
    """Tell which routes are among the cheapest few of their way, (P,)."""
    demand = found.routes.demand
    order = np.lexsort((found.key, cost, way, demand))
    new = np.ones(order.size, dtype=bool)
    new[1:] = (demand[order][1:] != demand[order][:-1]) | (way[order][1:] != way[order][:-1])
    first = np.flatnonzero(new)
    rank = np.arange(order.size) - first[np.cumsum(new) - 1]
    wanted = np.zeros(order.size, dtype=bool)
    wanted[order[rank < keep]] = True
    return wanted
