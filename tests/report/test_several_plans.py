"""Several plans share a page: what they have in common stands in it once, and nothing is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from small import add_demand, edit

from corridors import network, planning, tables
from corridors.cli import main
from corridors.report import page, printing
from corridors.report.context import Subject
from corridors.report.page import Planned
from corridors.report.plan_part import part
from corridors.report.shared_data import Pool, join_ways, packed
from corridors.text.language import language

ROWS = st.lists(st.fixed_dictionaries({"a": st.integers(), "b": st.none() | st.text()}), max_size=5)


def planned(folder: Path, **settings: Any) -> Planned:
    net = network.build(tables.read(folder))
    return Planned(planning.plan(net, **settings), net)


def data(text: str) -> dict[str, Any]:
    found = re.search('<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert found is not None
    return dict(json.loads(found[1]))


@given(ROWS)
def test_packed_rows_are_the_same_rows(rows: list[dict[str, Any]]) -> None:
    found = packed(rows)
    if isinstance(found, dict):
        found = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    assert found == rows


@given(st.lists(st.integers(0, 5) | st.text(max_size=2)))
def test_a_pool_holds_each_value_once(values: list[Any]) -> None:
    pool = Pool()
    places = [pool.place(one) for one in values]
    assert [pool.values[one] for one in places] == values
    assert len(pool.values) == len(set(map(json.dumps, values)))


def test_plans_of_one_package_share_borders_ways_and_what_is_not_the_plans(folder: Path) -> None:
    several = [planned(folder), planned(folder, objective="time")]
    found = data(page.write_several(several, language("en")))
    one, other = (plan["charts"] for plan in found["plans"])
    for name in ("land", "lines"):
        assert one["map"]["data"][name] == other["map"]["data"][name]
    assert one["assumptions"] == other["assumptions"]
    assert found["plans"][0]["places"] == found["plans"][1]["places"]
    for plan in found["plans"]:
        for chart in plan["charts"].values():
            assert "mark" in found["pool"][chart["spec"]] or "layer" in found["pool"][chart["spec"]]


def test_each_way_keeps_what_its_own_plan_says_of_it(folder: Path) -> None:
    parts = []
    for km in (3400, 3900):
        edit(folder, "links", 2, km=km)
        one = planned(folder)
        parts.append(part(Subject(one.plan, one.network, language("en"))))
    before = [json.dumps(one.specs["map"]["datasets"]["lines"]) for one in parts]
    join_ways([one.specs["map"] for one in parts])
    after = [json.dumps(one.specs["map"]["datasets"]["lines"]) for one in parts]
    assert after == before
    assert after[0] != after[1]


def test_ids_are_unique_and_labels_tell_plans_apart(folder: Path) -> None:
    one = planned(folder)
    text = page.write_several([one._replace(label="first"), one._replace(label="second"), one], language("en"))
    ids = re.findall(r' id="([^"]*)"', re.sub("<script>.*?</script>", "", text, flags=re.S))
    assert len(ids) == len(set(ids))
    assert text.count("<article") == 3
    assert page.labels([one._replace(label="first"), one]) == [
        f"base {one.plan.summary['year']} · first",
        f"base {one.plan.summary['year']} · 2",
    ]


@pytest.fixture
def folders(folder: Path, tmp_path: Path) -> list[Path]:
    for name, objective in (("one", "generalised"), ("two", "time")):
        planned(folder, objective=objective).plan.write(tmp_path / name)
    return [tmp_path / "one", tmp_path / "two"]


def run(*words: str | Path) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_command_takes_several_plans_and_says_where_it_wrote(
    folders: list[Path], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    done = run("report", *folders, "--data", folder, "-o", out, "--quiet")
    assert done.exit_code == 0, done.output
    text = out.read_text(encoding="utf-8")
    assert 'id="switch"' in text
    assert "The plans beside one another" in text
    done = run("report", *folders, "--against", folders[0], "--data", folder, "-o", out, "--quiet", "--force")
    assert done.exit_code == 0, done.output
    assert 'id="p2-changes"' in out.read_text(encoding="utf-8")


def test_without_a_browser_a_pdf_is_one_sentence_and_nothing_is_written(
    folders: list[Path], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "BROWSERS", ("no such browser",))
    monkeypatch.setattr(printing, "PLACES", ())
    done = run("report", folders[0], "--data", folder, "-o", tmp_path / "plan.pdf", "--quiet")
    assert done.exit_code == 2
    assert "install one" in done.stderr
    assert done.stderr.strip().count("\n") == 0
    assert not (tmp_path / "plan.pdf").exists()


def test_a_summary_is_a_pdf(folders: list[Path], folder: Path, tmp_path: Path) -> None:
    done = run("report", folders[0], "--data", folder, "-o", tmp_path / "plan.html", "--summary", "--quiet")
    assert done.exit_code == 2
    assert "ending .pdf" in done.stderr
    assert not (tmp_path / "plan.html").exists()


def test_nothing_on_paper_is_script(folder: Path) -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
    edit(folder, "nodes", 3, name_en=evil)
    add_demand(folder, "more", "MIDTOWN-LANDING", "grain", kt=90000, penalty=400)
    parts = page.parts_of([planned(folder)], language("en"))
    for summary in (False, True):
        text = page.on_paper(parts, language("en"), summary=summary)
        assert "<script" not in text
        assert "script-src" not in text
        assert "default-src 'none'" in text
        assert "<img src=x" not in text
