"""The bytes of a file turned into records of cells or JSON, or one sentence on why that cannot be done.

A stranger's file may be anything: another encoding, a workbook, a web page, a quotation mark out of place.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import os
import re
import unicodedata
from typing import TYPE_CHECKING, Any, NoReturn

from corridors.files import LARGEST, UnsuitableFile, read_bytes
from corridors.tables.faults import Fault, shown
from corridors.tables.schema import EMBEDDED, dictionary, fields

if TYPE_CHECKING:
    from pathlib import Path

TOO_LARGE = "field larger than field limit"  # as the csv module says
LONGEST_CELL = 32767  # what Excel holds
SIGNATURES = {
    b"PK\x03\x04": "an Excel workbook (or another zip file)",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a compressed file",
    b"%PDF": "a PDF",
    b"<": "a web page or XML",
}
AS_CSV = "save it as CSV UTF-8 (comma delimited)"
AS_TEXT = "save it as text in UTF-8"
A_TABLE = ("CSV text in UTF-8", AS_CSV, "a header row with the columns' names", "write the header")
AN_OBJECT = ("JSON in UTF-8", AS_TEXT, "a JSON object", "correct or remove the file")
NOTICE, LARGEST_NOTICE = "LICENSE.md", 2**20  # bytes
LONGEST_NOTICE = 20_000  # characters of it that are handed on
CONTROL = re.compile(  # what no text needs: control characters, invisible ones, those that turn its direction, halves
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
LONGEST_INTEGER = 18  # digits that any program reads exactly


class UnreadableError(Exception):
    """A file that cannot be read any further, for what was found in it and, where known, in which row and column."""

    def __init__(
        self, found: str, expected: str, advice: str, row: int | None = None, column: str | None = None
    ) -> None:
        super().__init__(found, expected, advice)
        self.found, self.expected, self.advice, self.row, self.column = found, expected, advice, row, column

    def fault(self, file: str) -> Fault:
        """Return what is wrong as a fault of this file."""
        return Fault(file, self.row, self.column, self.found, self.expected, self.advice)


def contents(folder: Path, name: str, most: int = LARGEST) -> bytes:
    """Read a file of a data package.

    Parameters
    ----------
    folder, name
        The package, and the file in it.
    most
        Bytes that it may have.

    Raises
    ------
    UnreadableError
        If it is no ordinary file inside the package, too large or not to be read.
    """
    inside = None if folder == EMBEDDED else folder  # an installer may link our own files to its store
    try:
        return read_bytes(folder / name, inside=inside, most=most)
    except OSError as error:
        unsuitable = isinstance(error, UnsuitableFile | FileNotFoundError)
        advice = "put the file itself there" if unsuitable else "look at its rights"
        raise UnreadableError(str(error.strerror or error), "an ordinary file inside the package", advice) from error


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, however its lines end."""
    text = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(text).hexdigest()


def decode(data: bytes, name: str, kind: tuple[str, str, str, str] = A_TABLE) -> str:
    """Return the text of UTF-8 bytes, with or without a byte-order mark, or say what else they are.

    Letters are composed (Unicode NFC), so that two spellings of one id that nobody can tell apart are one.
    """
    wanted, how, whole, advice = kind
    for start, what in SIGNATURES.items():
        if data.startswith(start):
            raise UnreadableError(what, wanted, how)
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableError("an empty file", whole, advice)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or data.count(0) > len(data) // 4:
        raise UnreadableError("text in UTF-16", "UTF-8", how)
    text = unicodedata.normalize("NFC", _utf_8(data, name, how))
    if "\0" in text:
        place = _place(data[: data.index(0)], name)
        raise UnreadableError("a NUL byte", "text", "the file is damaged: save it again", *place)
    return text


def _utf_8(data: bytes, name: str, how: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        russian = re.search("[А-Яа-яЁё]{3}", data.decode("cp1251", errors="replace"))
        found = f"text in {'Windows-1251 (cp1251)' if russian else 'another encoding'}"
        raise UnreadableError(found, "UTF-8", how, *_place(data[: error.start], name)) from error


def notice(folder: Path) -> str:
    """Return the licence and attribution that a data package brings, without what no text needs, cut short.

    Raises
    ------
    UnreadableError
        If its file is no ordinary file inside the package, or no text in UTF-8.
    """
    if not os.path.lexists(folder / NOTICE):
        return ""
    text = _utf_8(contents(folder, NOTICE, LARGEST_NOTICE), "", AS_TEXT)
    return CONTROL.sub("", text)[:LONGEST_NOTICE]


def parsed_json(data: bytes) -> Any:
    """Return what JSON bytes hold: each key once, no NaN, no number that another program reads otherwise.

    Raises
    ------
    UnreadableError
        If they are something else.
    """
    try:
        text = decode(data, "", AN_OBJECT)
        return json.loads(text, object_pairs_hook=_each_key_once, parse_int=_integer, parse_constant=_no_constant)
    except RecursionError as error:
        raise UnreadableError("JSON nested too deeply", *AN_OBJECT[2:]) from error
    except json.JSONDecodeError as error:
        place = f"text that is no JSON from line {error.lineno}, character {error.colno} on"
        raise UnreadableError(place, *AN_OBJECT[2:]) from error
    except ValueError as error:
        raise UnreadableError("text that is no JSON", *AN_OBJECT[2:]) from error


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableError(f"the key {shown(twice)} twice", "each key once", "remove one of them")
    return found


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise UnreadableError(f"a number of {len(text)} digits", f"at most {LONGEST_INTEGER}", "correct the number")
    return int(text)


def _no_constant(text: str) -> NoReturn:
    raise UnreadableError(text, "JSON, which has no such number", "correct or remove it")


def _place(before: bytes, name: str) -> tuple[int, str | None]:
    """Return the row and the column at the end of the bytes."""
    try:
        records = list(csv.reader(io.StringIO(before.decode("utf-8-sig", errors="replace"), newline="")))
    except csv.Error:
        return before.count(b"\n") + 1, None
    if not records or before.endswith((b"\n", b"\r")):
        records.append([""])
    header, position = records[0], len(records[-1]) - 1
    column = header[position] if len(records) > 1 and 0 <= position < len(header) else ""
    return len(records), column if name in dictionary() and column in fields(name) else None


def records(text: str) -> list[list[str]]:
    """Return the records of CSV text, each a list of cells."""
    read: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), strict=True):
            if max(map(len, record), default=0) > LONGEST_CELL:
                raise csv.Error(TOO_LARGE)
            read.append(record)
    except csv.Error as error:
        if TOO_LARGE in str(error):
            found, expected = f"a cell of more than {LONGEST_CELL:,} characters", "a short text or a number"
        else:
            found, expected = "a quotation mark out of place", "quotation marks in pairs around a cell"
        advice = "see whether a quotation mark is missing or one too many, from this row on"
        raise UnreadableError(found, expected, advice, len(read) + 1) from error
    return read
