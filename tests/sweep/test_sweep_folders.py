"""What is in a sweep's folder is not believed unless this sweep wrote it, and what somebody else wrote stays."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from commands import run
from sweeping_tasks import squares

from corridors import stress, sweep
from corridors.cli.estimate import LEFT_OUT
from corridors.cli.stress import TABLE
from corridors.errors import OutputError
from corridors.sweep import store
from corridors.sweep.sweep import Sweep, SweepProgress
from corridors.sweep.tasks import Seal
from corridors.text.choices import UNCERTAINTY_TABLES
from corridors.uncertainty import experiment as uncertainty

MANY = 6


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def swept(tmp_path: Path) -> Path:
    """Return the folder of a finished sweep."""
    sweep.run(squares(MANY), tmp_path / "swept")
    return tmp_path / "swept"


def resumed(one: Sweep, folder: Path) -> int:
    """Run a sweep and give how many of its rows were believed."""
    told: list[SweepProgress] = []
    sweep.run(one, folder, progress=told.append)
    return told[0].resumed


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text(encoding="utf-8").splitlines()]


def write(folder: Path, rows: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")


def changed(rows: list[dict[str, Any]]) -> None:
    rows[2]["y"] *= 100


def swapped(rows: list[dict[str, Any]]) -> None:
    rows[2]["y"], rows[3]["y"] = rows[3]["y"], rows[2]["y"]


def renumbered(rows: list[dict[str, Any]]) -> None:
    rows[2]["task"], rows[3]["task"] = 3, 2


def other_task(rows: list[dict[str, Any]]) -> None:
    rows[2]["x"] = 5.0


def unchecked(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        del row["check"]


def emptied(rows: list[dict[str, Any]]) -> None:
    rows[:] = [{"task": row["task"], "check": row["check"]} for row in rows]


def failed(rows: list[dict[str, Any]]) -> None:
    rows[2] = {"task": 2, "x": rows[2]["x"], "failed": "nothing came of it", "check": rows[2]["check"]}


def added(rows: list[dict[str, Any]]) -> None:
    rows[2] = {**{key: value for key, value in rows[2].items() if key != "check"}, "more": 1, "check": "0" * 32}


@pytest.mark.parametrize(
    ("change", "believed"),
    [
        (changed, 5),
        (swapped, 4),
        (renumbered, 4),
        (other_task, 5),
        (unchecked, 0),
        (emptied, 0),
        (failed, 5),
        (added, 5),
    ],
)
def test_a_row_that_was_changed_is_solved_again(
    swept: Path, change: Callable[[list[dict[str, Any]]], None], believed: int
) -> None:
    before = contents(swept)
    rows = lines(swept)
    change(rows)
    write(swept, rows)
    assert contents(swept) != before
    assert resumed(squares(MANY), swept) == believed
    assert contents(swept) == before


def test_rows_of_another_sweep_are_not_believed(swept: Path, tmp_path: Path) -> None:
    before = contents(swept)
    sweep.run(squares(MANY + 1), tmp_path / "other")
    (swept / "rows.jsonl").write_bytes((tmp_path / "other" / "rows.jsonl").read_bytes())
    assert resumed(squares(MANY), swept) == 0
    assert contents(swept) == before


@pytest.mark.parametrize(
    "odd",
    [
        *('{"task": Infinity}', '{"task": NaN}', '{"task": 1e400}', '{"task": true}', '{"task": "2"}'),
        *('{"task": null}', '{"task": -1}', '{"task": 99}', '{"task": ' + "9" * 5000 + "}", "[" * 100_000),
        *('{"task": [', "null", "[]", "3", '"task"', "{}", "", " ", "\x00", "\x1b[2J", '{"task": 1, "task": 2}'),
        *('{"task": 2, "check": "' + "0" * 32 + '"}', '{"check": "x"}', '{"task": 2, "check": 5}'),
        *("\ud800".encode("utf-8", "surrogatepass"), b"\xff\xfe", b"x" * 200_000),
    ],
    ids=lambda one: repr(one[:20]),
)
@pytest.mark.parametrize("end", [b"\n", b""])
def test_odd_rows_are_passed_over(swept: Path, odd: str | bytes, end: bytes) -> None:
    before = contents(swept)
    line = odd if isinstance(odd, bytes) else odd.encode()
    sound = before["rows.jsonl"].splitlines(keepends=True)
    (swept / "rows.jsonl").write_bytes(b"".join([sound[3], line, b"\n", *sound[:2], line, end]))
    assert resumed(squares(MANY), swept) == 3
    assert contents(swept) == before


@pytest.mark.parametrize(
    "text",
    [
        *("[1]", "{}", '{"kind": "x", "digest": "y", "identity": [1]}'),
        *('{"kind": 1, "digest": "y", "identity": {}}', '{"kind": "x", "digest": [], "identity": {}}'),
        *("[" * 100_000, "", "null", "\x00", '{"kind": "x", "digest": "y", "identity": ' + "9" * 5000 + "}"),
    ],
    ids=lambda one: repr(one[:44]),
)
@pytest.mark.parametrize("force", [False, True])
def test_a_manifest_that_is_none_is_a_folder_of_something_else(swept: Path, text: str, *, force: bool) -> None:
    (swept / "sweep.json").write_text(text, encoding="utf-8")
    before = contents(swept)
    with pytest.raises(OutputError, match="holds something else than a sweep"):
        sweep.run(squares(MANY), swept, force=force)
    assert contents(swept) == before


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("listed", [[], ["notes.txt", "photos"], "notes.txt", 5, None])
def test_the_user_s_own_files_are_never_removed(tmp_path: Path, listed: object, *, force: bool) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "notes.txt").write_text("thesis", encoding="utf-8")
    (tmp_path / "photos" / "a").write_text("x", encoding="utf-8")
    other = {"kind": "stress", "digest": "x", "identity": {}, "files": listed}
    (tmp_path / "sweep.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(OutputError, match=r"beside it notes.txt, photos, which no sweep wrote: move that away"):
        sweep.run(squares(MANY), tmp_path, force=force)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "notes.txt", "photos", "sweep.json"]


def test_files_beside_the_same_sweep_stay(swept: Path) -> None:
    (swept / "notes.txt").write_text("mine", encoding="utf-8")
    assert resumed(squares(MANY), swept) == MANY
    assert (swept / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_names_that_move_a_terminal_are_written_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "x\x1b[2Jy").write_text("mine", encoding="utf-8")
    other = {"kind": "\x9bstress", "digest": "x", "identity": {"a\x1b[31m": "\x9b"}}
    (tmp_path / "sweep.json").write_text(json.dumps(other, ensure_ascii=False), encoding="utf-8")
    for rows in ("", "x\n"):
        (tmp_path / "rows.jsonl").write_text(rows, encoding="utf-8")
        with pytest.raises(OutputError) as error:
            sweep.run(squares(MANY), tmp_path)
        assert str(error.value).isprintable()


def link(path: Path) -> None:
    path.symlink_to(path.parent.parent / "victim")


def hard_link(path: Path) -> None:
    path.hardlink_to(path.parent.parent / "victim")


@pytest.mark.parametrize("kind", [link, hard_link, os.mkfifo, Path.mkdir], ids=["link", "hard link", "pipe", "folder"])
@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.new", "sweep.json.new"])
@pytest.mark.parametrize("same", [True, False])
def test_nothing_is_written_through_what_is_no_ordinary_file(
    swept: Path, tmp_path: Path, kind: Callable[[Path], None], name: str, *, same: bool
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes((swept / "rows.jsonl").read_bytes())
    (swept / name).unlink(missing_ok=True)
    kind(swept / name)
    before = victim.read_bytes()
    with pytest.raises(OutputError):
        sweep.run(squares(MANY if same else MANY + 1), swept, force=True)
    assert victim.read_bytes() == before
    assert stat.S_ISREG(victim.lstat().st_mode)
    assert os.path.lexists(swept / name)


def forged(one: Sweep, folder: Path, number: int, row: Mapping[str, Any]) -> None:
    """Put a row into a folder whose checksum is right, as somebody can who reads the program."""
    digest = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))["digest"]
    text = json.dumps({"task": number, **one.tasks[number], **row}, ensure_ascii=False)
    line = Seal(digest, one.tasks, one.sound).sealed(number, text)
    (folder / "rows.jsonl").write_text(line + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["extra_usd", "extra_days", "gap", "where", "failed", "diverted_to", "taken_over_by", "more", ""]
)
def test_a_closure_with_values_of_other_kinds_is_solved_again(folder: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out"
    words = "stress", "--data", folder, "--kind", "link", "--quiet", "--out", out
    assert run(*words).exit_code == 0
    before = contents(out)
    base = stress.prepare(stress.StressSettings(data=str(folder.resolve()), kinds=("link",)))
    row = {key: value for key, value in lines(out)[0].items() if key not in ("task", "check", "kind", "closed")}
    if name:
        row[name] = 5 if name in ("where", "failed", "diverted_to", "taken_over_by") else "=1+1"
    else:
        row = {}
    tasks = [{"kind": one["kind"], "closed": one["closed"]} for one in lines(out)]
    forged(Sweep("stress", {}, stress.prepare, (base.settings,), stress.solve, tasks), out, 0, row)
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert contents(out) == before


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"gap": 0.0},
        {"gap": "x", "headlines": []},
        {"gap": 0.0, "headlines": []},
        {"gap": 0.0, "headlines": "text"},
        {"gap": 0.0, "headlines": ["=1"] * 1000},
        {"gap": 0.0, "headlines": None},
        {"gap": 10**400, "headlines": []},
        {"failed": 5},
        {"failed": "x", "gap": 0.0},
        {"gap": 0.0, "headlines": {"0": 1}},
    ],
    ids=str,
)
def test_a_sample_with_values_of_other_kinds_is_not_believed(row: dict[str, Any]) -> None:
    seal = Seal("", [{}], partial(uncertainty._sound, 3))
    line = seal.sealed(0, json.dumps({"task": 0, **row}))
    assert seal.read(line.encode() + b"\n") == (-1, False)


def test_a_sample_with_all_its_figures_is_believed() -> None:
    seal = Seal("", [{}], partial(uncertainty._sound, 3))
    line = seal.sealed(0, json.dumps({"task": 0, "gap": 1e-9, "headlines": [1.0, None, 3]}))
    assert seal.read(line.encode() + b"\n") == (0, False)


def test_the_tables_beside_the_rows_are_not_written_through_links(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    out = tmp_path / "out"
    words = "stress", "--data", folder, "--kind", "link", "--quiet", "--out", out
    assert run(*words).exit_code == 0
    for name in ("stress.csv", "stress.csv.new"):
        (out / name).unlink(missing_ok=True)
        (out / name).symlink_to(victim)
        done = run(*words)
        assert done.exit_code == 2
        assert "is not an ordinary file; move it away" in done.stderr
        (out / name).unlink()
    assert victim.read_text(encoding="utf-8") == "mine"
    assert run(*words).exit_code == 0


def test_force_takes_the_place_of_a_sweep_with_its_tables(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = "stress", "--data", folder, "--quiet", "--out", out, "--kind"
    assert run(*words, "link").exit_code == 0
    assert run(*words, "border").exit_code == 2
    assert run(*words, "border", "--force").exit_code == 0
    assert sorted(contents(out)) == ["rows.jsonl", "stress.csv", "sweep.json"]
    assert "border" in (out / "stress.csv").read_text(encoding="utf-8")


def test_every_table_of_an_uncertain_plan_is_a_file_of_its_sweep() -> None:
    written = {
        "stress": (TABLE,),
        "estimate": (LEFT_OUT,),
        "uncertainty": tuple(f"{name}.csv" for name in UNCERTAINTY_TABLES),
    }
    assert written == store.BESIDE
