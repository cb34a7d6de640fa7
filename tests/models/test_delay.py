"""What waiting costs, and at which use it costs a price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from corridors.models.choice.delay import Delay


def one(coefficient: float, power: float, straight: float) -> Delay:
    return Delay(np.array([coefficient]), np.array([power]), np.array([straight]))


numbers = {
    "coefficient": st.floats(1e-9, 1e9),
    "power": st.floats(1, 20),
    "straight": st.floats(1e-3, 1),
    "share": st.floats(0, 1),
}


@given(**numbers)
def test_the_share_at_what_waiting_costs_is_the_share(
    coefficient: float, power: float, straight: float, share: float
) -> None:
    delay = one(coefficient, power, straight)
    price = delay.waiting(np.array([share]))
    assert delay.waiting(delay.share(price)) == pytest.approx(price, rel=1e-12, abs=1e-300)
    assert delay.share(price)[0] == pytest.approx(share, rel=1e-9, abs=1e-15)


@given(**numbers)
def test_the_integral_is_that_of_what_waiting_costs(
    coefficient: float, power: float, straight: float, share: float
) -> None:
    delay = one(coefficient, power, straight)
    area, _ = integrate.quad(lambda w: delay.waiting(np.array([w]))[0], 0, share)
    assert delay.integral(np.array([share]))[0] == pytest.approx(area, rel=1e-7, abs=1e-12 * coefficient)


@given(**numbers)
def test_the_marginal_delay_is_what_one_more_costs_all(
    coefficient: float, power: float, straight: float, share: float
) -> None:
    delay, at = one(coefficient, power, straight), np.array([share])
    assert delay.marginal().waiting(at) == pytest.approx(delay.waiting(at) + at * delay.slope(at), rel=1e-9)


def test_prices_of_a_full_resource_and_of_one_where_none_waits_belong_to_full_use() -> None:
    delay = Delay(np.array([2.0, 2.0, 0.0, 2.0]), np.full(4, 4.0), np.full(4, 0.02))
    np.testing.assert_array_equal(delay.share(np.array([2.0, 7.0, 0.0, 0.0])), [1, 1, 1, 0])


def test_a_delay_has_a_slope_where_nothing_goes() -> None:
    assert (one(3.0, 4.0, 0.02).slope(np.zeros(1)) > 0).all()
