"""Losses that one bad count does not rule: slopes against differences, bounds, and the normal loss near 0."""

from __future__ import annotations

import numpy as np
import pytest

from corridors.errors import ProblemError
from corridors.models.estimation.misfit import Huber, Loss, StudentT

R = np.array([-30.0, -3.3, -1.0, -1e-3, 0.0, 0.2, 1.2, 5.0, 1e4])


@pytest.mark.parametrize("loss", [StudentT(), StudentT(1.5), Huber(), Huber(np.inf)])
def test_weights_are_slopes_of_the_loss_over_residuals(loss: Loss) -> None:
    step = 1e-4 * np.maximum(1, np.abs(R))
    slope = (loss.value(R + step) - loss.value(R - step)) / (2 * step)
    assert loss.weight(R) * R == pytest.approx(slope, rel=1e-5, abs=1e-7)
    other = R[:, None] * np.linspace(-3, 3, 50)
    above = loss.value(R)[:, None] + loss.weight(R)[:, None] * (other**2 - R[:, None] ** 2) / 2
    assert (loss.value(other) <= above * (1 + 1e-9) + 1e-9).all()  # the parabola of the weights is nowhere below
    assert ((loss.weight(R) >= 0) & (loss.weight(R) <= 1)).all()
    small = np.array([1e-3])
    assert loss.value(small) == pytest.approx(small**2 / 2, rel=1e-5)


def test_the_pull_of_a_bad_count_falls_or_stays() -> None:
    assert (StudentT().weight(R) * R)[-1] < 1e-3
    assert (Huber().weight(R) * R)[-1] == pytest.approx(1.345)


@pytest.mark.parametrize("wrong", [lambda: StudentT(0.0), lambda: Huber(-1.0), lambda: Huber(float("nan"))])
def test_what_is_no_loss_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ProblemError, match="above 0"):
        wrong()
