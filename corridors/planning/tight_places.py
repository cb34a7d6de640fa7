"""Which of a plan's bottlenecks are told first: without those in the air, rows of one line together, and what changed.

Stretches of one line that are full alike have the same figures in every row, and are one bottleneck to whoever reads
it. A bottleneck that has been widened since the plan's year says so: a line was opened beside it, or its pool grew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridors.frames import rows
from corridors.network import ids
from corridors.planning.balance import AIR
from corridors.planning.summary import tight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridors.planning.planner import Plan
    from corridors.tables.dataset import Dataset

DIGITS = 9  # figures that agree so far are alike
FIGURES = ("unit", "capacity", "utilisation", "shadow_price_low", "shadow_price_high", "status", "queue_days")


@dataclass(frozen=True)
class TightPlace:
    """A bottleneck, or the stretches of one line that are full alike.

    Attributes
    ----------
    rows
        Its rows of the plan's bottlenecks, the worthiest first.
    since
        The day on which it was widened, after the plan's year; "" if it was not.
    """

    rows: Sequence[Any]
    since: str

    @property
    def first(self) -> Any:
        """The row that has its figures."""
        return self.rows[0]


def tight_places(plan: Plan, dataset: Dataset, *, air: bool = False) -> list[TightPlace]:
    """Return the full resources that have a price, in their order; those that only aircraft take where `air` is set."""
    found: dict[tuple[object, ...], list[Any]] = {}
    flying = set() if air else only_by_air(plan)
    widened = widened_since(dataset, int(plan.summary["year"]))
    modes = dict(zip(dataset["links"]["link"].tolist(), dataset["links"]["mode"].tolist(), strict=True))
    for row in rows(tight(plan.bottlenecks)):
        if row.resource in flying:
            continue
        figures = (getattr(row, name) for name in FIGURES)
        alike = tuple(round(one, DIGITS) if isinstance(one, float) else one for one in figures)
        line = modes.get(row.resource, row.resource)  # only links lie on a line
        found.setdefault((line, widened.get(row.resource, ""), *map(repr, alike)), []).append(row)
    return [TightPlace(of, widened.get(of[0].resource, "")) for of in found.values()]


def only_by_air(plan: Plan) -> set[str]:
    """Return the limited resources that nothing but aircraft takes on its way."""
    taken: dict[str, set[str]] = {}
    for row in rows(plan.flows):
        for resource in filter(None, row.resources.split(";")):
            taken.setdefault(resource, set()).add(row.mode)
    return {resource for resource, modes in taken.items() if modes == {AIR}}


def widened_since(dataset: Dataset, year: int) -> dict[str, str]:
    """Return the limited resources that were widened after a year, with the day; what has none is but planned.

    A link is, where another of its mode was opened between its two places; a pool, where a later row has a day.
    """
    found: dict[str, str] = {}
    links = list(rows(dataset["links"]))
    opened: dict[tuple[str, frozenset[str]], str] = {}
    for row in links:
        if row.opened and row.year_open > year:
            opened[row.mode, frozenset((row.from_node, row.to_node))] = row.opened
    for row in links:
        day = opened.get((row.mode, frozenset((row.from_node, row.to_node))))
        if day and not row.year_open > year:
            found[row.link] = day
    for row in rows(dataset["pools"]):
        if row.opened and row.year_open > year:
            found.setdefault(ids.of_pool(row.pool), row.opened)
    return found
