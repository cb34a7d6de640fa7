"""A scenario file, and a demand of a later year, for the small data package."""

from __future__ import annotations

from pathlib import Path

LATER = {"origin": "LANDING", "destination": "HARBOUR", "commodity": "container_high", "reservation_usd_per_t": "400"}


def changed(tmp_path: Path, head: str = "", name: str = "changed", by: float = 1.1) -> Path:
    """Write a scenario that scales the export of grain, after the lines of `head`, and return its file."""
    change = f"[[change]]\ntable = 'demand'\nwhere = {{ demand = 'grain:export' }}\nscale = {{ kt = {by} }}\n"
    (tmp_path / f"{name}.toml").write_text(f"{head}\n{change}", encoding="utf-8")
    return tmp_path / f"{name}.toml"
