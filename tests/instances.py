"""Problems that the tests share: published instances, small ones made by hand, and random ones."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import sparse

from corridors.exchange import open_problem
from corridors.models.problem import FlowProblem

BENCH = Path(__file__).resolve().parents[1].parent / "shared" / "bench"


def bench(*parts: str) -> Path:
    """Return the path of a published instance, or skip the test where the folder is absent."""
    if not BENCH.is_dir():
        pytest.skip(f"the folder of published instances is not here: {BENCH}")
    return BENCH.joinpath(*parts)


def published(family: str, name: str) -> tuple[FlowProblem, float]:
    """Return a published instance and its published optimum, or skip the test where the folder is absent."""
    problem = open_problem(bench(family, f"{name}.gz"))
    with (BENCH / "optima.csv").open(encoding="utf-8", newline="") as file:
        optima = {row["instance"]: float(row["optimum"]) for row in csv.DictReader(file)}
    return problem, optima[name]


@st.composite
def single_origin(draw: st.DrawFn) -> FlowProblem:
    """Draw a single-commodity problem in integers: one class, one origin, demands that must be served."""
    nodes, demands = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    arcs = draw(st.integers(0, 6 * nodes))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return FlowProblem.single_class(
        node_count=nodes,
        tail=random.integers(0, nodes, arcs),
        head=random.integers(0, nodes, arcs),
        cost=random.integers(0, 7, arcs),
        arc_capacity=np.where(random.random(arcs) < 0.3, np.inf, random.integers(0, 13, arcs)),
        origin=np.full(demands, random.integers(nodes)),
        destination=random.integers(0, nodes, demands),
        amount=random.integers(0, 7, demands),
    )


@st.composite
def shared_resources(draw: st.DrawFn, must_serve: bool = True) -> FlowProblem:
    """Draw a problem with several classes, closed arcs, shared resources, and demands of every kind."""
    nodes, classes = draw(st.integers(2, 8)), draw(st.integers(1, 3))
    arcs, demands = draw(st.integers(nodes, 6 * nodes)), draw(st.integers(1, 12))
    resources = draw(st.integers(0, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (classes, arcs)
    usage = random.choice([0.0, 0.25, 1.0, 3.0], (resources, classes * arcs), p=[0.6, 0.1, 0.2, 0.1])
    must = (random.random(demands) < 0.1) & must_serve
    return FlowProblem(
        node_count=nodes,
        tail=random.integers(0, nodes, arcs),
        head=random.integers(0, nodes, arcs),
        cost=np.where(random.random(shape) < 0.15, np.inf, random.integers(0, 10, shape)),
        origin=random.integers(0, nodes, demands),
        destination=random.integers(0, nodes, demands),
        class_=random.integers(0, classes, demands),
        amount=random.integers(0, 10, demands).astype(float),
        penalty=np.where(must, np.inf, random.integers(0, 40, demands)),
        capacity=random.integers(0, 12, resources).astype(float),
        usage=sparse.csr_array(usage.astype(float)),
    )


def two_ways(capacity: float = 4.0, amount: float = 10.0, penalty: float = 9.0) -> FlowProblem:
    """Return two parallel arcs, a cheap one of little capacity and a dear one without limit."""
    return FlowProblem.single_class(2, [0, 0], [1, 1], [1, 3], [capacity, np.inf], [0], [1], [amount], penalty)


def grid() -> FlowProblem:
    """Return a published instance of middling size, or skip the test where the folder is absent."""
    problem, _ = published("grid", "grid4")
    return problem


def may_stay(problem: FlowProblem) -> FlowProblem:
    """Let every demand be left unserved, at a penalty far above the cost of any path."""
    return replace(problem, penalty=np.full(problem.demand_count, 1e5))


def changed_at_random(problem: FlowProblem, random: np.random.Generator) -> FlowProblem:
    """Change costs, close arcs, open some, and change capacities, penalties or amounts."""
    kind = random.integers(6)
    cost, capacity, amount = problem.cost.copy(), problem.capacity.copy(), problem.amount.copy()
    if kind == 0:
        cost[:, random.integers(problem.arc_count)] = np.inf
    elif kind == 1:
        cost += random.integers(0, 4, cost.shape)
    elif kind == 2 and capacity.size:
        capacity[random.integers(capacity.size)] = 0
    elif kind == 3:
        capacity = np.floor(capacity * random.choice([0.5, 1, 2], capacity.size))
    elif kind == 4:
        amount = random.integers(0, 10, amount.size).astype(float)
    else:
        cost = np.where(random.random(cost.shape) < 0.1, random.integers(0, 9, cost.shape), cost)
        return replace(problem, cost=cost, penalty=problem.penalty + random.integers(-0, 3, amount.size))
    return replace(problem, cost=cost, capacity=capacity, amount=amount)
