"""Standard output holds the answer and nothing else, whatever a library prints, and however the streams are closed."""

from __future__ import annotations

import csv
import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import click
import openpyxl
import pytest
from commands import ROOT
from printing import TABLES, plans

from corridors.cli import main

NOISY = """
import atexit, ctypes, os, sys

def noise(*_):
    print("noise of Python")
    os.write(1, b"noise of the descriptor\\n")
    ctypes.CDLL(None).printf(b"noise of C, in a buffer\\n")

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in ("pandas", "highspy", "pyogrio"):
            noise()

sys.meta_path.insert(0, Finder())
atexit.register(noise)
"""


def leaves(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, click.Command]]:
    yield ctx.command_path, command
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(ctx):
        below = command.get_command(ctx, name)
        assert below is not None
        yield from leaves(below, click.Context(below, ctx, name))


def formats(command: click.Command) -> set[str]:
    found = [one.type for one in command.params if "--format" in one.opts]
    return set(found[0].choices) if found and isinstance(found[0], click.Choice) else set()


SPEAKING = {
    path.partition(" ")[2]
    for path, one in leaves(main, click.Context(main, None, "corridors"))
    if {"json", "csv"} & formats(one)
}


def process(*words: str, noisy: Path | None = None, **how: object) -> subprocess.CompletedProcess[bytes]:
    path = {} if noisy is None else {"PYTHONPATH": str(noisy)}
    if noisy is not None:
        (noisy / "sitecustomize.py").write_text(NOISY, encoding="utf-8")
    command = [sys.executable, "-m", "corridors", *words]
    return subprocess.run(command, capture_output=True, env=os.environ | path, check=False, **how)  # type: ignore[call-overload, no-any-return]


def called(words: list[str]) -> str:
    """Return the path of the command that some words call."""
    return next(path for path in sorted(SPEAKING, key=len, reverse=True) if words[: len(path.split())] == path.split())


def test_every_command_with_a_format_is_run_here() -> None:
    assert {called(words) for words, _ in TABLES.values()} == SPEAKING


def test_a_plan_as_json_is_json_beside_noisy_libraries(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "noisy").mkdir()
    done = process("plan", "--quiet", "--data", str(folder), "--format", "json", noisy=tmp_path / "noisy")
    assert json.loads(done.stdout)["gap"] <= 1e-6
    assert b"noise of C" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), [*zip(TABLES, cycle(("json", "csv", "xlsx")), strict=False)])
def test_a_program_can_read_what_is_printed_beside_noisy_libraries(
    name: str, form: str, place: Path, tmp_path: Path
) -> None:
    """Each command in one of the formats, by turns; what each prints in all of them is tested without noise."""
    words = TABLES[name][0]
    if name in ("diff", "verify"):
        plans(place)
    (tmp_path / "noisy").mkdir()
    done = process(*words, "--format", form, noisy=tmp_path / "noisy")
    assert done.returncode == 0, done.stderr.decode()
    assert b"noise" not in done.stdout
    for noise in (b"noise of Python", b"noise of the descriptor", b"noise of C"):
        assert noise in done.stderr
    if form == "json":
        assert json.loads(done.stdout) is not None
    elif form == "csv":
        rows = list(csv.reader(io.StringIO(done.stdout.decode())))
        assert rows
        assert len({len(row) for row in rows}) == 1
    else:
        assert openpyxl.load_workbook(io.BytesIO(done.stdout)).sheetnames


def test_the_python_package_prints_nothing_of_its_own(folder: Path) -> None:
    code = (
        "from corridors import network, planning, tables\n"
        f"built = network.build(tables.read({str(folder)!r}))\n"
        "for method in ('arcs', 'columns'):\n    planning.plan(built, method=method)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == ""


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    run = f"{shlex.quote(sys.executable)} -m corridors"
    return subprocess.run(
        ["bash", "-c", line.replace("corridors", run, 1)], capture_output=True, text=True, cwd=folder, check=False
    )


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        (">&-", 2, "Error: standard output is closed; send it to a file, or to /dev/null\n"),
        (">/dev/full", 2, "Error: No space left on device; check the path and the space on the disk\n"),
        ("2>&-", 0, ""),
        ("2>/dev/full", 0, ""),
        ("<&-", 0, ""),
        (">&- 2>&- <&-", 2, ""),
    ],
)
def test_streams_that_are_closed_or_full_have_a_sane_end(folder: Path, end: str, code: int, said: str) -> None:
    done = shell(f"corridors data show links --data small {end}", folder.parent)
    assert (done.returncode, done.stderr) == (code, said)
    assert end not in {"2>&-", "<&-", "2>/dev/full"} or done.stdout.startswith("link ")


def test_a_pipe_that_nobody_reads_any_more_ends_as_a_shell_says_it() -> None:
    done = shell("corridors data show provenance | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", ROOT)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("lines", [1, 2])
def test_a_table_that_is_read_in_part_ends_as_a_shell_says_it(folder: Path, lines: int) -> None:
    read = f"head -n {lines} >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = shell(f"corridors stress --data small --kind corridor --quiet | {read}", folder.parent)
    assert (done.returncode, done.stderr) == (141, "")


def test_what_runs_in_this_process_leaves_the_streams_as_they_were(folder: Path) -> None:
    code = (
        "import os, subprocess, sys\nfrom corridors.cli import main\n"
        f"try: main(['data', 'show', 'links', '--data', {str(folder)!r}])\nexcept SystemExit: pass\n"
        "os.write(1, b'a descriptor\\n')\nprint('Python')\nsubprocess.run(['echo', 'a child'])"
    )
    done = subprocess.run([sys.executable, "-u", "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("link ")
    assert done.stdout.endswith("a descriptor\nPython\na child\n")
