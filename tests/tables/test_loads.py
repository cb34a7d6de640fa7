"""Tonnes of a unit: the most specific row holds, of the line before of the commodity."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import small

from corridors import network, planning, tables
from corridors.planning.freight import pose
from corridors.tables.loads import Loads, Measure

UNIT = "train_pairs_day"


@pytest.fixture
def classed(folder: Path) -> Path:
    """Return the small package with loads of two classes of lines."""
    (folder / "provenance.csv").unlink()
    (folder / "sources.csv").unlink()
    small.extend(
        folder,
        "loads",
        f"""
        capacity_unit commodity      t_per_unit_year load_class
        {UNIT}        *              900000          border
        {UNIT}        container_high 500000          border
        {UNIT}        grain          1200000         .
        teu_year      container_high 6.6             border
        {UNIT}        grain          700000          hill
        """,
    )
    return folder


@pytest.mark.parametrize(
    ("load_class", "commodity", "tonnes"),
    [
        ("border", "container_high", 500_000),  # class and commodity
        ("border", "grain", 900_000),  # class alone goes before commodity alone
        ("hill", "grain", 700_000),
        ("hill", "container_high", 1_000_000),  # commodity alone
        ("hill", "general", 1_558_000),  # neither
        ("", "grain", 1_200_000),
        ("", "general", 1_558_000),
    ],
)
def test_the_most_specific_row_holds(classed: Path, load_class: str, commodity: str, tonnes: float) -> None:
    dataset = tables.read(classed)
    loads = Loads(dataset["loads"], dataset["commodities"])
    assert loads.tonnes(Measure(UNIT, load_class), commodity) == tonnes


def test_a_container_s_load_is_the_commodity_s_but_where_a_line_has_its_own(classed: Path) -> None:
    dataset = tables.read(classed)
    loads = Loads(dataset["loads"], dataset["commodities"])
    assert loads.tonnes(Measure("teu_year", "border"), "container_high") == 6.6
    assert loads.tonnes(Measure("teu_year"), "container_high") == 9
    assert np.isnan(loads.tonnes(Measure("teu_year", "border"), "grain"))


def test_a_tonne_takes_of_each_line_what_its_class_says(classed: Path) -> None:
    small.edit(classed, "links", 3, load_class="border")  # rail:EASTGATE-DRYPASS
    small.edit(classed, "terminals", 11, load_class="border")  # gauge:EASTGATE
    small.edit(classed, "links", 6, load_class="hill")  # rail:MIDTOWN-LANDING
    small.edit(classed, "pools", 2, load_class="hill")
    small.edit(classed, "pools", 3, load_class="hill")
    built = network.build(tables.read(classed))
    freight = pose(built)
    number = {one.resource: row for row, one in enumerate(built.resources)}
    found = {}
    for class_, row in enumerate(freight.commodity.tolist()):
        commodity = freight.costs.commodities[row]
        for name in ("rail:EASTGATE-DRYPASS", "pool:pass", "rail:MIDTOWN-LANDING"):
            arc = built.resource_arcs[number[name]][0]
            taken = freight.problem.usage[number[name], class_ * len(built.arcs) + arc]
            if taken:
                found[name, commodity] = 1 / taken
    assert found == pytest.approx(
        {
            ("rail:EASTGATE-DRYPASS", "container_high"): 500_000,
            ("rail:EASTGATE-DRYPASS", "grain"): 900_000,
            ("rail:EASTGATE-DRYPASS", "general"): 900_000,
            ("pool:pass", "container_high"): 1_000_000,
            ("pool:pass", "grain"): 700_000,
            ("pool:pass", "general"): 1_558_000,
            ("rail:MIDTOWN-LANDING", "container_high"): 1_000_000,
            ("rail:MIDTOWN-LANDING", "grain"): 700_000,
            ("rail:MIDTOWN-LANDING", "general"): 1_558_000,
        }
    )
    usage = planning.plan(built).usage
    line = usage[(usage["resource"] == "rail:MIDTOWN-LANDING") & (usage["commodity"] == "grain")]
    assert line["units_per_kt"].tolist() == pytest.approx([1000 / 700_000])


def test_a_package_without_the_optional_columns_is_the_same_plan(folder: Path) -> None:
    full = planning.plan(network.build(tables.read(folder)))
    for name in ("links", "terminals", "pools", "loads"):
        wanted = [field["name"] for field in small.SCHEMAS[name]["fields"] if not field.get("optional")]
        rows = small.read_rows(folder, name)
        lines = [",".join(wanted), *(",".join(row[column] for column in wanted) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    bare = tables.read(folder)
    assert (bare["links"]["load_class"] == "").all()
    assert bare["links"]["passenger"].isna().all()
    assert planning.plan(network.build(bare)).routes.equals(full.routes)


def test_keys_of_before_stay_and_a_class_is_a_third_part(classed: Path) -> None:
    found = tables.keys("loads", tables.read(classed)["loads"])
    assert found[:2] == [f"{UNIT}|container_high", f"{UNIT}|*"]
    assert f"{UNIT}|*|border" in found
    assert len(set(found)) == len(found)


def test_a_class_that_says_what_is_said_of_every_line_changes_nothing(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    before = planning.plan(network.build(tables.read(folder)))
    rows = small.read_rows(folder, "loads")
    small.write_table(folder, "loads", [*rows, *({**row, "load_class": "same"} for row in rows)])
    for name in ("links", "terminals", "pools"):
        units = {row["capacity_unit"] for row in rows}
        lines = small.read_rows(folder, name)
        same = [row | {"load_class": "same" if row["capacity_unit"] in units else ""} for row in lines]
        small.write_table(folder, name, same)
    after = planning.plan(network.build(tables.read(folder)))
    for name in ("routes", "bottlenecks", "usage"):
        assert getattr(after, name).equals(getattr(before, name)), name
