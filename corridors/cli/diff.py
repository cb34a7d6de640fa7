"""`corridors diff`."""

from __future__ import annotations

from pathlib import Path

import click

from corridors.cli.options import format_option

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("before", type=FOLDER)
@click.argument("after", type=FOLDER)
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, metavar="N",
              help="How many lines of each table to print as text.")  # fmt: skip
@format_option("text", "csv", "json")
def diff(before: Path, after: Path, top: int, form: str) -> None:
    """Tell what moved between two plan folders: totals, ways, corridors, links, modes, bottlenecks, what is left.

    A way is the main mode of a route and, between routes of one mode, a place that tells them apart. CSV and JSON have
    every change; BEFORE and AFTER are folders that plan or run wrote.
    """
    from corridors import archive, difference
    from corridors.output import csv_text

    found = difference.compare(archive.read(before), archive.read(after))
    if form == "csv":
        click.echo(csv_text(found.table()), nl=False)
        return
    if form == "json":
        import json

        parts = ("totals", *difference.RISES, "shifts")
        tables = {
            part: json.loads(getattr(found, part).to_json(orient="records", double_precision=12)) for part in parts
        }
        click.echo(json.dumps(tables, ensure_ascii=False, indent=2))
        return
    from corridors.cli import differing

    differing.totals(found)
    differing.shifts(found, top)
    for part in ("corridors", "links", "modes"):
        differing.moved(found, part, top)
    differing.bottlenecks(found, top)
    differing.moved(found, "unserved", top)
