"""The tasks of a sweep on a Dask cluster, for which the extra `cluster` is needed.

The scheduler of `distributed` gives them out and repeats what a lost worker had. Here is only what is sent when, so
that neither the scheduler nor this process ever holds more than a few batches a worker, and what is said when it fails.
"""

# mypy: allow-untyped-calls
# (distributed says that it is typed, and most of it is not)

from __future__ import annotations

import logging
import math
import time
from collections.abc import Generator, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from itertools import islice
from typing import Any

from corridors.errors import ClusterError, extra_missing
from corridors.sweep import tasks
from corridors.sweep.tasks import Assignment, Done, Line

try:
    from distributed import Client, Future, KilledWorker, wait
    from distributed.protocol import pickle
except ImportError as error:
    raise extra_missing("a Dask cluster", "cluster", "use the processors of this machine with --workers") from error

_BATCHES = 3  # for each worker: one that it solves, one that it has, one on its way
_POLL = 2.0  # seconds: how often the workers are counted
_PATIENCE = 60.0  # seconds without a worker; one that died is back in a few
_CONNECT = 15.0  # seconds


def solve(assignment: Assignment, address: str) -> Generator[list[Line], None, None]:
    """Solve tasks on the cluster of a scheduler and yield their rows, some at a time, as they come.

    Raises
    ------
    ClusterError
        If the cluster does not answer or is not fit for it.
    """
    place = f"the cluster at {address}"
    try:
        with _lost(place), _client(address) as client:
            yield from _Flow(client, assignment, place).lines()
    except tasks.Unprepared as fault:
        raise fault.error from None


@contextmanager
def _lost(place: str) -> Iterator[None]:
    """Say in a sentence that the scheduler is gone."""
    try:
        yield
    except (OSError, CancelledError) as error:
        raise ClusterError(f"{place} cannot be reached any more; the same command goes on") from error


class _Flow:
    """Batches on their way, never more than a few for each worker."""

    def __init__(self, client: Client, assignment: Assignment, place: str) -> None:
        self.client, self.place = client, place
        self.work = assignment.work(pickle.dumps)  # by value what a script of the user defines
        self.given, self.numbers, self.left = assignment.tasks, assignment.numbers, assignment.left
        self.pending: dict[Future[Any], list[int]] = {}
        self.suspects: list[int] = []
        self.seconds = math.inf  # a task
        self.workers = 0
        self.counted = -math.inf
        self.seen = time.monotonic()

    def lines(self) -> Generator[list[Line], None, None]:
        """Send batches and yield their rows; at the end, one by one, the tasks during which a worker died."""
        try:
            self._send()
            while self.pending:
                yield from self._arrived()
                self._send()
            for number in self.suspects:
                yield self._alone(number)
        finally:
            with suppress(OSError, CancelledError):
                self.client.cancel(list(self.pending))

    def _send(self) -> None:
        self._count()
        while len(self.pending) < _BATCHES * max(1, self.workers):
            batch = list(islice(self.numbers, tasks.batch_size(self.left, self.workers, self.seconds)))
            if not batch:
                return
            self.left -= len(batch)
            self.pending[self._submit(batch)] = batch

    def _submit(self, batch: list[int]) -> Future[Any]:
        given = [(number, self.given[number]) for number in batch]
        return self.client.submit(tasks.solve_batch, self.work, given, pure=False)

    def _count(self) -> None:
        """Count the workers, now and then, and give up if there have been none for long."""
        now = time.monotonic()
        if now - self.counted < _POLL:
            return
        self.workers, self.counted = len(self.client.nthreads()), now
        if self.workers:
            self.seen = now
        elif now - self.seen > _PATIENCE:
            raise ClusterError(f"{self.place}: no worker for {_PATIENCE:.0f} seconds; the same command goes on")

    def _arrived(self) -> Iterator[list[Line]]:
        try:
            ready, _ = wait(list(self.pending), timeout=_POLL, return_when="FIRST_COMPLETED")
        except TimeoutError:
            return
        for future in ready:
            batch = self.pending.pop(future)
            done = self._result(future)
            if done is None:
                self.suspects += batch
                continue
            self.seconds = tasks.pace(self.seconds, done)
            yield done.lines

    def _result(self, future: Future[Any]) -> Done | None:
        """Return what came back; None if worker after worker died."""
        try:
            done: Done = future.result()
        except KilledWorker:
            return None
        except (ImportError, RuntimeError) as error:
            if isinstance(error, ClusterError):
                raise
            raise ClusterError(
                f"{self.place} cannot import corridors ({_cause(error)}): install the same version there"
            ) from error
        if done.error is not None:
            raise tasks.Unprepared(done.error)
        return done

    def _alone(self, number: int) -> list[Line]:
        """Solve a task with nothing else on its way, so that a worker's death is its own doing."""
        future = self._submit([number])
        self.pending[future] = [number]
        while not future.done():
            self._count()
            with suppress(TimeoutError):
                wait([future], timeout=_POLL)
        del self.pending[future]
        done = self._result(future)
        if done is None:
            return [tasks.failure(number, self.given[number], "the process that solved it died each time it was tried")]
        return done.lines


def _cause(error: BaseException) -> str:
    """Return the first cause of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error)


@contextmanager
def _client(address: str) -> Iterator[Client]:
    """Yield a client of a cluster."""
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        try:
            client = stack.enter_context(Client(address, timeout=_CONNECT))
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address}; expected an address such as tcp://127.0.0.1:8786"
            ) from error
        _check(client, address)
        yield client


def _check(client: Client, address: str) -> None:
    """See that the workers have this version: one that has none would die of the first batch without a word."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise ClusterError(f"the cluster at {address} has no worker; start one with: dask worker {address}") from error
    asked: Any = client.get_versions(packages=["corridors"])
    found = {one["packages"].get("corridors") for one in asked["workers"].values() if one}
    for other in found - {version("corridors")}:
        what = f"corridors {other}" if other else "no corridors"
        raise ClusterError(
            f"a worker of the cluster at {address} has {what}; install {version('corridors')} there, as it is here"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the log of `distributed` from the screen: what matters is said in a sentence."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
