"""A command run to its end: what it took, and what it printed. Standard library only, as `cases` says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

PATIENT = 600.0  # seconds
MIB = 1024 * 1024 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in, as parts of a MiB


class Ended(NamedTuple):
    """Wall and CPU seconds of a process and of those that it started, its peak memory, MiB, and what it printed."""

    wall: float
    cpu: float
    peak: float
    output: str


def run(command: Sequence[str], limit: float = PATIENT, environment: Mapping[str, str] | None = None) -> Ended:
    """Run a command to its end.

    Parameters
    ----------
    command
        Its words.
    limit
        Seconds after which it is stopped, with all that it started.
    environment
        Instead of this process's own.

    Raises
    ------
    OSError
        If it cannot be started.
    subprocess.TimeoutExpired
        If it was stopped.
    subprocess.CalledProcessError
        If it fails.
    """
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        os.killpg(child.pid, signal.SIGKILL)  # it is the first of its own group

    start = time.perf_counter()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    timer = threading.Timer(limit, stop)
    timer.start()
    try:
        with child.stdout as stream:
            output = stream.read()
        _, status, used = os.wait4(child.pid, 0)
    except KeyboardInterrupt:
        stop()
        raise
    finally:
        timer.cancel()
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if stopped.is_set():
        raise subprocess.TimeoutExpired(list(command), limit)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command))
    return Ended(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / MIB, output.decode(errors="replace"))
