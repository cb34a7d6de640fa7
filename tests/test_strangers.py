"""Whatever stands in the place of a file: no hang, no memory filled, nothing of the machine led out, one sentence."""

from __future__ import annotations

import ast
import gzip
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corridors import exchange, export, planning, scenario, tables
from corridors.cli import main
from corridors.errors import DataError, ScenarioError
from corridors.network.builder import build
from corridors.scenario import lookup
from corridors.tables import licence, parsing, validation

PACKAGE = Path(__file__).parents[1] / "corridors"
SECRET = "TOP-SECRET"  # noqa: S105 - a word to look for
BOM = b"\xef\xbb\xbf"


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(autouse=True)
def nothing_hangs() -> Iterator[None]:
    """End the run if a test waits for a pipe that nobody writes to."""
    timer = threading.Timer(60, os._exit, [9])
    timer.start()
    yield
    timer.cancel()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link(path: Path) -> None:
    secret = path.parents[1] / f"secret{path.suffix}"
    secret.write_text(SECRET, encoding="utf-8")
    path.symlink_to(secret)


def folder_(path: Path) -> None:
    path.mkdir()


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**28 + 1)  # a hole: it takes no room


def nowhere(path: Path) -> None:
    path.symlink_to("gone")


ODD: list[tuple[Callable[[Path], None], str]] = [
    (pipe, "a named pipe, not an ordinary file"),
    (device, "a link to a file outside"),
    (link, "a link to a file outside"),
    (folder_, "a folder, not an ordinary file"),
    (large, "larger than"),
    (nowhere, "No such file"),
]


@pytest.mark.parametrize(("put", "words"), ODD)
@pytest.mark.parametrize("name", ["nodes.csv", "pools.csv", "datapackage.json", "LICENSE.md"])
def test_a_file_of_a_package_is_an_ordinary_file_inside_it(
    folder: Path, name: str, put: Callable[[Path], None], words: str
) -> None:
    (folder / name).unlink(missing_ok=True)
    put(folder / name)
    sentences = [str(fault) for fault in validation.check(folder) if fault.file == name]
    assert len(sentences) == 1
    assert sentences[0].startswith(f"{name}: found {words}")
    assert SECRET not in sentences[0]
    with pytest.raises(DataError):
        tables.read(folder)


@pytest.mark.parametrize(("put", "words"), ODD)
def test_a_scenario_of_a_package_is_an_ordinary_file_inside_it(
    folder: Path, put: Callable[[Path], None], words: str
) -> None:
    (folder / "scenarios").mkdir()
    odd = folder / "scenarios" / "a.toml"
    put(odd)
    if put is link:
        (folder / "secret.toml").unlink()
        (folder.parent / "secret.toml").write_text("", encoding="utf-8")
        odd.unlink()
        odd.symlink_to(folder.parent / "secret.toml")
    with pytest.raises(ScenarioError, match=words):
        scenario.apply(tables.read(folder), ["a"])
    with pytest.raises(ScenarioError, match=words):
        scenario.listed(folder)


@pytest.mark.parametrize(("put", "words"), [(pipe, "a named pipe"), (folder_, "a folder"), (device, "a device")])
def test_a_scenario_file_that_is_named_is_an_ordinary_file(
    folder: Path, tmp_path: Path, put: Callable[[Path], None], words: str
) -> None:
    put(tmp_path / "a.toml")
    done = run("plan", "--data", folder, "--scenario", tmp_path / "a.toml", "--quiet")
    assert done.exit_code == 2
    assert words in done.output
    assert done.output.count("\n") == 1


@pytest.mark.parametrize("put", [pipe, device, folder_])
@pytest.mark.parametrize("name", ["net.tntp", "node.csv.gz"])
def test_a_network_is_an_ordinary_file(tmp_path: Path, name: str, put: Callable[[Path], None]) -> None:
    put(tmp_path / name)
    if put is folder_:
        (tmp_path / name / "nodes.csv").symlink_to("/dev/zero")
    with pytest.raises(DataError):
        exchange.open_problem(tmp_path / name)


def test_a_gzipped_package_leads_nowhere(folder: Path) -> None:
    (folder.parent / "secret.csv").write_bytes(gzip.compress((folder / "nodes.csv").read_bytes()))
    (folder / "nodes.csv").unlink()
    (folder / "nodes.csv.gz").symlink_to(folder.parent / "secret.csv")
    (folder / "pools.csv.gz").write_bytes(gzip.compress((folder / "pools.csv").read_bytes()))
    (folder / "pools.csv").unlink()
    with pytest.raises(DataError, match="a link to a file outside"):
        exchange.open_problem(folder)


def test_no_file_of_the_machine_comes_into_an_export(folder: Path, tmp_path: Path) -> None:
    net = build(tables.read(folder))
    plan = planning.plan(net)
    link(folder / "LICENSE.md")  # put there after the package was read
    for door in (
        lambda: licence.paragraphs(folder),
        lambda: export.write(plan, net, "geojson", tmp_path / "a.geojson"),
        lambda: tables.read(folder),
    ):
        with pytest.raises(DataError, match=r"LICENSE.md: found a link to a file outside"):
            door()
    assert not (tmp_path / "a.geojson").exists()


def test_a_notice_is_handed_on_as_plain_text(folder: Path) -> None:
    (folder / "LICENSE.md").write_bytes(BOM + "Made by \x1b[31mus\u202e.\n\nAll of it.\n".encode())
    assert licence.paragraphs(folder) == ["Made by [31mus.", "All of it."]
    assert validation.check(folder) == []


def test_our_own_files_may_be_linked_by_an_installer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = tmp_path / "data"
    linked.mkdir()
    for path in tables.embedded().iterdir():
        (linked / path.name).symlink_to(path)
    monkeypatch.setattr("corridors.tables.dataset.embedded", lambda: linked)
    for module in (parsing, lookup):
        monkeypatch.setattr(module, "EMBEDDED", linked)
    assert tables.read()["nodes"].equals(tables.read(linked)["nodes"])
    assert scenario.listed(linked)


# ---- descriptors


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"title": "a", "title": "b"}', "found the key 'title' twice, expected each key once"),
        (b'{"resources": [{"x": 1, "x": 2}]}', "found the key 'x' twice"),
        (b'{"base_year": NaN}', "found NaN, expected JSON, which has no such number"),
        (b'{"x": -Infinity}', "found -Infinity"),
        (b'{"base_year": ' + b"9" * 400 + b"}", "found a number of 400 digits"),
        (b'{"base_year": ' + b"9" * 5000 + b"}", "found a number of 5000 digits"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"{", "text that is no JSON"),
        (b"", "an empty file, expected a JSON object"),
        ('{"title": "a"}'.encode("utf-16"), "text in UTF-16, expected UTF-8"),
        ('{"title": "Коридоры"}'.encode("cp1251"), "Windows-1251"),
        (b'{"title": "a\\u001b[31m"}', "column title: found 'a\\x1b[31m', expected plain text in one line"),
        (b'{"title_ru": "a\\nb"}', "column title_ru: found 'a\\x0ab'"),
        (b'{"title": "\\ud800"}', "column title: found '\\xd800'"),
        (b'{"title": "a\\u202eb"}', "column title: found 'a\\x202eb'"),
        (b'{"licenses": [{"title": "\\u0007"}]}', "column licenses: found '\\x07'"),
        (b'{"sources": [{"title": "\\u0007"}]}', "column sources: found '\\x07'"),
        (b'{"home_country": "\\u001b"}', "column home_country"),
        (b'{"home_country": {"a": {}}}', "column home_country"),
    ],
)
def test_a_descriptor_that_is_not_plain_json_is_named(folder: Path, data: bytes, words: str) -> None:
    (folder / "datapackage.json").write_bytes(data)
    [fault] = validation.check(folder)
    assert words in str(fault)
    assert str(fault).isprintable()


def test_a_descriptor_with_a_byte_order_mark_is_read_by_all(folder: Path, tmp_path: Path) -> None:
    said = {"base_year": 2024, "title": "Earth & sea", "licenses": [{"name": "MIT"}]}
    (folder / "datapackage.json").write_bytes(BOM + json.dumps(said).encode())
    assert run("data", "check", folder).exit_code == 0
    assert run("plan", "--data", folder, "--out", tmp_path / "p", "--quiet").exit_code == 0
    done = run("export", tmp_path / "p", "--data", folder, "-o", tmp_path / "a.geojson")
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert "Earth & sea" in json.dumps(told)
    assert "MIT" in json.dumps(told)


# ---- no other door

OWN = {  # what is opened without the reader, and why that may be: `module: call`
    "files": {"os.open", "os.fdopen"},  # the reader itself
    "output.leftovers": {"os.open"},  # locks and folders
    "cli.streams": {"open", "os.open"},  # the program's own streams
    "models.highs": {"os.open"},  # the null device
    "tables.schema": {"(EMBEDDED / 'datapackage.json').read_text"},
    "tables.dataset": {  # the embedded package, against its seal
        "(path / f'{name}.csv').read_bytes",
        "(path / PACKAGE).read_text",
        "(path / SEAL).read_text",
        "(dataset.path / PACKAGE).read_bytes",
    },
    "sheets.sheet": {"(Path(__file__).parents[1] / dictionary).read_text"},
    "planning.planner": {"(Path(__file__).parent / 'plan.datapackage.json').read_text"},
    "estimation.folder": {"(Path(__file__).parent / 'estimate.datapackage.json').read_text"},
    "report.projection": {"(Path(__file__).parent / WORLD).read_text"},
    "report.vega": {"(Path(__file__).parent / 'vega.js').read_text"},
    "report.printing": {"target.read_bytes"},  # that the browser wrote a moment before, in a folder of its own
    "report.page": {"(HERE / 'page.js').read_text", "(HERE / 'page.css').read_text"},
    "exchange.numbers": {"gzip.open"},  # of bytes that were read
    "tables.xlsx": {"self._archive.open"},  # parts of a workbook whose bytes were read
    "export.gpkg": {"path.read_bytes"},  # that was written a moment before, in a folder of its own
    "text.language": set(),
}
ELSEWHERE = {"sweep.store"}  # rows of a sweep come as a stream, from an ordinary file that it sees to itself


def opened(path: Path) -> set[str]:
    """Return the calls of a module that open files or read them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        ours = called in ("read_bytes", "read_text", "files.read_bytes", "files.read_text")
        if not ours and name in (
            "open",
            "fdopen",
            "read_bytes",
            "read_text",
            "read_csv",
            "fromfile",
            "loadtxt",
        ):
            from_memory = node.args and ast.unparse(node.args[0]).startswith("io.")
            if not (name == "read_csv" and from_memory):
                found.add(called)
    return found


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(PACKAGE.rglob("*.py")) if "data" not in path.relative_to(PACKAGE).parts],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_files_of_strangers_come_in_by_one_door(path: Path) -> None:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    if name not in ELSEWHERE:
        assert opened(path) <= OWN.get(name, set())
