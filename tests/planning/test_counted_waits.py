"""Waits that were counted beside a plan's: against a plain loop over stays, and by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import small

from corridors import network, planning, tables
from corridors.errors import DataError
from corridors.network.network import Network
from corridors.planning import counted, counted_waits, counts
from corridors.planning.freight import Freight, pose
from corridors.planning.planner import Plan

ROWS: tuple[dict[str, str], ...] = (
    {"mode": "rail"},
    {"mode": "road"},
    {"mode": "road", "direction": "AAA>*"},
    {"mode": "rail", "where": "EASTGATE"},
    {"mode": "rail", "where": "gauge:EASTGATE;gauge:EASTGATE:container"},
    {"mode": "rail", "where": "DRYPASS", "direction": "AAA>BBB"},
    {"mode": "rail", "where": "DRYPASS", "direction": "BBB>AAA"},
    {"mode": "rail", "where": "DRYPASS", "commodities": "grain"},
    {"mode": "rail", "where": "LANDING"},
    {"mode": "road", "where": "MIDTOWN"},
)


def told(*cells: dict[str, str]) -> pd.DataFrame:
    """Return rows of kind wait with these cells."""
    usual = dict.fromkeys(tables.fields("observations"), "") | {"kind": "wait", "unit": "h", "value": 1.0, "sd": 1.0}
    usual |= {"use": "fit", "begin": "2024-01-01", "end": "2024-12-31"}
    return pd.DataFrame([usual | {"observation": f"w{number}"} | one for number, one in enumerate(cells)])


def modelled(net: Network, made: Plan, *cells: dict[str, str]) -> list[float]:
    freight = pose(net)
    paths, tonnes = counted.of_routes(freight, made.routes)
    return counted_waits.modelled(freight, told(*cells), paths, tonnes, made.bottlenecks).tolist()


def by_loop(freight: Freight, made: Plan, row: dict[str, str]) -> float:
    """Return the mean wait at the stays that a row means, route by route and step by step."""
    net = freight.network
    country = dict(zip(net.dataset["nodes"]["node"], net.dataset["nodes"]["country"], strict=True))
    queue = made.bottlenecks.set_index("resource")["queue_days"]
    commodity = freight.demand.set_index("demand")["commodity"]
    paths, tonnes = counted.of_routes(freight, made.routes)
    hours = weight = 0.0

    def limits(number: int) -> float:
        return 24 * sum(queue[net.resources[one].resource] for one in net.resources_of.get(number, ()))

    def crosses(number: int | None) -> bool:
        arc = None if number is None else net.arc(number)
        return arc is not None and country[net.place(arc.tail)] != country[net.place(arc.head)]

    for path, ask in enumerate(made.routes["demand"]):
        if row.get("commodities", commodity[ask]) != commodity[ask]:
            continue
        stays: list[tuple[int | None, list[int], int | None]] = []
        before, doing = None, []
        for number in [*paths.arcs_of(path).tolist(), None]:
            if number is not None and net.arc(number).kind != "move":
                doing.append(number)
                continue
            stays.append((before, doing, number))
            before, doing = number, []
        known = [[one for one in here if net.arc(one).kind in ("border", "gauge", "tranship")] for _, here, _ in stays]
        for place, (before, _, after) in enumerate(stays):
            here, beside = known[place], [one for one in (before, after) if one is not None]
            if here and any(means(net, country, row, here, one, crosses(one), beside) for one in beside):
                own = sum(net.arc(one).hours + limits(one) for one in here)
                own += limits(after) if after is not None and crosses(after) else 0.0
                own += limits(before) if before is not None and crosses(before) and not known[place - 1] else 0.0
                hours += tonnes[path] * own
                weight += tonnes[path]
    return hours / weight if weight else math.nan


def means(
    net: Network,
    country: dict[str, str],
    row: dict[str, str],
    here: list[int],
    move: int,
    over: bool,
    beside: list[int],
) -> bool:
    """Say whether a row means a stay for the sake of one of the moves beside it."""
    arc = net.arc(move)
    ends = [net.place(arc.tail), net.place(arc.head)]
    sides = row.get("direction", "*>*").split(">")
    along = all(side in ("*", end, country[end]) for side, end in zip(sides, ends, strict=True))
    border = any(net.arc(one).kind == "border" for one in here)
    named = row.get("where", "").split(";")
    if named == [""]:
        home = net.dataset.home_country
        return border and over and along and arc.mode == row["mode"] and home in [country[end] for end in ends]
    there = any(net.arc(one).id in named or net.place(net.arc(one).tail) in named for one in here)
    there |= border and any(
        country[net.place(net.arc(one).tail)] != country[net.place(net.arc(one).head)]
        and {net.place(net.arc(one).tail), net.place(net.arc(one).head)} & {*named}
        for one in beside
    )
    by = any(net.arc(one).mode == row["mode"] for one in beside)
    return there and by and along and (over or "direction" not in row)


@pytest.fixture
def net(folder: Path) -> Network:
    """Return the small package with grain and general goods by land, its gate full."""
    for row in (2, 3):
        small.edit(folder, "demand", row, reservation_usd_per_t="4000")
    small.add_demand(folder, "grain:land", "EASTGATE-LANDING", "grain", 300, 9000, avoid="")
    small.add_demand(folder, "goods", "STEPPE-EASTGATE", "general", 500, 9000, avoid="")
    small.edit(folder, "links", 3, capacity="2")
    small.edit(folder, "links", 11, usd_per_t="3000")
    return network.build(tables.read(small.observed(folder)))


@pytest.mark.parametrize("how", [{}, {"choice": "logit", "assign": "equilibrium"}], ids=["linear", "equilibrium"])
def test_waits_are_what_a_plain_loop_over_stays_adds_up(net: Network, how: dict[str, Any]) -> None:
    made = planning.plan(net, **how)
    assert (made.bottlenecks["queue_days"] > 0).any()
    found, freight = modelled(net, made, *ROWS), pose(net)
    assert sum(not math.isnan(one) for one in found) >= 7
    assert found == pytest.approx([by_loop(freight, made, row) for row in ROWS], rel=1e-9, nan_ok=True)


def test_an_uncrowded_gate_takes_the_hours_of_the_data(folder: Path) -> None:
    for row in (2, 3):
        small.edit(folder, "demand", row, reservation_usd_per_t="4000")
    for row in range(2, 11):
        small.edit(folder, "links", row, capacity="inf", capacity_unit="", pool="")
    small.edit(folder, "links", 11, usd_per_t="3000")
    net = network.build(tables.read(small.observed(folder)))
    made = planning.plan(net)
    gate, formal = modelled(
        net, made, {"mode": "rail", "where": "DRYPASS"}, {"mode": "rail", "where": "border:DRYPASS"}
    )
    assert gate == formal == pytest.approx(10)


def test_where_nothing_passes_there_is_no_wait_and_the_plan_fails(net: Network, folder: Path) -> None:
    found = counted.beside(planning.plan(net), network.build(with_wait(folder, where="STEPPE", mode="rail")))
    row = found.set_index("observation").loc["wait"]
    assert math.isnan(row["model"])
    assert row["verdict"] == "fail"
    near = counted.nearness(found).set_index(["use", "unit"]).loc["fit", "h"]
    assert (near["observations"], near["within"], near["off"]) == (1, 0, 1)


def test_waits_stand_among_the_counts(net: Network, folder: Path) -> None:
    made = planning.plan(net)
    found = counted.beside(made, network.build(with_wait(folder, where="DRYPASS", mode="rail")))
    row = found.set_index("observation").loc["wait"]
    assert row["model"] == pytest.approx(modelled(net, made, {"where": "DRYPASS", "mode": "rail"})[0])
    others = counted.beside(made, net).set_index("observation")["model"]
    pd.testing.assert_series_equal(found.set_index("observation")["model"].drop("wait"), others)


def with_wait(folder: Path, **cells: str) -> tables.Dataset:
    data = tables.read(folder)
    wait = told({"observation": "wait", "name_en": "Wait", **cells}).astype(dict(data["observations"].dtypes))
    return data.with_table("observations", pd.concat([data["observations"], wait], ignore_index=True))


def test_the_linear_operator_refuses_waits(net: Network) -> None:
    with pytest.raises(DataError, match="row 'w0', column kind: found wait, which no sum of tonnes is"):
        counts.operator(pose(net), told({"mode": "rail"}))
