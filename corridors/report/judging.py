"""Which changes are for the better: less money, fewer days and emissions, more of the freight carried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corridors.frames import rows
from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.planning.difference import Difference

BETTER, WORSE = later("better"), later("worse")
WISHED = {"usd_freight": -1, "objective_value": -1, "kt_unserved": -1, "days_mean": -1, "t_co2e": -1, "kt_served": 1}
LEAST = 1e-6  # relative: what changes by less has not changed


def verdicts(changed: Difference) -> list[str]:
    """Return `BETTER`, `WORSE` or "" for each row of the totals of two plans: most freight is neither."""
    found = []
    for row in rows(changed.totals):
        size = max(abs(row.before), abs(row.after))
        wished = WISHED.get(row.measure, 0) if abs(row.change) > LEAST * size else 0
        found.append("" if not wished else BETTER if row.change * wished > 0 else WORSE)
    return found
