"""Find a place by what people call it, in any of the data's languages, without minding accents or marks."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from corridors.errors import NameUnknown
from corridors.frames import rows
from corridors.suggest import did_you_mean, plain

if TYPE_CHECKING:
    from corridors.tables.dataset import Dataset

NAME_COLUMNS = ("name_en", "name_ru", "name_kk", "node", "icao", "iata")  # the first is shown where names are alike


def find_place(dataset: Dataset, name: str) -> str:
    """Return the id of the place that people call `name`.

    An id as it stands means that place, whatever others are called. Otherwise ids, names in every language of
    `nodes.csv`, aliases and airport codes count, without minding case and marks; failing those, the one place whose
    name begins so.

    Raises
    ------
    NameUnknown
        If no place is called so (the nearest names are given) or several are.
    """
    if (own := unicodedata.normalize("NFC", name)) in set(dataset["nodes"]["node"]):
        return own
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
