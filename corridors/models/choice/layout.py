r"""Where routes, ways, groups and demands lie in arrays, and what a tonne on each route takes: made once for a list.

A sweep changes costs, capacities, amounts and penalties, and keeps the routes and the usage: the layout is then the
same, and is kept for as long as anybody holds the routes.

===============  =============  ======
symbol           name           shape
===============  =============  ======
:math:`w(p)`     ``way``        (P,)
:math:`k(w)`     ``chooser``    (W,)
:math:`g(w)`     ``group``      (W,)
:math:`A_{rp}`   ``takes``      (R, P)
===============  =============  ======
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.choice.problem import ChoiceProblem
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem


@dataclass(frozen=True, eq=False)
class Groups:
    """G groups of the W ways, each of one chooser.

    Attributes
    ----------
    group
        Of each way, (W,).
    start
        The first way of each group, (G,).
    chooser
        Of each group, (G,).
    chooser_start
        The first group of each chooser, (K,).
    """

    group: IntArray
    start: IntArray
    chooser: IntArray
    chooser_start: IntArray

    @cached_property
    def single(self) -> BoolArray:
        """The groups of one way, (G,)."""
        one: BoolArray = np.diff(self.start, append=self.group.size) == 1
        return one


@dataclass(frozen=True, eq=False)
class Layout:
    """P listed routes in W ways of K demands: the choosers, which are those that have a route.

    Attributes
    ----------
    way
        Of each route, (P,).
    way_start
        The first route of each way, (W,).
    chooser
        Of each way, counted from 0 to K - 1, (W,).
    chooser_start
        The first way of each chooser, (K,).
    demand
        Which demand of the problem each chooser is, (K,).
    route_chooser
        Of each route, (P,).
    step
        Where each step of a route stands in the columns of the usage, (S,).
    moving, step_start
        The routes that have steps, and where these begin.
    groups
        The groups of ways, None where they have none.
    by_route, takes
        Units that a tonne on each route takes of each resource, in both orders, (P, R) and (R, P).
    gives
        Resources of which some route gives back, (R,).
    """

    way: IntArray
    way_start: IntArray
    chooser: IntArray
    chooser_start: IntArray
    demand: IntArray
    route_chooser: IntArray
    step: IntArray
    moving: IntArray
    step_start: IntArray
    by_route: UsageArray
    takes: UsageArray
    gives: BoolArray
    groups: Groups | None = None

    @cached_property
    def single(self) -> BoolArray:
        """The ways of one route, (W,)."""
        one: BoolArray = np.diff(self.way_start, append=self.way.size) == 1
        return one

    def by_chooser(self, values: FloatArray) -> FloatArray:
        """Return the sums of values of routes, (P,), by chooser, (K,)."""
        found: FloatArray = np.add.reduceat(values, self.route_start)
        return found

    @cached_property
    def route_start(self) -> IntArray:
        """The first route of each chooser, (K,)."""
        found: IntArray = self.way_start[self.chooser_start]
        return found

    @cached_property
    def gross(self) -> FloatArray:
        """What a tonne on every route together would take and give of each resource, (R,)."""
        found: FloatArray = abs(self.takes) @ np.ones(self.way.size)
        return found

    @cached_property
    def most(self) -> UsageArray:
        """The most that a tonne of each chooser can take of each resource, (R, K)."""
        takes, owner = self.takes, self.route_chooser[self.takes.indices]
        row = np.repeat(np.arange(takes.shape[0]), np.diff(takes.indptr))
        first = np.flatnonzero((np.diff(owner, prepend=-1) != 0) | (np.diff(row, prepend=-1) != 0))
        most = np.maximum.reduceat(np.maximum(takes.data, 0.0), first) if first.size else takes.data
        start = np.searchsorted(first, takes.indptr)
        return sparse.csr_array((most, owner[first], start), shape=(takes.shape[0], self.demand.size))

    def takes_of(self, wanted: BoolArray) -> UsageArray:
        """Return `takes` with the rows of some resources, told by a mask, (R,), and none or all of any other's.

        Rows that were wanted before stay, so that a sweep comes to one matrix that serves for all.
        """
        last = self._last
        if not last or (wanted & ~last[0][0]).any():
            kept = wanted | last[0][0] if last else wanted
            takes, length = self.takes, np.diff(self.takes.indptr)
            entry = np.repeat(kept, length)
            start = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(np.where(kept, length, 0))))
            some = sparse.csr_array((takes.data[entry], takes.indices[entry], start), shape=takes.shape)
            last[:] = [(kept, some)]
        return last[0][1]

    @cached_property
    def _last(self) -> list[tuple[BoolArray, UsageArray]]:
        return []

    @cached_property
    def squares(self) -> UsageArray:
        """The squares of `takes`, (R, P)."""
        takes = self.takes
        return sparse.csr_array((takes.data**2, takes.indices, takes.indptr), shape=takes.shape)

    def cost_of(self, flow: FlowProblem) -> FloatArray:
        """Return what a tonne costs on each route, (P,)."""
        found = np.zeros(self.way.size)
        if self.step.size:
            found[self.moving] = np.add.reduceat(flow.cost.ravel()[self.step], self.step_start)
        return found


_known: WeakKeyDictionary[PathSet, tuple[tuple[object, ...], Layout]] = WeakKeyDictionary()


def layout_of(problem: ChoiceProblem) -> Layout:
    """Return the layout of a problem's routes: the one that was made before, where it is still right.

    Raises
    ------
    ProblemError
        If the routes, ways or groups are not in their order, or do not fit the network.
    """
    routes = problem.routes
    rests_on = problem.flow.usage, problem.flow.class_, problem.way, problem.group
    known = _known.get(routes)
    if known is not None and all(one is other for one, other in zip(known[0], rests_on, strict=True)):
        return known[1]
    made = _made(problem)
    _known[routes] = rests_on, made
    return made


def _made(problem: ChoiceProblem) -> Layout:
    flow, routes, way = problem.flow, problem.routes, problem.way
    _check(problem)
    demand = np.asarray(routes.demand, dtype=np.int64)
    first_of_way = np.flatnonzero(np.diff(way, prepend=-1))
    way_demand = demand[first_of_way]
    first_of_chooser = np.flatnonzero(np.diff(way_demand, prepend=-1))
    chooser = np.repeat(np.arange(first_of_chooser.size), np.diff(first_of_chooser, append=way_demand.size))
    moving = np.flatnonzero(routes.length)
    step = routes.steps(flow.class_[demand], flow.arc_count)
    by_route = routes.use(step, sparse.csr_array(flow.usage.T))
    takes = sparse.csr_array(by_route.T)
    takes.sort_indices()
    gives = np.zeros(flow.resource_count, dtype=bool)
    gives[by_route.indices[by_route.data < 0]] = True
    return Layout(
        way=way,
        way_start=first_of_way,
        chooser=chooser,
        chooser_start=first_of_chooser,
        demand=way_demand[first_of_chooser],
        route_chooser=chooser[way],
        step=step,
        moving=moving,
        step_start=routes.start[moving],
        by_route=by_route,
        takes=takes,
        gives=gives,
        groups=None if problem.group is None else _groups(problem.group, chooser),
    )


def _groups(group: IntArray, chooser: IntArray) -> Groups:
    start = np.flatnonzero(np.diff(group, prepend=-1))
    of_group = chooser[start]
    return Groups(group, start, of_group, np.flatnonzero(np.diff(of_group, prepend=-1)))


def _check(problem: ChoiceProblem) -> None:
    flow, demand, way, arc = problem.flow, problem.routes.demand, problem.way, problem.routes.arc
    count = problem.routes.size
    if way.shape != (count,) or demand.shape != (count,):
        raise ProblemError(f"{count} routes are listed, but {demand.size} demands and {way.size} ways of them.")
    for numbers, limit, what in ((demand, flow.demand_count, "demand"), (arc, flow.arc_count, "arc")):
        if numbers.size and not (int(numbers.min()) >= 0 and int(numbers.max()) < limit):
            raise ProblemError(f"A route names a {what} that does not exist: they are numbered from 0 to {limit - 1}.")
    steps = np.diff(way, prepend=-1)
    wrong = np.flatnonzero((np.diff(demand, prepend=0) < 0) | (steps < 0) | (steps > 1))
    if wrong.size:
        raise ProblemError(
            f"Route {wrong[0]} is out of its order: routes are listed by demand, and by way within a demand, "
            "ways numbered from 0 without gaps."
        )
    astray = np.flatnonzero((steps[1:] == 0) & (np.diff(demand) != 0))
    if astray.size:
        raise ProblemError(f"Way {way[astray[0] + 1]} has routes of two demands; each demand has its own ways.")
    if problem.group is not None:
        _check_groups(problem.group, demand[np.flatnonzero(steps)])


def _check_groups(group: IntArray, way_demand: IntArray) -> None:
    """Raise a `ProblemError` if groups are not numbered in the order of the ways, or lie in more than one demand."""
    if group.shape != way_demand.shape:
        raise ProblemError(f"{way_demand.size} ways are listed, but groups of {group.size}.")
    steps = np.diff(group, prepend=-1)
    wrong = np.flatnonzero((steps < 0) | (steps > 1))
    if wrong.size:
        raise ProblemError(
            f"Way {wrong[0]} is out of its order: the ways of a group stand together, and groups are numbered from 0 "
            "without gaps in the order of the ways."
        )
    astray = np.flatnonzero((steps[1:] == 0) & (np.diff(way_demand) != 0))
    if astray.size:
        raise ProblemError(f"Group {group[astray[0] + 1]} has ways of two demands; each demand has its own groups.")
