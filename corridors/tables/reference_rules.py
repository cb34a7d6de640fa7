"""Names in cells that come from other columns: each is known there, also inside lists."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from corridors.suggest import did_you_mean, lookalike
from corridors.tables.faults import Fault, cell_fault, quoted, shown
from corridors.tables.schema import Field, Tables, fields, references

MOST_HINTS = 100  # in a column


def faults(tables: Tables) -> Iterator[Fault]:
    """Yield a fault for every name that is not known where it comes from, table by table."""

    @cache
    def named(table: str, column: str) -> frozenset[str]:
        return _named(tables, table, column)

    for name, frame in tables.items():
        for field, sources in references(name) if len(frame) else ():
            if any(table not in tables for table, _ in sources):
                continue
            known = set(field.get("also", ())).union(*(named(*source) for source in sources))
            column: str = field["name"]
            cells = zip(frame.index.tolist(), frame[column].tolist(), strict=True)
            if doubtful := [(row, cell) for row, cell in cells if cell and cell not in known]:
                expected = "a " + " or ".join(f"{column} of {table}.csv" for table, column in sources)
                yield from _unknown(name, field, doubtful, known, expected)


def _named(tables: Tables, table: str, column: str) -> frozenset[str]:
    cells = dict.fromkeys(tables[table][column].tolist())
    return frozenset(";".join(cells).split(";") if fields(table)[column].get("list") else cells) - {""}


def _unknown(name: str, field: Field, cells: list[tuple[int, str]], known: set[str], expected: str) -> Iterator[Fault]:
    """Yield the faults of cells with their rows, none of which is a known name as it stands."""
    twins = {lookalike(one): one for one in known}
    hints = {"": ""}  # by value; with hundreds of unknown names, nobody means their neighbours
    for row, cell in cells:
        for value in str(cell).split(";") if field.get("list") else [str(cell)]:
            if value not in known:
                if value not in hints and len(hints) <= MOST_HINTS:
                    twin = twins.get(lookalike(value), "")
                    other = f"; it looks like {quoted(twin)}, but some letters are of another alphabet"
                    hints[value] = other if twin else did_you_mean(value, known)
                advice = f"correct the cell or add what it names{hints.get(value, '')}"
                yield cell_fault(name, row, field["name"], shown(value), expected, advice)
