"""`corridors data references`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.options import Output, data_option, output_options
from corridors.cli.streams import echo
from corridors.frames import rows

if TYPE_CHECKING:
    import pandas as pd

    from corridors.text.language import Language


@click.command()
@data_option()
@output_options()
def references(folder: Path | None, to: Output) -> None:
    """Hold the model against published figures, with pass or fail; none is left out."""
    from corridors import tables
    from corridors.cli.tables import Answer, deliver
    from corridors.planning.validation import scorecard
    from corridors.sheets import answers
    from corridors.sheets.sheet import sheet_of

    dataset = tables.read(folder)
    card = scorecard(dataset)
    answer = Answer(
        text=lambda: _text(card, to.say), book=lambda: answers.of_table(sheet_of("references", card), dataset)
    )
    deliver(answer, to)


def _text(card: pd.DataFrame, say: Language) -> None:
    from corridors.cli.tables import table

    lines = []
    for row in rows(card[card["verdict"] != "not covered"]):
        deviation = "" if math.isnan(row.deviation) else say.format(row.deviation, "+.1%")
        model = "" if math.isnan(row.model) else say.format(row.model, ",.4g")
        lines.append(
            [
                row.reference,
                row.what,
                say.format(row.value, ",.6g"),
                model,
                say.term(row.unit),
                deviation,
                say.term(row.verdict),
            ]
        )
    columns = [
        say("reference"),
        say("what"),
        say("published"),
        say("model"),
        say("unit"),
        say("off by"),
        say("verdict"),
    ]
    table(say("Published figures beside the model's"), columns, lines, right=(2, 3, 5))
    for kind, group in card[card["verdict"] != "not covered"].groupby("kind"):
        passed = int((group["verdict"] == "pass").sum())
        echo(
            say(
                "{kind}: {passed} of {all} within the band ({share})",
                kind=say.term(str(kind)),
                passed=passed,
                all=len(group),
                share=say.percent(passed / len(group)),
            )
        )
    outside = card[card["verdict"] == "not covered"]
    if len(outside):
        echo("\n" + say("Not covered by the model ({n}):", n=len(outside)))
        for row in rows(outside):
            echo(_noted(f"{row.reference} ({row.what})", row.note))
    failed = card[card["verdict"] == "fail"]
    if len(failed):
        echo("\n" + say("Outside their band:"))
        for row in rows(failed):
            echo(_noted(row.reference, row.note))


def _noted(reference: str, note: str) -> str:
    """Return a line with its remark, if there is one."""
    return f"  {reference}: {note}" if note else f"  {reference}"
