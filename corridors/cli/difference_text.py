"""What moved between two plans, for people.

Plan folders hold English names only; where the data that they were made from are at hand, `names` has the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from corridors.cli.tables import table
from corridors.frames import rows
from corridors.planning.difference import MEAN_LOAD
from corridors.text.amounts import MILLION, amount
from corridors.text.language import later
from corridors.text.names import way

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from corridors.planning.difference import Difference
    from corridors.text.language import Language
    from corridors.text.names import Names

TITLES = {
    "borders": later("Crossings of the frontier (kt, both directions)"),
    "corridors": later("Corridors (kt of through-freight)"),
    "links": later("Links (kt)"),
    "modes": later("Modes (million tkm)"),
    "unserved": later("Not served (kt)"),
}
SMALL = 1e-3
LARGE = 1e4


def figure(value: float, say: Language) -> str:
    """Return a number as a person reads it: whole from a thousand on, in words from a million on, else four digits."""
    if value != value:
        return "-"
    if abs(value) < SMALL:
        return "0"
    if abs(value) >= MILLION:
        return amount(value, say)
    return say.number(value) if abs(value) >= LARGE / 10 else say.format(value, ",.4g")


def signed(value: float, say: Language) -> str:
    """Return a change with its sign."""
    return f"+{figure(value, say)}" if value >= SMALL else figure(value, say)


def totals(difference: Difference, say: Language) -> None:
    """Print both plans' totals."""
    lines = [[f"{say.term(row.measure)}, {say.term(row.unit)}", *_figures(row, say)] for row in rows(difference.totals)]
    table(say("Totals"), _columns(say), lines, right=(1, 2, 3))


def shifts(difference: Difference, most: int, say: Language, names: Names | None = None) -> None:
    """Print what moved from where to where."""
    place = str if names is None else names.place
    lines = [
        [way(row.from_way, say, place), way(row.to_way, say, place), figure(row.kt, say)]
        for row in rows(difference.shifts.head(most))
    ]
    if lines:
        table(say("From where to where"), [say("from"), say("to"), say("kt")], lines, right=(2,))


def moved(difference: Difference, part: str, most: int, say: Language, names: Names | None = None) -> None:
    """Print the figures of a part that changed most."""
    frame: pd.DataFrame = getattr(difference, part)
    groups = _lines_of(frame) if part == "links" and names is not None else [[row] for row in rows(frame)]
    if groups:
        lines = [[_called(part, group, say, names), *_figures(group[0], say)] for group in groups[:most]]
        table(say(TITLES[part]), _columns(say), lines, right=(1, 2, 3))


def bottlenecks(difference: Difference, most: int, say: Language, names: Names | None = None) -> None:
    """Print the resources whose use or price changed, those worth most first."""
    frame = difference.bottlenecks
    lines = []
    for name in list(dict.fromkeys(frame["name"]))[:most]:
        mine = frame[frame["name"] == name]
        by = {row.measure: row for row in rows(mine)}
        used, price = by.get("utilisation"), by.get("shadow_price_low")
        where = mine["where"].iloc[0]
        where = where if names is None else names.resource(name, where)
        lines.append([where, *_used(mine.iloc[0], used, say), *_amounts(price, say)])
    if lines:
        columns = [
            say("bottleneck"),
            say("used before"),
            say("after"),
            say("a little more is worth, before"),
            say("after"),
        ]
        table(say("Bottlenecks that changed"), columns, lines, right=(1, 2, 3, 4))


def _columns(say: Language) -> list[str]:
    return ["", say("before"), say("after"), say("change")]


def _figures(row: Any, say: Language) -> list[str]:
    return [figure(row.before, say), figure(row.after, say), signed(row.change, say)]


def _pair(row: Any, spec: str, say: Language) -> list[str]:
    return [say("same")] * 2 if row is None else [say.format(row.before, spec), say.format(row.after, spec)]


def _amounts(row: Any, say: Language) -> list[str]:
    return [say("same")] * 2 if row is None else [amount(row.before, say), amount(row.after, say)]


def _used(resource: Any, row: Any, say: Language) -> list[str]:
    """Say how much was used before and after, or that there was nothing to use."""
    shut = [capacity == 0 for capacity in (resource["capacity_before"], resource["capacity_after"])]
    idle = [say.format(0.0, ".0%")] * 2
    figures = idle if row is None and any(shut) else _pair(row, ".0%", say)  # the same as of what is closed: nothing
    return [say("(closed)") if nothing else figure for nothing, figure in zip(shut, figures, strict=True)]


def _lines_of(links: pd.DataFrame) -> list[list[Any]]:
    """Take links whose figures changed alike together: they are stretches of one line, or of several."""
    found: dict[tuple[str, str], list[Any]] = {}
    for row in rows(links):
        found.setdefault((f"{row.before:.9g}", f"{row.after:.9g}"), []).append(row)
    return list(found.values())


def _called(part: str, group: Sequence[Any], say: Language, names: Names | None) -> str:
    row = group[0]
    if part == "modes":
        return say.term(row.name)
    if part == "borders":
        place = row.where if names is None else names.crossing(row.name, row.where)
        return f"{place} ({say.term(row.mode)})"
    if part == "links":
        return str(row.name) if names is None else names.stretches([(one.name, one.name) for one in group])
    where = getattr(row, "where", "")
    name = f"{row.name} {names.corridor(row.name) if names is not None and where else where}".strip()
    return name + (say(" (mean load)") if row.measure == MEAN_LOAD else "")
