"""Amounts as people tell them: three digits that count, and words for millions and billions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corridors.text.language import Language

DIGITS = 3
BILLION, MILLION, THOUSAND, HUNDRED = 1e9, 1e6, 1e3, 100.0


def amount(value: float, say: Language) -> str:
    """Return an amount such as 51.6 bn, 14.5 M, 829,000, 25.7 or 0.04; a dash where there is none.

    Three digits count, or all before the decimal sign of thousands of billions; what would be rounded up to the next
    word has it: 999,999 is 1.00 M.
    """
    if not math.isfinite(value) or value == 0:
        return say.number(value)
    if abs(value) >= THOUSAND * BILLION:
        return say("{number} bn", number=say.number(value / BILLION))
    value = float(f"{value:.{DIGITS}g}")
    if abs(value) >= BILLION:
        return say("{number} bn", number=_digits(value / BILLION, say))
    if abs(value) >= MILLION:
        return say("{number} M", number=_digits(value / MILLION, say))
    return _digits(value, say)


def _digits(value: float, say: Language) -> str:
    """Return a number of three digits that count, whole from a hundred on."""
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 1
    return say.number(value, 0 if abs(value) >= HUNDRED else DIGITS - whole)
