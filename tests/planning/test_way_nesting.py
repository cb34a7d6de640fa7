"""How sharply shippers choose among the ways of one chain of modes, from the table to the scales and the log-sums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small
from numpy.testing import assert_allclose

from corridors import network, tables
from corridors.models.choice.generation import generate
from corridors.models.choice.route_set import Marks
from corridors.planning.behaviour import base_costs, behaviour, cheapest_costs
from corridors.planning.freight import Freight, pose
from corridors.planning.settings import PlanSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small data package without provenance, so that its figures may be changed."""
    folder = small.small_dataset(tmp_path / "package")
    (folder / "provenance.csv").unlink()
    return folder


def _posed(folder: Path) -> Freight:
    return pose(network.build(tables.read(folder)))


def test_ways_of_one_chain_are_told_apart_so_many_times_as_sharply_as_chains(folder: Path) -> None:
    freight = _posed(folder)
    cheapest = cheapest_costs(freight.problem)
    assert behaviour(freight, cheapest, PlanSettings()).group_scale is None
    small.edit(folder, "choice", 2, way_nesting="2")
    behaves = behaviour(_posed(folder), cheapest, PlanSettings())
    assert behaves.group_scale is not None
    times = {"container_high": 2, "grain": 1, "general": 1}
    assert_allclose(behaves.group_scale / behaves.way_scale, [times[one] for one in freight.demand["commodity"]])
    assert (behaves.route_scale >= behaves.group_scale).all()


def test_base_costs_of_three_levels_are_those_of_the_logit(folder: Path) -> None:
    small.write_table(
        folder, "choice", [{"cargo": "*", "commodity": "*", "tau": "9", "nesting": "6", "way_nesting": "3"}]
    )
    freight = _posed(folder)
    listed = generate(freight.problem, Marks.none(freight.problem.arc_count))
    routes, way = listed.routes, np.arange(listed.size) // 2  # by pairs, as far as demands go
    way = np.unique(routes.demand * listed.size + way, return_inverse=True)[1]
    cheapest = cheapest_costs(freight.problem)
    behaves = behaviour(freight, cheapest, PlanSettings())
    first = np.flatnonzero(np.diff(way, prepend=-1))
    group = np.unique(routes.demand[first], return_inverse=True)[1]  # all ways of a demand are one chain
    paid = base_costs(freight.problem, routes, way, behaves, cheapest, group)
    whole = replace(behaves, way_scale=3 * behaves.way_scale, group_scale=None)
    within = base_costs(freight.problem, routes, way, whole, cheapest)
    assert_allclose(paid.log_sum, within.log_sum)
    assert_allclose(paid.mean, within.mean)
    alone = base_costs(freight.problem, routes, way, behaves, cheapest, np.arange(first.size))
    two = base_costs(freight.problem, routes, way, replace(behaves, group_scale=None), cheapest)
    assert_allclose(alone.log_sum, two.log_sum)
    assert_allclose(alone.mean, two.mean)
    assert not np.allclose(paid.log_sum, two.log_sum)
