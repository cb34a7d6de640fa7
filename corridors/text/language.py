"""The languages that people read: texts from gettext catalogues, numbers and countries as Babel writes them.

A `Language` is called with an English text and gives its own: ``say("{n} of {all} served", n=..., all=...)``.
Catalogues lie in `locale/` and are made by `tools/translations.py`; English needs none. Texts are called for in one of
three ways, all of which that tool finds: ``say("...")``, ``say.many("...", "...", n)`` and, for a text that is written
down in one place and said in another, ``later("...")``.
"""

from __future__ import annotations

import gettext
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.errors import NameUnknown
from corridors.text.terms import TERMS

if TYPE_CHECKING:
    from babel import Locale

DOMAIN = "corridors"
LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("en", "ru", "kk")
HIGH_SEAS = "INT"
TERM = "term"  # what the catalogues call the context of a term
MEANING = "meaning"  # and that of what the data dictionary says of a table or a column


def later(text: str) -> str:
    """Return the text itself: it is said where it is shown, and in the catalogues from here."""
    return text


@dataclass(frozen=True)
class Language:
    """One of `LANGUAGES`, by its ISO 639-1 code; called with an English text it gives the text in this language."""

    code: str

    def __call__(self, text: str, /, **values: object) -> str:
        """Return a text in this language, with `values` put into its {places}."""
        found = self._catalogue.gettext(text)
        return found.format(**values) if values else found

    def many(self, one: str, more: str, count: int, /, **values: object) -> str:
        """Return the form of a text that a count asks for; the count is put into {n}."""
        return self._catalogue.ngettext(one, more, count).format(n=self.number(count), **values)

    def number(self, value: float, digits: int = 0) -> str:
        """Write a number with so many decimals, and a dash where there is none."""
        if math.isnan(value):
            return "–"
        if math.isinf(value):
            return "∞"
        from babel.numbers import format_decimal  # babel is not needed for a plan

        value = round(value, digits) + 0.0  # no minus before a zero
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return str(format_decimal(value, pattern, locale=self._locale))

    def format(self, value: float, spec: str) -> str:
        """Write a number by one of Python's format specifications, with this language's marks; a dash if there is none.

        A specification that ends in % is for a share of 1.
        """
        if not math.isfinite(value):
            return self.number(value)
        text = format(value, spec)
        if self.code != LANGUAGES[0]:
            from babel.numbers import get_decimal_symbol, get_group_symbol  # an English plan needs no babel

            marks = str(get_group_symbol(self._locale)), str(get_decimal_symbol(self._locale))
            text = text.translate({ord(","): marks[0], ord("."): marks[1]})
        return self("{number}%", number=text[:-1]) if text.endswith("%") else text

    def marks(self) -> dict[str, Any]:
        """Return this language's marks in numbers as a d3 locale, for charts."""
        from babel.numbers import get_decimal_symbol, get_group_symbol

        decimal, thousands = str(get_decimal_symbol(self._locale)), str(get_group_symbol(self._locale))
        return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""]}

    def percent(self, share: float, digits: int = 0) -> str:
        """Write a share of 1 as a percentage."""
        return "–" if math.isnan(share) else self("{number}%", number=self.number(100 * share, digits))

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166 alpha-3 code; the code itself where nobody knows a name."""
        from babel.core import get_global

        if code == HIGH_SEAS:
            return self("high seas")
        short = get_global("territory_aliases").get(code, [code])
        return str(self._locale.territories.get(short[0], code))

    def term(self, code: str) -> str:
        """Return readable words for a code of the data: a mode, a unit, a status; several joined by ; become a list.

        A code that is none of `text.terms.TERMS` is shown as it is, with blanks for underscores.
        """
        words = (TERMS.get(one, one.replace("_", " ")) for one in code.split(";"))
        return ", ".join(self._catalogue.pgettext(TERM, one) if one else "" for one in words)

    def meaning(self, description: str) -> str:
        """Return what the data dictionary says of a table or a column in this language, or else as it stands."""
        return self._catalogue.pgettext(MEANING, description)

    def name(self, row: Mapping[str, Any]) -> str:
        """Return the name in a row with `name_en`, `name_ru`, `name_kk`: English where this language has none."""
        return str(row.get(f"name_{self.code}") or row["name_en"])

    @cached_property
    def _catalogue(self) -> gettext.NullTranslations:
        return gettext.translation(DOMAIN, LOCALE, [self.code], fallback=self.code == LANGUAGES[0])

    @cached_property
    def _locale(self) -> Locale:
        from babel import Locale

        return Locale(self.code)


@cache
def language(code: str) -> Language:
    """Return a language by its code.

    Raises
    ------
    NameUnknown
        If it is none of `LANGUAGES`.
    """
    if code not in LANGUAGES:
        raise NameUnknown(f"there is no language '{code}': choose one of {', '.join(LANGUAGES)}")
    return Language(code)


def usual() -> Language:
    """Return the language that the environment asks for, or else English.

    That is the first known one of the list LANGUAGE, or else that of the locale (LC_ALL, LC_MESSAGES, LANG); the locale
    C asks for English, whatever the list.
    """
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if re.fullmatch(r"(C|POSIX)([.@].*)?", said):
        return language(LANGUAGES[0])
    asked = [*os.environ.get("LANGUAGE", "").split(":"), said]
    codes = (re.split(r"[_.@-]", one)[0].lower() for one in asked)
    return language(next((code for code in codes if code in LANGUAGES), LANGUAGES[0]))
