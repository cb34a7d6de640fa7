"""How sure an estimate is: against dense algebra, draws, estimates without each observation, and known parameters."""

from __future__ import annotations

import numpy as np
import pytest
from estimating import Linear, Network

from corridors.models.arrays import FloatArray, IntArray
from corridors.models.estimation.gauss_newton import estimate
from corridors.models.estimation.misfit import Huber
from corridors.models.estimation.posterior import Posterior
from corridors.models.estimation.prior import Prior

NORMAL_LOSS = Huber(np.inf)


def linear(seed: int = 0, count: int = 5) -> tuple[Linear, FloatArray, FloatArray, Posterior]:
    """Return a linear model of eight normal coordinates, counts with their errors, and the posterior."""
    random = np.random.default_rng(seed)
    prior = Prior.normal(random.uniform(0.2, 3, 8))
    model = Linear(random.normal(size=(count, 8)), prior)
    target, sd = random.normal(size=count), random.uniform(0.1, 1, count)
    return model, target, sd, Posterior.of(estimate(model, target, sd, prior, loss=NORMAL_LOSS), prior)


def shared(seed: int = 0) -> Posterior:
    """Return the posterior of a model with shares of two totals of some spread, and two normal coordinates."""
    random = np.random.default_rng(seed)
    group = np.repeat([-1, 0, 1], [2, 4, 6])
    share = random.uniform(0.2, 1, group.size)
    for total in (0, 1):
        share[group == total] /= share[group == total].sum()
    prior = Prior(np.array([0.5, 2.0, *np.ones(10)]), group, share, np.array([400.0, 900.0]))
    model = Linear(random.uniform(0, 3, (4, group.size)), prior)
    target = model.at(0.1 * random.normal(size=group.size)).value
    return Posterior.of(estimate(model, target, np.full(4, 0.1), prior), prior)


def every(posterior: Posterior) -> IntArray:
    return np.arange(posterior.prior.size)


@pytest.mark.parametrize("count", [0, 5, 20])
def test_the_posterior_of_a_linear_model_is_that_of_dense_algebra(count: int) -> None:
    model, _, sd, posterior = linear(count=count)
    scaled = model.matrix / sd[:, None]
    dense = np.linalg.inv(scaled.T @ scaled + np.diag(posterior.prior.sd**-2))
    assert posterior.covariance(every(posterior)) == pytest.approx(dense, abs=1e-10)
    assert posterior.sd == pytest.approx(np.sqrt(dense.diagonal()))
    assert posterior.correlation(1, 4) == pytest.approx(dense[1, 4] / np.sqrt(dense[1, 1] * dense[4, 4]))
    assert posterior.prior_sd == pytest.approx(posterior.prior.sd)
    assert posterior.identified == pytest.approx(1 - dense.diagonal() / posterior.prior.sd**2)
    rows = np.random.default_rng(1).normal(size=(3, 8))
    assert posterior.sd_of(rows) == pytest.approx(np.sqrt(np.einsum("ij,jk,ik->i", rows, dense, rows)))
    assert posterior.directions.shape == (8, min(count, 8))
    assert posterior.leverage.sum() == pytest.approx(
        posterior.identified.sum() if not count else (1 - posterior.shrink**2).sum()
    )


def test_shares_have_the_covariance_of_factors_that_keep_totals() -> None:
    posterior = shared()
    prior, q = posterior.prior, posterior.mean
    estimated = posterior.estimate
    scaled = (np.sqrt(estimated.weight) / estimated.sd)[:, None] * estimated.jacobian
    precision = scaled.T @ scaled + np.diag(prior.curvature(q))
    share = np.where(prior.is_share, prior.shares(q), 0.0)
    factors = np.array([one - prior.of_total(prior.by_total(share * one)) for one in np.eye(prior.size)]).T
    dense = factors @ np.linalg.inv(precision) @ factors.T
    assert posterior.covariance(every(posterior)) == pytest.approx(dense, abs=1e-12)
    assert posterior.sd == pytest.approx(np.sqrt(dense.diagonal()))
    assert (posterior.identified > -1e-12).all()
    assert (posterior.sd <= posterior.prior_sd + 1e-12).all()


def test_draws_have_the_posterior_s_means_and_covariance() -> None:
    posterior = shared()
    draws = posterior.sample(np.random.default_rng(0), 20_000)
    prior = posterior.prior
    wide = np.array([prior.by_total(np.where(prior.is_share, prior.share0 * np.exp(one), 0.0)) for one in draws[:50]])
    assert wide == pytest.approx(1)
    covariance = posterior.covariance(every(posterior))
    scale = np.sqrt(np.outer(covariance.diagonal(), covariance.diagonal()))
    assert (np.cov(draws.T) - covariance) / scale == pytest.approx(np.zeros_like(scale), abs=0.05)
    factor = np.where(prior.is_share, np.exp(draws - posterior.mean), 1 + draws - posterior.mean)
    assert np.abs(factor.mean(axis=0) - 1).max() < 0.05 * posterior.sd.max()


def test_a_small_share_that_is_hardly_known_is_drawn_about_its_mean() -> None:
    share = np.array([0.001, 0.4, 0.599])
    prior = Prior(np.ones(3), np.zeros(3, dtype=np.int64), share, np.array([100.0]))
    model = Linear(np.zeros((0, 3)), prior)
    posterior = Posterior.of(estimate(model, np.empty(0), np.empty(0), prior), prior)
    assert posterior.sd[0] == pytest.approx(3.16, abs=0.01)
    draws = share * np.exp(posterior.sample(np.random.default_rng(3), 50_000))
    assert draws.sum(axis=1) == pytest.approx(1)
    assert draws.mean(axis=0) == pytest.approx(share, rel=0.1)


@pytest.mark.parametrize("count", [5, 20])
def test_figures_without_an_observation_are_those_of_an_estimate_without_it(count: int) -> None:
    model, target, sd, posterior = linear(count=count)
    prior = posterior.prior
    for left in ([0], [2], [1, 3, 4]):
        kept = np.setdiff1d(np.arange(count), left)
        fewer = estimate(Linear(model.matrix[kept], prior), target[kept], sd[kept], prior, loss=NORMAL_LOSS)
        said = model.matrix[left] @ fewer.q
        assert posterior.without_group(np.array(left)) == pytest.approx(said)
        if len(left) == 1:
            assert posterior.without[left] == pytest.approx(said)


def test_what_no_observation_sees_is_not_identified() -> None:
    prior = Prior.normal(np.array([1.0, 2.0]))
    model = Linear(np.array([[1.0, 0.0]]), prior)
    posterior = Posterior.of(estimate(model, np.array([3.0]), np.array([0.1]), prior), prior)
    assert posterior.identified == pytest.approx([1 - posterior.sd[0] ** 2, 0])
    assert posterior.mean[1] == 0
    assert posterior.sd[1] == pytest.approx(2)


def scores(seed: int) -> FloatArray:
    """Return how many posterior standard deviations known parameters of a random network are from their estimates."""
    network = Network.random(seed)
    random = np.random.default_rng(seed + 10_000)
    truth = network.truth(random)
    exact = network.at(truth).value
    sd = 0.05 * np.abs(exact) + 0.05
    found = estimate(network, exact + sd * random.normal(size=sd.size), sd, network.prior)
    posterior = Posterior.of(found, network.prior)
    return (found.q - truth) / posterior.sd


def test_known_parameters_are_found_again() -> None:
    found = np.concatenate([scores(seed) for seed in range(4)])
    assert (np.abs(found) < 2).mean() >= 0.85
    assert np.sqrt((found**2).mean()) < 1.4


@pytest.mark.slow
def test_known_parameters_are_within_two_posterior_standard_deviations_nineteen_times_in_twenty() -> None:
    found = np.array([scores(seed) for seed in range(150)])
    assert (np.abs(found) < 2).mean() == pytest.approx(0.95, abs=0.025)
    assert (found**2).mean() == pytest.approx(1, abs=0.25)
