"""The drawing program of pages: Vega, Vega-Lite and Vega-Embed as one script, as vl-convert carries them.

Bundling takes seconds and gives the same script until vl-convert changes, so it is kept among the user's caches.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from corridors.errors import OutputError
from corridors.output import new_file


@cache
def vega() -> str:
    """Give the script; nothing in it ends a script element."""
    kept = _folder() / f"vega-of-vl-convert-{version('vl-convert-python')}.js"
    if (script := _read(kept)) is not None:
        return script
    import vl_convert  # a browser's engine: heavy, and only a first page and pictures need it

    bundle = str(vl_convert.javascript_bundle())  # type: ignore[call-arg] # its stub forgets the default
    script = bundle.replace("</script", "<\\/script")
    with suppress(OutputError):  # a home that cannot be written costs seconds, no page
        new_file(kept, f"{_seal(script)}\n{script}".encode(), force=True)
    return script


def _folder() -> Path:
    """Give the user's folder for caches."""
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(named) if named else Path.home() / ".cache") / "corridors"


def _read(kept: Path) -> str | None:
    """Give a kept script if it is whole."""
    try:
        seal, _, script = kept.read_bytes().decode("utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return script if seal == _seal(script) else None


def _seal(script: str) -> str:
    return f"// {hashlib.sha256(script.encode()).hexdigest()}"
