"""The map's legend as a page has it: patterns, colours, widths and marks with their words, for a template to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from corridors.report import map_layers, map_styles
from corridors.report.style import INK, LOADS
from corridors.report.worldmap import LEAST_WIDE, WIDEST, tick_tonnages

if TYPE_CHECKING:
    from corridors.report.context import Subject

GREY = "#6c7580"
WIDE = 5.0  # pixels of a line that shows a colour
THIN, THIN_IDLE = 2.0, 1.4


class Key(NamedTuple):
    """A line of the legend: its word, and the colour, width (pixels) and pattern of the line, or the mark, it shows."""

    words: str
    colour: str = INK
    width: float = THIN
    dashes: str = ""
    mark: str = ""


def keys(subject: Subject) -> list[tuple[str, list[Key]]]:
    """Return the legend's groups, each with its title."""
    say = subject.say
    shown = {map_styles.pattern(row.mode) for row in subject.links.values()}
    modes = [
        Key(map_styles.pattern_name(one, say), dashes=_written(dashes))
        for one, dashes in map_styles.PATTERNS.items()
        if one in shown
    ]
    idle = Key(say(map_styles.IDLE), GREY, THIN_IDLE, _written(map_styles.IDLE_PATTERN))
    loads = [Key(say(one), LOADS[one], WIDE) for one in map_layers.CLASSES]
    most = max(subject.moved.values(), default=0.0) / map_layers.KT_PER_MT
    widths = [
        Key(f"{tonnes:g}", INK, round(LEAST_WIDE + (WIDEST - LEAST_WIDE) * tonnes / most, 1))
        for tonnes in (tick_tonnages(subject.moved) if most else ())
    ]
    marks = [Key(say("bottleneck"), mark="diamond")] if map_layers.bottlenecks(subject) else []
    marks += [Key(say("not served"), mark="cross")] if len(subject.plan.unserved) else []
    groups = [
        (say("mode"), [*modes, idle]),
        (say("utilisation"), loads),
        (say("Mt a year"), widths),
        (say("marks"), marks),
    ]
    return [(title, listed) for title, listed in groups if listed]


def _written(dashes: list[int]) -> str:
    return " ".join(map(str, dashes))
