"""What a data package lacks of its home country: to name another one does not make the package that country's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corridors.text.language import later

if TYPE_CHECKING:
    from corridors.tables.schema import Tables
    from corridors.text.language import Language

NAMING = {  # tables whose rows are a country's own, and the columns that say which
    "nodes": ("country",),
    "links": ("country", "through"),
    "borders": ("country_a", "country_b"),
    "tariffs": ("country",),
}
WITHIN, ABROAD = later("demand within it"), later("demand from or to it")


def lacking(tables: Tables, home: str) -> Iterator[str]:
    """Yield what tables that have rows lack of a country, each as a text of the catalogues or a table's name."""
    for name, columns in NAMING.items():
        frame = tables[name]
        if len(frame) and not any(
            home in cell.split(";") or cell == "*" for column in columns for cell in set(frame[column])
        ):
            yield name
    demand, nodes = tables["demand"], tables["nodes"]
    if demand.empty:
        return
    country = dict(zip(nodes["node"], nodes["country"], strict=True))
    ends = {
        (country.get(one) == home, country.get(other) == home)
        for one, other in zip(demand["origin"], demand["destination"], strict=True)
    }
    if (True, True) not in ends:
        yield WITHIN
    if not {(True, False), (False, True)} & ends:
        yield ABROAD


def told(tables: Tables, home: str, say: Language) -> Iterator[str]:
    """Say what is lacking of the home country, if anything is."""
    found = [say(one) if one in (WITHIN, ABROAD) else one for one in lacking(tables, home)] if home else []
    if found:
        yield say(
            "home country {country}: the tables have none of its {what}; to name a home country does not make the "
            "package that country's, so fill these, too",
            country=home,
            what=", ".join(found),
        )
