"""What is estimated: cells of a data package that a coordinate multiplies, adds to, or shares out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridors.models.arrays import FloatArray
    from corridors.models.estimation.prior import Prior
    from corridors.tables.dataset import Dataset

FACTOR, ADDEND, SHARE = KINDS = ("factor", "addend", "share")


@dataclass(frozen=True)
class Parameter:
    """One free coordinate q.

    Attributes
    ----------
    name
        Unique, in English: the group of `uncertainty.parameters`, or table, key and column.
    group
        Of `EstimationOptions.free`.
    table, keys, column
        The cells, by the keys of their rows as provenance.csv writes them.
    kind
        ``factor``: cells are multiplied by exp(q). ``addend``: q is added. ``share``: the row's share of its total is
        proportional to exp(q).
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
    """The Q free parameters of a data package; `rows` are those of their cells in the tables as given."""

    dataset: Dataset
    each: tuple[Parameter, ...]

    def __len__(self) -> int:
        """Return Q."""
        return len(self.each)

    @property
    def prior_sd(self) -> FloatArray:
        """Standard deviations before anything was counted, (Q,)."""
        raise NotImplementedError

    def prior(self) -> Prior:
        """Return what is believed before anything was counted."""
        raise NotImplementedError

    def at(self, q: FloatArray) -> Dataset:
        """Return the data package at a point."""
        raise NotImplementedError


def parameters(dataset: Dataset, year: int, running: str, free: Sequence[str]) -> Parameters:
    """Return the free parameters of a plan of a year."""
    raise NotImplementedError
