"""How each command that solves ends where the engine stalls, and where Ctrl-C stops it: the one is never the other."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from interrupting import INTERRUPTED
from small import small_dataset

import corridors as co
from corridors.cli import main
from corridors.models.columns.generation import ColumnGeneration

STALLED = """
    from dataclasses import replace

    from corridors.cli import main
    from corridors.models.columns import tolerances

    # No path is better, as rounding might have it.
    tolerances.TOLERANCES = replace(tolerances.TOLERANCES, improvement=1.0)
    main()
"""

STALLING = [["run", "dostyk-closed"], ["stress"], ["stress", "--k", "2"], ["uncertainty"]]


def ended(code: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, in which the engine works otherwise."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        timeout=240,
    )


def test_a_plan_that_stalled_is_a_plan_with_its_gap() -> None:
    done = ended(STALLED, "plan", "--quiet", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert '"termination": "stalled"' in done.stdout
    assert "interrupted" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("command", STALLING, ids=str)
def test_a_command_whose_engine_stalls_is_not_interrupted(command: list[str]) -> None:
    done = ended(STALLED, *command)
    assert done.returncode in (0, 2), done.stderr
    assert "interrupted" not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interrupted_verification_gives_no_verdict(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    with pytest.raises(SystemExit, match="0"):
        main(["plan", "--quiet", "--out", str(folder)])
    done = ended(INTERRUPTED, "verify", str(folder))
    assert done.returncode == 130, done.stderr
    assert "FAILS" not in done.stdout
    assert "not proven" not in done.stderr


def test_after_an_interrupted_scenario_no_other_is_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    iterate = ColumnGeneration.iterate

    def pressed(self: ColumnGeneration, gap: float) -> object:
        iterate(self, gap)
        raise KeyboardInterrupt

    data = co.load(small_dataset(tmp_path / "small"))
    scenario = tmp_path / "dearer.toml"
    scenario.write_text('title = "Dearer"\ncarbon_price = 50.0\n', encoding="utf-8")
    assert len(co.run(data, [scenario]).cases) > 1
    monkeypatch.setattr(ColumnGeneration, "iterate", pressed)
    made = co.run(data, [scenario])
    assert len(made.cases) == 1
    assert made.cases[0].plan is not None
    assert made.cases[0].plan.summary["termination"] == "interrupted"
