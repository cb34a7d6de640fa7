"""`corridors diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import Output, data_option, output_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corridors.difference import Difference
    from corridors.language import Language
    from corridors.naming import Names
    from corridors.planning import Plan
    from corridors.tables import Dataset

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, metavar="N",
              help="How many lines of each table to print as text.")  # fmt: skip
@data_option()
@output_options("CSV is one long table; Excel (xlsx) has a sheet for each.")
def diff(before: Path, after: Path, top: int, folder: Path | None, to: Output) -> None:
    """Tell what moved between two plan folders: totals, ways, corridors, links, modes, bottlenecks, what is left.

    A way is the main mode of a route and, between routes of one mode, a place that tells them apart. CSV, JSON and
    Excel have every change; BEFORE and AFTER are folders that plan or run wrote. Text names places, corridors and
    bottlenecks as the data package of --data does, or the embedded one if a plan was made from it.
    """
    from corridors import archive, books, difference
    from corridors.cli.tabular import Answer, deliver
    from corridors.sheets import records

    plans = [archive.read(one) for one in (before, after)]
    found = difference.compare(*plans)
    parts = ("totals", *difference.RISES, "shifts")
    answer = Answer(
        text=lambda: _text(found, top, to.say, _names(plans, folder, to.say)),
        book=lambda: books.of_difference(found, *plans),
        csv=lambda: books.whole_difference(found),
        document=lambda: (
            {"unlike": [one._asdict() for one in found.unlike]}
            | {part: records(getattr(found, part)) for part in parts}
        ),
    )
    deliver(answer, to)


def _names(plans: Sequence[Plan], folder: Path | None, say: Language) -> Names | None:
    """Give names from the data package that is asked for, or else from the embedded one if it is that of a plan."""
    from corridors import tables
    from corridors.naming import Names

    data = tables.read(folder)
    made = any(_made_from(data, plan) for plan in plans)
    return Names(data, say) if folder is not None or made else None


def _made_from(data: Dataset, plan: Plan) -> bool:
    from corridors import scenario, tables
    from corridors.errors import ScenarioError

    one = plan.summary
    try:
        dataset = scenario.apply(data, [] if one["scenario"] == tables.BASE else [one["scenario"]]).dataset
    except ScenarioError:  # one that does not come with the data
        return False
    return dataset.digest == str(one["data_digest"])


def _text(found: Difference, top: int, say: Language, names: Names | None) -> None:
    from corridors.cli import differing
    from corridors.reasons import differing_terms

    for sentence in differing_terms(found.unlike, say):
        click.echo(sentence + "\n")
    differing.totals(found, say)
    differing.shifts(found, top, say, names)
    for part in ("corridors", "links", "modes"):
        differing.moved(found, part, top, say, names)
    differing.bottlenecks(found, top, say, names)
    differing.moved(found, "unserved", top, say, names)
