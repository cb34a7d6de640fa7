"""What moved from one plan to another, as a notebook holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import corridors.notebook.markup as markup
from corridors import difference
from corridors.frames import rows
from corridors.language import LANGUAGES, language
from corridors.reasons import differing_terms

if TYPE_CHECKING:
    import pandas as pd

LISTED = 5
_LARGE = 1000.0  # from here on figures are whole
_PAIR = ("before", "after", "change")


@dataclass(frozen=True, eq=False, repr=False)
class Difference(difference.Difference):
    """What moved from one plan to another, as `difference.Difference`, that shows itself.

    Attributes
    ----------
    before, after
        What the two plans are called.
    """

    before: str
    after: str

    def __repr__(self) -> str:
        """Give one line."""
        return f"<Difference from {self.before} to {self.after}: {len(self.shifts)} shifts, {len(self.links)} links>"

    def _repr_html_(self) -> str:
        found = [markup.heading(f"From {self.before} to {self.after}"), _changes(self.totals, "measure", "unit")]
        found += [markup.sentence(told) for told in differing_terms(self.unlike, language(LANGUAGES[0]))]
        if len(self.shifts):
            moved = [[row.from_way, row.to_way, markup.number(row.kt)] for row in rows(self.shifts.head(LISTED))]
            found.append(markup.heading("From where to where"))
            found.append(markup.table(["from", "to", "kt a year"], moved, right=(2,)))
        if len(self.corridors):
            found += [markup.heading("Corridors, mean kt"), _changes(self.corridors.head(LISTED), "name", "where")]
        return markup.block(*found)


def _changes(frame: pd.DataFrame, *names: str) -> str:
    lines = [[*(str(getattr(row, name)) for name in names), *(_figure(row, column) for column in _PAIR)]
             for row in rows(frame)]  # fmt: skip
    return markup.table([*[""] * len(names), *_PAIR], lines, right=(2, 3, 4))


def _figure(row: Any, column: str) -> str:
    large = max(abs(row.before), abs(row.after)) >= _LARGE
    return markup.number(getattr(row, column), 0 if large else 2)
