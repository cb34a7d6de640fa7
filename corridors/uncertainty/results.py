"""What the rows of an uncertainty run say: intervals, probabilities of conclusions, and which groups matter.

The rows are read once and one by one; of each only its outputs are kept, 8 bytes apiece.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corridors.frames import rows as rows_of
from corridors.output import csv_text
from corridors.sweep.store import keep
from corridors.text.choices import UNCERTAINTY_TABLES
from corridors.uncertainty import sensitivity
from corridors.uncertainty.distribution import Distribution
from corridors.uncertainty.experiment import SAMPLE, Shared
from corridors.uncertainty.outputs import MEAN_LOAD, THROUGH, TOTALS
from corridors.uncertainty.posterior import ESTIMATED
from corridors.uncertainty.posterior_cells import GROUP, PosteriorCells

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
MARGINS = ("p05", "median", "p95")
DOUBTFUL = 0.98  # a conclusion less probable than that has indices of its own
BUSIEST = 6  # corridors whose volumes have indices, of either kind
SURE = 1.959964  # standard errors to either side of a 95 % interval


@dataclass(frozen=True, eq=False)
class UncertaintyResults:
    """The tables of a run: `intervals`, `conclusions`, `indices`, `groups`; and how many runs failed, and why.

    `estimated` numbers are drawn from the posterior of the runs `estimates`.
    """

    intervals: pd.DataFrame
    conclusions: pd.DataFrame
    indices: pd.DataFrame
    groups: pd.DataFrame
    samples: int
    runs: int
    failed: int
    reasons: tuple[str, ...]
    estimates: str = ""
    estimated: int = 0

    def write(self, folder: Path) -> None:
        """Write the tables into a folder that is there, each whole or not at all."""
        for name in UNCERTAINTY_TABLES:
            keep(folder, f"{name}.csv", csv_text(getattr(self, name)).encode())


def read(shared: Shared, rows: Iterable[Mapping[str, Any]]) -> UncertaintyResults:
    """Make the tables of the rows of a sweep, read once and one by one."""
    settings = shared.settings
    found = {
        SAMPLE: np.full((settings.samples, len(shared.outputs.list)), np.nan),
        settings.ranking: np.full((len(shared.factors), len(shared.outputs.list)), np.nan),
    }
    failed, reasons = 0, dict[str, None]()
    for row in rows:
        if "failed" in row:
            failed += 1
            if len(reasons) < 3:
                reasons[row["failed"]] = None
        else:
            found[row["design"]][row["number"]] = [math.nan if one is None else one for one in row["headlines"]]
    sample = found[SAMPLE]
    conclusions = _conclusions(shared, sample)
    ranked = _indices(shared, found[settings.ranking], conclusions)
    return UncertaintyResults(
        intervals=_intervals(shared, sample),
        conclusions=conclusions,
        indices=ranked,
        groups=groups(shared.distribution),
        samples=settings.samples,
        runs=settings.samples + len(shared.factors),
        failed=failed,
        reasons=tuple(reasons),
        estimates=settings.posterior[0],
        estimated=settings.posterior[1],
    )


def _intervals(shared: Shared, sample: NDArray[np.float64]) -> pd.DataFrame:
    lines = []
    for headline, base, column in zip(shared.outputs.list, shared.measured.tolist(), sample.T, strict=True):
        known = column[np.isfinite(column)]
        ends = np.quantile(known, list(QUANTILES.values())).tolist() if len(known) else [math.nan] * len(QUANTILES)
        mean = float(known.mean()) if len(known) else math.nan
        lines.append([headline.name, headline.unit, headline.what, base, *ends, mean, len(known)])
    return pd.DataFrame(lines, columns=["headline", "unit", "what", "base", *QUANTILES, "mean", "n"])


def _margins(shared: Shared, measured: NDArray[np.float64], less: str, more: str, below: float) -> NDArray[np.float64]:
    """Return by how much a conclusion holds, above 0 where it does, shape (runs,)."""
    at = {headline.name: number for number, headline in enumerate(shared.outputs.list)}
    return measured[:, at[more]] - (measured[:, at[less]] if less else below)


def _conclusions(shared: Shared, sample: NDArray[np.float64]) -> pd.DataFrame:
    """Count in how many samples each conclusion of the undisturbed plan holds (interval: Wilson 1927), and by how much.

    `base`, `p05`, `median` and `p95` are of the margin by which it holds, below 0 where it does not.
    """
    unit = {headline.name: headline.unit for headline in shared.outputs.list}
    lines = []
    for one in shared.outputs.conclusions(shared.dataset, shared.measured):
        margin = _margins(shared, sample, one.less, one.more, one.below)
        margin = margin[np.isfinite(margin)]
        if len(margin):
            base = float(_margins(shared, shared.measured[None, :], one.less, one.more, one.below)[0])
            holds = float((margin > 0).mean() if one.less else (margin >= 0).mean())
            ends = np.quantile(margin, [QUANTILES[name] for name in MARGINS]).tolist()
            sure, rests = _probable(holds, len(margin)), (one.less, one.more, one.below)
            lines.append([one.sentence, *sure, unit[one.more], base, *ends, *rests])
    sure_names = ["probability", "standard_error", "low", "high", "n"]
    names = ["conclusion", *sure_names, "unit", "base", *MARGINS, "less", "more", "below"]
    return pd.DataFrame(lines, columns=names)


def _probable(share: float, n: int) -> list[float]:
    """Return a share of n samples, its standard error, the ends of its 95 % interval (Wilson 1927), and n."""
    spread = share * (1 - share) / n
    middle = (share + SURE**2 / (2 * n)) / (1 + SURE**2 / n)
    half = SURE / (1 + SURE**2 / n) * math.sqrt(spread + SURE**2 / (4 * n**2))
    return [share, math.sqrt(spread), max(0.0, middle - half), min(1.0, middle + half), n]


def _indices(shared: Shared, runs: NDArray[np.float64], conclusions: pd.DataFrame) -> pd.DataFrame:
    """Rank the groups for the totals, the busiest corridors, scarce resources, routes, and doubtful conclusions."""
    settings = shared.settings
    if settings.ranking == "none":
        return pd.DataFrame(columns=sensitivity.MORRIS)
    listed = shared.outputs.list
    of_kind = [[n for n, one in enumerate(listed) if one.name.startswith(kind)] for kind in (THROUGH, MEAN_LOAD)]
    busy = [n for kind in of_kind for n in sorted(kind, key=lambda n: -shared.measured[n])[:BUSIEST]]
    wanted = [
        n
        for n, one in enumerate(listed)
        if n < len(TOTALS)
        or n in busy
        or (" - " in one.name and one.name.endswith(("days", "money")))
        or (one.name.startswith("shadow price: ") and shared.measured[n] > 0)
    ]
    names = [(listed[n].name, listed[n].unit) for n in wanted]
    results = [runs[:, n] for n in wanted]
    for row in rows_of(conclusions[conclusions["probability"] < DOUBTFUL]):
        names.append((str(row.conclusion), next(one.unit for one in listed if one.name == row.more)))
        results.append(_margins(shared, runs, str(row.less), str(row.more), float(row.below)))
    return sensitivity.indices(
        settings.ranking,
        shared.factors,
        np.stack(results, axis=1),
        names,
        shared.distribution.coordinates,
        settings.seed,
    )


def groups(distribution: Distribution) -> pd.DataFrame:
    """Return the groups: their tables and columns, how many parameters, of which status, and how far they reach.

    `low` and `high` are the medians, over the group, of the 5th and 95th percentile relative to the value.
    """
    parameters = distribution.parameters
    value = parameters["value"].to_numpy(dtype=np.float64)
    ends = {name: distribution.at(np.full(len(value), z)) / value for name, z in (("low", -1.6449), ("high", 1.6449))}
    lines: list[list[Any]] = []
    for name, mine in parameters.assign(**ends).groupby("group", sort=False):
        places = dict.fromkeys(mine["table"] + "." + mine["column"])
        statuses = "; ".join(f"{status} {count}" for status, count in mine["status"].value_counts().items())
        lines.append([name, "; ".join(places), len(mine), statuses, mine["low"].median(), mine["high"].median()])
    if distribution.estimated is not None:
        lines.append(_of_posterior(distribution.estimated))
    return pd.DataFrame(lines, columns=["group", "columns", "figures", "statuses", "low", "high"])


def _of_posterior(estimated: PosteriorCells) -> list[Any]:
    """Return what is drawn from the posterior as a group; numbers that are not above 0 have no relative ends."""
    figures = estimated.figures
    value = figures["value"].to_numpy(dtype=np.float64)
    above = value > 0
    low, high = (float(np.median(end[above] / value[above])) if above.any() else math.nan for end in estimated.ends())
    places = dict.fromkeys(figures["table"] + "." + figures["column"])
    return [
        GROUP,
        "; ".join(places),
        len(figures),
        f"{ESTIMATED} {len(figures)}: {estimated.posterior.source}",
        low,
        high,
    ]
