"""Text files of numbers, read fast and with distrust: bytes in, arrays out, one sentence where it cannot be.

A table of numbers is matched in one go by a pattern that never looks back, so what is wrong is found at its
place without a second reading, and only what has the form of numbers is ever converted.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from corridors import files
from corridors.errors import DataError
from corridors.models.arrays import FloatArray, IntArray

GZIP = b"\x1f\x8b"
LARGEST = 2**28  # bytes, unpacked: a hundred times the largest public instance, and still no danger to memory
SMALL, TIMES_PACKED = 2**24, 100  # bytes that any file may unpack to, and how many times its own; text is some 10 times
LONGEST_SHOWN = 40
UNUSED_NODES = 100_000  # a count of nodes is only a claim, and methods need memory for each
NUMBER = rb"[+-]?(?:\d++\.?\d*+|\.\d++)(?:[eE][+-]?\d++)?+"
_NO_FINITE = rb"(?i)[+-]?(?:inf(?:inity)?|nan)"
BLANK = rb"[ \t\r\f\v]"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def called(path: Path) -> str:
    """Return the name of a file as it can be printed."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def shown(value: bytes | str) -> str:
    """Return what was found as a sentence says it: in quotation marks, cut short, nothing unprintable."""
    text = value[: 4 * LONGEST_SHOWN].decode("utf-8", "replace") if isinstance(value, bytes) else value
    text = " ".join(text.split())
    cut = text[:LONGEST_SHOWN] + ("…" if len(text) > LONGEST_SHOWN else "")
    return "'" + "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in cut) + "'"


def many(count: int, noun: str) -> str:
    """Return a count with its noun: 1 link, 3 links."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def fault(path: Path, found: str, expected: str, advice: str, line: int | None = None) -> DataError:
    """Return the error that says in one sentence what is wrong with a file, and what to do."""
    place = called(path) + (f", line {line}" if line else "")
    return DataError(f"{place}: found {found}, expected {expected}; {advice}")


def read_bytes(path: Path, *, inside: Path | None = None) -> bytes:
    """Read a file, unpacked if its first bytes say that it is gzipped, whatever its name.

    Links may not lead it out of the folder `inside`, where it is part of one.

    Raises
    ------
    DataError
        If it cannot be read, is damaged or too large.
    """
    try:
        data = files.read_bytes(path, inside=inside, most=LARGEST)
    except OSError as error:
        raise DataError(f"{called(path)}: {error.strerror or error}; check the name and the permissions") from error
    if data.startswith(GZIP):
        data = _unpacked(path, data)
    if len(data) > LARGEST:
        raise fault(
            path, f"more than {LARGEST:,} bytes of text", "an instance that fits into memory", "name a smaller file"
        )
    return data.removeprefix(BYTE_ORDER_MARK)


def _unpacked(path: Path, packed: bytes) -> bytes:
    most = min(LARGEST, max(SMALL, TIMES_PACKED * len(packed)))
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            data = bytes(file.read(most + 1))
    except EOFError as error:
        raise fault(path, "a gzip file that breaks off", "a whole one", "copy or download it again") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise fault(path, f"a damaged gzip file ({error})", "a sound one", "copy or download it again") from error
    if len(data) > most and most < LARGEST:
        found = f"a gzip file that unpacks to more than {TIMES_PACKED} times its size"
        raise fault(path, found, "a network, which packs less well", "unpack it if it is one")
    return data


def numbers(text: bytes) -> FloatArray:
    """Return the numbers in a text of numbers and white space alone, (n,); no list of words fills the memory."""
    if not text.strip():
        return np.empty(0)
    return np.fromstring(text, dtype=np.float64, sep=" ")


class Table(NamedTuple):
    """Rows of numbers in a text: ``values`` (rows, columns), and where in the text they begin and end."""

    values: FloatArray
    begin: int
    end: int


class Text:
    """The text of a file, in which places are positions in its bytes and lines count from 1."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self.data = path, data

    def line(self, position: int) -> int:
        """Return the number of the line at a position."""
        return self.data.count(b"\n", 0, position) + 1

    def found(self, position: int) -> str:
        """Say what stands at a position: the rest of its line."""
        rest = self.data[position:].lstrip()
        return shown(rest.partition(b"\n")[0]) if rest else "the end of the file"

    def fault(self, position: int, expected: str, advice: str, found: str | None = None) -> DataError:
        """Return the error for what stands at a position, or after the white space there."""
        rest = self.data[position:]
        position += len(rest) - len(rest.lstrip()) if rest.strip() else max(0, len(rest.rstrip(b"\n")))
        return fault(self.path, found or self.found(position), expected, advice, self.line(position))

    def table(self, begin: int, columns: int, ending: bytes = b"", most: int | None = None) -> Table:
        """Read lines of so many numbers from a position on, as many as there are or at most `most`, and blank lines."""
        match = _rows(columns, ending, most).match(self.data, begin)
        end = match.end() if match else begin
        return Table(numbers(self.data[begin:end].replace(b";", b" ")).reshape(-1, columns), begin, end)

    def odd_cell(self, position: int, columns: Sequence[str], part_of: str, advice: str) -> DataError | None:
        """Return the error for the first cell of a row that is no number, or None; `columns` are their names."""
        rest = self.data[position:].lstrip()
        cells = rest.partition(b"\n")[0].replace(b";", b" ").split()
        for number, (cell, column) in enumerate(zip(cells, columns, strict=False), start=1):
            if not re.fullmatch(NUMBER, cell):
                place = f"{called(self.path)}, line {self.line(len(self.data) - len(rest))}, {column} (column {number})"
                found = cell.decode() if re.fullmatch(_NO_FINITE, cell) else f"{shown(cell)} in {self.found(position)}"
                return DataError(f"{place}: found {found}, expected a finite number, as in {part_of}; {advice}")
        return None

    def row_at(self, table: Table, row: int) -> int:
        """Return the position of a row of a table."""
        for number, match in enumerate(re.finditer(rb"\S[^\n]*", self.data[table.begin : table.end])):
            if number == row:
                return table.begin + match.start()
        return table.end

    def require(self, table: Table, right: np.ndarray, expected: str, advice: str) -> None:
        """Raise a `DataError` for the first row that is not right."""
        wrong = np.flatnonzero(~right)
        if wrong.size:
            raise self.fault(self.row_at(table, int(wrong[0])), expected, advice)

    def amounts(self, table: Table, column: int, what: str, *, negative: bool = False) -> FloatArray:
        """Return a column of finite numbers, (rows,), at least 0 unless others are allowed."""
        values: FloatArray = table.values[:, column]
        right = np.isfinite(values) if negative else np.isfinite(values) & (values >= 0)
        limit = "a finite number" if negative else "a finite number of 0 or more"
        self.require(table, right, f"{what} (column {column + 1}) that is {limit}", "correct the line")
        return values

    def nodes(self, table: Table, column: int, count: int, what: str) -> IntArray:
        """Return a column of node numbers, (rows,), which count from 1 in the file and from 0 here."""
        values: FloatArray = table.values[:, column]
        right = (values >= 1) & (values <= count) & (values == np.floor(values))
        expected = f"{what} (column {column + 1}) that is a node from 1 to {count}"
        self.require(table, right, expected, "correct the line or the number of nodes")
        return values.astype(np.int64) - 1


@cache
def _rows(columns: int, ending: bytes, most: int | None) -> re.Pattern[bytes]:
    more = rb"(?:%s++%s){%d}" % (BLANK, NUMBER, columns - 1)
    times = b"*+" if most is None else b"{0,%d}+" % most
    return re.compile(rb"(?:\s*+%s%s%s*+%s%s*+(?:\n|\Z))%s" % (NUMBER, more, BLANK, ending, BLANK, times))
