"""The drawing program of pages: Vega, Vega-Lite and Vega-Embed as one script, which tools/vega.py bundles."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def vega() -> str:
    """Return the script with its licences; nothing in it ends a script element."""
    return (Path(__file__).parent / "vega.js").read_text(encoding="utf-8")
