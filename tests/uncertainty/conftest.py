"""What tests of uncertainty start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from uncertain import DEMAND, HANDLING, LOADING, SPEED, package, shared_of

from corridors import uncertainty as runs


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """Return a package in which four figures, each alone in its group, are uncertain."""
    bands = {
        LOADING: ("assumed", "2.9", "3.2"),
        HANDLING: ("observed", "0.5", "2"),
        SPEED: ("recalled", "49", "52"),
        DEMAND: ("derived", "6000", "6000"),
    }
    return package(tmp_path / "one", bands)


@pytest.fixture(scope="module")
def whole() -> runs.Shared:
    """Prepare a run over the embedded package."""
    return shared_of(None)
