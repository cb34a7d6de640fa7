"""The command line where shippers choose: what it says, what it refuses in a sentence, and how it is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from commands import ROOT, process, run, sentence
from small import add_demand, edit

LOGIT = ("--choice", "logit", "--quiet")


@pytest.fixture
def small(folder: Path) -> Path:
    edit(folder, "links", 6, capacity="3")
    add_demand(folder, "cars", "EASTGATE-LANDING", "container_high", kt=50, penalty=900)
    return folder


def test_text_says_first_which_model_it_was_and_stands_beside_the_linear_plan(small: Path) -> None:
    done = run("plan", "--data", small, *LOGIT)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Shippers choose by probability among")
    assert lines[1] == "Crowded places cost no time."
    for words in ("Beside the linear plan", "worth of the choice", "over the listed routes", "its freight"):
        assert words in done.stdout
    assert "Shippers choose" not in run("plan", "--data", small, "--quiet").stdout


def test_waiting_is_told_by_place(small: Path) -> None:
    done = run("plan", "--data", small, *LOGIT, "--assign", "equilibrium")
    assert "user equilibrium" in done.stdout.splitlines()[1]
    assert "Where freight waits longest" in done.stdout


def test_json_and_the_folder_say_which_model_it_was(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    done = run("plan", "--data", small, *LOGIT, "--tau", "8", "--nests", "chain", "--out", out, "--format", "json")
    told = json.loads(done.stdout)
    assert (told["model"], told["tau"], told["nests"]) == ("logit", 8.0, "chain")
    assert {row["why"] for row in told["beside_linear"]} <= {"spread", "waiting", "outside", ""}
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["model"] == "logit"
    verified = run("verify", out, "--data", small)
    assert verified.exit_code == 0, verified.output
    assert "over the listed routes" in verified.stdout


def test_the_same_plan_stays_and_another_choice_is_no_same_plan(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    words = ("plan", "--data", small, "--quiet", "--out", out)
    assert run(*words, "--choice", "logit").exit_code == 0
    assert "holds this very plan already" in run(*words, "--choice", "logit").stdout
    assert "tau None there, 5.0 here" in sentence(run(*words, "--choice", "logit", "--tau", "5"))
    assert "model logit there, None here" in sentence(run(*words))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tau", "0", "--choice", "logit"), "--tau"),
        (("--tau", "nan", "--choice", "logit"), "nan is not a finite number"),
        (("--tau", "inf", "--choice", "logit"), "inf is not a finite number"),
        (("--choice", "foo"), "'foo' is not one of 'linear', 'logit', 'network'"),
        (
            ("--assign", "equilibrium"),
            "assign: found equilibrium with choice linear, expected choice logit: add --choice logit",
        ),
        (("--assign", "foo", "--choice", "logit"), "'foo' is not one of"),
        (("--nests", "chain"), "nests: found chain with choice linear, expected choice logit: add --choice logit"),
        (("--nests", "foo"), "'foo' is not one of"),
        (("--tau", "5"), "tau: found 5.0 with choice linear, expected choice logit or network: add --choice logit"),
        (
            ("--choice", "network", "--assign", "optimum"),
            "assign: found optimum with choice network, expected choice logit",
        ),
        (("--choice", "logit", "--objective", "time"), "objective: found time with choice logit, expected generalised"),
        (("--choice", "logit", "--method", "arcs"), "method: found arcs with choice logit"),
        (("--choice", "logit", "--time-limit", "5"), "time_limit: found 5 s with choice logit"),
        (("--choice", "logit", "--write-lp", "x.lp"), "--write-lp writes the linear problem"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused_in_a_sentence(small: Path, words: tuple[str, ...], said: str) -> None:
    assert said in sentence(run("plan", "--data", small, "--quiet", *words))


def test_scenarios_are_planned_with_choice_and_a_difference_names_both_models(small: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed.toml"
    change = "title = 'Closed'\n[[change]]\ntable = 'links'\nwhere = { link = 'road:MIDTOWN-LANDING' }\nclose = true\n"
    closed.write_text(change, encoding="utf-8")
    done = run("run", closed, "--data", small, *LOGIT, "--out", tmp_path / "runs")
    assert done.exit_code == 0, done.output
    for name in ("base", "closed"):
        assert json.loads((tmp_path / "runs" / name / "summary.json").read_text(encoding="utf-8"))["model"] == "logit"
    alone = run("plan", "--data", small, *LOGIT, "--scenario", closed, "--out", tmp_path / "alone")
    assert alone.exit_code == 0, alone.output
    for table in ("routes.csv", "bottlenecks.csv"):
        assert (tmp_path / "alone" / table).read_bytes() == (tmp_path / "runs" / "closed" / table).read_bytes()
    assert run("plan", "--data", small, "--quiet", "--out", tmp_path / "linear").exit_code == 0
    told = run("diff", tmp_path / "linear", tmp_path / "runs" / "base", "--data", small)
    assert "model linear > logit" in told.stdout


def test_closures_and_samples_are_planned_with_choice(small: Path) -> None:
    for words in (("stress", "--kind", "link"), ("stress", "--kind", "link", "--capacity", "0.5")):
        done = run(*words, "--data", small, *LOGIT, "--format", "json")
        assert done.exit_code == 0, done.output
        rows = json.loads(done.stdout)
        assert any(row["extra_usd"] > 0 for row in rows)
        assert not any(row["failed"] for row in rows)
        assert all(row["gap"] <= 1e-6 for row in rows)
    worst = run("stress", "--k", "2", "--data", small, *LOGIT)
    assert "proved for a plan of one hand" in sentence(worst)


def test_a_comparison_has_the_probability_of_each_means(small: Path) -> None:
    words = ("compare", "HARBOUR", "LANDING", "--data", small, "--commodity", "container_high")
    done = run(*words, "--choice", "logit", "--format", "json")
    share = json.loads(done.stdout)["probability"]
    assert sum(share.values()) == pytest.approx(1)
    sharper = json.loads(run(*words, "--choice", "logit", "--tau", "200", "--format", "json").stdout)["probability"]
    assert max(sharper.values()) > max(share.values())
    assert "by choice" in run(*words, "--choice", "logit").stdout
    assert "by choice" not in run(*words).stdout
    assert "ask for --choice logit with it" in sentence(run(*words, "--tau", "5"))


@pytest.mark.parametrize(("code", "words"), [("ru", "Грузоотправители выбирают"), ("kk", "Жүк жөнелтушілер")])
def test_it_is_said_in_the_reader_s_language(small: Path, code: str, words: str) -> None:
    done = run("--lang", code, "plan", "--data", small, "--choice", "logit", "--assign", "optimum")
    assert done.stdout.startswith(words)
    english = ("Shippers choose", "Beside the linear", "worth of the choice", "spreads over", "left by choice")
    assert not [one for one in english if one in done.output]


def test_a_pipe_that_nobody_reads_any_more_is_no_fault(small: Path) -> None:
    command = [sys.executable, "-m", "corridors", "plan", "--data", str(small), *LOGIT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        one.stdout.close()
        assert one.stderr.read() == b""
        assert one.wait() in (141, -signal.SIGPIPE)


def test_an_interruption_while_shippers_choose_is_a_sentence_and_writes_nothing(small: Path, tmp_path: Path) -> None:
    script = """
        import os, signal
        from corridors.cli import main
        from corridors.models.choice import solver

        signal.signal(signal.SIGINT, signal.default_int_handler)
        solve = solver.solve

        def pressed(*given, **named):
            os.kill(os.getpid(), signal.SIGINT)
            return solve(*given, **named)

        solver.solve = pressed
        main()
    """
    words = ["plan", "--data", str(small), *LOGIT, "--out", str(tmp_path / "plan")]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ,
        check=False,
    )
    assert done.returncode == 130
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "plan").exists()


def test_progress_goes_to_standard_error(small: Path) -> None:
    done = process("plan", "--data", small, "--choice", "logit")
    assert "letting shippers choose ..." in done.stderr
    assert "letting shippers choose ..." not in done.stdout
