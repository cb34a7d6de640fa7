"""Normal coordinates and shares of totals: values by hand, gradients against differences, and totals that stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corridors.errors import ProblemError
from corridors.models.estimation.prior import Prior


def random_prior(seed: int) -> tuple[Prior, np.random.Generator]:
    """Return a prior of a few normal coordinates and two totals, in a random order."""
    random = np.random.default_rng(seed)
    group = random.permutation(np.repeat([-1, 0, 1], [3, int(random.integers(1, 5)), 4]))
    share = random.uniform(0.1, 1, group.size)
    for total in (0, 1):
        share[group == total] /= share[group == total].sum()
    return Prior(random.uniform(0.1, 2, group.size), group, share, random.uniform(2, 50, 2)), random


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_the_gradient_is_that_of_the_value(seed: int) -> None:
    prior, random = random_prior(seed)
    q, along = random.normal(size=(2, prior.size))
    difference = (prior.value(q + 1e-5 * along) - prior.value(q - 1e-5 * along)) / 2e-5
    assert prior.gradient(q) @ along == pytest.approx(difference, rel=1e-6, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_shares_add_up_whatever_the_coordinates_and_a_common_number_says_nothing(seed: int) -> None:
    prior, random = random_prior(seed)
    q = 30 * random.normal(size=prior.size)
    assert prior.by_total(prior.shares(q)) == pytest.approx([1, 1])
    moved = q + prior.of_total(100 * random.normal(size=2))
    assert prior.shares(moved) == pytest.approx(prior.shares(q), rel=1e-9)
    assert prior.value(moved) == pytest.approx(prior.value(q), rel=1e-9)
    centred = prior.centred(moved)
    assert prior.share0 * np.exp(centred) == pytest.approx(
        np.where(prior.is_share, prior.shares(q), prior.share0 * np.exp(q)), rel=1e-9
    )


def test_the_divergence_of_shares_by_hand() -> None:
    prior = Prior(np.ones(2), np.zeros(2, dtype=np.int64), np.array([0.5, 0.5]), np.array([10.0]))
    q = np.log([1.5, 0.5])
    assert prior.value(q) == pytest.approx(10 * (0.75 * np.log(1.5) + 0.25 * np.log(0.5)))
    assert prior.value(np.zeros(2)) == 0


def test_the_curvature_is_that_of_the_value_at_the_prior_but_for_what_is_common() -> None:
    prior, _ = random_prior(4)
    origin, step = np.zeros(prior.size), 1e-4
    hessian = np.array([
        (prior.gradient(step * one) - prior.gradient(-step * one)) / (2 * step) for one in np.eye(prior.size)
    ])  # fmt: skip
    factors = np.array([one - prior.of_total(prior.by_total(prior.share0 * one)) for one in np.eye(prior.size)]).T
    covariance = factors @ np.linalg.pinv(hessian) @ factors.T
    assert covariance.diagonal() == pytest.approx(prior.variance(origin), rel=1e-5)


def test_derivatives_by_rows_become_derivatives_that_keep_totals() -> None:
    prior, random = random_prior(7)
    q, step = random.normal(size=prior.size), 1e-5
    matrix = random.normal(size=(3, prior.size))

    def figures(q: np.ndarray) -> np.ndarray:
        return matrix @ np.where(prior.is_share, prior.shares(q), q)

    by_row = matrix * np.where(prior.is_share, prior.shares(q), 1.0)
    kept = prior.tangent(by_row, q)
    difference = np.array([figures(q + step * one) - figures(q - step * one) for one in np.eye(prior.size)]).T
    assert kept == pytest.approx(difference / (2 * step), abs=1e-8)
    assert prior.tangent(kept, q) == pytest.approx(kept, abs=1e-12)


def test_a_total_of_one_row_has_nothing_open() -> None:
    prior = Prior(np.ones(1), np.zeros(1, dtype=np.int64), np.ones(1), np.array([5.0]))
    assert prior.variance(np.zeros(1)) == pytest.approx([0])
    assert prior.gradient(np.array([3.0])) == pytest.approx([0])


@pytest.mark.parametrize(
    ("sd", "group", "share", "strength", "said"),
    [
        ([1.0, 0.0], [-1, -1], [1, 1], [], "standard deviation 1"),
        ([1.0, 1.0], [0, 0], [0.5, 0.6], [2.0], "add up to 1.1"),
        ([1.0, 1.0], [0, 0], [1.0, 0.0], [2.0], "share 1"),
        ([1.0, 1.0], [0, 1], [1.0, 1.0], [2.0], "numbered from 0 to 0"),
        ([1.0, 1.0], [0, 0], [0.5, 0.5], [0.0], "strength 0"),
        ([1.0, 1.0], [0], [0.5, 0.5], [1.0], "1 totals"),
    ],
)
def test_what_is_no_prior_is_refused(
    sd: list[float], group: list[int], share: list[float], strength: list[float], said: str
) -> None:
    with pytest.raises(ProblemError, match=said):
        Prior(np.array(sd), np.array(group), np.array(share, dtype=float), np.array(strength))
