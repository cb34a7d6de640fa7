r"""How far a year's own figures leave the model open: its totals of freight and its capacities, by their bands.

An estimate knows of neither, as totals that were counted stay exact and capacities are not free. Of another year both
were found apart from the base year's counts, so their errors are taken as independent of those of the parameters; a
total that was estimated and stands for that year, too, has its error there and none here. With the derivatives
of a figure by the logarithm of each number, :math:`g_i`, and its standard deviation by its row of provenance.csv,
:math:`s_i` (`corridors.uncertainty.distribution`),

.. math::

   \operatorname{Var} m = \sum_G \Bigl( \rho \bigl(\sum_{i \in G} g_i s_i\bigr)^2
     + (1 - \rho) \sum_{i \in G} (g_i s_i)^2 \Bigr)

over groups G of numbers that err together with the correlation :math:`\rho` (first order, normal). What is full counts
by its price: a capacity of which something is left moves nothing to first order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from corridors.network.valuation import capacities
from corridors.tables.frame_mapping import Frames
from corridors.uncertainty.distribution import Distribution
from corridors.uncertainty.parameters import CORRELATION, uncertain

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.model import Figures
    from corridors.models.arrays import FloatArray
    from corridors.network.network import Network
    from corridors.tables.dataset import Dataset

TOTALS = ("totals", "total_years")
CAPACITY = "capacity"
_STEP = 1e-6  # relative, of a capacity, on which what a resource holds is linear


def sd_of_year(figures: Figures) -> FloatArray:
    """Return the standard deviation of each figure of a year by that year's totals and capacities alone, (N,)."""
    net = figures.model.common.who.freight.network
    dataset = figures.model.common.parameters.dataset.ordered()
    told = uncertain(dataset, net.year, net.running)
    free = {(one.table, key) for one in figures.model.common.parameters.each for key in one.keys}
    known = np.array([place in free for place in zip(told["table"], told["key"], strict=True)], dtype=np.bool_)
    own = (told["table"].isin(TOTALS) & ~known) | (told["column"] == CAPACITY)
    told = told[own].reset_index(drop=True)
    if told.empty:
        return np.zeros(figures.all_values.size)
    groups = tuple(dict.fromkeys(told["group"]))
    error = slopes(figures, dataset, told) * Distribution(told, groups).spread.mean(axis=0)
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
