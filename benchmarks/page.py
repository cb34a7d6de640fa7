"""The report in a browser: milliseconds until its map answers, and until everything is drawn.

``python -m benchmarks.page REPORT.html [RUNS]`` prints them as JSON; needs Chromium, its driver and selenium.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from pathlib import Path

ARGUMENTS = ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "no-first-run")
LONGEST = 60.0


def opened(page: Path) -> tuple[float, float]:
    """Open the page in a browser of its own; give the two times, milliseconds from the start of its loading."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for argument in ARGUMENTS:
        options.add_argument(f"--{argument}")
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.get(page.resolve().as_uri())
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            told = driver.execute_script("const d = document.documentElement.dataset; return [d.interactive, d.ready]")
            if told[1]:
                return float(told[0]), float(told[1])
            time.sleep(0.05)
        raise TimeoutError(f"{page} is not drawn after {LONGEST:.0f} s")
    finally:
        driver.quit()


def main() -> None:
    """Open the page so many times, and print the medians."""
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    times = [opened(Path(sys.argv[1])) for _ in range(runs)]
    interactive, ready = (statistics.median(one) for one in zip(*times, strict=True))
    print(json.dumps({"runs": runs, "interactive_ms": interactive, "ready_ms": ready}))


if __name__ == "__main__":
    main()
