"""`corridors diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import Output, output_options

if TYPE_CHECKING:
    from corridors.difference import Difference
    from corridors.language import Language

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, metavar="N",
              help="How many lines of each table to print as text.")  # fmt: skip
@output_options("CSV is one long table; Excel (xlsx) has a sheet for each.")
def diff(before: Path, after: Path, top: int, to: Output) -> None:
    """Tell what moved between two plan folders: totals, ways, corridors, links, modes, bottlenecks, what is left.

    A way is the main mode of a route and, between routes of one mode, a place that tells them apart. CSV, JSON and
    Excel have every change; BEFORE and AFTER are folders that plan or run wrote.
    """
    from corridors import archive, books, difference
    from corridors.cli.tabular import Answer, deliver
    from corridors.sheets import records

    plans = [archive.read(one) for one in (before, after)]
    found = difference.compare(*plans)
    parts = ("totals", *difference.RISES, "shifts")
    answer = Answer(
        text=lambda: _text(found, top, to.say),
        book=lambda: books.of_difference(found, *plans),
        csv=lambda: books.whole_difference(found),
        document=lambda: {part: records(getattr(found, part)) for part in parts},
    )
    deliver(answer, to)


def _text(found: Difference, top: int, say: Language) -> None:
    from corridors.cli import differing

    differing.totals(found, say)
    differing.shifts(found, top, say)
    for part in ("corridors", "links", "modes"):
        differing.moved(found, part, top, say)
    differing.bottlenecks(found, top, say)
    differing.moved(found, "unserved", top, say)
