"""Which uncertain figures matter: designs of runs, and indices of what each group of figures does to a headline.

Two methods, both from SALib (Herman & Usher 2017), with a factor for each group: its shared part and the own parts of
its figures, which are drawn anew whenever the factor moves.

* `morris`: elementary effects (Morris 1991; Campolongo, Cariboni & Saltelli 2007). Along a trajectory one factor after
  the other makes a step of 2/3 of the way between its 10th and its 90th percentile; mu_star is the mean size of what
  the whole way does to a headline, mu the same with its sign, sigma how much that depends on all the other figures.
* `sobol`: shares of the variance (Sobol' 2001; Saltelli et al. 2010), `first` a factor's alone, `total` with all that
  it does together with others. Dearer by a factor of ten or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

METHODS = ("morris", "sobol", "none")
LEVELS = 4
FROM, TO = 0.1, 0.9  # percentiles between which a factor goes: beyond them a band tells little
RESAMPLES = 200
_TINY = 2.0**-40  # of a percentile
FEWEST, MOST = 2, 20  # trajectories
WORTH = 3  # Morris may take so many times the runs that the intervals take
MORRIS = ["headline", "unit", "group", "mu_star", "mu", "sigma", "conf"]
SOBOL = ["headline", "unit", "group", "total", "first", "conf"]


def size_of(method: str, samples: int, dimension: int) -> int:
    """Give how many trajectories (Morris) or base points (Sobol', a power of two) go with so many samples."""
    if method == "morris":
        return min(max(WORTH * samples // (dimension + 1), FEWEST), MOST)
    return 2 ** (samples.bit_length() - 1) if method == "sobol" else 0


def runs_of(method: str, size: int, dimension: int) -> int:
    """Give how many runs a design has."""
    return {"morris": size * (dimension + 1), "sobol": size * (dimension + 2), "none": 0}[method]


def design(method: str, size: int, dimension: int, seed: int) -> NDArray[np.float64]:
    """Give the factors of every run as SALib makes them, between 0 and 1, shape (runs, dimension)."""
    if method == "morris":
        from SALib.sample import morris as sample  # takes a second

        made = sample.sample(_problem(dimension), size, num_levels=LEVELS, seed=np.random.default_rng(seed))
    elif method == "sobol":
        from SALib.sample import sobol

        made = sobol.sample(_problem(dimension), size, calc_second_order=False, seed=seed)
    else:
        made = np.empty((0, dimension))
    return np.asarray(made, dtype=np.float64)


def point(method: str, factors: NDArray[np.float64], run: int) -> NDArray[np.float64]:
    """Give the point of `draws.Draws` that the factors of a run stand for.

    Morris has but four levels: the last digits are moved, so that own parts differ between trajectories.
    """
    found: NDArray[np.float64] = factors[run].copy()
    if method == "morris":
        trajectory = run // (factors.shape[1] + 1)
        found = FROM + (TO - FROM) * found + _TINY * (1 + trajectory)
    return found


def indices(
    method: str, factors: NDArray[np.float64], results: NDArray[np.float64], names: Sequence[tuple[str, str]],
    groups: Sequence[str], seed: int,
) -> pd.DataFrame:  # fmt: skip
    """Give what each group does to each result, the strongest first.

    Parameters
    ----------
    method, factors
        Of the design.
    results
        Shape (runs, results), NaN where a run failed: the trajectories or base points of those are left out.
    names
        Name and unit of each result.
    groups
        Name of each factor.
    """
    columns = MORRIS if method == "morris" else SOBOL
    tables = []
    length = factors.shape[1] + (1 if method == "morris" else 2)
    for (name, unit), column in zip(names, results.T, strict=True):
        whole = np.repeat(np.isfinite(column.reshape(-1, length)).all(axis=1), length)
        if whole.sum() < 2 * length:
            continue
        table = _analysed(method, factors[whole], column[whole], list(groups), seed)
        table.insert(0, "headline", name)
        table.insert(1, "unit", unit if method == "morris" else "1")
        tables.append(table.sort_values([columns[3], "group"], ascending=[False, True]))
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _analysed(
    method: str, factors: NDArray[np.float64], result: NDArray[np.float64], groups: list[str], seed: int
) -> pd.DataFrame:
    if method == "morris":
        from SALib.analyze import morris as analysis

        found = analysis.analyze(_problem(len(groups)), factors, result, num_levels=LEVELS, num_resamples=RESAMPLES,
                                 seed=seed)  # fmt: skip
        named = {"mu_star": "mu_star", "mu": "mu", "sigma": "sigma", "conf": "mu_star_conf"}
        return pd.DataFrame({"group": groups} | {ours: np.asarray(found[its]) for ours, its in named.items()})
    from SALib.analyze import sobol

    if np.ptp(result) == 0:  # no variance to share out
        return pd.DataFrame({"group": groups, "total": 0.0, "first": 0.0, "conf": 0.0})
    found = sobol.analyze(_problem(len(groups)), result, calc_second_order=False, num_resamples=RESAMPLES, seed=seed)
    named = {"total": "ST", "first": "S1", "conf": "ST_conf"}
    return pd.DataFrame({"group": groups} | {ours: np.asarray(found[its]) for ours, its in named.items()})


def _problem(dimension: int) -> dict[str, Any]:
    return {"num_vars": dimension, "names": [str(one) for one in range(dimension)],
            "bounds": [[0.0, 1.0]] * dimension}  # fmt: skip
