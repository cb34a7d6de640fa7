"""Whole processes: what a command takes from its start to its end, beside importing what it cannot do without."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import process
from benchmarks.table import Row


def pairs(folder: str) -> list[tuple[str, list[str], str, list[str]]]:
    """Return what is compared: a name and a command, and those of its yardstick."""
    corridors = str(Path(sys.executable).with_name("corridors"))
    imports = "import pandas, scipy.sparse, highspy"
    page = [corridors, "report", f"{folder}/plan", "-o", f"{folder}/report.html", "--quiet", "--force"]
    plan = [corridors, "plan", "--quiet", "--out", f"{folder}/plan", "--force"]
    return [
        ("corridors --help", [corridors, "--help"], "import pandas", [sys.executable, "-c", "import pandas"]),
        ("corridors plan", plan, imports, [sys.executable, "-c", imports]),
        ("corridors report", page, "corridors plan", plan),
    ]


def measure(starts: int) -> list[Row]:
    """Start each command and its yardstick in turn, so many times, after once unmeasured."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, command, yardstick, beside in pairs(folder):
            head: Row = {"series": "startup", "case": name, "step": "process"}
            try:
                process.run(command), process.run(beside)
                runs = [(process.run(command), process.run(beside)) for _ in range(starts)]
            except subprocess.CalledProcessError as error:
                rows.append(head | {"method": name, "status": f"failed: exit code {error.returncode}"})
                continue
            head |= {"runs": starts, "status": "ok"}
            for method, which in ((name, 0), (yardstick, 1)):
                wall, cpu, peak = (statistics.median(run[which][i] for run in runs) for i in range(3))
                rows.append(head | {"method": method, "seconds": wall, "cpu_seconds": cpu, "peak_mib": peak})
            ratio, cpu_ratio = (statistics.median(ours[i] / theirs[i] for ours, theirs in runs) for i in (0, 1))
            rows[-2] |= {"ratio": ratio, "cpu_ratio": cpu_ratio, "note": "ratio to the yardstick, run by run"}
    return rows
