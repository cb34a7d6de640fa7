"""Why a method ended is said, not guessed: only Ctrl-C is Ctrl-C."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from instances import published
from interrupting import INTERRUPTED
from small import small_dataset

from corridors.cli import main
from corridors.models import columns, interdiction
from corridors.models.certificate import certify
from corridors.models.columns import tolerances
from corridors.models.problem import FlowProblem
from corridors.models.proof import prove
from corridors.models.termination import Iteration


def grid(penalty: float = 1e5) -> FlowProblem:
    problem, _ = published("grid", "grid4")
    return replace(problem, penalty=np.full(problem.demand_count, penalty))


@pytest.fixture
def stalling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the engine take no path for better, as rounding might."""
    monkeypatch.setattr(tolerances, "TOLERANCES", replace(tolerances.TOLERANCES, improvement=1.0))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "small")


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Return two ways of which the engine looks at the cheap one first, which is too narrow."""
    path = tmp_path / "two.txt"
    path.write_text("2\n2\n1\n1 2 1 4\n1 2 3 20\n1 2 10\n", encoding="utf-8")
    return path


def test_a_proof_is_the_usual_end() -> None:
    solution = columns.solve(grid())
    assert (solution.status, solution.termination) == ("optimal", "gap")


def test_what_cannot_be_is_found_to_the_end() -> None:
    problem = FlowProblem.single_class(2, [0], [1], [1], [4], [0], [1], [5])
    solution = columns.solve(problem)
    assert (solution.status, solution.termination) == ("infeasible", "gap")


def test_a_time_limit_is_a_time_limit() -> None:
    solution = columns.solve(grid(), time_limit=0)
    assert (solution.status, solution.termination) == ("feasible", "time_limit")


@pytest.mark.usefixtures("stalling")
def test_a_stall_is_a_stall() -> None:
    problem = grid()
    solution = columns.solve(problem)
    assert (solution.status, solution.termination) == ("feasible", "stalled")
    assert 1e-6 < solution.gap < math.inf
    assert certify(problem, solution, allowed_gap=math.inf).holds


def test_an_interruption_is_one_and_a_proof_of_many_goes_on_with_it() -> None:
    def stop(progress: Iteration) -> None:
        if progress.iteration == 1:
            raise KeyboardInterrupt

    problem, _ = published("grid", "grid1")
    problem = replace(problem, penalty=np.full(problem.demand_count, 1e5))
    solution = columns.solve(problem, gap=1e-12, progress=stop)
    assert solution.termination == "interrupted"
    with pytest.raises(KeyboardInterrupt):
        prove(problem, solution)


def test_an_interruption_before_there_is_a_plan_leaves_nothing_to_give() -> None:
    def stop(_: Iteration) -> None:
        raise KeyboardInterrupt

    problem = FlowProblem.single_class(
        3, [0, 0, 1], [1, 2, 2], [1, 5, 1], [4, 20, 4], [0, 1], [2, 2], [10, 1], [math.inf, math.inf]
    )
    try:
        solution = columns.solve(problem, progress=stop)
    except KeyboardInterrupt:
        return
    assert solution.termination == "interrupted"


@pytest.mark.usefixtures("stalling")
def test_worst_closures_of_plans_that_stalled_have_an_honest_gap() -> None:
    random = np.random.default_rng(3)
    origin = random.integers(0, 7, 6)
    problem = FlowProblem.single_class(
        node_count=7,
        tail=random.integers(0, 7, 22),
        head=random.integers(0, 7, 22),
        cost=random.integers(1, 20, 22),
        arc_capacity=random.integers(2, 15, 22),
        origin=origin,
        destination=(origin + random.integers(1, 7, 6)) % 7,
        amount=random.integers(1, 10, 6),
        penalty=60.0,
    )
    groups = [np.array([arc]) for arc in range(9)]
    assert columns.solve(problem).termination == "stalled"
    worst = interdiction.worst(problem, groups, 1)
    assert worst.gap > 1e-6
    assert worst.cost < worst.most < math.inf


@pytest.mark.usefixtures("stalling")
def test_a_stalled_plan_and_a_stalled_instance_are_not_taken_for_ctrl_c(instance: Path, small: Path) -> None:
    runner = CliRunner()
    solved = runner.invoke(main, ["solve", str(instance), "--unserved", "9", "--quiet", "--format", "json"])
    assert solved.exit_code == 0, solved.output
    assert json.loads(solved.stdout)[0]["status"] == "feasible"
    assert "not proved optimal" in solved.stderr
    planned = runner.invoke(main, ["plan", "--data", str(small), "--quiet", "--format", "json"])
    assert planned.exit_code == 0, planned.output
    assert json.loads(planned.stdout)["termination"] in ("gap", "stalled")


LONGER = [["run", "dostyk-closed"], ["stress", "--k", "2"], ["stress"], ["uncertainty"]]
COMMANDS = [["plan"], ["solve", "--unserved", "9"], *(pytest.param(one, marks=pytest.mark.slow) for one in LONGER)]


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_real_ctrl_c_while_the_engine_works_ends_with_130(command: list[str], instance: Path) -> None:
    options = [str(instance)] if command[0] == "solve" else []
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED), *command, *options],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
