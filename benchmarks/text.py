"""Tables and figures as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

_WIDTH = 120


def filled(text: str, bullet: str = "") -> str:
    """Return a paragraph, or a point of a list, in lines of the usual width."""
    indent = " " * len(bullet)
    return textwrap.fill(text, _WIDTH, initial_indent=bullet, subsequent_indent=indent, break_on_hyphens=False) + "\n"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, the first column to the left and figures to the right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, marks, *lines]) + "\n"


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, never in powers of ten; a dash for none."""
    if value is None:
        return "–"
    text = f"{value:#.{digits}g}"
    return f"{value:,.0f}" if "e+" in text or abs(value) >= 10**digits else text.rstrip(".")
