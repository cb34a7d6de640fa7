"""The report of a plan in which shippers choose claims what is proved of it, and no more."""

from __future__ import annotations

import re

import pytest
import small

from corridors import network, planning, tables
from corridors.planning.planner import Plan
from corridors.report import page
from corridors.report.context import Subject
from corridors.report.tables import LITTLE_KT, unserved
from corridors.text.language import language


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, network.Network]:
    """Return a plan of shippers who choose, on the small data package."""
    net = network.build(tables.read(small.small_dataset(tmp_path_factory.mktemp("choice") / "package")))
    return planning.plan(net, choice="logit", tau=5.0), net


def words(text: str) -> str:
    """Return what a page says, without its scripts and marks."""
    return re.sub("<[^>]*>", " ", re.sub("<script>.*?</script>", "", text, flags=re.DOTALL))


def test_nobody_is_told_that_no_plan_is_cheaper(chosen: tuple[Plan, network.Network]) -> None:
    plan, net = chosen
    said = words(page.write_up(plan, net, language("en")))
    assert "no plan is cheaper" not in said
    assert "over the listed routes" in said
    assert "What shippers weigh" in said
    said = words(page.write_up(planning.plan(net), net, language("en")))
    assert "no plan is cheaper" in said
    assert "What is least" in said


def test_what_is_left_of_every_demand_is_added_up_where_it_is_little(chosen: tuple[Plan, network.Network]) -> None:
    plan, net = chosen
    left = plan.unserved["kt"]
    little = int((left < LITTLE_KT).sum())
    assert little > 0
    listed = unserved(Subject(plan, net, language("en")))
    assert len(listed.rows) == len(left) - little + 1
    assert listed.rows[-1][0].text == f"{little} more, less than {LITTLE_KT:.2f} kt each"
    shown = [row[3].key for row in listed.rows]
    assert sum(key for key in shown if key is not None) == pytest.approx(left.sum())
