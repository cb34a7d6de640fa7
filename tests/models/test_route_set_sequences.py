"""Sequences of frontiers are found all of them, at least cost, and what is needless is left out, by the book."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.models.choice.generation import least_costs
from corridors.models.choice.needless import needless
from corridors.models.choice.route_set import NO_MARK, Marks, way_keys
from corridors.models.choice.sequences import Sequences
from corridors.models.choice.through import Through
from corridors.models.paths import PathSet
from corridors.models.problem import FlowProblem


class Forward(NamedTuple):
    """A problem whose arcs lead to nodes of higher numbers, so that every walk is a path, and marks of its arcs."""

    problem: FlowProblem
    marks: Marks


@st.composite
def forward(draw: st.DrawFn) -> Forward:
    nodes = draw(st.integers(3, 7))
    arcs = draw(st.integers(nodes, 3 * nodes))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ends = np.sort(np.array([random.choice(nodes, 2, replace=False) for _ in range(arcs)]), axis=1)
    problem = FlowProblem.single_class(
        nodes,
        ends[:, 0],
        ends[:, 1],
        random.uniform(1, 9, arcs),
        np.full(arcs, np.inf),
        [0, 1],
        [nodes - 1] * 2,
        [1, 1],
    )
    rows = random.choice([NO_MARK, NO_MARK, 0, 1, 2, 3], (2, arcs))
    return Forward(problem, Marks(rows, 2, np.arange(arcs)))


def every_path(problem: FlowProblem, demand: int) -> list[tuple[int, ...]]:
    """Return all paths of a demand, one by one."""
    found, begun = [], [(int(problem.origin[demand]), ())]
    while begun:
        node, arcs = begun.pop()
        if node == problem.destination[demand]:
            found.append(arcs)
        begun += [(int(problem.head[a]), (*arcs, int(a))) for a in np.flatnonzero(problem.tail == node)]
    return found


def sequence(row: np.ndarray, arcs: tuple[int, ...]) -> tuple[int, ...]:
    """Return the marks of a path by one row, repeated ones once."""
    seen: list[int] = []
    for mark in row[list(arcs)].tolist():
        if mark != NO_MARK and seen[-1:] != [mark]:
            seen.append(mark)
    return tuple(seen)


def parts(whole: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Return all parts of a sequence, itself among them."""
    return {part for size in range(len(whole) + 1) for part in combinations(whole, size)}


def costs_of(problem: FlowProblem, paths: list[tuple[int, ...]]) -> list[float]:
    return [float(problem.cost[0, list(path)].sum()) for path in paths]


@given(forward(), st.floats(1.0, 3.0))
@settings(deadline=None)
def test_every_sequence_within_reach_is_found_or_is_needless(drawn: Forward, widest: float) -> None:
    problem, marks = drawn
    row = marks.rows[1]
    found: dict[tuple[int, tuple[int, ...]], float] = {}
    for paths in Sequences(problem, marks).find(problem.cost, np.full(problem.demand_count, widest)):
        for route in range(paths.size):
            arcs = tuple(paths.arcs_of(route).tolist())
            key = int(paths.demand[route]), sequence(row, arcs)
            found[key] = min(found.get(key, np.inf), float(problem.cost[0, list(arcs)].sum()))
    for demand in range(problem.demand_count):
        least: dict[tuple[int, ...], float] = {}
        every = every_path(problem, demand)
        for arcs, cost in zip(every, costs_of(problem, every), strict=True):
            own = sequence(row, arcs)
            least[own] = min(least.get(own, np.inf), cost)
        limit = widest * min(least.values(), default=np.inf)
        for own, cost in least.items():
            again = len(set(own)) < len(own)
            shorter = [least[part] for part in parts(own) - {own, ()} if part in least]
            if cost > limit * (1 + 1e-9):
                assert (demand, own) not in found
            elif not again and all(cost < other for other in shorter):
                assert np.isclose(found[demand, own], cost), own


@given(forward())
@settings(deadline=None)
def test_ways_are_needless_where_a_cheaper_one_is_a_part_of_them(drawn: Forward) -> None:
    problem, marks = drawn
    paths = [(demand, path) for demand in range(problem.demand_count) for path in every_path(problem, demand)]
    arcs = [np.array(path, dtype=np.int64) for _, path in paths]
    routes = PathSet.of(np.array([demand for demand, _ in paths], dtype=np.int64), arcs)
    costs = np.array(costs_of(problem, [path for _, path in paths]))
    left = needless(routes, way_keys(routes, marks.rows), marks.rows, [costs])
    ways = [(demand, *(sequence(row, path) for row in marks.rows)) for demand, path in paths]
    least: dict[tuple[object, ...], float] = {}
    for way, cost in zip(ways, costs.tolist(), strict=True):
        least[way] = min(least.get(way, np.inf), cost)
    for way, verdict in zip(ways, left.tolist(), strict=True):
        demand, chain, passed = way
        cheaper = (
            other
            for other, cost in least.items()
            if other != way and other[0] == demand and cost <= least[way] and other[1] in parts(chain)
        )
        assert verdict == any(other[2] in parts(passed) and bool(other[2]) == bool(passed) for other in cheaper)


@given(forward(), st.floats(1.0, 3.0))
@settings(deadline=None)
def test_the_cheapest_path_through_every_arc_is_found(drawn: Forward, widest: float) -> None:
    problem, marks = drawn
    limit = widest * least_costs(problem)
    found = {
        (int(part.routes.demand[route]), tuple(part.routes.arcs_of(route).tolist()))
        for part in Through(problem, limit, marks.identity).find(problem.cost)
        for route in range(part.routes.size)
    }
    for demand in range(problem.demand_count):
        every = every_path(problem, demand)
        costs = costs_of(problem, every)
        for arc in range(problem.arc_count):
            through = min(((cost, path) for cost, path in zip(costs, every, strict=True) if arc in path), default=None)
            if through is not None and through[0] < limit[demand] * (1 - 1e-9):
                assert (demand, through[1]) in found
        assert all(path in every for owner, path in found if owner == demand)
