r"""What is estimated: cells of a data package that a coordinate multiplies, adds to, or shares out.

A parameter's coordinate :math:`q` is 0 at the data: a factor multiplies its cells by :math:`e^q`, an addend adds
:math:`q`. A share multiplies the row of a control total by :math:`e^q` and all free rows of the total are made to add
up to what they were, so that totals stay exact. A control total that nobody counted may be a parameter, too: a factor
on it and on all rows of the demand that were split from it. A data package at a point is an ordinary one, with the same
rows and other numbers: what is estimated is what is written.

What may be estimated are the uncertain parameters of `corridors.uncertainty.parameters`, in its groups, since each has
one source of error; shares, totals, choices and constants have a coordinate a row. A band of provenance.csv says how
wide the prior is, as `corridors.uncertainty.distribution` reads it: the standard deviation of the logarithm, below and
above the value taken together. Parameters of a group have that part of it which they share, the root of the
correlation.

The shares of a total are held by :math:`n_t = K_t / \sum_k s_k \sigma_k^2`, as many counts as make rows of their
bands, for the K rows with shares :math:`s_k` and standard deviations :math:`\sigma_k`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.errors import DataError
from corridors.models.estimation.prior import NORMAL, Prior
from corridors.planning.years import carried_demands
from corridors.tables.frame_mapping import Frames
from corridors.tables.schema import keys
from corridors.uncertainty.distribution import Distribution
from corridors.uncertainty.parameters import CORRELATION, uncertain
from corridors.uncertainty.posterior import ADDEND, ESTIMATED, FACTOR, SHARE, acted

if TYPE_CHECKING:
    from corridors.models.arrays import FloatArray, IntArray
    from corridors.tables.dataset import Dataset

CHOICE = "choice"
TOTALS, TOTAL_YEARS = "totals", "total_years"
UNCOUNTED = ("assumed", ESTIMATED)  # what provenance.csv says of totals that stay exact no longer
_LEAST_SD = 1e-4  # a band so narrow is exact
COLUMNS = {  # the cells of each group that has its parameters by rows or by groups of uncertainty
    "tau": (("choice", ("tau", "nesting", "way_nesting")),),
    "tariffs": (("tariffs", ("usd_per_km",)), ("modes", ("usd_per_tkm",))),
    "speeds": (
        ("links", ("speed_kmh", "hours_fixed")),
        ("modes", ("speed_kmh", "speed_factor")),
    ),
    "borders": (
        ("borders", ("hours", "hours_best", "usd_per_t")),
        ("terminals", ("hours", "hours_best", "usd_per_t")),
    ),
}
_OF_BORDERS = ("hours of border", "charges of border")  # the groups of terminals.csv that stand at frontiers


@dataclass(frozen=True)
class Parameter:
    """One free coordinate q.

    Attributes
    ----------
    name
        Unique, in English: the group of `uncertainty.parameters`, or the row.
    group
        Of `EstimationOptions.free`.
    table, keys, column
        The cells, by the keys of their rows as provenance.csv writes them.
    kind
        ``factor``: cells are multiplied by exp(q). ``addend``: q is added. ``share``: the row's share of its total is
        multiplied by exp(q), and the shares of the total still add up to what they were.
    prior_sd
        Standard deviation of q before anything was counted.
    total
        Of a share the control total, else "".
    """

    name: str
    group: str
    table: str
    keys: tuple[str, ...]
    column: str
    kind: str
    prior_sd: float
    total: str = ""


@dataclass(frozen=True, eq=False)
class Parameters:
    """The Q free parameters of a data package.

    Attributes
    ----------
    dataset
        The data package at q = 0, with the rows as they were given.
    each
        The parameters: those of a total's shares stand together.
    """

    dataset: Dataset
    each: tuple[Parameter, ...]

    def __len__(self) -> int:
        """Return Q."""
        return len(self.each)

    @cached_property
    def prior_sd(self) -> FloatArray:
        """Standard deviations before anything was counted, (Q,)."""
        return np.array([one.prior_sd for one in self.each], dtype=np.float64)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each, (Q,)."""
        return tuple(one.kind for one in self.each)

    def where(self, kind: str) -> IntArray:
        """Return the parameters of a kind."""
        return np.array([place for place, one in enumerate(self.kinds) if one == kind], dtype=np.int64)

    @cached_property
    def prior(self) -> Prior:
        """What is believed before anything was counted."""
        shares = self.where(SHARE)
        totals = {name: number for number, name in enumerate(dict.fromkeys(self.each[one].total for one in shares))}
        group = np.full(len(self), NORMAL)
        share0 = np.ones(len(self))
        if not shares.size:
            return Prior(self.prior_sd, group, share0, np.empty(0))
        group[shares] = [totals[self.each[one].total] for one in shares]
        of = group[shares]
        share0[shares] = self._values("demand", "kt")[self._rows_of(shares)]
        share0[shares] /= np.bincount(of, share0[shares])[of]
        wide = np.bincount(of, share0[shares] * self.prior_sd[shares] ** 2)
        return Prior(self.prior_sd, group, share0, np.bincount(of) / wide)

    def at(self, q: FloatArray) -> Dataset:
        """Return the data package at a point, (Q,): rows as they were given, nothing checked anew."""
        point = self.prior.centred(np.asarray(q, dtype=np.float64))
        tables: dict[str, Any] = dict(self.dataset.tables)
        changed = set()
        for table, column, kind, rows, owner in self._cells:
            if not point[owner].any():
                continue
            old = tables[table][column].to_numpy(dtype=np.float64, copy=True)
            old[rows] = acted(kind, old[rows], point[owner])
            tables[table][column] = old
            changed.add(table)
        if not changed:
            return self.dataset
        hashes = {name: digest for name, digest in self.dataset.hashes.items() if name not in changed}
        return replace(self.dataset, tables=Frames(tables), hashes=hashes)

    def moves(self, demand: pd.DataFrame, year: int) -> IntArray:
        """Return which rows of the demand of a year follow which parameters in proportion, as pairs of both, (n, 2).

        A row follows its share, and its total: the figure of the year if its total carries it over, else that of
        totals.csv.
        """
        carries = carried_demands(self.dataset, year)
        found: dict[tuple[str, str], list[int]] = {}
        for row, (name, total) in enumerate(zip(demand["demand"], demand["total"], strict=True)):
            of = (TOTAL_YEARS, f"{total}|{year}") if name in carries else (TOTALS, str(total))
            found.setdefault(of, []).append(row)
            found.setdefault(("demand", str(name)), []).append(row)
        own = ((place, (one.table, key)) for place, one in enumerate(self.each) for key in one.keys)
        pairs = [(row, place) for place, at in own for row in found.get(at, ())]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def cells(self, q: FloatArray) -> pd.DataFrame:
        """Return every cell of the parameters: parameter, table, key, column, before and at a point."""
        after = self.at(q)
        found = []
        for table, column, _, rows, owner in self._cells:
            names = keys(table, self.dataset[table])
            before, now = self._values(table, column), after[table][column].to_numpy(dtype=np.float64)
            for row, one in zip(rows.tolist(), owner.tolist(), strict=True):
                found.append((self.each[one].name, table, names[row], column, float(before[row]), float(now[row])))
        return pd.DataFrame(found, columns=["parameter", "table", "key", "column", "before", "estimate"])

    @cached_property
    def _cells(self) -> list[tuple[str, str, str, IntArray, IntArray]]:
        """Table, column and kind with the rows of their cells and whose they are.

        Splits go with their demand, and the demand goes with its total; that of another year follows from total_years.
        """
        places: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
        numbers = {name: {key: row for row, key in enumerate(keys(name, self.dataset[name]))} for name in self._tables}
        for owner, one in enumerate(self.each):
            for key in one.keys:
                places.setdefault((one.table, one.column, one.kind), []).append((numbers[one.table][key], owner))
                split = self._split_of.get(key) if one.kind == SHARE else None
                if split is not None:
                    places.setdefault(("splits", "share", SHARE), []).append((split, owner))
                if one.table == TOTALS:
                    rows = np.flatnonzero((self.dataset["demand"]["total"] == key).to_numpy()).tolist()
                    places.setdefault(("demand", "kt", FACTOR), []).extend((row, owner) for row in rows)
        return [(*place, *np.array(found, dtype=np.int64).reshape(-1, 2).T.copy()) for place, found in places.items()]

    @property
    def _tables(self) -> set[str]:
        return {one.table for one in self.each}

    @cached_property
    def _split_of(self) -> dict[str, int]:
        """The row of splits.csv from which each demand was made, by the demand's name."""
        splits = self.dataset["splits"]
        pairs = zip(splits["total"].tolist(), splits["split"].tolist(), strict=True)
        return {f"{total}:{split}": row for row, (total, split) in enumerate(pairs)}

    def _rows_of(self, which: IntArray) -> IntArray:
        """Return the row of each of some parameters of one cell."""
        number: dict[str, dict[str, int]] = {}
        found = []
        for one in (self.each[place] for place in which.tolist()):
            if one.table not in number:
                number[one.table] = {key: row for row, key in enumerate(keys(one.table, self.dataset[one.table]))}
            found.append(number[one.table][one.keys[0]])
        return np.array(found, dtype=np.int64)

    def _values(self, table: str, column: str) -> FloatArray:
        return self.dataset[table][column].to_numpy(dtype=np.float64)


def parameters(dataset: Dataset, year: int, running: str, free: Sequence[str]) -> Parameters:
    """Return the free parameters of a plan of a year.

    Parameters
    ----------
    dataset
        A data package without scenarios.
    year, running
        What the plan is of: figures that it does not read are not free.
    free
        Groups of parameters (`estimation.GROUPS`).

    Raises
    ------
    DataError
        If a group has no parameter with a band.
    """
    dataset = dataset.as_given()
    told = uncertain(dataset, year, running, behaviour=(CHOICE,)) if set(free) - {"constants"} else None
    found: list[Parameter] = []
    for group in dict.fromkeys(free):
        mine = _MAKERS[group](dataset, told) if group in _MAKERS else _grouped(group, told)
        if not mine:
            raise DataError(
                f"free: found {group}, of which the data package has nothing uncertain in this year: give numbers a "
                "low and a high in provenance.csv, or rows to the table, or leave it out"
            )
        found += mine
    return Parameters(dataset, _named(found))


def _spread(told: pd.DataFrame) -> FloatArray:
    """Return the standard deviation of the logarithm of each uncertain parameter, below and above taken together."""
    groups = tuple(dict.fromkeys(told["group"]))
    found: FloatArray = Distribution(told, groups).spread.mean(axis=0)
    return found


def _shares(dataset: Dataset, told: Any) -> list[Parameter]:
    """Return a share for each row of the demand with a band and a total that has another such row.

    Errors of a group's numbers have a correlation; what they have in common moves no share, so that a share's standard
    deviation is that of the rest.
    """
    demand = dataset["demand"]
    mine = told[(told["table"] == "demand") & (told["column"] == "kt")].reset_index(drop=True)
    mine = mine.assign(total=demand["total"].to_numpy()[mine["row"]], year=demand["year"].to_numpy()[mine["row"]])
    mine = mine.assign(sd=_spread(mine) * math.sqrt(1 - CORRELATION))
    mine = mine[mine["total"].isin(dataset["totals"]["total"]) & (mine["sd"] > _LEAST_SD)]
    found = []
    for (total, _), rows in mine.groupby(["total", "year"], sort=True):
        if len(rows) > 1:
            each = zip(rows["key"], rows["sd"], strict=True)
            found += [
                Parameter(f"share: {key}", "shares", "demand", (key,), "kt", SHARE, float(sd), str(total))
                for key, sd in each
            ]
    return found


def _totals(_: Dataset, told: Any) -> list[Parameter]:
    """Return a factor for each total of the year that has a band and that nobody counted."""
    mine = told[told["table"].isin((TOTALS, TOTAL_YEARS))].reset_index(drop=True)
    each = zip(mine["table"], mine["key"], mine["status"], _spread(mine), strict=True)
    return [
        Parameter(f"total: {key}", TOTALS, table, (key,), "kt", FACTOR, float(sd))
        for table, key, status, sd in each
        if status in UNCOUNTED and sd > _LEAST_SD
    ]


def _constants(dataset: Dataset, _: Any) -> list[Parameter]:
    table = dataset["constants"]
    each = zip(table["constant"].tolist(), table["sd_usd_per_t"].tolist(), strict=True)
    return [
        Parameter(f"constant: {name}", "constants", "constants", (name,), "usd_per_t", ADDEND, float(sd))
        for name, sd in sorted(each)
    ]


def _by_row(_: Dataset, told: Any) -> list[Parameter]:
    """Return a factor for each row of choice.csv with a band, and for each of its figures."""
    found = []
    for table, columns in COLUMNS["tau"]:
        mine = told[(told["table"] == table) & told["column"].isin(columns)]
        for row, sd in zip(mine.itertuples(), _spread(mine), strict=True):
            if sd > _LEAST_SD:
                name = f"{row.column}: {row.key}"
                found.append(Parameter(name, "tau", table, (row.key,), row.column, FACTOR, float(sd)))
    return found


def _grouped(group: str, told: Any) -> list[Parameter]:
    """Return a factor for each group of uncertain parameters in the cells of a group that is free."""
    found = []
    for table, columns in COLUMNS[group]:
        mine = told[(told["table"] == table) & told["column"].isin(columns)].reset_index(drop=True)
        if (group, table) == ("borders", "terminals"):
            mine = mine[mine["group"].str.startswith(_OF_BORDERS)].reset_index(drop=True)
        mine = mine.assign(sd=_spread(mine)) if len(mine) else mine.assign(sd=[])
        for (column, name), rows in mine.groupby(["column", "group"], sort=True):
            common = float(rows["sd"].mean()) * (np.sqrt(CORRELATION) if len(rows) > 1 else 1.0)
            if common > _LEAST_SD:
                found.append(Parameter(name, group, table, tuple(rows["key"]), column, FACTOR, common))
    return found


def _named(found: list[Parameter]) -> tuple[Parameter, ...]:
    """Return the parameters with names that are told apart: by table and column where one stands for several."""
    names = [one.name for one in found]
    return tuple(
        one if names.count(one.name) == 1 else replace(one, name=f"{one.name} ({one.table}.{one.column})")
        for one in found
    )


_MAKERS: dict[str, Callable[[Dataset, Any], list[Parameter]]] = {
    "shares": _shares,
    "totals": _totals,
    "constants": _constants,
    "tau": _by_row,
}
