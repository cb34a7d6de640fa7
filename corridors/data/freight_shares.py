"""What the scripts that lay freight over pairs of places have in common: ways, tables, a command line.

Used by domestic_rail.py and road_freight.py beside it; it does nothing by itself. Only the standard library.
"""

from __future__ import annotations

import argparse
import csv
import heapq
import io
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

type Row = dict[str, str]
type Pair = tuple[str, str]
type Cells = dict[Pair, float]


class Ways:
    """Shortest ways between places over steps that can be gone in both directions: start, end, km."""

    def __init__(self, steps: Iterable[tuple[str, str, float]]) -> None:
        self._next: dict[str, dict[str, float]] = {}
        self._from: dict[str, dict[str, float]] = {}
        for one, other, km in steps:
            for start, end in ((one, other), (other, one)):
                ways = self._next.setdefault(start, {})
                ways[end] = min(km, ways.get(end, math.inf))

    def km(self, start: str, end: str) -> float:
        """Return the length of the shortest way, inf if there is none (Dijkstra's algorithm)."""
        if start not in self._from:
            found, queue = {start: 0.0}, [(0.0, start)]
            while queue:
                length, place = heapq.heappop(queue)
                for other, km in self._next.get(place, {}).items() if length <= found[place] else ():
                    if length + km < found.get(other, math.inf):
                        found[other] = length + km
                        heapq.heappush(queue, (length + km, other))
            self._from[start] = found
        return self._from[start].get(end, math.inf)


def stated(
    row: Row, status: str, band: tuple[str, str], source: str, note: str, prices: tuple[str, str]
) -> tuple[Row, Row]:
    """Return the rows of provenance.csv of a row of splits.csv: of its share, with a band of factors, and its price."""
    low, high = (Decimal(row["share"]) * Decimal(one) for one in band)
    base = {"table": "splits", "key": f"{row['total']}|{row['split']}"}
    ends = {"low": f"{low.normalize():f}", "high": f"{min(high, Decimal(1)).normalize():f}"}
    price = {"low": prices[0], "high": prices[1]}
    why = {"source": "demand_judgement", "note": "above the dearest sensible way to carry it"}
    return (
        {**base, "column": "share", "status": status, **ends, "source": source, "note": note},
        {**base, "column": "reservation_usd_per_t", "status": "assumed", **price, **why},
    )


def renewed(
    tables: Mapping[str, list[Row]], splits: list[Row], provenance: list[Row], mine: Callable[[str], bool]
) -> dict[str, str]:
    """Return the texts of splits.csv and provenance.csv with new rows in place of those of the totals that are mine."""
    made = {
        "splits": _replaced(tables["splits"], splits, lambda row: mine(row["total"])),
        "provenance": _replaced(
            tables["provenance"],
            provenance,
            lambda row: row["table"] == "splits" and mine(row["key"].partition("|")[0]),
        ),
    }
    return {f"{name}.csv": _text(list(tables[name][0]), rows) for name, rows in made.items()}


def _replaced(rows: list[Row], new: list[Row], mine: Callable[[Row], bool]) -> list[Row]:
    """Return rows with those that are mine replaced by new ones, where the first of them stood."""
    at = next((number for number, row in enumerate(rows) if mine(row)), len(rows))
    return [*(row for row in rows[:at] if not mine(row)), *new, *(row for row in rows[at:] if not mine(row))]


def read(path: Path) -> list[Row]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, restval=""))


def _text(columns: Sequence[str], rows: Iterable[Row]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def run(script: Path, what: str, make: Callable[[Path], dict[str, str]], arguments: Sequence[str] | None) -> int:
    """Run the command line of a script; gives 0, 1 if a check found a difference, 2 if a table is wrong."""
    parser = argparse.ArgumentParser(description=f"Make the shares of {what} in splits.csv.")
    here = script.resolve().parent
    parser.add_argument("folder", nargs="?", type=Path, default=here, metavar="DIR", help="the data package")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if splits.csv is stale")
    chosen = parser.parse_args(arguments)
    try:
        texts = make(chosen.folder)
        stale = [name for name, text in texts.items() if (chosen.folder / name).read_text(encoding="utf-8") != text]
        for name in () if chosen.check else stale:
            (chosen.folder / name).write_text(texts[name], encoding="utf-8", newline="")
    except (OSError, KeyError, ValueError, csv.Error) as error:
        print(f"{script.name}: {error}", file=sys.stderr)
        return 2
    if chosen.check and stale:
        book = f"{script.stem}.toml and links.csv"
        print(f"{' and '.join(stale)}: not what {book} give; run {script.name} to renew it.")
        return 1
    print(f"the shares of {what} are what {script.stem}.toml and links.csv give.")
    return 0
