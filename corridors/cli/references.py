"""`corridors data references`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corridors.cli.errors import Interrupted
from corridors.cli.options import (
    Output,
    Settings,
    choice_options,
    data_option,
    output_options,
    plan_options,
    year_option,
)
from corridors.cli.streams import echo
from corridors.errors import DataError
from corridors.frames import rows
from corridors.text.choices import REFERENCE_TABLES

if TYPE_CHECKING:
    import pandas as pd

    from corridors.planning.planner import Plan
    from corridors.tables.dataset import Dataset
    from corridors.text.language import Language

REFERENCES, OBSERVATIONS = REFERENCE_TABLES
STOPPED = "stopped before the plan was proved that counts are held against: nothing is shown"


@click.command()
@data_option()
@plan_options(year=year_option(), **choice_options())
@click.option(
    "--table",
    "only",
    type=click.Choice(REFERENCE_TABLES),
    help="Only this one: published lengths, times and prices, or what was counted. [default: both; CSV: references]",
)
@click.option("--quiet", is_flag=True, help="No progress.")
@output_options("JSON and Excel (xlsx) have both tables, where there are counts; CSV the one that --table names.")
def references(folder: Path | None, settings: Settings, only: str | None, quiet: bool, to: Output) -> None:
    """Hold the model against published figures and against what was counted; none is left out.

    Published lengths, times and prices (references.csv) pass where the model's lie in their bands. Where the data
    package has counts of freight (observations.csv), the year is planned, and each count of it stands beside the plan:
    the difference in per cent and in standard deviations, those to fit with and those kept back to test with apart.
    Counts that the demand was made from stand by themselves: to meet them is no hit.
    """
    from corridors import tables
    from corridors.cli.tables import Answer, deliver
    from corridors.planning.validation import scorecard
    from corridors.sheets import answers
    from corridors.sheets.sheet import records, sheet_of

    dataset = tables.read(folder)
    wanted = {only} if only else {REFERENCES} if to.form == "csv" else {REFERENCES, OBSERVATIONS}
    if not only and dataset[OBSERVATIONS].empty:
        wanted = {REFERENCES}
    card = scorecard(dataset) if REFERENCES in wanted else None
    plan, counted = _counted(dataset, settings, to, quiet=quiet) if OBSERVATIONS in wanted else (None, None)
    kept = {REFERENCES: card, OBSERVATIONS: counted}
    sheets = [sheet_of(name, frame) for name, frame in kept.items() if frame is not None]
    document = {sheet.name: records(sheet.frame) for sheet in sheets}

    def text() -> None:
        from corridors.cli import counts_text

        if card is not None:
            _text(card, to.say)
        if card is not None and counted is not None:
            echo("")
        if plan is not None and counted is not None:
            counts_text.show(counted, plan, to.say)

    answer = Answer(
        text=text,
        book=lambda: answers.of_references(sheets, dataset, plan, counted),
        csv=lambda: sheets[0],
        document=lambda: document if len(sheets) > 1 else document[sheets[0].name],
    )
    deliver(answer, to)


def _counted(dataset: Dataset, settings: Settings, to: Output, *, quiet: bool) -> tuple[Plan, pd.DataFrame]:
    """Plan the year, and hold it against what was counted.

    Raises
    ------
    DataError
        If nothing was counted.
    Interrupted
        If the user stopped the plan.
    """
    from corridors import planning, scenario
    from corridors.planning import counted, scenario_runs
    from corridors.text.progress import steps

    if dataset[OBSERVATIONS].empty:
        raise DataError("observations.csv: found no such table, or no row in it, expected what was counted: add it")
    applied = scenario.apply(dataset, ())
    chosen = settings().under(applied)
    with steps(to.say, quiet=quiet) as step:
        network = scenario_runs.built(applied, chosen)
        plan = planning.plan_with(network, chosen, step)
        if plan.summary["termination"] == "interrupted":
            raise Interrupted(STOPPED)
        return plan, counted.beside(plan, network)


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
