"""The section of docs/benchmarks.md on a public code: measured in the same run, or else its known times scaled."""

from __future__ import annotations

import csv
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.cases import METHODS, PEERS
from benchmarks.table import OURS, Row, is_total
from benchmarks.text import figure, filled, table

KNOWN = Path(__file__).with_name("peers.csv")
SCALED_BY, REFERENCE = "planar100", "arcs beside the peer"
COMPARED = ("planar80", "planar100", "planar300", "grid6", "grid7", "grid8")
COLUMNS = (*PEERS, OURS, "compiled")  # of the table, before the ratios

type Times = dict[str, dict[str, float]]  # CPU seconds by instance and method

INTRODUCTION = """
## Beside a public code

CPU seconds of [mcfcg](https://github.com/spoorendonk/mcfcg), column generation in C++ with HiGHS, on paths and on
trees. It stops at its own tolerance, as published a gap of 1e-4, where ours prove 1e-6. In its public version of April
2026, commit 85e44aa, a bug empties the list of arcs of columns that keep their place when others are purged, so that on
grid6 and grid7 it returns values below the optimum, by up to 9e-6.
"""


def known() -> list[dict[str, str]]:
    """Read the public code's times in an earlier run elsewhere."""
    with KNOWN.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def section(rows: Sequence[Row], peer_rows: Sequence[Mapping[str, str]], note: str | None) -> str:
    """Return the section.

    Parameters
    ----------
    rows
        Of the run.
    peer_rows
        What is known of the public code, used where the run did not measure it.
    note
        What is said of the build that was measured.
    """
    found = measured(rows)
    if found:
        return "\n".join([INTRODUCTION, _how_measured(rows, note), _table(found, PEERS), _means(found)])
    factor = scale(rows, peer_rows)
    if factor is None:
        text = f"Here it was not measured, nor was `arcs` on {SCALED_BY}, by which its times elsewhere could be scaled."
        return f"{INTRODUCTION}\n{text}\n"
    how = (
        "Here it was not measured: its times are from elsewhere ([peers.csv](../benchmarks/peers.csv)), scaled by\n"
        f"{factor:.2f}: `arcs` on {SCALED_BY} in this run, by `arcs` on it in that of the public code.\n"
    )
    found = scaled(rows, peer_rows, factor)
    return "\n".join([INTRODUCTION, how, _table(found, [f"{method}, scaled" for method in PEERS]), _means(found)])


def measured(rows: Sequence[Row]) -> Times:
    """Return the times of the instances on which the public code was measured."""
    times: Times = {}
    for row in rows:
        if is_total(row) and row["method"] in COLUMNS:
            times.setdefault(row["case"], {})[row["method"]] = row["cpu_seconds"]
    return {case: found for case, found in times.items() if any(method in found for method in PEERS)}


def scale(rows: Sequence[Row], peer_rows: Sequence[Mapping[str, str]]) -> float | None:
    """Return what one second of the public code's run is in this one, None without `arcs` on planar100 in it."""
    ours = [row for row in rows if is_total(row) and (row["case"], row["method"]) == (SCALED_BY, "arcs")]
    theirs = next(float(row["cpu_seconds"]) for row in peer_rows if row["code"] == REFERENCE)
    return ours[0]["cpu_seconds"] / theirs if ours else None


def scaled(rows: Sequence[Row], peer_rows: Sequence[Mapping[str, str]], factor: float) -> Times:
    """Return the known times of the public code so scaled, and ours."""
    codes = {method.replace("peer", "mcfcg"): method for method in PEERS}
    times: Times = {}
    for row in peer_rows:
        if row["code"] in codes:
            times.setdefault(row["instance"], {})[codes[row["code"]]] = factor * float(row["cpu_seconds"])
    for row in rows:
        if is_total(row) and row["case"] in times and row["method"] in COLUMNS:
            times[row["case"]][row["method"]] = row["cpu_seconds"]
    return times


def ratio(times: Mapping[str, float], method: str) -> float | None:
    """Return one of our times by the faster of the public code's, None where there are no such two."""
    theirs = [times[peer] for peer in PEERS if peer in times]
    return times[method] / min(theirs) if theirs and method in times else None


def _table(times: Times, peers: Sequence[str]) -> str:
    head = ["instance", *peers, OURS, "compiled", f"{OURS} / faster peer", "compiled / faster peer"]
    lines = []
    for case, found in times.items():
        figures = [*(found.get(method) for method in COLUMNS), ratio(found, OURS), ratio(found, "compiled")]
        lines.append([case, *(figure(value) for value in figures)])
    return table(head, lines)


def _means(times: Times) -> str:
    """Say the geometric mean and the worst ratio of each of ours."""
    lines = []
    for method in (OURS, "compiled"):
        found = {case: ratio(times[case], method) for case in COMPARED if case in times}
        ratios = {case: value for case, value in found.items() if value is not None}
        if ratios:
            worst = max(ratios, key=lambda case: ratios[case])
            lines.append(
                f"* `{method}` / faster peer, geometric mean over {', '.join(ratios)}: "
                f"**{statistics.geometric_mean(ratios.values()):.2f}**; the worst: {ratios[worst]:.2f} ({worst}).\n"
            )
    return "".join(lines)


def _how_measured(rows: Sequence[Row], note: str | None) -> str:
    text = (
        "It was measured in this run, in turn with ours: whole processes on one thread, so that its start and its "
        f"reading of the file are counted, which of ours are not. {note or ''} "
    )
    theirs, ours = _furthest(rows, PEERS), _furthest(rows, METHODS)
    if theirs:
        text += f"Its answers are off by up to {theirs}"
        text += f", ours by up to {ours}; relative to the published optima. " if ours else ". "
    return filled(text + "The ratios are of medians.")


def _furthest(rows: Sequence[Row], methods: Sequence[str]) -> str:
    """Say how far the answers of some methods are off at most, where the public code was measured too."""
    cases = measured(rows)
    found = [row for row in rows if is_total(row) and row["method"] in methods and row["case"] in cases]
    found = [row for row in found if row.get("error") is not None]
    if not found:
        return ""
    worst = max(found, key=lambda row: abs(row["error"]))
    return f"{abs(worst['error']):.0e} ({worst['case']}, {worst['method']})"
