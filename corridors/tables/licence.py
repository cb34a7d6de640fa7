"""What goes out with the data: the licences that a package names, and the notice that it brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from corridors.errors import DataError
from corridors.tables import workbook
from corridors.tables.parsing import NOTICE, UnreadableError, notice

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset


def licences(dataset: Dataset) -> str:
    """Return the licences that the descriptor of a data package names, each with its address, as one text."""
    return "; ".join(dataset.licences)


def credits_of(dataset: Dataset) -> str:
    """Return whom every map and export of a data package has to name, each with its address, as one text."""
    return "; ".join(dataset.credits)


def attribution(folder: Path) -> str:
    """Return the licence and attribution that a data package brings, "" if it brings none.

    Raises
    ------
    DataError
        If its file has become something else since the package was found sound.
    """
    try:
        return workbook.opened(folder).notice if workbook.is_workbook(folder) else notice(folder)
    except UnreadableError as error:
        raise DataError(f"{folder}: {error.fault(NOTICE)}") from error


def paragraphs(folder: Path) -> list[str]:
    """Return the paragraphs of `attribution`, without the marks of Markdown; errors are as there."""
    return list(_joined(attribution(folder).splitlines()))


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Join the lines of Markdown paragraphs and list items."""
    held: list[str] = []
    for line in [*lines, ""]:
        if held and (not line.strip() or line.startswith(("* ", "- ", "#"))):
            yield " ".join(held).replace("**", "").replace("`", "").lstrip("#* ")
            held = []
        if line.strip():
            held.append(line.strip())
