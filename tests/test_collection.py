"""The suite is the same whenever, wherever and by whichever process it is collected: pytest-xdist needs it to be."""

import os
import shutil
import subprocess
import sys
import time
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LEFT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "plan", "*.egg-info")
COLLECT = """
import os
if sys.argv[1] == "backwards":  # folders are listed in any order
    listed, scanned = os.listdir, os.scandir
    class Entries(list):
        def __enter__(self): return self
        def __exit__(self, *_): pass
        def close(self): pass
    os.listdir = lambda *where: listed(*where)[::-1]
    os.scandir = lambda *where: Entries(list(scanned(*where))[::-1])
import re, pytest
class Names:
    def pytest_collection_finish(self, session):
        for item in session.items:
            given = repr(getattr(getattr(item, "callspec", None), "params", None))
            given = re.sub(r" at 0x[0-9a-f]+", "", given).replace(os.getcwd(), ".")
            print("test", item.nodeid.encode("unicode_escape").decode(), given.encode("unicode_escape").decode())
words = ["-qq", "--collect-only", "-m", "slow or not slow", "-p", "no:cacheprovider", "--assert=plain"]  # none is run
sys.exit(pytest.main(words, plugins=[Names()]))
"""


def collected(folder: Path, way: str, seed: int) -> list[str]:
    """Return the name and the input of every test, slow ones too, in order."""
    words = [sys.executable, "-c", "import sys\n" + COLLECT, way]
    where = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, cwd=folder, env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if line.startswith("test ")]


@pytest.mark.slow
def test_tests_depend_neither_on_the_clock_nor_on_hash_seed_order_or_folder(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path / "elsewhere", ignore=LEFT, symlinks=True)
    began = time.monotonic()
    here = collected(ROOT, "forwards", 1)
    time.sleep(max(0.0, 2 - (time.monotonic() - began)))
    elsewhere = collected(tmp_path / "elsewhere", "backwards", 2)
    assert len(here) > 1000
    assert [pair for pair in zip_longest(here, elsewhere) if pair[0] != pair[1]][:3] == []
