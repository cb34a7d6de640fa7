"""The command line as a person meets it: by click's runner, and as a real process."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pulp
import pytest
from click.testing import CliRunner
from commands import ROOT, process, run, sentence
from recompute import read, worst_overload
from small import edit, read_rows, small_dataset, write_table

from corridors.cli import COMMANDS, main


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "small")


def test_help_lists_the_commands_with_a_line_each() -> None:
    text = run("--help").output
    for command in ("plan", "compare", "data"):
        assert f"\n  {command} " in text


@pytest.mark.parametrize("command", [["plan"], ["compare"], ["data"], ["data", "check"], ["data", "references"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_plan_prints_a_glance_and_writes_a_folder(small: Path, tmp_path: Path) -> None:
    result = run("plan", "--data", small, "--out", tmp_path / "plan")
    assert result.exit_code == 0, result.output
    for words in ("carried", "Corridors", "No capacity is full", "Modes", "proven: no plan is better", "Written to"):
        assert words in result.output
    assert worst_overload(tmp_path / "plan") < 1e-6


def test_a_glance_of_a_small_country_counts_one_as_one_and_says_what_is_not_set(small: Path) -> None:
    (small / "provenance.csv").unlink()
    rows = read_rows(small, "demand")
    write_table(small, "demand", [rows[0] | {"kt": "1", "total": ""}])
    text = run("plan", "--data", small, "--quiet").output
    assert "bn tkm in" not in text
    assert "home_country is not set in datapackage.json: all freight counts as elsewhere." in text
    assert "No capacity is full." in text
    assert "bottlenecks" not in text
    package = json.loads((small / "datapackage.json").read_text(encoding="utf-8"))
    (small / "datapackage.json").write_text(json.dumps(package | {"home_country": "BBB"}), encoding="utf-8")
    told = run("plan", "--data", small, "--quiet").output
    assert "bn tkm in BBB" in told
    assert "home_country" not in told


def test_one_bottleneck_and_one_demand_left_are_one(small: Path) -> None:
    (small / "provenance.csv").unlink()
    write_table(small, "demand", [read_rows(small, "demand")[2] | {"kt": "90000"}])
    text = run("plan", "--data", small, "--quiet").output
    assert "The tightest bottleneck " in text
    assert "Not served (1 demand)" in text


def test_compare_without_means_is_one_sentence_and_no_table(small: Path) -> None:
    (small / "provenance.csv").unlink()
    write_table(small, "means", [])
    result = run("compare", "harbour", "landing", "--data", small)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("means.csv has no rows: ")
    assert result.stdout.count("\n") == 1
    assert json.loads(run("compare", "harbour", "landing", "--data", small, "--format", "json").stdout)["routes"] == []


def test_compare_says_where_no_means_has_a_way(small: Path) -> None:
    (small / "provenance.csv").unlink()
    write_table(small, "means", [{"means": "road", "name_en": "By road", "modes": "road", "via_modes": "road"}])
    text = run("compare", "midtown", "landing", "--commodity", "grain", "--data", small).output
    assert "no means has a way." in text
    assert "USD/FEU" not in text


def test_plan_as_json_is_json(small: Path) -> None:
    result = run("plan", "--data", small, "--format", "json", "--quiet")
    made = json.loads(result.stdout)
    assert made["gap"] <= 1e-6
    assert [row["corridor"] for row in made["corridors"]] == ["H1", "R1"]


def test_progress_goes_to_standard_error_and_quiet_is_quiet(small: Path) -> None:
    told = process("plan", "--data", small, "--format", "json")
    assert "solving ..." in told.stderr
    json.loads(told.stdout)
    assert run("plan", "--data", small, "--format", "json", "--quiet").stderr == ""


def test_the_very_same_plan_is_used_again(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    run("plan", "--data", small, "--out", out)
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.iterdir()}
    result = run("plan", "--data", small, "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("plan holds this very plan already; it stays as it is\n")
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in out.iterdir()} == before
    assert run("plan", "--data", small, "--out", out, "--force").stdout.endswith(f"Written to {out}\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--carbon-price", "3"], "carbon price 0.0 there, 3.0 here"),
        (["--year", "2026"], "year 2024 there, 2026 here"),
        (["--scenario", "closed.toml"], "scenario base there, closed here"),
        (["--co2-budget", "0.1"], "flows.csv"),
    ],
)
def test_another_plan_is_named_before_it_is_lost(
    small: Path, tmp_path: Path, options: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("closed.toml").write_text(
        "title = 'x'\n[[change]]\ntable = 'links'\nwhere = { mode = 'road' }\nclose = true\n", encoding="utf-8"
    )
    run("plan", "--data", small, "--out", "plan")
    before = {path.name: path.read_bytes() for path in Path("plan").iterdir()}
    said = sentence(run("plan", "--data", small, "--out", "plan", "--quiet", *options))
    assert "plan holds another plan, which would be lost (scenario base, year 2024, 6,800 kt served, written 2" in said
    assert words in said
    assert said.endswith("choose another folder, or replace it with --force")
    assert {path.name: path.read_bytes() for path in Path("plan").iterdir()} == before


def test_a_plan_with_an_edited_table_is_not_taken_for_the_same(small: Path, tmp_path: Path) -> None:
    run("plan", "--data", small, "--out", tmp_path / "plan")
    flows = tmp_path / "plan" / "flows.csv"
    flows.write_bytes(flows.read_bytes().replace(b"rail", b"road", 1))
    assert "flows.csv differs" in sentence(run("plan", "--data", small, "--out", tmp_path / "plan", "--quiet"))


def test_a_second_run_uses_the_base_again(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, mode in (("one", "road"), ("two", "deep_sea")):
        text = f"title = 'x'\n[[change]]\ntable = 'links'\nwhere = {{ mode = '{mode}' }}\nclose = true\n"
        Path(f"{name}.toml").write_text(text, encoding="utf-8")
    assert run("run", "one.toml", "--data", small, "--out", "runs", "--quiet").exit_code == 0
    second = run("run", "two.toml", "--data", small, "--out", "runs", "--quiet")
    assert second.exit_code == 0, second.output
    assert "runs/base holds this very plan already" in second.stdout
    assert {path.name for path in Path("runs").iterdir()} == {"base", "one", "two", "comparison.csv"}
    Path("runs/comparison.csv").write_text("mine", encoding="utf-8")
    assert "comparison.csv exists already" in sentence(run("run", "two.toml", "--data", small, "--out", "runs"))


@pytest.mark.parametrize("suffix", ["lp", "mps"])
def test_the_linear_problem_is_written_for_another_solver(small: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"problem.{suffix}"
    assert run("plan", "--data", small, "--write-lp", path).exit_code == 0
    assert path.stat().st_size > 1000


def test_a_file_name_of_another_kind_is_refused(small: Path, tmp_path: Path) -> None:
    assert ".mps" in sentence(run("plan", "--data", small, "--write-lp", tmp_path / "problem.txt"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["plan", "--data", "no/such/folder"], "no/such/folder"),
        (["plan", "--running", "fast"], "no running figures called 'fast'"),
        (["plan", "--year", "1990"], "the earliest demand is of "),
        (["plan", "--objective", "speed"], "speed"),
        (["plan", "--carbon-price", "-3"], "-3"),
        (["compare", "berlln", "lianyungang"], "did you mean Berlin"),
        (["compare", "berlin", "lianyungang", "--commodity", "grian"], "did you mean grain"),
        (["compare", "berlin"], "DESTINATION"),
        (["paln"], "paln"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments: list[str], words: str) -> None:
    assert words in sentence(run(*arguments, *(["--quiet"] if arguments[0] == "plan" else [])))


def test_a_broken_table_is_one_sentence_with_file_row_and_column(small: Path) -> None:
    edit(small, "links", 2, km="far")
    said = sentence(run("plan", "--data", small, "--quiet"))
    for words in ("links.csv", "row 2", "column km", "far"):
        assert words in said


def test_compare_in_three_formats(small: Path) -> None:
    text = run("compare", "harbour", "landing", "--data", small)
    assert text.exit_code == 0, text.output
    assert "By sea" in text.output
    made = json.loads(run("compare", "harbour", "landing", "--data", small, "--format", "json").stdout)
    assert {"means", "days", "km", "usd_per_t", "kgco2e_per_t", "nodes", "legs"} <= set(made["routes"][0])
    rows = run("compare", "harbour", "landing", "--data", small, "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("means,leg,from,to,mode,km,hours_moving,hours_border,hours_gauge,hours_handling")
    assert len(rows) == 1 + sum(len(route["legs"]) for route in made["routes"])


@pytest.mark.parametrize("form", ["text", "csv", "json"])
def test_references_in_three_formats(small: Path, form: str) -> None:
    result = run("data", "references", "--data", small, "--format", form)
    assert result.exit_code == 0, result.output
    assert "far" in result.output


@pytest.mark.parametrize("launcher", [["-m", "corridors"], ["cli.py"]])
def test_both_launchers_do_the_same(launcher: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *launcher, "--version"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.startswith("corridors, version ")


def test_a_closed_pipe_ends_quietly(small: Path) -> None:
    command = f"{sys.executable} -m corridors plan --data {small} --quiet | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert done.stdout.startswith("Freight of 2024")


def test_ctrl_c_leaves_the_old_plan_as_it_was(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    assert run("plan", "--data", small, "--out", out).exit_code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    command = [sys.executable, "-m", "corridors", "plan", "--method", "arcs", "--out", str(out), "--force"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("solving"):
                break
        time.sleep(0.2)
        os.kill(running.pid, signal.SIGINT)
        said = running.stderr.read()
    assert running.returncode == 130
    assert "Traceback" not in said
    assert "interrupted" in said
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_time_limit_gives_the_best_plan_so_far_with_its_proven_gap(tmp_path: Path) -> None:
    result = run("plan", "--time-limit", "0.000001", "--out", tmp_path / "plan", "--quiet")
    assert result.exit_code == 0, result.output
    assert "STOPPED EARLY: a better plan may exist, by at most" in result.output
    summary = json.loads((tmp_path / "plan" / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "feasible"
    assert 0 < summary["gap"] < float("inf")
    assert worst_overload(tmp_path / "plan") < 1e-6


def test_both_methods_give_the_same_plan_s_cost(small: Path) -> None:
    made = [
        json.loads(run("plan", "--data", small, "--method", one, "--format", "json", "--quiet").stdout)
        for one in ("columns", "arcs")
    ]
    assert [one["method"] for one in made] == ["columns", "arcs"]
    assert made[0]["objective_value"] == pytest.approx(made[1]["objective_value"], rel=1e-7)


def test_the_written_problem_holds_the_bounds_that_are_planned_with(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "problem.mps"
    result = run("plan", "--data", small, "--co2-budget", "0.1", "--write-lp", path, "--format", "json", "--quiet")
    _, problem = pulp.LpProblem.fromMPS(str(path))
    problem.solve(pulp.COIN_CMD(msg=False))
    assert pulp.value(problem.objective) == pytest.approx(json.loads(result.stdout)["objective_value"], rel=1e-6)


def test_bounds_are_kept_and_priced(small: Path) -> None:
    made = json.loads(run("plan", "--data", small, "--co2-budget", "0.1", "--format", "json", "--quiet").stdout)
    budget = next(row for row in made["bottlenecks"] if row["resource"] == "bound:co2e")
    assert made["t_co2e"] <= 0.1e6 * (1 + 1e-6)
    assert budget["shadow_price_high"] > 0
    assert "expected PLACE=SHARE" in sentence(run("plan", "--data", small, "--min-share", "midtown=x", "--quiet"))
    assert "a share lies between 0 and 1" in sentence(
        run("plan", "--data", small, "--min-share", "midtown=3", "--quiet")
    )


def test_a_full_disk_is_one_sentence(small: Path) -> None:
    command = f"{sys.executable} -m corridors plan --data {small} --quiet > /dev/full"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_corridor_is_in_the_file(small: Path, tmp_path: Path) -> None:
    run("plan", "--data", small, "--out", tmp_path / "plan")
    assert len(read(tmp_path / "plan", "corridors")) == 2


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_no_help_shows_the_marks_of_its_source(command: list[str]) -> None:
    shown = CliRunner().invoke(main, [*command, "--help"]).stdout
    assert "\\" not in shown
    assert "\b" not in shown
    assert "``" not in shown


def test_a_mistyped_command_says_which_was_meant() -> None:
    done = CliRunner().invoke(main, ["repot", "plan"])
    assert done.exit_code == 2
    assert "No such command 'repot'; did you mean report or" in done.stderr
