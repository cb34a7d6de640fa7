"""The scripts beside the embedded data, as modules and as programs."""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

DATA = Path(__file__).parents[1] / "corridors" / "data"


def loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return a script as a module."""
    monkeypatch.syspath_prepend(DATA)  # where a script finds what it shares with another
    spec = importlib.util.spec_from_file_location(f"{name}_script", DATA / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a script as a program."""
    line = [sys.executable, str(DATA / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table as they are written."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
