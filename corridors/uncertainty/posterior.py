r"""The posterior of an estimate, as a data package has it in posterior.csv and posterior_directions.csv.

Both tables together are a `corridors.models.estimation.low_rank.LowRankNormal`: an estimate, the standard deviation of
each parameter before anything was counted, and the directions that counts made narrower. The shares of a total need
no table of the demand: as :math:`S_i = 1 / (n_t s_i)` and shares add up to 1,

.. math::

   n_t = \sum_{i \in t} \frac{1}{S_i}, \qquad s_i = \frac{1}{n_t S_i}, \qquad s^0_i \propto s_i e^{-\hat q_i}

The tables leave out the smallest parts of directions, so that these are not quite at right angles any more: the nearest
orthonormal ones take their place, :math:`U (U^\top U)^{-1/2}` (Loewdin 1950).

Numbers that were changed since are no estimates any more. What can be seen of that is refused: a share that is another,
a number that is not in the middle of its interval in provenance.csv, directions that do not make the standard
deviations of posterior.csv.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import DataError
from corridors.models import threads
from corridors.models.estimation.low_rank import LowRankNormal
from corridors.models.estimation.prior import NORMAL, Prior
from corridors.tables.schema import fields, keys, limits

if TYPE_CHECKING:
    import pandas as pd

    from corridors.models.arrays import BoolArray, FloatArray, IntArray
    from corridors.tables.dataset import Dataset

FACTOR, ADDEND, SHARE = KINDS = ("factor", "addend", "share")
ESTIMATED = "estimated"
ADVICE = "run `corridors estimate` anew, or leave posterior.csv and posterior_directions.csv without rows"
_OBLIQUE = 0.5  # by which squared lengths of directions may be off before they are no directions
_LEFT_OUT = 0.1  # of the variance before: more than the parts that the tables leave out ever make
_FARTHEST = 100  # logarithm of the factor on a share
_ROUNDED = 1e-5  # of a share: tables have six digits and more
_OFF_MIDDLE = 1e-3  # of the width of an interval, whose ends have six digits

type Place = tuple[str, str, str]  # table, key, column


@dataclass(frozen=True, eq=False)
class Posterior:
    """The posterior of a data package, of Q parameters that move R numbers.

    Attributes
    ----------
    cells
        The numbers, as the rows of posterior.csv: table, key, column, kind and total of each, R rows.
    owner
        The parameter of each number, (R,).
    normal
        The joint distribution of the parameters, but for the small parts of directions that the tables leave out.
    sd
        Standard deviation of each parameter with them, (Q,).
    told
        Which numbers are estimates, (R,): those of a parameter of which a number is `estimated` in provenance.csv, or
        is not there; of a total with one such share, all shares.
    source
        The runs that these numbers come from, as provenance.csv has them.
    """

    cells: pd.DataFrame
    owner: IntArray
    normal: LowRankNormal
    sd: FloatArray
    told: BoolArray
    source: str

    def moved(self, z: FloatArray) -> FloatArray:
        """Return by how much normal draws, (Q,), move the parameters from their estimates, (Q,).

        What is left out of the directions matters where counts made a parameter very narrow, so each draw is scaled to
        the standard deviation that posterior.csv has.
        """
        with threads.one_thread("scipy.linalg"):  # the last digit may not depend on how many cores there are
            move = self.normal.drawn(z[None, :])[0] - self.normal.mean
            without = self.normal.sd
        found: FloatArray = move * np.divide(self.sd, without, out=np.ones_like(without), where=without > 0)
        return found


def acted(kind: str, value: FloatArray, move: FloatArray) -> FloatArray:
    """Return numbers whose parameter moved: `move` is added to what an addend moves, else they grow by its e-fold."""
    return value + move if kind == ADDEND else value * np.exp(move)


def read(dataset: Dataset) -> Posterior | None:
    """Return the posterior of a data package without scenarios, or None where it has none.

    Raises
    ------
    DataError
        If the tables do not fit each other, or a number has been changed since it was estimated.
    """
    cells = dataset["posterior"].reset_index(drop=True)
    if not len(cells):
        return None
    names = list(dict.fromkeys(cells["parameter"]))
    number = {name: place for place, name in enumerate(names)}
    owner = np.array([number[name] for name in cells["parameter"]], dtype=np.int64)
    each = cells.drop_duplicates("parameter")
    with threads.one_thread("scipy.linalg"):
        normal = _normal(each, *_directions(dataset["posterior_directions"], number))
        _refuse_another_run(normal, each)
    statuses = _provenance(dataset)
    told = _told(cells, owner, statuses)
    _refuse_changed(dataset, cells, told, owner, normal, statuses)
    runs = {statuses[place][1] for place, mine in zip(_places(cells), told, strict=True) if mine and place in statuses}
    estimates = sorted(run for run in runs if run.startswith("estimate_"))
    sd = each["sd"].to_numpy(dtype=np.float64)
    return Posterior(cells, owner, normal, sd, told, ", ".join(estimates) or "posterior.csv")


def _places(cells: pd.DataFrame) -> list[Place]:
    return list(zip(cells["table"], cells["key"], cells["column"], strict=True))


def _provenance(dataset: Dataset) -> dict[Place, tuple[str, str, float, float]]:
    """Return status, source, low and high of each number of which provenance.csv has a row."""
    told = dataset["provenance"]
    each = zip(told["status"], told["source"], told["low"], told["high"], strict=True)
    return dict(zip(_places(told), each, strict=True))


def _normal(each: pd.DataFrame, directions: FloatArray, shrink: FloatArray) -> LowRankNormal:
    """Return the distribution of parameters, of which each has a row."""
    mean, wide = (each[name].to_numpy(dtype=np.float64) for name in ("estimate", "prior_sd"))
    share = (each["kind"] == SHARE).to_numpy()
    for row in np.flatnonzero(share & (np.abs(mean) > _FARTHEST)).tolist():
        raise DataError(
            f"posterior.csv: found the share {each['parameter'].iloc[row]} estimated at {mean[row]:.6g}, expected the "
            f"logarithm of a factor, between -{_FARTHEST} and {_FARTHEST}: {ADVICE}"
        )
    group = np.full(len(each), NORMAL)
    _, group[share] = np.unique(each["total"].to_numpy()[share].astype(str), return_inverse=True)
    weight = np.where(share, wide**-2.0, 0.0)
    strength = np.bincount(group[share], weight[share])
    share0 = np.ones(len(each))
    grown = np.exp(-mean[share])
    share0[share] = weight[share] * grown
    share0[share] /= np.bincount(group[share], share0[share])[group[share]]
    prior = Prior(wide, group, share0, strength)
    return LowRankNormal(prior, prior.centred(mean), wide**2, directions, shrink)


def _directions(table: pd.DataFrame, number: dict[str, int]) -> tuple[FloatArray, FloatArray]:
    """Return orthonormal directions, (Q, K), and by how much they are narrower, (K,)."""
    named, at = np.unique(table["direction"].to_numpy(dtype=np.float64), return_inverse=True)
    across, shrink = np.zeros((len(number), named.size)), np.ones(named.size)
    across[[number[name] for name in table["parameter"]], at] = table["loading"].to_numpy(dtype=np.float64)
    shrink[at] = table["shrink"].to_numpy(dtype=np.float64)
    if not named.size:
        return across, shrink
    squared, turned = np.linalg.eigh(across.T @ across)
    if squared[0] < 1 - _OBLIQUE or squared[-1] > 1 + _OBLIQUE:
        raise DataError(
            f"posterior_directions.csv: found directions that are not at right angles (squared lengths of their sums "
            f"{squared[0]:.3g} to {squared[-1]:.3g}), expected about 1: {ADVICE}"
        )
    return across @ (turned / np.sqrt(squared)) @ turned.T, shrink


def _refuse_another_run(normal: LowRankNormal, each: pd.DataFrame) -> None:
    """Refuse directions that do not make the standard deviations of posterior.csv."""
    said = each["sd"].to_numpy(dtype=np.float64)
    off = np.abs(normal.sd**2 - said**2) / normal.variance
    worst = int(np.argmax(off))
    if off[worst] > _LEFT_OUT:
        raise DataError(
            f"posterior_directions.csv: found directions by which {each['parameter'].iloc[worst]} has a standard "
            f"deviation of {normal.sd[worst]:.4g}, expected {said[worst]:.4g} as in posterior.csv: {ADVICE}"
        )


def _told(cells: pd.DataFrame, owner: IntArray, statuses: dict[Place, tuple[str, str, float, float]]) -> BoolArray:
    """Return which numbers are estimates: all of a parameter, and all shares of a total, of which one is."""
    own = np.array([place not in statuses or statuses[place][0] == ESTIMATED for place in _places(cells)])
    together = np.where(cells["kind"] == SHARE, "t" + cells["total"], "q" + owner.astype(str).astype(object))
    found: BoolArray = np.isin(together.astype(str), together[own].astype(str))
    return found


def _refuse_changed(
    dataset: Dataset,
    cells: pd.DataFrame,
    told: BoolArray,
    owner: IntArray,
    normal: LowRankNormal,
    statuses: dict[Place, tuple[str, str, float, float]],
) -> None:
    """Refuse numbers that are not those that were estimated, as far as the tables tell."""
    values = _values(dataset, cells)
    share = (cells["kind"] == SHARE).to_numpy()
    expected = values.copy()
    if share.any():
        group = normal.prior.share_group[owner[share]]
        whole = np.bincount(group, values[share])[group]
        expected[share] = normal.prior.shares(normal.mean)[owner[share]] * whole
    wrong = share & (np.abs(values - expected) > _ROUNDED * np.maximum(values, expected) + 1e-6)
    for row in np.flatnonzero(told & ~share).tolist():
        place = _places(cells.iloc[[row]])[0]
        status, _, low, high = statuses.get(place, ("", "", math.nan, math.nan))
        if status == ESTIMATED:
            expected[row] = _middle(str(cells["kind"].iloc[row]), place, values[row], low, high)
            wrong[row] = abs(values[row] - expected[row]) > _OFF_MIDDLE * (high - low)
    for row in np.flatnonzero(told & wrong).tolist():
        table, key, column = _places(cells.iloc[[row]])[0]
        raise DataError(
            f"posterior.csv: found {column} of {table} {key!r} at {values[row]:.6g}, expected {expected[row]:.6g} "
            f"as it was estimated: {ADVICE}, or give a number found otherwise a status of its own in provenance.csv"
        )


def _middle(kind: str, place: Place, value: float, low: float, high: float) -> float:
    """Return the number that an interval is about; the number itself if an end was cut off."""
    least, most = limits(fields(place[0])[place[2]])
    if kind == ADDEND:
        return (low + high) / 2
    if low in (least, value) or high in (most, value) or not low > 0:
        return value
    return math.sqrt(low * high)


def _values(dataset: Dataset, cells: pd.DataFrame) -> FloatArray:
    """Return the numbers themselves, (R,)."""
    found = np.empty(len(cells))
    for (table, column), mine in cells.groupby(["table", "column"]):
        frame = dataset[str(table)]
        row = {key: place for place, key in enumerate(keys(str(table), frame))}
        values = frame[str(column)].to_numpy(dtype=np.float64)
        found[mine.index.to_numpy()] = [values[row[key]] for key in mine["key"]]
    return found
