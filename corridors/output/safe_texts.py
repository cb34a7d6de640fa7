"""Text that neither a spreadsheet nor a terminal obeys: it may be a stranger's."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
FLOAT_FORMAT = "%.12g"
# What a terminal obeys or a reader does not see: controls (C0, DEL, C1), the ends of lines and paragraphs, marks that
# turn the direction of writing, and halves of characters, as undecodable bytes of names become.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def safe_text(text: str) -> str:
    """Return text that no spreadsheet runs: what would begin a formula gets an apostrophe before it (OWASP)."""
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def own_text(text: str) -> str:
    """Return the text that `safe_text` made safe."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def printable(text: str, *, lines: bool = True) -> str:
    """Return text that no terminal obeys: control characters are replaced by their escapes, as Python writes them.

    Parameters
    ----------
    text
        Any text, a stranger's too.
    lines
        Whether it may have several lines, and tabs.
    """
    found = _OBEYED.sub(_escape, text)
    return found if lines else found.replace("\n", "\\n").replace("\t", "\\t")


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8 (PEP 383)
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def csv_text(
    frame: pd.DataFrame, numbers: str | Callable[[Any], str] = FLOAT_FORMAT, exact: Collection[str] = ()
) -> str:
    """Return a table as CSV: a header row, LF line ends, no formulas, blank where a value is missing.

    Numbers of the columns `exact` have all their digits, so that reading them gives the very same ones.
    """
    safe = frame.copy()
    for column in safe.columns:
        if safe[column].dtype.kind not in "fiub":
            safe[column] = [safe_text(value) if isinstance(value, str) else value for value in safe[column]]
        elif column in exact:
            safe[column] = ["" if value != value else repr(value) for value in safe[column].tolist()]
    return safe.to_csv(index=False, lineterminator="\n", float_format=numbers)
