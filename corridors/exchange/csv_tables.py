"""CSV tables of other programs: columns by name, cells as text or numbers, faults by row and column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from corridors.errors import DataError
from corridors.exchange.numbers import called, fault, read_bytes, shown
from corridors.models.arrays import FloatArray
from corridors.tables.cell_numbers import NUMBER
from corridors.tables.parsing import AS_CSV

_WHOLE = re.compile(r"[+-]?\d+\.0+", re.ASCII)
ELSEWHERE = f"{AS_CSV}; spreadsheets of some regional settings write semicolons instead"
MOST_CELLS = 2**25  # a million links of thirty columns; in memory a cell is some 60 bytes
MISSING = ("", "NaN", "nan")  # what the General Modeling Network Specification reads as blank


def find(folder: Path, name: str) -> Path | None:
    """Return the file of this name in a folder, in capitals or not, with ``.gz`` behind or not; None if there is none.

    Raises
    ------
    DataError
        If there are several.
    """
    found = [path for path in sorted(folder.iterdir()) if path.name.lower() in (name, f"{name}.gz")]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise fault(folder, names, f"one {name}", "remove or rename what is not meant")
    return found[0] if found else None


class CsvTable:
    """A CSV table: a header, and rows of as many cells; names of columns are taken in lower case.

    Raises
    ------
    DataError
        If it cannot be read, is not UTF-8, or a row has another number of cells than the header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[int] = []
        self._rows: list[list[str]] = []
        try:
            text = read_bytes(path).decode("utf-8")
        except UnicodeDecodeError as error:
            found = f"bytes that are not UTF-8 ({error.reason})"
            raise fault(path, found, "a CSV table", "save it as UTF-8") from error
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    self._add(row, reader.line_num)
        except csv.Error as error:
            raise fault(path, f"a broken row ({error})", "a CSV table", "save it again", reader.line_num) from error
        if not self._rows:
            raise fault(path, "nothing", "a CSV table with a header", "restore the file")
        self._columns = self._header(self._rows[0])
        self._rows, self.lines = self._rows[1:], self.lines[1:]

    def _add(self, row: list[str], line: int) -> None:
        """Add a row that ends at this line of the file, the first as the header."""
        if not self._rows and len(row) == 1 and ";" in row[0]:
            raise fault(self.path, "columns separated by semicolons", "commas", ELSEWHERE, line)
        if len(self._rows) * len(row) > MOST_CELLS:
            raise fault(self.path, f"more than {MOST_CELLS:,} cells", "a table that fits into memory", "cut it")
        self.lines.append(line)
        self._rows.append([cell.strip() for cell in row])
        if len(row) != len(self._rows[0]):
            expected = f"{len(self._rows[0])}, as in the header"
            advice = "see that the file is whole; commas within a cell need quotation marks"
            raise fault(self.path, f"{len(row)} cells", expected, advice, line)

    def _header(self, names: list[str]) -> dict[str, int]:
        """Return the position of each column by its name; those without a name do not count."""
        columns: dict[str, int] = {}
        for number, name in enumerate(names):
            if name.lower() in columns and name:
                found = f"{sum(name.lower() == one.lower() for one in names)} columns {shown(name.lower())}"
                raise fault(self.path, found, "each once", "rename or remove what is not meant", self.lines[0])
            columns.setdefault(name.lower(), number)
        return columns

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in lower case."""
        return [name for name in self._columns if name]

    def __len__(self) -> int:
        """Return the number of rows below the header."""
        return len(self._rows)

    def __contains__(self, column: str) -> bool:
        """Whether there is such a column."""
        return column in self._columns

    def require(self, columns: Iterable[str]) -> None:
        """Raise a `DataError` if a column is missing."""
        missing = [column for column in columns if column not in self]
        if missing:
            names = ", ".join(list(self._columns)[:12])
            raise fault(self.path, f"the columns {shown(names)}", f"{', '.join(missing)} too", "add what is missing", 1)

    def cells(self, column: str) -> list[str]:
        """Return a column as text, "" where it is blank or not there."""
        if column not in self:
            return [""] * len(self)
        place = self._columns[column]
        return ["" if row[place] in MISSING else row[place] for row in self._rows]

    def ids(self, column: str) -> list[str]:
        """Return a column of ids; 7.0 is the id 7, as tables with blanks in such a column are often written."""
        return [cell.partition(".")[0] if _WHOLE.fullmatch(cell) else cell for cell in self.cells(column)]

    def numbers(self, column: str, expected: str, blank: float = np.nan) -> FloatArray:
        """Return a column of finite numbers of 0 or more, (rows,).

        A blank cell stands for the number `blank`, and is a fault where that is NaN.
        """
        cells = self.cells(column)
        values = np.empty(len(cells))
        for row, cell in enumerate(cells):
            values[row] = blank if not cell else float(cell) if NUMBER.fullmatch(cell) else np.nan
            if not (values[row] >= 0 and (np.isfinite(values[row]) or not cell)):
                raise self.fault(row, column, expected, "correct the cell")
        return values

    def fault(self, row: int, column: str, expected: str, advice: str) -> DataError:
        """Return the error for a cell."""
        cell = self.cells(column)[row]
        found = shown(cell) if cell else "a blank"
        place = f"{called(self.path)}, line {self.lines[row]}, column {column}"
        return DataError(f"{place}: found {found}, expected {expected}; {advice}")
