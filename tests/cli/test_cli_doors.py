"""What comes in at the command line's doors ends in an answer or in one sentence: texts, numbers, names, full disks."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from commands import process, run, sentence
from small import edit

from corridors import tables
from corridors.cli import streams
from corridors.output import printable

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
OBEYED = {chr(one) for one in (*range(9), 11, 12, *range(14, 32), 127, *range(0x80, 0xA0), 0x202E)}
TITLED = "title = {title}\nname = {name}\n[[change]]\ntable = 'links'\nwhere = {{ mode = 'road' }}\nclose = true\n"


def quoted(text: str) -> str:
    """Write a text as TOML does."""
    return '"' + "".join(f"\\U{ord(letter):08x}" for letter in text) + '"'


@pytest.fixture
def hostile(folder: Path) -> Path:
    """Return a data package beside a scenario and a plan folder whose texts would take over a terminal."""
    text = TITLED.format(title=quoted("Closed" + ESCAPES), name=quoted("closed" + ESCAPES))
    (folder.parent / "closed.toml").write_text(text, encoding="utf-8")
    run("plan", "--data", folder, "--out", folder.parent / "plan", "--quiet")
    summary = folder.parent / "plan" / "summary.json"
    told = json.loads(summary.read_text(encoding="utf-8"))
    summary.write_text(json.dumps(told | {"scenario": "base" + ESCAPES}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "--quiet"],
        ["compare", "midtown", "landing"],
        ["compare", "nowhere\x1b[2J", "landing"],
        ["scenarios", "show", "closed.toml"],
        ["run", "closed.toml", "--quiet"],
        ["report", "plan", "--quiet"],
        ["plan", "--scenario", "closed.toml", "--quiet"],
        ["plan", "--out", "plan", "--quiet"],
        ["data", "source", "nodes", "HARB\x1b[2JOUR"],
        ["stress", "--kind", "link", "--quiet"],
        ["plan", "--scenario", "no\x1b[2J.toml"],
        ["plan", "--out", "\x1b[2J"],
        ["plan", "--\x1b[2J"],
        ["plan", "--running", "\x1b[2J"],
        ["pl\x1b[2Jan"],
    ],
)
def test_no_text_of_a_stranger_has_power_over_a_terminal(
    words: list[str], hostile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(hostile.parent)
    data = ["--data", "small"] if words[0] not in ("pl\x1b[2Jan",) else []
    result = run(*words, *data)
    assert result.exit_code in (0, 2), result.output
    assert set(result.stdout + result.stderr) & OBEYED == set()
    assert words[0] != "scenarios" or "\\x1b" in result.stdout + result.stderr


def test_what_looks_like_markup_is_text(folder: Path) -> None:
    edit(folder, "nodes", 2, name_en="Har[bold]bour[/bold]")
    assert "Har[bold]bour[/bold]" in run("compare", "HARBOUR", "landing", "--data", folder).stdout


def test_for_a_program_a_text_is_what_it_is_and_on_a_terminal_it_is_not_obeyed() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for kind, shown in ((io.StringIO, ESCAPES), (Terminal, printable(ESCAPES))):
        with kind() as stream, redirect_stdout(stream):
            streams.echo(ESCAPES, exact=True, nl=False)
            assert stream.getvalue() == shown


def test_a_fault_of_the_program_is_told_from_an_error_of_the_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by nothing\nat all")

    monkeypatch.setattr(tables, "read", fail)
    monkeypatch.delenv("CORRIDORS_DEBUG", raising=False)
    result = run("plan", "--data", folder, "--quiet")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: a fault of this program (ZeroDivisionError: by nothing\\nat all); please ")
    assert result.stderr.count("\n") == 1
    monkeypatch.setenv("CORRIDORS_DEBUG", "1")
    told = run("plan", "--data", folder, "--quiet")
    assert told.exit_code == 1
    assert "Traceback" in told.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "--min-share", "aktau"], "expected PLACE=SHARE with a share such as aktau=0.02"),
        (["plan", "--min-share", "=0.5"], "expected PLACE=SHARE"),
        (["plan", "--min-share", "midtown=0,5"], "decimals have a point, not a comma"),
        (["plan", "--min-share", "midtown=nan"], "expected PLACE=SHARE"),
        (["plan", "--min-share", "midtown=0.1", "--min-share", "Midtown=0.2"], "MIDTOWN has a share already"),
        (["plan", "--co2-budget", "nan"], "nan is not a finite number"),
        (["plan", "--time-limit", "inf"], "inf is not a finite number"),
        (["plan", "--carbon-price", "nan"], "nan is not a finite number"),
        (["plan", "--year", "9" * 400], "--year"),
        (["plan", "--running", ""], "an argument is empty"),
        (["plan", "--scenario", ""], ""),
        (["plan", "--data", ""], ""),
        (["plan", "--data", "a\0b"], "NUL"),
        (["plan", "--out="], "an argument is empty (--out=)"),
        (["plan", "-o", ""], ""),
        (["stress", "--capacity", "nan"], "nan is not a finite number"),
        (["uncertainty", "--together", "nan"], "nan is not a finite number"),
        (["uncertainty", "--inside", "assumed"], "expected STATUS=SHARE"),
        (["uncertainty", "--inside", "assumed=0.8", "--inside", "assumed=0.7"], "has a share already"),
        (["compare", "", "landing"], ""),
        (["data", "show", "nodes", "--where", "="], ""),
    ],
)
def test_an_option_that_means_nothing_is_one_sentence(words: list[str], said: str, folder: Path) -> None:
    given = words if "--data" in words else [*words, "--data", str(folder)]
    assert said in sentence(run(*given))


@pytest.mark.parametrize("words", [["plan", "--data"], ["scenarios", "show"], ["report"], ["solve"]])
def test_a_name_that_is_no_text_is_one_sentence(words: list[str], tmp_path: Path) -> None:
    done = process(*words, os.fsdecode(b"\xff\xfe-nothing"), env=os.environ | {"TMPDIR": str(tmp_path)})
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "nothing" in done.stderr


@pytest.mark.parametrize("room", [2**12, 2**15, 2**17])
def test_a_geopackage_without_room_for_it_is_one_sentence_and_no_file(room: int, folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyogrio")
    run("plan", "--data", folder, "--out", tmp_path / "plan")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [sys.executable, "-m", "corridors", "export", "plan", "--data", str(folder), "-o", "plan.gpkg"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert {path.name for path in tmp_path.iterdir()} == {"small", "plan"}
