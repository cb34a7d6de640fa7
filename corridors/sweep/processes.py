"""The tasks of a sweep in processes of this machine, each with a pipe of its own to this one.

A process that dies is replaced, and what it had is solved again. A process whose pipe ends, because this one died,
ends itself.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import connection, resource_tracker
from typing import Any

from corridors.errors import ClusterError
from corridors.sweep import tasks
from corridors.sweep.tasks import Assignment, Done, Line, Work

_TRIES = 3  # of a task during which a process died
_PATIENCE = 5.0  # seconds for a process to end when it is told to
_ENDS = ("SIGINT", "SIGHUP", "SIGTERM")  # what ends this process; the last alone ends the others
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def solve(assignment: Assignment, workers: int) -> Generator[list[Line], None, None]:
    """Solve tasks in so many other processes and yield their rows, some at a time, as they come.

    Raises
    ------
    ClusterError
        If the processes cannot be started.
    """
    pool = _Pool(assignment)
    try:
        yield from pool.lines(min(workers, assignment.left))
    except tasks.Unprepared as fault:
        raise fault.error from None
    finally:
        pool.close()


class _Worker:
    """A process and the batch that it solves."""

    def __init__(self, work: Work) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, work), daemon=True)
        self.batch: list[int] = []
        self.ready = False  # it has said that it lives
        try:
            with _deaf(), _environment(_ONE_THREAD):
                self.process.start()
        except (OSError, RuntimeError) as error:
            raise _unstarted(str(error)) from error
        finally:
            theirs.close()  # so that the pipe ends with the process

    def end(self) -> None:
        """End the process, whatever it does."""
        self.pipe.close()
        self.process.terminate()
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


class _Pool:
    """Processes that each have one batch at a time."""

    def __init__(self, assignment: Assignment) -> None:
        self.work = assignment.work(pickle.dumps)
        self.given, self.numbers, self.left = assignment.tasks, assignment.numbers, assignment.left
        self.workers: dict[connection.Connection[Any, Any], _Worker] = {}
        self.seconds = math.inf  # a task
        self.suspects: deque[int] = deque()  # during which a process died, to be solved with nothing else on its way
        self.tries: dict[int, int] = {}

    def lines(self, count: int) -> Generator[list[Line], None, None]:
        """Hand out batches and yield their rows; at the end, one by one, the tasks during which a process died."""
        for _ in range(count):
            self._start()
        while any(worker.batch or not worker.ready for worker in self.workers.values()):
            for pipe in connection.wait(list(self.workers)):
                yield from self._heard(self.workers[pipe])  # type: ignore[index] # these are all that is waited for

    def close(self) -> None:
        """End all processes."""
        for worker in self.workers.values():
            worker.end()
        self.workers.clear()

    def _start(self) -> None:
        worker = _Worker(self.work)
        self.workers[worker.pipe] = worker

    def _heard(self, worker: _Worker) -> Iterator[list[Line]]:
        """Take what a process says, or that it died, and give it its next batch."""
        try:
            with _undisturbed(*_ENDS):
                done: Done | None = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._died(worker)
            return
        worker.ready = True
        if done is not None:
            if done.error is not None:
                raise tasks.Unprepared(done.error)
            self.seconds = tasks.pace(self.seconds, done)
            worker.batch = []
            yield done.lines
        self._send(worker)
        if not any(one.batch for one in self.workers.values()) and self.suspects:
            self._give(worker, [self.suspects.popleft()])

    def _died(self, worker: _Worker) -> Iterator[list[Line]]:
        """Keep what a dead process had for later, or give it up after some tries, and start another process."""
        del self.workers[worker.pipe]
        worker.end()
        if not worker.ready:
            raise _unstarted("one ended at once")
        if len(worker.batch) == 1 and self.tries.setdefault(worker.batch[0], 0) >= _TRIES - 1:
            number = worker.batch[0]
            yield [tasks.failure(number, self.given[number], "the process that solved it died each time it was tried")]
        else:
            self.suspects.extend(worker.batch)
            for number in worker.batch:
                self.tries[number] = self.tries.get(number, 0) + (len(worker.batch) == 1)
        self._start()

    def _send(self, worker: _Worker) -> None:
        batch = list(islice(self.numbers, tasks.batch_size(self.left, len(self.workers), self.seconds)))
        self.left -= len(batch)
        if batch:
            self._give(worker, batch)

    def _give(self, worker: _Worker, batch: list[int]) -> None:
        worker.batch = batch
        with suppress(OSError), _undisturbed(*_ENDS):  # it has just died: then its pipe says so, too
            worker.pipe.send([(number, self.given[number]) for number in batch])


def _serve(pipe: connection.Connection[Any, Any], work: Work) -> None:
    """Solve batches until there are no more; the work of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all, and it is for the one that started this
    os.dup2(2, 1)  # standard output is for the answer
    with suppress(EOFError, OSError):  # the other end is gone
        pipe.send(None)
        while True:
            pipe.send(tasks.solve_batch(work, pipe.recv()))


def _unstarted(why: str) -> ClusterError:
    return ClusterError(
        f"the processes cannot be started ({why}); a script that starts several has its code under "
        'if __name__ == "__main__"'
    )


@contextmanager
def _environment(names: Mapping[str, str]) -> Iterator[None]:
    """Set variables for processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _deaf() -> Iterator[None]:
    """Keep Ctrl-C and a terminal's end waiting; processes that are started meanwhile never hear of it."""
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # started later, it would open the ears of the thread that starts it
    with _undisturbed(*_ENDS[:2]):
        yield


@contextmanager
def _undisturbed(*names: str) -> Iterator[None]:
    """Keep signals waiting: what a pipe reads or writes has buffers that cannot be closed where an error tears it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {getattr(signal, name) for name in names})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
