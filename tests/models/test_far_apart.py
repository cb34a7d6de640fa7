"""Figures that are far apart: penalties of 1e9 beside costs of 1 to 1e5 are solved, or it is said what to change."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from corridors import network, planning, tables
from corridors.errors import SolverError
from corridors.models import arcs
from corridors.models.arcs import highs
from corridors.models.certificate import certify, require
from corridors.models.columns import master
from corridors.models.columns import solver as columns
from corridors.models.problem import FlowProblem


@cache
def hours_and_money(per_hour: float) -> FlowProblem:
    """Return the embedded data's year at a price of time."""
    net = network.build(tables.read(None), None, "typical")
    freight = planning.formulate(net)
    costs = freight.costs
    hours = np.broadcast_to(costs.hours, costs.usd.shape)[freight.commodity]
    usd = costs.usd[freight.commodity]
    open_ = np.isfinite(freight.problem.cost)
    return replace(freight.problem, cost=np.where(open_, usd + per_hour * hours, np.inf))


def priced(problem: FlowProblem, penalty: float) -> FlowProblem:
    return replace(problem, penalty=np.full(problem.demand_count, penalty))


def everything_carried(problem: FlowProblem) -> float:
    wanted = priced(problem, np.inf)
    return require(certify(wanted, columns.solve(wanted))).primal_objective


@pytest.mark.parametrize("penalty", [1e9, 1e12])
@pytest.mark.parametrize("hot", [False, True])
def test_what_the_solver_fails_at_is_solved_by_another_algorithm(penalty: float, hot: bool) -> None:
    problem = hours_and_money(10.0)
    start = columns.solve(priced(problem, 1e4)) if hot else None
    wanted = priced(problem, penalty)
    certificate = require(certify(wanted, columns.solve(wanted, start=start)))
    assert certificate.primal_objective == pytest.approx(everything_carried(problem), rel=1e-6)


def test_smaller_penalties_that_are_as_good_help_where_no_algorithm_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(master, "_RESTARTS", ())
    problem = hours_and_money(10.0)
    wanted = priced(problem, 1e9)
    certificate = require(certify(wanted, columns.solve(wanted)))
    assert certificate.primal_objective == pytest.approx(everything_carried(problem), rel=1e-6)


@pytest.mark.parametrize("method", [columns, arcs])
def test_where_nothing_helps_it_is_said_what_to_change(monkeypatch: pytest.MonkeyPatch, method: object) -> None:
    monkeypatch.setitem(master._OPTIONS, "simplex_iteration_limit", 0)
    monkeypatch.setitem(highs._OPTIONS, "simplex_iteration_limit", 0)
    problem = FlowProblem.single_class(
        3, [0, 1, 0, 0], [1, 2, 2, 2], [1, 1, 5, 9], [4, 5, 3, 99], [0, 0], [2, 1], [10, 1], 1e9
    )
    with pytest.raises(SolverError, match="ower the largest penalties"):
        method.solve(problem)  # type: ignore[attr-defined]


def test_a_lowered_penalty_is_raised_until_nothing_is_left_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scarce arc that one demand needs is worth more to it than any way costs."""
    begun: list[float] = []
    honest = columns._solve_once

    def once(problem: FlowProblem, *rest: object) -> columns.ColumnsSolution:
        begun.append(float(problem.penalty.max()))
        if len(begun) == 1:
            raise master.NoOptimum("The solver stopped.")
        return honest(problem, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(columns, "_solve_once", once)
    problem = FlowProblem.single_class(
        3, [0, 1, 1], [1, 2, 2], [1, 1, 1e3], [5, 1, 99], [0, 0], [2, 1], [5, 5], [1e9, 1e6]
    )
    certificate = require(certify(problem, columns.solve(problem)))
    assert begun[0] == 1e9
    assert begun[1] < begun[-1] < 1e9
    assert certificate.primal_objective == pytest.approx(5 * 1e6 + 5 + 1 + 4e3)
