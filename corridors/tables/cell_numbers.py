"""Numbers in cells: what is one, and for a cell that holds none what it looks like and what to write instead."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

from corridors.tables.faults import shown
from corridors.tables.schema import Field, number_text

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NUMBER = 100  # characters of a cell that can be meant for one
NO_UNIT = ("1", "0 or 1", "unit", "capacity_unit", "unit of the number", "unit of the parameter")

type _Advice = str | Callable[[re.Match[str], str, str], str]


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
_NO_MARKS = ", without marks between the thousands"
_NO_SPACES = ", without spaces or marks between the thousands"
_ONE_OF_A_RANGE = "write one number; how far it may lie off stands in low and high of provenance.csv"


def _comma_as_point(cell: str) -> str:
    return cell.replace(",", ".")


def _without_commas(cell: str) -> str:
    return cell.replace(",", "")


def _points_between_thousands(cell: str) -> str:
    return cell.replace(".", "").replace(",", ".")


def _marked_thousands(cell: str) -> str:
    return _comma_as_point(_digits(cell))


# The forms in the order in which they are tried: pattern, what it looks like, what to write.
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
        (r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?", "", _write(_comma_as_point, ", with a decimal point")),
        (r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?", "", _write(_without_commas, _NO_MARKS)),
        (r"[+-]?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]*)?", "", _write(_points_between_thousands, _NO_MARKS)),
        (rf"[+−–-]?[0-9]{{1,3}}(?:{_MARK}[0-9]{{3}})+(?:[.,][0-9]*)?", "", _write(_marked_thousands, _NO_SPACES)),
        (r"[−–][0-9.]+", "", _write(_digits, " with the sign - of the keyboard")),
        (rf"[+−–-]?\d[\d.٫{_MARK[1:]}*", "", _write(_digits, " with the digits 0 to 9 and nothing between them")),
        (rf"({_NUMBER})\s*(?:-|–|—|…|\.\.+|to|до)\s*({_NUMBER})", ", a range", _ONE_OF_A_RANGE),
        (r"[+-]?[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?", "", _write(_without_commas, _NO_MARKS)),
        (rf"[+-]?[\d.,{_MARK[1:]}+", "", "write digits without spaces or marks between the thousands"),
        (rf"(?s)[^\d+.-]*([+-]?\d[\d.,{_MARK[1:]}*?)\s*[^\d.,/]+[^\d.,]*", "", _with_unit),
        (rf"[^\d\s+.,/-]+\s*([+-]?\d[\d.,{_MARK[1:]}*)", "", _with_unit),
    )
)
