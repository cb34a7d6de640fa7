"""`make newest` and `make oldest` run the tests that they name, and say so where one of them is not there."""

import runpy
from pathlib import Path

import pytest

TOOL = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "environments.py"))


def test_every_test_module_that_meets_libraries_is_there() -> None:
    files = TOOL["meeting"]()
    assert len(files) == len(set(files)) > 20
    assert all(path.is_file() for path in files)


def test_a_test_module_that_is_not_there_is_an_error() -> None:
    with pytest.raises(SystemExit, match=r"names what is not there: .*test_nothing\.py"):
        TOOL["meeting"]("cli/test_cli cli/test_nothing")
