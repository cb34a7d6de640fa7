"""What files call a row is said in words, whatever its own name holds."""

from pathlib import Path

import pytest
from small import append, edit

from corridors import network, planning, tables
from corridors.stress.closures import closures
from corridors.text.language import language
from corridors.text.names import Names


def named(folder: Path) -> None:
    edit(folder, "terminals", 10, terminal="crane@north")
    append(
        folder,
        "terminals",
        terminal="gate@any",
        kind="load",
        node="*",
        to_mode="rail",
        cargo="bulk",
        hours="20",
        capacity="9000",
        capacity_unit="kt_year",
        both_ways="0",
    )


def test_a_terminal_whose_name_has_an_at_sign_is_said(folder: Path) -> None:
    named(folder)
    names = Names(tables.read(folder), language("en"))
    assert names.resource("crane@north", "?") == "Midtown, transhipment (rail > road)"
    assert names.resource("gate@any@HARBOUR", "?") == "Harbour, loading (rail)"
    assert names.resource("load:rail@HARBOUR", "?") == "Harbour, loading (rail)"
    assert names.closure("terminal", "crane@north") == "Midtown, transhipment (rail > road)"
    assert names.resource("pool:pass", "?") == "The pass"
    assert names.resource("nothing@HARBOUR", "?") == "?"


def test_resources_and_closures_of_such_rows_are_by_place_where_the_row_is_for_all(folder: Path) -> None:
    named(folder)
    net = network.build(tables.read(folder))
    by_name = {one.resource: one for one in net.resources}
    assert by_name["crane@north"].place == ""
    assert by_name["gate@any@MIDTOWN"].place == "MIDTOWN"
    terminals = {one.name for one in closures(net, ["terminal"])}
    assert {"crane@north", "gate@any@MIDTOWN", "load:road@STEPPE"} <= terminals


@pytest.mark.parametrize("status", ["observed", "assumed"])
def test_the_status_of_a_capacity_is_that_of_its_row(folder: Path, status: str) -> None:
    named(folder)
    dataset = tables.read(folder)
    told = dataset["provenance"]
    for table, key in (("terminals", "crane@north"), ("links", "crane"), ("pools", "pass|2026")):
        told.loc[len(told)] = {
            **dict.fromkeys(told.columns, ""),
            "table": table,
            "key": key,
            "column": "capacity",
            "status": status if table != "links" else "recalled",
            "low": float("nan"),
            "high": float("nan"),
        }
    made = planning.plan(network.build(dataset.with_table("provenance", told), 2026), intervals=0)
    said = made.bottlenecks.set_index("resource")["status"]
    assert said["crane@north"] == status
    assert said["pool:pass"] == status
    assert said["tranship:LANDING"] == ""
