"""Indices of sensitivity are those of functions that can be computed by hand, and those of scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from corridors.uncertainty import sensitivity


def test_morris_gives_the_whole_way_of_a_linear_model() -> None:
    factors = sensitivity.design("morris", 8, 3, 0)
    assert len(factors) == sensitivity.runs_of("morris", 8, 3) == 32
    at = np.array([sensitivity.point("morris", factors, run) for run in range(len(factors))])
    assert at.min() == pytest.approx(sensitivity.FROM)
    assert at.max() == pytest.approx(sensitivity.TO)
    assert len(np.unique(at[:, 2])) == 16  # two a trajectory, so that own parts differ between them
    slope = 5 * (at[:, 0] - 0.5) - 2 * (at[:, 1] - 0.5)
    made = sensitivity.indices("morris", factors, slope[:, None], [("y", "t")], ["a", "b", "idle"], 0).set_index(
        "group"
    )
    way = sensitivity.TO - sensitivity.FROM
    assert made.loc["a", "mu_star"] == pytest.approx(5 * way, rel=1e-6)
    assert made.loc["b", "mu"] == pytest.approx(-2 * way, rel=1e-6)
    assert made.loc["idle", "mu_star"] == pytest.approx(0, abs=1e-8)


def test_sobol_shares_out_the_variance_of_a_product() -> None:
    factors = sensitivity.design("sobol", 1024, 3, 0)
    assert len(factors) == sensitivity.runs_of("sobol", 1024, 3)
    result = (1 + factors[:, 0]) * (1 + factors[:, 1])
    made = sensitivity.indices("sobol", factors, result[:, None], [("y", "t")], ["a", "b", "idle"], 0).set_index(
        "group"
    )
    var, mean = 1 / 12, 1.5  # of either factor
    first, both = var * mean**2, var**2
    assert made.loc["a", "first"] == pytest.approx(first / (2 * first + both), abs=0.02)
    assert made.loc["b", "total"] == pytest.approx((first + both) / (2 * first + both), abs=0.02)
    assert made.loc["idle", "total"] == 0


def test_shares_of_the_variance_are_those_of_scipy() -> None:
    size, dimension = 64, 3
    factors = sensitivity.design("sobol", size, dimension, 5)
    result = np.sin(3 * factors[:, 0]) + factors[:, 1] * factors[:, 2] ** 2 + 50
    made = sensitivity.indices("sobol", factors, result[:, None], [("y", "t")], ["a", "b", "c"], 5).set_index("group")
    runs = result.reshape(size, dimension + 2).T
    known = stats.sobol_indices(func={"f_A": runs[:1], "f_B": runs[-1:], "f_AB": runs[1:-1, None]}, n=size)
    assert made.loc[["a", "b", "c"], "first"].to_numpy() == pytest.approx(known.first_order, rel=1e-9)
    assert made.loc[["a", "b", "c"], "total"].to_numpy() == pytest.approx(known.total_order, rel=1e-9)
    assert (made["conf"] > 0).all()


def test_a_trajectory_moves_each_factor_once_between_levels_of_the_grid() -> None:
    dimension = 7
    factors = sensitivity.design("morris", 20, dimension, 1).reshape(20, dimension + 1, dimension)
    assert set(np.unique(factors.round(12))) == {0.0, round(1 / 3, 12), round(2 / 3, 12), 1.0}
    steps = np.diff(factors, axis=1)
    assert (np.count_nonzero(steps, axis=2) == 1).all(), "one factor a step"
    assert (np.count_nonzero(steps, axis=1) == 1).all(), "every factor once"
    assert np.abs(steps).max(axis=2) == pytest.approx(2 / 3)
    assert {*np.sign(steps[steps != 0])} == {-1.0, 1.0}


def test_indices_do_not_depend_on_what_was_drawn_before() -> None:
    for method in ("morris", "sobol"):
        factors = sensitivity.design(method, 8, 3, 0)
        result = factors.sum(axis=1, keepdims=True) ** 2
        first, again = (
            sensitivity.indices(method, factors, result, [("y", "t")], ["a", "b", "c"], 0) for _ in range(2)
        )
        np.testing.assert_array_equal(factors, sensitivity.design(method, 8, 3, 0))
        pd.testing.assert_frame_equal(first, again)


def test_runs_that_failed_take_their_trajectory_with_them() -> None:
    factors = sensitivity.design("morris", 4, 2, 0)
    result = factors[:, [0]] * 3.0
    result[1] = np.nan
    made = sensitivity.indices("morris", factors, result, [("y", "t")], ["a", "own"], 0)
    assert made.iloc[0]["mu_star"] == pytest.approx(3)
    assert sensitivity.indices("morris", factors, np.full_like(result, np.nan), [("y", "t")], ["a", "own"], 0).empty
