"""The drawing program of pages: Vega, Vega-Lite and Vega-Embed as one script, as vl-convert carries them.

Bundling takes seconds and gives the same script until vl-convert changes, so it is kept among the user's caches. A page
hands its script to every reader, and its policy lets it run, so a kept one is never believed by what stands beside
it: whoever can write to the cache could write that, too. Its digest is here, for each version of vl-convert that was
tried; with any other version nothing is kept, and the script is bundled anew for each run of the program.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from corridors.errors import OutputError
from corridors.files import read_bytes
from corridors.output import new_file

LARGEST = 2**24  # bytes
DIGESTS = {  # SHA-256 of javascript_bundle(): tests/test_report.py computes that of the version at hand
    "1.7.0": "92d4a4f00b4aa942512304efb42b0ec17d93486a2a5a999b70a8d532c2f7b964",
    "1.8.0": "b11ae2116b4e9d1f5b2737febbc1ba91ea8ba36c110f5d14cefabaf401effa4d",
    "1.9.0": "3425bd951a44d478d0505c6b5d1e8d57656b6e9a4da7bfe88a718ce61d76e572",
    "1.9.0.post1": "3425bd951a44d478d0505c6b5d1e8d57656b6e9a4da7bfe88a718ce61d76e572",
}


@cache
def vega() -> str:
    """Return the script; nothing in it ends a script element."""
    carried = version("vl-convert-python")
    known = DIGESTS.get(carried)
    kept = _folder() / f"vega-of-vl-convert-{carried}.js"
    bundle = _read(kept, known) if known else None
    if bundle is None:
        import vl_convert  # a browser's engine: heavy, and only a first page and pictures need it

        bundle = str(vl_convert.javascript_bundle())  # type: ignore[call-arg] # its stub forgets the default
        if known and _digest(bundle.encode()) == known:
            with suppress(OutputError):  # a home that cannot be written costs seconds, no page
                new_file(kept, bundle.encode(), force=True)
    return bundle.replace("</script", "<\\/script")


def _folder() -> Path:
    """Return the user's folder for caches."""
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(named) if named else Path.home() / ".cache") / "corridors"


def _read(kept: Path, known: str) -> str | None:
    """Return a kept script if it is that very one."""
    with suppress(OSError):
        data = read_bytes(kept, most=LARGEST)
        return data.decode("utf-8") if _digest(data) == known else None
    return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
