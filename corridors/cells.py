"""The bytes of a file turned into records of cells, or a word on why that cannot be done.

A stranger's file may be anything: another encoding, a workbook, a web page, a quotation mark out of place.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re

from corridors.rules import Fault, dictionary, fields

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


class UnreadableError(Exception):
    """A file that cannot be read any further: found, expected, advice and, where known, row and column."""

    def fault(self, file: str) -> Fault:
        """Give what is wrong as a fault of this file."""
        found, expected, advice, *place = self.args
        row, column = (*place, None, None)[:2]
        return Fault(file, row, column, found, expected, advice)


def digest_of(data: bytes) -> str:
    """Give the SHA-256 of a file's bytes, however its lines end."""
    text = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(text).hexdigest()


def decode(data: bytes, name: str) -> str:
    """Give the text of UTF-8 bytes, with or without a byte-order mark, or say what else they are."""
    for start, what in SIGNATURES.items():
        if data.startswith(start):
            raise UnreadableError(what, "CSV text in UTF-8", AS_CSV)
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise UnreadableError("an empty file", "a header row with the columns' names", "write the header")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or data.count(0) > len(data) // 4:
        raise UnreadableError("text in UTF-16", "UTF-8", AS_CSV)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        russian = re.search("[А-Яа-яЁё]{3}", data.decode("cp1251", errors="replace"))
        found = f"text in {'Windows-1251 (cp1251)' if russian else 'another encoding'}"
        raise UnreadableError(found, "UTF-8", AS_CSV, *_place(data[: error.start], name)) from error
    if "\0" in text:
        place = _place(data[: data.index(0)], name)
        raise UnreadableError("a NUL byte", "text", "the file is damaged: save it again", *place)
    return text


def _place(before: bytes, name: str) -> tuple[int, str | None]:
    """Give the row and the column at the end of the bytes."""
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
    """Give the records of CSV text."""
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
