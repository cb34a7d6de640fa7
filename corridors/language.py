"""The languages that people read: texts from gettext catalogues, numbers and countries as Babel writes them.

A `Language` is called with an English text and gives its own: ``say("{n} of {all} served", n=..., all=...)``.
Catalogues lie in `locale/` and are made by `tools/translations.py`; English needs none.
"""

from __future__ import annotations

import gettext
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corridors.errors import NameUnknown

if TYPE_CHECKING:
    from babel import Locale

DOMAIN = "corridors"
LANGUAGES = ("en", "ru", "kk")
HIGH_SEAS = "INT"


@dataclass(frozen=True)
class Language:
    """One of `LANGUAGES`, by its ISO 639-1 code; called with an English text it gives the text in this language."""

    code: str

    def __call__(self, text: str, /, **values: object) -> str:
        """Give a text in this language, with `values` put into its {places}."""
        found = self._catalogue.gettext(text)
        return found.format(**values) if values else found

    def many(self, one: str, more: str, count: int, /, **values: object) -> str:
        """Give the form of a text that a count asks for; the count is put into {n}."""
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

    def name(self, row: Mapping[str, Any]) -> str:
        """Give the name in a row with `name_en`, `name_ru`, `name_kk`: English where this language has none."""
        return str(row.get(f"name_{self.code}") or row["name_en"])

    @cached_property
    def _catalogue(self) -> gettext.NullTranslations:
        folder = Path(__file__).parent / "locale"
        return gettext.translation(DOMAIN, folder, [self.code], fallback=self.code == LANGUAGES[0])

    @cached_property
    def _locale(self) -> Locale:
        from babel import Locale

        return Locale(self.code)


@cache
def language(code: str) -> Language:
    """Give a language by its code.

    Raises
    ------
    NameUnknown
        If it is none of `LANGUAGES`.
    """
    if code not in LANGUAGES:
        raise NameUnknown(f"there is no language '{code}': choose one of {', '.join(LANGUAGES)}")
    return Language(code)


def usual() -> Language:
    """Give the language that the environment asks for (LC_ALL, LC_MESSAGES, LANG), or else English."""
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    code = said[:2].lower()
    return language(code if code in LANGUAGES and said[2:3] in ("", "_", "-", ".", "@") else LANGUAGES[0])
