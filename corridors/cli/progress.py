"""Progress on standard error: it moves on a terminal, is plain lines elsewhere, and nothing if asked to be quiet."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridors.sweep import Progress

PLAIN_SECONDS = 5.0  # between two plain lines: they stay in a log


@contextmanager
def steps(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function that is told the name of each step as it begins."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        from rich.console import Console  # only a terminal needs it

        with Console(stderr=True).status("starting") as status:
            yield lambda step: status.update(f"{step} ...")
    else:
        yield lambda step: print(f"{step} ...", file=sys.stderr, flush=True)


@contextmanager
def counting(*, quiet: bool = False) -> Iterator[Callable[[Progress], None]]:
    """Give a function that is told how far a sweep is: with a count, a rate and the time left."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar() as told:
            yield told
    else:
        yield _Lines().told


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich import progress  # only a terminal needs it
    from rich.console import Console

    columns = (progress.BarColumn(), progress.TextColumn("{task.description}"))
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda far: bar.update(task, completed=far.done, total=far.total, description=sentence(far))


class _Lines:
    """Plain lines: one now and then, and one at the end."""

    def __init__(self) -> None:
        self._next = 0.0
        self._ended = False

    def told(self, far: Progress) -> None:
        """Print a line if it is time."""
        end = far.done == far.total
        if self._ended or (not end and time.monotonic() < self._next):
            return
        self._ended = end
        self._next = time.monotonic() + PLAIN_SECONDS
        print(sentence(far), file=sys.stderr, flush=True)


def sentence(far: Progress) -> str:
    """Give a line such as: 412 of 2000 (20%), 33.1 a second, 48 s left, 2 failed."""
    said = [f"{far.done} of {far.total} ({math.floor(100 * far.done / far.total) if far.total else 100}%)"]
    if far.rate:
        said.append(f"{far.rate:.1f} a second" if far.rate >= 1 else f"{60 * far.rate:.1f} a minute")
    elif far.resumed:
        said.append("done before")
    if far.seconds_left and far.done < far.total:
        said.append(f"{duration(far.seconds_left)} left")
    if far.failed:
        said.append(f"{far.failed} failed")
    return ", ".join(said)


def duration(seconds: float) -> str:
    """Give a time such as: 48 s, 3 min 20 s, 2 h 5 min."""
    whole = math.ceil(seconds)
    minutes, hours = whole // 60, whole // 3600
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"
