"""What people download installs: the source distribution, and a checkout whose links became text files."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "plan", "*.egg-info")
NEEDED = (
    "tools/requirements.py",
    "benchmarks/run.py",
    "constraints.txt",
    "Makefile",
    "CONTRIBUTING.md",
    "tests/models/golden/build.lp",
)


def without_links(folder: Path) -> Path:
    """Copy the checkout as Windows and some archives unpack it: a link is a text file that holds where it led."""
    shutil.copytree(ROOT, folder, ignore=LEFT, symlinks=True)
    links = [path for path in folder.iterdir() if path.is_symlink()]
    assert {link.name for link in links} == {"data", "models"}
    for link in links:
        target = os.readlink(link)
        link.unlink()
        link.write_text(target, encoding="utf-8")
    return folder


def unpacked(folder: Path) -> Path:
    """Build the source distribution and unpack it."""
    command = [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    source = folder / archive.name.removesuffix(".tar.gz")
    assert [name for name in NEEDED if not (source / name).is_file()] == []
    return source


@pytest.mark.slow
@pytest.mark.parametrize("made", [unpacked, without_links])
def test_what_is_downloaded_installs_and_works(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    source = made(tmp_path / "source")
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run([*install, "--target", target, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in target.iterdir() if not path.name.endswith(".dist-info")) == [
        "bin",
        "corridors",
    ]
    empty = tmp_path / "empty"
    empty.mkdir()
    where = {**os.environ, "PYTHONPATH": str(target)}
    for words in (
        ["-c", f"import corridors; assert corridors.__file__.startswith({str(target)!r}), corridors.__file__"],
        ["-m", "corridors", "--help"],
        ["-m", "corridors", "data", "check"],
        ["-m", "corridors", "plan", "--quiet", "--out", "plan"],
    ):
        done = subprocess.run(
            [sys.executable, *words], cwd=empty, env=where, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (empty / "plan" / "summary.json").is_file()
