"""Plans to export: a small one with everything that a layer can show."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from small import append, edit, extend, small_dataset, write_table

from corridors import network, planning, scenario, tables
from corridors.planning import plan_folder

HOURS_A_YEAR, T_PER_KT = 8760, 1000
KAZAKH = "Қызылорда — Ұлытау, Әңғіөһ"
LINKS = """
link                      from_node to_node mode     country km   hours_fixed capacity capacity_unit usd_per_t both_ways
deep_sea:HARBOUR-far      HARBOUR   FAR     deep_sea INT     7000 0           inf      .             0         1
road:DRYPASS-MIDTOWN:shut DRYPASS   MIDTOWN road     BBB     9000 0           0        lorries_day   0         1
"""
DEMAND = """
    demand       origin  destination commodity kt    reservation_usd_per_t avoid year
    far          FAR     HARBOUR     grain     5     900                   .     2024
    general:east MIDTOWN EASTGATE    general   9000  300                   .     2024
    grain:east   MIDTOWN EASTGATE    grain     20000 250                   .     2024
    general:away MIDTOWN EASTGATE    general   9000  300                   DDD   2024
"""


class Case(NamedTuple):
    """A data package, the folder of its plan and what is in it."""

    data: Path
    folder: Path
    plan: planning.Plan
    network: network.Network


def planned(data: Path, folder: Path, *scenarios: object, **terms: str) -> Case:
    """Plan a data package under scenarios, write the plan into a folder and read it back."""
    dataset = scenario.apply(tables.read(data), [str(one) for one in scenarios]).dataset
    made = planning.plan(network.build(dataset), **terms)  # type: ignore[arg-type]
    made.write(folder)
    plan = plan_folder.read(folder)
    return Case(data, folder, plan, plan_folder.rebuilt(plan, data, [str(one) for one in scenarios]))


def tight(folder: Path) -> Path:
    """Return the small data package so that freight is left, shares what is full, and crosses the antimeridian."""
    data = small_dataset(folder)
    for name in ("provenance.csv", "sources.csv"):
        (data / name).unlink()
    edit(data, "nodes", 5, name_kk=KAZAKH)
    append(data, "nodes", node="FAR", name_en="Far", country="CCC", lat="52", lon="-170", kind="city")
    extend(data, "links", LINKS)
    extend(data, "demand", DEMAND)
    shapes = [{"link": "rail:DRYPASS-MIDTOWN", "seq": "1", "lat": "47", "lon": "75"}]
    write_table(data, "shapes", shapes)
    return data


def close(one: object, other: object) -> None:
    """Assert that figures are the same but for rounding."""
    np.testing.assert_allclose(np.asarray(one, float), np.asarray(other, float), rtol=1e-9, atol=1e-12)


def table(folder: Path, name: str) -> pd.DataFrame:
    """Read a table of an exported network."""
    return pd.read_csv(folder / f"{name}.csv")
