"""`corridors solve` as a person meets it: rows for what is solved, sentences for what is not."""

import csv
import gzip
import io
import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from instances import bench
from networks import NET, PLANAR, TRIPS, gmns, put, tntp
from solving import METHODS, run

from corridors.cli import main
from corridors.errors import SolverError
from corridors.exchange import open_problem, proving
from corridors.models import methods
from corridors.models.infeasibility import why_infeasible
from corridors.models.problem import FlowProblem, FlowSolution

ROOT = Path(__file__).parents[2]
KEYS = ["file", "status", "objective", "bound", "gap", "seconds", "iterations"]


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return put(tmp_path / "small.txt", PLANAR)


@pytest.mark.parametrize("method", METHODS)
def test_json_is_a_list_of_objects_with_just_these_keys(instance: Path, method: str) -> None:
    result = run(instance, "--format", "json", "--quiet", method=method)
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    assert [list(row) for row in rows] == [KEYS]
    row = rows[0]
    assert (row["file"], row["status"], row["objective"]) == (str(instance), "optimal", 35)
    assert row["bound"] == pytest.approx(35)
    assert 0 <= row["gap"] <= 1e-6
    assert row["seconds"] > 0
    assert isinstance(row["iterations"], int)
    assert result.stderr == ""


def test_csv_and_text_have_the_same_columns(instance: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(instance, "--format", "csv", "--quiet").stdout)))
    assert [list(row) for row in rows] == [KEYS]
    assert float(rows[0]["objective"]) == 35
    header, line = run(instance, "--quiet").stdout.splitlines()
    assert header.split() == KEYS
    assert line.split()[:4] == [str(instance), "optimal", "35", "35"]


def test_progress_goes_to_standard_error(instance: Path) -> None:
    result = run(instance, "--format", "json")
    assert f"solving {instance}" in result.stderr
    json.loads(result.stdout)


def test_every_format_in_one_go(instance: Path, folder: Path, tmp_path: Path) -> None:
    packed = put(tmp_path / "packed", PLANAR, pack=True)
    roads = tmp_path / "roads"
    roads.mkdir()
    files = [instance, packed, tntp(tmp_path), gmns(roads), folder]
    result = run(*files, "--format", "json", "--quiet")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)
    assert [row["file"] for row in rows] == [str(path) for path in files]
    assert {row["status"] for row in rows} == {"optimal"}


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_a_damaged_file_is_one_sentence_and_the_others_are_solved(instance: Path, tmp_path: Path, form: str) -> None:
    bad = put(tmp_path / "bad.gz", gzip.compress(PLANAR.encode(), mtime=0)[:-9])
    absent = tmp_path / "absent"
    result = run(bad, instance, absent, instance, "--format", form, "--quiet")
    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    assert str(bad) in first
    assert str(absent) in second
    assert result.stdout.count(str(instance)) == 2
    assert str(bad) not in result.stdout
    assert "Traceback" not in result.output


def test_only_damaged_files_are_an_empty_list(tmp_path: Path) -> None:
    result = run(tmp_path / "absent", "--format", "json", "--quiet")
    assert (result.exit_code, json.loads(result.stdout)) == (2, [])


def test_what_cannot_all_be_served_is_infeasible_until_it_has_a_price(tmp_path: Path) -> None:
    path = tntp(tmp_path, NET, TRIPS.replace("2 : 3.0", "2 : 13.0").replace("> 12", "> 22"))
    result = run(path, "--format", "json", "--quiet")
    assert result.exit_code == 0
    row = json.loads(result.stdout)[0]
    assert [row[key] for key in ("status", "objective", "bound", "gap")] == ["infeasible", None, None, None]
    assert run(path, "--quiet").stdout.splitlines()[1].split()[1:5] == ["infeasible", "-", "-", "-"]
    priced = json.loads(run(path, "--unserved", 100, "--format", "json", "--quiet").stdout)[0]
    assert (priced["status"], priced["objective"]) == ("optimal", pytest.approx(10 * 2 + 3 * 100 + 4 * 50))


def wrong(**change: object) -> object:
    """Return a door behind which answers are made worse."""

    def solve(problem: FlowProblem, method: str) -> FlowSolution:
        made = methods.solve(problem, method)
        return replace(made, **{key: one(made) if callable(one) else one for key, one in change.items()})  # type: ignore[arg-type]

    return solve


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"path_flow": lambda made: made.path_flow * 0.9}, "unproven", 2),
        ({"status": "infeasible"}, "unproven", 2),
        ({"path_flow": lambda made: made.path_flow * np.nan}, "unproven", 2),
        ({"resource_price": lambda made: made.resource_price + 1, "termination": "stalled"}, "feasible", 0),
        ({"resource_price": lambda made: made.resource_price + 1, "termination": "interrupted"}, "feasible", 130),
    ],
)
def test_no_answer_is_called_optimal_without_its_certificate(
    instance: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, object], status: str, code: int
) -> None:
    monkeypatch.setattr(proving, "solve", wrong(**change))
    result = run(instance, "--format", "json", "--quiet")
    assert result.exit_code == code, result.output
    assert json.loads(result.stdout)[0]["status"] == status
    assert "not proved optimal" in result.stderr
    assert "NaN" not in result.stdout


def test_what_an_interrupted_method_has_is_printed_and_no_more_is_solved(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "solve", wrong(termination="interrupted"))
    result = run(instance, instance, "--format", "json", "--quiet")
    assert result.exit_code == 130
    assert "interrupted; 1 of 2" in result.stderr
    assert [row["status"] for row in json.loads(result.stdout)] == ["optimal"]


@pytest.mark.parametrize(("error", "words"), [(SolverError("it gave up"), "it gave up"), (MemoryError(), "memory")])
def test_a_method_that_fails_is_one_sentence_and_the_others_are_solved(
    instance: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    calls = []

    def solve(problem: FlowProblem, method: str) -> FlowSolution:
        calls.append(method)
        if len(calls) == 1:
            raise error
        return methods.solve(problem, method)

    monkeypatch.setattr(proving, "solve", solve)
    result = run(instance, instance, "--format", "json", "--quiet")
    assert result.exit_code == 2
    assert str(instance) in result.stderr
    assert words in result.stderr
    assert len(json.loads(result.stdout)) == 1


def _large() -> str:
    """Return a planar file whose arc formulation takes seconds to state: a ring with chords."""
    count = 300
    arcs = [f"{i + 1} {(i + step) % count + 1} {1 + i % 7} 1e9" for i in range(count) for step in (1, 2, 17)]
    demands = [f"{i + 1} {(i + count // 2) % count + 1} 1" for i in range(count)]
    return "\n".join([str(count), str(len(arcs)), str(len(demands)), *arcs, *demands, ""])


@pytest.mark.parametrize("form", ["text", "json"])
def test_ctrl_c_prints_what_is_finished(instance: Path, tmp_path: Path, form: str) -> None:
    large = put(tmp_path / "large", _large())
    command = [
        sys.executable,
        "-m",
        "corridors",
        "solve",
        "--method",
        "arcs",
        "--format",
        form,
        instance,
        large,
        instance,
    ]
    with subprocess.Popen(
        [str(one) for one in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for line in running.stderr:
            if f"solving {large}" in line:
                break
        threading.Event().wait(0.3)
        running.send_signal(signal.SIGINT)
        printed, said = running.stdout.read(), running.stderr.read()
    assert running.returncode == 130
    assert "interrupted; 1 of 3" in said
    assert "Traceback" not in said
    assert printed.count("optimal") == 1
    if form == "json":
        assert len(json.loads(printed)) == 1


@pytest.mark.parametrize(
    "arguments", [[], ["--method", "magic", "x"], ["--unserved", "-1", "x"], ["--unserved", "nan", "x"]]
)
def test_a_wrong_call_is_exit_code_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["solve", *arguments])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_file_name_is_no_formula_in_a_spreadsheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "=1+1", PLANAR)
    monkeypatch.chdir(tmp_path)
    assert "\n'=1+1,optimal" in run("=1+1", "--format", "csv", "--quiet").stdout


@pytest.mark.parametrize("method", METHODS)
def test_published_instances_at_the_command_line(method: str) -> None:
    files = [bench("planar", "planar30.gz"), bench("grid", "grid1.gz"), bench("liner", "Baltic_base.gz")]
    rows = json.loads(run(*files, "--format", "json", "--quiet", method=method).stdout)
    assert [row["objective"] for row in rows] == pytest.approx([44350624, 827319, 2866276], rel=1e-6)
    assert all(row["status"] == "optimal" and row["gap"] <= 1e-6 for row in rows)


@pytest.mark.parametrize("method", METHODS)
def test_infeasibility_is_proved_and_not_believed(tmp_path: Path, method: str) -> None:
    problem = open_problem(put(tmp_path / "a", PLANAR))
    assert not why_infeasible(problem, method)
    assert why_infeasible(replace(problem, amount=problem.amount + np.array([6, 0])), method)
    assert why_infeasible(replace(problem, destination=np.array([3, 3])), method)
