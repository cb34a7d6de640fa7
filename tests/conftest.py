"""What several test files start from."""

from pathlib import Path

import pytest
from small import small_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a small data package whose numbers a test may change: it has no provenance to contradict."""
    made = small_dataset(tmp_path / "small")
    (made / "provenance.csv").unlink()
    (made / "sources.csv").unlink()
    return made
