"""Nearest names: what somebody may have meant, in any script, without minding accents and marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from corridors.errors import NameUnknown

NEAREST = 3
LONGEST = 100  # letters of a name that are compared
CYRILLIC, LATIN = "АВЕЅЗІЈКМНОРСТУХаеѕіјорсухһԛԝ", "ABES3IJKMHOPCTYXaesijopcyxhqw"  # drawn alike
CLOSE_ENOUGH = 60.0  # of 100, rapidfuzz's ratios: below this a name is no help
_LATIN_FOR = str.maketrans(CYRILLIC, LATIN)


def plain(name: str) -> str:
    """Return a name in lower case without accents, marks and spaces: "Xi'an" and "xian" are one."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def lookalike(name: str) -> str:
    """Return a name with Latin letters in place of the Cyrillic ones that look the same."""
    return name if name.isascii() else name.translate(_LATIN_FOR)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean A, B or C?" with the nearest of the known names, or an empty text."""
    from rapidfuzz import fuzz, process  # only a mistake needs it

    name = name[:LONGEST]
    by_plain: dict[str, str] = {}
    for other in known:
        by_plain.setdefault(plain(other), other)
    near: list[tuple[str, float, int]] = []
    for scorer in (fuzz.ratio, fuzz.WRatio):  # a typing mistake first, then a part of a name
        if not near:
            near = process.extract(plain(name), list(by_plain), scorer=scorer, limit=NEAREST, score_cutoff=CLOSE_ENOUGH)
    found = [by_plain[match] for match, _, _ in near]
    if not found:
        return ""
    return "; did you mean " + " or ".join(filter(None, [", ".join(found[:-1]), found[-1]])) + "?"


def find_one(known: Iterable[str], name: str, what: str, where: str) -> str:
    """Return the one of the known ids that is meant: that very one, or else the one that differs in case and marks.

    Raises
    ------
    NameUnknown
        If there is none (the nearest ones are named), or several differ in case and marks alone.
    """
    listed = list(dict.fromkeys(known))
    exact = unicodedata.normalize("NFC", name)
    if exact in listed:
        return exact
    near = [one for one in listed if plain(name) and plain(one) == plain(name)]
    if len(near) > 1:
        raise NameUnknown(f"{where} has several called '{name}', {', '.join(near)}: give one of these as it stands")
    if near:
        return near[0]
    raise NameUnknown(f"{where} has no {what} '{name}'{did_you_mean(name, listed)}")
