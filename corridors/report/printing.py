"""The report on paper: a page without scripts, its charts drawn beforehand, printed by a browser without a network.

A browser lays out text in every script and breaks sheets; it is there on most desks, and Debian has one. The charts are
drawn before it starts, so none is blank, and nothing in the page can run.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corridors.errors import OutputError
from corridors.output import TemporaryFolder
from corridors.report.engine import svg

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PLACES = (  # where browsers are that no search path leads to
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
ARGUMENTS = (
    *(
        "--headless=new",
        "--disable-gpu",
        "--no-first-run",
        "--disable-extensions",
        "--disable-sync",
        "--no-pdf-header-footer",
    ),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no address is ever asked for
)
SECONDS = 180
PDF = ".pdf"
A4 = 700  # pixels between the margins
HIGH = 420  # pixels of the map


def browser() -> str:
    """Return the program that prints.

    Raises
    ------
    OutputError
        If there is none.
    """
    found = next(filter(None, map(shutil.which, BROWSERS)), None) or next(filter(os.path.exists, PLACES), None)
    if found is None:
        raise OutputError(
            "a PDF is printed by a browser, and none is found (Chromium, Chrome or Edge): install one "
            "(Debian: apt-get install chromium), or give the file the ending .html and print it where there is one"
        )
    return found


def pictures(specs: Mapping[str, dict[str, Any]], names: Sequence[str] = ()) -> dict[str, str]:
    """Draw charts as wide as a sheet, and return each as the address of a picture that holds it.

    Parameters
    ----------
    specs
        Charts as Vega-Lite, by name.
    names
        Which to draw; all if there are none.

    Raises
    ------
    ExtraMissing
        If the extra `pictures` is not installed.
    """
    found = {}
    for name in names or specs:
        if name in specs:
            fitted = {**specs[name], "width": A4, "autosize": {"type": "fit-x", "contains": "padding"}}
            fitted.pop("title", None)
            if name == "map":
                fitted |= {"height": HIGH, "padding": 0}
            drawn = svg(fitted, "a PDF", "give the file the ending .html").encode()
            found[name] = "data:image/svg+xml;base64," + base64.b64encode(drawn).decode()
    return found


def printed(page: str) -> bytes:
    """Print a page as PDF.

    Raises
    ------
    OutputError
        If there is no browser, or it does not print.
    """
    program = browser()
    with TemporaryFolder() as folder:
        source, target = folder / "page.html", folder / "page.pdf"
        source.write_text(page, encoding="utf-8")
        command = [program, *ARGUMENTS, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}"]
        if sys.platform == "linux" and os.geteuid() == 0:
            command.append("--no-sandbox")  # it refuses the administrator one; the page has no script to hold
        try:
            done = subprocess.run(  # noqa: S603 - a browser by its name, a page of our own
                [*command, source.as_uri()], capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise OutputError(f"{program} did not print within {SECONDS} seconds: {_instead()}") from error
        if not target.exists():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise OutputError(f"{program} did not print ({said[-1] if said else 'it said nothing'}): {_instead()}")
        return target.read_bytes()


def _instead() -> str:
    return "give the file the ending .html and print it from a browser"


def suffix_of(file: Path, *, summary: bool) -> str:
    """Return the ending of a report's file, in small letters: .pdf, or another, which is a page.

    Raises
    ------
    OutputError
        If a summary is asked for that is no PDF.
    """
    suffix = file.suffix.lower()
    if summary and suffix != PDF:
        raise OutputError(f"{file}: a summary is printed on two sheets; give the file the ending .pdf")
    return suffix
