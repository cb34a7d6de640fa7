"""Paths as flat arrays say what the same paths say one by one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from corridors.models.arrays import IntArray
from corridors.models.paths import PathSet


def over(*arcs: int) -> IntArray:
    return np.array(arcs, dtype=np.int64)


def three() -> PathSet:
    """Return a path of two arcs, one of none, and one of three."""
    return PathSet.of(over(4, 0, 4), (over(2, 1), over(), over(1, 3, 0)))


def test_paths_are_cut_where_they_were_joined() -> None:
    paths = three()
    assert paths.size == 3
    assert paths.length.tolist() == [2, 0, 3]
    assert paths.path.tolist() == [0, 0, 2, 2, 2]
    assert [paths.arcs_of(p).tolist() for p in range(3)] == [[2, 1], [], [1, 3, 0]]


def test_no_paths_are_paths() -> None:
    none = PathSet.of(over(), ())
    assert none.size == 0
    assert none.sums(np.empty(0)).dtype == np.float64
    assert none.followed_by(three()).demand.tolist() == [4, 0, 4]


def test_a_choice_keeps_the_order() -> None:
    chosen = three().select(np.array([False, True, True]))
    assert chosen.demand.tolist() == [0, 4]
    assert [chosen.arcs_of(p).tolist() for p in range(2)] == [[], [1, 3, 0]]


def test_steps_and_sums_are_of_the_class_of_each_path() -> None:
    paths, class_ = three(), over(0, 0, 1)
    assert paths.steps(class_, 4).tolist() == [2, 1, 5, 7, 4]
    cost = np.array([1.0, 2, 4, 8, 16, 32, 64, 128])
    assert paths.sums(cost[paths.steps(class_, 4)]).tolist() == [6, 0, 16 + 32 + 128]
    usage = sparse.csr_array(np.array([cost, np.zeros(8)]))
    assert paths.use(paths.steps(class_, 4), sparse.csr_array(usage.T)).toarray().tolist() == [[6, 0], [0, 0], [176, 0]]
