"""Flows on arcs become paths that serve demands, over the arcs that a group may use at a profit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from instances import two_ways

from corridors.errors import SolverError
from corridors.models.arcs import decomposition
from corridors.models.arcs.grouping import groups_of
from corridors.models.problem import FlowProblem


def test_groups_hold_only_arcs_worth_their_while() -> None:
    """Ways cost 2, 5 and 9, and the last is dearer than staying; arc 4 leads back, arc 5 nowhere."""
    problem = FlowProblem.single_class(
        4, [0, 0, 0, 1, 1, 1], [1, 1, 1, 2, 0, 3], [1, 4, 8, 1, 0, 0], np.full(6, 9.0), [0], [2], [5], 6.0
    )
    (group,) = groups_of(problem)
    assert group.arcs.tolist() == [0, 1, 3]
    (group,) = groups_of(replace(problem, penalty=np.array([np.inf])))
    assert group.arcs.tolist() == [0, 1, 2, 3]


def test_a_flow_that_does_not_arrive_is_an_error() -> None:
    problem = two_ways()
    groups = groups_of(problem)
    with pytest.raises(SolverError, match="flow for demand 0 is off by"):
        decomposition.decompose(problem, groups, [np.array([4.0, 5.0])], np.zeros(1))


def test_circles_and_dead_ends_of_a_flow_serve_nobody() -> None:
    """Tonnes go 0-1-3; a wide circle 1-2-1 hangs on, and a little comes from nowhere into node 3."""
    problem = FlowProblem.single_class(
        5, [0, 1, 2, 1, 4, 0], [1, 2, 1, 3, 3, 4], np.zeros(6), np.full(6, 99.0), [0], [3], [10], 5.0
    )
    (group,) = groups_of(problem)
    assert group.arcs.tolist() == [0, 1, 2, 3, 4, 5]
    flow = np.array([10 - 1e-6, 40.0, 40.0, 10 - 1e-6, 1e-6, 0.0])
    (path,), left = decomposition.decompose(problem, [group], [flow], np.zeros(1))
    assert path.arcs.tolist() == [0, 3]
    assert path.flow == pytest.approx(10, rel=1e-12)
    assert left.tolist() == [0]
