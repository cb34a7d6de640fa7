"""The most probable parameters: against exact answers of linear models, other minimisers, and models that fail."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from estimating import Linear, Network
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from corridors.errors import ProblemError, SolverError
from corridors.models.arrays import FloatArray
from corridors.models.estimation.gauss_newton import Estimate, Iteration, estimate
from corridors.models.estimation.misfit import Huber, StudentT
from corridors.models.estimation.prior import Prior

NORMAL_LOSS = Huber(np.inf)


def with_shares(seed: int) -> tuple[Linear, FloatArray, FloatArray]:
    """Return a model linear in shares of two totals and in two normal coordinates, counts, and their errors."""
    random = np.random.default_rng(seed)
    group = np.repeat([-1, 0, 1], [2, 4, 6])
    share = random.uniform(0.02, 1, group.size)
    for total in (0, 1):
        share[group == total] /= share[group == total].sum()
    prior = Prior(np.array([0.5, 2.0, *np.ones(10)]), group, share, np.array([10.0, 30.0]))
    model = Linear(random.uniform(0, 3, (5, group.size)), prior)
    truth = random.normal(size=group.size)
    return model, model.at(truth).value + 0.05 * random.normal(size=5), np.full(5, 0.05)


@pytest.mark.parametrize("count", [0, 3, 12])
def test_a_linear_model_is_solved_in_one_step(count: int) -> None:
    random = np.random.default_rng(count)
    prior = Prior.normal(random.uniform(0.2, 3, 6))
    model = Linear(random.normal(size=(count, 6)), prior)
    target, sd = random.normal(size=count), random.uniform(0.1, 1, count)
    found = estimate(model, target, sd, prior, loss=NORMAL_LOSS)
    scaled = model.matrix / sd[:, None]
    exact = np.linalg.solve(scaled.T @ scaled + np.diag(prior.sd**-2), scaled.T @ (target / sd))
    assert found.q == pytest.approx(exact, abs=1e-10)
    assert found.termination == "converged"
    assert found.iterations <= 1 + (count > 0)
    assert found.gradient_norm < 1e-10


@pytest.mark.parametrize("loss", [NORMAL_LOSS, StudentT(), Huber()])
@pytest.mark.parametrize("seed", range(3))
def test_shares_and_robust_losses_end_where_another_minimiser_does(loss: Huber | StudentT, seed: int) -> None:
    model, target, sd = with_shares(seed)
    target = target.copy()
    target[0] += 0.3 * (seed == 1)  # a bad count
    prior = model.prior

    def objective(q: FloatArray) -> tuple[float, FloatArray]:
        at = model.at(q)
        r = (at.value - target) / sd
        slope = at.jacobian().T @ (loss.weight(r) * r / sd)
        return float(loss.value(r).sum()) + prior.value(q), prior.tangent(slope[None, :], q)[0] + prior.gradient(q)

    found = estimate(model, target, sd, prior, loss=loss, tolerance=1e-12)
    other = optimize.minimize(objective, found.q, jac=True, method="BFGS", options={"gtol": 1e-9})
    assert found.termination == "converged"
    assert found.objective == pytest.approx(other.fun, abs=1e-8)
    assert np.linalg.norm(objective(found.q)[1]) < 1e-4
    from_afar = estimate(model, target, sd, prior, start=np.linspace(-2, 2, prior.size), loss=loss, tolerance=1e-12)
    assert from_afar.objective <= found.objective + 1e-7 or isinstance(loss, StudentT)
    assert found.iterations <= 20


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31))
def test_totals_stay_exact_and_the_figures_of_the_estimate_agree(seed: int) -> None:
    model, target, sd = with_shares(seed)
    prior = model.prior
    found = estimate(model, target, sd, prior)
    assert prior.by_total(prior.share0 * np.exp(np.where(prior.is_share, found.q, 0))) == pytest.approx([1, 1])
    assert found.value == pytest.approx(model.at(found.q).value)
    assert found.residual == pytest.approx((found.value - target) / sd)
    assert found.misfit == pytest.approx(float(StudentT().value(found.residual).sum()))
    assert found.prior_value == pytest.approx(prior.value(found.q))
    assert found.objective == pytest.approx(found.misfit + found.prior_value)
    assert found.objective <= float(StudentT().value((model.at(np.zeros(12)).value - target) / sd).sum()) + 1e-12
    assert found.jacobian == pytest.approx(prior.tangent(model.at(found.q).jacobian(), found.q))


def test_one_bad_count_does_not_rule() -> None:
    prior = Prior.normal(np.array([10.0]))
    model = Linear(np.ones((7, 1)), prior)
    target, sd = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 9.0]), np.full(7, 0.1)
    robust, plain = estimate(model, target, sd, prior), estimate(model, target, sd, prior, loss=NORMAL_LOSS)
    assert robust.q[0] == pytest.approx(1, abs=0.05)
    assert plain.q[0] > 2
    assert robust.weight[-1] < 0.01 < 0.8 < robust.weight[0]


@dataclass
class Awkward:
    """A model of one coordinate that does not follow its Jacobian far, and has no figures beyond a point."""

    wall: float = 1.5
    error: type[Exception] | None = SolverError
    seen: list[float] = field(default_factory=list)

    @dataclass
    class At:
        """Its figure at a point."""

        value: FloatArray
        q: float

        def jacobian(self) -> FloatArray:
            """Return its slope."""
            return np.array([[np.exp(-self.q) / (1 + np.exp(-self.q)) ** 2]])

    def at(self, q: FloatArray) -> At:
        """Return a figure that levels off."""
        self.seen.append(float(q[0]))
        if q[0] > self.wall and self.error is not None:
            raise self.error("There is no plan.")
        return self.At(np.array([1 / (1 + np.exp(-q[0])) if q[0] <= self.wall else np.nan]), float(q[0]))


@pytest.mark.parametrize("error", [SolverError, ProblemError, None])
def test_points_without_figures_are_stepped_back_from(error: type[Exception] | None) -> None:
    model = Awkward(error=error)
    aim = 1 / (1 + np.exp(-1.0))
    found = estimate(model, np.array([aim]), np.array([1e-3]), Prior.normal(np.array([10.0])), start=np.array([-3.0]))
    assert max(model.seen) > model.wall
    assert found.termination == "converged"
    assert found.q[0] == pytest.approx(1, abs=0.01)
    assert found.evaluations == len(model.seen)


def test_what_ends_the_search_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    prior = Prior.normal(np.array([10.0]))
    aim = np.array([1 / (1 + np.exp(-1.0))])
    early = estimate(Awkward(), aim, np.array([1e-3]), prior, iterations=1)
    assert (early.termination, early.iterations) == ("iterations", 1)
    assert early.decrement > 1e-8
    assert early.objective == pytest.approx(float(StudentT().value(early.residual)[0]) + early.prior_value)
    told: list[Iteration] = []
    whole = estimate(Awkward(), aim, np.array([1e-3]), prior, watch=told.append)
    assert sorted({one.iterations for one in told}) == list(range(whole.iterations + 1))
    assert (told[-1].iterations, told[-1].objective) == (whole.iterations, whole.objective)
    monkeypatch.setattr(Awkward.At, "jacobian", lambda _: np.array([[-1.0]]))
    stalled = estimate(Awkward(), aim, np.array([1e-3]), prior)
    assert (stalled.termination, stalled.iterations) == ("stalled", 0)


def test_a_search_that_crawls_may_end_before_it_has_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    slope = Awkward.At.jacobian
    monkeypatch.setattr(Awkward.At, "jacobian", lambda at: 4 * slope(at))  # so that each step is a quarter of one
    prior, aim, start = Prior.normal(np.array([10.0])), np.array([1 / (1 + np.exp(-1.0))]), np.array([-4.0])
    whole = estimate(Awkward(), aim, np.array([0.1]), prior, start, tolerance=1e-14)
    ended = estimate(Awkward(), aim, np.array([0.1]), prior, start, tolerance=1e-14, crawl=np.inf)
    assert ended.termination == "stalled"
    assert ended.iterations < whole.iterations
    assert whole.objective < ended.objective < ended.began
    assert ended.began == whole.began


def test_a_model_without_observations_is_left_at_the_prior() -> None:
    prior = Prior.normal(np.ones(2))
    found = estimate(Linear(np.zeros((0, 2)), prior), np.empty(0), np.empty(0), prior, start=np.array([2.0, -3.0]))
    assert found.q == pytest.approx([0, 0])
    assert found.termination == "converged"


def test_a_start_without_figures_is_an_error() -> None:
    arguments = np.array([0.7]), np.array([0.1]), Prior.normal(np.ones(1)), np.array([5.0])
    with pytest.raises(SolverError, match="no finite figures"):
        estimate(Awkward(error=None), *arguments)
    with pytest.raises(ProblemError, match="no plan"):
        estimate(Awkward(error=ProblemError), *arguments)


def test_derivatives_that_are_none_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong, error in ((np.array([[np.nan]]), SolverError), (np.ones((1, 2)), ProblemError)):
        monkeypatch.setattr(Awkward.At, "jacobian", lambda _, wrong=wrong: wrong)
        with pytest.raises(error, match="Jacobian"):
            estimate(Awkward(), np.array([0.7]), np.array([0.1]), Prior.normal(np.ones(1)))


@pytest.mark.parametrize(
    ("target", "sd", "start", "said"),
    [
        ([1.0], [0.0], [0.0], "standard deviation of observation 0"),
        ([1.0], [1.0, 2.0], [0.0], "2 standard deviations"),
        ([np.nan], [1.0], [0.0], "not a finite number"),
        ([1.0], [1.0], [0.0, 0.0], "2 coordinates"),
        ([1.0, 2.0], [1.0, 1.0], [0.0], "1 figures beside 2"),
    ],
)
def test_what_is_no_estimation_is_refused(target: list[float], sd: list[float], start: list[float], said: str) -> None:
    with pytest.raises(ProblemError, match=said):
        estimate(Awkward(), np.array(target), np.array(sd), Prior.normal(np.ones(1)), np.array(start))


def recovered(seed: int) -> tuple[Estimate, Network, FloatArray]:
    """Return the estimate of a random network from counts simulated at known parameters, the network and these."""
    network = Network.random(seed)
    random = np.random.default_rng(seed + 10_000)
    truth = network.truth(random)
    exact = network.at(truth).value
    sd = 0.05 * np.abs(exact) + 0.05
    network.last = None
    return estimate(network, exact + sd * random.normal(size=sd.size), sd, network.prior), network, truth


def test_the_jacobian_of_a_network_with_limits_is_that_of_differences() -> None:
    network = Network.random(2)
    q = network.truth(np.random.default_rng(1))
    found = network.prior.tangent(network.at(q).jacobian(), q)
    step = 1e-4
    difference = np.array(
        [network.at(q + step * one).value - network.at(q - step * one).value for one in np.eye(q.size)]
    )
    assert found == pytest.approx(difference.T / (2 * step), abs=1e-4 * float(np.abs(found).max()))


def test_an_estimate_of_a_network_converges_in_few_steps() -> None:
    found, network, truth = recovered(3)
    assert found.termination == "converged"
    assert found.iterations <= 12
    assert found.objective <= float(StudentT().value((network.at(truth).value - found.target) / found.sd).sum()) + (
        network.prior.value(truth)
    )
