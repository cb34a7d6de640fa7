"""The tasks of a sweep, solved in whatever process: a row for each, or a row that says why there is none."""

from __future__ import annotations

import hashlib
import json
import math
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from corridors.errors import ClusterError, CorridorsError
from corridors.models import threads

BATCH_SECONDS = 0.5  # long beside the milliseconds that sending takes, short for who watches
LARGEST = 64  # tasks in a batch
CHECK = "check"  # what the checksum of a row is called
_CHECK_DIGITS = 32  # hexadecimal: 128 bits, more than chance or patience can meet

type Line = tuple[int, bool, str]  # the number of a task, whether it failed, and its row as JSON
type Solve = Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]


def line_of(solve: Solve, shared: Any, number: int, task: Mapping[str, Any]) -> Line:
    """Solve one task and give its row, which says why where it failed."""
    try:
        return number, False, _json({"task": number, **task, **solve(shared, task)})
    except CorridorsError as error:
        return failure(number, task, str(error))
    except Exception as error:  # noqa: BLE001 - one task must not end the sweep, and its row says what happened
        return failure(number, task, f"a fault of this program: {type(error).__name__}: {error}")


def failure(number: int, task: Mapping[str, Any], why: str) -> Line:
    """Return the row of a task that failed."""
    return number, True, _json({"task": number, **task, "failed": why})


def one_thread() -> AbstractContextManager[Any]:
    """Return a context in which linear algebra runs on one thread, so that rows are the same in every process."""
    import scipy.linalg  # noqa: F401 - with numpy's it brings all the libraries there are, so that all are limited

    return threads.one_thread("scipy.linalg")


@dataclass(frozen=True)
class Seal:
    """A checksum for each row, of the sweep, the task and the row: none can be taken for another's, or be changed.

    Attributes
    ----------
    digest
        Of the sweep.
    tasks
        Of the sweep.
    sound
        Tells whether a row's values, without the task's own, are of the kinds that solving gives.
    """

    digest: str
    tasks: Sequence[Mapping[str, Any]]
    sound: Callable[[Mapping[str, Any]], bool]

    def sealed(self, number: int, text: str) -> str:
        """Return the line of a row: its JSON with the checksum for a last value."""
        return f'{text[:-1]}, "{CHECK}": "{self._check(number, text)}"}}'

    def read(self, line: bytes) -> tuple[int, bool]:
        """Return the number of a line's task, and whether it failed; -1 if the line is not one that was sealed."""
        try:
            body, _, check = line.decode("utf-8").rpartition(f', "{CHECK}": "')
            row = json.loads(body + "}", parse_constant=_no_number)
            number = row["task"]
            if type(number) is not int or not 0 <= number < len(self.tasks):
                return -1, False
            if check != f'{self._check(number, body + "}")}"}}\n' or not self._fits(number, row):
                return -1, False
        except (ValueError, TypeError, KeyError, RecursionError):
            return -1, False
        return number, "failed" in row

    def _check(self, number: int, text: str) -> str:
        whole = f"{self.digest}\n{_json(self.tasks[number])}\n{text}"
        return hashlib.sha256(whole.encode()).hexdigest()[:_CHECK_DIGITS]

    def _fits(self, number: int, row: Mapping[str, Any]) -> bool:
        """Tell whether a row has its task's own values, and others of their kinds: whoever reads it relies on them."""
        task = json.loads(_json(self.tasks[number]))
        if any(name not in row or row[name] != value for name, value in task.items()):
            return False
        own = {name: value for name, value in row.items() if name != "task" and name not in task}
        return isinstance(own["failed"], str) if set(own) == {"failed"} else "failed" not in own and self.sound(own)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is in no row")


def is_figure(value: object) -> bool:
    """Tell whether a value of a row is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Work:
    """What a worker needs besides the tasks; its parts are not read before the version is known to be the same."""

    digest: str
    version: str
    parts: bytes  # prepare, arguments, solve


@dataclass(frozen=True)
class Done:
    """What a worker gives back: rows and the seconds they took, or the error that kept it from solving any."""

    lines: list[Line]
    seconds: float
    error: Exception | None = None


class Unprepared(Exception):  # noqa: N818 - it carries one
    """What the tasks share could not be prepared; apart from the errors that a connection ends with."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def batch_size(left: int, workers: int, seconds: float) -> int:
    """Return the size of the next batch: towards the end small ones, so that no worker waits for another."""
    share = left // (2 * max(1, workers))
    return max(1, min(LARGEST, share, int(BATCH_SECONDS / max(seconds, 1e-6))))


def pace(seconds: float, done: Done) -> float:
    """Return the seconds that a task takes, lately; infinity stands for not known."""
    one = done.seconds / max(1, len(done.lines))
    return one if math.isinf(seconds) else 0.8 * seconds + 0.2 * one


_one_batch = threading.Lock()  # a process solves one batch at a time, however many threads it was given
_kept: dict[str, tuple[Solve, Any]] = {}  # what the tasks of a sweep share; of the last sweep only


@dataclass(frozen=True, eq=False)
class Assignment:
    """What is handed to other processes, of this machine or of a cluster.

    Attributes
    ----------
    prepare, arguments, solve, tasks
        Those of a `corridors.sweep.Sweep`.
    numbers
        Of the tasks to solve.
    left
        How many they are.
    """

    prepare: Callable[..., Any]
    arguments: tuple[Any, ...]
    solve: Solve
    tasks: Sequence[Mapping[str, Any]]
    numbers: Iterator[int]
    left: int

    def work(self, dumps: Callable[[Any], bytes]) -> Work:
        """Return what every process needs, pickled by `dumps`."""
        return work_of(dumps((self.prepare, self.arguments, self.solve)))


def work_of(parts: bytes) -> Work:
    """Return what goes to the workers: pickled `(prepare, arguments, solve)`."""
    return Work(hashlib.sha256(parts).hexdigest(), _version(), parts)


def solve_batch(work: Work, batch: list[tuple[int, Mapping[str, Any]]]) -> Done:
    """Solve some tasks in this process, which prepares what they share when it sees the first of a sweep."""
    try:
        with _one_batch, one_thread():
            solve, shared = _prepared(work)
            began = time.perf_counter()
            lines = [line_of(solve, shared, number, task) for number, task in batch]
            return Done(lines, time.perf_counter() - began)
    except Exception as error:  # noqa: BLE001 - it is raised where the sweep was started
        return Done([], 0.0, error)


def _prepared(work: Work) -> tuple[Solve, Any]:
    if _version() != work.version:
        raise ClusterError(f"a worker has corridors {_version()} and this is {work.version}; install the same there")
    if work.digest not in _kept:
        try:
            prepare, arguments, solve = pickle.loads(work.parts)  # noqa: S301 - from this program, to its own worker
        except (ImportError, AttributeError) as error:
            raise ClusterError(
                f"a worker cannot import what it is to solve with ({error}); install it there"
            ) from error
        _kept.clear()
        _kept[work.digest] = solve, prepare(*arguments)
    return _kept[work.digest]


@cache
def _version() -> str:
    return version("corridors")
