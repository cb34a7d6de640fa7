"""The command line in Russian and Kazakh: who asks for it and how, what changes by it, and what never does."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from small import small_dataset
from uncertain import DEMAND, LOADING, SPEED, package

from corridors import tables
from corridors.cli import COMMANDS, main
from corridors.cli.language import asked
from corridors.planning.difference import UNASKED, UNSERVED
from corridors.text.language import LANGUAGES, language
from corridors.text.names import Names
from corridors.text.terms import TERMS

ROOT = Path(__file__).parents[2]
CLOSED = '[[change]]\ntable = "nodes"\nwhere = { node = "DRYPASS" }\nclose = true\n'


def run(*arguments: object, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(main, [str(one) for one in arguments])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "small")


def every_command() -> list[list[str]]:
    found: list[list[str]] = [[]]
    for name in COMMANDS:
        command = main.get_command(main.context_class(main), name)
        found.append([name])
        found += [[name, one] for one in command.commands] if isinstance(command, click.Group) else []
    return found


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--lang", "ru", "plan"], "ru"),
        (["plan", "--lang", "kk"], "kk"),
        (["plan", "--lang=ru"], "ru"),
        (["--lang", "ru", "plan", "--lang", "kk"], "kk"),
        (["solve", "--", "--lang", "ru"], "en"),
        (["plan", "--lang", "de"], "en"),
        (["plan", "--lang"], "en"),
        ([], "en"),
    ],
)
def test_the_language_is_asked_for_anywhere_and_the_last_counts(arguments: list[str], code: str) -> None:
    assert asked(arguments).code == code


@pytest.mark.parametrize("arguments", [["--lang", "ru", "plan"], ["plan", "--lang", "ru"]])
def test_the_option_may_stand_before_and_after_the_command(arguments: list[str], small: Path) -> None:
    shown = run(*arguments, "--data", small)
    assert shown.exit_code == 0, shown.output
    for words in ("Перевозки 2024 года", "перевезено", "млн т", "пропускная способность не исчерпана", "доказано"):
        assert words in shown.stdout
    assert "решение ..." in shown.stderr


def test_the_environment_s_language_is_the_usual_one_and_the_option_goes_before_it(small: Path) -> None:
    assert run("plan", "--data", small, "--quiet", LC_ALL="kk_KZ.UTF-8").stdout.startswith("2024 жылғы тасымал")
    english = run("plan", "--data", small, "--quiet", "--lang", "en", LC_ALL="kk_KZ.UTF-8").stdout
    assert english == run("plan", "--data", small, "--quiet").stdout


def test_an_unknown_language_is_refused_in_one_sentence() -> None:
    for arguments in (["--lang", "de", "plan"], ["plan", "--lang", "de"]):
        shown = run(*arguments)
        assert shown.exit_code == 2
        assert "'de' is not one of 'en', 'ru', 'kk'" in shown.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", every_command(), ids=" ".join)
def test_every_command_has_the_option_and_explains_itself_in_every_language(command: list[str]) -> None:
    shown = {code: run(*command, "--lang", code, "--help").stdout for code in LANGUAGES}
    assert all("--lang" in text for text in shown.values())
    assert len(set(shown.values())) == len(LANGUAGES)
    assert shown["ru"].startswith("Использование: ")
    assert shown["kk"].startswith("Қолданылуы: ")
    for code in ("ru", "kk"):
        assert not {"Options:", "Commands:", "Show this message and exit."} & set(shown[code].splitlines())


def test_one_language_leaves_no_trace_in_the_next() -> None:
    before = run("plan", "--help").stdout
    run("plan", "--lang", "kk", "--help")
    assert run("plan", "--help").stdout == before
    assert "LANGUAGE" not in os.environ


def test_errors_begin_in_the_language_and_end_with_the_same_code() -> None:
    for code, word in (("en", "Error: "), ("ru", "Ошибка: "), ("kk", "Қате: ")):
        shown = run("plan", "--lang", code, "--data", "no/such/folder", "--quiet")
        assert shown.exit_code == 2
        assert shown.stderr.startswith(word)
        assert "no/such/folder" in shown.stderr
    assert "Нет команды 'paln'" in run("--lang", "ru", "paln").stderr


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "--quiet"],
        ["compare", "harbour", "landing"],
        ["data", "references"],
        ["data", "show", "links"],
        ["data", "source", "links", "rail:HARBOUR-EASTGATE"],
        ["data", "check"],
        ["stress", "--kind", "link", "--quiet"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["json", "csv"])
def test_what_programs_read_is_the_same_in_every_language(command: list[str], form: str, small: Path) -> None:
    data = [str(small)] if command[:2] == ["data", "check"] else ["--data", str(small)]
    made = [run(*command, *data, "--format", form, "--lang", code) for code in LANGUAGES]
    assert [one.exit_code for one in made] == [0] * 3, made[0].output
    told = [without_times(one.stdout) if form == "json" else one.stdout for one in made]
    assert told[0] == told[1] == told[2]


def without_times(text: str) -> object:
    told = json.loads(text)
    return {key: value for key, value in told.items() if key != "seconds"} if isinstance(told, dict) else told


def test_the_files_of_a_plan_are_the_same_in_every_language(small: Path, tmp_path: Path) -> None:
    for code in LANGUAGES:
        run("plan", "--data", small, "--out", tmp_path / code, "--quiet", "--lang", code)
    for path in (tmp_path / "en").glob("*.csv"):
        for code in ("ru", "kk"):
            assert (tmp_path / code / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_line_of_a_table_is_equally_wide(code: str, small: Path) -> None:
    lines = run("plan", "--data", small, "--quiet", "--lang", code).stdout.splitlines()
    rules = [number for number, line in enumerate(lines) if "───" in line]
    assert len(rules) == 4
    for rule in rules:
        following = lines[rule - 1 :]  # the last line of its head, which may have several
        end = next(number for number, line in enumerate(following) if not line.strip())
        assert {cell_len(line) for line in following[:end]} == {cell_len(lines[rule])}


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "--quiet"],
        ["compare", "xian", "alat"],
        ["run", "closed.toml", "--quiet"],
        ["stress", "--kind", "corridor", "--top", "3", "--quiet"],
        ["data", "references"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("code", ["ru", pytest.param("kk", marks=pytest.mark.slow)])
def test_no_code_of_the_data_is_left_in_what_people_read(
    command: list[str], code: str, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small)
    (small / "closed.toml").write_text(CLOSED, encoding="utf-8")
    several = command[0] in ("run", "stress")  # plans, of which small ones show the same words
    shown = run(*command, *(["--data", small] if several else []), "--lang", code)
    assert shown.exit_code == 0, shown.output
    codes = {one for one in TERMS if "_" in one}
    assert [one for one in codes if one in shown.stdout] == []


def test_uncertainty_is_told_in_russian(tmp_path: Path) -> None:
    bands = {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55"), DEMAND: ("assumed", "5000", "8000")}
    data = package(tmp_path / "small", bands)
    shown = run("uncertainty", "--data", data, "--samples", 4, "--trajectories", 2, "--lang", "ru")
    assert shown.exit_code == 0, shown.output
    for words in ("Главные показатели", "перевезено", "медиана", "Выводы", "группа показателей"):
        assert words in shown.stdout
    assert "в секунду" in shown.stderr


def test_differences_are_told_in_russian(small: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        run("plan", "--data", small, "--out", tmp_path / name, "--quiet")
    shown = run("diff", tmp_path / "a", tmp_path / "b", "--data", small, "--lang", "ru").stdout
    assert "Итоги" in shown
    assert "грузооборот, ткм" in shown


def test_things_are_named_in_the_reader_s_language() -> None:
    dataset = tables.read(None)
    named = Names(dataset, language("kk"))
    assert named.between("DOSTYK", "AKTOGAY") == "Достық - Ақтоғай"
    assert named.resource("rail:DOSTYK-AKTOGAY", "else") == "Достық - Ақтоғай (теміржол)"
    assert named.resource("load:any:rail:container@DOSTYK", "else") == "Достық, тиеу (теміржол)"
    assert named.resource("pool:unknown", "else") == "else"
    assert named.resource("bound:share:AKTAU", "else") == "else"
    assert named.closure("corridor + country", "R1 + KAZ").endswith(" + Қазақстан")
    assert named.closure("border", "DOSTYK - ALASHANKOU") == "Достық - Алашанькоу"
    assert named.place("NOWHERE") == "NOWHERE"
    assert named.way("rail by DOSTYK") == "теміржол, Достық арқылы"
    assert [named.way(one) for one in ("deep_sea", UNSERVED, UNASKED)] == [
        "теңіз, алыс жүзу",
        "тасымалданбаған",
        "сұралмаған",
    ]


@pytest.mark.parametrize("arguments", [["data", "tables"], ["--help"]])
def test_a_terminal_without_the_letters_is_told_so(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "corridors", *arguments, "--lang", "kk"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1251"}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert b"PYTHONUTF8=1" in done.stderr
    assert b"Traceback" not in done.stderr


def test_text_in_a_file_is_in_the_language_and_csv_is_not(small: Path, tmp_path: Path) -> None:
    run("plan", "--data", small, "--quiet", "--lang", "ru", "-o", tmp_path / "plan.txt")
    assert (tmp_path / "plan.txt").read_text(encoding="utf-8").startswith("Перевозки")
    run("plan", "--data", small, "--quiet", "--lang", "ru", "-o", tmp_path / "plan.csv")
    text = (tmp_path / "plan.csv").read_text(encoding="utf-8-sig")
    assert next(csv.reader(io.StringIO(text)))[:3] == ["corridor", "name_en", "mode"]
