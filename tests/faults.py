"""Faults of data packages, and bytes put in the place of their tables."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings

from corridors.tables import schema
from corridors.tables.faults import Fault
from corridors.tables.validation import load

LINKS_HEADER = ",".join(schema.fields("links"))
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def faults(folder: Path) -> list[Fault]:
    """Return every fault of a data package."""
    return load(folder).faults


def only(folder: Path) -> Fault:
    """Return the fault of a data package that has one and no more."""
    found = faults(folder)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


def put(folder: Path, data: bytes, name: str = "links.csv") -> None:
    """Write bytes in the place of a table."""
    (folder / name).write_bytes(data)


def text_of(folder: Path, name: str = "links.csv") -> str:
    """Return a table as it is written."""
    return (folder / name).read_text(encoding="utf-8")
