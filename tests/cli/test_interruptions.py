"""Whenever a run is stopped, old or new is there whole, nothing else is left, and the same command ends the same.

Two kinds of moments: a share of the calls that a whole run takes, and of those after the first file that it writes was
opened. Both are drawn with a seed, and the run itself counts its calls and sends itself the signal, so that what else
the machine does, and who waits for whom, decides nothing. One run in four of a command, of each signal, begins as a
person's do, with Python: of other moments for one command than for the next; those in several processes all do.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import forked
import pytest
from commands import run
from forked import Calls, ended
from uncertain import LOADING, SPEED, package

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
COMMANDS = {
    "plan": "plan --data DATA --out plan --force --quiet",
    "run": "run closed.toml --data DATA --out runs --force --quiet",
    "stress": "stress --kind link --data DATA --out sweep --quiet",
    "uncertainty": "uncertainty --samples 4 --data DATA --out sweep --quiet",
    "report": "report PLAN --data DATA -o page.html --force --quiet",
    "export": "export PLAN --data DATA --to geojson -o layers --force",
    "processes": "stress --kind link --data DATA --out sweep --quiet --workers 2",
}
ROUNDS = {"processes": 3}  # of all signals; the others
ROUND = 4
SWEEPS = {"stress", "uncertainty", "processes"}
CLOSED = "title = 'Closed'\n[[change]]\ntable = 'links'\nwhere = { link = 'rail:MIDTOWN-LANDING' }\nclose = true\n"
OURS = re.compile(r"\..*\.corridors-[0-9a-f]{16}")
WRITTEN = rf"{OURS.pattern}|rows\.jsonl"  # what a sweep adds to is no temporary file
SECONDS = re.compile(rb'"seconds": \{[^}]*\}|"summary.json": "[0-9a-f]{64}"')  # and the digest over them
PYTHON = "import json, sys; from forked import Calls, command; command(sys.argv[2:], Calls(**json.loads(sys.argv[1])))"


class Ended(NamedTuple):
    """A command that ended: its process, its exit code, what it said on standard error."""

    process: int
    code: int | None
    said: str


@dataclass(frozen=True)
class Place:
    """A folder to work in, with all that commands need, beside one for temporary files."""

    folder: Path
    temporary: Path

    def words(self, name: str) -> list[str]:
        """Return the words of a command that works here."""
        shared = {"DATA": "DATA", "PLAN": "PLAN", "closed.toml": "closed.toml"}
        inputs = next(one for one in self.folder.parents if (one / "inputs").is_dir()) / "inputs"
        return [str(inputs / word) if word in shared else word for word in COMMANDS[name].split()]

    def state(self) -> dict[str, bytes]:
        """Return what is there, without the seconds that a plan took."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): SECONDS.sub(b"", path.read_bytes()) for path in files}


def make_place(root: Path) -> Place:
    made = Place(root / "here", root / "temporary")
    for path in (made.folder, made.temporary):
        path.mkdir(parents=True)
    return made


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    inputs = tmp_path_factory.mktemp("interruptions") / "inputs"
    inputs.mkdir()
    package(inputs / "DATA", {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55")})
    (inputs / "closed.toml").write_text(CLOSED, encoding="utf-8")
    assert run("plan", "--data", inputs / "DATA", "--out", inputs / "PLAN", "--quiet").exit_code == 0
    return inputs.parent


def run_it(name: str, place: Place, *, python: bool, last: int = 0, after: bool = False, sign: int = 0) -> Ended:
    """Run a command that stops itself at a call, or that nothing stops; in a new Python, or in one that is forked."""
    report = place.folder.parent / "calls"
    calls = Calls(str(report), WRITTEN, sign, last, after)
    if not python:
        return Ended(*ended(place.words(name), place.folder, place.temporary, calls))
    begun = subprocess.Popen(
        [sys.executable, "-c", PYTHON, json.dumps(asdict(calls)), *place.words(name)],
        cwd=place.folder,
        env=os.environ | {"TMPDIR": str(place.temporary), "PYTHONPATH": str(Path(forked.__file__).parent)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = begun.communicate(timeout=600)[1]
    return Ended(begun.pid, begun.returncode, said)


def whole(name: str, place: Place, *, python: bool) -> tuple[int, int]:
    """Run a command to its end; give its calls, and those before the first file that it writes."""
    done = run_it(name, place, python=python)
    assert done.code == 0, done
    taken, opened = (place.folder.parent / "calls").read_text(encoding="utf-8").split()
    return int(taken), int(opened)


def gone(group: int) -> bool:
    """Tell whether all processes of a group end soon."""
    for _ in range(300):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@dataclass(frozen=True)
class Moment:
    """When a run is stopped, how, and whether an older result lies there."""

    number: int
    sign: signal.Signals
    share: float  # of the calls of a whole run
    writing: bool  # of those after a file was opened to be written, instead
    older: bool
    python: bool  # begins with Python, as a person's run does

    def told(self, taken: int, opened: int) -> dict[str, int]:
        """Return at which call of a run that takes so many, and so many before it writes, it stops itself, and how."""
        calls = (taken - opened) * self.share**2 if self.writing else taken * self.share
        return {"last": max(int(calls), 1), "after": self.writing, "sign": self.sign}


def moments(name: str) -> list[Moment]:
    draw = random.Random(f"interruptions of {name}")  # noqa: S311 - the same ones each time
    found = []
    for number in range(ROUNDS.get(name, ROUND) * len(SIGNALS)):
        turn = number // len(SIGNALS)
        python = turn == list(COMMANDS).index(name) % ROUND
        sign, share = SIGNALS[number % len(SIGNALS)], draw.uniform(0.02, 1)
        found.append(Moment(number, sign, share, turn % 2 == 1, turn // 2 % 2 == 1, python or name == "processes"))
    return found


def interrupt(name: str, root: Path, moment: Moment, whole_run: tuple[int, int], new: dict[str, bytes]) -> int | None:
    """Stop a run at a moment, see what is left, and let the same command end; give the exit code."""
    place = make_place(root / f"{name}-{moment.number}")
    old: dict[str, bytes] = {}
    if moment.older and name not in SWEEPS:
        for relative in new:
            (place.folder / relative).parent.mkdir(parents=True, exist_ok=True)
            (place.folder / relative).write_bytes(b"{}" if relative.endswith("json") else b"older")
        if name == "export":
            (place.folder / "layers" / "summary.json").write_text(json.dumps({"export": "geojson"}), encoding="utf-8")
        old = place.state()
    running = run_it(name, place, python=moment.python, **moment.told(*whole_run))
    code, said, told = running.code, running.said, (name, moment, running)
    assert code in (0, -moment.sign, 128 + moment.sign), told
    assert gone(running.process), told
    if code == 128 + moment.sign:
        assert said.startswith("Error: "), told
        assert said.count("\n") == 1, told
    there = place.state()
    if moment.sign != signal.SIGKILL:
        assert list(place.temporary.iterdir()) == [], told
        check_left(name, there, old, new, told)
        assert code or there == new, told
    again(name, place)
    assert place.state() == new, told
    left = [path for path in place.folder.rglob(".*") if OURS.fullmatch(path.name)]
    assert left + list(place.temporary.iterdir()) == [], told
    return code


def check_left(name: str, there: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes], told: object) -> None:
    """See that each result is the old or the new one, and that there is nothing else."""
    if name in SWEEPS:  # its folder is what it goes on from
        assert {one.removesuffix(".new") for one in there} <= set(new), told
        return
    roots = {one: one.rpartition("/")[0] or one for one in {*there, *old, *new}}
    for result in set(roots.values()):
        has = {one: data for one, data in there.items() if roots[one] == result}
        assert has in ({one: data for one, data in state.items() if roots[one] == result} for state in (old, new)), told


def again(name: str, place: Place) -> None:
    """Run the same command to its end, in one process: nothing of it depends on what was there before."""
    words = [word for word in place.words(name) if word not in ("--workers", "2")]
    _, code, said = ended(words, place.folder, place.temporary)
    assert code == 0, said


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_run_that_is_stopped_at_any_moment_leaves_the_old_or_the_new_and_goes_on(name: str, root: Path) -> None:
    first = make_place(root / f"{name}-whole")
    calls = {True: whole(name, first, python=True)}
    calls[False] = whole(name, make_place(root / f"{name}-forked"), python=False)
    new = first.state()
    with ThreadPoolExecutor(2) as pool:
        codes = Counter(pool.map(lambda one: interrupt(name, root, one, calls[one.python], new), moments(name)))
    print(name, calls, dict(codes))
    assert sum(count for code, count in codes.items() if code) >= len(moments(name)) * 3 // 4


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_a_plan_that_is_stopped_while_it_is_written_is_the_old_or_the_new(sign: signal.Signals, root: Path) -> None:
    done = make_place(root / f"written-{sign}")
    assert run(*done.words("plan"), "--out", done.folder / "plan").exit_code == 0
    moment = Moment(int(sign), sign, 0.1, writing=True, older=True, python=True)
    assert interrupt("plan", root / "fast", moment, (2, 1), done.state())


def test_the_moments_are_a_hundred_and_of_every_kind() -> None:
    every = {name: moments(name) for name in COMMANDS}
    assert sum(map(len, every.values())) >= 100
    ways = (True, False)
    kinds = {(one.sign, one.older, one.writing, one.python) for some in every.values() for one in some}
    assert kinds == set(product(SIGNALS, ways, ways, ways))
    for name in COMMANDS.keys() - ROUNDS.keys():
        assert {(one.sign, one.older, one.writing) for one in every[name]} == set(product(SIGNALS, ways, ways))
        assert {(one.sign, one.python) for one in every[name]} == set(product(SIGNALS, ways))
