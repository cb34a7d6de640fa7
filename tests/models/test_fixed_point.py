"""Anderson's mixing finds points that a map leaves where they are, also where going on and on would not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import optimize

from corridors.models.arrays import FloatArray
from corridors.models.fixed_point import Mixing

type Map = Callable[[FloatArray], FloatArray]


def iterated(leads: Map, start: FloatArray, rounds: int, high: float = np.inf) -> FloatArray:
    """Return where mixing is after so many rounds."""
    mixing, point = Mixing(np.full(start.size, -high), np.full(start.size, high), depth=start.size + 2), start
    for _ in range(rounds):
        point = mixing.next(point, leads(point))
    return point


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 6), radius=st.floats(0.1, 5))
def test_an_affine_map_is_solved_in_as_many_steps_as_it_has_dimensions(seed: int, n: int, radius: float) -> None:
    random = np.random.default_rng(seed)
    turned = np.linalg.qr(random.standard_normal((n, n)))[0]
    pull = turned @ np.diag(-radius * random.uniform(0.2, 1, n)) @ turned.T  # -5: going on would blow up
    shift = random.standard_normal(n)
    expected = np.linalg.solve(np.eye(n) - pull, shift)
    found = iterated(lambda x: pull @ x + shift, np.zeros(n), n + 3)
    assert_allclose(found, expected, atol=1e-6 * (1 + np.abs(expected).max()))


def test_it_finds_what_a_root_finder_finds_where_going_on_swings() -> None:
    push = np.array([[0.2, 3.0], [2.5, 0.1]])

    def queue(hours: FloatArray) -> FloatArray:
        """Return the waits if who waits leaves, sharply: two crowded places that take from each other."""
        return np.asarray(4 / (1 + np.exp(push @ hours - 4)), dtype=np.float64)

    root = optimize.root(lambda x: queue(x) - x, np.ones(2), tol=1e-12).x
    point = np.zeros(2)
    for _ in range(200):
        point = queue(point)
    assert np.abs(queue(point) - point).max() > 1e-3  # it swings
    found = iterated(queue, np.ones(2), 40)
    assert_allclose(queue(found), found, atol=1e-9)
    assert_allclose(found, root, atol=1e-6)


def test_points_stay_in_their_box() -> None:
    mixing = Mixing(np.zeros(2), np.array([1.0, 2.0]))
    random, point = np.random.default_rng(3), np.zeros(2)
    for _ in range(20):
        point = mixing.next(point, 10 * random.standard_normal(2))
        assert (point >= 0).all()
        assert (point <= [1, 2]).all()


def test_a_map_that_stands_still_is_left_alone() -> None:
    point = np.array([1.0, 2.0])
    mixing = Mixing(np.zeros(2), np.full(2, np.inf))
    for _ in range(4):
        assert mixing.next(point, point) == pytest.approx(point)
