"""Warm starts: what one run of column generation leaves, and what the next one takes over.

That is its columns, its trees of shortest paths, the basis of its master, and its prices.

After a closure or a change of costs, capacities or amounts most paths are still paths and most trees still
trees, and the old prices still prove a bound. The basis is primal infeasible at worst, which the dual simplex
method mends in a few steps (Lemke 1954).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from corridors.models import scaling
from corridors.models.arrays import BoolArray, FloatArray, IntArray, UsageArray
from corridors.models.columns.master_solution import Basis
from corridors.models.columns.oracle import PricingOracle, demands_to_route
from corridors.models.columns.pool import Pool
from corridors.models.pricing.base import Pricing
from corridors.models.pricing.trees import Pricer
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.models.scaling import Units

_SAME_UNITS = 2.0**8  # the largest amounts may differ by this factor before other units are better
_STRUCTURE = ("tail", "head", "origin", "destination", "class_")


@dataclass(frozen=True, eq=False)
class State:
    """Where a run ended. Nothing in it is ever changed.

    Attributes
    ----------
    problem, units, scaled
        What was solved, and in which units.
    pool, pricer, basis
        Its columns, its trees, and where its master stopped, if it came so far.
    price
        The prices of its best bound, (R,), in its units.
    """

    problem: FlowProblem
    units: Units
    scaled: FlowProblem
    pool: Pool
    pricer: Pricing
    basis: Basis | None
    price: FloatArray

    def potentials(self, class_: int, origins: IntArray) -> FloatArray | None:
        """Return what the last search knew of the distances from origins, (O, N), for a proof to check; None if little.

        They are of the prices of the last search, which are mostly, but not always, those of the answer.
        """
        found = self.pricer.potentials(class_, origins)
        return None if found is None else found * self.units.money


@dataclass(frozen=True, eq=False)
class Setup:
    """What a run starts from.

    Attributes
    ----------
    units
        Of the problem as it is solved.
    oracle
        Of the problem in these units, with the columns and trees that can be taken over.
    price
        Of each resource, (R,), to start at; None for a start from nothing.
    closed
        Which resources had capacity before and have none now, (R,).
    basis
        Of a master of the same demands.
    """

    units: Units
    oracle: PricingOracle
    price: FloatArray | None
    closed: BoolArray
    basis: Basis | None


def set_up(problem: FlowProblem, start: FlowSolution | State | None, compiled: bool) -> Setup:
    """Take over all that can be of an earlier solution, by any method, or of an earlier run.

    Parameters
    ----------
    problem
        In its own units.
    start
        Where to start from, if from anything.
    compiled
        Whether compiled loops are worth loading.
    """
    state = start if isinstance(start, State) else getattr(start, "state", None)
    if isinstance(state, State) and alike(problem, state.problem):
        return _from_state(problem, state, compiled)
    units = scaling.units_of(problem)
    scaled = scaling.in_units(problem, units)
    pool, price = Pool(scaled), None
    if isinstance(state, State) and comparable(problem, state.problem):
        pool = state.pool.moved(scaled, renumbered(state.problem, problem))
    elif isinstance(start, FlowSolution) and _fits(problem, start):
        pool = columns_of(start, scaled)
        price = np.maximum(start.resource_price, 0) * units.resource / (units.money * units.mass)
    oracle = PricingOracle(scaled, pool, _pricer(scaled, compiled), compiled)
    return Setup(units, oracle, price, np.zeros(problem.resource_count, dtype=bool), None)


def _from_state(problem: FlowProblem, state: State, compiled: bool) -> Setup:
    """Take over columns, prices and the basis of a run of a problem that is alike, and trees if the units are.

    Resources that are new are free at first: what they limit is found as for any that were not full.
    """
    scaled, units = in_units_of(problem, state)
    price, was = state.price, state.units
    new = (0, problem.resource_count - state.problem.resource_count)
    if units is not was:
        price = np.pad(price * (was.money * was.mass / was.resource), new)
        price = price / (units.money * units.mass / units.resource)
    same_costs = units.money == was.money and units.mass == was.mass
    pricer = _pricer(scaled, compiled, state.pricer if same_costs else None)
    oracle = PricingOracle(scaled, state.pool.moved(scaled), pricer, compiled)
    closed = (scaled.capacity <= 0) & (np.pad(state.scaled.capacity, new, constant_values=1.0) > 0)
    return Setup(units, oracle, price, closed, state.basis)


def _pricer(problem: FlowProblem, compiled: bool, like: Pricing | None = None) -> Pricing:
    """Return what finds the paths, with the trees of an earlier problem where they are still good."""
    demands = demands_to_route(problem)
    if compiled:
        from corridors.models.pricing import compiled as compiled_trees  # brings numba

        if compiled_trees.can_take(problem):
            return compiled_trees.CompiledPricer(problem, demands, like)
    return Pricer(problem, demands, like)


def _fits(problem: FlowProblem, solution: FlowSolution) -> bool:
    """Tell whether the paths of a solution that has no state can be paths of the problem."""
    if solution.resource_price.shape != (problem.resource_count,) or solution.unserved.shape != problem.amount.shape:
        return False
    for k, arcs in zip(solution.path_demand.tolist(), solution.path_arcs, strict=True):
        if not len(arcs):
            continue
        if arcs.max() >= problem.arc_count or problem.tail[arcs[0]] != problem.origin[k]:
            return False
        joined = (problem.head[arcs[:-1]] == problem.tail[arcs[1:]]).all()
        if not joined or problem.head[arcs[-1]] != problem.destination[k]:
            return False
    return True


def alike(problem: FlowProblem, other: FlowProblem) -> bool:
    """Tell whether a problem has the nodes, arcs, classes, resources and demands of another, if not their figures.

    It may have more resources, after those of the other.
    """
    return (
        problem.node_count == other.node_count
        and problem.cost.shape == other.cost.shape
        and problem.resource_count >= other.resource_count
        and all(_same(getattr(problem, name), getattr(other, name)) for name in _STRUCTURE)
    )


def comparable(problem: FlowProblem, other: FlowProblem) -> bool:
    """Tell whether paths of one problem mean the same in the other."""
    return (
        problem.node_count == other.node_count
        and problem.class_count == other.class_count
        and _same(problem.tail, other.tail)
        and _same(problem.head, other.head)
    )


def in_units_of(problem: FlowProblem, state: State) -> tuple[FlowProblem, Units]:
    """Return a problem that is `alike` in the units of an earlier one, sharing what did not change."""
    most, was = float(problem.amount.max(initial=0)), float(state.problem.amount.max(initial=0))
    if not (was / _SAME_UNITS <= most <= was * _SAME_UNITS) or not _same_usage(problem.usage, state.problem.usage):
        units = scaling.units_of(problem)
        return scaling.in_units(problem, units), units
    units, before = state.units, state.problem
    changed: dict[str, Any] = {}
    for name, unit in (("cost", units.money), ("penalty", units.money), ("amount", units.mass)):
        if getattr(problem, name) is not getattr(before, name):
            changed[name] = scaling.in_unit(name, getattr(problem, name), unit)
    if problem.capacity is not before.capacity:
        changed["capacity"] = scaling.in_unit("capacity", problem.capacity, units.resource)
    for array in changed.values():
        array.flags.writeable = False  # spares a copy
    return replace(state.scaled, **changed), units


def renumbered(problem: FlowProblem, other: FlowProblem) -> IntArray:
    """Return for each demand of one problem the number of the same demand in another, negative for none."""
    places: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
    for k in range(other.demand_count - 1, -1, -1):
        places[_key(other, k)].append(k)
    found = []
    for k in range(problem.demand_count):
        same = places.get(_key(problem, k))
        found.append(same.pop() if same else -1)
    return np.array(found, dtype=np.int64)


def columns_of(solution: FlowSolution, problem: FlowProblem) -> Pool:
    """Return the paths of any solution of the problem as columns."""
    pool = Pool(problem)
    paths = solution.paths
    pool.add(paths.select(paths.length > 0))
    return pool


def _key(problem: FlowProblem, demand: int) -> tuple[int, int, int]:
    return int(problem.class_[demand]), int(problem.origin[demand]), int(problem.destination[demand])


def _same(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    return one is other or np.array_equal(one, other)


def _same_usage(one: UsageArray, other: UsageArray) -> bool:
    if one is other:
        return True
    if not sparse.issparse(one) or one.shape != other.shape or one.nnz != other.nnz:
        return False
    return _same(one.indptr, other.indptr) and _same(one.indices, other.indices) and _same(one.data, other.data)
