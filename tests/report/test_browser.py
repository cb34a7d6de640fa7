"""The report in a real browser: it opens from a file without a network, and what it offers works."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from browser import Browser, needed, opened
from click.testing import CliRunner
from pypdf import PdfReader
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from corridors import planning, scenario, tables
from corridors.cli import main
from corridors.network.builder import build
from corridors.planning import plan_folder
from corridors.report.style import LOADS

LINES = "#chart-map path[aria-roledescription='geoshape']"
A4 = (595.3, 841.9)  # points


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the embedded plan and the one with Dostyk closed, half of whose grain finds no capacity."""
    needed()
    folder = tmp_path_factory.mktemp("plans")
    for name, wanted in (("base", []), ("closed", ["dostyk-closed"])):
        dataset = scenario.apply(tables.read(), wanted).dataset
        planning.plan(build(dataset)).write(folder / name)
    return folder


@pytest.fixture(scope="module")
def base(plans: Path) -> planning.Plan:
    return plan_folder.read(plans / "base")


class Full(NamedTuple):
    """A full line as the page tells of it: its name, capacity, where that is from, and price in USD a year."""

    name: str
    capacity: str
    status: str
    price: str


@pytest.fixture(scope="module")
def full(base: planning.Plan) -> Full:
    """Return the full railway line whose train pairs are dearest, of those with one price."""
    lines = base.bottlenecks[base.bottlenecks["resource"].str.startswith("rail:")]
    one_price = lines[lines["shadow_price_high"] - lines["shadow_price_low"] < 1e-6 * lines["shadow_price_high"]]
    row = one_price.loc[one_price["shadow_price"].idxmax()]
    return Full(row["where"], f"{row['capacity']:.1f} train pairs a day", row["status"], f"{row['shadow_price']:,.0f}")


def written(plans: Path, *options: str) -> Path:
    file = plans / f"{'-'.join(option.strip('-/') for option in options if '/' not in option) or 'base'}.html"
    if not file.exists():
        done = CliRunner().invoke(main, ["report", str(plans / "base"), "-o", str(file), "--quiet", *options])
        assert done.exit_code == 0, done.output
    return file


@pytest.fixture(scope="module")
def page(plans: Path) -> Iterator[Browser]:
    with opened(written(plans), 1440) as browser:
        yield browser


def shown(page: Browser) -> int:
    """Count the lines of the map that are there to be seen."""
    return int(page.run(f'return document.querySelectorAll("{LINES}").length'))


def settled(page: Browser) -> None:
    """Wait until the browser has painted what it was told."""
    painted = "requestAnimationFrame(() => requestAnimationFrame(() => done()))"
    page.driver.execute_async_script(f"const done = arguments[0]; setTimeout(() => {painted}, 60)")


def colours(page: Browser, selector: str) -> dict[tuple[int, ...], int]:
    picture = page.picture(selector)
    return {colour: count for count, colour in picture.getcolors(picture.width * picture.height)}  # type: ignore


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))


def near(colour: tuple[int, ...], other: tuple[int, ...], within: int = 24) -> bool:
    return all(abs(one - two) <= within for one, two in zip(colour, other, strict=True))


def test_nothing_is_asked_of_any_network_and_nothing_is_complained_of(plans: Path) -> None:
    with opened(written(plans, "--against", str(plans / "closed")), 1440) as browser:
        assert browser.requests() == [browser.page.resolve().as_uri()]
        assert browser.complaints() == []
        drawn = browser.run("return [...document.querySelectorAll('figure')].map(f => f.dataset.drawn)")
        assert drawn.count("yes") == len(drawn) == 9
        assert browser.run("return document.querySelectorAll('.failed').length") == 0


def test_the_policy_of_the_page_lets_no_request_leave(page: Browser) -> None:
    refused = page.driver.execute_async_script(
        "const done = arguments[0];"
        "addEventListener('securitypolicyviolation', (event) => done(event.violatedDirective));"
        "fetch('https://example.org/').catch(() => 0); const s = document.createElement('script');"
        "s.textContent = 'window.stolen = 1'; document.body.append(s);"
    )
    assert refused.startswith(("connect-src", "script-src", "default-src"))
    assert page.run("return window.stolen") is None
    page.complaints()


def test_the_map_is_drawn(page: Browser) -> None:
    assert shown(page) > 200
    seen = colours(page, "#chart-map")
    for name in ("under half full", "full"):
        assert sum(count for colour, count in seen.items() if near(colour, rgb(LOADS[name]))) > 100, name
    assert len(page.driver.find_elements(By.CSS_SELECTOR, "#chart-map text")) > 20


FIND = """
const path = document.querySelector(arguments[0]);
path.closest("figure").scrollIntoView({block: "center", behavior: "instant"});
const box = path.getBoundingClientRect();
for (let step = 0; step < 4000; step += 1) {
  const x = Math.round(box.left + box.width * ((step * 0.618034) % 1));
  const y = Math.round(box.top + box.height * (step / 4000));
  if (document.elementFromPoint(x, y) === path) return [x, y];
}
return null;
"""


def told(page: Browser, selector: str) -> str:
    """Point at a mark of the map, where nothing lies over it, and give what the tooltip says."""
    at = page.run(FIND, selector)
    assert at is not None, f"nothing of {selector} is in sight"
    pointer = ActionBuilder(page.driver)
    for x, y in ((at[0] + 40, at[1] + 40), at):  # a browser tells only of a pointer that moves
        pointer.pointer_action.move_to_location(x, y)
    pointer.perform()
    settled(page)
    return str(page.wait("const t = document.querySelector('#vg-tooltip-element.visible'); return t && t.innerText"))


def test_a_line_tells_its_figures_and_their_source(page: Browser, base: planning.Plan) -> None:
    link = "rail:SAYAK-BALKHASH"
    kt = base.flows[base.flows["link"] == link]["kt"].sum()
    capacity, status = of_link("capacity", link)
    used = f"{base.usage[base.usage['resource'] == link]['units'].sum() / capacity:.0%}"
    text = told(page, f"{LINES}[aria-label*='Sayak - Balkhash (rail)']")
    limit = f"{capacity:.1f} train pairs a day"
    for words in ("Sayak - Balkhash (rail)", f"{kt / 1000:,.2f}", used, limit, "R1", status):
        assert words in text


def of_link(column: str, link: str) -> tuple[float, str]:
    """Return a figure of a link and where it is from."""
    data = tables.read()
    stated = data["provenance"].set_index(["table", "key", "column"])["status"]
    return float(data["links"].set_index("link")[column][link]), str(stated["links", link, column])


def test_a_bottleneck_tells_its_price(page: Browser, full: Full) -> None:
    text = told(page, f"#chart-map path[aria-roledescription='point'][aria-label*='{full.price}']")
    for words in (full.name, full.capacity, f"{full.price} USD a year per unit", full.status):
        assert words in text


def test_layers_narrow_the_map(page: Browser) -> None:
    everything = shown(page)
    box = page.driver.find_element(By.CSS_SELECTOR, "input[name=mode][value=rail]")
    page.run("arguments[0].click()", box)
    settled(page)
    without = shown(page)
    assert 50 < without < everything
    page.run("arguments[0].click()", box)
    page.run(
        "const s = document.querySelector('#commodity'); s.value = 'grain';"
        "s.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    settled(page)
    grain = shown(page)
    assert 5 < grain < everything
    for direction in ("east", "west"):
        page.run(f"document.querySelector('input[name=direction][value={direction}]').click()")
        settled(page)
        assert 0 < shown(page) < grain
    page.run(
        "document.querySelector('input[name=direction][value=\"\"]').click();"
        "const s = document.querySelector('#commodity'); s.value = '';"
        "s.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    settled(page)
    assert shown(page) == everything


def test_the_map_shows_home_and_everything(page: Browser) -> None:
    names = "return [...document.querySelectorAll('#chart-map text')].map(t => t.textContent)"
    assert "Rotterdam" not in page.run(names)
    page.run("document.querySelector('input[name=view][value=all]').click()")
    settled(page)
    assert "Rotterdam" in page.run(names)
    page.run("document.querySelector('input[name=view][value=home]').click()")
    settled(page)
    assert "Rotterdam" not in page.run(names)


def test_the_map_moves_by_keyboard_and_pointer(page: Browser) -> None:
    first = f"return document.querySelector(\"{LINES}\").getAttribute('d')"
    figure = page.driver.find_element(By.CSS_SELECTOR, "#chart-map")
    page.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'}); arguments[0].focus()", figure)
    before = page.run(first)
    for keys in ("+", Keys.ARROW_RIGHT):
        ActionChains(page.driver).send_keys(keys).perform()
        settled(page)
        after = page.run(first)
        assert after != before
        before = after
    ActionChains(page.driver).drag_and_drop_by_offset(figure, 40, 30).perform()
    settled(page)
    assert page.run(first) != before
    ActionChains(page.driver).send_keys("0").perform()
    page.run("document.querySelector('[data-zoom=\"0\"]').click()")


def test_tables_sort_both_ways_by_mouse_and_keyboard(page: Browser, base: planning.Plan) -> None:
    page.run("document.querySelector('#table-corridors').closest('details').open = true")
    column = (
        "return [...document.querySelectorAll('#table-corridors tbody tr')].map(r => Number(r.cells[3].dataset.key))"
    )
    button = page.driver.find_element(By.CSS_SELECTOR, "#table-corridors th:nth-child(4) button")
    head = page.driver.find_element(By.CSS_SELECTOR, "#table-corridors th:nth-child(4)")
    page.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", button)
    button.click()
    loads = page.run(column)
    assert sorted(loads) == pytest.approx(sorted(base.corridors["through_kt"] / 1000), abs=1e-5)
    assert loads == sorted(loads, reverse=True)
    assert head.get_attribute("aria-sort") == "descending"
    button.send_keys(Keys.ENTER)
    assert page.run(column) == sorted(loads)
    assert head.get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize(
    ("code", "words", "others"),
    [("ru", ["Коротко", "Казахстан", "Ляньюньган"], "Қазақстан"), ("kk", ["Қысқаша", "Қазақстан"], "Казахстан")],
)
def test_the_report_speaks_other_languages(plans: Path, full: Full, code: str, words: list[str], others: str) -> None:
    with opened(written(plans, "--lang", code), 1440) as browser:
        assert browser.run("return document.documentElement.lang") == code
        text = browser.run("return document.body.innerText")
        for word in words:
            assert word in text
        assert others not in text
        figures = "return [...document.querySelectorAll('#table-bottlenecks td.figure')].map(c => c.textContent)"
        assert full.price.replace(",", "\N{NO-BREAK SPACE}") in browser.run(figures)
        assert browser.complaints() == []


def test_a_narrow_screen_scrolls_no_page_sideways(plans: Path) -> None:
    with opened(written(plans), 390) as browser:
        assert browser.run("return document.documentElement.scrollWidth") == 390
        assert len(colours(browser, "#chart-map")) > 50
        assert browser.complaints() == []


def test_it_prints_to_a4(page: Browser, full: Full) -> None:
    sheets = PdfReader(io.BytesIO(page.printed())).pages
    assert 4 <= len(sheets) <= 14
    for sheet in sheets:
        assert (float(sheet.mediabox.width), float(sheet.mediabox.height)) == pytest.approx(A4, abs=1.5)
    text = "".join(sheet.extract_text() for sheet in sheets)
    for words in (full.name, full.price, "Lianyungang"):
        assert words in text


def test_every_control_can_be_reached_by_keyboard(page: Browser) -> None:
    page.run("window.scrollTo(0, 0); document.body.focus()")
    reached = set()
    for _ in range(60):
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        reached.add(page.run("const e = document.activeElement; return e.name || e.id || e.tagName"))
    assert {"view", "direction", "mode", "commodity", "chart-map", "BUTTON", "SUMMARY", "A"} <= reached
