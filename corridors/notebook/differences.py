"""What moved from one plan to another, as a notebook holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.notebook import html
from corridors.planning import difference
from corridors.text.language import LANGUAGES, language
from corridors.text.reasons import differing_terms

if TYPE_CHECKING:
    import pandas as pd

LISTED = 5
_LARGE = 1000.0  # from here on figures are whole
_PAIR = ("before", "after", "change")


@dataclass(frozen=True, eq=False, repr=False)
class Difference(difference.Difference):
    """What moved from one plan to another, as `planning.difference.Difference`, that shows itself.

    Attributes
    ----------
    before, after
        What the two plans are called.
    """

    before: str
    after: str

    def __repr__(self) -> str:
        """Return one line."""
        return f"<Difference from {self.before} to {self.after}: {len(self.shifts)} shifts, {len(self.links)} links>"

    def _repr_html_(self) -> str:
        found = [html.heading(f"From {self.before} to {self.after}")]
        if len(self.borders):
            found += [
                html.heading("Crossings of the frontier, kt"),
                _changes(self.borders.head(LISTED), "where", "mode"),
            ]
        found += [_changes(self.totals, "measure", "unit")]
        found += [html.sentence(told) for told in differing_terms(self.unlike, language(LANGUAGES[0]))]
        if len(self.shifts):
            moved = [[row.from_way, row.to_way, html.number(row.kt)] for row in rows(self.shifts.head(LISTED))]
            found.append(html.heading("From where to where"))
            found.append(html.table(["from", "to", "kt a year"], moved, right=(2,)))
        if len(self.corridors):
            found += [
                html.heading("Corridors, kt of through-freight"),
                _changes(self.corridors.head(LISTED), "name", "where"),
            ]
        return html.block(*found)


def _changes(frame: pd.DataFrame, *names: str) -> str:
    lines = [
        [*(str(getattr(row, name)) for name in names), *(_figure(row, column) for column in _PAIR)]
        for row in rows(frame)
    ]
    return html.table([*[""] * len(names), *_PAIR], lines, right=(2, 3, 4))


def _figure(row: Any, column: str) -> str:
    large = max(abs(row.before), abs(row.after)) >= _LARGE
    return html.number(getattr(row, column), 0 if large else 2)
