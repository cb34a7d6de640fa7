"""The page of several plans in a real browser: search, names as one zooms, layers, switch and downloads."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, needed, opened
from click.testing import CliRunner
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from corridors import planning, scenario, tables
from corridors.cli import main
from corridors.network.builder import build
from corridors.output import safe_text
from corridors.report import page as pages
from corridors.report.page import Planned
from corridors.report.tables import Listing
from corridors.text.language import language

LARGEST = 4e6  # bytes of a page of three plans
PLACES = "return [...document.querySelectorAll('article:not([hidden]) .mark-text text')].map(t => t.textContent)"
SHOWN = "article:not([hidden]) [data-chart=map]"


@pytest.fixture(scope="module")
def planned() -> list[Planned]:
    """Return three plans of the embedded data: as it is, with Dostyk closed, and under the best conditions."""
    needed()
    found = []
    for scenarios, running in (([], "typical"), (["dostyk-closed"], "typical"), ([], "best")):
        net = build(scenario.apply(tables.read(), scenarios).dataset, running=running)
        found.append(Planned(planning.plan(net), net, running))
    return found


@pytest.fixture(scope="module")
def file(planned: list[Planned], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "three.html"
    path.write_text(pages.write_several(planned, language("en")), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def page(file: Path) -> Iterator[Browser]:
    with opened(file, 1440, 900) as browser:
        yield browser


def settled(page: Browser) -> None:
    painted = "requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    page.driver.execute_async_script(f"const done = arguments[0]; setTimeout(() => {painted}, 80)")


def switched(page: Browser, plan: int) -> None:
    """Click on a plan of the switch, and wait until it is shown."""
    page.run(f"document.querySelector('#switch input[value=\"{plan}\"]').click()")
    page.wait(f"return document.documentElement.dataset.shown === '{plan}' || null")


def test_three_plans_of_the_embedded_data_weigh_little(file: Path) -> None:
    assert file.stat().st_size < LARGEST


def test_the_first_screen_has_the_finding_the_map_and_three_tiles(page: Browser) -> None:
    page.run("scrollTo(0, 0)")
    boxes = page.run(
        "return ['h1', '[data-chart=map] svg', '.first .cards dl:nth-child(1)', '.first .cards dl:nth-child(2)',"
        " '.first .cards dl:nth-child(3)', '.legend'].map(s => document.querySelector('article:not([hidden]) ' + s))"
        ".map(e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })"
    )
    for left, top, right, bottom in boxes:
        assert 0 <= left < right <= 1440
        assert 0 <= top < bottom <= 900
    assert page.run("return document.querySelectorAll('.plan:not([hidden]) .first .cards dl').length") == 3


def test_names_appear_as_one_zooms(page: Browser) -> None:
    names = page.run(PLACES)
    assert {"Astana", "Almaty", "Aktau", "Dostyk"} <= set(names)
    assert any("Middle Corridor" in name for name in names)
    assert "Moiynty" not in names
    figure = page.driver.find_element(By.CSS_SELECTOR, SHOWN)
    page.run("arguments[0].focus()", figure)
    for _ in range(5):
        ActionChains(page.driver).send_keys("+").perform()
    settled(page)
    assert {"Moiynty", "Balkhash"} <= set(page.run(PLACES))
    ActionChains(page.driver).send_keys("0").perform()
    settled(page)
    assert page.run(PLACES) == names


def test_what_flies_is_off_at_first_and_diamonds_go_with_their_layer(page: Browser) -> None:
    air = page.run(
        "return [...document.querySelectorAll('article:not([hidden]) [name=mode]')].map(b => [b.value, b.checked])"
    )
    assert {mode for mode, checked in air if not checked} == {"air", "overflight"}
    diamonds = f"return document.querySelectorAll(\"{SHOWN} path[aria-roledescription='point']\").length"
    before = page.run(diamonds)
    for mode in ("rail", "road"):
        page.run(f"document.querySelector('article:not([hidden]) [name=mode][value={mode}]').click()")
    settled(page)
    assert 0 <= page.run(diamonds) < before
    page.run("document.querySelector('article:not([hidden]) [name=mode][value=air]').click()")
    settled(page)
    assert page.run(diamonds) > 0, "those of the air"
    for mode in ("rail", "road", "air"):
        page.run(f"document.querySelector('article:not([hidden]) [name=mode][value={mode}]').click()")
    settled(page)
    assert page.run(diamonds) == before


@pytest.mark.parametrize("typed", ["moiyn", "Мойынты", "МОЙЫНТЫ"])
def test_a_place_is_found_by_keyboard_in_any_language(page: Browser, typed: str) -> None:
    box = page.driver.find_element(By.CSS_SELECTOR, "#search")
    box.send_keys(typed)
    listed = page.run("return [...document.querySelectorAll('#matches [role=option]')].map(o => o.textContent)")
    assert listed[0] == "Moiynty"
    assert box.get_attribute("aria-expanded") == "true"
    box.send_keys(Keys.ENTER)
    settled(page)
    assert page.run("return document.querySelector('#matches').hidden")
    svg = page.run(
        f"const b = document.querySelector('{SHOWN} svg').getBoundingClientRect();"
        "return [b.left, b.top, b.right, b.bottom]"
    )
    at = page.run(
        f"const t = [...document.querySelectorAll('{SHOWN} text')].filter(t => t.textContent === 'Moiynty').pop();"
        "const b = t.getBoundingClientRect(); return [b.left, b.top]"
    )
    assert at[0] == pytest.approx((svg[0] + svg[2]) / 2, abs=40)
    assert at[1] == pytest.approx((svg[1] + svg[3]) / 2, abs=40)
    box.send_keys(Keys.ESCAPE)
    settled(page)
    assert box.get_attribute("value") == ""
    page.run("document.querySelector('[data-zoom=\"0\"]').click()")
    settled(page)


def test_the_arrows_choose_among_places_and_nothing_found_is_said(page: Browser) -> None:
    box = page.driver.find_element(By.CSS_SELECTOR, "#search")
    box.send_keys("a", Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    chosen = page.run("return [...document.querySelectorAll('#matches [role=option]')].map(o => o.ariaSelected)")
    assert chosen.index("true") == 1
    assert page.run("return document.querySelector('#search').getAttribute('aria-activedescendant')") == "matches-1"
    box.send_keys(Keys.ESCAPE, "qqqq")
    assert page.run("return document.querySelector('#matches').textContent") == "no place of that name"
    box.send_keys(Keys.ESCAPE)


def test_the_switch_shows_another_plan_with_the_map_as_it_was_set(page: Browser, planned: list[Planned]) -> None:
    first = page.run("return document.querySelector('article:not([hidden]) h1').textContent")
    page.run("document.querySelector('[data-zoom=\"1.5\"]').click()")
    page.run("document.querySelector('article:not([hidden]) [name=mode][value=road]').click()")
    settled(page)
    switched(page, 1)
    assert page.run("return document.querySelectorAll('article:not([hidden])').length") == 1
    assert page.run("return document.querySelector('article:not([hidden]) h1').textContent") != first
    assert page.run("return document.querySelector('article:not([hidden]) [name=mode][value=road]').checked") is False
    assert "Moiynty" in page.run(PLACES) or "Balkhash" in page.run(PLACES)
    page.wait("return document.documentElement.dataset.complete === '1' || null")
    assert page.run("return document.querySelectorAll('article:not([hidden]) figure:not([data-drawn])').length") == 0
    assert page.run("return document.querySelectorAll('[data-same]', '.failed').length") > 0, (
        "the third is not there yet"
    )
    copied = "return document.querySelectorAll('article:not([hidden]) [data-listing=references] tbody tr').length"
    assert page.run(copied) > 20
    served = page.run("return document.querySelector('article:not([hidden]) .cards dd').firstChild.textContent")
    assert served == f"{planned[1].plan.summary['kt_served'] / 1000:,.1f} Mt"
    switched(page, 0)
    page.run("document.querySelector('article:not([hidden]) [name=mode][value=road]').click()")
    page.run("document.querySelector('[data-zoom=\"0\"]').click()")
    settled(page)
    assert page.run("return document.querySelector('article:not([hidden]) h1').textContent") == first
    assert page.complaints() == []


def as_csv(table: Listing) -> bytes:
    """Write a table as Python's own module does: RFC 4180, UTF-8 with its mark, and no formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_text(one) for one in table.columns])
    for row in table.rows:
        cells = zip(row, table.figures, strict=True)
        writer.writerow(
            [
                "" if figure and cell.key is None else cell.key if figure else safe_text(cell.text)
                for cell, figure in cells
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def test_every_table_is_handed_out_as_csv(page: Browser, planned: list[Planned], tmp_path: Path) -> None:
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    listed = pages.parts_of(planned[:1], language("en"))[0].tables
    on_page = page.run("return [...document.querySelectorAll('article:not([hidden]) table')].map(t => t.id)")
    shown = {name: one for name, one in listed.items() if f"table-{name}" in on_page}
    assert len(shown) > 6
    buttons = page.driver.find_elements(By.CSS_SELECTOR, "article:not([hidden]) button.csv")
    named = {page.run("return arguments[0].closest('.listing').dataset.listing", one): one for one in buttons}
    assert set(named) == {*shown, "plans"}, "and the one of all plans"
    for name in shown:
        page.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", named[name])
        end = time.monotonic() + 20
        while not (found := list(tmp_path.glob(f"*-{name}.csv"))) and time.monotonic() < end:
            named[name].click()  # again, as a person would: a browser drops downloads that follow too fast
            time.sleep(1)
        assert found, name
        assert found[0].read_bytes() == as_csv(shown[name]), name


def test_a_change_is_coloured_by_whether_it_is_for_the_better(planned: list[Planned], tmp_path: Path) -> None:
    path = tmp_path / "against.html"
    path.write_text(pages.write_several([planned[1]], language("en"), planned[0].plan), encoding="utf-8")
    with opened(path, 390, 844) as browser:
        rows = browser.run(
            "return [...document.querySelectorAll('#table-totals tbody tr')]"
            ".map(r => [r.cells[0].textContent, r.className])"
        )
        of = dict(rows)
        assert of["freight bill"] == "worse"
        assert of["transit"] == ""
        assert browser.run("return document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize(("summary", "least", "most"), [(True, 2, 2), (False, 7, 12)])
def test_paper_has_two_sheets_or_about_ten_with_every_picture(
    planned: list[Planned], tmp_path: Path, summary: bool, least: int, most: int
) -> None:
    pypdf = pytest.importorskip("pypdf")
    planned[0].plan.write(tmp_path / "plan")
    words = ["report", str(tmp_path / "plan"), "-o", str(tmp_path / "plan.pdf"), "--quiet"]
    done = CliRunner().invoke(main, words + ["--summary"] * summary)
    assert done.exit_code == 0, done.output
    sheets = pypdf.PdfReader(tmp_path / "plan.pdf").pages
    assert least <= len(sheets) <= most
    text = "".join(sheet.extract_text() for sheet in sheets)
    assert "Astana" in text, "the map is drawn"
    assert "TAR Northern" in text, "and the corridors"
    assert (float(sheets[0].mediabox.width), float(sheets[0].mediabox.height)) == pytest.approx((595.3, 841.9), abs=1.5)
