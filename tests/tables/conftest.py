"""What tests of data packages start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import small_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small data package, complete with its provenance."""
    return small_dataset(tmp_path / "package")
