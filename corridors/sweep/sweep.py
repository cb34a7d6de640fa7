"""Many changed problems, solved one apart from the other: here, in processes of this machine, or on a Dask cluster.

Scenarios, stress and uncertainty are sweeps: a list of tasks, and a function that gives a row for each from what all
of them share and from nothing else, so that the rows depend neither on the number of processes nor on the order.
Rows go to disk as they come (`corridors.sweep.store`), and the same sweep goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from corridors.errors import ProblemError
from corridors.sweep import store, tasks
from corridors.sweep.interrupt import Interrupt
from corridors.sweep.store import Results, Rows
from corridors.sweep.tasks import Line, Seal

__all__ = ["Results", "Stopped", "Sweep", "SweepProgress", "run"]

_TELL = 0.1  # seconds: more often nobody can read it
_WINDOW = 30.0  # seconds: the rate is that of the last ones


def _any(_row: Mapping[str, Any]) -> bool:
    """Tell that any row will do."""
    return True


@dataclass(frozen=True)
class Sweep:
    """What is to be solved.

    Attributes
    ----------
    kind
        "stress", "uncertainty" and so on.
    identity
        JSON: everything that the rows depend on, such as the digest of the data and the options.
    prepare
        A function of a module: `prepare(*arguments)` gives what all tasks share, once in each process.
    arguments
        Small, and can be pickled.
    solve
        A function of a module: `solve(shared, task)` gives a row, JSON. It depends on nothing else and changes neither.
    tasks
        JSON; the number of a task is its position. May be a sequence that makes them when they are asked for.
    sound
        Tells whether the values of a row, without its task's own, are of the kinds that `solve` gives: rows that come
        from a folder were perhaps not written by it.
    """

    kind: str
    identity: Mapping[str, Any]
    prepare: Callable[..., Any]
    arguments: tuple[Any, ...]
    solve: Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]
    sound: Callable[[Mapping[str, Any]], bool] = _any


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep has come.

    Attributes
    ----------
    done
        Tasks that have a row, those from earlier runs among them.
    total
        All tasks.
    failed
        Tasks whose row says why they failed.
    resumed
        Tasks that had a row when this run began.
    rate
        Tasks a second, lately; 0 until it is known.
    seconds_left
        At this rate; None until it is known.
    """

    done: int
    total: int
    failed: int
    resumed: int
    rate: float
    seconds_left: float | None


class Stopped(KeyboardInterrupt):
    """The user stopped a sweep; its text is a sentence that says what is kept."""


def run(
    sweep: Sweep,
    folder: Path | None = None,
    *,
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[SweepProgress], None] | None = None,
    force: bool = False,
) -> Results:
    """Solve all tasks that have no row yet.

    Parameters
    ----------
    sweep
        To be solved. A task that fails has a row that says why.
    folder
        Where the rows are and stay; a temporary one if not given, removed when the results are closed.
    workers
        Processes on this machine; with one, everything happens in this one.
    cluster
        The address of a Dask scheduler (tcp://host:port) whose workers solve instead.
    progress
        Is told how far it is.
    force
        Whether a folder that holds another sweep is emptied. One of the same sweep goes on in any case.

    Returns
    -------
    Results
        All rows, in the order of tasks. The folder then has the same bytes whatever happened on the way.

    Raises
    ------
    OutputError
        If the folder is in use, cannot be written or holds something else.
    ClusterError
        If the processes or the cluster do not answer or are not fit for it.
    Stopped
        If the user interrupts it. The same call goes on.
    """
    if workers < 1:
        raise ProblemError(f"A sweep needs 1 worker or more; {workers} were asked for.")
    manifest = _manifest(sweep)
    seal = Seal(manifest["digest"], sweep.tasks, sweep.sound)
    with store.opened(folder, manifest, len(sweep.tasks), force=force, seal=seal) as rows:
        meter = _Meter(rows, progress)
        try:
            with closing(_arrivals(sweep, rows, workers, cluster)) as arrivals:
                for lines in arrivals:
                    rows.add(lines)
                    meter.tell()
        except KeyboardInterrupt as stop:
            kept = "nothing is kept without a folder" if folder is None else "the same command goes on from there"
            raise Stopped(f"interrupted after {rows.done} of {rows.total}; {kept}") from stop
        rows.finish()
        meter.tell(now=True)
        return Results(rows.folder, rows.total, rows.failures, rows.temporary)


def _manifest(sweep: Sweep) -> dict[str, Any]:
    """Say which sweep it is."""
    what = {
        "kind": sweep.kind,
        "version": version("corridors"),
        "tasks": len(sweep.tasks),
        "identity": dict(sweep.identity),
    }
    text = json.dumps(what, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return {**json.loads(text), "digest": hashlib.sha256(text.encode()).hexdigest()}


def _arrivals(sweep: Sweep, rows: Rows, workers: int, cluster: str | None) -> Generator[list[Line], None, None]:
    """Yield the rows that are missing, some at a time, as they come."""
    if rows.done == rows.total:
        return
    if workers == 1 and cluster is None:
        yield from _here(sweep, rows.missing())
        return
    missing = rows.missing(), rows.total - rows.done
    given = tasks.Assignment(sweep.prepare, sweep.arguments, sweep.solve, sweep.tasks, *missing)
    if cluster is None:
        from corridors.sweep import processes

        yield from processes.solve(given, workers)
    else:
        from corridors.sweep import cluster as other  # brings distributed

        yield from other.solve(given, cluster)


def _here(sweep: Sweep, numbers: Iterator[int]) -> Iterator[list[Line]]:
    """Solve in this process."""
    with Interrupt() as interrupt, tasks.one_thread():
        shared = sweep.prepare(*sweep.arguments)
        interrupt.check()
        for number in numbers:
            line = tasks.line_of(sweep.solve, shared, number, sweep.tasks[number])
            interrupt.check()
            yield [line]


class _Meter:
    """Tells how far a sweep is, not more often than can be read."""

    def __init__(self, rows: Rows, progress: Callable[[SweepProgress], None] | None) -> None:
        self._rows, self._progress = rows, progress
        self._marks = deque([(time.monotonic(), rows.done)])
        self._say()

    def tell(self, *, now: bool = False) -> None:
        """Tell it, if it is time or it is the end."""
        moment = time.monotonic()
        if not now and moment - self._marks[-1][0] < _TELL:
            return
        self._marks.append((moment, self._rows.done))
        while len(self._marks) > 2 and self._marks[1][0] < moment - _WINDOW:
            self._marks.popleft()
        self._say()

    def _say(self) -> None:
        if self._progress is None:
            return
        (began, before), (moment, done) = self._marks[0], self._marks[-1]
        rate = (done - before) / (moment - began) if moment > began else 0.0
        left = self._rows.total - done
        seconds = left / rate if rate else (None if left else 0.0)
        self._progress(SweepProgress(done, self._rows.total, self._rows.failures, self._rows.resumed, rate, seconds))
