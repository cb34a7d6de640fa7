"""Charts as files: PNG and SVG drawn without a browser, HTML that needs no network, and the bare specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.errors import OutputError
from corridors.output import new_file
from corridors.report import engine, page
from corridors.report.vegalite import Drawing, specification

if TYPE_CHECKING:
    from corridors.text.language import Language

SUFFIXES = (".png", ".svg", ".html", ".json")
SHARP = 2.0  # pixels of a PNG for each of the chart's


def save(chart: Drawing, file: Path, say: Language, *, force: bool = False) -> None:
    """Write a chart as its file's suffix says: one of `SUFFIXES`.

    Raises
    ------
    OutputError
        If the suffix is another, the file exists without `force`, or it cannot be written.
    ExtraMissing
        If it is a picture, and the extra `pictures` is not installed.
    """
    suffix = check_suffix(file)
    spec = specification(chart, say)
    if suffix == ".html":
        content = page.alone(spec, say).encode()
    elif suffix == ".json":
        content = json.dumps(spec, ensure_ascii=False).encode()
    else:
        content = _picture(spec, suffix)
    new_file(file, content, force=force)


def check_suffix(file: Path) -> str:
    """Return the file's suffix, in small letters.

    Raises
    ------
    OutputError
        If it is none of `SUFFIXES`.
    """
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(f"{file}: a chart is written as {', '.join(SUFFIXES)}; give the file one of these endings")
    return suffix


def _picture(spec: dict[str, Any], suffix: str) -> bytes:
    what, instead = f"a chart as {suffix[1:].upper()}", "give the file the ending .html"
    if suffix == ".png":
        return engine.png(spec, SHARP, what, instead)
    return engine.svg(spec, what, instead).encode()
