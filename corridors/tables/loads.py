"""What a unit of capacity carries: the most specific row of `loads.csv`, by class of line and by commodity.

A figure of a line's class was counted there, so it goes before one of every line, whatever commodity that names:
class and commodity, class alone, commodity alone, neither.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

EVERY = "*"  # commodity
EVERY_LINE = ""  # class of lines
TEU = "teu_year"  # whose load is the commodity's own, t_per_teu, but where a class of lines says otherwise


class Measure(NamedTuple):
    """In what a limit is measured: the unit of its capacity, and the class of lines whose loads hold for it."""

    unit: str
    load_class: str = EVERY_LINE


class Loads:
    """The tonnes a year that units of capacity carry.

    Parameters
    ----------
    loads, commodities
        The tables, as read.
    """

    def __init__(self, loads: pd.DataFrame, commodities: pd.DataFrame) -> None:
        columns = (loads[name].tolist() for name in ("capacity_unit", "load_class", "commodity", "t_per_unit_year"))
        boxes = zip(commodities["commodity"].tolist(), commodities["t_per_teu"].tolist(), strict=True)
        self._known: dict[tuple[str, str, str], float] = {
            (unit, load_class, commodity): load
            for unit, load_class, commodity, load in zip(*columns, strict=True)
            if (unit, load_class) != (TEU, EVERY_LINE)
        }
        self._known |= {(TEU, EVERY_LINE, commodity): load for commodity, load in boxes if not math.isnan(load)}

    def tonnes(self, measure: Measure, commodity: str) -> float:
        """Return the tonnes of a commodity that a unit carries a year; NaN where the data do not say."""
        for load_class in dict.fromkeys((measure.load_class, EVERY_LINE)):
            for named in (commodity, EVERY):
                if (found := self._known.get((measure.unit, load_class, named))) is not None:
                    return found
        return math.nan

    def has(self, measure: Measure) -> bool:
        """Tell whether a class of lines has a figure of its own in a unit; the class of every line always has."""
        own = (measure.unit, measure.load_class)
        return measure.load_class == EVERY_LINE or any(place[:2] == own for place in self._known)

    def for_all(self, measure: Measure) -> bool:
        """Tell whether every commodity has a load."""
        return not math.isnan(self.tonnes(measure, EVERY))
