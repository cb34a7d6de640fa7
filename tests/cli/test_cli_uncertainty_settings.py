"""`corridors uncertainty` with the options of a plan: scenarios, a carbon price, what is minimised."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from uncertain import DEMAND, LOADING, SPEED, package

from corridors.cli import main

CLOSED = "[[change]]\ntable = 'links'\nwhere = { link = 'rail:MIDTOWN-LANDING' }\nclose = true\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["uncertainty", *map(str, arguments)])


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    bands = {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55"), DEMAND: ("assumed", "5000", "8000")}
    data = package(tmp_path_factory.mktemp("data") / "small", bands)
    return "--data", data, "--samples", 4, "--indices", "none", "--quiet", "--format", "csv"


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a scenario and stand where a relative path finds it."""
    (tmp_path / "closed.toml").write_text(CLOSED, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "closed.toml"


def rows(result: Result) -> dict[str, dict[str, str]]:
    assert result.exit_code == 0, result.output
    return {row["headline"]: row for row in csv.DictReader(io.StringIO(result.stdout))}


def test_a_scenario_changes_every_sample_and_processes_find_its_file(chosen: tuple[object, ...], closed: str) -> None:
    plain, one, two = (
        run(*chosen, *more) for more in ((), ("--scenario", closed), ("--scenario", closed, "--workers", 2))
    )
    assert one.stdout == two.stdout
    for end in ("base", "p05", "median", "p95"):
        assert float(rows(one)["corridor: R1"][end]) < float(rows(plain)["corridor: R1"][end])
        assert float(rows(one)["cost"][end]) > float(rows(plain)["cost"][end])


def test_a_carbon_price_is_paid_in_every_sample_whoever_asks_for_it(chosen: tuple[object, ...], tmp_path: Path) -> None:
    (tmp_path / "dear.toml").write_text("carbon_price = 200", encoding="utf-8")
    scenario = ("--scenario", tmp_path / "dear.toml")
    plain = run(*chosen)
    dear, asked, free = (
        run(*chosen, *more) for more in (("--carbon-price", 200), scenario, (*scenario, "--carbon-price", 0))
    )
    assert dear.stdout == asked.stdout
    assert free.stdout == plain.stdout
    for end in ("base", "p05", "median", "p95"):
        assert float(rows(dear)["cost"][end]) > float(rows(plain)["cost"][end])


def test_what_is_minimised_is_told_in_its_unit(chosen: tuple[object, ...]) -> None:
    found = rows(run(*chosen, "--objective", "emissions"))
    assert found["cost"]["unit"] == "kg CO2e"
    assert float(found["cost"]["base"]) == pytest.approx(float(found["emissions"]["base"]) * 1e6)
    text = run(*chosen[:-2], "--objective", "time")
    assert "tonne-hours" in text.stdout


def test_runs_under_other_settings_are_told_apart_and_refused(
    chosen: tuple[object, ...], closed: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run(*chosen, "--out", out).exit_code == 0
    usual = json.loads((out / "sweep.json").read_text(encoding="utf-8"))
    assert not {"objective", "carbon_price"} & set(usual["identity"])
    for more in (("--scenario", closed), ("--carbon-price", 50), ("--objective", "cost")):
        refused = run(*chosen, "--out", out, *more)
        assert refused.exit_code == 2
        assert "--force" in refused.stderr
    replaced = run(*chosen, "--out", out, "--force", "--carbon-price", 50, "--objective", "cost", "--scenario", closed)
    assert replaced.exit_code == 0
    told = json.loads((out / "sweep.json").read_text(encoding="utf-8"))["identity"]
    assert (told["carbon_price"], told["objective"]) == (50, "cost")
    assert told["data"] != usual["identity"]["data"]


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (("--scenario", "dostyk-close"), "no scenario 'dostyk-close'"),
        (("--carbon-price", -1), "carbon-price"),
        (("--objective", "costs"), "'costs' is not one of"),
    ],
)
def test_a_bad_setting_is_one_sentence_and_exit_code_2(
    chosen: tuple[object, ...], bad: tuple[object, ...], word: str
) -> None:
    result = run(*chosen, *bad)
    assert result.exit_code == 2, result.output
    assert word in result.stderr
    assert "Traceback" not in result.output
