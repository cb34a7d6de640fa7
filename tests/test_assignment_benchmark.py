"""What the benchmark of traffic assignment prints: seconds, ratios, and whether the answers are proved."""

import subprocess
import sys
from pathlib import Path

from benched import of
from instances import bench

assignment = of("assignment")
ROOT = Path(__file__).parents[1]


def test_a_network_is_measured_and_its_answers_are_proved() -> None:
    bench("tntp")
    cells = assignment.row("SiouxFalls", 2, None, None)
    assert cells[:2] == ["SiouxFalls", "76"]
    assert all(float(cell) > 0 for cell in cells[2:5])
    assert cells[5:9] == ["–"] * 4
    assert float(cells[-2]) <= 1e-10
    assert cells[-1] == "ok"


def test_it_is_a_program_that_prints_a_table() -> None:
    bench("tntp")
    command = [sys.executable, "-m", "benchmarks.assignment", "--rounds", "1", "--networks", "SiouxFalls"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[2].startswith("| SiouxFalls | 76 |")
    assert "loaded in" in done.stderr
