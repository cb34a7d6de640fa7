"""The numbers of a plan that are drawn from the posterior of an estimate, all together.

A draw of the posterior moves each parameter away from its estimate, and the parameter moves its numbers as it did in
the estimation (`corridors.uncertainty.posterior.acted`). Numbers whose parameter counts tell are so drawn, and those of
the posterior that no band draws: constants, and in a plan of shippers who choose the sharpness of choice. The others of
posterior.csv, of which counts say nothing, stay with their bands and their groups: it is these that are worth
measuring, and a group of everything would hide them.

An estimate of a group of numbers is of the part of their error that they share. Each has a part of its own besides,
which no count was asked about, and which is as wide as before: with the correlation r between two of a group it has the
variance (1 - r) / r of the shared part before anything was counted.

A scenario changes numbers, not how far estimates may be off: factors act on the scenario's numbers, addends are added
to them, and the shares of a total keep to what the scenario leaves of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.tables.schema import fields, keys, limits
from corridors.uncertainty.parameters import BEHAVIOUR, COLUMNS, CORRELATION, DRAWN, is_read
from corridors.uncertainty.posterior import ADDEND, ESTIMATED, FACTOR, SHARE, acted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridors.models.arrays import BoolArray, FloatArray, IntArray
    from corridors.tables.dataset import Dataset
    from corridors.uncertainty.posterior import Posterior

GROUP = "posterior of the estimate"
_CHOICE = "choice"
_MOVED = DRAWN | {"constants": ("usd_per_t",)}
_NINETY = 1.6448536269514722  # standard deviations to either side of an interval that holds nine in ten


@dataclass(frozen=True, eq=False)
class PosteriorCells:
    """Numbers of a plan that are drawn from a posterior of Q parameters, which moves R numbers in all.

    Attributes
    ----------
    posterior
        The joint distribution of the parameters.
    figures
        The N numbers, with the columns of `parameters.uncertain`.
    kind
        How its parameter moves each, (N,).
    owner
        The parameter of each, (N,).
    line
        The row of posterior.csv of each, (N,).
    own_sd
        Standard deviation of the part that each has of its own, (N,).
    """

    posterior: Posterior
    figures: pd.DataFrame
    kind: tuple[str, ...]
    owner: IntArray
    line: IntArray
    own_sd: FloatArray

    def sample(self, random: np.random.Generator) -> FloatArray:
        """Return a value for each number, (N,), by the first Q + R normal draws of a generator.

        All parameters are drawn, whatever a plan reads of them, so that they are the same in every plan.
        """
        z = random.standard_normal(self.posterior.sd.size)
        own = random.standard_normal(self.posterior.owner.size)[self.line]
        return self._at(self.posterior.moved(z)[self.owner] + self.own_sd * own)

    def ends(self) -> FloatArray:
        """Return the ends of the interval of each number that holds nine draws in ten, (2, N)."""
        sd = np.hypot(self.posterior.sd[self.owner], self.own_sd)
        return np.stack([self._at(-_NINETY * sd), self._at(_NINETY * sd)])

    def _at(self, move: FloatArray) -> FloatArray:
        value = self.figures["value"].to_numpy(dtype=np.float64)
        least, most = self._limits
        with np.errstate(over="ignore"):
            moved = np.where(self._added, acted(ADDEND, value, move), acted(FACTOR, value, move))
        bounded: FloatArray = np.minimum(np.maximum(moved, least), most)
        return bounded

    @cached_property
    def _added(self) -> BoolArray:
        return np.array([kind == ADDEND for kind in self.kind], dtype=np.bool_)

    @cached_property
    def _limits(self) -> FloatArray:
        """What the dictionary allows each number to be, (2, N)."""
        places = zip(self.figures["table"], self.figures["column"], self.kind, strict=True)
        found = [_allowed(table, column, kind) for table, column, kind in places]
        return np.array(found, dtype=np.float64).reshape(-1, 2).T


def drawn_from(
    posterior: Posterior, dataset: Dataset, year: int, running: str, chooses: bool, banded: pd.DataFrame
) -> PosteriorCells | None:
    """Return the numbers that a plan reads and that are drawn from a posterior, or None if there are none.

    Parameters
    ----------
    posterior
        Of the data package that scenarios have changed into `dataset`, if any have.
    year, running, chooses
        What the plan reads: that of which year and running figures, and whether it reads how shippers choose.
    banded
        What would be drawn from bands, as `parameters.uncertain` has it.
    """
    places = set(zip(banded["table"], banded["key"], banded["column"], strict=True))
    cells = posterior.cells
    each = posterior.told | (
        (cells["kind"] != SHARE).to_numpy()
        & np.array([one not in places for one in zip(cells["table"], cells["key"], cells["column"], strict=True)])
    )
    found = sorted(_read(cells[each], dataset, year, running, chooses))
    if not found:
        return None
    line = np.array([one for one, _, _ in found], dtype=np.int64)
    told = [
        (mine.table, mine.key, mine.column, row, value, math.nan, math.nan, ESTIMATED, GROUP)
        for mine, (_, row, value) in zip(cells.iloc[line].itertuples(), found, strict=True)
    ]
    owner, kind = posterior.owner[line], tuple(cells["kind"].iloc[line])
    several = np.bincount(posterior.owner)[owner] > 1
    wide = np.sqrt(posterior.normal.variance[owner] * (1 - CORRELATION) / CORRELATION)
    return PosteriorCells(
        posterior=posterior,
        figures=pd.DataFrame(told, columns=COLUMNS),
        kind=kind,
        owner=owner,
        line=line,
        own_sd=np.where(several, wide, 0.0),
    )


def _read(
    cells: pd.DataFrame, dataset: Dataset, year: int, running: str, chooses: bool
) -> Iterator[tuple[int, int, float]]:
    """Yield the line in posterior.csv, the row in its table and the value of each number that the plan reads."""
    moved = _MOVED | ({_CHOICE: BEHAVIOUR[_CHOICE]} if chooses else {})
    for (table, column), mine in cells.groupby(["table", "column"]):
        if column not in moved.get(str(table), ()):
            continue
        frame = dataset[str(table)]
        used = is_read(dataset, str(table), str(column), year, running)
        row = {key: place for place, key in enumerate(keys(str(table), frame)) if used[place]}
        values = frame[column].tolist()
        for line, key, kind in zip(mine.index.tolist(), mine["key"], mine["kind"], strict=True):
            if key in row and math.isfinite(values[row[key]]) and (kind == ADDEND or values[row[key]] > 0):
                yield line, row[key], values[row[key]]


def _allowed(table: str, column: str, kind: str) -> tuple[float, float]:
    """Return the least and the most that a number may be; a factor makes nothing 0."""
    field = fields(table)[column]
    if kind != ADDEND:
        return limits(field)
    bounds = field.get("constraints", {})
    return bounds.get("minimum", -math.inf), bounds.get("maximum", math.inf)
