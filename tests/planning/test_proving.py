"""A plan folder is believed when everything in it was recomputed, and refused after any change of it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import tampering
from click.testing import CliRunner
from small import add_demand, edit, small_dataset
from tampering import TAMPERINGS

from corridors import network, planning, scenario, tables
from corridors.cli import main
from corridors.errors import CorridorsError, DataError, ScenarioError
from corridors.planning import plan_folder
from corridors.planning.planner import Plan

CLOSED = 'name = "closed"\n[[change]]\ntable = "nodes"\nwhere = { node = "DRYPASS" }\nclose = true\n'


def scarce(folder: Path) -> Path:
    """Return a small data package in which freight stays behind, and one price is an interval."""
    small_dataset(folder)
    (folder / "provenance.csv").unlink()
    (folder / "sources.csv").unlink()
    edit(folder, "links", 6, capacity="2")
    edit(folder, "demand", 4, kt="2316")  # with the goods just as much as the line takes
    edit(folder, "demand", 2, reservation_usd_per_t="900")
    add_demand(folder, "late", "MIDTOWN-LANDING", "grain", kt=500, penalty=200)
    add_demand(folder, "cheap", "MIDTOWN-LANDING", "grain", kt=5, penalty=1)
    return folder


def planned(folder: Path, *scenarios: str, year: int | None = None, running: str = "typical", **how: object) -> Plan:
    changed = scenario.apply(tables.read(folder), scenarios).dataset
    return planning.plan(network.build(changed, year, running), **how)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scarce(tmp_path_factory.mktemp("verification") / "small")


@pytest.fixture(scope="module")
def written(package: Path) -> Path:
    """Return a plan folder that nobody touched."""
    folder = package.parent / "plan"
    planned(package).write(folder)
    return folder


@pytest.fixture
def mine(written: Path, tmp_path: Path) -> Path:
    """Return a copy of it to be tampered with."""
    return Path(shutil.copytree(written, tmp_path / "plan"))


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and not path.is_symlink()}


def one_sentence(said: str) -> bool:
    return said != "" and not set("\n\x1b") & set(said)


def judged(folder: Path, package: Path) -> tuple[str, list[str]]:
    """Return the sentence that refuses a folder, "" if none does, and the checks that fail if it can be read."""
    try:
        found = plan_folder.verified(folder, package)
        found.require(folder)
    except CorridorsError as error:
        failed = [check.check for check in found.checks if not check.holds] if "not a proven" in str(error) else []
        return str(error), failed
    return "", []


def test_a_folder_that_nobody_touched_is_proven(written: Path, package: Path) -> None:
    found = plan_folder.verified(written, package)
    assert [check.detail for check in found.checks if not check.holds] == []
    assert {
        "SHA-256 of flows.csv",
        "demand balance",
        "capacities",
        "objective",
        "bound",
        "gap",
        "routes.csv",
        "summary.json",
        "ends of shadow prices",
    } <= {check.check for check in found.checks}


def test_the_plan_that_is_tampered_with_has_all_that_can_be(written: Path) -> None:
    plan = plan_folder.read(written)
    tight = plan.bottlenecks.set_index("resource").loc["rail:MIDTOWN-LANDING"]
    assert 0 < tight["shadow_price_low"] < tight["shadow_price_high"]
    assert len(plan.unserved) > 1
    assert len(plan.routes) > 2


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_folder_is_not_read(mine: Path, name: str) -> None:
    before = contents(mine)
    TAMPERINGS[name](mine)
    assert contents(mine) != before, "nothing was changed"
    with pytest.raises(CorridorsError) as error:
        plan_folder.read(mine)
    assert one_sentence(str(error.value))


@pytest.mark.parametrize("name", [name for name in TAMPERINGS if name not in tampering.NO_DIGEST])
def test_a_tampered_folder_whose_digests_fit_again_is_refused(mine: Path, package: Path, name: str) -> None:
    TAMPERINGS[name](mine)
    tampering.fix_digests(mine)
    said, failed = judged(mine, package)
    assert one_sentence(said)
    assert not [check for check in failed if check.startswith("SHA-256")]


@pytest.mark.parametrize(
    "how",
    [
        {"objective": "cost"},
        {"objective": "time"},
        {"objective": "emissions"},
        {"carbon_price": 50},
        {"year": 2026},
        {"running": "best"},
        {"method": "arcs"},
        {"co2_budget": 1e6},
        {"intervals": 0},
        {"minimum_share": {"MIDTOWN": 0.05}},
        {"co2_budget": 1e6, "minimum_share": {"MIDTOWN": 0.05}},
    ],
    ids=str,
)
def test_whatever_was_asked_for_the_plan_is_proven(package: Path, tmp_path: Path, how: dict[str, object]) -> None:
    planned(package, **how).write(tmp_path / "plan")  # type: ignore[arg-type]
    found = plan_folder.verified(tmp_path / "plan", package)
    assert [check.detail for check in found.checks if not check.holds] == []


def test_a_plan_that_was_stopped_is_proven_to_be_within_its_gap(package: Path, tmp_path: Path) -> None:
    made = planned(package, time_limit=1e-9)
    assert made.summary["status"] == "feasible"
    made.write(tmp_path / "plan")
    assert plan_folder.verified(tmp_path / "plan", package).holds
    for one in ({"gap": 0.0}, {"status": "optimal"}, {"status": "optimal", "gap": 0.0}):
        tampering.summary(**one)(tmp_path / "plan")
        tampering.fix_digests(tmp_path / "plan")
        assert not plan_folder.verified(tmp_path / "plan", package).holds


def test_a_plan_of_a_scenario_is_proven_with_its_file_and_the_base_beside_it_without(
    package: Path, written: Path, tmp_path: Path
) -> None:
    file = tmp_path / "closed.toml"
    file.write_text(CLOSED, encoding="utf-8")
    planned(package, str(file)).write(tmp_path / "plan")
    with pytest.raises(ScenarioError, match="under the scenario 'closed', which does not come with"):
        plan_folder.proven(tmp_path / "plan", package)
    assert plan_folder.verified(tmp_path / "plan", package, [str(file)]).holds
    assert plan_folder.verified(written, package, [str(file)]).holds
    file.write_text(CLOSED.replace("DRYPASS", "STEPPE"), encoding="utf-8")
    with pytest.raises(DataError, match="other data"):
        plan_folder.proven(tmp_path / "plan", package, [str(file)])


def test_line_ends_of_another_system_change_nothing(mine: Path, package: Path) -> None:
    for path in mine.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert plan_folder.verified(mine, package).holds


def test_a_folder_without_digests_is_to_be_written_anew(mine: Path, package: Path) -> None:
    text = json.loads((mine / "summary.json").read_text(encoding="utf-8"))
    del text["sha256"]
    (mine / "summary.json").write_text(json.dumps(text), encoding="utf-8")
    with pytest.raises(DataError, match="found no sound sha256, which every plan has; write the plan anew"):
        plan_folder.proven(mine, package)


def test_the_digests_are_those_of_any_program(written: Path) -> None:
    digests = json.loads((written / "summary.json").read_text(encoding="utf-8"))["sha256"]
    assert set(digests) == {path.name for path in written.iterdir()}
    for name in set(digests) - {"summary.json"}:
        assert digests[name] == hashlib.sha256((written / name).read_bytes()).hexdigest()


def test_an_auditor_sees_every_check_and_whether_to_believe(mine: Path, package: Path) -> None:
    code, out, err = run("verify", mine, "--data", package)
    assert (code, err) == (0, "")
    assert "Proven" in out
    assert "between objective and bound" in out
    checks = json.loads(run("verify", mine, "--data", package, "--format", "json")[1])
    assert {"check", "figure", "allowed", "holds", "detail"} == set(checks[0])
    assert all(check["holds"] for check in checks)
    TAMPERINGS["route's hours"](mine)
    tampering.fix_digests(mine)
    code, out, err = run("verify", mine, "--data", package, "--format", "json")
    assert code == 2
    assert err.startswith("Error: ")
    failed = {check["check"]: check["detail"] for check in json.loads(out) if not check["holds"]}
    assert set(failed) == {"routes.csv"}
    assert "routes.csv, demand 'goods:import' (row 2), column hours: found " in failed["routes.csv"]
    assert "FAILS" in run("verify", mine, "--data", package)[1]


def test_every_command_that_reads_a_plan_refuses_one_that_is_not_proven(
    mine: Path, written: Path, package: Path, tmp_path: Path
) -> None:
    tampering.summary(kt_served=lambda kt: kt * 10, gap=0.0)(mine)
    tampering.fix_digests(mine)
    out = tmp_path / "out"
    for words in (
        ("verify", mine),
        ("report", mine, "-o", out),
        ("report", written, "--against", mine, "-o", out),
        ("chart", mine, "flows", "-o", out.with_suffix(".json")),
        ("export", mine, "--to", "geojson", "-o", out),
        ("chart", written, "changes", "--against", mine, "-o", out.with_suffix(".json")),
        ("diff", mine, written),
        ("diff", written, mine),
    ):
        code, _, err = run(*words, "--data", package)
        assert code == 2, words
        assert "Traceback" not in err
        assert not out.exists()
        assert not out.with_suffix(".json").exists()


def test_a_difference_of_plans_of_two_packages_proves_both(written: Path, package: Path, tmp_path: Path) -> None:
    other = scarce(tmp_path / "other")
    edit(other, "links", 6, capacity="3")
    planned(other).write(tmp_path / "plan")
    code, out, _ = run("diff", written, tmp_path / "plan", "--data", other, "--data", package)
    assert code == 0
    assert "Totals" in out
    code, _, err = run("diff", written, tmp_path / "plan", "--data", package)
    assert code == 2
    assert "name its data package with --data" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--scenario", "dostyk-closed", "--objective", "time"),
        ("--scenario", "world-bank-2030"),  # of the year 2030
        ("--co2-budget", "36.9", "--min-share", "aktau=0.005"),
        ("--time-limit", "0.02"),
    ],
    ids=" ".join,
)
def test_a_plan_of_the_embedded_data_is_proven(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert run("plan", "--quiet", "--out", tmp_path / "plan", *words)[0] == 0
    code, out, _ = run("verify", tmp_path / "plan", "--format", "json")
    assert [check for check in json.loads(out) if not check["holds"]] == []
    assert code == 0
