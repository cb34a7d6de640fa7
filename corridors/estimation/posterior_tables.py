"""The posterior as two tables of a data package, from which the parameters can be drawn together again.

A draw is ``estimate + prior_sd * (z + sum over directions of u (shrink - 1) (u'z))``, as
`corridors.models.estimation.low_rank` has it: `prior_sd` is the square root of its `variance`, in which a share still
has what all shares of its total have in common. Directions that are hardly narrower than before are left out, and so
are the smallest parts of the others: together a thousandth of a direction's squared length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from corridors.estimation.result import EstimationResult
    from corridors.models.arrays import FloatArray, IntArray

WIDE = 0.999  # of the standard deviation before: a direction that is hardly narrower says nothing
LEFT_OUT = 1e-3  # of the squared length of a direction
LEAST = 1e-9  # of the standard deviation before: nothing is known to be better than that
DIGITS = 9  # of figures that no plan reads


def posterior(result: EstimationResult) -> pd.DataFrame:
    """Return a row for each number that a parameter moves, in the form of posterior.csv."""
    found = []
    scale = np.sqrt(result.posterior.variance)
    sd = np.clip(result.posterior.sd, LEAST * scale, scale)
    for one, q, wide, narrow in zip(result.parameters.each, result.estimate.q, short(scale), short(sd), strict=True):
        found += [(one.name, one.table, key, one.column, one.kind, q, wide, narrow, one.total) for key in one.keys]
    columns = ["parameter", "table", "key", "column", "kind", "estimate", "prior_sd", "sd", "total"]
    return pd.DataFrame(found, columns=columns)


def directions(result: EstimationResult) -> pd.DataFrame:
    """Return the parts of the directions that the counts narrow, in the form of posterior_directions.csv."""
    names = [one.name for one in result.parameters.each]
    shrink = short(result.posterior.shrink)
    found = []
    for number, at in enumerate(np.flatnonzero(shrink < WIDE).tolist(), start=1):
        loading = result.posterior.directions[:, at]
        parts = short(loading)
        found += [(float(number), names[one], parts[one], shrink[at]) for one in largest(loading).tolist()]
    return pd.DataFrame(found, columns=["direction", "parameter", "loading", "shrink"])


def largest(loading: FloatArray) -> IntArray:
    """Return the coordinates, in their order, that make all but a thousandth of a direction's squared length."""
    order = np.argsort(-np.abs(loading), kind="stable")
    whole = np.cumsum(loading[order] ** 2)
    count = int(np.searchsorted(whole, (1 - LEFT_OUT) * whole[-1])) + 1 if whole.size else 0
    found: IntArray = np.sort(order[:count]).astype(np.int64)
    return found


def short(values: FloatArray) -> FloatArray:
    """Return figures rounded to nine significant digits."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.tolist()], dtype=np.float64)
