"""A public code beside ours: somebody else's program, a process of its own for each run, on one thread.

It is called as ``COMMAND INSTANCE --threads 1 [--formulation tree]`` and prints a table of one row, with columns
``objective``, ``lower_bound`` and ``optimal``, as the command line of mcfcg does. Standard library only, as `cases`
says why.
"""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import process
from benchmarks.cases import PEERS, THREADS, Case

_OPTIONS = dict(zip(PEERS, ((), ("--formulation", "tree")), strict=True))
_ONE_THREAD = dict.fromkeys(THREADS, "1")  # of its linear algebra as well


def measure(command: Sequence[str], case: Case, method: str, limit: float) -> dict[str, Any]:
    """Run it once on a published instance; gives what `benchmarks.measure` says of ours, or why there is nothing.

    The clocks are those of the whole process. Its answer is taken as it prints it, and compared with the published
    optimum, but not certified. Nothing that it says of itself is kept, lest it name a folder of this machine.
    """
    words = [*command, str(case.file), "--threads", "1", *_OPTIONS[method]]
    try:
        ended = process.run(words, limit, os.environ | _ONE_THREAD)
    except subprocess.TimeoutExpired:
        return {"status": f"stopped after {limit:.0f} s"}
    except subprocess.CalledProcessError as error:
        return {"status": f"failed: exit code {error.returncode}"}
    except OSError as error:
        return {"status": f"failed: {error.strerror}"}
    said = _said(ended.output)
    if said.get("optimal") == "0":
        return {"status": "failed: it says that it found no optimum"}
    found = _size(case.file) | {"base_mib": None, "peak_mib": ended.peak, "steps": {"total": (ended.wall, ended.cpu)}}
    return found | _answer(_number(said, "objective"), _number(said, "lower_bound"), case.optimum)


def _said(output: str) -> dict[str, str]:
    """Return the last row of the table that it printed."""
    lines = output.strip().splitlines()
    first = next((number for number, line in enumerate(lines) if "objective" in line.split(",")), len(lines))
    return {key: text for row in csv.DictReader(lines[first:]) for key, text in row.items() if key and text}


def _number(said: dict[str, str], key: str) -> float | None:
    try:
        return float(said[key])
    except (KeyError, ValueError):
        return None


def _size(file: Path) -> dict[str, int]:
    """Return the numbers of arcs and demands, which an instance begins with after that of nodes."""
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        words = "".join(stream.readline() for _ in range(3)).split()
    return {"size": int(words[1]), "demands": int(words[2])}


def _answer(objective: float | None, bound: float | None, optimum: float | None) -> dict[str, Any]:
    """Return its answer as far as it is known, its own gap, and by how much it is off."""
    gap = error = None
    if objective is not None:
        gap = None if bound is None else (objective - bound) / max(1.0, abs(objective))
        error = None if optimum is None else (objective - optimum) / max(1.0, abs(optimum))
    return {"objective": objective, "gap": gap, "optimum": optimum, "error": error, "status": "ok"}
