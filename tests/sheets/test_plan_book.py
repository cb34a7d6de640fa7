"""A plan's workbook: a cover with the plan's own figures, names beside ids, rail first, two charts, in a language."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from corridors import network, planning, tables
from corridors.planning.planner import Plan
from corridors.sheets import answers, excel, words
from corridors.sheets.plan_book import MODES
from corridors.sheets.sheet import PLAN, column_of, described
from corridors.tables.dataset import Dataset
from corridors.text.language import language


@pytest.fixture
def dataset(folder: Path) -> Dataset:
    return tables.read(folder)


@pytest.fixture
def plan(dataset: Dataset) -> Plan:
    return planning.plan(network.build(dataset))


def made(plan: Plan, dataset: Dataset, code: str = "en") -> Any:
    return openpyxl.load_workbook(io.BytesIO(excel.excel(answers.of_plan(plan, dataset, language(code)))))


def column(page: Any, header: str) -> list[Any]:
    place = [cell.value for cell in page[1]].index(header) + 1
    return [page.cell(row, place).value for row in range(2, page.max_row + 1)]


def test_the_cover_tells_the_plan_its_proof_and_its_data(plan: Plan, dataset: Dataset) -> None:
    page = made(plan, dataset)["Cover"]
    told = {row[0].value: row[1].value for row in page.iter_rows(max_col=2) if row[1].value is not None}
    one = plan.summary
    assert told["freight carried"] == pytest.approx(plan.routes["kt"].sum() / 1000)
    assert told["freight left"] == pytest.approx(plan.unserved["kt"].sum() / 1000)
    assert told["freight bill"] == pytest.approx((plan.routes["kt"] * plan.routes["usd_per_t"]).sum() * 1e3 / 1e9)
    assert told["work"] == pytest.approx((plan.routes["kt"] * plan.routes["km"]).sum() * 1e3 / 1e9)
    assert told["objective"] == pytest.approx(one["objective_value"])
    assert told["no plan is below"] <= told["objective"] * (1 + 1e-9)
    assert told["data digest (SHA-256)"] == dataset.digest
    said = [row[0].value for row in page.iter_rows(min_row=4, max_row=6, max_col=1)]
    assert any(text and "are carried" in text for text in said)


def test_the_cover_leads_to_every_sheet(plan: Plan, dataset: Dataset) -> None:
    book = made(plan, dataset)
    links = {cell.hyperlink.location for row in book["Cover"].iter_rows() for cell in row if cell.hyperlink}
    assert {f"'{name}'!A1" for name in (*planning.TABLES, "summary", "modes")} <= links
    assert book.sheetnames[0] == "Cover"


def test_two_charts_show_figures_that_stand_in_the_workbook(plan: Plan, dataset: Dataset) -> None:
    ends = {"shadow_price_low": 1.0, "shadow_price_high": 2.0, "usd_per_percent": 5e5}
    book = made(replace(plan, bottlenecks=plan.bottlenecks.assign(utilisation=1.0, **ends)), dataset)
    page = book["Charts"]
    assert len(book["Cover"]._charts) == 2
    corridors = plan.corridors[(plan.corridors["mode"] != "air")]
    by = "through_kt" if (corridors["through_kt"] > 0).any() else "mtkm"
    shown = [page.cell(row, 2).value for row in range(2, page.max_row + 1) if page.cell(row, 2).value is not None]
    assert [row[4].value for row in page.iter_rows(min_row=2, max_row=3)] == [0.5, 0.5]
    assert shown == pytest.approx(sorted((corridors[by][corridors[by] > 0] / 1000).tolist(), reverse=True)[:12])


def test_names_stand_beside_ids(plan: Plan, dataset: Dataset) -> None:
    page = made(plan, dataset)["routes"]
    names = dict(zip(dataset["nodes"]["node"], dataset["nodes"]["name_en"], strict=True))
    assert column(page, "origin, name") == [names[one] for one in column(page, "origin")]
    assert column(page, "destination, name") == [names[one] for one in column(page, "destination")]


def test_rail_comes_first_and_air_last(plan: Plan, dataset: Dataset) -> None:
    book = made(plan, dataset)
    order = [*MODES, "air"]
    for sheet in ("flows", "corridors", "modes"):
        modes = column(book[sheet], "mode")
        assert modes == sorted(modes, key=order.index), sheet
        assert modes[0] == "rail"


@pytest.mark.parametrize(
    ("code", "header", "rail"), [("ru", "вид транспорта", "железная дорога"), ("kk", "көлік түрі", "теміржол")]
)
def test_it_is_in_the_language_asked_for(plan: Plan, dataset: Dataset, code: str, header: str, rail: str) -> None:
    book = made(plan, dataset, code)
    assert rail in column(book["flows"], header)
    heads = [cell.value for name in planning.TABLES if name in book.sheetnames for cell in book[name][1]]
    words_only = [one for one in heads if one and one.isascii() and one not in ("tau",)]
    assert words_only == []


def test_every_header_of_a_plan_has_its_words_for_the_catalogues() -> None:
    known = {*words.LABELS}
    for name, resource in described(PLAN).items():
        if name in words.TITLES:
            for field in resource["schema"]["fields"]:
                if field.get("model", "linear") == "linear":
                    assert column_of(field).label in known, (name, field["name"])


def test_numbers_are_shown_with_their_thousands_parted(plan: Plan, dataset: Dataset) -> None:
    page = made(plan, dataset)["flows"]
    place = [cell.value for cell in page[1]].index("freight (kt a year)") + 1
    assert page.cell(2, place).number_format == "#,##0.0"
