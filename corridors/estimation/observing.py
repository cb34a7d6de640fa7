"""Which observations an estimate uses, how much each counts, and which are left out together.

Those of the plan's year count whose use is asked for. Nothing counts twice:

1. Rows of the same freight in the same unit at other periods of the year (January to April, and the whole year) are
   counts of one yearly figure, since the model has no seasons: the standard deviation of each of n such rows is
   multiplied by the root of n, so that together they weigh as one.
2. A row that is a part of another one (`part_of`) by place, direction or commodity counts other freight than the whole
   does, and both stand: what they have in common is in the one figure that the model has for each.

Counted waits are means, not freight: they are left out.

A group is what is counted in one place, or of one kind of freight, in whatever unit, direction and period: leaving out
a crossing's tonnes while its trains stay would be no test.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from corridors.errors import DataError
from corridors.frames import rows
from corridors.tables import observed
from corridors.tables.observed import AT_PLACES, WAIT, WORK

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from corridors.tables.dataset import Dataset

_SAME = ("kind", "where", "origin_countries", "destination_countries", "trade", "direction", "mode", "commodities")


def of_year(
    dataset: Dataset,
    year: int,
    use: Collection[str],
    left_out: Collection[str] = (),
    observations: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the observations of a year.

    Parameters
    ----------
    dataset, observations
        Those of the data package, unless others in its form are given.
    year
        Of which a period has most of its days.
    use
        Whose rows are used.
    left_out
        Names of rows that are not.

    Returns
    -------
    pandas.DataFrame
        The columns of observations.csv, in the order of the names; `group`; `used`; and `weight_sd`, the standard
        deviation that counts.

    Raises
    ------
    DataError
        If none is used.
    """
    table = dataset["observations"] if observations is None else observations
    table = table[table["kind"] != WAIT].sort_values("observation", kind="stable", ignore_index=True)
    of = [observed.period(begin, end).year for begin, end in zip(table["begin"], table["end"], strict=True)]
    table = table[np.array(of, dtype=np.int64) == year].reset_index(drop=True)
    used = table["use"].isin(list(use)).to_numpy() & ~table["observation"].isin(list(left_out)).to_numpy()
    if not used.any():
        raise DataError(
            f"observations.csv: found no row of {year} with use {' or '.join(use)}, expected some to estimate from: "
            "ask for another year or another use, or add counts"
        )
    told = list(rows(table))
    alike = [_freight(row) for row in told]
    often = Counter(one for one, counts in zip(alike, used.tolist(), strict=True) if counts)
    repeated = np.sqrt([max(often[one], 1) for one in alike])
    found: pd.DataFrame = table.assign(
        group=_names([_group(row) for row in told], table["observation"].tolist()),
        used=used,
        weight_sd=table["sd"].to_numpy(dtype=np.float64) * np.where(used, repeated, 1.0),
    )
    return found


def _parts(cell: str) -> str:
    return ";".join(sorted(observed.parts(cell)))


def _freight(row: Any) -> tuple[str, ...]:
    """Return what tells the freight of a row, and its unit: a mean a day and an amount of the period are one."""
    unit = row.unit.removesuffix(observed.A_DAY)
    return (*(_parts(getattr(row, column)) for column in _SAME), unit)


def _group(row: Any) -> tuple[str, ...]:
    """Return what tells the group of a row."""
    mode, where = _parts(row.mode), _parts(row.where)
    if row.kind in AT_PLACES:
        return ("place", where, mode)
    return (row.kind, where, mode, *_freight(row)[2:5], _parts(row.commodities), str(row.unit == WORK))


def _names(groups: list[tuple[str, ...]], observations: list[str]) -> list[str]:
    """Call each group by the first of its observations."""
    first: dict[tuple[str, ...], str] = {}
    for group, name in zip(groups, observations, strict=True):
        first[group] = min(name, first.get(group, name))
    return [first[group] for group in groups]
