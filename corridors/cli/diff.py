"""`corridors diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import Output, output_options, shown_plan
from corridors.cli.streams import echo

if TYPE_CHECKING:
    from corridors.planning.difference import Difference
    from corridors.text.names import Names

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option(
    "--top",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    metavar="N",
    help="How many lines of each table to print as text.",
)
@click.option(
    "--data",
    "folders",
    multiple=True,
    type=FOLDER,
    metavar="DIR",
    help="A data package that a plan was made from, beside the embedded one; may be repeated.",
)
@shown_plan()
@output_options("CSV is one long table; Excel (xlsx) has a sheet for each.")
def diff(
    before: Path, after: Path, top: int, folders: tuple[Path, ...], scenarios: tuple[str, ...], to: Output
) -> None:
    """Tell what moved between two plan folders: over frontiers, on corridors, in all, ways, bottlenecks, links, modes.

    A way is the main mode of a route and, between routes of one mode, a place that tells them apart. CSV, JSON and
    Excel have every change; BEFORE and AFTER are folders that plan or run wrote, and both are proved anew. Text names
    places, corridors and bottlenecks as the data package of AFTER does.
    """
    from corridors.cli.tables import Answer, deliver
    from corridors.planning import difference, plan_folder
    from corridors.sheets import answers
    from corridors.sheets.sheet import records
    from corridors.text.names import Names

    pairs = plan_folder.all_proven([before, after], folders, scenarios)
    plans = [plan for plan, _ in pairs]
    found = difference.compare(*plans)
    parts = ("totals", *difference.RISES, "shifts")
    answer = Answer(
        text=lambda: _text(found, top, Names(pairs[1][1].dataset, to.say)),
        book=lambda: answers.of_difference(found, *plans),
        csv=lambda: answers.whole_difference(found),
        document=lambda: (
            {"unlike": [one._asdict() for one in found.unlike]}
            | {part: records(getattr(found, part)) for part in parts}
        ),
    )
    deliver(answer, to)


def _text(found: Difference, top: int, names: Names) -> None:
    from corridors.cli import difference_text
    from corridors.text.reasons import differing_terms

    say = names.say
    for sentence in differing_terms(found.unlike, say):
        echo(sentence + "\n")
    for part in ("borders", "corridors"):
        difference_text.moved(found, part, top, say, names)
    difference_text.totals(found, say)
    difference_text.shifts(found, top, say, names)
    difference_text.bottlenecks(found, top, say, names)
    for part in ("links", "modes"):
        difference_text.moved(found, part, top, say, names)
    difference_text.moved(found, "unserved", top, say, names)
