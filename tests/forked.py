"""Run a command to its end in a process forked from one that has imported what commands import.

A process of its own as ever, but without the second that starting Python and importing libraries takes.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import traceback
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["corridors.cli", "pandas", "scipy.sparse.csgraph", "highspy", "corridors.planning"])


def ended(words: list[str], folder: Path, temporary: Path) -> tuple[int | None, str]:
    """Run a command in a folder; return its exit code and what it said on standard error."""
    said = temporary.parent / "said"
    process = _CONTEXT.Process(target=_end, args=(words, folder, temporary, said))
    process.start()
    process.join()
    return process.exitcode, said.read_text(encoding="utf-8") if said.is_file() else ""


def _end(words: list[str], folder: Path, temporary: Path, said: Path) -> None:
    os.environ["TMPDIR"], tempfile.tempdir = str(temporary), None
    os.chdir(folder)
    for stream, path in ((sys.stdout, os.devnull), (sys.stderr, str(said))):
        to = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(to, stream.fileno())
        os.close(to)
    from corridors.cli import main

    try:
        main(words)
    except Exception:  # noqa: BLE001 - a fault of the program, told as Python would
        traceback.print_exc()
        sys.exit(1)
