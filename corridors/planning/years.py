"""Which figures of the demand hold in a year: rows of that year, of another, or carried over by control totals.

1. Each demand stands for itself: freight of a commodity between two places whose shippers avoid the same countries. Of
   its rows those of the year are planned, or else those of the latest year before it.
2. A year before the first row of a demand has none of it, but where `total_years.csv` reaches back so far: then what
   is planned in the base year is what the year's figure is made from.
3. A row of another year that was split from a total is multiplied by the total of the year over that of the row's own
   year: what a total's rows are to each other they stay. Where either is not known, the row is planned as it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from corridors.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from corridors.models.arrays import FloatArray
    from corridors.tables.dataset import Dataset


def of_year(demand: pd.DataFrame, year: int, base_year: int | None = None) -> NDArray[np.bool_]:
    """Say which rows of `demand.csv` are planned in a year, shape (rows,).

    A demand whose first row is later is not there yet, and one that a row of 0 kt ends is there no more.

    Parameters
    ----------
    demand
        The rows.
    year
        The year of the plan.
    base_year
        The year whose rows stand for those of a year before every row of a demand, as `base_of` has it; None where
        none do.
    """
    avoid = [tuple(sorted(countries.split(";"))) for countries in demand["avoid"].tolist()]
    asked = (demand[column].tolist() for column in ("origin", "destination", "commodity"))
    names = list(zip(*asked, avoid, strict=True))
    years = demand["year"].tolist()
    latest = _latest(names, years, year)
    if base_year is not None and base_year > year:
        latest = _latest(names, years, base_year) | latest
    return np.array([latest.get(name) == of for name, of in zip(names, years, strict=True)], dtype=np.bool_)


def _latest(names: list[tuple[Any, ...]], years: list[float], year: int) -> dict[tuple[Any, ...], float]:
    """Return the year of the latest row of each demand up to a year."""
    latest: dict[tuple[Any, ...], float] = {}
    for name, of in zip(names, years, strict=True):
        if of <= year:
            latest[name] = max(of, latest.get(name, of))
    return latest


def base_of(dataset: Dataset, year: int) -> int | None:
    """Return the base year where its rows stand for a year before it, as far back as there are totals; else None."""
    reached = dataset["total_years"]["year"]
    return dataset.base_year if not reached.empty and reached.min() <= year < dataset.base_year else None


class LeftOut(NamedTuple):
    """Rows of `demand.csv` of one year that a plan of another leaves out.

    `why` is ``later``, or ``replaced`` where the same demand has a row of a nearer year; `kt` a year.
    """

    year: int
    why: str
    demands: int
    kt: float


def left_out(demand: pd.DataFrame, year: int, base_year: int | None = None) -> list[LeftOut]:
    """Return what a plan of a year leaves out of `demand.csv`, by the year of its rows; `base_year` as in `of_year`."""
    rest = by_year(demand[~of_year(demand, year, base_year)])
    return [LeftOut(of, "later" if of > year else "replaced", len(kt), math.fsum(kt)) for of, kt in rest.items()]


def by_year(demand: pd.DataFrame) -> dict[int, list[float]]:
    """Return the kt a year of rows of the demand by the year of the figure, the earliest first."""
    found: dict[int, list[float]] = {}
    for of, kt in sorted(zip(demand["year"].tolist(), demand["kt"].tolist(), strict=True)):
        found.setdefault(int(of), []).append(kt)
    return found


def demand_of(dataset: Dataset, year: int) -> pd.DataFrame:
    """Return the demand of a year: rows of `demand.csv`, those that a total carries over with its kt and that year.

    Raises
    ------
    DataError
        If there is no demand in the year.
    """
    demand = dataset["demand"]
    if demand.empty:
        raise DataError("demand.csv has no rows yet: add what is to be carried")
    planned = of_year(demand, year, base_of(dataset, year))
    if not planned.any():
        earliest = int(min([*demand["year"].tolist(), *dataset["total_years"]["year"].tolist()]))
        raise DataError(
            f"demand.csv, column year: the earliest demand is of {earliest}, and the year asked for is {year}: "
            "ask for a later year, or add demand, or totals of that year to total_years.csv"
        )
    demand = demand[planned].reset_index(drop=True)
    factor = carried(dataset, demand, year)
    known = ~np.isnan(factor)
    if known.any():
        demand["kt"] = np.where(known, demand["kt"].to_numpy() * factor, demand["kt"].to_numpy())
        demand["year"] = np.where(known, float(year), demand["year"].to_numpy())
    return demand


def carried(dataset: Dataset, demand: pd.DataFrame, year: int) -> FloatArray:
    """Return by what each row of the demand is multiplied in a year, (rows,); NaN where it is planned as it is."""
    totals = figures(dataset)
    found = np.full(len(demand), math.nan)
    if dataset["total_years"].empty:
        return found
    for row, (total, of) in enumerate(zip(demand["total"].tolist(), demand["year"].tolist(), strict=True)):
        before, after = totals.get((total, int(of)), 0.0), totals.get((total, year))
        if of != year and after is not None and before > 0:
            found[row] = after / before
    return found


def carried_demands(dataset: Dataset, year: int) -> set[str]:
    """Return the demands of a year that are carried over by their total's figure of that year."""
    demand = dataset["demand"]
    demand = demand[of_year(demand, year, base_of(dataset, year))]
    return set(demand["demand"][~np.isnan(carried(dataset, demand, year))])


def figures(dataset: Dataset) -> dict[tuple[str, int], float]:
    """Return the kt of every control total in every year that has a figure; that of `totals.csv` is the base year's."""
    totals, others = dataset["totals"], dataset["total_years"]
    base = {(name, dataset.base_year): kt for name, kt in zip(totals["total"], totals["kt"], strict=True)}
    years = zip(others["total"], others["year"], others["kt"], strict=True)
    return base | {(name, int(year)): kt for name, year, kt in years}
