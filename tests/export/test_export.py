"""`corridors export` as a person meets it: every format is written, and what cannot be is refused in one sentence."""

import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from commands import ROOT, run, sentence
from exported import Case, planned, table

from corridors import export, planning
from corridors.cli.export import FORMATS, LAYERS
from corridors.errors import DataError
from corridors.export import features
from corridors.export.metadata import about

CLOSED = "title = 'Closed'\n[[change]]\ntable = 'links'\nwhere = { link = 'rail:MIDTOWN-LANDING' }\nclose = true\n"


def test_a_plan_that_was_changed_by_hand_is_refused_and_leaves_nothing(case: Case, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    changed.mkdir()
    for path in case.folder.iterdir():
        (changed / path.name).write_bytes(path.read_bytes())
    routes = pd.read_csv(changed / "routes.csv")
    routes.loc[0, "usd_per_t"] += 1
    routes.to_csv(changed / "routes.csv", index=False)
    said = sentence(run("export", changed, "--to", "gmns", "-o", tmp_path / "out", "--data", case.data))
    assert "routes.csv, demand" in said
    assert "plan anew" in said
    assert [path.name for path in tmp_path.iterdir()] == ["changed"]


@pytest.mark.parametrize(
    ("name", "column", "form"),
    [("routes", "links", "gpkg"), ("routes", "nodes", "gmns"), ("unserved", "origin", "gpkg")],
)
def test_names_that_the_data_do_not_have_are_one_sentence(
    case: Case, tmp_path: Path, name: str, column: str, form: str
) -> None:
    frame = getattr(case.plan, name).copy()
    frame.loc[0, column] = "nowhere"
    with pytest.raises(DataError, match="plan anew"):
        export.write(replace(case.plan, **{name: frame}), case.network, form, tmp_path / f"out.{form}")
    assert not list(tmp_path.iterdir())


def test_a_plan_that_was_stopped_early_or_bounded_says_so(case: Case) -> None:
    made = planning.plan(case.network, co2_budget=1e9)
    told = about(replace(made, summary=dict(made.summary) | {"gap": math.inf}), case.network.dataset)
    assert (told["gap"], told["bounds"]) == (None, ["emissions budget"])


def test_the_command_writes_each_format_and_says_what_is_in_it(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for form, name in zip(FORMATS, ("plan-geojson", "plan.gpkg", "plan-gmns"), strict=True):
        result = run("export", case.folder, "--to", form, "--data", case.data)
        assert result.exit_code == 0, result.output
        assert result.output.startswith(f"Written to {name}: ")
        assert Path(name).exists()


def test_a_file_of_one_layer_is_the_links_unless_another_is_asked_for(case: Case, tmp_path: Path) -> None:
    for words, count in ((["--layer", "places"], 7), (["--force"], 11)):
        result = run("export", case.folder, "-o", tmp_path / "one.geojson", "--data", case.data, *words)
        assert result.exit_code == 0, result.output
        assert len(geopandas.read_file(tmp_path / "one.geojson")) == count


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say which format"),
        (["--to", "gmns", "-o", "plan.gpkg"], "does not fit"),
        (["--to", "gpkg", "--layer", "links"], "--layer is for a single file"),
        (["--to", "gpkg", "-o", "plan.zip"], "end the name of a GeoPackage in .gpkg"),
        (["--to", "shapefile"], "is not one of"),
    ],
)
def test_what_does_not_fit_together_is_refused(case: Case, words: list[str], said: str) -> None:
    assert said in sentence(run("export", case.folder, *words))


def test_a_mistyped_plan_is_one_sentence(tmp_path: Path) -> None:
    said = sentence(run("export", tmp_path / "paln", "--to", "geojson", "-o", tmp_path / "out"))
    assert "paln is not a folder; give a folder that corridors plan --out wrote" in said
    assert not (tmp_path / "out").exists()


def test_other_data_are_refused(case: Case, tmp_path: Path) -> None:
    said = sentence(run("export", case.folder, "--to", "gmns", "-o", tmp_path / "out"))
    assert "the plan was made from other data" in said
    assert not (tmp_path / "out").exists()


def test_a_plan_under_a_scenario_file_asks_for_it(case: Case, tmp_path: Path) -> None:
    file = tmp_path / "closed.toml"
    file.write_text(CLOSED, encoding="utf-8")
    made = planned(case.data, tmp_path / "plan", file)
    words = ["export", tmp_path / "plan", "-o", tmp_path / "plan.gpkg", "--data", case.data]
    assert "closed" in sentence(run(*words))
    assert run(*words, "--scenario", file).exit_code == 0
    links = geopandas.read_file(tmp_path / "plan.gpkg", layer="links").set_index("link")
    assert tuple(links.loc["rail:MIDTOWN-LANDING", ["kt", "capacity"]]) == (0, 0)
    export.write(made.plan, made.network, "gmns", tmp_path / "network")
    assert "rail:MIDTOWN-LANDING" not in set(table(tmp_path / "network", "link")["row"]), "and nobody else uses it"


@pytest.mark.parametrize("name", ["plan.gpkg", "links.geojson"])
def test_an_existing_file_is_replaced_only_with_force(case: Case, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    words = ["export", case.folder, "-o", tmp_path / name, "--data", case.data]
    assert "--force" in sentence(run(*words))
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"
    assert run(*words, "--force").exit_code == 0
    assert len(geopandas.read_file(tmp_path / name, layer="links")) == 11
    assert [path.name for path in tmp_path.iterdir()] == [name], "nothing temporary is left"


def test_an_existing_folder_is_replaced_only_with_force_and_only_if_it_is_an_export(case: Case, tmp_path: Path) -> None:
    words = ["export", case.folder, "--to", "gmns", "--data", case.data, "-o"]
    assert run(*words, tmp_path / "out").exit_code == 0
    assert "exists already" in sentence(run(*words, tmp_path / "out"))
    assert run(*words, tmp_path / "out", "--force").exit_code == 0
    before = {path.name: path.read_bytes() for path in case.folder.iterdir()}
    assert "holds no export" in sentence(run(*words, case.folder, "--force"))
    assert {path.name: path.read_bytes() for path in case.folder.iterdir()} == before


@pytest.mark.parametrize("missing", ["geopandas", "pyogrio"])
def test_without_the_packages_for_it_a_geopackage_is_refused_and_geojson_is_not(
    case: Case, tmp_path: Path, missing: str
) -> None:
    code = (
        f"import sys\nsys.modules[{missing!r}] = None  # as where it is not installed\n"
        "from corridors.cli import main\nmain(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, "export", str(case.folder), "--data", str(case.data), "-o"]
    done = subprocess.run([*words, str(tmp_path / "plan.gpkg")], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (2, 1, False), done.stderr
    assert "python" in done.stderr
    assert "-m pip install 'corridors[gis]', or use --to geojson" in done.stderr
    done = subprocess.run(
        [*words, str(tmp_path / "links.geojson")], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_the_command_names_the_formats_and_layers_that_there_are() -> None:
    assert (tuple(FORMATS), tuple(LAYERS)) == (export.FORMATS, features.NAMES)
