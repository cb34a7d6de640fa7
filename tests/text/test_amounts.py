"""Amounts are told with three digits that count, and words from a million on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.text.amounts import amount
from corridors.text.language import language


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.16218e10, "51.6 bn"),
        (14_500_673, "14.5 M"),
        (1_375_360_963_809, "1,375 bn"),
        (999_999, "1.00 M"),
        (999_999_999.9, "1.00 bn"),
        (829_179, "829,000"),
        (25_714, "25,700"),
        (1234, "1,230"),
        (99.96, "100"),
        (25.714, "25.7"),
        (0.0441, "0.04"),
        (0, "0"),
        (-14_500_673, "-14.5 M"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
    ],
)
def test_an_amount_has_three_digits_that_count(value: float, text: str) -> None:
    assert amount(value, language("en")) == text


def test_other_languages_have_their_own_words_and_marks() -> None:
    assert amount(14_500_673, language("ru")) == "14,5 млн"
    assert amount(5.16218e10, language("kk")) == "51,6 млрд"


@given(st.floats(min_value=-1e13, max_value=1e13))
def test_an_amount_is_within_half_of_its_last_digit(value: float) -> None:
    number, *size = amount(value, language("en")).split(" ")
    told = float(number.replace(",", "")) * ({"bn": 1e9, "M": 1e6}[size[0]] if size else 1.0)
    assert told == pytest.approx(value, rel=0.0051, abs=0.0051)
    assert len(number.strip("-").replace(".", "").replace(",", "").lstrip("0")) <= 3 or abs(told) >= 1e3
