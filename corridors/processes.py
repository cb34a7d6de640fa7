"""The tasks of a sweep in other processes, of this machine or of a Dask cluster: what sends them, and what solves them.

The scheduler of `distributed` gives them out and repeats what a lost worker had. Here is only what is sent when, so
that neither the scheduler nor this process ever holds more than a few batches a worker, and what is said when it fails.
"""

# mypy: allow-untyped-calls
# (distributed says that it is typed, and most of it is not)

from __future__ import annotations

import logging
import math
import signal
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from itertools import islice
from multiprocessing import resource_tracker
from typing import Any

import dask
from distributed import Client, Future, KilledWorker, LocalCluster, wait
from distributed.protocol import pickle

from corridors import tasks
from corridors.errors import ClusterError
from corridors.output import TemporaryFolder
from corridors.tasks import Done, Line, Solve, Work

_BATCHES = 3  # for each worker: one that it solves, one that it has, one on its way
_SECONDS = 0.5  # a batch: long beside the milliseconds that sending takes, short for who watches
_LARGEST = 64  # tasks in a batch
_POLL = 2.0  # seconds: how often the workers are counted
_PATIENCE = 60.0  # seconds without a worker; one that died is back in a few
_CONNECT = 15.0  # seconds


def solve(
    prepare: Callable[..., Any],
    arguments: tuple[Any, ...],
    solve: Solve,
    given: Sequence[Mapping[str, Any]],
    numbers: Iterator[int],
    left: int,
    *,
    workers: int,
    cluster: str | None,
) -> Generator[list[Line], None, None]:
    """Solve tasks in other processes and give their rows, some at a time, as they come.

    Parameters
    ----------
    prepare, arguments, solve, given
        Those of a `corridors.sweep.Sweep`.
    numbers
        Of the tasks to solve.
    left
        How many they are.
    workers
        Processes to start on this machine.
    cluster
        The address of a scheduler to be used instead.

    Raises
    ------
    ClusterError
        If the processes or the cluster do not answer or are not fit for it.
    """
    work = tasks.work_of(pickle.dumps((prepare, arguments, solve)))  # by value what a script of the user defines
    place = f"the cluster at {cluster}" if cluster else "the processes of this machine"
    try:
        with _lost(place), _client(min(workers, left), cluster) as client:
            yield from _Flow(client, work, given, numbers, left, place).lines()
    except _Unprepared as fault:
        raise fault.error from None


class _Unprepared(Exception):  # noqa: N818 - it carries one
    """What the tasks share could not be prepared; apart from the errors that a connection ends with."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def _lost(place: str) -> Iterator[None]:
    """Say in a sentence that the scheduler is gone."""
    try:
        yield
    except (OSError, CancelledError) as error:
        raise ClusterError(f"{place} cannot be reached any more; the same command goes on") from error


class _Flow:
    """Batches on their way, never more than a few for each worker."""

    def __init__(
        self,
        client: Client,
        work: Work,
        given: Sequence[Mapping[str, Any]],
        numbers: Iterator[int],
        left: int,
        place: str,
    ) -> None:
        self.client, self.work, self.given, self.numbers, self.left, self.place = (
            client, work, given, numbers, left, place,
        )  # fmt: skip
        self.pending: dict[Future[Any], list[int]] = {}
        self.suspects: list[int] = []
        self.seconds = math.inf  # a task
        self.workers = 0
        self.counted = -math.inf
        self.seen = time.monotonic()

    def lines(self) -> Generator[list[Line], None, None]:
        """Send batches and give their rows; at the end, one by one, the tasks during which a worker died."""
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
            batch = list(islice(self.numbers, self._size()))
            if not batch:
                return
            self.left -= len(batch)
            self.pending[self._submit(batch)] = batch

    def _submit(self, batch: list[int]) -> Future[Any]:
        given = [(number, self.given[number]) for number in batch]
        return self.client.submit(tasks.solve_batch, self.work, given, pure=False)

    def _size(self) -> int:
        """Give the size of the next batch: towards the end small ones, so that no worker waits for another."""
        share = self.left // (2 * max(1, self.workers))
        return max(1, min(_LARGEST, share, int(_SECONDS / max(self.seconds, 1e-6))))

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
            one = done.seconds / len(batch)
            self.seconds = one if math.isinf(self.seconds) else 0.8 * self.seconds + 0.2 * one
            yield done.lines

    def _result(self, future: Future[Any]) -> Done | None:
        """Give what came back; None if worker after worker died."""
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
            raise _Unprepared(done.error)
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
    """Give the first cause of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error)


@contextmanager
def _client(workers: int, cluster: str | None) -> Iterator[Client]:
    """Give a client of a cluster, or of processes that are started for it."""
    with ExitStack() as stack:
        stack.enter_context(_quiet())
        if cluster is None:
            yield stack.enter_context(Client(stack.enter_context(_local(workers))))
            return
        try:
            client = stack.enter_context(Client(cluster, timeout=_CONNECT))
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {cluster}; expected an address such as tcp://127.0.0.1:8786"
            ) from error
        _check(client, cluster)
        yield client


def _check(client: Client, cluster: str) -> None:
    """See that the workers have this version: one that has none would die of the first batch without a word."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise ClusterError(f"the cluster at {cluster} has no worker; start one with: dask worker {cluster}") from error
    asked: Any = client.get_versions(packages=["corridors"])
    found = {one["packages"].get("corridors") for one in asked["workers"].values() if one}
    for other in found - {version("corridors")}:
        what = f"corridors {other}" if other else "no corridors"
        raise ClusterError(
            f"a worker of the cluster at {cluster} has {what}; install {version('corridors')} there, as it is here"
        )


@contextmanager
def _local(workers: int) -> Iterator[LocalCluster]:
    """Start processes; none of them listens to what a terminal sends to all (Ctrl-C, its end), which is for this one.

    They end with this one, even if it is killed.
    """
    settings = {  # a cluster that is watched by nobody need not watch itself: that costs some per cent
        "distributed.worker.profile.enabled": False,
        "distributed.admin.system-monitor.gil.enabled": False,
        "distributed.admin.system-monitor.interval": "5s",
        "distributed.admin.tick.interval": "500ms",
        "distributed.scheduler.active-memory-manager.start": False,
        "distributed.nanny.pre-spawn-environ": dict.fromkeys(
            ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1
        ),
    }
    with TemporaryFolder() as place, dask.config.set(settings):
        with _deaf():
            try:
                cluster = LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, memory_limit=0,
                    silence_logs=logging.CRITICAL, dashboard_address="127.0.0.1:0",  # any port: 8787 may be taken
                    local_directory=str(place),
                    scheduler_kwargs={"dashboard": False},
                )  # fmt: skip
            except (OSError, RuntimeError) as error:
                raise ClusterError(
                    f"the processes cannot be started ({_cause(error)}); a script that starts several has its code "
                    'under if __name__ == "__main__"'
                ) from error
        with cluster:
            yield cluster


@contextmanager
def _deaf() -> Iterator[None]:
    """Keep Ctrl-C and a terminal's end waiting; what is started meanwhile, and what that starts, never hears of it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # started later, it would open the ears of the thread that starts it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


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
