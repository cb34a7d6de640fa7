"""Plans on paper: the report as PDF, in full or on two sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from corridors.report import page, printing

if TYPE_CHECKING:
    from corridors.planning.planner import Plan
    from corridors.report.page import Planned
    from corridors.text.language import Language

OF_SUMMARY = ("map", "bottlenecks", "corridors")
OF_CHANGES = ("map", "changes", "bottlenecks")  # where it is held against another plan


def write(plans: Sequence[Planned], say: Language, against: Plan | None = None, *, summary: bool = False) -> bytes:
    """Return the report of plans as PDF, A4.

    Parameters
    ----------
    plans, say, against
        As of `page.write_several`; one plan follows the other.
    summary
        Whether two sheets for each plan are enough: the finding with its map, and what is behind it.

    Raises
    ------
    OutputError
        If there is no browser, or it does not print.
    ExtraMissing
        If the extra `pictures` is not installed.
    """
    printing.browser()  # before the work
    parts = page.parts_of(plans, say, against)
    wanted = () if not summary else OF_SUMMARY if against is None else OF_CHANGES
    drawn = [replace(one, pictures=printing.pictures(one.specs, wanted)) for one in parts]
    return printing.printed(page.on_paper(drawn, say, summary=summary))
