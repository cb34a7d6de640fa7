"""Problems that the tests share: published instances, and random networks to search for counterexamples."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy import sparse

from corridors.exchange import open_problem
from corridors.models.problem import FlowProblem

BENCH = Path(__file__).resolve().parents[1].parent / "shared" / "bench"


def bench(*parts: str) -> Path:
    """Give the path of a published instance, or skip the test where the folder is absent."""
    if not BENCH.is_dir():
        pytest.skip(f"the folder of published instances is not here: {BENCH}")
    return BENCH.joinpath(*parts)


def published(family: str, name: str) -> tuple[FlowProblem, float]:
    """Give a published instance and its published optimum, or skip the test where the folder is absent."""
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
