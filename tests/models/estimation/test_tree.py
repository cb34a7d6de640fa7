"""The tree of choice by itself: shares of three levels in plain loops, and derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest
from choosing import random_network, with_all_routes
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.choice.dual import Dual
from corridors.models.estimation.tree import Choice, Level, levels_of


def owners(random: np.random.Generator, count: int, limits: IntArray) -> IntArray:
    """Return groups of items in their order: a new one at each limit, and at some items between."""
    begins = random.random(count) < 0.5
    begins[limits] = True
    return np.cumsum(begins) - 1


def random_tree(seed: int) -> tuple[tuple[Level, ...], FloatArray, FloatArray, FloatArray]:
    """Return three levels of routes, ways, groups and demands, with values, penalties and amounts."""
    random = np.random.default_rng(seed)
    demands, routes = int(random.integers(1, 4)), int(random.integers(4, 20))
    first = np.sort(random.choice(np.arange(1, routes), demands - 1, replace=False))
    demand = np.searchsorted(first, np.arange(routes), side="right")
    way = owners(random, routes, np.flatnonzero(np.diff(demand, prepend=-1)))
    way_demand = demand[np.flatnonzero(np.diff(way, prepend=-1))]
    group = owners(random, way_demand.size, np.flatnonzero(np.diff(way_demand, prepend=-1)))
    group_demand = way_demand[np.flatnonzero(np.diff(group, prepend=-1))]
    scale = random.uniform(0.2, 2.0, (3, demands)).cumsum(axis=0)
    levels = (
        Level(way, way_demand, scale[2]),
        Level(group, group_demand, scale[1]),
        Level(group_demand, np.arange(demands), scale[0]),
    )
    value = np.where(random.random(routes) < 0.15, np.inf, random.uniform(0, 5, routes))
    penalty = np.where(random.random(demands) < 0.3, np.inf, random.uniform(2, 6, demands))
    return levels, value, penalty, random.uniform(0.5, 4, demands)


def plain(levels: tuple[Level, ...], value: FloatArray, penalty: FloatArray, amount: FloatArray) -> FloatArray:
    """Return the flows of routes by the formulas as they are written, item by item."""
    factor = [np.zeros(level.group.size) for level in levels]
    for number, level in enumerate(levels):
        above = np.full(level.start.size, np.inf)
        for group in range(level.start.size):
            scale = float(level.scale[level.chooser[group]])
            items = np.flatnonzero(level.group == group)
            weights = np.exp(-scale * value[items])
            whole = weights.sum() + (np.exp(-scale * penalty[group]) if number == len(levels) - 1 else 0.0)
            if whole > 0:
                factor[number][items] = weights / whole
                above[group] = -np.log(whole) / scale
        value = above
    flow = amount
    for level, share in zip(levels[::-1], factor[::-1], strict=True):
        flow = share * flow[level.group]
    return flow


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_flows_are_those_of_the_formulas(seed: int) -> None:
    tree = random_tree(seed)
    assert Choice.at(*tree).route_flow == pytest.approx(plain(*tree), rel=1e-9, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31))
def test_derivatives_of_three_levels_are_those_of_differences(seed: int) -> None:
    levels, value, penalty, amount = random_tree(seed)
    random = np.random.default_rng(seed)
    weights = random.random((value.size, 3))
    found = Choice.at(levels, value, penalty, amount).slopes(weights)
    by_route, by_demand = random.random(value.size), random.random(amount.size)

    def scaled(number: int, step: float) -> tuple[Level, ...]:
        sharper = [Level(one.group, one.chooser, one.scale * np.exp(step * by_demand)) for one in levels]
        return tuple(sharper[k] if k == number else one for k, one in enumerate(levels))

    def flows(step: float, kind: str) -> FloatArray:
        if kind == "cost":
            return plain(levels, value + step * by_route, penalty, amount)
        if kind == "penalty":
            return plain(levels, value, penalty + step * by_demand, amount)
        if kind == "amount":
            return plain(levels, value, penalty, amount + step * by_demand)
        return plain(scaled(int(kind), step), value, penalty, amount)

    slopes = {"cost": by_route @ found.cost, "penalty": by_demand @ found.penalty, "amount": by_demand @ found.amount}
    slopes |= {str(level): by_demand @ one for level, one in enumerate(found.ln_scale)}
    for kind, slope in slopes.items():
        difference = (flows(1e-5, kind) - flows(-1e-5, kind)) @ weights / 2e-5
        assert slope == pytest.approx(difference, rel=1e-6, abs=1e-7 * amount.sum()), kind
    assert Choice.at(levels, value, penalty, amount).cost_slope(weights) == pytest.approx(found.cost, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_two_levels_choose_as_the_method_does(seed: int) -> None:
    problem = with_all_routes(random_network(seed), seed=seed, most=10)
    dual = Dual.of(problem)
    mine = Choice.at(levels_of(problem), dual.cost, dual.penalty, dual.amount)
    point = dual.at(np.zeros_like(dual.capacity))
    assert mine.route_flow == pytest.approx(point.route_flow, rel=1e-12, abs=1e-12)
    assert mine.amount * mine.left == pytest.approx(point.left, rel=1e-12, abs=1e-12)
