"""The sensitivity of outputs to groups of uncertain parameters: designs of runs, and the indices made of them.

Two rankings, with a factor for each group: its shared part and the own parts of its parameters, which are drawn anew
whenever the factor moves.

* `morris`: elementary effects (Morris 1991; Campolongo, Cariboni & Saltelli 2007). Along a trajectory one factor after
  the other makes a step of 2/3 of the way between its 10th and its 90th percentile; mu_star is the mean size of what
  the whole way does to an output, mu the same with its sign, sigma how much that depends on all other parameters.
* `sobol`: shares of the variance (Sobol' 2001; Saltelli et al. 2010), `first` a factor's alone, `total` with all that
  it does together with others. Dearer by a factor of ten or more.

`conf` is half of a 95 % interval, from resampled trajectories or base points (the bootstrap).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import qmc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LEVELS = 4
FROM, TO = 0.1, 0.9  # percentiles between which a factor goes: beyond them a band tells little
RESAMPLES = 200
HALF = float(ndtri(0.975))  # half of a 95 % interval in standard deviations
_STEP = LEVELS / (2 * (LEVELS - 1))  # of a factor: with it each level is met as often as the others (Morris 1991)
_TINY = 2.0**-40  # of a percentile
FEWEST, MOST = 2, 20  # trajectories
WORTH = 3  # Morris may take so many times the runs that the intervals take
MORRIS = ["headline", "unit", "group", "mu_star", "mu", "sigma", "conf"]
SOBOL = ["headline", "unit", "group", "total", "first", "conf"]


def size_of(ranking: str, samples: int, dimension: int) -> int:
    """Return how many trajectories (Morris) or base points (Sobol', a power of two) go with so many samples."""
    if ranking == "morris":
        return min(max(WORTH * samples // (dimension + 1), FEWEST), MOST)
    return 2 ** (samples.bit_length() - 1) if ranking == "sobol" else 0


def runs_of(ranking: str, size: int, dimension: int) -> int:
    """Return how many runs a design has."""
    return {"morris": size * (dimension + 1), "sobol": size * (dimension + 2), "none": 0}[ranking]


def design(ranking: str, size: int, dimension: int, seed: int) -> NDArray[np.float64]:
    """Return the factors of every run, between 0 and 1, shape (runs, dimension)."""
    if ranking == "morris":
        random = np.random.default_rng(seed).spawn(1)[0]  # a stream of its own
        return np.concatenate([_trajectory(dimension, random) for _ in range(size)])
    if ranking == "sobol":
        return _saltelli(size, dimension, seed)
    return np.empty((0, dimension))


def _trajectory(dimension: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Walk from a random point of the grid, one factor a step, in random order (Morris 1991, section 4)."""
    permutation = np.eye(dimension)  # his matrix P*
    random.shuffle(permutation)
    upwards = random.choice([-1, 1], dimension) > 0
    low = random.choice(np.linspace(0, 1 - _STEP, LEVELS // 2), dimension)
    moved = np.arange(dimension + 1)[:, None] > permutation.argmax(axis=1)  # by which run each factor has made its step
    return np.asarray(low + _STEP * (moved == upwards))


def _saltelli(size: int, dimension: int, seed: int) -> NDArray[np.float64]:
    """Return for each base point of two scrambled Sobol' sequences A and B: A, A with each factor of B in turn, B."""
    base = qmc.Sobol(2 * dimension, rng=seed).random(size)
    first, second = base[:, None, :dimension], base[:, None, dimension:]
    mixed = np.where(np.eye(dimension, dtype=bool), second, first)
    return np.concatenate([first, mixed, second], axis=1).reshape(-1, dimension)


def point(ranking: str, factors: NDArray[np.float64], run: int) -> NDArray[np.float64]:
    """Return the point of `uncertainty.distribution.Distribution` that the factors of a run stand for.

    Morris has but four levels: the last digits are moved, so that own parts differ between trajectories.
    """
    found: NDArray[np.float64] = factors[run].copy()
    if ranking == "morris":
        trajectory = run // (factors.shape[1] + 1)
        found = FROM + (TO - FROM) * found + _TINY * (1 + trajectory)
    return found


def indices(
    ranking: str,
    factors: NDArray[np.float64],
    results: NDArray[np.float64],
    names: Sequence[tuple[str, str]],
    groups: Sequence[str],
    seed: int,
) -> pd.DataFrame:
    """Return what each group does to each result, the strongest first.

    Parameters
    ----------
    ranking, factors
        Of the design.
    results
        Shape (runs, results), NaN where a run failed: the trajectories or base points of those are left out.
    names
        Name and unit of each result.
    groups
        Name of each factor.
    """
    columns = MORRIS if ranking == "morris" else SOBOL
    tables = []
    length = factors.shape[1] + (1 if ranking == "morris" else 2)
    for (name, unit), column in zip(names, results.T, strict=True):
        whole = np.repeat(np.isfinite(column.reshape(-1, length)).all(axis=1), length)
        if whole.sum() < 2 * length:
            continue
        table = _analysed(ranking, factors[whole], column[whole], list(groups), seed)
        table.insert(0, "headline", name)
        table.insert(1, "unit", unit if ranking == "morris" else "1")
        tables.append(table.sort_values([columns[3], "group"], ascending=[False, True]))
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _analysed(
    ranking: str, factors: NDArray[np.float64], result: NDArray[np.float64], groups: list[str], seed: int
) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    found = _elementary(factors, result, random) if ranking == "morris" else _shares(result, len(groups), random)
    return pd.DataFrame({"group": groups} | found)


def _elementary(
    factors: NDArray[np.float64], result: NDArray[np.float64], random: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Return mean size, mean and standard deviation of the elementary effects of each factor."""
    dimension = factors.shape[1]
    steps = np.diff(factors.reshape(-1, dimension + 1, dimension), axis=1)
    rise = np.diff(result.reshape(-1, dimension + 1), axis=1)
    factor = np.abs(steps).argmax(axis=2)  # which moves at each step of each trajectory
    effects = np.empty_like(rise)  # (trajectories, factors)
    np.put_along_axis(effects, factor, rise / steps.sum(axis=2), axis=1)
    conf = []
    for sizes in np.abs(effects).T:
        picked = random.integers(sizes.size, size=(RESAMPLES, sizes.size))
        conf.append(HALF * sizes[picked].mean(axis=1).std(ddof=1))
    return {
        "mu_star": np.abs(effects).mean(axis=0),
        "mu": effects.mean(axis=0),
        "sigma": effects.std(axis=0, ddof=1),
        "conf": np.array(conf),
    }


def _shares(result: NDArray[np.float64], dimension: int, random: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Return the shares of the variance of each factor, alone and in total."""
    runs = result.reshape(-1, dimension + 2)
    if np.ptp(result) == 0:  # no variance to share out
        return {"total": np.zeros(dimension), "first": np.zeros(dimension), "conf": np.zeros(dimension)}
    runs = runs - runs[:, [0, -1]].mean()  # the estimator of `first` errs less around a mean of 0
    first, total = _estimates(runs)
    picked = random.integers(len(runs), size=(len(runs), RESAMPLES))
    again = np.array([_estimates(runs[points])[1] for points in picked.T])
    return {"total": total, "first": first, "conf": HALF * again.std(axis=0, ddof=1)}


def _estimates(runs: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return first and total shares as in Table 2, (b) and (f), of Saltelli et al. (2010).

    So does `scipy.stats.sobol_indices`, but for powers of two alone, and a run that failed takes its base point away.
    """
    a, mixed, b = runs[:, :1], runs[:, 1:-1], runs[:, -1:]
    variance = np.concatenate([a, b]).var()
    if variance == 0:
        return np.zeros(mixed.shape[1]), np.zeros(mixed.shape[1])
    return (b * (mixed - a)).mean(axis=0) / variance, ((a - mixed) ** 2).mean(axis=0) / 2 / variance
