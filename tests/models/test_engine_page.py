"""The page that solves five nodes by hand says what the code says, and names functions that are there."""

from __future__ import annotations

import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"
BLOCK = re.compile(r"^```\{(written|python)\} ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what the programs of the page print, one after the other."""
    folder, said = tmp_path_factory.mktemp("page"), []
    for kind, name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        script = folder / (name or "program.py")
        script.write_text(text, encoding="utf-8")
        if kind == "python":
            command = [sys.executable, "-W", "error", script.name]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            said.append(done.stdout)
    return "".join(said)


@pytest.mark.parametrize(
    "line",
    [
        "flow on arcs: [2. 8. 8. 5. 5. 0.]  unserved: [3. 0.]",
        "cost: 59.5  prices: [2.5 0.5]",
        "bound: 42.0",
        "overflow: 8.0\nobjective: 42.0  prices: [36.  0.]",
        "priced cost: [39.  38.   5.5  9.   5.   5. ]",
        "least cost: [5. 5.]  bound: -208.0\nadded to the master: 4",
        "plan inf  bound 42.0",
        "plan 59.5  bound 59.5  prices [2.5 0.5]  ending gap",
        "cost: 59.5  bound: 59.5  holds: True",
    ],
)
def test_the_code_comes_to_what_is_found_by_hand(printed: str, line: str) -> None:
    assert line in printed


def test_the_map_of_phases_names_functions_that_are_there() -> None:
    table = PAGE.read_text(encoding="utf-8").split("## Where each phase stands")[1]
    names = set(re.findall(r"`([a-z]+(?:\.\w+)+)`", table)) - {"corridors.models"}
    assert len(names) > 25
    for name in sorted(names):
        assert pkgutil.resolve_name(f"corridors.models.{name}") is not None
