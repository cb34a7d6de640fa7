"""`corridors stress` as people use it: tables, JSON, files that go on, and sentences for what is wrong."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small import small_dataset

from corridors.cli import main

KEYS = ["closed", "kind", "extra_usd", "extra_days", "unserved_kt", "gap"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["stress", *map(str, arguments)])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "data")


def test_json_gives_a_row_for_each_closure(small: Path) -> None:
    done = run("--data", small, "--format", "json", "--quiet")
    assert done.exit_code == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [list(row)[:6] for row in rows] == [KEYS] * len(rows)
    assert {row["kind"] for row in rows} >= {"link", "terminal", "border", "country"}
    assert {row["failed"] for row in rows} == {""}
    dear = [row["extra_usd"] for row in rows]
    assert dear == sorted(dear, reverse=True)
    sea = next(row for row in rows if row["closed"] == "deep_sea:HARBOUR-LANDING")
    assert sea["gap"] <= 1e-6


def test_csv_is_what_is_written(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("--data", small, "--format", "csv", "--quiet", "--out", out)
    assert done.exit_code == 0, done.stderr
    assert (out / "stress.csv").read_text(encoding="utf-8") == done.stdout
    assert next(csv.reader(done.stdout.splitlines()))[:6] == KEYS
    again = run("--data", small, "--format", "csv", "--quiet", "--out", out)
    assert again.stdout == done.stdout


def test_text_says_what_is_worst_and_who_takes_over() -> None:
    done = run("--kind", "corridor", "--top", "3", "--quiet")
    assert done.exit_code == 0, done.stderr
    assert "Undisturbed" in done.stdout
    assert "taken over by" in done.stdout
    assert "the dearest 3 are shown" in done.stdout


def test_the_worst_two_come_with_their_proof(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("--data", small, "--k", "2", "--kind", "link", "--quiet", "--out", out)
    assert done.exit_code == 0, done.stderr
    assert "Proven: nothing else costs more to close together" in done.stdout
    proof = json.loads((out / "proof.json").read_text(encoding="utf-8"))
    assert proof["gap"] <= 1e-6
    assert proof["usd"] <= proof["no_set_costs_more_than_usd"]
    assert (out / "stress.csv").is_file()


def test_stopped_by_the_clock_it_says_that_nothing_is_proven() -> None:
    done = run("--k", "2", "--kind", "corridor", "--time-limit", "0", "--quiet")
    assert done.exit_code == 0, done.stderr
    assert "Not proven in the time" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--kind", "coridor"), "'coridor' is not one of"),
        (("--k", "2", "--workers", "2"), "leave out --workers"),
        (("--k", "2", "--capacity", "0.5"), "leave out --capacity"),
        (("--capacity", "1"), "0<=x<1"),
        (("--scenario", "dostyk-close"), "dostyk-closed"),
        (("--data", "nowhere"), "nowhere"),
        (("--running", "bets"), "best"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments, "--quiet")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    done = run("--kind", "corridor", "--out", tmp_path, "--quiet")
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_interrupted_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    command = [sys.executable, "-m", "corridors", "stress", "--kind", "corridor", "--format", "csv"]
    process = subprocess.Popen([*command, "--out", str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    rows = out / "rows.jsonl"
    end = time.monotonic() + 60
    while time.monotonic() < end and not (rows.is_file() and rows.stat().st_size > 2000):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert printed == ""
    assert "goes on" in said
    before = len(rows.read_text(encoding="utf-8").splitlines())
    assert before > 0
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, check=True)
    expected = subprocess.run([*command, "--out", str(whole)], capture_output=True, text=True, check=True)
    assert done.stdout == expected.stdout
    assert rows.read_bytes() == (whole / "rows.jsonl").read_bytes()
