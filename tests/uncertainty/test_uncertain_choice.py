"""Samples of a plan in which shippers choose: each the same as planned anew, whatever it went on from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from uncertain import DEMAND, LOADING, SPEED, package

from corridors import network, planning, tables
from corridors import uncertainty as runs
from corridors.errors import DataError
from corridors.planning import rechoosing
from corridors.planning.settings import PlanSettings
from corridors.uncertainty import experiment

BANDS = {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55"), DEMAND: ("derived", "5500", "6500")}


@pytest.mark.parametrize("assign", ["none", "equilibrium"])
def test_a_sample_is_the_plan_of_its_figures(tmp_path: Path, assign: str) -> None:
    folder = tmp_path / "unsure"
    package(folder, BANDS)
    plan = PlanSettings(choice="logit", assign=assign)
    chosen = runs.settings_for(tables.read(folder), plan, samples=4, data=str(folder), ranking="none")
    shared = runs.prepare(chosen)
    assert shared.standing is not None
    names = [one.name for one in shared.outputs.list]
    for number in range(3):
        task = {"design": experiment.SAMPLE, "number": number}
        freight = shared.problem(task)
        row = experiment.solve(shared, task)
        assert row["gap"] <= 1e-6
        own = chosen.plan
        anew = planning.plan_with(network.build(freight.network.dataset, own.year, own.running or ""), own).summary
        value = dict(zip(names, row["headlines"], strict=True))
        paid = anew["cost_usd"] + anew["entropy_usd"] + anew["waiting_usd"]
        assert value["cost"] == pytest.approx(paid, rel=1e-5)
        assert value["served"] == pytest.approx(anew["kt_served"], rel=1e-5)


def test_the_undisturbed_answer_is_that_of_a_plan(tmp_path: Path) -> None:
    folder = tmp_path / "unsure"
    package(folder, BANDS)
    plan = PlanSettings(choice="logit", carbon_price=0.0)
    net = network.build(tables.read(folder))
    stands = rechoosing.standing(planning.formulate(net, plan), plan)
    made = planning.plan_with(net, plan).summary
    assert stands.chosen.worth() == pytest.approx(made["objective_value"], rel=1e-8)
    again = rechoosing.changed(stands, stands.who.freight.problem)
    np.testing.assert_allclose(again.worth(), stands.chosen.worth(), rtol=1e-8)


def test_a_choice_among_all_routes_is_refused_where_one_goes_on_from_listed_ones(tmp_path: Path) -> None:
    folder = tmp_path / "unsure"
    package(folder, BANDS)
    plan = PlanSettings(choice="network", carbon_price=0.0)
    net = network.build(tables.read(folder))
    with pytest.raises(DataError, match="ask for choice logit"):
        rechoosing.standing(planning.formulate(net, plan), plan)
