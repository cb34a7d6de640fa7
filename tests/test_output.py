"""Files and folders appear whole or not at all."""

import os
from pathlib import Path

import pandas as pd
import pytest

from corridors.errors import OutputError
from corridors.output import csv_text, new_folder, safe_text


def fill(folder: Path, text: str = "{}") -> None:
    (folder / "summary.json").write_text(text, encoding="utf-8")


def test_a_new_folder_holds_what_was_written(tmp_path: Path) -> None:
    with new_folder(tmp_path / "deep" / "plan") as work:
        fill(work)
    assert [path.name for path in (tmp_path / "deep" / "plan").iterdir()] == ["summary.json"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["plan"]


def test_an_existing_folder_is_kept_without_force(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    fill(folder, "old")
    with (
        pytest.raises(OutputError, match="exists already; choose another folder, or replace it with --force"),
        new_folder(folder),
    ):
        pass
    assert (folder / "summary.json").read_text(encoding="utf-8") == "old"


def test_force_replaces_a_plan(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    fill(folder, "old")
    (folder / "stale.csv").write_text("x", encoding="utf-8")
    with new_folder(folder, force=True) as work:
        fill(work, "new")
    assert (folder / "summary.json").read_text(encoding="utf-8") == "new"
    assert not (folder / "stale.csv").exists()


def test_force_does_not_replace_a_folder_that_holds_no_plan(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no plan"), new_folder(tmp_path, force=True):
        pass
    assert (tmp_path / "precious.txt").exists()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_run_leaves_the_old_folder_and_nothing_else(tmp_path: Path, fault: type[BaseException]) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    fill(folder, "old")

    def stop_midway() -> None:
        with new_folder(folder, force=True) as work:
            fill(work, "new")
            raise fault

    with pytest.raises(fault):
        stop_midway()
    assert (folder / "summary.json").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="not a folder"), new_folder(tmp_path / "plan", force=True):
        pass


def test_a_full_disk_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    def fill_up(folder: Path) -> None:
        with new_folder(folder), Path("/dev/full").open("w", encoding="utf-8") as full:
            full.write("x" * 100_000)

    with pytest.raises(OutputError, match="No space left on device; nothing was changed"):
        fill_up(tmp_path / "plan")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_as_readable_as_any_other(tmp_path: Path) -> None:
    with new_folder(tmp_path / "plan") as work:
        fill(work)
    (tmp_path / "usual").mkdir()
    assert os.stat(tmp_path / "plan").st_mode == os.stat(tmp_path / "usual").st_mode


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_text_that_begins_like_a_formula_is_quoted(text: str) -> None:
    assert safe_text(text) == "'" + text
    assert csv_text(pd.DataFrame({"a": [text]})).splitlines()[0] == "a"
    assert "'" + text.strip() in csv_text(pd.DataFrame({"a": [text]})).replace("\t", "").replace("\r", "")


def test_numbers_are_not_text(tmp_path: Path) -> None:
    assert csv_text(pd.DataFrame({"a": [-1.5], "b": ["x"]})) == "a,b\n-1.5,x\n"
