"""The runner: ``python -m benchmarks.run [--quick] [--out DIR] [--peer COMMAND]``, or ``make bench``.

Every measurement is a process of its own; methods take turns, round after round. Standard library only, as `cases`
says why: what draws and writes is imported when all is measured.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import peer, startup, table
from benchmarks.cases import (
    FULL_RUN,
    LEFT_OUT,
    METHODS,
    PEERS,
    QUICK,
    QUICK_RUN,
    ROOT,
    THREADS,
    Case,
    Effort,
    all_cases,
)

PACKAGES = ("corridors", "highspy", "networkx", "numba", "numpy", "pandas", "PuLP", "scipy")
COUNTS, PATHS = 300, 10_000  # of the observation operator
OVER = "skipped: the run's time is over"


@dataclass
class Run:
    """A run under way: how much it may take, what can be measured, the public code, when it began, and what was."""

    effort: Effort
    methods: tuple[str, ...]
    peer: list[str] = field(default_factory=list)
    start: float = field(default_factory=time.monotonic)
    rows: list[table.Row] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds until the run must end."""
        return self.effort.minutes * 60 - (time.monotonic() - self.start)

    def child(self, module: str, *words: str, **environment: str) -> Any:
        """Run a module to its end and give what it prints, or the status of what did not come to an end."""
        limit = min(self.effort.limit, self.left)
        if limit <= 0:
            return {"status": OVER}
        command, where = [sys.executable, "-m", f"benchmarks.{module}", *words], os.environ | environment
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=where, capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired:
            return {"status": f"stopped after {limit:.0f} s"}
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            return {"status": f"failed: {last.replace(str(ROOT), '.')}"}
        return json.loads(done.stdout.splitlines()[-1])

    def once(self, case: Case, method: str) -> dict[str, Any]:
        """Measure a method on a case once."""
        if method not in PEERS:
            found: dict[str, Any] = self.child("measure", case.name, method)
            return found
        limit = min(self.effort.limit, self.left)
        return peer.measure(self.peer, case, method, limit) if limit > 0 else {"status": OVER}

    def loading(self) -> None:
        """Measure what loading the compiled loops takes: the first time on a machine, and after that."""
        with tempfile.TemporaryDirectory() as folder:
            found = [self.child("loading", NUMBA_CACHE_DIR=folder) for _ in range(1 + self.effort.rounds)]
        for step, some in (("first", found[:1]), ("again", found[1:])):
            row = {"series": "loading", "case": "numba", "method": "compiled", "step": step}
            faults = [one["status"] for one in some if "status" in one]
            if not faults:
                wall, cpu = (statistics.median(one[clock] for one in some) for clock in ("wall", "cpu"))
                row |= {"runs": len(some), "seconds": wall, "cpu_seconds": cpu}
            self.rows.append(row | {"status": faults[0] if faults else "ok"})

    def case(self, case: Case) -> None:
        """Measure every method on a case, in turns; a method that takes long, or fails, has fewer of them."""
        if case.file is not None and not case.file.is_file():
            _say(f"{case.name} is skipped: {case.family}/{case.file.name} is not among the instances here")
            return
        methods = self.methods + (PEERS if self.peer and case.for_peers else ())
        rounds: table.Rounds = {method: [] for method in methods if (method, case.name) not in LEFT_OUT}
        spent = dict.fromkeys(rounds, 0.0)
        for _ in range(self.effort.rounds):
            for method, found in rounds.items():
                if spent[method] >= self.effort.patience or (found and "steps" not in found[-1]):
                    continue
                began = time.monotonic()
                found.append(self.once(case, method))
                spent[method] += time.monotonic() - began
        rows = table.case_rows(case.series, case.name, rounds)
        for method in self.methods:
            if (method, case.name) in LEFT_OUT:
                status = f"left out: {LEFT_OUT[method, case.name]}"
                rows.append({"series": case.series, "case": case.name, "method": method, "status": status})
        self.rows += rows
        _say("  ".join([f"{case.name:13}", *(_brief(row) for row in rows if row.get("step") in (None, "total"))]))


def main() -> int:
    """Measure everything, then write the results, the report and the plot."""
    asked = _arguments()
    methods = METHODS
    if importlib.util.find_spec("numba") is None:
        _say("compiled is skipped: numba is not installed; pip install '.[bench]'")
        methods = tuple(method for method in METHODS if method != "compiled")
    run = Run(QUICK_RUN if asked.quick else FULL_RUN, methods, asked.peer)
    run.rows += startup.measure(run.effort.starts)
    if "compiled" in methods:
        run.loading()
    for series, module, words in (
        ("posing", "posing", (run.effort.rounds, run.effort.copies)),
        ("counting", "counting", (run.effort.rounds, COUNTS, PATHS)),
        ("closures", "hot", (run.effort.closures, run.effort.cold)),
        ("choice", "choice", (run.effort.rounds,)),
    ):
        found = run.child(module, *map(str, words))
        head = {"series": series, "case": "embedded", "method": "columns"}
        run.rows += found if isinstance(found, list) else [head | found]
    for row in run.rows:
        _say(f"{row['case']}: {row['method']}, {row.get('step', '')}: {_brief(row)}")
    for case in all_cases():
        if not asked.quick or case.name in QUICK:
            run.case(case)
    run.rows += table.growth_rows(run.rows)
    _write(run, asked.out, {"quick": asked.quick, "peer": asked.peer_note})
    return 1 if table.faults(run.rows) else 0


def _arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few cases, few rounds: at most four minutes")
    parser.add_argument("--out", type=Path, help="a folder for everything, instead of benchmarks/ and docs/")
    public = "the command line of mcfcg, a public code: measured as well, on the planar and grid instances"
    parser.add_argument("--peer", type=shlex.split, default=[], metavar="COMMAND", help=public)
    parser.add_argument("--peer-note", metavar="TEXT", help="what the page says of this build of it, a sentence")
    return parser.parse_args()


def _write(run: Run, out: Path | None, about: dict[str, Any]) -> None:
    results, docs = (out, out) if out else (ROOT / "benchmarks", ROOT / "docs")
    for folder in (results, docs):
        folder.mkdir(parents=True, exist_ok=True)
    table.write(results / "results.csv", run.rows)
    about = machine() | about | {"minutes": round((time.monotonic() - run.start) / 60, 1)}
    (results / "machine.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    from benchmarks import beside, report

    rows = table.read(results / "results.csv")
    (docs / "benchmarks.md").write_text(report.markdown(rows, about, beside.known()), encoding="utf-8")
    if importlib.util.find_spec("altair") is None:
        _say("no plot: altair is not installed; pip install '.[bench]'")
    else:
        from benchmarks import plot

        plot.draw(rows, docs / "benchmarks.svg")
    _say(f"written to {results} and {docs}, after {about['minutes']} minutes")


def machine() -> dict[str, Any]:
    """Say what the measurements were made on and with; nothing that identifies the machine."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "threads": {name: os.environ[name] for name in THREADS if name in os.environ},
        "packages": {name: _version(name) for name in PACKAGES},
        "commit": commit.stdout.strip() + ("+" if changed.stdout.strip() else "") if not commit.returncode else None,
    }


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def _brief(row: table.Row) -> str:
    """Say a row in a few words."""
    words = [] if row["series"] in ("closures", "startup", "posing", "counting", "choice") else [str(row["method"])]
    if row.get("seconds") is None:
        return " ".join([*words, str(row["status"])])
    words.append(f"{row['seconds']:.3g} s")
    if row.get("ratio") is not None:
        words.append(f"({row['ratio']:.3g} x)")
    return " ".join(words if row["status"] == "ok" else [*words, str(row["status"]).upper()])


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
