"""`corridors uncertainty` as a person meets it: by click's runner, and as a real process that is interrupted."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from uncertain import DEMAND, LOADING, SPEED, package

from corridors.cli import main

ROOT = Path(__file__).parents[2]
TABLES = ("intervals", "conclusions", "indices", "groups")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["uncertainty", *map(str, arguments)])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bands = {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55"), DEMAND: ("assumed", "5000", "8000")}
    return package(tmp_path_factory.mktemp("data") / "small", bands)


def test_the_embedded_network_is_told_with_intervals_conclusions_and_no_ranking_if_none_is_asked_for() -> None:
    result = run("--samples", 4, "--indices", "none")
    assert result.exit_code == 0, result.output
    for words in ("middle 90 % of 4 samples", "cost", "shadow price", "probability", "saves money against"):
        assert words in result.stdout
    assert "percentile" not in result.stdout
    assert "4 of 4" in result.stderr


def test_a_tornado_names_the_groups_and_the_folder_holds_every_table(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run("--data", small, "--samples", 4, "--trajectories", 2, "--out", out, "--quiet")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    assert "charges of loading and unloading" in result.stdout
    assert "#" * 30 in result.stdout
    assert f"Written to {out}" in result.stdout
    assert {path.name for path in out.iterdir()} == {*(f"{name}.csv" for name in TABLES), "rows.jsonl", "sweep.json"}
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    again = run("--data", small, "--samples", 4, "--trajectories", 2, "--out", out, "--quiet")
    assert again.exit_code == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_csv_and_json_are_read_back(small: Path) -> None:
    chosen = ("--data", small, "--samples", 4, "--trajectories", 2, "--quiet")
    for name in TABLES:
        result = run(*chosen, "--format", "csv", "--table", name)
        assert result.exit_code == 0, result.output
        assert list(csv.DictReader(io.StringIO(result.stdout)))
    told = json.loads(run(*chosen, "--format", "json").stdout)
    assert told["samples"] == 4
    assert told["failed"] == 0
    assert {row["headline"] for row in told["intervals"]} >= {"cost", "served", "corridor: R1"}
    assert {row["group"] for row in told["groups"]} >= {"charges of loading and unloading"}
    assert all(0 <= row["probability"] <= 1 for row in told["conclusions"])


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(small: Path) -> None:
    chosen = ("--data", small, "--samples", 4, "--indices", "none", "--quiet", "--format", "csv")
    first, again, other, two = (run(*chosen, *more) for more in ((), (), ("--seed", 7), ("--workers", 2)))
    assert first.stdout == again.stdout == two.stdout
    assert first.stdout != other.stdout


def test_places_may_be_named_as_people_name_them(small: Path) -> None:
    chosen = ("--data", small, "--samples", 2, "--indices", "none", "--quiet", "--format", "csv")
    result = run(*chosen, "--between", "haven", "landing")
    assert "HARBOUR - LANDING, rail: days" in result.stdout
    unknown = run(*chosen, "--between", "atlantis", "landing")
    assert unknown.exit_code == 2
    assert "atlantis" in unknown.stderr


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (("--samples", 0), "samples"),
        (("--seed", -1), "seed"),
        (("--together", 2), "together"),
        (("--indices", "guess"), "guess"),
        (("--trajectories", 1), "trajectories"),
        (("--inside", "assumed"), "STATUS=SHARE"),
        (("--inside", "assumed=2"), "between 0 and 1"),
        (("--inside", "guessed=0.5"), "guessed"),
        (("--running", "fast"), "running figures"),
        (("--year", 1950), "demand"),
        (("--workers", 0), "workers"),
        (("--cluster", "nowhere"), "nowhere"),
        (("--data", "no-such-folder"), "no-such-folder"),
    ],
)
def test_a_bad_value_is_one_sentence_and_exit_code_2(small: Path, bad: tuple[object, ...], word: str) -> None:
    result = run("--data", small, "--samples", 2, "--indices", "none", "--quiet", *bad)
    assert result.exit_code == 2, result.output
    assert word in result.stderr
    assert "Traceback" not in result.output


def test_a_package_in_which_nothing_is_uncertain_is_refused_in_a_sentence(tmp_path: Path) -> None:
    result = run("--data", package(tmp_path / "sure", {}))
    assert result.exit_code == 2
    assert "nothing is uncertain" in result.stderr


def test_another_run_in_the_folder_is_replaced_only_if_asked_for(small: Path, tmp_path: Path) -> None:
    chosen = ("--data", small, "--samples", 2, "--indices", "none", "--quiet", "--out", tmp_path / "out")
    assert run(*chosen).exit_code == 0
    refused = run(*chosen, "--seed", 1)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert run(*chosen, "--seed", 1, "--force").exit_code == 0


@pytest.mark.slow
def test_an_interrupted_process_goes_on_to_the_same_bytes(small: Path, tmp_path: Path) -> None:
    def command(out: Path) -> list[str]:
        program = [sys.executable, "-m", "corridors", "uncertainty", "--data", str(small)]
        return [*program, "--samples", "48", "--indices", "none", "--quiet", "--out", str(out)]

    begun = subprocess.Popen(command(tmp_path / "torn"), stderr=subprocess.PIPE, text=True, cwd=ROOT)
    rows = tmp_path / "torn" / "rows.jsonl"
    until = time.monotonic() + 60
    while time.monotonic() < until and not (rows.is_file() and rows.stat().st_size > 0):
        time.sleep(0.01)
    os.kill(begun.pid, signal.SIGINT)
    _, said = begun.communicate(timeout=60)
    assert begun.returncode == 130, said
    assert "the same command goes on" in said
    assert not (tmp_path / "torn" / "intervals.csv").exists()
    done = 0
    with rows.open(encoding="utf-8") as lines:
        done = sum(1 for line in lines if line.endswith("\n"))
    assert 0 < done < 48
    for name in ("torn", "whole"):
        ended = subprocess.run(command(tmp_path / name), capture_output=True, text=True, cwd=ROOT, check=False)
        assert ended.returncode == 0, ended.stderr
    for path in (tmp_path / "whole").iterdir():
        assert path.read_bytes() == (tmp_path / "torn" / path.name).read_bytes(), path.name
