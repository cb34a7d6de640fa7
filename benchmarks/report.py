"""docs/benchmarks.md: the results as tables for people, and how to read them."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.table import OURS, Row, is_total

PEERS = Path(__file__).with_name("peers.csv")
SCALED_BY, REFERENCE = "planar100", "arcs beside the peer"
COMPARED = ("planar80", "planar100", "planar300", "grid6", "grid7", "grid8")
YARDSTICKS = ("arcs", "arrays")

INTRODUCTION = """\
# How fast it is

Written by `make bench`; the figures are in [results.csv](../benchmarks/results.csv), what they were measured on in
[machine.json](../benchmarks/machine.json). Do not edit.

![Time by instance and method, and how it grows](benchmarks.svg)

## How to read this

* **columns** is the product's column generation, from a posed problem to flows on paths. **arcs** is the reference:
  the arc formulation stated in PuLP and solved by HiGHS. **arrays** is the same linear program, row for row, handed to
  HiGHS as arrays: what is left of `arcs` when stating it costs nothing. Build and solve are counted of both, reading
  the flows back is not.
* Seconds are CPU seconds unless a heading says otherwise, because other work slows the wall clock; both are in
  results.csv. Each is the median of several runs, every run in a process of its own, the methods in turn. Imports,
  reading the instance and a tiny problem to warm up are not counted.
* **x** is how many times as long as `columns` a method took: the median over rounds of the ratio within a round. Only
  ratios mean anything elsewhere, and below 10 ms not much.
* Peak memory is that of the whole process; about 80 MiB of it are Python and its packages.
* Every answer is certified to 1e-6 and compared with the published optimum where there is one. One that fails says so.
"""

GROWTH = """
## Growth

Seconds are fitted to a power of the number of arcs by least squares of their logarithms, over every size that a method
was measured on; *doubling* is the factor by which twice the size multiplies the time. `meshes` are planar grids with
a diagonal in each cell and half as many demands as arcs, between random nodes; about a tenth of their capacities bind.
`tiles` is the embedded network 1, 4, 16 and 64 times over as one problem: neighbours are joined by arcs at their
busiest nodes and by demands, and the scarcest resources are shared by all. Small sizes, where fixed costs weigh,
flatter the fit: look at the times as well.
"""


def markdown(rows: Sequence[Row], about: dict[str, Any], peer_rows: Sequence[dict[str, str]]) -> str:
    """Give the whole page."""
    quick = "\nThis was a quick run: few cases, few rounds.\n" if about.get("quick") else ""
    parts = [INTRODUCTION + quick, _published(rows), _peers(rows, peer_rows), GROWTH, _growth(rows), _closures(rows)]
    return "\n".join([*parts, _startup(rows), _machine(about)])


def peers() -> list[dict[str, str]]:
    """Read the public code's times."""
    with PEERS.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Give a Markdown table, the first column to the left and figures to the right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, marks, *lines]) + "\n"


def figure(value: float | None, digits: int = 3) -> str:
    """Give a number with so many significant digits, never in powers of ten; a dash for none."""
    if value is None:
        return "–"
    text = f"{value:#.{digits}g}"
    return f"{value:,.0f}" if "e+" in text or abs(value) >= 10**digits else text.rstrip(".")


def _totals(rows: Sequence[Row], series: str) -> dict[str, dict[str, Row]]:
    """Give for each case the row of each method: that of its total, or the one that says why there is none."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["series"] == series and row.get("step") in (None, "total"):
            found.setdefault(row["case"], {})[row["method"]] = row
    return found


def _comparison(rows: Sequence[Row], series: str) -> str:
    """Give a series as a table: seconds of each method, with the ratio to `columns`, and peak memory."""
    head = ["instance", "arcs", "demands", OURS, *(f"{m} (build + solve)" for m in YARDSTICKS), "peak MiB", "answers"]
    steps = {(row["case"], row["method"], row["step"]): row["cpu_seconds"] for row in rows if row.get("cpu_seconds")}
    lines, notes = [], []
    for case, methods in _totals(rows, series).items():
        some = next((row for row in methods.values() if row.get("size")), None)
        line = [case, f"{some['size']:,}" if some else "–", f"{some['demands']:,}" if some else "–"]
        line.append(figure(methods.get(OURS, {}).get("cpu_seconds")))
        for method in YARDSTICKS:
            text = figure(methods.get(method, {}).get("cpu_seconds"))
            if (case, method, "build") in steps:
                build, solve = (figure(steps.get((case, method, step)), 2) for step in ("build", "solve"))
                text += f" ({build} + {solve})"
            if methods.get(method, {}).get("cpu_ratio") is not None:
                text += f", {figure(methods[method]['cpu_ratio'])} x"
            line.append(text)
        peaks = [methods.get(method, {}).get("peak_mib") for method in (OURS, *YARDSTICKS)]
        faults = {m: row["status"] for m, row in methods.items() if row["status"] != "ok"}
        bad = [f"{s.partition(':')[0]}: {m}" for m, s in faults.items() if s.startswith(("wrong", "failed"))]
        notes += [f"{case}, {method}: {status}." for method, status in faults.items()]
        line += [" / ".join(figure(peak) for peak in peaks), f"**{', '.join(bad)}**" if bad else "right"]
        lines.append(line)
    if not lines:
        return "None was measured.\n"
    return table(head, lines) + "".join(f"\n* {note}" for note in notes) + ("\n" if notes else "")


def _published(rows: Sequence[Row]) -> str:
    order = f"Peak memory is that of {OURS} / {' / '.join(YARDSTICKS)}."
    return f"## Published instances\n\n{order}\n\n{_comparison(rows, 'published')}"


def peer_ratios(
    rows: Sequence[Row], peer_rows: Sequence[dict[str, str]]
) -> tuple[float, dict[str, tuple[Any, ...]]] | None:
    """Scale the public code's times to this machine and run.

    Returns
    -------
    tuple or None
        The factor: our `arcs` on planar100, CPU seconds, by that in the peer's run. And for each instance the peer's
        scaled seconds, path and tree, ours, and ours by the faster of the peer's (None where either is missing).
        None where `arcs` was not measured on planar100.
    """
    total = {(row["case"], row["method"]): row["cpu_seconds"] for row in rows if is_total(row)}
    reference = next(float(row["cpu_seconds"]) for row in peer_rows if row["code"] == REFERENCE)
    if (SCALED_BY, "arcs") not in total:
        return None
    factor = total[SCALED_BY, "arcs"] / reference
    found: dict[str, tuple[Any, ...]] = {}
    for case in dict.fromkeys(row["instance"] for row in peer_rows):
        theirs = {row["code"]: factor * float(row["cpu_seconds"]) for row in peer_rows if row["instance"] == case}
        path, tree = theirs["mcfcg path"], theirs["mcfcg tree"]
        ours = total.get((case, OURS))
        found[case] = (path, tree, ours, None if ours is None else ours / min(path, tree))
    return factor, found


def _peers(rows: Sequence[Row], peer_rows: Sequence[dict[str, str]]) -> str:
    text = "\n## Beside a public code\n\n"
    scaled = peer_ratios(rows, peer_rows)
    if scaled is None:
        return text + f"`arcs` was not measured on {SCALED_BY}, so there is nothing to scale its times by.\n"
    factor, found = scaled
    text += (
        "CPU seconds of [mcfcg](https://github.com/spoorendonk/mcfcg), C++ with HiGHS, which stops at a gap of 1e-4\n"
        f"where `{OURS}` proves 1e-6. They were measured elsewhere ([peers.csv](../benchmarks/peers.csv)) and are\n"
        f"scaled by {factor:.2f}: `arcs` on {SCALED_BY} in this run, by `arcs` on it beside the peer.\n\n"
    )
    head = ["instance", "mcfcg path, scaled", "mcfcg tree, scaled", OURS, f"{OURS} / the faster"]
    text += table(head, [[case, *(figure(value) for value in values)] for case, values in found.items()])
    ratios = [found[case][3] for case in COMPARED if found[case][3] is not None]
    if ratios:
        which = ", ".join(case for case in COMPARED if found[case][3] is not None)
        mean, worst = statistics.geometric_mean(ratios), max(ratios)
        text += f"\nGeometric mean over {which}: **{mean:.2f}**; the worst: {worst:.2f}.\n"
    return text


def _growth(rows: Sequence[Row]) -> str:
    fits = [row for row in rows if row["series"] == "growth"]
    lines = [[row["case"], row["method"], figure(row["ratio"]), figure(row["cpu_ratio"]), row["note"]] for row in fits]
    text = (
        table(["series", "method", "doubling, wall", "doubling, CPU", "fit"], lines) if lines else "None was fitted.\n"
    )
    return "\n".join([text, "### Meshes\n", _comparison(rows, "meshes"), "### Tiles\n", _comparison(rows, "tiles")])


def _closures(rows: Sequence[Row]) -> str:
    mine = [row for row in rows if row["series"] == "closures"]
    text = "## Closures\n\nThe embedded network, planned again from its plan with one link after another closed.\n\n"
    if not mine or mine[0].get("seconds") is None:
        return text + (f"Not measured: {mine[0]['status']}.\n" if mine else "Not measured.\n")
    head = ["what", "runs", "wall seconds", "CPU seconds", "ratio, wall", "ratio, CPU", "note"]
    numbers = ("seconds", "cpu_seconds", "ratio", "cpu_ratio")
    text += table(head, [[r["step"], str(r["runs"]), *(figure(r[n]) for n in numbers), r["note"] or ""] for r in mine])
    fault = mine[0]["status"]
    return text + ("\nEvery answer is certified.\n" if fault == "ok" else f"\n**Wrong answers: {fault}**\n")


def _startup(rows: Sequence[Row]) -> str:
    mine = [row for row in rows if row["series"] == "startup"]
    head = ["process", "runs", "wall seconds", "CPU seconds", "peak MiB", "ratio, wall", "ratio, CPU"]
    numbers = ("seconds", "cpu_seconds", "peak_mib", "ratio", "cpu_ratio")
    lines = [
        [f"`{row['method']}`", str(row["runs"] or row["status"]), *(figure(row[n]) for n in numbers)] for row in mine
    ]
    intro = "## Start-up\n\nWhole processes from start to end, each beside the imports that follow it, in turn.\n\n"
    return intro + table(head, lines)


def _machine(about: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items() if version)
    threads = "".join(f"; {name}={count}" for name, count in about["threads"].items())
    return (
        f"## Machine\n\n{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, {about['system']}; "
        f"Python {about['python']}; {packages}{threads}. {about['date']}, {about['minutes']} minutes.\n"
    )
