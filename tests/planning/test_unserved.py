"""Reasons for what is left behind, and bounds on linear functions of the flow."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import add_demand, edit

from corridors import network, tables
from corridors.errors import ProblemError
from corridors.models import arcs, side_constraints
from corridors.models.certificate import certify
from corridors.models.problem import FlowProblem, FlowSolution
from corridors.planning.freight import Freight, pose, with_co2_budget, with_minimum_share
from corridors.planning.results import bottlenecks
from corridors.planning.unserved import reasons


def posed(folder: Path) -> Freight:
    return pose(network.build(tables.read(folder)))


def solved(freight: Freight) -> FlowSolution:
    solution = arcs.solve(freight.problem, ranging_count=5)
    assert certify(freight.problem, solution).holds
    return solution


def why(folder: Path) -> dict[str, str]:
    freight = posed(folder)
    frame = reasons(freight, solved(freight))
    return dict(zip(frame["demand"], frame["why"], strict=True))


def test_two_full_gates_are_named_together_with_what_they_carry(folder: Path) -> None:
    edit(folder, "links", 4, capacity="1")  # Drypass - Midtown by rail
    edit(folder, "links", 8, capacity="100")  # and by road
    add_demand(folder, "boxes", "EASTGATE-MIDTOWN", "container_high", kt=5000, penalty=250)
    said = why(folder)["boxes"]
    assert said.startswith("Drypass - Midtown (rail) and Drypass - Midtown (road), ")
    assert said.endswith("Mt together, full")


def test_the_cut_is_a_cut(folder: Path) -> None:
    """With what it names made wide, the freight flows or something else is full."""
    edit(folder, "links", 6, capacity="2")
    freight = posed(folder)
    before = reasons(freight, solved(freight)).set_index("demand")
    assert before.loc["grain:export", "why"] == "Midtown - Landing (rail), 3.1 Mt, full"
    edit(folder, "links", 6, capacity="200")
    after = posed(folder)
    assert "grain:export" not in set(reasons(after, solved(after))["demand"])


def test_nothing_left_is_an_empty_table(folder: Path) -> None:
    for row in (2, 3):
        edit(folder, "demand", row, reservation_usd_per_t="9000")
    freight = posed(folder)
    assert list(reasons(freight, solved(freight)).columns)[-1] == "why"
    assert len(reasons(freight, solved(freight))) == 0


def test_an_emissions_budget_is_kept_and_has_its_price(folder: Path) -> None:
    freight = posed(folder)
    free = solved(freight)
    kg = freight.costs.kgco2e[freight.commodity] / 1000
    emitted = sum(
        float(tonnes) * kg[freight.problem.class_[demand], path].sum()
        for demand, tonnes, path in zip(free.path_demand, free.path_flow, free.path_arcs, strict=True)
    )
    tight = with_co2_budget(freight, emitted * 0.9)
    solution = solved(tight)
    assert solution.resource_use(tight.problem)[-1] <= emitted * 0.9 * (1 + 1e-9)
    row = bottlenecks(tight, solution).set_index("resource").loc["bound:co2e"]
    assert row["unit"] == "t CO2e"
    assert row["shadow_price_high"] > 0
    loose = with_co2_budget(freight, emitted * 1.1)
    assert solved(loose).resource_price[-1] == 0


def test_a_minimum_share_that_is_met_anyway_is_free(folder: Path) -> None:
    asked = with_minimum_share(posed(folder), "MIDTOWN", 0.1)
    assert solved(asked).resource_price[-1] == 0


def test_a_share_that_only_going_in_circles_could_meet_is_not_passed_off_as_met(folder: Path) -> None:
    asked = with_minimum_share(posed(folder), "MIDTOWN", 0.3)
    assert not certify(asked.problem, arcs.solve(asked.problem)).holds


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_a_share_is_between_0_and_1(folder: Path, share: float) -> None:
    with pytest.raises(ProblemError, match="a share lies between 0 and 1"):
        with_minimum_share(posed(folder), "MIDTOWN", share)


def test_a_bound_leaves_the_problem_it_is_added_to_as_it_was() -> None:
    problem = FlowProblem.single_class(2, [0, 0], [1, 1], [1.0, 2.0], [np.inf, np.inf], [0], [1], [10.0], 9.0)
    bounded = side_constraints.at_most(problem, np.array([[1.0, 0.0]]), 4.0, "first arc")
    assert problem.resource_count == 0
    assert bounded.resource_names == ("first arc",)
    solution = arcs.solve(bounded)
    assert certify(bounded, solution).primal_objective == pytest.approx(4 * 1 + 6 * 2)
    assert solution.resource_price == pytest.approx([1.0])
    with pytest.raises(ProblemError, match="shape"):
        side_constraints.at_most(problem, np.ones((1, 3)), 4.0, "wrong")
    with pytest.raises(ProblemError):
        side_constraints.at_most(problem, np.ones((1, 2)), -1.0, "negative")


def test_a_dearer_way_than_shippers_pay_is_no_bottleneck(folder: Path) -> None:
    freight = posed(folder)
    cheap = replace(freight, problem=replace(freight.problem, penalty=np.full(freight.problem.demand_count, 0.5)))
    frame = reasons(cheap, solved(cheap))
    assert all("its shippers pay at most" in text for text in frame["why"])


def test_what_is_named_stands_in_every_way_though_a_detour_that_is_not_worth_it_passes_nothing_full(
    folder: Path,
) -> None:
    """A line and a road side by side, and two places to change: one change is worth it, two are not."""
    start, line, road, line_end, road_end, end = range(6)
    ways = [(start, line), (start, road), (line, line_end), (line, road), (road, road_end), (road_end, line_end)]
    tail, head = zip(*ways, (line_end, end), (road_end, end), strict=True)
    free = np.inf
    problem = FlowProblem.single_class(
        6, tail, head, [1, 1, 1, 4, 1, 4, 1, 1], [free, 1, 1, free, free, free, free, 1], [start], [end], [10.0], 9.0
    )
    freight = posed(folder)
    freight = replace(freight, problem=problem, demand=freight.demand.head(1), resources=freight.resources[:3])
    (row,) = reasons(freight, solved(freight)).itertuples()
    assert row.reason == "capacity_full"
    assert row.reason_values == f"full={';'.join(one.resource for one in freight.resources)}|mt=0.0"
