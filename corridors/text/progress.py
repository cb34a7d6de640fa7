"""Progress on standard error: it moves on a terminal, is plain lines elsewhere, and nothing if asked to be quiet."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING

from corridors.output import printable
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.sweep.sweep import SweepProgress
    from corridors.text.language import Language

PLAIN_SECONDS = 5.0  # between two plain lines: they stay in a log
OF = ": "  # between a scenario and the step of its plan
CHOICE_STEPS = (  # as plans of shippers who choose tell
    later("finding the linear optimum"),
    later("listing routes"),
    later("letting shippers choose"),
    later("proving"),
)
STEPS = (later("posing the problem"), later("solving"), later("proving"), later("reading the answer"))  # as plans tell


_logging: ContextVar[bool] = ContextVar("logging", default=False)


@contextmanager
def logging(say: Language) -> Iterator[None]:
    """Have every step of the block told in a line with its seconds on standard error, and at last those of all."""
    began, token = time.monotonic(), _logging.set(True)
    try:
        yield
    finally:
        _logging.reset(token)
        _line(f"{time.monotonic() - began:9.3f} s  {say('in all')}")


@contextmanager
def _logged(say: Language) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told each step as it begins, and logs the one before with its seconds."""
    before: list[tuple[str, float]] = []

    def told(step: str) -> None:
        ended = time.monotonic()
        if before:
            name, began = before.pop()
            _line(f"{ended - began:9.3f} s  {_said(say, name)}")
        before.append((step, ended))

    try:
        yield told
    finally:
        told("")


@contextmanager
def steps(say: Language, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Return a function that is told the name of each step as it begins; those of `STEPS` it says in the language."""
    if _logging.get():
        with _logged(say) as told:
            yield told
    elif quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        from rich.console import Console  # only a terminal needs it
        from rich.markup import escape

        with Console(stderr=True).status(say("starting")) as status:
            yield lambda step: status.update(escape(printable(f"{_said(say, step)} ...")))
    else:
        yield lambda step: _line(f"{_said(say, step)} ...")


def _line(text: str) -> None:
    """Print a line of progress; where it cannot be printed, the work still goes on."""
    with suppress(OSError):
        print(printable(text, lines=False), file=sys.stderr, flush=True)


def _said(say: Language, step: str) -> str:
    of, between, last = step.rpartition(OF)
    return of + between + say(last) if last in (*STEPS, *CHOICE_STEPS) else step


@contextmanager
def counting(say: Language, *, quiet: bool = False) -> Iterator[Callable[[SweepProgress], None]]:
    """Yield a function that is told how far a sweep is: with a count, a rate and the time left."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar(say) as told:
            yield told
    else:
        yield _Lines(say).told


@contextmanager
def _bar(say: Language) -> Iterator[Callable[[SweepProgress], None]]:
    from rich import progress  # only a terminal needs it
    from rich.console import Console

    columns = (progress.BarColumn(), progress.TextColumn("{task.description}"))
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(say("starting"), total=None)
        yield lambda far: bar.update(task, completed=far.done, total=far.total, description=sentence(say, far))


class _Lines:
    """Plain lines: one now and then, and one at the end."""

    def __init__(self, say: Language) -> None:
        self._say = say
        self._next = 0.0
        self._ended = False

    def told(self, far: SweepProgress) -> None:
        """Print a line if it is time."""
        end = far.done == far.total
        if self._ended or (not end and time.monotonic() < self._next):
            return
        self._ended = end
        self._next = time.monotonic() + PLAIN_SECONDS
        _line(sentence(self._say, far))


def sentence(say: Language, far: SweepProgress) -> str:
    """Return a line such as: 412 of 2000 (20%), 33.1 a second, 48 s left, 2 failed."""
    share = math.floor(100 * far.done / far.total) / 100 if far.total else 1.0
    said = [say("{done} of {total} ({share})", done=far.done, total=far.total, share=say.percent(share))]
    if far.rate >= 1:
        said.append(say("{rate} a second", rate=say.number(far.rate, 1)))
    elif far.rate:
        said.append(say("{rate} a minute", rate=say.number(60 * far.rate, 1)))
    elif far.resumed:
        said.append(say("done before"))
    if far.seconds_left and far.done < far.total:
        said.append(say("{time} left", time=duration(say, far.seconds_left)))
    if far.failed:
        said.append(say("{count} failed", count=far.failed))
    return ", ".join(said)


def duration(say: Language, seconds: float) -> str:
    """Return a time such as: 48 s, 3 min 20 s, 2 h 5 min."""
    whole = math.ceil(seconds)
    minutes, hours = whole // 60, whole // 3600
    if hours:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes % 60)
    if minutes:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=whole % 60)
    return say("{seconds} s", seconds=whole)
