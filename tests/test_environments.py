"""`make newest` and `make oldest` run the tests that they name, and say so where one of them is not there."""

import runpy
from importlib import metadata
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


def test_versions_that_the_usual_tests_ran_with_are_told_from_others() -> None:
    here = {name: metadata.version(name) for name in ("numpy", "pytest-xdist")}
    same = "".join(f"{name}=={version}\n" for name, version in here.items())
    assert TOOL["unlike"](same + "corridors==7\npip==1\n") == []
    other = f"numpy=={here['numpy']}.1"
    assert TOOL["unlike"](f"{other}\nno-such-library==1.0\n{same}") == [other, "no-such-library==1.0"]
