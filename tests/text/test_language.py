"""Texts, numbers, names and codes in English, Russian and Kazakh, and whose language it is."""

import csv
import json
import math
from pathlib import Path

import pytest

from corridors.errors import NameUnknown
from corridors.text.language import LANGUAGES, language, usual
from corridors.text.terms import TERMS

PACKAGE = Path(__file__).parents[2] / "corridors"
EN, RU, KK = map(language, LANGUAGES)
NBSP = "\N{NO-BREAK SPACE}"


def column(table: str, name: str) -> set[str]:
    with (PACKAGE / "data" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row[name] for row in csv.DictReader(file)} - {""}


@pytest.mark.parametrize(
    ("value", "digits", "english", "others"),
    [
        (1234567.891, 1, "1,234,567.9", f"1{NBSP}234{NBSP}567,9"),
        (0.5, 2, "0.50", "0,50"),
        (-0.001, 1, "0.0", "0,0"),
        (math.nan, 0, "–", "–"),
        (math.inf, 0, "∞", "∞"),
    ],
)
def test_numbers_have_the_marks_of_the_language(value: float, digits: int, english: str, others: str) -> None:
    assert EN.number(value, digits) == english
    assert RU.number(value, digits) == KK.number(value, digits) == others


@pytest.mark.parametrize(
    ("value", "spec", "english", "others"),
    [
        (12345.678, "+,.1f", "+12,345.7", f"+12{NBSP}345,7"),
        (51621812345.0, ",.6g", "5.16218e+10", "5,16218e+10"),
        (1e-15, ".0e", "1e-15", "1e-15"),
        (math.nan, ",.0f", "–", "–"),
    ],
)
def test_numbers_are_written_by_a_specification(value: float, spec: str, english: str, others: str) -> None:
    assert EN.format(value, spec) == english
    assert RU.format(value, spec) == KK.format(value, spec) == others


def test_percentages_are_written_as_each_language_does() -> None:
    assert [say.percent(0.1234, 1) for say in (EN, RU, KK)] == ["12.3%", f"12,3{NBSP}%", "12,3%"]
    assert [say.format(-0.5, "+.0%") for say in (EN, RU, KK)] == ["-50%", f"-50{NBSP}%", "-50%"]


def test_every_country_of_the_data_has_a_name_in_every_language() -> None:
    codes = column("nodes", "country") | column("links", "country")
    for say in (EN, RU, KK):
        names = {code: say.country(code) for code in codes}
        assert [code for code, name in names.items() if name == code] == []
    assert [say.country("KAZ") for say in (EN, RU, KK)] == ["Kazakhstan", "Казахстан", "Қазақстан"]
    assert EN.country("XYZ") == "XYZ"


def test_a_name_falls_back_to_english() -> None:
    row = {"name_en": "Sea", "name_ru": "Море", "name_kk": ""}
    assert [say.name(row) for say in (EN, RU, KK)] == ["Sea", "Море", "Sea"]


def codes_of_the_dictionaries() -> set[str]:
    """Return every code that the dictionaries list, and every unit."""
    found: set[str] = set()
    for path in (PACKAGE / "data" / "datapackage.json", PACKAGE / "planning" / "plan.datapackage.json"):
        for resource in json.loads(path.read_text(encoding="utf-8"))["resources"]:
            for field in resource["schema"]["fields"]:
                codes = field.get("constraints", {}).get("enum", [])
                found |= {code for code in codes if isinstance(code, str)} | {field.get("unit", "")}
    return found - {""}


def test_every_code_of_the_dictionaries_and_the_data_is_a_term() -> None:
    codes = codes_of_the_dictionaries()
    for table, name in [
        ("links", "mode"),
        ("links", "capacity_unit"),
        ("terminals", "capacity_unit"),
        ("pools", "capacity_unit"),
        ("loads", "capacity_unit"),
        ("references", "kind"),
        ("references", "unit"),
        ("observations", "unit"),
    ]:
        codes |= column(table, name)
    assert sorted(codes - set(TERMS)) == []


def test_every_code_that_a_plan_names_is_a_term() -> None:
    from corridors.network.costs import UNITS
    from corridors.network.pairs import ROUTE
    from corridors.planning.difference import TOTALS
    from corridors.planning.summary import TRADES
    from corridors.text.choices import CLOSURE_KINDS

    units = [unit for _, unit in (*TOTALS, *ROUTE) if unit]
    totals = [*(name for name, _ in TOTALS), *(f"kt {trade}" for trade in TRADES)]
    codes = (*CLOSURE_KINDS, *UNITS, *UNITS.values(), *TRADES, *units, *totals)
    assert [code for code in codes if code not in TERMS] == []


def test_every_term_is_words_in_russian_and_kazakh() -> None:
    for say in (RU, KK):
        english = [code for code in TERMS if say.term(code) == TERMS[code]]
        assert english == []
        assert not any("_" in say.term(code) for code in TERMS)


def test_terms_in_three_languages() -> None:
    assert [say.term("train_pairs_day") for say in (EN, RU, KK)] == [
        "train pairs a day",
        "пар поездов в сутки",
        "пойыз жұбы/тәул.",
    ]
    assert RU.term("assumed;observed") == "допущение, наблюдение"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert [say.term("canal_boat") for say in (EN, RU, KK)] == ["canal boat"] * 3
    assert RU.term("") == ""


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "kk_KZ"}, "kk"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "kk_KZ.UTF-8"}, "kk"),
        ({"LANG": "ru", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX", "LANGUAGE": "ru"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:kk:ru"}, "kk"),
        ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "de"}, "ru"),
        ({"LANGUAGE": "ru_RU:en"}, "ru"),
        ({"LANG": "run"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_environment_says_which_language(
    environment: dict[str, str], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert usual().code == code


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(NameUnknown, match="choose one of en, ru, kk"):
        language("de")
