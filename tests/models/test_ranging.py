"""One-sided prices: which resources are asked about, and when a slope beside a capacity is a price."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import sparse

from corridors.errors import ProblemError
from corridors.models import arcs, columns
from corridors.models.arrays import FloatArray
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.models.ranging import Optimum, full_without_price, price_intervals, requested, worth_ranging


def one_arc(capacity: float) -> FlowProblem:
    return FlowProblem.single_class(2, [0], [1], [1.0], [capacity], [0], [1], [10.0], 9.0)


@dataclass
class Curve:
    """A least cost given as a function of the one capacity, with its slope to either side, as a method."""

    problem: FlowProblem
    corner: float  # below it a unit saves 5, above it 2
    bend: float = 0.0  # of a cost that is no longer made of straight pieces
    asked: list[float] = field(default_factory=list)
    restored: int = 0

    def __post_init__(self) -> None:
        capacity = float(self.problem.capacity[0])
        self.objective, self.use = self._cost(capacity), np.array([capacity])
        self.price = np.array([self._slope(capacity)])

    def _cost(self, capacity: float) -> float:
        below, above = min(capacity, self.corner), max(capacity - self.corner, 0.0)
        return 100.0 - 5.0 * below - 2.0 * above + self.bend * (capacity - 4.0) ** 2

    def _slope(self, capacity: float) -> float:
        return (5.0 if capacity < self.corner else 2.0) - 2 * self.bend * (capacity - 4.0)

    def resolve_at_capacity(self, resource: int, capacity: float) -> Optimum | None:
        """Move along the curve; None below 1, where no plan exists."""
        assert resource == 0
        self.asked.append(capacity)
        if capacity < 1.0:
            return None
        return Optimum(self._cost(capacity), np.array([self._slope(capacity)]), self._solution)

    def restore_capacity(self, resource: int) -> None:
        """Count how often somebody goes back."""
        assert resource == 0
        self.restored += 1

    def _solution(self) -> FlowSolution:
        none = np.empty(0, dtype=np.int64)
        return FlowSolution("optimal", none, np.empty(0), (), np.zeros(1), self.price, 0, {}, "curve")


def test_both_sides_of_a_corner_have_their_own_price() -> None:
    found = price_intervals(curve := Curve(one_arc(4.0), corner=4.0), [0])
    assert (found.low.tolist(), found.high.tolist()) == ([2.0], [5.0])
    assert [end.capacity > 4 for end in found.ends] == [True, False]
    assert curve.restored == 1


def test_a_corner_within_the_first_step_asks_for_a_smaller_one() -> None:
    found = price_intervals(curve := Curve(one_arc(4.0), corner=4.0 - 1e-4), [0])
    assert (found.low.tolist(), found.high.tolist()) == ([2.0], [2.0])
    assert len(curve.asked) == 3
    assert len(found.ends) == 2


def test_where_the_cost_is_straight_at_no_step_there_is_no_price() -> None:
    found = price_intervals(curve := Curve(one_arc(4.0), corner=9.0, bend=1e6), [0])
    assert np.isnan([*found.low, *found.high]).all()
    assert found.ends == ()
    assert curve.restored == 1


def test_where_no_plan_exists_with_any_less_there_is_no_high_price() -> None:
    found = price_intervals(Curve(one_arc(1.0), corner=4.0), [0])
    assert found.low.tolist() == [5.0]
    assert np.isnan(found.high).all()


def test_only_what_exists_can_be_asked_for() -> None:
    assert requested(one_arc(4.0), None) == []
    assert requested(one_arc(4.0), np.array([0])) == [0]
    with pytest.raises(ProblemError, match=r"resources \[1\], but there are 1"):
        requested(one_arc(4.0), [1])


def test_highest_rents_closed_resources_and_full_ones_without_a_price_are_worth_ranging() -> None:
    """Path 0 takes resources 0, 2 and 4, path 1 takes 1 and 3: 2 and 3 are full and free, 5 and 6 have no capacity."""
    use = sparse.csr_array(np.array([[1.0, 0, 1, 0, 1, 0, 0], [0, 1.0, 0, 1, 0, 0, 0]]))
    flow, price = np.array([4.0, 6.0]), np.array([3.0, 1.0, 0, 0, 0, 7.0, 8.0])
    capacity = np.array([4.0, 6.0, 4.0, 6.0, 5.0, 0, 0])
    assert worth_ranging(use, flow, price, capacity, 0) == []
    assert worth_ranging(use, flow, price, capacity, 1) == [0, 5, 2]
    assert worth_ranging(use, flow, price, capacity, 9) == [0, 1, 5, 6, 2, 3]
    assert full_without_price(use, flow, price, capacity, 9) == [2, 3]


@pytest.mark.parametrize("method", [columns, arcs])
@pytest.mark.parametrize(
    ("capacity", "low", "high"), [(4.0, 8.0, 8.0), (10.0, 0.0, 8.0), (11.0, 0.0, 0.0), (0.0, 8.0, np.nan)]
)
def test_both_methods_measure_the_same_prices(method: object, capacity: float, low: float, high: float) -> None:
    """Ten tonnes save 8 each on the arc, at 1 in place of the penalty of 9."""
    solution = method.solve(one_arc(capacity), ranging_for=[0])  # type: ignore[attr-defined]
    assert_prices(solution.price_low, low)
    assert_prices(solution.price_high, high)


def assert_prices(found: FloatArray, expected: float) -> None:
    assert found == pytest.approx([expected], nan_ok=True)


@pytest.mark.parametrize("method", [columns, arcs])
def test_a_problem_without_demands_has_prices_of_nothing(method: object) -> None:
    problem = FlowProblem.single_class(2, [0, 0], [1, 1], [1.0, 2.0], [4.0, 0.0], [], [], [])
    solution = method.solve(problem, ranging_for=[0, 1])  # type: ignore[attr-defined]
    assert solution.price_low.tolist() == [0, 0]
    assert solution.price_high[0] == 0
    assert np.isnan(solution.price_high[1])
