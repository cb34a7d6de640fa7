"""A plan folder gives its plan and its network back, and other data are refused."""

import json
from pathlib import Path

import pandas as pd
import pytest
from small import edit

from corridors import network, planning, scenario, tables
from corridors.errors import DataError, ScenarioError
from corridors.planning import plan_folder
from corridors.planning.planner import TABLES, Plan

CLOSED = 'name = "closed"\ntitle = "Closed"\n[[change]]\ntable = "nodes"\nwhere = { node = "DRYPASS" }\nclose = true\n'


def planned(folder: Path, *scenarios: str) -> Plan:
    return planning.plan(network.build(scenario.apply(tables.read(folder), scenarios).dataset, 2026, "best"))


def test_a_plan_read_back_is_the_plan_that_was_written(folder: Path, tmp_path: Path) -> None:
    made = planned(folder)
    made.write(tmp_path / "plan")
    back = plan_folder.read(tmp_path / "plan")
    assert back.summary == made.summary
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(made, name), check_dtype=False, rtol=1e-9)


@pytest.mark.parametrize(
    "name",
    [
        *("status", "bound_value", "gap", "certificate", "carbon_price", "versions", "home_country", "size"),
        *("modes", "kt_by_trade", "year"),
    ],
)
@pytest.mark.parametrize("spoilt", [False, True])
def test_a_summary_that_was_cut_by_hand_fails_at_reading(
    folder: Path, tmp_path: Path, name: str, *, spoilt: bool
) -> None:
    planned(folder).write(tmp_path / "plan")
    file = tmp_path / "plan" / "summary.json"
    summary = json.loads(file.read_text(encoding="utf-8"))
    summary[name] = []
    if not spoilt:
        del summary[name]
    file.write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(DataError, match=f"summary.json: found no sound {name}, which every plan has; write the plan"):
        plan_folder.read(tmp_path / "plan")


@pytest.mark.parametrize("parts", [("certificate", "demand_residual"), ("size", "arcs"), ("modes", "rail", "mtkm")])
def test_a_part_that_is_missing_is_named(folder: Path, tmp_path: Path, parts: tuple[str, ...]) -> None:
    planned(folder).write(tmp_path / "plan")
    file = tmp_path / "plan" / "summary.json"
    summary = json.loads(file.read_text(encoding="utf-8"))
    inner = summary
    for part in parts[:-1]:
        inner = inner[part]
    del inner[parts[-1]]
    file.write_text(json.dumps(summary), encoding="utf-8")
    with pytest.raises(DataError, match=f"found no sound {', '.join(parts)}, which every plan has"):
        plan_folder.read(tmp_path / "plan")


def test_a_folder_of_another_version_asks_to_be_written_anew(folder: Path, tmp_path: Path) -> None:
    planned(folder).write(tmp_path / "plan")
    usage = tmp_path / "plan" / "usage.csv"
    usage.write_text(usage.read_text(encoding="utf-8").replace("units_per_kt", "per_kt"), encoding="utf-8")
    with pytest.raises(DataError, match=r"usage.csv: found no column .?units_per_kt.*; write the plan anew"):
        plan_folder.read(tmp_path / "plan")
    usage.unlink()
    with pytest.raises(DataError, match=r"holds no usage.csv .*, which every plan has; write the plan anew"):
        plan_folder.read(tmp_path / "plan")
    (tmp_path / "plan" / "summary.json").unlink()
    with pytest.raises(DataError, match="give a folder that corridors plan --out wrote"):
        plan_folder.read(tmp_path / "plan")


def test_the_network_is_that_of_the_plans_year_and_running(folder: Path, tmp_path: Path) -> None:
    planned(folder).write(tmp_path / "plan")
    net = plan_folder.rebuilt(plan_folder.read(tmp_path / "plan"), folder)
    assert (net.year, net.running, len(net.arcs)) == (2026, "best", planned(folder).summary["size"]["arcs"])


def test_other_data_are_refused(folder: Path) -> None:
    made = planned(folder)
    edit(folder, "links", 4, km="4901")
    with pytest.raises(DataError, match="other data"):
        plan_folder.rebuilt(made, folder)


def test_the_embedded_data_are_no_stand_in_for_ones_own(folder: Path) -> None:
    with pytest.raises(DataError, match="--data"):
        plan_folder.rebuilt(planned(folder))


def test_a_scenario_that_is_not_in_the_data_package_is_asked_for_and_taken(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "closed.toml"
    file.write_text(CLOSED, encoding="utf-8")
    made = planned(folder, str(file))
    with pytest.raises(ScenarioError, match="closed"):
        plan_folder.rebuilt(made, folder)
    assert plan_folder.rebuilt(made, folder, [str(file)]).dataset.scenario == "closed"


def test_a_scenario_of_the_data_package_is_applied_by_its_name(folder: Path) -> None:
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "closed.toml").write_text(CLOSED, encoding="utf-8")
    assert plan_folder.rebuilt(planned(folder, "closed"), folder).dataset.scenario == "closed"
