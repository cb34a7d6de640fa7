"""A real browser for tests: Chromium without a screen and without a network."""

import base64
import io
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ARGUMENTS = (
    *("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "no-first-run"),
    *("disable-quic", "disable-component-update", "disable-sync", "disable-dev-shm-usage"),
)
DRIVER = shutil.which("chromedriver")
MUST = "CORRIDORS_BROWSER"  # set where a missing browser is a fault, as in continuous integration


def needed() -> None:
    """Skip where there is no browser, and fail where there must be one."""
    if DRIVER is None:
        if os.environ.get(MUST):
            pytest.fail(f"{MUST} is set and there is no chromedriver")
        pytest.skip("needs Chromium and its driver (Debian: apt-get install chromium chromium-driver)")


@contextmanager
def opened(page: Path, width: int, height: int = 1000) -> Iterator["Browser"]:
    """Open a page from its file, with networking off, in a window of so many pixels."""
    needed()
    options = webdriver.ChromeOptions()
    for argument in ARGUMENTS:
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        driver.execute_cdp_cmd("Network.enable", {})
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
        driver.get(page.resolve().as_uri())
        browser = Browser(driver, page)
        browser.wait("return document.documentElement.dataset.ready")
        yield browser
    finally:
        driver.quit()


class Browser:
    """A page that is open."""

    def __init__(self, driver: webdriver.Chrome, page: Path) -> None:
        self.driver, self.page = driver, page

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page and give what it returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, script: str, seconds: float = 60.0) -> Any:
        """Run a script until it returns something true."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := self.run(script):
                return found
            time.sleep(0.02)
        raise AssertionError(f"{self.page.name} never came to: {script}; it said {self.complaints()}")

    def complaints(self) -> list[str]:
        """Return what the page wrote on the console as warnings and errors since it was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in {"WARNING", "SEVERE"}]

    def requests(self) -> list[str]:
        """Return the addresses that the page asked for, but for data inside it."""
        found = []
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                found.append(event["params"]["request"]["url"])
        return [address for address in found if not address.startswith("data:")]

    def picture(self, selector: str) -> Image.Image:
        """Return what an element looks like."""
        element = self.driver.find_element("css selector", selector)
        self.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        return Image.open(io.BytesIO(base64.b64decode(element.screenshot_as_base64))).convert("RGB")

    def printed(self) -> bytes:
        """Return the page as it prints, PDF."""
        found = self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
        return base64.b64decode(found["data"])
