"""Files and folders appear whole or not at all."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from corridors.errors import OutputError
from corridors.output import TemporaryFolder, csv_text, leftovers, new_file, new_folder, printable, safe_text


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
    with new_folder(folder, force=True) as work:
        fill(work, "new")
    assert (folder / "summary.json").read_text(encoding="utf-8") == "new"


def test_force_does_not_replace_a_folder_that_holds_no_plan(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no plan"), new_folder(tmp_path, force=True):
        pass
    assert (tmp_path / "precious.txt").exists()


def test_force_does_not_replace_a_plan_with_a_file_of_the_user_s(tmp_path: Path) -> None:
    with new_folder(tmp_path / "plan") as work:
        fill(work, "old")
    (tmp_path / "plan" / "notes.txt").write_text("mine")
    (tmp_path / "plan" / "photos").mkdir()
    with (
        pytest.raises(OutputError, match=r"holds notes\.txt, photos, which would be lost"),
        new_folder(tmp_path / "plan", force=True) as work,
    ):
        fill(work, "new")
    assert (tmp_path / "plan" / "summary.json").read_text(encoding="utf-8") == "old"
    assert (tmp_path / "plan" / "notes.txt").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


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


def killed(code: str) -> None:
    """Run Python that ends as if somebody had killed it."""
    done = subprocess.run([sys.executable, "-c", KILLED + code], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


KILLED = """
import os, signal
from pathlib import Path
from corridors.output import TemporaryFolder, leftovers, new_file, new_folder

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_run_left_goes_with_the_next_and_files_of_others_stay(tmp_path: Path) -> None:
    killed(f"with new_folder(Path({str(tmp_path / 'plan')!r})) as work:\n    (work / 'flows.csv').touch()\n    kill()")
    assert [path.is_dir() for path in tmp_path.iterdir()] == [True]
    killed(f"Path.write_bytes = kill\nnew_file(Path({str(tmp_path / 'page.html')!r}), b'x')")
    assert [path.is_file() for path in tmp_path.iterdir()] == [True]
    mine = [".plan.corridors-0123456789abcdef.txt", ".plan-old", "plan.corridors-0123456789abcdef"]
    for name in mine:
        (tmp_path / name).mkdir()
    (tmp_path / ".plan.corridors-fedcba9876543210").symlink_to(tmp_path / mine[0])
    new_file(tmp_path / "other.txt", b"x")
    assert {path.name for path in tmp_path.iterdir()} == {"other.txt", ".plan.corridors-fedcba9876543210", *mine}


def test_what_a_living_run_writes_is_left_alone(tmp_path: Path) -> None:
    with new_folder(tmp_path / "plan") as work:
        new_file(tmp_path / "other.txt", b"x")
        leftovers.clear(tmp_path)
        fill(work)
    assert {path.name for path in tmp_path.iterdir()} == {"plan", "other.txt"}


def test_a_temporary_folder_of_a_killed_run_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    killed("kept = TemporaryFolder()\n(kept.path / 'rows').touch()\nkill()")
    assert len(list(tmp_path.iterdir())) == 1
    with TemporaryFolder() as made:
        assert list(tmp_path.iterdir()) == [made]
    assert list(tmp_path.iterdir()) == []


def test_folders_are_exchanged_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not leftovers.exchange(tmp_path / "one", tmp_path / "other"):
        pytest.skip("this file system cannot")
    assert (tmp_path / "one" / "other").exists()
    assert (tmp_path / "other" / "one").exists()
    with pytest.raises(FileNotFoundError):
        leftovers.exchange(tmp_path / "one", tmp_path / "nowhere")


@pytest.mark.parametrize("step", [1, 2, 3])
def test_where_they_cannot_be_exchanged_the_old_one_is_put_back_or_the_new_one_is_there(
    step: int, tmp_path: Path
) -> None:
    folder = tmp_path / "plan"
    folder.mkdir()
    fill(folder, "old")
    killed(
        f"steps, move, remove = iter(range(9)), Path.rename, leftovers.shutil.rmtree\n"
        "leftovers.exchange = lambda *_: False\n"
        f"def until(*given, **named):\n    if next(steps) == {step}:\n        kill()\n    return move(*given)\n"
        "Path.rename, leftovers.shutil.rmtree = until, until\n"
        f"with new_folder(Path({str(folder)!r}), force=True) as work:\n    (work / 'summary.json').write_text('new')\n"
    )
    assert folder.exists() == (step != 2)
    leftovers.clear(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]
    assert (folder / "summary.json").read_text(encoding="utf-8") == ("new" if step == 3 else "old")


def test_a_folder_that_another_made_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "plan"

    def write() -> None:
        with new_folder(folder) as work:
            fill(work, "mine")
            folder.mkdir()
            fill(folder, "theirs")

    with pytest.raises(OutputError, match="was made by another meanwhile"):
        write()
    assert (folder / "summary.json").read_text(encoding="utf-8") == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["plan"]


@pytest.mark.parametrize("text", ["\x1b[2J", "\x07", "\x9b2J", "\u202egpj", "\udcff", "\r", "\u2028"])
def test_no_text_has_power_over_a_terminal(text: str) -> None:
    assert printable(text).isprintable()
    assert printable("Сиань, Әә, 中, a\tb\n") == "Сиань, Әә, 中, a\tb\n"
    assert printable("a\nb", lines=False) == "a\\nb"
