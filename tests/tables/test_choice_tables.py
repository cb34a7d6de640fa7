"""The tables of choice and delays: what they must be, what a stranger may write there, how scenarios change them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest
import small
from faults import faults, only

from corridors import scenario, tables
from corridors.uncertainty.distribution import joint
from corridors.uncertainty.parameters import uncertain

CELLS = [
    ("choice", 2, {"tau": "0"}, "tau", "at least 0.01"),
    ("choice", 2, {"tau": "-20"}, "tau", "at least 0.01"),
    ("choice", 2, {"tau": ""}, "tau", "a number"),
    ("choice", 2, {"tau": "inf"}, "tau", "a finite number"),
    ("choice", 2, {"tau": "20 %"}, "tau", "'20 %'"),
    ("choice", 2, {"tau": "1e9"}, "tau", "at most 1000000"),
    ("choice", 2, {"nesting": "0.5"}, "nesting", "at least 1"),
    ("choice", 2, {"nesting": ""}, "nesting", "a number"),
    ("choice", 2, {"way_nesting": "0.5"}, "way_nesting", "at least 1"),
    ("choice", 2, {"way_nesting": "many"}, "way_nesting", "'many'"),
    ("choice", 3, {"way_nesting": "2.5"}, "nesting", "at least 2.5, its way_nesting"),
    ("choice", 3, {"elasticity": "0.3"}, "elasticity", "at most 0"),
    ("choice", 3, {"elasticity": "-11"}, "elasticity", "at least -10"),
    ("choice", 3, {"elasticity": "-8"}, "elasticity", "at least -7.5, minus half of tau"),
    ("choice", 3, {"elasticity": "-0,3"}, "elasticity", "decimal point"),
    ("choice", 2, {"cargo": "boxes"}, "cargo", "one of *, container"),
    ("choice", 2, {"commodity": "grain"}, "cargo", "the cargo group of grain"),
    ("choice", 2, {"commodity": "grian"}, "commodity", "did you mean grain"),
    ("delays", 2, {"power": "0.9"}, "power", "at least 1"),
    ("delays", 2, {"power": "inf"}, "power", "a finite number"),
    ("delays", 2, {"linear_share": "0"}, "linear_share", "at least 0.0001"),
    ("delays", 2, {"linear_share": "1.5"}, "linear_share", "at most 1"),
    ("delays", 2, {"hours": "-1"}, "hours", "at least 0"),
    ("delays", 2, {"hours": ""}, "hours", "a number"),
    ("delays", 2, {"hours_per_hour": "2000"}, "hours_per_hour", "at most 1000"),
    ("delays", 2, {"kind": "moving"}, "kind", "did you mean move"),
    ("delays", 2, {"kind": "move; border"}, "kind", "' border'"),
    ("delays", 2, {"kind": "move;*"}, "kind", "* alone"),
    ("delays", 2, {"mode": "train"}, "mode", "a mode of modes.csv"),
    ("delays", 2, {"capacity_unit": "trains"}, "capacity_unit", "capacity_unit of loads.csv"),
    ("delays", 5, {"limit": "gauge:WESTGATE"}, "limit", "did you mean gauge:EASTGATE"),
    ("delays", 3, {"mode": "rail"}, "delay", "for the same limits"),
    ("delays", 3, {"delay": "line"}, "delay", "a second time"),
]


@pytest.mark.parametrize(("table", "row", "cells", "column", "words"), CELLS)
def test_a_wrong_cell_is_named(
    folder: Path, table: str, row: int, cells: dict[str, str], column: str, words: str
) -> None:
    small.edit(folder, table, row, **cells)
    named = [one for one in faults(folder) if (one.file, one.row, one.column) == (f"{table}.csv", row, column)]
    assert len(named) == 1, "\n".join(map(str, faults(folder)))
    assert words in str(named[0])


def test_what_odd_but_sound_values_a_stranger_writes_is_taken(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    small.edit(folder, "choice", 2, tau="10000", nesting="1", elasticity="0")
    small.edit(folder, "choice", 3, tau="0.01", elasticity="-0.005")
    small.edit(
        folder, "delays", 2, kind="gauge;border;move", hours="0", hours_per_hour="0", power="1", linear_share="1"
    )
    assert faults(folder) == []


def test_the_order_of_names_in_a_list_makes_no_other_limit(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    small.append(folder, "delays", **small.read_rows(folder, "delays")[2] | {"delay": "again", "kind": "gauge;border"})
    assert "'again' for the same limits" in str(only(folder))


def test_every_demand_has_its_choice_or_is_named(folder: Path) -> None:
    rows = small.read_rows(folder, "choice")
    small.write_table(folder, "choice", [row for row in rows if row["cargo"] != "*"])
    provenance = small.read_rows(folder, "provenance")
    small.write_table(folder, "provenance", [row for row in provenance if row["key"] != "*|*"])
    fault = only(folder)
    assert str(fault).startswith("choice.csv, column cargo: found no row for 'general', expected one for every demand")


def test_one_row_for_all_cargo_is_enough(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    small.write_table(folder, "choice", [{"cargo": "*", "commodity": "*", "tau": "10", "nesting": "1"}])
    assert faults(folder) == []


def test_a_package_may_have_neither_table(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    for name in ("choice", "delays"):
        (folder / f"{name}.csv").unlink()
    assert faults(folder) == []
    assert tables.read(folder)["choice"].empty


def test_a_scenario_scales_tau_and_sets_a_power(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sharp.toml"
    file.write_text(
        "name = 'sharp'\ntitle = 'Sharper'\nwhy = 'To see.'\nsources = ['invented']\n"
        "[[change]]\ntable = 'choice'\nwhere = { cargo = 'container' }\nscale = { tau = 2 }\n"
        "[[change]]\ntable = 'delays'\nwhere = 'all'\nset = { power = 8 }\n"
    )
    changed = scenario.apply(tables.read(folder), [str(file)]).dataset
    assert changed["choice"]["tau"].tolist() == [40, 15, 10]
    assert changed["delays"]["power"].tolist() == [8] * 4


def test_a_linear_plan_has_no_uncertain_figure_of_choice_or_delays() -> None:
    dataset = tables.read()
    told = dataset["provenance"]
    assert (told.loc[told["table"] == "choice", "high"] > 0).any()
    found = set(uncertain(dataset, dataset.base_year, "typical")["table"])
    assert "links" in found
    assert not found & {"choice", "delays"}


def test_a_plan_with_choice_and_congestion_draws_theirs_inside_their_bands_and_leaves_all_others() -> None:
    dataset = tables.read()
    usual = joint(dataset, dataset.base_year, "typical")
    drawn = joint(dataset, dataset.base_year, "typical", behaviour=("choice", "delays"))
    added = drawn.parameters[drawn.parameters["table"].isin(["choice", "delays"])]
    assert set(zip(added["table"], added["column"], strict=True)) == {
        ("choice", "tau"),
        ("choice", "nesting"),
        ("choice", "way_nesting"),
        ("delays", "hours"),
        ("delays", "hours_per_hour"),
        ("delays", "power"),
    }
    assert len(drawn.parameters) == len(usual.parameters) + len(added)
    changed = drawn.changed(dataset, drawn.sample(np.full(drawn.dimension, 0.1)))
    assert (changed["choice"]["tau"] < dataset["choice"]["tau"]).all()
    few, many = (np.full(len(drawn.parameters), z) for z in (-3.0, 3.0))
    crossed = np.where(drawn.parameters["column"] == "way_nesting", drawn.at(many), drawn.at(few))
    choice = drawn.changed(dataset, crossed)["choice"]
    assert (choice["way_nesting"] > 10).all()
    assert (choice["nesting"] == choice["way_nesting"]).all()  # not below it, which would be no choice
    assert [fault for fault in changed.faults() if fault.file in ("choice.csv", "delays.csv")] == []


def test_the_page_on_tau_says_what_the_figures_and_the_formula_say() -> None:
    page = " ".join((Path(__file__).parents[2] / "docs" / "choice.md").read_text(encoding="utf-8").split())
    table = re.findall(r"\| (\d+) \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \| ([\d.]+) % \|", page)
    assert len(table) == 6
    for tau, *shares in table:
        for dearer, share in zip((0.01, 0.05, 0.1, 0.2), shares, strict=True):
            assert float(share) == pytest.approx(100 / (1 + math.exp(float(tau) * dearer)), abs=0.051)
    dataset = tables.read()
    choice, told = dataset["choice"], dataset["provenance"]
    assert set(choice["tau"]) == {10}
    assert set(zip(choice["way_nesting"], choice["nesting"], strict=True)) == {(3, 9)}
    assert choice["elasticity"].isna().all()
    assert "tau = 10, way_nesting = 3 and nesting = 9 for every cargo group; all are assumed" in page
    assert set(told.loc[told["table"] == "choice", "status"]) == {"assumed"}
    bands = told[told["column"] == "tau"].set_index("key")
    assert set(map(tuple, bands.loc[["container|*", "bulk|*"], ["low", "high"]].values)) == {(3, 40)}
    assert set(map(tuple, bands.drop(["container|*", "bulk|*"])[["low", "high"]].values)) == {(2, 50)}
    horgos = dataset["delays"].set_index("delay").loc["border:NUR_ZHOLY"]
    half = horgos["hours"] * ((1 - horgos["linear_share"]) * 0.5 ** horgos["power"] + horgos["linear_share"] / 2)
    assert f"{horgos['hours']:.0f} h are added at full use. At half of it {half:.1f} h are." in page
    assert {row.delay for row in dataset["delays"].itertuples() if row.kind == "move"} == {"line", "street", "sailing"}
