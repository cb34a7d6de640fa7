"""The cells of an Excel workbook (Office Open XML, ECMA-376), read with distrust.

A workbook may be a stranger's, so it is read by what Python itself brings, and of its parts only those that hold cells:
the list of sheets, shared texts, number formats, and the sheets that are asked for. Nothing is run, no link is
followed, no document type is accepted, and what it unpacks to is bounded. A formula counts as the value saved with it.
"""

from __future__ import annotations

import io
import posixpath
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cached_property
from typing import Any, NamedTuple
from xml.parsers import expat

from corridors.files import LARGEST
from corridors.tables.faults import shown
from corridors.tables.parsing import CONTROL, LONGEST_CELL, UnreadableError

MOST_PARTS = 10_000
MOST_CELLS = 2_000_000  # ten times those of the embedded package
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet
A_WORKBOOK = ("an Excel workbook (.xlsx)", "open it in a spreadsheet program and save it anew as .xlsx")
_ESCAPED = re.compile("_x((?![dD][89a-fA-F])[0-9A-Fa-f]{4})_")
_UNSHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)  # of a number format


class Kind(Enum):
    """What a cell holds; a number counts by how its cell shows it."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "per cent"
    DATE = "date"
    TIME = "time"
    TRUTH = "truth"
    ERROR = "error"
    FORMULA = "formula"  # without a value


class Cell(NamedTuple):
    """A cell: its text, of a number as it was saved, and for dates the day from which they are counted."""

    kind: Kind
    text: str
    since_1904: bool = False


type Rows = list[tuple[int, dict[int, Cell]]]  # by row, which counts from 1, and column, which counts from 0

_BUILT_IN = {9: Kind.PERCENT, 10: Kind.PERCENT, 22: Kind.DATE}
_BUILT_IN |= dict.fromkeys((*range(14, 18), *range(27, 37), *range(50, 59)), Kind.DATE)
_BUILT_IN |= dict.fromkeys((*range(18, 22), *range(45, 48)), Kind.TIME)


class Workbook:
    """The sheets of a workbook by name, each read when it is asked for.

    Raises
    ------
    UnreadableError
        If the bytes are no workbook, are protected, or unpack to more than can be meant.
    """

    def __init__(self, data: bytes) -> None:
        self._parts = _Parts(data)
        self._cells_left = MOST_CELLS
        book = self._parts.related("", "officeDocument")
        if not book:
            raise UnreadableError("a zip file without a workbook", *A_WORKBOOK)
        self._book, self.since_1904 = book[0], False
        self._sheets: dict[str, str] = {}
        targets = self._parts.relations(self._book)

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "workbookPr":
                self.since_1904 = given.get("date1904") in ("1", "true")
            elif tag == "sheet":
                of = next((value for key, value in given.items() if key.rpartition(":")[2] == "id"), "")
                kind, target = targets.get(of, ("", ""))
                if kind == "worksheet":  # not a sheet that is a chart
                    self._sheets[given.get("name", "")] = target

        _parse(self._parts.read(self._book), start)

    @property
    def names(self) -> list[str]:
        """The names of the sheets, in order."""
        return list(self._sheets)

    @cached_property
    def _texts(self) -> list[str]:
        """The texts that cells share."""
        found: list[str] = []
        for part in self._parts.related(self._book, "sharedStrings"):
            reader = _Texts(found)
            _parse(self._parts.read(part), reader.start, reader.end, reader.data)
        return found

    @cached_property
    def _kinds(self) -> list[Kind]:
        """What numbers are, by the number of their cell's style."""
        formats: dict[int, Kind] = dict(_BUILT_IN)
        found: list[Kind] = []
        inside = ""

        def start(tag: str, given: Mapping[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                formats[_count(given.get("numFmtId"))] = kind_of(given.get("formatCode", ""))
            elif tag in ("cellXfs", "cellStyleXfs"):
                inside = tag
            elif tag == "xf" and inside == "cellXfs":
                found.append(formats.get(_count(given.get("numFmtId")), Kind.NUMBER))

        for part in self._parts.related(self._book, "styles"):
            _parse(self._parts.read(part), start)
        return found

    def read_shared(self) -> None:
        """Read what all sheets share, whose faults are the workbook's.

        Raises
        ------
        UnreadableError
            If it is damaged, or unpacks to more than can be meant.
        """
        _ = self._texts, self._kinds

    def rows(self, name: str) -> Rows:
        """Return the rows of a sheet that hold anything, in order."""
        reader = _Cells(self._texts, self._kinds, self.since_1904, self._cells_left)
        _parse(self._parts.read(self._sheets[name]), reader.start, reader.end, reader.data)
        self._cells_left = reader.left
        return reader.rows


def kind_of(code: str) -> Kind:
    """Return what a number is that is shown by a number format such as `yyyy-mm-dd`."""
    plain = _UNSHOWN.sub("", code.partition(";")[0]).lower()
    if "%" in plain:
        return Kind.PERCENT
    if "general" in plain:
        return Kind.NUMBER
    if "y" in plain or "d" in plain or ("m" in plain and not re.search("[hs]", plain)):
        return Kind.DATE
    return Kind.TIME if re.search("[hs]", plain) else Kind.NUMBER


class _Parts:
    """The parts of the zip file, each read whole, and together no larger than `LARGEST` bytes."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableError("a damaged file", *A_WORKBOOK) from error
        listed = self._archive.infolist()
        if len(listed) > MOST_PARTS:
            raise UnreadableError(f"a zip file of {len(listed):,} parts", *A_WORKBOOK)
        self._infos = {one.filename: one for one in listed}
        self._left = LARGEST

    def read(self, name: str) -> bytes:
        info = self._infos.get(name)
        if info is None:
            raise UnreadableError(f"no part {shown(name)} in it", *A_WORKBOOK)
        try:
            with self._archive.open(info) as part:
                data = part.read(self._left + 1)  # whatever it says of its size
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise UnreadableError("a damaged or protected file", *A_WORKBOOK) from error
        if len(data) > self._left:
            advice = "keep only the tables in it, and clear the rows and columns that nobody filled"
            raise UnreadableError(f"a workbook that unpacks to more than {LARGEST:,} bytes", "a smaller one", advice)
        self._left -= len(data)
        return data

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the parts that a part points to inside the file, by the id of the relation: its kind and the part."""
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, given: Mapping[str, str]) -> None:
            if tag == "Relationship" and given.get("TargetMode") != "External":
                kind = given.get("Type", "").rpartition("/")[2]
                target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "")))
                found[given.get("Id", "")] = kind, target.lstrip("/")

        if listed in self._infos:
            _parse(self.read(listed), start)
        return found

    def related(self, part: str, kind: str) -> list[str]:
        """Return the parts of a kind that a part points to."""
        return [target for of, target in self.relations(part).values() if of == kind and target in self._infos]


def _parse(
    data: bytes,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse a part; names of elements are given without their prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype  # without one there are no entities, and none that grow
    parser.StartElementHandler = lambda name, given: start(name.rpartition(":")[2], given)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableError("a damaged file", *A_WORKBOOK) from error


def _no_doctype(*_: Any) -> None:
    raise UnreadableError("a document type in its XML, which no spreadsheet writes", *A_WORKBOOK)


class _Texts:
    """Collects texts that cells share: the runs of each joined, without how they are read aloud."""

    def __init__(self, found: list[str]) -> None:
        self._found = found
        self._keep = self._aloud = False
        self._parts: list[str] = []

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        self._aloud = self._aloud or tag == "rPh"
        self._keep = tag == "t" and not self._aloud

    def data(self, text: str) -> None:
        if self._keep:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        self._keep = False
        if tag == "rPh":
            self._aloud = False
        elif tag == "si":
            self._found.append(_own_text("".join(self._parts)))
            self._parts = []


class _Cells:
    """Collects the cells of a sheet that hold anything."""

    def __init__(self, texts: list[str], kinds: list[Kind], since_1904: bool, most: int) -> None:
        self.rows: Rows = []
        self.left = most
        self._texts, self._kinds, self._since_1904 = texts, kinds, since_1904
        self._row, self._column, self._cells = 0, -1, dict[int, Cell]()
        self._columns: dict[str, int] = {}  # by their letters
        self._kind, self._style, self._parts = "n", 0, list[str]()
        self._inside = self._keep = self._aloud = self._formula = False

    def start(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "c" and self._inside:
            self._kind, self._style = given.get("t", "n"), _count(given.get("s"))
            self._parts, self._formula = [], False
            self._column = self._at(given["r"]) if "r" in given else self._column + 1
        elif tag in ("v", "t"):
            self._keep = self._inside and not self._aloud
        elif tag == "f":
            self._formula = True
        elif tag == "row" and self._inside:
            row = _count(given.get("r")) or self._row + 1
            if not self._row < row <= MOST_ROWS:
                raise UnreadableError("a damaged file, whose rows are out of order", *A_WORKBOOK)
            self._row, self._column, self._cells = row, -1, {}
        elif tag == "rPh":
            self._aloud = True
        elif tag == "sheetData":
            self._inside = True

    def data(self, text: str) -> None:
        if self._keep:
            self._parts.append(text)

    def end(self, tag: str) -> None:
        self._keep = False
        if tag == "c" and self._inside:
            if self._parts or self._formula:
                self._take("".join(self._parts))
        elif tag == "row" and self._cells:
            self.rows.append((self._row, self._cells))
        elif tag == "rPh":
            self._aloud = False
        elif tag == "sheetData":
            self._inside = False

    def _take(self, text: str) -> None:
        """Keep the cell that ends."""
        self.left -= 1
        if self.left < 0:
            raise UnreadableError(f"more than {MOST_CELLS:,} cells", "a data package", "keep only its tables in it")
        cell = self._cell(text)
        if cell.text or cell.kind is Kind.FORMULA:
            self._cells[self._column] = cell

    def _cell(self, text: str) -> Cell:
        kind = self._kind
        if kind == "s":
            try:
                return Cell(Kind.TEXT, self._texts[int(text)])
            except (ValueError, IndexError) as error:
                raise UnreadableError("a damaged file, whose texts are missing", *A_WORKBOOK) from error
        if kind in ("str", "inlineStr"):
            return Cell(Kind.TEXT, _own_text(text))
        if kind == "b":
            return Cell(Kind.TRUTH, "1" if text.strip() in ("1", "true") else "0")
        if kind == "e":
            return Cell(Kind.ERROR, text)
        if not text:  # a formula that nobody has worked out
            return Cell(Kind.FORMULA, "")
        if kind == "d":  # ISO 8601
            return Cell(Kind.TEXT, text)
        style = self._kinds[self._style] if 0 <= self._style < len(self._kinds) else Kind.NUMBER
        return Cell(style, text.strip(), self._since_1904)

    def _at(self, place: str) -> int:
        """Return the column of a place such as AB12."""
        letters = place.rstrip("0123456789")
        if letters not in self._columns:
            column = 0
            for letter in letters[:4]:
                column = 26 * column + ord(letter) - ord("A") + 1
            if not (letters.isascii() and letters.isalpha() and 0 < column <= MOST_COLUMNS):
                raise UnreadableError(f"a damaged file, with a cell {shown(place)}", *A_WORKBOOK)
            self._columns[letters] = column - 1
        return self._columns[letters]


def _own_text(text: str) -> str:
    """Return a text as it is meant: escapes resolved, letters composed (Unicode NFC) as those of CSV files are."""
    if len(text) > LONGEST_CELL * 7:  # each letter may be written as _xHHHH_
        raise UnreadableError(f"a cell of more than {LONGEST_CELL:,} characters", "a short text", "shorten it")
    plain = _ESCAPED.sub(_unescaped, text) if "_x" in text else text
    return unicodedata.normalize("NFC", plain)


def _unescaped(found: re.Match[str]) -> str:
    """Return the character of an escape; LibreOffice makes a control character of the text _x12_, which it is again."""
    code = int(found[1], 16)
    return f"_x{code:x}_" if CONTROL.match(chr(code)) and code < ord(" ") else chr(code)


def _count(text: str | None) -> int:
    """Return a count of the file's, 0 where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def letters(column: int) -> str:
    """Return the letters of a column, which counts from 0: A, B, ... Z, AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def place(row: int, column: int) -> str:
    """Return the place of a cell as spreadsheets write it, such as F12."""
    return f"{letters(column)}{row}"
