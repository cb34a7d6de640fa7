"""What stands around the commands: completion, variables of the environment, and what a home country still needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import small
from commands import run, sentence

from corridors.cli.completion import SHELLS


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    small.small_dataset(tmp_path / "DATA")
    return tmp_path


def completed(*words: str) -> list[str]:
    """Return what a shell would offer for the last of the words."""
    asked = {"_CORRIDORS_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    done = subprocess.run(
        [sys.executable, "-m", "corridors"], env=os.environ | asked, capture_output=True, text=True, check=True
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_is_printed_for_every_shell(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_CORRIDORS_COMPLETE" in result.stdout


def test_commands_and_options_are_completed() -> None:
    assert completed("corridors", "co") == ["compare", "completion"]
    assert "--scenario" in completed("corridors", "plan", "--sc")


def test_the_environment_names_data_and_language(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRIDORS_DATA", "DATA")
    assert "DATA: sound" in run("data", "check").stdout
    assert len(json.loads(run("data", "show", "nodes", "--format", "json").stdout)) == 6
    monkeypatch.setenv("CORRIDORS_LANG", "ru")
    assert "название" in run("data", "tables").stdout or "таблица" in run("data", "tables").stdout
    assert "table" in run("data", "tables", "--lang", "en").stdout


def test_what_is_typed_goes_before_the_environment(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRIDORS_DATA", "nowhere")
    assert "DATA: sound" in run("data", "check", "DATA").stdout
    assert "nowhere" in sentence(run("data", "show", "nodes"))
    monkeypatch.setenv("CORRIDORS_LANG", "de")
    assert "is not one of" in sentence(run("data", "check", "DATA"))


def test_another_home_country_alone_is_told_what_it_lacks(place: Path) -> None:
    assert "home country" not in run("data", "check", "DATA").stdout
    file = place / "DATA" / "datapackage.json"
    package = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(package | {"home_country": "CCC"}), encoding="utf-8")
    said = run("data", "check", "DATA").stdout
    assert "home country CCC: the tables have none of its " in said
    assert "demand within it" in said


def test_a_comparison_is_made_under_a_scenario(place: Path) -> None:
    (place / "slow.toml").write_text(
        '[[change]]\ntable = "links"\nwhere = { mode = "deep_sea" }\nset = { hours_fixed = 2400 }\n', encoding="utf-8"
    )
    asked = ["compare", "harbour", "landing", "--data", "DATA", "--format", "json"]
    before, after = (json.loads(run(*asked, *more).stdout)["routes"] for more in ([], ["--scenario", "slow.toml"]))
    days = [next(one["days"] for one in routes if one["means"] == "sea") for routes in (before, after)]
    assert days[1] > days[0] + 90


def test_steps_are_logged_with_their_seconds_on_standard_error(place: Path) -> None:
    result = run("plan", "--data", "DATA", "--verbose", "--quiet", "--format", "csv")
    assert result.exit_code == 0
    lines = [re.fullmatch(r" *\d+\.\d{3} s  (.+)", line) for line in result.stderr.splitlines()]
    told = [line[1] for line in lines if line]
    assert told[0] == "reading the data"
    assert {"solving", "proving"} <= {*told}
    assert told[-1] == "in all"
    assert "s  " not in run("plan", "--data", "DATA", "--quiet", "--format", "csv").stderr
    assert "corridor" in result.stdout.splitlines()[0]


def test_a_piped_table_is_as_wide_as_its_rows_need(place: Path) -> None:
    small.edit(place / "DATA", "sources", 2, citation="word " * 60 + "end")
    lines = run("data", "show", "sources", "--data", "DATA").stdout.splitlines()
    assert any("word " * 60 + "end" in line for line in lines)
