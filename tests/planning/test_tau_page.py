"""The page on tau: what it says of transit and tariffs is what plans say."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from corridors import network, scenario, tables
from corridors.planning.planner import plan_with
from corridors.planning.settings import PlanSettings

DEARER_RAIL = """name = "dearer"
title = "Rail tariffs at home are 10 % higher"
why = "How transit answers."
sources = ["assumed"]

[[change]]
table = "tariffs"
where = { mode = "rail", country = "KAZ" }
scale = { usd_per_km = 1.1 }

[[change]]
table = "tariffs"
add = [
    { tariff = "rail-bulk-KAZ", mode = "rail", cargo = "bulk", country = "KAZ", usd_per_km = 0.022, per = "t" },
    { tariff = "rail-oil-KAZ", mode = "rail", cargo = "oil", country = "KAZ", usd_per_km = 0.033, per = "t" },
    { tariff = "rail-general-KAZ", mode = "rail", cargo = "general", country = "KAZ", usd_per_km = 0.09713, per = "t" },
]
"""


@pytest.mark.slow
def test_the_page_on_tau_says_how_transit_answers_a_tariff(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "choice.md").read_text(encoding="utf-8")
    told = re.findall(r"\| (linear|tau = \d+) \| ([\d.]+) \| (-[\d.]+) \|", page)
    assert len(told) == 4
    (tmp_path / "dearer.toml").write_text(DEARER_RAIL)
    dearer = scenario.apply(tables.read(), [str(tmp_path / "dearer.toml")]).dataset
    networks = [network.build(tables.read()), network.build(dearer)]
    for plan, mt, elasticity in told:
        choosing = PlanSettings()
        if plan != "linear":
            choosing = replace(choosing, choice="logit", tau=float(plan.split()[-1]))
        base, after = (plan_with(net, choosing).summary["kt_by_trade"]["transit"] for net in networks)
        assert base / 1000 == pytest.approx(float(mt), abs=0.06), plan
        assert 10 * (after / base - 1) == pytest.approx(float(elasticity), abs=0.006), plan
