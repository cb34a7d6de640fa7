"""The tasks of a sweep, solved in whatever process: a row for each, or a row that says why there is none."""

from __future__ import annotations

import hashlib
import json
import math
import pickle
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from corridors.errors import ClusterError, CorridorsError
from corridors.models import threads

BATCH_SECONDS = 0.5  # long beside the milliseconds that sending takes, short for who watches
LARGEST = 64  # tasks in a batch

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
    """Give the row of a task that failed."""
    return number, True, _json({"task": number, **task, "failed": why})


def one_thread() -> AbstractContextManager[Any]:
    """Give a context in which linear algebra runs on one thread, so that rows are the same in every process."""
    import scipy.linalg  # noqa: F401 - with numpy's it brings all the libraries there are, so that all are limited

    return threads.one_thread("scipy.linalg")


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
    """Give the size of the next batch: towards the end small ones, so that no worker waits for another."""
    share = left // (2 * max(1, workers))
    return max(1, min(LARGEST, share, int(BATCH_SECONDS / max(seconds, 1e-6))))


def pace(seconds: float, done: Done) -> float:
    """Give the seconds that a task takes, lately; infinity stands for not known."""
    one = done.seconds / max(1, len(done.lines))
    return one if math.isinf(seconds) else 0.8 * seconds + 0.2 * one


_one_batch = threading.Lock()  # a process solves one batch at a time, however many threads it was given
_kept: dict[str, tuple[Solve, Any]] = {}  # what the tasks of a sweep share; of the last sweep only


def work_of(parts: bytes) -> Work:
    """Give what goes to the workers: pickled `(prepare, arguments, solve)`."""
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
