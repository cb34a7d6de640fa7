"""`corridors estimate` as people use it: what it prints and writes, a package to plan with, and what is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import small
from click.testing import Result
from commands import run, sentence
from estimable import estimable

from corridors import tables
from corridors.sheets.sheet import ESTIMATE, described
from corridors.tables.validation import check
from corridors.text.choices import ASKED_TABLES, ESTIMATE_TABLES


def estimate(*arguments: object) -> Result:
    return run("estimate", "--quiet", *arguments)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return estimable(tmp_path_factory.mktemp("estimate") / "data")


@pytest.fixture(scope="module")
def out(data: Path) -> Path:
    """Return the folder of an estimate."""
    made = data.parent / "out"
    done = estimate("--data", data, "--out", made)
    assert done.exit_code == 0, done.output
    (data.parent / "printed.txt").write_text(done.stdout, encoding="utf-8")
    return made


def table(out: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / f"{name}.csv").read_text(encoding="utf-8"))))


def test_it_says_what_moved_what_is_not_told_and_on_what_it_rests(out: Path) -> None:
    printed = (out.parent / "printed.txt").read_text(encoding="utf-8")
    for words in (
        "Parameters estimated: 8, from 7 counts of 2024",
        "To meet them is no test",
        "constant: by:sea",
        "stay about as judged: ",
        "Counts missed by more than 1.5 standard deviations: ",
        "On which counts it rests",
        f"corridors plan --data {out / 'package'} --choice logit",
    ):
        assert words in printed, words


def test_every_table_of_the_folder_is_described_in_it(out: Path) -> None:
    told = {one["name"]: one for one in json.loads((out / "datapackage.json").read_text(encoding="utf-8"))["resources"]}
    assert list(told) == list(ESTIMATE_TABLES)
    for name, resource in told.items():
        columns = [field["name"] for field in resource["schema"]["fields"]]
        assert columns == list(pd.read_csv(out / f"{name}.csv").columns), name
    assert set(described(ESTIMATE)) == {*ESTIMATE_TABLES, *ASKED_TABLES, "left_out"}
    assert {path.name for path in out.iterdir()} == {
        *(f"{name}.csv" for name in ESTIMATE_TABLES),
        "datapackage.json",
        "package",
        "summary.json",
    }


def test_the_estimated_package_is_sound_and_the_old_one_is_as_it_was(data: Path, out: Path) -> None:
    assert check(out / "package") == []
    old, new = tables.read(data), tables.read(out / "package")
    assert old["demand"]["kt"].sum() == pytest.approx(new["demand"]["kt"].sum(), rel=1e-12)  # totals stay exact
    untouched = set(tables.dictionary()) - {"choice", "constants", "demand", "splits", "tariffs"}
    for name in untouched - {"provenance", "sources", "posterior", "posterior_directions"}:
        assert old[name].equals(new[name]), name
    assert not len(old["posterior"])
    assert len(new["posterior"]) == 8


def test_what_moved_is_estimated_and_nothing_else_is(data: Path, out: Path) -> None:
    old, new = tables.read(data), tables.read(out / "package")
    told = {(row["table"], row["key"], row["column"]): row for row in small.read_rows(out / "package", "provenance")}
    for row in table(out, "estimates"):
        place = row["table"], row["key"], row["column"]
        cited = told[place]
        moved = abs(float(row["moved"])) > 0.1 or float(row["identified"]) > 0.01
        assert (cited["status"] == "estimated") == moved, place
        if moved:
            assert float(cited["low"]) <= float(row["estimate"]) <= float(cited["high"])
            assert cited["note"].startswith(f"was {tables.number_text(float(row['before']))} (assumed, ")
            assert cited["source"] in set(new["sources"]["source"]) - set(old["sources"]["source"])
    estimated = {place for place, row in told.items() if row["status"] == "estimated"}
    assert {table for table, _, _ in estimated} <= {"choice", "constants", "demand", "splits", "tariffs"}


def test_a_plan_of_the_package_gives_the_figures_of_the_estimate(out: Path) -> None:
    asked = ("--table", "observations", "--choice", "logit", "--format", "csv", "--quiet")
    done = run("data", "references", "--data", out / "package", *asked)
    assert done.exit_code == 0, done.output
    planned = {row["observation"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    found = table(out, "residuals")
    assert len(found) == 9
    for row in found:
        off = abs(float(row["model"]) - float(planned[row["observation"]]["model"]))
        assert off <= 1e-4 * max(float(row["model"]), float(row["sd"])), row["observation"]


def test_the_posterior_of_the_package_is_that_of_the_tables(out: Path) -> None:
    posterior = {row["parameter"]: row for row in small.read_rows(out / "package", "posterior")}
    for row in table(out, "estimates"):
        cell = posterior[row["parameter"]]
        assert float(cell["estimate"]) == pytest.approx(float(row["q"]), rel=1e-9, abs=1e-12)
        assert float(cell["sd"]) == pytest.approx(float(row["sd"]), rel=1e-6)
        assert cell["total"] == row["total"]
    numbers = pd.read_csv(out / "package" / "posterior_directions.csv")
    lengths = (numbers["loading"] ** 2).groupby(numbers["direction"]).sum()
    assert lengths.between(0.998, 1.000001).all()


def test_the_summary_tells_one_run_from_another(data: Path, out: Path) -> None:
    told = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert told["data"] == tables.read(data).digest
    assert told["package_digest"] == tables.read(out / "package").digest
    assert (told["parameters"], told["counted"], told["year"]) == (8, 7, 2024)
    assert told["stands"]
    source = small.read_rows(out / "package", "sources")[-1]
    assert source["source"] == f"estimate_{told['run_digest'][:12]}"
    assert told["run_digest"] in source["citation"]


def test_json_has_every_table(data: Path) -> None:
    arguments = ("--data", data, "--free", "tau,constants", "--use", "fit", "--use", "test")
    document = json.loads(estimate(*arguments, "--format", "json").stdout)
    assert list(document) == ["summary", *ESTIMATE_TABLES]
    assert {row["group"] for row in document["estimates"]} == {"tau", "constants"}
    assert document["summary"]["counted"] == 9


def test_counts_of_another_file_take_the_place_of_the_packages(data: Path, tmp_path: Path) -> None:
    rows = [row for row in small.read_rows(data, "observations") if row["observation"] in ("port", "main")]
    small.write_table(tmp_path, "observations", rows)
    counts = (tmp_path / "observations.csv").rename(tmp_path / "mine.csv")
    done = estimate("--data", data, "--observations", counts, "--format", "json")
    assert json.loads(done.stdout)["summary"]["counted"] == 2
    text = counts.read_text(encoding="utf-8")
    counts.write_text(text.replace("2024-01-01", "2024-02-30", 1), encoding="utf-8")
    assert f"{counts}, row 2, column begin: found '2024-02-30'" in sentence(
        estimate("--data", data, "--observations", counts)
    )


def test_left_out_counts_are_foretold_by_the_others(data: Path, tmp_path: Path) -> None:
    arguments = ("--data", data, "--leave-out", "port", "--leave-out", "rail:half", "--out", tmp_path / "left")
    done = estimate(*arguments, "--format", "csv")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["observation"] for row in rows} >= {"port", "rail", "rail:half"}
    for row in rows:
        off = abs(float(row["predicted"]) / float(row["value"]) - 1)
        assert row["within_15"] == ("yes" if off <= 0.15 else "no")
        assert row["within_95"] == ("yes" if abs(float(row["z"])) <= 1.96 else "no")
        assert row["failed"] == ""
    assert (tmp_path / "left" / "left_out.csv").read_text(encoding="utf-8") == done.stdout
    again = estimate(*arguments)  # from the rows that are there
    assert "are foretold within 15 %" in again.stdout


@pytest.mark.slow
def test_a_dask_cluster_leaves_out_to_the_same_bytes(data: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    arguments = ("--data", data, "--leave-out", "port", "--leave-out", "rail")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        asked = ("--cluster", cluster.scheduler_address, "--out", tmp_path / "cluster")
        assert estimate(*arguments, *asked).exit_code == 0
    assert estimate(*arguments, "--out", tmp_path / "alone").exit_code == 0
    alone, there = ({one.name: one.read_bytes() for one in (tmp_path / way).iterdir()} for way in ("alone", "cluster"))
    assert alone == there


def test_years_and_elasticities_are_in_the_folder_where_they_are_asked_for(data: Path, tmp_path: Path) -> None:
    rows = small.read_rows(data, "observations")
    later = [row | {end: row[end].replace("2024", "2025") for end in ("begin", "end")} for row in rows]
    later = [row | {"observation": f"{row['observation']}:25", "part_of": ""} for row in later]
    small.write_table(tmp_path, "observations", rows + later)
    counts, out = tmp_path / "observations.csv", tmp_path / "out"
    asked = ("--observations", counts, "--years", "2025,2024", "--elasticities", "--out", out)
    done = estimate("--data", data, "--free", "tau,constants", *asked)
    assert done.exit_code == 0, done.output
    assert "2025: of 9 counts that the estimate never saw" in done.stdout
    assert "2024: of 2 counts that the estimate never saw" in done.stdout
    assert "How freight answers" in done.stdout
    assert [row["year"] for row in table(out, "years")] == ["2024"] * 9 + ["2025"] * 9
    told = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    assert [one["name"] for one in told] == [*ESTIMATE_TABLES, *ASKED_TABLES]
    for one in told[-2:]:
        columns = [field["name"] for field in one["schema"]["fields"]]
        assert columns == list(pd.read_csv(out / one["path"]).columns)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--free", "taus"), "did you mean tau"),
        (("--free", "capacities"), "capacities"),
        (("--free", "delays"), "delays"),
        (("--use", "fits"), "did you mean fit"),
        (("--year", "2019"), "in this year"),
        (("--observations", "nowhere.csv"), "nowhere.csv"),
        (("--leave-out", "prot"), "did you mean port"),
        (("--workers", "2"), "go with --leave-out"),
        (("--years", "2024,soon"), "found 'soon'"),
        (("--years", "2019"), "no row of 2019"),
        (("--table", "years"), "needs --years"),
        (("--leave-out", "port", "--elasticities"), "a test of its own"),
        (("--running", "bets"), "best"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(data: Path, arguments: tuple[str, ...], said: str) -> None:
    done = estimate("--data", data, *arguments)
    assert said in sentence(done)
    assert done.stdout == ""


def test_a_folder_of_something_else_is_left_alone(data: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    assert "choose another folder" in sentence(estimate("--data", data, "--out", tmp_path))
    assert "choose another folder" in sentence(estimate("--data", data, "--out", tmp_path, "--force"))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_estimates_of_estimates_are_warned_of_and_csv_has_the_table_that_is_asked_for(out: Path) -> None:
    asked = ("--free", "constants", "--format", "csv", "--table", "influence")
    done = estimate("--data", out / "package", *asked)
    assert done.stdout.startswith("observation,name_en,group,weight,leverage")
    assert len(done.stdout.splitlines()) == 8
    assert "counts that they were fitted to count twice" in done.stderr


def test_it_answers_in_the_users_language(data: Path) -> None:
    done = run("--lang", "ru", "estimate", "--quiet", "--data", data, "--free", "constants")
    assert done.exit_code == 0, done.output
    assert "параметр" in done.stdout


def test_interrupted_it_leaves_nothing_behind(data: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "corridors", "estimate", "--data", str(data), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "listing routes" in line:
            break
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert printed == ""
    assert not list(tmp_path.iterdir())
