"""`corridors assign` as a person meets it: rows for what is assigned, sentences for what is not."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from commands import process
from instances import bench
from networks import NET, PLANAR, TRIPS, gmns, put, tntp

from corridors.cli import main

KEYS = ["file", "status", "objective", "bound", "gap", "total", "seconds", "iterations"]
BRAESS = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 5
<END OF METADATA>
~ init term capacity length time b power speed toll type ;
1 3 1 1 0.00000001 1000000000 1 0 0 1 ;
1 4 1 1 50 0.02 1 0 0 1 ;
3 2 1 1 50 0.02 1 0 0 1 ;
3 4 1 1 10 0.1 1 0 0 1 ;
4 2 1 1 0.00000001 1000000000 1 0 0 1 ;
"""
SIX = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 6\n<END OF METADATA>\nOrigin 1\n2 : 6;\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["assign", *map(str, arguments)])


def rows(*arguments: object) -> list[dict]:
    result = run(*arguments, "--format", "json", "--quiet")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return tntp(tmp_path, BRAESS, SIX)


def test_json_is_a_list_of_objects_with_just_these_keys(town: Path) -> None:
    (row,) = rows(town, "--gap", "1e-10")
    assert list(row) == KEYS
    assert (row["file"], row["status"]) == (str(town), "equilibrium")
    assert row["total"] == pytest.approx(6 * 92)
    assert 0 <= row["gap"] <= 1e-10
    assert row["objective"] - row["bound"] <= 1e-10 * row["total"]
    assert isinstance(row["iterations"], int)


def test_the_optimum_pays_less(town: Path) -> None:
    (row,) = rows(town, "--optimum", "--gap", "1e-10")
    assert row["status"] == "optimum"
    assert row["total"] == pytest.approx(6 * 83)
    assert row["objective"] == pytest.approx(row["total"])


def test_csv_and_text_have_the_same_columns(town: Path) -> None:
    table = list(csv.DictReader(io.StringIO(run(town, "--format", "csv", "--quiet").stdout)))
    assert [list(row) for row in table] == [KEYS]
    assert float(table[0]["total"]) == pytest.approx(552)
    header, line = run(town, "--quiet").stdout.splitlines()
    assert header.split() == KEYS
    assert line.split()[:2] == [str(town), "equilibrium"]


def test_a_workbook_and_a_file_hold_the_same(town: Path, tmp_path: Path) -> None:
    result = run(town, "--quiet", "-o", tmp_path / "rows.json")
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "rows.json").read_text())[0]["total"] == pytest.approx(552)
    assert run(town, "--quiet", "-o", tmp_path / "rows.xlsx").exit_code == 0
    assert len(pd.read_excel(tmp_path / "rows.xlsx", sheet_name=0, header=None)) >= 2


def test_progress_goes_to_standard_error_and_none_if_quiet(town: Path) -> None:
    result = run(town, "--format", "json")
    assert f"assigning {town}" in result.stderr
    json.loads(result.stdout)
    assert run(town, "--format", "json", "--quiet").stderr == ""


def test_the_method_is_loaded_once_by_the_first_network_that_can_be_read(town: Path, tmp_path: Path) -> None:
    absent = tmp_path / "absent_net.tntp"
    told = run(absent, town, town, "--format", "csv").stderr
    reading, assigning = f"reading {town} ...", f"assigning {town} ..."
    loading = "loading the method, which is compiled the first time ..."
    steps = [line for line in told.splitlines() if line in (reading, loading, assigning)]
    assert steps == [reading, loading, assigning, reading, assigning]


def test_flows_are_written_in_the_ids_of_the_network(town: Path, tmp_path: Path) -> None:
    path = tmp_path / "flows.csv"
    roads = tmp_path / "roads"
    roads.mkdir()
    result = run(town, gmns(roads), "--flows", path, "--gap", "1e-10", "--quiet")
    assert result.exit_code == 0, result.output
    table = pd.read_csv(path, dtype={"link": str, "from_node": str})
    assert list(table.columns)[:4] == ["from_node", "to_node", "flow", "cost"]
    first = table[table.file == str(town)]
    assert first.flow.tolist() == pytest.approx([4, 2, 2, 2, 4])
    assert first.cost.tolist() == pytest.approx([40, 52, 52, 12, 40])
    assert (first.flow * first.cost).sum() == pytest.approx(552)
    assert set(table[table.file == str(roads)].from_node) == {"A", "B"}


def test_hard_capacities_have_prices_or_are_proved_too_small(tmp_path: Path) -> None:
    net = BRAESS.partition("1 3 1 1")[0].replace("LINKS> 5", "LINKS> 4")
    net += "1 3 6 1 1 0.15 4 0 0 1 ;\n3 2 99 1 1 0 0 0 0 1 ;\n1 4 6 1 2 0.15 4 0 0 1 ;\n4 2 99 1 1 0 0 0 0 1 ;\n"
    ten, path = SIX.replace("2 : 6", "2 : 10").replace("FLOW> 6", "FLOW> 10"), tmp_path / "flows.csv"
    result = run(tntp(tmp_path, net, ten), "--hard-capacities", "--flows", path, "--format", "json", "--quiet")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)[0]["status"] == "equilibrium"
    table = pd.read_csv(path)
    assert table.flow.tolist() == pytest.approx([6, 6, 4, 4], rel=1e-5)
    assert table.flow[0] <= 6
    # a trip pays as much on either way
    assert table.cost[0] + table.price[0] == pytest.approx(table.cost[2], rel=1e-5)
    much = SIX.replace("2 : 6", "2 : 13").replace("FLOW> 6", "FLOW> 13")
    result = run(tntp(tmp_path, net, much), "--hard-capacities", "--format", "json", "--quiet")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)
    assert [row[key] for key in KEYS[1:6]] == ["infeasible", None, None, None, None]
    assert "infeasible. The trips do not fit" in result.stderr


def test_only_what_is_proved_is_written(town: Path, tmp_path: Path) -> None:
    early = (town, "--gap", "1e-13", "--time-limit", 0, "--quiet")
    result = run(*early, "--flows", tmp_path / "none.csv", "--format", "json")
    assert result.exit_code == 2
    (row,) = json.loads(result.stdout)
    assert row["status"] == "feasible"
    assert 1e-13 < row["gap"] < 1
    assert "it has no flows to write, as it is feasible" in result.stderr
    assert "none.csv is not written: nothing is proved equilibrium" in result.stderr
    assert not (tmp_path / "none.csv").exists()
    assert run(*early).exit_code == 0


def test_factors_make_costs_of_tolls_and_distances(town: Path, tmp_path: Path) -> None:
    (plain,) = rows(town)
    (longer,) = rows(town, "--distance-factor", 2)
    assert longer["total"] > plain["total"]
    assert "2 x length" in longer["notices"][0]


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_what_cannot_be_assigned_is_one_sentence_and_the_others_are(town: Path, tmp_path: Path, form: str) -> None:
    planar, absent = put(tmp_path / "planar", PLANAR), tmp_path / "absent"
    apart = tmp_path / "apart"
    apart.mkdir()
    lost = tntp(apart, BRAESS.replace("1 3 1 1", "3 1 1 1").replace("1 4 1 1", "4 1 1 1"), SIX)
    result = run(planar, town, absent, lost, "--format", form, "--quiet")
    assert result.exit_code == 2
    first, second, third = result.stderr.splitlines()
    assert "corridors solve reads other formats" in first
    assert str(absent) in second
    assert f"{lost}: no path leads where 6 trips want to go: 1 > 2 (6)" in third
    assert result.stdout.count(str(town)) == 1
    assert "Traceback" not in result.output


def test_classes_take_their_own_ways(town: Path, tmp_path: Path) -> None:
    net = BRAESS.replace("1 4 1 1 50 0.02 1 0 0 1", "1 4 1 1 1 0 1 0 1 1").replace(
        "4 2 1 1 0.00000001 1000000000", "4 2 1 1 1 0"
    )
    net = net.replace("1 3 1 1 0.00000001 1000000000", "1 3 1 1 5 0").replace("3 2 1 1 50 0.02", "3 2 1 1 5 0")
    path, trucks = tntp(tmp_path, net, SIX), put(tmp_path / "trucks.tntp", SIX.replace("6", "2"))
    flows = tmp_path / "flows.csv"
    result = run(
        *(path, "--class", "car,toll=9", "--class", f"truck,trips={trucks},toll=7,pcu=2.5"),
        *("--flows", flows, "--format", "json", "--quiet"),
    )
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)
    # ways of 5 + 5 and of 1 + 1 with the toll on its first link: 9 to a car, which turns off, and 7 to a truck
    assert (row["status"], row["total"]) == ("equilibrium", pytest.approx(6 * 10 + 2.5 * 2 * 9))
    assert list(row) == [*KEYS, "notices"]
    table = pd.read_csv(flows)
    assert table.flow_car.tolist() == pytest.approx([6, 0, 6, 0, 0])
    assert table.flow_truck.tolist() == pytest.approx([0, 2, 0, 0, 2])
    assert table.cost_truck.tolist() == pytest.approx([5, 8, 5, 10, 1])
    assert table.flow.tolist() == pytest.approx([6, 5, 6, 0, 5])


def test_a_wrong_class_is_one_sentence(town: Path) -> None:
    for text in ("car,tol=1", "car,pcu=none", "car,trips=absent.tntp"):
        result = run(town, "--class", text, "--quiet")
        assert result.exit_code == 2
        assert len(result.stderr.splitlines()) == 1
        assert text.partition(",")[0] in result.stderr or "absent.tntp" in result.stderr
        assert result.stdout == ""


def test_nothing_to_assign_is_proved_too(tmp_path: Path) -> None:
    (row,) = rows(
        tntp(tmp_path, NET, TRIPS.replace("2 : 3.0", "2 : 0").replace("4 : 4.0", "4 : 0").replace("> 12", "> 5"))
    )
    assert (row["status"], row["objective"], row["gap"], row["total"]) == ("equilibrium", 0, 0, 0)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--gap", "0", "x"], ["--gap", "nan", "x"], ["--toll-factor", "-1", "x"], ["--flows", "x.txt", "x"]],
)
def test_a_wrong_call_is_exit_code_2(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_without_numba_one_sentence_says_what_to_install(town: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden" / "numba"
    hidden.mkdir(parents=True)
    put(hidden / "__init__.py", "raise ImportError('none here')\n")
    done = process("assign", town, "--quiet", env=os.environ | {"PYTHONPATH": str(hidden.parent)})
    assert done.returncode == 2
    assert "corridors[fast]" in done.stderr
    assert done.stdout == ""


def test_the_command_line_loads_no_compiler_before_it_is_asked_to() -> None:
    code = "import sys, corridors.cli.assign; print(*(one in sys.modules for one in ('numba', 'scipy', 'pandas')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * 3


def test_published_networks_at_the_command_line() -> None:
    files = [bench("tntp", "SiouxFalls_net.tntp"), bench("tntp", "Winnipeg_net.tntp.gz")]
    found = rows(*files, "--gap", "1e-10")
    assert [row["objective"] for row in found] == pytest.approx([4231335.287107440, 827911.494629963], rel=1e-10)
