"""`corridors data` answers in text, CSV and JSON, with exit codes, and in sentences when it cannot."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import small
from click.testing import CliRunner, Result

from corridors import tables
from corridors.cli import main
from corridors.planning import validation


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small.small_dataset(tmp_path / "package")


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["data", *map(str, arguments)])
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


def rows(result: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.stdout)))


@pytest.mark.parametrize("command", ["", "check", "show", "source", "init", "tables", "references"])
def test_every_command_has_help(command: str) -> None:
    assert "Usage" in run(*filter(None, [command]), "--help").stdout


# ---- check


def test_check_says_in_one_line_that_a_package_is_sound(folder: Path) -> None:
    lines = run("check", folder).stdout.splitlines()
    assert len(lines) == 1
    assert "sound" in lines[0]
    assert "229 numbers with provenance" in lines[0]


def test_check_counts_one_thing_as_one(tmp_path: Path) -> None:
    tables.empty().write(tmp_path / "new")
    small.write_table(tmp_path / "new", "modes", small.small_tables()["modes"][:1])
    assert "sound; 1 table, 1 row, no provenance" in run("check", tmp_path / "new").stdout
    assert "23 tables, " in run("check", small.small_dataset(tmp_path / "whole")).stdout


def test_check_of_an_unfinished_package_says_what_a_plan_still_needs(folder: Path, tmp_path: Path) -> None:
    tables.empty().write(tmp_path / "new")
    lines = run("check", tmp_path / "new").stdout.splitlines()
    assert lines[1:] == [
        "not yet enough for a plan: no rows in nodes, modes, links, commodities, terminals, demand; "
        "fill them in this order"
    ]
    small.write_table(tmp_path / "new", "nodes", small.read_rows(folder, "nodes"))
    assert "no rows in modes, links" in run("check", tmp_path / "new").stdout
    assert json.loads(run("check", tmp_path / "new", "--format", "json").stdout) == []


def test_check_without_provenance_says_so(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    assert "no provenance given" in run("check", folder).stdout


def test_check_names_all_faults_one_a_line_and_exits_with_2(folder: Path) -> None:
    small.edit(folder, "links", 3, km="far", speed_kmh="fast")
    result = run("check", folder, code=2)
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [
        "links.csv, row 3, column km",
        "links.csv, row 3, column speed_kmh",
    ]
    assert "2 faults" in result.stderr


def test_check_prints_faults_as_json_and_csv(folder: Path) -> None:
    small.edit(folder, "links", 3, km="far")
    small.edit(folder, "links", 4, name_en="=HYPERLINK(1)")
    faults = json.loads(run("check", folder, "--format", "json", code=2).stdout)
    assert faults[0] == {
        "file": "links.csv",
        "row": 3,
        "column": "km",
        "found": "'far'",
        "expected": "a number (km)",
        "advice": "write the number alone, as its unit is the column's",
        "cell": "",
    }
    table = rows(run("check", folder, "--format", "csv", code=2))
    assert [row["row"] for row in table] == ["3", "4"]
    assert json.loads(run("check", "--format", "json").stdout) == []


def test_check_of_no_folder_is_a_sentence(tmp_path: Path) -> None:
    result = run("check", tmp_path / "nowhere", code=2)
    assert "No such file" in result.stdout


# ---- show


def test_show_prints_a_table_without_its_empty_columns(folder: Path) -> None:
    lines = run("show", "borders", "--data", folder).stdout.splitlines()
    assert lines[0].split() == ["country_a", "country_b", "mode", "hours", "hours_best", "usd_per_t"]
    assert lines[1].split() == ["AAA", "BBB", "road", "30", "12", "4"]
    assert "name_ru" not in run("show", "nodes", "--data", folder).stdout


def test_show_picks_rows(folder: Path) -> None:
    def picked(table: str, *conditions: str) -> list[str]:
        options = [part for condition in conditions for part in ("--where", condition)]
        found = json.loads(run("show", table, *options, "--data", folder, "--format", "json").stdout)
        return [next(iter(row.values())) for row in found]

    assert picked("links", "mode=rail", "km=1350.0") == ["rail:DRYPASS-MIDTOWN", "rail:DRYPASS-MIDTOWN:two"]
    assert picked("commodities", "modes=road") == ["container_high", "general"]
    assert picked("links", "capacity=inf") == ["deep_sea:HARBOUR-LANDING"]
    assert picked("links", "year_open=", "MODE=rail", "pool=pass") == ["rail:DRYPASS-MIDTOWN"]
    assert picked("links", "mode=boat") == []


@pytest.mark.parametrize(
    ("table", "conditions", "words"),
    [
        ("links", ["mode=rial"], "no row has mode 'rial'; did you mean rail?"),
        ("links", ["mode=rial", "km=1350"], "no row has mode 'rial'; did you mean rail?"),
        ("commodities", ["modes=raod"], "no row has modes 'raod'; did you mean road?"),
        ("terminals", ["kind=xyz"], "no row has kind 'xyz'; it is one of load, unload, tranship, gauge, border"),
    ],
)
def test_a_mistyped_value_is_named_and_refused(folder: Path, table: str, conditions: list[str], words: str) -> None:
    options = [part for condition in conditions for part in ("--where", condition)]
    assert words in run("show", table, *options, "--data", folder, code=2).stderr


@pytest.mark.parametrize(
    ("table", "conditions", "words"),
    [
        ("links", ["mode=boat"], "links.csv has no row whose mode is 'boat'"),
        ("links", ["km=7"], "links.csv has no row whose km is '7'"),
        ("links", ["mode=rail", "mode=road"], "links.csv has no row that holds all the conditions"),
        ("tariffs", ["per=t"], "tariffs.csv has no row whose per is 't'"),
    ],
)
def test_where_no_row_holds_it_says_so_beside_the_answer(
    folder: Path, table: str, conditions: list[str], words: str
) -> None:
    options = [part for condition in conditions for part in ("--where", condition)]
    result = run("show", table, *options, "--data", folder, "--format", "json")
    assert result.stderr.strip() == words
    assert json.loads(result.stdout) == []


def test_show_json_keeps_numbers_blanks_and_infinity(folder: Path) -> None:
    link = json.loads(run("show", "links", "--where", "mode=deep_sea", "--data", folder, "--format", "json").stdout)[0]
    assert (link["km"], link["capacity"], link["year_open"], link["pool"]) == (20500, "inf", None, "")


def test_show_csv_is_the_table_and_no_formula(folder: Path) -> None:
    text = run("show", "nodes", "--data", folder, "--format", "csv").stdout
    assert text == (folder / "nodes.csv").read_text(encoding="utf-8")
    changes = [row["change"] for row in rows(run("show", "projects", "--data", folder, "--format", "csv"))]
    assert changes == ["'+8", "'=30", "open"]
    small.edit(folder, "nodes", 2, lon="-119.2")
    small.edit(folder, "links", 2, km="12000")
    small.edit(folder, "links", 11, km="30000")
    (folder / "provenance.csv").unlink()
    assert rows(run("show", "nodes", "--data", folder, "--format", "csv"))[0]["lon"] == "-119.2"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "lnks"], "did you mean links"),
        (["show", "links", "--where", "mode"], "is not COLUMN=VALUE"),
        (["show", "links", "--where", "kms=5"], "did you mean km"),
        (["show", "links", "--where", "km=long"], "holds numbers"),
        (["source", "lnks", "x"], "did you mean links"),
        (["source", "links", "rail:HARBOR-EASTGATE"], "did you mean rail:HARBOUR-EASTGATE"),
        (["source", "links", "rail:HARBOUR-EASTGATE", "kms"], "did you mean km"),
        (["source", "links", "rail:HARBOUR-EASTGATE", "mode"], "holds text"),
    ],
)
def test_what_is_not_there_is_a_sentence_with_the_nearest_names(folder: Path, arguments: list[str], words: str) -> None:
    result = run(*arguments, "--data", folder, code=2)
    assert words in result.stderr
    assert result.stdout == ""


# ---- source


def test_source_tells_where_a_number_comes_from(folder: Path) -> None:
    small.edit(folder, "provenance", 2, low="34", high="35", note="from the map")
    lines = run("source", "nodes", "HARBOUR", "lat", "--data", folder).stdout.splitlines()
    assert lines == [
        "nodes HARBOUR",
        "  lat = 34.7 degrees: assumed, 34 to 35",
        "    Invented for the tests",
        "    from the map",
    ]


def test_source_takes_compound_keys_and_the_units_of_the_row(folder: Path) -> None:
    table = rows(run("source", "pools", "pass|2026", "--data", folder, "--format", "csv"))
    assert [(row["column"], row["value"], row["unit"]) for row in table] == [
        ("year_open", "2026", "calendar year"),
        ("capacity", "36", "train_pairs_day"),
    ]
    found = json.loads(run("source", "references", "FAR", "value", "--data", folder, "--format", "json").stdout)
    assert (found[0]["value"], found[0]["unit"], found[0]["status"]) == ("10400", "km", "assumed")


def test_source_says_where_there_is_none(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    assert "km = 12 km: no source given" in run("source", "links", "rail:EASTGATE-DRYPASS", "--data", folder).stdout


# ---- init, tables, output


def test_init_copies_the_embedded_package_to_be_changed(tmp_path: Path) -> None:
    copy = tmp_path / "deep" / "copy"
    assert f"corridors data check {copy}" in run("init", copy).stdout
    assert tables.read(copy).digest == tables.read().digest
    files = {path.name for path in tables.embedded().iterdir() if path.name != "__pycache__"}
    assert {path.name for path in copy.iterdir()} == files
    assert {"datapackage.json", "LICENSE.md"} <= files


def test_an_empty_package_knows_what_it_is_about_and_no_json_is_edited(tmp_path: Path) -> None:
    about = ["--title", "Kenya's corridors", "--base-year", "2031", "--home-country", "KEN"]
    run("init", tmp_path / "new", "--empty", *about)
    assert "sound" in run("check", tmp_path / "new").stdout
    read = tables.read(tmp_path / "new")
    assert (read.title, read.base_year, read.home_country) == ("Kenya's corridors", 2031, "KEN")
    node = {"node": "PORT", "name_en": "Port", "country": "TZA", "lat": "-6.8", "lon": "39.3", "kind": "seaport"}
    small.append(tmp_path / "new", "nodes", **node)
    assert "found 'KEN', expected a country of nodes.csv" in run("check", tmp_path / "new", code=2).stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--title", "Mine"], "add --empty"),
        (["--base-year", "2030"], "add --empty"),
        (["--empty", "--home-country", "Kenya"], "found 'Kenya', expected three capital letters"),
        (["--empty", "--base-year", "30"], "1900<=x<=2200"),
    ],
)
def test_init_refuses_what_no_package_can_be_about(tmp_path: Path, options: list[str], words: str) -> None:
    assert words in run("init", tmp_path / "new", *options, code=2).stderr
    assert not (tmp_path / "new").exists()


def test_init_refuses_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").touch()
    assert "no empty folder" in run("init", tmp_path, code=2).stderr
    assert "no empty folder" in run("init", tmp_path / "mine.csv", code=2).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_tables_lists_tables_and_columns_with_units() -> None:
    assert [row["table"] for row in rows(run("tables", "--format", "csv"))] == list(tables.dictionary())
    columns = {row["column"]: row for row in json.loads(run("tables", "links", "--format", "json").stdout)}
    assert (columns["speed_kmh"]["unit"], columns["link"]["required"]) == ("km/h", "key")
    assert "did you mean" in run("tables", "link", code=2).stderr


def test_tables_tells_the_words_that_a_column_allows() -> None:
    described = {row["column"]: row["description"] for row in rows(run("tables", "terminals", "--format", "csv"))}
    assert described["kind"] == "kind of change; one of load, unload, tranship, gauge, border"
    assert "one of" not in described["both_ways"] + described["node"]
    told = {row["column"]: row["description"] for row in rows(run("tables", "provenance", "--format", "csv"))}
    assert told["status"].count("calibrated") == 1  # the description has them all already
    assert "one of load, unload" in run("tables", "terminals").stdout


# ---- references


def test_references_says_nothing_where_there_is_no_remark(folder: Path) -> None:
    (folder / "provenance.csv").unlink()
    small.edit(folder, "references", 2, low="1", high="2")
    small.edit(folder, "references", 3, covered="0")
    row = small.cells_of(
        "reference=noway kind=distance origin=STEPPE destination=LANDING value=1 unit=km low=1 high=2 "
        "covered=1 modes=rail commodity=general running=typical measure=km"
    )
    small.append(folder, "references", what="Rail to nowhere", **row)
    lines = run("references", "--data", folder).stdout.splitlines()
    assert "  slow (Days by sea)" in lines
    assert "  far" in lines
    assert "  noway: the model finds no such way" in lines
    assert not [line for line in lines if line.endswith((":  ", ": ", "; "))]


def test_a_published_price_is_held_against_tariffs_and_charges(folder: Path) -> None:
    row = small.cells_of(
        "reference=price kind=cost origin=HARBOUR destination=LANDING value=60 unit=USD/t low=50 high=70 "
        "covered=1 modes=deep_sea commodity=container_high running=typical measure=usd_per_t"
    )
    small.append(folder, "references", what="Sea freight", **row)
    (folder / "provenance.csv").unlink()
    card = {row["reference"]: row for row in rows(run("references", "--data", folder, "--format", "csv"))}
    by_hand = 20500 * 0.002 + 8 + 5 + 5  # km and tariff, the link's charge, loading and unloading
    assert float(card["price"]["model"]) == pytest.approx(by_hand)
    assert card["price"]["verdict"] == "pass"


def test_the_dictionary_names_every_measure_and_no_other(folder: Path) -> None:
    field = tables.fields("references")["measure"]
    assert field["constraints"]["enum"] == list(validation.MEASURES)
    assert all(name in field["description"] for name in validation.MEASURES)
    small.edit(folder, "references", 2, measure="kms")
    assert "references.csv, row 2, column measure: found 'kms'" in run("check", folder, code=2).stdout


def test_a_closed_pipe_ends_quietly() -> None:
    command = [sys.executable, "-m", "corridors", "data", "show", "provenance"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
