"""Shippers who spread over the arcs of the whole network: the answers are proved, and third parties find the same."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from instances import published, shared_resources, two_ways
from scipy import linalg, optimize, sparse

from corridors.errors import ProblemError, SolverError
from corridors.models import columns
from corridors.models.arrays import FloatArray
from corridors.models.choice.perturbed import PerturbedSolution
from corridors.models.choice.perturbed.certificate import PerturbedCertificate, certify
from corridors.models.choice.perturbed.solver import solve
from corridors.models.problem import FlowProblem, objective
from corridors.models.side_constraints import at_least_share

TAUS = [0.5, 2.0, 5.0, 20.0, 1000.0]


def proved(
    problem: FlowProblem, scale: FloatArray, **options: object
) -> tuple[PerturbedSolution, PerturbedCertificate]:
    """Solve a problem and prove the answer."""
    solution = solve(problem, scale, **options)  # type: ignore[arg-type]
    certificate = certify(problem, scale, solution)
    assert certificate.holds, certificate.reasons
    assert solution.termination == "gap"
    return solution, certificate


def has_no_interior(problem: FlowProblem) -> bool:
    """Tell whether what must be served takes some capacity to the last: with a little less of all there is no plan."""
    return columns.solve(replace(problem, capacity=problem.capacity * (1 - 1e-6))).status == "infeasible"


def diamond(capacity: float = np.inf, penalty: float = np.inf, amount: float = 10.0) -> FlowProblem:
    """Return two ways of two arcs each, at 4 and at 5 a tonne, and a link between their middles at 0.5."""
    return FlowProblem.single_class(
        node_count=4,
        tail=[0, 1, 0, 2, 1],
        head=[1, 3, 2, 3, 2],
        cost=[2.0, 2.0, 2.5, 2.5, 0.5],
        arc_capacity=[capacity, np.inf, np.inf, np.inf, np.inf],
        origin=[0],
        destination=[3],
        amount=[amount],
        penalty=penalty,
    )


def marginal(cost: float, share: float, tau: float) -> float:
    """Return what a tonne pays on an arc at the margin."""
    return cost * (1 + np.log1p(share) / tau)


def least_by_tangents(problem: FlowProblem, scale: FloatArray) -> float:
    """Solve a problem in flows on arcs by tangents to its convex costs (Kelley 1960), each time with scipy's HiGHS."""
    cost, weight, balances, enters, use = in_flows_on_arcs(problem, scale)
    size, rows, right = cost.size, [], []
    points = [np.full(cost.size, share) for share in (0.0, 0.25, 0.5, 1.0)]
    for _ in range(60):
        for z in points:  # t >= G(z) + G'(z) (share - z)
            rows.append(sparse.hstack((sparse.diags_array(np.log1p(z)), -sparse.eye_array(size))))
            right.append(z - np.log1p(z))
        found = optimize.linprog(
            np.concatenate((cost, weight)),
            A_ub=sparse.vstack((sparse.hstack((use, sparse.csr_array(use.shape))), *rows)),
            b_ub=np.concatenate((problem.capacity, *right)),
            A_eq=sparse.hstack((balances, sparse.csr_array(balances.shape))),
            b_eq=enters,
            bounds=[(0, 1)] * size + [(0, None)] * size,
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        assert found.status == 0
        z = np.clip(found.x[:size], 0, 1)
        value = float(cost @ z + weight @ ((1 + z) * np.log1p(z) - z))
        if value - found.fun <= 1e-7 * value:
            return value
        points = [z]
    raise AssertionError("the tangents do not close the gap")


def in_flows_on_arcs(problem: FlowProblem, scale: FloatArray) -> tuple[FloatArray, ...]:
    """Return costs and weights of shares on arcs and of staying, balances, what enters, and use of resources."""
    parts = []
    for k in np.flatnonzero((problem.amount > 0) & (problem.origin != problem.destination)).tolist():
        class_, amount = int(problem.class_[k]), problem.amount[k]
        open_ = np.flatnonzero(np.isfinite(problem.cost[class_]))
        tail, head = (
            np.append(problem.tail[open_], problem.origin[k]),
            np.append(problem.head[open_], problem.destination[k]),
        )
        balance, arcs = np.zeros((problem.node_count, tail.size)), np.arange(tail.size)
        balance[tail, arcs] += 1
        balance[head, arcs] -= 1
        enters = np.zeros(problem.node_count)
        enters[problem.origin[k]], enters[problem.destination[k]] = 1, -1
        cost = amount * np.append(problem.cost[class_, open_], problem.penalty[k])
        use = np.hstack((amount * problem.usage_of(class_)[:, open_].toarray(), np.zeros((problem.resource_count, 1))))
        parts.append((cost, cost / scale[k], balance, enters, use))
    cost, weight, balance, enters, use = zip(*parts, strict=True)
    joined = np.concatenate
    return joined(cost), joined(weight), linalg.block_diag(*balance), joined(enters), np.hstack(use)


@given(shared_resources(), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=30)
def test_answers_are_proved_over_all_routes(problem: FlowProblem, seed: int) -> None:
    scale = np.random.default_rng(seed).choice(TAUS, problem.demand_count)
    try:
        solution = solve(problem, scale)
    except SolverError:
        assert columns.solve(problem).status == "infeasible"
        return
    certificate = certify(problem, scale, solution)
    if not certificate.holds:  # an interior method may stall where there is no interior, and then says so
        assert solution.termination == "stalled"
        assert has_no_interior(problem)
        return
    assert certificate.primal_objective >= certificate.bound * (1 - 1e-12)
    assert solution.as_flow(problem).resource_use(problem) == pytest.approx(
        np.minimum(solution.as_flow(problem).resource_use(problem), problem.capacity)
    )


@given(shared_resources(must_serve=False), st.sampled_from(TAUS))
@settings(deadline=None, max_examples=20)
def test_a_linear_solver_finds_the_same_cost_in_flows_on_arcs(problem: FlowProblem, tau: float) -> None:
    few = np.arange(problem.demand_count) < 4
    problem = replace(problem, amount=np.where(few, problem.amount, 0.0))
    assume(((problem.amount > 0) & (problem.origin != problem.destination)).any())
    scale = np.full(problem.demand_count, tau)
    _, certificate = proved(problem, scale)
    assert certificate.primal_objective == pytest.approx(least_by_tangents(problem, scale), rel=1e-6, abs=1e-9)


def test_what_is_used_costs_the_same_at_the_margin_by_hand() -> None:
    problem, tau = diamond(), 2.0
    solution, _ = proved(problem, np.array([tau]), gap=1e-9)
    share = solution.as_flow(problem).arc_flow(problem)[0] / 10.0
    up, low, middle = share[0], share[2], share[4]
    first = marginal(2.0, up, tau) + marginal(2.0, share[1], tau)
    second = marginal(2.5, low, tau) + marginal(2.5, share[3], tau)
    assert first == pytest.approx(second, rel=1e-6)
    assert 0 < low < up < 1
    across = marginal(2.0, up, tau) + marginal(0.5, middle, tau) + marginal(2.5, share[3], tau)
    assert across >= first * (1 - 1e-6)


def test_a_full_arc_has_the_price_that_makes_its_way_as_dear_as_the_other() -> None:
    problem, tau = diamond(capacity=3.0), 5.0
    solution, _ = proved(problem, np.array([tau]))
    share = solution.as_flow(problem).arc_flow(problem)[0] / 10.0
    assert share[0] == pytest.approx(0.3)
    first = marginal(2.0, share[0], tau) + marginal(2.0, share[1], tau)
    second = marginal(2.5, share[2], tau) + marginal(2.5, share[3], tau)
    assert solution.resource_price[0] == pytest.approx(second - first, rel=1e-4)


def test_staying_is_one_more_way() -> None:
    problem, tau = diamond(penalty=4.6), 2.0
    solution, _ = proved(problem, np.array([tau]))
    stays = solution.unserved[0] / 10.0
    share = solution.as_flow(problem).arc_flow(problem)[0] / 10.0
    assert 0 < stays < 1
    assert marginal(4.6, stays, tau) == pytest.approx(
        marginal(2.0, share[0], tau) + marginal(2.0, share[1], tau), rel=1e-5
    )


@given(shared_resources(must_serve=False))
@settings(deadline=None, max_examples=25)
def test_a_large_tau_leaves_the_linear_optimum(problem: FlowProblem) -> None:
    solution, _ = proved(problem, np.full(problem.demand_count, 1e7))
    linear = columns.solve(problem, gap=1e-9)
    assert objective(problem, solution.as_flow(problem)) == pytest.approx(objective(problem, linear), rel=2e-6)


def test_the_smaller_tau_the_more_even_the_ways() -> None:
    widest = []
    for tau in (100.0, 5.0, 1.0, 0.2):
        solution, _ = proved(diamond(), np.array([tau]))
        widest.append(solution.as_flow(diamond()).arc_flow(diamond())[0].max() / 10.0)
    assert widest == sorted(widest, reverse=True)
    assert widest[0] == pytest.approx(1.0)
    assert widest[-1] < 0.65


def test_what_cannot_go_or_need_not_is_left_or_served_by_nothing() -> None:
    problem = FlowProblem.single_class(
        node_count=3,
        tail=[0, 1],
        head=[1, 0],
        cost=[1.0, np.inf],
        arc_capacity=[np.inf, np.inf],
        origin=[0, 0, 2, 1, 1],
        destination=[1, 1, 2, 0, 2],
        amount=[4.0, 0.0, 5.0, 6.0, 7.0],
        penalty=[9.0, 9.0, 9.0, 9.0, 0.0],
    )
    solution, _ = proved(problem, np.full(5, 3.0))
    assert solution.unserved.tolist() == [0.0, 0.0, 0.0, 6.0, 7.0]
    by_demand = dict(zip(solution.routes.demand.tolist(), solution.route_flow.tolist(), strict=True))
    assert by_demand == {0: 4.0, 2: 5.0}


def test_a_problem_without_demands_has_an_empty_answer() -> None:
    problem = replace(diamond(), amount=np.zeros(1))
    solution, certificate = proved(problem, np.ones(1))
    assert solution.routes.size == 0
    assert certificate.primal_objective == certificate.gap == 0


def test_a_capacity_of_nothing_closes_an_arc_and_has_a_price_that_proves_it() -> None:
    solution, _ = proved(diamond(capacity=0.0), np.array([5.0]))
    assert solution.as_flow(diamond()).arc_flow(diamond())[0, 0] == 0
    assert solution.resource_price[0] > 0


def test_what_must_be_served_takes_what_others_would_pay_less_for() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1.0], [4.0], [0, 0], [1, 1], [3.0, 3.0], [np.inf, 50.0])
    solution, _ = proved(problem, np.full(2, 5.0))
    assert solution.unserved == pytest.approx([0.0, 2.0], abs=1e-6)


@pytest.mark.parametrize("capacity", [0.0, 2.0])
def test_what_must_be_served_and_cannot_be_is_an_error(capacity: float) -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1.0], [capacity], [0], [1], [3.0])
    with pytest.raises(SolverError, match="must be served"):
        solve(problem, np.ones(1))


def test_what_must_be_served_and_has_no_path_is_an_error() -> None:
    problem = FlowProblem.single_class(3, [0], [1], [1.0], [np.inf], [0], [2], [3.0])
    with pytest.raises(SolverError, match="must be served"):
        solve(problem, np.ones(1))


def test_a_least_share_is_kept_and_priced() -> None:
    problem = diamond(penalty=50.0)
    lower = np.array([False, False, True, False, False])
    problem = at_least_share(problem, lower, np.array([True, False, True, False, False]), 0.7, "lower")
    solution, _ = proved(problem, np.array([5.0]))
    share = solution.as_flow(problem).arc_flow(problem)[0] / 10.0
    assert share[2] == pytest.approx(0.7)
    assert solution.resource_price[-1] > 0


def test_a_circle_that_pays_is_not_an_answer() -> None:
    problem = FlowProblem.single_class(3, [0, 1, 2], [1, 2, 1], [1.0, 0.1, 0.1], [np.inf] * 3, [0], [1], [5.0], [50.0])
    problem = at_least_share(
        problem, np.array([False, True, False]), np.array([True, True, False]), 0.4, "through the circle"
    )
    with pytest.raises(SolverError, match="round in a circle"):
        solve(problem, np.ones(1))


@given(shared_resources(must_serve=False), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=25)
def test_an_earlier_answer_is_a_start_after_a_change(problem: FlowProblem, seed: int) -> None:
    random = np.random.default_rng(seed)
    scale = random.choice(TAUS, problem.demand_count)
    before = solve(problem, scale)
    cost = np.where(random.random(problem.cost.shape) < 0.1, np.inf, problem.cost * 1.1)
    changed = replace(problem, cost=cost, capacity=np.floor(problem.capacity * random.choice([0.5, 1, 2])))
    _, hot = proved(changed, scale, start=before)
    _, cold = proved(changed, scale)
    assert hot.primal_objective == pytest.approx(cold.primal_objective, rel=2e-6)


def test_an_answer_to_a_problem_of_another_size_is_no_start() -> None:
    answer = solve(diamond(), np.ones(1))
    with pytest.raises(ProblemError, match="earlier answer"):
        solve(two_ways(), np.ones(1), start=replace(answer, unserved=np.zeros(2)))
    with pytest.raises(ProblemError, match="earlier answer"):
        solve(two_ways(), np.ones(1), start=answer)


@pytest.mark.parametrize(("family", "name"), [("planar", "planar30"), ("grid", "grid3"), ("liner", "Baltic_base")])
@pytest.mark.parametrize("tau", [5.0, 50.0])
def test_published_networks_whose_demands_must_be_served_are_proved(family: str, name: str, tau: float) -> None:
    problem, optimum = published(family, name)
    solution, certificate = proved(problem, np.full(problem.demand_count, tau))
    assert not solution.unserved[np.isinf(problem.penalty)].any()
    assert objective(problem, solution.as_flow(problem)) >= optimum * (1 - 1e-9)
    assert certificate.primal_objective <= optimum * (1 + 1.0 / tau)  # G(z) is at most z


def test_when_the_time_is_over_there_is_a_plan() -> None:
    solution = solve(diamond(capacity=3.0, penalty=50.0), np.array([5.0]), time_limit=0.0)
    assert solution.termination == "time_limit"
    certificate = certify(diamond(capacity=3.0, penalty=50.0), np.array([5.0]), solution)
    assert certificate.worst_capacity_residual == certificate.worst_demand_residual == 0


@pytest.mark.parametrize("scale", [np.ones(2), np.zeros(1), np.array([np.inf]), np.array([np.nan])])
def test_scales_that_do_not_fit_are_refused(scale: FloatArray) -> None:
    with pytest.raises(ProblemError, match="tau above 0"):
        solve(diamond(), scale)


@pytest.mark.parametrize("options", [{"gap": 0.0}, {"gap": np.nan}, {"time_limit": -1.0}])
def test_gaps_and_times_that_are_none_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ProblemError, match="gap above 0"):
        solve(diamond(), np.ones(1), **options)  # type: ignore[arg-type]


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None  # as where it is not installed
import numpy as np
from corridors.errors import ExtraMissing
from corridors.models.choice.perturbed import solve
from corridors.models.choice.perturbed.certificate import certify
from corridors.models.problem import FlowProblem
problem = FlowProblem.single_class(2, [0], [1], [1.0], [np.inf], [0], [1], [3.0])
try:
    solve(problem, np.ones(1))
except ExtraMissing as error:
    print(error)
"""


def test_without_numba_it_is_said_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_NUMBA], capture_output=True, text=True, check=True)
    assert "corridors[fast]" in done.stdout
