"""`corridors data references`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import data_option, format_option
from corridors.frames import rows

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@data_option()
@format_option("text", "csv", "json")
def references(folder: Path | None, form: str) -> None:
    """Hold the model against published figures, with pass or fail; none is left out."""
    from corridors import tables
    from corridors.references import scorecard

    card = scorecard(tables.read(folder))
    if form == "csv":
        from corridors.output import csv_text

        click.echo(csv_text(card), nl=False)
    elif form == "json":
        click.echo(card.to_json(orient="records", indent=2, force_ascii=False, double_precision=12))
    else:
        _text(card)


def _text(card: pd.DataFrame) -> None:
    from corridors.cli.tabular import table

    lines = []
    for row in rows(card[card["verdict"] != "not covered"]):
        deviation = "" if math.isnan(row.deviation) else f"{row.deviation:+.1%}"
        model = "" if math.isnan(row.model) else f"{row.model:,.4g}"
        lines.append([row.reference, row.what, f"{row.value:,.6g}", model, row.unit, deviation, row.verdict])
    columns = ["reference", "what", "published", "model", "unit", "off by", "verdict"]
    table("Published figures beside the model's", columns, lines, right=(2, 3, 5))
    for kind, group in card[card["verdict"] != "not covered"].groupby("kind"):
        passed = int((group["verdict"] == "pass").sum())
        click.echo(f"{kind}: {passed} of {len(group)} within the band ({passed / len(group):.0%})")
    outside = card[card["verdict"] == "not covered"]
    if len(outside):
        click.echo(f"\nNot covered by the model ({len(outside)}):")
        for row in rows(outside):
            click.echo(f"  {row.reference} ({row.what}): {row.note}")
    failed = card[card["verdict"] == "fail"]
    if len(failed):
        click.echo("\nOutside their band:")
        for row in rows(failed):
            click.echo(f"  {row.reference}: {row.note}")
