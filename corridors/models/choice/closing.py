r"""A route set closed at its own prices: no demand lacks its cheapest route there.

The problem is solved over the listed routes, every demand's cheapest path at the prices found is added where it is
cheaper than all that are listed, and so on until there is none: column generation for the choice (Leventhal, Nemhauser
& Trotter 1973 generate paths so for traffic equilibrium). Prices hold waiting and scarcity alike.

============================  ===========  ==========
symbol                        name         shape
============================  ===========  ==========
:math:`\mu_r`                 ``price``    (R,)
:math:`c_p + A_p^\top \mu`    ``listed``   (P,)
============================  ===========  ==========
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from corridors.errors import SolverError
from corridors.models.arrays import FloatArray
from corridors.models.choice.problem import ChoiceProblem, ChoiceSolution
from corridors.models.choice.route_set import RouteSet
from corridors.models.paths import PathSet
from corridors.models.pricing.trees import Pricer
from corridors.models.problem import FlowProblem

CHEAPER = 1e-9  # relative: what is not cheaper by more is as good as listed
MOST_ROUNDS = 50


@dataclass(frozen=True, eq=False)
class Closed:
    """A closed route set with the answer over it.

    Attributes
    ----------
    routes
        The set.
    problem, solution
        The problem over it and its answer.
    rounds
        How often it was solved.
    added
        How many routes each round but the last added.
    missing
        Demands whose cheapest path at the final prices is not listed: 0, unless the rounds ran out.
    """

    routes: RouteSet
    problem: ChoiceProblem
    solution: ChoiceSolution
    rounds: int
    added: tuple[int, ...]
    missing: int


def close(
    routes: RouteSet,
    solve: Callable[[RouteSet, ChoiceSolution | None], tuple[ChoiceProblem, ChoiceSolution]],
    rounds: int = MOST_ROUNDS,
) -> Closed:
    """Solve over a route set and add cheapest routes until none is missing.

    Parameters
    ----------
    routes
        What there is to begin with.
    solve
        States the problem over a route set and solves it, from the answer of the round before (None in the first). The
        costs of the problem's network may be other than those of the route set's, and change from round to round.
    rounds
        How often to solve at most.

    Raises
    ------
    SolverError
        If a cycle has a negative cost at the prices.
    """
    added: list[int] = []
    solution: ChoiceSolution | None = None
    while True:
        problem, solution = solve(routes, solution)
        more = missing(problem.flow, problem.routes, solution.resource_price)
        if not more.size or len(added) + 1 >= rounds:
            return Closed(routes, problem, solution, len(added) + 1, tuple(added), more.size)
        grown = routes.joined(more)
        if grown.size == routes.size:  # a listed route again: rounding alone makes it seem cheaper
            return Closed(routes, problem, solution, len(added) + 1, tuple(added), 0)
        added.append(grown.size - routes.size)
        routes = grown


def missing(problem: FlowProblem, listed: PathSet, price: FloatArray) -> PathSet:
    """Return the cheapest path at prices of every demand that has a cheaper one than those listed.

    Parameters
    ----------
    problem
        The network with its costs.
    listed
        Routes of its demands.
    price
        Of each resource, (R,), at least 0.

    Raises
    ------
    SolverError
        If a cycle has a negative cost at the prices.
    """
    demands = np.flatnonzero(problem.origin != problem.destination)
    pricer = Pricer(problem, demands)
    cost = pricer.arc_costs(price)
    known = np.full(problem.demand_count, np.inf)
    paid = listed.sums(cost[listed.steps(problem.class_[listed.demand], problem.arc_count)])
    np.minimum.at(known, listed.demand, paid)
    found = pricer.price(price, known, CHEAPER)
    if found.cycle:
        raise SolverError(
            "At these prices going round in a circle pays, so no route is the cheapest: "
            "a negative usage of a resource must cost more than it gives."
        )
    order = np.argsort(found.demand, kind="stable")[::-1]  # steps come last first, by demands mixed
    order = order[np.argsort(found.demand[order], kind="stable")]
    demand, length = np.unique(found.demand, return_counts=True)
    paths = PathSet.of_lengths(demand, length, found.arc[order])
    costs = paths.sums(cost[paths.steps(problem.class_[demand], problem.arc_count)])
    worth = known[demand]  # where costs may be negative, and no route is known, infinity stays infinity
    return paths.select(costs < worth - CHEAPER * np.where(np.isfinite(worth), np.abs(worth), 0.0))
