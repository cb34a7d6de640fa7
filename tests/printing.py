"""Every command that prints a table, with what it needs."""

from __future__ import annotations

from pathlib import Path

from commands import run

TABLES = {  # a command, what it needs, and the sheets of its workbook
    "plan": (
        ["plan", "--quiet", "--data", "DATA"],
        [
            *("Cover", "summary", "corridors", "borders", "bottlenecks", "unserved", "modes"),
            *("flows", "handlings", "usage", "routes", "Charts"),
        ],
    ),
    "compare": (["compare", "harbour", "landing", "--data", "DATA"], ["routes", "legs", "unavailable"]),
    "stress": (["stress", "--quiet", "--kind", "link", "--data", "DATA"], ["closures"]),
    "worst": (["stress", "--quiet", "--kind", "link", "--k", "2", "--data", "DATA"], ["closures"]),
    "run": (
        ["run", "closed.toml", "--quiet", "--data", "DATA"],
        ["scenarios", "borders", "corridors", "bottlenecks", "shifts", "unserved"],
    ),
    "diff": (
        ["diff", "base", "closed", "--data", "DATA", "--scenario", "closed.toml"],
        ["totals", "borders", "corridors", "links", "modes", "bottlenecks", "unserved", "shifts"],
    ),
    "verify": (["verify", "base", "--data", "DATA"], ["checks"]),
    "uncertainty": (
        ["uncertainty", "--samples", "2", "--quiet", "--data", "UNSURE"],
        ["intervals", "conclusions", "indices", "groups"],
    ),
    "estimate": (
        ["estimate", "--quiet", "--free", "constants", "--data", "COUNTED"],
        ["fit", "estimates", "residuals", "influence", "correlations"],
    ),
    "solve": (["solve", "small.txt", "--quiet"], ["answers"]),
    "assign": (["assign", "town_net.tntp", "--quiet"], ["assignments"]),
    "scenarios": (["scenarios"], ["scenario_list"]),
    "scenario": (["scenarios", "show", "closed.toml", "--data", "DATA"], ["scenario_changes"]),
    "check": (["data", "check", "DATA"], ["faults"]),
    "show": (["data", "show", "links", "--data", "DATA"], ["links"]),
    "source": (["data", "source", "nodes", "HARBOUR", "--data", "UNSURE"], ["source"]),
    "tables": (["data", "tables"], ["tables"]),
    "columns": (["data", "tables", "links"], ["columns"]),
    "references": (["data", "references", "--data", "DATA"], ["references"]),
}


def plans(place: Path) -> None:
    """Write the plans that some commands read."""
    assert run("run", "closed.toml", "--data", "DATA", "--out", place, "--quiet").exit_code == 0
