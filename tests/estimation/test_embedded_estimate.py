"""Estimating the embedded data package: counts are nearer than before, totals are exact, and the plan is proved."""

import numpy as np
import pytest

from corridors import tables
from corridors.estimation import EstimationOptions, estimate
from corridors.planning.settings import PlanSettings


@pytest.mark.slow
def test_the_embedded_data_come_nearer_to_their_counts() -> None:
    dataset = tables.read()
    found = estimate(dataset, PlanSettings(choice="logit"), EstimationOptions(rounds=2), lambda _: None)
    table = found.observations[found.observations["use"] == "fit"]
    assert table["used"].all()
    before, after = ((table[name].abs() <= 1.5).mean() for name in ("sds_before", "sds"))
    assert after >= max(before + 0.1, 0.65)
    assert found.gap <= 1e-6
    sums = [one["demand"].groupby("total")["kt"].sum().to_numpy() for one in (dataset, found.dataset)]
    assert np.allclose(*sums, rtol=1e-12)
    identified = found.identified
    assert (identified > -1e-9).all()
    assert (identified < 1).all()
