r"""How far a year's own figures leave the model open: its totals of freight and its capacities, by their bands.

An estimate knows of neither, as totals that were counted stay exact and capacities are not free. But it was made with
those of its own year: were one of them another, the parameters would have come out otherwise, so as to meet the same
counts. Where both years rest on one number, as on the boxes at sea of which there is one judgement for all years, that
takes back most of what the number would move. With the derivatives of a figure of the year by the parameters, J, and by
the logarithm of each number, :math:`g_i`, and those of the scaled figures beside the counts of the estimate by the
parameters and by the same number, :math:`B` and :math:`b_i` (0 where a year does not rest on it),

.. math::

   t_i = g_i - J \operatorname{Cov}(q) B^\top b_i, \qquad
   \operatorname{Var} m = \sum_G \Bigl( \rho \bigl(\sum_{i \in G} t_i s_i\bigr)^2
     + (1 - \rho) \sum_{i \in G} (t_i s_i)^2 \Bigr)

over groups G of numbers that err together with the correlation :math:`\rho`, :math:`s_i` their standard deviations by
provenance.csv (`corridors.uncertainty.distribution`): the delta method for an estimate in two steps (Murphy & Topel
1985). What is full counts by its price: a capacity of which something is left moves nothing to first order. A total
that was estimated itself has its error among the parameters and none here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.network.valuation import capacities
from corridors.tables.frame_mapping import Frames
from corridors.uncertainty.distribution import Distribution
from corridors.uncertainty.parameters import CORRELATION, uncertain

if TYPE_CHECKING:
    from corridors.estimation.model import Figures
    from corridors.models.arrays import FloatArray
    from corridors.network.network import Network
    from corridors.tables.dataset import Dataset

TOTALS = ("totals", "total_years")
CAPACITY = "capacity"
PLACE = ["table", "key", "column"]
_STEP = 1e-6  # relative, of a capacity, on which what a resource holds is linear


@dataclass(frozen=True, eq=False)
class Errors:
    """What one year rests on beside the parameters.

    Attributes
    ----------
    told
        The numbers: rows of `uncertainty.parameters.uncertain`, (n,).
    slopes
        Derivatives of figures by their logarithms, (N, n).
    """

    told: pd.DataFrame
    slopes: FloatArray

    @classmethod
    def of(cls, figures: Figures) -> Errors:
        """Find the totals and capacities of a year that have a band and are not estimated, and what they move."""
        net = figures.model.common.who.freight.network
        dataset = figures.model.common.parameters.dataset.ordered()
        told = uncertain(dataset, net.year, net.running)
        free = {(one.table, key) for one in figures.model.common.parameters.each for key in one.keys}
        known = np.array([place in free for place in zip(told["table"], told["key"], strict=True)], dtype=np.bool_)
        own = (told["table"].isin(TOTALS) & ~known) | (told["column"] == CAPACITY)
        told = told[own].reset_index(drop=True)
        return cls(told, slopes(figures, dataset, told))


def sd_of_year(year: Errors, base: Errors, answer: FloatArray) -> FloatArray:
    """Return the standard deviation of each figure of a year by totals and capacities alone, (N,).

    Parameters
    ----------
    year
        What the figures rest on, N of them.
    base
        What the M figures rest on from which was estimated.
    answer
        By how much the year's figures move with those of the estimate's year, as the parameters meet the same counts,
        (N, M).
    """
    told = pd.concat([year.told, base.told], ignore_index=True)
    number = told.groupby(PLACE, sort=False).ngroup().to_numpy()
    mine, others = number[: len(year.told)], number[len(year.told) :]
    whole = np.zeros((len(year.slopes), number.max(initial=-1) + 1))
    whole[:, mine] += year.slopes
    whole[:, others] -= answer @ base.slopes
    told = told.drop_duplicates(PLACE, ignore_index=True)
    return _together(whole, told)


def _together(slopes: FloatArray, told: pd.DataFrame) -> FloatArray:
    """Return standard deviations of figures, (N,), by derivatives by the logarithms of numbers, (N, n)."""
    if told.empty:
        return np.zeros(len(slopes))
    groups = tuple(dict.fromkeys(told["group"]))
    error = slopes * Distribution(told, groups).spread.mean(axis=0)
    of = told["group"].map({name: place for place, name in enumerate(groups)}).to_numpy()
    together = np.zeros((len(groups), len(error)))
    np.add.at(together, of, error.T)
    variance = CORRELATION * (together**2).sum(axis=0) + (1 - CORRELATION) * (error**2).sum(axis=1)
    return np.sqrt(variance)


def slopes(figures: Figures, dataset: Dataset, told: pd.DataFrame) -> FloatArray:
    """Return the derivatives of figures by the logarithms of totals and capacities, (N, n).

    Parameters
    ----------
    figures
        Of the year.
    dataset
        Its data package, rows in the order of their keys.
    told
        The numbers: rows of `uncertainty.parameters.uncertain`, (n,).
    """
    model, freight = figures.model, figures.model.common.who.freight
    adjoint = figures.response.adjoint(model.matrix)
    of_row = adjoint.amount * figures.problem.flow.amount
    total = freight.demand["total"].to_numpy()
    full = np.flatnonzero(adjoint.capacity.any(axis=0))
    found = np.zeros((len(figures.all_values), len(told)))
    for place, (table, column, row) in enumerate(zip(told["table"], told["column"], told["row"], strict=True)):
        if table in TOTALS:
            found[:, place] = of_row[:, total == dataset[table]["total"].iat[row]].sum(axis=1)
        elif full.size:
            found[:, place] = adjoint.capacity[:, full] @ _held(dataset, freight.network, table, column, row)[full]
    return found


def _held(dataset: Dataset, net: Network, table: str, column: str, row: int) -> FloatArray:
    """Return by how much each resource holds more for the logarithm of a number of capacity, in tonnes a year, (R,)."""
    frames = dict(dataset.tables)
    values = frames[table][column].to_numpy(dtype=np.float64, copy=True)
    values[row] *= 1 + _STEP
    frames[table] = frames[table].assign(**{column: values})
    changed = replace(dataset, tables=Frames(frames), hashes={})
    where = [(one.table, one.rows) for one in net.resources]
    found: FloatArray = (capacities(changed, net.year, where) - capacities(dataset, net.year, where)) / _STEP
    return found
