"""How much of what is uncertain in a plan comes from numbers of each status: judged, recalled, derived, observed.

A package may hold two thirds of assumed numbers, and still owe its headlines to the other third, or the reverse: a
count of numbers does not tell. Here all numbers of one status are drawn from their bands together, those of all others
stay what they are, and each sample is planned and certified as `corridors.uncertainty.experiment` does it. The spread
of a headline is half the distance from its 16th to its 84th percentile: the standard deviation of a normal
distribution, and deaf to the few samples far out that a log-normal band brings. A status has the share

    spread_s ** 2 / sum over all statuses of spread ** 2

of a headline, so that the shares of a headline add up to 1. Every status is drawn at the same points; what statuses do
only together is in no share, and shows in how far the spread of everything drawn at once, the status `ALL`, differs
from the root of that sum.

What is drawn from the posterior of an estimate (`corridors.uncertainty.posterior_cells`) is one status, `estimated`.

What is judged is the width of the bands as much as the numbers: a status whose bands are too narrow counts too little.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from corridors.errors import CertificateError, DataError, SolverError
from corridors.network.revaluation import revalued
from corridors.planning.counts import operator
from corridors.planning.planner import formulate
from corridors.uncertainty.experiment import SAMPLE, Shared, answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from corridors.models.problem import FlowSolution
    from corridors.planning.freight import Freight

ALL = ""  # the status of everything together
COST = "cost"  # the headline that is no observation
LOWER, UPPER = 16.0, 84.0  # percentiles, one standard deviation of a normal distribution from its middle
COLUMNS = ["headline", "status", "drawn", "value", "spread", "share", "failed"]


@dataclass(frozen=True, eq=False)
class Headlines:
    """What is measured of every sample: the cost, then the model's figure for some observations.

    Attributes
    ----------
    observations
        Rows of `observations.csv`, (M,); their year does not matter, for what they count is measured of any plan.
    """

    observations: pd.DataFrame

    @classmethod
    def of(cls, shared: Shared, names: Sequence[str]) -> Headlines:
        """Return the headlines with the observations of these names, in their order.

        Raises
        ------
        DataError
            If `observations.csv` has none of that name.
        """
        table = shared.dataset["observations"].set_index("observation", drop=False)
        for name in names:
            if name not in table.index:
                raise DataError(
                    f"observations.csv: found no row '{name}', expected one for each headline: "
                    "name observations as `corridors data show observations` lists them"
                )
        return cls(table.loc[list(names)].reset_index(drop=True))

    @property
    def names(self) -> list[str]:
        """Name of each headline, (1 + M,)."""
        return [COST, *self.observations["observation"].tolist()]

    def measure(self, freight: Freight, solution: FlowSolution, cost: float) -> NDArray[np.float64]:
        """Return the headlines of an answer, (1 + M,), each in its own unit."""
        counted = operator(freight, self.observations).modelled(solution.paths, solution.path_flow)
        return np.concatenate([[cost], counted])


def influence(
    shared: Shared,
    names: Sequence[str],
    tell: Callable[[int, int], None] = lambda done, of: None,
    among: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return how much of the spread of each headline comes from the numbers of each status.

    Parameters
    ----------
    shared
        The undisturbed plan and the bands, by `experiment.prepare`; its settings say how many samples are drawn.
    names
        Observations, the headlines beside the cost.
    tell
        Called after each plan with how many are done, and of how many.
    among
        The statuses that are drawn one by one, and have shares of what they do alone; None is all of them.

    Returns
    -------
    pandas.DataFrame
        One row for each headline and status, in the order of `COLUMNS`: how many numbers of the status are `drawn`, the
        `value` in the undisturbed plan, the `spread` and the `share` (NaN where nothing moves the headline), and how
        many samples `failed`, which are left out. The status `ALL` is everything drawn at once, with no share.

    Raises
    ------
    DataError
        If there is no such observation.
    """
    headlines = Headlines.of(shared, names)
    told = shared.distribution.figures["status"].to_numpy()
    statuses = [*sorted(set(told.tolist()) if among is None else among), ALL]
    measured = np.full((len(statuses), shared.settings.samples, len(headlines.names)), np.nan)
    total = measured.shape[0] * measured.shape[1]
    for number, (status, sample) in enumerate(np.ndindex(measured.shape[:2]), 1):
        drawn = (told == statuses[status]) | (statuses[status] == ALL)
        measured[status, sample] = _measured(shared, headlines, drawn, sample)
        tell(number, total)
    base = headlines.measure(shared.freight, shared.base, float(shared.measured[0]))
    counts = [int(((told == one) | (one == ALL)).sum()) for one in statuses]
    return pd.DataFrame(_rows(headlines.names, statuses, counts, base, measured), columns=COLUMNS)


def _measured(shared: Shared, headlines: Headlines, drawn: NDArray[np.bool_], sample: int) -> NDArray[np.float64]:
    """Return the headlines of one sample in which only some numbers are drawn, NaN where it has no proven answer."""
    undrawn = shared.distribution.figures["value"].to_numpy(dtype=np.float64)
    values = shared.distribution.sample(shared.point({"design": SAMPLE, "number": sample}))
    changed = shared.distribution.changed(shared.dataset, np.where(drawn, values, undrawn))
    freight = formulate(revalued(shared.freight.network, changed), shared.settings.plan)
    try:
        solution, cost, _ = answer(shared, freight)
    except (SolverError, CertificateError):
        return np.full(len(headlines.names), np.nan)
    return headlines.measure(freight, solution, cost)


def _rows(
    names: Sequence[str],
    statuses: Sequence[str],
    counts: Sequence[int],
    base: NDArray[np.float64],
    measured: NDArray[np.float64],
) -> Iterator[tuple[str, str, int, float, float, float, int]]:
    """Yield the rows of the table; `measured` is (statuses, samples, headlines), everything together last."""
    low, high = np.nanpercentile(measured, (LOWER, UPPER), axis=1)
    spread = (high - low) / 2  # (statuses, headlines)
    squared = spread[:-1] ** 2
    whole = squared.sum(axis=0)
    share = np.divide(squared, whole, out=np.full_like(squared, np.nan), where=whole > 0)
    share = np.vstack([share, np.full(len(names), np.nan)])
    failed = np.isnan(measured).any(axis=2).sum(axis=1)
    for headline, name in enumerate(names):
        for status, called in enumerate(statuses):
            figures = float(base[headline]), float(spread[status, headline]), float(share[status, headline])
            yield name, called, counts[status], *figures, int(failed[status])
