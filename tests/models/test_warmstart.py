"""Column generation that starts from an answer to another problem ends where a cold start does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import changed_at_random, shared_resources
from proved_columns import agree
from scipy import sparse

from corridors.models import arcs, columns
from corridors.models.problem import FlowProblem


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_a_hot_start_ends_where_a_cold_one_does(problem: FlowProblem, seed: int) -> None:
    solution = columns.solve(problem, gap=1e-9)
    random = np.random.default_rng(seed)
    for _ in range(3):
        problem = changed_at_random(problem, random)
        solution = columns.solve(problem, gap=1e-9, start=solution)
        agree(problem, solution)


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_a_hot_start_may_have_more_resources(problem: FlowProblem, seed: int) -> None:
    random, solution = np.random.default_rng(seed), columns.solve(problem, gap=1e-9)
    carried = solution.arc_flow(problem).sum(axis=0)
    for _ in range(2):
        arc, class_ = random.integers(problem.arc_count), np.arange(problem.class_count)
        limit = sparse.csr_array(
            (np.ones(class_.size), (np.zeros(class_.size, dtype=np.int64), class_ * problem.arc_count + arc)),
            shape=(1, problem.usage.shape[1]),
        )
        problem = replace(
            problem,
            capacity=np.append(problem.capacity, carried[arc] * random.choice([0.0, 0.5, 2.0])),
            usage=sparse.csr_array(sparse.vstack((problem.usage, limit))),
        )
        solution = columns.solve(problem, gap=1e-9, start=solution)
        agree(problem, solution)


@given(shared_resources(), st.data())
@settings(max_examples=25, deadline=None)
def test_a_hot_start_may_have_other_demands(problem: FlowProblem, data: st.DataObject) -> None:
    solution = columns.solve(problem, gap=1e-9)
    order = np.array(data.draw(st.permutations(range(problem.demand_count))))[: max(1, problem.demand_count - 1)]
    names = ("origin", "destination", "class_", "amount", "penalty")
    other = replace(problem, **{name: getattr(problem, name)[order] for name in names})
    agree(other, columns.solve(other, gap=1e-9, start=solution))


@given(shared_resources())
@settings(max_examples=25, deadline=None)
def test_a_solution_by_arcs_can_be_started_from(problem: FlowProblem) -> None:
    agree(problem, columns.solve(problem, gap=1e-9, start=arcs.solve(problem)))
