"""Reports and charts: whole, true to the plan, harmless whatever the data say, and clear when something is wrong."""

import io
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import altair as alt
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from small import add_demand, edit, observed, read_rows

from corridors import network, planning, report, tables
from corridors.cli import main
from corridors.errors import DataError
from corridors.planning import plan_folder
from corridors.report import files, map_layers, page, projection, sankey, sentences, vega
from corridors.report.context import Subject
from corridors.report.vegalite import script_safe, specification
from corridors.text.language import LANGUAGES, language

ROOT = Path(__file__).parents[2]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"
LARGEST = 6e6  # bytes


def planned(folder: Path) -> tuple[planning.Plan, network.Network]:
    net = network.build(tables.read(folder))
    return planning.plan(net), net


@pytest.fixture(scope="module")
def embedded() -> Subject:
    net = network.build(tables.read())
    return Subject(planning.plan(net), net, language("en"))


@pytest.fixture
def written(folder: Path, tmp_path: Path) -> Path:
    """Write the small package's plan, which leaves freight behind."""
    add_demand(folder, "more", "MIDTOWN-LANDING", "grain", kt=90000, penalty=400)
    planned(folder)[0].write(tmp_path / "plan")
    return tmp_path / "plan"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def refused(*words: str | Path) -> str:
    done = run(*words)
    assert done.exit_code == 2, done.output
    said = done.stderr.strip()
    assert "\n" not in said.removeprefix("Usage").split("Error: ")[-1]
    return said


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_report_is_one_small_file_in_each_language(embedded: Subject, code: str) -> None:
    text = page.write_up(embedded.plan, embedded.network, language(code), embedded.plan)
    assert len(text.encode()) < LARGEST
    assert f'<html lang="{code}">' in text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", text.split('<script type="application/json"')[0])


def test_nothing_in_the_data_becomes_script_or_markup(folder: Path) -> None:
    edit(folder, "nodes", 3, name_en=EVIL, name_ru=EVIL)
    edit(folder, "commodities", 2, name_en=EVIL)
    (folder / "scenarios").mkdir()
    plan, net = planned(folder)
    text = page.write_up(plan, net, language("en"))
    assert "alert(1)" in text
    assert "<script>alert" not in text
    assert "<img" not in re.sub("<script>.*?</script>", "", text, flags=re.S)
    assert text.count("<script") == 3
    assert text.count("</script") == 3
    assert "49" not in text.split("<title>")[1].split("</title>")[0]
    alone = page.alone(specification(report.draw("map", plan, net, language("ru")), language("ru")), language("ru"))
    assert "<script>alert" not in alone


@given(st.recursive(st.text() | st.floats(allow_nan=False, allow_infinity=False), st.lists))
def test_data_of_a_page_read_back_and_end_no_element(value: object) -> None:
    text = script_safe({"value": value})
    assert json.loads(text)["value"] == value
    assert not re.search("[<>&]", text)


def test_the_policy_names_the_digest_of_every_script(folder: Path) -> None:
    text = page.write_up(*planned(folder), language("en"))
    scripts = [one for one in re.findall(r"<script>(.*?)</script>", text, flags=re.S) if one]
    policy = re.search('Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert len(scripts) == 2
    for one in scripts:
        assert f"'{page.Script(one).digest}'" in policy[1].replace("&#39;", "'").replace("&#43;", "+")


def test_a_package_without_pairs_references_or_prices_has_its_report(folder: Path) -> None:
    plan, net = planned(folder)
    text = page.write_up(plan, net, language("en"))
    assert 'id="comparison"' not in text
    assert 'id="chart-map"' in text


def test_what_was_counted_stands_beside_the_plan_those_to_test_with_apart(folder: Path) -> None:
    before = page.write_up(*planned(folder), language("en"))
    assert "counts-fit" not in before
    edit(observed(folder), "observations", 2, name_en=EVIL)
    plan, net = planned(folder)
    text = page.write_up(plan, net, language("en"))
    fit, test = text.index('id="table-counts-fit"'), text.index('id="table-counts-test"')
    assert fit < text.index("Rail of half a year") < test < text.index("Grain of Midtown")
    assert "test: 1 of 4 within two standard deviations" in text
    assert "1 count of another year is not compared." in text
    assert "<script>alert" not in text


def test_what_is_left_behind_is_marked_and_told(written: Path, folder: Path) -> None:
    plan = plan_folder.read(written)
    subject = Subject(plan, plan_folder.rebuilt(plan, folder), language("en"))
    assert len(plan.unserved) > 0
    assert "Midtown - Landing" in {mark["name"] for mark in map_layers.unserved(subject)}
    assert len(map_layers.unserved(subject)) == len(plan.unserved)
    assert "are not" in sentences.short(subject, [])[0]
    drawn = report.draw("map", plan, subject.network, language("en"))
    assert drawn.datasets["left"][0]["kt"] == pytest.approx(plan.unserved["kt"].iloc[0])


def test_lines_carry_what_the_plan_says(embedded: Subject) -> None:
    drawn = report.drawing("map", embedded)
    kt = sum(flow["kt"] for flow in drawn.datasets["flows"])
    assert kt == pytest.approx(embedded.plan.flows["kt"].sum(), rel=1e-5)
    assert {one["link"] for one in drawn.datasets["used"]} <= {one["link"] for one in drawn.datasets["lines"]}
    for line in drawn.datasets["lines"]:
        row = embedded.links[line["link"]]
        ends = [line["geo"]["coordinates"][place] for place in (0, -1)]
        for (lon, lat), node in zip(ends, (row.from_node, row.to_node), strict=True):
            assert (lon, lat) == pytest.approx(embedded.position(node), abs=1e-3)


def test_ribbons_balance_and_stay_inside(embedded: Subject) -> None:
    found = sankey.flows(embedded)
    assert sum(found.values()) == pytest.approx(embedded.plan.summary["kt_served"])
    tables_ = report.drawing("flows", embedded).datasets
    for edge in ("y", "y2"):
        assert all(-1e-6 <= point[edge] <= 1 + 1e-6 for point in tables_["ribbons"])
    for block in tables_["blocks"]:
        side = {0: "x", 2: "x2"}.get(block["column"], "x")
        assert block["x"] <= block[side] <= block["x2"]
        assert block["y"] < block["y2"]


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-75, 75)), min_size=1, max_size=12))
def test_a_view_shows_every_point(points: list[tuple[float, float]]) -> None:
    view = projection.view(points)
    x, y = projection.project(points, view.lon, view.lat)
    assert (view.left <= x).all()
    assert (x <= view.right).all()
    assert (view.bottom <= y).all()
    assert (y <= view.top).all()


def test_borders_are_cut_to_the_surroundings_and_keep_their_shape() -> None:
    near = projection.countries([(65.0, 48.0)], reach=5.0)
    ids = {one["id"] for one in near["objects"]["countries"]["geometries"]}
    assert "398" in ids  # Kazakhstan
    assert "032" not in ids  # Argentina
    arcs = {
        arc if arc >= 0 else ~arc
        for one in near["objects"]["countries"]["geometries"]
        for arc in projection._flat(one["arcs"])
    }
    assert arcs == set(range(len(near["arcs"])))


@pytest.mark.parametrize("name", [name for name in report.CHARTS if name != "changes"])
def test_every_chart_is_sound_vega_lite(embedded: Subject, name: str) -> None:
    report.draw(name, embedded.plan, embedded.network, language("kk")).to_dict()


def test_charts_are_written_as_pictures_pages_and_specifications(written: Path, folder: Path, tmp_path: Path) -> None:
    for suffix in files.SUFFIXES:
        done = run("chart", written, "home-map", "-o", tmp_path / f"map{suffix}", "--data", folder)
        assert done.exit_code == 0, done.output
    assert Image.open(io.BytesIO((tmp_path / "map.png").read_bytes())).size[0] > 1000
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "vegaEmbed" in (tmp_path / "map.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))["datasets"]["used"]


def test_numbers_on_axes_are_in_the_language(folder: Path) -> None:
    plan, net = planned(folder)
    marks = specification(report.draw("modes", plan, net, language("ru")), language("ru"))["config"]["locale"]["number"]
    assert (marks["decimal"], marks["thousands"]) == (",", "\N{NO-BREAK SPACE}")


def test_mistakes_are_one_sentence_and_leave_nothing(written: Path, folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.html"
    there.write_text("mine", encoding="utf-8")
    assert "no plan" in refused("report", tmp_path / "no plan")
    assert "--data" in refused("report", written, "-o", tmp_path / "x.html")
    assert "--force" in refused("report", written, "--data", folder, "-o", there)
    assert there.read_text(encoding="utf-8") == "mine"
    assert "did you mean bottlenecks" in refused("chart", written, "botlenecks", "--data", folder)
    assert ".svg" in refused("chart", written, "map", "--data", folder, "-o", tmp_path / "map.pdf")
    assert "--against" in refused("chart", written, "changes", "--data", folder, "-o", tmp_path / "c.svg")
    assert not (tmp_path / "x.html").exists()
    with pytest.raises(DataError, match="against"):
        report.draw("changes", *planned(folder), language("en"))


def test_the_drawing_program_of_pages_comes_with_the_package_and_its_licences() -> None:
    script = vega.vega()
    assert "</script" not in script
    assert "Redistributions in binary form must reproduce" in script
    assert "vegaEmbed" in script
    drawn = re.search(r"Vega-Lite (\d+)\.", script)
    assert drawn is not None
    assert alt.SCHEMA_VERSION.startswith(f"v{drawn[1]}."), "the specifications are of the version that draws them"


@pytest.mark.slow
def test_the_drawing_program_is_what_vl_convert_bundles() -> None:
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    if f"vl-convert-python=={version('vl-convert-python')}" not in pinned:
        pytest.skip("it is bundled from the version of constraints.txt, and this is another")
    command = [sys.executable, "tools/vega.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_report_of_a_process_opens_where_it_was_written(written: Path, folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "corridors", "report", str(written), "--data", str(folder), "--lang", "ru"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "plan.html" in done.stdout
    assert "<h1>" in (tmp_path / "plan.html").read_text(encoding="utf-8")


def test_a_page_names_whom_its_lines_come_from(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    said = package | {"sources": [{"title": "© Somebody & Sons", "path": "https://example.org/us"}]}
    (folder / "datapackage.json").write_text(json.dumps(said), encoding="utf-8")
    footer = page.write_up(*planned(folder), language("en")).rpartition("<footer>")[2]
    assert "Lines and data from: © Somebody &amp; Sons https://example.org/us." in footer


def test_licences_and_credits_of_any_shape_break_no_report(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    for licences in (["MIT"], "MIT", 5, [{"title": EVIL}], None):
        (folder / "datapackage.json").write_text(
            json.dumps(package | {"licenses": licences, "sources": licences}), encoding="utf-8"
        )
        assert "<script>alert" not in page.write_up(*planned(folder), language("en"))


def test_a_plan_that_carries_nothing_has_its_report(folder: Path) -> None:
    for row in range(2, 2 + len(read_rows(folder, "demand"))):
        edit(folder, "demand", row, reservation_usd_per_t="0.001")
    plan, net = planned(folder)
    assert plan.flows.empty
    assert 'id="chart-map"' in page.write_up(plan, net, language("kk"))
