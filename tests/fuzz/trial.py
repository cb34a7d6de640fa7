"""One input at one door: a folder of its own, commands run in it, and the rules that hold for every one of them."""

from __future__ import annotations

import faulthandler
import json
import os
import re
import resource
import shutil
import signal
import stat
import sys
import tempfile
import time
import traceback
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from click.testing import CliRunner

from corridors.cli import main
from fuzz.values import CANARY

SECONDS = 20  # of work for a command that takes a tenth of one
TICK, IDLE, WALL = 4.0, 3, 40  # seconds between two looks; looks at which nothing was done, and all of them
MEMORY = 2**30  # bytes of its own, beside those that there are; what an engine only reserves does not count
LONGEST = 800  # characters of a sentence
STREAMS = ("solve", "assign", "check", "verify")  # print what they found before they say that something is wrong
INPUTS = ("data", "plan", "before", "net", "sweep", "outside", "scenario.toml")
HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ResourceWarning, ImportWarning)  # from users of the command
BESIDE = re.compile(r"Warning: | *\d+\.\d{3} s  ")  # warnings, and the log of --verbose: seconds and a step
JARGON = re.compile(
    r"Traceback|<class |object at 0x|NoneType|has no attribute|invalid literal|could not convert|\w+Error\b|Errno|dtype"
    r"|Expecting (value|property|',')|unhashable|not subscriptable|out of range for|codec can't|type is \"|Decimal\("
)


class Hung(BaseException):
    """A command did not come back; no `except Exception` on the way may hold it."""


@dataclass(frozen=True)
class Finding:
    """What a rule says of an input; `kind` and `where` tell which findings are one."""

    door: str
    number: int
    kind: str
    where: str
    detail: str
    change: str
    command: str

    def __str__(self) -> str:
        """Return it as a few lines."""
        head = f"{self.door} {self.number}: {self.kind}, {self.where}: {self.detail}"
        change = self.change if len(self.change) < 700 else self.change[:700] + "…"
        return "\n    ".join((head, *change.splitlines(), self.command))


@dataclass
class Ran:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str
    error: BaseException | None = None

    def document(self) -> Any:
        """Read standard output as JSON that knows no NaN."""
        return json.loads(self.stdout, parse_constant=_no_constant)


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


@dataclass
class Trial:
    """An input: what it is made from, what was done to it, how its commands ended, and what was found."""

    door: str
    number: int
    rng: Random
    folder: Path
    change: str = ""
    command: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def found(self, kind: str, where: str, detail: str) -> None:
        """Keep a finding."""
        short = detail if len(detail) < 300 else detail[:300] + "…"
        self.findings.append(
            Finding(self.door, self.number, kind, where, ascii(short)[1:-1], self.change, self.command)
        )

    def wrong(self, rule: str, detail: str) -> None:
        """Keep an answer that cannot be right."""
        self.found("wrong answer", rule, detail)

    def run(self, *words: object, changes: Sequence[str] = ()) -> Ran:
        """Run a command in the folder and judge it by the rules for all; `changes` names inputs that it may change."""
        arguments = [str(word) for word in words]
        self.command = "corridors " + " ".join(ascii(word)[1:-1][:120] if word else "''" for word in arguments)
        inputs = [self.folder / name for name in INPUTS if name not in changes]
        before = {path: snapshot(path) for path in inputs}
        ran = self._ran(arguments)
        for path, there in before.items():
            if snapshot(path) != there:
                self.found("input changed", path.name, difference(there, snapshot(path)))
        return ran

    def _ran(self, arguments: list[str]) -> Ran:
        noise = self.folder / "noise"
        with caught_warnings() as warned, beside(noise), limited(self.folder / "tmp"):
            try:
                done = CliRunner().invoke(main, arguments)
                ran = Ran(done.exit_code, done.stdout, done.stderr, done.exception)
            except Hung as error:
                ran = Ran(-1, "", "", error)
        self._judge(arguments, ran)
        for one in warned:
            if not issubclass(one.category, HIDDEN):
                self.found("warning", f"{Path(one.filename).name}: {one.category.__name__}", str(one.message))
        if (said := noise.read_text(errors="replace")).strip():
            self.found("noise of a library", said.split()[0], said)
        self._leftovers()
        kind = {0: "accepted", 2: "refused"}.get(ran.code, "failed")
        self.outcomes[kind] += 1
        return ran

    def _judge(self, arguments: list[str], ran: Ran) -> None:
        command = next((word for word in arguments if not word.startswith("-")), "")
        if isinstance(ran.error, Hung):
            self.found("hang", _place(ran.error), "no answer")
        elif isinstance(ran.error, MemoryError):
            self.found("memory", _place(ran.error), str(ran.error))
        elif ran.error is not None and not isinstance(ran.error, SystemExit):
            self.found("traceback", f"{type(ran.error).__name__} in {_place(ran.error)}", str(ran.error))
        elif ran.code not in (0, 2):
            self.found("exit code", str(ran.code), ran.stderr)
        elif ran.code == 2:
            self._judge_sentence(command, arguments, ran)
        elif "json" in arguments and not ran.stdout.startswith("Written"):
            try:
                ran.document()
            except ValueError as error:
                self.found("no JSON", command, f"{error}: {ran.stdout[:80]}")
        texts = (ran.stderr,) if "xlsx" in arguments else (ran.stdout, ran.stderr)
        for letter in {letter for text in texts for letter in text if controls(letter)}:
            self.found("control character", f"{command}, U+{ord(letter):04X}", ran.stderr or ran.stdout[:200])
        if CANARY in ran.stdout + ran.stderr and not any(word.endswith("secret.txt") for word in arguments):
            self.found("leak", command, "a file outside is shown")

    def _judge_sentence(self, command: str, arguments: list[str], ran: Ran) -> None:
        usage, _, rest = ran.stderr.partition("\n\n")  # of click, in any language
        told = rest if re.search(r" --help'[^\n]*$", usage) else ran.stderr
        said = [line for line in told.splitlines() if line.strip() and not BESIDE.match(line)]
        if len(said) != 1:
            self.found("no sentence" if not said else "several lines", command, ran.stderr)
        elif len(said[0]) > LONGEST + max(map(len, arguments)):
            self.found("long sentence", command, f"{len(said[0])} characters: {said[0][:100]}")
        if hit := JARGON.search(ran.stderr):
            self.found("jargon", f"{command}: {hit[0]}", ran.stderr)
        if ran.stdout and not set(STREAMS) & set(arguments):
            self.found("output beside an error", command, ran.stdout)

    def _leftovers(self) -> None:
        left = [
            *(self.folder / "tmp").iterdir(),
            *(path for path in self.folder.iterdir() if path.name.startswith(".")),
        ]
        if left:
            self.found("left behind", re.sub(r"[^a-z]", "", left[0].name)[:12], ", ".join(path.name for path in left))
            for path in left:
                shutil.rmtree(path, ignore_errors=True)
                path.unlink(missing_ok=True)


def controls(letter: str) -> bool:
    """Tell whether a character would do something to a terminal."""
    return letter not in "\n\t" and (
        unicodedata.category(letter) == "Cc" or letter in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def snapshot(path: Path) -> dict[str, Any]:
    """Return what is at a path and below it: kinds, bytes, targets of links."""
    if not path.is_symlink() and path.is_dir():
        inner = {one.relative_to(path).as_posix(): _kind(one) for one in sorted(path.rglob("*"))}
        return {"": "folder", **inner}
    return {"": _kind(path)}


def _kind(path: Path) -> object:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None
    if stat.S_ISREG(mode) and path.stat().st_size < 2**24:
        return path.read_bytes()
    return (
        str(path.readlink())
        if stat.S_ISLNK(mode)
        else (stat.S_IFMT(mode), path.stat().st_size if stat.S_ISREG(mode) else 0)
    )


def difference(one: dict[str, Any], other: dict[str, Any]) -> str:
    """Say in what two snapshots differ."""
    return ", ".join(name or "." for name in sorted({*one, *other}) if one.get(name) != other.get(name))


def _place(error: BaseException) -> str:
    """Return the innermost function of ours that an error comes from."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "/corridors/" in one.filename]
    if not frames:
        return "no function of ours"
    return f"{frames[-1].filename.rpartition('/corridors/')[2]} {frames[-1].name}"


@contextmanager
def caught_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """Collect warnings instead of printing them, or of raising them as pytest does."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("default")
        yield warned


@contextmanager
def beside(path: Path) -> Iterator[None]:
    """Lead what libraries write to the file descriptors of standard output and error into a file."""
    sys.stdout.flush()
    kept = os.dup(1)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


@contextmanager
def limited(temporary: Path) -> Iterator[None]:
    """Limit time and memory, and have temporary files in a folder that can be looked into."""
    temporary.mkdir(exist_ok=True)
    before, tempfile.tempdir = tempfile.tempdir, str(temporary)
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    used = int(re.findall(r"VmData:\s*(\d+)", Path("/proc/self/status").read_text())[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, hard))
    handler = signal.signal(signal.SIGALRM, _Watch().look)
    faulthandler.dump_traceback_later(
        2 * TICK * WALL, exit=True, file=sys.__stderr__ or sys.stderr
    )  # in a library's loop
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        tempfile.tempdir = before


class _Watch:
    """Tells a command that waits for ever, or works without end, from one on a machine that has other things to do."""

    def __init__(self) -> None:
        self._begun = self._last = time.process_time()
        self._looks = self._idle = 0

    def look(self, _number: int, _frame: FrameType | None) -> None:
        """Raise `Hung` if it is so."""
        now = time.process_time()
        self._idle = self._idle + 1 if now - self._last < 0.02 else 0
        self._last, self._looks = now, self._looks + 1
        if now - self._begun > SECONDS or self._idle >= IDLE or self._looks >= WALL:
            raise Hung


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(here)


def clock() -> float:
    """Return seconds."""
    return time.monotonic()
