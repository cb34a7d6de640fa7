"""A second country from an empty folder: what the notebook builds, step by step, is sound, proven and accounted for."""

import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest
from recompute import unbalanced_total, worst_imbalance, worst_link_difference, worst_overload

from corridors import network, planning, tables
from corridors.models import certificate
from corridors.models.methods import METHODS, solve
from corridors.planning import plan_folder, scenario_runs
from corridors.planning.freight import pose
from corridors.planning.settings import PlanSettings
from corridors.tables import schema, validation

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "your_own_country.py"
EVENTS = ["kasumbalesa-250", "dar-closed", "tazara-renewed"]
slow = pytest.mark.slow


def test_an_empty_package_is_sound_and_has_every_column(tmp_path: Path) -> None:
    tables.empty(2030).write(tmp_path / "new")
    assert validation.check(tmp_path / "new") == []
    read = tables.read(tmp_path / "new")
    assert read.base_year == 2030
    for name in tables.dictionary():
        assert list(read[name].columns) == list(tables.fields(name))
        assert read[name].empty


def test_the_command_writes_one_and_refuses_what_is_there(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "corridors", "data", "init", "new", "--empty"]
    first, second = (subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False) for _ in "ab")
    assert first.returncode == 0, first.stderr
    assert {one.stem for one in (tmp_path / "new").glob("*.csv")} == set(tables.dictionary())
    assert second.returncode == 2
    assert "no empty folder" in second.stderr


def test_an_empty_package_takes_rows_table_by_table() -> None:
    empty = tables.empty()
    row: dict[str, object] = dict.fromkeys(tables.fields("nodes"), "")
    row |= {"node": "A", "name_en": "A", "country": "AAA", "lat": 1, "lon": 2}
    begun = empty.with_table("nodes", empty["nodes"].astype(object).reindex([0]).assign(**row))
    assert begun.faults() == []
    assert begun["nodes"]["lat"].tolist() == [1.0]
    assert empty["nodes"].empty


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the notebook fills, run as a notebook is; it must write nowhere else."""
    import jupytext
    import nbclient

    folder = tmp_path_factory.mktemp("second")
    where = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(jupytext.read(NOTEBOOK), timeout=900, kernel_name="python3", resources=where).execute()
    assert [one.name for one in folder.iterdir()] == ["copper"]
    return folder / "copper"


@slow
def test_the_package_is_sound_and_every_number_says_where_it_comes_from(made: Path) -> None:
    loaded = validation.load(made / "zambia")
    assert loaded.faults == []
    told = set(loaded.frames["provenance"][["table", "key", "column"]].itertuples(index=False, name=None))
    asked = {
        (name, key, column)
        for name, frame in loaded.frames.items()
        if name not in ("provenance", "sources")
        for column, field in schema.fields(name).items()
        if schema.is_numeric(field) and field.get("provenance", True)
        for key, value in zip(schema.keys(name, frame), frame[column], strict=True)
        if value == value
    }
    assert told == asked
    assert len(asked) > 300
    sources = set(loaded.frames["sources"]["source"])
    assert set(loaded.frames["provenance"]["source"]) <= sources


@slow
def test_what_is_called_observed_was_published_by_somebody(made: Path) -> None:
    provenance = tables.read(made / "zambia")["provenance"]
    own = {"memory", "computed", "judgement"}
    assert not set(provenance[provenance["status"] == "observed"]["source"]) & own
    assert set(provenance[provenance["source"] == "judgement"]["status"]) == {"assumed"}


@slow
def test_its_plan_is_proven_and_its_files_alone_balance(made: Path) -> None:
    written = plan_folder.read(made / "plan")
    assert written.summary["status"] == "optimal"
    assert written.summary["gap"] <= 1e-6
    folder = made / "plan"
    assert worst_imbalance(folder) < 1e-6
    assert worst_link_difference(folder) < 1e-6
    assert worst_overload(folder) < 1e-6
    assert unbalanced_total(folder) < 1e-6
    again = planning.plan(plan_folder.rebuilt(written, made / "zambia", []))
    assert again.summary["objective_value"] == pytest.approx(written.summary["objective_value"])


@slow
def test_both_methods_agree_on_it(made: Path) -> None:
    problem = pose(network.build(tables.read(made / "zambia"))).problem
    found = [certificate.certify(problem, solve(problem, method)) for method in METHODS]
    assert found[0].primal_objective == pytest.approx(found[1].primal_objective, rel=1e-9)
    for one in found:
        certificate.require(one)


@slow
def test_all_is_served_or_says_why(made: Path) -> None:
    dataset = tables.read(made / "zambia")
    files = [str(made / "zambia" / "scenarios" / f"{name}.toml") for name in EVENTS]
    cases = scenario_runs.planned(scenario_runs.prepared(dataset, files), PlanSettings())
    plans = {case.name: case.plan for case in cases if case.plan is not None}
    assert set(plans) == {"base", *EVENTS}
    for plan in plans.values():
        carried = plan.routes["kt"].sum() + plan.unserved["kt"].sum()
        assert carried == pytest.approx(dataset["demand"]["kt"].sum())
        assert (plan.unserved["why"] != "").all()
    assert plans["base"].unserved.empty
    assert plans["kasumbalesa-250"].unserved["why"].str.contains("Kasumbalesa").all()
    assert not plans["dar-closed"].routes["nodes"].str.contains("> DAR >").any()


@slow
def test_it_runs_a_second_time_and_as_a_plain_script(made: Path) -> None:
    import jupytext

    before = (made / "plan" / "routes.csv").read_bytes()
    script = made.parent / "page.py"
    script.write_text(jupytext.writes(jupytext.read(NOTEBOOK), "py:light"), encoding="utf-8")
    done = subprocess.run([sys.executable, script.name], cwd=made.parent, capture_output=True, text=True, timeout=900)
    script.unlink()
    assert done.returncode == 0, done.stderr
    assert (made / "plan" / "routes.csv").read_bytes() == before
    assert any(fnmatch(line, "*KAPRI*did you mean KAPIRI*") for line in done.stdout.splitlines())
