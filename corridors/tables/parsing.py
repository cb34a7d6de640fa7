"""The bytes of a file turned into records of cells, or a word on why that cannot be done.

A stranger's file may be anything: another encoding, a workbook, a web page, a quotation mark out of place.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import math
import os
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from corridors.files import LARGEST, UnsuitableFile, read_bytes
from corridors.tables.rules import EMBEDDED, Fault, Field, dictionary, fields, number_text, shown

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
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NUMBER = 100  # characters of a cell that can be meant for one
NO_UNIT = ("1", "0 or 1", "unit", "capacity_unit", "unit of the number")
NOTICE, LARGEST_NOTICE = "LICENSE.md", 2**20  # bytes
LONGEST_NOTICE = 20_000  # characters of it that are handed on
CONTROL = re.compile(  # what no text needs: control characters, invisible ones, those that turn its direction, halves
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
LONGEST_INTEGER = 18  # digits that any program reads exactly


class UnreadableError(Exception):
    """A file that cannot be read any further: found, expected, advice and, where known, row and column."""

    def fault(self, file: str) -> Fault:
        """Give what is wrong as a fault of this file."""
        found, expected, advice, *place = self.args
        row, column = (*place, None, None)[:2]
        return Fault(file, row, column, found, expected, advice)


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
    """Give the SHA-256 of a file's bytes, however its lines end."""
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
        return json.loads(decode(data, "", AN_OBJECT), object_pairs_hook=_each_key_once, parse_int=_integer,
                          parse_constant=_no_constant)  # fmt: skip
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


def number(cell: str) -> float:
    """Return the number that a cell holds, as JSON would write it, or inf; NaN if it holds none."""
    if NUMBER.fullmatch(cell):
        found = float(cell)
        return found if math.isfinite(found) else math.nan
    return math.inf if cell == "inf" else math.nan


def no_number(cell: str, field: Field) -> tuple[str, str]:
    """Say what a cell that holds no number looks like, and what to write in its place.

    A comma before three digits parts thousands in some countries and is the decimal mark in others: nobody but the
    writer knows which, so both readings are given.
    """
    unit = field["unit"]
    own = "" if unit in NO_UNIT else f" in {unit}"
    for pattern, note, advice in _FORMS if len(cell) < LONGEST_NUMBER else ():
        if match := pattern.fullmatch(cell):
            return shown(cell) + note, advice if isinstance(advice, str) else advice(match, unit, own)
    return shown(cell), "write the number alone, as its unit is the column's"


type _Advice = str | Callable[[re.Match[str], str, str], str]


def _digits(text: str) -> str:
    """Return a number with the digits 0 to 9, its signs as computers write them, and no mark between thousands."""
    latin = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)
    return re.sub(rf"{_MARK}|'", "", latin.replace("−", "-").replace("–", "-").replace("٫", "."))


def _plain(text: str) -> str:
    """Return a number as the tables write it, or as it stands if it is too large for any."""
    found = number(text)
    return text if found != found else number_text(found)


def _write(digits: Callable[[str], str], why: str) -> Callable[[re.Match[str], str, str], str]:
    return lambda match, _unit, _own: f"write {_plain(digits(match[0]))}{why}"


def _thousands_or_decimal(match: re.Match[str], _unit: str, _own: str) -> str:
    large, small = _plain(match[0].replace(",", "")), _plain(match[0].replace(",", "."))
    return f"write {large} if the comma parts thousands, or {small} if it is the decimal mark"


def _date(match: re.Match[str], unit: str, _own: str) -> str:
    year = re.search(r"\d{4}", match[0])
    if unit == "calendar year":
        return f"write the year alone, {year[0]}" if year else "write the year alone"
    return "write the number anew, with the cell's format set to number before"


def _time(match: re.Match[str], unit: str, own: str) -> str:
    if unit != "h":
        return f"write the number{own} anew, with the cell's format set to number before"
    hours = int(match[1]) + int(match[2]) / 60 + int(match[3] or 0) / 3600
    return f"write {number_text(round(hours, 6))}, the hours as a number"


def _percent(match: re.Match[str], unit: str, own: str) -> str:
    share = number(_digits(match[1]).replace(",", "."))
    if unit != "1" or share != share:
        return f"write the number{own} without the sign for per cent"
    return f"write {number_text(round(share / 100, 15))}, the share of 1"


def _with_unit(match: re.Match[str], _unit: str, own: str) -> str:
    alone = match[1] if NUMBER.fullmatch(match[1]) else "the number"
    return f"write {alone} alone{own and f' if it is{own}'}, as a cell holds no unit"


_MARK = r"[\s_'’٬]"  # what stands between thousands; \s holds the narrow and the unbreaking spaces
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|"
    r"қаң|ақп|нау|сәу|мам|мау|шіл|там|қыр|қаз|қар|жел)\w*\.?"
)
_MULTIPLE = r"(?:k|mln|mn|bn|thousand|million|billion|тыс|млн|млрд|тысяч|миллион|мың|миллиард)"
_DATE = (
    rf"\d{{1,2}}([./-])\d{{1,2}}\1\d{{2}}(?:\d\d)?(?:\s.*)?|\d{{4}}([./-])\d{{1,2}}\2\d{{1,2}}(?:[T\s].*)?"
    rf"|\d{{1,2}}[-. ]{_MONTH}(?:[-. ]\d{{2,4}}.*)?|{_MONTH}[-. ]\d{{2,4}}|{_MONTH}\s\d{{1,2}},?\s\d{{4}}"
    r"|\d{1,2}[/-]\d{4}|\d{4}[/-]\d{1,2}"
)
_FORMS: tuple[tuple[re.Pattern[str], str, _Advice], ...] = tuple(
    (re.compile(pattern), note, advice)
    for pattern, note, advice in (
        (_NUMBER, "", "correct the cell, as nothing in a data package is that large"),
        (rf"\s*{_NUMBER}\s*", "", _write(str.strip, " without blanks around it")),
        (r"(?i)nan|na|n/a|none|null|nil|-|–|—|\?|\.+", "", "leave the cell blank where nothing is given"),
        (r"(?i)[+-]?inf(inity)?|[+-]?∞|unlimited", "", "write inf where there is no limit"),
        (r"#[A-ZА-Я/0-9]+[!?]?|=.*", "", "write the value in place of the spreadsheet's formula"),
        (rf"(?is){_DATE}", ", a date", _date),
        (r"([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9]))?", ", a time", _time),
        (rf"\(\s*({_NUMBER})\s*\)", "", lambda match, _unit, _own: f"write -{match[1]} if it is below 0"),
        (rf"(?i)[^\d]*[\d\s.,]*\d\s*{_MULTIPLE}\b.*", "", "write the number in full, without a word for thousands"),
        (r"(?i)true|yes|y|да|иә", "", "write 1 for yes and 0 for no, or the number"),
        (r"(?i)false|no|n|нет|жоқ", "", "write 0 for no and 1 for yes, or the number"),
        (rf"\s*(.*\d[\d.,{_MARK[1:]}*)[%％٪]\s*", ", per cent", _percent),
        (r"[+-]?[1-9][0-9]{0,2},[0-9]{3}", "", _thousands_or_decimal),
        (r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?", "",
         _write(lambda cell: cell.replace(",", "."), ", with a decimal point")),
        (r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", "",
         _write(lambda cell: cell.replace(",", ""), ", without marks between the thousands")),
        (r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?", "",
         _write(lambda cell: cell.replace(".", "").replace(",", "."), ", without marks between the thousands")),
        (rf"[+−–-]?[0-9]{{1,3}}(?:{_MARK}[0-9]{{3}})+(?:[.,][0-9]*)?", "",
         _write(lambda cell: _digits(cell).replace(",", "."), ", without spaces or marks between the thousands")),
        (r"[−–][0-9.]+", "", _write(_digits, " with the sign - of the keyboard")),
        (rf"[+−–-]?\d[\d.٫{_MARK[1:]}*", "", _write(_digits, " with the digits 0 to 9 and nothing between them")),
        (rf"({_NUMBER})\s*(?:-|–|—|…|\.\.+|to|до)\s*({_NUMBER})", ", a range",
         "write one number; how far it may lie off stands in low and high of provenance.csv"),
        (r"[+-]?[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?", "",
         _write(lambda cell: cell.replace(",", ""), ", without marks between the thousands")),
        (rf"[+-]?[\d.,{_MARK[1:]}+", "", "write digits without spaces or marks between the thousands"),
        (rf"(?s)[^\d+.-]*([+-]?\d[\d.,{_MARK[1:]}*?)\s*[^\d.,/]+[^\d.,]*", "", _with_unit),
        (rf"[^\d\s+.,/-]+\s*([+-]?\d[\d.,{_MARK[1:]}*)", "", _with_unit),
    )
)  # fmt: skip
