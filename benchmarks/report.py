"""docs/benchmarks.md: the results as tables for people, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import beside
from benchmarks.cases import METHODS, PEERS, TOLERANCE
from benchmarks.table import COMPILED, OURS, Row
from benchmarks.table import faults as faults_of
from benchmarks.text import figure, filled, table

YARDSTICKS = ("arcs", "arrays")

INTRODUCTION = """\
# How fast it is

Written by `make bench`; the figures are in [results.csv](../benchmarks/results.csv), what they were measured on in
[machine.json](../benchmarks/machine.json). Do not edit.

![Time by instance and method, and how it grows](benchmarks.svg)

## How to read this

* **columns** is the product's column generation as it runs by default, from a posed problem to flows on paths.
  **arcs** is the reference: the arc formulation stated in PuLP and solved by HiGHS. **arrays** is the same linear
  program, row for row, handed to HiGHS as arrays: what is left of `arcs` when stating it costs nothing. Build and solve
  are counted of both, reading the flows back is not.
{compiled}\
* Seconds are CPU seconds unless a heading says otherwise, because other work slows the wall clock; both are in
  results.csv. Each is the median of several runs, every run in a process of its own, the methods in turn. Imports,
  reading the instance and small problems to warm up are not counted.
* **x** is how many times as long as `columns` a method took: the median over rounds of the ratio within a round. Only
  ratios mean anything elsewhere, and below 10 ms not much.
* Peak memory is that of the whole process; about 80 MiB of it are Python and its packages, and 110 more are numba.
* Every answer is certified to 1e-6 and compared with the published optimum where there is one. One that fails says so.
"""

GROWTH = """
## Growth

Seconds are fitted to a power of the number of arcs by least squares of their logarithms, over every size that a method
was measured on; *doubling* is the factor by which twice the size multiplies the time. `columns` is as the product runs
by default, with plain loops where small and compiled ones where large, which flatters its fit; `compiled` is compiled
throughout, and counts `columns` where that is. `meshes` are planar grids with a diagonal in each cell and half as many
demands as arcs, between random nodes; about a tenth of their capacities bind. `tiles` is the embedded network 1, 4, 16
and 64 times over as one problem: neighbours are joined by arcs at their busiest nodes and by demands, and the scarcest
resources are shared by all. Small sizes, where fixed costs weigh, flatter the fit: look at the times as well.
"""


def markdown(rows: Sequence[Row], about: dict[str, Any], peer_rows: Sequence[Mapping[str, str]]) -> str:
    """Return the whole page; what changed since its figures were measured is told by hand, in ``since`` of `about`."""
    introduction = INTRODUCTION.format(compiled=_compiled(rows))
    introduction += "\nThis was a quick run: few cases, few rounds.\n" if about.get("quick") else ""
    introduction += f"\n{about['since']}\n" if about.get("since") else ""
    parts = [introduction, _published(rows), beside.section(rows, peer_rows, about.get("peer"))]
    return "\n".join(
        [
            *parts,
            GROWTH,
            _growth(rows),
            *_posing(rows),
            *_counting(rows),
            _closures(rows),
            *_choice(rows),
            _startup(rows),
            _machine(about),
        ]
    )


def _compiled(rows: Sequence[Row]) -> str:
    """Say what `compiled` is, where it is the default, and what loading its loops takes."""
    cases = dict.fromkeys(row["case"] for row in rows if row["method"] == OURS and row.get("note") == COMPILED)
    seconds = {row["step"]: row.get("seconds") for row in rows if row["series"] == "loading"}
    again, first = figure(seconds.get("again"), 2), figure(seconds.get("first"), 2)
    text = (
        "**compiled** is `columns` with its innermost loops compiled by numba. By default only large problems use "
        f"them, {'here ' + ', '.join(cases) if cases else 'none of those here'}. "
        "Loading them is not counted, neither of `compiled` nor of `columns`: "
    )
    if "–" in (again, first):
        return filled(text + "what it takes was not measured here.", "* ")
    text += (
        f"with importing numba it takes a process {again} s, wall clock, and {first} s the first time on a machine, "
    )
    text += "when they are compiled and kept. A process that solves one small problem is done sooner with plain loops."
    return filled(text, "* ")


def _totals(rows: Sequence[Row], series: str) -> dict[str, dict[str, Row]]:
    """Return for each case the row of each method: that of its total, or the one that says why there is none."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        if row["series"] == series and row.get("step") in (None, "total"):
            found.setdefault(row["case"], {})[row["method"]] = row
    return found


def _comparison(rows: Sequence[Row], series: str) -> str:
    """Return a series as a table: seconds of each method, with the ratio to `columns`, and peak memory."""
    yardsticks = [f"{method} (build + solve)" for method in YARDSTICKS]
    head = ["instance", "arcs", "demands", OURS, "compiled", *yardsticks, "peak MiB", "answers"]
    steps = {(row["case"], row["method"], row["step"]): row["cpu_seconds"] for row in rows if row.get("cpu_seconds")}
    lines, notes = [], []
    for case, methods in _totals(rows, series).items():
        some = next((row for row in methods.values() if row.get("size")), None)
        line = [case, f"{some['size']:,}" if some else "–", f"{some['demands']:,}" if some else "–"]
        line.append(figure(methods.get(OURS, {}).get("cpu_seconds")))
        for method in ("compiled", *YARDSTICKS):
            text = figure(methods.get(method, {}).get("cpu_seconds"))
            if (case, method, "build") in steps:
                build, solve = (figure(steps.get((case, method, step)), 2) for step in ("build", "solve"))
                text += f" ({build} + {solve})"
            if methods.get(method, {}).get("cpu_ratio") is not None:
                text += f", {figure(methods[method]['cpu_ratio'])} x"
            line.append(text)
        peaks = [methods.get(method, {}).get("peak_mib") for method in METHODS]
        notes += [f"{case}, {m}: {row['status']}." for m, row in methods.items() if row["status"] != "ok"]
        lines.append([*line, " / ".join(figure(peak) for peak in peaks), _answers(methods)])
    if not lines:
        return "None was measured.\n"
    return table(head, lines) + "".join(f"\n* {note}" for note in notes) + ("\n" if notes else "")


def _answers(methods: Mapping[str, Row]) -> str:
    """Return whether the answers to a case were right, and by how much the public code's were off if they were."""
    bad = [f"{row['status'].partition(':')[0]}: {row['method']}" for row in faults_of(methods.values())]
    right = any(row["status"] == "ok" for method, row in methods.items() if method not in PEERS)
    error = {method: methods[method].get("error") or 0.0 for method in PEERS if method in methods}
    off = [f"{method} off by {value:+.0e}" for method, value in error.items() if abs(value) > TOLERANCE]
    return "; ".join([f"**{', '.join(bad)}**" if bad else "right" if right else "–", *off])


def _published(rows: Sequence[Row]) -> str:
    order = f"Peak memory is that of {' / '.join(METHODS)}."
    return f"## Published instances\n\n{order}\n\n{_comparison(rows, 'published')}"


def _growth(rows: Sequence[Row]) -> str:
    fits = [row for row in rows if row["series"] == "growth"]
    lines = [[row["case"], row["method"], figure(row["ratio"]), figure(row["cpu_ratio"]), row["note"]] for row in fits]
    text = (
        table(["series", "method", "doubling, wall", "doubling, CPU", "fit"], lines) if lines else "None was fitted.\n"
    )
    return "\n".join([text, "### Meshes\n", _comparison(rows, "meshes"), "### Tiles\n", _comparison(rows, "tiles")])


def _posing(rows: Sequence[Row]) -> list[str]:
    """Return the section on building and posing, if it was measured."""
    mine = [row for row in rows if row["series"] == "posing"]
    if not mine:
        return []
    text = "## From tables to a problem\n\nThe network built, priced and posed, from tables that are read.\n\n"
    if mine[0].get("seconds") is None:
        return [text + f"Not measured: {mine[0]['status']}.\n"]
    head = ["tables", "arcs", "demands", "wall seconds", "CPU seconds", "peak MiB"]
    numbers = ("seconds", "cpu_seconds", "peak_mib")
    return [
        text
        + table(head, [[r["case"], str(r["size"]), str(r["demands"]), *(figure(r[n]) for n in numbers)] for r in mine])
    ]


def _counting(rows: Sequence[Row]) -> list[str]:
    """Return the section on counts beside paths, if it was measured."""
    mine = [row for row in rows if row["series"] == "counting"]
    if not mine:
        return []
    text = "## Counts beside paths\n\nWhat each count is of a tonne on each path of the embedded network.\n\n"
    if mine[0].get("seconds") is None:
        return [text + f"Not measured: {mine[0]['status']}.\n"]
    head = ["counts", "what", "paths", "wall seconds", "CPU seconds"]
    numbers = ("seconds", "cpu_seconds")
    return [
        text + table(head, [[r["case"], r["step"], str(r["size"]), *(figure(r[n]) for n in numbers)] for r in mine])
    ]


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


def _choice(rows: Sequence[Row]) -> list[str]:
    """Return the section on choice under capacities, if it was measured."""
    mine = [row for row in rows if row["series"] == "choice"]
    if not mine:
        return []
    text = "## Choice under capacities\n\nThe embedded network, its routes given, by how sharply shippers choose.\n\n"
    if mine[0].get("seconds") is None:
        return [text + f"Not measured: {mine[0]['status']}.\n"]
    head = ["network", "what", "routes", "CPU seconds", "ratio, CPU", "note"]
    lines = [
        [r["case"], r["step"], f"{r['size']:,}", figure(r["cpu_seconds"]), figure(r["cpu_ratio"]), r["note"] or ""]
        for r in mine
    ]
    faults = [f"\n**Wrong answers: {row['status']}**\n" for row in mine if row["status"] != "ok"]
    return [text + table(head, lines) + (faults[0] if faults else "\nEvery answer is certified.\n")]


def _startup(rows: Sequence[Row]) -> str:
    mine = [row for row in rows if row["series"] == "startup"]
    head = ["process", "runs", "wall seconds", "CPU seconds", "peak MiB", "ratio, wall", "ratio, CPU"]
    numbers = ("seconds", "cpu_seconds", "peak_mib", "ratio", "cpu_ratio")
    lines = [
        [f"`{row['method']}`", str(row["runs"] or row["status"]), *(figure(row[n]) for n in numbers)] for row in mine
    ]
    intro = "## Start-up\n\nWhole processes from start to end, each beside the yardstick that follows it, in turn.\n\n"
    return intro + table(head, lines)


def _machine(about: dict[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items() if version)
    threads = "".join(f"; {name}={count}" for name, count in about["threads"].items())
    return (
        f"## Machine\n\n{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB, {about['system']}; "
        f"Python {about['python']}; {packages}{threads}. {about['date']}, {about['minutes']} minutes.\n"
    )
