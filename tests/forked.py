"""Run a command in a process forked from one that has imported what commands import, and stop it at a moment if told.

A process of its own as ever, but without the second or two that starting Python and importing libraries takes.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        *("corridors.cli", "pandas", "scipy.sparse.csgraph", "highspy", "networkx", "corridors.planning"),
        *(f"corridors.cli.{command}" for command in ("export", "report", "run", "stress", "uncertainty")),
        *("corridors.export.layers", "corridors.planning.plan_folder", "corridors.stress", "corridors.uncertainty"),
        *("corridors.report.page", "altair", "jinja2", "narwhals", "scipy.stats"),
    ]
)
_TOOL = 4  # of sys.monitoring: no debugger, coverage, profiler or optimiser


@dataclass
class Calls:
    """Function calls of a run; at the last of `last` it sends itself a signal.

    Calls, not seconds: they are nearly the same each time, whatever else the machine does.
    """

    report: str  # a file for what was counted: all calls, and those before the first file that is written
    written: str  # a pattern of what such a file is called
    sign: int = 0
    last: int = 0  # 0 is never
    after: bool = False  # counted from the first file that is written
    taken: int = 0
    opened: int = 0

    def begin(self) -> None:
        """Count from here on, and hear the signal, which jobs in the background and under nohup do not."""
        if self.last and self.sign != signal.SIGKILL:
            signal.signal(self.sign, signal.default_int_handler if self.sign == signal.SIGINT else signal.SIG_DFL)
        sys.addaudithook(self._watch)
        sys.monitoring.use_tool_id(_TOOL, "calls")
        sys.monitoring.register_callback(_TOOL, sys.monitoring.events.PY_START, self._call)
        self._count(on=not self.after)

    def end(self) -> None:
        """Count no more, and report."""
        self._count(on=False)
        Path(self.report).write_text(f"{self.taken} {self.opened}", encoding="utf-8")

    def _count(self, *, on: bool) -> None:
        sys.monitoring.set_events(_TOOL, sys.monitoring.events.PY_START if on else 0)

    def _watch(self, event: str, given: tuple[object, ...]) -> None:
        if event in ("open", "os.mkdir") and not self.opened and re.fullmatch(self.written, _name(given[0])):
            self.opened = self.taken + 1
            if self.after:
                self._count(on=True)

    def _call(self, *_: object) -> None:
        self.taken += 1
        if self.taken == self.last:
            self._count(on=False)
            os.kill(os.getpid(), self.sign)


def _name(path: object) -> str:
    return os.path.basename(str(path))


def ended(
    words: list[str], folder: Path, temporary: Path, calls: Calls | None = None, seconds: float = 600
) -> tuple[int, int | None, str]:
    """Run a command in a folder; return its process, its exit code and what it said on standard error."""
    said = temporary.parent / "said"
    process = _CONTEXT.Process(target=_end, args=(words, folder, temporary, said, calls))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
    return process.pid or 0, process.exitcode, said.read_text(encoding="utf-8") if said.is_file() else ""


def _end(words: list[str], folder: Path, temporary: Path, said: Path, calls: Calls | None) -> None:
    os.setsid()
    os.environ["TMPDIR"], tempfile.tempdir = str(temporary), None
    os.chdir(folder)
    for stream, path in ((sys.stdout, os.devnull), (sys.stderr, str(said))):
        to = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(to, stream.fileno())
        os.close(to)
    try:
        command(words, calls)
    except Exception:  # noqa: BLE001 - a fault of the program, told as Python would
        traceback.print_exc()
        sys.exit(1)


def command(words: list[str], calls: Calls | None) -> None:
    """Run a command in this process, and stop it at the moment that is told."""
    from corridors.cli import main

    if calls is None:
        main(words, prog_name="corridors")
        return
    try:
        calls.begin()
        main(words, prog_name="corridors")
    finally:
        calls.end()
