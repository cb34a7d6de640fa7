"""Small HTML for notebooks: headings, figures and tables, every text escaped, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape


def block(*parts: str) -> str:
    """Put parts of HTML together."""
    return f'<div style="max-width:60em">{"".join(parts)}</div>'


def heading(text: str) -> str:
    """Return a heading."""
    return f'<p style="font-weight:bold;margin:0.6em 0 0.3em">{escape(text)}</p>'


def sentence(text: str) -> str:
    """Return a paragraph."""
    return f'<p style="margin:0.3em 0">{escape(text)}</p>'


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table; `right` are the positions of the columns set to the right."""
    head = _row("th", columns, right) if any(columns) else ""
    body = "".join(_row("td", row, right) for row in rows)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _row(tag: str, cells: Sequence[str], right: Sequence[int]) -> str:
    sides = ("right" if number in right else "left" for number in range(len(cells)))
    told = (
        f'<{tag} style="text-align:{side};padding:1px 8px">{escape(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(told)}</tr>"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with so many decimals, and a dash where there is none."""
    return "–" if value is None or math.isnan(value) else f"{round(value, digits) + 0.0:,.{digits}f}"
