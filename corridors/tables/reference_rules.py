"""The names in one table that another table has: places, links, modes, countries, also inside lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from corridors.suggest import did_you_mean, lookalike
from corridors.tables.faults import Fault, cell_fault, quoted, shown
from corridors.tables.schema import Field, Tables, fields, references

MOST_HINTS = 100  # in a column


def faults(tables: Tables) -> Iterator[Fault]:
    """Yield the faults of cells that name what the tables that they refer to do not have."""

    @cache
    def named(table: str, column: str) -> set[str]:
        cells = set(tables[table][column].tolist())
        return set(";".join(cells).split(";") if fields(table)[column].get("list") else cells) - {""}

    for name, frame in tables.items():
        for field, sources in references(name):
            if frame.empty or any(table not in tables for table, _ in sources):
                continue
            known = set(field.get("also", ())).union(*(named(*source) for source in sources))
            cells = frame[str(field["name"])].tolist()
            listed = field.get("list")
            odd = {cell for cell in set(cells) - known - {""} if not listed or not known.issuperset(cell.split(";"))}
            if odd:
                expected = "a " + " or ".join(f"{column} of {table}.csv" for table, column in sources)
                wrong = [(row, cell) for row, cell in zip(frame.index, cells, strict=True) if cell in odd]
                yield from _unknown(name, field, wrong, known, expected)


def _unknown(
    name: str, field: Field, cells: Iterable[tuple[int, str]], known: set[str], expected: str
) -> Iterator[Fault]:
    """Yield the faults of cells, each with its row, in which something is not known, and what may be meant."""
    twins = {lookalike(one): one for one in known}
    hints = {"": ""}  # by value; with hundreds of unknown names, nobody means their neighbours
    for row, cell in cells:
        for value in cell.split(";") if field.get("list") else [cell]:
            if value not in known:
                if value not in hints and len(hints) <= MOST_HINTS:
                    twin = twins.get(lookalike(value), "")
                    other = f"; it looks like {quoted(twin)}, but some letters are of another alphabet"
                    hints[value] = other if twin else did_you_mean(value, known)
                advice = f"correct the cell or add what it names{hints.get(value, '')}"
                yield cell_fault(name, row, field["name"], shown(value), expected, advice)
