"""Dial's Algorithm B: the equilibrium or the optimum of a road network, on one bush an origin and class (Dial 2006)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models.assignment import engine
from corridors.models.assignment.engine import NoWay, Progress
from corridors.models.assignment.limits import within_limits
from corridors.models.assignment.problem import PRINCIPLES, AssignmentProblem, AssignmentSolution, LinkCosts, Principle

__all__ = ["GAP", "NoWay", "Progress", "prepare", "solve"]

GAP = 1e-6


def solve(
    problem: AssignmentProblem,
    principle: Principle = "equilibrium",
    *,
    hard: bool = False,
    gap: float = GAP,
    time_limit: float = np.inf,
    tell: Callable[[Progress], None] | None = None,
) -> AssignmentSolution:
    """Assign the trips of a network to its links.

    Parameters
    ----------
    problem
        The network and the trips.
    principle
        Whether each trip takes its cheapest path (Wardrop 1952, his first principle), or all together pay least.
    hard
        Whether no link may carry more than its capacity; those that would have a price, which trips pay as well.
    gap
        How wide the relative gap may be.
    time_limit
        Seconds after which the flows are returned as they are.
    tell
        Is told of every renewal.

    Returns
    -------
    AssignmentSolution
        With the flows of each origin. It may have ended without the gap: `certify` tells what it is worth.

    Raises
    ------
    NoWay
        If there are trips that no path can take.
    ExtraMissing
        If numba is not installed.
    """
    if principle not in PRINCIPLES:
        raise ProblemError(f"There is no principle {principle!r}; there are {' and '.join(PRINCIPLES)}.")
    how = _How(principle, hard, gap, time_limit, tell)
    if problem.class_ is not None and problem.class_count == 1:
        one = _solve_open(_of_one_class(problem), how)
        return replace(one, classes=np.zeros(one.origins.size, dtype=np.int64))
    return _solve_open(problem, how)


class _How(NamedTuple):
    """What is asked of an assignment; as in `solve`."""

    principle: Principle
    hard: bool
    gap: float
    time_limit: float
    tell: Callable[[Progress], None] | None


def _of_one_class(problem: AssignmentProblem) -> AssignmentProblem:
    """Return a problem of one class as one without classes: what it pays, all pay."""
    extra = np.zeros(problem.tail.size) if problem.class_fixed is None else problem.class_fixed[0]
    costs = replace(problem.costs, fixed=problem.costs.fixed + extra)
    return replace(problem, costs=costs, class_=None, class_fixed=None)


def _solve_open(problem: AssignmentProblem, how: _How) -> AssignmentSolution:
    """Solve a problem whose links may be closed, by a hard capacity of none."""
    closed = how.hard and bool((problem.costs.capacity == 0).any())
    return _without_closed(problem, how) if closed else _solve(problem, how)


def _solve(problem: AssignmentProblem, how: _How) -> AssignmentSolution:
    """Solve a problem, of links that may all be used."""
    began = time.perf_counter()
    kernels = engine.compiled()
    seconds = {"load": time.perf_counter() - began}
    made = engine.set_up(problem, how.principle)
    begin = time.perf_counter()
    engine.plant(kernels, problem, made)
    seconds["start"] = time.perf_counter() - begin
    begin, price = time.perf_counter(), None
    deadline = began + how.time_limit
    if how.hard:
        iterations, termination, price = within_limits(kernels, problem, made, how.gap, deadline, how.tell)
    else:
        iterations, termination = engine.run(kernels, made, how.gap, deadline, how.tell)
    seconds["solve"] = time.perf_counter() - begin
    return AssignmentSolution(
        principle=how.principle,
        origins=made.on.demands.origin,
        origin_flow=engine.flows(made, problem.tail.size),
        iterations=iterations,
        seconds=seconds,
        termination=termination,
        price=price,
        classes=None if problem.class_ is None else made.on.classes.of,
    )


def _without_closed(problem: AssignmentProblem, how: _How) -> AssignmentSolution:
    """Solve a problem of hard capacities without its links of none, whose price is above the cost of any path."""
    costs, closed = problem.costs, problem.costs.capacity == 0
    rest = replace(
        problem,
        tail=problem.tail[~closed],
        head=problem.head[~closed],
        costs=LinkCosts(*(getattr(costs, one.name)[~closed] for one in fields(costs))),
        class_fixed=None if problem.class_fixed is None else problem.class_fixed[:, ~closed],
    )
    made = _solve(rest, how)
    flows = made.origin_flow
    shape = (flows.shape[0], closed.size)
    spread = sparse.csr_array((flows.data, np.flatnonzero(~closed)[flows.indices], flows.indptr), shape=shape)
    price = np.empty(closed.size)
    price[~closed] = made.price
    dearest = 0.0 if rest.class_fixed is None else float(rest.class_fixed.max(axis=0, initial=0).sum())
    price[closed] = (rest.costs.marginal(made.flow) + price[~closed]).sum() + dearest
    return replace(made, origin_flow=spread, price=price)


def prepare() -> None:
    """Load the compiled loops, which takes a second, or compile them, which takes some ten the first time.

    Raises
    ------
    ExtraMissing
        If numba is not installed.
    """
    figures = (np.zeros(3), np.array([1.0, 1.0, 2.5]), np.ones(3), np.ones(3), np.array([4.0, 4.0, 1.0]))
    ends = np.array([0, 1, 0]), np.array([1, 2, 2])
    trips = np.array([0]), np.array([2]), np.array([3.0])
    solve(AssignmentProblem(3, *ends, LinkCosts(*figures), *trips))
