"""Which function draws which chart."""

from __future__ import annotations

from collections.abc import Callable

from corridors.report import bars, sankey, timeline, validity, worldmap
from corridors.report.bars import changes
from corridors.report.context import Subject
from corridors.report.vegalite import Drawing

__all__ = ["DRAWN_BY", "changes"]

# `changes` is not among them: it needs another plan, too.
DRAWN_BY: dict[str, Callable[[Subject], Drawing]] = {
    "map": worldmap.everywhere,
    "home-map": worldmap.home,
    "corridors": bars.corridors,
    "bottlenecks": bars.bottlenecks,
    "comparison": timeline.draw,
    "flows": sankey.draw,
    "modes": bars.modes,
    "scorecard": validity.scorecard,
    "assumptions": validity.assumptions,
}
