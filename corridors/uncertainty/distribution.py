"""The joint distribution of the uncertain parameters: how far from their values, and together with which.

Every parameter has a status and a low and a high in `provenance.csv`. It is drawn as

    value * exp(s z),   z ~ N(0, 1),   s = ln(value / low) / q  below the value,  s = ln(high / value) / q  above it,

so that the data's value is the median, and q is such that [low, high] holds the share `COVERAGE[status]` of samples:
bands that were judged are known to be too narrow (Lichtenstein, Fischhoff & Phillips 1982; Morgan & Henrion 1990), so
the weaker the status, the more lies outside. Errors are factors, because the bands are: values lie near the geometric
middle of their bands, far from the arithmetic one, and speeds, prices, waits and tonnes cannot be negative.

Parameters of a group err together: z = sqrt(r) z_group + sqrt(1 - r) z_own, which is N(0, 1) again, with correlation r
between two of a group (a one-factor Gaussian copula). Thousands of independent errors would average out to
nothing, and no expert errs independently a thousand times.

What a data package has estimated from counts is drawn together from the posterior of the estimate instead
(`corridors.uncertainty.posterior_cells`). Its numbers are correlated across all groups, so it is one coordinate of a
point: the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from corridors.tables.frame_mapping import Frames
from corridors.tables.schema import fields, limits
from corridors.uncertainty.parameters import CORRELATION, uncertain
from corridors.uncertainty.posterior_cells import GROUP, PosteriorCells, drawn_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.tables.dataset import Dataset
    from corridors.uncertainty.posterior import Posterior

COVERAGE = {
    "observed": 0.95,
    "derived": 0.95,
    "recalled": 0.90,
    "calibrated": 0.90,
    "estimated": 0.90,
    "assumed": 0.80,
}
FARTHEST = 3.0  # standard deviations: nobody who gave a band meant what lies beyond
_KEY_BITS = 53  # of a number between 0 and 1
_GROUP_BITS = 20


@dataclass(frozen=True, eq=False)
class Distribution:
    """The uncertain parameters of a data package and their joint distribution.

    Attributes
    ----------
    parameters
        What is drawn from bands, one a row: its table, key, column and row there, value, low, high, status and group.
    groups
        Names of what errs together of these, in the order of the coordinates of a point.
    correlation
        Of two parameters of a group, r.
    seed
        Of the own parts.
    coverage
        Share of samples that a band holds, by status.
    estimated
        What is drawn from the posterior of an estimate; None if nothing is.
    """

    parameters: pd.DataFrame
    groups: tuple[str, ...]
    correlation: float = CORRELATION
    seed: int = 0
    coverage: Mapping[str, float] = field(default_factory=lambda: COVERAGE)
    estimated: PosteriorCells | None = None

    @property
    def coordinates(self) -> tuple[str, ...]:
        """Names of the coordinates of a point: the groups, and the posterior if there is one."""
        return self.groups if self.estimated is None else (*self.groups, GROUP)

    @property
    def dimension(self) -> int:
        """How many coordinates a point has."""
        return len(self.coordinates)

    @property
    def posterior(self) -> tuple[str, int]:
        """The runs of whose posterior numbers are drawn, and how many numbers; blank and 0 if none are."""
        return ("", 0) if self.estimated is None else (self.estimated.posterior.source, len(self.estimated.figures))

    @cached_property
    def figures(self) -> pd.DataFrame:
        """All that is drawn, in the order of the values of a sample: from bands, then from the posterior."""
        if self.estimated is None:
            return self.parameters
        return pd.concat([one for one in (self.parameters, self.estimated.figures) if len(one)], ignore_index=True)

    @cached_property
    def _value(self) -> NDArray[np.float64]:
        return self.parameters["value"].to_numpy(dtype=np.float64)

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """Standard deviations of the logarithm below and above the value, shape (2, parameters)."""
        low, high = (self.parameters[end].to_numpy(dtype=np.float64) for end in ("low", "high"))
        coverage = self.parameters["status"].map(dict(self.coverage)).to_numpy(dtype=np.float64)
        down, up = _logarithms(self._value, low, high)
        return np.stack([down, up]) / ndtri((1.0 + coverage) / 2.0)

    @cached_property
    def _group(self) -> NDArray[np.int64]:
        number = {group: position for position, group in enumerate(self.groups)}
        return np.array([number[group] for group in self.parameters["group"]], dtype=np.int64)

    @cached_property
    def _limits(self) -> NDArray[np.float64]:
        """What the dictionary allows a parameter above 0 to be, shape (2, parameters)."""
        places = list(zip(self.parameters["table"], self.parameters["column"], strict=True))
        allowed = {place: limits(fields(place[0])[place[1]]) for place in set(places)}
        return np.array([allowed[place] for place in places], dtype=np.float64).reshape(-1, 2).T

    @cached_property
    def _weights(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Weights of the group's part and the own part; a parameter alone in its group has but one."""
        alone = np.bincount(self._group, minlength=len(self.groups))[self._group] == 1
        shared = np.where(alone, 1.0, self.correlation)
        return np.sqrt(shared), np.sqrt(1.0 - shared)

    def sample(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a value for each of the `figures`, in their order.

        Parameters
        ----------
        point
            In the unit cube, shape (dimension,): for each group the probability that its shared part lies lower. Its
            last digits choose the own parts of the group's parameters, which are so a function of the same coordinate:
            whatever an index says of a group, it says of its shared and own parts together. The posterior has no shared
            part, and all its normal draws are so chosen.
        """
        shared = ndtri(np.clip(point, 1e-9, 1 - 1e-9))
        weight, rest = self._weights
        banded = self.at(weight * shared[self._group] + rest * self._own(point))
        if self.estimated is None:
            return banded
        last = len(self.groups)
        return np.concatenate([banded, self.estimated.sample(self._stream(last, float(point[last])))])

    def at(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values of what bands draw at so many standard deviations from the data's, shape (parameters,)."""
        near = np.clip(z, -FARTHEST, FARTHEST)
        spread = np.where(near < 0, self.spread[0], self.spread[1])
        least, most = self._limits
        with np.errstate(over="ignore"):
            drawn: NDArray[np.float64] = self._value * np.exp(spread * near)
        bounded: NDArray[np.float64] = np.minimum(np.maximum(drawn, least), most)
        return bounded

    @cached_property
    def _columns(self) -> list[tuple[str, str, NDArray[np.int64], NDArray[np.int64]]]:
        """The figures of each column, and the rows of the table that they stand in."""
        row = self.figures["row"].to_numpy(dtype=np.int64)
        places = list(zip(self.figures["table"], self.figures["column"], strict=True))
        found = []
        for place in dict.fromkeys(places):
            mine = np.flatnonzero([one == place for one in places])
            found.append((*place, mine, row[mine]))
        return found

    def changed(self, dataset: Dataset, values: NDArray[np.float64]) -> Dataset:
        """Return the data package with these values of its figures, which are right, so nothing is checked anew."""
        tables: dict[str, Any] = dict(dataset.tables)
        for table, column, mine, row in self._columns:
            new = tables[table][column].to_numpy(dtype=np.float64, copy=True)
            new[row] = values[mine]
            tables[table][column] = new
        if "totals" in tables and "demand" in tables:
            tables["demand"]["kt"] = _adding_up(dataset, tables["totals"], tables["demand"])
        if "choice" in tables:  # routes of one way stay at least as near to each other as ways of one chain
            choice = tables["choice"]
            choice["nesting"] = choice["nesting"].clip(lower=choice["way_nesting"].fillna(1.0))
        drawn = {table for table, _, _, _ in self._columns}
        hashes = {name: digest for name, digest in dataset.hashes.items() if name not in drawn}
        return replace(dataset, tables=Frames(tables), hashes=hashes)

    @cached_property
    def _members(self) -> list[NDArray[np.int64]]:
        """The parameters of each group."""
        order = np.argsort(self._group, kind="stable")
        ends = np.cumsum(np.bincount(self._group, minlength=len(self.groups)))[:-1]
        return [np.asarray(mine, dtype=np.int64) for mine in np.split(order, ends)]

    def _own(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return own parts from a counter-based generator: they depend on seed, group and coordinate alone."""
        own = np.zeros(len(self.parameters))
        for number, mine in enumerate(self._members):
            if len(mine) > 1:
                own[mine] = self._stream(number, float(point[number])).standard_normal(len(mine))
        return own

    def _stream(self, number: int, coordinate: float) -> np.random.Generator:
        """Return the generator of a group, by the digits of its coordinate."""
        key = np.array([(self.seed << _GROUP_BITS) + number, int(coordinate * 2.0**_KEY_BITS)], np.uint64)
        return np.random.Generator(np.random.Philox(key=key))


def joint(
    dataset: Dataset,
    year: int,
    running: str,
    correlation: float = CORRELATION,
    seed: int = 0,
    coverage: Mapping[str, float] = COVERAGE,
    original: Dataset | None = None,
    behaviour: Iterable[str] = (),
    posterior: Posterior | None = None,
    chooses: bool = False,
) -> Distribution:
    """Return the joint distribution of the parameters that a plan of this year, under these running figures, rests on.

    `original` is what scenarios have changed into `dataset`, if any have, and `behaviour` names the tables of choice
    and congestion that are drawn from bands, too; see `uncertainty.parameters.uncertain`. What `posterior`, that of
    the package without scenarios, has for a plan, of shippers who choose if `chooses`, is drawn from it instead.
    """
    parameters = uncertain(dataset, year, running, original, behaviour)
    estimated = None if posterior is None else drawn_from(posterior, dataset, year, running, chooses, parameters)
    if estimated is not None:
        places = ["table", "key", "column"]
        told = pd.MultiIndex.from_frame(estimated.figures[places])
        parameters = parameters[~pd.MultiIndex.from_frame(parameters[places]).isin(told)].reset_index(drop=True)
    groups = tuple(dict.fromkeys(parameters["group"]))
    return Distribution(parameters, groups, correlation, seed, coverage, estimated)


def _adding_up(dataset: Dataset, totals: pd.DataFrame, demand: pd.DataFrame) -> NDArray[np.float64]:
    """Return the demand in which the rows of a total keep the share of it that they had together; kt a year."""
    number = {total: row for row, total in enumerate(totals["total"])}
    of = np.array([number.get(total, -1) for total in demand["total"]], dtype=np.int64)
    key = of * 10_000 + demand["year"].to_numpy(dtype=np.int64)  # the rows of one total in one year
    _, at = np.unique(key, return_inverse=True)
    before, kt = (frame["kt"].to_numpy(dtype=np.float64) for frame in (dataset["demand"], demand))
    was, now = np.bincount(at, before)[at], np.bincount(at, kt)[at]
    grown = totals["kt"].to_numpy(dtype=np.float64) / dataset["totals"]["kt"].to_numpy(dtype=np.float64)
    scaled = np.divide(kt * was, now, out=kt.copy(), where=now > 0) * np.append(grown, 1.0)[of]
    return np.where(of >= 0, np.clip(scaled, *limits(fields("demand")["kt"])), kt)


def _logarithms(
    value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the logarithmic widths of the bands below and above.

    An end of 0 or inf, which no factor reaches, mirrors the other.
    """
    with np.errstate(divide="ignore"):
        down, up = np.log(value / low), np.log(high / value)
    down = np.where(np.isfinite(down), down, np.where(np.isfinite(up), up, 0.0))
    up = np.where(np.isfinite(up), up, down)
    return np.maximum(down, 0.0), np.maximum(up, 0.0)
