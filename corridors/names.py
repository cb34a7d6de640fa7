"""Find a place by what people call it, in any of the data's languages, without minding accents or marks."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from corridors.errors import NameUnknown
from corridors.frames import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corridors.tables import Dataset

NEAREST = 3
CLOSE_ENOUGH = 55.0  # of 100, rapidfuzz's weighted ratio: below this a name is no help
NAME_COLUMNS = ("name_en", "name_ru", "name_kk", "node", "icao", "iata")  # the first is shown where names are alike


def plain(name: str) -> str:
    """Give a name in lower case without accents, marks and spaces: "Xi'an" and "xian" are one."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def find_place(dataset: Dataset, name: str) -> str:
    """Give the id of the place that people call `name`.

    Its id, its names in every language of `nodes.csv`, its aliases and airport codes count; failing those, the
    one place whose name begins so.

    Raises
    ------
    NameUnknown
        If no place is called so (the nearest names are given) or several are.
    """
    names = _names(dataset)
    wanted = plain(name)
    exact = {node for called, node in names if plain(called) == wanted} if wanted else set()
    begins = {node for called, node in names if plain(called).startswith(wanted)} if len(wanted) > 2 else set()
    for found in (exact, begins):
        if len(found) == 1:
            return found.pop()
        if found:
            listed = ", ".join(sorted(found)[:8])
            raise NameUnknown(f"'{name}' may be any of {listed}: give one of these ids instead")
    raise NameUnknown(f"no place is called '{name}'{did_you_mean(name, (called for called, _ in names))}")


def _names(dataset: Dataset) -> list[tuple[str, str]]:
    names = []
    for row in rows(dataset["nodes"]):
        called = [*(getattr(row, column) for column in NAME_COLUMNS), *row.aliases.split(";")]
        called += [name.split(" (")[0] for name in called]
        names += [(name.strip(), row.node) for name in dict.fromkeys(called) if name.strip()]
    return names


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give "; did you mean A, B or C?" with the nearest of the known names, or an empty text."""
    from rapidfuzz import fuzz, process  # only a mistake needs it

    by_plain: dict[str, str] = {}
    for other in known:
        by_plain.setdefault(plain(other), other)
    near = process.extract(plain(name), list(by_plain), scorer=fuzz.WRatio, limit=NEAREST, score_cutoff=CLOSE_ENOUGH)
    found = [by_plain[match] for match, _, _ in near]
    if not found:
        return ""
    return "; did you mean " + " or ".join(filter(None, [", ".join(found[:-1]), found[-1]])) + "?"


def find_one(known: Iterable[str], name: str, what: str, where: str) -> str:
    """Give the one of the known ids that is meant, forgiving case and marks.

    Raises
    ------
    NameUnknown
        If there is none; the nearest ones are named.
    """
    listed = list(known)
    for one in listed:
        if plain(one) == plain(name):
            return one
    raise NameUnknown(f"{where} has no {what} '{name}'{did_you_mean(name, listed)}")
