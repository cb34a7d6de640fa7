"""What an estimation is asked for, and what it found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corridors.errors import DataError
from corridors.suggest import did_you_mean

if TYPE_CHECKING:
    import pandas as pd

    from corridors.estimation.model import Figures
    from corridors.estimation.parameters import Parameters
    from corridors.models.arrays import BoolArray, FloatArray
    from corridors.models.estimation.gauss_newton import Estimate
    from corridors.models.estimation.posterior import Posterior
    from corridors.models.estimation.prior import Prior
    from corridors.planning.chosen import Chosen
    from corridors.planning.settings import PlanSettings
    from corridors.tables.dataset import Dataset

FREE = ("shares", "tau", "constants", "tariffs")  # what is estimated unless other groups are named
GROUPS = (*FREE, "totals", "speeds", "borders")
NEVER = {
    "capacities": "a plan does not follow capacities smoothly: put counted ones into the tables",
    "delays": "waiting is not estimated: leave delays out",
}
FIT, INPUT = "fit", "input"
NEAR_SDS = 1.5  # standard deviations within which an estimate meets a count
USES = (FIT, INPUT, "test")


@dataclass(frozen=True)
class EstimationOptions:
    """What is estimated, from what, and how far.

    Attributes
    ----------
    free
        Groups of parameters (`GROUPS`); all others stay as the data have them.
    use
        The uses of observations that count in the misfit (`USES`). Inputs count, too: an estimate that were free to
        leave what the demand was made of would meet a crossing by undoing a total.
    left_out
        Observations that do not count although their use would.
    rounds
        How often routes are listed anew at most.
    tolerance
        Relative, of Gauss-Newton's gradient.

    Raises
    ------
    DataError
        If a group or a use is not one.
    """

    free: tuple[str, ...] = FREE
    use: tuple[str, ...] = (FIT, INPUT)
    left_out: frozenset[str] = frozenset()
    rounds: int = 3
    tolerance: float = 1e-8

    def __post_init__(self) -> None:
        """Refuse at once what nothing could be estimated with."""
        for name, given, known in (("free", self.free, GROUPS), ("use", self.use, USES)):
            for one in given:
                if name == "free" and one in NEVER:
                    raise DataError(f"free: found {one!r}: {NEVER[one]}")
                if one not in known:
                    hint = did_you_mean(one, known)
                    raise DataError(f"{name}: found {one!r}, expected some of {', '.join(known)}{hint}")
            if not given:
                raise DataError(f"{name}: found nothing, expected some of {', '.join(known)}")


@dataclass(frozen=True, eq=False)
class EstimationResult:
    """What was estimated of a data package, and the plan that proves it.

    Attributes
    ----------
    parameters, prior
        What was free, (Q,), and what was believed before.
    estimate, posterior
        The answer and how sure it is; their M figures are those of `used`.
    used
        The observations of the misfit, (M,), as observations.csv has them, with `group` (what is left out together)
        and `weight_sd`, the standard deviation that counts (`observing`).
    observations
        Every observation of the year, used or not, (N,): the columns of observations.csv; `group`; `used`; `before` and
        `model`, the figures at the prior and at the estimate, in `unit`; `model_sd`, the standard deviation of the
        latter by the posterior; `sds_before` and `sds`, (figure - value) / sd.
    before
        The model's figures at the prior for `used`, (M,).
    dataset
        The data package with the estimates in it, in the order of rows that was given.
    chosen
        The proved plan of that package.
    figures
        The model at the estimate, over the routes that the plan's shippers choose among: to go on from.
    gap
        Of its certificate, relative.
    settings, options
        With what it was made; year and running figures are settled in the first.
    stands
        Whether Gauss-Newton over the routes of the estimate gained next to nothing; else there were no more rounds, and
        the estimate is the best point of them.
    rounds
        How often Gauss-Newton went over routes listed anew.
    steps
        Gauss-Newton's steps in all.
    seconds
        Of processor time.
    """

    parameters: Parameters
    prior: Prior
    estimate: Estimate
    posterior: Posterior
    used: pd.DataFrame
    observations: pd.DataFrame
    before: FloatArray
    dataset: Dataset
    chosen: Chosen
    figures: Figures
    gap: float
    settings: PlanSettings
    options: EstimationOptions
    stands: bool
    rounds: int
    steps: int
    seconds: float

    @property
    def identified(self) -> FloatArray:
        """By how much the counts narrow each parameter, (Q,): 1 - (posterior sd / prior sd) squared."""
        return self.posterior.identified

    @property
    def moved(self) -> FloatArray:
        """How many prior standard deviations each parameter moved, (Q,)."""
        found: FloatArray = self.estimate.q / self.parameters.prior_sd
        return found

    @property
    def fits(self) -> BoolArray:
        """Which of `used` the estimate meets within one and a half standard deviations, (M,)."""
        sds = self.observations.loc[self.observations["used"], "sds"].to_numpy(dtype=np.float64)
        found: BoolArray = np.abs(sds) <= NEAR_SDS
        return found
