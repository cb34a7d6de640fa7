"""The modules of the benchmarks, which are no part of the installed package; a source distribution has none."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


def of(module: str) -> ModuleType:
    """Import a module of the benchmarks by its path, or skip the tests of it where there are none."""
    if not FOLDER.is_dir():
        pytest.skip("there are no benchmarks here", allow_module_level=True)
    if "benchmarks" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "benchmarks", FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
        )
        assert spec is not None
        assert spec.loader is not None
        package = importlib.util.module_from_spec(spec)
        sys.modules["benchmarks"] = package
        spec.loader.exec_module(package)
    return importlib.import_module(f"benchmarks.{module}")
