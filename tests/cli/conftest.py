"""What tests of commands start from."""

from __future__ import annotations

from pathlib import Path

import pytest
from estimable import estimable
from networks import PLANAR, put, tntp
from uncertain import LOADING, SPEED, package


@pytest.fixture
def place(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with all that the commands of `printing.TABLES` need."""
    monkeypatch.chdir(tmp_path)
    folder.rename("DATA")
    package(tmp_path / "UNSURE", {LOADING: ("assumed", "2", "5"), SPEED: ("observed", "45", "55")})
    estimable(tmp_path / "COUNTED")
    closed = "title = 'Closed'\n[[change]]\ntable = 'links'\nwhere = { link = 'rail:MIDTOWN-LANDING' }\nclose = true\n"
    (tmp_path / "closed.toml").write_text(closed, encoding="utf-8")
    put(tmp_path / "small.txt", PLANAR)
    tntp(tmp_path)
    return tmp_path
