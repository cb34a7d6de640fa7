"""Column generation finds what the arc formulation finds, proves it, and says honestly when it was stopped."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instances import grid, may_stay, published, shared_resources, single_origin, two_ways
from other_solvers import by_cbc
from proved_columns import agree, solved
from scipy import sparse

from corridors.errors import CertificateError, ProblemError, SolverError
from corridors.models import arcs, columns
from corridors.models.certificate import certify
from corridors.models.columns.barrier import options
from corridors.models.problem import FlowProblem
from corridors.models.proof import prove
from corridors.models.termination import Iteration


@given(shared_resources())
@settings(max_examples=100, deadline=None)
def test_any_problem_costs_what_the_arc_formulation_says(problem: FlowProblem) -> None:
    agree(problem, columns.solve(problem, gap=1e-9))


@given(st.one_of(shared_resources(), single_origin()))
@settings(max_examples=75, deadline=None)
def test_good_prices_first_or_not_is_the_same(problem: FlowProblem) -> None:
    with mock.patch.object(options, "BARRIER", replace(options.BARRIER, from_overdrawn=1)):
        agree(problem, columns.solve(problem, gap=1e-9))


@given(single_origin())
@settings(max_examples=50, deadline=None)
def test_one_commodity_costs_what_the_arc_formulation_says(problem: FlowProblem) -> None:
    agree(problem, columns.solve(problem, gap=1e-9))


@given(shared_resources())
@settings(max_examples=20, deadline=None)
def test_a_third_solver_agrees(problem: FlowProblem) -> None:
    expected = by_cbc(problem)
    solution = columns.solve(problem, gap=1e-9)
    if expected is None:
        assert solution.status == "infeasible"
    else:
        assert certify(problem, solution).primal_objective == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_circles_of_two_classes_over_the_same_arcs_are_two_circles() -> None:
    """A share that is dear to meet makes circles pay at first, whatever the class that goes round."""
    tail, head = [0, 1, 2, 0], [1, 2, 1, 2]
    cost = np.array([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 1.0]])
    usage = np.zeros((1, 8))
    usage[0, [1, 5]] = -1.0  # what goes from 1 to 2 counts for the share
    usage[0, [0, 3, 4, 7]] = 0.5  # of what leaves 0
    problem = FlowProblem(
        node_count=3,
        tail=np.array(tail),
        head=np.array(head),
        cost=cost,
        origin=np.array([0, 0]),
        destination=np.array([2, 2]),
        class_=np.array([0, 1]),
        amount=np.array([10.0, 10.0]),
        penalty=np.array([50.0, 50.0]),
        capacity=np.array([0.0]),
        usage=sparse.csr_array(usage),
    )
    agree(problem, columns.solve(problem, gap=1e-9))


@st.composite
def with_shares(draw: st.DrawFn) -> FlowProblem:
    """Draw a problem in which some flow must have a share of some other, which negative usages say."""
    problem = draw(shared_resources(must_serve=draw(st.booleans())))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    entries = random.choice([0.0, -1.0, 0.5], (2, problem.cost.size), p=[0.8, 0.1, 0.1])
    loops = np.tile(problem.tail == problem.head, problem.class_count)
    entries[:, loops] = 0
    return replace(
        problem,
        cost=problem.cost + 1,
        capacity=np.append(problem.capacity, random.integers(0, 5, 2)),
        usage=sparse.csr_array(sparse.vstack((problem.usage, sparse.csr_array(entries)))),
    )


@given(with_shares())
@settings(max_examples=50, deadline=None)
def test_negative_usages_are_right_or_refused(problem: FlowProblem) -> None:
    try:
        solution = columns.solve(problem, gap=1e-9)
    except SolverError as error:
        if "circle" not in str(error):
            raise
        return
    reference = arcs.solve(problem)
    if certify(problem, reference).holds or reference.status == "infeasible":
        agree(problem, solution)


def test_two_circles_over_the_same_arcs_do_not_hide_each_the_paths_from_the_other() -> None:
    """At prices that make one circle cost nothing, the other costs nothing but rounding, and is not worth a round."""
    usage = np.zeros((6, 14))
    usage[0, [3, 7, 8, 10, 12, 13]] = 1, 3, 0.25, 1, 3, 1
    usage[1, [2, 3, 6, 11]] = 1, 1, 1, 3
    usage[2, [0, 5, 7, 9, 13]] = 0.25, 3, 1, 1, 1
    usage[3, [3, 5]] = 1, 0.25
    usage[4, [4, 11]] = 0.5, -1  # of what goes from 0 to 1, half must come from 1 to 0
    usage[5, [0, 10, 13]] = 0.5, 0.5, -1
    problem = FlowProblem.single_class(
        4,
        [0, 3, 1, 0, 0, 0, 2, 1, 3, 2, 0, 1, 3, 2],
        [2, 2, 3, 0, 1, 3, 2, 1, 1, 0, 1, 0, 0, 0],
        [9, 3, 2, 9, 10, 5, np.inf, 5, 6, 2, 3, 10, 5, 6],
        [np.inf] * 14,
        [3, 0],
        [0, 2],
        [2, 9],
        penalty=np.array([19.0, 35.0]),
    )
    limited = replace(problem, capacity=np.array([4.0, 5, 8, 3, 2, 0]), usage=sparse.csr_array(usage))
    agree(limited, columns.solve(limited, gap=1e-9))


@pytest.mark.parametrize("options", [{"gap": 0.0}, {"gap": np.nan}, {"time_limit": -1.0}])
def test_a_gap_or_time_that_makes_no_sense_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ProblemError, match="above 0"):
        columns.solve(two_ways(), **options)  # type: ignore[arg-type]


def test_leaving_is_chosen_where_it_is_cheaper() -> None:
    solution, _ = solved(two_ways(penalty=2))
    assert solution.unserved.tolist() == pytest.approx([6])


def test_what_must_be_served_and_cannot_is_infeasible() -> None:
    for problem in (
        FlowProblem.single_class(3, [0, 1], [1, 2], [1, 1], [5, 4], [0], [2], [6]),
        FlowProblem.single_class(3, [0], [1], [1], [np.inf], [0], [2], [6]),
    ):
        solution = columns.solve(problem)
        assert solution.status == "infeasible"
        assert not certify(problem, solution).holds
        assert solution.unserved.tolist() == [6]


def test_a_demand_that_is_where_it_goes_is_served_by_the_empty_path() -> None:
    solution, certificate = solved(
        FlowProblem.single_class(2, [0], [1], [1], [5], [0, 1], [1, 1], [3, 7], penalty=np.inf)
    )
    assert certificate.primal_objective == pytest.approx(3)
    assert [len(arcs_) for arcs_ in solution.path_arcs] == [0, 1]


def test_nothing_to_carry_is_solved_at_once() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1], [5], [0], [1], [0])
    solution, _ = solved(problem)
    assert solution.status == "optimal"
    assert not solution.path_arcs


def test_out_of_time_gives_a_plan_with_its_gap() -> None:
    problem = may_stay(grid())
    for limit in (0.0, 0.002, 0.01):
        solution = columns.solve(problem, time_limit=limit)
        certificate = certify(problem, solution, tolerance=1e-9)
        assert certificate.worst_demand_residual < 1e-9
        assert certificate.worst_capacity_residual < 1e-9
        assert certificate.gap <= solution.gap * (1 + 1e-9) + 1e-9
        assert solution.status == ("optimal" if solution.gap <= 1e-6 else "feasible")
    assert columns.solve(problem, time_limit=0).status == "feasible"


def test_out_of_time_without_a_plan_is_said() -> None:
    with pytest.raises(SolverError, match="in the time"):
        columns.solve(grid(), time_limit=0)


@pytest.mark.parametrize("turn", [1, 2, 4])
def test_an_interrupted_run_gives_its_best_plan(turn: int) -> None:
    problem = may_stay(grid())

    def stop(progress: Iteration) -> None:
        if progress.iteration == turn:
            raise KeyboardInterrupt

    solution = columns.solve(problem, gap=1e-12, progress=stop)
    certificate = certify(problem, solution, tolerance=1e-9)
    assert solution.iterations <= turn
    assert solution.status == ("optimal" if solution.gap <= 1e-12 else "feasible")
    assert certificate.worst_capacity_residual < 1e-9
    assert certificate.gap <= solution.gap * (1 + 1e-9) + 1e-12
    again = columns.solve(problem, start=solution)
    assert again.status == "optimal"


def test_progress_only_ever_improves() -> None:
    seen: list[Iteration] = []
    solution, _ = solved(grid(), progress=seen.append)
    assert len(seen) == solution.iterations
    assert all(a.bound <= b.bound and a.objective >= b.objective for a, b in itertools.pairwise(seen))


def test_the_same_problem_gives_the_same_bytes() -> None:
    one, other = columns.solve(grid()), columns.solve(grid())
    for name in ("path_demand", "path_flow", "unserved", "resource_price"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
    assert all((a == b).all() for a, b in zip(one.path_arcs, other.path_arcs, strict=True))


_DIGEST = """
import hashlib
from instances import published
from corridors.models import columns
solution = columns.solve(published("grid", "grid6")[0])
arrays = (solution.path_demand, solution.path_flow, solution.resource_price, *solution.path_arcs)
print(hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest())
"""


def test_the_number_of_threads_changes_no_byte() -> None:
    grid()  # skips where there are no instances
    here = Path(__file__).resolve().parent
    found = set()
    for threads in ("1", "2", "4"):
        environment = os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        environment["PYTHONPATH"] = os.pathsep.join((str(here), str(here.parent), str(here.parents[1])))
        run = subprocess.run([sys.executable, "-c", _DIGEST], env=environment, capture_output=True, check=True)
        found.add(run.stdout)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("planar", "planar30"),
        ("planar", "planar50"),
        ("planar", "planar80"),
        ("planar", "planar100"),
        ("grid", "grid1"),
        ("grid", "grid2"),
        ("grid", "grid3"),
        ("grid", "grid4"),
        ("grid", "grid6"),
        ("grid", "grid7"),
        ("liner", "Baltic_base"),
        ("liner", "WAF_base"),
        ("liner", "Med_base"),
        ("liner", "Med_high"),
        ("liner", "Pacific_base"),
        ("liner", "Pacific_low"),
    ],
)
def test_published_optima_are_found_and_proved(family: str, name: str) -> None:
    problem, optimum = published(family, name)
    solution, certificate = solved(problem, gap=1e-6)
    assert certificate.primal_objective == pytest.approx(optimum, rel=1e-6)
    assert solution.gap <= 1e-6
    tight = int((solution.resource_use(problem) > problem.capacity * (1 - 1e-9)).sum())
    assert len(solution.path_arcs) <= problem.demand_count + tight


@pytest.mark.slow
@pytest.mark.parametrize(("family", "name"), [("planar", "planar300"), ("grid", "grid8")])
def test_large_published_optima_are_found_and_proved(family: str, name: str) -> None:
    problem, optimum = published(family, name)
    _, certificate = solved(problem, gap=1e-6)
    assert certificate.primal_objective == pytest.approx(optimum, rel=1e-6)


def test_a_poor_guess_proves_less_and_is_not_the_last_word() -> None:
    problem = may_stay(grid())
    solution = columns.solve(problem, gap=1e-9)
    full = certify(problem, solution)

    def nothing(class_: int, origins: np.ndarray) -> np.ndarray:
        return np.zeros((origins.size, problem.node_count))

    def too_much(class_: int, origins: np.ndarray) -> np.ndarray:
        return np.full((origins.size, problem.node_count), 1e12)

    poor = certify(problem, solution, guess=nothing)
    assert not poor.holds
    assert poor.bound < full.bound
    assert certify(problem, solution, guess=too_much).bound <= full.bound * (1 + 1e-9)  # it is lowered first
    assert solution.state is not None
    with mock.patch.object(type(solution.state), "potentials", lambda self, *asked: nothing(*asked)):
        assert prove(problem, solution).bound == full.bound
    wrong = replace(solution, unserved=solution.unserved + 1)
    with pytest.raises(CertificateError):
        prove(problem, wrong)
