"""The balance at the borders, recomputed from the plan's other tables, and its limits and waits by hand."""

from collections import defaultdict
from pathlib import Path

import pandas as pd
import pytest
import recompute
from small import edit

from corridors import network, planning, tables
from corridors.frames import rows


def test_what_crosses_is_what_the_flows_move_between_countries(embedded: Path) -> None:
    country = {row.node: row.country for row in rows(tables.read(None)["nodes"])}
    kt: dict[tuple[str, ...], float] = defaultdict(float)
    for row in recompute.read(embedded, "flows"):
        if country[row["from_node"]] != country[row["to_node"]]:
            kt[row["mode"], row["from_node"], row["to_node"]] += float(row["kt"])
    found = recompute.read(embedded, "borders")
    told = {(row["mode"], row["from_node"], row["to_node"]): float(row["kt"]) for row in found}
    assert len(told) == len(found)
    assert {one: kt for one, kt in told.items() if kt} == {one: pytest.approx(kt[one], rel=1e-9) for one in kt}
    assert all(country[row["from_node"]] == row["from_country"] for row in found)
    assert all(country[row["to_node"]] == row["to_country"] for row in found)


def test_what_comes_less_what_leaves_is_imports_less_exports(embedded: Path) -> None:
    home = "KAZ"
    balance = sum(
        float(row["kt"]) * ((row["to_country"] == home) - (row["from_country"] == home))
        for row in recompute.read(embedded, "borders")
    )
    trade = tables_summary(embedded)["kt_by_trade"]
    assert balance == pytest.approx(trade["import"] - trade["export"], rel=1e-9)
    assert abs(balance) > 1e4


def tables_summary(folder: Path) -> dict[str, dict[str, float]]:
    import json

    return dict(json.loads((folder / "summary.json").read_text(encoding="utf-8")))


def test_boxes_and_trains_are_tonnes_by_their_loads(embedded: Path) -> None:
    data = tables.read(None)
    box = dict(zip(data["commodities"]["commodity"], data["commodities"]["t_per_teu"], strict=True))
    loads = data["loads"][(data["loads"]["capacity_unit"] == "train_pairs_day") & (data["loads"]["load_class"] == "")]
    train = dict(zip(loads["commodity"], loads["t_per_unit"], strict=True))
    teu = trains = 0.0
    for row in recompute.read(embedded, "flows"):
        if (row["mode"], row["from_node"], row["to_node"]) == ("rail", "DOSTYK", "ALASHANKOU"):
            tonnes = float(row["kt"]) * 1000
            teu += tonnes / box[row["commodity"]] if box[row["commodity"]] > 0 else 0.0
            trains += tonnes / train[row["commodity"]] / 365
    own = next(
        row
        for row in recompute.read(embedded, "borders")
        if (row["mode"], row["from_node"], row["to_node"]) == ("rail", "DOSTYK", "ALASHANKOU")
    )
    assert float(own["teu"]) == pytest.approx(teu, rel=1e-9)
    assert float(own["vehicles_day"]) == pytest.approx(trains, rel=1e-9)
    assert own["crossing"] == "DOSTYK-ALASHANKOU"  # the home country's place first, in both directions
    assert teu > 1e4


def test_the_limit_told_is_the_fullest_and_a_shared_one_says_how_many_share_it(embedded: Path) -> None:
    tight = {row["resource"]: row for row in recompute.read(embedded, "bottlenecks")}
    found = recompute.read(embedded, "borders")
    frontiers = {(row["crossing"], row["mode"]) for row in found if row["limit"] == "pool:RU_BORDER"}
    for row in found:
        if row["limit"]:
            assert float(row["utilisation"]) == float(tight[row["limit"]]["utilisation"])
            assert float(row["limit_crossings"]) >= 1
        if row["capacity_day"]:
            assert float(row["capacity_day"]) == float(tight[row["limit"]]["capacity"])
        if row["limit"] == "pool:RU_BORDER":
            assert float(row["limit_crossings"]) >= len(frontiers) > 5
    road = next(row for row in found if (row["mode"], row["from_node"]) == ("road", "MAIKAPCHAGAI"))
    assert road["limit"].startswith("border:")  # formalities limit it, the road does not


def test_a_mean_tonne_waits_for_formalities_gauge_and_queues(folder: Path) -> None:
    edit(folder, "commodities", 2, usd_per_t_day="100")
    edit(folder, "demand", 2, reservation_usd_per_t="9000")
    made = planning.plan(network.build(tables.read(folder)))
    kept = made.borders.set_index(["mode", "from_node"])
    rail = kept.loc[("rail", "EASTGATE")]
    queue = dict(zip(made.bottlenecks["resource"], made.bottlenecks["queue_days"], strict=True))
    # the formalities of the terminal at Drypass, 10 h, and the gauge of boxes at Eastgate, 16 h, of others 20 h
    least, most = 10 + 16, 10 + 20 + 24 * sum(days for days in queue.values() if days > 0)
    assert rail["kt"] > 0
    assert least - 1e-9 <= rail["wait_hours"] <= most + 1e-9
    idle = kept[kept["kt"] == 0]
    assert len(idle)
    assert idle["wait_hours"].isna().all()


def test_a_closed_crossing_is_told_with_nothing(folder: Path) -> None:
    edit(folder, "links", 3, capacity="0")
    found = planning.plan(network.build(tables.read(folder))).borders.set_index(["mode", "from_node"])
    assert found.loc[("rail", "EASTGATE"), "kt"] == 0
    assert found.loc[("rail", "EASTGATE"), "capacity_day"] == 0


def test_vehicles_are_blank_where_something_without_a_load_crosses(folder: Path) -> None:
    edit(folder, "commodities", 2, usd_per_t_day="100")
    edit(folder, "demand", 2, reservation_usd_per_t="9000")
    edit(folder, "loads", 2, runs_per_unit_year="1000", t_per_unit="1000", empty_share="0")  # of boxes alone
    found = planning.plan(network.build(tables.read(folder))).borders.set_index(["mode", "from_node"])
    rail = found[found.index.get_level_values("mode") == "rail"]
    assert rail.loc[("rail", "EASTGATE"), "vehicles_day"] == pytest.approx(
        rail.loc[("rail", "EASTGATE"), "kt"] * 1000 / 1000 / 365
    )
    assert rail.loc[("rail", "MIDTOWN"), "kt"] > rail.loc[("rail", "EASTGATE"), "kt"], "grain leaves there, too"
    assert pd.isna(rail.loc[("rail", "MIDTOWN"), "vehicles_day"])
