"""The page on tau: what it says of transit and tariffs is what plans say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from corridors import network, scenario, tables
from corridors.planning.planner import Plan, plan_with
from corridors.planning.settings import PlanSettings
from corridors.tables.dataset import Dataset
from corridors.tables.frame_mapping import Frames
from corridors.text.choices import NESTS

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
    { tariff = "rail-general-KAZ", mode = "rail", cargo = "general", country = "KAZ", usd_per_km = 0.10417, per = "t" },
]
"""


PAGE = (Path(__file__).parents[2] / "docs" / "choice.md").read_text(encoding="utf-8")
# A plan of choice takes many CPU seconds. Planned are the linear one, and with each kind of nests one, the least tau
# among them, and of the table of nearness the first row, the last, and that of the data: all columns of all tables.
PLANNED: dict[str, dict[str, str | float]] = {"linear": {}} | {
    f"{tau} {nests}": {"choice": "logit", "tau": tau, "nests": nests}
    for tau, nests in ((5.0, NESTS[0]), (10.0, NESTS[1]), (10.0, NESTS[2]))
}
type Pair = tuple[Plan, Plan]  # of the data, and with dearer rail


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Pair]:
    """Return what plans the data and the dearer ones: each once, as several tables are of the same plans."""
    dearer = tmp_path_factory.mktemp("tau") / "dearer.toml"
    dearer.write_text(DEARER_RAIL)
    data = tables.read()
    networks = [network.build(one) for one in (data, scenario.apply(data, [str(dearer)]).dataset)]

    @cache
    def planned(**choosing: str | float) -> Pair:
        base, after = (plan_with(net, replace(PlanSettings(), **choosing)) for net in networks)
        return base, after

    return planned


@pytest.mark.slow
def test_the_page_on_tau_says_how_transit_answers_a_tariff(pair: Callable[..., Pair]) -> None:
    told = re.findall(r"\| (linear|tau = \d+) \| ([\d.]+) \| (-?[\d.]+) \|", PAGE)
    assert len(told) == 4
    rows = [(PLANNED.get(key(plan.split()[-1], NESTS[0])), plan, mt, elasticity) for plan, mt, elasticity in told]
    assert sum(row[0] is not None for row in rows) == 2
    for choosing, plan, mt, elasticity in rows:
        if choosing is None:
            continue
        base, after = (one.summary["kt_by_trade"]["transit"] for one in pair(**choosing))
        assert base / 1000 == pytest.approx(float(mt), abs=0.06), plan
        assert 10 * (after / base - 1) == pytest.approx(float(elasticity), abs=0.006), plan


def key(tau: str, nests: str) -> str:
    """Return what a row of the page is called in `PLANNED`."""
    return tau if tau == "linear" else f"{float(tau)} {nests}"


def at_home(dataset: Dataset) -> tuple[set[str], dict[str, str]]:
    """Return the railway's links at home, and each place's country."""
    links, nodes = dataset["links"], dataset["nodes"]
    home = set(links.loc[(links["mode"] == "rail") & (links["country"] == "KAZ"), "link"])
    return home, dict(zip(nodes["node"], nodes["country"], strict=True))


def by_rail(plan: Plan, home: set[str], country: dict[str, str]) -> list[float]:
    """Return transit by rail at home and containers in it, kt, and the railway's work, kt km."""
    routes = plan.routes
    rail = routes["links"].str.split(";").map(lambda links: not home.isdisjoint(links))
    ends_at_home = (routes["origin"].map(country) == "KAZ") | (routes["destination"].map(country) == "KAZ")
    transit = rail & ~ends_at_home
    boxes = transit & routes["commodity"].str.startswith("container")
    moves = plan.flows[plan.flows["link"].isin(home)]
    return [routes.loc[transit, "kt"].sum(), routes.loc[boxes, "kt"].sum(), float(moves["kt"] @ moves["km"])]


@pytest.mark.slow
def test_the_page_on_tau_says_what_nests_matter(pair: Callable[..., Pair]) -> None:
    told = re.findall(r"^\| (linear|\d+) \| (\w*) ?\| (\d+) % \| (.*) \|$", PAGE, re.MULTILINE)
    assert len(told) == 6
    told = [row for row in told if key(*row[:2]) in PLANNED]
    assert len(told) == len(PLANNED)
    home, country = at_home(tables.read())
    for tau, nests, several, rest in told:
        base, after = pair(**PLANNED[key(tau, nests)])
        before, then = by_rail(base, home, country), by_rail(after, home, country)
        elasticities = [10 * (new / old - 1) for old, new in zip(before, then, strict=True)]
        volumes = base.corridors.set_index("corridor")["kt"][["R1", "R3", "H6"]].tolist()
        said = [float(figure.replace(",", "")) for figure in rest.split(" | ")]
        assert said[:3] == pytest.approx(elasticities, abs=0.0051), (tau, nests)
        assert said[3:] == pytest.approx(volumes, abs=0.6), (tau, nests)
        share = base.summary.get("demands_with_several_ways", 0.0)
        assert float(several) == pytest.approx(100 * share, abs=0.51), (tau, nests)


@pytest.mark.slow
def test_the_page_on_tau_says_what_nearness_of_ways_matters() -> None:
    told = re.findall(r"^\| (\d) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| (\d+) % \|$", PAGE, re.MULTILINE)
    assert len(told) == 4
    dataset = tables.read()
    home, country = at_home(dataset)
    for way_nesting, work, transit, boxes, several in (told[0], *told[2:]):
        rows = dataset["choice"].assign(way_nesting=float(way_nesting), nesting=3 * float(way_nesting))
        other = replace(dataset, tables=Frames(dict(dataset.tables) | {"choice": rows}))
        made = plan_with(network.build(other), PlanSettings(choice="logit"))
        found = by_rail(made, home, country)
        assert float(work) == pytest.approx(found[2] / 1e6, abs=0.051), way_nesting
        assert [float(transit), float(boxes)] == pytest.approx([kt / 1000 for kt in found[:2]], abs=0.051), way_nesting
        assert float(several) == pytest.approx(100 * made.summary["demands_with_several_ways"], abs=0.51), way_nesting
