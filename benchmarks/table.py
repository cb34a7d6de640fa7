"""Measurements as rows of results.csv: medians, ratios of what was measured side by side, and growth."""

from __future__ import annotations

import csv
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cases import PEERS

FIELDS = (
    *("series", "case", "size", "demands", "method", "step", "runs", "seconds", "cpu_seconds", "peak_mib", "base_mib"),
    *("objective", "gap", "optimum", "error", "ratio", "cpu_ratio", "status", "note"),
)
STEPS = ("build", "solve", "total")
OURS = "columns"  # what the others are divided by
COMPILED = "compiled loops, by default"  # the note of our rows where the problem is large enough for them

type Row = dict[str, Any]
type Rounds = dict[str, list[dict[str, Any]]]  # of each method what its child said, round by round


def case_rows(series: str, case: str, rounds: Rounds) -> list[Row]:
    """Return the rows of a case: one for each method and step, or one for a method without a time.

    Seconds are medians over the rounds. Ratios are medians over the rounds of a method's total divided by that of
    `columns` in the same round, so that what else the machine did meanwhile weighs on both.
    """
    rows: list[Row] = []
    for method, found in rounds.items():
        head = {"series": series, "case": case, "method": method}
        done = [one for one in found if "steps" in one]
        if not done:
            rows.append(head | {"status": found[-1]["status"] if found else "not run"})
            continue
        wrong = [one["status"] for one in found if one["status"] != "ok"]
        last = done[-1]
        head |= {key: last[key] for key in ("size", "demands", "objective", "gap", "optimum", "error")}
        head |= {"runs": len(done), "status": wrong[0] if wrong else "ok", "note": last.get("note")}
        for key in ("peak_mib", "base_mib"):
            known = [one[key] for one in done if one[key] is not None]
            head[key] = statistics.median(known) if known else None
        for step in STEPS:
            if step not in last["steps"]:
                continue
            wall, cpu = (statistics.median(one["steps"][step][clock] for one in done) for clock in (0, 1))
            row = head | {"step": step, "seconds": wall, "cpu_seconds": cpu}
            if step == "total":
                row |= {
                    "ratio": paired(found, rounds.get(OURS, []), 0),
                    "cpu_ratio": paired(found, rounds.get(OURS, []), 1),
                }
            rows.append(row)
    return rows


def paired(found: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]], clock: int) -> float | None:
    """Return the median, over the rounds that both finished, of the one's total divided by the other's."""
    both = [
        (one["steps"]["total"][clock], other["steps"]["total"][clock])
        for one, other in zip(found, ours, strict=False)
        if "steps" in one and "steps" in other
    ]
    return statistics.median(one / max(other, 1e-9) for one, other in both) if both else None


def growth(points: Iterable[tuple[float, float]]) -> float | None:
    """Fit seconds to a power of size, by least squares of their logarithms; give the exponent.

    ``2 ** exponent`` is the factor by which doubling the size multiplies the time. None for fewer than three sizes.
    """
    known = [(math.log(size), math.log(seconds)) for size, seconds in points if size > 0 and seconds > 0]
    if len({size for size, _ in known}) < 3:
        return None
    return statistics.linear_regression(*zip(*known, strict=True)).slope


def growth_rows(rows: Sequence[Row]) -> list[Row]:
    """Return a row for each series that grows and each method: the factor for doubling, on both clocks.

    What is `columns` with compiled loops by default is `compiled` as well, which is not measured there.
    """
    found: list[Row] = []
    for series in ("tiles", "meshes"):
        for method in dict.fromkeys(row["method"] for row in rows if row["series"] == series):
            mine = [row for row in rows if row["series"] == series and is_total(row) and _is_of(row, method)]
            wall = growth((row["size"], row["seconds"]) for row in mine)
            cpu = growth((row["size"], row["cpu_seconds"]) for row in mine)
            if wall is not None and cpu is not None:
                note = f"exponent {wall:.2f} over {len(mine)} sizes, {mine[0]['size']} to {mine[-1]['size']} arcs"
                row = {"series": "growth", "case": series, "method": method, "step": "doubling", "runs": len(mine)}
                found.append(row | {"ratio": 2**wall, "cpu_ratio": 2**cpu, "status": "ok", "note": note})
    return found


def _is_of(row: Row, method: str) -> bool:
    return row["method"] == method or (method == "compiled" and row["method"] == OURS and row.get("note") == COMPILED)


def is_total(row: Row) -> bool:
    """Return whether a row holds the time of a whole solve whose answer was right."""
    return row.get("step") == "total" and row.get("status") == "ok" and row.get("seconds") is not None


def faults(rows: Iterable[Row]) -> list[Row]:
    """Return the rows where one of our methods failed or was wrong; the public code answers for itself."""
    ours = [row for row in rows if row["method"] not in PEERS]
    return [row for row in ours if str(row.get("status")).startswith(("wrong", "failed"))]


def write(path: Path, rows: Iterable[Row]) -> None:
    """Write the rows to a CSV file, figures with six digits but objectives with all that matter."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({key: _text(key, row.get(key)) for key in FIELDS})


def read(path: Path) -> list[Row]:
    """Read the rows of a CSV file that `write` wrote: figures as numbers, None where there is nothing."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [{key: _value(text) for key, text in row.items()} for row in csv.DictReader(stream)]


def _text(key: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.12g}" if key in ("objective", "optimum") else f"{value:.6g}"
    return str(value)


def _value(text: str) -> Any:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if text.isdigit() else number
